//! Tables and results as files: what is read back from them is what a query gives.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::common::TableReference;
use datafusion::prelude::DataFrame;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use typeser_sql::{SavepointSession, Session, SessionTable, TableKind};
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::savepoint::Savepoint;

use crate::fixtures;

fn command(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_typeser-sql")).args(arguments).output().unwrap()
}

/// What the command prints when it succeeds.
fn run(arguments: &[&str]) -> String {
    let output = command(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The error of the command, and its exit code.
fn fail(arguments: &[&str]) -> (String, Option<i32>) {
    let output = command(arguments);
    (String::from_utf8(output.stderr).unwrap(), output.status.code())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The rows of a query, in the order of files.
fn rows(ask: impl Future<Output = DataFrame> + Send + 'static) -> RecordBatch {
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(64 << 20).build().unwrap();
    let rows = runtime.spawn(async {
        let frame = ask.await;
        let schema = frame.schema().as_arrow().clone().into();
        let batches = frame.collect_partitioned().await.unwrap();
        concat_batches(&schema, batches.iter().flatten()).unwrap()
    });
    runtime.block_on(rows).unwrap()
}

fn rows_of(session: &Session, table: &SessionTable) -> RecordBatch {
    let context = session.context().clone();
    let reference = TableReference::full(&*table.catalog, &*table.schema, &*table.table);
    rows(async move { context.table(reference).await.unwrap() })
}

/// The rows in a Parquet file, by the reader that DataFusion uses.
fn read(path: &Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    for group in builder.metadata().row_groups() {
        assert!(group.columns().iter().all(|column| column.compression() == Compression::SNAPPY));
    }
    let schema = builder.schema().clone();
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

fn open(savepoint: &Path) -> Session {
    SavepointSession::new().with("savepoint", savepoint).unwrap().open().unwrap()
}

/// Exports a savepoint and compares each file with its table. Returns the names of the files.
fn check(savepoint: &Path) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let printed = run(&["export", text(savepoint), "--to", "parquet", "--output", text(&target)]);
    assert_eq!(entries(folder.path()), ["out"]);
    let session = open(savepoint);
    let tables: Vec<_> = session.tables().iter().filter(|table| table.kind != TableKind::Keyed).collect();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), tables.len(), "{printed}");
    let mut files = Vec::new();
    for (line, table) in lines.into_iter().zip(tables) {
        let (file, count) = line.split_once("  ").unwrap();
        let found = read(&target.join(file));
        assert_eq!(found, rows_of(&session, table), "{file}");
        let word = if found.num_rows() == 1 { "row" } else { "rows" };
        assert_eq!(count, format!("{} {word}", found.num_rows()));
        files.push(file.to_owned());
    }
    files
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn orders() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../golden/savepoint/v2/orders")
}

#[test]
fn every_table_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let types = folder.path().join("types");
    fixtures::types(&types);
    let files = check(&types);
    assert_eq!(files.len(), 8 + 4);
    assert_eq!(files[..2], ["types/numbers.parquet", "types/texts.parquet"]);

    // All kinds of state, also without rows.
    assert!(check(&orders()).len() > 12);

    // Several files, whose rows are in their order.
    let wide = folder.path().join("wide");
    fixtures::wide(&wide, 4, 5_000);
    assert_eq!(check(&wide)[..2], ["wide/number.parquet", "wide/words.parquet"]);
}

#[test]
fn names_of_files_are_safe() {
    let folder = tempfile::tempdir().unwrap();
    let names = folder.path().join("names");
    fixtures::names(&names);
    let files = check(&names);
    let hostile = "a.b%20%22c%22%3B%20drop%1B%5B31m%0A%3A%3Aerror%3A%3Ad/Total%E2%80%AE%07.parquet";
    assert!(files.contains(&hostile.to_owned()), "{files:?}");

    let directory = folder.path().join("more");
    let mut operator = Operator::<u32>::new("../up").unwrap();
    let long = "x".repeat(250);
    for name in ["Total", "total", ".", "a/b", &long] {
        operator.value::<u8>(name).unwrap();
    }
    let state = operator.open(MemoryBackend::new()).unwrap();
    Savepoint::create(&directory).unwrap().operator(&state).unwrap().finish().unwrap();
    let files = check(&directory);
    let long = format!("{}.parquet", "x".repeat(200));
    let expected = ["Total.parquet", "total_.parquet", "%2E.parquet", "a%2Fb.parquet", &long];
    assert_eq!(files[..5], expected.map(|file| format!("%2E.%2Fup/{file}")));
}

#[test]
fn named_tables_in_each_format() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = folder.path().join("types");
    fixtures::types(&savepoint);
    for format in ["csv", "jsonl"] {
        let target = folder.path().join(format);
        let printed = run(&[
            "export",
            text(&savepoint),
            "--to",
            format,
            "--table",
            "types.options",
            "--table",
            "\"types\".keyed",
            "--output",
            text(&target),
        ]);
        assert_eq!(printed, format!("types/options.{format}  3 rows\ntypes/keyed.{format}  5 rows\n"));
        for table in ["options", "keyed"] {
            let query = format!("select * from {table}");
            let file = fs::read_to_string(target.join(format!("types/{table}.{format}"))).unwrap();
            assert_eq!(file, run(&[text(&savepoint), &query, "--format", format]));
        }
    }
    let target = folder.path().join("none");
    let (error, code) = fail(&["export", text(&savepoint), "--table", "types.option", "--output", text(&target)]);
    let expected = "error: there is no table `types.option`, did you mean `types.options`?\n";
    assert_eq!((&*error, code), (expected, Some(101)));
    assert_eq!(entries(folder.path()), ["csv", "jsonl", "types"]);
}

#[test]
fn results_of_queries_are_files() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = folder.path().join("types");
    fixtures::types(&savepoint);
    let query = "select key, value, value.colour as colour, null as nothing, count(*) over () as all from enums";
    let query = query.replace(" as all", " as \"all\"");
    let session = open(&savepoint);
    let target = folder.path().join("answer.parquet");
    let write = [text(&savepoint), &query, "--format", "parquet", "--output", text(&target)];
    assert_eq!(run(&write), "");
    let asked = query.clone();
    let expected = rows(async move { session.query(&asked).await.unwrap().remove(0) });
    assert_eq!(expected.num_rows(), 3);
    assert_eq!(read(&target), expected);
    assert_eq!(entries(folder.path()), ["answer.parquet", "types"]);

    let (error, code) = fail(&write);
    let expected = format!("error: {} exists already: nothing is ever replaced; choose another name\n", text(&target));
    assert_eq!((error, code), (expected, Some(101)));

    let lines = folder.path().join("answer.jsonl");
    run(&[text(&savepoint), &query, "--format", "jsonl", "--output", text(&lines)]);
    assert_eq!(fs::read_to_string(&lines).unwrap(), run(&[text(&savepoint), &query, "--format", "jsonl"]));

    let other = folder.path().join("other.csv");
    let (error, code) = fail(&[text(&savepoint), "select 1; select 2", "--output", text(&other)]);
    let expected = "error: 2 queries for one file: `--output` writes the result of one; run the command for each\n";
    assert_eq!((&*error, code), (expected, Some(101)));
    let (error, code) = fail(&[text(&savepoint), "select 1", "--format", "parquet"]);
    assert!(error.contains("--output <FILE>"), "{error}");
    assert_eq!(code, Some(2));
    let (_, code) = fail(&[text(&savepoint), "select 1 / 0", "--output", text(&other)]);
    assert_eq!((code, entries(folder.path()).len()), (Some(101), 3), "nothing is left of what failed");
}

#[test]
fn an_export_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = folder.path().join("wide");
    fixtures::wide(&savepoint, 1, 1_000);
    let target = folder.path().join("out");
    let export = ["export", text(&savepoint), "--output", text(&target)];
    fs::create_dir(&target).unwrap();
    let (error, code) = fail(&export);
    assert!(error.contains("out exists already"), "{error}");
    assert_eq!(code, Some(101));
    fs::remove_dir(&target).unwrap();

    let file = fs::read_dir(&savepoint).unwrap().map(|entry| entry.unwrap().path());
    let file = file.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (error, code) = fail(&export);
    assert!(error.starts_with("error: cannot export wide.number: "), "{error}");
    assert_eq!((code, entries(folder.path())), (Some(101), vec!["wide".to_owned()]));
}

#[test]
fn a_killed_export_has_not_the_name_of_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = folder.path().join("wide");
    fixtures::wide(&savepoint, 2, 20_000);
    let target = folder.path().join("out");
    let export = ["export", text(&savepoint), "--output", text(&target)];
    let mut running =
        Command::new(env!("CARGO_BIN_EXE_typeser-sql")).args(export).stdout(Stdio::null()).spawn().unwrap();
    while entries(folder.path()).len() < 2 {
        assert_eq!(running.try_wait().unwrap(), None, "it has ended");
        std::thread::sleep(Duration::from_millis(1));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    let left = entries(folder.path());
    assert_eq!(left.len(), 2, "{left:?}");
    assert!(left[0].starts_with(".out.") && left[0].ends_with("-0.partial"), "{left:?}");
    // It does not hinder the next one.
    run(&export);
    assert_eq!(read(&target.join("wide/words.parquet")).num_rows(), 40_000);
}
