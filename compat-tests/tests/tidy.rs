//! The structure of the code: who may import whom, and how files begin.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests say what they mean in their names")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the library, each of which may import only those before it.
const LAYERS: [&str; 10] =
    ["schema", "wire", "snapshot", "serializer", "resolve", "value", "migrate", "history", "report", "golden"];

#[test]
fn modules_of_the_library_import_only_those_above_them() {
    let source = root().join("typeser/src");
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let module = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let Some(layer) = LAYERS.iter().position(|name| *name == module) else {
            wrong.push(format!("{}: `{module}` is in no layer", inside.display()));
            continue;
        };
        for named in named_modules(&code(&file)) {
            seen.insert(named.clone());
            match LAYERS.iter().position(|name| *name == named) {
                Some(other) if other > layer => {
                    wrong.push(format!("{}: `{module}` imports `{named}`, which is below it", inside.display()));
                }
                _ => {}
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(seen.contains("schema") && seen.contains("resolve"), "the test sees imports at all: {seen:?}");
}

#[test]
fn crates_depend_only_on_what_the_plan_allows() {
    let allowed: [(&str, &[&str]); 5] = [
        ("typeser-derive", &[]),
        ("typeser", &["typeser-derive"]),
        ("typeser-state", &["typeser"]),
        ("typeser-cli", &["typeser", "typeser-state"]),
        ("examples/flights", &["typeser", "typeser-state"]),
    ];
    for (folder, allowed) in allowed {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        let ours: Vec<&str> = dependencies
            .lines()
            .filter_map(|line| line.split([' ', '.', '=']).next())
            .filter(|name| name.starts_with("typeser"))
            .collect();
        assert!(ours.iter().all(|name| allowed.contains(name)), "{folder} depends on {ours:?}");
    }
}

#[test]
fn only_restore_and_typed_tables_ask_the_resolver_in_the_state_layer() {
    let source = root().join("typeser-state/src");
    let callers: Vec<String> = rust_files(&source)
        .iter()
        .filter(|file| {
            let code = code(file);
            ["resolve", "rekey"].iter().any(|name| calls(&code, name))
        })
        .map(|file| file.strip_prefix(&source).unwrap().display().to_string())
        .collect();
    assert_eq!(callers, ["restore/judge.rs", "typed_table/opening.rs"], "others ask `restore::Judge`");
}

#[test]
fn the_transcoder_never_makes_a_value() {
    for name in [
        "transcode.rs",
        "recode.rs",
        "kernel.rs",
        "gather.rs",
        "shuffle.rs",
        "convert.rs",
        "program.rs",
        "lower/mod.rs",
        "lower/steps.rs",
        "lower/flat.rs",
        "lower/shuffles.rs",
    ] {
        let code = code(&root().join("typeser/src/migrate").join(name));
        let words: BTreeSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        assert!(!words.contains("Value") && !words.contains("StateType"), "{name} names values");
        assert!(!words.contains("Schema"), "{name} looks at a schema");
    }
}

#[test]
fn the_resolver_sees_no_types_and_no_bytes() {
    for file in rust_files(&root().join("typeser/src/resolve")) {
        let code = code(&file);
        for word in ["StateType", "TypeSerializer", "std::fs", "std::time", "Reader<"] {
            assert!(!code.contains(word), "{} names {word}", file.display());
        }
    }
}

#[test]
fn the_derive_knows_no_rule() {
    for file in rust_files(&root().join("typeser-derive/src")) {
        let code = code(&file);
        for word in ["resolve", "Compatibility", "::migrate"] {
            assert!(!code.contains(word), "{} names {word}", file.display());
        }
    }
}

#[test]
fn unsafe_stays_in_its_one_module() {
    for folder in ["typeser", "typeser-derive", "typeser-state", "typeser-cli", "examples"] {
        for file in rust_files(&root().join(folder)) {
            if !file.ends_with("typeser/src/wire/bulk.rs") {
                let code = code(&file);
                assert!(!code.contains("unsafe {") && !code.contains("unsafe fn"), "{}", file.display());
            }
        }
    }
}

#[test]
fn every_file_opens_with_a_sentence_about_its_subject() {
    let folders = ["typeser", "typeser-derive", "typeser-state", "typeser-cli", "compat-tests", "examples"];
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| rust_files(&root().join(folder))).collect();
    assert!(files.len() > 40, "the test sees files at all: {}", files.len());
    let silent: Vec<_> = files
        .iter()
        // Cases that must not compile are read beside their messages, pairs of types beside their rules.
        .filter(|file| !file.components().any(|part| part.as_os_str() == "compile-fail" || part.as_os_str() == "pairs"))
        .filter(|file| {
            let text = fs::read_to_string(file).unwrap();
            !text.starts_with("//! ")
                || !text.lines().take_while(|line| line.starts_with("//!")).any(|line| line.ends_with(['.', ':']))
        })
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn the_snapshot_body_is_the_only_user_of_bincode() {
    let source = root().join("typeser/src");
    let users: Vec<PathBuf> = rust_files(&source).into_iter().filter(|file| code(file).contains("bincode::")).collect();
    assert_eq!(users.len(), 1, "{users:?}");
    assert!(users[0].starts_with(source.join("snapshot")));
}

#[test]
fn the_readme_says_how_many_crates_come_with_the_library() {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "-p", "typeser", "-e", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    let crates: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| !name.is_empty() && !name.starts_with("typeser"))
        .collect();
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let sentence = format!("It brings {} crates with it", crates.len());
    assert!(readme.contains(&sentence), "the README should say: {sentence}\n{crates:?}");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "target" && name != "wip") {
                    open.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The code of a file: without comments and without its unit tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let product = text.split("#[cfg(test)]").next().unwrap();
    let lines = product.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether code calls a function of this name; methods of the same name are others.
fn calls(code: &str, name: &str) -> bool {
    let call = format!("{name}(");
    code.match_indices(&call).any(|(at, _)| {
        let before = code[..at].trim_end();
        let is_part_of_a_name = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        !is_part_of_a_name && !before.ends_with('.') && !before.ends_with("fn")
    })
}

/// The modules that code names behind `crate::`, also in braces.
fn named_modules(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for behind in code.split("crate::").skip(1) {
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if let Some(braced) = behind.strip_prefix('{') {
            let mut depth = 1;
            let mut part = String::new();
            for c in braced.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => {
                        named.insert(word(part.trim()));
                        part.clear();
                        continue;
                    }
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                part.push(c);
            }
            named.insert(word(part.trim()));
        } else {
            named.insert(word(behind));
        }
    }
    named
}
