//! What is on disk is whole after `kill -9` at any moment: of a migration of a typed table, and of flushes of backends.
//!
//! Each round starts this program again as a child, which works until it is killed after a random time. Then the files
//! are opened, and must hold what was there before or after the last step that was under way. Rounds are 20, or as many
//! as `TYPESER_KILLS` says; `TYPESER_KILL_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, unreachable_pub, reason = "a test")]

mod killing;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use killing::{Random, rounds, run, say, task};
use redb::Database;
#[cfg(feature = "fjall")]
use typeser_state::backend::FjallBackend;
use typeser_state::backend::{Backend, Batch, RedbBackend, RowRange};
use typeser_state::typed_table::{BackendTable, TableError, TableOptions, TableSet, TypedTable};

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

/// How many rows the table has.
const ROWS: u32 = 3_000;
/// What the child does; nothing when it is run with the other tests.
#[test]
#[ignore = "the other tests start it as a process"]
fn child() {
    let Some((task, folder)) = task() else { return };
    match task.as_str() {
        "migrate" => {
            let database = Database::create(folder.join("shop.redb")).unwrap();
            say("begun");
            let options = TableOptions::new().with_batches(50, usize::MAX);
            TypedTable::<u32, new::Order>::open_with(&database, "orders", &options, &mut |_| ()).unwrap();
        }
        "open a set" => {
            let database = Database::create(folder.join("shop.redb")).unwrap();
            say("begun");
            let options = TableOptions::new().with_batches(50, usize::MAX);
            let mut set = TableSet::new();
            for table in SET {
                set.add::<u32, new::Order>(table);
            }
            set.open_with(&database, &options, &mut |_| ()).unwrap();
        }
        "migrate in a backend" => {
            let mut backend = open("backend", &folder);
            say("begun");
            let options = TableOptions::new().with_batches(50, usize::MAX);
            BackendTable::<u32, new::Order, _>::open_with(&mut backend, "orders", &options, &mut |_| ()).unwrap();
        }
        task => flush_for_ever(open(task, &folder)),
    }
}

fn open(kind: &str, folder: &Path) -> Box<dyn Backend> {
    match kind {
        "redb" => Box::new(RedbBackend::open_with_buffer(folder.join("state.redb"), 2_000).unwrap()),
        #[cfg(feature = "fjall")]
        "fjall" | "backend" => Box::new(FjallBackend::open_with_buffer(folder.join("state.fjall"), 2_000).unwrap()),
        other => panic!("no backend {other}"),
    }
}

/// Rows of every generation: as many as can be distinguished, in two tables of which one takes the other's name.
fn rows_of(generation: u64) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let row = |row: u64| {
        let key = row.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes().to_vec();
        (key, [generation.to_be_bytes(), row.to_be_bytes()].concat())
    };
    (0..40 + generation % 7).map(row).collect()
}

/// Flushes one generation of rows after the other. In each, all rows are changed, in one of three ways.
fn flush_for_ever(mut backend: Box<dyn Backend>) {
    let mut generation = stored_generation(&mut *backend);
    say("begun");
    loop {
        generation += 1;
        let rows = rows_of(generation);
        match generation % 3 {
            0 => {
                // A new table takes the place of the old one, as at the end of a migration.
                let shadow = backend.create_table("shadow").unwrap();
                for (key, value) in &rows {
                    backend.put(shadow, key, value).unwrap();
                }
                if let Some(table) = backend.find_table("rows").unwrap() {
                    backend.drop_table(table).unwrap();
                }
                backend.rename_table(shadow, "rows").unwrap();
            }
            way => {
                let table = backend.create_table("rows").unwrap();
                let mut batch = Batch::new();
                backend
                    .scan(table, RowRange::ALL, &mut |key, _| {
                        batch.delete(table, key);
                        ControlFlow::Continue(())
                    })
                    .unwrap();
                for (key, value) in &rows {
                    batch.put(table, key, value);
                }
                backend.apply(&batch).unwrap();
                if way == 2 {
                    backend.snapshot().unwrap();
                }
            }
        }
        backend.flush().unwrap();
        say(&format!("done {generation}"));
    }
}

/// The generation of the rows, all of which must be of it.
fn stored_generation(backend: &mut dyn Backend) -> u64 {
    assert_eq!(backend.find_table("shadow").unwrap(), None, "a table that was renamed");
    let Some(table) = backend.find_table("rows").unwrap() else { return 0 };
    let mut rows = BTreeMap::new();
    backend
        .scan(table, RowRange::ALL, &mut |key, value| {
            rows.insert(key.to_vec(), value.to_vec());
            ControlFlow::Continue(())
        })
        .unwrap();
    let first = rows.values().next().expect("every generation has rows");
    let generation = u64::from_be_bytes(first[..8].try_into().unwrap());
    assert_eq!(rows, rows_of(generation));
    generation
}

/// Kills a process that flushes, many times over the same files.
fn flushes_are_whole(kind: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random::new(kind);
    let mut flushed = 0;
    for _ in 0..rounds() {
        let child = run(kind, folder.path(), Some(random.within(Duration::from_millis(60))));
        let last = child.done.last().map_or(flushed, |line| line["done ".len()..].parse().unwrap());
        let stored = stored_generation(&mut *open(kind, folder.path()));
        // The flush of the next generation may have been done before anybody said so, or said in part.
        assert!((last..=last + 1).contains(&stored), "flushed {last}, stored {stored}");
        flushed = stored;
    }
    eprintln!("{kind}: killed behind {flushed} flushes");
    assert!(flushed > 0, "no round came to a flush");
}

#[test]
fn flushes_of_redb_are_whole() {
    flushes_are_whole("redb");
}

#[cfg(feature = "fjall")]
#[test]
fn flushes_of_fjall_are_whole() {
    flushes_are_whole("fjall");
}

fn order(id: u32) -> old::Order {
    old::Order { id, note: "x".repeat(id as usize % 50) }
}

fn migrated(id: u32) -> new::Order {
    new::Order { priority: 3, note: order(id).note, id: id.into() }
}

/// The tables of a set.
const SET: [&str; 3] = ["orders", "returns", "samples"];

/// Whether the table was migrated when it was looked at; it must be whole either way, and the release that fits it must
/// have all of its rows.
fn is_migrated(folder: &Path, table: &str) -> bool {
    let database = Database::create(folder.join("shop.redb")).unwrap();
    let old = TypedTable::<u32, old::Order>::open_read_only(&database, table);
    match old {
        Ok(orders) => {
            let rows: Vec<_> = orders.iter().unwrap().map(Result::unwrap).collect();
            assert_eq!(rows.len(), ROWS as usize);
            assert!(rows.iter().all(|(id, stored)| *stored == order(*id)));
            false
        }
        Err(TableError::Refused(_)) => {
            let orders = TypedTable::<u32, new::Order>::open_read_only(&database, table).unwrap();
            let rows: Vec<_> = orders.iter().unwrap().map(Result::unwrap).collect();
            assert_eq!(rows.len(), ROWS as usize);
            assert!(rows.iter().all(|(id, stored)| *stored == migrated(*id)));
            true
        }
        Err(other) => panic!("{other}"),
    }
}

fn new_shop(folder: &Path, tables: &[&str]) {
    let database = Database::create(folder.join("shop.redb")).unwrap();
    for table in tables {
        let orders = TypedTable::<u32, old::Order>::open(&database, table).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut writer = orders.write_in(&transaction).unwrap();
            for id in 0..ROWS {
                writer.insert(&id, &order(id)).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

/// Kills a process that opens tables, which migrates them, until one round has come to its end or all are over. All
/// tables are old or all are new, whenever it is killed.
fn openings_are_whole(task: &str, tables: &[&str]) {
    let mut random = Random::new(task);
    let mut folder = tempfile::tempdir().unwrap();
    new_shop(folder.path(), tables);
    let (mut kills_on_the_way, mut ends) = (0, 0);
    // Whatever ended before it was killed takes less: kills come earlier from then on.
    let mut longest = 120_000 * tables.len() as u64;
    for _ in 0..rounds() {
        let after = random.below(longest);
        run(task, folder.path(), Some(Duration::from_micros(after)));
        let migrated: Vec<bool> = tables.iter().map(|table| is_migrated(folder.path(), table)).collect();
        assert!(migrated.iter().all(|table| *table == migrated[0]), "{migrated:?}");
        if migrated[0] {
            ends += 1;
            longest = after.max(1);
            // It is as it should be: begin with a new one.
            folder = tempfile::tempdir().unwrap();
            new_shop(folder.path(), tables);
        } else {
            kills_on_the_way += 1;
        }
    }
    // Whatever the last one was killed in: it can be run again, to its end.
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    for table in tables {
        let orders = TypedTable::<u32, new::Order>::open(&database, table).unwrap();
        assert_eq!(orders.len().unwrap(), u64::from(ROWS));
        assert_eq!(orders.get(&77).unwrap(), Some(migrated(77)));
    }
    eprintln!("{task}: {kills_on_the_way} kills on the way, {ends} after the end");
    assert!(kills_on_the_way > 0, "{ends} migrations came to their end before they were killed, and no other");
}

#[test]
fn a_killed_migration_of_a_typed_table_leaves_old_or_new_rows_and_is_run_again() {
    openings_are_whole("migrate", &["orders"]);
}

#[test]
fn a_killed_opening_of_a_set_leaves_all_tables_old_or_all_new_and_is_run_again() {
    openings_are_whole("open a set", &SET);
}

#[cfg(feature = "fjall")]
#[test]
fn a_killed_migration_of_a_table_in_fjall_leaves_old_or_new_rows_and_is_run_again() {
    let mut random = Random::new("migrate in a backend");
    let fresh = || {
        let folder = tempfile::tempdir().unwrap();
        let mut backend = open("fjall", folder.path());
        let mut orders = BackendTable::<u32, old::Order, _>::open(&mut backend, "orders").unwrap();
        (0..ROWS).for_each(|id| orders.insert(&id, &order(id)).unwrap());
        orders.flush().unwrap();
        folder
    };
    let mut folder = fresh();
    let mut kills_on_the_way = 0;
    let mut longest = 300_000;
    for _ in 0..rounds() {
        let after = random.below(longest);
        run("migrate in a backend", folder.path(), Some(Duration::from_micros(after)));
        let mut backend = open("fjall", folder.path());
        // Opening with the old types would discard what the next round goes on with: only look at the verdict.
        let options = TableOptions::new().without_migration();
        let opened = BackendTable::<u32, new::Order, _>::open_with(&mut backend, "orders", &options, &mut |_| panic!());
        match opened {
            Ok(orders) => {
                let mut rows = 0;
                orders
                    .visit_by_bytes(.., |id, stored| {
                        assert_eq!(stored, migrated(id));
                        rows += 1;
                        ControlFlow::Continue(())
                    })
                    .unwrap();
                assert_eq!(rows, ROWS);
                drop(backend);
                folder = fresh();
                longest = after.max(1);
            }
            Err(TableError::NeedsMigration(_)) => kills_on_the_way += 1,
            Err(other) => panic!("{other}"),
        }
    }
    let mut backend = open("fjall", folder.path());
    let orders = BackendTable::<u32, new::Order, _>::open(&mut backend, "orders").unwrap();
    assert_eq!(orders.len().unwrap(), u64::from(ROWS));
    assert_eq!(orders.get(&77).unwrap(), Some(migrated(77)));
    eprintln!("migrate in a backend: {kills_on_the_way} kills on the way of {}", rounds());
    assert!(kills_on_the_way > 0, "every migration came to its end before it was killed");
}
