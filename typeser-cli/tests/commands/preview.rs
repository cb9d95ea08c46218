//! `typeser preview`.

use crate::runner::Place;

/// An order, and the next release of it: another width, a removed variant, a new field.
fn place() -> Place {
    let old = r#"{"typeser-snapshot": 1, "root": "Order", "types": [
        {"struct": "Order", "fields": [{"name": "id", "type": "u32"}, {"name": "status", "type": "Status"}]},
        {"enum": "Status", "variants": [{"name": "Open"}, {"name": "Lost", "fields": [{"name": "0", "type": "char"}]}]}
    ]}"#;
    let new = r#"{"typeser-snapshot": 1, "root": "Order", "types": [
        {"struct": "Order", "fields": [
            {"name": "id", "type": "u64"},
            {"name": "status", "type": "Status"},
            {"name": "total", "type": "f64", "default-value": 2.5}
        ]},
        {"enum": "Status", "removed": [{"name": "Lost", "becomes-value": "Open"}], "variants": [{"name": "Open"}]}
    ]}"#;
    let narrow = old.replace("u32", "u16");
    let function = old.replace(
        "\"type\": \"u32\"",
        "\"type\": \"string\", \"convert\": [{\"id\": \"spell\", \"source\": {\"root\": \"u32\"}}]",
    );
    Place::new()
        .file("old.json", old)
        .file("new.json", new)
        .file("narrow.json", narrow)
        .file("function.json", function)
        .file("order.json", r#"{"status": {"Lost": "x"}, "id": 7}"#)
        .file("wrong.json", r#"{"status": "Lst", "id": 7}"#)
        .file("more.json", r#"{"status": "Open", "id": 7, "idd": 8}"#)
}

#[test]
fn example_values_reach_every_variant() {
    insta::assert_snapshot!(place().run("preview old.json new.json"));
}

#[test]
fn a_given_value_is_migrated() {
    let place = place();
    let mut all = place.run("preview old.json new.json order.json");
    all.push_str(&place.run_with("preview old.json old.json -", br#"{"id": 1, "status": "Open"}"#));
    all.push_str(&place.run("preview old.json new.json order.json --format json"));
    insta::assert_snapshot!(all);
}

#[test]
fn refused_values_come_first_and_exit_with_100() {
    insta::assert_snapshot!(place().run("preview old.json narrow.json --examples 2"));
}

#[test]
fn an_impossible_preview_is_refused_with_help() {
    let place = place();
    let mut all = String::new();
    for (words, code) in [
        ("preview old.json new.json wrong.json", 101),
        ("preview old.json new.json more.json", 101),
        ("preview old.json new.json new.json", 101),
        ("preview old.json new.json none.json", 101),
        ("preview old.json function.json", 101),
        ("preview - new.json -", 2),
    ] {
        let output = place.run(words);
        assert!(output.ends_with(&format!("--- exit {code}\n")), "{output}");
        all.push_str(&output);
    }
    insta::assert_snapshot!(all);
}
