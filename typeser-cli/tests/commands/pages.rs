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
    let place = Place::new();
    Page::in_parts("first-golden-test.md").run(&place, |line| {
        // The checkout is this one, wherever it is.
        let line = line.replace("../typeser/typeser", repository().join("typeser").to_str().unwrap());
        let words: Vec<&str> = line.split_whitespace().collect();
        let program = if words[0] == "typeser" { TYPESER } else { words[0] };
        let output = place.user(program).args(&words[1..]).output().unwrap();
        if line.starts_with("cargo new") {
            // The versions that are at hand.
            fs::copy(repository().join("Cargo.lock"), place.here().join("orders/Cargo.lock")).unwrap();
        }
        let printed = [output.stdout, output.stderr].concat();
        (String::from_utf8(printed).unwrap(), output.status.code().unwrap())
    });
}
