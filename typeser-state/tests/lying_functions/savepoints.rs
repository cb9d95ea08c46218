//! Savepoints: the savepoint is as it was, and no new one is written.

use std::collections::BTreeSet;
use std::path::Path;

use typeser::resolve::Role;
use typeser::{Serializer, StateKey, StateType};
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::{MapState, Operator};
use typeser_state::operator::OperatorStates;
use typeser_state::processor::{MigrationPlan, ProcessOptions, RekeyPlan, SavepointEdit, Targets};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

use crate::seats::stored::seat;
use crate::seats::{new, stored};

fn operator<K: StateKey, V: StateType>() -> (Operator<u8>, MapState<K, V>) {
    let mut operator = Operator::new("trains").unwrap();
    let map = operator.map("seats").unwrap();
    (operator, map)
}

fn steady(error: &dyn std::fmt::Display, folder: &Path) -> String {
    error.to_string().replace(&folder.display().to_string(), "<folder>")
}

/// A savepoint with map keys of which two of one map become equal.
fn written(folder: &Path) -> Savepoint {
    let (first, seats) = operator::<stored::Seat, u8>();
    let mut state = first.open(MemoryBackend::new()).unwrap();
    // The keys of different maps may become equal.
    for (train, numbers) in [(1, &[10, 20][..]), (2, &[11, 21]), (3, &[30, 40, 45, 50])] {
        state.set_current_key(&train).unwrap();
        numbers.iter().for_each(|number| seats.put(&mut state, &seat(*number), &0).unwrap());
    }
    Savepoint::create(folder.join("1")).unwrap().operator(&state).unwrap().finish().unwrap()
}

/// Nothing but the savepoint is there, as it was written.
#[track_caller]
fn check_nothing_was_written(folder: &Path, savepoint: &Savepoint) {
    let names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["1"]);
    savepoint.verify().unwrap();
}

#[test]
fn map_keys_that_become_equal_end_a_migration_or_an_edit_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = written(folder.path());
    let mut targets = Targets::new();
    targets.add_serializer("trains", "seats", Role::MapKey, &Serializer::<new::Seat>::new().unwrap());
    let output = folder.path().join("2");
    // In memory, and in sorted runs.
    for memory in [1 << 20, 16] {
        let options = ProcessOptions::new().with_memory(memory);
        let plan = MigrationPlan::new(&savepoint, &targets, &options).unwrap();
        let migrated = plan.run(&output, &mut |_| ()).unwrap_err();
        check_nothing_was_written(folder.path(), &savepoint);
        let edit = SavepointEdit::of(&savepoint).rename_operator("trains", "coaches").migrate(&targets);
        let edited = edit.write(&output, &options, &mut |_| ()).unwrap_err();
        check_nothing_was_written(folder.path(), &savepoint);
        assert_eq!(edited.to_string(), migrated.to_string());
        insta::assert_snapshot!("a_migration_names_both_map_keys", steady(&migrated, folder.path()));
    }
}

#[test]
fn map_keys_that_become_equal_end_a_modification_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = written(folder.path());
    let (second, seats) = operator::<new::Seat, u8>();
    let edit = SavepointEdit::of(&savepoint).modify(&second, |_, state| Ok(seats.clear(state)?));
    let error = edit.write(folder.path().join("2"), &ProcessOptions::new(), &mut |_| ()).unwrap_err();
    check_nothing_was_written(folder.path(), &savepoint);
    insta::assert_snapshot!(steady(&error, folder.path()));
}

#[test]
fn keys_that_become_equal_end_a_re_key_or_an_edit_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Operator::<stored::Seat>::new("seats").unwrap();
    let taken = first.value::<bool>("taken").unwrap();
    let mut state = first.open(MemoryBackend::new()).unwrap();
    for number in [10, 40, 25, 49] {
        state.set_current_key(&seat(number)).unwrap();
        taken.update(&mut state, &true).unwrap();
    }
    let savepoint = Savepoint::create(folder.path().join("1")).unwrap().operator(&state).unwrap().finish().unwrap();
    let mut targets = Targets::new();
    targets.add_key_serializer("seats", &Serializer::<new::Seat>::new().unwrap());
    let (options, output) = (ProcessOptions::new(), folder.path().join("2"));
    let plan = RekeyPlan::new(&savepoint, &targets, &options).unwrap();
    let rekeyed = plan.run(&output, &mut |_| ()).unwrap_err();
    check_nothing_was_written(folder.path(), &savepoint);
    let edit = SavepointEdit::of(&savepoint).rekey(&targets).rename_state("seats", "taken", "sold");
    let edited = edit.write(&output, &options, &mut |_| ()).unwrap_err();
    check_nothing_was_written(folder.path(), &savepoint);
    assert_eq!(edited.to_string(), rekeyed.to_string());
    insta::assert_snapshot!(steady(&rekeyed, folder.path()));
}

#[test]
fn map_keys_that_become_equal_end_a_restore_and_both_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = written(folder.path());
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
