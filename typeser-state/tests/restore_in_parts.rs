//! A restore is the same however many threads do it and however often it is interrupted, and can be tried without a
//! backend.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use typeser::resolve::Role;
use typeser::{Serializer, TypeSerializer as _};
use typeser_state::backend::{Backend, MemoryBackend, ReadRows as _, RedbBackend, RowRange};
use typeser_state::descriptor::{StateMeta, ValueStateDescriptor};
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::{ManualClock, Operator};
use typeser_state::processor::{
    EntryPlace, Forecast, MigrationPlan, ProcessError, ProcessOptions, Query, RekeyPlan, SavepointEdit, Targets,
};
use typeser_state::restore::{RestoreError, RestoreOptions};
use typeser_state::savepoint::Savepoint;

/// The first release.
mod one {
    #[derive(typeser::StateType, Debug)]
    pub(crate) struct Account {
        pub(crate) id: u32,
        pub(crate) note: String,
        pub(crate) owner: String,
    }
}

/// The second: a number is wider, a text is gone, and one id cannot be converted.
mod two {
    #[derive(typeser::StateType, Debug, PartialEq)]
    #[state(removed("note"))]
    pub(crate) struct Account {
        #[state(convert(u32, with = double))]
        pub(crate) id: u64,
        pub(crate) owner: String,
    }

    /// Number 4,711 cannot be converted.
    fn double(id: u32) -> Result<u64, String> {
        if id == super::BAD { Err(format!("account {id} is closed")) } else { Ok(u64::from(id) * 2) }
    }
}

const BAD: u32 = 4_711;
const UID: &str = "accounts";

/// About 60 bytes a row.
fn savepoint(path: &Path, rows: u32) -> Savepoint {
    savepoint_of("owner", path, rows)
}

/// What owners are called does not change how long anything is.
fn savepoint_of(owner: &str, path: &Path, rows: u32) -> Savepoint {
    let mut operator = Operator::<u32>::new(UID).unwrap();
    let account = operator.value::<one::Account>("account").unwrap();
    let seen = operator.map::<u16, u32>("seen").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for id in 0..rows {
        state.set_current_key(&id).unwrap();
        let (note, owner) =
            (if id % 3 == 0 { "n".repeat(id as usize % 20) } else { String::new() }, format!("{owner} {id}"));
        account.update(&mut state, &one::Account { id, note, owner }).unwrap();
        for day in 0..id as u16 % 3 {
            seen.put(&mut state, &day, &id).unwrap();
        }
    }
    Savepoint::create(path).unwrap().operator(&state).unwrap().finish().unwrap()
}

fn second() -> Operator<u32> {
    let mut operator = Operator::<u32>::new(UID).unwrap();
    operator.value::<two::Account>("account").unwrap();
    operator.map::<u32, u64>("seen").unwrap();
    operator
}

/// Every row of every table.
fn rows(backend: &mut dyn Backend) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    for name in ["typeser.rows", "typeser.metadata", "typeser.timers"] {
        let table = backend.find_table(name).unwrap().unwrap();
        backend
            .scan(table, RowRange::ALL, &mut |key, value| {
                rows.push((key.to_vec(), value.to_vec()));
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    rows
}

#[test]
fn any_number_of_threads_gives_the_same_rows_and_the_same_progress() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = savepoint(&folder.path().join("one"), 60_000.min(BAD));
    let restore = |threads| {
        let options = RestoreOptions::new().with_workers(threads);
        let mut calls = Vec::new();
        let state = second().restore(&savepoint, MemoryBackend::new(), &options, &mut |progress| {
            calls.push((progress.state.to_owned(), progress.entries, progress.bytes));
        });
        (rows(&mut state.unwrap().into_backend()), calls)
    };
    let alone = restore(0);
    assert!(alone.0.len() > BAD as usize);
    for threads in [1, 2, 5] {
        assert!(restore(threads) == alone, "{threads} threads");
    }
}

#[test]
fn many_rows_go_through_many_portions_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<u32>::new(UID).unwrap();
    let text = operator.value::<String>("text").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for id in 0..3_000 {
        state.set_current_key(&id).unwrap();
        text.update(&mut state, &format!("{id}").repeat(1_000)).unwrap();
    }
    let savepoint = Savepoint::create(folder.path().join("one")).unwrap().operator(&state).unwrap().finish().unwrap();
    let restore = |threads| {
        let options = RestoreOptions::new().with_workers(threads);
        let mut batches = 0;
        let state = operator.restore(&savepoint, MemoryBackend::new(), &options, &mut |_| batches += 1).unwrap();
        (rows(&mut state.into_backend()), batches)
    };
    let alone = restore(0);
    assert!(alone.1 > 8, "{} portions", alone.1);
    for threads in [1, 2, 7] {
        assert!(restore(threads) == alone, "{threads} threads");
    }
}

#[test]
fn the_first_row_that_fails_is_reported_and_a_panic_of_a_function_reaches_the_caller() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = savepoint(&folder.path().join("one"), BAD + 100);
    let error = |threads| {
        let options = RestoreOptions::new().with_workers(threads);
        second().restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap_err().to_string()
    };
    let alone = error(0);
    assert!(alone.contains("account 4711 is closed") && alone.contains("under key 4711"), "{alone}");
    for threads in [1, 3] {
        assert_eq!(error(threads), alone);
    }
    for threads in [0, 1, 3] {
        let options = RestoreOptions::new().with_workers(threads);
        let panics = || {
            let mut watcher = |_: &typeser_state::restore::Progress<'_>| panic!("the watcher has seen enough");
            good().restore(&savepoint, MemoryBackend::new(), &options, &mut watcher).map(|_| ())
        };
        let panic = catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"the watcher has seen enough"));
    }
}

/// A release whose migration fails nowhere.
fn good() -> Operator<u32> {
    let mut operator = Operator::<u32>::new(UID).unwrap();
    operator.value::<three::Account>("account").unwrap();
    operator.map::<u32, u64>("seen").unwrap();
    operator
}

mod three {
    #[derive(typeser::StateType, Debug, PartialEq)]
    #[state(removed("note"))]
    pub(crate) struct Account {
        pub(crate) id: u64,
        pub(crate) owner: String,
    }
}

#[test]
fn a_restore_that_was_interrupted_resumes_and_one_that_failed_starts_over() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = savepoint(&folder.path().join("one"), 60_000);
    let options = RestoreOptions::new().with_workers(0).with_flush_bytes(1);
    let whole =
        rows(&mut good().restore(&savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap().into_backend());

    let file = folder.path().join("state.redb");
    let mut seen = Vec::new();
    // The process ends after the first portion, then after the second, and so on.
    let state = loop {
        let mut first = None;
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            let backend = RedbBackend::open(&file).unwrap();
            good().restore(&savepoint, backend, &options, &mut |progress| {
                if progress.state == "account" {
                    assert!(first.is_none(), "one portion an attempt");
                    first = Some(progress.entries);
                    if progress.entries < progress.total_entries {
                        panic!("the process ends");
                    }
                }
            })
        }));
        seen.push(first.unwrap());
        match attempt {
            Ok(state) => break state.unwrap(),
            Err(_) => assert!(good().open(RedbBackend::open(&file).unwrap()).is_err()),
        }
    };
    assert!(seen.len() > 2 && seen.is_sorted_by(|a, b| a < b), "each attempt went on: {seen:?}");
    assert_eq!(seen.last(), Some(&60_000));
    assert!(rows(&mut state.into_backend()) == whole);

    // One with a function that fails: what it has copied by then is discarded.
    let file = folder.path().join("failed.redb");
    let mut firsts = Vec::new();
    for _ in 0..2 {
        let mut first = None;
        let outcome = second().restore(&savepoint, RedbBackend::open(&file).unwrap(), &options, &mut |progress| {
            first.get_or_insert(progress.entries);
        });
        assert!(matches!(outcome, Err(RestoreError::Function { .. })));
        firsts.push(first.unwrap());
    }
    assert!(firsts[0] == firsts[1] && firsts[0] < 30_000, "both began at the beginning: {firsts:?}");
    // Another program starts over, too.
    let state = good().restore(&savepoint, RedbBackend::open(&file).unwrap(), &options, &mut |_| ()).unwrap();
    assert!(rows(&mut state.into_backend()) == whole);
}

#[test]
fn what_another_savepoint_or_another_program_has_copied_is_not_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let owners = savepoint(&folder.path().join("owners"), 40_000);
    let buyers = savepoint_of("buyer", &folder.path().join("buyers"), 40_000);
    let options = RestoreOptions::new().with_workers(0).with_flush_bytes(1);
    let file = folder.path().join("state.redb");
    let open = || RedbBackend::open(&file).unwrap();
    // The process ends when the first portion is flushed.
    let interrupted = |savepoint: &Savepoint| {
        let restore = || good().restore(savepoint, open(), &options, &mut |_| panic!("the process ends")).map(drop);
        assert!(catch_unwind(AssertUnwindSafe(restore)).is_err());
        assert!(good().open(open()).is_err());
    };
    // The same program as the first release, which migrates nothing.
    let mut unchanged = Operator::<u32>::new(UID).unwrap();
    unchanged.value::<one::Account>("account").unwrap();
    unchanged.map::<u16, u32>("seen").unwrap();
    for (savepoint, program) in [(&buyers, good()), (&owners, unchanged)] {
        interrupted(&owners);
        let whole = program.restore(savepoint, MemoryBackend::new(), &options, &mut |_| ()).unwrap().into_backend();
        let mut first = None;
        let state = program.restore(savepoint, open(), &options, &mut |progress| {
            first.get_or_insert(progress.entries);
        });
        assert!(first.unwrap() < 20_000, "{first:?}");
        assert!(rows(&mut state.unwrap().into_backend()) == rows(&mut { whole }));
        std::fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_dry_run_counts_rows_bytes_losses_and_failures_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = savepoint(&folder.path().join("one"), BAD + 100);
    let operator = second();
    let plan = operator.plan(&savepoint, &RestoreOptions::new()).unwrap();
    let runs = plan.dry_run(&mut |_| ()).unwrap();
    let lines = runs.iter().map(|run| {
        let losses: Vec<String> =
            run.dropped_data.iter().map(|loss| format!("{} in {} rows", loss.path, loss.rows)).collect();
        let failures: Vec<String> =
            run.failures.iter().map(|failure| format!("{}: {}", failure.key, failure.reason)).collect();
        format!(
            "{}: {}, {} rows, {} -> {} bytes\n  losses: {losses:?}\n  {} failed: {failures:?}",
            run.state, run.verdict, run.entries, run.bytes, run.new_bytes, run.failed
        )
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
    // What it says is what a restore does.
    let plan = good();
    let plan = plan.plan(&savepoint, &RestoreOptions::new()).unwrap();
    let said: u64 = plan.dry_run(&mut |_| ()).unwrap().iter().map(|run| run.new_bytes).sum();
    let mut backend = plan.run(MemoryBackend::new(), &mut |_| ()).unwrap().into_backend();
    let table = backend.find_table("typeser.rows").unwrap().unwrap();
    let mut found = 0;
    let mut add = |key: &[u8], value: &[u8]| {
        found += (key.len() + value.len()) as u64;
        ControlFlow::Continue(())
    };
    backend.scan(table, RowRange::ALL, &mut add).unwrap();
    assert_eq!(said, found);
}

#[test]
fn a_dry_run_knows_what_has_expired() {
    use std::time::Duration;
    use typeser_state::descriptor::TimeToLive;
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(ManualClock::new(1_000));
    let declare = || {
        let mut operator = Operator::<u32>::new(UID).unwrap().with_clock(std::sync::Arc::clone(&clock));
        let lives = ValueStateDescriptor::<u32>::new("lives").unwrap();
        let lives = operator.value_state(lives.with_time_to_live(TimeToLive::new(Duration::from_secs(60)))).unwrap();
        (operator, lives)
    };
    let (operator, lives) = declare();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for id in 0..10 {
        state.set_current_key(&id).unwrap();
        lives.update(&mut state, &id).unwrap();
        clock.set(1_000 + u64::from(id) * 10_000);
    }
    let savepoint = Savepoint::create(folder.path().join("one")).unwrap().operator(&state).unwrap().finish().unwrap();
    let (operator, _) = declare();
    let plan = operator.plan(&savepoint, &RestoreOptions::new()).unwrap();
    let run = plan.dry_run(&mut |_| ()).unwrap().remove(0);
    let mut expired = 0;
    plan.run(MemoryBackend::new(), &mut |progress| expired = progress.expired).unwrap();
    assert_eq!((run.entries, run.expired), (10, expired));
    assert!(expired > 0 && expired < 10, "{expired}");
}

/// What each state of the operator has: rows, and the bytes of their keys and values.
fn sizes(savepoint: &Savepoint) -> BTreeMap<String, (u64, u64)> {
    let operator = savepoint.operator(UID).unwrap();
    let size = |state: &StateMeta| operator.size_of(state.id(), KeyGroupRange::all(operator.meta().max_parallelism()));
    let states = operator.meta().states().iter();
    states.map(|state| (state.name().to_owned(), (size(state).entries, size(state).bytes))).collect()
}

/// The key group of each row, by state, key, and what distinguishes the rows of the key.
fn places(savepoint: &Savepoint) -> BTreeMap<String, u16> {
    let entries = Query::new().run(savepoint).unwrap().map(Result::unwrap);
    let named = entries.map(|entry| {
        let place = match &entry.place {
            EntryPlace::MapKey(key) => key.to_string(),
            place => format!("{place:?}"),
        };
        let key = entry.key.map(|key| key.to_string());
        (format!("{} {key:?} {place}", entry.state.name()), entry.key_group)
    });
    named.collect()
}

/// The numbers of a forecast are those of the stored savepoint and of the new one.
fn check_forecast(forecast: &Forecast, stored: &Savepoint, new: &Savepoint) {
    let (before, after) = (sizes(stored), sizes(new));
    for state in &forecast.states {
        assert_eq!((state.entries, state.bytes), before[&state.state], "{}", state.state);
        let found = after.get(&state.state).copied().unwrap_or_default();
        let kept = if found == (0, 0) { 0 } else { state.entries };
        assert_eq!((kept, state.new_bytes, state.failed), (found.0, found.1, 0), "{}", state.state);
    }
    let (from, to) = (places(stored), places(new));
    let moved = to.iter().filter(|(row, group)| from[*row] != **group).count() as u64;
    assert_eq!(forecast.states.iter().map(|state| state.moved).sum::<u64>(), moved);
}

#[test]
fn the_numbers_of_a_dry_run_are_those_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let stored = savepoint(&path("stored"), 3_000);
    let ignore = &mut |_: &typeser_state::processor::Progress<'_>| ();

    let operator = second();
    let plan = operator.plan(&stored, &RestoreOptions::new()).unwrap();
    let forecast = plan.dry_run(&mut |_| ()).unwrap();
    let mut done = BTreeMap::new();
    let state = plan.run(MemoryBackend::new(), &mut |progress| {
        done.insert(progress.state.to_owned(), (progress.entries, progress.expired, progress.bytes));
    });
    let restored = Savepoint::create(path("restored")).unwrap().operator(&state.unwrap()).unwrap().finish().unwrap();
    for state in &forecast {
        assert_eq!((state.entries, state.expired, state.bytes), done[&state.state]);
        assert_eq!((state.entries, state.new_bytes), sizes(&restored)[&state.state]);
        assert_eq!(state.failed, 0);
    }
    let notes: Vec<u64> = forecast.iter().flat_map(|state| state.dropped_data.iter().map(|loss| loss.rows)).collect();
    let entries = Query::new().state("account").run(&stored).unwrap().map(Result::unwrap);
    let with_notes = entries.filter(|entry| !entry.value.get("note").unwrap().as_str().unwrap().is_empty()).count();
    assert_eq!(notes, [with_notes as u64]);

    let options = ProcessOptions::new();
    let mut targets = Targets::new();
    targets.add_serializer(UID, "account", Role::Value, &Serializer::<two::Account>::new().unwrap());
    targets.add_serializer(UID, "seen", Role::MapKey, &Serializer::<u32>::new().unwrap());
    let plan = MigrationPlan::new(&stored, &targets, &options).unwrap();
    let forecast = plan.dry_run(ignore).unwrap();
    let losses: Vec<u64> =
        forecast.states.iter().flat_map(|state| state.dropped_data.iter().map(|loss| loss.rows)).collect();
    assert_eq!(losses, notes);
    check_forecast(&forecast, &stored, &plan.run(path("migrated"), ignore).unwrap());

    let mut keys = Targets::new();
    keys.add_key(UID, Serializer::<u64>::new().unwrap().snapshot().clone());
    let plan = RekeyPlan::new(&stored, &keys, &options).unwrap();
    let forecast = plan.dry_run(ignore).unwrap();
    assert!(forecast.states.iter().all(|state| state.moved > 0));
    check_forecast(&forecast, &stored, &plan.run(path("re-keyed"), ignore).unwrap());

    let groups = MaxParallelism::new(300).unwrap();
    let edit = SavepointEdit::of(&stored).with_max_parallelism(UID, groups).remove_state(UID, "seen");
    let plan = edit.migrate(&targets).plan(&options).unwrap();
    let forecast = plan.dry_run(ignore).unwrap();
    check_forecast(&forecast, &stored, &plan.run(path("edited"), ignore).unwrap());

    // What fails in a dry run is what stops the run.
    let stored = savepoint(&path("with one that fails"), BAD + 100);
    let operator = second();
    let plan = operator.plan(&stored, &RestoreOptions::new()).unwrap();
    let failure = plan.dry_run(&mut |_| ()).unwrap().remove(0).failures.remove(0);
    let error = plan.run(MemoryBackend::new(), &mut |_| ()).unwrap_err();
    let RestoreError::Function { key, file, offset, .. } = error else { panic!("{error}") };
    assert_eq!((failure.key, failure.file, failure.offset), (key, file, offset));
    let plan = MigrationPlan::new(&stored, &targets, &options).unwrap();
    let failure = plan.dry_run(ignore).unwrap().states.remove(0).failures.remove(0);
    let error = plan.run(path("never"), ignore).unwrap_err();
    let ProcessError::Row { key, file, offset, .. } = error else { panic!("{error}") };
    assert_eq!((failure.key, failure.file, failure.offset), (key, file, offset));
}
