//! The zoo: types that evolved through four releases, recorded by typeser's own golden tests in `golden/zoo`.
//!
//! The newest release is today's. `typeser golden record --release X -- -p compat-tests --test zoo` records a release
//! whose types are in `tests/zoo`; recorded files are never edited.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]
#![allow(dead_code, reason = "most types are only written and described")]

#[path = "zoo/list.rs"]
mod list;
#[path = "zoo/release_1_0_0.rs"]
mod release_1_0_0;
#[path = "zoo/release_1_1_0.rs"]
mod release_1_1_0;
#[path = "zoo/release_2_0_0.rs"]
mod release_2_0_0;
#[path = "zoo/release_2_1_0.rs"]
mod release_2_1_0;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use list::Written;
use typeser::golden::{Failure, Goldens, Outcome, Suite};
use typeser::resolve::Compatibility;

/// A release by name, as a golden test lists its states, and as the states are written by the library of today.
struct Release {
    name: &'static str,
    suite: fn(Suite) -> Suite,
    written: fn(Written) -> Written,
}

const RELEASES: [Release; 4] = [
    Release { name: "1.0.0", suite: release_1_0_0::list, written: release_1_0_0::list },
    Release { name: "1.1.0", suite: release_1_1_0::list, written: release_1_1_0::list },
    Release { name: "2.0.0", suite: release_2_0_0::list, written: release_2_0_0::list },
    Release { name: "2.1.0", suite: release_2_1_0::list, written: release_2_1_0::list },
];

const FOLDER: &str = "../golden/zoo";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER)
}

/// The golden test of a release of the zoo.
fn suite(release: &Release) -> Suite {
    let file = format!("tests/zoo/release_{}.rs", release.name.replace('.', "_"));
    (release.suite)(Suite::new(env!("CARGO_MANIFEST_DIR")).folder(FOLDER).sources(file))
}

#[test]
fn the_newest_release_reads_all_others() -> Result<(), Failure> {
    let recorded = std::env::var("TYPESER_GOLDEN_RECORD").ok();
    let newest = RELEASES.last().unwrap();
    let release = match &recorded {
        Some(name) => RELEASES.iter().find(|release| release.name == name).expect("a release of the zoo"),
        None => newest,
    };
    suite(release).verify()
}

/// The outcome for every pair of releases.
fn outcome() -> Outcome {
    suite(RELEASES.last().unwrap()).outcome().unwrap()
}

#[test]
fn the_types_really_evolved() {
    let outcome = outcome();
    let (mut rules, mut verdicts) = (BTreeSet::new(), BTreeSet::new());
    for state in &outcome.states {
        for pair in &state.pairs {
            verdicts.insert(pair.report.compatibility());
            rules.extend(pair.report.findings().iter().map(|found| found.rule.id));
        }
    }
    let all = [
        Compatibility::Compatible,
        Compatibility::AfterReconfigure,
        Compatibility::RequiresMigration,
        Compatibility::Incompatible,
    ];
    assert_eq!(verdicts, BTreeSet::from(all));
    insta::assert_snapshot!(rules.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_library_of_today_writes_what_each_release_recorded() {
    let goldens = Goldens::read(folder()).unwrap();
    let names: Vec<&str> = goldens.releases.iter().map(|release| release.name.as_str()).collect();
    assert_eq!(names, RELEASES.each_ref().map(|release| release.name), "a release without its types in `tests/zoo`");
    for (release, recorded) in RELEASES.iter().zip(&goldens.releases) {
        let mut written = (release.written)(Written::default()).goldens;
        written.sort_by_key(|golden| (golden.state.clone(), golden.role.word()));
        let mut recorded = recorded.goldens.clone();
        recorded.sort_by_key(|golden| (golden.state.clone(), golden.role.word()));
        assert_eq!(written, recorded, "{}", release.name);
    }
}

/// Flips some bytes only: each check reads all releases, so every byte would take minutes. `golden_files.rs` flips
/// every bit of small goldens, and `goldens_kept.rs` every byte of these.
#[test]
fn flipped_bytes_of_every_file_are_detected() {
    let mut files = BTreeMap::new();
    let mut open = vec![folder()];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder()).unwrap().to_str().unwrap().replace('\\', "/");
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    // Neither `.gitattributes` nor `accepted.json` is a golden.
    let is_golden = |name: &&String| !name.starts_with('.') && *name != "accepted.json";
    let names: Vec<String> = files.keys().filter(is_golden).cloned().collect();
    assert!(names.len() > 150, "{names:?}");
    for (number, name) in names.iter().enumerate() {
        let length = files[name].len();
        // A different place in each file: near its beginning, its middle or its end.
        let at = [0, length / 2, length - 1][number % 3];
        files.get_mut(name).unwrap()[at] ^= 1 << (number % 8);
        assert!(Goldens::from_files(&files).is_err(), "byte {at} of {name}");
        files.get_mut(name).unwrap()[at] ^= 1 << (number % 8);
    }
    Goldens::from_files(&files).unwrap();
}
