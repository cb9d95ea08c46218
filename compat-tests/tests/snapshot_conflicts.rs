//! A snapshot in which two things cannot both be true is refused in each of its forms: text and JSON name the line and
//! the column, the binary form names the node.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use typeser::SerializerSnapshot;
use typeser::snapshot::MAGIC;
use typeser::wire::checksum;

/// A valid snapshot, and a small change that makes it contradict itself.
struct Case {
    name: &'static str,
    /// In the text form, without the first line.
    text: &'static str,
    /// What is replaced by what in text and JSON.
    words: (&'static str, &'static str),
    /// What is replaced by what in the binary form.
    bytes: (&'static [u8], &'static [u8]),
}

/// A case in which one name of two letters becomes another.
const fn name(name: &'static str, text: &'static str, to: &'static str) -> Case {
    Case { name, text, words: ("zz", to), bytes: (b"zz", to.as_bytes()) }
}

const CASES: &[Case] = &[
    name("two fields of one name", "root list<SS>\n\nstruct SS v1\n  aa u8\n  zz u8\n", "aa"),
    name("an alias that is a field", "root SS\n\nstruct SS v1\n  aa u8\n    @alias zz\n  bb u8\n", "bb"),
    name("an alias that is its own field", "root SS\n\nstruct SS v1\n  aa u8\n    @alias zz\n", "aa"),
    name("one alias for two fields", "root SS\n\nstruct SS v1\n  aa u8\n    @alias cc\n  bb u8\n    @alias zz\n", "cc"),
    name("a removed field that is there", "root SS\n\nstruct SS v1\n  @removed zz\n  aa u8\n", "aa"),
    name("a removed field that is an alias", "root SS\n\nstruct SS v1\n  @removed zz\n  aa u8\n    @alias bb\n", "bb"),
    name("a field removed twice", "root SS\n\nstruct SS v1\n  @removed bb\n  @removed zz\n  aa u8\n", "bb"),
    name("a type that is its own alias", "root SS\n\nstruct SS v1\n  @alias zz\n  aa u8\n", "SS"),
    name("an alias of a type twice", "root EE\n\nenum EE v1\n  @alias old\n  @alias zz\n  @alias xx\n  0 aa\n", "xx"),
    name("two variants of one name", "root EE\n\nenum EE v1\n  0 aa\n  1 zz\n", "aa"),
    name("an alias that is a variant", "root EE\n\nenum EE v1\n  0 aa\n    @alias zz\n  1 bb\n", "bb"),
    name("one alias for two variants", "root EE\n\nenum EE v1\n  0 aa\n    @alias cc\n  1 bb\n    @alias zz\n", "cc"),
    name("a removed variant that is there", "root EE\n\nenum EE v1\n  @removed zz becomes 0x00000000\n  0 aa\n", "aa"),
    name("a removed variant that is an alias", "root EE\n\nenum EE v1\n  @removed zz\n  0 aa\n    @alias bb\n", "bb"),
    name("a variant removed twice", "root EE\n\nenum EE v1\n  @removed bb\n  @removed zz\n  0 aa\n", "bb"),
    name("two fields of one name in a variant", "root EE\n\nenum EE v1\n  0 aa\n  1 bb\n    ff u8\n    zz u8\n", "ff"),
    name(
        "a removed field that is there in a variant",
        "root EE\n\nenum EE v1\n  0 aa\n  1 bb\n    @removed zz\n    ff u8\n",
        "ff",
    ),
    name(
        "an alias that is a field in a variant",
        "root EE\n\nenum EE v1\n  0 aa\n  1 bb\n    ff u8\n      @alias zz\n    gg u8\n",
        "gg",
    ),
    Case {
        name: "two variants of one tag",
        text: "root map<u8, EE>\n\nenum EE v1\n  7 aa\n  3 bb\n  240 cc\n",
        words: ("240", "7"),
        bytes: (&[b'c', b'c', 240], &[b'c', b'c', 7]),
    },
    name(
        "two fields of one name in the layout that a conversion reads",
        "root SS\n\nstruct SS v1\n  aa u8\n    @convert join\n      root TT\n      struct TT v1\n        bb u8\n        zz u8\n",
        "bb",
    ),
    name(
        "two variants of one name in the layout that a migration reads",
        "root SS\n\nstruct SS v2\n  @migrate 1 from_choice\n    root EE\n    enum EE v1\n      0 bb\n      1 zz\n  aa u8\n",
        "bb",
    ),
];

/// The text with a word replaced that is there once.
fn with(text: &str, (from, to): (&str, &str)) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` in\n{text}");
    text.replace(from, to)
}

/// A stored snapshot with bytes replaced that are there once, under a checksum that holds.
fn with_bytes(stored: &[u8], (from, to): (&[u8], &[u8])) -> Vec<u8> {
    let body = &stored[MAGIC.len() + 6..stored.len() - 4];
    let places: Vec<usize> = (0..body.len()).filter(|at| body[*at..].starts_with(from)).collect();
    let [at] = places[..] else { panic!("{from:?} at {places:?}") };
    let body = [&body[..at], to, &body[at + from.len()..]].concat();
    let mut bytes = [MAGIC.as_slice(), &[1, 0], &(body.len() as u32).to_le_bytes(), &body].concat();
    bytes.extend_from_slice(&checksum(&bytes).to_le_bytes());
    bytes
}

#[test]
fn each_conflict_is_an_error_of_reading_in_each_form() {
    let mut page = String::new();
    for Case { name, text, words, bytes } in CASES {
        let text = format!("typeser-snapshot 1\n{text}");
        let valid = SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        let text = SerializerSnapshot::from_text(&with(&text, *words)).map(|_| ()).unwrap_err();
        let json = SerializerSnapshot::from_json(&with(&valid.to_json(), *words)).map(|_| ()).unwrap_err();
        let bytes = with_bytes(&valid.to_bytes().unwrap(), *bytes);
        let bytes = SerializerSnapshot::from_bytes(&bytes).map(|_| ()).unwrap_err();
        assert!(text.position().is_some() && json.position().is_some(), "{name}: {text}, {json}");
        page.push_str(&format!("{name}:\n  text:   {text}\n  JSON:   {json}\n  binary: {bytes}\n"));
    }
    insta::assert_snapshot!(page);
}

#[test]
fn a_fallback_that_is_no_variant_is_refused() {
    let text = "typeser-snapshot 1\nroot EE\n\nenum EE v1\n  @fallback other\n  0 aa\n  1 other\n";
    let valid = SerializerSnapshot::from_text(text).unwrap();
    let error = SerializerSnapshot::from_text(&with(text, ("@fallback other", "@fallback othre"))).map(|_| ());
    let is = "`othre` is declared as the fallback, but `EE` has no such variant, did you mean `other`?";
    assert_eq!(error.unwrap_err().to_string(), format!("line 5, column 3: {is}"));
    let json = with(&valid.to_json(), ("\"fallback\": \"other\"", "\"fallback\": \"gone\""));
    let is = "`gone` is declared as the fallback, but `EE` has no such variant; name one of its variants";
    assert_eq!(refused(&json), format!("line 8, column 46: {is}"));
    let bytes = with_bytes(&valid.to_bytes().unwrap(), (b"\x01\x05other", b"\x01\x04gone"));
    let error = SerializerSnapshot::from_bytes(&bytes).map(|_| ()).unwrap_err();
    assert_eq!(error.to_string(), format!("the snapshot is not valid: node 0: {is}"));
}

/// A snapshot of one struct in JSON.
fn json(fields: &str, more: &str) -> String {
    format!(
        "{{\"typeser-snapshot\": 1, \"root\": \"Point\", \"types\": [\n  {{\"struct\": \"Point\"{more}, \"fields\": [\n    {fields}\n  ]}}\n]}}"
    )
}

fn refused(text: &str) -> String {
    SerializerSnapshot::from_json(text).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn fields_that_are_each_others_earlier_name_are_refused_whatever_is_stored() {
    // The layout is that of the fields without aliases, so no comparison with it would look at them.
    let swapped = r#"{"name": "x", "type": "i32", "alias": ["y"]}, {"name": "y", "type": "i32", "alias": ["x"]}"#;
    let is = "line 3, column 44: `y` is a field of `Point` now, so it cannot also be an earlier name; remove the alias, or give the field `y` another name";
    assert_eq!(refused(&json(swapped, "")), is);
    let longer = format!(r#"{swapped}, {{"name": "z", "type": "option<i32>"}}"#);
    assert_eq!(refused(&json(&longer, "")), is);
}

#[test]
fn a_removed_name_that_is_a_field_is_refused() {
    let fields = r#"{"name": "x", "type": "i32"}, {"name": "y", "type": "i32"}"#;
    let is = "line 2, column 35: `y` is a field of `Point` now, so it is not removed; remove it from the removed names, or give the field another name";
    assert_eq!(refused(&json(fields, r#", "removed": ["y"]"#)), is);
}

#[test]
fn two_fields_of_one_name_in_a_new_variant_are_refused() {
    // No stored value has the variant, so no comparison with a stored layout would look at its fields. Found by the
    // oracle.
    let stored = "typeser-snapshot 1\nroot A\n\nenum A v1\n  3 S\n";
    assert!(SerializerSnapshot::from_text(stored).is_ok());
    let new = "typeser-snapshot 1\nroot A\n\nenum A v1\n  0 T\n    a u8\n    a u8\n  4 S\n";
    let error = SerializerSnapshot::from_text(new).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 7, column 5: a second field of `A::T` is called `a`; give one of the two another name"
    );
}
