//! Laws of the harness: whatever savepoints and restores come between, at whatever parallelism, elements, timers and state
//! are what they are without.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use typeser_state::descriptor::StateError;
use typeser_state::function::{
    CheckpointedFunction, Context, Declarations, FiredTimer, FunctionError, InitializationContext, ProcessFunction,
    SnapshotContext,
};
use typeser_state::harness::{Harness, HarnessSetup, ProcessOperator};
use typeser_state::key_group::MaxParallelism;
use typeser_state::keyed::{ListState, MapState, ValueState};
use typeser_state::operator::{SplitList, UnionList};
use typeser_state::restore::RestoreOptions;
use typeser_state::timer::TimeDomain::{EventTime, ProcessingTime};
use typeser_state::timer::{TimeDomain, Timers};

/// Uses state of every kind.
struct Ledger {
    total: ValueState<i64>,
    recent: ListState<i32>,
    kinds: MapState<u8, u32>,
    due: Timers<u8>,
    alarms: Timers<()>,
    checkpointed: SplitList<i32>,
    checkpoints: UnionList<(u32, u64)>,
    /// Every value that came, in the function's own memory.
    seen: Vec<i32>,
    /// How many checkpoints this function has come through.
    past: u64,
}

impl Ledger {
    fn new(states: &mut Declarations<u8>) -> Result<Self, StateError> {
        Ok(Self {
            total: states.keyed_state().value("total")?,
            recent: states.keyed_state().list("recent")?,
            kinds: states.keyed_state().map("kinds")?,
            due: states.timers("due")?,
            alarms: states.timers("alarms")?,
            checkpointed: states.operator_state().split_list("seen")?,
            checkpoints: states.operator_state().union_list("checkpoints")?,
            seen: Vec::new(),
            past: 0,
        })
    }
}

impl CheckpointedFunction for Ledger {
    type Key = u8;

    fn initialize_state(&mut self, context: &mut InitializationContext<'_, u8>) -> Result<(), FunctionError> {
        self.seen = self.checkpointed.get(context.operator_state)?;
        let checkpoints = self.checkpoints.get(context.operator_state)?;
        self.past = checkpoints.iter().map(|(_, past)| *past).max().unwrap_or(0);
        assert_eq!(context.is_restored(), self.past > 0);
        assert!(checkpoints.iter().all(|(_, past)| *past == self.past), "of one checkpoint");
        assert!(checkpoints.iter().map(|(instance, _)| *instance).eq(0..checkpoints.len() as u32));
        Ok(())
    }

    fn snapshot_state(&mut self, context: &mut SnapshotContext<'_, u8>) -> Result<(), FunctionError> {
        self.past += 1;
        self.checkpointed.update(context.operator_state, &self.seen)?;
        let instance = context.operator_state.instance();
        Ok(self.checkpoints.update(context.operator_state, &[(instance, self.past)])?)
    }
}

type Out = (u8, String);

impl ProcessFunction for Ledger {
    type In = (u8, i32);
    type Out = Out;

    fn process_element(
        &mut self,
        (key, value): (u8, i32),
        context: &mut Context<'_, Self>,
    ) -> Result<(), FunctionError> {
        let happened = context.timestamp().unwrap_or(0);
        let state = &mut *context.keyed_state;
        let total = self.total.get(state)?.unwrap_or(0) + i64::from(value);
        self.total.update(state, &total)?;
        self.recent.add(state, &value)?;
        let kind = value.rem_euclid(3) as u8;
        let count = self.kinds.get(state, &kind)?.unwrap_or(0);
        self.kinds.put(state, &kind, &(count + 1))?;
        state.set_current_namespace(&kind)?;
        self.due.register(state, EventTime, happened + i64::from(value.rem_euclid(7)))?;
        if value % 2 == 0 {
            self.alarms.register(state, ProcessingTime, i64::from(value))?;
        }
        self.seen.push(value);
        context.collect((key, format!("{value}: {total}")));
        Ok(())
    }

    fn on_timer(&mut self, timer: &FiredTimer<'_, u8>, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        let total = self.total.get(context.keyed_state)?.unwrap_or(0);
        if let Some(kind) = timer.namespace::<u8>() {
            let count = self.kinds.get(context.keyed_state, kind)?.unwrap_or(0);
            context.collect((timer.key, format!("{} of kind {kind} at {}: {count}", timer.service, timer.time)));
            if count > 2 {
                // What is begun by a timer goes on by another one.
                self.kinds.remove(context.keyed_state, kind)?;
                self.due.register(context.keyed_state, EventTime, timer.time + 5)?;
            }
        } else {
            context.collect((timer.key, format!("{} at {}: {total}", timer.service, timer.time)));
            self.total.clear(context.keyed_state)?;
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Step {
    Element { key: u8, value: i32, timestamp: i64 },
    Advance(TimeDomain, i64),
    Restart { parallelism: u32 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let element = (0..12u8, -40..40, 0..60i64);
    let step = prop_oneof![
        8 => element.prop_map(|(key, value, timestamp)| Step::Element { key, value, timestamp }),
        2 => (0..15i64).prop_map(|by| Step::Advance(EventTime, by)),
        1 => (0..15i64).prop_map(|by| Step::Advance(ProcessingTime, by)),
        2 => (1..7u32).prop_map(|parallelism| Step::Restart { parallelism }),
    ];
    prop::collection::vec(step, 0..60)
}

fn ledger() -> HarnessSetup<ProcessOperator<Ledger>> {
    let ledger = ProcessOperator::new("ledger", Ledger::new).keyed_by(|(key, _)| *key);
    Harness::of(ledger.with_max_parallelism(MaxParallelism::new(8).unwrap()))
}

/// The total, the recent values, the kinds, and the alarms of a key.
type OfKey = (Option<i64>, Vec<i32>, BTreeMap<u8, u32>, Vec<i64>);

/// All that can be seen: output by key, state by key, and what the functions remember.
#[derive(Debug, PartialEq)]
struct Seen {
    output: BTreeMap<u8, Vec<String>>,
    state: Vec<OfKey>,
    remembered: Vec<i32>,
}

fn run(steps: &[Step], folder: Option<&Path>) -> Seen {
    let mut harness = ledger().open().unwrap();
    let (mut event, mut processing) = (0, 0);
    let mut output: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Element { key, value, timestamp } => harness.process_at(*timestamp, (*key, *value)).unwrap(),
            Step::Advance(EventTime, by) => {
                event += by;
                harness.advance_watermark(event).unwrap();
            }
            Step::Advance(ProcessingTime, by) => {
                processing += by;
                harness.advance_processing_time(processing).unwrap();
            }
            Step::Restart { parallelism } => {
                let Some(folder) = folder else { continue };
                let savepoint = harness.take_savepoint(folder.join(number.to_string())).unwrap();
                for (key, line) in harness.take_output() {
                    output.entry(key).or_default().push(line);
                }
                // What the first harness does now is lost, as after a crash.
                harness.process((0, 1)).unwrap();
                let setup = ledger().with_parallelism(*parallelism).with_processing_time(processing);
                harness = setup.restore(&savepoint, &RestoreOptions::new()).unwrap();
            }
        }
    }
    for (key, line) in harness.take_output() {
        output.entry(key).or_default().push(line);
    }
    let ledger = harness.operators();
    let mut remembered: Vec<i32> = ledger.functions().flat_map(|function| function.seen.clone()).collect();
    remembered.sort_unstable();
    let look = |key: u8| {
        ledger.with_key(&key, |function, state| {
            Ok((
                function.total.get(state)?,
                function.recent.get(state)?,
                function.kinds.entries(state)?.into_iter().collect(),
                function.alarms.registered(state, ProcessingTime)?,
            ))
        })
    };
    let state = (0..12).map(look).collect::<Result<_, _>>().unwrap();
    Seen { output, state, remembered }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn restarts_at_any_parallelism_change_nothing(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        prop_assert_eq!(run(&steps, Some(folder.path())), run(&steps, None));
    }
}
