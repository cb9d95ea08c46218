//! Goldens of savepoints: what every version of the format wrote is restored today, under today's types too.
//!
//! `TYPESER_RECORD=1 cargo test -p typeser-state --test goldens` records a missing one of the version that is written. It
//! never changes one that is there, and is refused where `CI` is set.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests say what they mean in their names")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use typeser::StateType;
use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::{
    AggregatingStateDescriptor, FoldingStateDescriptor, TimeToLive, UpdateType, ValueStateDescriptor,
};
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{
    AggregatingState, FoldingState, KeyedStateBackend, ListState, ManualClock, MapState, Operator, RawKeyedState,
    ReducingState, ValueState,
};
use typeser_state::operator::{BroadcastState, OperatorStates, RawSplit, SplitList, UnionList};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::{CURRENT_VERSION, Savepoint};
use typeser_state::timer::TimeDomain::{EventTime, ProcessingTime};
use typeser_state::timer::Timers;

/// The types of the release that recorded the goldens.
mod recorded {
    use typeser::StateType;

    #[derive(StateType)]
    pub(crate) struct Order {
        pub(crate) id: u32,
        pub(crate) status: Status,
        pub(crate) note: Option<String>,
    }

    #[derive(StateType)]
    pub(crate) enum Status {
        Placed,
        Shipped { carrier: String },
    }
}

/// Types of today, to which the goldens have to be migrated.
#[derive(Debug, PartialEq, StateType)]
struct Order {
    status: Status,
    id: u64,
    #[state(alias = "note")]
    remark: Option<String>,
    #[state(default = 1)]
    priority: u8,
}

#[derive(Debug, PartialEq, StateType)]
enum Status {
    Returned,
    Shipped { carrier: String },
    Placed,
}

const UID: &str = "orders";
const NAMES: [&str; 5] = ["amber", "birch", "cedar", "dove", "elm"];
/// What the clock showed when the golden was recorded, and how long a value lives.
const NOW: u64 = 1_700_000_000_000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

type Window = (i64, i64);

fn folder(version: u16) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../golden/savepoint/v{version}/orders"))
}

/// A program that has a state of every kind; `T` is what it knows an order as, `W` a weight.
struct Program<T, W> {
    operator: Operator<String>,
    order: ValueState<T>,
    weights: ListState<W>,
    stops: MapState<u8, String>,
    total: ReducingState<i64>,
    mean: AggregatingState<i64, (i64, u64), f64>,
    names: FoldingState<String, String>,
    by_window: ValueState<u32>,
    windows: Timers<Window>,
    raw: RawKeyedState,
}

fn program<T: StateType, W: StateType>(key_groups: KeyGroupRange, now: u64) -> Program<T, W> {
    let clock = Arc::new(ManualClock::new(now));
    let mut operator = Operator::<String>::new(UID).unwrap().with_clock(clock).with_key_groups(key_groups).unwrap();
    let day = TimeToLive::new(DAY).with_update_type(UpdateType::OnReadAndWrite);
    let mean = AggregatingStateDescriptor::new(
        "mean",
        || (0, 0),
        |(sum, count): &mut (i64, u64), value: i64| (*sum, *count) = (*sum + value, *count + 1),
        |(sum, count)| sum as f64 / count as f64,
    );
    let names = FoldingStateDescriptor::new("names", String::new(), |all: &mut String, name: String| *all += &name);
    let by_window = ValueStateDescriptor::new("by-window").unwrap().with_namespace::<Window>().unwrap();
    Program {
        order: operator.value_state(ValueStateDescriptor::new("order").unwrap().with_time_to_live(day)).unwrap(),
        weights: operator.list("weights").unwrap(),
        stops: operator.map("stops").unwrap(),
        total: operator.reducing("total", |sum, value| sum + value).unwrap(),
        mean: operator.aggregating_state(mean.unwrap()).unwrap(),
        names: operator.aggregating_state(names.unwrap()).unwrap(),
        by_window: operator.value_state(by_window).unwrap(),
        windows: operator.timers("windows").unwrap(),
        raw: operator.raw("raw").unwrap(),
        operator,
    }
}

struct Source {
    states: OperatorStates,
    offsets: SplitList<(String, u64)>,
    leases: UnionList<u16>,
    rules: BroadcastState<String, u8>,
    raw: RawSplit,
}

fn source(parallelism: u32, instance: u32) -> Source {
    let mut states = OperatorStates::new(UID).unwrap().with_instance(parallelism, instance).unwrap();
    Source {
        offsets: states.split_list("offsets").unwrap(),
        leases: states.union_list("leases").unwrap(),
        rules: states.broadcast("rules").unwrap(),
        raw: states.raw("raw").unwrap(),
        states,
    }
}

fn recorded_order(number: u32, name: &str) -> recorded::Order {
    let status = match number % 2 {
        0 => recorded::Status::Placed,
        _ => recorded::Status::Shipped { carrier: format!("{name} post") },
    };
    let note = (number > 2).then(|| "fragile".to_owned());
    recorded::Order { id: number, status, note }
}

fn fill(key_groups: KeyGroupRange) -> KeyedStateBackend<String, MemoryBackend> {
    let program = program::<recorded::Order, i16>(key_groups, NOW);
    let mut state = program.operator.open(MemoryBackend::new()).unwrap();
    for (number, name) in (0..).zip(NAMES) {
        if state.set_current_key(&name.to_owned()).is_err() {
            continue;
        }
        program.order.update(&mut state, &recorded_order(number, name)).unwrap();
        program.weights.add_all(&mut state, &[-1, number as i16]).unwrap();
        program.stops.put(&mut state, &7, &name.to_uppercase()).unwrap();
        for value in [1, 2, i64::from(number)] {
            program.total.add(&mut state, value).unwrap();
            program.mean.add(&mut state, value).unwrap();
            program.names.add(&mut state, name.to_owned()).unwrap();
        }
        for window in [(-1000, 0), (0, 1000)] {
            state.set_current_namespace(&window).unwrap();
            program.by_window.update(&mut state, &number).unwrap();
            program.windows.register(&mut state, EventTime, window.1).unwrap();
            program.windows.register(&mut state, ProcessingTime, window.0 - i64::from(number)).unwrap();
        }
    }
    program.raw.put(&mut state, key_groups.first(), b"raw").unwrap();
    state
}

fn half(instance: u32) -> KeyGroupRange {
    KeyGroupRange::of_instance(MaxParallelism::DEFAULT, 2, instance).unwrap()
}

fn write(to: &Path) {
    let mut writer = Savepoint::create(to).unwrap();
    for instance in 0..2 {
        writer = writer.operator(&fill(half(instance))).unwrap();
        let source = source(2, instance);
        let mut store = source.states.open().unwrap();
        for partition in 0..=instance {
            source.offsets.add(&mut store, &(format!("{instance}-{partition}"), 7)).unwrap();
        }
        source.leases.add(&mut store, &(instance as u16)).unwrap();
        source.rules.put(&mut store, &"fee".to_owned(), &3).unwrap();
        source.raw.add(&mut store, &[instance as u8; 3]).unwrap();
        writer = writer.operator_state(&store).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn a_golden_is_recorded_once_and_only_on_demand() {
    let folder = folder(CURRENT_VERSION);
    if std::env::var_os("TYPESER_RECORD").is_some() {
        assert!(std::env::var_os("CI").is_none(), "goldens are not recorded where `CI` is set");
        if !folder.exists() {
            std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
            write(&folder);
        }
    }
    assert!(folder.join("manifest.typeser").is_file(), "the golden is missing");
}

/// All rows of a savepoint, as text.
fn rows(savepoint: &Savepoint) -> String {
    let mut output = String::new();
    let mut rows = savepoint.rows(UID).unwrap();
    while let Some(row) = rows.next_row().unwrap() {
        let (group, key) = (row.key.key_group, String::from_utf8_lossy(row.key.key.get(8..).unwrap_or_default()));
        let namespace = if row.key.namespace.is_empty() { String::new() } else { format!(" {:?}", row.key.namespace) };
        output +=
            &format!("{group:3} {key:6} {:8}{namespace} {:?} {:02x?}\n", row.state.name(), row.key.rest, row.value);
    }
    if savepoint.operator_state(UID).is_some() {
        let mut rows = savepoint.operator_state_rows(UID).unwrap();
        while let Some(row) = rows.next_row().unwrap() {
            output +=
                &format!("{:3} {:8} {:?} {:02x?}\n", row.key.key_group, row.state.name(), row.key.rest, row.value);
        }
    }
    output
}

#[test]
fn the_rows_of_version_1_are_what_was_written() {
    let savepoint = Savepoint::open(folder(1)).unwrap();
    savepoint.verify().unwrap();
    insta::assert_snapshot!(rows(&savepoint));
}

#[test]
fn the_rows_of_version_2_are_what_was_written() {
    let savepoint = Savepoint::open(folder(2)).unwrap();
    savepoint.verify().unwrap();
    insta::assert_snapshot!(rows(&savepoint));
}

#[test]
fn todays_writer_gives_the_same_files() {
    let temporary = tempfile::tempdir().unwrap();
    let again = temporary.path().join("again");
    write(&again);
    let mut files = 0;
    for entry in std::fs::read_dir(folder(CURRENT_VERSION)).unwrap() {
        let golden = entry.unwrap().path();
        if golden.extension().is_some_and(|extension| extension == "rows") {
            let name = golden.file_name().unwrap();
            assert_eq!(std::fs::read(again.join(name)).unwrap(), std::fs::read(&golden).unwrap(), "{name:?}");
            files += 1;
        }
    }
    assert_eq!(files, 4);
}

fn dove() -> Order {
    let status = Status::Shipped { carrier: "dove post".into() };
    Order { status, id: 3, remark: Some("fragile".into()), priority: 1 }
}

#[test]
fn version_1_is_restored_under_types_of_today() {
    let mut operator = Operator::<String>::new(UID).unwrap();
    let order = operator.value::<Order>("order").unwrap();
    let weights = operator.list::<i32>("weights").unwrap();
    let stops = operator.map::<u8, String>("stops").unwrap();
    let savepoint = Savepoint::open(folder(1)).unwrap();
    let mut state = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| {}).unwrap();

    state.set_current_key(&"dove".to_owned()).unwrap();
    assert_eq!(order.get(&mut state).unwrap(), Some(dove()));
    assert_eq!(weights.get(&mut state).unwrap(), [-1, 3]);
    assert_eq!(stops.entries(&mut state).unwrap(), [(7, "DOVE".to_owned())]);
    assert_eq!(state.keys().unwrap().len(), 5);
}

#[test]
fn a_savepoint_of_version_1_is_written_again_with_the_same_rows() {
    let mut operator = Operator::<String>::new(UID).unwrap();
    operator.value::<recorded::Order>("order").unwrap();
    operator.list::<i16>("weights").unwrap();
    operator.map::<u8, String>("stops").unwrap();
    let old = Savepoint::open(folder(1)).unwrap();
    let state = operator.restore(&old, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| {}).unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let new = Savepoint::create(temporary.path().join("new")).unwrap().operator(&state).unwrap().finish().unwrap();
    let version = |savepoint: &Savepoint| std::fs::read(savepoint.path().join("manifest.typeser")).unwrap()[8];
    assert_eq!((version(&old), version(&new)), (1, 2));
    assert_eq!(rows(&new), rows(&old));
    assert_eq!(new.operators()[0].meta(), old.operators()[0].meta());
}

#[test]
fn version_2_is_restored_under_types_of_today() {
    let program = program::<Order, i32>(KeyGroupRange::all(MaxParallelism::DEFAULT), NOW);
    let savepoint = Savepoint::open(folder(2)).unwrap();
    let options = RestoreOptions::new().with_operator_state(UID);
    let mut state = program.operator.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| {}).unwrap();

    state.set_current_key(&"dove".to_owned()).unwrap();
    assert_eq!(program.order.get(&mut state).unwrap(), Some(dove()));
    assert_eq!(program.weights.get(&mut state).unwrap(), [-1, 3]);
    assert_eq!(program.stops.entries(&mut state).unwrap(), [(7, "DOVE".to_owned())]);
    assert_eq!(program.total.get(&mut state).unwrap(), Some(6));
    assert_eq!(program.mean.get(&mut state).unwrap(), Some(2.0));
    assert_eq!(program.names.get(&mut state).unwrap(), Some("dove".repeat(3)));
    for window in [(-1000, 0), (0, 1000)] {
        state.set_current_namespace(&window).unwrap();
        assert_eq!(program.by_window.get(&mut state).unwrap(), Some(3));
        assert_eq!(program.windows.registered(&mut state, EventTime).unwrap(), [window.1]);
        assert_eq!(program.windows.registered(&mut state, ProcessingTime).unwrap(), [window.0 - 3]);
    }
    for group in [0, 64] {
        assert_eq!(program.raw.get(&mut state, group).unwrap(), Some(b"raw".to_vec()));
    }
    assert_eq!(state.keys().unwrap().len(), 5);

    let options = RestoreOptions::new().with_operator(UID);
    for (instance, offsets) in [(0, vec!["0-0"]), (1, vec!["1-0"]), (2, vec!["1-1"])] {
        let source = source(3, instance);
        let mut store = source.states.restore(&savepoint, &options).unwrap();
        let expected: Vec<_> = offsets.into_iter().map(|name| (name.to_owned(), 7)).collect();
        assert_eq!(source.offsets.get(&mut store).unwrap(), expected);
        assert_eq!(source.leases.get(&mut store).unwrap(), [0, 1]);
        assert_eq!(source.rules.entries(&mut store).unwrap(), [("fee".to_owned(), 3)]);
        let pieces = [vec![vec![0; 3]], vec![vec![1; 3]], vec![]];
        assert_eq!(source.raw.get(&mut store).unwrap(), pieces[instance as usize]);
    }
}

#[test]
fn a_day_after_the_golden_its_orders_have_expired() {
    let later = NOW + u64::try_from(DAY.as_millis()).unwrap();
    let program = program::<Order, i32>(KeyGroupRange::all(MaxParallelism::DEFAULT), later);
    let savepoint = Savepoint::open(folder(2)).unwrap();
    let options = RestoreOptions::new().with_operator_state(UID);
    let mut expired = std::collections::BTreeMap::new();
    let progress = &mut |progress: &typeser_state::restore::Progress<'_>| {
        expired.insert(progress.state.to_owned(), (progress.expired, progress.entries));
    };
    let mut state = program.operator.restore(&savepoint, MemoryBackend::new(), &options, progress).unwrap();
    assert_eq!((expired["order"], expired["weights"]), ((5, 5), (0, 10)));
    state.set_current_key(&"dove".to_owned()).unwrap();
    assert_eq!(program.order.get(&mut state).unwrap(), None);
    assert_eq!(program.weights.get(&mut state).unwrap(), [-1, 3]);
}
