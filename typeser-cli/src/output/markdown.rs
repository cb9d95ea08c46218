//! A comment on a pull request: a headline, the matrices, and each finding in a collapsible section.

use std::fmt::Write as _;

use typeser::report::Level;
use typeser::text::clean;

use super::comparison::Comparison;
use super::entry::{Entry, What};
use super::matrix::{Matrix, matrices};

/// A comment on GitHub has at most 65,536 characters; GitLab allows more. The rest is for text around the report.
const MOST: usize = 60_000;

/// Writes the comment. Parts that would make it too long are only counted.
pub(super) fn write(comparison: &Comparison) -> String {
    let word = if comparison.passes() { "passed" } else { "failed" };
    let mut text = format!("## typeser {}: {word}\n\n{}\n", comparison.command, escaped(&comparison.summary()));
    for remark in &comparison.remarks {
        _ = write!(text, "\n> note: {}\n", escaped(remark));
    }
    let entries = comparison.reported();
    let parts = matrices(comparison).iter().map(matrix).chain(entries.iter().map(entry)).collect::<Vec<_>>();
    let count = parts.len();
    for (number, part) in parts.into_iter().enumerate() {
        if text.chars().count() + part.chars().count() > MOST {
            _ = write!(
                text,
                "\n{} more parts are omitted, because they would make this comment too long.\n",
                count - number
            );
            break;
        }
        text.push('\n');
        text.push_str(&part);
    }
    text
}

fn matrix(matrix: &Matrix) -> String {
    let states: Vec<String> = matrix.states.iter().map(|(state, role)| code(&format!("{state} / {role}"))).collect();
    let mut text = format!("{}\n\n| written by \\ read by |", states.join(", "));
    matrix.releases.iter().for_each(|release| _ = write!(text, " {} |", cell(release)));
    text.push_str("\n| --- |");
    matrix.releases.iter().for_each(|_| text.push_str(" --- |"));
    text.push('\n');
    for (release, row) in matrix.releases.iter().zip(&matrix.rows) {
        _ = write!(text, "| {} |", cell(release));
        for cell in row {
            let word = cell.map_or_else(|| String::from("-"), |cell| cell.word());
            _ = write!(
                text,
                " {} |",
                if word.ends_with('!') { format!("**{}**", escaped(&word)) } else { escaped(&word) }
            );
        }
        text.push('\n');
    }
    let legend = matrix.legend();
    if !legend.is_empty() {
        _ = write!(text, "\n{}\n", legend.join("; "));
    }
    text
}

fn entry(entry: &Entry<'_>) -> String {
    let level = if entry.accepted.is_some() { "accepted" } else { entry.level.word() };
    let path = if entry.path.is_empty() { String::new() } else { format!(" {}", html(&entry.path)) };
    let open = if entry.level == Level::Error { " open" } else { "" };
    let mut text = format!(
        "<details{open}>\n<summary><b>{level}</b> <code>{}</code>{path}: {}</summary>\n\n",
        html(entry.rule),
        html(entry.message),
    );
    let mut facts: Vec<String> = Vec::new();
    facts.extend(entry.routes().map(|routes| escaped(&routes)));
    if let Some(place) = &entry.place {
        facts.push(format!("{}, line {}", code(&place.file), place.line));
    }
    match &entry.what {
        What::Finding(found) => {
            let rule = found.finding.rule;
            facts.push(format!("cause: {}", escaped(rule.reason)));
            facts.push(format!("consequence: {}", escaped(rule.consequence)));
            facts.extend(found.finding.note.as_ref().map(|note| escaped(note)));
            facts.push(format!("finding: {}", code(&found.id.to_string())));
        }
        What::Problem(problem) => facts.extend(problem.details.iter().map(|detail| escaped(detail))),
    }
    facts.extend(entry.accepted.map(|accepted| escaped(&accepted.words())));
    facts.iter().for_each(|fact| _ = writeln!(text, "- {fact}"));
    let helps = if entry.accepted.is_some() { Vec::new() } else { entry.helps() };
    for (help, to_type) in helps {
        _ = write!(text, "\n**help:** {}\n", escaped(&help));
        if let Some(to_type) = to_type {
            _ = write!(text, "\n{}\n", block(&to_type));
        }
    }
    text.push_str("\n</details>\n");
    text
}

/// Plain text, in which nothing is Markdown or HTML or ends the cell of a table.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Text between backquotes is code.
    for (number, part) in clean(text).split('`').enumerate() {
        let is_code = number % 2 == 1;
        if is_code {
            escaped.push_str(&code(part));
            continue;
        }
        for c in part.chars() {
            match c {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '@' => escaped.push_str("&#64;"),
                '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => escaped.extend(['\\', c]),
                _ => escaped.push(c),
            }
        }
    }
    escaped
}

/// Plain text in a cell of a table, which `|` would end even inside code.
fn cell(text: &str) -> String {
    escaped(&text.replace('`', "'")).replace("\\|", "&#124;")
}

/// Text inside HTML, where Markdown is not read.
fn html(text: &str) -> String {
    let text = clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "&#64;");
    // Some readers interpret Markdown here nevertheless.
    text.replace('`', "&#96;").replace('*', "&#42;").replace('_', "&#95;").replace('[', "&#91;")
}

/// Text as inline code, with as many backquotes around it as it needs.
fn code(text: &str) -> String {
    let text = clean(text);
    let fence = "`".repeat(longest(&text) + 1);
    let room = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

fn block(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean).collect();
    let text = lines.join("\n");
    let fence = "`".repeat((longest(&text) + 1).max(3));
    // The code is Rust or a command.
    let language = if text.starts_with("typeser ") { "sh" } else { "rust" };
    format!("{fence}{language}\n{text}\n{fence}")
}

/// The longest run of backquotes.
fn longest(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
