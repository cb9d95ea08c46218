//! Typed tables: opened, migrated, refused, resumed and adopted.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{Database, ReadOnlyDatabase, ReadableDatabase, ReadableTable, TableDefinition};
use typeser::schema::IntegerEncoding;
use typeser::{StateKey, StateType};
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::typed_table::{BackendTable, TableError, TableMigrationProgress, TableOptions, TypedTable};

mod v1 {
    #[derive(typeser::StateType, serde::Serialize, serde::Deserialize, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u32,
        pub note: String,
    }
}

/// The same order with its fields the other way round.
mod swapped {
    #[derive(typeser::StateType, Debug, PartialEq)]
    pub struct Order {
        pub note: String,
        pub id: u32,
    }
}

mod v2 {
    #[derive(typeser::StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u64,
        #[state(alias = "note")]
        pub remark: String,
        #[state(default = 3)]
        pub priority: u8,
    }
}

mod wrong {
    #[derive(typeser::StateType, Debug, PartialEq)]
    pub struct Order {
        pub id: i32,
    }
}

mod converted {
    use std::sync::atomic::{AtomicBool, Ordering};

    pub static REFUSES: AtomicBool = AtomicBool::new(false);

    fn length(note: String) -> Result<u64, String> {
        if note == "note 7" && REFUSES.load(Ordering::Relaxed) {
            return Err("seven is not counted".to_owned());
        }
        Ok(note.len() as u64)
    }

    #[derive(typeser::StateType, Debug, PartialEq)]
    pub struct Order {
        pub id: u32,
        #[state(convert(String, with = length))]
        pub note: u64,
    }
}

struct Shop {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
    database: Database,
}

fn shop() -> Shop {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.redb");
    let database = Database::create(&path).unwrap();
    Shop { _folder: folder, path, database }
}

fn order(id: u32) -> v1::Order {
    v1::Order { id, note: format!("note {id}") }
}

fn fill(database: &Database, rows: u32) {
    let orders = TypedTable::<u32, v1::Order>::open(database, "orders").unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut writer = orders.write_in(&transaction).unwrap();
        for id in 0..rows {
            writer.insert(&id, &order(id)).unwrap();
        }
    }
    transaction.commit().unwrap();
}

fn all<K: StateKey + Ord, V: StateType>(table: &TypedTable<'_, K, V>) -> BTreeMap<K, V> {
    table.iter().unwrap().map(Result::unwrap).collect()
}

fn migrated(rows: u32) -> BTreeMap<u32, v2::Order> {
    (0..rows).map(|id| (id, v2::Order { id: id.into(), remark: format!("note {id}"), priority: 3 })).collect()
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

#[test]
fn rows_are_read_as_they_were_written() {
    let shop = shop();
    let orders = TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap();
    assert!(orders.is_empty().unwrap());
    orders.insert(&7, &order(7)).unwrap();
    orders.insert(&8, &order(8)).unwrap();
    orders.insert(&8, &order(9)).unwrap();
    assert_eq!(orders.get(&8).unwrap(), Some(order(9)));
    assert_eq!(orders.get(&1).unwrap(), None);
    assert_eq!((orders.remove(&7).unwrap(), orders.remove(&7).unwrap()), (true, false));
    assert_eq!(orders.len().unwrap(), 1);

    let opened = TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap();
    assert_eq!(all(&opened), [(8, order(9))].into());
    // The handle from before is good: nothing was rewritten.
    orders.insert(&1, &order(1)).unwrap();
    assert_eq!(opened.len().unwrap(), 2);
}

#[test]
fn a_table_takes_part_in_a_transaction_of_the_program() {
    let shop = shop();
    let orders = TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap();
    let names = TypedTable::<u32, String>::open(&shop.database, "names").unwrap();
    let own = TableDefinition::<u64, &str>::new("own");
    let transaction = shop.database.begin_write().unwrap();
    {
        let mut orders = orders.write_in(&transaction).unwrap();
        let mut names = names.write_in(&transaction).unwrap();
        orders.insert(&1, &order(1)).unwrap();
        names.insert(&1, &"one".to_owned()).unwrap();
        transaction.open_table(own).unwrap().insert(1, "own").unwrap();
        assert_eq!((orders.get(&1).unwrap(), names.len().unwrap()), (Some(order(1)), 1));
        assert_eq!(orders.iter().unwrap().map(Result::unwrap).collect::<Vec<_>>(), [(1, order(1))]);
    }
    transaction.abort().unwrap();
    assert!(orders.is_empty().unwrap() && names.is_empty().unwrap());
}

#[test]
fn rows_come_in_the_order_of_the_bytes_of_their_keys() {
    let shop = shop();
    let numbers = TypedTable::<[u8; 4], u32>::open(&shop.database, "numbers").unwrap();
    for number in [70_000u32, 3, 256, 255, 1] {
        numbers.insert(&number.to_be_bytes(), &number).unwrap();
    }
    let key = u32::to_be_bytes;
    let values = |rows: Vec<Result<([u8; 4], u32), TableError>>| -> Vec<u32> {
        rows.into_iter().map(|row| row.unwrap().1).collect()
    };
    assert_eq!(values(numbers.iter().unwrap().collect()), [1, 3, 255, 256, 70_000]);
    assert_eq!(values(numbers.range_by_bytes(key(3)..key(256)).unwrap().collect()), [3, 255]);
    assert_eq!(values(numbers.range_by_bytes(key(3)..=key(256)).unwrap().collect()), [3, 255, 256]);
    assert_eq!(values(numbers.range_by_bytes(..key(3)).unwrap().collect()), [1]);
    // No such range of a sorted map may be asked for; here it holds nothing.
    assert_eq!(values(numbers.range_by_bytes(key(9)..key(2)).unwrap().collect()), [0_u32; 0]);
    assert_eq!(values(numbers.range_by_bytes(key(3)..key(3)).unwrap().collect()), [0_u32; 0]);
    assert_eq!(values(numbers.range_by_bytes(key(3)..=key(3)).unwrap().collect()), [3]);
}

#[test]
fn reordered_fields_are_read_and_written_as_they_are_stored() {
    let shop = shop();
    fill(&shop.database, 3);
    let before = dump(&shop.database)["orders"].clone();
    let orders = TypedTable::<u32, swapped::Order>::open(&shop.database, "orders").unwrap();
    assert_eq!(orders.get(&2).unwrap(), Some(swapped::Order { note: "note 2".into(), id: 2 }));
    orders.insert(&2, &swapped::Order { note: "note 2".into(), id: 2 }).unwrap();
    assert_eq!(dump(&shop.database)["orders"], before);
    // The release before still reads all of it.
    let orders = TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap();
    assert_eq!(orders.get(&2).unwrap(), Some(order(2)));
}

#[test]
fn a_table_is_migrated_in_batches_whose_size_the_options_say() {
    let shop = shop();
    fill(&shop.database, 25);
    let mut calls = Vec::new();
    let options = TableOptions::new().with_batches(10, usize::MAX);
    let mut progress = |progress: &TableMigrationProgress<'_>| {
        calls.push((progress.table.to_owned(), progress.rows, progress.resumed));
    };
    let orders = TypedTable::<u32, v2::Order>::open_with(&shop.database, "orders", &options, &mut progress).unwrap();
    assert_eq!(all(&orders), migrated(25));
    let call = |rows| ("orders".to_owned(), rows, 0);
    assert_eq!(calls, [call(10), call(20), call(25)]);
    let tables: Vec<String> = dump(&shop.database).into_keys().collect();
    assert_eq!(tables, ["orders", "typeser.typed-tables"]);

    // Once is enough.
    let again = TypedTable::<u32, v2::Order>::open_with(&shop.database, "orders", &options, &mut |_| panic!());
    assert_eq!(all(&again.unwrap()), migrated(25));
}

#[test]
fn bytes_bound_a_batch_too_and_a_batch_has_at_least_one_row() {
    let shop = shop();
    fill(&shop.database, 5);
    let mut batches = 0;
    let options = TableOptions::new().with_batches(0, 0);
    TypedTable::<u32, v2::Order>::open_with(&shop.database, "orders", &options, &mut |_| batches += 1).unwrap();
    assert_eq!(batches, 5);
}

#[test]
fn keys_migrate_where_no_two_of_them_can_become_one() {
    let shop = shop();
    fill(&shop.database, 300);
    let orders = TypedTable::<u64, v1::Order>::open(&shop.database, "orders").unwrap();
    assert_eq!(all(&orders), (0..300).map(|id| (u64::from(id), order(id))).collect());
    let error = TypedTable::<u16, v1::Order>::open(&shop.database, "orders").unwrap_err();
    insta::assert_snapshot!(error);
}

#[test]
fn what_does_not_fit_is_refused_with_the_whole_report_and_nothing_is_touched() {
    let shop = shop();
    fill(&shop.database, 3);
    let before = dump(&shop.database);
    let error = TypedTable::<bool, wrong::Order>::open(&shop.database, "orders").unwrap_err();
    insta::assert_snapshot!(error);
    assert_eq!(dump(&shop.database), before);
    let TableError::Refused(refusal) = error else { panic!() };
    assert_eq!((refusal.table(), refusal.reports().reports().len()), ("orders", 2));
    insta::assert_snapshot!(refusal.reports().short());
}

#[test]
fn a_read_only_open_refreshes_nothing_and_migrates_nothing() {
    let shop = shop();
    fill(&shop.database, 3);
    let before = dump(&shop.database);
    let Shop { _folder, path, database } = shop;
    drop(database);
    let read_only = ReadOnlyDatabase::open(&path).unwrap();
    // Here a refresh is due: the fields are in another order.
    let orders = TypedTable::<u32, swapped::Order>::open_read_only(&read_only, "orders").unwrap();
    assert_eq!(orders.get(&2).unwrap(), Some(swapped::Order { note: "note 2".into(), id: 2 }));
    assert_eq!((orders.len().unwrap(), orders.iter().unwrap().count()), (3, 3));
    let migration = TypedTable::<u32, v2::Order>::open_read_only(&read_only, "orders").unwrap_err();
    let missing = TypedTable::<u32, v2::Order>::open_read_only(&read_only, "invoices").unwrap_err();
    drop((orders, read_only));
    let database = Database::open(&path).unwrap();
    assert_eq!(dump(&database), before);

    let options = TableOptions::new().without_migration();
    let same = TypedTable::<u32, v2::Order>::open_with(&database, "orders", &options, &mut |_| ()).unwrap_err();
    assert_eq!(same.to_string(), migration.to_string());
    assert_eq!(dump(&database), before);
    insta::assert_snapshot!(format!("{migration}\n\n{missing}"));
}

#[test]
fn a_handle_from_before_a_migration_is_refused_as_stale() {
    let shop = shop();
    let old = TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap();
    old.insert(&1, &order(1)).unwrap();
    let options = TableOptions::new();
    let new = TypedTable::<u32, v2::Order>::open_with(&shop.database, "orders", &options, &mut |_| {
        // In the middle of the migration the old rows are still there to be read, but none may be added.
        assert_eq!(old.get(&1).unwrap(), Some(order(1)));
        assert!(matches!(old.insert(&2, &order(2)), Err(TableError::Stale { .. })));
    })
    .unwrap();
    let error = old.insert(&2, &order(2)).unwrap_err();
    insta::assert_snapshot!(error);
    assert!(matches!(old.get(&1), Err(TableError::Stale { .. })));
    assert_eq!(new.len().unwrap(), 1);
}

/// Ends a migration after so many batches, as a crash would: nothing is done on the way out.
fn interrupted(database: &Database, after: usize) {
    let options = TableOptions::new().with_batches(10, usize::MAX);
    let mut batches = 0;
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        TypedTable::<u32, v2::Order>::open_with(database, "orders", &options, &mut |_| {
            batches += 1;
            if batches == after {
                std::panic::resume_unwind(Box::new("killed"));
            }
        })
        .unwrap();
    }));
    ended.unwrap_err();
}

#[test]
fn an_interrupted_migration_goes_on_where_it_was() {
    let shop = shop();
    fill(&shop.database, 35);
    interrupted(&shop.database, 2);
    let mut calls = Vec::new();
    let options = TableOptions::new().with_batches(10, usize::MAX);
    let mut progress = |progress: &TableMigrationProgress<'_>| calls.push((progress.rows, progress.resumed));
    let orders = TypedTable::<u32, v2::Order>::open_with(&shop.database, "orders", &options, &mut progress).unwrap();
    assert_eq!(calls, [(30, 20), (35, 20)]);
    assert_eq!(all(&orders), migrated(35));
}

#[test]
fn the_release_before_finds_its_rows_after_an_interrupted_migration_and_what_it_writes_is_migrated() {
    let shop = shop();
    fill(&shop.database, 35);
    interrupted(&shop.database, 2);
    let old = TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap();
    assert_eq!(old.len().unwrap(), 35);
    old.insert(&3, &v1::Order { id: 3, note: "changed".into() }).unwrap();
    let orders = TypedTable::<u32, v2::Order>::open(&shop.database, "orders").unwrap();
    assert_eq!(orders.get(&3).unwrap().unwrap().remark, "changed");
    assert_eq!(orders.len().unwrap(), 35);
}

#[test]
fn a_migration_other_than_the_interrupted_one_starts_over() {
    let shop = shop();
    fill(&shop.database, 35);
    interrupted(&shop.database, 2);
    let mut first = None;
    let options = TableOptions::new().with_batches(10, usize::MAX);
    let mut progress = |progress: &TableMigrationProgress<'_>| {
        first.get_or_insert((progress.rows, progress.resumed));
    };
    let orders = TypedTable::<u64, v2::Order>::open_with(&shop.database, "orders", &options, &mut progress).unwrap();
    assert_eq!(first, Some((10, 0)));
    assert_eq!(orders.len().unwrap(), 35);
    assert_eq!(orders.get(&34).unwrap().unwrap().priority, 3);
}

#[test]
fn a_function_that_fails_is_reported_with_the_key_and_the_next_run_starts_over() {
    static ONE_AT_A_TIME: AtomicBool = AtomicBool::new(false);
    assert!(!ONE_AT_A_TIME.swap(true, Ordering::Relaxed));
    let shop = shop();
    fill(&shop.database, 20);
    let before = dump(&shop.database);
    converted::REFUSES.store(true, Ordering::Relaxed);
    let options = TableOptions::new().with_batches(3, usize::MAX);
    let open = |progress: &mut dyn FnMut(&TableMigrationProgress<'_>)| {
        TypedTable::<u32, converted::Order>::open_with(&shop.database, "orders", &options, progress)
    };
    let error = open(&mut |_| ()).unwrap_err();
    insta::assert_snapshot!(error);
    assert_eq!(dump(&shop.database), before);

    converted::REFUSES.store(false, Ordering::Relaxed);
    let mut resumed = Vec::new();
    let orders = open(&mut |progress| resumed.push(progress.resumed)).unwrap();
    assert_eq!(resumed, [0; 7]);
    assert_eq!(orders.get(&7).unwrap(), Some(converted::Order { id: 7, note: 6 }));
}

const RAW: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("orders");

/// What a program with plain bincode and redb has written.
fn bincoded(database: &Database, rows: u32, encode: impl Fn(&u32) -> Vec<u8>, value: impl Fn(&v1::Order) -> Vec<u8>) {
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(RAW).unwrap();
        for id in 0..rows {
            table.insert(&*encode(&id), &*value(&order(id))).unwrap();
        }
    }
    transaction.commit().unwrap();
}

#[test]
fn what_each_bincode_wrote_is_adopted_without_a_change_and_keeps_its_encoding() {
    type Encode<T> = fn(&T) -> Vec<u8>;
    let cases: [(&str, Encode<u32>, Encode<v1::Order>, IntegerEncoding); 3] = [
        (
            "bincode 1",
            |id| bincode1::serialize(id).unwrap(),
            |order| bincode1::serialize(order).unwrap(),
            IntegerEncoding::Fixed,
        ),
        (
            "bincode 2, legacy",
            |id| bincode::serde::encode_to_vec(id, bincode::config::legacy()).unwrap(),
            |order| bincode::serde::encode_to_vec(order, bincode::config::legacy()).unwrap(),
            IntegerEncoding::Fixed,
        ),
        (
            "bincode 2, standard",
            |id| bincode::serde::encode_to_vec(id, bincode::config::standard()).unwrap(),
            |order| bincode::serde::encode_to_vec(order, bincode::config::standard()).unwrap(),
            IntegerEncoding::Variable,
        ),
    ];
    for (name, key, value, integers) in cases {
        let shop = shop();
        bincoded(&shop.database, 300, key, value);
        let before = dump(&shop.database)["orders"].clone();
        let error = TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap_err();
        assert!(matches!(error, TableError::NotTyped { .. }), "{name}: {error}");

        let orders = TypedTable::<u32, v1::Order>::adopt(&shop.database, "orders", integers).unwrap();
        assert_eq!(all(&orders), (0..300).map(|id| (id, order(id))).collect(), "{name}");
        orders.insert(&5, &order(5)).unwrap();
        assert_eq!(dump(&shop.database)["orders"], before, "{name}");

        // The next opening needs no encoding, and neither does the one that migrates.
        let options = TableOptions::new();
        TypedTable::<u32, v1::Order>::open_with(&shop.database, "orders", &options, &mut |_| panic!()).unwrap();
        let orders = TypedTable::<u32, v2::Order>::open(&shop.database, "orders").unwrap();
        assert_eq!(all(&orders), migrated(300), "{name}");
        let first = &dump(&shop.database)["orders"][0].0;
        assert_eq!(first, &key(&0), "{name}");
    }
}

#[test]
fn the_encoding_of_an_adopted_table_changes_when_the_options_say_so() {
    let shop = shop();
    let standard = bincode::config::standard();
    bincoded(
        &shop.database,
        300,
        |id| bincode::serde::encode_to_vec(id, standard).unwrap(),
        |order| bincode::serde::encode_to_vec(order, standard).unwrap(),
    );
    TypedTable::<u32, v1::Order>::adopt(&shop.database, "orders", IntegerEncoding::Variable).unwrap();
    let options = TableOptions::new().with_integers(IntegerEncoding::Fixed);
    let orders = TypedTable::<u32, v1::Order>::open_with(&shop.database, "orders", &options, &mut |_| ()).unwrap();
    assert_eq!(all(&orders), (0..300).map(|id| (id, order(id))).collect());
    let first = &dump(&shop.database)["orders"][0];
    assert_eq!(*first, (bincode1::serialize(&0u32).unwrap(), bincode1::serialize(&order(0)).unwrap()));
}

#[test]
fn a_table_of_another_layout_is_not_adopted_and_its_rows_are_reported() {
    let shop = shop();
    bincoded(
        &shop.database,
        12,
        |id| bincode1::serialize(id).unwrap(),
        |order| {
            let mut bytes = bincode1::serialize(order).unwrap();
            match order.id {
                3 => bytes.push(0),
                4 => bytes.truncate(5),
                5 => bytes[12] = 0xFF,
                _ => {}
            }
            bytes
        },
    );
    let before = dump(&shop.database);
    let damaged = TypedTable::<u32, v1::Order>::adopt(&shop.database, "orders", IntegerEncoding::Fixed).unwrap_err();
    let TableError::Disagree { rows: 12, disagreeing: 3, first, .. } = &damaged else { panic!("{damaged}") };
    assert_eq!((first[1].key.as_slice(), first[1].stored.len()), (&4u32.to_le_bytes()[..], 5));
    let encoding =
        TypedTable::<u32, v1::Order>::adopt(&shop.database, "orders", IntegerEncoding::Variable).unwrap_err();
    let missing = TypedTable::<u32, v1::Order>::adopt(&shop.database, "invoices", IntegerEncoding::Fixed).unwrap_err();
    assert_eq!(dump(&shop.database), before);
    insta::assert_snapshot!(format!("{damaged}\n\n{encoding}\n\n{missing}"));
}

#[test]
fn a_typed_table_is_not_adopted_again() {
    let shop = shop();
    fill(&shop.database, 3);
    let error = TypedTable::<u32, v1::Order>::adopt(&shop.database, "orders", IntegerEncoding::Fixed).unwrap_err();
    insta::assert_snapshot!(error);
}

#[test]
fn sets_and_maps_are_adopted_in_whatever_order_they_were_written() {
    type Tags = (BTreeSet<u8>, std::collections::HashMap<String, u32>);
    let shop = shop();
    let transaction = shop.database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(RAW).unwrap();
        for id in 0u8..20 {
            let tags: Tags = ((0..id).collect(), (0..id).map(|tag| (format!("tag {tag}"), tag.into())).collect());
            table.insert(&*bincode1::serialize(&id).unwrap(), &*bincode1::serialize(&tags).unwrap()).unwrap();
        }
    }
    transaction.commit().unwrap();
    let tags = TypedTable::<u8, Tags>::adopt(&shop.database, "orders", IntegerEncoding::Fixed).unwrap();
    assert_eq!(tags.get(&19).unwrap().unwrap().1["tag 7"], 7);
}

#[test]
fn a_table_with_types_of_redb_is_copied_and_stays_as_it_is() {
    const PRICES: TableDefinition<'_, &str, Vec<u8>> = TableDefinition::new("orders by name");
    let shop = shop();
    let transaction = shop.database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(PRICES).unwrap();
        for id in 0..20 {
            table.insert(&*format!("order {id}"), bincode1::serialize(&order(id)).unwrap()).unwrap();
        }
    }
    transaction.commit().unwrap();
    let copy = |to, integers| {
        TypedTable::<String, v1::Order>::adopt_copy(&shop.database, PRICES, to, integers, |name, order| {
            Ok(Some((name.to_owned(), order)))
        })
    };
    copy("orders", IntegerEncoding::Variable).unwrap_err();
    let twice = TypedTable::<u8, v1::Order>::adopt_copy(
        &shop.database,
        PRICES,
        "orders",
        IntegerEncoding::Fixed,
        |_, order| Ok(Some((1, order))),
    );
    insta::assert_snapshot!(twice.unwrap_err());
    let orders = copy("orders", IntegerEncoding::Fixed).unwrap();
    assert_eq!(orders.get(&"order 7".to_owned()).unwrap(), Some(order(7)));
    assert_eq!(orders.len().unwrap(), 20);
    copy("orders", IntegerEncoding::Fixed).unwrap_err();
    let read = shop.database.begin_read().unwrap();
    assert_eq!(read.open_table(PRICES).unwrap().iter().unwrap().count(), 20);

    // The name of the old table is taken, and the message says by what.
    let error = TypedTable::<String, v1::Order>::open(&shop.database, "orders by name").unwrap_err();
    insta::assert_snapshot!(error);
}

#[test]
fn invalid_names_and_unreadable_records_are_reported() {
    let shop = shop();
    fill(&shop.database, 1);
    let mut messages = Vec::new();
    for name in ["", "typeser.rows", &"x".repeat(2000)] {
        messages.push(TypedTable::<u32, u32>::open(&shop.database, name).unwrap_err().to_string());
    }
    let records = TableDefinition::<&[u8], &[u8]>::new("typeser.typed-tables");
    let record = dump(&shop.database)["typeser.typed-tables"][0].1.clone();
    let mut newer = record.clone();
    newer[0] = 9;
    let mut flipped = record.clone();
    flipped[20] ^= 1;
    for bytes in [&newer[..], &flipped, &record[..40], &[]] {
        let transaction = shop.database.begin_write().unwrap();
        transaction.open_table(records).unwrap().insert(&b"torders"[..], bytes).unwrap();
        transaction.commit().unwrap();
        messages.push(TypedTable::<u32, v1::Order>::open(&shop.database, "orders").unwrap_err().to_string());
    }
    insta::assert_snapshot!(messages.join("\n").replace(&"x".repeat(2000), "xx..."));
}

#[test]
fn every_backend_has_typed_tables() {
    let folder = tempfile::tempdir().unwrap();
    let backends: Vec<Box<dyn Backend>> = vec![
        Box::new(MemoryBackend::new()),
        Box::new(RedbBackend::open(folder.path().join("state.redb")).unwrap()),
        #[cfg(feature = "fjall")]
        Box::new(typeser_state::backend::FjallBackend::open(folder.path().join("state.fjall")).unwrap()),
    ];
    for mut backend in backends {
        let mut orders = BackendTable::<u32, v1::Order, _>::open(&mut backend, "orders").unwrap();
        assert!(orders.is_empty().unwrap());
        for id in 0..35 {
            orders.insert(&id, &order(id)).unwrap();
        }
        assert_eq!((orders.remove(&34).unwrap(), orders.remove(&34).unwrap()), (true, false));
        orders.flush().unwrap();

        let options = TableOptions::new().with_batches(10, usize::MAX);
        let mut batches = 0;
        let orders =
            BackendTable::<u32, v2::Order, _>::open_with(&mut backend, "orders", &options, &mut |_| batches += 1);
        let orders = orders.unwrap();
        assert_eq!((batches, orders.len().unwrap()), (4, 34));
        let mut rows = BTreeMap::new();
        orders
            .visit_by_bytes(.., |key, value| {
                rows.insert(key, value);
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(rows, migrated(34));
        let mut some = Vec::new();
        orders
            .visit_by_bytes(3..=5, |key, _| {
                some.push(key);
                ControlFlow::Continue(())
            })
            .unwrap();
        assert_eq!(some, [3, 4, 5]);
        assert_eq!(orders.get(&9).unwrap().unwrap().remark, "note 9");

        let rows = backend.create_table("plain").unwrap();
        backend.put(rows, &bincode1::serialize(&1u32).unwrap(), &bincode1::serialize(&order(1)).unwrap()).unwrap();
        let plain = BackendTable::<u32, v1::Order, _>::adopt(&mut backend, "plain", IntegerEncoding::Fixed).unwrap();
        assert_eq!(plain.get(&1).unwrap(), Some(order(1)));
    }
}
