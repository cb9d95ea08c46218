//! Keys become others, and every row is found under its new key by a program that uses them.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::path::Path;

use proptest::prelude::*;
use typeser::migrate::Cost;
use typeser::resolve::Compatibility;
use typeser::{Serializer, StateKey, StateType, TypeSerializer};
use typeser_state::backend::MemoryBackend;
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::Operator;
use typeser_state::processor::{
    MigrationPlan, Phase, ProcessOptions, Progress, Query, RekeyPlan, SavepointEdit, Targets,
};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

use support::{Known, UID, bytes, many, names, one, steady, three, write};

fn key<T: StateType>(uid: &str) -> Targets {
    let mut targets = Targets::new();
    targets.add_key(uid, Serializer::<T>::new().unwrap().snapshot().clone());
    targets
}

/// Three states for each of these keys, in files of so many instances.
fn simple<K: StateKey>(path: &Path, keys: &[K], parallelism: u32) -> Savepoint {
    let mut writer = Savepoint::create(path).unwrap();
    for number in 0..parallelism {
        let range = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, parallelism, number).unwrap();
        let mut operator = Operator::<K>::new("simple").unwrap().with_key_groups(range).unwrap();
        let value = operator.value::<u64>("value").unwrap();
        let list = operator.list::<u16>("list").unwrap();
        let map = operator.map::<String, bool>("map").unwrap();
        let mut state = operator.open(MemoryBackend::new()).unwrap();
        for (number, key) in keys.iter().enumerate() {
            if state.set_current_key(key).is_err() {
                continue;
            }
            value.update(&mut state, &(number as u64)).unwrap();
            list.add_all(&mut state, &[number as u16, 3, 2]).unwrap();
            map.put(&mut state, &format!("m{number}"), &true).unwrap();
            map.put(&mut state, &"other".to_owned(), &false).unwrap();
        }
        writer = writer.operator(&state).unwrap();
    }
    writer.finish().unwrap()
}

/// What a program finds under these keys.
fn found<K: StateKey>(savepoint: &Savepoint, keys: &[K]) -> Vec<(Option<u64>, Vec<u16>, Option<bool>)> {
    let mut operator = Operator::<K>::new("simple").unwrap();
    let value = operator.value::<u64>("value").unwrap();
    let list = operator.list::<u16>("list").unwrap();
    let map = operator.map::<String, bool>("map").unwrap();
    let mut state = operator.restore(savepoint, MemoryBackend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
    assert_eq!(state.keys().unwrap().len(), keys.len());
    keys.iter()
        .enumerate()
        .map(|(number, key)| {
            state.set_current_key(key).unwrap();
            let entry = map.get(&mut state, &format!("m{number}")).unwrap();
            (value.get(&mut state).unwrap(), list.get(&mut state).unwrap(), entry)
        })
        .collect()
}

/// Re-keys from one type to another, and says the cost and what is in the new savepoint.
fn rekeyed<Old: StateKey, New: StateKey>(old: &[Old], new: &[New], options: &ProcessOptions) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    let stored = simple(&folder.path().join("stored"), old, 3);
    let before = bytes(stored.path());
    let plan = RekeyPlan::new(&stored, &key::<New>("simple"), options).unwrap();
    let forecast = plan.dry_run(&mut |_| ()).unwrap();
    assert_eq!(names(folder.path()), ["stored"]);
    let rekeyed = plan.run(folder.path().join("new"), &mut |_| ()).unwrap();
    rekeyed.verify().unwrap();
    assert!(before == bytes(stored.path()));
    assert_eq!(names(folder.path()), ["new", "stored"]);
    assert_eq!(found(&rekeyed, new), found(&stored, old));
    // A program with the new keys would have written the same bytes.
    let direct = simple(&folder.path().join("direct"), new, 3);
    assert!(bytes(direct.path()) == bytes(rekeyed.path()));
    let all = KeyGroupRange::all(MaxParallelism::DEFAULT);
    for state in &forecast.states {
        let (old, new) = (stored.operator("simple").unwrap(), rekeyed.operator("simple").unwrap());
        let id = old.meta().state(&state.state).unwrap().id();
        assert_eq!((state.entries, state.bytes), (old.size_of(id, all).entries, old.size_of(id, all).bytes));
        assert_eq!(state.new_bytes, new.size_of(id, all).bytes);
        assert_eq!((state.moved > 0, state.cost), (plan.cost() != Cost::Metadata, plan.cost()));
    }
    plan.cost()
}

#[test]
fn a_tuple_of_one_and_its_element_become_each_other_and_no_row_is_rewritten() {
    let plain: Vec<String> = (0..50).map(|number| format!("N{number}")).collect();
    let wrapped: Vec<(String,)> = plain.iter().map(|key| (key.clone(),)).collect();
    let twice: Vec<((String,),)> = wrapped.iter().map(|key| (key.clone(),)).collect();
    for options in [ProcessOptions::new(), ProcessOptions::new().with_hard_links()] {
        assert_eq!(rekeyed(&plain, &wrapped, &options), Cost::Metadata);
        assert_eq!(rekeyed(&wrapped, &plain, &options), Cost::Metadata);
        assert_eq!(rekeyed(&plain, &twice, &options), Cost::Metadata);
        assert_eq!(rekeyed(&twice, &wrapped, &options), Cost::Metadata);
    }
}

#[test]
fn wider_keys_move_to_the_key_groups_where_they_belong() {
    let narrow: Vec<u32> = (0..200).map(|number| number * 7).collect();
    let wide: Vec<u64> = narrow.iter().copied().map(u64::from).collect();
    let wrapped: Vec<(i64,)> = narrow.iter().map(|key| (i64::from(*key),)).collect();
    let optional: Vec<Option<u32>> = narrow.iter().copied().map(Some).collect();
    for memory in [1 << 20, 2000] {
        let options = ProcessOptions::new().with_memory(memory);
        assert_eq!(rekeyed(&narrow, &wide, &options), Cost::Copy);
        assert_eq!(rekeyed(&narrow, &wrapped, &options), Cost::Copy);
        assert_eq!(rekeyed(&narrow, &optional, &options), Cost::Copy);
    }
}

#[test]
fn a_key_that_was_re_keyed_is_what_the_new_program_restores() {
    let folder = tempfile::tempdir().unwrap();
    let stored = write(&folder.path().join("stored"), &many(40), 2);
    let targets = key::<three::Aircraft>(UID);
    let refused = MigrationPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap_err().to_string();
    assert!(refused.contains("re-key the savepoint offline"), "{refused}");
    let plan = RekeyPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap();
    assert_eq!((plan.verdict(), plan.cost()), (Compatibility::RequiresMigration, Cost::Copy));
    let rekeyed = plan.run(folder.path().join("new"), &mut |_| ()).unwrap();
    let mut operator = Operator::<three::Aircraft>::new(UID).unwrap();
    let totals = operator.value::<one::Totals>("totals").unwrap();
    operator.list::<i16>("recent").unwrap();
    operator.map::<one::Route, u32>("routes").unwrap();
    let options = RestoreOptions::new().with_operator("untouched");
    let mut state = operator.restore(&rekeyed, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
    for Known { key, totals: expected, .. } in many(40) {
        state.set_current_key(&three::Aircraft { year: key.year.into(), tail: key.tail }).unwrap();
        assert_eq!(totals.get(&mut state).unwrap(), expected);
    }
    // The other operator's file is as it was.
    let file = "00001-00000-00127.rows";
    assert!(bytes(stored.path())[file] == bytes(rekeyed.path())[file]);
}

#[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
#[state(key, name = "Aircraft", removed("year"))]
struct OnlyTail {
    tail: String,
}

#[test]
fn a_key_that_could_become_another_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let stored = write(&folder.path().join("stored"), &many(4), 1);
    let error = RekeyPlan::new(&stored, &key::<OnlyTail>(UID), &ProcessOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(error, folder.path()));
    let error = RekeyPlan::new(&stored, &key::<(u16,)>("untouched"), &ProcessOptions::new()).unwrap_err();
    insta::assert_snapshot!("no_key_at_all", steady(error, folder.path()));
    let mut targets = key::<u8>("flight");
    targets.add(UID, "totals", typeser::resolve::Role::Value, Serializer::<u8>::new().unwrap().snapshot().clone());
    let error = RekeyPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap_err();
    insta::assert_snapshot!("no_such_key", steady(error, folder.path()));
    assert_eq!(names(folder.path()), ["stored"]);
}

mod taught {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key, name = "Flight")]
    pub(crate) struct Old {
        pub(crate) number: u32,
    }

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key, name = "Flight")]
    pub(crate) struct New {
        // It promises what it does not keep.
        #[state(convert(u32, with = tens, injective))]
        pub(crate) number: u16,
    }

    fn tens(number: u32) -> Result<u16, String> {
        if number == 7777 { Err("out of service".to_owned()) } else { Ok((number / 10) as u16) }
    }
}

#[test]
fn collisions_are_found_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let keys = |numbers: &[u32]| numbers.iter().map(|number| taught::Old { number: *number }).collect::<Vec<_>>();
    let serializer = Serializer::<taught::New>::new().unwrap();
    let stored = simple(&folder.path().join("good"), &keys(&[10, 20, 30, 40]), 2);
    let error = RekeyPlan::new(&stored, &key::<taught::New>("simple"), &ProcessOptions::new()).unwrap_err();
    insta::assert_snapshot!("functions_for_a_key", steady(error, folder.path()));

    let mut targets = Targets::new();
    targets.add_key_serializer("simple", &serializer);
    let plan = RekeyPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap();
    assert_eq!(plan.cost(), Cost::Convert);
    // Functions may break their promise, so keys are compared first, and progress is reported.
    let mut phases = Vec::new();
    let mut watcher =
        |progress: &Progress<'_>| phases.push((progress.phase, progress.entries == progress.total_entries));
    let rekeyed = plan.run(folder.path().join("new"), &mut watcher).unwrap();
    assert_eq!(phases, [(Phase::Scanning, true), (Phase::Writing, true)]);
    let entries = Query::new().state("value").run(&rekeyed).unwrap();
    let mut numbers: Vec<u64> =
        entries.map(|e| e.unwrap().key.unwrap().get("number").unwrap().as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4]);

    let many: Vec<u32> = (0..500).map(|number| number * 10).chain([4999, 7777]).collect();
    let stored = simple(&folder.path().join("bad"), &keys(&many), 2);
    for memory in [1 << 20, 1024] {
        let options = ProcessOptions::new().with_memory(memory);
        let plan = RekeyPlan::new(&stored, &targets, &options).unwrap();
        let forecast = plan.dry_run(&mut |_| ()).unwrap();
        // One key that becomes another's, and one that the function refuses: in each state.
        let failed: Vec<_> = forecast.states.iter().map(|state| (state.state.as_str(), state.failed)).collect();
        assert_eq!(failed, [("value", 2), ("list", 6), ("map", 4)]);
        if memory > 1024 {
            insta::assert_debug_snapshot!(
                "keys_that_fail",
                forecast.states[0].failures.iter().map(|row| (&row.key, row.role, &row.reason)).collect::<Vec<_>>()
            );
        }
        // The directory for the output does not exist: if anything had been written, that would be the error.
        let error = plan.run(folder.path().join("nowhere/new"), &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains("become the same one") || error.contains("out of service"), "{error}");
    }
    let stored = simple(&folder.path().join("collide"), &keys(&[10, 30, 31]), 2);
    let plan = RekeyPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap();
    let error = plan.run(folder.path().join("never"), &mut |_| ()).unwrap_err();
    insta::assert_snapshot!("collision", steady(error, folder.path()));
    let edit = SavepointEdit::of(&stored).rekey(&targets);
    let error = edit.write(folder.path().join("nowhere/new"), &ProcessOptions::new(), &mut |_| ()).unwrap_err();
    insta::assert_snapshot!("collision", steady(error, folder.path()));
    assert_eq!(names(folder.path()), ["bad", "collide", "good", "new"]);
    // That the output exists is reported before any key is read.
    let mut read = 0;
    let error = plan.run(folder.path().join("good"), &mut |_| read += 1).unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    assert_eq!(read, 0);
}

mod joined {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key, name = "Account")]
    pub(crate) struct Account1 {
        pub(crate) tenant: String,
        pub(crate) id: u32,
    }

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key, version = 2, migrate(1 => join, injective))]
    pub(crate) struct Account {
        pub(crate) joined: String,
    }

    fn join(old: Account1) -> Account {
        Account { joined: format!("{}/{}", old.tenant, old.id) }
    }

    pub(crate) mod careless {
        /// The two parts run into each other: `a1` and 1 become what `a` and 11 become.
        #[derive(typeser::StateType, Debug, Clone, PartialEq, Eq, Hash)]
        #[state(key, version = 2, migrate(1 => join, injective))]
        pub(crate) struct Account {
            joined: String,
        }

        fn join(old: super::Account1) -> Account {
            Account { joined: format!("{}{}", old.tenant, old.id) }
        }
    }

    pub(crate) mod silent {
        #[derive(typeser::StateType, Debug, Clone, PartialEq, Eq, Hash)]
        #[state(key, version = 2, migrate(1 => join))]
        pub(crate) struct Account {
            joined: String,
        }

        fn join(old: super::Account1) -> Account {
            Account { joined: format!("{}/{}", old.tenant, old.id) }
        }
    }
}

#[test]
fn a_function_that_promises_to_be_injective_joins_two_fields_of_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let old = |tenant: &str, id| joined::Account1 { tenant: tenant.to_owned(), id };
    let keys: Vec<_> = ["a", "b", "a1"].iter().flat_map(|tenant| (0..30).map(|id| old(tenant, id))).collect();
    let stored = simple(&folder.path().join("stored"), &keys, 2);
    let before = bytes(stored.path());

    let mut targets = Targets::new();
    targets.add_key_serializer("simple", &Serializer::<joined::Account>::new().unwrap());
    let plan = RekeyPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap();
    assert_eq!((plan.verdict(), plan.cost()), (Compatibility::RequiresMigration, Cost::Convert));
    assert_eq!(plan.dry_run(&mut |_| ()).unwrap().states.iter().map(|state| state.failed).sum::<u64>(), 0);
    let rekeyed = plan.run(folder.path().join("new"), &mut |_| ()).unwrap();
    let joined = |key: &joined::Account1| joined::Account { joined: format!("{}/{}", key.tenant, key.id) };
    let expected: Vec<joined::Account> = keys.iter().map(joined).collect();
    assert_eq!(found(&rekeyed, &expected), found(&stored, &keys));

    // A function that breaks its promise is found before anything is written.
    let mut targets = Targets::new();
    targets.add_key_serializer("simple", &Serializer::<joined::careless::Account>::new().unwrap());
    let plan = RekeyPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap();
    let error = plan.run(folder.path().join("never"), &mut |_| ()).unwrap_err();
    insta::assert_snapshot!("joined_keys_collide", steady(error, folder.path()));

    // Without the promise, the report offers to make it.
    let mut targets = Targets::new();
    targets.add_key_serializer("simple", &Serializer::<joined::silent::Account>::new().unwrap());
    let error = RekeyPlan::new(&stored, &targets, &ProcessOptions::new()).unwrap_err();
    insta::assert_snapshot!("no_promise_for_a_joined_key", steady(error, folder.path()));
    assert_eq!(names(folder.path()), ["new", "stored"]);
    assert!(before == bytes(stored.path()));
}

#[test]
fn rows_cannot_move_to_key_groups_that_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Savepoint::create(folder.path().join("part")).unwrap().allow_missing_key_groups();
    let stored = writer.operator(&support::instance(&many(20), 2, 0)).unwrap().finish().unwrap();
    let error = RekeyPlan::new(&stored, &key::<three::Aircraft>(UID), &ProcessOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(error, folder.path()));
    // Where none moves, a part is as good as the whole.
    let plan = RekeyPlan::new(&stored, &key::<(one::Aircraft,)>(UID), &ProcessOptions::new()).unwrap();
    plan.run(folder.path().join("new"), &mut |_| ()).unwrap().verify().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_keys_move_whole(
        keys in proptest::collection::btree_set(any::<(u16, i8)>(), 0..60),
        memory in 1024usize..20_000,
    ) {
        let old: Vec<(u16, i8)> = keys.into_iter().collect();
        let new: Vec<(u64, Option<i32>)> = old.iter().map(|(a, b)| ((*a).into(), Some((*b).into()))).collect();
        if old.is_empty() {
            return Ok(());
        }
        rekeyed(&old, &new, &ProcessOptions::new().with_memory(memory));
    }
}
