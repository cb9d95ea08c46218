//! The recorded inputs of every fuzz target, and a few thousand random ones: no law of an entrance is broken.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use compat_tests::entrances::ENTRANCES;
use compat_tests::oracle::generate::mutated;
use compat_tests::oracle::source::Source;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn recorded(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder().join(name)).unwrap_or_else(|error| panic!("{name} has no inputs: {error}"));
    entries.map(|entry| entry.unwrap().path()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn recorded_inputs_and_their_mutations_break_no_law() {
    for entrance in ENTRANCES {
        let inputs = recorded(entrance.name);
        assert!(!inputs.is_empty(), "{} has no inputs", entrance.name);
        let mut source = Source::seeded(1);
        for (path, bytes) in inputs {
            // The name of the input, if it breaks a law: the message of the panic does not say it.
            let checked = std::panic::catch_unwind(|| (entrance.check)(&bytes));
            assert!(checked.is_ok(), "{} breaks a law of {}", path.display(), entrance.name);
            for _ in 0..5 {
                (entrance.check)(&mutated(&bytes, &mut source));
            }
        }
    }
}

#[test]
fn short_inputs_break_no_law() {
    for entrance in ENTRANCES {
        (entrance.check)(&[]);
        for first in 0..=255 {
            (entrance.check)(&[first]);
        }
    }
}

#[test]
fn every_entrance_is_a_fuzz_target_and_has_inputs() {
    let targets = fs::read_dir(folder().join("../../fuzz/fuzz_targets")).unwrap();
    let mut targets: Vec<String> =
        targets.map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let mut folders: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let mut names: Vec<&str> = ENTRANCES.iter().map(|entrance| entrance.name).collect();
    [&mut targets, &mut folders].into_iter().for_each(|list| list.sort());
    names.sort_unstable();
    assert_eq!((&targets, &folders), (&names.iter().map(|name| (*name).to_owned()).collect(), &targets));
}
