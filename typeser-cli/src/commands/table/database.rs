//! Opening a redb database, and what to do where that fails.

use std::path::Path;

use redb::{DatabaseError, StorageError};
use typeser::text::nearest;
use typeser_state::backend::{BackendError, RedbBackend};
use typeser_state::typed_table::{TableCatalog, TableError};

use crate::failure::Failure;

/// The typed tables of a database.
pub(super) type Catalog = TableCatalog<RedbBackend>;

/// Opens a database whose file does not change: what is written stays in memory.
pub(super) fn open_unwritten(file: &Path) -> Result<RedbBackend, Failure> {
    RedbBackend::open_unwritten(file).map_err(|error| with_help(file, error))
}

/// Opens a database to be changed.
pub(super) fn open(file: &Path) -> Result<Catalog, Failure> {
    RedbBackend::open_existing(file).map(TableCatalog::over).map_err(|error| with_help(file, error))
}

/// Opens the typed tables of a database to be changed, or of one that stays as it is.
pub(super) fn open_for(file: &Path, is_dry_run: bool) -> Result<Catalog, Failure> {
    if is_dry_run { Ok(TableCatalog::over(open_unwritten(file)?)) } else { open(file) }
}

fn with_help(file: &Path, error: BackendError) -> Failure {
    let BackendError::OpenRedb { source, .. } = &error else { return error.into() };
    let name = file.display();
    match &**source {
        DatabaseError::DatabaseAlreadyOpen => format!(
            "{name}: another program has this database open\nhelp: stop that program, or copy the file and name the \
             copy; a copy of a file in use is repaired in memory when it is read"
        ),
        DatabaseError::UpgradeRequired(version) => format!(
            "{name}: this database has version {version} of redb's file format, which redb 4 does not read\nhelp: \
             upgrade it with the release of redb that wrote it: `Database::upgrade`"
        ),
        DatabaseError::Storage(StorageError::Corrupted(reason)) => {
            format!("{name}: the file is damaged: {reason}\nhelp: name an undamaged copy of it")
        }
        DatabaseError::Storage(StorageError::Io(reason)) if reason.kind() == std::io::ErrorKind::InvalidData => {
            format!("{name}: this is not a redb database: {reason}\nhelp: name a file that redb wrote")
        }
        DatabaseError::Storage(StorageError::Io(reason)) if reason.kind() == std::io::ErrorKind::UnexpectedEof => {
            format!("{name}: the file is damaged: it is cut off\nhelp: name a whole copy of it")
        }
        DatabaseError::Storage(StorageError::Io(reason)) => format!("{name}: {reason}"),
        other => format!("{name}: {other}"),
    }
    .into()
}

/// The error of an operation on a table, with the tables that there are if there is no such one.
pub(super) fn with_tables(catalog: &mut Catalog, error: TableError) -> Failure {
    if let TableError::Backend(BackendError::ForeignTable { source, .. }) = &error {
        return format!("{source}, so it is not typed\nhelp: `typeser table ls` lists the typed tables").into();
    }
    let TableError::NoSuchTable { table } = &error else { return error.into() };
    let Ok(tables) = catalog.tables() else { return error.into() };
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let near =
        nearest(table, names.iter().copied()).map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
    let help = match names.is_empty() {
        true => "the database has no typed table".to_owned(),
        false => format!("the typed tables are {}", names.join(", ")),
    };
    format!("there is no typed table `{table}`{near}\nhelp: {help}").into()
}
