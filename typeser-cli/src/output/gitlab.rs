//! A code quality report of GitLab: a list of issues, of which a merge request shows those that are new.
//!
//! Each has `description`, `check_name`, `fingerprint`, `severity` and `location` with `path` and `lines.begin`. Issues
//! without a path are not shown, so entries without a place are shown at the folder that was compared.

use serde_derive::Serialize;
use typeser::report::Level;
use typeser::text::clean;

use super::comparison::Comparison;
use super::document::to_json;
use super::error::OutputError;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes the list, which is empty if there is nothing to report.
pub(super) fn write(comparison: &Comparison) -> Result<String, OutputError> {
    let entries = comparison.reported();
    let issues: Vec<Issue<'_>> = entries
        .iter()
        .map(|entry| {
            let path = if entry.path.is_empty() { String::new() } else { format!("{}: ", entry.path) };
            let accepted = entry.accepted.map_or_else(String::new, |accepted| format!("; {}", accepted.words()));
            let routes = entry.routes().map_or_else(String::new, |routes| format!(" ({routes})"));
            Issue {
                description: clean(&format!("{path}{}{routes}{accepted}", entry.message)),
                check_name: entry.rule,
                fingerprint: &entry.fingerprint,
                severity: match entry.level {
                    Level::Error => "critical",
                    Level::Warning => "minor",
                    Level::Note => "info",
                },
                location: Location {
                    path: entry.place.as_ref().map_or(comparison.about.as_str(), |place| &place.file),
                    lines: Lines { begin: entry.place.as_ref().map_or(1, |place| place.line) },
                },
            }
        })
        .collect();
    to_json("gitlab", &issues)
}
