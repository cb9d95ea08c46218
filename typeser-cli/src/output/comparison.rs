//! What a command compared, as plain data: every format is a view of it.

use std::path::PathBuf;

use typeser::report::{FindingId, Report};
use typeser::resolve::{Compatibility, Role};

use super::place::Place;

/// What a command compared, and what came of it.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    /// The name of the command: `check`, `diff`.
    pub(crate) command: &'static str,
    /// What was compared, as a sentence: `checked 12 states against 5 releases (1.6.0 ... 2.1.0)`.
    pub(crate) compared: String,
    /// The folder or file that the command was about. What has no place of its own is shown there.
    pub(crate) about: String,
    /// The releases that take part, the oldest first, by the names that the pairs use.
    pub(crate) releases: Vec<String>,
    /// Findings of this verdict or a worse one fail.
    pub(crate) fail_on: Compatibility,
    /// Whether safe changes are told one by one too, or only what fails.
    pub(crate) tells_safe: bool,
    /// Every pair that was compared, by state and role, in the order in which they are told.
    pub(crate) pairs: Vec<Pair>,
    /// What stands in the way and is no finding about two snapshots. Each of them fails, unless it was accepted.
    pub(crate) problems: Vec<Problem>,
    /// What is to be known about the comparison itself. None of them fails.
    pub(crate) remarks: Vec<String>,
    /// The folder of today's types as it was typed, if they took part.
    pub(crate) today: Option<String>,
    /// Where settings came from, and which, if there are some.
    pub(crate) settings: Option<String>,
}

/// One serializer that reads what another one wrote.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) state: String,
    pub(crate) role: Role,
    pub(crate) writer: Side,
    pub(crate) reader: Side,
    /// Whether the reader is older than the writer.
    pub(crate) is_rollback: bool,
    /// Whether the command was asked about this pair. The others complete the matrix.
    pub(crate) is_asked: bool,
    pub(crate) report: Report,
    /// The findings that somebody accepted.
    pub(crate) accepted: Vec<Acceptance>,
    /// The verdict that it must have, if one was pinned. Then nothing else decides.
    pub(crate) pin: Option<Compatibility>,
}

/// One of the two sides of a pair.
#[derive(Debug, Clone, Default)]
pub(crate) struct Side {
    /// The release, or another name for it: `2.1.0`, `today`, the name of a file.
    pub(crate) release: String,
    /// The file in which its snapshot lies, if it lies in one.
    pub(crate) file: Option<File>,
}

/// A file with a snapshot.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its path as people see it: relative to the root of the repository, with `/` between the parts.
    pub(crate) path: String,
    /// Where its text can be read when somebody asks for a line in it.
    pub(crate) text: Text,
}

/// Where the text of a file is.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    /// On disk. A binary file has no lines to point at; then the file alone has to do.
    Disk(PathBuf),
    /// Here: it came from git or from standard input.
    Held(String),
}

/// A finding that somebody accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(crate) finding: FindingId,
    pub(crate) reason: String,
    pub(crate) author: String,
    /// When, as `2026-11-21`.
    pub(crate) date: String,
    /// The last day on which it holds, if it does not hold for ever.
    pub(crate) until: Option<String>,
}

/// Something that stands in the way and is no finding about two snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Problem {
    /// What kind it is, in the form of a rule's name: `stale-acceptance`.
    pub(crate) kind: &'static str,
    /// The state that it is about, with its role, if it is about one.
    pub(crate) state: Option<(String, Role)>,
    /// What is the matter, with names.
    pub(crate) message: String,
    /// What it is known by in the ledger, if it can be accepted.
    pub(crate) finding: Option<FindingId>,
    /// Who wrote and who reads, if it is about two releases.
    pub(crate) pair: Option<(String, String)>,
    /// Why it does not fail.
    pub(crate) accepted: Option<Acceptance>,
    /// More lines for whoever reads all.
    pub(crate) details: Vec<String>,
    /// What to do.
    pub(crate) help: String,
    /// What to open to see it.
    pub(crate) place: Option<Place>,
}

/// What came of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Nothing in it fails.
    Passed,
    /// A finding fails.
    Failed,
    /// All findings that would fail are accepted.
    Accepted,
    /// The command was not asked about it.
    NotAsked,
}

impl Comparison {
    /// What came of a pair.
    pub(crate) fn status(&self, pair: &Pair) -> Status {
        if !pair.is_asked {
            return Status::NotAsked;
        }
        let report = &pair.report;
        if let Some(pin) = pair.pin {
            return if pin == report.compatibility() { Status::Passed } else { Status::Failed };
        }
        let would_fail = report.findings().iter().filter(|finding| finding.rule.verdict >= self.fail_on);
        let open = would_fail.clone().filter(|finding| pair.acceptance(report.id(finding)).is_none()).count();
        match (would_fail.count(), open) {
            (0, _) => Status::Passed,
            (_, 0) => Status::Accepted,
            _ => Status::Failed,
        }
    }

    /// Whether nothing fails.
    pub(crate) fn passes(&self) -> bool {
        self.open_problems() == 0 && self.pairs.iter().all(|pair| self.status(pair) != Status::Failed)
    }

    /// How many problems fail.
    pub(crate) fn open_problems(&self) -> usize {
        self.problems.iter().filter(|problem| problem.accepted.is_none()).count()
    }

    /// How many pairs have this status.
    pub(crate) fn count(&self, status: Status) -> usize {
        self.pairs.iter().filter(|pair| self.status(pair) == status).count()
    }

    /// The states with their roles, in the order in which they are told, each with its pairs.
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

impl Pair {
    /// Why this finding passes although its verdict says otherwise.
    pub(crate) fn acceptance(&self, finding: FindingId) -> Option<&Acceptance> {
        self.accepted.iter().find(|accepted| accepted.finding == finding)
    }
}

impl Status {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::NotAsked => "not asked",
        }
    }
}
