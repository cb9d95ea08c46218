//! SARIF 2.1.0, the static analysis results interchange format of OASIS, which code scanning tools read.

use std::collections::BTreeMap;

use serde_derive::Serialize;
use serde_json::{Value, json};
use typeser::report::Level;
use typeser::resolve::{Compatibility, Rule};
use typeser::text::clean;

use crate::choices::word as verdict;

use super::comparison::Comparison;
use super::document::to_json;
use super::entry::{Entry, What};
use super::error::OutputError;
use super::location;
use super::place::Place;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name that represents the root of the repository.
const ROOT: &str = "SRCROOT";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    automation_details: Value,
    original_uri_base_ids: Value,
    column_kind: &'static str,
    results: Vec<Found>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
    tool_execution_notifications: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: String,
    short_description: Message,
    full_description: Message,
    help: Message,
    default_configuration: Value,
    properties: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: Value,
}

#[derive(Serialize)]
struct Message {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
    physical_location: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<Value>,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

/// Writes a log with one run.
pub(super) fn write(comparison: &Comparison) -> Result<String, OutputError> {
    let entries = comparison.reported();
    let mut rules: Vec<&str> = entries.iter().map(|entry| entry.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let descriptors: Vec<Descriptor> = rules.iter().map(|rule| descriptor(rule)).collect();
    let version = env!("CARGO_PKG_VERSION");
    let remark = |remark: &String| json!({ "level": "note", "message": { "text": clean(remark) } });
    let run = Run {
        tool: Tool { driver: Driver { name: "typeser", version, semantic_version: version, rules: descriptors } },
        invocations: [Invocation {
            execution_successful: true,
            exit_code: if comparison.passes() { 0 } else { 100 },
            tool_execution_notifications: [comparison.summary()]
                .iter()
                .chain(&comparison.remarks)
                .map(remark)
                .collect(),
        }],
        automation_details: json!({ "id": format!("typeser/{}/", comparison.command) }),
        original_uri_base_ids: json!({ ROOT: { "description": { "text": "The root of the repository." } } }),
        column_kind: "unicodeCodePoints",
        results: entries.iter().map(|entry| result(comparison, entry, &rules)).collect(),
    };
    to_json("sarif", &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

fn descriptor(id: &str) -> Descriptor {
    let plain = |text: &str| Message { text: text.to_owned(), markdown: None };
    let properties = json!({ "tags": ["compatibility", "state"] });
    match Rule::by_id(id) {
        Some(rule) => Descriptor {
            id: id.to_owned(),
            short_description: plain(rule.title),
            full_description: plain(&format!("{}. {}.", capital(rule.reason), capital(rule.consequence))),
            help: Message {
                text: format!("{}. More: typeser explain {id}", capital(rule.help)),
                markdown: Some(format!("{}.\n\nMore: `typeser explain {id}`", capital(rule.help))),
            },
            default_configuration: json!({ "level": level_of(rule) }),
            properties,
        },
        None => Descriptor {
            id: id.to_owned(),
            short_description: plain(&id.replace('-', " ")),
            full_description: plain("A problem with the goldens themselves."),
            help: plain("The message of the result says what to do."),
            default_configuration: json!({ "level": "error" }),
            properties,
        },
    }
}

fn level_of(rule: &Rule) -> &'static str {
    match rule.verdict {
        Compatibility::Incompatible => "error",
        Compatibility::RequiresMigration if rule.loses => "warning",
        _ => "note",
    }
}

fn result(comparison: &Comparison, entry: &Entry<'_>, rules: &[&str]) -> Found {
    let at = |line: u32| Place { file: comparison.about.clone(), line, column: None };
    let place = entry.place.clone().unwrap_or_else(|| at(1));
    let mut related = Vec::new();
    let mut properties = BTreeMap::new();
    if let What::Finding(found) = &entry.what {
        for (number, pair) in (1..).zip(&found.pairs) {
            let Some(place) = location::of_writer(pair, found.finding) else { continue };
            let text = format!("what {} wrote", clean(&pair.writer.release));
            related.push(Location {
                message: Some(Message { text, markdown: None }),
                id: Some(number),
                ..location(&place)
            });
        }
        properties.insert("finding", json!(found.id.to_string()));
        properties.insert("verdict", json!(verdict(found.finding.rule.verdict)));
        let pairs = found.pairs.iter();
        let pairs = pairs.map(|pair| json!({ "writer": pair.writer.release, "reader": pair.reader.release }));
        properties.insert("pairs", pairs.collect());
    }
    let mut location = location(&place);
    if !entry.path.is_empty() {
        location.logical_locations.push(json!({ "fullyQualifiedName": clean(&entry.path), "kind": "member" }));
    }
    let suppression = entry.accepted.map(|accepted| Suppression {
        kind: "external",
        status: "accepted",
        justification: clean(&accepted.words()),
    });
    Found {
        rule_id: entry.rule.to_owned(),
        rule_index: rules.binary_search(&entry.rule).unwrap_or_default(),
        level: entry.level.word(),
        message: message(entry),
        locations: vec![location],
        related_locations: related,
        partial_fingerprints: BTreeMap::from([("typeserFinding/v1", entry.fingerprint.clone())]),
        suppressions: suppression.into_iter().collect(),
        properties: json!(properties),
    }
}

/// A sentence, who wrote and who reads, and what to do.
fn message(entry: &Entry<'_>) -> Message {
    let path = if entry.path.is_empty() { String::new() } else { format!("{}: ", clean(&entry.path)) };
    let mut text = format!("{path}{}", clean(entry.message));
    if let Some(routes) = entry.routes() {
        text.push_str(&format!("\n{}.", capital(&clean(&routes))));
    }
    if let What::Finding(found) = &entry.what {
        text.push_str(&format!("\nConsequence: {}.", found.finding.rule.consequence));
    }
    if let What::Problem(problem) = &entry.what {
        problem.details.iter().for_each(|detail| text.push_str(&format!("\n{}", clean(detail))));
    }
    if entry.level > Level::Note {
        for (help, code) in entry.helps() {
            text.push_str(&format!("\nHelp: {}", clean(&help)));
            let code = code.iter().flat_map(|code| code.lines());
            code.for_each(|line| text.push_str(&format!("\n    {}", clean(line))));
        }
    }
    Message { text, markdown: None }
}

fn location(place: &Place) -> Location {
    let mut region = json!({ "startLine": place.line });
    if let (Some(column), Some(region)) = (place.column, region.as_object_mut()) {
        region.insert(String::from("startColumn"), json!(column));
    }
    // A path outside of the repository is not relative to its root.
    let mut artifact = json!({ "uri": uri(&place.file) });
    let is_inside = !place.file.starts_with('/') && !place.file.starts_with("..");
    if let (true, Some(artifact)) = (is_inside, artifact.as_object_mut()) {
        artifact.insert(String::from("uriBaseId"), json!(ROOT));
    }
    Location {
        id: None,
        message: None,
        physical_location: json!({ "artifactLocation": artifact, "region": region }),
        logical_locations: Vec::new(),
    }
}

/// A path as a reference of RFC 3986: all but its unreserved characters and `/` are percent-encoded as UTF-8.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    if uri.starts_with('/') { format!("file://{uri}") } else { uri }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
