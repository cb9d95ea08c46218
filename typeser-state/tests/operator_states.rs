//! The state of operators themselves: whatever the parallelism becomes, nothing is lost and nothing doubled.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::operator::{BroadcastState, OperatorStateStore, OperatorStates, RawSplit, SplitList, UnionList};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

/// `T` is the type of elements; in the stored release `u16`.
struct Program<T> {
    states: OperatorStates,
    split: SplitList<T>,
    union: UnionList<T>,
    rules: BroadcastState<String, T>,
    raw: RawSplit,
}

fn program<T: typeser::StateType>(parallelism: u32, instance: u32) -> Program<T> {
    let mut states = OperatorStates::new("source").unwrap().with_instance(parallelism, instance).unwrap();
    Program {
        split: states.split_list("split").unwrap(),
        union: states.union_list("union").unwrap(),
        rules: states.broadcast("rules").unwrap(),
        raw: states.raw("raw").unwrap(),
        states,
    }
}

/// What an instance has.
#[derive(Debug, Clone, Default, PartialEq)]
struct Contents {
    split: Vec<u16>,
    union: Vec<u16>,
    rules: BTreeMap<String, u16>,
    raw: Vec<Vec<u8>>,
}

fn contents() -> impl Strategy<Value = Contents> {
    let list = || prop::collection::vec(any::<u16>(), 0..7);
    let raw = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3), 0..4);
    (list(), list(), raw).prop_map(|(split, union, raw)| Contents { split, union, raw, rules: BTreeMap::new() })
}

fn fill(program: &Program<u16>, store: &mut OperatorStateStore, contents: &Contents) {
    program.split.add_all(store, &contents.split).unwrap();
    program.union.update(store, &contents.union).unwrap();
    program.rules.put_all(store, &contents.rules).unwrap();
    for piece in &contents.raw {
        program.raw.add(store, piece).unwrap();
    }
}

fn read<T: typeser::StateType + Into<u64>>(program: &Program<T>, store: &mut OperatorStateStore) -> Contents {
    let number = |value: T| u16::try_from(value.into()).unwrap();
    Contents {
        split: program.split.get(store).unwrap().into_iter().map(number).collect(),
        union: program.union.get(store).unwrap().into_iter().map(number).collect(),
        rules: program.rules.entries(store).unwrap().into_iter().map(|(name, rule)| (name, number(rule))).collect(),
        raw: program.raw.get(store).unwrap(),
    }
}

fn save(directory: &Path, stores: &[OperatorStateStore]) -> Savepoint {
    let writer = Savepoint::create(directory).unwrap();
    let writer = stores.iter().fold(writer, |writer, store| writer.operator_state(store).unwrap());
    let savepoint = writer.finish().unwrap();
    savepoint.verify().unwrap();
    assert_eq!(Savepoint::open(directory).unwrap().operator_states(), savepoint.operator_states());
    savepoint
}

fn first(directory: &Path, instances: &[Contents]) -> Savepoint {
    let parallelism = u32::try_from(instances.len()).unwrap();
    let stores: Vec<_> = (0..)
        .zip(instances)
        .map(|(instance, contents)| {
            let program = program::<u16>(parallelism, instance);
            let mut store = program.states.open().unwrap();
            fill(&program, &mut store, contents);
            store
        })
        .collect();
    save(directory, &stores)
}

/// Restores all instances, and says what each has.
fn restored<T: typeser::StateType + Into<u64>>(
    savepoint: &Savepoint,
    parallelism: u32,
) -> (Vec<OperatorStateStore>, Vec<Contents>) {
    let restore = |instance| {
        let program = program::<T>(parallelism, instance);
        let mut store = program.states.restore(savepoint, &RestoreOptions::new()).unwrap();
        assert_eq!((store.parallelism(), store.instance()), (parallelism, instance));
        let contents = read(&program, &mut store);
        (store, contents)
    };
    (0..parallelism).map(restore).unzip()
}

/// What Flink documents: a split list is all lists one after the other, cut into even pieces; a union list goes whole to
/// everybody; broadcast state is the same everywhere.
fn expect(before: &[Contents], after: &[Contents]) {
    let split: Vec<u16> = before.iter().flat_map(|contents| contents.split.clone()).collect();
    let union: Vec<u16> = before.iter().flat_map(|contents| contents.union.clone()).collect();
    let raw: Vec<Vec<u8>> = before.iter().flat_map(|contents| contents.raw.clone()).collect();
    // Nothing lost, nothing doubled, and in order.
    assert_eq!(after.iter().flat_map(|contents| contents.split.clone()).collect::<Vec<_>>(), split);
    assert_eq!(after.iter().flat_map(|contents| contents.raw.clone()).collect::<Vec<_>>(), raw);
    for contents in after {
        assert_eq!(contents.union, union);
        assert_eq!(contents.rules, before[0].rules);
    }
    if before.len() == after.len() {
        let own = |contents: &Contents| (contents.split.clone(), contents.raw.clone());
        assert!(before.iter().map(own).eq(after.iter().map(own)));
        return;
    }
    for length in [|contents: &Contents| contents.split.len(), |contents: &Contents| contents.raw.len()] {
        let lengths = || after.iter().map(length);
        assert!(lengths().max().unwrap() - lengths().min().unwrap() <= 1, "{after:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn nothing_is_lost_and_nothing_doubled_at_any_parallelism(
        instances in prop::collection::vec(contents(), 1..6),
        rules in prop::collection::btree_map("[a-c]{0,2}", any::<u16>(), 0..4),
        (second, third) in (1u32..7, 1u32..7),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let instances: Vec<_> =
            instances.into_iter().map(|contents| Contents { rules: rules.clone(), ..contents }).collect();
        let savepoint = first(&folder.path().join("1"), &instances);
        let (stores, after) = restored::<u16>(&savepoint, second);
        expect(&instances, &after);
        // And on to another parallelism, with wider elements.
        let savepoint = save(&folder.path().join("2"), &stores);
        let (_, then) = restored::<u64>(&savepoint, third);
        expect(&after, &then);
    }
}

fn retained_states(names: &[&str]) -> RestoreOptions {
    names.iter().fold(RestoreOptions::new(), |options, name| options.retain_state("source", *name))
}

/// One line for each instance.
fn shown(instances: &[Contents]) -> String {
    let line =
        |Contents { split, union, rules, .. }: &Contents| format!("split {split:?} union {union:?} rules {rules:?}");
    instances.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_of_the_guide_is_what_happens() {
    let folder = tempfile::tempdir().unwrap();
    let rules = BTreeMap::from([("fee".to_owned(), 3)]);
    let one = Contents { split: vec![1, 2], union: vec![1, 2], rules, raw: Vec::new() };
    let savepoint = first(&folder.path().join("1"), &[one]);
    let (_, two) = restored::<u16>(&savepoint, 2);
    insta::assert_snapshot!(shown(&two), @r#"
    split [1] union [1, 2] rules {"fee": 3}
    split [2] union [1, 2] rules {"fee": 3}
    "#);
}

#[test]
fn retained_state_passes_through_any_parallelism_without_being_multiplied() {
    let folder = tempfile::tempdir().unwrap();
    let rules = BTreeMap::from([("fee".to_owned(), 3)]);
    let one = Contents { split: vec![1, 2, 3], union: vec![4, 5], rules: rules.clone(), raw: vec![vec![9]] };
    let two = Contents { split: vec![6], union: vec![7], rules: rules.clone(), raw: vec![vec![], vec![8]] };
    let mut savepoint = first(&folder.path().join("first"), &[one, two]);
    let names = ["split", "union", "rules", "raw"];
    let options = retained_states(&names);
    for parallelism in [2, 3, 3, 1, 4] {
        let restore = |instance| {
            let states = OperatorStates::new("source").unwrap().with_instance(parallelism, instance).unwrap();
            states.restore(&savepoint, &options).unwrap()
        };
        let stores: Vec<_> = (0..parallelism).map(restore).collect();
        let count = std::fs::read_dir(folder.path()).unwrap().count();
        savepoint = save(&folder.path().join(count.to_string()), &stores);
    }
    let (_, back) = restored::<u16>(&savepoint, 1);
    let raw = vec![vec![9], vec![], vec![8]];
    assert_eq!(back, [Contents { split: vec![1, 2, 3, 6], union: vec![4, 5, 7], rules, raw }]);
}

#[test]
fn instances_that_a_savepoint_lacks_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let program = program::<u16>(3, 1);
    let store = program.states.open().unwrap();
    let writer = || Savepoint::create(folder.path().join("partial")).unwrap().operator_state(&store).unwrap();
    let mut messages = vec![writer().finish().unwrap_err().to_string()];
    messages.push(writer().operator_state(&store).unwrap_err().to_string());
    let savepoint = writer().allow_missing_key_groups().finish().unwrap();
    let of = |parallelism, instance, options: &RestoreOptions| {
        self::program::<u16>(parallelism, instance).states.restore(&savepoint, options).map(drop)
    };
    let options = RestoreOptions::new();
    // Split lists are redistributed, and a union list has the elements of all instances: both need all instances.
    messages.push(of(3, 1, &options).unwrap_err().to_string());
    messages.push(of(2, 1, &options).unwrap_err().to_string());
    // At the same parallelism, an instance needs the others only for union lists.
    messages.push(of(3, 0, &options.clone().reset_state("source", "union")).unwrap_err().to_string());
    of(3, 1, &options.reset_state("source", "union")).unwrap();
    // Nor for one that is only retained.
    let mut without = OperatorStates::new("source").unwrap().with_instance(3, 1).unwrap();
    without.split_list::<u16>("split").unwrap();
    let retained = retained_states(&["union", "rules", "raw"]);
    without.restore(&savepoint, &retained).unwrap();
    let folder = folder.path().display().to_string();
    insta::assert_snapshot!(messages.join("\n\n").replace(&folder, "<folder>"));
}

#[test]
fn mistakes_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = first(&folder.path().join("1"), &[Contents::default()]);
    let mut messages = Vec::new();
    let mut states = OperatorStates::new("source").unwrap();
    states.split_list::<u8>("split").unwrap();
    messages.push(states.union_list::<u8>("split").unwrap_err().to_string());
    messages.push(OperatorStates::new("source").unwrap().with_instance(2, 2).unwrap_err().to_string());
    // A narrower element, another kind, and a state that is not declared.
    let mut states = OperatorStates::new("source").unwrap();
    states.split_list::<u8>("split").unwrap();
    states.split_list::<u16>("union").unwrap();
    messages.push(states.restore(&savepoint, &RestoreOptions::new()).unwrap_err().to_string());
    // A program that knows nothing of the operator.
    let operator = Operator::<u8>::new("other").unwrap();
    let restore = operator.restore(&savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ());
    messages.push(restore.unwrap_err().to_string());
    let folder = folder.path().display().to_string();
    insta::assert_snapshot!(messages.join("\n\n").replace(&folder, "<folder>"));
}

#[test]
fn an_operator_without_states_is_still_one() {
    let folder = tempfile::tempdir().unwrap();
    let states = OperatorStates::new("idle").unwrap();
    let savepoint = save(&folder.path().join("1"), &[states.open().unwrap()]);
    assert_eq!(savepoint.operator_states().len(), 1);
    states.restore(&savepoint, &RestoreOptions::new()).unwrap();
}

/// As in Flink: every instance gets the whole list, so what all of them save again is all of it once for each.
#[test]
fn a_union_list_doubles_unless_each_instance_keeps_a_part_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let round = |name: String, before: &Savepoint, keep: &dyn Fn(u32, &mut Vec<u16>)| {
        let stores = (0..2).map(|instance| {
            let program = program::<u16>(2, instance);
            let mut store = program.states.restore(before, &RestoreOptions::new()).unwrap();
            let mut elements = program.union.get(&mut store).unwrap();
            keep(instance, &mut elements);
            program.union.update(&mut store, &elements).unwrap();
            (elements.len(), store)
        });
        let (counts, stores): (Vec<usize>, Vec<_>) = stores.unzip();
        (counts, save(&folder.path().join(name), &stores))
    };
    let one = Contents { union: vec![1], ..Contents::default() };
    let mut untouched = first(&folder.path().join("0"), &[one.clone(), one]);
    let mut parts = untouched.clone();
    for number in 1..4 {
        let (counts, saved) = round(format!("untouched {number}"), &untouched, &|_, _| ());
        assert_eq!(counts, [2 << (number - 1); 2]);
        untouched = saved;
        let own = |instance: u32, elements: &mut Vec<u16>| {
            let half = elements.len() / 2;
            let _ = if instance == 0 { elements.split_off(half) } else { elements.drain(..half).collect() };
        };
        let (counts, saved) = round(format!("own {number}"), &parts, &own);
        assert_eq!(counts, [1, 1]);
        parts = saved;
    }
}
