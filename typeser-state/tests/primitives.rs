//! Every sort of keyed state over every backend: random programs against a model, with crashes, savepoints and time.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
#[cfg(feature = "fjall")]
use typeser_state::backend::FjallBackend;
use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::descriptor::{
    AggregatingStateDescriptor, FoldingStateDescriptor, ListStateDescriptor, MapStateDescriptor,
    ReducingStateDescriptor, TimeToLive, UpdateType, ValueStateDescriptor,
};
use typeser_state::key_group::{KeyGroup, MaxParallelism};
use typeser_state::keyed::{
    AggregatingState, FoldingState, KeyedStateBackend, ListState, ManualClock, MapState, Operator, RawKeyedState,
    ReducingState, StateError, ValueState,
};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::{TimeDomain, Timers};

/// How long what lives for a while lives.
const MILLIS: u64 = 10;

struct Program {
    clock: Arc<ManualClock>,
    operator: Operator<u8>,
    value: ValueState<u16>,
    short_list: ListState<u16>,
    window_map: MapState<String, u16>,
    sum: ReducingState<u64>,
    mean: AggregatingState<u16, (u64, u64), u64>,
    folded: FoldingState<u16, String>,
    timers: Timers<u8>,
    raw: RawKeyedState,
}

fn program() -> Program {
    let clock = Arc::new(ManualClock::new(0));
    let max = MaxParallelism::new(4).unwrap();
    let mut operator = Operator::new("o").unwrap().with_max_parallelism(max).unwrap().with_clock(Arc::clone(&clock));
    let short = TimeToLive::new(Duration::from_millis(MILLIS));
    let while_read = short.with_update_type(UpdateType::OnReadAndWrite);
    let value = ValueStateDescriptor::new("value").unwrap().with_default(7).with_time_to_live(short);
    let list = ListStateDescriptor::new("list").unwrap().with_time_to_live(short);
    let map = MapStateDescriptor::new("map").unwrap().with_namespace::<u8>().unwrap().with_time_to_live(while_read);
    let sum = ReducingStateDescriptor::new("sum", |first, second| first + second).unwrap();
    let sum = sum.with_namespace::<u8>().unwrap();
    let mean = AggregatingStateDescriptor::new(
        "mean",
        || (0, 0),
        |(sum, count): &mut (u64, u64), value: u16| (*sum, *count) = (*sum + u64::from(value), *count + 1),
        |(sum, count)| sum / count,
    );
    let mean = mean.unwrap().with_time_to_live(short);
    let folded = FoldingStateDescriptor::new("folded", ":".to_owned(), |all: &mut String, value: u16| {
        all.push_str(&value.to_string());
    });
    Program {
        value: operator.value_state(value).unwrap(),
        short_list: operator.list_state(list).unwrap(),
        window_map: operator.map_state(map).unwrap(),
        sum: operator.reducing_state(sum).unwrap(),
        mean: operator.aggregating_state(mean).unwrap(),
        folded: operator.aggregating_state(folded.unwrap()).unwrap(),
        timers: operator.timers("timers").unwrap(),
        raw: operator.raw("raw").unwrap(),
        operator,
        clock,
    }
}

/// When something was last written, and what.
type Written<T> = (u64, T);

#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    value: BTreeMap<u8, Written<u16>>,
    list: BTreeMap<u8, Vec<Written<u16>>>,
    map: BTreeMap<(u8, u8), BTreeMap<String, Written<u16>>>,
    sum: BTreeMap<(u8, u8), u64>,
    mean: BTreeMap<u8, Written<(u64, u64)>>,
    folded: BTreeMap<u8, String>,
    /// Domain, time, key, namespace.
    timers: BTreeSet<(TimeDomain, i64, u8, u8)>,
    raw: BTreeMap<KeyGroup, Vec<u8>>,
}

#[derive(Debug, Clone)]
enum Step {
    Update(u16),
    ClearValue,
    Add(u16),
    AddAll(Vec<u16>),
    Replace(Vec<u16>),
    Put(String, u16),
    Remove(String),
    ClearMap,
    Sum(u16),
    ClearSum,
    Mean(u16),
    Fold(u16),
    ClearFolded,
    Register(TimeDomain, i64),
    Delete(TimeDomain, i64),
    Advance(TimeDomain, i64),
    Raw(KeyGroup, Option<Vec<u8>>),
    Wait(u64),
    Flush,
    /// Dropped without flush, and opened again.
    Crash,
    /// A savepoint, restored into a new backend.
    Upgrade,
}

fn step() -> impl Strategy<Value = Step> {
    let name = || prop::sample::select(vec!["", "a", "ab"]).prop_map(str::to_owned);
    let number = || 0u16..50;
    let numbers = || prop::collection::vec(0u16..50, 0..4);
    let domain = || prop::sample::select(TimeDomain::ALL.to_vec());
    let time = || prop::sample::select(vec![i64::MIN, -300, -1, 0, 1, 2, 255, 256, i64::MAX]);
    prop_oneof![
        2 => number().prop_map(Step::Update),
        1 => Just(Step::ClearValue),
        2 => number().prop_map(Step::Add),
        1 => numbers().prop_map(Step::AddAll),
        1 => numbers().prop_map(Step::Replace),
        3 => (name(), number()).prop_map(|(name, value)| Step::Put(name, value)),
        1 => name().prop_map(Step::Remove),
        1 => Just(Step::ClearMap),
        2 => number().prop_map(Step::Sum),
        1 => Just(Step::ClearSum),
        2 => number().prop_map(Step::Mean),
        2 => number().prop_map(Step::Fold),
        1 => Just(Step::ClearFolded),
        4 => (domain(), time()).prop_map(|(domain, time)| Step::Register(domain, time)),
        1 => (domain(), time()).prop_map(|(domain, time)| Step::Delete(domain, time)),
        2 => (domain(), time()).prop_map(|(domain, time)| Step::Advance(domain, time)),
        1 => (0u16..4, prop::option::of(prop::collection::vec(any::<u8>(), 0..3)))
            .prop_map(|(group, bytes)| Step::Raw(group, bytes)),
        3 => (1u64..8).prop_map(Step::Wait),
        1 => Just(Step::Flush),
        1 => Just(Step::Crash),
        1 => Just(Step::Upgrade),
    ]
}

/// What is to be done, for which key in which namespace.
type Steps = Vec<(u8, u8, Step)>;

fn steps(most: usize) -> impl Strategy<Value = Steps> {
    let namespace = || prop::sample::select(vec![0u8, 1, 255]);
    prop::collection::vec((0u8..4, namespace(), step()), 1..most)
}

fn lives(written: u64, now: u64) -> bool {
    written + MILLIS > now
}

/// What a step does to state and model alike.
fn apply<B: Backend>(
    program: &Program,
    state: &mut KeyedStateBackend<u8, B>,
    model: &mut Model,
    now: u64,
    (key, namespace, step): (u8, u8, Step),
) {
    let place = (key, namespace);
    state.set_current_key(&key).unwrap();
    state.set_current_namespace(&namespace).unwrap();
    match step {
        Step::Update(value) => {
            program.value.update(state, &value).unwrap();
            model.value.insert(key, (now, value));
        }
        Step::ClearValue => {
            program.value.clear(state).unwrap();
            model.value.remove(&key);
        }
        Step::Add(value) => {
            program.short_list.add(state, &value).unwrap();
            model.list.entry(key).or_default().push((now, value));
        }
        Step::AddAll(values) => {
            program.short_list.add_all(state, &values).unwrap();
            model.list.entry(key).or_default().extend(values.into_iter().map(|value| (now, value)));
        }
        Step::Replace(values) => {
            program.short_list.update(state, &values).unwrap();
            model.list.insert(key, values.into_iter().map(|value| (now, value)).collect());
        }
        Step::Put(name, value) => {
            program.window_map.put(state, &name, &value).unwrap();
            model.map.entry(place).or_default().insert(name, (now, value));
        }
        Step::Remove(name) => {
            program.window_map.remove(state, &name).unwrap();
            model.map.entry(place).or_default().remove(&name);
        }
        Step::ClearMap => {
            program.window_map.clear(state).unwrap();
            model.map.remove(&place);
        }
        Step::Sum(value) => {
            program.sum.add(state, value.into()).unwrap();
            *model.sum.entry(place).or_default() += u64::from(value);
        }
        Step::ClearSum => {
            program.sum.clear(state).unwrap();
            model.sum.remove(&place);
        }
        Step::Mean(value) => {
            program.mean.add(state, value).unwrap();
            let before = model.mean.get(&key).filter(|(written, _)| lives(*written, now));
            let (sum, count) = before.map_or((0, 0), |(_, accumulator)| *accumulator);
            model.mean.insert(key, (now, (sum + u64::from(value), count + 1)));
        }
        Step::Fold(value) => {
            program.folded.add(state, value).unwrap();
            model.folded.entry(key).or_insert_with(|| ":".to_owned()).push_str(&value.to_string());
        }
        Step::ClearFolded => {
            program.folded.clear(state).unwrap();
            model.folded.remove(&key);
        }
        Step::Register(domain, time) => {
            program.timers.register(state, domain, time).unwrap();
            model.timers.insert((domain, time, key, namespace));
        }
        Step::Delete(domain, time) => {
            program.timers.delete(state, domain, time).unwrap();
            model.timers.remove(&(domain, time, key, namespace));
        }
        Step::Advance(domain, until) => {
            let mut fired = Vec::new();
            let fire = |state: &mut KeyedStateBackend<u8, B>, timer: typeser_state::timer::Timer<u8, u8>| {
                // Key and namespace are the current ones: what is read is theirs.
                program.sum.add(state, 1)?;
                fired.push((timer.domain, timer.time, timer.key, timer.namespace));
                Ok::<_, StateError>(())
            };
            program.timers.advance_to(state, domain, until, fire).unwrap();
            assert!(fired.is_sorted_by_key(|(_, time, ..)| *time), "{fired:?}");
            let due: BTreeSet<_> = model.timers.iter().filter(|timer| timer.0 == domain && timer.1 <= until).collect();
            assert_eq!(fired.iter().collect::<BTreeSet<_>>(), due);
            assert_eq!(fired.len(), due.len());
            for timer in fired {
                *model.sum.entry((timer.2, timer.3)).or_default() += 1;
                model.timers.remove(&timer);
            }
        }
        Step::Raw(group, Some(bytes)) => {
            program.raw.put(state, group, &bytes).unwrap();
            model.raw.insert(group, bytes);
        }
        Step::Raw(group, None) => {
            program.raw.clear(state, group).unwrap();
            model.raw.remove(&group);
        }
        Step::Wait(_) | Step::Flush | Step::Crash | Step::Upgrade => unreachable!("the caller does that"),
    }
}

/// Whether the state is what the model says. Entries of the map become young by being read.
fn check<B: Backend>(program: &Program, state: &mut KeyedStateBackend<u8, B>, model: &mut Model, now: u64) {
    for key in 0..4 {
        state.set_current_key(&key).unwrap();
        let value = model.value.get(&key).filter(|(written, _)| lives(*written, now));
        assert_eq!(program.value.get(state).unwrap(), Some(value.map_or(7, |(_, value)| *value)));
        let list = model.list.get(&key).into_iter().flatten().filter(|(written, _)| lives(*written, now));
        assert_eq!(program.short_list.get(state).unwrap(), list.map(|(_, value)| *value).collect::<Vec<_>>());
        let mean = model.mean.get(&key).filter(|(written, _)| lives(*written, now));
        assert_eq!(program.mean.get(state).unwrap(), mean.map(|(_, (sum, count))| sum / count));
        assert_eq!(program.folded.get(state).unwrap().as_ref(), model.folded.get(&key));
        for namespace in [0, 1, 255] {
            state.set_current_namespace(&namespace).unwrap();
            let map = model.map.entry((key, namespace)).or_default();
            map.retain(|_, (written, _)| lives(*written, now));
            assert_eq!(program.window_map.is_empty(state).unwrap(), map.is_empty());
            let entries: BTreeMap<_, _> = program.window_map.entries(state).unwrap().into_iter().collect();
            map.values_mut().for_each(|(written, _)| *written = now);
            assert_eq!(entries, map.iter().map(|(name, (_, value))| (name.clone(), *value)).collect());
            assert_eq!(program.sum.get(state).unwrap().as_ref(), model.sum.get(&(key, namespace)));
            for domain in TimeDomain::ALL {
                let registered =
                    model.timers.iter().filter(|timer| (timer.0, timer.2, timer.3) == (domain, key, namespace));
                let registered: Vec<i64> = registered.map(|timer| timer.1).collect();
                assert_eq!(program.timers.registered(state, domain).unwrap(), registered);
            }
        }
    }
    for domain in TimeDomain::ALL {
        let next = model.timers.iter().find(|timer| timer.0 == domain).map(|timer| timer.1);
        assert_eq!(program.timers.next(state, domain).unwrap(), next);
    }
    for group in 0..4 {
        assert_eq!(program.raw.get(state, group).unwrap().as_ref(), model.raw.get(&group));
    }
}

fn run<B: Backend>(open: impl Fn(&Path) -> B, disk: bool, steps: Steps) {
    let folder = tempfile::tempdir().unwrap();
    let program = program();
    let (mut model, mut flushed, mut now) = (Model::default(), None, 0);
    let mut home = folder.path().join("first");
    std::fs::create_dir(&home).unwrap();
    let mut state = program.operator.open(open(&home)).unwrap();
    for (number, (key, namespace, step)) in steps.into_iter().enumerate() {
        match step {
            Step::Wait(millis) => {
                now += millis;
                program.clock.set(now);
            }
            Step::Flush => {
                state.flush().unwrap();
                flushed = Some(model.clone());
            }
            Step::Crash if disk => {
                drop(state);
                state = program.operator.open(open(&home)).unwrap();
                model = flushed.clone().unwrap_or_default();
            }
            Step::Crash => {}
            Step::Upgrade => {
                let savepoint = Savepoint::create(folder.path().join(number.to_string())).unwrap();
                let savepoint = savepoint.operator(&state).unwrap().finish().unwrap();
                savepoint.verify().unwrap();
                home = folder.path().join(format!("home-{number}"));
                std::fs::create_dir(&home).unwrap();
                let options = RestoreOptions::new();
                state = program.operator.restore(&savepoint, open(&home), &options, &mut |_| ()).unwrap();
                // A restore ends with a flush, and leaves behind what has expired.
                flushed = Some(model.clone());
            }
            step => apply(&program, &mut state, &mut model, now, (key, namespace, step)),
        }
        check(&program, &mut state, &mut model, now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_sort_of_state_in_memory_is_as_its_model(steps in steps(40)) {
        run(|_| MemoryBackend::new(), false, steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn every_sort_of_state_in_redb_is_as_its_model(
        steps in steps(40),
        buffer in prop::sample::select(vec![0, 100, RedbBackend::BUFFER_BYTES]),
    ) {
        run(|home| RedbBackend::open_with_buffer(home.join("state.redb"), buffer).unwrap(), true, steps);
    }
}

#[cfg(feature = "fjall")]
proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn every_sort_of_state_in_fjall_is_as_its_model(steps in steps(40)) {
        run(|home| FjallBackend::open_with_buffer(home, 100).unwrap(), true, steps);
    }
}
