//! Handles of typed tables: shared, borrowed keys, several rows at once, and the same rows as a sorted map in each
//! backend.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "a test")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;
use redb::Database;
use typeser::StateType;
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::typed_table::{BackendTable, OwnedTable, TypedTable};

/// A service: it owns the database and its tables, and has no lifetime.
#[derive(Clone)]
struct Shop {
    database: Arc<Database>,
    stock: OwnedTable<String, u32>,
    owners: OwnedTable<(String, u32), String>,
    blobs: OwnedTable<Vec<u8>, Vec<u8>>,
}

impl Shop {
    fn open(database: Database) -> Self {
        let database = Arc::new(database);
        Self {
            stock: OwnedTable::open(&database, "stock").unwrap(),
            owners: OwnedTable::open(Arc::clone(&database), "owners").unwrap(),
            blobs: OwnedTable::open(&database, "blobs").unwrap(),
            database,
        }
    }
}

fn shop() -> (tempfile::TempDir, Shop) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    (folder, Shop::open(database))
}

#[test]
fn a_struct_holds_a_database_and_its_tables_and_threads_share_them() {
    fn crosses_threads<T: Send + Sync + Clone + 'static>(_: &T) {}
    let (_folder, shop) = shop();
    crosses_threads(&shop);
    let threads: Vec<_> = (0..4u32)
        .map(|thread| {
            let shop = shop.clone();
            std::thread::spawn(move || {
                for _ in 0..5 {
                    let counted = shop.stock.update("apples", |count| *count += 1).unwrap();
                    if counted.is_none() {
                        let transaction = shop.database.begin_write().unwrap();
                        let mut stock = shop.stock.write_in(&transaction).unwrap();
                        if stock.update("apples", |count| *count += 1).unwrap().is_none() {
                            stock.insert("apples", &1).unwrap();
                        }
                        drop(stock);
                        transaction.commit().unwrap();
                    }
                }
                shop.owners.insert(&("apples", thread), &format!("thread {thread}")).unwrap();
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    // No update is lost.
    assert_eq!(shop.stock.get("apples").unwrap(), Some(20));
    assert_eq!(shop.owners.len().unwrap(), 4);
}

#[test]
fn a_borrowed_form_finds_what_the_key_wrote() {
    let (_folder, shop) = shop();
    shop.stock.insert(&"pears".to_owned(), &4).unwrap();
    assert_eq!(shop.stock.get("pears").unwrap(), Some(4));
    shop.stock.insert("pears", &5).unwrap();
    assert_eq!((shop.stock.get(&"pears".to_owned()).unwrap(), shop.stock.len().unwrap()), (Some(5), 1));
    shop.owners.insert(&("pears".to_owned(), 7), &"Ada".to_owned()).unwrap();
    assert_eq!(shop.owners.get(&("pears", 7)).unwrap().as_deref(), Some("Ada"));
    shop.blobs.insert(b"key", &b"value".to_vec()).unwrap();
    assert_eq!(shop.blobs.get(&b"key"[..]).unwrap().as_deref(), Some(&b"value"[..]));
    assert_eq!(shop.blobs.get(&b"key".to_vec()).unwrap().as_deref(), Some(&b"value"[..]));
    assert!(shop.blobs.remove(b"key").unwrap());
}

#[test]
fn a_borrowed_form_of_a_reconfigured_key_is_stored_as_the_key_is() {
    mod stored {
        #[derive(typeser::StateType, PartialEq, Eq, Hash)]
        #[state(key)]
        pub struct Part {
            pub shelf: u8,
            pub row: u8,
        }
    }
    #[derive(StateType, PartialEq, Eq, Hash, Debug, Clone)]
    #[state(key)]
    struct Part {
        row: u8,
        shelf: u8,
    }
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("shop.redb")).unwrap();
    let parts = TypedTable::<Vec<stored::Part>, u32>::open(&database, "parts").unwrap();
    parts.insert(&[stored::Part { shelf: 1, row: 2 }], &3).unwrap();
    let parts = TypedTable::<Vec<Part>, u32>::open(&database, "parts").unwrap();
    assert_eq!(parts.get(&[Part { row: 2, shelf: 1 }]).unwrap(), Some(3));
    assert_eq!(parts.get(&vec![Part { row: 2, shelf: 1 }]).unwrap(), Some(3));
}

#[test]
fn a_change_that_does_not_fit_leaves_the_row_and_a_panic_leaves_the_table() {
    let (_folder, shop) = shop();
    shop.stock.insert("apples", &3).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        shop.stock.update("apples", |count| {
            *count = 9;
            panic!("in the middle of an update")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(shop.stock.get("apples").unwrap(), Some(3));
    shop.stock.update("apples", |count| *count = 4).unwrap();
    assert_eq!(shop.stock.get("apples").unwrap(), Some(4));
}

/// What is done to a table and to the model.
#[derive(Debug, Clone)]
enum Step {
    Insert(u16, u32),
    Update(u16, u32),
    Remove(u16),
    Range(u16, u16),
    GetMany(Vec<u16>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || 0..400u16;
    let step = prop_oneof![
        6 => (key(), any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
        2 => (key(), any::<u32>()).prop_map(|(key, value)| Step::Update(key, value)),
        2 => key().prop_map(Step::Remove),
        1 => (key(), key()).prop_map(|(from, until)| Step::Range(from, until)),
        1 => prop::collection::vec(key(), 0..5).prop_map(Step::GetMany),
    ];
    prop::collection::vec(step, 1..600)
}

/// Big-endian keys: their order is that of the numbers.
type Key = [u8; 2];

fn in_backend(steps: &[Step], mut backend: impl Backend) -> Result<(), TestCaseError> {
    let mut model = BTreeMap::<u16, String>::new();
    let mut table = BackendTable::<Key, String, _>::open(&mut backend, "rows").unwrap();
    for step in steps {
        match step {
            Step::Insert(key, value) => {
                table.insert(&key.to_be_bytes(), &value.to_string()).unwrap();
                model.insert(*key, value.to_string());
            }
            Step::Update(key, value) => {
                let update = |text: &mut String| text.push_str(&value.to_string());
                let known = model.get_mut(key).map(update);
                prop_assert_eq!(table.update(&key.to_be_bytes(), update).unwrap(), known);
            }
            Step::Remove(key) => {
                prop_assert_eq!(table.remove(&key.to_be_bytes()).unwrap(), model.remove(key).is_some());
            }
            Step::Range(from, until) => {
                let rows = table.range_by_bytes(from.to_be_bytes()..until.to_be_bytes()).unwrap();
                prop_assert_eq!(numbers(rows), between(&model, *from, *until));
            }
            Step::GetMany(keys) => {
                let bytes: Vec<Key> = keys.iter().map(|key| key.to_be_bytes()).collect();
                let known: Vec<_> = keys.iter().map(|key| model.get(key).cloned()).collect();
                prop_assert_eq!(table.get_many(&bytes).unwrap(), known);
            }
        }
    }
    // An iterator reads 256 rows at a time.
    for key in 1_000..1_600u16 {
        table.insert(&key.to_be_bytes(), &String::new()).unwrap();
        model.insert(key, String::new());
    }
    prop_assert_eq!(numbers(table.iter().unwrap()), between(&model, 0, u16::MAX));
    let mut visited = Vec::new();
    table
        .visit_by_bytes(.., |key, value| {
            visited.push((u16::from_be_bytes(key), value));
            ControlFlow::Continue(())
        })
        .unwrap();
    prop_assert_eq!(visited, between(&model, 0, u16::MAX));
    prop_assert_eq!(table.len().unwrap(), model.len() as u64);
    prop_assert_eq!(table.is_empty().unwrap(), model.is_empty());
    Ok(())
}

fn numbers<E: std::fmt::Debug>(rows: impl Iterator<Item = Result<(Key, String), E>>) -> Vec<(u16, String)> {
    rows.map(|row| row.map(|(key, value)| (u16::from_be_bytes(key), value)).unwrap()).collect()
}

fn between(model: &BTreeMap<u16, String>, from: u16, until: u16) -> Vec<(u16, String)> {
    if from > until {
        return Vec::new();
    }
    model.range(from..until).map(|(key, value)| (*key, value.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_in_memory_has_the_rows_of_a_sorted_map(steps in steps()) {
        in_backend(&steps, MemoryBackend::new())?;
    }

    #[test]
    fn a_table_in_a_backend_of_redb_has_the_rows_of_a_sorted_map(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        in_backend(&steps, RedbBackend::open_with_buffer(folder.path().join("state.redb"), 500).unwrap())?;
    }

    #[cfg(feature = "fjall")]
    #[test]
    fn a_table_in_a_backend_of_fjall_has_the_rows_of_a_sorted_map(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let backend = typeser_state::backend::FjallBackend::open_with_buffer(folder.path(), 500).unwrap();
        in_backend(&steps, backend)?;
    }

    #[test]
    fn a_table_in_redb_has_the_rows_of_a_sorted_map(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::create(folder.path().join("shop.redb")).unwrap();
        let table = TypedTable::<Key, String>::open(&database, "rows").unwrap();
        let mut model = BTreeMap::<u16, String>::new();
        let transaction = database.begin_write().unwrap();
        let mut writer = table.write_in(&transaction).unwrap();
        for step in &steps {
            match step {
                Step::Insert(key, value) => {
                    writer.insert(&key.to_be_bytes(), &value.to_string()).unwrap();
                    model.insert(*key, value.to_string());
                }
                Step::Update(key, value) => {
                    let update = |text: &mut String| text.push_str(&value.to_string());
                    let known = model.get_mut(key).map(update);
                    prop_assert_eq!(writer.update(&key.to_be_bytes(), update).unwrap(), known);
                }
                Step::Remove(key) => {
                    prop_assert_eq!(writer.remove(&key.to_be_bytes()).unwrap(), model.remove(key).is_some());
                }
                Step::Range(from, until) => {
                    let rows = writer.range_by_bytes(from.to_be_bytes()..until.to_be_bytes()).unwrap();
                    prop_assert_eq!(numbers(rows), between(&model, *from, *until));
                }
                Step::GetMany(keys) => {
                    let bytes: Vec<Key> = keys.iter().map(|key| key.to_be_bytes()).collect();
                    let known: Vec<_> = keys.iter().map(|key| model.get(key).cloned()).collect();
                    prop_assert_eq!(writer.get_many(&bytes).unwrap(), known);
                }
            }
        }
        drop(writer);
        transaction.commit().unwrap();
        let reader = table.read().unwrap();
        prop_assert_eq!(numbers(reader.iter().unwrap()), between(&model, 0, u16::MAX));
        prop_assert_eq!(reader.len().unwrap(), model.len() as u64);
        for key in [0u16, 7, 399] {
            prop_assert_eq!(reader.get(&key.to_be_bytes()).unwrap(), model.get(&key).cloned());
        }
    }
}
