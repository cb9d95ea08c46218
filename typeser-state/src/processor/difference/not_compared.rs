//! Why the rows of a state in two savepoints cannot be paired.

use std::fmt;

use typeser::resolve::Role;

use crate::descriptor::StateKind;
use crate::key_group::MaxParallelism;

/// Why the rows of a state in two savepoints cannot be paired. It displays itself as "the max parallelism was 128, and
/// is 64 now".
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotCompared {
    /// It is another kind of state, whose rows lie at other places.
    Kind {
        /// What it was.
        before: StateKind,
        /// What it is.
        after: StateKind,
    },
    /// The keys are divided into another number of key groups.
    MaxParallelism {
        /// The number before.
        before: MaxParallelism,
        /// The number after.
        after: MaxParallelism,
    },
    /// The keys, the namespaces or the map keys are stored in another layout.
    Serializer {
        /// Which of them.
        role: Role,
        /// The serializer before, by name and fingerprint; "none" if there was none.
        before: String,
        /// The serializer after.
        after: String,
    },
}

impl fmt::Display for NotCompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind { before, after } => write!(f, "it was a {before}, and is a {after} now"),
            Self::MaxParallelism { before, after } => {
                write!(f, "the max parallelism was {before}, and is {after} now")
            }
            Self::Serializer { role, before, after } => {
                write!(f, "the serializer of its {role}s was {before}, and is {after} now")
            }
        }
    }
}
