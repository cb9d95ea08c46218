//! Every format on the same comparisons: the whole output, and an independent reader of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum as _;
use jsonschema::Validator;
use quick_xml::events::Event;
use serde_json::{Value, json};

use super::comparison::{Comparison, Status};
use super::fixture;
use super::format::Format;
use super::rendering::Rendering;

#[test]
fn every_format() {
    for (name, comparison) in fixture::all() {
        for format in Format::value_variants() {
            let text = format.write(&comparison, Rendering::FILE).unwrap();
            insta::assert_snapshot!(format!("{name}_{}", format.word()), text);
        }
    }
}

/// Each comparison in this form.
fn each(format: Format) -> impl Iterator<Item = (Comparison, String)> {
    fixture::all().into_iter().map(move |(_, comparison)| {
        let text = format.write(&comparison, Rendering::FILE).unwrap();
        (comparison, text)
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn published(name: &str) -> Value {
    let schema = serde_json::from_slice(&std::fs::read(root().join("docs").join(name)).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    schema
}

/// What of a document is not as a schema wants it.
fn wrong(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

const NOTHING: Vec<String> = Vec::new();

#[test]
fn json_is_as_the_published_schemas_say() {
    let comparisons = jsonschema::validator_for(&published("comparison.schema.json")).unwrap();
    let reports = jsonschema::validator_for(&published("report.schema.json")).unwrap();
    for (comparison, text) in each(Format::Json) {
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(wrong(&comparisons, &document), NOTHING);
        assert_eq!(wrong(&reports, &document["report"]), NOTHING);
        let pairs = document["pairs"].as_array().unwrap();
        let numbers = pairs.iter().filter_map(|pair| pair["report"].as_u64()).collect::<Vec<u64>>();
        let reports = document["report"]["reports"].as_array().unwrap().len() as u64;
        assert_eq!(numbers, (0..reports).collect::<Vec<u64>>());
        assert_eq!(pairs.len(), comparison.pairs.len());
        for broken in ["findings", "summary", "typeser-comparison"] {
            let mut document = document.clone();
            document[broken] = json!({ "other": 2 });
            assert_ne!(wrong(&comparisons, &document), NOTHING, "{broken}");
        }
    }
}

#[test]
fn each_line_of_jsonl_is_as_the_published_schema_says() {
    let mut schema = published("comparison.schema.json");
    let line = json!({ "$ref": "#/$defs/line", "$defs": schema["$defs"].take() });
    let validator = jsonschema::validator_for(&line).unwrap();
    for (comparison, text) in each(Format::Jsonl) {
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.iter().for_each(|line| assert_eq!(wrong(&validator, line), NOTHING));
        let count = |kind: &str| lines.iter().filter(|line| line["type"] == kind).count();
        let expected = (1, comparison.problems.len(), comparison.pairs.len());
        assert_eq!((count("comparison"), count("problem"), count("pair")), expected);
        let mut broken = lines[0].clone();
        broken["type"] = json!("pair");
        assert_ne!(wrong(&validator, &broken), NOTHING);
    }
}

/// The schema that OASIS published for SARIF 2.1.0, from the downloaded crate `serde-sarif`. It is not part of this
/// repository. Cargo is asked for this platform's crates only, because it has downloaded no others.
fn schema_of_sarif() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", &this_platform()]);
    let output = cargo.current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
    serde_json::from_slice(&std::fs::read(folder.join("src/schema.json")).unwrap()).unwrap()
}

/// The name of the platform that the compiler builds for.
fn this_platform() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn sarif_is_as_the_official_schema_says() {
    let mut schema = schema_of_sarif();
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    // Its pattern of languages has an additional bracket, which some validators reject. Our documents name no language.
    for of in ["run", "toolComponent"] {
        let language = schema["definitions"][of]["properties"]["language"].as_object_mut().unwrap();
        assert!(language.remove("pattern").is_some_and(|pattern| pattern.as_str().unwrap().contains("]?$")));
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (_, text) in each(Format::Sarif) {
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(wrong(&validator, &document), NOTHING);
        // Each result names its rule by place and by id.
        let run = &document["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"]);
        }
        let read: serde_sarif::sarif::Sarif = serde_json::from_str(&text).unwrap();
        assert_eq!(read.runs.len(), 1);
        for (at, broken) in [("/runs/0/tool/driver/name", json!(7)), ("/version", json!("2.0"))] {
            let mut document = document.clone();
            *document.pointer_mut(at).unwrap() = broken;
            assert_ne!(wrong(&validator, &document), NOTHING, "{at}");
        }
    }
}

/// What GitLab asks of a code quality report.
fn schema_of_gitlab() -> Validator {
    let text = json!({ "type": "string", "minLength": 1 });
    jsonschema::validator_for(&json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": text,
                "check_name": text,
                "fingerprint": text,
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        // Relative to the repository, without `./`.
                        "path": { "type": "string", "pattern": "^[^./]" },
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": { "begin": { "type": "integer", "minimum": 1 } }
                        }
                    }
                }
            }
        }
    }))
    .unwrap()
}

#[test]
fn gitlab_reports_are_valid() {
    let validator = schema_of_gitlab();
    for (comparison, text) in each(Format::Gitlab) {
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(wrong(&validator, &document), NOTHING);
        let issues = document.as_array().unwrap();
        assert_eq!(issues.len(), comparison.reported().len());
        let fingerprints: BTreeSet<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
        assert_eq!(fingerprints.len(), issues.len(), "GitLab takes issues of one fingerprint for one");
    }
}

/// A command as the runner of GitHub Actions reads a line: its name, its properties, its message.
fn workflow_command(line: &str) -> (String, Vec<(String, String)>, String) {
    let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let properties = properties.split(',').filter(|text| !text.is_empty()).map(|text| {
        let (key, value) = text.split_once('=').unwrap();
        (key.to_owned(), property(value))
    });
    (name.to_owned(), properties.collect(), data(message))
}

#[test]
fn github_reads_a_command_on_each_line() {
    for (comparison, text) in each(Format::Github) {
        let known = ["file", "line", "endLine", "col", "endColumn", "title"];
        let mut places = Vec::new();
        for line in text.lines() {
            let (name, properties, message) = workflow_command(line);
            assert!(["error", "warning", "notice"].contains(&name.as_str()), "{line}");
            assert!(properties.iter().all(|(key, _)| known.contains(&key.as_str())), "{line}");
            assert!(!message.is_empty() && !message.contains('\r'), "{line}");
            let of = |key: &str| properties.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
            let title = of("title").unwrap();
            assert!(title.starts_with("typeser"), "{line}");
            places.extend(of("file").map(|file| (file, of("line").unwrap().parse::<u32>().unwrap())));
        }
        let expected = comparison.reported();
        let expected = expected.iter().filter_map(|entry| entry.place.as_ref());
        assert_eq!(places, expected.map(|place| (place.file.clone(), place.line)).collect::<Vec<_>>());
        let last = workflow_command(text.lines().last().unwrap());
        assert_eq!((last.0 == "error", last.2), (!comparison.passes(), typeser::text::clean(&comparison.summary())));
    }
}

#[test]
fn junit_is_xml_whose_counts_are_those_of_its_cases() {
    for (comparison, text) in each(Format::Junit) {
        let mut reader = quick_xml::Reader::from_str(&text);
        reader.config_mut().check_end_names = true;
        let (mut suites, mut cases, mut failures, mut skipped) = (0, 0, 0, 0);
        let mut counts = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    let attributes: Vec<(String, String)> = tag
                        .attributes()
                        .map(|attribute| {
                            let attribute = attribute.unwrap();
                            let value = quick_xml::escape::unescape(str::from_utf8(&attribute.value).unwrap()).unwrap();
                            (str::from_utf8(attribute.key.as_ref()).unwrap().to_owned(), value.into_owned())
                        })
                        .collect();
                    let of = |key: &str| attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value);
                    match tag.name().as_ref() {
                        b"testsuites" => {
                            counts = ["tests", "failures", "errors"].map(|key| of(key).unwrap().clone()).to_vec();
                        }
                        b"testsuite" => suites += 1,
                        b"testcase" => {
                            assert!(of("name").is_some() && of("classname").is_some());
                            cases += 1;
                        }
                        b"failure" => failures += 1,
                        b"skipped" => skipped += 1,
                        b"system-out" => {}
                        other => panic!("{}", String::from_utf8_lossy(other)),
                    }
                }
                Event::Text(text) => assert!(text.decode().is_ok()),
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(counts, [cases.to_string(), failures.to_string(), "0".to_owned()]);
        assert_eq!(suites, comparison.states().len() + 1);
        assert_eq!(failures, comparison.count(Status::Failed) + comparison.open_problems());
        assert_eq!(skipped, comparison.count(Status::NotAsked));
        let problems = comparison.problems.len().max(1);
        assert_eq!(cases, comparison.pairs.len() + problems, "pairs that pass are cases too");
    }
}

#[test]
fn rows_of_markdown_have_the_cells_of_their_header() {
    for (_, text) in each(Format::Markdown) {
        let (mut width, mut is_code) = (None, false);
        for line in text.lines() {
            is_code ^= line.starts_with("```");
            if is_code || !line.starts_with('|') {
                width = None;
                continue;
            }
            // A bar behind a backslash is none.
            let bars = line.replace("\\|", "").matches('|').count();
            assert_eq!(*width.get_or_insert(bars), bars, "{line}");
        }
        assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
        assert_eq!(text.lines().filter(|line| line.starts_with("```")).count() % 2, 0);
    }
}
