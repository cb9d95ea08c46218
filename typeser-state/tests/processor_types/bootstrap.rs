//! New savepoints from elements that come from anywhere.

use typeser_state::backend::{Backend, MemoryBackend, RedbBackend};
use typeser_state::key_group::MaxParallelism;
use typeser_state::keyed::{KeyedStateBackend, Operator, StateError};
use typeser_state::operator::OperatorStates;
use typeser_state::processor::BoxError;
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::{self, EventTime, ProcessingTime};

/// Sums per key, with a timer at the time of each element; the keys of some elements come again.
fn history() -> impl Iterator<Item = (String, i64)> {
    (0..2_000i64).map(|number| (format!("key {}", number % 300), number))
}

#[test]
fn keyed_state_and_timers_are_bootstrapped_and_fire_once_restored() {
    fn bootstrapped<B: Backend>(backend: B, path: &std::path::Path) -> Savepoint {
        let (operator, sums, timers) = program();
        let mut state = operator.open(backend).unwrap();
        let process = |(_, number): (String, i64), state: &mut KeyedStateBackend<String, B>| -> Result<(), BoxError> {
            let sum = sums.get(state)?.unwrap_or_default();
            sums.update(state, &(sum + number))?;
            timers.register(state, if number % 2 == 0 { EventTime } else { ProcessingTime }, number)?;
            Ok(())
        };
        state.bootstrap(history(), |(key, _)| key.clone(), process).unwrap();
        Savepoint::create(path).unwrap().operator(&state).unwrap().finish().unwrap()
    }
    fn program() -> (Operator<String>, typeser_state::keyed::ValueState<i64>, typeser_state::timer::Timers<()>) {
        let groups = MaxParallelism::new(1_000).unwrap();
        let mut operator = Operator::new("sums").unwrap().with_max_parallelism(groups).unwrap();
        let (sums, timers) = (operator.value("sum").unwrap(), operator.timers("timers").unwrap());
        (operator, sums, timers)
    }

    let folder = tempfile::tempdir().unwrap();
    let (operator, sums, timers) = program();
    let memory = bootstrapped(MemoryBackend::new(), &folder.path().join("memory"));
    // What does not fit into memory goes through a backend with a disk.
    let redb = RedbBackend::open_with_buffer(folder.path().join("work.redb"), 16 * 1024).unwrap();
    let disk = bootstrapped(redb, &folder.path().join("disk"));
    assert_eq!(memory.operator("sums").unwrap(), disk.operator("sums").unwrap());
    assert_eq!(memory.operator("sums").unwrap().meta().max_parallelism().groups(), 1_000);

    let mut state = operator.restore(&memory, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    for key in 0..300i64 {
        state.set_current_key(&format!("key {key}")).unwrap();
        let expected: i64 = (0..2_000).filter(|number| number % 300 == key).sum();
        assert_eq!(sums.get(&mut state).unwrap(), Some(expected));
    }
    // Nothing has fired: all are there. Those that have passed fire at once, the others at their time.
    let fired = |state: &mut _, domain: TimeDomain, time: i64| {
        let mut times = Vec::new();
        let fire = |_: &mut _, timer: typeser_state::timer::Timer<String, ()>| {
            assert_eq!(timer.key, format!("key {}", timer.time % 300));
            times.push(timer.time);
            Ok::<(), StateError>(())
        };
        timers.advance_to(state, domain, time, fire).unwrap();
        times
    };
    let every_second = |from: i64, until: i64| (from..until).step_by(2).collect::<Vec<_>>();
    assert_eq!(fired(&mut state, ProcessingTime, 1_000), every_second(1, 1_000));
    assert!(fired(&mut state, ProcessingTime, 1_000).is_empty());
    assert_eq!(fired(&mut state, EventTime, 499), every_second(0, 499));
    assert_eq!(fired(&mut state, ProcessingTime, 5_000), every_second(1_001, 2_000));
}

#[test]
fn the_state_of_an_operator_itself_is_bootstrapped() {
    let folder = tempfile::tempdir().unwrap();
    let mut states = OperatorStates::new("source").unwrap();
    let offsets = states.split_list::<u64>("offsets").unwrap();
    let all = states.union_list::<u64>("all").unwrap();
    let rules = states.broadcast::<String, u64>("rules").unwrap();
    let mut store = states.open().unwrap();
    store
        .bootstrap(0..5u64, |number, store| {
            offsets.add(store, &number)?;
            all.add(store, &(number * 10))?;
            Ok(rules.put(store, &format!("rule {}", number % 2), &number)?)
        })
        .unwrap();
    let writer = Savepoint::create(folder.path().join("first")).unwrap();
    let savepoint = writer.operator_state(&store).unwrap().finish().unwrap();

    for (instance, expected) in [(0, vec![0, 1, 2]), (1, vec![3, 4])] {
        let mut states = OperatorStates::new("source").unwrap().with_instance(2, instance).unwrap();
        let offsets = states.split_list::<u64>("offsets").unwrap();
        let all = states.union_list::<u64>("all").unwrap();
        let rules = states.broadcast::<String, u64>("rules").unwrap();
        let mut store = states.restore(&savepoint, &RestoreOptions::new()).unwrap();
        assert_eq!(offsets.get(&mut store).unwrap(), expected);
        assert_eq!(all.get(&mut store).unwrap(), [0, 10, 20, 30, 40]);
        assert_eq!(rules.get(&mut store, &"rule 0".to_owned()).unwrap(), Some(4));
        assert_eq!(rules.get(&mut store, &"rule 1".to_owned()).unwrap(), Some(3));
    }
}

#[test]
fn a_function_that_fails_is_reported_with_its_key_or_element() {
    let mut operator = Operator::<String>::new("sums").unwrap();
    operator.value::<u8>("sum").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    let fail = |(_, number): (String, i64), _: &mut _| if number == 7 { Err("seven".into()) } else { Ok(()) };
    let keyed = state.bootstrap(history(), |(key, _)| key.clone(), fail).unwrap_err();
    let mut store = OperatorStates::new("sums").unwrap().open().unwrap();
    let own = store.bootstrap(history(), |_, _| Err("no".into())).unwrap_err();
    assert_eq!(keyed.to_string(), "the function that bootstraps operator `sums` failed under key \"key 7\": seven");
    assert_eq!(
        own.to_string(),
        "the function that bootstraps operator `sums` failed for element 0, counted from 0: no"
    );
}
