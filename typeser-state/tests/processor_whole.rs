//! After a kill there is a whole new savepoint or none, and the stored one is unchanged.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use typeser::resolve::Role;
use typeser::{Serializer, TypeSerializer};
use typeser_state::processor::{MigrationPlan, ProcessOptions, RekeyPlan, Targets};
use typeser_state::savepoint::Savepoint;

use support::{UID, bytes, many, names, three, write};

/// Which process this is: `migrate FOLDER` or `rekey FOLDER`. Not set: the one that runs the tests.
const PROCESS: &str = "TYPESER_TEST_PROCESS";

fn targets() -> Targets {
    let mut targets = Targets::new();
    targets.add_serializer(UID, "totals", Role::Value, &Serializer::<three::Totals>::new().unwrap());
    targets.add_serializer(UID, "routes", Role::MapKey, &Serializer::<three::Route>::new().unwrap());
    targets
}

fn work(what: &str, folder: &Path) -> Result<Savepoint, Box<dyn std::error::Error>> {
    let savepoint = Savepoint::open(folder.join("stored"))?;
    // So little memory that rows are set aside in files.
    let options = ProcessOptions::new().with_memory(64 * 1024);
    let output = folder.join("new");
    if what == "migrate" {
        return Ok(MigrationPlan::new(&savepoint, &targets(), &options)?.run(output, &mut |_| ())?);
    }
    let mut keys = Targets::new();
    keys.add_key(UID, Serializer::<three::Aircraft>::new()?.snapshot().clone());
    Ok(RekeyPlan::new(&savepoint, &keys, &options)?.run(output, &mut |_| ())?)
}

/// Not a test: the other test runs it as a process.
#[test]
fn a_process_to_be_killed() {
    let Ok(process) = std::env::var(PROCESS) else { return };
    let (what, folder) = process.split_once(' ').unwrap();
    work(what, Path::new(folder)).unwrap();
}

fn start(what: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_process_to_be_killed", "--nocapture"])
        .env(PROCESS, format!("{what} {}", folder.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills at moments spread over the time that the work takes; `TYPESER_KILLS` says how often.
#[test]
fn a_killed_process_leaves_the_stored_savepoint_and_a_whole_new_one_or_none() {
    let kills: u32 = std::env::var("TYPESER_KILLS").map_or(10, |kills| kills.parse().unwrap());
    for what in ["migrate", "rekey"] {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("stored"), &many(6_000), 2);
        let before = bytes(&folder.path().join("stored"));
        let begin = Instant::now();
        assert!(start(what, folder.path()).wait().unwrap().success());
        let took = begin.elapsed();
        let expected = bytes(&folder.path().join("new"));
        let mut unfinished = 0;
        for kill in 0..kills {
            fs::remove_dir_all(folder.path().join("new")).ok();
            let mut child = start(what, folder.path());
            // From the beginning to a little behind the end.
            std::thread::sleep(took.mul_f64(f64::from(kill + 1) / f64::from(kills)) + Duration::from_micros(300));
            child.kill().ok();
            child.wait().unwrap();
            assert!(bytes(&folder.path().join("stored")) == before);
            for name in names(folder.path()) {
                match name.as_str() {
                    "stored" => {}
                    "new" => assert!(bytes(&folder.path().join("new")) == expected, "whole if it is there"),
                    partial => assert!(partial.starts_with(".new.") && partial.ends_with(".partial"), "{partial}"),
                }
            }
            if !folder.path().join("new").exists() {
                unfinished += 1;
                assert!(Savepoint::open(folder.path().join("new")).is_err());
            }
        }
        assert!(unfinished > kills / 4, "{unfinished} of {kills} were killed in time");
        // What was left behind does no harm.
        fs::remove_dir_all(folder.path().join("new")).ok();
        work(what, folder.path()).unwrap();
        assert!(bytes(&folder.path().join("new")) == expected);
    }
}

#[test]
fn a_savepoint_that_is_cut_or_changed_anywhere_is_not_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("stored");
    write(&stored, &many(6), 1);
    let good = bytes(&stored);
    for (name, bytes) in &good {
        let path = stored.join(name);
        for at in (0..bytes.len()).step_by(3) {
            let mut bad = bytes.clone();
            bad[at] ^= 0x40;
            fs::write(&path, &bad).unwrap();
            for what in ["migrate", "rekey"] {
                assert!(work(what, folder.path()).is_err(), "{what} {name} {at}");
            }
            fs::write(&path, &bytes[..at]).unwrap();
            assert!(work("migrate", folder.path()).is_err(), "{name} {at}");
        }
        fs::write(&path, bytes).unwrap();
    }
    assert_eq!(names(folder.path()), ["stored"]);
    work("migrate", folder.path()).unwrap();
}
