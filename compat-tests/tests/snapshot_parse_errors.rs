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
        ("a newer version", "typeser-snapshot 3\nroot u64\n"),
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
        ("a type as Rust has it", "typeser-snapshot 1\nroot Vec<u8>\n"),
        ("a map as Rust has it", "typeser-snapshot 1\nroot HashMap<u8, u8>\n"),
        ("a box", "typeser-snapshot 1\nroot Box<u8>\n"),
        ("a size", "typeser-snapshot 1\nroot list<usize>\n"),
        ("a type of Java", "typeser-snapshot 1\nroot long\n"),
        ("a type of Avro", "typeser-snapshot 1\nroot bytes\n"),
        ("a name of two words", "typeser-snapshot 1\nroot A\n\nstruct my type v1\n"),
        ("a reference of two words", "typeser-snapshot 1\nroot list<my type>\n\nstruct \"my type\" v1\n"),
        ("a default of another type", "typeser-snapshot 1\nroot A\n\nstruct A v1\n  id u8\n    @default-value 256\n"),
        (
            "a default twice",
            "typeser-snapshot 1\nroot A\n\nstruct A v1\n  id u8\n    @default-value 1\n    @default 0x01\n",
        ),
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
        ("a newer version", "{\"typeser-snapshot\": 3}"),
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
            "a default of another type",
            "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"struct\": \"A\", \"fields\": [{\"name\": \"id\", \"type\": \"option<u8>\", \"default-value\": \"x\"}]}]}",
        ),
        (
            "a default with a field that is not there",
            "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"struct\": \"A\", \"fields\": [{\"name\": \"b\", \"type\": \"B\", \"default-value\": {\"xx\": 1}}]}, {\"struct\": \"B\", \"fields\": [{\"name\": \"x\", \"type\": \"u8\"}]}]}",
        ),
        (
            "a replacement that is no variant",
            "{\"typeser-snapshot\": 1, \"root\": \"A\", \"types\": [{\"enum\": \"A\", \"removed\": [{\"name\": \"B\", \"becomes-value\": \"D\"}], \"variants\": [{\"name\": \"C\"}]}]}",
        ),
        (
            "a name of two words",
            "{\"typeser-snapshot\": 1, \"root\": \"my type\", \"types\": [{\"struct\": \"my type\"}]}",
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

/// A constant means the same as a value and as bytes, in both forms.
#[test]
fn constants_may_be_written_as_values() {
    let json = |of: &str, removed: &str| {
        format!(
            r#"{{"typeser-snapshot": 1, "integers": "variable", "root": "Größe", "types": [
                {{"struct": "Größe", "fields": [
                    {{"name": "a", "type": "list<u32>", {of}}},
                    {{"name": "b", "type": "B"}}
                ]}},
                {{"enum": "B", "removed": [{{"name": "Old", {removed}}}], "variants": [
                    {{"name": "One"}}, {{"name": "Two", "tag": 300, "fields": [{{"name": "0", "type": "u8"}}]}}
                ]}}
            ]}}"#
        )
    };
    let bytes = json(r#""default": "0x020107", "none": "0x00""#, r#""becomes": "0xfb2c0109""#);
    let values = json(r#""default-value": [1, "7"], "none-value": []"#, r#""becomes-value": {"Two": 9}"#);
    let [bytes, values] = [bytes, values].map(|json| SerializerSnapshot::from_json(&json).unwrap());
    assert_eq!(bytes, values);
    let text = values.to_text();
    let in_words = text
        .replace("@default 0x020107", "@default-value [1,7]")
        .replace("@none 0x00", "@none-value []")
        .replace("becomes 0xfb2c0109", "becomes-value {\"Two\": 9}");
    assert_ne!(text, in_words);
    assert_eq!(SerializerSnapshot::from_text(&in_words).unwrap(), values);
    assert_eq!(SerializerSnapshot::from_text(&text.replace("\"Größe\"", "Größe")).unwrap(), values);
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
