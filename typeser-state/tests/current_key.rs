//! Keyed state is accessed under the key of the call, or not at all: never under that of an earlier call, and in a function
//! of the state processor under no other key.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::{StateError, ValueStateDescriptor};
use typeser_state::function::{
    CheckpointedFunction, Context, Declarations, FunctionError, ProcessFunction, SnapshotContext,
};
use typeser_state::harness::{Harness, HarnessSetup, ProcessOperator};
use typeser_state::keyed::{KeyedStateBackend, Operator, RawKeyedState, ValueState};
use typeser_state::processor::{ProcessOptions, SavepointEdit};
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::EventTime;
use typeser_state::timer::Timers;

#[derive(Debug, Clone)]
enum Element {
    Add(u8, i32),
    /// Sets the namespace before it adds.
    AddIn(u8, u8, i32),
    /// Adds in a namespace, and sets none.
    AddInNone(u8, i32),
    /// Is for all instances.
    Rule,
}

struct Sum {
    sum: ValueState<i32>,
    by_namespace: ValueState<i32>,
    writes_at_snapshot: bool,
}

impl Sum {
    fn new(states: &mut Declarations<u8>, writes_at_snapshot: bool) -> Result<Self, StateError> {
        let by_namespace = ValueStateDescriptor::<i32>::new("by-namespace")?.with_namespace::<u8>()?;
        Ok(Self {
            sum: states.keyed_state().value("sum")?,
            by_namespace: states.keyed_state().value_state(by_namespace)?,
            writes_at_snapshot,
        })
    }
}

impl CheckpointedFunction for Sum {
    type Key = u8;

    fn snapshot_state(&mut self, context: &mut SnapshotContext<'_, u8>) -> Result<(), FunctionError> {
        if self.writes_at_snapshot {
            self.sum.update(context.keyed_state, &-1)?;
        }
        Ok(())
    }
}

impl ProcessFunction for Sum {
    type In = Element;
    type Out = ();

    fn process_element(&mut self, element: Element, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        let state = &mut *context.keyed_state;
        match element {
            Element::Add(_, number) => self.sum.update(state, &number)?,
            Element::AddIn(_, namespace, number) => {
                state.set_current_namespace(&namespace)?;
                self.by_namespace.update(state, &number)?;
            }
            Element::AddInNone(_, number) => self.by_namespace.update(state, &number)?,
            Element::Rule => self.sum.update(state, &99)?,
        }
        Ok(())
    }
}

fn harness(writes_at_snapshot: bool) -> HarnessSetup<ProcessOperator<Sum>> {
    let operator = ProcessOperator::new("sum", move |states| Sum::new(states, writes_at_snapshot));
    Harness::of(operator.keyed_by(|element: &Element| match element {
        Element::Add(key, _) | Element::AddIn(key, ..) | Element::AddInNone(key, _) => *key,
        Element::Rule => 0,
    }))
}

fn sum(harness: &mut Harness<ProcessOperator<Sum>>, key: u8) -> Option<i32> {
    harness.operators().with_key(&key, |function, state| function.sum.get(state)).unwrap()
}

#[test]
fn an_element_for_all_instances_has_no_key() {
    let mut harness = harness(false).open().unwrap();
    harness.process_all([Element::Add(1, 10), Element::Add(2, 20)]).unwrap();
    let error = harness.process_on_all(Element::Rule).unwrap_err().to_string();
    assert!(error.contains("operator `sum` has no current key: call `set_current_key`"), "{error}");
    assert_eq!([1, 2].map(|key| sum(&mut harness, key)), [Some(10), Some(20)]);
}

#[test]
fn a_snapshot_has_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = harness(true).open().unwrap();
    harness.process(Element::Add(1, 10)).unwrap();
    let error = harness.take_savepoint(folder.path().join("first")).unwrap_err().to_string();
    assert!(error.contains("operator `sum` has no current key: call `set_current_key`"), "{error}");
    assert_eq!(sum(&mut harness, 1), Some(10));
}

#[test]
fn an_element_does_not_have_the_namespace_of_the_one_before() {
    let mut harness = harness(false).open().unwrap();
    harness.process(Element::AddIn(1, 7, 10)).unwrap();
    let error = harness.process(Element::AddInNone(1, 11)).unwrap_err().to_string();
    assert!(error.contains("namespace"), "{error}");
}

#[test]
fn timers_that_fire_leave_the_current_key_as_it_was() {
    let mut operator = Operator::<u8>::new("sum").unwrap();
    let sum = operator.value::<i32>("sum").unwrap();
    let timers = operator.timers::<u8>("timers").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&2).unwrap();
    state.set_current_namespace(&5_u8).unwrap();
    timers.register(&mut state, EventTime, 10).unwrap();
    state.set_current_key(&1).unwrap();
    state.set_current_namespace(&6_u8).unwrap();
    timers
        .advance_to(&mut state, EventTime, 10, |state, timer| {
            assert_eq!((timer.key, timer.namespace), (2, 5));
            sum.update(state, &20)
        })
        .unwrap();
    sum.update(&mut state, &10).unwrap();
    timers.register(&mut state, EventTime, 30).unwrap();
    assert_eq!(timers.registered(&mut state, EventTime).unwrap(), [30]);
    for (key, expected) in [(1, 10), (2, 20)] {
        state.set_current_key(&key).unwrap();
        assert_eq!(sum.get(&mut state).unwrap(), Some(expected));
    }
}

struct Stored {
    operator: Operator<u16>,
    value: ValueState<String>,
    timers: Timers<()>,
    raw: RawKeyedState,
}

fn declare() -> Stored {
    let mut operator = Operator::<u16>::new("flights").unwrap();
    let (value, timers) = (operator.value("value").unwrap(), operator.timers("timers").unwrap());
    let raw = operator.raw("raw").unwrap();
    Stored { operator, value, timers, raw }
}

fn stored(directory: &Path, keys: u16, bytes: usize) -> Savepoint {
    let Stored { operator, value, timers, raw } = declare();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for key in 0..keys {
        state.set_current_key(&key).unwrap();
        value.update(&mut state, &"x".repeat(bytes)).unwrap();
        timers.register(&mut state, EventTime, i64::from(key)).unwrap();
    }
    raw.put(&mut state, 0, b"stored").unwrap();
    Savepoint::create(directory).unwrap().operator(&state).unwrap().finish().unwrap()
}

/// Every access to what is not the state of this key, and what comes of it.
fn other_accesses(program: &Stored, state: &mut KeyedStateBackend<u16, MemoryBackend>, keys: u16) -> BTreeSet<String> {
    let Stored { value, timers, raw, .. } = program;
    let mut outcomes = BTreeSet::new();
    let mut note = |outcome: Result<(), StateError>| {
        outcomes.insert(outcome.map_or_else(|error| error.to_string(), |()| "done".to_owned()));
    };
    for other in (0..keys).filter(|other| *other != 3) {
        note(state.set_current_key(&other).and_then(|()| value.update(state, &"other".to_owned())));
    }
    note(state.keys().map(drop));
    note(timers.next(state, EventTime).map(drop));
    note(timers.advance_to(state, EventTime, 1_000_000, |_, _| Ok(())));
    let groups = (0..128).map(|group| raw.put(state, group, b"raw"));
    let allowed = groups.filter(|outcome| match outcome {
        Ok(()) => true,
        Err(error) => {
            outcomes.insert(error.to_string());
            false
        }
    });
    assert_eq!(allowed.count(), 1, "the key group of the key itself");
    // The key itself stays accessible.
    state.set_current_key(&3).unwrap();
    value.update(state, &"changed".to_owned()).unwrap();
    timers.register(state, EventTime, 7).unwrap();
    outcomes
}

/// 5 keys, and 4 MB: more than is in memory at once.
const SIZES: [(&str, u16, usize); 2] = [("small", 5, 10), ("large", 400, 10_000)];

#[test]
fn modify_refuses_every_other_key_whatever_the_size_of_the_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = SIZES.map(|(name, keys, bytes)| {
        let savepoint = stored(&folder.path().join(name), keys, bytes);
        let (program, outcomes) = (declare(), Mutex::new(BTreeSet::new()));
        let edited = SavepointEdit::of(&savepoint)
            .modify(&program.operator, |key, state| {
                if *key == 3 {
                    *outcomes.lock().unwrap() = other_accesses(&program, state, keys);
                }
                Ok(())
            })
            .write(folder.path().join(format!("{name}-edited")), &ProcessOptions::new(), &mut |_| ())
            .unwrap();
        let changed = program.operator.read_all(&edited, &ProcessOptions::new(), |key, state, next| {
            if program.value.get(state)?.is_some_and(|value| !value.starts_with('x')) {
                next(*key);
            }
            Ok(())
        });
        assert_eq!(changed.unwrap(), [3]);
        outcomes.into_inner().unwrap()
    });
    assert_eq!(outcomes[0], outcomes[1]);
    let [outcome] = &outcomes[0].iter().collect::<Vec<_>>()[..] else { panic!("{outcomes:#?}") };
    assert!(outcome.contains("operator `flights`: the function is called for one key at a time"), "{outcome}");
}

#[test]
fn read_refuses_every_other_key_whatever_the_size_of_the_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let outcomes = SIZES.map(|(name, keys, bytes)| {
        let savepoint = stored(&folder.path().join(name), keys, bytes);
        let program = declare();
        let options = ProcessOptions::new();
        let outcomes = program.operator.read_all(&savepoint, &options, |key, state, next| {
            if *key == 3 {
                other_accesses(&program, state, keys).into_iter().for_each(next);
            }
            Ok(())
        });
        outcomes.unwrap()
    });
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0].len(), 1, "{outcomes:#?}");
}
