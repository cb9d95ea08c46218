//! The structure of the code: which modules may import which, what they may not mention, and how files begin.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

mod boundaries;
mod examples;
mod files;
mod guarantees;
mod imports;
mod layers;
mod planted;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use files::{root, rust_files};

#[test]
fn crates_depend_only_on_what_the_plan_allows() {
    let allowed: [(&str, &[&str]); 5] = [
        ("typeser-derive", &[]),
        ("typeser", &["typeser-derive"]),
        ("typeser-state", &["typeser"]),
        ("typeser-cli", &["typeser", "typeser-state"]),
        ("examples/flights", &["typeser", "typeser-state"]),
    ];
    for (folder, allowed) in allowed {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        let ours: Vec<&str> = dependencies
            .lines()
            .filter_map(|line| line.split([' ', '.', '=']).next())
            .filter(|name| name.starts_with("typeser"))
            .collect();
        assert!(ours.iter().all(|name| allowed.contains(name)), "{folder} depends on {ours:?}");
    }
}

#[test]
fn published_crates_have_the_licences_of_the_workspace_and_a_readme() {
    for folder in ["typeser", "typeser-derive", "typeser-state", "typeser-cli"] {
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let read = |path: PathBuf| fs::read_to_string(path).unwrap_or_default();
            assert_eq!(read(root().join(folder).join(licence)), read(root().join(licence)), "{folder}/{licence}");
        }
        assert!(root().join(folder).join("README.md").is_file(), "{folder} has a README");
    }
}

#[test]
fn every_file_opens_with_a_sentence_about_its_subject() {
    let folders = ["typeser", "typeser-derive", "typeser-state", "typeser-cli", "compat-tests", "examples"];
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| rust_files(&root().join(folder))).collect();
    assert!(files.len() > 40, "the test sees files at all: {}", files.len());
    let silent: Vec<_> = files
        .iter()
        // Cases that must not compile are read with their messages, pairs of types with their rules.
        .filter(|file| !file.components().any(|part| part.as_os_str() == "compile-fail" || part.as_os_str() == "pairs"))
        .filter(|file| {
            let text = fs::read_to_string(file).unwrap();
            !text.starts_with("//! ")
                || !text.lines().take_while(|line| line.starts_with("//!")).any(|line| line.ends_with(['.', ':']))
        })
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn the_readme_says_how_many_crates_come_with_the_library() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "-p", "typeser", "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| !name.is_empty() && !name.starts_with("typeser"))
        .collect();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let sentence = format!("It brings {} crates with it", crates.len());
    assert!(readme.contains(&sentence), "the README should say: {sentence}\n{crates:?}");
}
