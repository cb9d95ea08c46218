//! What a backend keeps beside its rows: whose they are, and whether a restore came to its end.

use super::OpenError;
use crate::backend::{Backend, BackendError, Batch, RowRange, Table};
use crate::descriptor::OperatorMeta;
use crate::key_group::KeyGroupRange;
use crate::savepoint::{v1, v2};
use typeser::snapshot::WriteSnapshotError;

/// The rows of an operator.
const ROWS: &str = "typeser.rows";
/// What is stored beside them.
const METADATA: &str = "typeser.metadata";
/// Key of the metadata: a version, the key groups, and the operator as a savepoint stores it.
const OPERATOR: &[u8] = b"operator";
/// Key of the metadata: the path of the savepoint of a restore that has not come to its end.
const RESTORING: &[u8] = b"restoring";
/// The timers of an operator, in the order in which they fire. What stands there can be told from the rows.
const TIMERS: &str = "typeser.timers";
/// The version of the metadata. Version 1 held the operator as savepoints of version 1 do.
const VERSION: u16 = 2;

/// The tables of a backend that holds an operator's state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tables {
    pub(super) rows: Table,
    pub(super) timers: Table,
    pub(super) metadata: Table,
}

/// What a backend says that it holds.
pub(super) enum Contents {
    Nothing,
    /// The rows of a restore that has not come to its end.
    Unfinished {
        savepoint: String,
    },
    /// The bytes that [`decode`] reads.
    Operator(Vec<u8>),
    /// Rows, and nothing that says whose.
    Unknown,
}

/// The tables, made if they are not there.
pub(super) fn tables<B: Backend>(backend: &mut B) -> Result<Tables, BackendError> {
    let rows = backend.create_table(ROWS)?;
    Ok(Tables { rows, timers: backend.create_table(TIMERS)?, metadata: backend.create_table(METADATA)? })
}

pub(super) fn contents<B: Backend>(backend: &mut B) -> Result<Contents, BackendError> {
    if let Some(metadata) = backend.find_table(METADATA)? {
        let mut found = None;
        let mut read = |bytes: &[u8]| found = Some(bytes.to_vec());
        if backend.get(metadata, RESTORING, &mut read)? {
            let savepoint = String::from_utf8_lossy(&found.unwrap_or_default()).into_owned();
            return Ok(Contents::Unfinished { savepoint });
        }
        if backend.get(metadata, OPERATOR, &mut read)? {
            return Ok(Contents::Operator(found.unwrap_or_default()));
        }
    }
    match backend.find_table(ROWS)? {
        Some(rows) if backend.last(rows, RowRange::ALL, &mut |_, _| ())? => Ok(Contents::Unknown),
        _ => Ok(Contents::Nothing),
    }
}

/// Marks the beginning of a restore: from now on, until [`store`], the backend refuses to be opened.
pub(super) fn begin_restore<B: Backend>(backend: &mut B, savepoint: &str) -> Result<Tables, BackendError> {
    for name in [ROWS, TIMERS] {
        if let Some(table) = backend.find_table(name)? {
            backend.drop_table(table)?;
        }
    }
    let tables = tables(backend)?;
    backend.put(tables.metadata, RESTORING, savepoint.as_bytes())?;
    backend.flush()?;
    Ok(tables)
}

/// Says whose state the backend holds, and that it is whole: one batch, then a flush.
pub(super) fn store<B: Backend>(
    backend: &mut B,
    metadata: Table,
    key_groups: KeyGroupRange,
    meta: &OperatorMeta,
) -> Result<(), StoreError> {
    let mut bytes = VERSION.to_le_bytes().to_vec();
    bytes.extend_from_slice(&key_groups.first().to_le_bytes());
    bytes.extend_from_slice(&key_groups.last().to_le_bytes());
    bytes.extend_from_slice(&v2::write_operator(meta)?);
    let mut batch = Batch::new();
    batch.delete(metadata, RESTORING);
    batch.put(metadata, OPERATOR, &bytes);
    backend.apply(&batch)?;
    Ok(backend.flush()?)
}

/// Why metadata was not stored.
pub(super) enum StoreError {
    Backend(BackendError),
    Snapshot(WriteSnapshotError),
}

pub(super) fn decode(bytes: &[u8]) -> Result<(KeyGroupRange, OperatorMeta), OpenError> {
    let unreadable = |reason: String| OpenError::Unreadable { reason };
    let cut = || unreadable(format!("its metadata is cut off after {} bytes", bytes.len()));
    let (version, rest) = bytes.split_first_chunk().ok_or_else(cut)?;
    let version = match u16::from_le_bytes(*version) {
        found @ (1 | VERSION) => found,
        found => {
            return Err(unreadable(format!("its metadata has version {found}, this release reads 1 and {VERSION}")));
        }
    };
    let (first, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let (last, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let key_groups = KeyGroupRange::new(u16::from_le_bytes(*first), u16::from_le_bytes(*last));
    let key_groups = key_groups.map_err(|error| unreadable(error.to_string()))?;
    let meta = if version == 1 { v1::read_operator(rest) } else { v2::read_operator(rest) };
    let meta = meta.map_err(|error| unreadable(format!("its metadata: {error}")))?;
    Ok((key_groups, meta))
}

impl From<BackendError> for StoreError {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

impl From<WriteSnapshotError> for StoreError {
    fn from(error: WriteSnapshotError) -> Self {
        Self::Snapshot(error)
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Backend(error) => Self::Backend(error),
            StoreError::Snapshot(error) => Self::Snapshot(error),
        }
    }
}

impl From<StoreError> for super::RestoreError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Backend(error) => Self::Backend(error),
            StoreError::Snapshot(error) => Self::Snapshot(error),
        }
    }
}
