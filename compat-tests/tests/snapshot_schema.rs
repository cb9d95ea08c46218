//! `docs/snapshot.schema.json` describes the JSON form of snapshots, both generated and hand-written.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use std::fs;
use std::path::{Path, PathBuf};

use compat_tests::pairs;
use serde_json::Value as Json;
use typeser::SerializerSnapshot;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn validator() -> jsonschema::Validator {
    let schema: Json =
        serde_json::from_str(&fs::read_to_string(root().join("docs/snapshot.schema.json")).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// The errors of the schema for a document.
fn complaints(validator: &jsonschema::Validator, json: &str) -> Vec<String> {
    let document: Json = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error} in\n{json}"));
    validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_kept_snapshot_is_described() {
    let validator = validator();
    let mut open = vec![root().join("golden"), root().join("compat-tests/pairs")];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".json") || name.ends_with(".samples.json") || name == "accepted.json" {
            continue;
        }
        let json = fs::read_to_string(&path).unwrap();
        assert_eq!(complaints(&validator, &json), Vec::<String>::new(), "{}", path.display());
        SerializerSnapshot::from_json(&json).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        seen += 1;
    }
    assert!(seen > 10, "the test sees snapshots at all: {seen}");
}

#[test]
fn whatever_the_library_writes_is_described() {
    let validator = validator();
    for pair in pairs::all() {
        for side in [&pair.stored, &pair.new] {
            assert_eq!(complaints(&validator, &side.snapshot.to_json()), Vec::<String>::new(), "{}", pair.rule);
        }
    }
    let versions = typeser::snapshot::READ_VERSIONS.iter();
    for (name, snapshot) in versions.flat_map(|version| compat_tests::snapshot_zoo::of_version(*version)) {
        assert_eq!(complaints(&validator, &snapshot.to_json()), Vec::<String>::new(), "{name}");
    }
}

/// A valid document with every possible key.
const GOOD: &str = r##"{
  "$schema": "https://example.org/snapshot.schema.json",
  "typeser-snapshot": 1,
  "name": "Order",
  "version": 2,
  "integers": "variable",
  "root": "Order",
  "types": [
    {"struct": "Order", "version": 2, "alias": ["Sale"], "removed": ["weight"],
     "migrate": [{"from": 1, "id": "old", "source": {"root": "Old", "types": [{"struct": "Old"}]}}], "fields": [
      {"name": "id", "type": "u64", "alias": ["no"], "default": "0x07", "none": "0x00",
       "convert": [{"id": "parse", "injective": true, "source": {"root": "string"}}]},
      {"name": "status", "type": "Status"},
      {"name": "blob", "type": "$1"}
    ]},
    {"enum": "Status", "version": 3, "alias": ["State"], "removed": [{"name": "Lost", "becomes": "0x00"}],
     "fallback": "Open", "variants": [
      {"name": "Open"},
      {"name": "Shipped", "tag": 5, "alias": ["Sent"], "removed": ["driver"], "fields": [{"name": "0", "type": "string"}]}
    ]},
    {"type": "$1", "is": "opaque Blob v2", "canonical": true, "reads": [1], "migrate": [{"from": 0, "id": "blob"}]}
  ]
}"##;

#[test]
fn schema_and_reader_take_all_that_may_be_written() {
    assert_eq!(complaints(&validator(), GOOD), Vec::<String>::new());
    SerializerSnapshot::from_json(GOOD).unwrap();
}

#[test]
fn schema_and_reader_refuse_the_same_mistakes() {
    let validator = validator();
    // A part of the valid document, and an invalid replacement.
    let mistakes = [
        ("\"typeser-snapshot\": 1", "\"typeser-snapshots\": 1"),
        ("\"typeser-snapshot\": 1", "\"typeser-snapshot\": 3"),
        ("\"typeser-snapshot\": 1", "\"typeser-snapshot\": \"1\""),
        ("\"typeser-snapshot\": 1,", ""),
        ("\"$schema\": \"https://example.org/snapshot.schema.json\"", "\"$schema\": 7"),
        ("\"root\": \"Order\",", ""),
        ("\"root\": \"Order\"", "\"root\": \"\""),
        ("\"root\": \"Order\"", "\"root\": null"),
        ("\"name\": \"Order\"", "\"name\": 7"),
        ("\"name\": \"Order\"", "\"nmae\": \"Order\""),
        ("\"version\": 2,\n  \"integers\"", "\"version\": -2,\n  \"integers\""),
        ("\"version\": 2,\n  \"integers\"", "\"version\": 4294967296,\n  \"integers\""),
        ("\"version\": 2,\n  \"integers\"", "\"version\": \"2\",\n  \"integers\""),
        ("\"variable\"", "\"varint\""),
        ("\"types\": [\n", "\"types\": {}, \"tipes\": [\n"),
        ("{\"struct\": \"Order\"", "{\"strukt\": \"Order\""),
        ("{\"struct\": \"Order\"", "{\"struct\": \"Order\", \"enum\": \"Order\""),
        ("{\"struct\": \"Order\"", "{\"struct\": 7"),
        ("{\"struct\": \"Order\"", "{\"struct\": \"$7\""),
        ("\"alias\": [\"Sale\"]", "\"alias\": \"Sale\""),
        ("\"alias\": [\"Sale\"]", "\"alias\": [7]"),
        ("\"removed\": [\"weight\"]", "\"removed\": [{\"name\": \"weight\"}]"),
        ("\"from\": 1, \"id\": \"old\"", "\"id\": \"old\""),
        ("\"from\": 1, \"id\": \"old\"", "\"from\": 1"),
        ("\"source\": {\"root\": \"Old\", ", "\"source\": {"),
        ("{\"struct\": \"Old\"}", "{\"struct\": \"Old\", \"migrate\": [{\"from\": 0, \"id\": \"older\"}]}"),
        ("{\"struct\": \"Old\"}", "{\"struct\": \"Old\", \"was\": [{\"root\": \"u8\"}]}"),
        (
            "{\"struct\": \"Old\"}",
            "{\"struct\": \"Old\", \"fields\": [{\"name\": \"a\", \"type\": \"u8\", \"convert\": \
             [{\"id\": \"f\", \"source\": {\"root\": \"u16\"}}]}]}",
        ),
        ("\"type\": \"u64\"", "\"typ\": \"u64\""),
        ("\"type\": \"u64\"", "\"type\": [\"u64\"]"),
        ("\"name\": \"id\", ", ""),
        ("\"default\": \"0x07\"", "\"default\": \"07\""),
        ("\"default\": \"0x07\"", "\"default\": \"0x7\""),
        ("\"default\": \"0x07\"", "\"default\": 7"),
        ("\"none\": \"0x00\"", "\"none\": null"),
        ("\"injective\": true", "\"injective\": 1"),
        (", \"source\": {\"root\": \"string\"}", ""),
        ("{\"name\": \"Lost\", \"becomes\": \"0x00\"}", "\"Lost\""),
        ("{\"name\": \"Lost\", \"becomes\": \"0x00\"}", "{\"becomes\": \"0x00\"}"),
        ("\"fallback\": \"Open\"", "\"fallback\": [\"Open\"]"),
        ("{\"name\": \"Open\"}", "\"Open\""),
        ("{\"name\": \"Open\"}", "{}"),
        ("\"tag\": 5", "\"tag\": \"5\""),
        ("\"tag\": 5", "\"tag\": -5"),
        ("\"fields\": [{\"name\": \"0\"", "\"field\": [{\"name\": \"0\""),
        ("{\"type\": \"$1\"", "{\"type\": \"Blob\""),
        ("\"is\": \"opaque Blob v2\"", "\"as\": \"opaque Blob v2\""),
        ("\"canonical\": true", "\"canonical\": \"yes\""),
        ("\"reads\": [1]", "\"reads\": 1"),
        ("{\"from\": 0, \"id\": \"blob\"}", "{\"from\": 0, \"id\": \"blob\", \"source\": {\"root\": \"u8\"}}"),
    ];
    for (good, bad) in mistakes {
        assert!(GOOD.contains(good), "the valid document has no `{good}`");
        let wrong = GOOD.replacen(good, bad, 1);
        assert!(!complaints(&validator, &wrong).is_empty(), "the schema accepts `{bad}` instead of `{good}`");
        assert!(SerializerSnapshot::from_json(&wrong).is_err(), "the reader accepts `{bad}` instead of `{good}`");
    }
}
