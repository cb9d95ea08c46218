//! `typeser state`, and `migrate` and `rekey` on savepoints of every kind of state.

use std::fs;

use crate::runner::{Place, repository};

/// A savepoint with every kind of state.
fn savepoint() -> String {
    repository().join("golden/savepoint/v2/orders").display().to_string()
}

/// Several runs, one after the other.
fn runs(place: &Place, commands: &[&str]) -> String {
    let savepoint = savepoint();
    // Of the same rows, as a release without timers wrote them.
    let before = savepoint.replace("/v2/", "/v1/");
    let run = |words: &&str| place.run(&words.replace("SAVEPOINT", &savepoint).replace("BEFORE", &before));
    commands.iter().map(run).collect()
}

#[test]
fn operators_and_states_are_listed() {
    insta::assert_snapshot!(runs(
        &Place::new(),
        &["state ls SAVEPOINT", "state ls SAVEPOINT --format jsonl", "state ls nowhere"],
    ));
}

#[test]
fn rows_are_printed_by_operator_state_key_and_key_group() {
    insta::assert_snapshot!(runs(&Place::new(), &["state cat SAVEPOINT", "state cat SAVEPOINT --format jsonl"],));
    insta::assert_snapshot!(runs(
        &Place::new(),
        &[
            "state cat SAVEPOINT --key elm --state order",
            "state cat SAVEPOINT --key-group 65 --state weights --format jsonl",
            "state cat SAVEPOINT --state order --greatest id --limit 2",
            "state cat SAVEPOINT --greatest id.x",
            "state cat SAVEPOINT --state rules",
            "state cat SAVEPOINT --key nope",
            "state cat SAVEPOINT --key elm --state leases --operator orders --greatest id",
            "state cat SAVEPOINT --key-group 1",
            "state cat SAVEPOINT --state ordr",
            "state cat SAVEPOINT --key-group 128",
        ],
    ));
}

#[test]
fn timers_are_printed_in_stored_order_and_in_firing_order() {
    insta::assert_snapshot!(runs(
        &Place::new(),
        &[
            "state timers SAVEPOINT",
            "state timers SAVEPOINT --next 3",
            "state timers SAVEPOINT --format jsonl --limit 2",
            "state timers SAVEPOINT --domain processing",
            "state timers SAVEPOINT --operator nobody",
            "state timers SAVEPOINT --key nope --domain event",
            "state timers BEFORE",
        ],
    ));
}

#[test]
fn operators_and_states_are_renamed_removed_and_moved() {
    let place = Place::new();
    insta::assert_snapshot!(runs(
        &place,
        &[
            "state edit SAVEPOINT --rename-operator orders by-customer --output renamed",
            "state ls renamed",
            "state edit SAVEPOINT --remove-operator orders --rename-operator nobody x --dry-run",
            "state edit SAVEPOINT --max-parallelism orders 0 --dry-run",
            "state edit SAVEPOINT",
        ],
    ));
    assert!(!place.path().join("x").exists());
    let seven = format!("state edit {} --max-parallelism orders 7", savepoint());
    let forecast = place.run(&format!("{seven} --dry-run"));
    let forecast = forecast + &place.run(&format!("{seven} --remove-state orders raw --dry-run"));
    let written = place.run(&format!("{seven} --remove-state orders raw --output seven"));
    insta::assert_snapshot!(format!("{forecast}{written}"));
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2, "what was renamed, and what has seven groups");
}

#[cfg(unix)]
#[test]
fn sql_is_run_by_the_command_that_contains_the_engine() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new().file("empty/none", "").variable("PATH", "empty");
    insta::assert_snapshot!(place.run("state sql last --format csv"));

    // What it is given, on which of its streams it answers, and how it ends.
    let script = "#!/bin/sh\necho \"$@\"\ncat\necho error >&2\nexit $#\n";
    let place = Place::new().file("bin/typeser-sql", script).variable("PATH", "bin:/usr/bin:/bin");
    let script = place.path().join("bin/typeser-sql");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    let two = place.run_with("state sql last --help", b"select\n");
    let export = place.run("state export last --to csv");
    insta::assert_snapshot!(format!("{two}{}{export}", place.run("state sql a b c")));
}

#[test]
fn savepoints_are_compared_row_by_row() {
    let place = Place::new();
    place.run(&format!(
        "state edit {} --max-parallelism orders 7 --remove-state orders raw --output seven",
        savepoint()
    ));
    place.run(&format!("state edit {} --remove-state orders weights --output lighter", savepoint()));
    insta::assert_snapshot!(runs(
        &place,
        &[
            "state diff BEFORE SAVEPOINT",
            "state diff BEFORE SAVEPOINT --limit 2 --exit-code",
            "state diff BEFORE SAVEPOINT --format jsonl",
            "state diff SAVEPOINT lighter --summary --format jsonl",
            "state diff SAVEPOINT lighter --key elm",
            "state diff SAVEPOINT seven",
            "state diff SAVEPOINT seven --exit-code --summary",
            "state diff SAVEPOINT seven --format jsonl --operator orders --state total",
            "state diff SAVEPOINT lighter --key nope --exit-code",
            "state diff SAVEPOINT lighter --key-group 60000",
            "state diff SAVEPOINT SAVEPOINT --exit-code",
            "state diff SAVEPOINT SAVEPOINT --operator nobody",
            "state diff SAVEPOINT nowhere",
        ],
    ));
}
