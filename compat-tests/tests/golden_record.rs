//! Recording with `cargo test` and a variable. Each test runs this program again as a golden test.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]
#![allow(dead_code, reason = "types are only described")]

#[path = "golden/shop.rs"]
mod shop;
#[path = "golden/support.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use shop::{renamed, swapped, v1, wider};
use support::suite;
use tempfile::TempDir;
use typeser::golden::{Accepted, Date, Failure, Goldens, Ledger, Suite, Today};
use typeser::report::FindingId;
use typeser::resolve::Role;

/// The folder of the golden test, and the types that it lists.
const FOLDER: &str = "GOLDEN_TEST_FOLDER";
const TYPES: &str = "GOLDEN_TEST_TYPES";

/// The golden test. It runs only when another test starts it.
#[test]
#[ignore = "other tests run it with variables set"]
fn golden_test() -> Result<(), Failure> {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let types = std::env::var(TYPES).unwrap();
    list(suite(&folder), &types).verify()
}

fn list(suite: Suite, types: &str) -> Suite {
    match types {
        "v1" => suite.value("orders", v1::orders()).key("orders", [7u32]),
        "swapped" => suite.value::<swapped::Order>("orders", []).key("orders", [7u32]),
        "wider" => suite.value::<wider::Order>("orders", []).key("orders", [7u32]),
        "renamed" => suite.value::<renamed::Order>("orders", []).key("orders", [7u32]),
        "thin" => suite.value("limits", [None::<u8>]),
        // Each of several suites lists one state.
        letter => suite.value(letter, [7u64]),
    }
}

fn run(folder: &Path, types: &str, variables: &[(&str, &str)]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "golden_test", "--ignored", "--nocapture"]);
    command.env_remove("CI").env(FOLDER, folder).env(TYPES, types).envs(variables.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The message of a golden test, empty if it passes.
fn said(folder: &Path, child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert_eq!(output.status.success(), !err.contains("Error:"), "{out}{err}");
    let rendered = err.split("Error: ").nth(1).unwrap_or_default();
    rendered.replace(&folder.display().to_string(), "CRATE").trim_end().to_owned()
}

fn verify(folder: &Path, types: &str) -> String {
    said(folder, run(folder, types, &[]))
}

fn record(folder: &Path, types: &str, release: &str) -> String {
    said(folder, run(folder, types, &[("TYPESER_GOLDEN_RECORD", release)]))
}

fn crate_folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    folder
}

/// Every file below a folder with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(tree(&path)),
            false => _ = files.insert(path.clone(), fs::read(&path).unwrap()),
        }
    }
    files
}

#[test]
fn a_release_is_recorded_once_and_what_is_recorded_never_changes() {
    let folder = crate_folder();
    let folder = folder.path();
    assert!(verify(folder, "v1").contains("there are no goldens in CRATE/golden"), "a missing golden fails");
    assert!(tree(folder).is_empty(), "verifying writes nothing");

    assert_eq!(record(folder, "v1", "1.0.0"), "");
    assert_eq!(verify(folder, "v1"), "");
    let first = tree(folder);
    let names: Vec<String> =
        first.keys().map(|path| path.strip_prefix(folder).unwrap().display().to_string()).collect();
    insta::assert_snapshot!(names.join("\n"));

    assert_eq!(record(folder, "v1", "1.0.0"), "", "recording the same again succeeds");
    assert_eq!(tree(folder), first);
    insta::assert_snapshot!(record(folder, "wider", "1.0.0"));
    assert_eq!(tree(folder), first);

    assert_eq!(record(folder, "wider", "1.1.0"), "");
    assert_eq!(verify(folder, "wider"), "");
    let second = tree(folder);
    for (path, bytes) in &first {
        assert!(path.ends_with("manifest.txt") || second[path] == *bytes, "{}", path.display());
    }
    let goldens = Goldens::read(folder.join("golden")).unwrap();
    let releases: Vec<&str> = goldens.releases.iter().map(|release| release.name.as_str()).collect();
    assert_eq!(releases, ["1.0.0", "1.1.0"]);
    assert!(goldens.releases[0].goldens.iter().flat_map(|golden| &golden.samples).all(|sample| !sample.generated));
    assert!(goldens.releases[1].golden("orders", Role::Value).unwrap().samples.iter().all(|sample| sample.generated));
}

#[test]
fn a_release_that_strands_data_is_only_recorded_on_request() {
    let folder = crate_folder();
    let folder = folder.path();
    assert_eq!(record(folder, "v1", "1.0.0"), "");
    let before = tree(folder);
    insta::assert_snapshot!(record(folder, "renamed", "1.1.0"));
    assert_eq!(tree(folder), before);

    // Once its findings are accepted, it is recorded.
    let mut ledger = Ledger::default();
    let accepted = Accepted {
        finding: FindingId(0x1003_ef1a_e573_c20a),
        state: "orders".to_owned(),
        role: Role::Value,
        from: "1.0.0".to_owned(),
        to: "today".to_owned(),
        rule: "field-removed-undeclared".to_owned(),
        reason: "notes are not needed".to_owned(),
        author: "Ada".to_owned(),
        date: Date::today(),
        until: None,
    };
    ledger.accept(accepted).unwrap();
    let file = folder.join("golden/accepted.json");
    fs::write(&file, ledger.to_json()).unwrap();
    assert_eq!(record(folder, "renamed", "1.1.0"), "");
    let golden = folder.join("golden");
    fs::remove_dir_all(&golden).unwrap();
    assert_eq!(record(folder, "v1", "1.0.0"), "");

    let variables = [("TYPESER_GOLDEN_RECORD", "1.1.0"), ("TYPESER_GOLDEN_ACCEPT_INCOMPATIBLE", "1")];
    assert_eq!(said(folder, run(folder, "renamed", &variables)), "");
    assert_eq!(Goldens::read(folder.join("golden")).unwrap().releases.len(), 2);
}

#[test]
fn verifying_never_writes() {
    let folder = crate_folder();
    let folder = folder.path();
    assert_eq!(record(folder, "v1", "1.0.0"), "");
    let before = tree(folder);
    for types in ["v1", "swapped", "wider", "thin", "a"] {
        verify(folder, types);
        assert_eq!(tree(folder), before, "{types}");
    }
}

#[test]
fn recording_is_refused_in_ci() {
    let folder = crate_folder();
    let folder = folder.path();
    let under = |ci| said(folder, run(folder, "v1", &[("TYPESER_GOLDEN_RECORD", "1.0.0"), ("CI", ci)]));
    insta::assert_snapshot!(under("true"));
    assert!(tree(folder).is_empty());
    assert!(under("1").contains("`CI` is set to `1`"));
    // `CI=false` means that this is not a CI run.
    for ci in ["", "false", "0"] {
        assert_eq!(under(ci), "");
    }
}

#[test]
fn incomplete_samples_and_invalid_names_are_not_recorded() {
    let folder = crate_folder();
    let folder = folder.path();
    let rendered = [record(folder, "thin", "1.0.0"), record(folder, "v1", "today"), record(folder, "v1", "../1.0.0")];
    insta::assert_snapshot!(rendered.join("\n\n"));
    assert!(tree(folder).is_empty());
}

#[test]
fn suites_that_record_concurrently_make_one_release() {
    let folder = crate_folder();
    let folder = folder.path();
    let letters = ["a", "b", "c", "d", "e", "f"];
    let children = letters.map(|letter| run(folder, letter, &[("TYPESER_GOLDEN_RECORD", "1.0.0")]));
    for child in children {
        assert_eq!(said(folder, child), "");
    }
    let goldens = Goldens::read(folder.join("golden")).unwrap();
    let states: Vec<&str> = goldens.states().into_iter().map(|(state, _)| state).collect();
    assert_eq!((states, goldens.releases.len()), (letters.to_vec(), 1));
}

#[test]
fn an_interrupted_recording_can_be_repeated() {
    let folder = crate_folder();
    let folder = folder.path();
    assert_eq!(record(folder, "v1", "1.0.0"), "");
    let release = folder.join("golden/1.1.0");
    fs::create_dir(&release).unwrap();
    fs::write(release.join("orders.value.json"), "half").unwrap();
    fs::write(release.join(".orders.value.snap.tmp"), "half").unwrap();
    insta::assert_snapshot!(verify(folder, "v1"));
    assert!(record(folder, "v1", "1.2.0").contains("1.1.0/orders.value.json is not in the manifest"));
    assert_eq!(record(folder, "v1", "1.1.0"), "");
    assert_eq!(verify(folder, "v1"), "");
}

#[test]
fn write_errors_are_reported() {
    let folder = crate_folder();
    let folder = folder.path();
    fs::write(folder.join("golden"), "a file").unwrap();
    insta::assert_snapshot!(record(folder, "v1", "1.0.0"));
}

#[test]
fn damaged_goldens_are_not_recorded_over() {
    let folder = crate_folder();
    let folder = folder.path();
    assert_eq!(record(folder, "v1", "1.0.0"), "");
    fs::remove_file(folder.join("golden/1.0.0/orders.key.snap")).unwrap();
    let before = tree(folder);
    for release in ["1.0.0", "1.1.0"] {
        assert!(record(folder, "v1", release).contains("1.0.0/orders.key.snap is missing"));
    }
    assert_eq!(tree(folder), before);
}

#[test]
fn todays_snapshots_are_written_for_tools() {
    let folder = crate_folder();
    let folder = folder.path();
    let out = folder.join("out");
    let current = |types| said(folder, run(folder, types, &[("TYPESER_GOLDEN_CURRENT", out.to_str().unwrap())]));
    assert_eq!(current("v1"), "");
    assert_eq!(current("a"), "", "another suite adds its states");
    assert_eq!(current("v1"), "", "recording the same again succeeds");
    let today = Today::read(&out).unwrap();
    let states: Vec<String> = today.states.iter().map(|current| current.stem()).collect();
    assert_eq!(states, ["a.value", "orders.key", "orders.value"]);
    insta::assert_snapshot!(current("wider"));
}
