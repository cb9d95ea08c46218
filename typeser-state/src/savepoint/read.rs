//! Reading a savepoint: the manifest when it is opened, rows as a stream.

use std::fs;
use std::path::{Path, PathBuf};

use super::contents::Manifest;
use super::error::ReadSavepointError;
use super::format::{MANIFEST_MAGIC, MANIFEST_NAME};
use super::operator::{RowsFile, SavepointOperator, SavepointOperatorState};
use super::rows_file::{RawRow, RowsReader};
use super::{envelope, v1, v2};
use crate::descriptor::{OperatorMeta, StateMeta};
use crate::key_group::KeyGroupRange;
use crate::row::RowKey;

/// An opened savepoint: its manifest. A savepoint is never modified.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let directory = folder.path().join("first");
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
/// use typeser_state::savepoint::Savepoint;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u32>("departures")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// departures.update(&mut state, &111)?;
///
/// let savepoint = Savepoint::create(&directory)?.operator(&state)?.finish()?;
///
/// let mut rows = savepoint.rows("flights-by-tail")?;
/// while let Some(row) = rows.next_row()? {
///     assert_eq!(row.state.name(), "departures");
///     assert_eq!(row.value, 111u32.to_le_bytes());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Savepoint {
    path: PathBuf,
    written_by: String,
    operators: Vec<SavepointOperator>,
    operator_states: Vec<SavepointOperatorState>,
}

/// A stream of the stored rows of an operator, in the order of their key groups.
pub struct Rows<'a> {
    savepoint: &'a Savepoint,
    operator: &'a SavepointOperator,
    key_groups: Option<KeyGroupRange>,
    files: std::slice::Iter<'a, RowsFile>,
    current: Option<RowsReader<'a>>,
    /// The number of blocks of the files before the current one.
    blocks: u64,
}

/// A stored row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The state that it belongs to.
    pub state: &'a StateMeta,
    /// The parts of its key.
    pub key: RowKey<'a>,
    /// The whole key.
    pub key_bytes: &'a [u8],
    /// The bytes of its value, as the serializer wrote them.
    pub value: &'a [u8],
    /// The file that holds it.
    pub file: &'a Path,
    /// Where in the file it begins.
    pub offset: u64,
}

impl Savepoint {
    /// Opens a savepoint. Only the manifest is read and checked.
    ///
    /// # Errors
    /// There is no savepoint, or its manifest cannot be read; see [`ReadSavepointError`].
    pub fn open(directory: impl AsRef<Path>) -> Result<Self, ReadSavepointError> {
        let path = directory.as_ref().to_owned();
        let file = path.join(MANIFEST_NAME);
        let bytes = fs::read(&file).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ReadSavepointError::NoManifest { path: path.clone() },
            _ => ReadSavepointError::Io { file: file.clone(), source },
        })?;
        let opened = envelope::open(&file, MANIFEST_MAGIC, &bytes)?;
        if opened.size != bytes.len() {
            let (expected, found) = (opened.size as u64, bytes.len() as u64);
            return Err(ReadSavepointError::TooLong { file, expected, found });
        }
        // Each version that `envelope` accepts has its reader here.
        let manifest = match opened.version {
            1 => v1::read_manifest(opened.body),
            2 => v2::read_manifest(opened.body),
            found => return Err(ReadSavepointError::UnknownVersion { file, offset: 8, found }),
        };
        let manifest = manifest.map_err(|error| ReadSavepointError::Malformed {
            file,
            offset: (envelope::BODY_AT + error.offset) as u64,
            reason: error.reason,
        })?;
        Ok(Self::of_manifest(path, manifest))
    }

    pub(super) fn of_manifest(path: PathBuf, manifest: Manifest) -> Self {
        let Manifest { written_by, operators, operator_states } = manifest;
        Self { path, written_by, operators, operator_states }
    }

    pub(super) fn into_manifest(self) -> Manifest {
        let Self { path: _, written_by, operators, operator_states } = self;
        Manifest { written_by, operators, operator_states }
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The release of typeser that wrote it, for information only.
    #[must_use]
    pub fn written_by(&self) -> &str {
        &self.written_by
    }

    /// The operators with keyed state.
    #[must_use]
    pub fn operators(&self) -> &[SavepointOperator] {
        &self.operators
    }

    /// The operators with [operator state](crate::operator).
    #[must_use]
    pub fn operator_states(&self) -> &[SavepointOperatorState] {
        &self.operator_states
    }

    /// The operator state of this uid.
    #[must_use]
    pub fn operator_state(&self, uid: &str) -> Option<&SavepointOperatorState> {
        self.operator_states.iter().find(|operator| operator.uid() == uid)
    }

    /// The keyed state of this uid.
    #[must_use]
    pub fn operator(&self, uid: &str) -> Option<&SavepointOperator> {
        self.operators.iter().find(|operator| operator.meta.uid == uid)
    }

    /// The stored rows of an operator's keyed state.
    ///
    /// # Errors
    /// There is no such operator.
    pub fn rows(&self, uid: &str) -> Result<Rows<'_>, ReadSavepointError> {
        let known = || self.operators.iter().map(|operator| operator.meta.uid.clone()).collect();
        self.rows_of(uid, self.operator(uid), known)
    }

    /// The stored rows of an operator's operator state, instance by instance. The number of the instance takes the
    /// place of the key group.
    ///
    /// # Errors
    /// There is no such operator.
    pub fn operator_state_rows(&self, uid: &str) -> Result<Rows<'_>, ReadSavepointError> {
        let known = || self.operator_states.iter().map(|operator| operator.uid().to_owned()).collect();
        self.rows_of(uid, self.operator_state(uid).map(|operator| &operator.0), known)
    }

    /// The rows of the operator with this metadata.
    pub(crate) fn rows_like(&self, meta: &OperatorMeta) -> Result<Rows<'_>, ReadSavepointError> {
        if meta.keyed { self.rows(meta.uid()) } else { self.operator_state_rows(meta.uid()) }
    }

    fn rows_of<'a>(
        &'a self,
        uid: &str,
        operator: Option<&'a SavepointOperator>,
        known: impl FnOnce() -> Vec<String>,
    ) -> Result<Rows<'a>, ReadSavepointError> {
        let operator = operator.ok_or_else(|| ReadSavepointError::NoSuchOperator {
            path: self.path.clone(),
            uid: uid.to_owned(),
            known: known(),
        })?;
        Ok(Rows { savepoint: self, operator, key_groups: None, files: operator.files.iter(), current: None, blocks: 0 })
    }

    /// Reads every file completely and verifies every checksum.
    ///
    /// # Errors
    /// A file is missing or damaged. The error names the first one.
    pub fn verify(&self) -> Result<(), ReadSavepointError> {
        for operator in &self.operators {
            let mut rows = self.rows(operator.meta.uid())?;
            while rows.next_row()?.is_some() {}
        }
        for operator in &self.operator_states {
            let mut rows = self.operator_state_rows(operator.uid())?;
            while rows.next_row()?.is_some() {}
        }
        Ok(())
    }
}

impl<'a> Rows<'a> {
    /// Limits the stream to these key groups. Files that hold none of them are not opened.
    #[must_use]
    pub fn of_key_groups(self, key_groups: KeyGroupRange) -> Self {
        Self { key_groups: Some(key_groups), ..self }
    }

    /// The next row; `None` at the end, after every checksum was correct.
    ///
    /// # Errors
    /// A file cannot be read, or is damaged.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, ReadSavepointError> {
        while self.open_file()? {
            let Some(reader) = &mut self.current else { break };
            match reader.advance()? {
                None => {
                    self.blocks += reader.blocks();
                    self.current = None;
                }
                Some(group) if self.key_groups.is_none_or(|wanted| wanted.contains(group)) => {
                    return self.row();
                }
                Some(_) => {}
            }
        }
        Ok(None)
    }

    /// Continues after an error of [`Rows::next_row`]. To salvage what can still be read, call this and then
    /// [`Rows::next_row`] again.
    ///
    /// As little is skipped as the error allows: the row, its block, or the rest of the file. A file with a skipped
    /// part is not compared with its hash and its sizes in the manifest.
    pub fn resume(&mut self) {
        if let Some(reader) = &mut self.current {
            reader.resume();
        }
    }

    /// The number of blocks read so far. A file has one at its end that holds no rows.
    #[must_use]
    pub fn blocks_read(&self) -> u64 {
        self.blocks + self.current.as_ref().map_or(0, RowsReader::blocks)
    }

    fn row(&self) -> Result<Option<Row<'_>>, ReadSavepointError> {
        let Some(reader) = &self.current else { return Ok(None) };
        let path = reader.path();
        Ok(reader.row()?.map(|RawRow { state, parsed: key, key: key_bytes, value, offset }| Row {
            state,
            key,
            key_bytes,
            value,
            file: path,
            offset,
        }))
    }

    /// Opens the next file if none is open. Returns whether there is one.
    fn open_file(&mut self) -> Result<bool, ReadSavepointError> {
        if self.current.is_some() {
            return Ok(true);
        }
        let wanted = self.key_groups;
        let next = self.files.find(|file| wanted.is_none_or(|wanted| file.key_groups.overlaps(wanted)));
        let Some(file) = next else { return Ok(false) };
        let path = self.savepoint.path.join(&file.name);
        self.current = Some(RowsReader::open(path, &self.operator.meta, file)?);
        Ok(true)
    }
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("savepoint", &self.savepoint.path)
            .field("operator", &self.operator.meta.uid)
            .finish_non_exhaustive()
    }
}
