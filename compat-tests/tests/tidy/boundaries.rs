//! What the code of a module may not mention.

use std::path::Path;

use crate::files::{root, rust_files};
use crate::imports::{Code, parse};

#[test]
fn one_file_of_the_state_layer_calls_the_resolver() {
    let callers = files_where("typeser-state/src", |code| {
        ["resolve", "rekey"].iter().any(|function| code.calls.contains(*function))
    });
    assert_eq!(callers, ["rows/comparison.rs"], "others call its `Comparer`");
}

/// The program over bytes is made of plans. Only what makes one or is made from one names types, values and schemas.
#[test]
fn the_transcoder_names_no_value_no_type_and_no_schema() {
    let exceptions = ["adopted.rs", "linked.rs", "reconfigured.rs"];
    let files = files_where("typeser/src/migrate", |code| {
        ["Value", "StateType", "Schema"].iter().any(|word| code.words.contains(*word))
    });
    assert_eq!(files, exceptions);
}

#[test]
fn the_resolver_sees_no_types_and_no_bytes() {
    let files = files_where("typeser/src/resolve", |code| {
        let names_a_type = ["StateType", "TypeSerializer"].iter().any(|word| code.words.contains(*word));
        let uses_std = code.paths.iter().any(|(path, _)| {
            path.starts_with(&["std".to_owned(), "fs".to_owned()])
                || path.starts_with(&["std".to_owned(), "time".to_owned()])
        });
        names_a_type || uses_std
    });
    assert_eq!(files, [""; 0]);
    let readers = files_where("typeser/src/resolve", |code| code.words.contains("Reader"));
    assert_eq!(readers, ["walk/constants.rs"], "it reads the tag of a default value, which the new snapshot holds");
}

#[test]
fn the_derive_knows_no_rule() {
    let files = files_where("typeser-derive/src", |code| {
        code.words.contains("resolve") || code.words.contains("Compatibility") || code.segments.contains("migrate")
    });
    assert_eq!(files, [""; 0]);
}

#[test]
fn unsafe_code_is_in_one_module() {
    let mut files = Vec::new();
    for folder in ["typeser", "typeser-derive", "typeser-state", "typeser-cli", "examples"] {
        files.extend(
            files_where(folder, |code| code.words.contains("unsafe")).iter().map(|file| format!("{folder}/{file}")),
        );
    }
    assert_eq!(files, ["typeser/src/wire/bulk.rs"]);
}

#[test]
fn the_libraries_do_not_use_bincode() {
    for library in ["typeser", "typeser-derive", "typeser-state", "typeser-cli"] {
        let manifest = std::fs::read_to_string(root().join(library).join("Cargo.toml")).unwrap();
        let of_tests = manifest.find("[dev-dependencies]").unwrap_or(manifest.len());
        assert!(!manifest[..of_tests].contains("bincode"), "{library} depends on bincode outside of tests");
        assert_eq!(files_where(&format!("{library}/src"), |code| code.words.contains("bincode")), [""; 0]);
    }
}

/// Who finds "compatible after reconfigure" and then deserializes stored bytes gets swapped fields without an error.
#[test]
fn pages_read_the_bytes_of_another_release_with_a_reader() {
    let mut pages = vec![root().join("README.md"), root().join("typeser/src/lib.rs")];
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    pages.extend(docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    let mut readers = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let blocks = text.split("```").skip(1).step_by(2);
        for code in blocks.filter(|code| code.contains("resolve(")) {
            readers += 1;
            let other = ["Scratch", ".adopt(", ".migration(", ".deserialize("].iter().find(|way| code.contains(*way));
            assert_eq!(other, None, "a block of {} reads stored bytes in another way than a reader", page.display());
        }
    }
    assert!(readers >= 2, "the crate page and the page about migrations read stored bytes");
}

/// The files below a folder whose product code is such, relative to the folder.
fn files_where(folder: &str, is_such: impl Fn(&Code) -> bool) -> Vec<String> {
    let folder = root().join(folder);
    let files = rust_files(&folder);
    assert!(!files.is_empty(), "{} has Rust files", folder.display());
    let such = files.iter().filter(|file| is_such(&code(file)));
    such.map(|file| file.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/")).collect()
}

fn code(file: &Path) -> Code {
    Code::of(&parse(file))
}
