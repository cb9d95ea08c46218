//! The contents of manifests and of the heads of row files, in any version of the format.

use std::fmt;

use typeser::wire::DecodeError;

use super::operator::{SavepointOperator, SavepointOperatorState};
use crate::key_group::{KeyGroupRange, MaxParallelism};

/// The contents of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manifest {
    /// The release that wrote it, for information only.
    pub(super) written_by: String,
    /// Operators with keyed state.
    pub(super) operators: Vec<SavepointOperator>,
    /// Operators with operator state. Their key groups are the instances, their max parallelism is the parallelism, and
    /// their key is `()`.
    pub(super) operator_states: Vec<SavepointOperatorState>,
}

/// The contents of the head of a row file, which make the file readable without the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowsHead {
    /// Whether these are rows of keyed state.
    pub(super) keyed: bool,
    pub(super) uid: String,
    /// For operator state, the parallelism.
    pub(super) max_parallelism: MaxParallelism,
    /// For operator state, the instance, twice.
    pub(super) key_groups: KeyGroupRange,
}

/// The text in a message.
impl fmt::Display for RowsHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { keyed, uid, max_parallelism, key_groups } = self;
        if *keyed {
            write!(f, "key groups {key_groups} of {max_parallelism} of operator `{uid}`")
        } else {
            write!(f, "the operator state of instance {} of {max_parallelism} of operator `{uid}`", key_groups.first())
        }
    }
}

/// Why bytes are malformed.
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
