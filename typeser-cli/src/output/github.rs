//! Workflow commands of GitHub Actions: annotations on the lines of a pull request.
//!
//! The form is `::error file=..,line=..,col=..,title=..::message`, one command a line; `%`, carriage return and line
//! feed are escaped everywhere, `:` and `,` in properties as well.

use std::fmt::Write as _;

use typeser::report::Level;
use typeser::text::clean;

use super::comparison::Comparison;
use super::entry::{Entry, What};

/// Writes a command for each entry, and one with the summary.
pub(super) fn write(comparison: &Comparison) -> String {
    let mut text = String::new();
    for entry in comparison.reported() {
        let command = match entry.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let mut properties: Vec<(&str, String)> = Vec::new();
        if let Some(place) = &entry.place {
            properties.extend([("file", place.file.clone()), ("line", place.line.to_string())]);
            properties.extend(place.column.map(|column| ("col", column.to_string())));
        }
        properties.push(("title", format!("typeser: {}", entry.rule)));
        _ = writeln!(text, "{}", line(command, &properties, &message(&entry)));
    }
    let title = format!("typeser {}", comparison.command);
    for remark in &comparison.remarks {
        _ = writeln!(text, "{}", line("notice", &[("title", title.clone())], &clean(remark)));
    }
    let command = if comparison.passes() { "notice" } else { "error" };
    _ = writeln!(text, "{}", line(command, &[("title", title)], &clean(&comparison.summary())));
    text
}

fn message(entry: &Entry<'_>) -> String {
    let path = if entry.path.is_empty() { String::new() } else { format!("{}: ", clean(&entry.path)) };
    let mut lines = vec![format!("{path}{}", clean(entry.message))];
    lines.extend(
        entry
            .depends_on_data()
            .then(|| String::from("depends on the data: it affects only stored values of this kind")),
    );
    lines.extend(entry.routes().map(|routes| clean(&routes)));
    lines.extend(entry.accepted.map(|accepted| clean(&accepted.words())));
    if entry.fails() {
        match &entry.what {
            What::Finding(found) => lines.push(format!("consequence: {}", clean(found.finding.rule.consequence))),
            What::Problem(problem) => lines.extend(problem.details.iter().map(|detail| clean(detail))),
        }
        for (help, code) in entry.helps() {
            lines.push(format!("help: {}", clean(&help)));
            let code = code.iter().flat_map(|code| code.lines());
            lines.extend(code.map(|line| format!("    {}", clean(line))));
        }
        if let What::Finding(found) = &entry.what {
            lines.push(format!("finding: {}; typeser explain {}", found.id, entry.rule));
        }
    }
    lines.join("\n")
}

fn line(command: &str, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<String> = properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    format!("::{command} {}::{}", properties.join(","), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
