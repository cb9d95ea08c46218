//! A typed table is whole after `kill -9` at any moment of a lazy migration in the background, or of a rollback.
//!
//! As in `kill.rs`, each round starts this program again as a child, which is killed after a random time. Rounds are 20,
//! or as many as `TYPESER_KILLS` says; `TYPESER_KILL_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, unreachable_pub, reason = "a test")]

mod killing;

use std::cell::Cell;
use std::path::Path;

use killing::{Random, rounds, run, say, task};
use redb::{Database, ReadableDatabase as _, ReadableTableMetadata as _, TableDefinition};
#[cfg(feature = "fjall")]
use typeser_state::backend::FjallBackend;
#[cfg(feature = "fjall")]
use typeser_state::typed_table::BackendTable;
use typeser_state::typed_table::{
    ChangesSince, Newer, TableCatalog, TableError, TableIndex, TableOptions, TableSet, TypedTable,
};

mod old {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u32,
        pub note: String,
    }
}

mod new {
    #[derive(typeser::StateType, Debug, PartialEq)]
    pub struct Order {
        #[state(default = 3)]
        pub priority: u8,
        pub note: String,
        pub id: u64,
    }
}

const ROWS: u32 = 3_000;
/// The rows that are written and removed of a table with an index.
const WRITES: u32 = 60;
/// The rows that each transaction of the background rewrites.
const SOME: u64 = 100;
const FILE: &str = "shop.redb";
const SET: [&str; 3] = ["orders", "returns", "samples"];
const RELEASE: &str = "1.4.0";

fn order(id: u32) -> old::Order {
    old::Order { id, note: "x".repeat(id as usize % 50) }
}

fn migrated(id: u32) -> new::Order {
    new::Order { priority: 3, note: order(id).note, id: id.into() }
}

/// What the child does; nothing when it is run with the other tests.
#[test]
#[ignore = "the other tests start it as a process"]
fn child() {
    let Some((task, folder)) = task() else { return };
    match task.as_str() {
        "migrate some" => {
            let database = Database::create(folder.join(FILE)).unwrap();
            let orders = lazily(&database);
            say("begun");
            while orders.migrate_some(SOME).unwrap() > 0 {
                say(&format!("done {}", orders.unmigrated_rows().unwrap()));
            }
            say("done 0");
        }
        "roll back" => {
            let database = Database::create(folder.join(FILE)).unwrap();
            let mut catalog = TableCatalog::of(&database).unwrap();
            say("begun");
            catalog.roll_back(RELEASE, Newer::Discard).unwrap();
        }
        "build an index" => {
            let database = Database::create(folder.join(FILE)).unwrap();
            say("begun");
            new_indexed(&database);
        }
        "write indexed rows" => {
            let database = Database::create(folder.join(FILE)).unwrap();
            let orders = indexed(&database);
            say("begun");
            for id in 0..WRITES {
                orders.update(&id, |order| order.note.push('!')).unwrap();
                orders.remove(&(ROWS - 1 - id)).unwrap();
                say(&format!("done {id}"));
            }
        }
        #[cfg(feature = "fjall")]
        "migrate some in fjall" => {
            let mut orders = lazily_in_fjall(&folder);
            say("begun");
            while orders.migrate_some(SOME).unwrap() > 0 {
                say(&format!("done {}", orders.unmigrated_rows().unwrap()));
            }
            say("done 0");
        }
        other => panic!("no task {other}"),
    }
}

fn lazily(database: &Database) -> TypedTable<'_, u32, new::Order> {
    let options = TableOptions::new().migrate_lazily();
    TypedTable::open_with(database, "orders", &options, &mut |_| ()).unwrap()
}

const BY_NOTE: TableIndex<u32, old::Order, String> = TableIndex::new("by note", 1, |_, order| order.note.clone());
const NEW_BY_NOTE: TableIndex<u32, new::Order, u64> = TableIndex::new("by note", 1, |_, order| order.note.len() as u64);

fn indexed(database: &Database) -> TypedTable<'_, u32, old::Order> {
    let options = TableOptions::new().with_index(&BY_NOTE).with_batches(100, usize::MAX);
    TypedTable::open_with(database, "orders", &options, &mut |_| ()).unwrap()
}

fn new_indexed(database: &Database) -> TypedTable<'_, u32, new::Order> {
    let options = TableOptions::new().with_index(&NEW_BY_NOTE).with_batches(100, usize::MAX);
    TypedTable::open_with(database, "orders", &options, &mut |_| ()).unwrap()
}

fn fill(database: &Database, name: &str) {
    let orders = TypedTable::<u32, old::Order>::open(database, name).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut writer = orders.write_in(&transaction).unwrap();
        (0..ROWS).for_each(|id| writer.insert(&id, &order(id)).unwrap());
    }
    transaction.commit().unwrap();
}

/// Gives a copy of a file to a task, which is killed: some time before it would have ended.
fn killed_over_copies(task: &str, file: &Path, check: impl Fn(&Path, &[String]) -> bool) {
    let mut random = Random::new(task);
    let folder = tempfile::tempdir().unwrap();
    let copy = || std::fs::copy(file, folder.path().join(FILE)).unwrap();
    copy();
    let mut takes = run(task, folder.path(), None).took;
    assert!(check(folder.path(), &[]), "it came to its end");
    let (mut on_the_way, mut ends) = (0, 0);
    copy();
    for _ in 0..rounds() {
        let after = random.within(takes);
        let child = run(task, folder.path(), Some(after));
        if check(folder.path(), &child.done) {
            ends += 1;
            // The first run may have been a slow one, of a cold or busy machine.
            takes = takes.min(after);
            copy();
        } else {
            on_the_way += 1;
        }
    }
    // Whatever the last one was killed in: it can be run again, to its end.
    run(task, folder.path(), None);
    assert!(check(folder.path(), &[]), "run again, it does not come to its end");
    eprintln!("{task}: of {} kills {on_the_way} on the way, {ends} after the end", rounds());
    assert!(on_the_way >= rounds() / 4, "{task}: {ends} came to their end before they were killed");
}

/// The rows of a table by their ids.
fn sorted<V>(rows: impl Iterator<Item = Result<(u32, V), TableError>>) -> impl Iterator<Item = (u32, V)> {
    let mut rows: Vec<_> = rows.map(Result::unwrap).collect();
    rows.sort_by_key(|(id, _)| *id);
    rows.into_iter()
}

/// How many rows each table of the file has.
fn stored_rows(database: &Database) -> Vec<(String, u64)> {
    let read = database.begin_read().unwrap();
    let names = read.list_tables().unwrap().map(|table| redb::TableHandle::name(&table).to_owned());
    let rows = |name: String| {
        let rows = read.open_table(TableDefinition::<&[u8], &[u8]>::new(&name)).unwrap().len().unwrap();
        (name, rows)
    };
    let mut tables: Vec<_> = names.map(rows).collect();
    tables.sort();
    tables
}

#[test]
fn a_killed_lazy_migration_in_the_background_has_each_row_once_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let database = Database::create(&file).unwrap();
    fill(&database, "orders");
    lazily(&database);
    drop(database);
    killed_over_copies("migrate some", &file, |folder, done| {
        let database = Database::create(folder.join(FILE)).unwrap();
        let tables = stored_rows(&database);
        let reader = TypedTable::<u32, new::Order>::open_read_only(&database, "orders").unwrap();
        assert!(sorted(reader.iter().unwrap()).eq((0..ROWS).map(|id| (id, migrated(id)))));
        let older = tables.iter().find(|(name, _)| name == "typeser.older.0/orders");
        let left = older.map_or(0, |(_, rows)| *rows);
        // A whole number of transactions was committed, those that were reported among them.
        assert_eq!(left % SOME, 0);
        if let Some(last) = done.last() {
            let last: u64 = last["done ".len()..].parse().unwrap();
            assert!(left == last || left + SOME == last, "{last} were left, and now {left}");
        }
        let records = ("typeser.typed-tables".to_owned(), 1);
        let all = u64::from(ROWS);
        match left {
            0 => assert_eq!(tables, [("orders".to_owned(), all), records]),
            _ => assert_eq!(
                tables,
                [("orders".to_owned(), all - left), ("typeser.older.0/orders".to_owned(), left), records]
            ),
        }
        left == 0
    });
}

#[test]
fn a_killed_build_of_an_index_with_a_migration_leaves_the_old_or_the_new_one_and_is_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let database = Database::create(&file).unwrap();
    fill(&database, "orders");
    indexed(&database);
    drop(database);
    let looks_again = Cell::new(true);
    killed_over_copies("build an index", &file, |folder, _| {
        let database = Database::create(folder.join(FILE)).unwrap();
        let [table] = &TableCatalog::of(&database).unwrap().tables().unwrap()[..] else { panic!("one table") };
        let [index] = &table.indexes[..] else { panic!("one index") };
        let is_new = index.part.name() == "u64";
        // Nothing is built or migrated here.
        let options = TableOptions::new().without_migration();
        let lengths: Vec<usize> = if is_new {
            let options = options.with_index(&NEW_BY_NOTE);
            let orders = TypedTable::open_with(&database, "orders", &options, &mut |_| ()).unwrap();
            let rows = orders.by_index(&NEW_BY_NOTE).unwrap().iter();
            rows.map(|row| row.unwrap())
                .inspect(|(id, row)| assert_eq!(*row, migrated(*id)))
                .map(|(_, row)| row.note.len())
                .collect()
        } else if looks_again.replace(!looks_again.get()) {
            // The release before opens it again; else the next run finds what this one has left.
            let options = options.with_index(&BY_NOTE);
            let orders = TypedTable::open_with(&database, "orders", &options, &mut |_| ()).unwrap();
            let rows = orders.by_index(&BY_NOTE).unwrap().iter();
            rows.map(|row| row.unwrap())
                .inspect(|(id, row)| assert_eq!(*row, order(*id)))
                .map(|(_, row)| row.note.len())
                .collect()
        } else {
            return false;
        };
        assert!(lengths.is_sorted());
        assert_eq!(lengths.len(), ROWS as usize);
        let records = ("typeser.typed-tables".to_owned(), 1);
        let rows = u64::from(ROWS);
        assert_eq!(
            stored_rows(&database),
            [("orders".to_owned(), rows), ("typeser.indexes.orders".to_owned(), rows), records]
        );
        is_new
    });
}

#[test]
fn a_killed_writer_leaves_an_index_that_agrees_with_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let database = Database::create(&file).unwrap();
    fill(&database, "orders");
    indexed(&database);
    drop(database);
    killed_over_copies("write indexed rows", &file, |folder, done| {
        let database = Database::create(folder.join(FILE)).unwrap();
        let options = TableOptions::new().with_index(&BY_NOTE).without_migration();
        let orders = TypedTable::open_with(&database, "orders", &options, &mut |_| ()).unwrap();
        let mut rows: Vec<(u32, old::Order)> = orders.iter().unwrap().map(Result::unwrap).collect();
        rows.sort_by(|(a, one), (b, other)| (&one.note, a.to_le_bytes()).cmp(&(&other.note, b.to_le_bytes())));
        assert!(orders.by_index(&BY_NOTE).unwrap().iter().map(Result::unwrap).eq(rows));
        assert_eq!(stored_rows(&database)[1], ("typeser.indexes.orders".to_owned(), orders.len().unwrap()));
        let removed = u64::from(ROWS) - orders.len().unwrap();
        if let Some(last) = done.last() {
            let last: u64 = last["done ".len()..].parse().unwrap();
            assert!(removed > last, "{last} {removed}");
        }
        removed == u64::from(WRITES)
    });
}

#[test]
fn a_killed_rollback_leaves_all_tables_as_they_were_or_all_rolled_back_and_is_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    let database = Database::create(&file).unwrap();
    SET.iter().for_each(|table| fill(&database, table));
    let mut set = TableSet::new();
    SET.iter().for_each(|table| {
        set.add::<u32, new::Order>(*table);
    });
    let options = TableOptions::new().keep_previous(RELEASE);
    let tables = set.open_with(&database, &options, &mut |_| ()).unwrap();
    for name in SET {
        let orders = tables.table::<u32, new::Order>(name).unwrap();
        orders.remove(&0).unwrap();
        orders.insert(&ROWS, &migrated(ROWS)).unwrap();
    }
    drop(tables);
    drop(database);
    killed_over_copies("roll back", &file, |folder, _| {
        let database = Database::create(folder.join(FILE)).unwrap();
        let kept = TableCatalog::of(&database).unwrap().previous().unwrap();
        let rolled_back = kept.is_empty();
        if !rolled_back {
            assert_eq!(kept.iter().map(|kept| kept.table.as_str()).collect::<Vec<_>>(), SET);
            let changes = TableCatalog::of(&database).unwrap().changes_since(RELEASE).unwrap();
            let counted = |since: &ChangesSince| (since.rows, since.added, since.changed, since.removed);
            assert_eq!(changes.iter().map(counted).collect::<Vec<_>>(), [(u64::from(ROWS), 1, 0, 1); 3]);
        }
        for name in SET {
            if rolled_back {
                let orders = TypedTable::<u32, old::Order>::open_read_only(&database, name).unwrap();
                assert!(sorted(orders.iter().unwrap()).eq((0..ROWS).map(|id| (id, order(id)))));
            } else {
                let orders = TypedTable::<u32, new::Order>::open_read_only(&database, name).unwrap();
                assert!(sorted(orders.iter().unwrap()).eq((1..=ROWS).map(|id| (id, migrated(id)))));
            }
        }
        let tables = stored_rows(&database);
        assert_eq!(tables.len(), if rolled_back { 4 } else { 10 }, "{tables:?}");
        rolled_back
    });
}

#[cfg(feature = "fjall")]
fn lazily_in_fjall(folder: &Path) -> BackendTable<u32, new::Order, FjallBackend> {
    let backend = FjallBackend::open(folder.join("shop.fjall")).unwrap();
    let options = TableOptions::new().migrate_lazily();
    BackendTable::open_with(backend, "orders", &options, &mut |_| ()).unwrap()
}

#[cfg(feature = "fjall")]
#[test]
fn a_killed_lazy_migration_in_fjall_has_each_row_once_and_goes_on() {
    const TASK: &str = "migrate some in fjall";
    let fresh = || {
        let folder = tempfile::tempdir().unwrap();
        let backend = FjallBackend::open(folder.path().join("shop.fjall")).unwrap();
        let mut orders = BackendTable::<u32, old::Order, _>::open(backend, "orders").unwrap();
        (0..ROWS).for_each(|id| orders.insert(&id, &order(id)).unwrap());
        orders.flush().unwrap();
        folder
    };
    let mut random = Random::new(TASK);
    let mut folder = fresh();
    let mut takes = run(TASK, folder.path(), None).took;
    folder = fresh();
    let (mut on_the_way, mut ends) = (0, 0);
    for round in 0..=rounds() {
        // The last one is run to its end.
        let after = (round < rounds()).then(|| random.within(takes));
        let child = run(TASK, folder.path(), after);
        let orders = lazily_in_fjall(folder.path());
        let left = orders.unmigrated_rows().unwrap();
        assert_eq!(left % SOME, 0);
        if let Some(last) = child.done.last() {
            let last: u64 = last["done ".len()..].parse().unwrap();
            assert!(left == last || left + SOME == last, "{last} were left, and now {left}");
        }
        assert!(sorted(orders.iter().unwrap()).eq((0..ROWS).map(|id| (id, migrated(id)))));
        drop(orders);
        let Some(after) = after else {
            assert_eq!(left, 0);
            break;
        };
        match left {
            0 => {
                ends += 1;
                takes = takes.min(after);
                folder = fresh();
            }
            _ => on_the_way += 1,
        }
    }
    eprintln!("{TASK}: of {} kills {on_the_way} on the way, {ends} after the end", rounds());
    assert!(on_the_way >= rounds() / 4, "{TASK}: {ends} came to their end before they were killed");
}
