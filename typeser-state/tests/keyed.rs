//! Values, lists and maps of the current key behave as plain ones do, on every backend, across opening and restoring.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{KeyedStateBackend, ListState, MapState, Operator, ValueState};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

type Key = (u16, String);

struct Program {
    operator: Operator<Key>,
    total: ValueState<i64>,
    recent: ListState<String>,
    by_name: MapState<String, Vec<u8>>,
    other: ValueState<String>,
}

fn program() -> Program {
    let mut operator = Operator::new("model").unwrap();
    let total = operator.value("total").unwrap();
    let recent = operator.list("recent").unwrap();
    let by_name = operator.map("by-name").unwrap();
    let other = operator.value("other").unwrap();
    Program { operator, total, recent, by_name, other }
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    total: Option<i64>,
    recent: Vec<String>,
    by_name: BTreeMap<String, Vec<u8>>,
    other: Option<String>,
}

#[derive(Debug, Clone)]
enum Operation {
    Update(i64),
    ClearValue,
    Other(String),
    Add(String),
    AddAll(Vec<String>),
    Replace(Vec<String>),
    ClearList,
    Put(String, Vec<u8>),
    PutAll(BTreeMap<String, Vec<u8>>),
    Remove(String),
    ClearMap,
    /// Through a savepoint into another backend.
    Upgrade,
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "b", "ab", "\u{0}", "ä", "a rather long name that takes more than a few bytes"])
        .prop_map(str::to_owned)
}

fn operation() -> impl Strategy<Value = Operation> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..5);
    prop_oneof![
        2 => any::<i64>().prop_map(Operation::Update),
        1 => Just(Operation::ClearValue),
        1 => text().prop_map(Operation::Other),
        3 => text().prop_map(Operation::Add),
        1 => prop::collection::vec(text(), 0..5).prop_map(Operation::AddAll),
        1 => prop::collection::vec(text(), 0..5).prop_map(Operation::Replace),
        1 => Just(Operation::ClearList),
        3 => (text(), bytes()).prop_map(|(key, value)| Operation::Put(key, value)),
        1 => prop::collection::btree_map(text(), bytes(), 0..4).prop_map(Operation::PutAll),
        2 => text().prop_map(Operation::Remove),
        1 => Just(Operation::ClearMap),
        1 => Just(Operation::Upgrade),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    (prop::sample::select(vec![0, 1, 256]), text())
}

fn step<B: Backend>(program: &Program, state: &mut KeyedStateBackend<Key, B>, model: &mut Model, operation: Operation) {
    match operation {
        Operation::Update(value) => {
            program.total.update(state, &value).unwrap();
            model.total = Some(value);
        }
        Operation::ClearValue => {
            program.total.clear(state).unwrap();
            model.total = None;
        }
        Operation::Other(value) => {
            program.other.update(state, &value).unwrap();
            model.other = Some(value);
        }
        Operation::Add(element) => {
            program.recent.add(state, &element).unwrap();
            model.recent.push(element);
        }
        Operation::AddAll(elements) => {
            program.recent.add_all(state, &elements).unwrap();
            model.recent.extend(elements);
        }
        Operation::Replace(elements) => {
            program.recent.update(state, &elements).unwrap();
            model.recent = elements;
        }
        Operation::ClearList => {
            program.recent.clear(state).unwrap();
            model.recent.clear();
        }
        Operation::Put(key, value) => {
            program.by_name.put(state, &key, &value).unwrap();
            model.by_name.insert(key, value);
        }
        Operation::PutAll(entries) => {
            program.by_name.put_all(state, &entries).unwrap();
            model.by_name.extend(entries);
        }
        Operation::Remove(key) => {
            program.by_name.remove(state, &key).unwrap();
            model.by_name.remove(&key);
        }
        Operation::ClearMap => {
            program.by_name.clear(state).unwrap();
            model.by_name.clear();
        }
        Operation::Upgrade => unreachable!("the caller does that"),
    }
}

fn check<B: Backend>(program: &Program, state: &mut KeyedStateBackend<Key, B>, models: &BTreeMap<Key, Model>) {
    for (key, model) in models {
        state.set_current_key(key).unwrap();
        assert_eq!(program.total.get(state).unwrap(), model.total);
        assert_eq!(program.other.get(state).unwrap(), model.other);
        assert_eq!(program.recent.get(state).unwrap(), model.recent);
        let entries: BTreeMap<_, _> = program.by_name.entries(state).unwrap().into_iter().collect();
        assert_eq!(entries, model.by_name);
        let keys: BTreeSet<_> = program.by_name.keys(state).unwrap().into_iter().collect();
        assert_eq!(keys, model.by_name.keys().cloned().collect());
        let mut values = program.by_name.values(state).unwrap();
        values.sort();
        let mut expected: Vec<_> = model.by_name.values().cloned().collect();
        expected.sort();
        assert_eq!(values, expected);
        assert_eq!(program.by_name.is_empty(state).unwrap(), model.by_name.is_empty());
        for probe in ["", "a", "b", "zz"] {
            let probe = probe.to_owned();
            assert_eq!(program.by_name.get(state, &probe).unwrap().as_ref(), model.by_name.get(&probe));
            assert_eq!(program.by_name.contains(state, &probe).unwrap(), model.by_name.contains_key(&probe));
        }
    }
    let keys: BTreeSet<Key> = state.keys().unwrap().into_iter().collect();
    let expected = models.iter().filter(|(_, model)| **model != Model::default()).map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, expected);
}

fn run<B: Backend>(mut fresh: impl FnMut() -> B, operations: Vec<(Key, Operation)>) {
    let folder = tempfile::tempdir().unwrap();
    let program = program();
    let mut models: BTreeMap<Key, Model> = BTreeMap::new();
    let mut state = program.operator.open(fresh()).unwrap();
    for (number, (key, operation)) in operations.into_iter().enumerate() {
        if matches!(operation, Operation::Upgrade) {
            let directory = folder.path().join(number.to_string());
            let savepoint = Savepoint::create(directory).unwrap().operator(&state).unwrap().finish().unwrap();
            let reopened = Savepoint::open(savepoint.path()).unwrap();
            assert_eq!(reopened.operators(), savepoint.operators());
            state = program.operator.restore(&reopened, fresh(), &RestoreOptions::new(), &mut |_| ()).unwrap();
        } else {
            state.set_current_key(&key).unwrap();
            step(&program, &mut state, models.entry(key).or_default(), operation);
        }
        check(&program, &mut state, &models);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn keyed_state_in_memory_is_a_map_of_models(operations in prop::collection::vec((key(), operation()), 1..40)) {
        run(MemoryBackend::new, operations);
    }

    #[test]
    fn keyed_state_in_redb_is_a_map_of_models(
        operations in prop::collection::vec((key(), operation()), 1..15),
        buffer in prop::sample::select(vec![0, 100, RedbBackend::BUFFER_BYTES]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut number = 0;
        let fresh = || {
            number += 1;
            RedbBackend::open_with_buffer(folder.path().join(format!("{number}.redb")), buffer).unwrap()
        };
        run(fresh, operations);
    }
}

#[test]
fn a_file_that_was_flushed_is_opened_again_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    let program = program();
    let mut state = program.operator.open(RedbBackend::open(&path).unwrap()).unwrap();
    let key = (7, "N14228".to_owned());
    state.set_current_key(&key).unwrap();
    program.total.update(&mut state, &1).unwrap();
    program.recent.add_all(&mut state, &["a".to_owned(), "b".to_owned()]).unwrap();
    state.flush().unwrap();
    program.total.update(&mut state, &2).unwrap();
    program.recent.add(&mut state, &"not flushed".to_owned()).unwrap();
    drop(state);

    let mut state = program.operator.open(RedbBackend::open(&path).unwrap()).unwrap();
    assert_eq!(state.keys().unwrap(), std::slice::from_ref(&key));
    state.set_current_key(&key).unwrap();
    assert_eq!(program.total.get(&mut state).unwrap(), Some(1));
    assert_eq!(program.recent.get(&mut state).unwrap(), ["a", "b"]);
    program.recent.add(&mut state, &"c".to_owned()).unwrap();
    assert_eq!(program.recent.get(&mut state).unwrap(), ["a", "b", "c"]);
}

#[test]
fn adding_to_a_list_writes_one_row() {
    let mut operator = Operator::<u8>::new("lists").unwrap();
    let list = operator.list::<u32>("list").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&1).unwrap();
    list.add_all(&mut state, &[1, 2, 3]).unwrap();
    list.add(&mut state, &4).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let savepoint = Savepoint::create(folder.path().join("s")).unwrap().operator(&state).unwrap().finish().unwrap();
    let mut rows = savepoint.rows("lists").unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        found.push((row.key.key.to_vec(), row.key.sequence(), row.value.to_vec()));
    }
    let expected: Vec<_> = (0..4u32).map(|n| (vec![1], Some(u64::from(n)), (n + 1).to_le_bytes().to_vec())).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_value_that_cannot_be_written_leaves_the_state_as_it_was() {
    use std::time::{Duration, SystemTime};
    let mut operator = Operator::<u8>::new("times").unwrap();
    let value = operator.value::<SystemTime>("value").unwrap();
    let list = operator.list::<SystemTime>("list").unwrap();
    let map = operator.map::<u8, SystemTime>("map").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&1).unwrap();
    let (good, bad) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - Duration::from_secs(1));
    value.update(&mut state, &good).unwrap();
    list.add(&mut state, &good).unwrap();
    map.put(&mut state, &1, &good).unwrap();
    let errors = [
        value.update(&mut state, &bad).unwrap_err(),
        list.add(&mut state, &bad).unwrap_err(),
        list.add_all(&mut state, &[good, bad]).unwrap_err(),
        list.update(&mut state, &[good, bad]).unwrap_err(),
        map.put(&mut state, &1, &bad).unwrap_err(),
        map.put_all(&mut state, [(&2, &good), (&3, &bad)]).unwrap_err(),
    ];
    assert_eq!(value.get(&mut state).unwrap(), Some(good));
    assert_eq!(list.get(&mut state).unwrap(), [good]);
    assert_eq!(map.entries(&mut state).unwrap(), [(1, good)]);
    insta::assert_snapshot!(errors.map(|error| error.to_string()).join("\n"));
}

#[test]
fn mistakes_of_the_program_are_reported() {
    let mut messages = Vec::new();
    let mut operator = Operator::<String>::new("flights-by-tail").unwrap();
    let totals = operator.value::<u32>("totals").unwrap();
    messages.push(operator.list::<i16>("totals").unwrap_err().to_string());
    messages.push(operator.map::<String, Vec<u8>>("totals").unwrap_err().to_string());
    messages.push(operator.value::<u32>("").unwrap_err().to_string());
    messages.push(operator.value::<u32>(&"n".repeat(1025)).unwrap_err().to_string());
    messages.push(Operator::<u8>::new("").unwrap_err().to_string());

    let mut state = operator.open(MemoryBackend::new()).unwrap();
    messages.push(totals.get(&mut state).unwrap_err().to_string());
    let mut stranger = Operator::<String>::new("stranger").unwrap();
    let theirs = stranger.value::<u32>("totals").unwrap();
    state.set_current_key(&"N14228".to_owned()).unwrap();
    messages.push(theirs.get(&mut state).unwrap_err().to_string());

    let half = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, 2, 0).unwrap();
    let operator = Operator::<String>::new("flights-by-tail").unwrap().with_key_groups(half).unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    messages.push(state.set_current_key(&"N14228".to_owned()).unwrap_err().to_string());
    let few = Operator::<String>::new("few").unwrap().with_max_parallelism(MaxParallelism::new(4).unwrap()).unwrap();
    messages.push(few.with_key_groups(half).unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n"));
}

#[test]
fn a_key_that_is_not_taken_leaves_none_that_could_be_mistaken_for_it() {
    let half = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, 2, 0).unwrap();
    let mut operator = Operator::<u32>::new("half").unwrap().with_key_groups(half).unwrap();
    let value = operator.value::<u32>("value").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..50 {
        let taken = state.set_current_key(&key).is_ok();
        assert_eq!(value.update(&mut state, &key).is_ok(), taken, "{key}");
    }
    let keys = state.keys().unwrap();
    assert!((10..40).contains(&keys.len()), "{keys:?}");
    for key in keys {
        state.set_current_key(&key).unwrap();
        assert_eq!(value.get(&mut state).unwrap(), Some(key));
    }
}

#[test]
fn the_key_groups_of_an_instance_outlast_a_change_of_the_max_parallelism() {
    let part = KeyGroupRange::new(10, 20).unwrap();
    let declare = || Operator::<String>::new("one").unwrap();
    let groups = |max| MaxParallelism::new(max).unwrap();
    assert_eq!(declare().with_max_parallelism(groups(256)).unwrap().key_groups(), KeyGroupRange::all(groups(256)));
    for max in [21, 64, 256] {
        let before = declare().with_key_groups(part).unwrap().with_max_parallelism(groups(max)).unwrap();
        let after = declare().with_max_parallelism(groups(max)).unwrap().with_key_groups(part).unwrap();
        for operator in [before, after] {
            assert_eq!(operator.key_groups(), part);
            assert_eq!(operator.open(MemoryBackend::new()).unwrap().key_groups(), part);
        }
    }
    let error = declare().with_key_groups(part).unwrap().with_max_parallelism(groups(20)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "operator `one`: an instance cannot own key groups 10..=20: with a max parallelism of 20 the last group is 19; \
         give it other key groups, or declare a larger max parallelism first"
    );
}
