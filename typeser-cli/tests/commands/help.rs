//! The help screens, and errors in arguments.

use crate::runner::Place;

/// All commands, with those below them.
const COMMANDS: [&str; 32] = [
    "inspect",
    "cat",
    "diff",
    "preview",
    "check",
    "accept",
    "state",
    "state ls",
    "state cat",
    "state diff",
    "state timers",
    "state edit",
    "state snapshots",
    "state sql",
    "state export",
    "table",
    "table ls",
    "table cat",
    "table check",
    "table migrate",
    "table rollback",
    "migrate",
    "rekey",
    "explain",
    "rules",
    "golden",
    "golden record",
    "golden current",
    "golden verify",
    "golden list",
    "completions",
    "man",
];

#[test]
fn the_help_fits_a_screen() {
    let help = Place::new().run("--help");
    insta::assert_snapshot!(help);
    // The first line and the last two are the runner's.
    let lines = help.lines().count() - 3;
    assert!(lines <= 24, "{lines} lines");
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
}

#[test]
fn each_command_has_a_help_with_examples() {
    let mut all = String::new();
    for command in COMMANDS {
        let help = Place::new().run(&format!("{command} --help"));
        assert!(help.contains("Examples:\n  typeser "), "{command} has no example");
        assert!(help.lines().all(|line| line.chars().count() <= 82), "{help}");
        all.push_str(&help);
    }
    insta::assert_snapshot!(all);
}

#[test]
fn invalid_arguments_exit_with_2() {
    let mut all = String::new();
    for words in [
        "",
        "inspct x",
        "inspect",
        "inspect a b",
        "diff a",
        "diff a b --rol key",
        "diff a b --role keys",
        "diff a b --fail-on never",
        "diff - -",
        "explain",
        "explain feild-added",
        "explain hello",
        "explain field",
        "rules --format yaml",
        "golden",
        "golden record",
        "golden recrod --release 1",
        "completions",
        "completions tcsh",
    ] {
        let output = Place::new().run(words);
        assert!(output.ends_with("--- exit 2\n"), "{output}");
        all.push_str(&output);
    }
    insta::assert_snapshot!(all);
}
