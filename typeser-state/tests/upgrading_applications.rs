//! Flink's "Upgrading Applications", line by line: each test is named after what that page promises or forbids, and shows
//! what happens here.
#![allow(clippy::unwrap_used, clippy::type_complexity, missing_docs, reason = "a test")]

use std::path::Path;

use typeser::StateType;
use typeser::resolve::Compatibility;
use typeser_state::backend::{MemoryBackend, RedbBackend};
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{KeyedStateBackend, Operator, ReducingState, ValueState};
use typeser_state::operator::OperatorStates;
use typeser_state::restore::{Problem, Program, RestoreError, RestoreOptions, StateVerdict};
use typeser_state::savepoint::Savepoint;

type State<K> = KeyedStateBackend<K, MemoryBackend>;

/// An operator that counts.
fn counter(uid: &str) -> (Operator<String>, ValueState<u32>) {
    let mut operator = Operator::new(uid).unwrap();
    let count = operator.value("count").unwrap();
    (operator, count)
}

fn key(number: u32) -> String {
    format!("N{number}")
}

/// A counter that has counted.
fn counted(uid: &str, keys: u32) -> State<String> {
    let (operator, count) = counter(uid);
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for number in 0..keys {
        state.set_current_key(&key(number)).unwrap();
        count.update(&mut state, &(number * 7)).unwrap();
    }
    state
}

fn save(path: &Path, uids: &[&str]) -> Savepoint {
    let writer = Savepoint::create(path).unwrap();
    uids.iter().fold(writer, |writer, uid| writer.operator(&counted(uid, 20)).unwrap()).finish().unwrap()
}

/// All that a counter has to have.
fn assert_counted(state: &mut State<String>, count: ValueState<u32>) {
    for number in 0..20 {
        state.set_current_key(&key(number)).unwrap();
        assert_eq!(count.get(state).unwrap(), Some(number * 7));
    }
}

/// Restores counters, each on its own, as a program that has just these.
fn restore_all(savepoint: &Savepoint, uids: &[&str], options: &RestoreOptions) -> Result<(), RestoreError> {
    let counters: Vec<_> = uids.iter().map(|uid| counter(uid)).collect();
    let program = counters.iter().fold(Program::new(), |program, (operator, _)| program.operator(operator));
    program.plan(savepoint, options)?;
    let options = program.options(options);
    for (operator, count) in &counters {
        let mut state = operator.restore(savepoint, MemoryBackend::new(), &options, &mut |_| ())?;
        if savepoint.operator(operator.uid()).is_some() {
            assert_counted(&mut state, *count);
        } else {
            assert!(state.keys().unwrap().is_empty());
        }
    }
    Ok(())
}

fn steady(text: impl ToString, folder: &Path) -> String {
    text.to_string().replace(&folder.display().to_string(), "<folder>")
}

#[test]
fn the_same_application_can_be_started_from_its_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a", "b"]);
    restore_all(&savepoint, &["a", "b"], &RestoreOptions::new()).unwrap();
}

#[test]
fn matching_is_done_based_on_operator_ids_which_are_also_stored_in_the_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a"]);
    // The same operator under another uid is another operator.
    let error = restore_all(&savepoint, &["A"], &RestoreOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(error, folder.path()));
}

#[test]
fn by_default_all_state_stored_in_a_savepoint_must_be_matched_to_the_operators_of_a_starting_application() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = OperatorStates::new("source").unwrap();
    let offsets = source.split_list::<u64>("offsets").unwrap();
    let mut source = source.open().unwrap();
    offsets.add(&mut source, &7).unwrap();
    let savepoint = Savepoint::create(folder.path().join("one")).unwrap();
    let savepoint = savepoint.operator(&counted("a", 20)).unwrap().operator(&counted("b", 3)).unwrap();
    let savepoint = savepoint.operator_state(&source).unwrap().finish().unwrap();
    let error = restore_all(&savepoint, &["a"], &RestoreOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(error, folder.path()));
}

#[test]
fn users_can_explicitly_agree_to_skip_state_that_cannot_be_matched() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a", "b", "c"]);
    let options = RestoreOptions::new;
    restore_all(&savepoint, &["a"], &options().allow_non_restored_state()).unwrap();
    // By name, so that nothing else is lost with it.
    restore_all(&savepoint, &["a"], &options().drop_operator("b").drop_operator("c")).unwrap();
    let error = restore_all(&savepoint, &["a"], &options().drop_operator("b")).unwrap_err().to_string();
    assert!(error.contains("operator `c` is stored") && !error.contains("operator `b` is stored"), "{error}");
}

#[test]
fn stateful_operators_for_which_no_state_is_found_are_initialized_with_their_default_state() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a"]);
    restore_all(&savepoint, &["a", "new"], &RestoreOptions::new()).unwrap();

    // So is a new state of a known operator.
    let mut operator = Operator::<String>::new("a").unwrap();
    let count = operator.value::<u32>("count").unwrap();
    let descriptor = typeser_state::descriptor::ValueStateDescriptor::<u8>::new("rating").unwrap().with_default(5);
    let rating = operator.value_state(descriptor).unwrap();
    let plan = operator.plan(&savepoint, &RestoreOptions::new()).unwrap();
    let verdicts: Vec<_> = plan.states().iter().map(|state| (state.name().to_owned(), state.verdict())).collect();
    let restored = StateVerdict::Restored(Compatibility::Compatible);
    assert_eq!(verdicts, [("count".to_owned(), restored), ("rating".to_owned(), StateVerdict::New)]);
    let mut state = plan.run(MemoryBackend::new(), &mut |_| ()).unwrap();
    assert_counted(&mut state, count);
    assert_eq!(rating.get(&mut state).unwrap(), Some(5));
}

#[test]
fn user_functions_can_be_freely_modified() {
    // Reduce functions are code, of which nothing is stored.
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<String>::new("a").unwrap();
    let most = operator.reducing::<u32>("most", |a, b| a.max(b)).unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    most.add(&mut state, 3).unwrap();
    most.add(&mut state, 2).unwrap();
    let savepoint = Savepoint::create(folder.path().join("one")).unwrap().operator(&state).unwrap().finish().unwrap();

    let mut operator = Operator::<String>::new("a").unwrap();
    let sum = operator.reducing::<u32>("most", |a, b| a + b).unwrap();
    let mut state = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    sum.add(&mut state, 10).unwrap();
    assert_eq!(sum.get(&mut state).unwrap(), Some(13));
}

#[test]
fn changing_the_data_type_of_operator_state_is_possible_here() {
    // Flink's page forbids it, and proposes a second state beside the first.
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a"]);
    let mut operator = Operator::<String>::new("a").unwrap();
    let count = operator.value::<u64>("count").unwrap();
    let plan = operator.plan(&savepoint, &RestoreOptions::new()).unwrap();
    assert_eq!(plan.states()[0].verdict(), StateVerdict::Restored(Compatibility::RequiresMigration));
    let mut state = plan.run(MemoryBackend::new(), &mut |_| ()).unwrap();
    state.set_current_key(&key(3)).unwrap();
    assert_eq!(count.get(&mut state).unwrap(), Some(21));
}

#[test]
fn adding_or_removing_a_stateless_operator_is_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    // An operator that declares nothing is stored, so that its keys are known; it holds nothing.
    let stateless = Operator::<u64>::new("stateless").unwrap();
    let savepoint = Savepoint::create(folder.path().join("without")).unwrap();
    let savepoint = savepoint.operator(&counted("a", 20)).unwrap().finish().unwrap();
    let (operator, _) = counter("a");
    let plan = Program::new().operator(&operator).operator(&stateless).plan(&savepoint, &RestoreOptions::new());
    assert_eq!(plan.unwrap().operators().len(), 2);

    let savepoint = Savepoint::create(folder.path().join("with")).unwrap().operator(&counted("a", 20)).unwrap();
    let savepoint = savepoint.operator(&stateless.open(MemoryBackend::new()).unwrap()).unwrap().finish().unwrap();
    restore_all(&savepoint, &["a"], &RestoreOptions::new()).unwrap();
}

#[test]
fn the_state_of_an_added_stateful_operator_is_its_default_unless_it_takes_over_the_state_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a"]);
    // The operator that has the uid takes over: operators have no other identity.
    restore_all(&savepoint, &["a"], &RestoreOptions::new()).unwrap();
    restore_all(&savepoint, &["a", "added"], &RestoreOptions::new()).unwrap();
}

#[test]
fn the_state_of_a_removed_operator_is_lost_only_by_agreement() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a", "removed"]);
    restore_all(&savepoint, &["a"], &RestoreOptions::new()).unwrap_err();
    restore_all(&savepoint, &["a"], &RestoreOptions::new().drop_operator("removed")).unwrap();
}

#[test]
fn the_state_of_a_removed_operator_can_be_retained_until_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = OperatorStates::new("removed").unwrap();
    let offsets = source.split_list::<u64>("offsets").unwrap();
    let mut store = source.open().unwrap();
    offsets.add(&mut store, &77).unwrap();
    let first = Savepoint::create(folder.path().join("one")).unwrap().operator(&counted("a", 20)).unwrap();
    let first = first.operator(&counted("removed", 20)).unwrap().operator_state(&store).unwrap().finish().unwrap();

    // A release without it.
    let (operator, _) = counter("a");
    let options = RestoreOptions::new().retain_operator("removed");
    let plan = Program::new().operator(&operator).plan(&first, &options).unwrap();
    assert_eq!((plan.retained().collect::<Vec<_>>(), plan.dropped().count()), (vec!["removed"], 0));
    insta::assert_snapshot!(steady(&plan, folder.path()));
    let state = operator.restore(&first, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
    let forgotten = Savepoint::create(folder.path().join("two")).unwrap().operator(&state).unwrap().finish();
    forgotten.unwrap_err();
    let backend = RedbBackend::open(folder.path().join("a.redb")).unwrap();
    drop(operator.restore(&first, backend, &options, &mut |_| ()).unwrap());

    // Nobody can forget it, not even another process.
    let state = operator.open(RedbBackend::open(folder.path().join("a.redb")).unwrap()).unwrap();
    let next = || Savepoint::create(folder.path().join("two")).unwrap().operator(&state).unwrap();
    let forgotten = next().finish().unwrap_err();
    insta::assert_snapshot!(steady(forgotten, folder.path()));
    assert!(!folder.path().join("two").exists());
    insta::assert_snapshot!(steady(next().retain_operator(&first, "remove").unwrap_err(), folder.path()));
    insta::assert_snapshot!(steady(next().retain_operator(&first, "a").unwrap_err(), folder.path()));
    let second = next().retain_operator(&first, "removed").unwrap().finish().unwrap();
    second.verify().unwrap();

    // And one that has it again, when the first savepoint is gone.
    std::fs::remove_dir_all(folder.path().join("one")).unwrap();
    let options = RestoreOptions::new().with_operator_state("removed");
    restore_all(&second, &["a", "removed"], &options).unwrap();
    let mut store =
        source.restore(&second, &RestoreOptions::new().drop_operator("a").drop_operator("removed")).unwrap();
    assert_eq!(offsets.get(&mut store).unwrap(), [77]);
}

#[test]
fn a_state_that_a_known_operator_no_longer_declares_is_refused_dropped_or_retained() {
    let folder = tempfile::tempdir().unwrap();
    let declare = |with: bool| {
        let (mut operator, count) = counter("a");
        let gone = with.then(|| operator.list::<u16>("gone").unwrap());
        let alarms = with.then(|| operator.timers::<()>("alarms").unwrap());
        (operator, count, gone, alarms)
    };
    let (operator, count, gone, alarms) = declare(true);
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for number in 0..20 {
        state.set_current_key(&key(number)).unwrap();
        count.update(&mut state, &(number * 7)).unwrap();
        gone.unwrap().add_all(&mut state, &[number as u16, 3]).unwrap();
        let domain = typeser_state::timer::TimeDomain::EventTime;
        alarms.unwrap().register(&mut state, domain, i64::from(number)).unwrap();
    }
    let first = Savepoint::create(folder.path().join("one")).unwrap().operator(&state).unwrap().finish().unwrap();

    let (without, count, ..) = declare(false);
    let refused = without.plan(&first, &RestoreOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(refused, folder.path()));
    let dropped = RestoreOptions::new().drop_state("a", "gone").drop_state("a", "alarms");
    let state = without.restore(&first, MemoryBackend::new(), &dropped, &mut |_| ()).unwrap();
    assert_eq!(state.meta().states().len(), 1);

    // Retained through a backend that is closed, and two savepoints.
    let options = RestoreOptions::new().retain_state("a", "gone").retain_state("a", "alarms");
    let plan = without.plan(&first, &options).unwrap();
    let verdicts: Vec<String> = plan.states().iter().map(|state| state.verdict().to_string()).collect();
    assert_eq!(verdicts, ["compatible", "retained", "retained"]);
    let file = folder.path().join("state.redb");
    drop(plan.run(RedbBackend::open(&file).unwrap(), &mut |_| ()).unwrap());
    let state = without.open(RedbBackend::open(&file).unwrap()).unwrap();
    let second = Savepoint::create(folder.path().join("two")).unwrap().operator(&state).unwrap().finish().unwrap();
    without.plan(&second, &RestoreOptions::new()).unwrap_err();
    let mut state = without.restore(&second, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
    assert_counted(&mut state, count);
    let third = Savepoint::create(folder.path().join("three")).unwrap().operator(&state).unwrap().finish().unwrap();

    // It comes back as it was: from a savepoint, and in the backend that retained it.
    let (again, count, gone, alarms) = declare(true);
    let restored = again.restore(&third, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    drop(operator);
    for mut state in [restored, again.open(state.into_backend()).unwrap()] {
        assert_counted(&mut state, count);
        state.set_current_key(&key(7)).unwrap();
        assert_eq!(gone.unwrap().get(&mut state).unwrap(), [7, 3]);
        let domain = typeser_state::timer::TimeDomain::EventTime;
        assert_eq!(alarms.unwrap().next(&mut state, domain).unwrap(), Some(0));
        // Declared again, it is no longer retained: leaving it out needs an option again.
        let refused = without.open(state.into_backend()).unwrap_err().to_string();
        assert!(refused.contains("does not declare `gone`"), "{refused}");
    }
}

#[test]
fn input_and_output_types_of_operators_with_internal_state_decide_the_types_of_that_state() {
    let folder = tempfile::tempdir().unwrap();
    let first = internal_savepoint::<i32, u32>(folder.path());
    // The same types, and wider ones.
    let plan = internal_plan::<i32, u32>(&first).unwrap();
    assert!(plan.iter().all(|(_, verdict, cause)| verdict == "compatible" && cause.is_none()), "{plan:#?}");
    let plan = internal_plan::<i64, u64>(&first).unwrap();
    let lines: Vec<String> = plan
        .iter()
        .map(|(state, verdict, cause)| format!("{state}: {verdict}: {}", cause.as_deref().unwrap_or("-")))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn changing_an_input_type_so_that_internal_state_cannot_follow_is_refused_with_the_input_that_changed() {
    let folder = tempfile::tempdir().unwrap();
    let first = internal_savepoint::<i32, u32>(folder.path());
    let error = internal_plan::<String, u32>(&first).unwrap_err().to_string();
    let causes: Vec<&str> = error.lines().filter(|line| line.contains(", therefore its ")).collect();
    insta::assert_snapshot!(causes.join("\n"));
    // One of them whole.
    let mut window = Operator::<String>::new("W").unwrap();
    window.window_function::<String, u64>().unwrap();
    let alone = RestoreOptions::new().allow_non_restored_state();
    insta::assert_snapshot!(steady(window.plan(&first, &alone).unwrap_err(), folder.path()));
}

#[test]
fn windows_that_reduce_fold_or_aggregate_restore_their_values_and_name_the_input_that_changed() {
    let folder = tempfile::tempdir().unwrap();
    let (window, [reduce, sum, fold, aggregate]) =
        combining_window::<i16>(i16::max, |sum, delay| *sum += i64::from(delay));
    let mut state = window.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    for (hour, delay) in [(7u64, 12), (7, 5), (8, 3)] {
        state.set_current_namespace(&hour).unwrap();
        for add in [&reduce, &sum, &fold, &aggregate] {
            (add.add)(&mut state, delay);
        }
    }
    let savepoint = Savepoint::create(folder.path().join("one")).unwrap().operator(&state).unwrap().finish().unwrap();

    // A wider input type: the values of all windows are migrated.
    let (window, handles) = combining_window::<i32>(i32::max, |sum, delay| *sum += i64::from(delay));
    let plan = window.plan(&savepoint, &RestoreOptions::new()).unwrap();
    let causes: Vec<_> = plan.states().iter().filter_map(|state| state.cause().map(str::to_owned)).collect();
    assert_eq!(causes, vec!["input type of `combining` changed, therefore its window state"; 2]);
    let mut state = window.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    for (hour, longest, total) in [(7u64, 12, 17), (8, 3, 3)] {
        state.set_current_namespace(&hour).unwrap();
        assert_eq!(handles.each_ref().map(|handle| (handle.get)(&mut state)), [longest, longest, total, total]);
    }

    // A type that the values cannot become: the report names state, operator and input.
    let mut text = Operator::<String>::new("combining").unwrap();
    text.window_reduce_function::<String, u64>(|longest, _| longest).unwrap();
    text.window_fold_function::<i16, String, u64>(String::new(), |_, _| ()).unwrap();
    text.window_aggregate_function::<i16, String, (), u64>(String::new, |_, _| (), |_| ()).unwrap();
    text.window_built_in_aggregation::<String, u64>(|longest, _| longest).unwrap();
    let refused = text.plan(&savepoint, &RestoreOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(refused, folder.path()));
}

/// A state of a window: how to add to it, and its value.
struct WindowHandle<T> {
    add: Box<dyn Fn(&mut State<String>, T)>,
    get: Box<dyn Fn(&mut State<String>) -> i64>,
}

/// An operator with each state of a window that combines its elements.
fn combining_window<T: StateType + Copy + Into<i64>>(
    longest: fn(T, T) -> T,
    total: fn(&mut i64, T),
) -> (Operator<String>, [WindowHandle<T>; 4]) {
    let mut window = Operator::new("combining").unwrap();
    let reduce = window.window_reduce_function::<T, u64>(longest).unwrap();
    let built_in = window.window_built_in_aggregation::<T, u64>(longest).unwrap();
    let fold = window.window_fold_function::<T, i64, u64>(0, total).unwrap();
    let aggregate = window.window_aggregate_function::<T, (i64,), i64, u64>(
        || (0,),
        move |sum, t| total(&mut sum.0, t),
        |sum| sum.0,
    );
    let aggregate = aggregate.unwrap();
    let reducing = |handle: ReducingState<T>| WindowHandle::<T> {
        add: Box::new(move |state, value| handle.add(state, value).unwrap()),
        get: Box::new(move |state| handle.get(state).unwrap().unwrap().into()),
    };
    let handles = [
        reducing(reduce),
        reducing(built_in),
        WindowHandle {
            add: Box::new(move |state, value| fold.add(state, value).unwrap()),
            get: Box::new(move |state| fold.get(state).unwrap().unwrap()),
        },
        WindowHandle {
            add: Box::new(move |state, value| aggregate.add(state, value).unwrap()),
            get: Box::new(move |state| aggregate.get(state).unwrap().unwrap()),
        },
    ];
    (window, handles)
}

/// One operator of each sort with internal state.
struct Internal {
    keyed: Vec<Operator<String>>,
    all: Operator<()>,
}

fn internal<A: StateType + Clone + Send + Sync, B: StateType + Clone + Send + Sync + Default>() -> Internal {
    let operator = |uid: &str| Operator::<String>::new(uid).unwrap();
    let mut reduce = operator("R");
    reduce.reduce_function::<A>(|a, _| a).unwrap();
    let mut fold = operator("F");
    fold.fold_function::<A, B>(B::default(), |_, _| ()).unwrap();
    let mut window = operator("W");
    window.window_function::<A, u64>().unwrap();
    let mut join = operator("J");
    join.join_function::<A, B, u64>().unwrap();
    let mut co_group = operator("C");
    co_group.co_group_function::<A, B, u64>().unwrap();
    let mut aggregation = operator("S");
    aggregation.built_in_aggregation::<A>(|a, _| a).unwrap();
    let mut all = Operator::<()>::new("A").unwrap();
    all.all_window_function::<A, u64>().unwrap();
    Internal { keyed: vec![reduce, fold, window, join, co_group, aggregation], all }
}

fn internal_savepoint<A, B>(folder: &Path) -> Savepoint
where
    A: StateType + Clone + Send + Sync,
    B: StateType + Clone + Send + Sync + Default,
{
    let internal = internal::<A, B>();
    let writer = Savepoint::create(folder.join("one")).unwrap();
    let writer = internal
        .keyed
        .iter()
        .fold(writer, |writer, operator| writer.operator(&operator.open(MemoryBackend::new()).unwrap()).unwrap());
    writer.operator(&internal.all.open(MemoryBackend::new()).unwrap()).unwrap().finish().unwrap()
}

/// What becomes of each state, and why.
fn internal_plan<A, B>(savepoint: &Savepoint) -> Result<Vec<(String, String, Option<String>)>, RestoreError>
where
    A: StateType + Clone + Send + Sync,
    B: StateType + Clone + Send + Sync + Default,
{
    let internal = internal::<A, B>();
    let program = internal.keyed.iter().fold(Program::new(), Program::operator).operator(&internal.all);
    let plan = program.plan(savepoint, &RestoreOptions::new())?;
    let states = plan.operators().iter().flat_map(|operator| {
        operator.states().iter().map(|state| {
            let cause = state.cause().map(str::to_owned);
            (format!("{}.{}", operator.uid(), state.name()), state.verdict().to_string(), cause)
        })
    });
    Ok(states.collect())
}

#[test]
fn it_is_possible_to_break_a_chain_such_that_a_stateful_operator_is_moved_out_of_it() {
    // Which operators run in one task is not stored: each has a uid, whatever chain it is in.
    let folder = tempfile::tempdir().unwrap();
    let chained = save(&folder.path().join("one"), &["source", "map", "sink"]);
    restore_all(&chained, &["map"], &RestoreOptions::new().with_operator("source").with_operator("sink")).unwrap();
    restore_all(&chained, &["source", "sink"], &RestoreOptions::new().with_operator("map")).unwrap();
}

#[test]
fn it_is_possible_to_append_or_inject_a_new_or_existing_stateful_operator_into_a_chain() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["source", "sink"]);
    restore_all(&savepoint, &["source", "injected", "sink", "appended"], &RestoreOptions::new()).unwrap();
    // Two chains that become one.
    restore_all(&savepoint, &["sink", "source"], &RestoreOptions::new()).unwrap();
}

#[test]
fn it_is_possible_to_modify_the_operator_order_within_a_chain() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a", "b", "c"]);
    for order in [["a", "b", "c"], ["c", "b", "a"], ["b", "c", "a"]] {
        restore_all(&savepoint, &order, &RestoreOptions::new()).unwrap();
    }
    // Neither does the order of its states matter to an operator.
    let declare = |names: [&str; 2]| {
        let mut operator = Operator::<String>::new("two").unwrap();
        let states = names.map(|name| (name.to_owned(), operator.value::<u32>(name).unwrap()));
        (operator, std::collections::BTreeMap::from(states))
    };
    let (operator, states) = declare(["x", "y"]);
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    states["x"].update(&mut state, &1).unwrap();
    states["y"].update(&mut state, &2).unwrap();
    let savepoint = Savepoint::create(folder.path().join("two")).unwrap().operator(&state).unwrap().finish().unwrap();
    let (operator, states) = declare(["y", "x"]);
    let mut state = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    assert_eq!((states["x"].get(&mut state).unwrap(), states["y"].get(&mut state).unwrap()), (Some(1), Some(2)));
}

#[test]
fn the_parallelism_of_an_operator_can_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut savepoint = save(&folder.path().join("1"), &["a"]);
    for (name, parallelism) in [("3", 3), ("2", 2), ("5", 5), ("1 again", 1)] {
        let mut writer = Savepoint::create(folder.path().join(name)).unwrap();
        let mut keys = 0;
        for instance in 0..parallelism {
            let range = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, parallelism, instance).unwrap();
            let (operator, _) = counter("a");
            let operator = operator.with_key_groups(range).unwrap();
            let state =
                operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
            keys += state.keys().unwrap().len();
            writer = writer.operator(&state).unwrap();
        }
        assert_eq!(keys, 20, "{parallelism} instances");
        savepoint = writer.finish().unwrap();
    }
    restore_all(&savepoint, &["a"], &RestoreOptions::new()).unwrap();
}

#[test]
fn the_max_parallelism_of_an_operator_is_fixed_by_its_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a"]);
    let (operator, _) = counter("a");
    let operator = operator.with_max_parallelism(MaxParallelism::new(256).unwrap()).unwrap();
    let error = operator.plan(&savepoint, &RestoreOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(error, folder.path()));
}

#[test]
fn an_operator_that_sets_no_max_parallelism_has_the_stored_one() {
    let folder = tempfile::tempdir().unwrap();
    let many = MaxParallelism::new(256).unwrap();
    let (operator, count) = counter("a");
    let operator = operator.with_max_parallelism(many).unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for number in 0..20 {
        state.set_current_key(&key(number)).unwrap();
        count.update(&mut state, &(number * 7)).unwrap();
    }
    let savepoint = Savepoint::create(folder.path().join("one")).unwrap().operator(&state).unwrap().finish().unwrap();

    restore_all(&savepoint, &["a"], &RestoreOptions::new()).unwrap();
    let (operator, count) = counter("a");
    let file = folder.path().join("state.redb");
    let backend = RedbBackend::open(&file).unwrap();
    let mut state = operator.restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ()).unwrap();
    assert_eq!((state.meta().max_parallelism(), state.key_groups()), (many, KeyGroupRange::all(many)));
    state.flush().unwrap();
    drop(state);

    // The same holds for a backend that is opened again, and for the next savepoint.
    let mut state = operator.open(RedbBackend::open(&file).unwrap()).unwrap();
    state.set_current_key(&key(19)).unwrap();
    assert_eq!(count.get(&mut state).unwrap(), Some(133));
    let next = Savepoint::create(folder.path().join("two")).unwrap().operator(&state).unwrap().finish().unwrap();
    assert_eq!(next.operator("a").unwrap().meta().max_parallelism(), many);

    // Key groups of an instance are numbers under its own max parallelism, so these have to agree.
    let half = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, 2, 0).unwrap();
    let instance = counter("a").0.with_key_groups(half).unwrap();
    let error = instance.plan(&savepoint, &RestoreOptions::new()).unwrap_err();
    let RestoreError::Refused(refusal) = &error else { panic!("{error}") };
    let [Problem::MaxParallelismChanged { operator, stored, new }] = refusal.problems() else { panic!("{error}") };
    assert_eq!((operator.as_str(), *stored, *new), ("a", many, MaxParallelism::DEFAULT));
}

#[test]
fn savepoints_can_be_relocated_using_typical_filesystem_operations() {
    let folder = tempfile::tempdir().unwrap();
    let original = save(&folder.path().join("one"), &["a", "b"]);
    let copy = folder.path().join("elsewhere/copy");
    std::fs::create_dir_all(&copy).unwrap();
    for file in std::fs::read_dir(original.path()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    let moved = folder.path().join("moved");
    std::fs::rename(original.path(), &moved).unwrap();
    for path in [moved, copy] {
        let savepoint = Savepoint::open(path).unwrap();
        savepoint.verify().unwrap();
        restore_all(&savepoint, &["a", "b"], &RestoreOptions::new()).unwrap();
    }
}

#[test]
fn the_key_type_is_always_part_of_the_state_and_must_stay() {
    // Flink's "the new key serializer must be compatible": `keyBy("id")` against `keyBy(e -> e.id)`.
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a"]);
    let mut tuple = Operator::<(String,)>::new("a").unwrap();
    let count = tuple.value::<u32>("count").unwrap();
    insta::assert_snapshot!(steady(tuple.plan(&savepoint, &RestoreOptions::new()).unwrap_err(), folder.path()));

    // And the other way round.
    let mut state = tuple.open(MemoryBackend::new()).unwrap();
    for number in 0..20 {
        state.set_current_key(&(key(number),)).unwrap();
        count.update(&mut state, &(number * 7)).unwrap();
    }
    let savepoint = Savepoint::create(folder.path().join("two")).unwrap().operator(&state).unwrap().finish().unwrap();
    let error = restore_all(&savepoint, &["a"], &RestoreOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(error, folder.path()));

    // The re-key that both reports name costs no row.
    use typeser::TypeSerializer as _;
    use typeser_state::processor::{ProcessOptions, RekeyPlan, Targets};
    let mut targets = Targets::new();
    targets.add_key("a", typeser::Serializer::<String>::new().unwrap().snapshot().clone());
    let plan = RekeyPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    assert_eq!(plan.cost(), typeser::migrate::Cost::Metadata);
    let rekeyed = plan.run(folder.path().join("three"), &mut |_| ()).unwrap();
    restore_all(&rekeyed, &["a"], &RestoreOptions::new()).unwrap();
}

#[test]
fn two_operators_of_one_uid_are_refused_unless_they_are_disjoint_instances() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = save(&folder.path().join("one"), &["a"]);
    let numbers = Operator::<u32>::new("a").unwrap();
    let range = |first, last| KeyGroupRange::new(first, last).unwrap();
    let part = |first, last| counter("a").0.with_key_groups(range(first, last)).unwrap();
    let (whole, lower, upper) = (counter("a").0, part(0, 63), part(64, 127));
    let plan = |program: Program<'_>| program.plan(&savepoint, &RestoreOptions::new());

    // Instances of one operator.
    assert_eq!(plan(Program::new().operator(&lower).operator(&upper)).unwrap().operators().len(), 1);
    // The problems of each are reported.
    let refused = plan(Program::new().operator(&whole).operator(&numbers)).unwrap_err();
    insta::assert_snapshot!(steady(refused, folder.path()));
    let other = Operator::<u32>::new("a").unwrap().with_key_groups(range(64, 127)).unwrap();
    let refused = plan(Program::new().operator(&lower).operator(&other)).unwrap_err().to_string();
    assert!(refused.contains("key of operator `a` is incompatible") && !refused.contains("duplicate"), "{refused}");
    // So it is if nothing is stored of them.
    let (new, also) = (Operator::<u32>::new("new").unwrap(), Operator::<String>::new("new").unwrap());
    let program = || Program::new().operator(&whole);
    plan(program().operator(&new).operator(&also)).unwrap_err();
    // Operator state: an instance twice, and instances of different parallelisms.
    let instance = |of, number| OperatorStates::new("source").unwrap().with_instance(of, number).unwrap();
    let (first, second, third) = (instance(2, 0), instance(2, 1), instance(3, 2));
    plan(program().operator_state(&first).operator_state(&second)).unwrap();
    let refused = plan(program().operator_state(&first).operator_state(&first)).unwrap_err();
    insta::assert_snapshot!(steady(refused, folder.path()));
    plan(program().operator_state(&first).operator_state(&third)).unwrap_err();
}
