//! Savepoints: the savepoint is as it was, and no new one is written.

use std::collections::BTreeSet;
use std::path::Path;

use typeser::{StateKey, StateType};
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::{MapState, Operator};
use typeser_state::operator::OperatorStates;
use typeser_state::restore::{RestoreError, RestoreOptions};
use typeser_state::savepoint::Savepoint;

use crate::seats::stored::seat;
use crate::seats::{new, stored};

fn operator<K: StateKey, V: StateType>() -> (Operator<u8>, MapState<K, V>) {
    let mut operator = Operator::new("trains").unwrap();
    let map = operator.map("seats").unwrap();
    (operator, map)
}

fn steady(error: &RestoreError, folder: &Path) -> String {
    error.to_string().replace(&folder.display().to_string(), "<folder>")
}

#[test]
fn map_keys_that_become_equal_end_a_restore_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (first, seats) = operator::<stored::Seat, u8>();
    let mut state = first.open(MemoryBackend::new()).unwrap();
    // The keys of different maps may become equal.
    for (train, numbers) in [(1, &[10, 20][..]), (2, &[11, 21]), (3, &[30, 40, 45, 50])] {
        state.set_current_key(&train).unwrap();
        numbers.iter().for_each(|number| seats.put(&mut state, &seat(*number), &0).unwrap());
    }
    let savepoint = Savepoint::create(folder.path().join("1")).unwrap().operator(&state).unwrap().finish().unwrap();
    let (second, _) = operator::<new::Seat, u8>();
    let error =
        second.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(steady(&error, folder.path()));
    savepoint.verify().unwrap();
}

#[test]
fn elements_that_become_equal_end_a_restore_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (first, seats) = operator::<u8, BTreeSet<stored::Seat>>();
    let mut state = first.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&1).unwrap();
    seats.put(&mut state, &7, &[10, 20, 22].map(seat).into()).unwrap();
    let savepoint = Savepoint::create(folder.path().join("1")).unwrap().operator(&state).unwrap().finish().unwrap();
    let (second, _) = operator::<u8, BTreeSet<new::Seat>>();
    let error =
        second.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(steady(&error, folder.path()));
}

#[test]
fn keys_of_broadcast_state_that_become_equal_end_a_restore_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = OperatorStates::new("trains").unwrap();
    let seats = first.broadcast::<stored::Seat, u8>("seats").unwrap();
    let mut store = first.open().unwrap();
    [10, 20, 22].iter().for_each(|number| seats.put(&mut store, &seat(*number), &0).unwrap());
    let writer = Savepoint::create(folder.path().join("1")).unwrap();
    let savepoint = writer.operator_state(&store).unwrap().finish().unwrap();
    let mut second = OperatorStates::new("trains").unwrap();
    second.broadcast::<new::Seat, u8>("seats").unwrap();
    let error = second.restore(&savepoint, &RestoreOptions::new()).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(steady(&error, folder.path()));
}
