//! Time to live: what expires, what makes young again, and what a restore does when it is turned on, off, or changed.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use typeser::StateType;
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::descriptor::{
    ListStateDescriptor, MapStateDescriptor, ReducingStateDescriptor, StateVisibility, TimeToLive, UpdateType,
    ValueStateDescriptor,
};
use typeser_state::keyed::{KeyedStateBackend, ListState, ManualClock, MapState, Operator, ReducingState, ValueState};
use typeser_state::processor::{EntryPlace, Query};
use typeser_state::restore::{RestoreOptions, TimeToLiveChange};
use typeser_state::savepoint::Savepoint;

struct Program<T> {
    operator: Operator<u8>,
    value: ValueState<T>,
    list: ListState<T>,
    map: MapState<u8, T>,
    sum: ReducingState<T>,
}

fn program<T: StateType>(clock: &Arc<ManualClock>, ttl: Option<TimeToLive>) -> Program<T> {
    let mut operator = Operator::new("o").unwrap().with_clock(Arc::clone(clock));
    let mut value = ValueStateDescriptor::new("value").unwrap();
    let mut list = ListStateDescriptor::new("list").unwrap();
    let mut map = MapStateDescriptor::new("map").unwrap();
    let mut sum = ReducingStateDescriptor::new("sum", |_, last| last).unwrap();
    if let Some(ttl) = ttl {
        value = value.with_time_to_live(ttl);
        list = list.with_time_to_live(ttl);
        map = map.with_time_to_live(ttl);
        sum = sum.with_time_to_live(ttl);
    }
    Program {
        value: operator.value_state(value).unwrap(),
        list: operator.list_state(list).unwrap(),
        map: operator.map_state(map).unwrap(),
        sum: operator.reducing_state(sum).unwrap(),
        operator,
    }
}

fn millis(millis: u64) -> TimeToLive {
    TimeToLive::new(Duration::from_millis(millis))
}

/// Every sort, written once.
fn write<B: Backend>(program: &Program<u16>, state: &mut KeyedStateBackend<u8, B>, number: u8) {
    state.set_current_key(&1).unwrap();
    program.value.update(state, &number.into()).unwrap();
    program.list.add(state, &number.into()).unwrap();
    program.map.put(state, &number, &number.into()).unwrap();
    program.sum.add(state, number.into()).unwrap();
}

/// Every sort, read once.
fn read<T: StateType + Into<u64>, B: Backend>(program: &Program<T>, state: &mut KeyedStateBackend<u8, B>) -> String {
    state.set_current_key(&1).unwrap();
    let numbers = |values: Vec<T>| values.into_iter().map(Into::into).collect::<Vec<u64>>();
    let value = program.value.get(state).unwrap().map(Into::into);
    let list = numbers(program.list.get(state).unwrap());
    let map = numbers(program.map.values(state).unwrap());
    let sum = program.sum.get(state).unwrap().map(Into::into);
    format!("{value:?} {list:?} {map:?} {sum:?}")
}

fn save<B: Backend>(directory: &Path, state: &KeyedStateBackend<u8, B>) -> Savepoint {
    Savepoint::create(directory).unwrap().operator(state).unwrap().finish().unwrap()
}

#[test]
fn rows_expire_one_by_one_and_are_shown_and_made_young_as_was_said() {
    let shown = StateVisibility::ReturnExpiredIfNotCleanedUp;
    let read_too = UpdateType::OnReadAndWrite;
    let mut lines = Vec::new();
    for (name, ttl) in [
        ("write", millis(10)),
        ("read and write", millis(10).with_update_type(read_too)),
        ("write, expired ones shown", millis(10).with_visibility(shown)),
        ("read and write, expired ones shown", millis(10).with_update_type(read_too).with_visibility(shown)),
    ] {
        let clock = Arc::new(ManualClock::new(100));
        let program = program::<u16>(&clock, Some(ttl));
        let mut state = program.operator.open(MemoryBackend::new()).unwrap();
        write(&program, &mut state, 1);
        clock.set(105);
        state.set_current_key(&1).unwrap();
        program.list.add(&mut state, &2).unwrap();
        lines.push(format!("{name}:"));
        // Written at 100, and one element at 105.
        for now in [109, 110, 111, 118, 119, 128, 140, 140] {
            clock.set(now);
            lines.push(format!("  {now}: {}", read(&program, &mut state)));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_clock_that_goes_back_makes_nothing_expire() {
    let clock = Arc::new(ManualClock::new(u64::MAX));
    let program = program::<u16>(&clock, Some(millis(u64::MAX)));
    let mut state = program.operator.open(MemoryBackend::new()).unwrap();
    write(&program, &mut state, 1);
    for now in [u64::MAX - 1, 0] {
        clock.set(now);
        assert_eq!(read(&program, &mut state), "Some(1) [1] [1] Some(1)");
    }
}

/// Restores, and says what became of every state, and how many of how many rows had expired.
fn restore<T: StateType>(
    program: &Program<T>,
    savepoint: &Savepoint,
) -> (KeyedStateBackend<u8, MemoryBackend>, String) {
    let mut rows = BTreeMap::new();
    let plan = program.operator.plan(savepoint, &RestoreOptions::new()).unwrap();
    let verdict = plan.states()[0].verdict().to_string();
    let change = match plan.states()[0].time_to_live() {
        TimeToLiveChange::None => "none",
        TimeToLiveChange::Kept { .. } => "kept",
        TimeToLiveChange::TurnedOn => "turned on",
        TimeToLiveChange::TurnedOff { .. } => "turned off",
    };
    let state = plan.run(MemoryBackend::new(), &mut |progress| {
        rows.insert(progress.state.to_owned(), format!("{}/{}", progress.expired, progress.entries));
    });
    (state.unwrap(), format!("{verdict}, {change}: {rows:?}"))
}

#[test]
fn turning_it_on_or_off_is_a_migration_and_what_expires_on_the_way_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(100));
    let forever = program::<u16>(&clock, None);
    let mut state = forever.operator.open(MemoryBackend::new()).unwrap();
    write(&forever, &mut state, 1);
    let without = save(&folder.path().join("without"), &state);

    // On: every row is stamped with the time of the restore, and its values are migrated on the way.
    clock.set(1000);
    let wide = program::<u32>(&clock, Some(millis(10)));
    let (mut state, report) = restore(&wide, &without);
    assert_eq!(report, r#"requires migration, turned on: {"list": "0/1", "map": "0/1", "sum": "0/1", "value": "0/1"}"#);
    clock.set(1009);
    assert_eq!(read(&wide, &mut state), "Some(1) [1] [1] Some(1)");
    // A second element, which outlives the first.
    wide.list.add(&mut state, &2).unwrap();
    let with = save(&folder.path().join("with"), &state);
    clock.set(1010);
    assert_eq!(read(&wide, &mut state), "None [2] [] None");

    // Kept: rows keep the time of their last write, under whatever is said now.
    let longer = program::<u32>(&clock, Some(millis(12)));
    let (mut state, report) = restore(&longer, &with);
    assert_eq!(report, r#"compatible, kept: {"list": "0/2", "map": "0/1", "sum": "0/1", "value": "0/1"}"#);
    clock.set(1011);
    assert_eq!(read(&longer, &mut state), "Some(1) [1, 2] [1] Some(1)");
    clock.set(1012);
    assert_eq!(read(&longer, &mut state), "None [2] [] None");
    let (mut state, report) = restore(&longer, &with);
    assert_eq!(report, r#"compatible, kept: {"list": "1/2", "map": "1/1", "sum": "1/1", "value": "1/1"}"#);
    assert_eq!(read(&longer, &mut state), "None [2] [] None");

    // Off: what had expired by what was said is left out, the rest lives for ever.
    clock.set(1010);
    let off = program::<u64>(&clock, None);
    let (mut state, report) = restore(&off, &with);
    assert_eq!(
        report,
        r#"requires migration, turned off: {"list": "1/2", "map": "1/1", "sum": "1/1", "value": "1/1"}"#
    );
    clock.set(u64::MAX);
    assert_eq!(read(&off, &mut state), "None [2] [] None");
    let stored = save(&folder.path().join("off"), &state);
    let rows: Vec<_> = Query::new().run(&stored).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0].place, rows[0].last_write), (&EntryPlace::Element(1), None));
}

#[test]
fn rows_that_migrate_keep_the_time_of_their_last_write() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(100));
    let stored = program::<u16>(&clock, Some(millis(10)));
    let mut state = stored.operator.open(MemoryBackend::new()).unwrap();
    write(&stored, &mut state, 1);
    let savepoint = save(&folder.path().join("1"), &state);
    let wide = program::<u64>(&clock, Some(millis(10)));
    clock.set(105);
    let (mut state, report) = restore(&wide, &savepoint);
    assert_eq!(report, r#"requires migration, kept: {"list": "0/1", "map": "0/1", "sum": "0/1", "value": "0/1"}"#);
    clock.set(109);
    assert_eq!(read(&wide, &mut state), "Some(1) [1] [1] Some(1)");
    clock.set(110);
    assert_eq!(read(&wide, &mut state), "None [] [] None");
}

#[test]
fn opening_turns_nothing_on_or_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.redb");
    let clock = Arc::new(ManualClock::new(100));
    let mut messages = Vec::new();
    let first = program::<u16>(&clock, Some(millis(10)));
    let mut state = first.operator.open(RedbBackend::open(&path).unwrap()).unwrap();
    write(&first, &mut state, 1);
    state.flush().unwrap();
    drop(state);
    let off = program::<u16>(&clock, None).operator.open(RedbBackend::open(&path).unwrap()).map(drop);
    messages.push(off.unwrap_err().to_string());
    // Another time to live is no other layout.
    let longer = program::<u16>(&clock, Some(millis(20)));
    let mut state = longer.operator.open(RedbBackend::open(&path).unwrap()).unwrap();
    clock.set(119);
    assert_eq!(read(&longer, &mut state), "Some(1) [1] [1] Some(1)");
    drop(state);

    let other = folder.path().join("other.redb");
    drop(program::<u16>(&clock, None).operator.open(RedbBackend::open(&other).unwrap()).unwrap());
    let on = program::<u16>(&clock, Some(millis(10))).operator.open(RedbBackend::open(&other).unwrap()).map(drop);
    messages.push(on.unwrap_err().to_string());
    insta::assert_snapshot!(messages.join("\n\n"));
}
