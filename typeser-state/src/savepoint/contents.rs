//! What manifests and the heads of row files hold, whatever the version of the format.

use std::fmt;

use typeser::wire::DecodeError;

use super::operator::{SavepointOperator, SavepointOperatorState};
use crate::key_group::{KeyGroupRange, MaxParallelism};

/// What the manifest holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manifest {
    /// The release that wrote it, for people.
    pub(super) written_by: String,
    /// Operators with keyed state.
    pub(super) operators: Vec<SavepointOperator>,
    /// Operators with state of their own. Their instances stand where key groups stand elsewhere, the parallelism in
    /// place of the max parallelism, and their key is `()`.
    pub(super) operator_states: Vec<SavepointOperatorState>,
}

/// What the head of a row file holds, so that the file can be read on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowsHead {
    /// Whether these are rows of keyed state.
    pub(super) keyed: bool,
    pub(super) uid: String,
    /// Of keyed state; otherwise the parallelism.
    pub(super) max_parallelism: MaxParallelism,
    /// Of keyed state; otherwise the instance, twice.
    pub(super) key_groups: KeyGroupRange,
}

/// In the words of a message.
impl fmt::Display for RowsHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keyed, uid, max_parallelism, key_groups } = self;
        if *keyed {
            write!(f, "key groups {key_groups} of {max_parallelism} of operator `{uid}`")
        } else {
            write!(f, "the state of instance {} of {max_parallelism} of operator `{uid}` itself", key_groups.first())
        }
    }
}

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at offset {offset}: {reason}")]
pub(crate) struct Malformed {
    /// Counted from the beginning of the bytes.
    pub(crate) offset: usize,
    pub(crate) reason: String,
}

impl From<DecodeError> for Malformed {
    fn from(error: DecodeError) -> Self {
        Self { offset: error.offset(), reason: error.kind().to_string() }
    }
}
