//! A savepoint is migrated without its program, to the byte as the program would have done it; or it is left alone.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use typeser::migrate::Cost;
use typeser::resolve::{Compatibility, Role};
use typeser::{Serializer, StateKey, StateType, TypeSerializer};
use typeser_state::backend::MemoryBackend;
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::Operator;
use typeser_state::processor::{MigrationPlan, ProcessError, ProcessOptions, Query, Targets};
use typeser_state::restore::RestoreOptions;
use typeser_state::savepoint::Savepoint;

use support::{Known, UID, bytes, many, names, one, steady, three, two, write};

/// Which types a release has: for each part one of several.
#[derive(Debug, Clone, Copy)]
struct Choice {
    key: u8,
    totals: u8,
    recent: u8,
    routes: u8,
}

fn serializer<T: StateType>() -> Serializer<T> {
    Serializer::new().unwrap()
}

impl Choice {
    fn declare<K: StateKey>(self, operator: &mut Operator<K>) {
        match self.totals {
            0 => drop(operator.value::<one::Totals>("totals").unwrap()),
            1 => drop(operator.value::<two::Totals>("totals").unwrap()),
            _ => drop(operator.value::<three::Totals>("totals").unwrap()),
        }
        match self.recent {
            0 => drop(operator.list::<i16>("recent").unwrap()),
            _ => drop(operator.list::<i32>("recent").unwrap()),
        }
        match self.routes {
            0 => drop(operator.map::<one::Route, u32>("routes").unwrap()),
            1 => drop(operator.map::<one::Route, Option<u64>>("routes").unwrap()),
            2 => drop(operator.map::<three::Route, u32>("routes").unwrap()),
            _ => drop(operator.map::<three::Route, Option<u64>>("routes").unwrap()),
        }
    }

    fn targets(self) -> Targets {
        let mut targets = Targets::new();
        match self.totals {
            0 => {}
            1 => targets.add_serializer(UID, "totals", Role::Value, &serializer::<two::Totals>()),
            _ => targets.add_serializer(UID, "totals", Role::Value, &serializer::<three::Totals>()),
        }
        if self.recent > 0 {
            targets.add_serializer(UID, "recent", Role::ListElement, &serializer::<i32>());
        }
        if self.routes & 1 > 0 {
            targets.add_serializer(UID, "routes", Role::Value, &serializer::<Option<u64>>());
        }
        if self.routes & 2 > 0 {
            targets.add_serializer(UID, "routes", Role::MapKey, &serializer::<three::Route>());
        }
        if self.key > 0 {
            targets.add_key(UID, serializer::<two::Aircraft>().snapshot().clone());
        }
        targets
    }

    /// What a program with these types makes of a savepoint: it restores it, and takes another.
    fn resave(self, savepoint: &Savepoint, parallelism: u32, to: &Path) {
        if self.key > 0 {
            self.resave_as::<two::Aircraft>(savepoint, parallelism, to);
        } else {
            self.resave_as::<one::Aircraft>(savepoint, parallelism, to);
        }
    }

    fn resave_as<K: StateKey>(self, savepoint: &Savepoint, parallelism: u32, to: &Path) {
        let mut writer = Savepoint::create(to).unwrap();
        for number in 0..parallelism {
            let range = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, parallelism, number).unwrap();
            let mut operator = Operator::<K>::new(UID).unwrap().with_key_groups(range).unwrap();
            self.declare(&mut operator);
            let options = RestoreOptions::new().with_operator("untouched");
            let state = operator.restore(savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
            writer = writer.operator(&state).unwrap();
        }
        let mut operator = Operator::<u64>::new("untouched").unwrap();
        operator.value::<String>("value").unwrap();
        let options = RestoreOptions::new().with_operator(UID);
        let state = operator.restore(savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap();
        writer.operator(&state).unwrap().finish().unwrap();
    }
}

fn a_known() -> impl Strategy<Value = Known> {
    let totals = (any::<u32>(), any::<i32>(), 0u8..3, any::<u16>(), ".{0,6}").prop_map(
        |(departures, delay, punctuality, minutes, note)| one::Totals {
            departures,
            delay,
            punctuality: match punctuality {
                0 => one::Punctuality::OnTime,
                1 => one::Punctuality::Late { minutes },
                _ => one::Punctuality::Lost,
            },
            note,
        },
    );
    let route = (any::<u8>(), any::<u16>()).prop_map(|(legs, number)| one::Route { legs, number });
    (
        "[A-Z0-9]{0,5}",
        any::<u16>(),
        proptest::option::of(totals),
        proptest::collection::vec(any::<i16>(), 0..5),
        proptest::collection::btree_map(any::<(u8, u16)>(), (route, any::<u32>()), 0..12),
    )
        .prop_map(|(tail, year, totals, recent, routes)| Known {
            key: one::Aircraft { tail, year },
            totals,
            recent,
            routes: routes.into_values().collect(),
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn migrating_offline_gives_what_restoring_and_saving_again_gives(
        known in proptest::collection::vec(a_known(), 0..40),
        parallelism in 1u32..4,
        (key, totals, recent, routes) in (0u8..2, 0u8..3, 0u8..2, 0u8..4),
        small in any::<bool>(),
        links in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let choice = Choice { key, totals, recent, routes };
        let savepoint = write(&path("stored"), &known, parallelism);
        let before = bytes(savepoint.path());
        choice.resave(&savepoint, parallelism, &path("by-program"));

        let mut options = ProcessOptions::new();
        if small {
            // Rows do not fit, so they are set aside and merged.
            options = options.with_memory(1024);
        }
        if links {
            options = options.with_hard_links();
        }
        let plan = MigrationPlan::new(&savepoint, &choice.targets(), &options).unwrap();
        let forecast = plan.dry_run(&mut |_| ()).unwrap();
        prop_assert_eq!(names(folder.path()), ["by-program", "stored"]);
        let migrated = plan.run(path("offline"), &mut |_| ()).unwrap();
        prop_assert!(bytes(&path("by-program")) == bytes(&path("offline")));
        prop_assert!(before == bytes(savepoint.path()));
        prop_assert_eq!(names(folder.path()), ["by-program", "offline", "stored"]);

        // The dry run said so.
        let all = KeyGroupRange::all(MaxParallelism::DEFAULT);
        for state in &forecast.states {
            let (old, new) = (savepoint.operator(&state.operator).unwrap(), migrated.operator(&state.operator).unwrap());
            let id = old.meta().state(&state.state).unwrap().id();
            let (old, new) = (old.size_of(id, all), new.size_of(id, all));
            prop_assert_eq!((state.entries, state.bytes, state.new_bytes), (old.entries, old.bytes, new.bytes));
            prop_assert_eq!(state.failed, 0);
        }
        migrated.verify().unwrap();
        Savepoint::open(path("offline")).unwrap().verify().unwrap();
    }
}

#[test]
fn losses_are_counted_by_rows_that_hold_something() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(100), 2);
    let choice = Choice { key: 0, totals: 2, recent: 1, routes: 0 };
    let plan = MigrationPlan::new(&savepoint, &choice.targets(), &ProcessOptions::new()).unwrap();
    let forecast = plan.dry_run(&mut |_| ()).unwrap();
    let totals = &forecast.states[0];
    assert_eq!((totals.state.as_str(), totals.entries, totals.cost), ("totals", 80, Cost::Copy));
    assert_eq!(totals.verdict, Some(Compatibility::RequiresMigration));
    let losses: Vec<_> = totals.dropped_data.iter().map(|loss| (loss.rule, loss.path.as_str(), loss.rows)).collect();
    let known = many(100);
    let with = |wanted: &dyn Fn(&one::Totals) -> bool| {
        known.iter().filter_map(|known| known.totals.as_ref()).filter(|totals| wanted(totals)).count() as u64
    };
    let lost = with(&|totals| totals.punctuality == one::Punctuality::Lost);
    let noted = with(&|totals| !totals.note.is_empty());
    assert_eq!(losses, [("field-removed", "value.note", noted), ("variant-removed", "value.punctuality::Lost", lost)]);
    assert!(lost > 0 && noted > 0 && noted < 80);
    let untouched = forecast.states.iter().find(|state| state.state == "value").unwrap();
    assert_eq!((untouched.verdict, untouched.entries, untouched.cost), (None, 10, Cost::Metadata));
    assert_eq!(untouched.bytes, untouched.new_bytes);
}

#[test]
fn all_incompatible_states_are_reported_at_once_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(10), 1);
    let mut targets = Targets::new();
    targets.add(UID, "totals", Role::Value, serializer::<u8>().snapshot().clone());
    targets.add(UID, "recent", Role::ListElement, serializer::<i32>().snapshot().clone());
    targets.add(UID, "routes", Role::Value, serializer::<u16>().snapshot().clone());
    targets.add_key(UID, serializer::<three::Aircraft>().snapshot().clone());
    let error = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(error, folder.path()));
    assert_eq!(names(folder.path()), ["stored"]);
}

mod taught {
    use typeser::StateType;

    #[derive(StateType)]
    #[state(name = "Totals", removed("note", "delay", "punctuality"))]
    pub(crate) struct Totals {
        #[state(convert(u32, with = half))]
        departures: u8,
    }

    fn half(departures: u32) -> Result<u8, std::num::TryFromIntError> {
        (departures / 2).try_into()
    }
}

#[test]
fn functions_of_the_program_are_listed_and_called_where_they_are_at_hand() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(10), 1);
    let taught = serializer::<taught::Totals>();
    let mut targets = Targets::new();
    targets.add(UID, "totals", Role::Value, taught.snapshot().clone());
    let error = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap_err();
    assert!(
        matches!(&error, ProcessError::Refused(refused) if refused.functions()[0].ids == ["Totals.departures: half"])
    );
    insta::assert_snapshot!("functions", steady(error, folder.path()));
    assert_eq!(names(folder.path()), ["stored"]);

    // Inside the program they are at hand.
    let mut targets = Targets::new();
    targets.add_serializer(UID, "totals", Role::Value, &taught);
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    let migrated = plan.run(folder.path().join("new"), &mut |_| ()).unwrap();
    let entries = Query::new().operator(UID).state("totals").run(&migrated).unwrap();
    let halves: Vec<String> =
        entries.map(|entry| entry.unwrap().value.get("departures").unwrap().to_string()).collect();
    assert_eq!(halves.len(), 8);

    // A function that refuses a value refuses the row: a dry run reports all such rows, a run stops at the first.
    let savepoint = write(&folder.path().join("larger"), &many(530), 1);
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    let forecast = plan.dry_run(&mut |_| ()).unwrap();
    let totals = &forecast.states[0];
    let failures: Vec<String> = totals
        .failures
        .iter()
        .map(|failure| format!("{} {} at {}: {}", failure.role, failure.key, failure.offset, failure.reason))
        .collect();
    insta::assert_debug_snapshot!("rows_that_fail", (totals.failed, failures));
    assert_eq!(totals.entries, 424);
    let error = plan.run(folder.path().join("never"), &mut |_| ()).unwrap_err();
    insta::assert_snapshot!("row_that_fails", steady(error, folder.path()));
    assert_eq!(names(folder.path()), ["larger", "new", "stored"]);
}

#[test]
fn what_is_not_stored_cannot_be_given_a_serializer() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(3), 1);
    let mut targets = Targets::new();
    let snapshot = serializer::<u8>().snapshot().clone();
    targets.add(UID, "total", Role::Value, snapshot.clone());
    targets.add(UID, "recent", Role::Value, snapshot.clone());
    targets.add_key("flight", snapshot);
    let error = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap_err();
    insta::assert_snapshot!(steady(error, folder.path()));
}

#[test]
fn an_output_that_is_there_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(3), 1);
    let targets = Choice { key: 0, totals: 2, recent: 0, routes: 0 }.targets();
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    fs::create_dir(folder.path().join("new")).unwrap();
    let error = plan.run(folder.path().join("new"), &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    let error = plan.run(savepoint.path(), &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    assert_eq!(names(folder.path()), ["new", "stored"]);
}

#[test]
fn a_savepoint_of_some_instances_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let known = many(50);
    let part = |number| support::instance(&known, 3, number);
    let writer = Savepoint::create(folder.path().join("stored")).unwrap().allow_missing_key_groups();
    let savepoint = writer.operator(&part(0)).unwrap().operator(&part(2)).unwrap().finish().unwrap();
    let targets = Choice { key: 1, totals: 2, recent: 1, routes: 3 }.targets();
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    let migrated = plan.run(folder.path().join("new"), &mut |_| ()).unwrap();
    migrated.verify().unwrap();
    let ranges = |savepoint: &Savepoint| {
        savepoint.operators()[0].files().iter().map(|file| file.key_groups()).collect::<Vec<_>>()
    };
    assert_eq!(ranges(&migrated), ranges(&savepoint));
}

#[test]
fn damage_is_found_in_files_that_stay_as_they_are_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(20), 1);
    let file = savepoint.path().join("00001-00000-00127.rows");
    let good = fs::read(&file).unwrap();
    let targets = Choice { key: 0, totals: 2, recent: 0, routes: 0 }.targets();
    for options in [ProcessOptions::new(), ProcessOptions::new().with_hard_links()] {
        let plan = MigrationPlan::new(&savepoint, &targets, &options).unwrap();
        for at in (0..good.len()).step_by(7) {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            fs::write(&file, &bad).unwrap();
            let error = plan.run(folder.path().join("new"), &mut |_| ()).unwrap_err().to_string();
            assert!(error.contains("00001-00000-00127.rows: at offset"), "{error}");
            let error = plan.dry_run(&mut |_| ()).unwrap_err().to_string();
            assert!(error.contains("00001-00000-00127.rows: at offset"), "{error}");
        }
        fs::write(&file, &good[..good.len() - 5]).unwrap();
        let error = plan.run(folder.path().join("new"), &mut |_| ()).unwrap_err().to_string();
        assert!(error.contains("cut off"), "{error}");
        fs::write(&file, &good).unwrap();
        assert_eq!(names(folder.path()), ["stored"]);
    }
}

#[test]
fn a_hard_link_outlives_the_savepoint_that_it_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(20), 1);
    let targets = Choice { key: 1, totals: 1, recent: 0, routes: 0 }.targets();
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new().with_hard_links()).unwrap();
    assert!(plan.states().iter().all(|state| state.cost == Cost::Metadata));
    let migrated = plan.run(folder.path().join("new"), &mut |_| ()).unwrap();
    #[cfg(unix)]
    for file in ["00000-00000-00127.rows", "00001-00000-00127.rows"] {
        use std::os::unix::fs::MetadataExt as _;
        let inode = |savepoint: &Savepoint| fs::metadata(savepoint.path().join(file)).unwrap().ino();
        assert_eq!(inode(&migrated), inode(&savepoint), "{file} takes no extra room");
    }
    fs::remove_dir_all(savepoint.path()).unwrap();
    migrated.verify().unwrap();
}

#[test]
fn progress_ends_at_all_rows() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(200), 2);
    let targets = Choice { key: 0, totals: 2, recent: 0, routes: 3 }.targets();
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    let mut last = (0, 0, 0, 0);
    plan.run(folder.path().join("new"), &mut |progress| {
        assert!(progress.entries >= last.0 && progress.bytes >= last.2);
        last = (progress.entries, progress.total_entries, progress.bytes, progress.total_bytes);
    })
    .unwrap();
    assert!(last.0 > 200 && last.0 == last.1 && last.2 == last.3, "{last:?}");
}
