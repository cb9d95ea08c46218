//! The commands in pages of the documentation print what the pages show.

use std::fs;

use crate::page::Page;
use crate::runner::{Place, TYPESER, repository};

#[test]
fn writing_snapshots_by_hand() {
    let place = Place::new();
    Page::whole("writing-snapshots.md").run(&place, |line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[0], "typeser", "this page runs nothing else: {line}");
        let output = place.command().args(&words[1..]).output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        (String::from_utf8(printed).unwrap(), output.status.code().unwrap())
    });
}

#[test]
fn a_first_golden_test() {
    with_a_new_program("first-golden-test.md", "orders");
}

#[test]
fn a_value_in_a_file() {
    with_a_new_program("files.md", "game");
}

/// Runs a page that begins with `cargo new`.
fn with_a_new_program(page: &str, program: &str) {
    let place = Place::new();
    Page::in_parts(page).run(&place, |line| {
        // The checkout is this one, wherever it is.
        let line = line.replace("../typeser/typeser", repository().join("typeser").to_str().unwrap());
        let words: Vec<&str> = line.split_whitespace().collect();
        let command = if words[0] == "typeser" { TYPESER } else { words[0] };
        let output = place.user(command).args(&words[1..]).output().unwrap();
        if line.starts_with("cargo new") {
            // The versions that are at hand.
            fs::copy(repository().join("Cargo.lock"), place.here().join(program).join("Cargo.lock")).unwrap();
        }
        let printed = [output.stdout, output.stderr].concat();
        (String::from_utf8(printed).unwrap(), output.status.code().unwrap())
    });
}
