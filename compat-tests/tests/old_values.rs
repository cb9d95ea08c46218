//! A reader of old values leaves the check of copied text to the code that decodes it. It accepts and refuses what it would
//! accept and refuse without that, with the same errors.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::collections::BTreeMap;

use typeser::migrate::{Scratch, Trust};
use typeser::resolve::{Policy, Role, resolve};
use typeser::schema::IntegerEncoding;
use typeser::versions::ReadError;
use typeser::{Serializer, StateType, TypeSerializer};

#[derive(StateType, Debug, PartialEq)]
struct Part {
    name: String,
    flag: bool,
}

mod stored {
    use super::{Part, StateType};

    #[derive(StateType)]
    pub(super) struct Record {
        pub(super) kept: String,
        pub(super) dropped: String,
        pub(super) parts: Vec<Part>,
        pub(super) lost: Vec<Part>,
        pub(super) choice: Option<String>,
        pub(super) code: u16,
        pub(super) bytes: Vec<u8>,
        pub(super) last: String,
    }

    /// Text that becomes bytes, which nobody checks later.
    #[derive(StateType)]
    pub(super) struct Blob {
        pub(super) text: String,
        pub(super) other: String,
    }

    #[derive(StateType)]
    pub(super) struct Plain {
        pub(super) code: u16,
        pub(super) text: String,
    }
}

#[derive(StateType, Debug, PartialEq)]
#[state(removed("dropped", "lost"))]
struct Record {
    kept: String,
    parts: Vec<Part>,
    choice: Option<String>,
    code: u32,
    bytes: Vec<u8>,
    last: String,
    #[state(default = 7)]
    added: u8,
}

#[derive(StateType, Debug, PartialEq)]
struct Blob {
    text: Vec<u8>,
    other: String,
    #[state(default)]
    added: BTreeMap<u8, u8>,
}

#[derive(StateType, Debug, PartialEq)]
struct Plain {
    text: String,
    code: u64,
}

/// Compares the reader with a migration that checks everything, and then decodes.
fn compare<Old: StateType, New: StateType + PartialEq + std::fmt::Debug>(
    value: &Old,
    integers: IntegerEncoding,
) -> usize {
    let before = Serializer::<Old>::with_integers(integers).unwrap();
    let today = Serializer::<New>::with_integers(integers).unwrap();
    let resolution = resolve(before.snapshot(), today.snapshot(), Role::Value, &Policy::default());
    let reader = resolution.reader(&today).unwrap();
    let migration = resolution.migration(today.conversions()).unwrap();
    let mut stored = Vec::new();
    before.serialize(value, &mut stored).unwrap();
    let mut refused = 0;
    for damaged in damage(&stored) {
        let mut migrated = Vec::new();
        let expected = match migration.run(&damaged, Trust::Foreign, &mut Scratch::default(), &mut migrated) {
            Ok(()) => today.deserialize(&migrated).map_err(ReadError::from),
            Err(error) => Err(error.into()),
        };
        refused += usize::from(expected.is_err());
        assert_eq!(reader.read(&damaged), expected, "{damaged:?}");
    }
    refused
}

/// The bytes, the same cut at each place, with one more byte, and with each byte changed.
fn damage(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (0..=bytes.len()).map(|length| bytes[..length].to_vec()).collect();
    all.push([bytes, &[0]].concat());
    for place in 0..bytes.len() {
        for byte in [0, 1, 2, 0x7F, 0x80, 0xC3, 0xFF] {
            let mut changed = bytes.to_vec();
            changed[place] = byte;
            all.push(changed);
        }
    }
    all
}

#[test]
fn damaged_values_are_refused_with_the_first_error() {
    let part = |name: &str| Part { name: name.to_owned(), flag: true };
    for integers in [IntegerEncoding::Fixed, IntegerEncoding::Variable] {
        let record = stored::Record {
            kept: "\u{e4}bc".to_owned(),
            dropped: "gone".to_owned(),
            parts: vec![part("one"), part("the second")],
            lost: vec![part("lost")],
            choice: Some("chosen".to_owned()),
            code: 7,
            bytes: vec![0xFF, 0x80],
            last: "the last text is a little longer".to_owned(),
        };
        assert!(compare::<_, Record>(&record, integers) > 200);
        let blob = stored::Blob { text: "becomes bytes".to_owned(), other: "stays".to_owned() };
        assert!(compare::<_, Blob>(&blob, integers) > 40);
        let plain = stored::Plain { code: 7, text: "a text".to_owned() };
        assert!(compare::<_, Plain>(&plain, integers) > 20);
    }
}
