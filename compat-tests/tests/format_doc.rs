//! `docs/format.md` matches the code: its examples are what the code writes, its limits are the constants.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use compat_tests::{ordered_zoo, snapshot_zoo};
use typeser::schema::{IntegerEncoding, Limits, Primitive};

const DOC: &str = include_str!("../../docs/format.md");

/// The fenced block of the page with this info string.
fn block(word: &str) -> &'static str {
    let (_, rest) = DOC.split_once(&format!("```{word}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

/// The bytes that a drawing shows.
fn drawn(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in block(word).lines() {
        let [offset, hexadecimal, _] = line.splitn(3, '|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        assert_eq!(usize::from_str_radix(offset.trim(), 16).unwrap(), bytes.len(), "{line}");
        bytes.extend(hexadecimal.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()));
    }
    bytes
}

#[test]
fn the_hexdumps_are_the_snapshots_of_the_examples() {
    assert_eq!(drawn("hexdump"), snapshot_zoo::order().to_bytes().unwrap());
    assert_eq!(drawn("hexdump-2"), snapshot_zoo::whole_value().to_bytes().unwrap());
    assert_eq!(drawn("hexdump-ordered"), ordered_zoo::ordered());
}

#[test]
fn text_json_and_fingerprint_are_those_of_the_example() {
    let order = snapshot_zoo::order();
    assert_eq!(block("snapshot-text"), order.to_text());
    assert_eq!(block("snapshot-json"), order.to_json());
    assert_eq!(block("canonical-text"), order.schema().canonical_text(IntegerEncoding::Fixed));
    assert!(DOC.contains(&format!("its fingerprint `{}`", order.fingerprint())));
}

#[test]
fn the_limits_are_the_constants() {
    let limits = [
        ("NODES", Limits::NODES as u64),
        ("NAME_BYTES", Limits::NAME_BYTES as u64),
        ("SCHEMA_WEIGHT", Limits::SCHEMA_WEIGHT as u64),
        ("SNAPSHOT_BYTES", Limits::SNAPSHOT_BYTES as u64),
        ("SNAPSHOT_TEXT_BYTES", Limits::SNAPSHOT_TEXT_BYTES as u64),
        ("TEXT_DEPTH", Limits::TEXT_DEPTH as u64),
        ("DEPTH", u64::from(Limits::DEPTH)),
        ("READ_DEPTH", u64::from(Limits::READ_DEPTH)),
        ("EMPTY_ELEMENTS", Limits::EMPTY_ELEMENTS),
    ];
    for (name, value) in limits {
        let line = DOC.lines().find(|line| line.ends_with(&format!("| `Limits::{name}` |"))).unwrap();
        let documented = line.split('|').nth(2).unwrap().trim().replace(',', "");
        assert_eq!(documented, value.to_string(), "{name}");
    }
}

#[test]
fn the_primitives_have_the_numbers_of_the_page() {
    let line = DOC.lines().find(|line| line.starts_with("| 0 primitive |")).unwrap();
    let numbers: Vec<String> =
        (0..).zip(Primitive::ALL).map(|(number, primitive)| format!("{number} {primitive}")).collect();
    assert_eq!(line, format!("| 0 primitive | a number: {} |", numbers.join(", ")));
}
