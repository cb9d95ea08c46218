//! What a backend keeps beside its rows: whose they are, and whether a restore came to its end.

use super::error::RestoreError;
use super::resume::Resume;
use crate::backend::{Backend, BackendError, Batch, RowRange, Table};
use crate::descriptor::OperatorMeta;
use crate::key_group::KeyGroupRange;
use crate::keyed::RetainedOperator;
use crate::savepoint::{v1, v2};

/// The rows of an operator.
const ROWS: &str = "typeser.rows";
/// What is stored beside them.
const METADATA: &str = "typeser.metadata";
/// Key of the metadata: a version, the key groups, and the operator as a savepoint stores it.
const OPERATOR: &[u8] = b"operator";
/// Key of the metadata: the path of the savepoint of a restore that has not come to its end.
const RESTORING: &[u8] = b"restoring";
/// The timers of an operator, in the order in which they fire. It can be rebuilt from the rows.
const TIMERS: &str = "typeser.timers";
/// Key of the metadata: how far that restore has come.
const PROGRESS: &[u8] = b"restored";
/// Key of the metadata: what is retained for the next savepoint, though the program does not declare it.
const RETAINED: &[u8] = b"carried";
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

/// Marks the beginning of a restore: from now on, until [`store`], the backend refuses to be opened. If it is the one
/// that did not come to its end, it goes on from where that was.
pub(super) fn begin_restore<B: Backend>(
    backend: &mut B,
    savepoint: &str,
    identity: u128,
) -> Result<(Tables, Option<Resume>), BackendError> {
    if let Some(metadata) = backend.find_table(METADATA)?
        && let Some(resume) = get(backend, metadata, PROGRESS)?.and_then(|bytes| Resume::decode(&bytes))
        && resume.identity == identity
    {
        return Ok((tables(backend)?, Some(resume)));
    }
    for name in [ROWS, TIMERS] {
        if let Some(table) = backend.find_table(name)? {
            backend.drop_table(table)?;
        }
    }
    let tables = tables(backend)?;
    let mut batch = Batch::new();
    batch.delete(tables.metadata, PROGRESS);
    batch.put(tables.metadata, RESTORING, savepoint.as_bytes());
    backend.apply(&batch)?;
    backend.flush()?;
    Ok((tables, None))
}

/// Says how far a restore has come; durable with the next flush.
pub(super) fn put_progress<B: Backend>(backend: &mut B, tables: Tables, done: &Resume) -> Result<(), BackendError> {
    backend.put(tables.metadata, PROGRESS, &done.encode())
}

/// Sees to it that the next restore starts over. Should that fail, it resumes: with rows that the
/// same program migrated.
pub(super) fn forget_progress<B: Backend>(backend: &mut B, tables: Tables) {
    let _ = backend.delete(tables.metadata, PROGRESS).and_then(|()| backend.flush());
}

/// What a backend holds for the next savepoint, or has to remind of, though the program does not declare it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Retained {
    /// The numbers of states.
    pub(super) states: Vec<u16>,
    pub(super) operators: Vec<RetainedOperator>,
}

impl Retained {
    /// `states u32 | number u16 each | operators u32 | length u32 and text of uid and savepoint each`, little-endian.
    fn encode(&self) -> Vec<u8> {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = count(self.states.len()).to_vec();
        self.states.iter().for_each(|state| bytes.extend_from_slice(&state.to_le_bytes()));
        bytes.extend_from_slice(&count(self.operators.len()));
        for text in self.operators.iter().flat_map(|operator| [&operator.uid, &operator.savepoint]) {
            bytes.extend_from_slice(&count(text.len()));
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let number = |rest: &mut &[u8]| {
            let (number, left) = rest.split_first_chunk()?;
            *rest = left;
            Some(u32::from_le_bytes(*number) as usize)
        };
        let mut retained = Self::default();
        for _ in 0..number(&mut rest)? {
            let (state, left) = rest.split_first_chunk()?;
            rest = left;
            retained.states.push(u16::from_le_bytes(*state));
        }
        for _ in 0..number(&mut rest)? {
            let mut text = || {
                let length = number(&mut rest)?;
                let (text, left) = rest.split_at_checked(length)?;
                rest = left;
                String::from_utf8(text.to_vec()).ok()
            };
            retained.operators.push(RetainedOperator { uid: text()?, savepoint: text()? });
        }
        rest.is_empty().then_some(retained)
    }
}

/// What the backend retains.
pub(super) fn retained<B: Backend>(backend: &mut B) -> Result<Retained, RestoreError> {
    let Some(metadata) = backend.find_table(METADATA)? else { return Ok(Retained::default()) };
    let Some(bytes) = get(backend, metadata, RETAINED)? else { return Ok(Retained::default()) };
    Retained::decode(&bytes).ok_or_else(|| RestoreError::Unreadable {
        reason: "what it retains for the next savepoint is malformed".to_owned(),
    })
}

fn get<B: Backend>(backend: &B, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, BackendError> {
    let mut found = None;
    backend.get(table, key, &mut |bytes| found = Some(bytes.to_vec()))?;
    Ok(found)
}

/// Says whose state the backend holds, and that it is whole: one batch, then a flush.
pub(super) fn store<B: Backend>(
    backend: &mut B,
    metadata: Table,
    key_groups: KeyGroupRange,
    meta: &OperatorMeta,
    retained: &Retained,
) -> Result<(), RestoreError> {
    let mut bytes = VERSION.to_le_bytes().to_vec();
    bytes.extend_from_slice(&key_groups.first().to_le_bytes());
    bytes.extend_from_slice(&key_groups.last().to_le_bytes());
    bytes.extend_from_slice(&v2::write_operator(meta)?);
    let mut batch = Batch::new();
    batch.delete(metadata, RESTORING);
    batch.delete(metadata, PROGRESS);
    if *retained == Retained::default() {
        batch.delete(metadata, RETAINED);
    } else {
        batch.put(metadata, RETAINED, &retained.encode());
    }
    batch.put(metadata, OPERATOR, &bytes);
    backend.apply(&batch)?;
    Ok(backend.flush()?)
}

pub(super) fn decode(bytes: &[u8]) -> Result<(KeyGroupRange, OperatorMeta), RestoreError> {
    let unreadable = |reason: String| RestoreError::Unreadable { reason };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_retained_comes_back_and_nothing_shorter_is_taken_for_it() {
        let operator = |uid: &str| RetainedOperator { uid: uid.to_owned(), savepoint: "state/7".to_owned() };
        let retained = Retained { states: vec![3, 700], operators: vec![operator("a"), operator("b")] };
        let bytes = retained.encode();
        assert_eq!(Retained::decode(&bytes), Some(retained));
        assert!((0..bytes.len()).all(|length| Retained::decode(&bytes[..length]).is_none()));
    }
}
