//! A program with every kind of state: the operators of the picture in Flink's documentation, and some more.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use typeser::schema::IntegerEncoding;
use typeser::{Serializer, StateKey, StateType};
use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::{AggregatingStateDescriptor, ListStateDescriptor, TimeToLive, ValueStateDescriptor};
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{
    AggregatingState, KeyedStateBackend, ListState, ManualClock, MapState, Operator, RawKeyedState, ReducingState,
    ValueState,
};
use typeser_state::operator::{BroadcastState, OperatorStateStore, OperatorStates, SplitList, UnionList};
use typeser_state::processor::ProcessOptions;
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::{EventTime, ProcessingTime};
use typeser_state::timer::Timers;

pub const KEYS: u32 = 400;

#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Totals {
    pub departures: u32,
    pub delay: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, StateType)]
#[state(key)]
pub struct Window {
    pub start: i64,
}

/// The keyed states of "Proc".
pub struct Proc<K> {
    pub operator: Operator<K>,
    pub totals: ValueState<Totals>,
    pub recent: ListState<i16>,
    pub airports: MapState<String, u32>,
    pub worst: ReducingState<i32>,
    pub mean: AggregatingState<i32, (i64, u32), i64>,
    pub by_window: ValueState<u32>,
    pub seen: ValueState<u64>,
    pub checks: Timers<()>,
    pub ends: Timers<Window>,
    pub raw: RawKeyedState,
}

/// With raw state.
pub fn proc_of<K: StateKey>(clock: u64) -> Proc<K> {
    let mut app = reader_of(clock);
    app.raw = app.operator.raw("raw").unwrap();
    app
}

/// Without raw state, which cannot be read by key.
pub fn reader_of<K: StateKey>(clock: u64) -> Proc<K> {
    let mut operator = Operator::new("proc").unwrap().with_clock(ManualClock::new(clock));
    let mean = AggregatingStateDescriptor::new(
        "mean",
        || (0i64, 0u32),
        |(sum, count), value: i32| {
            *sum += i64::from(value);
            *count += 1;
        },
        |(sum, count)| sum / i64::from(count),
    );
    let seen = ValueStateDescriptor::new("seen").unwrap();
    let variable = Serializer::with_integers(IntegerEncoding::Variable).unwrap();
    Proc {
        totals: operator.value("totals").unwrap(),
        recent: operator.list_state(ListStateDescriptor::new("recent").unwrap().with_serializer(variable)).unwrap(),
        airports: operator.map("airports").unwrap(),
        worst: operator.reducing("worst", Ord::max).unwrap(),
        mean: operator.aggregating_state(mean.unwrap()).unwrap(),
        by_window: operator
            .value_state(ValueStateDescriptor::new("by-window").unwrap().with_namespace::<Window>().unwrap())
            .unwrap(),
        seen: operator.value_state(seen.with_time_to_live(TimeToLive::new(Duration::from_secs(60)))).unwrap(),
        checks: operator.timers("checks").unwrap(),
        ends: operator.timers("ends").unwrap(),
        raw: Operator::<K>::new("nobody's").unwrap().raw("raw").unwrap(),
        operator,
    }
}

pub fn tail(number: u32) -> String {
    format!("N{number:03}")
}

/// What is known of a key, whichever kind of state it is in.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    pub key: String,
    pub totals: Option<Totals>,
    pub recent: Vec<i16>,
    pub airports: BTreeMap<String, u32>,
    pub worst: Option<i32>,
    pub mean: Option<i64>,
    pub windows: Vec<(i64, u32, Vec<i64>)>,
    pub seen: Option<u64>,
    pub checks: Vec<i64>,
}

/// Every fourth key has timers and nothing else.
pub fn known(number: u32) -> Known {
    let value = number as i32;
    let checks = vec![1_000 + i64::from(number)];
    if number % 4 == 3 {
        return Known { key: tail(number), checks, ..Known::default() };
    }
    Known {
        key: tail(number),
        totals: Some(Totals { departures: number, delay: value - 50 }),
        recent: (0..(number % 3) as i16).collect(),
        airports: (0..number % 3).map(|airport| (format!("airport {airport}"), airport)).collect(),
        worst: Some(value.max(7)),
        mean: Some(i64::from(value + 7) / 2),
        windows: (0..i64::from(number % 2)).map(|start| (start, number, vec![start + 10])).collect(),
        seen: Some(u64::from(number)),
        checks,
    }
}

impl Proc<String> {
    pub fn fill(&self, state: &mut KeyedStateBackend<String, MemoryBackend>) {
        for number in 0..KEYS {
            let known = known(number);
            // Keys of other instances.
            if state.set_current_key(&known.key).is_err() {
                continue;
            }
            for check in &known.checks {
                self.checks.register(state, EventTime, *check).unwrap();
            }
            let Some(totals) = &known.totals else { continue };
            self.totals.update(state, totals).unwrap();
            self.recent.add_all(state, &known.recent).unwrap();
            self.airports.put_all(state, &known.airports).unwrap();
            for value in [number as i32, 7] {
                self.worst.add(state, value).unwrap();
                self.mean.add(state, value).unwrap();
            }
            for (start, count, ends) in &known.windows {
                state.set_current_namespace(&Window { start: *start }).unwrap();
                self.by_window.update(state, count).unwrap();
                for end in ends {
                    self.ends.register(state, ProcessingTime, *end).unwrap();
                }
            }
            self.seen.update(state, &known.seen.unwrap()).unwrap();
        }
        for group in state.key_groups().groups() {
            self.raw.put(state, group, &group.to_be_bytes()).unwrap();
        }
    }
}

impl<K: StateKey> Proc<K> {
    /// What the state says of the current key.
    pub fn known(
        &self,
        key: String,
        state: &mut KeyedStateBackend<K, MemoryBackend>,
    ) -> Result<Known, typeser_state::keyed::StateError> {
        let mut windows = Vec::new();
        for window in state.namespaces::<Window>()? {
            state.set_current_namespace(&window)?;
            let count = self.by_window.get(state)?.unwrap_or_default();
            windows.push((window.start, count, self.ends.registered(state, ProcessingTime)?));
        }
        Ok(Known {
            key,
            totals: self.totals.get(state)?,
            recent: self.recent.get(state)?,
            airports: self.airports.entries(state)?.into_iter().collect(),
            worst: self.worst.get(state)?,
            mean: self.mean.get(state)?,
            windows,
            seen: self.seen.get(state)?,
            checks: self.checks.registered(state, EventTime)?,
        })
    }
}

/// The state of "Src" itself.
pub struct Src {
    pub states: OperatorStates,
    pub offsets: SplitList<(String, u64)>,
    pub seen: UnionList<u32>,
    pub rules: BroadcastState<String, u32>,
}

pub fn src(parallelism: u32, instance: u32) -> Src {
    let mut states = OperatorStates::new("src").unwrap().with_instance(parallelism, instance).unwrap();
    Src {
        offsets: states.split_list("offsets").unwrap(),
        seen: states.union_list("seen").unwrap(),
        rules: states.broadcast("rules").unwrap(),
        states,
    }
}

impl Src {
    pub fn fill(&self) -> OperatorStateStore {
        let mut store = self.states.open().unwrap();
        let instance = self.states.instance();
        for partition in 0..3u32 {
            let offset = u64::from(instance * 3 + partition);
            self.offsets.add(&mut store, &(format!("partition {offset}"), offset)).unwrap();
        }
        self.seen.add(&mut store, &instance).unwrap();
        for rule in ["fast", "slow"] {
            self.rules.put(&mut store, &rule.to_owned(), &9).unwrap();
        }
        store
    }
}

/// A savepoint of all of it: so many instances of "Proc", two of "Src".
pub fn write(path: &Path, parallelism: u32) -> Savepoint {
    let mut writer = Savepoint::create(path).unwrap();
    for number in 0..parallelism {
        let range = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, parallelism, number).unwrap();
        let mut app = proc_of::<String>(1_000);
        app.operator = app.operator.with_key_groups(range).unwrap();
        let mut state = app.operator.open(MemoryBackend::new()).unwrap();
        app.fill(&mut state);
        writer = writer.operator(&state).unwrap();
    }
    for instance in 0..2 {
        writer = writer.operator_state(&src(2, instance).fill()).unwrap();
    }
    writer.finish().unwrap()
}

/// Reads all keys, sorted.
pub fn read(savepoint: &Savepoint, app: &Proc<String>) -> Vec<Known> {
    let function = |key: &String, state: &mut KeyedStateBackend<String, MemoryBackend>, out: &mut dyn FnMut(Known)| {
        out(app.known(key.clone(), state)?);
        Ok(())
    };
    let mut all = app.operator.read_all(savepoint, &options(), function).unwrap();
    all.sort_by(|one, other| one.key.cmp(&other.key));
    all
}

pub fn all_known() -> Vec<Known> {
    (0..KEYS).map(known).collect()
}

pub fn options() -> ProcessOptions {
    ProcessOptions::new().with_parallelism(3)
}

/// The files of a folder.
pub fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

/// A message without the path of the temporary directory.
pub fn steady(error: impl std::fmt::Display, folder: &Path) -> String {
    error.to_string().replace(&folder.display().to_string(), "<folder>")
}
