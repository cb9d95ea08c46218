//! The format for people: reports of what fails, then the matrices, then what was compared and the result.

use std::fmt::Write as _;

use typeser::report::{Level, Reports};
use typeser::text::clean;

use super::comparison::{Comparison, Pair, Problem, Status};
use super::entry::Entry;
use super::grid;
use super::matrix::matrices;
use super::rendering::{BOLD, CYAN, DIM, GREEN, RED, Rendering, YELLOW};

/// Writes all parts that a person needs to decide.
pub(super) fn write(comparison: &Comparison, rendering: Rendering) -> String {
    let mut parts: Vec<String> = Vec::new();
    let reports = reports(comparison).with_width(rendering.width);
    if !reports.reports().is_empty() {
        parts.push(if rendering.colours { reports.styled() } else { reports.to_string() });
    }
    let is_open =
        |problem: &&Problem| problem.accepted.is_none() && (problem.level > Level::Note || comparison.reports_safe);
    let open = comparison.problems.iter().filter(is_open);
    parts.extend(open.map(|problem| self::problem(comparison, problem, rendering)));
    let entries = comparison.entries();
    let accepted: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.accepted.is_some()).collect();
    if !accepted.is_empty() {
        parts.push(accepted.into_iter().map(|entry| self::accepted(entry, rendering)).collect());
    }
    // The report of a single pair says everything.
    if comparison.pairs.len() > 1 {
        parts.extend(matrices(comparison).iter().map(|matrix| grid::text(matrix, rendering)));
    }
    let mut last = String::new();
    for remark in &comparison.remarks {
        _ = writeln!(last, "{}: {}", rendering.styled(CYAN, "note"), rendering.wrapped(remark, 6, 6));
    }
    if let Some(settings) = &comparison.settings {
        _ = writeln!(last, "{}", rendering.styled(DIM, &clean(settings)));
    }
    let passes = comparison.passes();
    if comparison.command == "check" && entries.iter().any(|entry| entry.fails() && entry.id().is_some()) {
        // Only that folder has today's types.
        let folder = comparison.today.as_ref().map_or_else(String::new, |folder| format!(" --in {folder}"));
        let help = format!(
            "to accept a finding, run this with the options of the check: `typeser accept FINDING --reason WHY{folder}`"
        );
        _ = writeln!(last, "{}: {}", rendering.styled(CYAN, "help"), rendering.wrapped(&help, 6, 6));
    }
    _ = writeln!(last, "{}", rendering.styled(if passes { GREEN } else { RED }, &clean(&comparison.summary())));
    parts.push(last);
    parts.join("\n")
}

/// The reports that are printed in full: those of the pairs that fail, or all.
///
/// Pairs of one state with the same findings share a report. Accepted findings are omitted.
fn reports(comparison: &Comparison) -> Reports {
    let mut groups: Vec<(Vec<String>, Vec<&Pair>)> = Vec::new();
    for pair in comparison.pairs.iter().filter(|pair| pair.is_asked) {
        if comparison.status(pair) != Status::Failed && !comparison.reports_safe {
            continue;
        }
        let ids = pair.report.findings().iter().map(|finding| pair.report.id(finding).to_string());
        let about =
            [&pair.state, pair.role.word(), &pair.reader.release, &pair.is_rollback.to_string()].map(str::to_owned);
        let says: Vec<String> = about.into_iter().chain(ids).collect();
        match groups.iter_mut().find(|(other, _)| *other == says) {
            Some((_, pairs)) => pairs.push(pair),
            None => groups.push((says, vec![pair])),
        }
    }
    let report = |(_, pairs): (Vec<String>, Vec<&Pair>)| {
        let last = pairs.last()?;
        let releases: Vec<&str> = pairs.iter().map(|pair| pair.writer.release.as_str()).collect();
        let open = last.report.clone().keeping(|report, finding| last.acceptance(report.id(finding)).is_none());
        Some(if comparison.pairs.len() > 1 { open.with_origin(releases.join(", ")) } else { open })
    };
    groups.into_iter().filter_map(report).collect::<Reports>().uncounted()
}

fn problem(comparison: &Comparison, problem: &Problem, rendering: Rendering) -> String {
    let Problem { level, kind, state, message, details, help, place, finding, .. } = problem;
    let color = match level {
        Level::Error => RED,
        Level::Warning => YELLOW,
        Level::Note => CYAN,
    };
    let level = format!("{level}[{kind}]");
    let about = state.as_ref().map_or_else(String::new, |(state, role)| format!("{role} of state `{state}`: "));
    let title = rendering.wrapped(&format!("{about}{message}"), level.len() + 2, level.len() + 2);
    let mut text = format!("{}{}\n", rendering.styled(color, &level), rendering.styled(BOLD, &format!(": {title}")));
    if let Some(place) = place {
        _ = writeln!(text, "  --> {}:{}", clean(&comparison.shown(&place.file)), place.line);
    }
    details.iter().for_each(|detail| _ = writeln!(text, "   = {}", rendering.wrapped(detail, 5, 5)));
    finding.iter().for_each(|finding| _ = writeln!(text, "   = finding: {finding}"));
    if !help.is_empty() {
        _ = writeln!(text, "{}: {}", rendering.styled(CYAN, "help"), rendering.wrapped(help, 6, 6));
    }
    text
}

fn accepted(entry: &Entry<'_>, rendering: Rendering) -> String {
    let Some(accepted) = entry.accepted else { return String::new() };
    let id = entry.id().map_or_else(String::new, |id| id.to_string());
    let routes = entry.routes().map_or_else(String::new, |routes| format!(", {routes}"));
    let title = format!("[{}] {}: {}", entry.rule, entry.path, entry.message);
    format!(
        "{}{}\n   = {}\n   = {}\n",
        rendering.styled(CYAN, "accepted"),
        rendering.wrapped(&title, 8, 10),
        rendering.wrapped(&accepted.words(), 5, 5),
        rendering.wrapped(&format!("finding: {id}{routes}"), 5, 5),
    )
}
