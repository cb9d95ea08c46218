//! The harness: timers, chains, when listeners are notified, and the messages of failures and misuse.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use typeser_state::backend::RedbBackend;
use typeser_state::descriptor::{StateError, TimeToLive, ValueStateDescriptor};
use typeser_state::function::{
    CheckpointListener, CheckpointedFunction, Context, Declarations, FiredTimer, FunctionError, InitializationContext,
    KeyedState, ListCheckpointed, MapWithState, ProcessFunction, Record, SnapshotContext,
};
use typeser_state::harness::{Harness, HarnessError, HarnessSetup, Operators, ProcessOperator};
use typeser_state::key_group::MaxParallelism;
use typeser_state::keyed::ValueState;
use typeser_state::operator::BroadcastState;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::MANIFEST_NAME;
use typeser_state::timer::TimeDomain::{self, EventTime, ProcessingTime};
use typeser_state::timer::Timers;

type Log = Arc<Mutex<Vec<String>>>;

fn log(to: &Log, line: impl Into<String>) {
    to.lock().unwrap().push(line.into());
}

fn take(from: &Log) -> Vec<String> {
    std::mem::take(&mut from.lock().unwrap())
}

/// Sets the timers that its elements name, in two services, and emits those that fire.
struct Alarms {
    first: Timers<()>,
    second: Timers<String>,
}

type Alarm = (&'static str, &'static str, TimeDomain, i64);

impl CheckpointedFunction for Alarms {
    type Key = String;
}

impl ProcessFunction for Alarms {
    type In = Alarm;
    type Out = String;

    fn process_element(
        &mut self,
        (_, name, domain, time): Alarm,
        context: &mut Context<'_, Self>,
    ) -> Result<(), FunctionError> {
        let state = &mut *context.keyed_state;
        if name.is_empty() {
            self.first.register(state, domain, time)?;
        } else {
            state.set_current_namespace(&name.to_owned())?;
            self.second.register(state, domain, time)?;
        }
        Ok(())
    }

    fn on_timer(
        &mut self,
        timer: &FiredTimer<'_, String>,
        context: &mut Context<'_, Self>,
    ) -> Result<(), FunctionError> {
        let name = timer.namespace::<String>().map(|name| format!(" {name}")).unwrap_or_default();
        assert_eq!(context.timestamp(), Some(timer.time));
        let now = (context.watermark(), context.processing_time());
        context.collect(format!("{} {}{name} {} {} at {now:?}", timer.service, timer.key, timer.domain, timer.time));
        if timer.time == 7 {
            self.first.register(context.keyed_state, timer.domain, 8)?;
        }
        Ok(())
    }
}

fn alarms() -> HarnessSetup<ProcessOperator<Alarms>> {
    let make = |states: &mut Declarations<String>| {
        Ok(Alarms { first: states.timers("first")?, second: states.timers("second")? })
    };
    Harness::of(ProcessOperator::new("alarms", make).keyed_by(|(key, ..): &Alarm| (*key).to_owned()))
}

#[test]
fn timers_of_all_services_fire_in_the_order_of_their_times_also_after_a_restore() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = alarms().open().unwrap();
    let alarms_set: [Alarm; 8] = [
        ("anna", "", EventTime, 5),
        ("anna", "tea", EventTime, 3),
        ("anna", "tea", EventTime, 9),
        ("anna", "eggs", EventTime, 9),
        ("bert", "", EventTime, 7),
        ("bert", "", ProcessingTime, 100),
        ("bert", "bus", ProcessingTime, 50),
        ("anna", "", EventTime, 5),
    ];
    harness.process_all(alarms_set).unwrap();
    assert!(harness.take_output().is_empty(), "nothing fires before time comes");
    harness.advance_watermark(4).unwrap();
    let early = harness.take_output();
    let savepoint = harness.take_savepoint(folder.path().join("one")).unwrap();

    let rest = |mut harness: Harness<ProcessOperator<Alarms>>| {
        harness.advance_watermark(8).unwrap();
        harness.advance_processing_time(200).unwrap();
        harness.advance_watermark(i64::MAX).unwrap();
        harness.take_output()
    };
    let late = rest(harness);
    insta::assert_snapshot!([early, late.clone()].concat().join("\n"));

    let restored = alarms().restore(&savepoint, &RestoreOptions::new()).unwrap();
    assert_eq!(rest(restored), late);
    let restored = alarms().with_parallelism(5).restore(&savepoint, &RestoreOptions::new()).unwrap();
    let (mut spread, mut together) = (rest(restored), late);
    spread.sort();
    together.sort();
    assert_eq!(spread, together, "at another parallelism each instance fires its own");
}

/// Adds up the values of a key, logs its calls, and fails on demand.
struct Sum {
    sum: ValueState<i64>,
    name: &'static str,
    log: Log,
    /// Where the savepoint stands when it is complete.
    expected: Arc<Mutex<PathBuf>>,
}

type Pair = (u8, i64);
/// A value that a `Sum` does not take, and a sum that it does not let into a checkpoint.
const AT_ONCE: i64 = -1;
const IN_SNAPSHOT: i64 = -2;

impl Sum {
    /// Whether a key of this instance has this sum.
    fn has(&self, state: &mut KeyedState<u8>, sum: i64) -> Result<bool, FunctionError> {
        for key in state.keys()? {
            state.set_current_key(&key)?;
            if self.sum.get(state)? == Some(sum) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl CheckpointedFunction for Sum {
    type Key = u8;

    fn snapshot_state(&mut self, context: &mut SnapshotContext<'_, u8>) -> Result<(), FunctionError> {
        log(&self.log, format!("{} snapshot {} at {}", self.name, context.checkpoint_id(), context.timestamp()));
        assert!(!self.expected.lock().unwrap().exists());
        match self.has(context.keyed_state, IN_SNAPSHOT)? {
            true => Err("the disk of the outside world is full".into()),
            false => Ok(()),
        }
    }
}

impl CheckpointListener for Sum {
    fn notify_checkpoint_complete(&mut self, checkpoint_id: u64) -> Result<(), FunctionError> {
        assert!(self.expected.lock().unwrap().join(MANIFEST_NAME).exists(), "notified before it was complete");
        log(&self.log, format!("{} complete {checkpoint_id}", self.name));
        Ok(())
    }
}

impl ProcessFunction for Sum {
    type In = Pair;
    type Out = Pair;

    fn process_element(&mut self, (key, value): Pair, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        if value == AT_ONCE {
            return Err("no such account".into());
        }
        let sum = self.sum.get(context.keyed_state)?.unwrap_or(0) + value;
        self.sum.update(context.keyed_state, &sum)?;
        context.collect((key, sum));
        Ok(())
    }
}

/// A listener that fails.
struct Grumbler;

impl CheckpointedFunction for Grumbler {
    type Key = ();
}

impl CheckpointListener for Grumbler {
    fn notify_checkpoint_complete(&mut self, _: u64) -> Result<(), FunctionError> {
        Err("nobody answers".into())
    }
}

impl ProcessFunction for Grumbler {
    type In = Pair;
    type Out = Pair;

    fn process_element(&mut self, pair: Pair, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        context.collect(pair);
        Ok(())
    }
}

struct Place {
    folder: tempfile::TempDir,
    log: Log,
    expected: Arc<Mutex<PathBuf>>,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), log: Log::default(), expected: Arc::default() }
    }

    fn sum(&self, uid: &'static str) -> ProcessOperator<Sum> {
        let (log, expected) = (Arc::clone(&self.log), Arc::clone(&self.expected));
        ProcessOperator::new(uid, move |states: &mut Declarations<u8>| {
            let sum = states.keyed_state().value("sum")?;
            Ok(Sum { sum, name: uid, log: Arc::clone(&log), expected: Arc::clone(&expected) })
        })
        .keyed_by(|(key, _): &Pair| *key)
        .listening()
    }

    /// Where the next savepoint goes.
    fn at(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        self.expected.lock().unwrap().clone_from(&path);
        path
    }

    fn message(&self, error: impl std::fmt::Display) -> String {
        error.to_string().replace(self.folder.path().to_str().unwrap(), "[folder]")
    }

    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn listeners_are_notified_in_order_when_the_savepoint_is_complete() {
    let place = Place::new();
    let chain = place.sum("first").then(place.sum("second"));
    let mut harness = Harness::of(chain).with_parallelism(2).with_processing_time(77).open().unwrap();
    harness.process_all([(0, 5), (1, 6)]).unwrap();
    harness.take_savepoint(place.at("one")).unwrap();
    assert_eq!(
        take(&place.log),
        [
            "first snapshot 1 at 77",
            "first snapshot 1 at 77",
            "second snapshot 1 at 77",
            "second snapshot 1 at 77",
            "first complete 1",
            "first complete 1",
            "second complete 1",
            "second complete 1",
        ]
    );
}

#[test]
fn a_snapshot_that_fails_leaves_nothing_and_the_program_goes_on() {
    let place = Place::new();
    let mut harness = Harness::of(place.sum("first").then(place.sum("second"))).open().unwrap();
    harness.process_all([(0, IN_SNAPSHOT)]).unwrap();
    let error = harness.take_savepoint(place.at("one")).unwrap_err();
    insta::assert_snapshot!(place.message(&error), @"instance 0 of operator `first`: `snapshot_state` failed in checkpoint 1: the disk of the outside world is full; no savepoint was written, and the harness continues");
    assert_eq!(place.files(), Vec::<String>::new());
    assert_eq!(take(&place.log), ["first snapshot 1 at 0"], "no listener is notified");

    harness.process((0, 12)).unwrap();
    let savepoint = harness.take_savepoint(place.at("one")).unwrap();
    assert_eq!(place.files(), ["one"]);
    assert_eq!(
        take(&place.log),
        ["first snapshot 2 at 0", "second snapshot 2 at 0", "first complete 2", "second complete 2"]
    );
    let mut harness = Harness::of(place.sum("first").then(place.sum("second")))
        .with_first_checkpoint(3)
        .restore(&savepoint, &RestoreOptions::new())
        .unwrap();
    harness.process((0, 1)).unwrap();
    assert_eq!(
        harness.take_output(),
        [(0, 19)],
        "the second one has added up what the first one gave: -2, 10 and now 11"
    );
    harness.take_savepoint(place.at("two")).unwrap();
    assert!(take(&place.log).contains(&"second complete 3".to_owned()));
}

#[test]
fn a_listener_that_fails_takes_nothing_back() {
    let place = Place::new();
    let grumbler = || ProcessOperator::new("grumbler", |_: &mut Declarations<()>| Ok(Grumbler)).listening();
    let mut harness = Harness::of(grumbler().then(place.sum("sum"))).open().unwrap();
    harness.process((0, 3)).unwrap();
    let error = harness.take_savepoint(place.at("one")).unwrap_err();
    insta::assert_snapshot!(place.message(&error), @"instance 0 of operator `grumbler`: `notify_checkpoint_complete` failed for checkpoint 1: nobody answers; the savepoint [folder]/one is complete, and all other functions were notified");
    assert_eq!(take(&place.log), ["sum snapshot 1 at 0", "sum complete 1"]);
    let HarnessError::Listener { path, .. } = error else { panic!("{error}") };
    let savepoint = typeser_state::savepoint::Savepoint::open(path).unwrap();
    savepoint.verify().unwrap();
    harness.process((0, 1)).unwrap();
}

#[test]
fn after_an_element_that_failed_nothing_is_kept_any_more() {
    let place = Place::new();
    let mut harness = Harness::of(place.sum("sum")).open().unwrap();
    harness.process((0, 4)).unwrap();
    let savepoint = harness.take_savepoint(place.at("one")).unwrap();
    let failures = [
        harness.process((0, AT_ONCE)).unwrap_err(),
        harness.process((0, 1)).unwrap_err(),
        harness.take_savepoint(place.at("two")).unwrap_err(),
        harness.advance_watermark(1).unwrap_err(),
    ];
    insta::assert_snapshot!(failures.map(|error| place.message(error)).join("\n"));
    assert_eq!(place.files(), ["one"]);
    let mut harness = Harness::of(place.sum("sum")).restore(&savepoint, &RestoreOptions::new()).unwrap();
    harness.process((0, 1)).unwrap();
    assert_eq!(harness.take_output(), [(0, 5)]);
}

#[test]
fn an_operator_that_sets_no_max_parallelism_has_the_stored_one() {
    let place = Place::new();
    let sum = place.sum("sum").with_max_parallelism(MaxParallelism::new(512).unwrap());
    let mut harness = Harness::of(sum).with_parallelism(3).open().unwrap();
    harness.process((0, 4)).unwrap();
    let savepoint = harness.take_savepoint(place.at("one")).unwrap();
    // More instances than the default has key groups.
    let setup = Harness::of(place.sum("sum")).with_parallelism(300);
    let mut harness = setup.restore(&savepoint, &RestoreOptions::new()).unwrap();
    harness.process((0, 1)).unwrap();
    assert_eq!(harness.take_output(), [(0, 5)]);
}

#[test]
fn timestamps_and_watermarks_pass_through_a_chain() {
    let words = || {
        let words = ProcessOperator::new("words", |states: &mut Declarations<String>| {
            MapWithState::new(states, "count", |word: &'static str, count: Option<u64>| {
                let count = count.unwrap_or(0) + 1;
                ((word, "", EventTime, i64::try_from(count).unwrap() * 10), Some(count))
            })
        });
        let make = |states: &mut Declarations<String>| {
            Ok(Alarms { first: states.timers("first")?, second: states.timers("second")? })
        };
        let alarms = ProcessOperator::new("alarms", make).keyed_by(|(key, ..): &Alarm| (*key).to_owned());
        words.keyed_by(|word| (*word).to_owned()).then(alarms)
    };
    let folder = tempfile::tempdir().unwrap();
    let mut harness = Harness::of(words()).with_parallelism(2).open().unwrap();
    harness.process_at(1, "to").unwrap();
    harness.process_at(2, "be").unwrap();
    let savepoint = harness.take_savepoint(folder.path().join("one")).unwrap();
    let mut harness = Harness::of(words()).with_parallelism(3).restore(&savepoint, &RestoreOptions::new()).unwrap();
    harness.process("to").unwrap();
    harness.advance_watermark(20).unwrap();
    let mut records = harness.take_records();
    records.sort_by(|a, b| (a.timestamp, &a.value).cmp(&(b.timestamp, &b.value)));
    let record = |timestamp, value: &str| Record { value: value.to_owned(), timestamp: Some(timestamp) };
    assert_eq!(
        records,
        [
            record(10, "first be event time 10 at (20, 0)"),
            record(10, "first to event time 10 at (20, 0)"),
            record(20, "first to event time 20 at (20, 0)"),
        ]
    );
}

/// Lets through what the rules allow.
struct Gate {
    allowed: BroadcastState<String, bool>,
}

#[derive(Clone)]
enum Knock {
    Rule(String, bool),
    Guest(String),
}

impl CheckpointedFunction for Gate {
    type Key = ();
}

impl ProcessFunction for Gate {
    type In = Knock;
    type Out = String;

    fn process_element(&mut self, knock: Knock, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        match knock {
            Knock::Rule(name, allowed) => self.allowed.put(context.operator_state, &name, &allowed)?,
            Knock::Guest(name) if self.allowed.get(context.operator_state, &name)? == Some(true) => {
                context.collect(name)
            }
            Knock::Guest(_) => {}
        }
        Ok(())
    }
}

#[test]
fn what_all_instances_get_is_known_to_all_of_more_instances() {
    let gate = || {
        let make = |states: &mut Declarations<()>| Ok(Gate { allowed: states.operator_state().broadcast("allowed")? });
        Harness::of(ProcessOperator::new("gate", make))
    };
    let folder = tempfile::tempdir().unwrap();
    let mut harness = gate().with_parallelism(2).open().unwrap();
    harness.process_on_all(Knock::Rule("anna".to_owned(), true)).unwrap();
    harness.process_on_all(Knock::Rule("bert".to_owned(), false)).unwrap();
    let savepoint = harness.take_savepoint(folder.path().join("one")).unwrap();
    let mut harness = gate().with_parallelism(4).restore(&savepoint, &RestoreOptions::new()).unwrap();
    harness.process_all((0..8).map(|n| Knock::Guest(if n < 4 { "anna" } else { "bert" }.to_owned()))).unwrap();
    assert_eq!(harness.take_output(), ["anna"; 4]);
}

#[test]
fn processing_time_is_what_times_to_live_count_by() {
    let visits = || {
        let visits = |states: &mut Declarations<String>| {
            let state = ValueStateDescriptor::new("visits")?.with_time_to_live(TimeToLive::new(Duration::from_secs(1)));
            states.keyed_state().value_state::<u32>(state).map(Visits)
        };
        Harness::of(ProcessOperator::new("visits", visits).keyed_by(|name: &String| name.clone()))
    };
    struct Visits(ValueState<u32>);
    impl CheckpointedFunction for Visits {
        type Key = String;
    }
    impl ProcessFunction for Visits {
        type In = String;
        type Out = u32;

        fn process_element(&mut self, _: String, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
            let visits = self.0.get(context.keyed_state)?.unwrap_or(0) + 1;
            self.0.update(context.keyed_state, &visits)?;
            context.collect(visits);
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut harness = visits().with_processing_time(5_000).open().unwrap();
    harness.process("anna".to_owned()).unwrap();
    harness.advance_processing_time(5_900).unwrap();
    harness.process("anna".to_owned()).unwrap();
    let savepoint = harness.take_savepoint(folder.path().join("one")).unwrap();
    harness.advance_processing_time(7_000).unwrap();
    harness.process("anna".to_owned()).unwrap();
    assert_eq!(harness.take_output(), [1, 2, 1]);
    for (now, visits_now) in [(6_800, 3), (6_901, 1)] {
        let mut harness = visits().with_processing_time(now).restore(&savepoint, &RestoreOptions::new()).unwrap();
        harness.process("anna".to_owned()).unwrap();
        assert_eq!(harness.take_output(), [visits_now], "restored at {now}");
    }
}

#[test]
fn timers_of_processing_time_that_became_due_fire_when_the_operators_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = alarms().open().unwrap();
    let alarms_set: [Alarm; 3] =
        [("anna", "", ProcessingTime, 100), ("bert", "bus", ProcessingTime, 101), ("anna", "", EventTime, 5)];
    harness.process_all(alarms_set).unwrap();
    let savepoint = harness.take_savepoint(folder.path().join("one")).unwrap();

    let mut early = alarms().with_processing_time(99).restore(&savepoint, &RestoreOptions::new()).unwrap();
    assert_eq!(early.take_output(), Vec::<String>::new());
    let mut late = alarms().with_processing_time(100).restore(&savepoint, &RestoreOptions::new()).unwrap();
    let now = (i64::MIN, 100);
    assert_eq!(late.take_output(), [format!("first anna processing time 100 at {now:?}")]);
    late.advance_processing_time(101).unwrap();
    assert_eq!(late.take_output().len(), 1, "what fired at the start does not fire again");
}

#[test]
fn a_harness_that_was_stopped_with_a_savepoint_takes_no_elements() {
    let place = Place::new();
    let mut harness = Harness::of(place.sum("sum")).open().unwrap();
    harness.process((0, 4)).unwrap();
    // Without a savepoint, it goes on.
    std::fs::create_dir(place.at("there")).unwrap();
    std::fs::write(place.at("there").join("file"), "").unwrap();
    harness.stop_with_savepoint(place.at("there")).unwrap_err();
    harness.process((0, 4)).unwrap();

    let savepoint = harness.stop_with_savepoint(place.at("last")).unwrap();
    let refusals = [
        harness.process((0, 1)).unwrap_err(),
        harness.advance_watermark(1).unwrap_err(),
        harness.stop_with_savepoint(place.at("next")).unwrap_err(),
    ];
    let expected = "this harness was stopped with the savepoint [folder]/last; restore a new one from it";
    assert_eq!(refusals.map(|error| place.message(error)), [expected; 3]);
    assert_eq!(harness.take_output(), [(0, 4), (0, 8)]);
    let mut harness = Harness::of(place.sum("sum")).restore(&savepoint, &RestoreOptions::new()).unwrap();
    harness.process((0, 1)).unwrap();
    assert_eq!(harness.take_output(), [(0, 9)]);
}

#[test]
fn a_drain_fires_all_timers_of_event_time_before_the_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = alarms().open().unwrap();
    // The alarm at 7 registers one at 8.
    let alarms_set: [Alarm; 3] =
        [("anna", "", EventTime, 7), ("bert", "tea", EventTime, i64::MAX), ("bert", "bus", ProcessingTime, 50)];
    harness.process_all(alarms_set).unwrap();
    let savepoint = harness.drain_with_savepoint(folder.path().join("last")).unwrap();
    let end = (i64::MAX, 0);
    let fired = [
        format!("first anna event time 7 at {end:?}"),
        format!("first anna event time 8 at {end:?}"),
        format!("second bert tea event time {} at {end:?}", i64::MAX),
    ];
    assert_eq!(harness.take_output(), fired);
    harness.process(("anna", "", EventTime, 1)).unwrap_err();

    // Timers of processing time remain.
    let mut restored = alarms().restore(&savepoint, &RestoreOptions::new()).unwrap();
    restored.advance_watermark(i64::MAX).unwrap();
    assert!(restored.take_output().is_empty());
    restored.advance_processing_time(50).unwrap();
    assert_eq!(restored.take_output().len(), 1);
}

#[test]
fn keyed_state_can_live_on_a_disk() {
    let place = Place::new();
    let file = |folder: &Path, uid: &str, instance: u32| folder.join(format!("{uid}-{instance}.redb"));
    let disk = tempfile::tempdir().unwrap();
    let path = disk.path().to_owned();
    let setup = Harness::of(place.sum("sum")).with_parallelism(2);
    let mut harness = setup
        .with_storage(move |uid, instance| Box::new(RedbBackend::open(file(&path, uid, instance)).unwrap()))
        .open()
        .unwrap();
    harness.process_all((0..50).map(|key| (key, 1))).unwrap();
    let savepoint = harness.take_savepoint(place.at("one")).unwrap();
    assert!(disk.path().join("sum-1.redb").exists());
    let mut harness = Harness::of(place.sum("sum")).restore(&savepoint, &RestoreOptions::new()).unwrap();
    harness.process_all((0..50).map(|key| (key, 1))).unwrap();
    assert_eq!(harness.take_output(), (0..50).map(|key| (key, 2)).collect::<Vec<_>>());
}

/// A function that is made wrong, in many ways.
struct Wrong;

impl ListCheckpointed for Wrong {
    type Key = u8;
    type Element = u8;

    fn snapshot_state(&mut self, _: u64, _: i64) -> Result<Vec<u8>, FunctionError> {
        Ok(vec![1, 2, 3])
    }

    fn restore_state(&mut self, list: Vec<u8>) -> Result<(), FunctionError> {
        Err(format!("cannot go on with {list:?}").into())
    }
}

impl ProcessFunction for Wrong {
    type In = u8;
    type Out = ();

    fn process_element(&mut self, _: u8, _: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        Ok(())
    }
}

fn wrong(
    uid: &str,
    declare: impl Fn(&mut Declarations<u8>) -> Result<(), StateError> + Send + Sync + 'static,
) -> ProcessOperator<Wrong> {
    ProcessOperator::new(uid, move |states| declare(states).map(|()| Wrong))
}

fn refused(setup: HarnessSetup<impl Operators>) -> String {
    match setup.open() {
        Ok(_) => panic!("it opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_is_made_wrong_is_reported_before_anything_starts() {
    let nothing = |_: &mut Declarations<u8>| Ok(());
    let value = |states: &mut Declarations<u8>| states.keyed_state().value::<u32>("count").map(drop);
    let twice = move |states: &mut Declarations<u8>| {
        value(states)?;
        states.keyed_state().list::<u32>("count").map(drop)
    };
    let list = |states: &mut Declarations<u8>| states.operator_state().union_list::<u32>("list-checkpointed").map(drop);
    let timers = |states: &mut Declarations<u8>| states.keyed_state().timers::<()>("alarms").map(drop);
    let keyed = |operator: ProcessOperator<Wrong>| Harness::of(operator.keyed_by(|key| *key));
    let place = Place::new();
    let same = place.sum("sum").then(place.sum("other")).then(place.sum("sum"));
    let messages = [
        ("no uid", refused(keyed(wrong("", nothing)))),
        ("one uid twice", refused(Harness::of(same))),
        ("one name twice", refused(keyed(wrong("wrong", twice)))),
        ("the name of the list", refused(keyed(wrong("wrong", list)))),
        ("keyed state without keys", refused(Harness::of(wrong("wrong", value)))),
        ("timers that nobody fires", refused(keyed(wrong("wrong", timers)))),
        ("no instance", refused(keyed(wrong("wrong", nothing)).with_parallelism(0))),
        ("more instances than key groups", refused(keyed(wrong("wrong", value)).with_parallelism(129))),
        ("more instances than there can be", refused(Harness::of(wrong("wrong", nothing)).with_parallelism(40_000))),
    ];
    insta::assert_snapshot!(messages.map(|(what, message)| format!("{what}:\n  {message}")).join("\n"));
}

#[test]
fn what_fails_later_says_where() {
    let place = Place::new();
    let wrong = || Harness::of(wrong("wrong", |_| Ok(())).keyed_by(|key| *key)).with_parallelism(2);
    let mut harness = wrong().open().unwrap();
    let savepoint = harness.take_savepoint(place.at("one")).unwrap();
    harness.advance_watermark(10).unwrap();
    let mut failures = vec![
        ("initialize_state", place.message(wrong().restore(&savepoint, &RestoreOptions::new()).err().unwrap())),
        ("a savepoint that is there", place.message(harness.take_savepoint(place.at("one")).unwrap_err())),
        ("time goes back", place.message(harness.advance_watermark(9).unwrap_err())),
    ];
    harness.process(1).unwrap();

    struct Deaf(Timers<()>);
    impl CheckpointedFunction for Deaf {
        type Key = u8;
    }
    impl ProcessFunction for Deaf {
        type In = u8;
        type Out = ();

        fn process_element(&mut self, _: u8, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
            Ok(self.0.register(context.keyed_state, EventTime, 5)?)
        }
    }
    let deaf = ProcessOperator::new("deaf", |states| states.timers("alarms").map(Deaf)).keyed_by(|key| *key);
    let mut harness = Harness::of(deaf).open().unwrap();
    harness.process(3).unwrap();
    failures.push(("a timer without `on_timer`", place.message(harness.advance_watermark(5).unwrap_err())));

    struct Hasty(ValueState<u8>);
    impl CheckpointedFunction for Hasty {
        type Key = u8;

        fn initialize_state(&mut self, context: &mut InitializationContext<'_, u8>) -> Result<(), FunctionError> {
            Ok(self.0.update(context.keyed_state, &1)?)
        }
    }
    impl ProcessFunction for Hasty {
        type In = u8;
        type Out = ();

        fn process_element(&mut self, _: u8, _: &mut Context<'_, Self>) -> Result<(), FunctionError> {
            Ok(())
        }
    }
    let hasty = ProcessOperator::new("hasty", |states| states.keyed_state().value("hasty").map(Hasty));
    failures.push(("keyed state without a key", refused(Harness::of(hasty.keyed_by(|key| *key)))));
    let lines = failures.into_iter().map(|(what, message)| format!("{what}:\n  {message}"));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn all_problems_of_all_operators_are_reported_at_once() {
    let place = Place::new();
    let mut harness = Harness::of(place.sum("first").then(place.sum("second"))).with_parallelism(2).open().unwrap();
    harness.process_all((0..9).map(|key| (key, 1))).unwrap();
    let savepoint = harness.take_savepoint(place.at("one")).unwrap();

    struct Text(ValueState<String>);
    impl CheckpointedFunction for Text {
        type Key = u8;
    }
    impl ProcessFunction for Text {
        type In = Pair;
        type Out = Pair;

        fn process_element(&mut self, pair: Pair, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
            context.collect(pair);
            Ok(self.0.update(context.keyed_state, &String::new())?)
        }
    }
    let text = |uid: &str, name: &'static str| {
        let make = move |states: &mut Declarations<u8>| states.keyed_state().value(name).map(Text);
        ProcessOperator::new(uid, make).keyed_by(|(key, _): &Pair| *key)
    };
    let draft = || Harness::of(text("first", "sum").then(text("second", "total")).then(text("third", "sum")));
    let error = draft().with_parallelism(3).restore(&savepoint, &RestoreOptions::new()).err().unwrap();
    insta::assert_snapshot!("all_problems", place.message(error));
    let alone = Harness::of(text("third", "sum")).restore(&savepoint, &RestoreOptions::new()).err().unwrap();
    insta::assert_snapshot!("unknown_operators", place.message(alone));

    let options = RestoreOptions::new().reset_state("first", "sum").drop_state("second", "sum");
    draft().with_parallelism(3).restore(&savepoint, &options).unwrap();
    let options = RestoreOptions::new().allow_non_restored_state();
    Harness::of(text("third", "sum")).restore(&savepoint, &options).unwrap();
}
