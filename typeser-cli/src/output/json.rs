//! One versioned document, or the same as one object per line. `docs/comparison.schema.json` describes both.

use serde_derive::Serialize;
use typeser::report::{Level, Reports};

use crate::choices::word as verdict;

use super::comparison::{Acceptance, Comparison, Pair, Problem, Side, Status};
use super::document::to_json;
use super::entry::{Entry, What};
use super::error::OutputError;
use super::place::Place;

/// The version of both forms.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "typeser-comparison")]
    version: u32,
    command: &'a str,
    compared: &'a str,
    summary: String,
    passed: bool,
    fail_on: &'static str,
    releases: &'a [String],
    counts: Counts,
    remarks: &'a [String],
    problems: Vec<OfProblem<'a>>,
    findings: Vec<OfFinding<'a>>,
    pairs: Vec<OfPair<'a>>,
}

/// The first line: the document without its lists.
#[derive(Serialize)]
struct Head<'a> {
    #[serde(rename = "typeser-comparison")]
    version: u32,
    command: &'a str,
    compared: &'a str,
    summary: String,
    passed: bool,
    fail_on: &'static str,
    releases: &'a [String],
    counts: Counts,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct Counts {
    states: usize,
    passed: usize,
    failed: usize,
    accepted: usize,
    not_asked: usize,
    problems: usize,
}

#[derive(Serialize)]
struct OfPair<'a> {
    state: &'a str,
    role: &'static str,
    writer: OfSide<'a>,
    reader: OfSide<'a>,
    rollback: bool,
    verdict: &'static str,
    status: &'static str,
    /// The index of its report in `report.reports`.
    report: Option<usize>,
}

#[derive(Serialize)]
struct OfSide<'a> {
    release: &'a str,
    file: Option<&'a str>,
}

#[derive(Serialize)]
struct OfFinding<'a> {
    fingerprint: &'a str,
    id: String,
    level: &'static str,
    rule: &'a str,
    verdict: &'static str,
    depends_on_data: bool,
    path: &'a str,
    message: &'a str,
    place: Option<OfPlace<'a>>,
    pairs: Vec<Route<'a>>,
    accepted: Option<OfAcceptance<'a>>,
    help: Vec<Help>,
}

#[derive(Serialize)]
struct OfPlace<'a> {
    file: &'a str,
    line: u32,
    column: Option<u32>,
}

#[derive(Serialize)]
struct Route<'a> {
    writer: &'a str,
    reader: &'a str,
}

#[derive(Serialize)]
struct OfAcceptance<'a> {
    reason: &'a str,
    author: &'a str,
    date: &'a str,
    until: Option<&'a str>,
}

#[derive(Serialize)]
struct Help {
    text: String,
    code: Option<String>,
}

#[derive(Serialize)]
struct OfProblem<'a> {
    kind: &'a str,
    level: &'static str,
    state: Option<&'a str>,
    role: Option<&'static str>,
    message: &'a str,
    details: &'a [String],
    help: &'a str,
    place: Option<OfPlace<'a>>,
    id: Option<String>,
    accepted: Option<OfAcceptance<'a>>,
}

/// A line. Its first key says what it is.
#[derive(Serialize)]
struct Line<T: serde::Serialize> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    what: T,
}

/// Writes the document. Under `report` it holds the document of [`Reports::to_json`] on the requested pairs.
pub(super) fn document(comparison: &Comparison) -> Result<String, OutputError> {
    let entries = comparison.entries();
    let head = to_json("json", &of_comparison(comparison, &entries))?;
    let asked = comparison.pairs.iter().filter(|pair| pair.is_asked);
    let reports: Reports = asked.map(|pair| pair.report.clone()).collect();
    // Both are indented JSON, in which no string contains a line break, so one can be inserted into the other as text.
    let report = reports.to_json().trim_end().replace('\n', "\n  ");
    let head = head.trim_end().trim_end_matches('}').trim_end();
    Ok(format!("{head},\n  \"report\": {report}\n}}\n"))
}

/// Writes a line for the comparison, for each problem, each finding and each pair.
pub(super) fn lines(comparison: &Comparison) -> Result<String, OutputError> {
    let entries = comparison.entries();
    let document = of_comparison(comparison, &entries);
    let Document { command, compared, releases, remarks, .. } = document;
    let (summary, passed, fail_on, counts) = (document.summary, document.passed, document.fail_on, document.counts);
    let head = Head { version: VERSION, command, compared, summary, passed, fail_on, releases, counts, remarks };
    let mut text = line(&Line { kind: "comparison", what: head })?;
    for problem in document.problems {
        text += &line(&Line { kind: "problem", what: problem })?;
    }
    for finding in document.findings {
        text += &line(&Line { kind: "finding", what: finding })?;
    }
    for mut pair in document.pairs {
        // There is no list of reports here for the index to refer to.
        pair.report = None;
        text += &line(&Line { kind: "pair", what: pair })?;
    }
    Ok(text)
}

fn line(what: &impl serde::Serialize) -> Result<String, OutputError> {
    let json = serde_json::to_string(what);
    json.map(|json| json + "\n").map_err(|error| OutputError::Form { format: "jsonl", reason: error.to_string() })
}

fn of_comparison<'a>(comparison: &'a Comparison, entries: &'a [Entry<'a>]) -> Document<'a> {
    let Comparison { command, compared, releases, problems, remarks, fail_on, .. } = comparison;
    let mut asked = 0..;
    Document {
        version: VERSION,
        command,
        compared,
        summary: comparison.summary(),
        passed: comparison.passes(),
        fail_on: verdict(*fail_on),
        releases,
        counts: Counts {
            states: comparison.states().len(),
            passed: comparison.count(Status::Passed),
            failed: comparison.count(Status::Failed),
            accepted: comparison.count(Status::Accepted),
            not_asked: comparison.count(Status::NotAsked),
            problems: comparison.open_problems(),
        },
        remarks,
        problems: problems.iter().map(of_problem).collect(),
        findings: entries.iter().filter_map(of_finding).collect(),
        pairs: comparison
            .pairs
            .iter()
            .map(|pair| of_pair(comparison, pair, if pair.is_asked { asked.next() } else { None }))
            .collect(),
    }
}

fn of_pair<'a>(comparison: &Comparison, pair: &'a Pair, report: Option<usize>) -> OfPair<'a> {
    OfPair {
        state: &pair.state,
        role: pair.role.word(),
        writer: of_side(&pair.writer),
        reader: of_side(&pair.reader),
        rollback: pair.is_rollback,
        verdict: verdict(pair.report.compatibility()),
        status: comparison.status(pair).word(),
        report,
    }
}

fn of_side(side: &Side) -> OfSide<'_> {
    OfSide { release: &side.release, file: side.file.as_ref().map(|file| file.path.as_str()) }
}

fn of_finding<'a>(entry: &'a Entry<'a>) -> Option<OfFinding<'a>> {
    let What::Finding(found) = &entry.what else { return None };
    let routes = found.pairs.iter().map(|pair| Route { writer: &pair.writer.release, reader: &pair.reader.release });
    Some(OfFinding {
        fingerprint: &entry.fingerprint,
        id: found.id.to_string(),
        level: entry.level.word(),
        rule: entry.rule,
        verdict: verdict(found.finding.rule.verdict),
        depends_on_data: found.finding.rule.depends_on_data,
        path: &entry.path,
        message: entry.message,
        place: entry.place.as_ref().map(of_place),
        pairs: routes.collect(),
        accepted: entry.accepted.map(of_acceptance),
        help: entry.helps().into_iter().map(|(text, code)| Help { text, code }).collect(),
    })
}

fn of_problem(problem: &Problem) -> OfProblem<'_> {
    let Problem { kind, level, state, message, details, help, place, finding, accepted, .. } = problem;
    OfProblem {
        kind,
        level: if accepted.is_some() { Level::Note.word() } else { level.word() },
        state: state.as_ref().map(|(state, _)| state.as_str()),
        role: state.as_ref().map(|(_, role)| role.word()),
        message,
        details,
        help,
        place: place.as_ref().map(of_place),
        id: finding.map(|id| id.to_string()),
        accepted: accepted.as_ref().map(of_acceptance),
    }
}

fn of_place(place: &Place) -> OfPlace<'_> {
    let Place { file, line, column } = place;
    OfPlace { file, line: *line, column: *column }
}

fn of_acceptance(accepted: &Acceptance) -> OfAcceptance<'_> {
    OfAcceptance {
        reason: &accepted.reason,
        author: &accepted.author,
        date: &accepted.date,
        until: accepted.until.as_deref(),
    }
}
