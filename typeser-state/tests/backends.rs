//! Every backend keeps the laws of `Backend`: random operations against sorted maps.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use proptest::prelude::*;
use typeser_state::backend::{Backend, BackendError, Batch, MemoryBackend, ReadRows, RedbBackend, RowRange, Table};

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;
type Model = BTreeMap<String, Rows>;

/// A snapshot of a backend, and what it has to show.
type Taken = (Box<dyn ReadRows + Send>, Vec<(Table, Rows)>);

#[derive(Debug, Clone)]
enum Operation {
    Put(u8, Vec<u8>, Vec<u8>),
    Delete(u8, Vec<u8>),
    Batch(Vec<(u8, Vec<u8>, Option<Vec<u8>>)>),
    Create(u8),
    Rename(u8, u8),
    Drop(u8),
    Flush,
    Snapshot,
    /// Drops the backend without flush and opens it again, if it has a disk.
    Crash,
}

/// Short keys of few bytes, so that they meet, with 0x00 and 0xFF among them.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0u8, 1, 7, 254, 255]), 0..4)
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40)
}

fn operation() -> impl Strategy<Value = Operation> {
    let table = || 0u8..3;
    let change = (table(), key(), prop::option::of(value()));
    prop_oneof![
        8 => (table(), key(), value()).prop_map(|(table, key, value)| Operation::Put(table, key, value)),
        3 => (table(), key()).prop_map(|(table, key)| Operation::Delete(table, key)),
        3 => prop::collection::vec(change, 0..8).prop_map(Operation::Batch),
        3 => table().prop_map(Operation::Create),
        1 => (table(), table()).prop_map(|(from, to)| Operation::Rename(from, to)),
        1 => table().prop_map(Operation::Drop),
        2 => Just(Operation::Flush),
        1 => Just(Operation::Snapshot),
        1 => Just(Operation::Crash),
    ]
}

fn name(table: u8) -> String {
    format!("table {table}")
}

fn scanned(rows: &dyn ReadRows, table: Table, range: RowRange<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    rows.scan(table, range, &mut |key, value| {
        found.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    })
    .unwrap();
    found
}

fn model_range(rows: &Rows, range: RowRange<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    rows.iter()
        .filter(|(key, _)| key.as_slice() >= range.from && range.until.is_none_or(|until| key.as_slice() < until))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn check_table(rows: &dyn ReadRows, table: Table, model: &Rows, probes: &[Vec<u8>]) {
    assert_eq!(scanned(rows, table, RowRange::ALL), model_range(model, RowRange::ALL));
    for from in probes {
        let mut got = None;
        let found = rows.get(table, from, &mut |value| got = Some(value.to_vec())).unwrap();
        assert_eq!((found, &got), (model.contains_key(from), &model.get(from).cloned()));

        let mut end = Vec::new();
        let prefixed = scanned(rows, table, RowRange::of_prefix(from, &mut end));
        let expected: Vec<_> =
            model.iter().filter(|(key, _)| key.starts_with(from)).map(|(k, v)| (k.clone(), v.clone())).collect();
        assert_eq!(prefixed, expected, "prefix {from:?}");

        for until in probes {
            let range = RowRange { from, until: Some(until) };
            let expected = model_range(model, range);
            assert_eq!(scanned(rows, table, range), expected, "{range:?}");
            let mut last = None;
            rows.last(table, range, &mut |key, value| last = Some((key.to_vec(), value.to_vec()))).unwrap();
            assert_eq!(last.as_ref(), expected.last(), "last of {range:?}");
        }
    }
}

fn check(backend: &mut dyn Backend, model: &Model, probes: &[Vec<u8>]) {
    for number in 0..3 {
        let table = backend.find_table(&name(number)).unwrap();
        assert_eq!(table.is_some(), model.contains_key(&name(number)), "{}", name(number));
        if let (Some(table), Some(rows)) = (table, model.get(&name(number))) {
            check_table(backend, table, rows, probes);
        }
    }
}

/// Runs the operations; `reopen` gives the backend as it is after a crash, or nothing if it has no disk.
fn run(
    mut backend: Box<dyn Backend>,
    mut reopen: impl FnMut(Box<dyn Backend>) -> Result<Box<dyn Backend>, Box<dyn Backend>>,
    operations: Vec<Operation>,
    probes: &[Vec<u8>],
) {
    let mut model = Model::new();
    let mut flushed = Model::new();
    let mut snapshots: Vec<Taken> = Vec::new();
    for operation in operations {
        match operation {
            Operation::Put(table, key, value) => {
                if let Some(table_id) = backend.find_table(&name(table)).unwrap() {
                    backend.put(table_id, &key, &value).unwrap();
                    model.get_mut(&name(table)).unwrap().insert(key, value);
                }
            }
            Operation::Delete(table, key) => {
                if let Some(table_id) = backend.find_table(&name(table)).unwrap() {
                    backend.delete(table_id, &key).unwrap();
                    model.get_mut(&name(table)).unwrap().remove(&key);
                }
            }
            Operation::Batch(changes) => {
                let mut batch = Batch::new();
                for (table, key, value) in changes {
                    let Some(table_id) = backend.find_table(&name(table)).unwrap() else { continue };
                    let rows = model.get_mut(&name(table)).unwrap();
                    if let Some(value) = value {
                        batch.put(table_id, &key, &value);
                        rows.insert(key, value);
                    } else {
                        batch.delete(table_id, &key);
                        rows.remove(&key);
                    }
                }
                backend.apply(&batch).unwrap();
            }
            Operation::Create(table) => {
                backend.create_table(&name(table)).unwrap();
                model.entry(name(table)).or_default();
            }
            Operation::Rename(from, to) => {
                if let Some(table) = backend.find_table(&name(from)).unwrap() {
                    match backend.rename_table(table, &name(to)) {
                        Ok(()) => {
                            let rows = model.remove(&name(from)).unwrap();
                            model.insert(name(to), rows);
                        }
                        Err(BackendError::TableExists { name: taken }) => {
                            assert_eq!(taken, name(to));
                            assert!(model.contains_key(&name(to)));
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
            }
            Operation::Drop(table) => {
                if let Some(table_id) = backend.find_table(&name(table)).unwrap() {
                    backend.drop_table(table_id).unwrap();
                    model.remove(&name(table));
                    assert!(matches!(backend.get(table_id, b"", &mut |_| ()), Err(BackendError::NoSuchTable { .. })));
                }
            }
            Operation::Flush => {
                backend.flush().unwrap();
                flushed = model.clone();
            }
            Operation::Snapshot => {
                let tables = (0..3)
                    .filter_map(|number| {
                        let table = backend.find_table(&name(number)).unwrap()?;
                        Some((table, model[&name(number)].clone()))
                    })
                    .collect();
                snapshots.push((backend.snapshot().unwrap(), tables));
                flushed = model.clone();
            }
            Operation::Crash => {
                // A redb file cannot be opened twice: what looks at it goes first.
                snapshots.clear();
                backend = match reopen(backend) {
                    Ok(reopened) => {
                        model = flushed.clone();
                        reopened
                    }
                    Err(same) => same,
                };
            }
        }
        check(&mut *backend, &model, probes);
    }
    for (snapshot, tables) in &snapshots {
        for (table, rows) in tables {
            check_table(snapshot, *table, rows, probes);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn memory_keeps_the_laws(
        operations in prop::collection::vec(operation(), 1..60),
        probes in prop::collection::vec(key(), 1..4),
    ) {
        run(Box::new(MemoryBackend::new()), Err, operations, &probes);
    }

    #[test]
    fn redb_keeps_the_laws_whatever_its_buffer_holds(
        operations in prop::collection::vec(operation(), 1..60),
        probes in prop::collection::vec(key(), 1..4),
        buffer in prop::sample::select(vec![0, 50, RedbBackend::BUFFER_BYTES]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.redb");
        let open = || -> Box<dyn Backend> { Box::new(RedbBackend::open_with_buffer(&path, buffer).unwrap()) };
        let reopen = |backend: Box<dyn Backend>| {
            drop(backend);
            Ok(open())
        };
        run(open(), reopen, operations, &probes);
    }
}

#[test]
fn a_batch_with_a_table_that_is_gone_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let backends: [Box<dyn Backend>; 2] =
        [Box::new(MemoryBackend::new()), Box::new(RedbBackend::open(folder.path().join("state.redb")).unwrap())];
    for mut backend in backends {
        let (kept, gone) = (backend.create_table("kept").unwrap(), backend.create_table("gone").unwrap());
        backend.drop_table(gone).unwrap();
        let mut batch = Batch::new();
        batch.put(kept, b"a", b"1");
        batch.put(gone, b"b", b"2");
        let error = backend.apply(&batch).unwrap_err();
        assert_eq!(error.to_string(), "there is no table number 1: it was dropped, or belongs to another backend");
        assert_eq!(scanned(&backend, kept, RowRange::ALL), []);
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to have a header of some kind".repeat(100)).unwrap();
    let error = RedbBackend::open(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("the redb file {} cannot be opened: ", path.display())), "{error}");
}
