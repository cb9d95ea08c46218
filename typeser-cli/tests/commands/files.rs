//! `inspect`, `cat`, `diff` and `migrate` of files with one value.

use typeser::file::{self, FileOptions};
use typeser::{Serializer, StateType, TypeSerializer};

use crate::runner::Place;

mod first {
    #[derive(typeser::StateType)]
    pub(super) struct Settings {
        pub(super) volume: u8,
        pub(super) player: String,
    }
}

#[derive(StateType, Debug, PartialEq)]
struct Settings {
    player: String,
    volume: u16,
    #[state(default = true)]
    music: bool,
}

#[derive(StateType)]
#[state(name = "Settings")]
struct Wrong {
    volume: bool,
}

fn snapshot<T: StateType>() -> String {
    Serializer::<T>::new().unwrap().snapshot().to_json()
}

fn place() -> Place {
    let place = Place::new().file("new.json", snapshot::<Settings>()).file("wrong.json", snapshot::<Wrong>());
    let settings = first::Settings { volume: 7, player: "Ada".to_owned() };
    FileOptions::new().release("1.0.0").save(place.path().join("settings.typeser"), &settings).unwrap();
    place
}

#[test]
fn a_file_is_shown_printed_and_migrated_without_its_program() {
    let place = place();
    let output = [
        "inspect settings.typeser",
        "inspect settings.typeser --format json",
        "cat settings.typeser",
        "cat settings.typeser --format text",
        "diff settings.typeser new.json --format short",
        "migrate settings.typeser --to new.json --dry-run",
        "migrate settings.typeser --to new.json --output new.typeser",
        "cat new.typeser --format text",
    ];
    insta::assert_snapshot!(output.map(|words| place.run(words)).concat());
    let migrated: Settings = file::load(place.path().join("new.typeser")).unwrap();
    assert_eq!(migrated, Settings { player: "Ada".to_owned(), volume: 7, music: true });
}

#[test]
fn an_impossible_migration_of_a_file_writes_nothing() {
    let place = place().file("cut.typeser", b"\x89TFILE\r\n\x01\x00");
    let output = [
        "migrate settings.typeser --to wrong.json --output new.typeser",
        "migrate settings.typeser --to new.json --output settings.typeser",
        "cat new.json",
        "cat cut.typeser",
        "inspect cut.typeser",
        "cat none.typeser",
    ];
    insta::assert_snapshot!(output.map(|words| place.run(words)).concat());
    assert!(!place.path().join("new.typeser").exists());
}
