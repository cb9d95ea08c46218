//! Rescaling: keyed state of any number of instances goes to any other, with the same contents.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::ReducingStateDescriptor;
use typeser_state::key_group::{KeyGroup, KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{
    KeyedStateBackend, ListState, MapState, Operator, RawKeyedState, ReducingState, ValueState,
};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::EventTime;
use typeser_state::timer::Timers;

struct Program {
    operator: Operator<String>,
    value: ValueState<u32>,
    list: ListState<u8>,
    map: MapState<u8, u8>,
    sum: ReducingState<u32>,
    timers: Timers<u8>,
    raw: RawKeyedState,
}

fn program(max: MaxParallelism, parallelism: u32, instance: u32) -> Program {
    let range = KeyGroupRange::of_instance(max, parallelism, instance).unwrap();
    let mut operator = Operator::new("o").unwrap().with_max_parallelism(max).unwrap().with_key_groups(range).unwrap();
    let sum = ReducingStateDescriptor::new("sum", |first: u32, second| first.wrapping_add(second)).unwrap();
    Program {
        value: operator.value("value").unwrap(),
        list: operator.list("list").unwrap(),
        map: operator.map("map").unwrap(),
        sum: operator.reducing_state(sum.with_namespace::<u8>().unwrap()).unwrap(),
        timers: operator.timers("timers").unwrap(),
        raw: operator.raw("raw").unwrap(),
        operator,
    }
}

type State = KeyedStateBackend<String, MemoryBackend>;

/// A key with its value, list, map and sum.
type Key = (String, Option<u32>, Vec<u8>, BTreeMap<u8, u8>, Option<u32>);

/// What all instances have together. What is listed twice would be doubled.
#[derive(Debug, Default, PartialEq)]
struct Contents {
    keys: Vec<Key>,
    timers: BTreeSet<(i64, String, u8)>,
    raw: BTreeMap<KeyGroup, Vec<u8>>,
}

fn read(max: MaxParallelism, instances: &mut [(Program, State)]) -> Contents {
    let mut contents = Contents::default();
    for (program, state) in instances {
        for key in state.keys().unwrap() {
            state.set_current_key(&key).unwrap();
            state.set_current_namespace(&3u8).unwrap();
            let value = program.value.get(state).unwrap();
            let list = program.list.get(state).unwrap();
            let map = program.map.entries(state).unwrap().into_iter().collect();
            let sum = program.sum.get(state).unwrap();
            contents.keys.push((key, value, list, map, sum));
        }
        let owned = program.operator.key_groups();
        for group in 0..max.groups() {
            if owned.contains(group)
                && let Some(bytes) = program.raw.get(state, group).unwrap()
            {
                assert_eq!(contents.raw.insert(group, bytes), None);
            }
        }
    }
    contents.keys.sort();
    contents
}

/// Fires every timer, in each instance on its own.
fn fire(instances: &mut [(Program, State)]) -> BTreeSet<(i64, String, u8)> {
    let mut fired = BTreeSet::new();
    for (program, state) in instances {
        let mut last = i64::MIN;
        program
            .timers
            .advance_to(state, EventTime, i64::MAX, |_, timer| {
                assert!(last <= timer.time);
                last = timer.time;
                assert!(fired.insert((timer.time, timer.key, timer.namespace)), "fired twice");
                Ok::<_, typeser_state::keyed::StateError>(())
            })
            .unwrap();
    }
    fired
}

fn save(directory: &Path, instances: &[(Program, State)]) -> Savepoint {
    let writer = Savepoint::create(directory).unwrap();
    let writer = instances.iter().fold(writer, |writer, (_, state)| writer.operator(state).unwrap());
    writer.finish().unwrap()
}

fn restore(savepoint: &Savepoint, max: MaxParallelism, parallelism: u32) -> Vec<(Program, State)> {
    let instance = |instance| {
        let program = program(max, parallelism, instance);
        let options = RestoreOptions::new();
        let state = program.operator.restore(savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
        (program, state)
    };
    (0..parallelism).map(instance).collect()
}

type Row = (Option<u32>, Vec<u8>, BTreeMap<u8, u8>, Option<u32>, BTreeSet<i64>);

fn row() -> impl Strategy<Value = Row> {
    let list = prop::collection::vec(any::<u8>(), 0..4);
    let map = prop::collection::btree_map(any::<u8>(), any::<u8>(), 0..4);
    let timers = prop::collection::btree_set(-3i64..3, 0..3);
    (any::<Option<u32>>(), list, map, any::<Option<u32>>(), timers)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn one_to_n_to_m_instances_have_the_same_contents(
        max in prop::sample::select(vec![7u32, 16, 128]),
        rows in prop::collection::btree_map("[a-z]{0,3}", row(), 0..30),
        raw in prop::collection::btree_map(0u16..7, prop::collection::vec(any::<u8>(), 0..3), 0..4),
        (second, third) in (1u32..8, 1u32..8),
    ) {
        let max = MaxParallelism::new(max).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let program = program(max, 1, 0);
        let mut state = program.operator.open(MemoryBackend::new()).unwrap();
        let mut timers = BTreeSet::new();
        for (key, (value, list, map, sum, times)) in &rows {
            state.set_current_key(key).unwrap();
            state.set_current_namespace(&3u8).unwrap();
            value.iter().for_each(|value| program.value.update(&mut state, value).unwrap());
            program.list.update(&mut state, list).unwrap();
            program.map.put_all(&mut state, map).unwrap();
            sum.iter().for_each(|sum| program.sum.add(&mut state, *sum).unwrap());
            for time in times {
                program.timers.register(&mut state, EventTime, *time).unwrap();
                timers.insert((*time, key.clone(), 3));
            }
        }
        raw.iter().for_each(|(group, bytes)| program.raw.put(&mut state, *group, bytes).unwrap());
        let mut one = vec![(program, state)];
        let expected = read(max, &mut one);
        let some = rows.into_iter().filter(|(_, (value, list, map, sum, _))| {
            value.is_some() || !list.is_empty() || !map.is_empty() || sum.is_some()
        });
        let written: Vec<_> = some.map(|(key, (value, list, map, sum, _))| (key, value, list, map, sum)).collect();
        prop_assert_eq!(&expected.keys, &written);
        prop_assert_eq!(&expected.raw, &raw);
        let savepoint = save(&folder.path().join("1"), &one);
        let mut several = restore(&savepoint, max, second);
        prop_assert_eq!(&read(max, &mut several), &expected);
        let savepoint = save(&folder.path().join("2"), &several);
        let mut others = restore(&savepoint, max, third);
        prop_assert_eq!(&read(max, &mut others), &expected);
        for instances in [&mut one, &mut several, &mut others] {
            prop_assert_eq!(&fire(instances), &timers);
        }
    }
}
