//! A state or an operator whose name changed in the program: the refusal names the edit that renames what is stored, and a
//! declared earlier name makes the edit unnecessary.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::path::Path;

use typeser_state::backend::{MemoryBackend, RedbBackend};
use typeser_state::descriptor::{ListStateDescriptor, ValueStateDescriptor};
use typeser_state::function::MapWithState;
use typeser_state::harness::{Harness, ProcessOperator};
use typeser_state::keyed::{KeyedStateBackend, Operator, ValueState};
use typeser_state::operator::OperatorStates;
use typeser_state::processor::{ProcessOptions, SavepointEdit};
use typeser_state::restore::{Problem, Program, RestoreError, RestoreOptions};
use typeser_state::savepoint::{Savepoint, SavepointWriter};

/// An operator with a value state of `u64`, and a list state of `u32`.
fn operator(uid: &str, value: &str) -> (Operator<u32>, ValueState<u64>) {
    let mut operator = Operator::new(uid).unwrap();
    let value = operator.value(value).unwrap();
    operator.list::<u32>("recent").unwrap();
    (operator, value)
}

fn stored(folder: &Path) -> Savepoint {
    let (operator, total) = operator("s", "total");
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&7).unwrap();
    total.update(&mut state, &42).unwrap();
    Savepoint::create(folder.join("old")).unwrap().operator(&state).unwrap().finish().unwrap()
}

fn restored(operator: &Operator<u32>, value: ValueState<u64>, savepoint: &Savepoint) -> Option<u64> {
    let mut state = operator.restore(savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&7).unwrap();
    value.get(&mut state).unwrap()
}

#[test]
fn a_renamed_state_is_refused_with_the_edit_that_renames_it() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = stored(folder.path());
    let (mut renamed, sum) = operator("s", "sum");
    // Neither of another kind, nor of another type.
    renamed.list::<u64>("list").unwrap();
    renamed.value::<u32>("small").unwrap();
    let refused = renamed.plan(&savepoint, &RestoreOptions::new()).err().unwrap().to_string();
    insta::assert_snapshot!(refused.replace(&folder.path().display().to_string(), "[DIR]"));

    let edit = SavepointEdit::of(&savepoint).rename_state("s", "total", "sum");
    let edited = edit.plan(&ProcessOptions::new()).unwrap().run(folder.path().join("new"), &mut |_| ()).unwrap();
    assert_eq!(restored(&renamed, sum, &edited), Some(42));
}

#[test]
fn an_operator_with_another_uid_is_refused_with_the_edit_that_renames_it() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = stored(folder.path());
    let (renamed, total) = operator("s2", "total");
    let refused = Program::new().operator(&renamed).plan(&savepoint, &RestoreOptions::new()).err().unwrap().to_string();
    insta::assert_snapshot!(refused.replace(&folder.path().display().to_string(), "[DIR]"));

    let edit = SavepointEdit::of(&savepoint).rename_operator("s", "s2");
    let edited = edit.plan(&ProcessOptions::new()).unwrap().run(folder.path().join("new"), &mut |_| ()).unwrap();
    assert_eq!(restored(&renamed, total, &edited), Some(42));
}

/// An operator whose value state was called `total` before.
fn declared_earlier(name: &str) -> (Operator<u32>, ValueState<u64>) {
    let mut operator = Operator::new("s").unwrap();
    let sum = ValueStateDescriptor::new(name).unwrap().with_earlier_name("oldest").with_earlier_name("total");
    let sum = operator.value_state(sum).unwrap();
    operator.list::<u32>("recent").unwrap();
    (operator, sum)
}

#[test]
fn a_state_is_restored_from_its_earlier_name_and_stored_under_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = stored(folder.path());
    let (renamed, sum) = declared_earlier("sum");
    assert_eq!(restored(&renamed, sum, &savepoint), Some(42));
    let plan = renamed.plan(&savepoint, &RestoreOptions::new()).unwrap();
    let states: Vec<_> = plan.states().iter().map(|state| (state.name(), state.entries())).collect();
    assert_eq!(states, [("sum", 1), ("recent", 0)]);

    // Into a backend, and from it into the next savepoint, where the earlier name is no longer needed.
    let file = folder.path().join("state.redb");
    let backend = RedbBackend::open(&file).unwrap();
    let state = renamed.restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ()).unwrap();
    let next = Savepoint::create(folder.path().join("next")).unwrap().operator(&state).unwrap().finish().unwrap();
    let (plain, plain_sum) = operator("s", "sum");
    assert_eq!(restored(&plain, plain_sum, &next), Some(42));
    drop(state);
    assert!(plain.open(RedbBackend::open(&file).unwrap()).is_ok());

    // The processor reads and modifies it by the new name.
    let read = |_: &u32, state: &mut KeyedStateBackend<u32, MemoryBackend>, out: &mut dyn FnMut(Option<u64>)| {
        out(sum.get(state)?);
        Ok(())
    };
    let mut found = Vec::new();
    let visit = |value| {
        found.push(value);
        Ok(())
    };
    renamed.read(&savepoint, &ProcessOptions::new(), read, visit).unwrap();
    assert_eq!(found, [Some(42)]);
    let edit = SavepointEdit::of(&savepoint).modify(&renamed, move |_, state| Ok(sum.update(state, &43)?));
    let edited = edit.plan(&ProcessOptions::new()).unwrap().run(folder.path().join("edited"), &mut |_| ()).unwrap();
    // An edit renames only what `rename_state` and `rename_operator` name.
    assert_eq!(restored(&renamed, sum, &edited), Some(43));
    assert!(edited.operator("s").unwrap().meta().state("total").is_some());
}

#[test]
fn a_backend_is_opened_by_an_earlier_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.redb");
    let (old, total) = operator("s", "total");
    let mut state = old.open(RedbBackend::open(&file).unwrap()).unwrap();
    state.set_current_key(&7).unwrap();
    total.update(&mut state, &42).unwrap();
    state.flush().unwrap();
    drop(state);
    let (renamed, sum) = declared_earlier("sum");
    let mut state = renamed.open(RedbBackend::open(&file).unwrap()).unwrap();
    state.set_current_key(&7).unwrap();
    assert_eq!(sum.get(&mut state).unwrap(), Some(42));
}

#[test]
fn the_present_name_comes_before_the_latest_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut both = Operator::<u32>::new("s").unwrap();
    let names = ["oldest", "total", "sum"];
    let values = names.map(|name| both.value::<u64>(name).unwrap());
    let mut state = both.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&7).unwrap();
    for (number, value) in (1..).zip(values) {
        value.update(&mut state, &number).unwrap();
    }
    let all = Savepoint::create(folder.path().join("all")).unwrap().operator(&state).unwrap().finish().unwrap();
    for (remaining, expected, left) in [(3, 3, ["oldest", "total"].as_slice()), (2, 2, &["oldest"]), (1, 1, &[])] {
        let mut edit = SavepointEdit::of(&all);
        for name in &names[remaining..] {
            edit = edit.remove_state("s", *name);
        }
        let path = folder.path().join(remaining.to_string());
        let savepoint = edit.plan(&ProcessOptions::new()).unwrap().run(path, &mut |_| ()).unwrap();
        let (renamed, sum) = declared_earlier("sum");
        // What no name claims is stored and not declared, as ever.
        let options = left.iter().fold(RestoreOptions::new(), |options, name| options.drop_state("s", *name));
        assert_eq!(renamed.plan(&savepoint, &RestoreOptions::new()).is_ok(), left.is_empty());
        let mut state = renamed.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
        state.set_current_key(&7).unwrap();
        assert_eq!(sum.get(&mut state).unwrap(), Some(expected));
    }
}

#[test]
fn a_renamed_union_list_still_needs_all_instances() {
    let folder = tempfile::tempdir().unwrap();
    let source = |name: &str, instance| {
        let mut states = OperatorStates::new("source").unwrap().with_instance(2, instance).unwrap();
        let list = ListStateDescriptor::<u32>::new(name).unwrap().with_earlier_name("offsets");
        let list = states.union_list_state(list).unwrap();
        (states, list)
    };
    let write = |path: &Path, instances: u32| {
        let writer = Savepoint::create(path).unwrap().allow_missing_key_groups();
        let write = |writer: SavepointWriter, instance| {
            let (states, list) = source("offsets", instance);
            let mut store = states.open().unwrap();
            list.add(&mut store, &instance).unwrap();
            writer.operator_state(&store).unwrap()
        };
        (0..instances).fold(writer, write).finish().unwrap()
    };
    let whole = write(&folder.path().join("whole"), 2);
    let (states, list) = source("positions", 1);
    let mut store = states.restore(&whole, &RestoreOptions::new()).unwrap();
    assert_eq!(list.get(&mut store).unwrap(), [0, 1]);
    let half = write(&folder.path().join("half"), 1);
    let (states, _) = source("positions", 0);
    let error = states.plan(&half, &RestoreOptions::new()).err().unwrap();
    let RestoreError::Refused(refusal) = &error else { panic!("{error}") };
    let [Problem::InstancesMissing { parallelism: 2, missing, .. }] = refusal.problems() else { panic!("{error}") };
    assert_eq!(missing.len(), 1);
}

#[test]
fn a_name_of_two_states_is_an_error() {
    let (mut operator, _) = declared_earlier("sum");
    let errors = [
        operator.value::<u64>("total").unwrap_err(),
        operator
            .value_state(ValueStateDescriptor::<u64>::new("other").unwrap().with_earlier_name("recent"))
            .unwrap_err(),
    ];
    insta::assert_snapshot!(errors.map(|error| error.to_string()).join("\n"));
}

#[test]
fn an_operator_is_restored_from_its_earlier_uid_and_stored_under_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = stored(folder.path());
    let renamed = || {
        let mut operator = Operator::<u32>::new("s3").unwrap().with_earlier_uid("s").with_earlier_uid("s2");
        let total = operator.value("total").unwrap();
        operator.list::<u32>("recent").unwrap();
        (operator, total)
    };
    let (operator_now, total) = renamed();
    let program = Program::new().operator(&operator_now);
    let plan = program.plan(&savepoint, &RestoreOptions::new()).unwrap();
    let states: Vec<_> = plan.operators()[0].states().iter().map(|state| (state.name(), state.entries())).collect();
    assert_eq!(states, [("total", 1), ("recent", 0)]);
    assert_eq!(plan.dropped().count(), 0);
    assert_eq!(restored(&operator_now, total, &savepoint), Some(42));

    let file = folder.path().join("state.redb");
    let backend = RedbBackend::open(&file).unwrap();
    let state = operator_now.restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ()).unwrap();
    let next = Savepoint::create(folder.path().join("next")).unwrap().operator(&state).unwrap().finish().unwrap();
    drop(state);
    let (plain, plain_total) = operator("s3", "total");
    assert_eq!(restored(&plain, plain_total, &next), Some(42));
    assert!(plain.open(RedbBackend::open(&file).unwrap()).is_ok());

    // A backend that an earlier release filled is opened as well.
    let file = folder.path().join("old.redb");
    let (old, _) = operator("s", "total");
    drop(old.restore(&savepoint, RedbBackend::open(&file).unwrap(), &RestoreOptions::new(), &mut |_| ()).unwrap());
    let mut state = operator_now.open(RedbBackend::open(&file).unwrap()).unwrap();
    state.set_current_key(&7).unwrap();
    assert_eq!(total.get(&mut state).unwrap(), Some(42));
}

#[test]
fn options_name_what_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = stored(folder.path());
    let mut without = Operator::<u32>::new("s2").unwrap().with_earlier_uid("s");
    without.list::<u32>("recent").unwrap();
    assert!(without.plan(&savepoint, &RestoreOptions::new()).is_err());
    without.plan(&savepoint, &RestoreOptions::new().drop_state("s", "total")).unwrap();
    assert!(without.plan(&savepoint, &RestoreOptions::new().drop_state("s2", "total")).is_err());
}

#[test]
fn two_operators_of_one_earlier_uid_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = stored(folder.path());
    let with_earlier = |uid: &str| {
        let mut operator = Operator::<u32>::new(uid).unwrap().with_earlier_uid("s");
        operator.value::<u64>("total").unwrap();
        operator.list::<u32>("recent").unwrap();
        operator
    };
    let (first, second) = (with_earlier("a"), with_earlier("b"));
    let program = Program::new().operator(&first).operator(&second);
    let refused = program.plan(&savepoint, &RestoreOptions::new()).err().unwrap().to_string();
    insta::assert_snapshot!(refused.replace(&folder.path().display().to_string(), "[DIR]"));
}

#[test]
fn operator_state_is_restored_from_an_earlier_uid_also_in_a_harness() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = OperatorStates::new("source").unwrap();
    let offsets = source.split_list::<u32>("offsets").unwrap();
    let mut store = source.open().unwrap();
    offsets.add_all(&mut store, &[1, 2, 3]).unwrap();
    let savepoint =
        Savepoint::create(folder.path().join("one")).unwrap().operator_state(&store).unwrap().finish().unwrap();
    for (instance, expected) in [(0, &[1, 2][..]), (1, &[3])] {
        let renamed = OperatorStates::new("reader").unwrap().with_earlier_uid("source");
        let mut renamed = renamed.with_instance(2, instance).unwrap();
        let offsets = renamed.split_list::<u32>("offsets").unwrap();
        let mut store = renamed.restore(&savepoint, &RestoreOptions::new()).unwrap();
        assert_eq!(offsets.get(&mut store).unwrap(), expected);
    }

    let counts = |uid: &str| {
        let counts = ProcessOperator::new(uid, |states| {
            MapWithState::new(states, "count", |_: String, count: Option<u32>| {
                let count = count.unwrap_or(0) + 1;
                (count, Some(count))
            })
        });
        counts.keyed_by(String::clone)
    };
    let mut harness = Harness::of(counts("counts")).open().unwrap();
    harness.process("to".to_owned()).unwrap();
    let savepoint = harness.take_savepoint(folder.path().join("two")).unwrap();
    let renamed = Harness::of(counts("words").with_earlier_uid("counts"));
    let mut harness = renamed.restore(&savepoint, &RestoreOptions::new()).unwrap();
    harness.process("to".to_owned()).unwrap();
    assert_eq!(harness.take_output(), [2]);
}
