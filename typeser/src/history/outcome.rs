//! The result of a comparison of releases, and its text.

use std::fmt;

use super::cover;
use crate::migrate::NoMigration;
use crate::resolve::Finding;
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
    /// The layout has more than 2,000 places, the most that are compared.
    TooManyPlaces,
    /// For so many of its places no value could be generated and migrated on both routes: a part is opaque or very
    /// large, say, or a function refused every one. All other places were compared.
    Missed(usize),
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
        let verb = if let Reason::Missed(_) = reason { "was partly compared" } else { "was not compared" };
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
                write!(f, "for {places} of its places, no value could be generated and migrated on both routes")
            }
        }
    }
}
