//! Tables that are migrated lazily: rows of several releases are read as today's, and rewritten some at a time.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use redb::{Database, ReadableDatabase, TableDefinition};
use typeser::StateType;
use typeser::schema::IntegerEncoding;
use typeser_state::typed_table::{
    Newer, OrderedTable, TableAction, TableCatalog, TableError, TableOptions, TableSet, TypedTable,
};

mod v1 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u32,
        pub note: String,
    }
}

mod v2 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u64,
        pub note: String,
    }
}

mod v3 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        #[state(default = 3)]
        pub priority: u8,
        pub id: u64,
        pub note: String,
    }
}

mod v4 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub note: String,
        #[state(default = 3)]
        pub priority: u16,
        pub id: u64,
    }
}

/// A type that the seventh order of [`v1`] cannot become.
mod strict {
    fn odd(id: u32) -> Result<u64, String> {
        if id == 7 { Err("seven is not a number of an order".to_owned()) } else { Ok(id.into()) }
    }

    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        #[state(convert(u32, with = odd))]
        pub id: u64,
        pub note: String,
    }
}

fn lazily() -> TableOptions {
    TableOptions::new().migrate_lazily()
}

fn old(id: u32) -> v1::Order {
    v1::Order { id, note: format!("note {id}") }
}

fn new(id: u32) -> v2::Order {
    v2::Order { id: id.into(), note: format!("note {id}") }
}

/// A database whose table `orders` has so many rows of the first release.
fn shop(rows: u32) -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    let orders = TypedTable::<u32, v1::Order>::open(&database, "orders").unwrap();
    (0..rows).for_each(|id| orders.insert(&id, &old(id)).unwrap());
    (folder, database)
}

fn open<'db, V: StateType>(
    database: &'db Database,
    options: &TableOptions,
) -> Result<TypedTable<'db, u32, V>, TableError> {
    TypedTable::open_with(database, "orders", options, &mut |_| ())
}

fn tables(database: &Database) -> Vec<String> {
    let read = database.begin_read().unwrap();
    let mut names: Vec<String> =
        read.list_tables().unwrap().map(|table| redb::TableHandle::name(&table).to_owned()).collect();
    names.sort();
    names
}

fn record(database: &Database) -> Vec<u8> {
    const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("typeser.typed-tables");
    let records = database.begin_read().unwrap().open_table(RECORDS).unwrap();
    records.get(&b"torders"[..]).unwrap().unwrap().value().to_vec()
}

#[test]
fn rows_stay_until_they_are_written_or_rewritten_and_then_the_table_is_an_ordinary_one() {
    let (_folder, database) = shop(10);
    let orders = open::<v2::Order>(&database, &lazily()).unwrap();
    assert_eq!((orders.unmigrated_rows().unwrap(), orders.len().unwrap()), (10, 10));
    assert_eq!(tables(&database), ["orders", "typeser.older.0/orders", "typeser.typed-tables"]);
    assert_eq!(record(&database).first_chunk(), Some(&[2, 0]));
    assert_eq!(orders.get(&3).unwrap(), Some(new(3)));
    assert_eq!(orders.get_many([&3, &30]).unwrap(), [Some(new(3)), None]);
    let rows: Vec<_> = orders.iter().unwrap().map(|row| row.unwrap().1).collect();
    assert_eq!(rows, (0..10).map(new).collect::<Vec<_>>());
    // Nothing of that was a write.
    assert_eq!(orders.unmigrated_rows().unwrap(), 10);

    orders.update(&3, |order| order.note.push('!')).unwrap().unwrap();
    orders.insert(&4, &new(40)).unwrap();
    orders.insert(&10, &new(10)).unwrap();
    assert!(orders.remove(&5).unwrap());
    assert!(!orders.remove(&5).unwrap());
    assert_eq!((orders.unmigrated_rows().unwrap(), orders.len().unwrap()), (7, 10));
    assert_eq!(orders.get(&3).unwrap().unwrap().note, "note 3!");
    assert_eq!(orders.get(&4).unwrap(), Some(new(40)));
    assert_eq!(orders.get(&5).unwrap(), None);

    // Handles from before stay valid, and an open reader shows what it showed.
    let (other, reader) = (open::<v2::Order>(&database, &lazily()).unwrap(), orders.read().unwrap());
    assert_eq!(orders.migrate_some(3).unwrap(), 4);
    assert_eq!((other.unmigrated_rows().unwrap(), other.get(&9).unwrap()), (4, Some(new(9))));
    assert_eq!(orders.migrate_some(100).unwrap(), 0);
    assert_eq!((reader.len().unwrap(), reader.iter().unwrap().count()), (10, 10));
    assert_eq!(tables(&database), ["orders", "typeser.typed-tables"]);
    assert_eq!(record(&database).first_chunk(), Some(&[1, 0]));
    for handle in [&orders, &other] {
        assert_eq!((handle.migrate_some(5).unwrap(), handle.unmigrated_rows().unwrap()), (0, 0));
        assert_eq!(handle.get(&9).unwrap(), Some(new(9)));
        handle.insert(&9, &new(9)).unwrap();
        assert_eq!(handle.len().unwrap(), 10);
    }
    let without = TableOptions::new().without_migration();
    assert_eq!(open::<v2::Order>(&database, &without).unwrap().get(&0).unwrap(), Some(new(0)));
}

#[test]
fn the_third_release_reads_rows_of_the_first_and_the_second() {
    let (_folder, database) = shop(10);
    let second = open::<v2::Order>(&database, &lazily()).unwrap();
    (5..8).for_each(|id| second.insert(&id, &new(id + 100)).unwrap());
    let third = open::<v3::Order>(&database, &lazily()).unwrap();
    assert!(matches!(second.get(&1), Err(TableError::Stale { .. })));
    third.insert(&9, &v3::Order { priority: 1, id: 9, note: String::new() }).unwrap();
    assert_eq!((third.unmigrated_rows().unwrap(), third.len().unwrap()), (9, 10));
    let ids: Vec<_> = third.iter().unwrap().map(|row| row.unwrap()).map(|(_, row)| (row.id, row.priority)).collect();
    let expected = [(0, 3), (1, 3), (2, 3), (3, 3), (4, 3), (105, 3), (106, 3), (107, 3), (8, 3), (9, 1)];
    assert_eq!(ids, expected);
    // A read-only open reads all of them too, and no release before reads any.
    let reader = TypedTable::<u32, v3::Order>::open_read_only(&database, "orders").unwrap();
    assert_eq!((reader.len().unwrap(), reader.get(&6).unwrap().unwrap().id), (10, 106));
    assert_eq!(reader.get(&1).unwrap().unwrap().id, 1);
    assert!(matches!(open::<v1::Order>(&database, &lazily()), Err(TableError::Refused(_))));

    assert_eq!(third.migrate_some(8).unwrap(), 1);
    assert_eq!(third.migrate_some(8).unwrap(), 0);
    let rows: Vec<_> = third.iter().unwrap().map(|row| row.unwrap()).map(|(_, row)| (row.id, row.priority)).collect();
    assert_eq!(rows, expected);
    assert_eq!(tables(&database), ["orders", "typeser.typed-tables"]);
}

#[test]
fn without_the_option_what_is_left_is_migrated_first() {
    let (_folder, database) = shop(10);
    open::<v2::Order>(&database, &lazily()).unwrap().insert(&3, &new(30)).unwrap();
    let without = TableOptions::new().without_migration();
    assert!(matches!(open::<v2::Order>(&database, &without), Err(TableError::NeedsMigration(_))));
    // With the option, nothing has to be rewritten.
    open::<v2::Order>(&database, &without.migrate_lazily()).unwrap();
    let mut set = TableSet::new();
    set.add::<u32, v3::Order>("orders");
    let run = &set.dry_run(&database, &lazily()).unwrap()[0];
    assert_eq!((run.action, run.rows), (TableAction::MigrateLazily, 10));
    let run = &set.dry_run(&database, &TableOptions::new()).unwrap()[0];
    assert_eq!((run.action, run.rows, run.failed), (TableAction::Migrate, 10, 0));

    let batches = TableOptions::new().with_batches(4, usize::MAX);
    let orders = open::<v3::Order>(&database, &batches).unwrap();
    let ids: Vec<_> = orders.iter().unwrap().map(|row| row.unwrap().1.id).collect();
    assert_eq!(ids, [0, 1, 2, 30, 4, 5, 6, 7, 8, 9]);
    assert_eq!(orders.unmigrated_rows().unwrap(), 0);
    assert_eq!(tables(&database), ["orders", "typeser.typed-tables"]);
}

#[test]
fn an_ended_migration_of_older_rows_goes_on_where_it_ended() {
    let (_folder, database) = shop(10);
    open::<v2::Order>(&database, &lazily()).unwrap().insert(&3, &new(30)).unwrap();
    let batches = TableOptions::new().with_batches(2, usize::MAX);
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        TypedTable::<u32, v3::Order>::open_with(&database, "orders", &batches, &mut |progress| {
            assert!(progress.rows < 5, "the process is killed");
        })
    }));
    assert!(ended.is_err());
    let mut resumed = Vec::new();
    let orders =
        TypedTable::<u32, v3::Order>::open_with(&database, "orders", &batches, &mut |step| resumed.push(step.resumed));
    assert_eq!(orders.unwrap().len().unwrap(), 10);
    // One row of today's, and two batches of older ones.
    assert_eq!(resumed, [5, 5, 5]);
}

#[test]
fn a_key_that_migrates_makes_the_opening_eager() {
    let (_folder, database) = shop(10);
    open::<v2::Order>(&database, &lazily()).unwrap().insert(&3, &new(30)).unwrap();
    let orders = TypedTable::<u64, v3::Order>::open_with(&database, "orders", &lazily(), &mut |_| ()).unwrap();
    assert_eq!((orders.unmigrated_rows().unwrap(), orders.len().unwrap()), (0, 10));
    assert_eq!((orders.get(&3).unwrap().unwrap().id, orders.get(&4).unwrap().unwrap().id), (30, 4));
    // So does an order of the keys, which moves them.
    drop(orders);
    let orders = OrderedTable::<u64, v2::Order>::open(&database, "by id").unwrap();
    (0..300).for_each(|id| orders.insert(&id, &new(id as u32)).unwrap());
    // Keys that are stored in order already stay.
    let orders = OrderedTable::<u64, v3::Order>::open_with(&database, "by id", &lazily(), &mut |_| ()).unwrap();
    assert_eq!(orders.unmigrated_rows().unwrap(), 300);
    orders.update(&7, |order| order.priority = 1).unwrap();
    let keys: Vec<_> = orders.range(5..10).unwrap().map(|row| row.unwrap().0).collect();
    assert_eq!(keys, [5, 6, 7, 8, 9]);
    let keys: Vec<_> = orders.range(5..10).unwrap().rev().map(|row| row.unwrap().0).collect();
    assert_eq!(keys, [9, 8, 7, 6, 5]);
    assert_eq!(orders.last().unwrap().unwrap().0, 299);
    let unordered = TypedTable::<u64, v4::Order>::open_with(&database, "by id", &lazily(), &mut |_| ()).unwrap();
    assert_eq!((unordered.unmigrated_rows().unwrap(), unordered.get(&7).unwrap().unwrap().priority), (0, 1));
}

#[test]
fn a_row_that_cannot_be_migrated_is_named_when_it_is_read_and_stays() {
    let (_folder, database) = shop(10);
    let orders = open::<strict::Order>(&database, &lazily()).unwrap();
    assert_eq!(orders.get(&6).unwrap().unwrap().id, 6);
    let error = orders.get(&7).unwrap_err();
    assert!(matches!(&error, TableError::MigrateRow { key, .. } if key == "7"), "{error}");
    insta::assert_snapshot!(error);
    let rows: Vec<_> = orders.iter().unwrap().collect();
    assert_eq!((rows.len(), rows.iter().filter(|row| row.is_err()).count()), (10, 1));
    // None of the rows of the call is rewritten, and none is lost.
    assert!(matches!(orders.migrate_some(100), Err(TableError::MigrateRow { .. })));
    assert_eq!((orders.unmigrated_rows().unwrap(), orders.len().unwrap()), (10, 10));
    assert_eq!(orders.migrate_some(7).unwrap(), 3);
    assert!(orders.update(&7, |order| order.id = 70).is_err());
    orders.insert(&7, &strict::Order { id: 70, note: String::new() }).unwrap();
    assert_eq!(orders.migrate_some(7).unwrap(), 0);
    assert_eq!(orders.get(&7).unwrap().unwrap().id, 70);
}

#[test]
fn what_does_not_fit_is_refused_as_ever_also_because_of_older_rows() {
    mod other {
        #[derive(typeser::StateType)]
        pub struct Order {
            pub id: i8,
        }
    }
    let (_folder, database) = shop(10);
    assert!(matches!(open::<other::Order>(&database, &lazily()), Err(TableError::Refused(_))));
    assert_eq!(tables(&database), ["orders", "typeser.typed-tables"]);
    open::<strict::Order>(&database, &lazily()).unwrap();
    // A release that reads the newest rows, but not the older ones.
    let refused = open::<v1::Order>(&database, &lazily());
    assert!(matches!(refused, Err(TableError::Refused(_))));
    let kept = open::<strict::Order>(&database, &lazily().keep_previous("1.0.0"));
    assert!(matches!(kept, Err(TableError::LazilyMigrated { .. })));
    let kept = open::<strict::Order>(&database, &TableOptions::new().keep_previous("1.0.0"));
    insta::assert_snapshot!(kept.unwrap_err());
    let reset = open::<other::Order>(&database, &lazily().reset_if_incompatible()).unwrap();
    assert_eq!((reset.len().unwrap(), tables(&database).len()), (0, 2));
}

#[test]
fn a_table_with_older_rows_is_listed_renamed_rolled_back_and_dropped() {
    let (_folder, database) = shop(10);
    open::<v2::Order>(&database, &TableOptions::new().keep_previous("1.0.0")).unwrap();
    let orders = open::<v3::Order>(&database, &lazily()).unwrap();
    orders.update(&3, |order| order.priority = 1).unwrap();
    orders.remove(&4).unwrap();
    let mut catalog = TableCatalog::of(&database).unwrap();
    let info = &catalog.tables().unwrap()[0];
    assert_eq!((info.rows, info.unmigrated), (9, 8));
    // Rows that are left are as the release wrote them.
    let since = &catalog.changes_since("1.0.0").unwrap()[0];
    assert_eq!((since.added, since.changed, since.removed), (0, 1, 1));
    let mut ids = Vec::new();
    let visit = &mut |row: Result<_, _>| {
        let (key, _): (typeser::value::Value, typeser::value::Value) = row.unwrap();
        ids.push(key.to_string());
        std::ops::ControlFlow::Continue(())
    };
    catalog.read_rows("orders", visit).unwrap();
    assert_eq!(ids, ["0", "1", "2", "3", "5", "6", "7", "8", "9"]);
    catalog.rename_table("orders", "sales").unwrap();
    let sales = TypedTable::<u32, v3::Order>::open_with(&database, "sales", &lazily(), &mut |_| ()).unwrap();
    assert_eq!((sales.unmigrated_rows().unwrap(), sales.get(&5).unwrap().unwrap().id), (8, 5));
    catalog.roll_back("1.0.0", Newer::Discard).unwrap();
    let sales = TypedTable::<u32, v1::Order>::open(&database, "sales").unwrap();
    assert_eq!((sales.len().unwrap(), tables(&database)), (10, vec!["sales".into(), "typeser.typed-tables".into()]));
    TypedTable::<u32, v2::Order>::open_with(&database, "sales", &lazily(), &mut |_| ()).unwrap();
    TableCatalog::of(&database).unwrap().drop_table("sales").unwrap();
    assert_eq!(tables(&database), ["typeser.typed-tables"]);
}

#[test]
fn tables_that_plain_bincode_wrote_and_sets_are_migrated_lazily_too() {
    const RAW: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("flags");
    let (_folder, database) = shop(10);
    let transaction = database.begin_write().unwrap();
    transaction.open_table(RAW).unwrap().insert(&[1, 0, 0, 0][..], &[2, 0, 0, 0][..]).unwrap();
    transaction.commit().unwrap();
    TypedTable::<u32, u32>::adopt(&database, "flags", IntegerEncoding::Fixed).unwrap();
    let mut set = TableSet::new();
    set.add::<u32, v2::Order>("orders").add::<u32, u64>("flags").add::<u32, bool>("fresh");
    let opened = set.open_with(&database, &lazily(), &mut |_| ()).unwrap();
    let flags = opened.table::<u32, u64>("flags").unwrap();
    assert_eq!((flags.unmigrated_rows().unwrap(), flags.get(&1).unwrap()), (1, Some(2)));
    let orders = opened.table::<u32, v2::Order>("orders").unwrap();
    assert_eq!((orders.migrate_some(4).unwrap(), orders.get(&9).unwrap()), (6, Some(new(9))));
    assert_eq!(opened.table::<u32, bool>("fresh").unwrap().unmigrated_rows().unwrap(), 0);
}

#[test]
fn a_table_without_rows_becomes_an_ordinary_one_at_once() {
    let (_folder, database) = shop(0);
    assert_eq!(open::<v2::Order>(&database, &lazily()).unwrap().migrate_some(1).unwrap(), 0);
    assert_eq!(tables(&database), ["orders", "typeser.typed-tables"]);
    // Also one whose older rows were all overwritten.
    open::<v2::Order>(&database, &lazily()).unwrap().insert(&1, &new(1)).unwrap();
    open::<v3::Order>(&database, &lazily()).unwrap().update(&1, |order| order.priority = 7).unwrap();
    assert_eq!(record(&database).first_chunk(), Some(&[2, 0]));
    let orders = open::<v3::Order>(&database, &lazily().without_migration()).unwrap();
    assert_eq!((record(&database).first_chunk(), orders.get(&1).unwrap().unwrap().priority), (Some(&[1, 0]), 7));
    assert_eq!(tables(&database), ["orders", "typeser.typed-tables"]);
}
