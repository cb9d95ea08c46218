//! Namespaces, time to live, aggregates, timers, raw bytes and operator state, copied without their program.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use typeser::migrate::Cost;
use typeser::resolve::Role;
use typeser::{Serializer, StateKey, StateType, TypeSerializer};
use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::{ReducingStateDescriptor, TimeToLive, ValueStateDescriptor};
use typeser_state::keyed::{KeyedStateBackend, ManualClock, Operator, RawKeyedState, ReducingState, ValueState};
use typeser_state::operator::{BroadcastState, OperatorStates, SplitList};
use typeser_state::processor::{EntryPlace, MigrationPlan, ProcessOptions, Query, RekeyPlan, Targets};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::{EventTime, ProcessingTime};
use typeser_state::timer::Timers;

struct Program<K, T> {
    operator: Operator<K>,
    value: ValueState<T>,
    by_window: ReducingState<T>,
    timers: Timers<(u8,)>,
    raw: RawKeyedState,
    states: OperatorStates,
    split: SplitList<T>,
    rules: BroadcastState<u8, T>,
}

fn program<K: StateKey, T: StateType>() -> Program<K, T> {
    let mut operator = Operator::<K>::new("o").unwrap().with_clock(Arc::new(ManualClock::new(1000)));
    let value = ValueStateDescriptor::new("value").unwrap();
    let sum = ReducingStateDescriptor::new("by-window", |_, last| last).unwrap();
    let mut states = OperatorStates::new("o").unwrap();
    Program {
        value: operator.value_state(value.with_time_to_live(TimeToLive::new(Duration::from_secs(1)))).unwrap(),
        by_window: operator.reducing_state(sum.with_namespace::<(u8,)>().unwrap()).unwrap(),
        timers: operator.timers("timers").unwrap(),
        raw: operator.raw("raw").unwrap(),
        operator,
        split: states.split_list("split").unwrap(),
        rules: states.broadcast("rules").unwrap(),
        states,
    }
}

const KEYS: [u16; 4] = [1, 2, 300, 65_535];

fn first(directory: &Path, raw: bool) -> Savepoint {
    let program = program::<u16, u16>();
    let mut state = program.operator.open(MemoryBackend::new()).unwrap();
    for key in KEYS {
        state.set_current_key(&key).unwrap();
        state.set_current_namespace(&(7u8,)).unwrap();
        program.value.update(&mut state, &key).unwrap();
        program.by_window.add(&mut state, key).unwrap();
        program.timers.register(&mut state, EventTime, i64::from(key)).unwrap();
        program.timers.register(&mut state, ProcessingTime, -1).unwrap();
    }
    if raw {
        program.raw.put(&mut state, 9, b"raw").unwrap();
    }
    let mut store = program.states.open().unwrap();
    program.split.add_all(&mut store, &[1, 2, 3]).unwrap();
    program.rules.put(&mut store, &5, &6).unwrap();
    let writer = Savepoint::create(directory).unwrap();
    writer.operator(&state).unwrap().operator_state(&store).unwrap().finish().unwrap()
}

/// Restores everything and holds it to what was written.
fn holds<K: StateKey + From<u16> + std::fmt::Debug, T: StateType + From<u16> + PartialEq + std::fmt::Debug>(
    savepoint: &Savepoint,
    raw: bool,
) {
    savepoint.verify().unwrap();
    let program = program::<K, T>();
    let options = RestoreOptions::new().with_operator_state("o").with_operator("o");
    let mut state = program.operator.restore(savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
    assert_eq!(state.keys().unwrap().len(), KEYS.len());
    for key in KEYS {
        state.set_current_key(&key.into()).unwrap();
        state.set_current_namespace(&(7u8,)).unwrap();
        assert_eq!(program.value.get(&mut state).unwrap(), Some(key.into()));
        assert_eq!(program.by_window.get(&mut state).unwrap(), Some(key.into()));
    }
    assert_eq!(program.raw.get(&mut state, 9).unwrap(), raw.then(|| b"raw".to_vec()));
    for (domain, expected) in [(EventTime, KEYS.map(i64::from)), (ProcessingTime, [-1; 4])] {
        let mut fired = Vec::new();
        let fire = |_: &mut KeyedStateBackend<K, MemoryBackend>, timer: typeser_state::timer::Timer<K, (u8,)>| {
            assert_eq!(timer.namespace, (7,));
            fired.push(timer.time);
            Ok::<_, typeser_state::keyed::StateError>(())
        };
        program.timers.advance_to(&mut state, domain, i64::MAX, fire).unwrap();
        assert_eq!(fired, expected);
    }
    let mut store = program.states.restore(savepoint, &options).unwrap();
    assert_eq!(program.split.get(&mut store).unwrap(), [1, 2, 3].map(T::from));
    assert_eq!(program.rules.entries(&mut store).unwrap(), [(5, 6.into())]);
}

/// For every sort of value, `T`; namespaces of `N`.
fn targets<T: StateType, N: StateKey>() -> Targets {
    let (value, namespace) = (Serializer::<T>::new().unwrap(), Serializer::<N>::new().unwrap());
    let mut targets = Targets::new();
    for (state, role) in
        [("value", Role::Value), ("by-window", Role::Aggregate), ("split", Role::ListElement), ("rules", Role::Value)]
    {
        targets.add("o", state, role, value.snapshot().clone());
    }
    targets.add("o", "by-window", Role::Namespace, namespace.snapshot().clone());
    targets.add("o", "timers", Role::Timer, namespace.snapshot().clone());
    targets
}

#[test]
fn every_sort_of_value_is_migrated_behind_its_stamp_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = first(&folder.path().join("first"), true);
    holds::<u16, u16>(&savepoint, true);
    let plan = MigrationPlan::new(&savepoint, &targets::<u32, (u8,)>(), &ProcessOptions::new()).unwrap();
    let forecast = plan.dry_run(&mut |_| ()).unwrap();
    let lines = forecast.states.iter().map(|state| {
        let verdict = state.verdict.map_or_else(|| "-".to_owned(), |verdict| verdict.to_string());
        let counts = (state.entries, state.bytes, state.new_bytes, state.failed);
        format!("{} {}: {verdict}, {:?}, {counts:?}", state.kind, state.state, state.cost)
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
    let migrated = plan.run(folder.path().join("migrated"), &mut |_| ()).unwrap();
    holds::<u16, u32>(&migrated, true);
    let stamps = |savepoint: &Savepoint| -> Vec<Option<u64>> {
        Query::new().state("value").run(savepoint).unwrap().map(|entry| entry.unwrap().last_write).collect()
    };
    assert_eq!(stamps(&migrated), [Some(1000); 4]);

    // Nothing given: everything is taken over.
    let same = MigrationPlan::new(&migrated, &Targets::new(), &ProcessOptions::new()).unwrap();
    let copy = same.run(folder.path().join("copy"), &mut |_| ()).unwrap();
    assert_eq!(copy.operators(), migrated.operators());
    assert_eq!(copy.operator_states(), migrated.operator_states());
    holds::<u16, u32>(&copy, true);
}

#[test]
fn namespaces_that_would_change_and_names_that_are_not_there_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = first(&folder.path().join("first"), true);
    let mut messages = Vec::new();
    let plan = MigrationPlan::new(&savepoint, &targets::<u32, (u16,)>(), &ProcessOptions::new());
    messages.push(plan.unwrap_err().to_string());
    let mut unknown = Targets::new();
    unknown.add("o", "raw", Role::Value, Serializer::<u8>::new().unwrap().snapshot().clone());
    let plan = MigrationPlan::new(&savepoint, &unknown, &ProcessOptions::new());
    messages.push(plan.unwrap_err().to_string());
    let folder = folder.path().display().to_string();
    insta::assert_snapshot!(messages.join("\n\n").replace(&folder, "<folder>"));
}

#[test]
fn a_re_key_moves_timers_and_namespaces_with_their_keys_and_never_raw_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = first(&folder.path().join("first"), false);
    let mut targets = Targets::new();
    targets.add_key("o", Serializer::<u64>::new().unwrap().snapshot().clone());
    let plan = RekeyPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    assert_eq!(plan.dry_run(&mut |_| ()).unwrap().failed(), 0);
    let rekeyed = plan.run(folder.path().join("rekeyed"), &mut |_| ()).unwrap();
    holds::<u64, u16>(&rekeyed, false);

    // Which keys raw bytes speak of, only their program knows.
    let savepoint = first(&folder.path().join("raw"), true);
    let error = RekeyPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&folder.path().display().to_string(), "<folder>"));
    // Where no key moves, they may stay.
    let mut targets = Targets::new();
    targets.add_key("o", Serializer::<(u16,)>::new().unwrap().snapshot().clone());
    let plan = RekeyPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    assert_eq!(plan.cost(), Cost::Metadata);
    let wrapped = plan.run(folder.path().join("wrapped"), &mut |_| ()).unwrap();
    let raw: Vec<_> = Query::new().state("raw").run(&wrapped).unwrap().map(|entry| entry.unwrap().raw).collect();
    assert_eq!(raw, [Some(b"raw".to_vec())]);
}

#[test]
fn snapshots_of_every_sort_are_written_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = first(&folder.path().join("first"), true);
    let stored = Targets::stored(&savepoint);
    stored.write(folder.path().join("snapshots")).unwrap();
    let read = Targets::read(folder.path().join("snapshots")).unwrap();
    assert_eq!(read.targets().len(), stored.targets().len());
    let plan = MigrationPlan::new(&savepoint, &read, &ProcessOptions::new()).unwrap();
    let copy = plan.run(folder.path().join("copy"), &mut |_| ()).unwrap();
    assert_eq!(copy.operators(), savepoint.operators());
    assert_eq!(copy.operator_states(), savepoint.operator_states());
    let timers = Query::new().state("timers").run(&copy).unwrap();
    let times: Vec<_> = timers.map(|entry| entry.unwrap().place).collect();
    assert!(times.contains(&EntryPlace::Timer { domain: EventTime, time: 300 }), "{times:?}");
}
