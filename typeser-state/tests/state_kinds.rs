//! Value, reducing and aggregating states store the same rows, so each can be declared as another one; a plan of a restore
//! prints what becomes of each state.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::path::Path;

use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::descriptor::{AggregatingStateDescriptor, StateKind};
use typeser_state::keyed::{AggregatingState, KeyedStateBackend, Operator, ReducingState, ValueState};
use typeser_state::operator::OperatorStates;
use typeser_state::processor::{ProcessOptions, SavepointEdit};
use typeser_state::restore::{Program, RestoreOptions};
use typeser_state::savepoint::Savepoint;

/// `total` is a value state.
fn value() -> (Operator<u8>, ValueState<u32>) {
    let mut operator = Operator::new("o").unwrap();
    let total = operator.value("total").unwrap();
    (operator, total)
}

/// `total` is a reducing state, and has a wider type.
fn reducing() -> (Operator<u8>, ReducingState<u64>) {
    let mut operator = Operator::new("o").unwrap();
    let total = operator.reducing("total", |first: u64, second| first + second).unwrap();
    (operator, total)
}

/// `total` is an aggregating state with the accumulator of the reducing one.
fn aggregating() -> (Operator<u8>, AggregatingState<u64, u64, String>) {
    let mut operator = Operator::new("o").unwrap();
    let sum = AggregatingStateDescriptor::new(
        "total",
        || 0,
        |sum: &mut u64, next: u64| *sum += next,
        |sum| format!("{sum} in all"),
    );
    let total = operator.aggregating_state(sum.unwrap()).unwrap();
    (operator, total)
}

fn save<B: Backend>(directory: &Path, state: &KeyedStateBackend<u8, B>) -> Savepoint {
    Savepoint::create(directory).unwrap().operator(state).unwrap().finish().unwrap()
}

fn restore(operator: &Operator<u8>, savepoint: &Savepoint) -> KeyedStateBackend<u8, MemoryBackend> {
    let mut state = operator.restore(savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&1).unwrap();
    state
}

fn kind(savepoint: &Savepoint) -> StateKind {
    savepoint.operator("o").unwrap().meta().state("total").unwrap().kind()
}

#[test]
fn value_reducing_and_aggregating_states_are_restored_as_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (operator, total) = value();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&1).unwrap();
    total.update(&mut state, &40).unwrap();
    let savepoint = save(&folder.path().join("value"), &state);

    // The verdict on the type decides, as for a state that keeps its kind.
    let (operator, total) = reducing();
    let plan = operator.plan(&savepoint, &RestoreOptions::new()).unwrap();
    assert_eq!(plan.states()[0].verdict().to_string(), "requires migration");
    assert_eq!(plan.states()[0].kind(), StateKind::Reducing);
    let mut state = restore(&operator, &savepoint);
    total.add(&mut state, 2).unwrap();
    assert_eq!(total.get(&mut state).unwrap(), Some(42));
    let savepoint = save(&folder.path().join("reducing"), &state);
    assert_eq!(kind(&savepoint), StateKind::Reducing);

    let (operator, total) = aggregating();
    let mut state = restore(&operator, &savepoint);
    total.add(&mut state, 1).unwrap();
    assert_eq!(total.get(&mut state).unwrap().as_deref(), Some("43 in all"));
    let savepoint = save(&folder.path().join("aggregating"), &state);
    assert_eq!(kind(&savepoint), StateKind::Aggregating);

    let mut operator = Operator::new("o").unwrap();
    let total = operator.value::<u64>("total").unwrap();
    let mut state = restore(&operator, &savepoint);
    assert_eq!(total.get(&mut state).unwrap(), Some(43));
    assert_eq!(kind(&save(&folder.path().join("value again"), &state)), StateKind::Value);
}

#[test]
fn a_backend_is_opened_with_a_state_of_another_kind_that_has_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    let (operator, total) = aggregating();
    let mut state = operator.open(RedbBackend::open(&path).unwrap()).unwrap();
    state.set_current_key(&1).unwrap();
    total.add(&mut state, 42).unwrap();
    state.flush().unwrap();
    drop(state);
    let (operator, total) = reducing();
    for _ in 0..2 {
        let mut state = operator.open(RedbBackend::open(&path).unwrap()).unwrap();
        state.set_current_key(&1).unwrap();
        assert_eq!(total.get(&mut state).unwrap(), Some(42));
    }
}

#[test]
fn a_state_of_another_kind_is_named_as_a_renamed_one_if_it_has_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (operator, total) = aggregating();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&1).unwrap();
    total.add(&mut state, 42).unwrap();
    let savepoint = save(&folder.path().join("1"), &state);
    let mut operator = Operator::<u8>::new("o").unwrap();
    operator.value::<u64>("sum").unwrap();
    operator.list::<u64>("list").unwrap();
    let refused = operator.plan(&savepoint, &RestoreOptions::new()).err().unwrap().to_string();
    assert!(refused.contains("--rename-state o total sum "), "{refused}");
    assert!(!refused.contains("total list"), "{refused}");
}

#[test]
fn a_plan_prints_what_becomes_of_each_state() {
    let folder = tempfile::tempdir().unwrap();
    let (mut operator, total) = value();
    let names = operator.list::<String>("names").unwrap();
    let old = operator.value::<u8>("old").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..3 {
        state.set_current_key(&key).unwrap();
        total.update(&mut state, &1).unwrap();
        old.update(&mut state, &key).unwrap();
        names.add_all(&mut state, &["anna".to_owned(), "bert".to_owned()]).unwrap();
    }
    let mut source = OperatorStates::new("source").unwrap();
    let offsets = source.split_list::<u32>("offsets").unwrap();
    let mut store = source.open().unwrap();
    offsets.add_all(&mut store, &[1, 2, 3]).unwrap();
    let writer = Savepoint::create(folder.path().join("1")).unwrap();
    let savepoint = writer.operator(&state).unwrap().operator_state(&store).unwrap().finish().unwrap();

    let (mut operator, _) = reducing();
    operator.list::<String>("names").unwrap();
    operator.value::<bool>("fresh").unwrap();
    let options = RestoreOptions::new().drop_state("o", "old").with_operator_state("source");
    let plan = operator.plan(&savepoint, &options).unwrap();
    let mut source = OperatorStates::new("source").unwrap();
    source.split_list::<u64>("offsets").unwrap();
    let of_source = source.plan(&savepoint, &RestoreOptions::new().with_operator("o")).unwrap();
    let printed = format!("{plan}\n{of_source}").replace(&folder.path().display().to_string(), "[DIR]");
    insta::assert_snapshot!(printed);
}

#[test]
fn operator_state_with_another_uid_is_refused_with_the_edit_that_renames_it() {
    let folder = tempfile::tempdir().unwrap();
    let source = |uid: &str| {
        let mut source = OperatorStates::new(uid).unwrap();
        let offsets = source.split_list::<u32>("offsets").unwrap();
        (source, offsets)
    };
    let (stored, offsets) = source("the source");
    let mut store = stored.open().unwrap();
    offsets.add(&mut store, &7).unwrap();
    let writer = Savepoint::create(folder.path().join("1")).unwrap();
    let savepoint = writer.operator_state(&store).unwrap().finish().unwrap();
    let (renamed, offsets) = source("source");
    let refused = Program::new().operator_state(&renamed).plan(&savepoint, &RestoreOptions::new()).err().unwrap();
    let edit = "typeser state edit SAVEPOINT --rename-operator 'the source' NEW-UID --output NEW-SAVEPOINT";
    assert!(refused.to_string().contains(edit), "{refused}");

    let edit = SavepointEdit::of(&savepoint).rename_operator("the source", "source");
    let edited = edit.write(folder.path().join("2"), &ProcessOptions::new(), &mut |_| ()).unwrap();
    let mut store = renamed.restore(&edited, &RestoreOptions::new()).unwrap();
    assert_eq!(offsets.get(&mut store).unwrap(), [7]);
}
