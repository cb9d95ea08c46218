//! What can go wrong when state is read with the types of the program.

use std::error::Error;
use std::path::PathBuf;

use super::{EntryError, QueryError};
use crate::descriptor::SerializerPart;
use crate::keyed::StateError;
use crate::restore::RestoreError;
use crate::savepoint::ReadSavepointError;

/// What a function of the program can fail with: anything.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why stored state was not read to its end. The savepoint is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadStateError {
    /// The savepoint holds nothing of that name.
    #[error(transparent)]
    Unknown(#[from] QueryError),
    /// What is declared does not fit what is stored: the same report as on a restore.
    #[error(transparent)]
    Restore(Box<RestoreError>),
    /// A file of the savepoint cannot be read, or is not as it was written.
    #[error(transparent)]
    Savepoint(#[from] ReadSavepointError),
    /// A row cannot be migrated to the declared type.
    #[error(transparent)]
    Row(Box<UnreadableRow>),
    /// A row cannot be decoded by the snapshots that are stored beside it.
    #[error(transparent)]
    Entry(Box<EntryError>),
    /// A key or a value cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The function of the program failed.
    #[error("the function for operator `{operator}` failed under key {key}: {source}")]
    Function {
        /// The operator's uid.
        operator: String,
        /// The key, as people read it.
        key: String,
        /// What it says.
        source: BoxError,
    },
    /// Whoever was told what was read failed.
    #[error("what was read was not taken: {0}")]
    Visit(BoxError),
}

/// Why state was not bootstrapped to its end. What was written until then is there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// A key cannot be written, or the backend fails.
    #[error(transparent)]
    State(#[from] StateError),
    /// The function of the program failed.
    #[error("the function that bootstraps operator `{operator}` failed {whose}: {source}")]
    Function {
        /// The operator's uid.
        operator: String,
        /// For which key or element, in a few words.
        whose: String,
        /// What it says.
        source: BoxError,
    },
}

/// A stored row that cannot be migrated to the declared type.
#[derive(Debug, thiserror::Error)]
#[error(
    "{}: at offset {offset}: the {part} of state `{state}` of operator `{operator}`{}: {reason}; the savepoint is as it \
     was: read it with the stored type or without any, as `Query` does, or correct the function",
    file.display(), under(key.as_ref())
)]
pub struct UnreadableRow {
    /// The operator's uid.
    pub operator: String,
    /// The state.
    pub state: String,
    /// Which part of the row.
    pub part: SerializerPart,
    /// The key, as people read it, where it is known.
    pub key: Option<String>,
    /// The file of the savepoint.
    pub file: PathBuf,
    /// Where in it the row begins.
    pub offset: u64,
    /// Why.
    pub reason: String,
}

impl From<RestoreError> for ReadStateError {
    fn from(error: RestoreError) -> Self {
        let row = match error {
            RestoreError::Savepoint(error) => return Self::Savepoint(error),
            RestoreError::Migrate { operator, state, part, file, offset, source } => {
                UnreadableRow { operator, state, part, key: None, file, offset, reason: source.to_string() }
            }
            RestoreError::Function { operator, state, part, key, file, offset, source } => {
                UnreadableRow { operator, state, part, key: Some(key), file, offset, reason: source.to_string() }
            }
            RestoreError::Collision { operator, state, file, offset } => {
                let reason = "it becomes the same as that of a row before it".to_owned();
                UnreadableRow { operator, state, part: SerializerPart::UserKey, key: None, file, offset, reason }
            }
            error => return Self::Restore(Box::new(error)),
        };
        Self::Row(Box::new(row))
    }
}

fn under(key: Option<&String>) -> String {
    key.map_or_else(String::new, |key| format!(" under key {key}"))
}
