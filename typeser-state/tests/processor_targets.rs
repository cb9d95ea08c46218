//! New serializers are found in a folder by the names of its files, and a name that says nothing is reported.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod support;

use std::fs;
use std::path::Path;

use typeser::resolve::Role;
use typeser::{Serializer, StateType, TypeSerializer};
use typeser_state::backend::MemoryBackend;
use typeser_state::keyed::Operator;
use typeser_state::processor::{MigrationPlan, ProcessOptions, Targets};
use typeser_state::savepoint::Savepoint;

use support::{bytes, many, names, steady, write};

fn json<T: StateType>() -> String {
    Serializer::<T>::new().unwrap().snapshot().to_json()
}

fn put(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn listed(targets: &Targets) -> Vec<(String, Option<String>, Role, String)> {
    let targets = targets.targets().iter();
    targets
        .map(|target| {
            let (operator, state) = (target.operator().unwrap_or("-").to_owned(), target.state().map(str::to_owned));
            (operator, state, target.role(), target.snapshot().name().to_owned())
        })
        .collect()
}

#[test]
fn names_of_files_say_what_they_are_for_and_any_form_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    put(folder, "flights/key.json", json::<u8>());
    put(folder, "flights/a%2Fb.value.snap", Serializer::<u16>::new().unwrap().snapshot().to_bytes().unwrap());
    put(folder, "flights/recent.element.txt", Serializer::<u32>::new().unwrap().snapshot().to_text());
    put(folder, "flights/routes.map-key.json", json::<String>());
    // What a recorded release looks like: the same in two forms, and samples.
    put(folder, "flights/routes.value.json", json::<u64>());
    put(folder, "flights/routes.value.snap", Serializer::<u64>::new().unwrap().snapshot().to_bytes().unwrap());
    put(folder, "flights/routes.value.samples.json", "{}");
    put(folder, ".hidden", "");
    put(folder, "totals.value.json", json::<bool>());
    insta::assert_debug_snapshot!(listed(&Targets::read(folder).unwrap()));
}

#[test]
fn what_cannot_be_read_is_reported_with_its_file() {
    let cases: [(&str, &[u8]); 9] = [
        ("flights/totals.json", b"{}"),
        ("flights/totals.values.json", b"{}"),
        ("flights/totals.value.toml", b"{}"),
        ("flights/a.b.value.json", b"{}"),
        ("flights/a%2.value.json", b"{}"),
        ("fli ghts/key.json", b"{}"),
        ("flights/key.json", b"{\"typeser-snapshot\": 1, \"nam\": \"u8\"}"),
        ("flights/key.json", b"hello"),
        ("flights/key.json", b"\x89TSNAP\r\n\x01\x00"),
    ];
    let messages: Vec<String> = cases
        .iter()
        .map(|(name, content)| {
            let folder = tempfile::tempdir().unwrap();
            put(folder.path(), name, content);
            steady(Targets::read(folder.path()).unwrap_err(), folder.path())
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let empty = steady(Targets::read(folder.path()).unwrap_err(), folder.path());
    put(folder.path(), "flights/key.json", json::<u8>());
    put(folder.path(), "flights/key.txt", Serializer::<u16>::new().unwrap().snapshot().to_text());
    let twice = steady(Targets::read(folder.path()).unwrap_err(), folder.path());
    insta::assert_snapshot!([messages, vec![empty, twice]].concat().join("\n"));
}

#[test]
fn what_is_stored_can_be_written_out_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let savepoint = write(&folder.path().join("stored"), &many(5), 1);
    let snapshots = folder.path().join("snapshots");
    Targets::stored(&savepoint).write(&snapshots).unwrap();
    assert_eq!(names(&snapshots), ["flights", "untouched"]);
    assert_eq!(
        names(&snapshots.join("flights")),
        ["key.json", "recent.element.json", "routes.map-key.json", "routes.value.json", "totals.value.json"]
    );
    let targets = Targets::read(&snapshots).unwrap();
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    let same = plan.run(folder.path().join("same"), &mut |_| ()).unwrap();
    assert!(bytes(same.path()) == bytes(savepoint.path()));
    let error = Targets::stored(&savepoint).write(&snapshots).unwrap_err();
    assert!(error.to_string().contains("exists"), "{error}");
}

#[test]
fn files_in_the_folder_itself_are_for_the_only_operator() {
    let folder = tempfile::tempdir().unwrap();
    let mut operator = Operator::<u8>::new("an operator / with a name").unwrap();
    let value = operator.value::<u16>("a state: ä").unwrap();
    let mut state = operator.open(MemoryBackend::new()).unwrap();
    state.set_current_key(&1).unwrap();
    value.update(&mut state, &2).unwrap();
    let savepoint = Savepoint::create(folder.path().join("s")).unwrap().operator(&state).unwrap().finish().unwrap();
    put(&folder.path().join("new"), "a%20state%3A%20%C3%A4.value.json", json::<u64>());
    let targets = Targets::read(folder.path().join("new")).unwrap();
    let plan = MigrationPlan::new(&savepoint, &targets, &ProcessOptions::new()).unwrap();
    assert!(plan.states().iter().any(|state| state.verdict.is_some()));
    let two = write(&folder.path().join("two"), &many(1), 1);
    let error = MigrationPlan::new(&two, &targets, &ProcessOptions::new()).unwrap_err().to_string();
    assert!(error.contains("value of state `a state: ä` of the only operator"), "{error}");
    Targets::stored(&savepoint).write(folder.path().join("out")).unwrap();
    assert_eq!(names(&folder.path().join("out")), ["an%20operator%20%2F%20with%20a%20name"]);
    Targets::read(folder.path().join("out")).unwrap();
}
