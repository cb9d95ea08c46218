//! The text of a failed golden test: what was compared, what was found, and what to do.

use std::fmt::{self, Write as _};
use std::path::Path;

use super::accepting::{Acceptable, Accepting};
use super::problem::Problem;
use super::{CheckedDivergence, Options, Outcome, Pair, Standing, StateOutcome, Status, TODAY};
use crate::history::Divergence;
use crate::report::{FindingId, Report, Reports};
use crate::resolve::Compatibility;

/// Why a golden test failed, whole: `?` in a test prints it.
///
/// Its `Debug` is its `Display`, for a test prints the former.
pub struct Failure {
    inner: Box<Inner>,
}

struct Inner {
    folder: String,
    fails_on: Compatibility,
    outcome: Option<Outcome>,
    reports: Reports,
    problems: Vec<Problem>,
    accepting: Accepting,
}

impl Failure {
    pub(super) fn new(
        root: &Path,
        folder: &Path,
        options: &Options,
        outcome: Option<Outcome>,
        problems: Vec<Problem>,
    ) -> Self {
        let groups = outcome.as_ref().map(|outcome| groups(outcome, options.fails_on)).unwrap_or_default();
        let reports = groups.iter().map(|group| with_sources(group.report(), root)).collect();
        let accepting = Accepting::of(root, folder, options);
        let folder = folder.strip_prefix(root).unwrap_or(folder).display().to_string();
        Self { inner: Box::new(Inner { folder, fails_on: options.fails_on, outcome, reports, problems, accepting }) }
    }

    /// What the check found, if it came so far: the goldens could be read.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.inner.outcome.as_ref()
    }

    /// What is wrong beside the verdicts.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.inner.problems
    }
}

/// Pairs of one state that fail for the same reasons: what one release broke, all before it have in common.
struct Group<'a> {
    pairs: Vec<&'a Pair>,
    /// What can be accepted.
    findings: Vec<FindingId>,
}

fn groups(outcome: &Outcome, fails_on: Compatibility) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for state in &outcome.states {
        let first = groups.len();
        for pair in state.pairs.iter().filter(|pair| pair.status == Status::Failed && pair.pin.is_none()) {
            let left = pair.failing(fails_on).filter(|(.., accepted)| accepted.is_none());
            let findings: Vec<FindingId> = left.map(|(id, ..)| id).collect();
            let is_alike = |group: &&mut Group<'_>| {
                group.findings == findings
                    && (group.pairs[0].reader == pair.reader || group.pairs[0].writer == pair.writer)
            };
            match groups.iter_mut().skip(first).find(is_alike) {
                Some(group) => group.pairs.push(pair),
                None => groups.push(Group { pairs: vec![pair], findings }),
            }
        }
    }
    groups
}

impl<'a> Group<'a> {
    /// The report on the newest of the pairs, which represents all.
    fn report(&self) -> Report {
        let newest = self.pairs[self.pairs.len() - 1];
        let origin = match newest.writer.as_str() {
            TODAY => format!("the types of today, read by {}", listed("release", self.readers())),
            _ => listed("release", self.writers()),
        };
        newest.report.clone().with_origin(origin)
    }

    fn writers(&self) -> Vec<&'a str> {
        let mut writers: Vec<&'a str> = self.pairs.iter().map(|pair| pair.writer.as_str()).collect();
        writers.dedup();
        writers
    }

    fn readers(&self) -> Vec<&'a str> {
        let mut readers: Vec<&'a str> = self.pairs.iter().map(|pair| pair.reader.as_str()).collect();
        readers.dedup();
        readers
    }
}

/// `release 1.0`, `releases 1.0 and 1.1`, `releases 1.0, 1.1 and 2.0`.
fn listed(one: &str, names: Vec<&str>) -> String {
    match names.as_slice() {
        [only] => format!("{one} {only}"),
        [all @ .., last] => format!("{one}s {} and {last}", all.join(", ")),
        [] => String::new(),
    }
}

/// The report with the sources of the program: the compiler names files from the root of the workspace.
fn with_sources(report: Report, root: &Path) -> Report {
    report.with_sources(|file: &str| {
        root.ancestors().take(6).find_map(|folder| std::fs::read_to_string(folder.join(file)).ok())
    })
}

impl std::error::Error for Failure {}

crate::text::debug_as_display!(Failure);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.inner.text();
        // A test prints `Error: ` before it.
        write!(f, "{}", text.trim_end())
    }
}

impl Inner {
    fn text(&self) -> String {
        let mut text = String::new();
        let Some(outcome) = &self.outcome else {
            _ = writeln!(text, "the golden test in {} failed\n", self.folder);
            self.problems(&mut text);
            return text;
        };
        _ = writeln!(text, "{}, in {}: {}\n", outcome.compared(), self.folder, counted(outcome, &self.problems));
        for state in outcome.states.iter().filter(|state| !state.passed()) {
            self.state(&mut text, state);
        }
        if !self.reports.reports().is_empty() {
            _ = writeln!(text, "{}\n", self.reports.to_string().trim_end());
        }
        let wrong = outcome.ledger.iter().map(ToString::to_string);
        for line in wrong.chain(outcome.options.iter().map(ToString::to_string)) {
            _ = writeln!(text, "error: {line}\n");
        }
        self.problems(&mut text);
        self.advice(&mut text, outcome);
        text
    }

    fn problems(&self, text: &mut String) {
        for problem in &self.problems {
            _ = writeln!(text, "error: {problem}\n");
        }
    }

    /// The matrix of a state that failed, and the problems that are in no report.
    fn state(&self, text: &mut String, state: &StateOutcome) {
        if !state.pairs.is_empty() {
            _ = writeln!(text, "{}:", state.subject());
            for line in state.matrix.to_string().lines().filter(|line| !line.starts_with("note: ")) {
                _ = writeln!(text, "    {line}");
            }
            text.push('\n');
        }
        if let Standing::Removed { last, retired: None } = &state.standing {
            _ = writeln!(
                text,
                "error: release {last} recorded the {}, and this suite does not list it: what is stored of it would be \
                 left behind\n  = help: list it again, under its old name\n  = help: or say why it is gone: \
                 `.retired(\"{}\", \"REASON\")`\n  = help: or, if another \
                 suite with this folder lists it: `.elsewhere(\"{}\", Role::{:?})`\n",
                state.subject(),
                state.state,
                state.state,
                state.role
            );
        }
        for pair in state.pairs.iter().filter(|pair| pair.status == Status::Failed) {
            if let Some(pin) = &pair.pin {
                _ = writeln!(
                    text,
                    "error: the verdict of the {} from release {} to today is pinned to \"{}\", but it is \"{}\"",
                    state.subject(),
                    pin.release,
                    pin.compatibility,
                    pair.report.compatibility()
                );
                for line in pair.report.short().lines() {
                    _ = writeln!(text, "  {line}");
                }
                text.push_str("  = help: correct the type, or pin the verdict that you intend\n\n");
            }
        }
        for checked in state.divergences.iter().filter(|checked| checked.status == Status::Failed) {
            divergence(text, state, checked);
        }
        for function in &state.dropped {
            _ = writeln!(text, "error: {}: {function}\n  = help: {}\n", state.subject(), function.help());
        }
    }

    /// What to do, and what to type where a finding is meant.
    fn advice(&self, text: &mut String, outcome: &Outcome) {
        let groups = groups(outcome, self.fails_on);
        let mut acceptable = Acceptable::default();
        for group in &groups {
            let report = &group.pairs[group.pairs.len() - 1].report;
            let findings = report.findings().iter().map(|finding| (report.id(finding), finding));
            for (id, finding) in findings.filter(|(id, _)| group.findings.contains(id)) {
                let what = format!("{} at {}", finding.rule.id, report.path(finding));
                acceptable.add(id, what, group.writers(), group.readers());
            }
        }
        if !groups.is_empty() {
            text.push_str("Recorded releases cannot change: correct today's types as the reports say.\n");
        }
        for state in &outcome.states {
            for checked in state.divergences.iter().filter(|checked| checked.status == Status::Failed) {
                let Divergence { finding, from, to, .. } = &checked.divergence;
                let what = format!("{} at {} / {}{}", finding.rule.id, state.state, state.role, finding.path);
                acceptable.add(checked.id, what, vec![from], vec![to]);
            }
        }
        self.accepting.write(text, &acceptable);
    }
}

fn divergence(text: &mut String, state: &StateOutcome, checked: &CheckedDivergence) {
    let divergence = &checked.divergence;
    let rule = divergence.finding.rule;
    _ = writeln!(text, "error[{}]: {}: {}", rule.id, state.subject(), rule.title);
    _ = writeln!(text, "    at {} / {}{}", state.state, state.role, divergence.finding.path);
    _ = writeln!(text, "    stored by {}: {}", divergence.from, divergence.stored);
    _ = writeln!(text, "    in {}, directly: {}", divergence.to, divergence.direct);
    _ = writeln!(text, "    in {}, through {}: {}", divergence.to, divergence.through.join(", "), divergence.chained);
    _ = writeln!(text, "  = consequence: {}", rule.consequence);
    for fix in &divergence.finding.fixes {
        _ = writeln!(text, "  = help: {}", fix.text());
    }
    text.push('\n');
}

/// How much failed, in a few words.
fn counted(outcome: &Outcome, problems: &[Problem]) -> String {
    let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let (failed, asked) = (
        outcome.count(Status::Failed),
        outcome.states.iter().flat_map(|state| &state.pairs).filter(|pair| pair.status != Status::NotAsked).count(),
    );
    let states = &outcome.states;
    let missing = states.iter().filter(|state| state.is_missing()).count();
    let diverging = states.iter().flat_map(|state| &state.divergences);
    let diverging = diverging.filter(|checked| checked.status == Status::Failed).count();
    let dropped = states.iter().map(|state| state.dropped.len()).sum::<usize>();
    let others = problems.len() + outcome.ledger.len() + outcome.options.len() + missing + diverging + dropped;
    let compared = match (failed, asked) {
        (0, 0) => "nothing was compared".to_owned(),
        (0, asked) => format!("{} passed", count(asked, "comparison")),
        (failed, asked) => format!("{failed} of {} failed", count(asked, "comparison")),
    };
    match others {
        0 => compared,
        others if failed == 0 => format!("{compared}, but there {} {}", is(others), count(others, "error")),
        others => format!("{compared}, and there {} {} beside", is(others), count(others, "error")),
    }
}

fn is(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}
