//! Everything that is wrong with an edit is reported at once, and nothing is written.

use std::fs;

use typeser::resolve::Role;
use typeser::{Serializer, StateType, TypeSerializer};
use typeser_state::backend::MemoryBackend;
use typeser_state::key_group::MaxParallelism;
use typeser_state::keyed::Operator;
use typeser_state::operator::OperatorStates;
use typeser_state::processor::{ProcessError, SavepointEdit, Targets};
use typeser_state::savepoint::Savepoint;

use crate::my_app::{bytes, options, proc_of, steady, write};

#[test]
fn all_problems_are_reported_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 1);
    // An operator of other keys, and one of another parallelism.
    let mut by_number = Operator::<u32>::new("by-number").unwrap();
    by_number.value::<u8>("x").unwrap();
    let numbers = by_number.open(MemoryBackend::new()).unwrap();
    let mut single = OperatorStates::new("single").unwrap();
    single.split_list::<u8>("x").unwrap();
    let store = single.open().unwrap();
    let edit = SavepointEdit::of(&base).add_keyed_state(&numbers).add_operator_state(&store);
    let base = edit.write(folder.path().join("two"), &options(), &mut |_| ()).unwrap();
    let before = (bytes(base.path()), fs::read_dir(folder.path()).unwrap().count());

    let app = proc_of::<String>(0);
    let taken = app.operator.open(MemoryBackend::new()).unwrap();
    let mut wrong = Operator::<String>::new("by-number").unwrap();
    wrong.value::<u8>("x").unwrap();
    let edit = SavepointEdit::of(&base)
        .remove_operator("nobody")
        .remove_operator_state("proc")
        .rename_operator("single", "")
        .remove_state("proc", "total")
        .rename_state("proc", "worst", "mean")
        .move_state("proc", "totals", "by-number")
        .move_state("src", "offsets", "single")
        .with_max_parallelism("proc", MaxParallelism::new(64).unwrap())
        .modify(&wrong, |_, _| Ok(()))
        .add_keyed_state(&taken);
    let error = edit.write(folder.path().join("never"), &options(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, ProcessError::Edit(_)), "{error}");
    insta::assert_snapshot!(steady(error, folder.path()));
    assert_eq!((bytes(base.path()), fs::read_dir(folder.path()).unwrap().count()), before);
}

#[test]
fn edits_that_exclude_each_other_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 1);
    let app = proc_of::<String>(0);
    let edit = SavepointEdit::of(&base)
        .modify(&app.operator, |_, _| Ok(()))
        .modify(&app.operator, |_, _| Ok(()))
        .remove_state("proc", "worst");
    insta::assert_snapshot!(steady(edit.plan(&options()).unwrap_err(), folder.path()));
}

#[test]
fn incompatible_serializers_are_reported_as_in_a_migration() {
    #[derive(StateType)]
    struct Totals {
        departures: u32,
    }
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 1);
    let mut targets = Targets::new();
    let serializer = Serializer::<Totals>::new().unwrap();
    targets.add("proc", "totals", Role::Value, serializer.snapshot().clone());
    let edit = SavepointEdit::of(&base).migrate(&targets).rename_operator("proc", "new");
    let error = edit.plan(&options()).unwrap_err();
    let plain = typeser_state::processor::MigrationPlan::new(&base, &targets, &options()).unwrap_err();
    assert_eq!(error.to_string(), plain.to_string());
}

#[test]
fn a_function_that_fails_half_way_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let base = write(&folder.path().join("base"), 2);
    let app = proc_of::<String>(0);
    let fail = |key: &String, _: &mut _| if key == "N123" { Err("impossible".into()) } else { Ok(()) };
    let edit = SavepointEdit::of(&base).modify(&app.operator, fail);
    let error = edit.write(folder.path().join("never"), &options(), &mut |_| ()).unwrap_err();
    assert_eq!(
        steady(error, folder.path()),
        "the function for operator `proc` failed under key \"N123\": impossible; nothing was written"
    );
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["base"]);

    // A base that was damaged is not taken over.
    let file = base.path().join(base.operators()[0].files()[0].name());
    let mut content = fs::read(&file).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&file, content).unwrap();
    let base = Savepoint::open(base.path()).unwrap();
    let error = SavepointEdit::of(&base).write(folder.path().join("never"), &options(), &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
