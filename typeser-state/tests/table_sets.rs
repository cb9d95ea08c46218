//! Several typed tables, opened by one decision.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use typeser::resolve::{Losses, Policy};
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::typed_table::{
    BackendTable, TableAction, TableDryRun, TableError, TableMigrationProgress, TableOptions, TableSet, TypedTable,
};

mod v1 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u32,
        pub note: String,
    }
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Customer {
        pub name: String,
        pub country: Option<String>,
    }
}

mod v2 {
    use std::sync::atomic::{AtomicU32, Ordering};

    /// The number of the order whose note is refused.
    pub static REFUSED: AtomicU32 = AtomicU32::new(u32::MAX);

    fn length(note: String) -> Result<u64, String> {
        if note == format!("note {}", REFUSED.load(Ordering::Relaxed)) {
            return Err("this note is not counted".to_owned());
        }
        Ok(note.len() as u64)
    }

    #[derive(typeser::StateType, Debug, PartialEq)]
    pub struct Order {
        pub id: u64,
        #[state(convert(String, with = length))]
        pub note: u64,
    }
    #[derive(typeser::StateType, Debug, PartialEq)]
    #[state(removed("country"))]
    pub struct Customer {
        pub name: String,
        #[state(default = 1)]
        pub level: u8,
    }
}

const ROWS: u32 = 25;

fn order(id: u32) -> v1::Order {
    v1::Order { id, note: format!("note {id}") }
}

fn customer(id: u32) -> v1::Customer {
    v1::Customer { name: format!("customer {id}"), country: id.is_multiple_of(5).then(|| "NL".to_owned()) }
}

fn first() -> TableSet {
    let mut set = TableSet::new();
    set.add::<u32, v1::Customer>("customers").add::<u32, v1::Order>("orders").add::<String, u32>("stock");
    set
}

fn second() -> TableSet {
    let mut set = TableSet::new();
    set.add::<u32, v2::Customer>("customers").add::<u32, v2::Order>("orders").add::<String, u32>("stock");
    set.add::<u32, bool>("flags");
    set
}

struct Shop {
    _function: MutexGuard<'static, ()>,
    _folder: tempfile::TempDir,
    database: Database,
}

/// Tests take turns: one of them lets the function refuse a note.
static FUNCTION: Mutex<()> = Mutex::new(());

fn function() -> MutexGuard<'static, ()> {
    FUNCTION.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shop() -> Shop {
    let _function = function();
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    let tables = first().open(&database).unwrap();
    let transaction = database.begin_write().unwrap();
    for id in 0..ROWS {
        let orders = tables.table::<u32, v1::Order>("orders").unwrap();
        orders.write_in(&transaction).unwrap().insert(&id, &order(id)).unwrap();
        let customers = tables.table::<u32, v1::Customer>("customers").unwrap();
        customers.write_in(&transaction).unwrap().insert(&id, &customer(id)).unwrap();
    }
    transaction.commit().unwrap();
    tables.table::<String, u32>("stock").unwrap().insert("apples", &3).unwrap();
    Shop { _function, _folder: folder, database }
}

type BytesOfRows = Vec<(Vec<u8>, Vec<u8>)>;

/// Every table of the database, with its rows as bytes.
fn dump(database: &Database) -> BTreeMap<String, BytesOfRows> {
    let read = database.begin_read().unwrap();
    let names: Vec<String> =
        read.list_tables().unwrap().map(|table| redb::TableHandle::name(&table).to_owned()).collect();
    let bytes = |name: &String| {
        let table = read.open_table(TableDefinition::<&[u8], &[u8]>::new(name)).unwrap();
        let rows = table.iter().unwrap().map(Result::unwrap);
        (name.clone(), rows.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).collect())
    };
    names.iter().map(bytes).collect()
}

fn batches() -> TableOptions {
    TableOptions::new().with_batches(10, usize::MAX)
}

/// Whether all tables have all rows of the second release.
fn assert_migrated(database: &Database) {
    let tables = second().open_with(database, &TableOptions::new(), &mut |_| panic!("migrated again")).unwrap();
    let orders = tables.table::<u32, v2::Order>("orders").unwrap();
    let customers = tables.table::<u32, v2::Customer>("customers").unwrap();
    assert_eq!((orders.len().unwrap(), customers.len().unwrap()), (u64::from(ROWS), u64::from(ROWS)));
    assert_eq!(orders.get(&24).unwrap(), Some(v2::Order { id: 24, note: 7 }));
    assert_eq!(customers.get(&24).unwrap(), Some(v2::Customer { name: "customer 24".into(), level: 1 }));
    assert_eq!(tables.table::<String, u32>("stock").unwrap().get("apples").unwrap(), Some(3));
    assert!(tables.table::<u32, bool>("flags").unwrap().is_empty().unwrap());
    let names: Vec<String> = dump(database).into_keys().collect();
    assert_eq!(names, ["customers", "flags", "orders", "stock", "typeser.typed-tables"]);
}

#[test]
fn all_tables_are_compared_before_any_is_changed() {
    let shop = shop();
    let before = dump(&shop.database);
    let mut set = TableSet::new();
    // `customers` could be migrated, and `flags` be made; two others do not fit, and one is not even typed.
    set.add::<u32, v2::Customer>("customers").add::<u32, bool>("flags");
    set.add::<u32, u8>("orders").add::<String, bool>("stock").add::<String, bool>("typeser.x");
    let error = set.open(&shop.database).unwrap_err();
    assert_eq!(dump(&shop.database), before);
    let TableError::Set(refusal) = &error else { panic!("{error}") };
    let refused = |index: usize| matches!(&refusal.problems()[index], TableError::Refused(_));
    assert!(refused(0) && refused(1) && matches!(refusal.problems()[2], TableError::Name { .. }));
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("table")).collect();
    insta::assert_snapshot!(lines.join("\n"));

    let options = TableOptions::new().without_migration();
    let error = second().open_with(&shop.database, &options, &mut |_| ()).unwrap_err();
    let TableError::Set(refusal) = &error else { panic!("{error}") };
    assert_eq!(refusal.problems().len(), 2);
    assert!(refusal.problems().iter().all(|problem| matches!(problem, TableError::NeedsMigration(_))));
    assert_eq!(dump(&shop.database), before);
}

#[test]
fn one_transaction_switches_all_tables() {
    let shop = shop();
    let first_orders = TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap();
    let first_customers = TypedTable::<u32, v1::Customer>::open(&shop.database, "customers").unwrap();
    let first_stock = TypedTable::<String, u32>::open(&shop.database, "stock").unwrap();
    let mut progress = Vec::new();
    let mut watch = |at: &TableMigrationProgress<'_>| {
        progress.push((at.table.to_owned(), at.rows));
        // Until the switch the release before reads all of its rows. Its writes to what migrates are refused, to every
        // table from the first batch on; the others take them.
        assert_eq!(first_orders.get(&24).unwrap(), Some(order(24)));
        assert_eq!(first_customers.get(&24).unwrap(), Some(customer(24)));
        assert!(matches!(first_orders.insert(&1, &order(1)), Err(TableError::Stale { .. })));
        assert!(matches!(first_customers.remove(&1), Err(TableError::Stale { .. })));
        first_stock.insert("apples", &3).unwrap();
        assert!(!dump(&shop.database).contains_key("flags"));
    };
    second().open_with(&shop.database, &batches(), &mut watch).unwrap();
    let of = |table: &str, rows| (table.to_owned(), rows);
    assert_eq!(
        progress,
        [
            of("customers", 10),
            of("customers", 20),
            of("customers", 25),
            of("orders", 10),
            of("orders", 20),
            of("orders", 25)
        ]
    );
    assert!(matches!(first_orders.get(&1), Err(TableError::Stale { .. })));
    assert!(matches!(first_customers.get(&1), Err(TableError::Stale { .. })));
    assert_migrated(&shop.database);
}

/// Ends opening after so many batches, as a crash would.
fn interrupted(database: &Database, after: u32) {
    let batch = AtomicU32::new(0);
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        second().open_with(database, &batches(), &mut |_| {
            if batch.fetch_add(1, Ordering::Relaxed) + 1 == after {
                std::panic::resume_unwind(Box::new("killed"));
            }
        })
    }));
    assert!(ended.is_err());
}

#[test]
fn an_interrupted_opening_is_no_opening_and_is_resumed() {
    for after in 1..=6 {
        let shop = shop();
        let before = dump(&shop.database);
        interrupted(&shop.database, after);
        let now = dump(&shop.database);
        for table in ["orders", "customers", "stock"] {
            assert_eq!(now[table], before[table], "{table} after {after}");
        }
        let mut rows = BTreeMap::<String, (u64, u64)>::new();
        second()
            .open_with(&shop.database, &batches(), &mut |at| {
                rows.insert(at.table.to_owned(), (at.resumed, at.rows));
            })
            .unwrap();
        // Every batch that was durable is kept.
        let filled = |table: &str, before: u32| {
            let resumed = u64::from(((after.saturating_sub(before)) * 10).min(ROWS));
            (resumed < u64::from(ROWS)).then(|| (table.to_owned(), (resumed, u64::from(ROWS))))
        };
        let expected: BTreeMap<_, _> = [filled("customers", 0), filled("orders", 3)].into_iter().flatten().collect();
        assert_eq!(rows, expected, "after {after}");
        assert_migrated(&shop.database);
    }
}

#[test]
fn the_release_before_opens_and_writes_after_an_interrupted_opening_and_that_is_migrated() {
    let shop = shop();
    interrupted(&shop.database, 5);
    let tables = first().open(&shop.database).unwrap();
    let orders = tables.table::<u32, v1::Order>("orders").unwrap();
    assert_eq!(orders.len().unwrap(), u64::from(ROWS));
    orders.insert(&3, &v1::Order { id: 3, note: "changed".into() }).unwrap();
    tables.table::<u32, v1::Customer>("customers").unwrap().remove(&7).unwrap();

    let tables = second().open(&shop.database).unwrap();
    assert_eq!(tables.table::<u32, v2::Order>("orders").unwrap().get(&3).unwrap().unwrap().note, 7);
    assert_eq!(tables.table::<u32, v2::Customer>("customers").unwrap().get(&7).unwrap(), None);
}

#[test]
fn only_the_table_that_the_release_before_opened_is_migrated_from_the_beginning() {
    let shop = shop();
    interrupted(&shop.database, 5);
    TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap().insert(&0, &order(0)).unwrap();
    let mut rows = Vec::new();
    second().open_with(&shop.database, &batches(), &mut |at| rows.push((at.table.to_owned(), at.resumed))).unwrap();
    assert_eq!(rows, [("orders".to_owned(), 0), ("orders".to_owned(), 0), ("orders".to_owned(), 0)]);
    assert_migrated(&shop.database);
}

#[test]
fn a_function_that_fails_on_the_last_row_of_the_last_table_leaves_all_tables_as_they_were() {
    let shop = shop();
    let before = dump(&shop.database);
    v2::REFUSED.store(ROWS - 1, Ordering::Relaxed);
    let dry_run = second().dry_run(&shop.database, &TableOptions::new());
    let error = second().open_with(&shop.database, &batches(), &mut |_| ()).unwrap_err();
    v2::REFUSED.store(u32::MAX, Ordering::Relaxed);
    assert!(matches!(&error, TableError::Migrate { table, .. } if table == "orders"), "{error}");
    assert_eq!(dump(&shop.database), before);
    let orders = dry_run.unwrap().into_iter().find(|table| table.table == "orders").unwrap();
    assert_eq!((orders.failed, orders.rows), (1, u64::from(ROWS)));
    assert_eq!(orders.failures[0].to_string(), error.to_string());

    first().open_with(&shop.database, &TableOptions::new(), &mut |_| panic!()).unwrap();
    assert_eq!(dump(&shop.database), before);
    second().open(&shop.database).unwrap();
    assert_migrated(&shop.database);
}

fn facts(run: &TableDryRun) -> (&str, TableAction, u64, u64) {
    (&run.table, run.action, run.rows, run.failed)
}

#[test]
fn a_dry_run_gives_rows_bytes_and_losses_of_all_tables_and_writes_nothing() {
    let shop = shop();
    let before = dump(&shop.database);
    let runs = second().dry_run(&shop.database, &TableOptions::new()).unwrap();
    assert_eq!(dump(&shop.database), before);
    assert_eq!(
        runs.iter().map(facts).collect::<Vec<_>>(),
        [
            ("customers", TableAction::Migrate, 25, 0),
            ("flags", TableAction::Create, 0, 0),
            ("orders", TableAction::Migrate, 25, 0),
            ("stock", TableAction::Open, 1, 0),
        ]
    );
    let customers = &runs[0];
    let dropped = &customers.dropped_data[0];
    assert_eq!((dropped.path.as_str(), dropped.rows), ("value.country", 5));
    assert!(customers.reports.is_some() && runs[3].reports.is_none());
    let bytes = |table: &str| {
        let rows = dump(&shop.database)[table].clone();
        rows.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum::<u64>()
    };
    let sizes: Vec<u64> = runs.iter().map(|run| run.bytes).collect();
    assert_eq!(sizes, [bytes("customers"), 0, bytes("orders"), bytes("stock")]);
    second().open(&shop.database).unwrap();
    let sizes: Vec<u64> = runs.iter().map(|run| run.new_bytes).collect();
    assert_eq!(sizes, [bytes("customers"), 0, bytes("orders"), bytes("stock")]);
}

mod keys {
    #[derive(typeser::StateType, PartialEq, Eq, Hash)]
    #[state(key)]
    pub struct First {
        pub id: u32,
    }
    fn half(id: u32) -> u64 {
        u64::from(id / 2)
    }
    #[derive(typeser::StateType, PartialEq, Eq, Hash, Debug)]
    #[state(key, name = "First")]
    pub struct Halved {
        #[state(convert(u32, with = half, injective))]
        pub id: u64,
    }
}

#[test]
fn a_dry_run_counts_keys_that_become_one() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    let table = TypedTable::<keys::First, u8>::open(&database, "seats").unwrap();
    (0..7).for_each(|id| table.insert(&keys::First { id }, &1).unwrap());
    let mut set = TableSet::new();
    set.add::<keys::Halved, u8>("seats");
    let run = &set.dry_run(&database, &TableOptions::new()).unwrap()[0];
    assert_eq!((run.rows, run.failed), (7, 3));
    assert!(run.failures[0].to_string().contains("{ id: 0 }"), "{}", run.failures[0]);
    assert!(run.failures[0].to_string().contains("{ id: 1 }"), "{}", run.failures[0]);
    assert!(matches!(set.open(&database), Err(TableError::Collision { .. })));
}

#[test]
fn a_set_migrates_in_every_backend() {
    let _function = function();
    let folder = tempfile::tempdir().unwrap();
    let backends: Vec<Box<dyn Backend>> = vec![
        Box::new(MemoryBackend::new()),
        Box::new(RedbBackend::open(folder.path().join("state.redb")).unwrap()),
        #[cfg(feature = "fjall")]
        Box::new(typeser_state::backend::FjallBackend::open(folder.path().join("state.fjall")).unwrap()),
    ];
    for mut backend in backends {
        first().open_in(&mut *backend, &TableOptions::new(), &mut |_| ()).unwrap();
        let mut orders = BackendTable::<u32, v1::Order, _>::open(&mut backend, "orders").unwrap();
        (0..ROWS).for_each(|id| orders.insert(&id, &order(id)).unwrap());
        let mut customers = BackendTable::<u32, v1::Customer, _>::open(&mut backend, "customers").unwrap();
        (0..ROWS).for_each(|id| customers.insert(&id, &customer(id)).unwrap());
        customers.flush().unwrap();

        let mut wrong = second();
        wrong.add::<String, bool>("stock");
        wrong.open_in(&mut *backend, &batches(), &mut |_| panic!()).unwrap_err();
        v2::REFUSED.store(ROWS - 1, Ordering::Relaxed);
        let failed = second().open_in(&mut *backend, &batches(), &mut |_| ());
        v2::REFUSED.store(u32::MAX, Ordering::Relaxed);
        failed.unwrap_err();
        assert_eq!(BackendTable::<u32, v1::Order, _>::open(&mut backend, "orders").unwrap().len().unwrap(), 25);

        second().open_in(&mut *backend, &batches(), &mut |_| ()).unwrap();
        let options = TableOptions::new().without_migration();
        let orders = BackendTable::<u32, v2::Order, _>::open_with(&mut backend, "orders", &options, &mut |_| ());
        assert_eq!(orders.unwrap().get(&24).unwrap(), Some(v2::Order { id: 24, note: 7 }));
        let customers = BackendTable::<u32, v2::Customer, _>::open(&mut backend, "customers").unwrap();
        assert_eq!(customers.len().unwrap(), 25);
    }
}

#[test]
fn losses_that_are_allowed_are_counted() {
    let shop = shop();
    let mut set = TableSet::new();
    #[derive(typeser::StateType)]
    #[state(name = "Order")]
    struct Order {
        #[allow(dead_code)]
        id: u32,
    }
    set.add::<u32, Order>("orders");
    set.dry_run(&shop.database, &TableOptions::new()).unwrap_err();
    let options = TableOptions::new().with_policy(Policy { losses: Losses::Any, ..Policy::default() });
    let run = &set.dry_run(&shop.database, &options).unwrap()[0];
    assert_eq!((run.dropped_data[0].path.as_str(), run.dropped_data[0].rows), ("value.note", 25));
}
