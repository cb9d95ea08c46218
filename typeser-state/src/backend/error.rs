//! What can go wrong in a backend.

use std::path::PathBuf;

/// Why a backend did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// A table that was dropped, or belongs to another backend.
    #[error("there is no table number {table}: it was dropped, or belongs to another backend")]
    NoSuchTable {
        /// Its number.
        table: u32,
    },
    /// Two tables cannot have one name.
    #[error("there is a table `{name}` already: drop it first, or choose another name")]
    TableExists {
        /// The name.
        name: String,
    },
    /// The file of a redb backend cannot be opened.
    #[error("the redb file {} cannot be opened: {source}; nothing in it was changed", path.display())]
    OpenRedb {
        /// The file.
        path: PathBuf,
        /// What redb says.
        source: Box<redb::DatabaseError>,
    },
    /// A redb backend cannot read or write.
    #[error("the redb file {} fails: {source}; once that is mended, open it again: it is as it was at the last flush", path.display())]
    Redb {
        /// The file.
        path: PathBuf,
        /// What redb says.
        source: Box<redb::Error>,
    },
    /// An earlier change failed, so nobody knows which changes since the last flush were made.
    #[error(
        "an earlier change of the redb file {} failed; open it again: it is as it was at the last flush",
        path.display()
    )]
    Failed {
        /// The file.
        path: PathBuf,
    },
    /// A backend of another crate fails.
    #[error("the backend fails: {0}")]
    Other(Box<dyn std::error::Error + Send + Sync>),
}
