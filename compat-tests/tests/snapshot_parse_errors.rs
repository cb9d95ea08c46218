//! Errors for invalid text and JSON: the place, the mistake, and a suggestion.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use typeser::SerializerSnapshot;

fn errors(cases: &[(&str, &str)], read: fn(&str) -> Option<String>) -> String {
    let errors: Vec<String> = cases
        .iter()
        .map(|(name, text)| format!("{name}:\n  {}", read(text).unwrap_or_else(|| "NO ERROR".to_owned())))
        .collect();
    errors.join("\n")
}

#[test]
fn each_mistake_in_text_is_reported_with_its_place() {
    let cases = [
        ("nothing", ""),
        ("another text", "hello\n"),
        ("a newer version", "typeser-snapshot 2\nroot u64\n"),
        ("no root", "typeser-snapshot 1\nname n\n"),
        ("an unknown line above", "typeser-snapshot 1\nnmae n\nroot u64\n"),
        ("unknown integers", "typeser-snapshot 1\nintegers fixd\nroot u64\n"),
        ("a version that is not a number", "typeser-snapshot 1\nversion x\nroot u64\n"),
        ("a version beyond 32 bits", "typeser-snapshot 1\nversion 4294967296\nroot u64\n"),
        ("a mistyped primitive", "typeser-snapshot 1\nroot strnig\n"),
        ("a mistyped type", "typeser-snapshot 1\nroot list<Oder>\n\nstruct Order v1\n"),
        ("a second type that is not there", "typeser-snapshot 1\nroot Order#2\n\nstruct Order v1\n"),
        ("no such number", "typeser-snapshot 1\nroot $3\n"),
        ("a missing bracket", "typeser-snapshot 1\nroot map<u8, list<u8>\n"),
        ("a tuple of one without a comma", "typeser-snapshot 1\nroot (u8)\n"),
        ("more behind a type", "typeser-snapshot 1\nroot u8 u8\n"),
        ("a reserved name without quotes", "typeser-snapshot 1\nroot u64\n\nstruct u64 v1\n"),
        ("twice the same type", "typeser-snapshot 1\nroot A\n\nstruct A v1\n\nstruct A v2\n"),
        ("a type that nothing uses", "typeser-snapshot 1\nroot u8\n\nstruct A v1\n"),
        ("a name for a shape", "typeser-snapshot 1\nroot A\n\ntype A = list<u8>\n"),
        ("a shape that is a name", "typeser-snapshot 1\nroot $1\n\ntype $1 = $1\n"),
        ("wrong indentation", "typeser-snapshot 1\nroot A\n\nstruct A v1\n   id u64\n"),
        ("a field without type", "typeser-snapshot 1\nroot A\n\nstruct A v1\n  id\n"),
        ("an unknown hint", "typeser-snapshot 1\nroot A\n\nstruct A v1\n  id u64\n    @defualt 0x00\n"),
        ("odd digits", "typeser-snapshot 1\nroot A\n\nstruct A v1\n  id u64\n    @default 0x000\n"),
        ("hints of a shape that has none", "typeser-snapshot 1\nroot $1\n\ntype $1 = list<$1>\n  @canonical\n"),
        ("a conversion without source", "typeser-snapshot 1\nroot A\n\nstruct A v1\n  id u64\n    @convert x\n"),
        ("a variant without tag", "typeser-snapshot 1\nroot A\n\nenum A v1\n  None\n"),
        ("an open quote", "typeser-snapshot 1\nroot A\n\nstruct A v1\n  \"id u64\n"),
        ("an unknown escape", "typeser-snapshot 1\nroot A\n\nstruct A v1\n  \"é\\x\" u64\n"),
        ("an endless value", "typeser-snapshot 1\nroot A\n\nstruct A v1\n  again A\n"),
        ("a non-zero string", "typeser-snapshot 1\nroot nonzero<string>\n"),
        ("parameters out of order", "typeser-snapshot 1\nroot logical d b=\"\" a=\"\"<u8>\n"),
    ];
    insta::assert_snapshot!(errors(&cases, |text| Some(SerializerSnapshot::from_text(text).err()?.to_string())));
}

#[test]
fn each_mistake_in_json_is_reported_with_its_place() {
    let cases = [
        ("nothing", ""),
        ("an array", "[]"),
        ("no version", "{\"root\": \"u64\"}"),
        ("a newer version", "{\"typeser-snapshot\": 2}"),
        ("a version that is not a number", "{\"typeser-snapshot\": \"1\"}"),
        ("a mistyped key", "{\n  \"typeser-snapshot\": 1,\n  \"nmae\": \"n\",\n  \"root\": \"u64\"\n}"),
        ("a key twice", "{\"typeser-snapshot\": 1, \"root\": \"u64\", \"root\": \"u8\"}"),
        ("a mistyped type", "{\"typeser-snapshot\": 1,\n  \"root\": \"list<strng>\"}"),
        (
            "two meanings",
            "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"struct\": \"A\", \"enum\": \"A\"}]}",
        ),
        ("no meaning", "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"name\": \"A\"}]}"),
        (
            "a field without type",
            "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"struct\": \"A\", \"fields\": [{\"name\": \"id\"}]}]}",
        ),
        (
            "a default that is not text",
            "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"struct\": \"A\", \"fields\": [{\"name\": \"id\", \"type\": \"u8\", \"default\": 0}]}]}",
        ),
        (
            "a default in other digits",
            "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"struct\": \"A\", \"fields\": [{\"name\": \"id\", \"type\": \"u8\", \"default\": \"00\"}]}]}",
        ),
        (
            "hints in a source",
            "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"struct\": \"A\", \"migrate\": [{\"from\": 1, \"id\": \"x\", \"source\": {\"root\": \"B\", \"types\": [{\"struct\": \"B\", \"alias\": [\"C\"]}]}}]}]}",
        ),
        ("a missing comma", "{\"typeser-snapshot\": 1 \"root\": \"u64\"}"),
        ("a number too large", "{\"typeser-snapshot\": 1, \"version\": 4294967296, \"root\": \"u64\"}"),
        ("a fraction", "{\"typeser-snapshot\": 1, \"version\": 1.5, \"root\": \"u64\"}"),
        ("half a character", "{\"typeser-snapshot\": 1, \"name\": \"\\ud83e\", \"root\": \"u64\"}"),
        ("a line break in a string", "{\"typeser-snapshot\": 1, \"name\": \"a\nb\"}"),
        ("cut off", "{\"typeser-snapshot\": 1, \"root\": \"u6"),
        ("more behind", "{\"typeser-snapshot\": 1, \"root\": \"u64\"}}"),
    ];
    insta::assert_snapshot!(errors(&cases, |text| Some(SerializerSnapshot::from_json(text).err()?.to_string())));
}

#[test]
fn omitted_parts_have_defaults() {
    let json = r#"{"typeser-snapshot": 1, "root": "Order", "types": [
        {"struct": "Order", "version": 3, "fields": [{"name": "state", "type": "State"}]},
        {"enum": "State", "variants": [{"name": "Open"}, {"name": "Paid", "fields": [{"name": "0", "type": "u8"}]}]}
    ]}"#;
    let read = SerializerSnapshot::from_json(json).unwrap();
    insta::assert_snapshot!(read.to_text());
    assert_eq!(SerializerSnapshot::from_text("typeser-snapshot 1\r\nroot list<u64>\r\n").unwrap().name(), "list<u64>");
}
