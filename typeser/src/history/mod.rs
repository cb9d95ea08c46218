//! Whether it matters which releases a stored value went through.
//!
//! A release carries the values of all releases before it over. Those of an old one reach it directly, where its users
//! skipped releases, or through the releases between, where they did not; both must become the same. This is not proved
//! from the plans but tried: values that between them reach every part of the old layout go both ways through the engine
//! itself.

mod cover;
mod difference;
mod route;

pub(crate) use cover::cover;
pub(crate) use difference::differences;

use std::fmt;

use crate::migrate::NoMigration;
use crate::resolve::{Finding, Policy, Release, Role};
use crate::serializer::Conversions;
use crate::value::Value;

/// What is known of the older releases of a serializer and the newest.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Where values would differ, at most once for each place and older release.
    pub divergences: Vec<Divergence>,
    /// Older releases that were not compared, or not in all of their places.
    pub skipped: Vec<Skipped>,
}

/// A value that becomes one thing directly, and another through the releases between.
#[derive(Debug, Clone)]
pub struct Divergence {
    /// The release that stored the value.
    pub from: String,
    /// The releases between, the oldest first.
    pub through: Vec<String>,
    /// The newest release.
    pub to: String,
    /// The finding, of the rule `history-diverges`. Its path is by the names of the newest release.
    pub finding: Finding,
    /// The stored value.
    pub stored: Value,
    /// What the whole of it becomes directly.
    pub direct: Value,
    /// What the whole of it becomes through the releases between.
    pub chained: Value,
}

/// An older release that was not compared, or not in all of its places.
#[derive(Debug, Clone)]
pub struct Skipped {
    /// The older release.
    pub from: String,
    /// The newest.
    pub to: String,
    /// Why.
    pub reason: Reason,
}

/// Why an older release was not compared, or not in all of its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// One release cannot read what another one wrote.
    Incompatible {
        /// The one that wrote.
        writer: String,
        /// The one that reads.
        reader: String,
    },
    /// There is no migration between two releases; most often its functions are missing.
    NoMigration {
        /// The one that wrote.
        writer: String,
        /// The one that reads.
        reader: String,
        /// Why there is none.
        error: NoMigration,
    },
    /// The layout has more places than are looked at: 2,000.
    TooManyPlaces,
    /// For so many of its places no value could be made and carried over on both routes: a part is opaque or very large,
    /// say, or a function refused every one. All other places were compared.
    Missed(usize),
}

/// Compares, for each release that has at least one between itself and the last, what its values become directly with
/// what they become through all the releases between. The releases are in their order, the newest last; `with` are the
/// functions that migrations may need.
///
/// Values that a function refuses on either route are not compared. Elements of sets and entries of maps may be in any
/// order.
///
/// ```
/// use typeser::history;
/// use typeser::resolve::{Policy, Release, Role};
/// use typeser::serializer::Conversions;
/// use typeser::{Serializer, TypeSerializer};
///
/// let releases = [
///     Release::new("1.0", Serializer::<u8>::new()?.snapshot().clone()),
///     Release::new("1.1", Serializer::<u16>::new()?.snapshot().clone()),
///     Release::new("2.0", Serializer::<u32>::new()?.snapshot().clone()),
/// ];
/// let history = history::compare(&releases, Role::Value, &Policy::default(), &Conversions::default());
/// assert!(history.divergences.is_empty() && history.skipped.is_empty());
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[must_use]
pub fn compare(releases: &[Release], role: Role, policy: &Policy, with: &Conversions) -> History {
    let mut history = History::default();
    let Some((last, _)) = releases.split_last() else { return history };
    for first in 0..releases.len().saturating_sub(2) {
        let question = route::Question { releases: &releases[first..], role, policy, with };
        let reason = match question.divergences() {
            Ok((divergences, missed)) => {
                history.divergences.extend(divergences);
                (missed > 0).then_some(Reason::Missed(missed))
            }
            Err(reason) => Some(reason),
        };
        let [from, to] = [&releases[first], last].map(|release| release.name().to_owned());
        history.skipped.extend(reason.map(|reason| Skipped { from, to, reason }));
    }
    history
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.divergences.iter().try_for_each(|divergence| writeln!(f, "{divergence}"))?;
        self.skipped.iter().try_for_each(|skipped| writeln!(f, "{skipped}"))
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, through, to, finding, stored, direct, chained } = self;
        writeln!(f, "{finding}")?;
        writeln!(f, "    stored by {from}: {stored}")?;
        writeln!(f, "    in {to}, directly: {direct}")?;
        write!(f, "    in {to}, through {}: {chained}", through.join(", "))
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, reason } = self;
        let verb = if let Reason::Missed(_) = reason { "was compared in part" } else { "was not compared" };
        write!(f, "{from} to {to} {verb}: {reason}")
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incompatible { writer, reader } => write!(f, "{reader} cannot read what {writer} wrote"),
            Self::NoMigration { writer, reader, error } => write!(f, "from {writer} to {reader}, {error}"),
            Self::TooManyPlaces => write!(f, "its layout has more than {} places", cover::MOST),
            Self::Missed(places) => {
                write!(f, "for {places} of its places, no value could be made and carried over on both routes")
            }
        }
    }
}
