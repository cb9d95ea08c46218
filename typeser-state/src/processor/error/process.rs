//! What can go wrong when a new savepoint is planned or written.

use std::io;
use std::path::PathBuf;

use typeser::migrate::{MigrateError, NoMigration};
use typeser::resolve::Role;
use typeser::snapshot::{ParseSnapshotError, ReadSnapshotError};

use super::edit::EditRefused;
use super::read::ReadStateError;
use super::refused::Refused;
use crate::key_group::KeyGroupRange;
use crate::savepoint::{CopyError, ReadSavepointError, WriteSavepointError};

/// Why there is no plan for a new savepoint, or it was not written. The stored one is as it was, and there is no new
/// one.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// The file system fails.
    #[error("cannot read or write {}: {source}", path.display())]
    TargetFile {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file whose name says nothing.
    #[error(
        "{}: the name does not say whose snapshot it is\n\
         help: `OPERATOR/key.json` is of the keys of an operator, `OPERATOR/STATE.ROLE.json` of one of its states, where \
         ROLE is `value`, `element`, `map-key`, `aggregate`, `namespace` or `timer`\n\
         help: everything in these names but ASCII letters, digits, `_` and `-` is percent-encoded; binary snapshots end \
         in `.snap`, text in `.txt`",
        path.display()
    )]
    TargetName {
        /// The file or folder.
        path: PathBuf,
    },
    /// Two files for one place that differ.
    #[error("{} and {} are of the same serializer and differ: remove the one that is not meant", first.display(), second.display())]
    TargetTwice {
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// No snapshots at all.
    #[error("{} holds no snapshot: put the new ones there, such as `OPERATOR/STATE.value.json`", path.display())]
    NoTargets {
        /// The folder.
        path: PathBuf,
    },
    /// A binary snapshot that cannot be read.
    #[error("{}: {source}", path.display())]
    TargetBinary {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ReadSnapshotError,
    },
    /// A JSON or text snapshot that cannot be read.
    #[error("{}: {source}", path.display())]
    TargetText {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ParseSnapshotError,
    },
    /// A file that is not a snapshot in any form.
    #[error("{}: this is not a snapshot: neither binary, nor JSON, nor text", path.display())]
    NotASnapshot {
        /// The file.
        path: PathBuf,
    },
    /// New serializers that stand for nothing in the savepoint.
    #[error(
        "the savepoint {} holds nothing that these snapshots are for; nothing was written{}\nit holds{}\nhelp: name what it \
         holds, or leave them out; uids and names are compared exactly",
        savepoint.display(), lines(unknown), lines(known)
    )]
    UnknownTargets {
        /// The savepoint.
        savepoint: PathBuf,
        /// What was given, each in a few words.
        unknown: Vec<String>,
        /// What there is.
        known: Vec<String>,
    },
    /// Something is incompatible, or needs functions of the program.
    #[error(transparent)]
    Refused(Box<Refused>),
    /// Keys would move to key groups that the savepoint does not hold.
    #[error(
        "the savepoint {} lacks key groups {} of operator `{operator}`, and re-keying moves rows between all of them: \
         re-key a savepoint of all instances; nothing was written",
        savepoint.display(), KeyGroupRange::list(missing)
    )]
    KeyGroupsMissing {
        /// The savepoint.
        savepoint: PathBuf,
        /// The operator's uid.
        operator: String,
        /// What is missing.
        missing: Vec<KeyGroupRange>,
    },
    /// Bytes that only the program understands belong to key groups, and keys would move to others.
    #[error(
        "operator `{operator}` of the savepoint {} has raw keyed state `{state}`: its bytes belong to key groups, and only \
         their program knows of which keys they speak, so re-keying cannot move them: with that program, restore, write \
         them for the new keys or clear them, and take another savepoint; nothing was written",
        savepoint.display()
    )]
    RawState {
        /// The savepoint.
        savepoint: PathBuf,
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
    },
    /// An edit does not fit its base.
    #[error(transparent)]
    Edit(Box<EditRefused>),
    /// A newer release wrote it, and the policy reads it downwards without allowing any loss.
    #[error(
        "{subject}: a newer release wrote it, and the new savepoint would lack what it added; nothing was written: \
         start the newer release, or give the fields up with `Policy {{ losses: Losses::Any, downwards: true }}`"
    )]
    ReadOnly {
        /// Whose serializer.
        subject: String,
    },
    /// The verdict asks for a migration that there is none of.
    #[error("{subject}: {source}; nothing was written")]
    NoMigration {
        /// Whose serializer.
        subject: String,
        /// Why.
        source: NoMigration,
    },
    /// The stored savepoint cannot be read.
    #[error("{0}; nothing was written")]
    Read(#[from] ReadSavepointError),
    /// The new one cannot be written.
    #[error(transparent)]
    Write(#[from] WriteSavepointError),
    /// A row cannot be migrated.
    #[error(
        "{}: at offset {offset}: the {role} of state `{state}` of operator `{operator}` under key {key}: {source}; \
         nothing was written; a dry run counts all rows for which this is so: correct the function, or repair these rows \
         with `SavepointEdit::modify`",
        file.display()
    )]
    Row {
        /// The operator's uid.
        operator: String,
        /// The state.
        state: String,
        /// Which part of the row.
        role: Role,
        /// The key, as text; shortened if it is long.
        key: String,
        /// The file.
        file: PathBuf,
        /// Where in it the row begins.
        offset: u64,
        /// What is wrong.
        source: Box<MigrateError>,
    },
    /// Two stored keys, or map keys, would become one.
    #[error(
        "the {role}s {} and {} of operator `{operator}`{} become the same one, {key}, so one of the two would be lost; \
         nothing was written: correct the function that converts the {role}, which must give different results for \
         different {role}s, or keep the stored type; a dry run lists all that become equal",
        keys[0], keys[1], of_state(state.as_ref())
    )]
    Collision {
        /// The operator's uid.
        operator: String,
        /// The state, for map keys.
        state: Option<String>,
        /// Whether they are keys or map keys.
        role: Role,
        /// The new one, as text; shortened if it is long.
        key: String,
        /// The two stored ones, as values and as bytes; shortened if they are long.
        keys: Box<[String; 2]>,
    },
    /// A function of the program failed, or what it is given cannot be read.
    #[error("{0}; nothing was written")]
    Modify(Box<ReadStateError>),
    /// A row that is too large.
    #[error(
        "a row would have {length} bytes, more than a savepoint can hold; nothing was written: keep such a value in parts, \
         as a list or a map state"
    )]
    RowTooLarge {
        /// How many bytes.
        length: usize,
    },
    /// Rows that do not fit into memory cannot be set aside.
    #[error("cannot sort rows in {}: {source}; nothing was written, try again when that is mended", path.display())]
    Spill {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

typeser::text::debug_as_display!(ProcessError);

impl From<CopyError> for ProcessError {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Read(error) => Self::Read(error),
            CopyError::Write(error) => Self::Write(error),
        }
    }
}

impl From<ReadStateError> for ProcessError {
    fn from(error: ReadStateError) -> Self {
        Self::Modify(Box::new(error))
    }
}

/// Each on its own line.
fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\n   = {line}")).collect()
}

fn of_state(state: Option<&String>) -> String {
    state.map_or_else(String::new, |state| format!(", state `{state}`,"))
}
