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
    let [keys, values] = catalog.compare(&target, &Policy::default()).unwrap();
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
