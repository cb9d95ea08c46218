//! What a command compared, as plain data. Every format renders it.

use typeser::report::{FindingId, Level, Report};
use typeser::resolve::{Compatibility, Finding, Role};

use super::levels::Levels;
use super::lines::Text;
use super::place::Place;

/// What a command compared, and the result.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    /// The name of the command: `check`, `diff`.
    pub(crate) command: &'static str,
    /// What was compared, as a sentence: `checked 12 states against 5 releases (1.6.0 ... 2.1.0)`.
    pub(crate) compared: String,
    /// The folder or file that the command was run on. Entries without a place are shown there.
    pub(crate) about: String,
    /// The releases that were compared, the oldest first, by the names that the pairs use.
    pub(crate) releases: Vec<String>,
    /// Findings of this verdict or a worse one fail.
    pub(crate) fail_on: Compatibility,
    /// The levels of single rules, and what is ignored.
    pub(crate) levels: Levels,
    /// Whether safe changes are reported too, or only what fails.
    pub(crate) reports_safe: bool,
    /// Every pair that was compared, by state and role, in the order of the report.
    pub(crate) pairs: Vec<Pair>,
    /// Problems other than findings about two snapshots. Each of them that is an error fails, unless it was accepted.
    pub(crate) problems: Vec<Problem>,
    /// Notes about the comparison itself. None of them fails.
    pub(crate) remarks: Vec<String>,
    /// The folder of today's types as it was typed, if they were compared.
    pub(crate) today: Option<String>,
    /// Paths relative to the root of the repository, and the same as they were typed.
    pub(crate) typed: Vec<(String, String)>,
    /// The settings that were used and their file, if there are any.
    pub(crate) settings: Option<String>,
}

/// One serializer that reads what another wrote.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) state: String,
    pub(crate) role: Role,
    pub(crate) writer: Side,
    pub(crate) reader: Side,
    /// Whether the reader is older than the writer.
    pub(crate) is_rollback: bool,
    /// Whether this pair was requested. The others complete the matrix.
    pub(crate) is_asked: bool,
    pub(crate) report: Report,
    /// The accepted findings.
    pub(crate) accepted: Vec<Acceptance>,
    /// The verdict that it must have, if one was pinned. Then only the pin decides.
    pub(crate) pin: Option<Compatibility>,
}

/// One of the two sides of a pair.
#[derive(Debug, Clone, Default)]
pub(crate) struct Side {
    /// The release, or another name for it: `2.1.0`, `today`, the name of a file.
    pub(crate) release: String,
    /// The file of its snapshot, if it is in one.
    pub(crate) file: Option<File>,
}

/// A file with a snapshot.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its path, relative to the root of the repository, with `/` between the parts.
    pub(crate) path: String,
    /// Where its text can be read, to find a line in it.
    pub(crate) text: Text,
}

/// An accepted finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(crate) finding: FindingId,
    pub(crate) reason: String,
    pub(crate) author: String,
    /// When, as `2026-11-21`.
    pub(crate) date: String,
    /// The last day on which it applies, if there is one.
    pub(crate) until: Option<String>,
}

/// A problem other than a finding about two snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Only an error fails.
    pub(crate) level: Level,
    /// Its kind, written like the id of a rule: `stale-acceptance`.
    pub(crate) kind: &'static str,
    /// The state and role that it is about, if it is about one.
    pub(crate) state: Option<(String, Role)>,
    /// What is wrong, with names.
    pub(crate) message: String,
    /// Its id in the ledger, if it can be accepted.
    pub(crate) finding: Option<FindingId>,
    /// The release that wrote and the one that reads, if it is about two releases.
    pub(crate) pair: Option<(String, String)>,
    /// Why it does not fail.
    pub(crate) accepted: Option<Acceptance>,
    /// Details, one a line.
    pub(crate) details: Vec<String>,
    /// What to do.
    pub(crate) help: String,
    /// The line to open.
    pub(crate) place: Option<Place>,
}

/// The result of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing in it fails.
    Passed,
    /// A finding fails.
    Failed,
    /// All findings that would fail are accepted.
    Accepted,
    /// The pair was not requested.
    NotAsked,
}

impl Comparison {
    /// The result of a pair.
    pub(crate) fn status(&self, pair: &Pair) -> Status {
        if !pair.is_asked {
            return Status::NotAsked;
        }
        let report = &pair.report;
        if let Some(pin) = pair.pin {
            return if pin == report.compatibility() { Status::Passed } else { Status::Failed };
        }
        let would_fail = report.findings().iter().filter(|finding| self.would_fail(pair, finding));
        let open = would_fail.clone().filter(|finding| pair.acceptance(report.id(finding)).is_none()).count();
        match (would_fail.count(), open) {
            (0, _) => Status::Passed,
            (_, 0) => Status::Accepted,
            _ => Status::Failed,
        }
    }

    /// A path as people typed it, of one relative to the root of the repository.
    pub(crate) fn shown(&self, file: &str) -> String {
        let typed = self.typed.iter().find_map(|(path, typed)| {
            let rest = file.strip_prefix(path.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
            Some(format!("{typed}{rest}"))
        });
        typed.unwrap_or_else(|| file.to_owned())
    }

    /// Whether nothing fails.
    pub(crate) fn passes(&self) -> bool {
        self.open_problems() == 0 && self.pairs.iter().all(|pair| self.status(pair) != Status::Failed)
    }

    /// How many problems fail.
    pub(crate) fn open_problems(&self) -> usize {
        self.problems.iter().filter(|problem| problem.fails()).count()
    }

    /// Whether a finding fails unless it is accepted: by the level of its rule, or by its verdict.
    pub(crate) fn would_fail(&self, pair: &Pair, finding: &Finding) -> bool {
        match self.levels.of(finding.rule.id) {
            _ if self.levels.ignoring(&pair.state, finding).is_some() => false,
            Some(level) => level == Level::Error,
            None => finding.rule.verdict >= self.fail_on,
        }
    }

    /// How many pairs have this status.
    pub(crate) fn count(&self, status: Status) -> usize {
        self.pairs.iter().filter(|pair| self.status(pair) == status).count()
    }

    /// The states with their roles, in the order of the report, each with its pairs.
    pub(crate) fn states(&self) -> Vec<(&str, Role, Vec<&Pair>)> {
        let mut states: Vec<(&str, Role, Vec<&Pair>)> = Vec::new();
        for pair in &self.pairs {
            match states.iter_mut().find(|(state, role, _)| (*state, *role) == (&pair.state, pair.role)) {
                Some((_, _, pairs)) => pairs.push(pair),
                None => states.push((&pair.state, pair.role, vec![pair])),
            }
        }
        states
    }
}

impl Default for Problem {
    fn default() -> Self {
        Self {
            level: Level::Error,
            kind: "",
            state: None,
            message: String::new(),
            finding: None,
            pair: None,
            accepted: None,
            details: Vec::new(),
            help: String::new(),
            place: None,
        }
    }
}

impl Problem {
    /// Whether it fails the command.
    pub(crate) fn fails(&self) -> bool {
        self.level == Level::Error && self.accepted.is_none()
    }
}

impl Pair {
    /// Why this finding passes despite its verdict.
    pub(crate) fn acceptance(&self, finding: FindingId) -> Option<&Acceptance> {
        self.accepted.iter().find(|accepted| accepted.finding == finding)
    }
}

impl Status {
    /// Its name in reports.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::NotAsked => "not asked",
        }
    }
}
