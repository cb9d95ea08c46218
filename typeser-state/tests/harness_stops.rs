//! What stops a harness: timers and broadcast elements that fail, lists that are
//! written again, operators that are new to a savepoint; and timers of several services that are due at once.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use typeser_state::backend::MemoryBackend;
use typeser_state::function::{
    CheckpointedFunction, Context, Declarations, FiredTimer, FunctionError, InitializationContext, ListCheckpointed,
    ProcessFunction,
};
use typeser_state::harness::{Harness, HarnessError, HarnessSetup, ProcessOperator};
use typeser_state::keyed::{Operator, StateError, ValueState};
use typeser_state::restore::RestoreOptions;
use typeser_state::timer::TimeDomain::{EventTime, ProcessingTime};
use typeser_state::timer::Timers;

/// Counts the elements of a key, registers each as a timer of one of two services, and fails at those of this time.
struct Clockwork {
    count: ValueState<u32>,
    services: [Timers<()>; 2],
}

const BROKEN: i64 = 13;

impl CheckpointedFunction for Clockwork {
    type Key = u8;
}

impl ProcessFunction for Clockwork {
    type In = (u8, usize, i64);
    type Out = String;

    fn process_element(
        &mut self,
        (_, service, time): (u8, usize, i64),
        context: &mut Context<'_, Self>,
    ) -> Result<(), FunctionError> {
        let count = self.count.get(context.keyed_state)?.unwrap_or(0);
        self.count.update(context.keyed_state, &(count + 1))?;
        Ok(self.services[service].register(context.keyed_state, EventTime, time)?)
    }

    fn on_timer(&mut self, timer: &FiredTimer<'_, u8>, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        if timer.time == BROKEN {
            return Err("the spring is broken".into());
        }
        let count = self.count.get(context.keyed_state)?.unwrap_or(0);
        context.collect(format!("{} {} {}: {count}", timer.service, timer.key, timer.time));
        Ok(())
    }
}

fn clockwork() -> HarnessSetup<ProcessOperator<Clockwork>> {
    let make = |states: &mut Declarations<u8>| {
        let count = states.keyed_state().value("count")?;
        Ok(Clockwork { count, services: [states.timers("a")?, states.timers("b")?] })
    };
    Harness::of(ProcessOperator::new("clockwork", make).keyed_by(|(key, ..)| *key))
}

#[test]
fn timers_of_several_services_that_are_due_at_once_fire_in_the_order_of_their_times_and_for_their_own_keys() {
    let mut harness = clockwork().open().unwrap();
    harness.process_all([(1, 0, 10), (2, 1, 20), (1, 0, 30), (2, 1, 40), (2, 0, 50)]).unwrap();
    harness.advance_watermark(100).unwrap();
    assert_eq!(harness.take_output(), ["a 1 10: 2", "b 2 20: 3", "a 1 30: 2", "b 2 40: 3", "a 2 50: 3"]);
}

#[test]
fn after_a_timer_that_failed_nothing_is_kept_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = clockwork().open().unwrap();
    harness.process_all([(1, 0, BROKEN), (1, 1, 20)]).unwrap();
    let failed = harness.advance_watermark(100).unwrap_err().to_string();
    let stopped = format!("this harness stopped after a failure: {failed}");
    let said = |result: Result<(), HarnessError>| result.unwrap_err().to_string();
    assert_eq!(said(harness.process((1, 0, 30))), stopped);
    assert_eq!(said(harness.process_on_all((1, 0, 30))), stopped);
    assert_eq!(said(harness.advance_watermark(200)), stopped);
    assert_eq!(said(harness.advance_processing_time(200)), stopped);
    assert_eq!(said(harness.take_savepoint(folder.path().join("never")).map(drop)), stopped);
    assert!(!folder.path().join("never").exists());
}

/// Fails at an odd element.
struct Even;

impl CheckpointedFunction for Even {
    type Key = ();
}

impl ProcessFunction for Even {
    type In = u8;
    type Out = u8;

    fn process_element(&mut self, element: u8, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        if element % 2 == 1 {
            return Err("odd".into());
        }
        context.collect(element);
        Ok(())
    }
}

#[test]
fn after_an_element_for_all_that_failed_nothing_is_kept_any_more() {
    let even = ProcessOperator::new("even", |_: &mut Declarations<()>| Ok(Even));
    let mut harness = Harness::of(even).with_parallelism(2).open().unwrap();
    harness.process_on_all(2).unwrap();
    assert_eq!(harness.take_output(), [2, 2]);
    let failed = harness.process_on_all(3).unwrap_err().to_string();
    let after = harness.process(2).unwrap_err().to_string();
    assert_eq!(after, format!("this harness stopped after a failure: {failed}"));
}

#[test]
fn a_timer_whose_function_fails_is_registered_again_and_the_others_stay() {
    let mut operator = Operator::<String>::new("one").unwrap();
    let alarms = operator.timers::<u8>("alarms").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for (key, namespace, time) in [("anna", 1u8, 5), ("bert", 2, 6), ("anna", 3, 7)] {
        state.set_current_key(&key.to_owned()).unwrap();
        state.set_current_namespace(&namespace).unwrap();
        alarms.register(&mut state, ProcessingTime, time).unwrap();
    }
    let mut fired = Vec::new();
    for fails in [true, false] {
        let outcome = alarms.advance_to(&mut state, ProcessingTime, 10, |state, timer| {
            // Wherever the function has gone meanwhile, the timer comes back under its own key and namespace.
            state.set_current_key(&"carl".to_owned())?;
            state.set_current_namespace(&9u8)?;
            fired.push((timer.key.clone(), timer.namespace, timer.time));
            if fails && timer.time == 6 { Err(StateError::NoCurrentKey { operator: timer.key }) } else { Ok(()) }
        });
        assert_eq!(outcome.is_err(), fails);
    }
    let fired_timer = |key: &str, namespace, time| (key.to_owned(), namespace, time);
    assert_eq!(
        fired,
        [fired_timer("anna", 1, 5), fired_timer("bert", 2, 6), fired_timer("bert", 2, 6), fired_timer("anna", 3, 7)]
    );
    assert_eq!(alarms.next(&mut state, ProcessingTime).unwrap(), None);
}

/// Keeps what it gets, in a list, and says whether its state came from a savepoint.
#[derive(Default)]
struct Keep {
    kept: Vec<u16>,
}

impl ListCheckpointed for Keep {
    type Key = ();
    type Element = u16;

    fn snapshot_state(&mut self, _: u64, _: i64) -> Result<Vec<u16>, FunctionError> {
        Ok(self.kept.clone())
    }

    fn restore_state(&mut self, list: Vec<u16>) -> Result<(), FunctionError> {
        self.kept = list;
        Ok(())
    }
}

impl ProcessFunction for Keep {
    type In = u16;
    type Out = u16;

    fn process_element(&mut self, element: u16, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        self.kept.push(element);
        context.collect(element);
        Ok(())
    }
}

fn keep(uid: &str) -> ProcessOperator<Keep> {
    ProcessOperator::new(uid, |_: &mut Declarations<()>| Ok(Keep::default()))
}

#[test]
fn every_savepoint_has_the_list_as_it_is_then_and_not_what_earlier_ones_had_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = Harness::of(keep("keep")).open().unwrap();
    harness.process_all([1, 2]).unwrap();
    harness.take_savepoint(folder.path().join("one")).unwrap();
    harness.process(3).unwrap();
    let savepoint = harness.take_savepoint(folder.path().join("two")).unwrap();
    let mut harness =
        Harness::of(keep("keep")).with_parallelism(2).restore(&savepoint, &RestoreOptions::new()).unwrap();
    let kept: Vec<Vec<u16>> = harness.operators().functions().map(|function| function.kept.clone()).collect();
    assert_eq!(kept, [vec![1, 2], vec![3]]);
}

/// Notes whether it was restored.
struct Asks {
    is_restored: Option<bool>,
}

impl CheckpointedFunction for Asks {
    type Key = ();

    fn initialize_state(&mut self, context: &mut InitializationContext<'_, ()>) -> Result<(), FunctionError> {
        self.is_restored = Some(context.is_restored());
        Ok(())
    }
}

impl ProcessFunction for Asks {
    type In = u16;
    type Out = u16;

    fn process_element(&mut self, element: u16, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        context.collect(element);
        Ok(())
    }
}

#[test]
fn an_operator_that_the_savepoint_does_not_have_is_not_restored() {
    let folder = tempfile::tempdir().unwrap();
    let asks = |uid: &str| {
        ProcessOperator::new(uid, |states: &mut Declarations<()>| {
            states.operator_state().split_list::<u8>("list")?;
            Ok(Asks { is_restored: None })
        })
    };
    let mut harness = Harness::of(asks("old")).open().unwrap();
    assert!(harness.operators().functions().all(|function| function.is_restored == Some(false)));
    let savepoint = harness.take_savepoint(folder.path().join("one")).unwrap();
    let chain = asks("old").then(asks("new"));
    let mut harness = Harness::of(chain).with_parallelism(2).restore(&savepoint, &RestoreOptions::new()).unwrap();
    let operators = harness.operators();
    assert!(operators.head.functions().all(|function| function.is_restored == Some(true)));
    assert!(operators.tail.functions().all(|function| function.is_restored == Some(false)));
}
