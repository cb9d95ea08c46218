//! `typeser table`, on a database with every kind of table.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use redb::{Database, TableDefinition};
use typeser::resolve::Role;
use typeser::schema::IntegerEncoding;
use typeser::{Serializer, StateType, TypeSerializer};
use typeser_state::typed_table::{OrderedTable, TableIndex, TableOptions, TypedTable};

use crate::runner::Place;
use crate::zoo::Release;

mod release_1 {
    #[derive(typeser::StateType)]
    pub(crate) struct Order {
        pub(crate) id: u32,
        pub(crate) note: String,
    }
}

mod release_2 {
    #[derive(typeser::StateType, Debug, PartialEq)]
    #[state(removed("note"))]
    pub(crate) struct Order {
        pub(crate) id: u64,
    }

    fn words(note: String) -> Vec<String> {
        note.split(' ').map(str::to_owned).collect()
    }

    pub(crate) mod converted {
        #[derive(typeser::StateType)]
        pub(crate) struct Order {
            pub(crate) id: u32,
            #[state(convert(String, with = super::words))]
            pub(crate) note: Vec<String>,
        }
    }
}

type Order1 = release_1::Order;
type Order2 = release_2::Order;

/// A database with typed tables of release 1: with and without an order, kept by a migration, halfway through one; and
/// with tables of the program that are not typed.
fn write(path: &Path) {
    let database = Database::create(path).unwrap();
    let orders = TypedTable::<String, Order1>::open(&database, "orders").unwrap();
    for (key, id, note) in [("a7", 7, "fragile"), ("b1", 1, ""), ("b2", 2, "this side up")] {
        orders.insert(key, &Order1 { id, note: note.to_owned() }).unwrap();
    }
    let jobs = OrderedTable::<(u8, i64), String>::open(&database, "jobs").unwrap();
    for (key, task) in [((2, 7), "backup"), ((1, 300), "mail"), ((1, -20), "index")] {
        jobs.insert(&key, &task.to_owned()).unwrap();
    }
    TypedTable::<String, u32>::open(&database, "stock").unwrap().insert("apples", &3).unwrap();
    let options = TableOptions::new().keep_previous("1.4.0");
    let stock = TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ()).unwrap();
    stock.insert("pears", &4).unwrap();
    let sizes = TypedTable::<u8, u16>::open(&database, "sizes").unwrap();
    (1..=3).for_each(|size| sizes.insert(&size, &u16::from(size)).unwrap());
    // A program that is killed after the first batch.
    let options = TableOptions::new().with_batches(1, 1);
    let open = || TypedTable::<u8, u32>::open_with(&database, "sizes", &options, &mut |_| panic!("killed"));
    assert!(catch_unwind(AssertUnwindSafe(open)).is_err());
    let transaction = database.begin_write().unwrap();
    const RAW: TableDefinition<&[u8], &[u8]> = TableDefinition::new("raw");
    transaction.open_table(RAW).unwrap().insert(&b"a"[..], &b"1"[..]).unwrap();
    transaction.open_table(TableDefinition::<u64, &str>::new("names")).unwrap().insert(1, "one").unwrap();
    transaction.commit().unwrap();
}

fn json<T: StateType>() -> String {
    Serializer::<T>::new().unwrap().snapshot().to_json()
}

/// What `Suite::table` records of tables.
fn release<V: StateType>() -> Release {
    vec![
        ("orders", Role::MapKey, json::<String>()),
        ("orders", Role::Value, json::<V>()),
        ("jobs", Role::MapKey, json::<(u8, i64)>()),
        ("jobs", Role::Value, json::<String>()),
        ("stock", Role::MapKey, json::<String>()),
        ("stock", Role::Value, json::<u64>()),
        ("flights", Role::Value, json::<u64>()),
    ]
}

fn shop() -> Place {
    let place = Place::new();
    write(&place.path().join("shop.redb"));
    place
}

fn bytes(place: &Place, file: &str) -> Vec<u8> {
    fs::read(place.path().join(file)).unwrap()
}

/// Runs commands that must not change the file.
fn reading(place: &Place, commands: &[&str]) -> String {
    let before = bytes(place, "shop.redb");
    let output = commands.iter().map(|words| place.run(words)).collect();
    assert!(before == bytes(place, "shop.redb"), "the file was changed");
    output
}

#[test]
fn tables_are_listed() {
    let commands = ["table ls shop.redb", "table ls shop.redb --format jsonl"];
    insta::assert_snapshot!(reading(&shop(), &commands));
}

#[test]
fn rows_are_printed() {
    insta::assert_snapshot!(reading(
        &shop(),
        &[
            "table cat shop.redb orders",
            "table cat shop.redb jobs",
            "table cat shop.redb jobs --limit 2 --format jsonl",
            "table cat shop.redb orders --key b2 --format jsonl",
            "table cat shop.redb jobs --key [1,300]",
            "table cat shop.redb orders --key c3",
            "table cat shop.redb order",
            "table cat shop.redb raw",
            "table cat shop.redb names",
        ],
    ));
}

#[test]
fn rows_that_cannot_be_read_are_reported() {
    let place = shop();
    let database = Database::open(place.path().join("shop.redb")).unwrap();
    let transaction = database.begin_write().unwrap();
    const ORDERS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("orders");
    // The second of three: its value is cut off, the key is `b1` with its length.
    let key = [2, 0, 0, 0, 0, 0, 0, 0, b'b', b'1'];
    transaction.open_table(ORDERS).unwrap().insert(&key[..], &[7u8][..]).unwrap();
    transaction.commit().unwrap();
    drop(database);
    let commands = ["table cat shop.redb orders", "table cat shop.redb orders --keep-going --format jsonl"];
    insta::assert_snapshot!(reading(&place, &commands));
}

#[test]
fn tables_are_checked() {
    let place = shop()
        .goldens("golden", &[("1.0.0", release::<Order1>()), ("2.0.0", release::<Order2>())])
        .today("today", &vec![("orders", Role::Value, json::<u8>()), ("jobs", Role::MapKey, json::<(f32, i64)>())])
        .today("others", &vec![("flights", Role::Value, json::<u8>())]);
    insta::assert_snapshot!(reading(
        &place,
        &[
            "table check shop.redb",
            "table check shop.redb --release 1.0.0 --format short",
            "table check shop.redb --golden today --format short",
            "table check shop.redb --fail-on requires-migration --table orders --format github",
            "table check shop.redb --release 1.0.1",
            "table check shop.redb --table nope",
            "table check shop.redb --golden nowhere",
            "table check shop.redb --golden others",
        ],
    ));
}

#[test]
fn integers_of_another_encoding_are_no_difference() {
    let place = Place::new();
    let path = place.path().join("shop.redb");
    let database = Database::create(path).unwrap();
    let options = TableOptions::new().with_integers(IntegerEncoding::Variable);
    let open = TypedTable::<String, Order1>::open_with(&database, "orders", &options, &mut |_| ());
    open.unwrap().insert("a7", &Order1 { id: 7, note: String::new() }).unwrap();
    drop(database);
    let place = place.goldens("golden", &[("1.0.0", release::<Order1>())]);
    let output = reading(&place, &["table check shop.redb --fail-on after-reconfigure --format short"]);
    assert!(output.ends_with("--- exit 0\n"), "{output}");
}

#[test]
fn tables_are_migrated() {
    let place = shop().goldens("golden", &[("2.0.0", release::<Order2>())]);
    let mut output = reading(
        &place,
        &[
            "table migrate shop.redb --to golden --dry-run",
            "table migrate shop.redb nope --to golden",
            "table migrate shop.redb orders",
        ],
    );
    output.push_str(&place.run("table migrate shop.redb --to golden --keep-previous 1.0.0"));
    output.push_str(&place.run("table cat shop.redb orders"));
    output.push_str(&place.run("table migrate shop.redb orders --to golden"));
    insta::assert_snapshot!(output);
    let database = Database::open(place.path().join("shop.redb")).unwrap();
    let orders = TypedTable::<String, Order2>::open_read_only(&database, "orders").unwrap();
    assert_eq!(orders.get("b2").unwrap(), Some(Order2 { id: 2 }));
    assert_eq!(OrderedTable::<(u8, i64), String>::open_read_only(&database, "jobs").unwrap().len().unwrap(), 3);
}

#[test]
fn what_became_of_a_table_is_the_plan_and_not_the_progress() {
    let place = Place::new();
    let database = Database::create(place.path().join("shop.redb")).unwrap();
    TypedTable::<String, Order1>::open(&database, "orders").unwrap();
    let stock = TypedTable::<String, u32>::open(&database, "stock").unwrap();
    ["apples", "pears"].iter().for_each(|key| stock.insert(*key, &3).unwrap());
    TypedTable::<String, u32>::open(&database, "sizes").unwrap().insert("s", &1).unwrap();
    // A program that is killed after the last batch.
    let open =
        || TypedTable::<String, u64>::open_with(&database, "stock", &TableOptions::new(), &mut |_| panic!("killed"));
    assert!(catch_unwind(AssertUnwindSafe(open)).is_err());
    drop(database);
    let place = place.goldens(
        "golden",
        &[(
            "2.0.0",
            vec![
                ("orders", Role::Value, json::<Order2>()),
                ("sizes", Role::Value, json::<u32>()),
                ("stock", Role::Value, json::<u64>()),
            ],
        )],
    );
    let output = place.run("table migrate shop.redb orders stock sizes stock orders --to golden");
    assert!(output.contains("orders: migrated 0 rows\nstock: migrated 2 rows\nsizes: fits; no row"), "{output}");
    assert_eq!(output.matches("stock: ").count(), 1, "{output}");
    let checked = place.run("table check shop.redb --table stock --table stock");
    assert!(checked.contains("checked 1 table of"), "{checked}");
}

#[test]
fn tables_that_need_the_program_are_not_migrated() {
    let place = shop()
        .goldens("functions", &[("2.0.0", release::<release_2::converted::Order>())])
        .goldens("bad", &[("2.0.0", release::<bool>())]);
    let commands = ["table migrate shop.redb --to functions", "table migrate shop.redb orders --to bad --dry-run"];
    let output: String = commands.iter().map(|words| place.run(words)).collect();
    insta::assert_snapshot!(output);
    let listed = place.run("table cat shop.redb orders --format jsonl");
    assert!(listed.contains(r#"{"id":7,"note":"fragile"}"#), "{listed}");
}

#[test]
fn tables_are_rolled_back() {
    let place = shop();
    let mut output = reading(&place, &["table rollback shop.redb 1.4.0 --dry-run"]);
    for words in ["1.4.0", "1.4", "1.4.0 --discard-newer", "1.4.0"] {
        output.push_str(&place.run(&format!("table rollback shop.redb {words}")));
    }
    insta::assert_snapshot!(output);
    let database = Database::open(place.path().join("shop.redb")).unwrap();
    let stock = TypedTable::<String, u32>::open_read_only(&database, "stock").unwrap();
    assert_eq!((stock.get("apples").unwrap(), stock.len().unwrap()), (Some(3), 1));
}

#[test]
fn files_that_cannot_be_opened_are_named() {
    let place = shop().file("empty.redb", "").file("text.redb", "these bytes are none that redb would write");
    let whole = bytes(&place, "shop.redb");
    let place = place.file("cut.redb", &whole[..whole.len() / 2]);
    let commands = [
        "table ls nowhere.redb",
        "table ls empty.redb",
        "table ls text.redb",
        "table ls cut.redb",
        "table ls .",
        "table migrate nowhere.redb --to nowhere",
        "table rollback nowhere.redb 1.4.0",
    ];
    let mut output: String = commands.iter().map(|words| place.run(words)).collect();
    let database = Database::open(place.path().join("shop.redb")).unwrap();
    output.push_str(&place.run("table ls shop.redb"));
    output.push_str(&place.run("table rollback shop.redb 1.4.0"));
    insta::assert_snapshot!(output);
    drop(database);
    assert!(!place.path().join("nowhere.redb").exists());
    assert!(bytes(&place, "empty.redb").is_empty());
}

#[test]
fn a_copy_of_a_file_in_use_is_read_and_stays_as_it_is() {
    let place = shop();
    let path = place.path().join("shop.redb");
    let database = Database::open(&path).unwrap();
    TypedTable::<String, Order1>::open(&database, "orders").unwrap().remove("a7").unwrap();
    fs::copy(&path, place.path().join("copy.redb")).unwrap();
    // redb alone would repair the copy, which has to be written for that.
    assert!(redb::ReadOnlyDatabase::open(place.path().join("copy.redb")).is_err());
    let before = bytes(&place, "copy.redb");
    let output = place.run("table cat copy.redb orders --format jsonl");
    assert_eq!(output.lines().filter(|line| line.starts_with('{')).count(), 2, "{output}");
    assert!(output.ends_with("--- exit 0\n"), "{output}");
    assert!(before == bytes(&place, "copy.redb"), "the copy was changed");
    drop(database);
}

#[test]
fn damaged_files_are_errors() {
    let place = shop();
    let whole = bytes(&place, "shop.redb");
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let mut failed = 0;
    for number in 0..40 {
        let mut damaged = whole.clone();
        let at = used * number / 40;
        damaged[at..whole.len().min(at + 16)].iter_mut().for_each(|byte| *byte ^= 0x5a);
        fs::write(place.path().join("damaged.redb"), &damaged).unwrap();
        for words in ["table ls damaged.redb", "table cat damaged.redb orders"] {
            let output = place.run(words);
            let is_ended = output.ends_with("--- exit 0\n") || output.ends_with("--- exit 101\n");
            assert!(is_ended && !output.contains("panicked"), "bytes at {at}: {output}");
            failed += u32::from(output.ends_with("--- exit 101\n"));
        }
        assert!(damaged == bytes(&place, "damaged.redb"), "the file was changed");
    }
    assert!(failed > 0);
}

/// A table of release 1 that release 2 has opened lazily, and of which it has written a row.
fn lazy_shop() -> Place {
    let place = Place::new();
    let database = Database::create(place.path().join("shop.redb")).unwrap();
    let stock = TypedTable::<String, u32>::open(&database, "stock").unwrap();
    ["apples", "pears", "plums"].iter().for_each(|fruit| stock.insert(*fruit, &3).unwrap());
    let options = TableOptions::new().migrate_lazily();
    let stock = TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ()).unwrap();
    stock.insert("apples", &70).unwrap();
    place
}

#[test]
fn rows_that_a_lazy_migration_has_left_are_listed_printed_checked_and_migrated() {
    let stock = vec![("stock", Role::MapKey, json::<String>()), ("stock", Role::Value, json::<u64>())];
    let place = lazy_shop().goldens("golden", &[("1.5.0", stock)]);
    let check = "table check shop.redb --golden golden --format short";
    let mut output = reading(
        &place,
        &[
            "table ls shop.redb",
            "table ls shop.redb --format jsonl",
            "table cat shop.redb stock",
            check,
            "table migrate shop.redb --to golden --dry-run",
        ],
    );
    for words in ["table migrate shop.redb --to golden", "table ls shop.redb", "table cat shop.redb stock", check] {
        output += &place.run(words);
    }
    insta::assert_snapshot!(output);
}

#[test]
fn indexes_are_listed_checked_and_deleted_by_a_migration() {
    const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 3, |_, count| *count);
    const BY_LETTERS: TableIndex<String, u32, (u64, String)> =
        TableIndex::unique("by letters", 1, |name, _| (name.len() as u64, name.clone()));
    let stock = vec![("stock", Role::MapKey, json::<String>()), ("stock", Role::Value, json::<u64>())];
    let place = Place::new().goldens("golden", &[("1.5.0", stock)]);
    let database = Database::create(place.path().join("shop.redb")).unwrap();
    let options = TableOptions::new().with_index(&BY_LETTERS).with_index(&BY_COUNT);
    let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ()).unwrap();
    ["apples", "pears", "plums"].iter().for_each(|fruit| stock.insert(*fruit, &3).unwrap());
    drop(stock);
    drop(database);
    let check = "table check shop.redb --golden golden --format short";
    let mut output = reading(&place, &["table ls shop.redb", "table ls shop.redb --format jsonl", check]);
    for words in ["table migrate shop.redb --to golden", "table ls shop.redb", "table cat shop.redb stock", check] {
        output += &place.run(words);
    }
    insta::assert_snapshot!(output);
}
