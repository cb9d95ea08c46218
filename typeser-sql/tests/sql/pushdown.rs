//! What a query does not read: files, blocks and rows are counted.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::physical_plan::{ExecutionPlan, collect};
use typeser_sql::SavepointSession;

use crate::fixtures;

/// What a query printed and read.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    answer: Vec<String>,
    batches: usize,
    files: usize,
    blocks: usize,
    rows: usize,
}

fn ask(savepoint: &Path, query: &str) -> Asked {
    let session = SavepointSession::new().with("savepoint", savepoint).unwrap().open().unwrap();
    let query = query.to_owned();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(64 << 20).build().unwrap();
    let asked = runtime.spawn(async move {
        let frame = session.query(&query).await.unwrap().remove(0);
        let context = frame.task_ctx();
        let plan = frame.create_physical_plan().await.unwrap();
        let batches = collect(Arc::clone(&plan), Arc::new(context)).await.unwrap();
        let table = pretty_format_batches(&batches).unwrap().to_string();
        let lines = table.lines().filter(|line| line.starts_with('|')).skip(1);
        let answer = lines.map(|line| line.replace(' ', "")).collect();
        let mut asked = Asked { answer, batches: batches.len(), files: 0, blocks: 0, rows: 0 };
        count(plan.as_ref(), &mut asked);
        asked
    });
    runtime.block_on(asked).unwrap()
}

/// Adds what the leaves of a plan have read.
fn count(plan: &dyn ExecutionPlan, asked: &mut Asked) {
    if let Some(metrics) = plan.metrics().filter(|_| plan.name() == "SavepointScan") {
        let read = |name| metrics.sum_by_name(name).map_or(0, |count| count.as_usize());
        asked.files += read("files_read");
        asked.blocks += read("blocks_read");
        asked.rows += read("rows_read");
    }
    for child in plan.children() {
        count(child.as_ref(), asked);
    }
}

#[test]
fn only_what_is_needed_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = folder.path().join("wide");
    // Some 6 MB in four files, so that each has several blocks.
    fixtures::wide(&savepoint, 4, 40_000);
    let all = ask(&savepoint, "select count(value), sum(value), max(key) from number");
    assert_eq!(all.answer, ["|40000|1599960000|39999|"]);
    assert_eq!((all.files, all.rows), (4, 120_000));
    assert!(all.blocks > 20, "{all:?}");

    // The manifest has the exact number of rows.
    let counted = ask(&savepoint, "select count(*) from words");
    assert_eq!(counted, Asked { answer: vec!["|80000|".to_owned()], batches: 1, files: 0, blocks: 0, rows: 0 });

    // A key is in one key group, so in one file, of which nothing behind the key group is read.
    let by_key = ask(&savepoint, "select value from number where key = 777");
    assert_eq!((&by_key.answer, by_key.files), (&vec!["|1554|".to_owned()], 1));
    assert!(by_key.rows < 31_000 && by_key.blocks * 3 < all.blocks, "{by_key:?}");
    let by_keys = ask(&savepoint, "select value from number where key in (777, 778, 779, 780, 39999) order by value");
    assert_eq!(by_keys.answer, ["|1554|", "|1556|", "|1558|", "|1560|", "|79998|"]);
    let by_either = ask(&savepoint, "select value from number where key = 777 or key = 778 order by value");
    assert_eq!(by_either.answer, ["|1554|", "|1556|"]);
    let none = ask(&savepoint, "select value from number where key = 777 and key = 778");
    assert_eq!((none.answer.len(), none.files), (0, 0));
    let not_stored = ask(&savepoint, "select value from number where key = 40000");
    assert_eq!((not_stored.answer.len(), not_stored.files), (0, 1));

    // Key groups 0 to 31 are in the first file.
    let by_group = ask(&savepoint, "select count(*), min(key_group), max(key_group) from number where key_group < 20");
    assert_eq!(by_group.files, 1);
    assert!(by_group.answer[0].ends_with("|0|19|"), "{by_group:?}");
    assert!(by_group.blocks * 4 < all.blocks, "{by_group:?}");
    let two = ask(&savepoint, "select max(key_group) from number where key_group >= 31 and key_group <= 32");
    assert_eq!((two.answer, two.files), (vec!["|32|".to_owned()], 2));
    let last = ask(&savepoint, "select min(key_group) from number where key_group > 126");
    assert_eq!((last.answer, last.files), (vec!["|127|".to_owned()], 1));

    // A limit ends each file early.
    let limited = ask(&savepoint, "select key from number limit 3");
    assert_eq!(limited.answer.len(), 3);
    assert!(limited.blocks <= 4 && limited.rows <= 12, "{limited:?}");

    // The same rows, whatever is pushed down.
    let counted = ask(&savepoint, "select count(*) from number where key_group < 20 and value % 2 = 0");
    assert_eq!(counted.answer[0], by_group.answer[0].replace("|0|19|", "|"));
    let keyed = ask(&savepoint, "select key_group, number, words[1] from keyed where key = 777");
    assert_eq!((keyed.files, keyed.answer.len()), (1, 1));
    assert!(keyed.answer[0].ends_with("|1554|word777|"), "{keyed:?}");
    let whole = ask(&savepoint, "select count(*), sum(number), sum(cardinality(words)) from keyed");
    assert_eq!(whole.answer, ["|40000|1599960000|80000|"]);
}

/// A few bytes can be a million elements without bytes. Their memory is not proportional to what is stored, by which
/// batches are limited.
#[test]
fn elements_without_bytes_are_decoded_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = folder.path().join("empties");
    fixtures::empties(&savepoint);
    let lists = ask(&savepoint, "select key, array_length(value) as length from lists");
    assert_eq!(lists.batches, 3, "{lists:?}");
    assert_eq!(lists.answer.len(), 3);
    assert!(lists.answer.iter().all(|line| line.ends_with("|1000|")), "{lists:?}");
    assert_eq!(ask(&savepoint, "select key, lists from keyed").batches, 3);
}
