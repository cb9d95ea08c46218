//! State is whole after `kill -9` at any moment of a savepoint, a restore, a migration of a savepoint or a re-key: the old
//! or the new one is there, and the operation can be run again.
//!
//! As in `kill.rs`, each round starts this program again as a child, which works until it is killed after a random time.
//! Each operation is first run to its end, to know how long it takes, so that most moments lie within it; the test
//! prints how many did, and some must. Rounds are 20, or as many as `TYPESER_KILLS` says; `TYPESER_KILL_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs, unreachable_pub, reason = "a test")]

mod killing;

use std::ops::ControlFlow;
use std::path::Path;

use killing::{Random, rounds, run, say, task};
use typeser::resolve::Role;
use typeser::{Serializer, TypeSerializer as _};
use typeser_state::backend::{Backend, MemoryBackend, ReadRows as _, RedbBackend, RowRange};
use typeser_state::keyed::Operator;
use typeser_state::processor::{MigrationPlan, ProcessOptions, RekeyPlan, Targets};
use typeser_state::restore::{RestoreError, RestoreOptions};
use typeser_state::savepoint::Savepoint;

mod old {
    #[derive(typeser::StateType, Debug)]
    pub struct Account {
        pub balance: u32,
        pub note: String,
        pub owner: String,
    }
}

mod new {
    #[derive(typeser::StateType, Debug)]
    #[state(removed("note"))]
    pub struct Account {
        pub owner: String,
        pub balance: u64,
    }
}

const UID: &str = "accounts";
/// More than one portion of a restore.
const ROWS: u32 = 40_000;

/// What the child does; nothing when it is run with the other tests.
#[test]
#[ignore = "the other tests start it as a process"]
fn child() {
    let Some((task, folder)) = task() else { return };
    match task.as_str() {
        "savepoint" => {
            let state = old_operator().open(RedbBackend::open(folder.join("state.redb")).unwrap()).unwrap();
            say("begun");
            Savepoint::create(folder.join("new")).unwrap().operator(&state).unwrap().finish().unwrap();
        }
        "restore" => {
            let savepoint = Savepoint::open(folder.join("old")).unwrap();
            let (operator, backend) = (new_operator(), RedbBackend::open(folder.join("new.redb")).unwrap());
            let options = RestoreOptions::new().with_flush_bytes(512 * 1024).with_workers(2);
            say("begun");
            operator.restore(&savepoint, backend, &options, &mut |_| ()).unwrap();
        }
        "migration" => {
            let savepoint = Savepoint::open(folder.join("old")).unwrap();
            say("begun");
            migration(&savepoint).run(folder.join("new"), &mut |_| ()).unwrap();
        }
        "re-key" => {
            let savepoint = Savepoint::open(folder.join("old")).unwrap();
            say("begun");
            rekey(&savepoint).run(folder.join("new"), &mut |_| ()).unwrap();
        }
        other => panic!("no task {other}"),
    }
}

fn old_operator() -> Operator<u32> {
    let mut operator = Operator::new(UID).unwrap();
    operator.value::<old::Account>("account").unwrap();
    operator
}

fn new_operator() -> Operator<u32> {
    let mut operator = Operator::new(UID).unwrap();
    operator.value::<new::Account>("account").unwrap();
    operator
}

fn migration(savepoint: &Savepoint) -> MigrationPlan<'_> {
    let mut targets = Targets::new();
    targets.add_serializer(UID, "account", Role::Value, &Serializer::<new::Account>::new().unwrap());
    MigrationPlan::new(savepoint, &targets, &ProcessOptions::new()).unwrap()
}

fn rekey(savepoint: &Savepoint) -> RekeyPlan<'_> {
    let mut targets = Targets::new();
    targets.add_key(UID, Serializer::<u64>::new().unwrap().snapshot().clone());
    // Rows are set aside in files, too.
    RekeyPlan::new(savepoint, &targets, &ProcessOptions::new().with_memory(512 * 1024)).unwrap()
}

/// A folder with a savepoint of the old release, and a backend of it.
fn fresh() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<u32>::new(UID).unwrap();
    let account = operator.value::<old::Account>("account").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    for id in 0..ROWS {
        state.set_current_key(&id).unwrap();
        let (note, owner) = ("n".repeat(id as usize % 30), format!("the owner of account {id}"));
        account.update(&mut state, &old::Account { balance: id, note, owner }).unwrap();
    }
    let savepoint = Savepoint::create(folder.path().join("old")).unwrap().operator(&state).unwrap().finish().unwrap();
    let backend = RedbBackend::open(folder.path().join("state.redb")).unwrap();
    drop(old_operator().restore(&savepoint, backend, &RestoreOptions::new(), &mut |_| ()).unwrap());
    folder
}

/// All rows of a savepoint, or an error that says which is not as it was written.
fn rows(savepoint: &Savepoint) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut rows, mut found) = (savepoint.rows(UID).unwrap(), Vec::new());
    while let Some(row) = rows.next_row().unwrap() {
        found.push((row.key_bytes.to_vec(), row.value.to_vec()));
    }
    found
}

fn rows_of(mut backend: RedbBackend) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (table, mut found) = (backend.find_table("typeser.rows").unwrap().unwrap(), Vec::new());
    let mut add = |key: &[u8], value: &[u8]| {
        found.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    };
    backend.scan(table, RowRange::ALL, &mut add).unwrap();
    found
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// Kills a task many times. `result` gives what the task has made, if it is there: then it has to be all of it.
fn kill(task: &str, result: impl Fn(&Path) -> Option<Rows>, remove: impl Fn(&Path)) {
    let mut random = Random::new(task);
    let folder = fresh();
    let folder = folder.path();
    let old = rows(&Savepoint::open(folder.join("old")).unwrap());
    let mut takes = run(task, folder, None).took;
    let whole = result(folder).expect("it came to its end");
    remove(folder);
    let (mut on_the_way, mut ends) = (0, 0);
    for _ in 0..rounds() {
        let after = random.within(takes);
        run(task, folder, Some(after));
        match result(folder) {
            Some(found) => {
                assert!(found == whole, "{task}: what is there is not whole");
                ends += 1;
                // The first run may have been a slow one, of a cold or busy machine.
                takes = takes.min(after);
                remove(folder);
            }
            None => on_the_way += 1,
        }
        // What was read is as it was.
        let stored = Savepoint::open(folder.join("old")).unwrap();
        assert!(rows(&stored) == old, "{task}: what was read has changed");
    }
    // Whatever the last one was killed in: it can be run again, to its end.
    run(task, folder, None);
    assert!(result(folder).unwrap() == whole, "{task}: run again, it gives something else");
    eprintln!("{task}: of {} kills {on_the_way} on the way, {ends} after the end", rounds());
    assert!(on_the_way >= rounds() / 4, "{task}: {ends} came to their end before they were killed");
}

/// The new savepoint, if it has its name.
fn new_savepoint(folder: &Path) -> Option<Rows> {
    let path = folder.join("new");
    path.exists().then(|| rows(&Savepoint::open(path).unwrap()))
}

/// The new savepoint, and what killed ones have left: nothing under the name of a savepoint.
fn remove_new(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "new" || name.ends_with(".partial") {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
}

#[test]
fn a_killed_savepoint_is_whole_or_not_there() {
    kill("savepoint", new_savepoint, remove_new);
}

#[test]
fn a_killed_migration_of_a_savepoint_is_whole_or_not_there() {
    kill("migration", new_savepoint, remove_new);
}

#[test]
fn a_killed_rekey_is_whole_or_not_there() {
    kill("re-key", new_savepoint, remove_new);
}

#[test]
fn a_killed_restore_is_whole_or_refuses_to_be_opened_and_goes_on() {
    let restored = |folder: &Path| {
        let path = folder.join("new.redb");
        if !path.exists() {
            return None;
        }
        let mut backend = RedbBackend::open(&path).unwrap();
        let unfinished = match new_operator().open(&mut backend) {
            Ok(_) => false,
            Err(RestoreError::Unfinished { .. }) => true,
            Err(other) => panic!("{other}"),
        };
        let rows = rows_of(backend);
        if !unfinished && rows.is_empty() {
            // Killed before it began, it holds nothing, and was opened as such: it is an operator's state from now on,
            // over which nothing is restored.
            std::fs::remove_file(&path).unwrap();
        }
        Some(rows).filter(|rows| !unfinished && !rows.is_empty())
    };
    kill("restore", restored, |folder| std::fs::remove_file(folder.join("new.redb")).unwrap());
}
