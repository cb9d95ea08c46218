//! `typeser golden`.

use typeser::golden::{Golden, Goldens, Sample};
use typeser::resolve::Role;
use typeser::{Serializer, StateType, TypeSerializer};

use crate::runner::Place;
use crate::zoo;

#[derive(StateType)]
struct Order {
    id: u32,
    note: Option<String>,
}

mod release_2 {
    #[derive(typeser::StateType)]
    pub(super) struct Order {
        pub(super) id: u64,
        pub(super) note: Option<String>,
    }
}

fn golden<T: StateType>(values: &[T]) -> Golden {
    let serializer = Serializer::<T>::new().unwrap();
    let samples = values.iter().map(|value| {
        let mut bytes = Vec::new();
        serializer.serialize(value, &mut bytes).unwrap();
        let shown = typeser::value::Value::decode(serializer.snapshot(), &bytes).unwrap().to_string();
        Sample { bytes, value: Some(shown), generated: false }
    });
    let samples = samples.collect();
    Golden { state: "orders".to_owned(), role: Role::Value, snapshot: serializer.snapshot().clone(), samples }
}

/// Two releases.
fn recorded() -> Goldens {
    let mut goldens = Goldens::default();
    let values = [Order { id: 7, note: None }, Order { id: 8, note: Some("fragile".to_owned()) }];
    assert!(goldens.record("1.0.0", vec![golden(&values)]).unwrap());
    let values = [release_2::Order { id: 9, note: Some("glass".to_owned()) }];
    assert!(goldens.record("2.0.0", vec![golden(&values)]).unwrap());
    goldens
}

/// The same in `golden/`.
fn place() -> Place {
    let files = recorded().to_files().unwrap();
    files.iter().fold(Place::new(), |place, (name, bytes)| place.file(&format!("golden/{name}"), bytes))
}

#[test]
fn recorded_releases_are_listed() {
    let place = place();
    insta::assert_snapshot!([place.run("golden list"), place.run("golden list --format json")].concat());
}

#[test]
fn goldens_are_shown_as_trees() {
    let place = place();
    let all = ["golden", "golden/2.0.0", "golden/2.0.0/orders.value.snap", "golden/2.0.0/orders.value.samples.json"];
    insta::assert_snapshot!(all.map(|name| place.run(&format!("inspect {name}"))).concat());
    insta::assert_snapshot!(place.run("inspect golden/2.0.0 --format json"));
}

#[test]
fn an_edited_golden_is_detected() {
    let place = place();
    let mut all = place.run("golden verify");
    let place = place.file("golden/1.0.0/orders.value.json", "{}").file("golden/1.0.0/notes.txt", "");
    all.push_str(&place.run("golden verify"));
    all.push_str(&place.run("golden list"));
    all.push_str(&Place::new().run("golden verify"));
    insta::assert_snapshot!(all);
}

#[test]
fn the_folder_of_the_settings_is_the_default() {
    let place = Place::new().file("typeser.toml", "golden = \"state/golden\"\n");
    let files = recorded().to_files().unwrap();
    let place = files.iter().fold(place, |place, (name, bytes)| place.file(&format!("state/golden/{name}"), bytes));
    let mut all = place.run("golden list");
    all.push_str(&place.run("golden verify"));
    all.push_str(&place.run("golden verify golden"));
    let place = place.file("typeser.toml", "goldens = \"state/golden\"\n");
    all.push_str(&place.run("golden verify"));
    all.push_str(&place.run("golden verify state/golden"));
    insta::assert_snapshot!(all);
}

#[test]
fn recording_is_refused_in_ci() {
    let place = Place::new().variable("CI", "true");
    insta::assert_snapshot!(place.run("golden record --release 1.0.0"));
}

/// A fake cargo that prints its arguments and writes what a golden test would write.
#[cfg(unix)]
fn pretended(script: &str) -> Place {
    Place::new().cargo(script)
}

#[test]
#[cfg(unix)]
fn recording_runs_the_tests_and_finds_what_they_wrote() {
    let script = "echo \"cargo test $* with $TYPESER_GOLDEN_RECORD\"; mkdir -p shop/golden; \
                  printf 'typeser golden 1\\nrelease 1.4.0\\nend 0\\n' > shop/golden/manifest.txt";
    let place = pretended(script);
    let mut all = place.run("golden record --release 1.4.0 -- -p shop --test golden");
    all.push_str(&pretended("true").run("golden record --release 1.4.0"));
    all.push_str(&pretended("echo 'a test failed'; exit 101").run("golden record --release 1.4.0"));
    all.push_str(&Place::new().variable("CARGO", "/no/such/cargo").run("golden record --release 1.4.0"));
    insta::assert_snapshot!(all);
}

#[test]
#[cfg(unix)]
fn todays_snapshots_are_written_by_the_tests() {
    let place = pretended("echo \"cargo test $* in $TYPESER_GOLDEN_CURRENT\"; cp types/* $TYPESER_GOLDEN_CURRENT");
    let place = place.today("types", &zoo::bad());
    let mut all = place.run("golden current --out today");
    // The snapshot of a state that was removed since is removed from the folder.
    std::fs::remove_file(place.path().join("types/users.value.json")).unwrap();
    all.push_str(&place.run("golden current --out today"));
    assert!(!place.path().join("today/users.value.json").exists());
    // Files that golden tests did not write stay.
    for name in ["orders.value.json", "notes.txt"] {
        let place = pretended("cp types/* $TYPESER_GOLDEN_CURRENT").today("types", &zoo::bad());
        let place = place.file(&format!("today/{name}"), "{\"typeser-snapshot\": 1, \"root\": \"u8\"}");
        all.push_str(&place.run("golden current --out today"));
        assert_eq!(std::fs::read_dir(place.path().join("today")).unwrap().count(), 1);
    }
    // After failed tests, no old snapshots are left.
    let place = place.cargo("exit 101");
    all.push_str(&place.run("golden current --out today"));
    assert_eq!(std::fs::read_dir(place.path().join("today")).unwrap().count(), 0);
    all.push_str(&pretended("true").run("golden current --out today"));
    insta::assert_snapshot!(all);
}
