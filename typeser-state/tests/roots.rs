//! The type of a whole key, namespace, value or accumulator becomes one of another kind, as declared by the type or where
//! it is used.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::HashMap;
use std::path::Path;

use typeser::resolve::Compatibility;
use typeser::{Serializer, StateKey, StateType};
use typeser_state::backend::{MemoryBackend, RedbBackend};
use typeser_state::descriptor::{AggregatingStateDescriptor, ValueStateDescriptor};
use typeser_state::keyed::{AggregatingState, MapState, Operator, ValueState};
use typeser_state::processor::{ProcessOptions, RekeyPlan, Targets};
use typeser_state::restore::{RestoreOptions, StateVerdict};
use typeser_state::savepoint::Savepoint;
use typeser_state::typed_table::{TableAction, TableOptions, TableSet, TypedTable};

#[derive(StateType, Debug, PartialEq)]
#[state(was = u64)]
struct Count {
    n: u64,
}

#[derive(StateType, Debug, PartialEq)]
#[state(was = (i64, u32))]
struct Total {
    sum: i64,
    count: u32,
}

#[derive(StateType, Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[state(key, was = String)]
struct UserId {
    id: String,
}

#[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
#[state(key, was = (i64, i64))]
struct Window {
    start: i64,
    end: i64,
}

/// An operator whose keys, values, accumulators, map keys and namespaces have these types.
struct Types<K, V, A, W> {
    operator: Operator<K>,
    count: ValueState<V>,
    total: AggregatingState<i64, A, A>,
    seen: MapState<K, u8>,
    last: ValueState<u8>,
    namespace: std::marker::PhantomData<W>,
}

fn types<K: StateKey, V: StateType, A: StateType, W: StateKey>(
    create: fn() -> A,
    add: fn(&mut A, i64),
) -> Types<K, V, A, W> {
    let mut operator = Operator::new("users").unwrap();
    let total = AggregatingStateDescriptor::new("total", create, add, |total| total).unwrap();
    let last = ValueStateDescriptor::new("last").unwrap().with_namespace::<W>().unwrap();
    Types {
        count: operator.value("count").unwrap(),
        total: operator.aggregating_state(total).unwrap(),
        seen: operator.map("seen").unwrap(),
        last: operator.value_state(last).unwrap(),
        namespace: std::marker::PhantomData,
        operator,
    }
}

fn user(id: &str) -> UserId {
    UserId { id: id.to_owned() }
}

fn plain(folder: &Path) -> Savepoint {
    let old = types::<String, u64, (i64, u32), (i64, i64)>(
        || (0, 0),
        |(sum, count), value| {
            *sum += value;
            *count += 1;
        },
    );
    let mut state = old.operator.open(MemoryBackend::new()).unwrap();
    for id in ["a", "b"] {
        state.set_current_key(&id.to_owned()).unwrap();
        old.count.update(&mut state, &7).unwrap();
        old.total.add(&mut state, -5).unwrap();
        old.total.add(&mut state, 2).unwrap();
        old.seen.put(&mut state, &"c".to_owned(), &1).unwrap();
        state.set_current_namespace(&(10i64, 20i64)).unwrap();
        old.last.update(&mut state, &3).unwrap();
    }
    Savepoint::create(folder.join("1")).unwrap().operator(&state).unwrap().finish().unwrap()
}

#[test]
fn what_is_declared_to_have_the_same_bytes_is_restored_without_a_migration() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = plain(folder.path());
    let new = types::<UserId, Count, Total, Window>(
        || Total { sum: 0, count: 0 },
        |total, value| {
            total.sum += value;
            total.count += 1;
        },
    );
    let plan = new.operator.plan(&savepoint, &RestoreOptions::new()).unwrap();
    let verdicts: Vec<_> = plan.states().iter().map(|state| (state.name(), state.verdict())).collect();
    let restored = StateVerdict::Restored(Compatibility::Compatible);
    assert!(verdicts.iter().all(|(_, verdict)| *verdict == restored), "{verdicts:?}");

    let backend = RedbBackend::open(folder.path().join("state.redb")).unwrap();
    let mut state = new.operator.restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ()).unwrap();
    for id in ["a", "b"] {
        state.set_current_key(&user(id)).unwrap();
        assert_eq!(new.count.get(&mut state).unwrap(), Some(Count { n: 7 }));
        new.total.add(&mut state, 10).unwrap();
        assert_eq!(new.total.get(&mut state).unwrap(), Some(Total { sum: 7, count: 3 }));
        assert_eq!(new.seen.get(&mut state, &user("c")).unwrap(), Some(1));
        state.set_current_namespace(&Window { start: 10, end: 20 }).unwrap();
        assert_eq!(new.last.get(&mut state).unwrap(), Some(3));
    }
    // The next savepoint has the new types, so the declaration has no effect on it.
    let next = Savepoint::create(folder.path().join("2")).unwrap().operator(&state).unwrap().finish().unwrap();
    let (meta, names) = (next.operator("users").unwrap().meta().clone(), ["count", "total"]);
    let stored = names.map(|name| meta.state(name).unwrap().all_serializers().next().unwrap().1.name().to_owned());
    assert_eq!(stored, ["Count", "Total"]);
}

fn counted(names: Vec<String>) -> HashMap<String, u32> {
    names.into_iter().fold(HashMap::new(), |mut counts, name| {
        *counts.entry(name).or_default() += 1;
        counts
    })
}

#[test]
fn types_that_are_not_the_programs_are_converted_where_the_state_is_declared() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = Operator::<(u8, u8)>::new("visits").unwrap();
    let names = old.value::<Vec<String>>("names").unwrap();
    let sum = AggregatingStateDescriptor::new("sum", || (0i64, 0u32), |sum, n: i64| sum.0 += n, |sum| sum).unwrap();
    let sum = old.aggregating_state(sum).unwrap();
    let mut state = old.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&(1, 2)).unwrap();
    names.update(&mut state, &vec!["a".to_owned(), "a".to_owned()]).unwrap();
    sum.add(&mut state, 5).unwrap();
    let savepoint = Savepoint::create(folder.path().join("1")).unwrap().operator(&state).unwrap().finish().unwrap();

    let declare = || {
        let mut new = Operator::<(u8, u8)>::new("visits").unwrap();
        let counts = Serializer::new().unwrap().with_conversion("counted", counted).unwrap();
        let counts = new.value_state(ValueStateDescriptor::new("names").unwrap().with_serializer(counts)).unwrap();
        let widened = |(sum, count): (i64, u32)| (sum, count, sum);
        let triple = Serializer::<(i64, u32, i64)>::new().unwrap().with_conversion("largest", widened).unwrap();
        let sum = AggregatingStateDescriptor::new(
            "sum",
            || (0i64, 0u32, i64::MIN),
            |sum, n: i64| *sum = (sum.0 + n, sum.1 + 1, sum.2.max(n)),
            |sum| sum,
        );
        let sum = new.aggregating_state(sum.unwrap().with_serializer(triple)).unwrap();
        (new, counts, sum)
    };
    let (new, counts, sum) = declare();
    let file = folder.path().join("state.redb");
    let backend = RedbBackend::open(&file).unwrap();
    let mut state = new.restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&(1, 2)).unwrap();
    assert_eq!(counts.get(&mut state).unwrap(), Some(HashMap::from([("a".to_owned(), 2)])));
    assert_eq!(sum.get(&mut state).unwrap(), Some((5, 0, 5)));
    drop(state);
    // What was migrated is opened by the same declaration.
    let (new, counts, _) = declare();
    let mut state = new.open(RedbBackend::open(&file).unwrap()).unwrap();
    state.set_current_key(&(1, 2)).unwrap();
    assert_eq!(counts.get(&mut state).unwrap().unwrap().len(), 1);
}

#[test]
fn keys_are_moved_by_a_re_key_with_the_function_of_the_operator() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = Operator::<u32>::new("users").unwrap();
    let count = old.value::<u8>("count").unwrap();
    let mut state = old.open(MemoryBackend::new()).unwrap();
    for key in 0..20 {
        state.set_current_key(&key).unwrap();
        count.update(&mut state, &(key as u8)).unwrap();
    }
    let savepoint = Savepoint::create(folder.path().join("1")).unwrap().operator(&state).unwrap().finish().unwrap();

    let key = Serializer::<String>::new().unwrap();
    let key = key.with_injective_conversion("spelled", |key: u32| format!("user {key}")).unwrap();
    let mut new = Operator::<String>::new("users").unwrap().with_key_serializer(key.clone());
    let count = new.value::<u8>("count").unwrap();
    assert!(new.plan(&savepoint, &RestoreOptions::new()).is_err());
    let mut targets = Targets::new();
    targets.add_key_serializer("users", &key);
    let plan = RekeyPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    let moved = plan.run(folder.path().join("2"), &mut |_| ()).unwrap();
    let mut state = new.restore(&moved, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    for key in 0..20 {
        state.set_current_key(&format!("user {key}")).unwrap();
        assert_eq!(count.get(&mut state).unwrap(), Some(key));
    }
}

/// A namespace that was a type of the program, and is a tuple now.
#[test]
fn a_namespace_is_declared_where_it_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = Operator::<u8>::new("windows").unwrap();
    let sum = ValueStateDescriptor::<u8>::new("sum").unwrap().with_namespace::<Window>().unwrap();
    let sum = old.value_state(sum).unwrap();
    let mut state = old.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&1).unwrap();
    state.set_current_namespace(&Window { start: 1, end: 2 }).unwrap();
    sum.update(&mut state, &9).unwrap();
    let savepoint = Savepoint::create(folder.path().join("1")).unwrap().operator(&state).unwrap().finish().unwrap();

    let mut new = Operator::<u8>::new("windows").unwrap();
    let window = Serializer::<(i64, i64)>::new().unwrap().with_earlier_type::<Window>().unwrap();
    let sum = new.value_state(ValueStateDescriptor::<u8>::new("sum").unwrap().with_namespace_serializer(window));
    let sum = sum.unwrap();
    let mut state = new.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    state.set_current_key(&1).unwrap();
    state.set_current_namespace(&(1i64, 2i64)).unwrap();
    assert_eq!(sum.get(&mut state).unwrap(), Some(9));
}

#[test]
fn rows_of_a_typed_table_stay_where_the_bytes_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let database = redb::Database::create(folder.path().join("shop.redb")).unwrap();
    TypedTable::<String, u64>::open(&database, "stock").unwrap().insert("apples", &3).unwrap();
    let mut set = TableSet::new();
    set.add::<UserId, Count>("stock");
    let run = set.dry_run(&database, &TableOptions::new()).unwrap();
    assert_eq!(run[0].action, TableAction::Refresh);
    let stock = TypedTable::<UserId, Count>::open(&database, "stock").unwrap();
    assert_eq!(stock.get(&user("apples")).unwrap(), Some(Count { n: 3 }));
}

#[test]
fn rows_of_a_typed_table_are_converted_as_the_options_declare() {
    let folder = tempfile::tempdir().unwrap();
    let database = redb::Database::create(folder.path().join("shop.redb")).unwrap();
    let old = TypedTable::<u32, Vec<String>>::open(&database, "carts").unwrap();
    old.insert(&7, &vec!["a".to_owned(), "a".to_owned()]).unwrap();
    let values = Serializer::<HashMap<String, u32>>::new().unwrap().with_conversion("counted", counted).unwrap();
    let keys = Serializer::<String>::new().unwrap();
    let keys = keys.with_injective_conversion("spelled", |key: u32| key.to_string()).unwrap();
    let options = TableOptions::new().with_key_serializer(keys).with_value_serializer(values);
    for _ in 0..2 {
        let open = TypedTable::<String, HashMap<String, u32>>::open_with(&database, "carts", &options, &mut |_| ());
        assert_eq!(open.unwrap().get("7").unwrap(), Some(HashMap::from([("a".to_owned(), 2)])));
    }
    let error = TypedTable::<String, u64>::open_with(&database, "carts", &options, &mut |_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the options of table `carts` have a serializer for its values of another type than `u64`: give it a \
         `Serializer<u64>`"
    );
}
