//! `typeser guide`.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::runner::{Place, repository};

#[test]
fn guides_are_listed_and_printed() {
    insta::assert_snapshot!([Place::new().run("guide"), Place::new().run("guide writing-snapshot")].concat());
    let page = Place::new().run("guide docs/ci.md");
    assert!(page.contains("# Golden checks in CI") && page.contains("exit 0"), "{page}");
}

/// Messages and help name only guides that are part of the command, and no page of the repository.
#[test]
fn every_guide_that_a_message_names_is_there() {
    let place = Place::new();
    let mut names = BTreeSet::new();
    let mut open: Vec<PathBuf> = ["typeser", "typeser-state", "typeser-cli", "typeser-derive"]
        .map(|package| repository().join(package).join("src"))
        .into();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let is_for_us = line.contains("run the tests once");
            assert!(is_for_us || !line.contains(" docs/"), "{}: {line}", path.display());
            for after in line.split("typeser guide ").skip(1) {
                let end = after.find(|c: char| !c.is_ascii_lowercase() && !"-.".contains(c)).unwrap_or(after.len());
                names.insert(after[..end].trim_end_matches('.').to_owned());
            }
        }
    }
    assert!(names.len() > 3, "{names:?}");
    for name in names.iter().filter(|name| !name.is_empty()) {
        let page = place.run(&format!("guide {name}"));
        assert!(page.contains("--- exit 0"), "{name}: {page}");
    }
}
