//! Real types evolve, and their state comes along or is refused as a whole: every verdict, every problem at once.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use typeser::StateType;
use typeser::resolve::Compatibility;
use typeser_state::backend::{MemoryBackend, RedbBackend};
use typeser_state::descriptor::SerializerPart;
use typeser_state::key_group::MaxParallelism;
use typeser_state::keyed::{KeyedStateBackend, ListState, MapState, Operator, ValueState};
use typeser_state::restore::{Progress, RestoreError, RestoreOptions, StateVerdict, check_operators};
use typeser_state::savepoint::Savepoint;

/// The first release.
mod one {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub(crate) struct Totals {
        pub(crate) departures: u32,
        pub(crate) delay: i32,
        pub(crate) punctuality: Punctuality,
        pub(crate) note: String,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub(crate) enum Punctuality {
        OnTime,
        Late { minutes: u16 },
    }
}

/// The second release: fields and variants in another order.
mod two {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub(crate) struct Totals {
        pub(crate) note: String,
        pub(crate) punctuality: Punctuality,
        pub(crate) departures: u32,
        pub(crate) delay: i32,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub(crate) enum Punctuality {
        Cancelled,
        Late { minutes: u16 },
        OnTime,
    }
}

/// The third release: wider, renamed, added, removed.
mod three {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq)]
    #[state(removed("note"))]
    pub(crate) struct Totals {
        #[state(alias = "departures")]
        pub(crate) flights: u64,
        pub(crate) punctuality: Punctuality,
        pub(crate) delay: i64,
        #[state(default = 7)]
        pub(crate) airports: u8,
    }

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub(crate) enum Punctuality {
        Cancelled,
        Late { minutes: u16 },
        OnTime,
    }
}

type Backend = MemoryBackend;

struct Program<T, E, K, V> {
    operator: Operator<String>,
    totals: ValueState<T>,
    recent: ListState<E>,
    by_day: MapState<K, V>,
}

fn program<T, E, K, V>() -> Program<T, E, K, V>
where
    T: StateType,
    E: StateType,
    K: typeser::StateKey,
    V: StateType,
{
    let mut operator = Operator::new("flights").unwrap();
    let totals = operator.value("totals").unwrap();
    let recent = operator.list("recent").unwrap();
    let by_day = operator.map("by-day").unwrap();
    Program { operator, totals, recent, by_day }
}

fn first() -> Program<one::Totals, i16, u16, u32> {
    program()
}

fn first_totals(number: u32) -> one::Totals {
    let punctuality = if number.is_multiple_of(2) {
        one::Punctuality::OnTime
    } else {
        one::Punctuality::Late { minutes: number as u16 }
    };
    one::Totals { departures: number, delay: -(number as i32), punctuality, note: format!("note {number}") }
}

const KEYS: u32 = 50;

fn key(number: u32) -> String {
    format!("N{number}")
}

/// The state of the first release, in a savepoint.
fn first_savepoint(directory: &Path) -> Savepoint {
    let program = first();
    let mut state = program.operator.open(Backend::new()).unwrap();
    for number in 0..KEYS {
        state.set_current_key(&key(number)).unwrap();
        program.totals.update(&mut state, &first_totals(number)).unwrap();
        program.recent.add_all(&mut state, &[number as i16, -1, 300]).unwrap();
        for day in 0..number as u16 % 4 {
            program.by_day.put(&mut state, &(day * 300), &(number + u32::from(day))).unwrap();
        }
    }
    save(directory, &state)
}

fn save<K: StateType>(directory: &Path, state: &KeyedStateBackend<K, Backend>) -> Savepoint {
    Savepoint::create(directory).unwrap().operator(state).unwrap().finish().unwrap()
}

/// Every row of a state: its key with what stands behind, and its value.
fn rows(savepoint: &Savepoint, state: &str) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut rows = savepoint.rows("flights").unwrap();
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next_row().unwrap() {
        if row.state.name() == state {
            found.insert(row.key_bytes.to_vec(), row.value.to_vec());
        }
    }
    found
}

/// Every byte of a directory.
fn content(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn refused(error: &RestoreError, directory: &Path) -> String {
    assert!(matches!(error, RestoreError::Refused(_)), "{error}");
    error.to_string().replace(&directory.display().to_string(), "<folder>")
}

fn options() -> RestoreOptions {
    RestoreOptions::new()
}

#[test]
fn reordered_types_keep_every_stored_byte() {
    let folder = tempfile::tempdir().unwrap();
    let stored = first_savepoint(&folder.path().join("1"));
    let before = content(stored.path());

    let second: Program<two::Totals, i16, u16, u32> = program();
    let plan = second.operator.plan(&stored, &options()).unwrap();
    let verdicts: Vec<_> = plan.states().iter().map(|state| (state.name(), state.verdict())).collect();
    let restored = StateVerdict::Restored;
    assert_eq!(
        verdicts,
        [
            ("totals", restored(Compatibility::AfterReconfigure)),
            ("recent", restored(Compatibility::Compatible)),
            ("by-day", restored(Compatibility::Compatible)),
        ]
    );
    let mut state = plan.run(Backend::new(), &mut |_| ()).unwrap();
    state.set_current_key(&key(3)).unwrap();
    let expected = two::Totals {
        note: "note 3".to_owned(),
        punctuality: two::Punctuality::Late { minutes: 3 },
        departures: 3,
        delay: -3,
    };
    assert_eq!(second.totals.get(&mut state).unwrap(), Some(expected.clone()));

    let untouched = save(&folder.path().join("2"), &state);
    for name in ["totals", "recent", "by-day"] {
        assert_eq!(rows(&untouched, name), rows(&stored, name), "{name}");
    }

    // What is written from now on has the stored layout too, and the next release reads all of it.
    let cancelled = two::Totals { punctuality: two::Punctuality::Cancelled, ..expected };
    second.totals.update(&mut state, &cancelled).unwrap();
    let written = save(&folder.path().join("3"), &state);
    let mut again = second.operator.restore(&written, Backend::new(), &options(), &mut |_| ()).unwrap();
    again.set_current_key(&key(3)).unwrap();
    assert_eq!(second.totals.get(&mut again).unwrap(), Some(cancelled));
    again.set_current_key(&key(4)).unwrap();
    assert_eq!(second.totals.get(&mut again).unwrap().unwrap().punctuality, two::Punctuality::OnTime);

    let stored_serializer = |savepoint: &Savepoint| {
        let operator = savepoint.operator("flights").unwrap();
        operator.meta().state("totals").unwrap().serializer(SerializerPart::Value).unwrap().schema().clone()
    };
    assert_ne!(stored_serializer(&stored), stored_serializer(&untouched), "the adopted snapshot is stored");
    assert_eq!(stored_serializer(&untouched), stored_serializer(&written));
    assert_eq!(content(stored.path()), before);
}

#[test]
fn widened_renamed_added_and_removed_fields_are_migrated_from_either_release() {
    let folder = tempfile::tempdir().unwrap();
    let stored = first_savepoint(&folder.path().join("1"));
    let before = content(stored.path());
    let second: Program<two::Totals, i16, u16, u32> = program();
    let state = second.operator.restore(&stored, Backend::new(), &options(), &mut |_| ()).unwrap();
    let reconfigured = save(&folder.path().join("2"), &state);

    let third: Program<three::Totals, i32, u32, u64> = program();
    for source in [&stored, &reconfigured] {
        let plan = third.operator.plan(source, &options()).unwrap();
        let migrated = StateVerdict::Restored(Compatibility::RequiresMigration);
        assert!(plan.states().iter().all(|state| state.verdict() == migrated), "{plan:?}");
        let mut state = plan.run(Backend::new(), &mut |_| ()).unwrap();
        for number in 0..KEYS {
            state.set_current_key(&key(number)).unwrap();
            let was = first_totals(number);
            let punctuality = match was.punctuality {
                one::Punctuality::OnTime => three::Punctuality::OnTime,
                one::Punctuality::Late { minutes } => three::Punctuality::Late { minutes },
            };
            let expected = three::Totals {
                flights: u64::from(was.departures),
                punctuality,
                delay: i64::from(was.delay),
                airports: 7,
            };
            assert_eq!(third.totals.get(&mut state).unwrap(), Some(expected));
            assert_eq!(third.recent.get(&mut state).unwrap(), [number as i32, -1, 300]);
            let mut days = third.by_day.entries(&mut state).unwrap();
            days.sort_unstable();
            let expected: Vec<_> = (0..number % 4).map(|day| (day * 300, u64::from(number + day))).collect();
            assert_eq!(days, expected);
            for (day, value) in expected {
                assert_eq!(third.by_day.get(&mut state, &day).unwrap(), Some(value), "rows of entries have moved");
            }
            third.recent.add(&mut state, &1_000_000).unwrap();
            assert_eq!(third.recent.get(&mut state).unwrap(), [number as i32, -1, 300, 1_000_000]);
        }
        assert_eq!(state.keys().unwrap().len(), KEYS as usize);
    }
    assert_eq!(content(stored.path()), before);
}

#[test]
fn keys_of_reordered_variants_are_found_again() {
    mod before {
        #[derive(typeser::StateType, Debug, Clone, PartialEq, Eq, Hash)]
        #[state(key)]
        pub(super) enum Airport {
            Ewr,
            Jfk,
        }
    }
    mod after {
        #[derive(typeser::StateType, Debug, Clone, PartialEq, Eq, Hash)]
        #[state(key)]
        pub(super) enum Airport {
            Lga,
            Jfk,
            Ewr,
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<before::Airport>::new("flights").unwrap();
    let value = operator.value::<u32>("departures").unwrap();
    let by_airport = operator.map::<before::Airport, u32>("to").unwrap();
    let mut state = operator.open(Backend::new()).unwrap();
    for (key, count) in [(before::Airport::Ewr, 1), (before::Airport::Jfk, 2)] {
        state.set_current_key(&key).unwrap();
        value.update(&mut state, &count).unwrap();
        by_airport.put(&mut state, &key, &(count * 10)).unwrap();
    }
    let stored = save(&folder.path().join("1"), &state);

    let mut operator = Operator::<after::Airport>::new("flights").unwrap();
    let value = operator.value::<u32>("departures").unwrap();
    let by_airport = operator.map::<after::Airport, u32>("to").unwrap();
    let plan = operator.plan(&stored, &options()).unwrap();
    assert_eq!(plan.key(), Some(Compatibility::AfterReconfigure));
    let mut state = plan.run(Backend::new(), &mut |_| ()).unwrap();
    let next = save(&folder.path().join("2"), &state);
    assert_eq!(rows(&next, "departures"), rows(&stored, "departures"));
    assert_eq!(rows(&next, "to"), rows(&stored, "to"));
    let expected = [(after::Airport::Ewr, Some(1)), (after::Airport::Jfk, Some(2)), (after::Airport::Lga, None)];
    for (key, count) in &expected {
        state.set_current_key(key).unwrap();
        assert_eq!(value.get(&mut state).unwrap(), *count);
        assert_eq!(by_airport.get(&mut state, key).unwrap(), count.map(|count| count * 10));
    }
    value.update(&mut state, &3).unwrap();
    let again = save(&folder.path().join("3"), &state);
    let mut state = operator.restore(&again, Backend::new(), &options(), &mut |_| ()).unwrap();
    state.set_current_key(&after::Airport::Lga).unwrap();
    assert_eq!(value.get(&mut state).unwrap(), Some(3));
    let mut keys = state.keys().unwrap();
    keys.sort_by_key(|key| format!("{key:?}"));
    assert_eq!(keys, [after::Airport::Ewr, after::Airport::Jfk, after::Airport::Lga]);
}

#[test]
fn progress_is_reported_for_every_state_up_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let program = first();
    let mut state = program.operator.open(Backend::new()).unwrap();
    for number in 0..2000 {
        state.set_current_key(&key(number)).unwrap();
        program.totals.update(&mut state, &one::Totals { note: "x".repeat(1000), ..first_totals(1) }).unwrap();
        program.recent.add(&mut state, &1).unwrap();
    }
    let stored = save(&folder.path().join("1"), &state);
    let mut reported: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    let mut last = BTreeMap::new();
    let mut times = BTreeMap::new();
    let mut progress = |progress: &Progress<'_>| {
        assert_eq!(progress.operator, "flights");
        reported.entry(progress.state.to_owned()).or_default().push((progress.entries, progress.total_entries));
        last.insert(progress.state.to_owned(), progress.bytes == progress.total_bytes);
        times.insert(progress.state.to_owned(), progress.time);
    };
    let started = Instant::now();
    program.operator.restore(&stored, Backend::new(), &options(), &mut progress).unwrap();
    let took = started.elapsed();
    assert_eq!(reported.keys().collect::<Vec<_>>(), ["recent", "totals"]);
    assert!(reported["totals"].len() > 1, "2 MB are more than one batch: {reported:?}");
    for steps in reported.values() {
        assert!(steps.is_sorted());
        assert_eq!(steps.last(), Some(&(2000, 2000)));
    }
    assert!(last.values().all(|whole| *whole), "{last:?}");
    assert!(times.values().all(|time| !time.is_zero()), "{times:?}");
    assert!(times.values().sum::<Duration>() <= took, "{times:?} of {took:?}");
}

/// Declares what fits in nothing.
fn misfit(max_parallelism: u32) -> Operator<(String,)> {
    let mut operator = Operator::<(String,)>::new("flights")
        .unwrap()
        .with_max_parallelism(MaxParallelism::new(max_parallelism).unwrap())
        .unwrap();
    operator.list::<one::Totals>("totals").unwrap();
    operator.list::<i8>("recent").unwrap();
    operator.value::<u64>("new").unwrap();
    operator
}

#[test]
fn all_problems_are_reported_at_once_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let program = first();
    let mut state = program.operator.open(Backend::new()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    program.by_day.put(&mut state, &1, &1).unwrap();
    let mut gone = Operator::<u8>::new("gone").unwrap();
    gone.value::<u8>("state").unwrap();
    let gone = gone.open(Backend::new()).unwrap();
    let directory = folder.path().join("1");
    let stored =
        Savepoint::create(&directory).unwrap().operator(&state).unwrap().operator(&gone).unwrap().finish().unwrap();
    let before = content(stored.path());

    let file = folder.path().join("state.redb");
    let backend = RedbBackend::open(&file).unwrap();
    let error = misfit(64).restore(&stored, backend, &options(), &mut |_| panic!("nothing is restored")).unwrap_err();
    insta::assert_snapshot!(refused(&error, folder.path()));
    let RestoreError::Refused(refusal) = &error else { panic!("{error}") };
    assert_eq!(refusal.problems().len(), 6);
    assert_eq!(content(stored.path()), before);
    // The backend is as empty as before.
    program.operator.open(RedbBackend::open(&file).unwrap()).unwrap();
}

#[test]
fn a_map_key_that_could_collide_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let stored = first_savepoint(&folder.path().join("1"));
    let narrower: Program<one::Totals, i16, u8, u32> = program();
    let error = narrower.operator.plan(&stored, &options()).unwrap_err();
    insta::assert_snapshot!(refused(&error, folder.path()));
}

#[test]
fn what_is_not_restored_has_to_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let stored = first_savepoint(&folder.path().join("1"));
    let declare = || {
        let mut operator = Operator::<String>::new("flights").unwrap();
        let recent = operator.list::<i16>("recent").unwrap();
        let added = operator.value::<String>("added").unwrap();
        (operator, recent, added)
    };
    let (operator, recent, added) = declare();
    let error = operator.plan(&stored, &options()).unwrap_err();
    insta::assert_snapshot!(refused(&error, folder.path()));
    operator.plan(&stored, &options().drop_state("flights", "totals")).unwrap_err();

    let both = options().drop_state("flights", "totals").drop_state("flights", "by-day");
    for options in [both, options().allow_non_restored_state()] {
        let plan = operator.plan(&stored, &options).unwrap();
        let verdicts: Vec<_> =
            plan.states().iter().map(|state| format!("{} {}", state.name(), state.verdict())).collect();
        assert_eq!(verdicts, ["totals dropped", "recent compatible", "by-day dropped", "added new"]);
        let mut state = plan.run(Backend::new(), &mut |_| ()).unwrap();
        state.set_current_key(&key(5)).unwrap();
        assert_eq!(recent.get(&mut state).unwrap(), [5, -1, 300]);
        assert_eq!(added.get(&mut state).unwrap(), None);
        added.update(&mut state, &"new".to_owned()).unwrap();
        let directory = tempfile::tempdir_in(folder.path()).unwrap();
        let next = save(&directory.path().join("next"), &state);
        let names: Vec<_> = next.operators()[0].meta().states().iter().map(|state| state.name()).collect();
        assert_eq!(names, ["recent", "added"]);
        assert_eq!(rows(&next, "totals"), BTreeMap::new());
        let (operator, recent, added) = declare();
        let mut state = operator.restore(&next, Backend::new(), &RestoreOptions::new(), &mut |_| ()).unwrap();
        state.set_current_key(&key(5)).unwrap();
        assert_eq!(recent.get(&mut state).unwrap(), [5, -1, 300]);
        assert_eq!(added.get(&mut state).unwrap(), Some("new".to_owned()));
    }
}

#[test]
fn a_state_that_changed_its_kind_can_start_empty() {
    let folder = tempfile::tempdir().unwrap();
    let stored = first_savepoint(&folder.path().join("1"));
    let mut operator = Operator::<String>::new("flights").unwrap();
    let totals = operator.list::<one::Totals>("totals").unwrap();
    operator.list::<i16>("recent").unwrap();
    operator.map::<u16, u32>("by-day").unwrap();
    let error = operator.plan(&stored, &options()).unwrap_err();
    insta::assert_snapshot!(refused(&error, folder.path()));
    let options = options().reset_state("flights", "totals");
    let mut state = operator.restore(&stored, Backend::new(), &options, &mut |_| ()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    assert_eq!(totals.get(&mut state).unwrap(), []);
    let next = save(&folder.path().join("2"), &state);
    assert_eq!(rows(&next, "totals"), BTreeMap::new());
    assert_eq!(rows(&next, "by-day"), rows(&stored, "by-day"));
}

#[test]
fn operators_are_matched_by_uid() {
    let folder = tempfile::tempdir().unwrap();
    let stored = first_savepoint(&folder.path().join("1"));
    let mut other = Operator::<u64>::new("other").unwrap();
    let value = other.value::<u8>("totals").unwrap();
    let error = other.plan(&stored, &options()).unwrap_err();
    insta::assert_snapshot!(refused(&error, folder.path()));
    // A new operator starts empty, if the stored one is somebody's business.
    for options in [options().with_operator("flights"), options().allow_non_restored_state()] {
        let mut state = other.restore(&stored, Backend::new(), &options, &mut |_| ()).unwrap();
        state.set_current_key(&1).unwrap();
        assert_eq!(value.get(&mut state).unwrap(), None);
        assert_eq!(state.keys().unwrap(), [0_u64; 0]);
    }
    check_operators(&stored, &["other", "flights"], &options()).unwrap();
    check_operators(&stored, &[], &options().allow_non_restored_state()).unwrap();
    let error = check_operators(&stored, &["other"], &options()).unwrap_err();
    assert!(error.to_string().starts_with("the program does not fit what is stored in "), "{error}");
}

#[test]
fn a_restore_that_failed_half_way_is_no_state_and_can_be_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let program = first();
    let mut state = program.operator.open(Backend::new()).unwrap();
    for number in 0..3000 {
        state.set_current_key(&key(number)).unwrap();
        program.totals.update(&mut state, &one::Totals { note: "x".repeat(1000), ..first_totals(1) }).unwrap();
    }
    let stored = save(&folder.path().join("1"), &state);
    let rows = stored.path().join(stored.operators()[0].files()[0].name());
    let good = fs::read(&rows).unwrap();
    let mut bad = good.clone();
    let last = bad.len() - 1000;
    bad[last] ^= 1;
    fs::write(&rows, &bad).unwrap();

    let file = folder.path().join("state.redb");
    let open = || RedbBackend::open_with_buffer(&file, 10_000).unwrap();
    let mut batches = 0;
    let error = program.operator.restore(&stored, open(), &options(), &mut |_| batches += 1).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("00000-00000-00127.rows: at offset "), "{text}");
    assert!(batches > 0, "the damage lies behind the first batch");
    let error = program.operator.open(open()).unwrap_err().to_string();
    assert_eq!(
        error.replace(&folder.path().display().to_string(), "<folder>"),
        "the backend holds an unfinished restore from <folder>/1: run the restore again (a killed one continues where it \
         stopped, a failed one or another one starts over), or choose another backend"
    );

    // Another savepoint, with fewer keys: nothing of the first may be left.
    let other = first_savepoint(&folder.path().join("2"));
    let mut memory = Backend::new();
    program.operator.restore(&stored, &mut memory, &options(), &mut |_| ()).unwrap_err();
    assert!(matches!(program.operator.open(&mut memory).unwrap_err(), RestoreError::Unfinished { .. }));
    let state = program.operator.restore(&other, &mut memory, &options(), &mut |_| ()).unwrap();
    assert_eq!(state.keys().unwrap().len(), KEYS as usize);
    let state = program.operator.restore(&other, open(), &options(), &mut |_| ()).unwrap();
    assert_eq!(state.keys().unwrap().len(), KEYS as usize);
    drop(state);
    let mut state = program.operator.open(open()).unwrap();
    assert_eq!(state.keys().unwrap().len(), KEYS as usize);
    state.set_current_key(&key(17)).unwrap();
    assert_eq!(program.totals.get(&mut state).unwrap(), Some(first_totals(17)));
    drop(state);
    fs::write(&rows, &good).unwrap();
    let error = program.operator.restore(&stored, open(), &options(), &mut |_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the backend holds state already (key groups 0..=127 of operator `flights`): a restore needs an empty one; \
         open it instead, or choose another"
    );
}

#[test]
fn a_backend_on_disk_is_resolved_when_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let stored = first_savepoint(&folder.path().join("1"));
    let file = folder.path().join("state.redb");
    let open = || RedbBackend::open(&file).unwrap();
    drop(first().operator.restore(&stored, open(), &options(), &mut |_| ()).unwrap());

    // Reordered types: taken over, twice, because the adopted snapshot is stored.
    let second: Program<two::Totals, i16, u16, u32> = program();
    for _ in 0..2 {
        let mut state = second.operator.open(open()).unwrap();
        state.set_current_key(&key(3)).unwrap();
        let mut totals = second.totals.get(&mut state).unwrap().unwrap();
        assert_eq!(totals.punctuality, two::Punctuality::Late { minutes: 3 });
        totals.departures += 1;
        second.totals.update(&mut state, &totals).unwrap();
        state.flush().unwrap();
    }

    let third: Program<three::Totals, i16, u16, u32> = program();
    let needs_restore = third.operator.open(open()).unwrap_err();
    let misfit = misfit(128).open(open()).unwrap_err();
    let others = [
        Operator::<String>::new("others").unwrap().open(open()).unwrap_err(),
        Operator::<String>::new("flights")
            .unwrap()
            .with_key_groups(typeser_state::key_group::KeyGroupRange::new(0, 9).unwrap())
            .unwrap()
            .open(open())
            .unwrap_err(),
    ];
    for error in [&needs_restore, &misfit] {
        assert!(matches!(error, RestoreError::Refused(_)), "{error}");
    }
    let texts = [needs_restore, misfit].into_iter().chain(others).map(|error| error.to_string());
    insta::assert_snapshot!(texts.collect::<Vec<_>>().join("\n----\n"));

    // Nobody has changed anything.
    let mut state = second.operator.open(open()).unwrap();
    state.set_current_key(&key(3)).unwrap();
    assert_eq!(second.totals.get(&mut state).unwrap().unwrap().departures, 5);
    drop(state);

    // A savepoint of it is the way out.
    let state = second.operator.open(open()).unwrap();
    let exported = Savepoint::create(folder.path().join("2")).unwrap().operator(&state).unwrap().finish().unwrap();
    drop(state);
    let mut state = third.operator.restore(&exported, Backend::new(), &options(), &mut |_| ()).unwrap();
    state.set_current_key(&key(3)).unwrap();
    assert_eq!(third.totals.get(&mut state).unwrap().unwrap().flights, 5);
}

/// A release that stored texts where the next one counts.
mod texts {
    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq)]
    #[state(name = "Totals")]
    pub(crate) struct Totals {
        pub(crate) notes: Vec<String>,
        pub(crate) departures: String,
    }

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(name = "Day", key)]
    pub(crate) struct Day {
        pub(crate) day: String,
    }
}

mod numbers {
    use std::num::ParseIntError;

    use typeser::StateType;

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub(crate) struct Totals {
        pub(crate) notes: Vec<String>,
        #[state(convert(String, with = parse))]
        pub(crate) departures: u32,
    }

    #[derive(StateType, Debug, Clone, PartialEq, Eq, Hash)]
    #[state(key)]
    pub(crate) struct Day {
        #[state(convert(String, with = parse, injective))]
        pub(crate) day: u32,
    }

    fn parse(text: String) -> Result<u32, ParseIntError> {
        text.parse()
    }
}

#[test]
fn a_function_that_refuses_names_all_and_nothing_is_lost() {
    use {numbers as new, texts as old};
    type Old = Program<old::Totals, old::Totals, old::Day, old::Totals>;
    type New = Program<new::Totals, new::Totals, new::Day, new::Totals>;
    let totals = |departures: &str| old::Totals { notes: vec!["n".to_owned(); 2], departures: departures.to_owned() };
    let (day, folder) = (|day: &str| old::Day { day: day.to_owned() }, tempfile::tempdir().unwrap());
    let stored = |name: &str, faults: [&str; 4]| {
        let [value, element, user_key, entry] = faults;
        let program: Old = program();
        let mut state = program.operator.open(Backend::new()).unwrap();
        for number in 0..KEYS {
            let or = |fault: &str| if number == 7 { fault.to_owned() } else { number.to_string() };
            state.set_current_key(&key(number)).unwrap();
            program.totals.update(&mut state, &totals(&or(value))).unwrap();
            program.recent.add_all(&mut state, &[totals("1"), totals(&or(element))]).unwrap();
            program.by_day.put(&mut state, &day(&or(user_key)), &totals(&or(entry))).unwrap();
        }
        save(&folder.path().join(name), &state)
    };
    let next: New = program();
    let mut messages = Vec::new();
    let file = folder.path().join("state.redb");
    let cases = [
        ("value", ["cheap", "1", "7", "1"], "totals"),
        ("element", ["1", "cheap", "7", "1"], "recent"),
        ("user key", ["1", "1", "cheap", "1"], "by-day"),
        ("entry", ["1", "1", "7", "cheap"], "by-day"),
    ];
    for (name, faults, at) in cases {
        let savepoint = stored(name, faults);
        let before = content(savepoint.path());
        let mut memory = Backend::new();
        let error = next.operator.restore(&savepoint, &mut memory, &options(), &mut |_| ()).unwrap_err();
        assert_eq!(content(savepoint.path()), before);
        assert!(matches!(next.operator.open(&mut memory).unwrap_err(), RestoreError::Unfinished { .. }));
        messages.push(error.to_string().replace(&folder.path().display().to_string(), "<folder>"));

        // On disk it is the same; and without the state all the others come along.
        let error = next.operator.restore(&savepoint, RedbBackend::open(&file).unwrap(), &options(), &mut |_| ());
        let on_disk = error.unwrap_err().to_string().replace(&folder.path().display().to_string(), "<folder>");
        assert_eq!(messages.last(), Some(&on_disk));
        let without = options().reset_state("flights", at);
        let mut state = next.operator.restore(&savepoint, &mut memory, &without, &mut |_| ()).unwrap();
        state.set_current_key(&key(7)).unwrap();
        assert_eq!(next.totals.get(&mut state).unwrap().is_some(), at != "totals");
        assert_eq!(next.recent.get(&mut state).unwrap().len(), if at == "recent" { 0 } else { 2 });
    }
    insta::assert_snapshot!(messages.join("\n----\n"));

    // What was repaired comes along as a whole, into the backend of the restore that failed.
    let repaired = stored("repaired", ["7", "7", "7", "7"]);
    let mut state =
        next.operator.restore(&repaired, RedbBackend::open(&file).unwrap(), &options(), &mut |_| ()).unwrap();
    for number in 0..KEYS {
        state.set_current_key(&key(number)).unwrap();
        let totals = |departures| new::Totals { notes: vec!["n".to_owned(); 2], departures };
        assert_eq!(next.totals.get(&mut state).unwrap(), Some(totals(number)));
        assert_eq!(next.recent.get(&mut state).unwrap(), [totals(1), totals(number)]);
        let entry = next.by_day.get(&mut state, &new::Day { day: number }).unwrap();
        assert_eq!(entry, Some(totals(number)));
    }
}

#[test]
fn map_keys_that_a_function_makes_equal_are_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let program_1: Program<u8, u8, texts::Day, u8> = program();
    let mut state = program_1.operator.open(Backend::new()).unwrap();
    state.set_current_key(&key(1)).unwrap();
    for (day, value) in [("7", 1), ("+7", 2)] {
        program_1.by_day.put(&mut state, &texts::Day { day: day.to_owned() }, &value).unwrap();
    }
    let stored = save(&folder.path().join("1"), &state);
    let next: Program<u8, u8, numbers::Day, u8> = program();
    let error = next.operator.restore(&stored, Backend::new(), &options(), &mut |_| ()).unwrap_err();
    assert!(matches!(error, RestoreError::Collision { .. }), "{error}");
}
