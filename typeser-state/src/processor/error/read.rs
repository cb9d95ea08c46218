//! What can go wrong when state is read with the types of the program.

use std::error::Error;
use std::path::PathBuf;

use typeser::resolve::Role;
use typeser::value::DecodeValueError;

use super::names;
use crate::descriptor::SerializerPart;
use crate::key_group::{KeyGroup, MaxParallelism};
use crate::keyed::StateError;
use crate::restore::RestoreError;
use crate::savepoint::ReadSavepointError;

/// What a function of the program can fail with: anything.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why stored state was not read, or state was not bootstrapped. A savepoint that is read is as it was.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ReadStateError {
    /// No operator of this uid.
    #[error("the savepoint {} holds no operator `{uid}`; it holds {}: uids are compared exactly", savepoint.display(), names(known))]
    NoSuchOperator {
        /// The savepoint.
        savepoint: PathBuf,
        /// The uid that was asked for.
        uid: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// No state of this name.
    #[error("the savepoint {} holds no state `{name}` there; it holds {}: names are compared exactly", savepoint.display(), names(known))]
    NoSuchState {
        /// The savepoint.
        savepoint: PathBuf,
        /// The name that was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// No key group of this number.
    #[error("the savepoint {} holds no key group {found}: the last of {most} is {}", savepoint.display(), most.groups() - 1)]
    NoSuchKeyGroup {
        /// The savepoint.
        savepoint: PathBuf,
        /// The number that was asked for.
        found: KeyGroup,
        /// How many there are.
        most: MaxParallelism,
    },
    /// What is declared does not fit what is stored: the same report as on a restore.
    #[error(transparent)]
    Restore(Box<RestoreError>),
    /// A file of the savepoint cannot be read, or is not as it was written.
    #[error(transparent)]
    Savepoint(#[from] ReadSavepointError),
    /// A row cannot be migrated to the declared type.
    #[error(transparent)]
    Row(Box<UnreadableRow>),
    /// The file is not as it was written. Whose rows they were is not known for sure.
    #[error("{source}; these are rows of operator `{operator}`, {owner}{}", behind(last.as_ref()))]
    Damaged {
        /// The operator whose file it is.
        operator: String,
        /// The key groups of the file that are read, or the instance, in words.
        owner: String,
        /// The key group or instance, in words, and the state of the last row before the damage, if one was read.
        last: Option<(String, String)>,
        /// What is wrong; it names the file and the offset.
        source: Box<ReadSavepointError>,
    },
    /// The row is as it was written, but is not what the stored snapshot says.
    #[error(
        "{}: at offset {offset}: the {role} of this row of state `{state}` of operator `{operator}`, {owner}, \
         cannot be decoded: {source}; the checksum holds, so the file is not damaged: whatever wrote the savepoint \
         did not write what its snapshot says",
        file.display()
    )]
    Undecodable {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// The key group, or the instance, in words.
        owner: String,
        /// Which part of the row.
        role: Role,
        /// The file.
        file: PathBuf,
        /// Where in it the row begins.
        offset: u64,
        /// What is wrong.
        source: Box<DecodeValueError>,
    },
    /// A key or a value cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The function of the program failed.
    #[error("the function for operator `{operator}` failed under key {key}: {source}")]
    Function {
        /// The operator's uid.
        operator: String,
        /// The key, as text.
        key: String,
        /// What it says.
        source: BoxError,
    },
    /// A function that bootstraps state failed. What was written until then is there.
    #[error("the function that bootstraps operator `{operator}` failed {whose}: {source}")]
    Bootstrap {
        /// The operator's uid.
        operator: String,
        /// For which key or element, in a few words.
        whose: String,
        /// What it says.
        source: BoxError,
    },
    /// What receives the results failed.
    #[error("what was read was not taken: {0}")]
    Visit(BoxError),
}

typeser::text::debug_as_display!(ReadStateError);

/// A stored row that cannot be migrated to the declared type.
#[derive(thiserror::Error)]
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
    /// The key, as text, where it is known.
    pub key: Option<String>,
    /// The file of the savepoint.
    pub file: PathBuf,
    /// Where in it the row begins.
    pub offset: u64,
    /// Why.
    pub reason: String,
}

typeser::text::debug_as_display!(UnreadableRow);

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
            RestoreError::Collision { operator, state, keys, file, offset } => {
                let reason = format!("{} and {} become equal", keys[0], keys[1]);
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

fn behind(last: Option<&(String, String)>) -> String {
    last.map_or_else(String::new, |(owner, state)| format!(", behind a row of state `{state}` in {owner}"))
}
