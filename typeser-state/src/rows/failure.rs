//! Rows that a dry run could not migrate.

use std::path::PathBuf;

use typeser::resolve::Role;

/// A row that could not be migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFailure {
    /// The key, as text, and the map key of an entry of a map; shortened if they are long.
    pub key: String,
    /// Which part of the row.
    pub role: Role,
    /// Why.
    pub reason: String,
    /// The file.
    pub file: PathBuf,
    /// Where in it the row begins.
    pub offset: u64,
}
