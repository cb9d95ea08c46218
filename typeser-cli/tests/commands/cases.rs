//! Snapshots and savepoints made by hand, each with its right answer: contradictions, names that act, types that cost
//! much, sums that overflow.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::runner::{Place, repository};

/// A place with these files or folders of `tests/cases`, by their names there.
fn place(folder: &str, names: &[&str]) -> Place {
    let from = repository().join("typeser-cli/tests/cases").join(folder);
    names.iter().fold(Place::new(), |place, name| copied(place, &from.join(name), name))
}

fn copied(place: Place, from: &Path, name: &str) -> Place {
    if !from.is_dir() {
        return place.file(name, fs::read(from).unwrap());
    }
    let entries = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path());
    entries.fold(place, |place, path| {
        let inside = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
        copied(place, &path, &inside)
    })
}

/// The output of a command that ends with this exit code, within seconds.
#[track_caller]
fn ends(place: &Place, words: &str, code: i32) -> String {
    let begun = Instant::now();
    let output = place.run(words);
    assert!(begun.elapsed() < Duration::from_secs(30), "{words} took {:?}", begun.elapsed());
    assert!(output.ends_with(&format!("--- exit {code}\n")), "{words} should exit with {code}:\n{output}");
    output
}

/// Equal layouts do not hide that one snapshot contradicts itself, and neither does a further field.
#[test]
fn aliases_that_name_other_fields_are_refused() {
    let place = place("snapshots", &["clash-old.json", "clash-new.json", "clash-new-plus.json"]);
    for new in ["clash-new.json", "clash-new-plus.json"] {
        let output = ends(&place, &format!("diff clash-old.json {new}"), 101);
        let expected = format!("error: {new}: line 1, column 114: `b` is a field of `S` now, so it cannot also be");
        assert!(output.contains(&expected), "{output}");
    }
}

#[test]
fn a_removed_name_that_is_a_field_is_refused() {
    let place = place("snapshots", &["clash-old.json", "tomb-new.json"]);
    let output = ends(&place, "diff clash-old.json tomb-new.json", 101);
    assert!(output.contains("line 1, column 76: `b` is a field of `S` now, so it is not removed"), "{output}");
}

/// A conversion from the layout that the field has would run for some stored values of that layout and not for others.
#[test]
fn a_conversion_from_the_own_layout_and_two_from_one_source_are_refused() {
    let place = place("snapshots", &["conv-v1.json", "conv-v2.json", "conv-v3.json", "conv-two.json"]);
    let own = "line 1, column 108: `S.metres: to_feet` reads the layout that `S.metres` has now";
    for (old, new) in [("conv-v1.json", "conv-v2.json"), ("conv-v2.json", "conv-v3.json")] {
        let output = ends(&place, &format!("diff {old} {new}"), 101);
        assert!(output.contains(own), "{output}");
    }
    let output = ends(&place, "diff conv-v1.json conv-two.json", 101);
    assert!(output.contains("line 1, column 146: `f` and `g` read the same stored layout"), "{output}");
}

/// Names that need quotes are accepted without them where they are one word.
#[test]
fn names_of_any_alphabet_are_accepted_with_and_without_quotes() {
    let place = place("snapshots", &["uni.json"]);
    let quoted = fs::read_to_string(place.path().join("uni.json")).unwrap();
    let bare = quoted.replace("\\\"", "");
    assert_ne!(quoted, bare);
    let place = place.file("bare.json", &bare).file("words.json", bare.replace("Größe", "my type"));
    let output = ends(&place, "diff uni.json bare.json", 0);
    assert!(output.contains(", compatible: nothing fails"), "{output}");
    let output = ends(&place, "inspect words.json", 101);
    assert!(output.contains("is written in double quotes: `\"my type\"`, in JSON `\\\"my type\\\"`"), "{output}");
}

/// Not 40 seconds: the names of types are built within a bound.
#[test]
fn a_long_chain_of_types_is_compared_and_shown_at_once() {
    let place = place("hostile", &["typename-old.txt", "typename-new.txt", "typename-inspect.txt"]);
    for format in ["human", "short", "json", "sarif"] {
        ends(&place, &format!("diff typename-old.txt typename-new.txt --format {format}"), 100);
    }
    ends(&place, "inspect typename-inspect.txt", 0);
    ends(&place, "inspect typename-inspect.txt --format json", 0);
}

/// U+FFFF and the like are escaped: XML does not allow them.
#[test]
fn characters_that_xml_does_not_allow_are_escaped() {
    let place = place("hostile", &["junit-old.txt", "junit-new.txt"]);
    let xml = ends(&place, "diff junit-old.txt junit-new.txt --format junit", 100);
    assert!(xml.contains("a field `\\u{fffe}`"), "{xml}");
    assert!(!xml.chars().any(|c| matches!(c, '\u{fffe}' | '\u{ffff}')), "{xml}");
}

#[test]
fn no_wrapped_line_is_a_workflow_command() {
    let place = place("hostile", &["wrap-injection-old.txt", "wrap-injection-new.txt"]);
    for columns in ["60", "80", "100", "140"] {
        let mut command = place.command();
        command.args(["diff", "wrap-injection-old.txt", "wrap-injection-new.txt"]).env("COLUMNS", columns);
        let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(output.contains("stop-commands"), "{output}");
        let acts = output.lines().find(|line| line.trim_start().starts_with("::"));
        assert_eq!(acts, None, "{columns} columns");
    }
}

/// Bytes that a function wrote are not read as if it had not run.
#[test]
fn going_back_over_a_function_is_incompatible() {
    let place = place("hostile", &["feet-v2.txt", "metres-v1.txt"]);
    let output = ends(&place, "diff feet-v2.txt metres-v1.txt --format short", 100);
    assert!(output.contains("error[version-went-back-over-function]"), "{output}");
    let output = ends(&place, "preview feet-v2.txt metres-v1.txt --examples 1", 100);
    assert!(output.contains("refused: incompatible (version-went-back-over-function)"), "{output}");
}

const SAVEPOINTS: [&str; 3] = ["savepoint-evil-names", "savepoint-sum-overflow", "savepoint-operator-state-counts"];

/// A savepoint whose manifest counts more than there is, up to the largest number, is listed as the manifest says and
/// refused where its rows are read. Nothing overflows.
#[test]
fn counts_that_overflow_are_refused_with_a_sentence() {
    for name in ["savepoint-sum-overflow", "savepoint-operator-state-counts"] {
        let place = place("hostile", &[name]);
        let listed = ends(&place, &format!("state ls {name}"), 0);
        assert!(listed.contains("18446744"), "{listed}");
        ends(&place, &format!("inspect {name}"), 0);
        let copied = place.run(&format!("state edit {name} --max-parallelism one 64 --output out"));
        assert!(!copied.contains("panicked"), "{copied}");
        let read = ends(&place, &format!("state cat {name}"), 101);
        assert!(read.contains("the manifest says") && read.contains("the checksum is correct"), "{read}");
    }
}

#[test]
fn names_in_a_savepoint_never_act() {
    let place = place("hostile", &SAVEPOINTS);
    let name = "savepoint-evil-names";
    for words in ["state ls", "state cat", "state timers", "inspect", "state ls --format jsonl"] {
        let words = words.replacen("state ls", &format!("state ls {name}"), 1);
        let words = if words.contains(name) { words } else { format!("{words} {name}") };
        let output = ends(&place, &words, 0);
        assert!(!output.chars().any(|c| c.is_control() && c != '\n'), "{output:?}");
        assert!(!output.contains('\u{202e}'), "{output:?}");
        let acts = output.lines().find(|line| line.trim_start().starts_with("::") || line.starts_with("##["));
        assert_eq!(acts, None, "{words}");
    }
}

/// A removed name that returns as an alias is found, also where nothing else changed.
#[test]
fn a_removed_name_that_returns_as_an_alias_is_found() {
    let place = place("snapshots", &["tomb-alias-old.json", "tomb-alias-new.json"]);
    let output = ends(&place, "diff tomb-alias-old.json tomb-alias-new.json --format short", 0);
    let expected = "warning[removed-name-returns] S / value: `S`: the removed field `b` is an alias now";
    assert!(output.contains(expected), "{output}");
}

/// Keys that would become equal are not offered a command that is sure to refuse them.
#[test]
fn a_key_that_loses_a_field_is_incompatible() {
    let place = place("snapshots", &["rekey-old.json", "rekey-new.json"]);
    let output = ends(&place, "diff rekey-old.json rekey-new.json --role key --format short", 100);
    assert!(output.contains("error[key-migration-refused]"), "{output}");
}
