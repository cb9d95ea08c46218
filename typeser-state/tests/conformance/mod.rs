//! The conformance suite: every backend keeps the laws of `Backend`. Random operations against sorted maps, with crashes.
//!
//! A backend takes part by one line: `conformance!(name, Subject { .. });`

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use typeser_state::backend::{Backend, BackendError, Batch, ReadRows, RowRange, Table};

/// A backend that has to show what it can.
#[derive(Clone, Copy)]
pub struct Subject {
    /// Opens what is in the folder, or something new. So many bytes of changes collect in memory.
    pub open: fn(&Path, usize) -> Box<dyn Backend>,
    /// Whether it keeps anything when it is dropped.
    pub disk: bool,
    /// How many random sequences of operations it is asked to keep the laws in.
    pub cases: u32,
}

/// All tests of the suite for one backend.
macro_rules! conformance {
    ($name:ident, $subject:expr) => {
        mod $name {
            #[test]
            fn keeps_the_laws_whatever_is_done_to_it() {
                crate::conformance::keeps_the_laws(stringify!($name), $subject);
            }

            #[test]
            fn a_batch_with_a_table_that_is_gone_changes_nothing() {
                crate::conformance::a_batch_with_a_table_that_is_gone_changes_nothing($subject);
            }

            #[test]
            fn bounds_may_be_longer_than_any_key() {
                crate::conformance::bounds_may_be_longer_than_any_key($subject);
            }

            #[test]
            fn a_table_that_is_made_after_others_were_dropped_is_kept() {
                crate::conformance::a_table_that_is_made_after_others_were_dropped_is_kept($subject);
            }

            #[test]
            fn many_rows_come_back_whatever_their_order_was() {
                crate::conformance::many_rows_come_back_whatever_their_order_was($subject);
            }
        }
    };
}

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
    /// So many rows in ascending order.
    Fill(u8, u8, u16),
    /// Drops the backend without flush and opens it again, if it has a disk.
    Crash,
    /// Copies the files of the backend, if it has any, and opens the copy.
    Copy,
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
        2 => (table(), any::<u8>(), 1u16..60).prop_map(|(table, from, rows)| Operation::Fill(table, from, rows)),
        1 => Just(Operation::Crash),
        1 => Just(Operation::Copy),
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

/// Copies a folder as it is at one moment: threads of the backend may be at work in it.
fn copy_at_one_moment(from: &Path, to: &Path) {
    fn files(folder: &Path, found: &mut Vec<(std::path::PathBuf, u64, std::time::SystemTime)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            // What goes away meanwhile is noticed by the caller.
            let Ok(entry) = entry else { continue };
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                files(&entry.path(), found);
            } else {
                found.push((entry.path(), metadata.len(), metadata.modified().unwrap()));
            }
        }
        found.sort();
    }
    for _ in 0..100 {
        let _ = std::fs::remove_dir_all(to);
        let mut before = Vec::new();
        files(from, &mut before);
        let copied = before.iter().all(|(path, _, _)| {
            let copy = to.join(path.strip_prefix(from).unwrap());
            std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
            std::fs::copy(path, copy).is_ok()
        });
        let mut after = Vec::new();
        files(from, &mut after);
        if copied && before == after {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("{} never stands still", from.display());
}

/// Runs the operations, and looks at all that there is after each.
fn run(subject: Subject, buffer: usize, operations: Vec<Operation>, probes: &[Vec<u8>]) {
    let folder = tempfile::tempdir().unwrap();
    let (home, copy) = (folder.path().join("home"), folder.path().join("copy"));
    std::fs::create_dir(&home).unwrap();
    let mut backend = (subject.open)(&home, buffer);
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
            Operation::Fill(table, from, rows) => {
                if let Some(table_id) = backend.find_table(&name(table)).unwrap() {
                    for row in 0..rows {
                        let key = [&[from][..], &row.to_be_bytes()].concat();
                        backend.put(table_id, &key, &[from; 9]).unwrap();
                        model.get_mut(&name(table)).unwrap().insert(key, vec![from; 9]);
                    }
                }
            }
            Operation::Crash if subject.disk => {
                // A file cannot be opened twice: what looks at it goes first.
                snapshots.clear();
                drop(backend);
                backend = (subject.open)(&home, buffer);
                model = flushed.clone();
            }
            Operation::Copy if subject.disk => {
                copy_at_one_moment(&home, &copy);
                let mut copied = (subject.open)(&copy, buffer);
                check(&mut *copied, &flushed, probes);
                // And it is as good as the one that it was copied from.
                let table = copied.create_table("table 0").unwrap();
                copied.put(table, b"new", b"row").unwrap();
                copied.flush().unwrap();
                drop(copied);
                let mut copied = (subject.open)(&copy, buffer);
                let mut expected = flushed.clone();
                expected.entry(name(0)).or_default().insert(b"new".to_vec(), b"row".to_vec());
                check(&mut *copied, &expected, probes);
            }
            Operation::Crash | Operation::Copy => {}
        }
        check(&mut *backend, &model, probes);
    }
    for (snapshot, tables) in &snapshots {
        for (table, rows) in tables {
            check_table(snapshot, *table, rows, probes);
        }
    }
}

pub fn keeps_the_laws(name: &'static str, subject: Subject) {
    let config = ProptestConfig {
        cases: subject.cases,
        test_name: Some(name),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let cases = (
        prop::collection::vec(operation(), 1..60),
        prop::collection::vec(key(), 1..4),
        prop::sample::select(vec![0, 50, 1 << 20]),
    );
    proptest!(config, |((operations, probes, buffer) in cases)| run(subject, buffer, operations, &probes));
}

pub fn a_batch_with_a_table_that_is_gone_changes_nothing(subject: Subject) {
    let folder = tempfile::tempdir().unwrap();
    let mut backend = (subject.open)(folder.path(), 0);
    let (kept, gone) = (backend.create_table("kept").unwrap(), backend.create_table("gone").unwrap());
    backend.drop_table(gone).unwrap();
    let mut batch = Batch::new();
    batch.put(kept, b"a", b"1");
    batch.put(gone, b"b", b"2");
    let error = backend.apply(&batch).unwrap_err();
    assert_eq!(error.to_string(), "there is no table number 1: it was dropped, or belongs to another backend");
    assert_eq!(scanned(&backend, kept, RowRange::ALL), []);
}

/// Rows that fill the buffer many times over: into a new table, into one that has rows, ascending and scattered.
pub fn many_rows_come_back_whatever_their_order_was(subject: Subject) {
    const ROWS: u64 = 3_000;
    let folder = tempfile::tempdir().unwrap();
    let mut backend = (subject.open)(folder.path(), 4_000);
    let table = backend.create_table("many").unwrap();
    let scattered = |row: u64| row.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let ascending = |row: u64| row.to_be_bytes();
    let mut model = Rows::new();
    let put = |backend: &mut dyn Backend, model: &mut Rows, key: [u8; 8], row: u64| {
        backend.put(table, &key, &row.to_le_bytes()).unwrap();
        model.insert(key.to_vec(), row.to_le_bytes().to_vec());
    };
    for row in 0..ROWS {
        put(&mut *backend, &mut model, ascending(row), row);
    }
    assert_eq!(scanned(&backend, table, RowRange::ALL), model_range(&model, RowRange::ALL));
    for row in 0..ROWS {
        put(&mut *backend, &mut model, scattered(row), row);
    }
    assert_eq!(scanned(&backend, table, RowRange::ALL), model_range(&model, RowRange::ALL));
    backend.flush().unwrap();
    for row in 0..ROWS {
        put(&mut *backend, &mut model, scattered(row), row + 1);
        if row % 3 == 0 {
            backend.delete(table, &ascending(row)).unwrap();
            model.remove(&ascending(row)[..]);
        }
    }
    assert_eq!(scanned(&backend, table, RowRange::ALL), model_range(&model, RowRange::ALL));
    backend.flush().unwrap();
    if subject.disk {
        drop(backend);
        backend = (subject.open)(folder.path(), 4_000);
        let table = backend.find_table("many").unwrap().unwrap();
        assert_eq!(scanned(&backend, table, RowRange::ALL), model_range(&model, RowRange::ALL));
    }
}

pub fn a_table_that_is_made_after_others_were_dropped_is_kept(subject: Subject) {
    if !subject.disk {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for round in 0u8..4 {
        let mut backend = (subject.open)(folder.path(), 0);
        for earlier in 0..round {
            let table = backend.find_table(&name(earlier)).unwrap().unwrap();
            assert_eq!(scanned(&backend, table, RowRange::ALL), [(vec![earlier], vec![earlier])]);
        }
        let dropped = backend.create_table("dropped").unwrap();
        backend.put(dropped, b"a", b"row").unwrap();
        backend.flush().unwrap();
        backend.drop_table(dropped).unwrap();
        backend.flush().unwrap();
        drop(backend);
        let mut backend = (subject.open)(folder.path(), 0);
        let kept = backend.create_table(&name(round)).unwrap();
        backend.put(kept, &[round], &[round]).unwrap();
        backend.flush().unwrap();
    }
}

/// Bounds beyond what a key may take in some backend: keys may be shorter than they.
pub fn bounds_may_be_longer_than_any_key(subject: Subject) {
    let folder = tempfile::tempdir().unwrap();
    let mut backend = (subject.open)(folder.path(), 0);
    let table = backend.create_table("rows").unwrap();
    let keys: [Vec<u8>; 4] = [vec![4; 3], vec![5; 3], vec![5; 60_000], vec![6]];
    for key in &keys {
        backend.put(table, key, b"value").unwrap();
    }
    backend.flush().unwrap();
    let long = |byte: u8| vec![byte; 70_000];
    let (four, five, longer) = (long(4), long(5), vec![5; 80_000]);
    for (from, until, found) in [
        (&four[..], None, &keys[1..]),
        (&five, None, &keys[3..]),
        (&[], Some(&five[..]), &keys[..3]),
        (&four, Some(&five), &keys[1..3]),
        (&five, Some(&longer), &[]),
    ] {
        let range = RowRange { from, until };
        let of = |rows: &dyn ReadRows| scanned(rows, table, range).into_iter().map(|row| row.0).collect::<Vec<_>>();
        assert_eq!(of(&backend), found);
        let mut last = None;
        backend.last(table, range, &mut |key, _| last = Some(key.to_vec())).unwrap();
        assert_eq!(last.as_ref(), found.last());
        assert_eq!(of(&backend.snapshot().unwrap()), found);
    }
    assert!(!backend.get(table, &five, &mut |_| ()).unwrap());
    backend.delete(table, &five).unwrap();
}
