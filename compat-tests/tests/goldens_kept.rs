//! The files in `golden/` never change: checked against a separate list of hashes, and against the history in git.
//!
//! `TYPESER_RECORD=1 cargo test -p compat-tests --test goldens_kept` adds the hashes of new files. It never changes one
//! that is there, and is refused where `CI` is set.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The hash of each golden by its path.
type Hashes = BTreeMap<String, u128>;

const LIST: &str = "compat-tests/golden.hashes";

/// Files that grow with every release. They contain hashes, and their previous content never changes.
fn grows(path: &str) -> bool {
    path.ends_with("/manifest.txt") || path.ends_with("/accepted.json")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn found() -> Hashes {
    let (mut hashes, mut open) = (Hashes::new(), vec![root().join("golden")]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            if !grows(&name) {
                hashes.insert(name, xxhash_rust::xxh3::xxh3_128(&fs::read(path).unwrap()));
            }
        }
    }
    hashes
}

fn listed() -> Hashes {
    let text = fs::read_to_string(root().join(LIST)).unwrap_or_default();
    let line = |line: &str| {
        let (hash, name) = line.split_once("  ").unwrap_or_else(|| panic!("{LIST}: {line}"));
        (name.to_owned(), u128::from_str_radix(hash, 16).unwrap_or_else(|_| panic!("{LIST}: {line}")))
    };
    text.lines().map(line).collect()
}

/// Each golden that differs from the list, and how.
fn changed(listed: &Hashes, found: &Hashes) -> Vec<String> {
    let changes = listed.iter().filter_map(|(name, hash)| match found.get(name) {
        None => Some(format!("{name} is gone")),
        Some(now) if now != hash => Some(format!("{name} was edited")),
        Some(_) => None,
    });
    changes.collect()
}

#[test]
fn no_golden_was_edited_or_deleted() {
    let (mut listed, found) = (listed(), found());
    assert!(!found.is_empty());
    assert_eq!(changed(&listed, &found), Vec::<String>::new(), "restore them; record a new release or version instead");
    let new: Vec<&String> = found.keys().filter(|name| !listed.contains_key(*name)).collect();
    if !new.is_empty() && std::env::var_os("TYPESER_RECORD").is_some() {
        assert!(std::env::var_os("CI").is_none(), "nothing is recorded if `CI` is set");
        listed.extend(found.clone());
        let mut text = String::new();
        listed.iter().for_each(|(name, hash)| _ = writeln!(text, "{hash:032x}  {name}"));
        fs::write(root().join(LIST), text).unwrap();
        return;
    }
    assert_eq!(
        new,
        Vec::<&String>::new(),
        "new goldens: add them to {LIST} by running this once with TYPESER_RECORD=1"
    );
}

#[test]
fn an_edit_and_a_deletion_are_noticed() {
    let found = found();
    let name = found.keys().next().unwrap();
    let mut edited = found.clone();
    *edited.get_mut(name).unwrap() ^= 1;
    assert_eq!(changed(&found, &edited), [format!("{name} was edited")]);
    edited.remove(name);
    assert_eq!(changed(&found, &edited), [format!("{name} is gone")]);
}

#[test]
fn every_flipped_byte_of_every_golden_is_noticed() {
    let mut flips = 0;
    for (name, hash) in listed() {
        let mut bytes = fs::read(root().join(&name)).unwrap();
        for at in 0..bytes.len() {
            for flip in [1, 0x20, 0xff] {
                bytes[at] ^= flip;
                assert_ne!(xxhash_rust::xxh3::xxh3_128(&bytes), hash, "{name}, byte {at}");
                bytes[at] ^= flip;
                flips += 1;
            }
        }
        assert_eq!(xxhash_rust::xxh3::xxh3_128(&bytes), hash, "{name}");
    }
    assert!(flips > 200_000, "{flips}");
}

/// The output of git; `None` if there is no repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).current_dir(root()).output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// Detects an edit of a golden together with its hash: no path has ever had two contents.
#[test]
fn no_golden_was_changed_by_any_commit() {
    let is_whole = git(&["rev-parse", "--is-shallow-repository"]).is_some_and(|changes| changes.trim() == "false");
    if !is_whole {
        assert!(std::env::var_os("CI").is_none(), "CI needs the whole history: fetch-depth: 0");
        return;
    }
    let log = git(&["log", "--raw", "-m", "--no-renames", "--no-abbrev", "--format=", "HEAD", "--", "golden"]).unwrap();
    let mut contents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in log.lines().filter(|line| !line.is_empty()) {
        // `:MODE MODE OLD NEW STATUS`, a tab, and the path.
        let (change, path) = line.split_once('\t').unwrap();
        let new = change.split(' ').nth(3).unwrap();
        if !grows(path) {
            contents.entry(path).or_default().insert(new);
        }
    }
    let changed: Vec<&str> =
        contents.iter().filter(|(_, contents)| contents.len() > 1).map(|(path, _)| *path).collect();
    assert_eq!(changed, Vec::<&str>::new(), "a commit changed them: recorded files never change");
    assert!(!contents.is_empty(), "there are goldens in the history");
}
