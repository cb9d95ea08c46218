//! The severity of a finding.

use std::fmt;

use crate::resolve::{Compatibility, Finding};

/// The severity of a finding, named as by compilers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// It is read unchanged, or migrated without dropped data.
    Note,
    /// It is migrated, and stored data is dropped as declared.
    Warning,
    /// It is incompatible.
    Error,
}

impl Level {
    /// The level of a finding.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        match finding.rule.verdict {
            Compatibility::Incompatible => Self::Error,
            Compatibility::RequiresMigration if finding.rule.loses => Self::Warning,
            _ => Self::Note,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
