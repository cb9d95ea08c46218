//! Broadcast state is the same in all instances: no savepoint holds copies that differ.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::{HashMap, HashSet};
use std::path::Path;

use typeser::StateType;
use typeser_state::operator::{OperatorStateStore, OperatorStates};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::{Savepoint, WriteSavepointError};

/// The stores of as many instances as there are maps, with a map each.
fn stores<V: StateType>(maps: &[&[(&str, V)]]) -> Vec<OperatorStateStore> {
    let store = |(instance, map): (usize, &&[(&str, V)])| {
        let states = OperatorStates::new("rules").unwrap();
        let parallelism = u32::try_from(maps.len()).unwrap();
        let mut states = states.with_instance(parallelism, u32::try_from(instance).unwrap()).unwrap();
        let offsets = states.split_list::<u64>("offsets").unwrap();
        let other = states.broadcast::<u8, u8>("other").unwrap();
        let limits = states.broadcast::<String, V>("limits").unwrap();
        let mut store = states.open().unwrap();
        offsets.add(&mut store, &(instance as u64)).unwrap();
        other.put(&mut store, &1, &2).unwrap();
        for (key, value) in *map {
            limits.put(&mut store, &(*key).to_owned(), value).unwrap();
        }
        store
    };
    maps.iter().enumerate().map(store).collect()
}

fn save(path: &Path, stores: &[OperatorStateStore]) -> Result<Savepoint, WriteSavepointError> {
    let writer = Savepoint::create(path).unwrap();
    stores.iter().fold(writer, |writer, store| writer.operator_state(store).unwrap()).finish()
}

#[track_caller]
fn refused<V: StateType>(maps: &[&[(&str, V)]]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut stores = stores(maps);
    let error = save(&folder.path().join("1"), &stores).unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
    // In whatever order the instances come.
    stores.reverse();
    assert!(matches!(save(&folder.path().join("2"), &stores), Err(WriteSavepointError::BroadcastDiffers(_))));
    error.to_string()
}

#[test]
fn copies_that_differ_are_refused_with_the_first_key_that_differs() {
    let copy: &[(&str, u32)] = &[("delay", 30), ("retries", 3)];
    insta::assert_snapshot!("value", refused(&[copy, copy, &[("delay", 30), ("retries", 4)]]));
    insta::assert_snapshot!("missing_in_the_second", refused(&[copy, &[("retries", 3)]]));
    insta::assert_snapshot!("missing_in_the_first", refused(&[&[("retries", 3)], copy]));
    insta::assert_snapshot!("missing_at_the_end", refused(&[copy, copy, &[("delay", 30)]]));
    insta::assert_snapshot!("empty", refused(&[&[], copy]));
    insta::assert_snapshot!("not_empty", refused(&[copy, &[]]));
}

#[test]
fn equal_copies_are_saved_and_restored_at_another_parallelism() {
    let folder = tempfile::tempdir().unwrap();
    let copy: &[(&str, u32)] = &[("delay", 30), ("retries", 3)];
    let saved = save(&folder.path().join("1"), &stores(&[copy, copy, copy])).unwrap();
    let stores: Vec<OperatorStateStore> = (0..5)
        .map(|instance| {
            let mut states = OperatorStates::new("rules").unwrap().with_instance(5, instance).unwrap();
            states.split_list::<u64>("offsets").unwrap();
            states.broadcast::<u8, u8>("other").unwrap();
            let limits = states.broadcast::<String, u64>("limits").unwrap();
            let mut store = states.restore(&saved, &RestoreOptions::new()).unwrap();
            assert_eq!(limits.entries(&mut store).unwrap().len(), 2);
            store
        })
        .collect();
    save(&folder.path().join("2"), &stores).unwrap();
}

#[test]
fn a_part_of_the_instances_is_compared_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let stores = stores::<u32>(&[&[("delay", 1)], &[("delay", 1)], &[("delay", 2)]]);
    let save = |name: &str, some: &[OperatorStateStore]| {
        let writer = Savepoint::create(folder.path().join(name)).unwrap().allow_missing_key_groups();
        some.iter().fold(writer, |writer, store| writer.operator_state(store).unwrap()).finish()
    };
    save("equal", &stores[..2]).unwrap();
    let error = save("differ", &stores[1..]).unwrap_err();
    let WriteSavepointError::BroadcastDiffers(difference) = error else { panic!("{error}") };
    assert_eq!(difference.instances, [1, 2]);
}

#[test]
fn the_order_of_sets_and_maps_is_no_difference() {
    // Each has a random order.
    let value = |last: u32| -> HashMap<u32, HashSet<String>> {
        (0..20).map(|number| (number, (0..last).map(|number| number.to_string()).collect())).collect()
    };
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (vec![("a", value(20))], vec![("a", value(20))]);
    save(&folder.path().join("1"), &stores(&[&one[..], &other[..]])).unwrap();
    let error = refused(&[&one[..], &[("a", value(21))]]);
    assert!(error.contains("key \"a\" is {"), "{error}");
}
