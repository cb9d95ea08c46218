//! Typed tables that are compared, migrated and read by snapshots alone.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::ops::ControlFlow;

use typeser::resolve::{Compatibility, Policy};
use typeser::schema::IntegerEncoding;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};
use typeser_state::backend::{Backend, Batch, MemoryBackend};
use typeser_state::typed_table::{
    BackendTable, OrderedBackendTable, TableAction, TableCatalog, TableError, TableOptions, TableTarget,
};

fn snapshot<T: StateType>() -> SerializerSnapshot {
    Serializer::<T>::new().unwrap().snapshot().clone()
}

fn variable() -> TableOptions {
    TableOptions::new().with_integers(IntegerEncoding::Variable)
}

/// The rows of a table as text; the errors of those that cannot be read.
fn rows(backend: &mut MemoryBackend, table: &str) -> Vec<Result<String, TableError>> {
    let mut rows = Vec::new();
    let read = TableCatalog::over(backend).read_rows(table, &mut |row| {
        rows.push(row.map(|(key, value)| format!("{key}: {value}")));
        ControlFlow::Continue(())
    });
    read.unwrap();
    rows
}

#[test]
fn a_table_that_is_named_twice_is_not_migrated() {
    let mut backend = MemoryBackend::new();
    BackendTable::<u8, u32, _>::open(&mut backend, "stock").unwrap().insert(&1, &3).unwrap();
    let target = TableTarget::new("stock", None, Some(snapshot::<u64>()));
    let mut catalog = TableCatalog::over(&mut backend);
    let (twice, options) = ([target.clone(), target.clone()], TableOptions::new());
    let refused = [catalog.dry_run(&twice, &options).err(), catalog.migrate(&twice, &options, &mut |_| ()).err()];
    for refused in refused {
        assert!(matches!(&refused, Some(TableError::NamedTwice { table }) if table == "stock"), "{refused:?}");
    }
    let stock = BackendTable::<u8, u32, _>::open_with(
        &mut backend,
        "stock",
        &TableOptions::new().without_migration(),
        &mut |_| (),
    );
    assert_eq!(stock.unwrap().get(&1).unwrap(), Some(3));
    let actions = TableCatalog::over(&mut backend).migrate(&[target], &options, &mut |_| ()).unwrap();
    assert_eq!(actions, [TableAction::Migrate]);
}

#[test]
fn a_table_of_variable_integers_becomes_ordered() {
    let mut backend = MemoryBackend::new();
    let mut jobs = BackendTable::<u32, u32, _>::open_with(&mut backend, "jobs", &variable(), &mut |_| ()).unwrap();
    [300, 2, 70_000].iter().for_each(|key| jobs.insert(key, &1).unwrap());
    let target = TableTarget::new("jobs", Some(snapshot::<u32>().in_order().unwrap()), None);
    let mut catalog = TableCatalog::over(&mut backend);
    let reports = catalog.compare(&target, &Policy::default()).unwrap();
    let [keys, values] = &*reports else { panic!("no rows of other releases are left") };
    assert_eq!(keys.compatibility(), Compatibility::RequiresMigration);
    assert_eq!(values.compatibility(), Compatibility::Compatible);
    catalog.migrate(&[target], &TableOptions::new(), &mut |_| ()).unwrap();
    let read: Vec<String> = rows(&mut backend, "jobs").into_iter().map(Result::unwrap).collect();
    assert_eq!(read, ["2: 1", "300: 1", "70000: 1"]);
    // It is what a program finds with these types.
    let options = TableOptions::new().without_migration();
    let jobs = OrderedBackendTable::<u32, u32, _>::open_with(&mut backend, "jobs", &options, &mut |_| ()).unwrap();
    assert_eq!(jobs.get(&300).unwrap(), Some(1));
}

mod declared {
    #[derive(typeser::StateType)]
    #[state(name = "Item", removed("priority"))]
    pub struct EarlierItem {
        pub count: u16,
        #[state(default = 700)]
        pub price: u32,
    }

    #[derive(typeser::StateType)]
    #[state(was = (u32, u32))]
    pub struct Point {
        pub x: u32,
        pub y: u32,
    }

    #[derive(typeser::StateType)]
    #[state(removed("Lost", becomes = Status::Sold { price: 300 }))]
    pub enum Status {
        Open,
        Sold { price: u64 },
    }

    fn item(earlier: EarlierItem) -> Result<u64, String> {
        Ok(u64::from(earlier.count) * u64::from(earlier.price))
    }

    /// Constants of every kind, all of them with other bytes under variable integers.
    #[derive(typeser::StateType)]
    pub struct Order {
        #[state(default = vec![1, 500])]
        pub sizes: Vec<u32>,
        #[state(none = 70_000)]
        pub weight: u32,
        #[state(convert(EarlierItem, with = item))]
        pub item: u64,
        pub status: Status,
        pub at: Point,
    }
}

/// What a golden records of a type: its snapshot under fixed integers, which is read from a file.
fn recorded<T: StateType>() -> SerializerSnapshot {
    SerializerSnapshot::from_bytes(&snapshot::<T>().to_bytes().unwrap()).unwrap()
}

#[test]
fn recorded_constants_are_those_of_the_encoding_of_the_table() {
    let mut backend = MemoryBackend::new();
    BackendTable::<u32, declared::Order, _>::open_with(&mut backend, "orders", &variable(), &mut |_| ()).unwrap();
    let target = TableTarget::new("orders", Some(recorded::<u32>()), Some(recorded::<declared::Order>()));
    let mut catalog = TableCatalog::over(&mut backend);
    let reports = catalog.compare(&target, &Policy::default()).unwrap();
    reports.iter().for_each(|report| assert_eq!(report.compatibility(), Compatibility::Compatible, "{report}"));
    let actions = catalog.migrate(&[target], &TableOptions::new(), &mut |_| ()).unwrap();
    assert_eq!(actions, [TableAction::Open]);
    let expected = Serializer::<declared::Order>::with_integers(IntegerEncoding::Variable).unwrap();
    let under = recorded::<declared::Order>().under(IntegerEncoding::Variable).unwrap();
    assert_eq!(under, *expected.snapshot());
    assert_eq!(under.under(IntegerEncoding::Fixed).unwrap(), snapshot::<declared::Order>());
}

#[test]
fn a_recorded_default_is_filled_in_under_variable_integers() {
    mod old {
        #[derive(typeser::StateType)]
        pub struct Item {
            pub count: u16,
        }
    }
    mod new {
        #[derive(typeser::StateType, Debug, PartialEq)]
        pub struct Item {
            pub count: u16,
            #[state(default = 700)]
            pub price: u32,
        }
    }
    let mut backend = MemoryBackend::new();
    let items = BackendTable::<u32, old::Item, _>::open_with(&mut backend, "items", &variable(), &mut |_| ());
    items.unwrap().insert(&7, &old::Item { count: 300 }).unwrap();
    let target = TableTarget::new("items", None, Some(recorded::<new::Item>()));
    TableCatalog::over(&mut backend).migrate(&[target], &TableOptions::new(), &mut |_| ()).unwrap();
    let options = TableOptions::new().without_migration();
    let items = BackendTable::<u32, new::Item, _>::open_with(&mut backend, "items", &options, &mut |_| ()).unwrap();
    assert_eq!(items.get(&7).unwrap(), Some(new::Item { count: 300, price: 700 }));
}

#[test]
fn a_layout_of_the_same_bytes_under_fixed_integers_only_is_refused_as_opening_refuses_it() {
    #[derive(typeser::StateType)]
    #[state(was = i32)]
    struct Address {
        of: u32,
    }
    let mut backend = MemoryBackend::new();
    BackendTable::<u32, u32, _>::open_with(&mut backend, "hosts", &variable(), &mut |_| ()).unwrap();
    let target = TableTarget::new("hosts", None, Some(recorded::<Address>()));
    let compared = TableCatalog::over(&mut backend).compare(&target, &Policy::default()).err().unwrap();
    let opened = BackendTable::<u32, Address, _>::open(&mut backend, "hosts").err().unwrap();
    assert_eq!(compared.to_string(), opened.to_string());
    assert!(matches!(compared, TableError::Describe { .. }), "{compared}");
}

#[test]
fn a_damaged_ordered_key_is_not_read_as_another() {
    let mut backend = MemoryBackend::new();
    OrderedBackendTable::<String, u8, _>::open(&mut backend, "jobs").unwrap().insert("mail", &1).unwrap();
    let table = backend.find_table("jobs").unwrap().unwrap();
    let mut batch = Batch::new();
    // In the fixed encoding, these would be the bytes of `ab`.
    batch.put(table, &[2, 0, 0, 0, 0, 0, 0, 0, b'a', b'b'], &[2]);
    backend.apply(&batch).unwrap();
    let read = rows(&mut backend, "jobs");
    let [Err(damaged @ TableError::Decode { .. }), Ok(whole)] = &read[..] else { panic!("{read:?}") };
    assert!(damaged.to_string().contains("key 0x02000000000000006162 (10 bytes)"), "{damaged}");
    assert_eq!(whole, r#""mail": 1"#);
}

#[test]
fn keys_without_an_order_do_not_fit_an_ordered_table() {
    let mut backend = MemoryBackend::new();
    OrderedBackendTable::<u8, u8, _>::open(&mut backend, "jobs").unwrap().insert(&1, &1).unwrap();
    let target = TableTarget::new("jobs", Some(snapshot::<f32>()), None);
    let refused = TableCatalog::over(&mut backend).compare(&target, &Policy::default());
    assert!(matches!(refused, Err(TableError::NotOrdered { .. })), "{refused:?}");
}

mod first {
    #[derive(typeser::StateType)]
    pub struct Order {
        pub id: u32,
        pub note: String,
    }
}

mod second {
    #[derive(typeser::StateType)]
    pub struct Order {
        pub id: u64,
        pub note: String,
    }
}

mod third {
    fn number(id: u64) -> String {
        id.to_string()
    }

    #[derive(typeser::StateType)]
    pub struct Order {
        #[state(convert(u64, with = number))]
        pub id: String,
        pub note: String,
    }
}

/// The rows of a table with the types of a target, as text.
fn migrated(backend: &mut MemoryBackend, target: &TableTarget) -> Result<Vec<String>, TableError> {
    let mut catalog = TableCatalog::over(backend);
    let rows = catalog.migrated_rows(target, &TableOptions::new())?;
    let mut found = Vec::new();
    rows.for_each(&mut |mut row| {
        found.push(format!("{}: {}", row.key().unwrap(), row.value().unwrap()));
        if found.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(found)
}

#[test]
fn rows_are_migrated_while_they_are_read() {
    let mut backend = MemoryBackend::new();
    let mut orders = BackendTable::<u8, first::Order, _>::open(&mut backend, "orders").unwrap();
    orders.insert(&1, &first::Order { id: 1, note: "old".to_owned() }).unwrap();
    let lazily = TableOptions::new().migrate_lazily();
    let mut orders =
        BackendTable::<u8, second::Order, _>::open_with(&mut backend, "orders", &lazily, &mut |_| ()).unwrap();
    orders.insert(&2, &second::Order { id: u64::MAX, note: "new".to_owned() }).unwrap();
    let target = |value| TableTarget::new("orders", None, value);

    // In their order. Without a snapshot, rows of all releases have the types that are stored; `read_rows` shows those of each release.
    let expected = ["1: Order { id: 1, note: \"old\" }", "2: Order { id: 18446744073709551615, note: \"new\" }"];
    assert_eq!(migrated(&mut backend, &target(None)).unwrap(), expected);
    let refused = migrated(&mut backend, &target(Some(snapshot::<third::Order>()))).unwrap_err();
    assert!(refused.to_string().contains("function"), "{refused}");
    let refused = migrated(&mut backend, &target(Some(snapshot::<u8>()))).unwrap_err();
    assert!(matches!(refused, TableError::Refused(_)), "{refused}");
    let missing = migrated(&mut backend, &TableTarget::new("order", None, None)).unwrap_err();
    assert!(matches!(missing, TableError::NoSuchTable { .. }), "{missing}");
    assert_eq!(TableCatalog::over(&mut backend).tables().unwrap()[0].unmigrated, 1, "nothing is written");

    // Ordered keys are read without their order, and migrated.
    let mut jobs = OrderedBackendTable::<i32, String, _>::open(&mut backend, "jobs").unwrap();
    [(5, "c"), (-7, "a"), (0, "b"), (9, "d")]
        .iter()
        .for_each(|(key, value)| jobs.insert(key, &(*value).to_owned()).unwrap());
    let target = TableTarget::new("jobs", Some(snapshot::<i64>()), None);
    let expected = ["-7: \"a\"", "0: \"b\"", "5: \"c\""];
    assert_eq!(migrated(&mut backend, &target).unwrap(), expected);
    let stored = TableTarget::new("jobs", None, None);
    assert_eq!(migrated(&mut backend, &stored).unwrap(), expected);
    let catalog = &mut TableCatalog::over(&mut backend);
    let rows = catalog.migrated_rows(&target, &TableOptions::new()).unwrap();
    assert_eq!([rows.key().name(), rows.value().name()], ["i64", "string"]);
}
