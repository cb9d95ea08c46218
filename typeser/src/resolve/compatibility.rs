//! The four verdicts and how they join.

use std::fmt;

/// What stored bytes are worth to a new serializer, from best to worst.
///
/// The join of two verdicts is the worse one:
///
/// ```
/// use typeser::resolve::Compatibility::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};
///
/// assert_eq!(Compatible.join(AfterReconfigure), AfterReconfigure);
/// assert_eq!(RequiresMigration.join(AfterReconfigure), RequiresMigration);
/// assert_eq!(RequiresMigration.join(Incompatible), Incompatible);
/// ```
///
/// The idea is Flink's `TypeSerializerSchemaCompatibility`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compatibility {
    /// Stored bytes are read and written unchanged.
    Compatible,
    /// The new serializer can adopt the stored layout; no stored byte changes.
    AfterReconfigure,
    /// Stored bytes must be read with the stored layout and written with the new one.
    RequiresMigration,
    /// Some stored value could not be migrated, or might be misread.
    Incompatible,
}

impl Compatibility {
    /// All of them, from best to worst.
    pub const ALL: [Self; 4] = [Self::Compatible, Self::AfterReconfigure, Self::RequiresMigration, Self::Incompatible];

    /// The worse of the two.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        self.max(other)
    }
}

impl fmt::Display for Compatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compatible => "compatible",
            Self::AfterReconfigure => "compatible after reconfigure",
            Self::RequiresMigration => "requires migration",
            Self::Incompatible => "incompatible",
        })
    }
}
