//! Each public method of a typed table is documented with an example.

use std::fs;

use crate::files::{root, rust_files};

#[test]
fn each_method_of_typed_tables_has_an_example() {
    let files = rust_files(&root().join("typeser-state/src/typed_table"));
    let without: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).unwrap();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            without_example(&text).into_iter().map(move |line| format!("{name}: {line}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(without.is_empty(), "{without:#?}");
}

/// The public functions whose documentation has no code block.
fn without_example(text: &str) -> Vec<&str> {
    let (mut found, mut has_example) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("///") {
            has_example |= line.contains("```");
        } else if !line.starts_with("#[") {
            if !has_example && line.starts_with("pub fn ") {
                found.push(line);
            }
            has_example = false;
        }
    }
    found
}

#[test]
fn a_method_without_an_example_is_found() {
    let text = "/// ```\n/// ```\n#[must_use]\npub fn a() {\n}\n/// b\npub fn b() {}\npub(super) fn c() {}\n";
    assert_eq!(without_example(text), ["pub fn b() {}"]);
}
