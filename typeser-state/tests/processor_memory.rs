//! Memory does not grow with the number of rows: ten times as many, and the peak of the process stays where it was.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "the test prints its figures")]
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use typeser::resolve::Role;
use typeser::{Serializer, TypeSerializer};
use typeser_state::processor::{MigrationPlan, ProcessOptions, Query, RekeyPlan, Targets};
use typeser_state::savepoint::Savepoint;

use support::{UID, many, three, write};

/// Which process this is: what it does, and in which folder. Not set: the one that runs the tests.
const PROCESS: &str = "TYPESER_TEST_PROCESS";
const WORK: [&str; 5] = ["read", "dry-run", "migrate", "rekey-dry-run", "rekey"];
/// How much the peak may differ: what the system gives a process differs from one start to the next.
const NOISE: u64 = 1024;

/// The most memory that this process ever had, in KiB, as the system counts it: whatever took it.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Not a test: the test runs it as a process.
#[test]
fn a_process_to_be_measured() {
    let Ok(process) = std::env::var(PROCESS) else { return };
    let (what, folder) = process.split_once(' ').unwrap();
    let savepoint = Savepoint::open(Path::new(folder).join("stored")).unwrap();
    let options = ProcessOptions::new().with_memory(256 * 1024);
    let mut targets = Targets::new();
    targets.add_serializer(UID, "totals", Role::Value, &Serializer::<three::Totals>::new().unwrap());
    targets.add_serializer(UID, "recent", Role::ListElement, &Serializer::<i64>::new().unwrap());
    targets.add_serializer(UID, "routes", Role::MapKey, &Serializer::<three::Route>::new().unwrap());
    let mut keys = Targets::new();
    keys.add_key(UID, Serializer::<three::Aircraft>::new().unwrap().snapshot().clone());
    let output = Path::new(folder).join(what);
    let begin = peak();
    match what {
        "read" => assert!(Query::new().run(&savepoint).unwrap().all(|entry| entry.is_ok())),
        "dry-run" => drop(MigrationPlan::new(&savepoint, &targets, &options).unwrap().dry_run(&mut |_| ()).unwrap()),
        "migrate" => {
            MigrationPlan::new(&savepoint, &targets, &options).unwrap().run(output, &mut |_| ()).unwrap();
        }
        "rekey-dry-run" => drop(RekeyPlan::new(&savepoint, &keys, &options).unwrap().dry_run(&mut |_| ()).unwrap()),
        _ => drop(RekeyPlan::new(&savepoint, &keys, &options).unwrap().run(output, &mut |_| ()).unwrap()),
    }
    println!("took {} KiB beyond {begin}", peak() - begin);
}

fn measure(what: &str, folder: &Path) -> u64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_process_to_be_measured", "--nocapture"])
        .env(PROCESS, format!("{what} {}", folder.display()))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let took = text.split("took ").nth(1).unwrap_or_else(|| panic!("{text}"));
    took.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn ten_times_as_many_rows_take_no_more_memory() {
    // About 3.3 rows a key: 10^4 and 10^5.
    let folders = [3_000, 30_000].map(|keys| {
        let folder = tempfile::tempdir().unwrap();
        let savepoint = write(&folder.path().join("stored"), &many(keys), 1);
        let rows: u64 = savepoint.operators()[0].files()[0].states().iter().map(|state| state.entries).sum();
        assert!(rows > u64::from(keys) * 3, "{rows}");
        folder
    });
    let figures = WORK.map(|what| {
        let [few, many] = [0, 1].map(|at| measure(what, folders[at].path()));
        (what, few, many)
    });
    println!("KiB at 10^4 and 10^5 rows: {figures:?}");
    for (what, few, many) in figures {
        // The larger savepoint alone takes 6 MiB.
        assert!(many <= few + NOISE, "{what}: {few} KiB, then {many} KiB; {figures:?}");
    }
}
