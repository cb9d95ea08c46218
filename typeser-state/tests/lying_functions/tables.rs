//! Typed tables: the table is as it was, and both releases agree on that.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use typeser::{StateKey, StateType};
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::typed_table::{BackendTable, TableError, TableOptions};

use crate::seats::stored::seat;
use crate::seats::{new, stored};

/// Every kind of backend, empty.
fn backends(folder: &std::path::Path) -> Vec<Box<dyn Backend>> {
    vec![
        Box::new(MemoryBackend::new()),
        Box::new(RedbBackend::open(folder.join("state.redb")).unwrap()),
        #[cfg(feature = "fjall")]
        Box::new(typeser_state::backend::FjallBackend::open(folder.join("state.fjall")).unwrap()),
    ]
}

fn rows<K: StateKey + Ord, V: StateType>(backend: &mut dyn Backend) -> BTreeMap<K, V> {
    let (mut rows, table) = (BTreeMap::new(), BackendTable::<K, V, _>::open(backend, "seats").unwrap());
    table
        .visit_by_bytes(.., |key, value| {
            rows.insert(key, value);
            ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

/// Fills a table in every backend, opens it with other types, which fails, and returns the error.
#[track_caller]
fn refused<K, V, NewK, NewV>(known: &BTreeMap<K, V>) -> TableError
where
    K: StateKey + Ord + std::fmt::Debug,
    V: StateType + PartialEq + std::fmt::Debug,
    NewK: StateKey,
    NewV: StateType,
{
    let (folder, mut errors) = (tempfile::tempdir().unwrap(), Vec::new());
    for mut backend in backends(folder.path()) {
        let backend = backend.as_mut();
        let mut table = BackendTable::<K, V, _>::open(&mut *backend, "seats").unwrap();
        known.iter().for_each(|(key, value)| table.insert(key, value).unwrap());
        table.flush().unwrap();
        for batch in [2, 1_000] {
            let options = TableOptions::new().with_batches(batch, usize::MAX);
            let opened = BackendTable::<NewK, NewV, _>::open_with(&mut *backend, "seats", &options, &mut |_| ());
            errors.push(opened.unwrap_err());
            assert_eq!(&rows::<K, V>(&mut *backend), known);
        }
    }
    let first = errors.swap_remove(0);
    errors.iter().for_each(|error| assert_eq!(error.to_string(), first.to_string()));
    first
}

#[test]
fn a_table_whose_keys_become_equal_is_as_it_was() {
    let known = [3, 44, 17, 21, 45, 60].map(|number| (seat(number), number)).into();
    let error = refused::<stored::Seat, u32, new::Seat, u32>(&known);
    assert!(matches!(error, TableError::Collision { .. }));
    insta::assert_snapshot!(error);
}

#[test]
fn a_table_whose_sets_would_hold_an_element_twice_is_as_it_was() {
    let seats = |numbers: &[u32]| numbers.iter().copied().map(seat).collect();
    let known = [(1, seats(&[10, 20])), (2, seats(&[])), (3, seats(&[31, 40, 39])), (4, seats(&[5]))].into();
    let error = refused::<u8, BTreeSet<stored::Seat>, u8, BTreeSet<new::Seat>>(&known);
    assert!(matches!(error, TableError::Migrate { .. }));
    insta::assert_snapshot!(error);
}

#[test]
fn a_table_whose_maps_would_hold_a_key_twice_is_as_it_was() {
    let known = [(1, [(seat(10), seat(1)), (seat(12), seat(2))].into())].into();
    let error = refused::<u8, BTreeMap<stored::Seat, stored::Seat>, u8, BTreeMap<new::Seat, new::Seat>>(&known);
    insta::assert_snapshot!(error);
}
