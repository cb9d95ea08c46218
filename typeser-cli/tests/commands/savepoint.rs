//! `typeser migrate` and `typeser rekey` on the savepoint of a program, and what the next release restores from it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use typeser::resolve::{Compatibility, Fix, Policy, Role, resolve};
use typeser::{Serializer, StateKey, StateType, TypeSerializer as _};
use typeser_state::backend::MemoryBackend;
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{KeyedStateBackend, Operator};
use typeser_state::operator::OperatorStates;
use typeser_state::restore::{RestoreOptions, StateVerdict};
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain::EventTime;

use crate::runner::Place;

/// The release that took the savepoint.
mod first {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub(super) struct Totals {
        pub(super) departures: u32,
        pub(super) delay: i16,
        pub(super) note: String,
    }
}

/// The release that restores it.
mod next {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq)]
    #[state(removed("note"))]
    pub(super) struct Totals {
        #[state(alias = "departures")]
        pub(super) flights: u64,
        pub(super) delay: i16,
        #[state(default = 1)]
        pub(super) airports: u8,
    }
}

/// Types to which no command can migrate.
mod wrong {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub(super) struct Totals {
        pub(super) departures: u16,
        pub(super) delay: i16,
    }

    pub(super) mod taught {
        use typeser::StateType;

        #[derive(StateType, Debug, Clone, PartialEq)]
        pub(in super::super) struct Totals {
            pub(in super::super) departures: u32,
            #[state(convert(i16, with = hours))]
            pub(in super::super) delay: i8,
            pub(in super::super) note: String,
        }

        fn hours(minutes: i16) -> i8 {
            (minutes / 60) as i8
        }
    }
}

/// How many flight numbers there are.
const KEYS: u32 = 50;

/// The savepoint `first`: two instances of an operator with three states, and another one.
fn taken<K: StateKey>(place: &Place, key: impl Fn(u32) -> K) -> Savepoint {
    let mut writer = Savepoint::create(place.path().join("first")).unwrap();
    for number in 0..2 {
        let range = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, 2, number).unwrap();
        let mut flights = Operator::<K>::new("flights").unwrap().with_key_groups(range).unwrap();
        let totals = flights.value::<first::Totals>("totals").unwrap();
        let recent = flights.list::<i16>("recent").unwrap();
        let alarms = flights.timers::<()>("alarms").unwrap();
        let mut state = flights.open(MemoryBackend::new()).unwrap();
        for number in 0..KEYS {
            if state.set_current_key(&key(number)).is_err() {
                continue;
            }
            let (departures, delay) = (number * 3, number as i16 - 7);
            totals
                .update(&mut state, &first::Totals { departures, delay, note: "n".repeat(number as usize % 3) })
                .unwrap();
            recent.add_all(&mut state, &[number as i16, -1]).unwrap();
            alarms.register(&mut state, EventTime, i64::from(number)).unwrap();
        }
        writer = writer.operator(&state).unwrap();
    }
    let mut source = OperatorStates::new("source").unwrap();
    let offsets = source.split_list::<u64>("offsets").unwrap();
    let mut store = source.open().unwrap();
    offsets.add_all(&mut store, &[7, 8]).unwrap();
    writer.operator_state(&store).unwrap().finish().unwrap()
}

/// A file for the snapshot of a type.
fn snapshot<T: StateType>() -> String {
    Serializer::<T>::new().unwrap().snapshot().to_json()
}

/// Restores the operator with these types, and finds every row where it was stored, without a migration.
fn assert_restored<K: StateKey, T: StateType + PartialEq + std::fmt::Debug>(
    savepoint: &Path,
    key: impl Fn(u32) -> K,
    totals_of: impl Fn(u32) -> T,
) {
    let savepoint = Savepoint::open(savepoint).unwrap();
    savepoint.verify().unwrap();
    let mut flights = Operator::<K>::new("flights").unwrap();
    let totals = flights.value::<T>("totals").unwrap();
    let recent = flights.list::<i16>("recent").unwrap();
    let alarms = flights.timers::<()>("alarms").unwrap();
    let plan = flights.plan(&savepoint, &RestoreOptions::new().with_operator_state("source")).unwrap();
    assert!(plan.states().iter().all(|state| state.verdict() == StateVerdict::Restored(Compatibility::Compatible)));
    let mut state: KeyedStateBackend<K, MemoryBackend> = plan.run(MemoryBackend::new(), &mut |_| ()).unwrap();
    assert_eq!(state.keys().unwrap().len(), KEYS as usize);
    for number in 0..KEYS {
        state.set_current_key(&key(number)).unwrap();
        assert_eq!(totals.get(&mut state).unwrap(), Some(totals_of(number)), "{number}");
        assert_eq!(recent.get(&mut state).unwrap(), [number as i16, -1]);
        assert_eq!(alarms.registered(&mut state, EventTime).unwrap(), [i64::from(number)]);
    }
    let mut source = OperatorStates::new("source").unwrap();
    let offsets = source.split_list::<u64>("offsets").unwrap();
    let mut store = source.restore(&savepoint, &RestoreOptions::new().with_operator("flights")).unwrap();
    assert_eq!(offsets.get(&mut store).unwrap(), [7, 8]);
}

fn totals(number: u32) -> first::Totals {
    let note = "n".repeat(number as usize % 3);
    first::Totals { departures: number * 3, delay: number as i16 - 7, note }
}

/// The files of a folder, and what is in them.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn runs(place: &Place, commands: &[&str]) -> String {
    commands.iter().map(|words| place.run(words)).collect()
}

#[test]
fn a_savepoint_is_migrated_and_the_next_release_restores_it_unchanged() {
    let place = Place::new().file("next/flights/totals.value.json", snapshot::<next::Totals>());
    let savepoint = taken(&place, |number| number);
    let before = files(savepoint.path());
    let dry_run = place.run("migrate first --to next --dry-run");
    assert_eq!(names(place.path()), ["first", "next"], "a dry run writes nothing");
    let wrote = runs(&place, &["migrate first --to next --output second", "state ls second"]);
    insta::assert_snapshot!(dry_run + &wrote);
    assert_eq!(files(savepoint.path()), before, "the stored savepoint is only read");
    assert_eq!(names(place.path()), ["first", "next", "second"]);
    assert_restored(
        &place.path().join("second"),
        |number| number,
        |number| {
            let totals = totals(number);
            next::Totals { flights: totals.departures.into(), delay: totals.delay, airports: 1 }
        },
    );
    // What has the right type already does not change again.
    insta::assert_snapshot!(runs(
        &place,
        &["migrate second --to next --dry-run", "migrate second --to next --output third"]
    ));
    let rows = |folder: &str| files(&place.path().join(folder)).into_iter().filter(|(name, _)| name.ends_with(".rows"));
    assert!(rows("second").eq(rows("third")));
}

#[test]
fn between_a_key_and_its_one_tuple_only_metadata_changes() {
    let place = Place::new().file("tuple.json", snapshot::<(u32,)>()).file("plain.json", snapshot::<u32>());
    let savepoint = taken(&place, |number| number);
    insta::assert_snapshot!(runs(
        &place,
        &[
            "rekey first --operator flights --to tuple.json --dry-run",
            "rekey first --operator flights --to tuple.json --output tuples",
            "rekey tuples --operator flights --to plain.json --output again --hard-links",
        ],
    ));
    assert_restored(&place.path().join("tuples"), |number| (number,), totals);
    assert_restored(&place.path().join("again"), |number| number, totals);
    let (stored, again) = (files(savepoint.path()), files(&place.path().join("again")));
    assert_eq!(stored, again, "there and back is where it began");
    let tuples = files(&place.path().join("tuples"));
    let changed: Vec<&String> = stored.keys().filter(|name| stored[*name] != tuples[*name]).collect();
    assert_eq!(changed, ["manifest.typeser"]);
}

#[test]
fn rows_of_wider_keys_move_to_other_key_groups_where_the_next_release_finds_them() {
    let place = Place::new().file("wide.json", snapshot::<u64>());
    taken(&place, |number| number);
    insta::assert_snapshot!(runs(
        &place,
        &[
            "rekey first --operator flights --to wide.json --dry-run",
            "rekey first --operator flights --to wide.json --output wide",
            "state cat wide --operator flights --key 49 --state recent",
        ],
    ));
    assert_restored(&place.path().join("wide"), u64::from, totals);
}

#[test]
fn the_command_that_help_prints_moves_the_keys() {
    let (stored, new) = (Serializer::<u32>::new().unwrap(), Serializer::<u64>::new().unwrap());
    let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Key, &Policy::default());
    let fixes = resolution.findings().iter().flat_map(|finding| &finding.fixes);
    let command = fixes.filter(|fix| matches!(fix, Fix::Rekey { .. })).find_map(Fix::code).unwrap();
    let place = Place::new().file("wide.json", snapshot::<u64>());
    taken(&place, |number| number);
    let mut command = command.strip_prefix("typeser ").unwrap().to_owned();
    let filled = [("NEW-SAVEPOINT", "wide"), ("SAVEPOINT", "first"), ("UID", "flights"), ("KEY.json", "wide.json")];
    for (placeholder, word) in filled {
        assert!(command.contains(placeholder), "{command}");
        command = command.replace(placeholder, word);
    }
    let printed = runs(&place, &[&command]);
    assert!(printed.contains("exit 0"), "{printed}");
    assert_restored(&place.path().join("wide"), u64::from, totals);
}

#[test]
fn an_impossible_migration_is_refused_and_writes_nothing() {
    let place = Place::new()
        .file("narrow/flights/totals.value.json", snapshot::<wrong::Totals>())
        .file("taught/flights/totals.value.json", snapshot::<wrong::taught::Totals>())
        .file("keys/flights/key.json", snapshot::<u64>())
        .file("unknown/flights/total.value.json", snapshot::<u64>())
        .file("unnamed/flights/totals.json", snapshot::<u64>())
        .file("none/README.md", "nothing here")
        .file("narrow.json", snapshot::<u16>())
        .file("wide.json", snapshot::<u64>());
    taken(&place, |number| number);
    let before = names(place.path());
    insta::assert_snapshot!(runs(
        &place,
        &[
            "migrate first --to narrow --output new",
            "migrate first --to taught --dry-run",
            "migrate first --to keys --output new",
        ],
    ));
    insta::assert_snapshot!(runs(
        &place,
        &[
            "migrate first --to unknown --output new",
            "migrate first --to unnamed --output new",
            "migrate first --to none --output new",
            "migrate first --to nowhere --output new",
            "migrate first --to keys",
            "migrate nowhere --to keys --dry-run",
        ],
    ));
    insta::assert_snapshot!(runs(
        &place,
        &[
            "rekey first --operator flights --to narrow.json --output new",
            "rekey first --operator flight --to wide.json --output new",
            "rekey first --operator source --to wide.json --output new",
            "rekey first --operator flights --to wide.json --output first",
            "rekey first --operator flights --to nowhere.json --dry-run",
            "rekey first --operator flights --to wide.json",
        ],
    ));
    assert_eq!(names(place.path()), before);
}

#[test]
fn a_damaged_savepoint_is_not_migrated() {
    let place = Place::new().file("wide.json", snapshot::<u64>()).file("tuple.json", snapshot::<(u32,)>());
    let savepoint = taken(&place, |number| number);
    let file = savepoint.path().join("00000-00064-00127.rows");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    insta::assert_snapshot!(runs(
        &place,
        &[
            "rekey first --operator flights --to wide.json --output new",
            "rekey first --operator flights --to wide.json --dry-run",
            "rekey first --operator flights --to tuple.json --output new",
        ],
    ));
    assert_eq!(names(place.path()), ["first", "tuple.json", "wide.json"]);
}
