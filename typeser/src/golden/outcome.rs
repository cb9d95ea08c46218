//! The outcome of a check as plain data: every state and every pair of releases, not only the first failure.

use std::fmt;

use super::{Accepted, DroppedFunction, Pin, Retired};
use crate::history::{Divergence, History};
use crate::report::{FindingId, Report, Reports};
use crate::resolve::{Compatibility, Finding, Matrix, Role};

/// The answer of [`check`](super::check()).
///
/// ```
/// use typeser::golden::{Status, Suite};
/// use typeser::resolve::Compatibility;
///
/// # // Nothing is recorded in CI.
/// # if std::env::var_os("CI").is_some() { return Ok(()); }
/// let folder = tempfile::tempdir()?;
/// # std::fs::create_dir(folder.path().join("src"))?;
/// Suite::new(folder.path()).value("counts", [7u32]).record("1.0.0")?;
///
/// // The next release has a wider type.
/// let outcome = Suite::new(folder.path()).value("counts", [7u64]).outcome()?;
/// assert!(outcome.passed());
/// assert_eq!(outcome.compatibility(), Compatibility::RequiresMigration);
/// assert_eq!(outcome.count(Status::Passed), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The recorded releases, in the order of recording.
    pub releases: Vec<String>,
    /// What reads: `today`, or the newest release where only goldens are compared. `None` if there is neither.
    pub newest: Option<String>,
    /// Every state that is recorded or listed, by name and role.
    pub states: Vec<StateOutcome>,
    /// Entries of the ledger that are stale or expired.
    pub ledger: Vec<LedgerProblem>,
    /// What was said of states and releases that are not there.
    pub options: Vec<OptionProblem>,
}

/// What is known of one state.
#[derive(Debug, Clone)]
pub struct StateOutcome {
    /// The name.
    pub state: String,
    /// The role.
    pub role: Role,
    /// Whether it is recorded and listed.
    pub standing: Standing,
    /// Each release that recorded it against each, the newest last.
    pub matrix: Matrix,
    /// Each cell of the matrix, in its order.
    pub pairs: Vec<Pair>,
    /// Whether it matters which releases a value went through. Empty where that was not asked.
    pub history: History,
    /// What is to be said of each divergence of the history, in its order.
    pub divergences: Vec<CheckedDivergence>,
    /// Functions for earlier versions that the newest release no longer declares, although the version stayed.
    pub dropped: Vec<DroppedFunction>,
}

/// Whether a state is recorded and listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is recorded, and listed today.
    Held,
    /// It is listed today, and no release recorded it yet.
    New,
    /// A release recorded it, and it is not listed today.
    Removed {
        /// The last release that recorded it.
        last: String,
        /// Where it was said that it was given up; without that, it is a failure.
        retired: Option<Retired>,
    },
}

/// One release that reads what another one wrote, and whether that passes.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The release that wrote, or `today`.
    pub writer: String,
    /// The release that reads, or `today`.
    pub reader: String,
    /// The place of the cell in the matrix: of the writer and of the reader.
    pub cell: (usize, usize),
    /// The findings.
    pub report: Report,
    /// Whether it passes.
    pub status: Status,
    /// The entries of the ledger about its findings that hold today.
    pub accepted: Vec<Accepted>,
    /// The verdict that was pinned, if one was.
    pub pin: Option<Pin>,
}

/// Whether a pair of releases passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The verdict is better than the least that fails, or is pinned.
    Passed,
    /// It is not, or it is not the pinned one.
    Failed,
    /// It is not, and all of it was accepted.
    Accepted,
    /// Not requested: of the other direction, between older releases, or of a retired state.
    NotAsked,
}

/// A divergence of a history, and whether it passes.
#[derive(Debug, Clone)]
pub struct CheckedDivergence {
    /// What it is known by.
    pub id: FindingId,
    /// Failed, or accepted.
    pub status: Status,
    /// The entry of the ledger that accepted it.
    pub accepted: Option<Accepted>,
    /// The divergence.
    pub divergence: Divergence,
}

/// An entry of the ledger that does not hold.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerProblem {
    /// Nothing of what it accepted is found any more.
    #[error(
        "the accepted finding {} ({} of the {}, from {} to {}) is not found any more: take its entry out of accepted.json, \
         as `typeser accept --remove {}` does",
        .0.finding, .0.rule, about(.0), .0.from, .0.to, .0.finding
    )]
    Stale(Accepted),
    /// It held until a day that is over.
    #[error(
        "the finding {} ({} of the {}, from {} to {}) was accepted until {} only: correct the type, or accept the finding again; the reason was: {}",
        .0.finding, .0.rule, about(.0), .0.from, .0.to, until(.0), .0.reason
    )]
    Expired(Accepted),
}

crate::text::debug_as_display!(LedgerProblem);

/// Something was said of a state or release that is not there.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionProblem {
    /// A pin of a pair that there is none of.
    #[error(
        "the verdict of the {} of state `{}` from `{}` is pinned, but there is no such pair: {}",
        .0.role, .0.state, .0.release, .1
    )]
    Pin(Pin, String),
    /// A state that was given up, and was never recorded, or is listed again in every role.
    #[error("state `{}` is said to be gone, but {}: take that back", .0.state, .1)]
    Retired(Retired, String),
}

crate::text::debug_as_display!(OptionProblem);

fn about(entry: &Accepted) -> String {
    format!("{} of state `{}`", entry.role, entry.state)
}

fn until(entry: &Accepted) -> String {
    entry.until.map(|until| until.to_string()).unwrap_or_default()
}

impl Outcome {
    /// Whether nothing failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.ledger.is_empty() && self.options.is_empty() && self.states.iter().all(StateOutcome::passed)
    }

    /// What is known of one state.
    #[must_use]
    pub fn state(&self, state: &str, role: Role) -> Option<&StateOutcome> {
        self.states.iter().find(|outcome| outcome.state == state && outcome.role == role)
    }

    /// The reports on all pairs of this status, with common causes reported once.
    #[must_use]
    pub fn reports(&self, status: Status) -> Reports {
        let pairs = self.states.iter().flat_map(|state| &state.pairs);
        pairs.filter(|pair| pair.status == status).map(|pair| pair.report.clone()).collect()
    }

    /// How many pairs have this status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.states.iter().flat_map(|state| &state.pairs).filter(|pair| pair.status == status).count()
    }

    /// The worst verdict of the pairs that were asked.
    #[must_use]
    pub fn compatibility(&self) -> Compatibility {
        let asked = self.states.iter().flat_map(|state| &state.pairs).filter(|pair| pair.status != Status::NotAsked);
        asked.map(|pair| pair.report.compatibility()).fold(Compatibility::Compatible, Compatibility::join)
    }

    /// What was compared, in one line: `checked 12 states against 5 releases (1.6.0 ... 2.1.0)`.
    #[must_use]
    pub fn compared(&self) -> String {
        let count = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
        let releases = match self.releases.as_slice() {
            [] => "no release".to_owned(),
            [only] => format!("1 release ({only})"),
            [first, .., last] => format!("{} ({first} ... {last})", count(self.releases.len(), "release")),
        };
        format!("checked {} against {releases}", count(self.states.len(), "state"))
    }
}

impl StateOutcome {
    /// Whether nothing failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.is_missing()
            && self.dropped.is_empty()
            && self.pairs.iter().all(|pair| pair.status != Status::Failed)
            && self.divergences.iter().all(|divergence| divergence.status != Status::Failed)
    }

    /// Whether it is recorded, not listed today, and not declared as retired.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.standing, Standing::Removed { retired: None, .. })
    }

    /// The state as messages name it: ``value of state `orders` ``.
    #[must_use]
    pub fn subject(&self) -> String {
        subject(&self.state, self.role)
    }

    /// The pair of these releases; either may be `today`.
    #[must_use]
    pub fn pair(&self, writer: &str, reader: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.writer == writer && pair.reader == reader)
    }
}

/// A state as messages name it.
pub(super) fn subject(state: &str, role: Role) -> String {
    format!("{role} of state `{state}`")
}

impl Pair {
    /// The findings that make it fail, with what each is known by, and the entry that accepted it.
    pub fn failing(&self, fails_on: Compatibility) -> impl Iterator<Item = (FindingId, &Finding, Option<&Accepted>)> {
        let findings = self.report.findings().iter();
        findings.filter(move |finding| finding.rule.verdict >= fails_on).map(|finding| {
            let id = self.report.id(finding);
            (id, finding, self.accepted.iter().find(|entry| entry.finding == id))
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Accepted => "accepted",
            Self::NotAsked => "not asked",
        })
    }
}
