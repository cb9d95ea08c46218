//! `typeser diff`.

use crate::runner::Place;

/// Two releases of an order, written by hand.
fn place() -> Place {
    let old = r#"{
  "typeser-snapshot": 1,
  "root": "Order",
  "types": [
    {"struct": "Order", "fields": [
      {"name": "id", "type": "u32"},
      {"name": "status", "type": "Status"},
      {"name": "lines", "type": "list<Line>"}
    ]},
    {"enum": "Status", "variants": [{"name": "Open"}, {"name": "Shipped"}]},
    {"struct": "Line", "fields": [{"name": "sku", "type": "string"}, {"name": "cents", "type": "u64"}]}
  ]
}
"#;
    let new = old
        .replace("\"u32\"}", "\"u64\"}")
        .replace("[{\"name\": \"Open\"}, ", "[{\"name\": \"Draft\"}, {\"name\": \"Open\"}, ");
    let bad = new
        .replace("\"cents\", \"type\": \"u64\"", "\"cents\", \"type\": \"u32\"")
        .replace("      {\"name\": \"id\", \"type\": \"u64\"},\n", "");
    Place::new().file("old.json", old).file("new.json", new).file("bad.json", bad)
}

#[test]
fn nothing_changed() {
    insta::assert_snapshot!(place().run("diff old.json old.json"));
}

#[test]
fn safe_changes_are_reported_too() {
    insta::assert_snapshot!(place().run("diff old.json new.json"));
}

#[test]
fn incompatible_changes_are_reported_in_full() {
    insta::assert_snapshot!(place().run("diff old.json bad.json"));
}

#[test]
fn one_line_per_finding() {
    insta::assert_snapshot!(place().run("diff old.json bad.json --format short"));
}

#[test]
fn json_for_programs() {
    insta::assert_snapshot!(place().run("diff old.json bad.json --format json"));
}

#[test]
fn role_losses_and_fail_on_decide_the_exit_code() {
    let place = place();
    let cases = [
        ("diff old.json new.json", 0),
        ("diff old.json new.json --fail-on requires-migration", 100),
        ("diff old.json new.json --fail-on after-reconfigure", 100),
        ("diff old.json old.json --fail-on after-reconfigure", 0),
        ("diff old.json new.json --role key", 100),
        ("diff old.json new.json --role map-key", 0),
        ("diff new.json old.json", 100),
        ("diff old.json bad.json --losses any", 100),
    ];
    for (words, code) in cases {
        let output = place.run(words);
        assert!(output.ends_with(&format!("--- exit {code}\n")), "{words} should exit with {code}:\n{output}");
    }
}

#[test]
fn folders_are_for_check() {
    insta::assert_snapshot!(place().file("golden/manifest.txt", "").run("diff golden new.json"));
}

/// What types declare changes no byte and no fingerprint, and is listed all the same.
#[test]
fn changes_of_declarations_are_listed() {
    let of = |order: &str, status: &str| {
        format!(
            r#"{{"typeser-snapshot": 1, "root": "Order", "types": [
                {{"struct": "Order", {order}}},
                {{"enum": "Status", {status}}},
                {{"type": "$1", "is": "opaque Money v2", "reads": [1]}}
            ]}}"#
        )
    };
    let old = of(
        r#""removed": ["gone", "note"], "fields": [
            {"name": "id", "type": "u32", "alias": ["number"], "default-value": 7},
            {"name": "status", "type": "Status"},
            {"name": "money", "type": "$1"}]"#,
        r#""removed": [{"name": "Lost", "becomes-value": "Open"}], "variants": [{"name": "Open"}, {"name": "Shut"}]"#,
    );
    let new = of(
        r#""fields": [
            {"name": "id", "type": "u32", "alias": ["note"], "default-value": 8},
            {"name": "status", "type": "Status"},
            {"name": "money", "type": "$1"}]"#,
        r#""removed": [{"name": "Lost", "becomes-value": "Shut"}], "fallback": "Open",
            "variants": [{"name": "Open"}, {"name": "Shut"}]"#,
    );
    let place = Place::new().file("old.json", old).file("new.json", new);
    let output = place.run("diff old.json new.json");
    assert!(output.contains(", compatible: nothing fails"), "{output}");
    insta::assert_snapshot!([output, place.run("diff old.json new.json --format short")].concat());
}
