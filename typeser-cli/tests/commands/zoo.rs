//! Goldens for the tests of `check` and `accept`: three states over some releases, written by hand.

use std::collections::BTreeMap;

use typeser::SerializerSnapshot;
use typeser::golden::{Golden, Goldens, stem};
use typeser::resolve::Role;

use crate::runner::Place;

/// What a release has: states with their role, and the fields of their struct.
pub(crate) type Release = Vec<(&'static str, Role, String)>;

/// The JSON form of a struct with these fields: `id: u32, note: string`.
pub(crate) fn order(fields: &str) -> String {
    let fields = fields.split(", ").map(|field| {
        let (name, ty) = field.split_once(": ").unwrap();
        format!("      {{\"name\": \"{name}\", \"type\": \"{ty}\"}}")
    });
    let fields: Vec<String> = fields.collect();
    let json = format!(
        "{{\"typeser-snapshot\": 1, \"root\": \"Order\", \"types\": [{{\"struct\": \"Order\", \"fields\": [\n{}\n]}}]}}",
        fields.join(",\n")
    );
    SerializerSnapshot::from_json(&json).unwrap_or_else(|error| panic!("{error} in\n{json}")).to_json()
}

/// The first release.
pub(crate) fn first() -> Release {
    vec![
        ("orders", Role::Value, order("id: u32, note: string")),
        ("orders", Role::Key, order("id: u32")),
        ("sessions", Role::Value, order("at: u64")),
    ]
}

/// The second: an id is wider.
pub(crate) fn second() -> Release {
    vec![
        ("orders", Role::Value, order("id: u64, note: string")),
        ("orders", Role::Key, order("id: u32")),
        ("sessions", Role::Value, order("at: u64")),
    ]
}

/// A release that reads all earlier ones.
pub(crate) fn good() -> Release {
    vec![
        ("orders", Role::Value, order("note: string, id: u64")),
        ("orders", Role::Key, order("id: u32")),
        ("sessions", Role::Value, order("at: u64")),
    ]
}

/// A release that does not: a field is narrower, a key wider, one state is removed and one is new.
pub(crate) fn bad() -> Release {
    vec![
        ("orders", Role::Value, order("id: u16, note: string")),
        ("orders", Role::Key, order("id: u64")),
        ("users", Role::Value, order("name: string")),
    ]
}

/// The files of a folder of goldens with these releases.
pub(crate) fn files(releases: &[(&str, Release)]) -> BTreeMap<String, Vec<u8>> {
    let mut goldens = Goldens::default();
    for (name, states) in releases {
        let golden = |(state, role, json): &(&str, Role, String)| Golden {
            state: (*state).to_owned(),
            role: *role,
            snapshot: SerializerSnapshot::from_json(json).unwrap(),
            samples: Vec::new(),
        };
        goldens.record(name, states.iter().map(golden).collect()).unwrap();
    }
    goldens.to_files().unwrap()
}

impl Place {
    /// With these goldens in a folder.
    pub(crate) fn goldens(self, folder: &str, releases: &[(&str, Release)]) -> Self {
        let files = files(releases);
        files.iter().fold(self, |place, (name, bytes)| place.file(&format!("{folder}/{name}"), bytes))
    }

    /// With these states as today's snapshots in a folder.
    pub(crate) fn today(self, folder: &str, states: &Release) -> Self {
        states
            .iter()
            .fold(self, |place, (state, role, json)| place.file(&format!("{folder}/{}.json", stem(state, *role)), json))
    }
}

/// Goldens of three releases, of which the last is the good one.
pub(crate) fn passing() -> Place {
    Place::new().goldens("golden", &[("1.0.0", first()), ("1.1.0", second()), ("2.0.0", good())])
}

/// Goldens of three releases, of which the last is the bad one.
pub(crate) fn failing() -> Place {
    Place::new().goldens("golden", &[("1.0.0", first()), ("1.1.0", second()), ("2.0.0", bad())])
}
