//! The lines that help prints for people who edit snapshots in files: pasted into the file, each repairs its finding.

use compat_tests::pairs::{self, QUESTIONS, Question};
use serde_json::Value;
use typeser::resolve::{Compatibility, FileForm, Finding, Fix, resolve};
use typeser::{SerializerSnapshot, resolve::Resolution};

/// What a reader fills in for a value; the last one is a variant of the enums here.
const VALUES: [&str; 8] = ["0", "\"\"", "[]", "{}", "null", "false", "[0, 0]", "\"Open\""];

#[test]
fn lines_for_files_repair_their_finding_in_both_forms() {
    let mut repaired = [0, 0];
    for pair in pairs::all() {
        for question in QUESTIONS {
            let resolution = pair.resolve(question);
            let refused =
                resolution.findings().iter().filter(|found| found.rule.verdict == Compatibility::Incompatible);
            for (finding, fix) in refused.flat_map(|found| found.fixes.iter().map(move |fix| (found, fix))) {
                for (count, form) in repaired.iter_mut().zip([FileForm::Text, FileForm::Json]) {
                    let (stored, new) = (resolution.stored_snapshot(), resolution.new_snapshot());
                    let Some(code) = fix.code_in_file(form, stored, new) else { continue };
                    if is_filled_by_hand(fix, &code) {
                        continue;
                    }
                    let files = match form {
                        FileForm::Text => in_text(&new.to_text(), &code),
                        _ => in_json(&new.to_json(), &code),
                    };
                    let is_repaired = files.iter().any(|file| repairs(file, &resolution, finding, question));
                    assert!(
                        is_repaired,
                        "{}, {}: {finding}\n{}\n{code}\n{files:#?}",
                        pair.rule,
                        question.about,
                        fix.text()
                    );
                    *count += 1;
                }
            }
        }
    }
    assert!(repaired.iter().all(|count| *count > 40), "{repaired:?}");
}

/// Lines that are not whole: a type alone, a command, a name to choose, a word in a line that is there, and layouts of
/// several lines.
fn is_filled_by_hand(fix: &Fix, code: &str) -> bool {
    let is_alone = matches!(
        fix,
        Fix::NoneValueOfWhole
            | Fix::Widen { .. }
            | Fix::Rekey { .. }
            | Fix::OtherName { .. }
            | Fix::Injective { .. }
            | Fix::InjectiveMigration(_)
    );
    is_alone
        || code.contains("[..]")
        || code.contains("\n    ..")
        || code.contains("type ..")
        || code.contains("\"type\": ..")
}

/// Whether the file can be read and the finding is gone.
fn repairs(file: &str, resolution: &Resolution, finding: &Finding, question: Question) -> bool {
    // The version that a file names must hold all that is in it.
    let newer = file.replacen("typeser-snapshot 1", "typeser-snapshot 2", 1);
    let newer = newer.replacen("\"typeser-snapshot\":1", "\"typeser-snapshot\":2", 1);
    let read = |file: &str| match file.starts_with('{') {
        true => SerializerSnapshot::from_json(file),
        false => SerializerSnapshot::from_text(file),
    };
    let Ok(new) = read(file).or_else(|_| read(&newer)) else { return false };
    let policy = question.policy;
    let after = resolve(resolution.stored_snapshot(), &new, resolution.role(), &policy);
    !after.findings().iter().any(|other| other.rule == finding.rule && other.path == finding.path)
}

/// The lines with each of the values in place of what is to be filled in.
fn filled(code: &str) -> impl Iterator<Item = String> {
    let code = code.replace("\"id\": ..", "\"id\": \"filled\"").replace("@convert ..", "@convert filled");
    let lines = code.lines().map(|line| match line.trim_start().starts_with("@migrate") {
        true => line.replace("..", "filled"),
        false => line.to_owned(),
    });
    let code = lines.collect::<Vec<_>>().join("\n").replace(", ..", "");
    VALUES.into_iter().map(move |value| code.replace("..", value))
}

/// The files that come of pasting lines into the text form: below a line that is there, in place of one, or as a field.
fn in_text(file: &str, code: &str) -> Vec<String> {
    let lines: Vec<&str> = file.lines().collect();
    let mut files = Vec::new();
    for code in filled(code) {
        let Some(first) = code.lines().next() else { continue };
        for (at, line) in lines.iter().enumerate() {
            let words = |line: &str| line.split(' ').take(2).map(str::to_owned).collect::<Vec<_>>();
            let (is_type, indent) =
                (first.contains("struct ") || first.contains("enum "), line.len() - line.trim_start().len());
            let is_it = line.trim() == first || is_type && words(line) == words(first);
            let is_field = !is_type && line.trim().split(' ').next() == first.split(' ').next();
            let is_around =
                line.starts_with("struct ") || line.starts_with("  ") && line.trim().split(' ').count() == 2;
            let (take, indent) = match (is_it || is_field, is_around) {
                (true, _) => (at, indent),
                (false, true) => (at + 1, indent + 2),
                (false, false) => continue,
            };
            // The version of the format that holds everything is the newest.
            let pasted = code.lines().map(|line| format!("{:indent$}{line}", ""));
            let after = lines[at + 1..].iter().map(|line| (*line).to_owned());
            let all: Vec<String> =
                lines[..take].iter().map(|line| (*line).to_owned()).chain(pasted).chain(after).collect();
            files.push(all.join("\n") + "\n");
        }
    }
    files
}

/// The files that come of merging an object into one that is there, or of adding it to fields.
fn in_json(file: &str, code: &str) -> Vec<String> {
    let whole: Value = serde_json::from_str(file).unwrap();
    let mut files = Vec::new();
    for code in filled(code) {
        let Ok(Value::Object(edit)) = serde_json::from_str(&code) else { continue };
        let same =
            ["struct", "enum", "name", "root"].into_iter().find(|key| edit.contains_key(*key)).unwrap_or_default();
        for at in 0.. {
            let (mut edited, mut left) = (whole.clone(), at);
            if !paste(&mut edited, &edit, same, &mut left) {
                break;
            }
            files.push(edited.to_string());
        }
    }
    files
}

/// Pastes an object at the place of this number, if there is one.
fn paste(value: &mut Value, edit: &serde_json::Map<String, Value>, same: &str, left: &mut usize) -> bool {
    match value {
        Value::Object(object) => {
            if object.get(same).is_some_and(|name| Some(name) == edit.get(same)) {
                if *left == 0 {
                    for (key, new) in edit {
                        match (object.get_mut(key), new) {
                            (Some(Value::Array(known)), Value::Array(more)) => known.extend(more.iter().cloned()),
                            _ => drop(object.insert(key.clone(), new.clone())),
                        }
                    }
                    return true;
                }
                *left -= 1;
            }
            if let Some(Value::Array(fields)) = object.get_mut("fields").filter(|_| edit.contains_key("type")) {
                if *left == 0 {
                    fields.push(Value::Object(edit.clone()));
                    return true;
                }
                *left -= 1;
            }
            object.values_mut().any(|value| paste(value, edit, same, left))
        }
        Value::Array(items) => items.iter_mut().any(|item| paste(item, edit, same, left)),
        _ => false,
    }
}
