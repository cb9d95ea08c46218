//! Writing a savepoint: into a temporary directory next to the target, which is synced and then renamed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use typeser::StateType;

use super::broadcast::{BroadcastCopies, CopyHasher};
use super::contents::Manifest;
use super::error::WriteSavepointError;
use super::format::{MANIFEST_MAGIC, MANIFEST_NAME};
use super::operator::{RowsFile, SavepointOperator, SavepointOperatorState};
use super::read::Savepoint;
use super::rows_file::{RowsWriteError, RowsWriter};
use super::{envelope, v2};
use crate::backend::{Backend, RowRange};
use crate::descriptor::OperatorMeta;
use crate::key_group::KeyGroupRange;
use crate::keyed::{KeyedStateBackend, RetainedOperator};
use crate::operator::OperatorStateStore;

/// Writes a savepoint. If it is dropped before [`SavepointWriter::finish`], nothing is left.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let directory = folder.path().join("first");
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
/// use typeser_state::operator::OperatorStates;
/// use typeser_state::savepoint::Savepoint;
///
/// let keyed = Operator::<String>::new("flights")?.open(MemoryBackend::new())?;
/// let source = OperatorStates::new("source")?.open()?;
/// let savepoint = Savepoint::create(&directory)?.operator(&keyed)?.operator_state(&source)?.finish()?;
/// savepoint.verify()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SavepointWriter {
    target: PathBuf,
    partial: Partial,
    operators: Vec<SavepointOperator>,
    operator_states: Vec<SavepointOperator>,
    broadcast: BroadcastCopies,
    /// The retained operators that have to be copied from other savepoints.
    retained: Vec<RetainedOperator>,
    /// Whether operators may lack key groups or instances.
    partial_operators: bool,
}

/// A file of rows that is being written.
pub(crate) struct FileWriter<'a> {
    rows: RowsWriter<'a>,
    uid: &'a str,
    path: PathBuf,
    name: String,
    key_groups: KeyGroupRange,
}

impl FileWriter<'_> {
    /// Appends a row. Rows must be in the order of their keys.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), WriteSavepointError> {
        self.rows.push(key, value).map_err(|error| rows_error(error, self.uid, &self.path))
    }

    /// The key groups whose rows belong in the file.
    pub(crate) fn key_groups(&self) -> KeyGroupRange {
        self.key_groups
    }

    /// Writes the rest, and syncs the file.
    pub(crate) fn finish(self) -> Result<RowsFile, WriteSavepointError> {
        let Self { rows, uid, path, name, key_groups } = self;
        rows.finish(name, key_groups).map_err(|error| rows_error(error, uid, &path))
    }
}

/// The temporary directory of a savepoint, deleted when dropped.
#[derive(Debug)]
struct Partial {
    path: PathBuf,
    renamed: bool,
}

impl Savepoint {
    /// Begins a savepoint in this directory, which must not exist yet.
    ///
    /// # Errors
    /// The directory exists, or its parent cannot be written to.
    pub fn create(directory: impl AsRef<Path>) -> Result<SavepointWriter, WriteSavepointError> {
        let target = directory.as_ref().to_owned();
        let Some(name) = target.file_name() else { return Err(WriteSavepointError::NoName { path: target }) };
        if fs::symlink_metadata(&target).is_ok() {
            return Err(WriteSavepointError::Exists { path: target });
        }
        let mut counter = 0u32;
        loop {
            let partial = format!(".{}.{}-{counter}.partial", name.to_string_lossy(), std::process::id());
            let path = parent(&target).join(partial);
            match fs::create_dir(&path) {
                Ok(()) => {
                    let partial = Partial { path, renamed: false };
                    let (operators, operator_states) = (Vec::new(), Vec::new());
                    return Ok(SavepointWriter {
                        target,
                        partial,
                        operators,
                        operator_states,
                        broadcast: BroadcastCopies::default(),
                        retained: Vec::new(),
                        partial_operators: false,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && counter < 1000 => counter += 1,
                Err(source) => return Err(WriteSavepointError::Io { action: "create", path, source }),
            }
        }
    }
}

impl SavepointWriter {
    /// Adds the current keyed state of an operator instance.
    ///
    /// # Errors
    /// The file cannot be written, or the savepoint has an instance with some of the same key groups.
    pub fn operator<K: StateType, B: Backend>(
        mut self,
        state: &KeyedStateBackend<K, B>,
    ) -> Result<Self, WriteSavepointError> {
        self.add_instance(state)?;
        Ok(self)
    }

    /// Adds the current operator state of an instance.
    ///
    /// # Errors
    /// The file cannot be written, or the instance is in the savepoint already.
    pub fn operator_state(mut self, store: &OperatorStateStore) -> Result<Self, WriteSavepointError> {
        self.add_instance(&store.state)?;
        Ok(self)
    }

    fn add_instance<K: StateType, B: Backend>(
        &mut self,
        state: &KeyedStateBackend<K, B>,
    ) -> Result<(), WriteSavepointError> {
        let meta = state.meta();
        let operators = if meta.keyed { &self.operators } else { &self.operator_states };
        let (uid, range) = (meta.uid(), state.key_groups());
        let known = operators.iter().position(|operator| operator.meta.uid == uid);
        let number = known.unwrap_or(operators.len());
        if let Some(known) = known.map(|known| &operators[known]) {
            if known.meta != *meta {
                return Err(WriteSavepointError::InstancesDiffer { operator: uid.to_owned() });
            }
            if let Some(file) = known.files.iter().find(|file| file.key_groups.overlaps(range)) {
                let (operator, present) = (uid.to_owned(), file.key_groups);
                return Err(match meta.keyed {
                    true => WriteSavepointError::Overlap { operator, present, new: range },
                    false => WriteSavepointError::InstanceTwice { operator, instance: range.first() },
                });
            }
        }
        let name = file_name(meta, number, range);
        let mut writer = self.rows_file(meta, name, range)?;
        let (mut hasher, mut failure) = (CopyHasher::of(meta), None);
        let (backend, rows) = state.stored_rows();
        backend.scan(rows, RowRange::ALL, &mut |key, value| {
            if let Some(hasher) = &mut hasher {
                hasher.row(key, value);
            }
            match writer.push(key, value) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failure = Some(error);
                    ControlFlow::Break(())
                }
            }
        })?;
        if let Some(error) = failure {
            return Err(error);
        }
        let file = writer.finish()?;
        if let Some(hasher) = hasher {
            self.broadcast.add(uid, range.first(), &hasher);
        }
        for retained in state.retained_operators() {
            if !self.retained.contains(retained) {
                self.retained.push(retained.clone());
            }
        }
        let operators = self.operators_like(meta);
        match known {
            Some(known) => {
                let files = &mut operators[known].files;
                files.push(file);
                files.sort_by_key(|file| file.key_groups.first());
            }
            None => operators.push(SavepointOperator { meta: meta.clone(), files: vec![file] }),
        }
        Ok(())
    }

    /// The name of a file of the next operator that is [added](SavepointWriter::add_operator).
    pub(crate) fn next_file_name(&self, meta: &OperatorMeta, key_groups: KeyGroupRange) -> String {
        let operators = if meta.keyed { &self.operators } else { &self.operator_states };
        file_name(meta, operators.len(), key_groups)
    }

    /// Begins a file with the rows of an operator and some key groups. The finished file is passed to
    /// [`SavepointWriter::add_operator`].
    pub(crate) fn rows_file<'a>(
        &self,
        meta: &'a OperatorMeta,
        name: String,
        key_groups: KeyGroupRange,
    ) -> Result<FileWriter<'a>, WriteSavepointError> {
        let path = self.partial.path.join(&name);
        match RowsWriter::create(&path, meta, key_groups) {
            Ok(rows) => Ok(FileWriter { rows, uid: &meta.uid, path, name, key_groups }),
            Err(error) => Err(rows_error(error, &meta.uid, &path)),
        }
    }

    /// Adds an operator whose files are in [`SavepointWriter::directory`], in the order of their key groups.
    pub(crate) fn add_operator(&mut self, operator: SavepointOperator) {
        self.operators_like(&operator.meta).push(operator);
    }

    /// The operators with keyed state, or those with operator state.
    pub(super) fn operators_like(&mut self, meta: &OperatorMeta) -> &mut Vec<SavepointOperator> {
        if meta.keyed { &mut self.operators } else { &mut self.operator_states }
    }

    /// The temporary directory of the savepoint.
    pub(crate) fn directory(&self) -> &Path {
        &self.partial.path
    }

    /// Allows operators to lack key groups or instances, for example if every process writes its own savepoint
    /// instances.
    ///
    /// Such a savepoint restores only instances whose key groups it holds completely.
    #[must_use]
    pub fn allow_missing_key_groups(self) -> Self {
        Self { partial_operators: true, ..self }
    }

    /// Writes the manifest, syncs everything to disk, and renames the directory to its final name.
    ///
    /// # Errors
    /// An operator lacks key groups, the instances of an operator have different broadcast state, the file system fails, or the target exists by now. There is no savepoint then,
    /// except with [`WriteSavepointError::NotSynced`].
    pub fn finish(self) -> Result<Savepoint, WriteSavepointError> {
        self.finish_with(sync_directory)
    }

    fn finish_with(
        mut self,
        sync_directory: impl Fn(&Path) -> io::Result<()>,
    ) -> Result<Savepoint, WriteSavepointError> {
        self.check_complete()?;
        self.check_retained()?;
        let written_by = concat!("typeser ", env!("CARGO_PKG_VERSION")).to_owned();
        let operators = std::mem::take(&mut self.operators);
        let operator_states = std::mem::take(&mut self.operator_states);
        let operator_states = operator_states.into_iter().map(SavepointOperatorState).collect();
        let manifest = Manifest { written_by, operators, operator_states };
        let written = Savepoint::of_manifest(self.partial.path.clone(), manifest);
        self.broadcast.check_equal(&written)?;
        let manifest = written.into_manifest();
        let body = v2::write_manifest(&manifest).map_err(|source| WriteSavepointError::Snapshot {
            operator: manifest.operators.iter().map(|operator| operator.meta.uid()).collect::<Vec<_>>().join("`, `"),
            source,
        })?;
        let bytes = envelope::wrap(MANIFEST_MAGIC, &body)
            .ok_or(WriteSavepointError::ManifestTooLarge { length: body.len() })?;
        let path = self.partial.path.join(MANIFEST_NAME);
        let io = |action, path: &Path, source| WriteSavepointError::Io { action, path: path.to_owned(), source };
        let write = || {
            let mut file = File::create_new(&path)?;
            file.write_all(&bytes)?;
            file.sync_all()
        };
        write().map_err(|source| io("write", &path, source))?;
        sync_directory(&self.partial.path).map_err(|source| io("sync", &self.partial.path, source))?;
        if fs::symlink_metadata(&self.target).is_ok() {
            return Err(WriteSavepointError::Exists { path: self.target });
        }
        fs::rename(&self.partial.path, &self.target)
            .map_err(|source| io("rename a directory to", &self.target, source))?;
        self.partial.renamed = true;
        if let Err(source) = sync_directory(parent(&self.target)) {
            let directory = parent(&self.target).to_owned();
            return Err(WriteSavepointError::NotSynced { path: self.target, directory, source });
        }
        Ok(Savepoint::of_manifest(self.target, manifest))
    }

    fn check_retained(&self) -> Result<(), WriteSavepointError> {
        let there = |uid: &str| {
            let mut operators = self.operators.iter().chain(&self.operator_states);
            operators.any(|operator| operator.meta.uid == uid)
        };
        let missing = self.retained.iter().find(|retained| !there(&retained.uid));
        missing.map_or(Ok(()), |RetainedOperator { uid, savepoint }| {
            Err(WriteSavepointError::NotRetained { operator: uid.clone(), savepoint: savepoint.clone() })
        })
    }

    fn check_complete(&self) -> Result<(), WriteSavepointError> {
        if self.partial_operators {
            return Ok(());
        }
        let missing = |operator: &SavepointOperator| {
            let missing = operator.missing_key_groups(KeyGroupRange::all(operator.meta.max_parallelism));
            (!missing.is_empty()).then(|| (operator.meta.uid.clone(), missing))
        };
        let operators: Vec<_> = self.operators.iter().filter_map(missing).collect();
        if !operators.is_empty() {
            return Err(WriteSavepointError::KeyGroupsMissing { operators });
        }
        let operators: Vec<_> = self.operator_states.iter().filter_map(missing).collect();
        if operators.is_empty() { Ok(()) } else { Err(WriteSavepointError::InstancesMissing { operators }) }
    }
}

fn file_name(meta: &OperatorMeta, number: usize, range: KeyGroupRange) -> String {
    match meta.keyed {
        true => format!("{number:05}-{:05}-{:05}.rows", range.first(), range.last()),
        false => format!("instances-{number:05}-{:05}.rows", range.first()),
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the entries of a directory durable.
fn sync_directory(path: &Path) -> io::Result<()> {
    // Only Unix can sync a directory; on other systems the file system orders renames itself.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn rows_error(error: RowsWriteError, operator: &str, path: &Path) -> WriteSavepointError {
    let operator = operator.to_owned();
    match error {
        RowsWriteError::Io(source) => WriteSavepointError::Io { action: "write", path: path.to_owned(), source },
        RowsWriteError::Row(source) => WriteSavepointError::Row { operator, source },
        RowsWriteError::Misplaced(reason) => WriteSavepointError::Misplaced { operator, reason },
        RowsWriteError::TooLarge(source) => WriteSavepointError::RowTooLarge { operator, source },
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.renamed {
            // An error cannot be reported here; the name shows that the directory is not a savepoint.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_savepoint_whose_name_cannot_be_synced_is_reported_as_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("first");
        let failing = |directory: &Path| {
            if directory == folder.path() {
                Err(io::Error::other("the disk is gone"))
            } else {
                sync_directory(directory)
            }
        };
        let error = Savepoint::create(&path).unwrap().finish_with(failing).unwrap_err();
        assert_eq!(
            error.to_string().replace(&folder.path().display().to_string(), "<folder>"),
            "the savepoint <folder>/first is complete, but <folder> cannot be synced: the disk is gone; until the \
             system \
             has written it, a power failure can lose the savepoint: sync the file system before you rely on it"
        );
        Savepoint::open(&path).unwrap().verify().unwrap();

        // Before the rename, the same failure leaves nothing.
        let path = folder.path().join("second");
        let error = Savepoint::create(&path).unwrap().finish_with(|_| Err(io::Error::other("no"))).unwrap_err();
        assert!(error.to_string().starts_with("cannot sync "), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
