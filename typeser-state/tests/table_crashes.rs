//! A crash at each flush of an opening: all tables are as they were, or all are as they will be.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::path::Path;

use typeser_state::backend::{Backend, BackendError, Batch, ReadRows, RedbBackend, RowRange, Table, VisitRow};
use typeser_state::typed_table::{BackendTable, TableCatalog, TableError, TableIndex, TableOptions, TableSet};

mod old {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u32,
    }
}

mod new {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u64,
        #[state(default = 3)]
        pub priority: u8,
    }
}

/// A backend whose flushes succeed so many times. What was not flushed is lost when it is dropped, as in a crash.
struct CrashAt {
    inner: RedbBackend,
    flushes: u32,
}

impl ReadRows for CrashAt {
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError> {
        self.inner.get(table, key, read)
    }

    fn scan(&self, table: Table, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<(), BackendError> {
        self.inner.scan(table, range, visit)
    }

    fn last(
        &self,
        table: Table,
        range: RowRange<'_>,
        read: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<bool, BackendError> {
        self.inner.last(table, range, read)
    }
}

impl Backend for CrashAt {
    fn create_table(&mut self, name: &str) -> Result<Table, BackendError> {
        self.inner.create_table(name)
    }

    fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError> {
        self.inner.find_table(name)
    }

    fn rename_table(&mut self, table: Table, to: &str) -> Result<(), BackendError> {
        self.inner.rename_table(table, to)
    }

    fn drop_table(&mut self, table: Table) -> Result<(), BackendError> {
        self.inner.drop_table(table)
    }

    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackendError> {
        self.inner.put(table, key, value)
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), BackendError> {
        self.inner.delete(table, key)
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), BackendError> {
        self.inner.apply(batch)
    }

    fn snapshot(&mut self) -> Result<Box<dyn ReadRows + Send>, BackendError> {
        self.inner.snapshot()
    }

    fn flush(&mut self) -> Result<(), BackendError> {
        let crash = || BackendError::Other("the power is off".into());
        self.flushes = self.flushes.checked_sub(1).ok_or_else(crash)?;
        self.inner.flush()
    }
}

const TABLES: [&str; 3] = ["orders", "returns", "samples"];
const ROWS: u32 = 25;

fn new_shop(path: &Path) {
    let mut backend = RedbBackend::open(path).unwrap();
    for table in TABLES {
        let mut orders = BackendTable::<u32, old::Order, _>::open(&mut backend, table).unwrap();
        (0..ROWS).for_each(|id| orders.insert(&id, &old::Order { id }).unwrap());
        orders.flush().unwrap();
    }
}

/// Whether a table has all rows of the new types; else it has all of the old ones.
fn is_new(backend: &mut RedbBackend, table: &str) -> bool {
    let options = TableOptions::new().without_migration();
    match BackendTable::<u32, new::Order, _>::open_with(&mut *backend, table, &options, &mut |_| ()) {
        Ok(orders) => {
            let rows: Vec<_> = orders.iter().unwrap().map(Result::unwrap).collect();
            assert_eq!(rows.len(), ROWS as usize);
            assert!(rows.iter().all(|(id, row)| *row == new::Order { id: (*id).into(), priority: 3 }));
            true
        }
        Err(TableError::NeedsMigration(_)) => {
            let orders = BackendTable::<u32, old::Order, _>::open(&mut *backend, table).unwrap();
            let rows: Vec<_> = orders.iter().unwrap().map(Result::unwrap).collect();
            assert_eq!(rows.len(), ROWS as usize);
            assert!(rows.iter().all(|(id, row)| *row == old::Order { id: *id }));
            false
        }
        Err(other) => panic!("{other}"),
    }
}

fn assert_all_or_none(path: &Path, done: bool) {
    let mut backend = RedbBackend::open(path).unwrap();
    let new = TABLES.map(|table| is_new(&mut backend, table));
    assert_eq!(new, [done; 3]);
}

#[test]
fn a_crash_at_any_flush_of_an_opening_leaves_all_tables_old_or_all_new() {
    let folder = tempfile::tempdir().unwrap();
    let mut set = TableSet::new();
    for table in TABLES {
        set.add::<u32, new::Order>(table);
    }
    let options = TableOptions::new().with_batches(10, usize::MAX);
    for flushes in 0.. {
        let path = folder.path().join(format!("{flushes}.redb"));
        new_shop(&path);
        let mut backend = CrashAt { inner: RedbBackend::open(&path).unwrap(), flushes };
        let opened = set.open_in(&mut backend, &options, &mut |_| ());
        drop(backend);
        assert_all_or_none(&path, opened.is_ok());
        if opened.is_ok() {
            // The beginning, three batches for each of three tables, and the switch.
            assert_eq!(flushes, 1 + 3 * 3 + 1);
            return;
        }
    }
}

#[test]
fn a_crash_at_any_flush_of_a_lazy_migration_leaves_every_row_in_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let lazily = TableOptions::new().migrate_lazily();
    for flushes in 0.. {
        let path = folder.path().join(format!("{flushes}.redb"));
        new_shop(&path);
        let mut backend = CrashAt { inner: RedbBackend::open(&path).unwrap(), flushes };
        let run = |backend: &mut CrashAt, flushed: &mut u64| -> Result<(), TableError> {
            let mut orders = BackendTable::<u32, new::Order, _>::open_with(backend, "orders", &lazily, &mut |_| ())?;
            *flushed = ROWS.into();
            loop {
                // Some are overwritten meanwhile, and flushed together with those that are migrated.
                orders.update(&20, |order| order.priority += 1)?;
                *flushed = orders.migrate_some(10)?;
                if *flushed == 0 {
                    return Ok(());
                }
            }
        };
        let mut left = u64::MAX;
        let ended = run(&mut backend, &mut left);
        drop(backend);
        let mut backend = RedbBackend::open(&path).unwrap();
        if left == u64::MAX {
            assert!(!is_new(&mut backend, "orders"));
            continue;
        }
        let orders = BackendTable::<u32, new::Order, _>::open_with(&mut backend, "orders", &lazily, &mut |_| ());
        let mut orders = orders.unwrap();
        assert_eq!(orders.unmigrated_rows().unwrap(), left);
        let rows: Vec<_> = orders.iter().unwrap().map(Result::unwrap).collect();
        assert_eq!((rows.len(), orders.len().unwrap()), (ROWS as usize, u64::from(ROWS)));
        let flushed = u8::try_from(flushes - 1).unwrap();
        let priority = |id: u32| if id == 20 { 3 + flushed } else { 3 };
        assert!(rows.iter().all(|(id, row)| *row == new::Order { id: (*id).into(), priority: priority(*id) }));
        while orders.migrate_some(10).unwrap() > 0 {}
        assert_eq!(orders.len().unwrap(), u64::from(ROWS));
        drop(orders);
        if ended.is_ok() {
            // The opening, and three transactions of the migration.
            assert_eq!(flushes, 1 + 3);
            return;
        }
    }
}

const BY_REST: TableIndex<u32, old::Order, u8> = TableIndex::new("by rest", 1, |_, order| (order.id % 3) as u8);
const BY_ID: TableIndex<u32, new::Order, u64> = TableIndex::unique("by id", 1, |_, order| order.id);

/// The names of the indexes of a table, and whether something is left of a build that did not come to its end.
fn indexes(backend: &mut RedbBackend) -> (Vec<String>, bool) {
    let tables = TableCatalog::over(&mut *backend).tables().unwrap();
    let orders = tables.into_iter().find(|table| table.name == "orders").unwrap();
    let left = backend.find_table("typeser.shadow-indexes.orders").unwrap().is_some();
    (orders.indexes.into_iter().map(|index| index.name).collect(), left)
}

#[test]
fn a_crash_at_any_flush_of_a_build_leaves_the_indexes_before_or_all_entries() {
    let folder = tempfile::tempdir().unwrap();
    let batches = TableOptions::new().with_batches(10, usize::MAX);
    let (built, migrated) = (batches.clone().with_index(&BY_REST), batches.with_index(&BY_ID));
    let mut crashes = [0, 0];
    for flushes in 0.. {
        let path = folder.path().join(format!("{flushes}.redb"));
        new_shop(&path);
        let mut backend = CrashAt { inner: RedbBackend::open(&path).unwrap(), flushes };
        // First an index of rows that stay, then another one with a migration.
        let run = |backend: &mut CrashAt| -> Result<(), TableError> {
            BackendTable::<u32, old::Order, _>::open_with(&mut *backend, "orders", &built, &mut |_| ())?;
            BackendTable::<u32, new::Order, _>::open_with(&mut *backend, "orders", &migrated, &mut |_| ())?;
            Ok(())
        };
        let ended = run(&mut backend).is_ok();
        drop(backend);
        let mut backend = RedbBackend::open(&path).unwrap();
        let (names, _) = indexes(&mut backend);
        match names.first().map(String::as_str) {
            None => crashes[0] += 1,
            Some("by rest") => {
                crashes[1] += 1;
                let options = built.clone().without_migration();
                let orders =
                    BackendTable::<u32, old::Order, _>::open_with(&mut backend, "orders", &options, &mut |_| ());
                let orders = orders.unwrap();
                let rows: Vec<u32> = orders.by_index(&BY_REST).unwrap().iter().map(|row| row.unwrap().1.id).collect();
                let expected = (0..3).flat_map(|rest| (rest..ROWS).step_by(3));
                assert!(rows.into_iter().eq(expected));
            }
            Some(_) => assert!(ended),
        }
        if !ended && flushes % 2 == 0 {
            // The release before opens it again, which discards what is left.
            assert!(!is_new(&mut backend, "orders"));
            assert_eq!(indexes(&mut backend), (vec![], false));
        }
        // Whatever it was: it can be run again.
        let orders = BackendTable::<u32, new::Order, _>::open_with(&mut backend, "orders", &migrated, &mut |_| ());
        let orders = orders.unwrap();
        let rows: Vec<u64> = orders.by_index(&BY_ID).unwrap().iter().map(|row| row.unwrap().1.id).collect();
        assert!(rows.into_iter().eq(0..u64::from(ROWS)));
        drop(orders);
        assert_eq!(indexes(&mut backend), (vec!["by id".to_owned()], false));
        if ended {
            // Of the build: its beginning, three batches, and the switch. Of the migration: three batches more.
            assert_eq!((flushes, crashes), (5 + 8, [5, 8]));
            return;
        }
    }
}
