//! Two savepoints are compared row by row.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use typeser::value::Value;
use typeser::{StateKey, StateType};
use typeser_state::backend::MemoryBackend;
use typeser_state::descriptor::{TimeToLive, ValueStateDescriptor};
use typeser_state::key_group::MaxParallelism;
use typeser_state::keyed::{ManualClock, Operator};
use typeser_state::operator::OperatorStates;
use typeser_state::processor::{Difference, Differences, Entry, FoundIn, Query, StateDifferences};
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::EventTime;

/// The values of the state `name`, and of a state `other` that comes before or behind it.
fn values<V: StateType>(place: &Path, rows: &[(&str, V)], other: Option<(bool, u8)>) -> Savepoint {
    let mut operator = Operator::<String>::new("o").unwrap();
    let before = other.filter(|(first, _)| *first).map(|_| operator.value::<u8>("other").unwrap());
    let state = operator.value::<V>("name").unwrap();
    let behind = other.filter(|(first, _)| !*first).map(|_| operator.value::<u8>("other").unwrap());
    let mut backend = operator.open(MemoryBackend::new()).unwrap();
    for (key, value) in rows {
        backend.set_current_key(&(*key).to_owned()).unwrap();
        state.update(&mut backend, value).unwrap();
        if let Some((other, (_, value))) = before.as_ref().or(behind.as_ref()).zip(other) {
            other.update(&mut backend, &value).unwrap();
        }
    }
    Savepoint::create(place).unwrap().operator(&backend).unwrap().finish().unwrap()
}

/// Operator, state, added, removed, changed, unchanged; or why they are not compared.
fn counts(before: &Savepoint, after: &Savepoint) -> Vec<String> {
    let differences = Differences::new(before, after, &Query::new()).unwrap();
    let counts = differences.count().unwrap();
    let mut listed: BTreeMap<(&str, &str), [u64; 3]> = BTreeMap::new();
    for difference in &differences {
        let (entry, kind) = match difference.unwrap() {
            Difference::Added(entry) => (entry, 0),
            Difference::Removed(entry) => (entry, 1),
            Difference::Changed { before, after } => {
                assert_eq!((before.key_group, before.place), (after.key_group, after.place.clone()));
                assert_eq!((before.key, before.namespace), (after.key.clone(), after.namespace.clone()));
                (after, 2)
            }
            _ => unreachable!(),
        };
        listed.entry((entry.operator, entry.state.name())).or_default()[kind] += 1;
    }
    let line = |of: &StateDifferences<'_>| {
        let StateDifferences { operator, state, added, removed, changed, unchanged, .. } = of;
        let listed = listed.get(&(*operator, *state)).copied().unwrap_or_default();
        assert_eq!(listed, [*added, *removed, *changed], "those that are counted are listed");
        let counts = format!("{operator}.{state} {:?}: +{added} -{removed} ~{changed} ={unchanged}", of.found_in);
        of.not_compared.clone().map_or(counts, |why| format!("{operator}.{state}: {why}"))
    };
    counts.iter().map(line).collect()
}

#[test]
fn rows_are_added_removed_and_changed() {
    let folder = tempfile::tempdir().unwrap();
    let before = values(&folder.path().join("a"), &[("a", 1u32), ("b", 2), ("c", 3)], None);
    let after = values(&folder.path().join("b"), &[("b", 2u32), ("c", 4), ("d", 5), ("e", 6)], None);
    assert_eq!(counts(&before, &after), ["o.name Both: +2 -1 ~1 =1"]);
    assert_eq!(counts(&after, &after), ["o.name Both: +0 -0 ~0 =4"]);

    let query = Query::new().key("c");
    let differences = Differences::new(&before, &after, &query).unwrap();
    let found: Vec<_> = differences.iter().map(Result::unwrap).collect();
    let [Difference::Changed { before: old, after: new }] = &found[..] else { panic!("{found:?}") };
    let value = |entry: &Entry<'_>| entry.value.clone();
    assert_eq!((value(old), value(new)), (Value::U32(3), Value::U32(4)));

    let error = Differences::new(&before, &after, &Query::new().state("nmae")).unwrap_err();
    assert!(error.to_string().contains("holds no state `nmae` there; it holds `name`"), "{error}");
    let error = Differences::new(&before, &after, &Query::new().key_group(60_000)).unwrap_err();
    assert!(error.to_string().contains("holds no key group 60000"), "{error}");
    let error = Differences::new(&before, &after, &Query::new().operator("p")).unwrap_err();
    assert!(error.to_string().contains("holds no operator `p`"), "{error}");
}

#[test]
fn states_are_paired_by_name_whatever_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let rows = [("a", 1u32), ("b", 2), ("c", 3)];
    let alone = values(&place("alone"), &rows, None);
    let first = values(&place("first"), &rows, Some((true, 7)));
    let behind = values(&place("behind"), &rows[1..], Some((false, 7)));
    assert_eq!(counts(&alone, &first), ["o.other After: +3 -0 ~0 =0", "o.name Both: +0 -0 ~0 =3"]);
    assert_eq!(counts(&alone, &behind), ["o.name Both: +0 -1 ~0 =2", "o.other After: +2 -0 ~0 =0"]);
    assert_eq!(counts(&behind, &alone), ["o.name Both: +1 -0 ~0 =2", "o.other Before: +0 -2 ~0 =0"]);
    assert_eq!(counts(&first, &alone), ["o.other Before: +0 -3 ~0 =0", "o.name Both: +0 -0 ~0 =3"]);
    // In another order, with a state that is gone and one that is new between them.
    let many = |name: &str, names: &[&str]| {
        let mut operator = Operator::<u8>::new("o").unwrap();
        let states: Vec<_> = names.iter().map(|name| operator.value::<String>(name).unwrap()).collect();
        let mut backend = operator.open(MemoryBackend::new()).unwrap();
        for key in 0..9 {
            backend.set_current_key(&key).unwrap();
            for (state, name) in states.iter().zip(names) {
                state.update(&mut backend, &(*name).to_owned()).unwrap();
            }
        }
        Savepoint::create(place(name)).unwrap().operator(&backend).unwrap().finish().unwrap()
    };
    let (left, right) = (many("left", &["a", "b", "x", "c", "d"]), many("right", &["b", "y", "a", "d", "c"]));
    let mut found = counts(&left, &right);
    found.sort();
    let same = ["a", "b", "c", "d"].map(|name| format!("o.{name} Both: +0 -0 ~0 =9"));
    assert_eq!(found[..4], same);
    assert_eq!(found[4..], ["o.x Before: +0 -9 ~0 =0", "o.y After: +9 -0 ~0 =0"]);
    assert_eq!(counts(&first, &behind), ["o.name Both: +0 -1 ~0 =2", "o.other Both: +0 -1 ~0 =2"]);
    let found: Vec<_> = Differences::new(&alone, &first, &Query::new()).unwrap().count().unwrap();
    assert_eq!(found[0].found_in, FoundIn::After);
    assert_eq!((found[0].is_different(), found[1].is_different()), (true, false));
}

#[test]
fn a_change_of_types_alone_is_no_difference() {
    #[derive(StateType)]
    #[state(name = "Order")]
    struct Before {
        id: u32,
        note: String,
    }
    #[derive(StateType)]
    #[state(name = "Order")]
    struct After {
        #[state(alias = "note")]
        remark: String,
        id: u64,
        #[state(default)]
        urgent: bool,
    }
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let stored = |id| Before { id, note: "n".into() };
    let today = |id, urgent| After { id, remark: "n".into(), urgent };
    let before = values(&place("a"), &[("a", stored(1)), ("b", stored(2)), ("c", stored(3))], None);
    let after = values(&place("b"), &[("a", today(1, false)), ("b", today(9, false)), ("c", today(3, true))], None);
    assert_eq!(counts(&before, &after), ["o.name Both: +0 -0 ~2 =1"]);
    // The same bytes under another name, and reordered fields.
    #[derive(StateType)]
    #[state(name = "Order")]
    struct Renamed {
        id: u32,
        #[state(alias = "note")]
        remark: String,
    }
    #[derive(StateType)]
    #[state(name = "Order")]
    struct Reordered {
        #[state(alias = "note")]
        remark: String,
        id: u32,
    }
    let renamed = |id| Renamed { id, remark: "n".into() };
    let renamed = values(&place("d"), &[("a", renamed(1)), ("b", renamed(9)), ("c", renamed(3))], None);
    assert_eq!(counts(&before, &renamed), ["o.name Both: +0 -0 ~1 =2"]);
    let reordered = |id| Reordered { id, remark: "n".into() };
    let reordered = values(&place("e"), &[("a", reordered(1)), ("b", reordered(9)), ("c", reordered(3))], None);
    assert_eq!(counts(&before, &reordered), ["o.name Both: +0 -0 ~1 =2"]);
    // Without a migration, values are compared as they are.
    let text = values(&place("c"), &[("a", "1".to_owned())], None);
    assert_eq!(counts(&before, &text), ["o.name Both: +0 -2 ~1 =0"]);
    assert_eq!(counts(&text, &before), ["o.name Both: +2 -0 ~1 =0"]);
}

#[test]
fn the_order_of_a_hash_map_is_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let map = |last: u32| (0..40u32).map(|n| (n, vec![n])).chain([(40, vec![last])]).collect::<HashMap<_, _>>();
    let before = values(&folder.path().join("a"), &[("a", map(1)), ("b", map(1))], None);
    let after = values(&folder.path().join("b"), &[("a", map(1)), ("b", map(2))], None);
    assert_eq!(counts(&before, &after), ["o.name Both: +0 -0 ~1 =1"]);
}

#[test]
fn the_time_of_the_last_write_is_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, now| {
        let mut operator = Operator::<u8>::new("o").unwrap().with_clock(Arc::new(ManualClock::new(now)));
        let hour = TimeToLive::new(Duration::from_secs(3600));
        let state = operator.value_state(ValueStateDescriptor::new("v").unwrap().with_time_to_live(hour)).unwrap();
        let mut backend = operator.open(MemoryBackend::new()).unwrap();
        backend.set_current_key(&1).unwrap();
        state.update(&mut backend, &"x".to_owned()).unwrap();
        Savepoint::create(folder.path().join(name)).unwrap().operator(&backend).unwrap().finish().unwrap()
    };
    assert_eq!(counts(&save("a", 1000), &save("b", 2000)), ["o.v Both: +0 -0 ~0 =1"]);
}

#[test]
fn rows_at_other_places_are_not_compared() {
    fn save<K: StateKey>(place: &Path, key: &K, most: u32, list: bool) -> Savepoint {
        let most = MaxParallelism::new(most).unwrap();
        let mut operator = Operator::<K>::new("o").unwrap().with_max_parallelism(most).unwrap();
        let (value, of_list) = match list {
            false => (Some(operator.value::<u8>("v").unwrap()), None),
            true => (None, Some(operator.list::<u8>("v").unwrap())),
        };
        let mut backend = operator.open(MemoryBackend::new()).unwrap();
        backend.set_current_key(key).unwrap();
        value.iter().for_each(|value| value.update(&mut backend, &1).unwrap());
        of_list.iter().for_each(|list| list.add(&mut backend, &1).unwrap());
        Savepoint::create(place).unwrap().operator(&backend).unwrap().finish().unwrap()
    }
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let stored = save(&place("a"), &1u16, 128, false);
    for (name, other, why) in [
        (
            "b",
            save(&place("b"), &1u32, 128, false),
            "the serializer of its keys was `u16` (30405579), and is `u32` (6cd24ade) now",
        ),
        ("c", save(&place("c"), &1u16, 64, false), "the max parallelism was 128, and is 64 now"),
        ("d", save(&place("d"), &1u16, 128, true), "it was a value state, and is a list state now"),
    ] {
        let [line] = &counts(&stored, &other)[..] else { panic!("{name}") };
        assert_eq!(*line, format!("o.v: {why}"));
    }
}

#[test]
fn operator_state_is_compared_instance_by_instance() {
    let folder = tempfile::tempdir().unwrap();
    let save = |name: &str, elements: [&[u8]; 2]| {
        let mut writer = Savepoint::create(folder.path().join(name)).unwrap();
        for (instance, elements) in (0..).zip(elements) {
            let mut states = OperatorStates::new("o").unwrap().with_instance(2, instance).unwrap();
            let list = states.split_list::<u8>("l").unwrap();
            let mut store = states.open().unwrap();
            elements.iter().for_each(|element| list.add(&mut store, element).unwrap());
            writer = writer.operator_state(&store).unwrap();
        }
        writer.finish().unwrap()
    };
    let (before, after) = (save("a", [&[1, 2], &[3]]), save("b", [&[1], &[4, 5]]));
    assert_eq!(counts(&before, &after), ["o.l Both: +1 -1 ~1 =1"]);
}

/// A key with its value, list, map and timers.
type Row = (Option<u16>, Vec<u8>, BTreeMap<u8, u8>, Vec<i64>);

fn save(place: &Path, rows: &BTreeMap<String, Row>) -> Savepoint {
    let mut operator = Operator::<String>::new("o").unwrap();
    let (value, list) = (operator.value::<u16>("value").unwrap(), operator.list::<u8>("list").unwrap());
    let map = operator.map::<u8, u8>("map").unwrap();
    let timers = operator.timers::<()>("timers").unwrap();
    let mut backend = operator.open(MemoryBackend::new()).unwrap();
    for (key, (number, elements, entries, times)) in rows {
        backend.set_current_key(key).unwrap();
        number.iter().for_each(|number| value.update(&mut backend, number).unwrap());
        elements.iter().for_each(|element| list.add(&mut backend, element).unwrap());
        entries.iter().for_each(|(key, value)| map.put(&mut backend, key, value).unwrap());
        times.iter().for_each(|time| timers.register(&mut backend, EventTime, *time).unwrap());
    }
    Savepoint::create(place).unwrap().operator(&backend).unwrap().finish().unwrap()
}

/// What a row is called in the model, and its value.
fn model(rows: &BTreeMap<String, Row>) -> BTreeMap<(&'static str, &str, i64), i64> {
    let mut all = BTreeMap::new();
    for (key, (number, elements, entries, times)) in rows {
        all.extend(number.map(|number| (("value", key.as_str(), 0), number.into())));
        all.extend((0..).zip(elements).map(|(at, element)| (("list", key.as_str(), at), (*element).into())));
        all.extend(entries.iter().map(|(at, value)| (("map", key.as_str(), (*at).into()), (*value).into())));
        all.extend(times.iter().map(|time| (("timers", key.as_str(), *time), 0)));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn counts_are_those_of_a_model(rows in states(), changed in states(), kept in proptest::bits::u16::ANY) {
        let folder = tempfile::tempdir().unwrap();
        // Most rows are the same.
        let mut other = rows.clone();
        for (at, (key, row)) in changed.into_iter().enumerate() {
            if kept >> (at % 16) & 1 == 1 {
                other.insert(key, row);
            } else {
                other.remove(&key);
            }
        }
        let (before, after) = (save(&folder.path().join("a"), &rows), save(&folder.path().join("b"), &other));
        let (old, new) = (model(&rows), model(&other));
        let expected: Vec<_> = ["value", "list", "map", "timers"].map(|state| {
            let of = |all: &BTreeMap<(&'static str, &str, i64), i64>| {
                let rows = all.iter().filter(|((name, ..), _)| *name == state);
                rows.map(|((_, key, at), value)| (((*key).to_owned(), *at), *value)).collect::<BTreeMap<_, _>>()
            };
            let (old, new) = (of(&old), of(&new));
            let added = new.keys().filter(|key| !old.contains_key(*key)).count();
            let removed = old.keys().filter(|key| !new.contains_key(*key)).count();
            let same = old.iter().filter(|(key, value)| new.get(*key) == Some(*value)).count();
            let changed = old.len() - removed - same;
            format!("o.{state} Both: +{added} -{removed} ~{changed} ={same}")
        }).into();
        prop_assert_eq!(counts(&before, &after), expected);
    }
}

fn states() -> impl Strategy<Value = BTreeMap<String, Row>> {
    let row = (
        proptest::option::of(any::<u16>()),
        proptest::collection::vec(0u8..4, 0..4),
        proptest::collection::btree_map(0u8..4, 0u8..4, 0..4),
        proptest::collection::btree_set(-3i64..3, 0..3).prop_map(|times| times.into_iter().collect::<Vec<_>>()),
    );
    proptest::collection::btree_map("[a-c]{1,2}", row, 0..8)
}
