//! The errors of a backend.

use std::path::PathBuf;

use super::table::Table;

/// Why a backend failed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// A table that was dropped, or belongs to another backend.
    #[error("there is no table number {table}: it was dropped, or belongs to another backend")]
    NoSuchTable {
        /// Its number.
        table: u32,
    },
    /// A table of this name exists.
    #[error("there is a table `{name}` already: drop it first, or choose another name")]
    TableExists {
        /// The name.
        name: String,
    },
    /// A table with other types.
    #[cfg(feature = "redb")]
    #[error(
        "the redb file {} has a table of this name that does not map bytes to bytes ({source}): choose another name",
        path.display()
    )]
    ForeignTable {
        /// The file.
        path: PathBuf,
        /// redb's error, with the name and the types.
        source: Box<redb::TableError>,
    },
    /// The file of a redb backend cannot be opened.
    #[cfg(feature = "redb")]
    #[error("the redb file {} cannot be opened: {source}; nothing in it was changed", path.display())]
    OpenRedb {
        /// The file.
        path: PathBuf,
        /// redb's error.
        source: Box<redb::DatabaseError>,
    },
    /// A redb backend cannot read or write.
    #[cfg(feature = "redb")]
    #[error(
        "the redb file {} fails: {source}; correct that and open it again: it has everything up to the last flush",
        path.display()
    )]
    Redb {
        /// The file.
        path: PathBuf,
        /// redb's error.
        source: Box<redb::Error>,
    },
    /// An earlier change failed, so it is unknown which changes since the last flush were made.
    #[error(
        "an earlier change of the database {} failed; open it again: it has everything up to the last flush",
        path.display()
    )]
    Failed {
        /// The file.
        path: PathBuf,
    },
    /// The folder of a fjall backend cannot be opened.
    #[cfg(feature = "fjall")]
    #[error("the fjall database {} cannot be opened: {source}; nothing in it was changed", path.display())]
    OpenFjall {
        /// The folder.
        path: PathBuf,
        /// fjall's error.
        source: Box<fjall::Error>,
    },
    /// A fjall backend cannot read or write.
    #[cfg(feature = "fjall")]
    #[error(
        "the fjall database {} fails: {source}; correct that and open it again: it has everything up to the last flush",
        path.display()
    )]
    Fjall {
        /// The folder.
        path: PathBuf,
        /// fjall's error.
        source: Box<fjall::Error>,
    },
    /// A key that is longer than the store allows.
    #[error(
        "a key of {length} bytes is longer than the store's limit of {limit} bytes: shorten it, for example to a \
         hash, or use another backend; the row was not written"
    )]
    KeyTooLong {
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
    /// A backend of another crate fails.
    #[error("the backend fails: {0}")]
    Other(Box<dyn std::error::Error + Send + Sync>),
}

typeser::text::debug_as_display!(BackendError);

#[cold]
pub(super) fn no_such_table(table: Table) -> BackendError {
    BackendError::NoSuchTable { table: table.0 }
}
