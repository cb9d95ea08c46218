//! New serializers from a folder of snapshots, whose names say what they are for.

use std::fs;
use std::path::{Path, PathBuf};

use typeser::SerializerSnapshot;
use typeser::golden::{state_of_stem, stem};
use typeser::resolve::Role;
use typeser::serializer::Conversions;
use typeser::snapshot::MAGIC;

use super::targets::{Target, Targets};
use crate::processor::error::process::ProcessError;
use crate::processor::operators::all_operators;
use crate::savepoint::{Savepoint, SavepointOperator};

/// The endings of files with snapshots. The first bytes of a file say what it holds.
const ENDINGS: [&str; 4] = ["json", "snap", "bin", "txt"];
/// What a recorded release holds beside its snapshots.
const SAMPLES: &str = ".samples.json";
/// The stem of the file for the keys of an operator.
const KEY: &str = "key";

impl Targets {
    /// Reads the snapshots in a folder.
    ///
    /// ```text
    /// snapshots/
    ///   flights-by-tail/             the operator of this uid
    ///     key.json                   its keys
    ///     totals.value.json          the value of its state `totals`
    ///     recent-delays.element.json the elements of its list state `recent-delays`
    ///     destinations.map-key.snap  the keys of its map state `destinations`,
    ///     destinations.value.json    and the values
    ///     per-window.aggregate.json  the accumulators of its aggregating or reducing state `per-window`,
    ///     per-window.namespace.json  and their namespaces; of timers, `timer` in place of `namespace`
    /// ```
    ///
    /// Everything in a name but ASCII letters, digits, `_` and `-` is percent-encoded, as UTF-8 (`%2F`), as in the
    /// names of goldens. Files that lie in the folder itself are for the only operator of the savepoint. Binary, JSON
    /// and text are distinguished by content. Files with samples, which recorded releases have, and names that begin
    /// with a dot are passed over.
    ///
    /// # Errors
    /// The folder cannot be read, a name says nothing, or a file is not a snapshot.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self, ProcessError> {
        let folder = folder.as_ref();
        let mut targets = Self::new();
        for (path, name) in entries(folder)? {
            if !path.is_dir() {
                targets.add_file(&name, &path, || read_snapshot(&path))?;
                continue;
            }
            for (path, file) in entries(&path)? {
                targets.add_file(&format!("{name}/{file}"), &path, || read_snapshot(&path))?;
            }
        }
        if targets.targets.is_empty() {
            return Err(ProcessError::NoTargets { path: folder.to_owned() });
        }
        Ok(targets)
    }

    /// Adds the snapshot of a file of this name within a folder as [`Targets::read`] reads one, wherever that is.
    /// `from` says in messages where it came from. What is passed over is not asked for.
    ///
    /// # Errors
    /// The name says nothing, there is another snapshot for the place, or `snapshot` fails.
    pub fn add_file<E: From<ProcessError>>(
        &mut self,
        name: &str,
        from: impl AsRef<Path>,
        snapshot: impl FnOnce() -> Result<SerializerSnapshot, E>,
    ) -> Result<(), E> {
        let from = from.as_ref();
        let unnamed = || ProcessError::TargetName { path: from.to_owned() };
        if name.split('/').any(|part| part.starts_with('.')) || name.ends_with(SAMPLES) {
            return Ok(());
        }
        let (operator, file) = match name.split_once('/') {
            Some((operator, file)) => (Some(decoded(operator).ok_or_else(unnamed)?), file),
            None => (None, name),
        };
        let stem = file.rsplit_once('.').filter(|(_, ending)| ENDINGS.contains(ending));
        let (stem, _) = stem.ok_or_else(unnamed)?;
        let (state, role) = match stem {
            KEY => (None, Role::Key),
            stem => state_of_stem(stem).map(|(state, role)| (Some(state), role)).ok_or_else(unnamed)?,
        };
        let snapshot = snapshot()?;
        let same = |target: &&Target| target.operator == operator && target.state == state && target.role == role;
        if let Some(first) = self.targets.iter().find(same) {
            if first.snapshot == snapshot {
                return Ok(());
            }
            let first = first.file.clone().unwrap_or_default();
            return Err(ProcessError::TargetTwice { first, second: from.to_owned() }.into());
        }
        let functions = Conversions::new();
        self.targets.push(Target { operator, state, role, snapshot, functions, file: Some(from.to_owned()) });
        Ok(())
    }

    /// The serializers that a savepoint has, each in its place: what there is to begin with.
    #[must_use]
    pub fn stored(savepoint: &Savepoint) -> Self {
        let mut targets = Self::new();
        for meta in all_operators(savepoint).map(SavepointOperator::meta) {
            if meta.keyed {
                targets.add_key(meta.uid(), meta.key().clone());
            }
            for state in meta.states() {
                for (part, snapshot) in state.all_serializers() {
                    targets.add(meta.uid(), state.name(), state.kind().role(part), snapshot.clone());
                }
            }
        }
        targets
    }

    /// Writes the snapshots as JSON, named as [`Targets::read`] reads them, into a folder that does not exist yet.
    ///
    /// # Errors
    /// The folder exists, or a file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), ProcessError> {
        let folder = folder.as_ref();
        let io = |path: &Path, source| ProcessError::TargetFile { path: path.to_owned(), source };
        fs::create_dir(folder).map_err(|source| io(folder, source))?;
        for target in &self.targets {
            let inside = target.operator.as_deref().map_or_else(|| folder.to_owned(), |uid| folder.join(encoded(uid)));
            fs::create_dir_all(&inside).map_err(|source| io(&inside, source))?;
            let stem = target.state.as_ref().map_or_else(|| KEY.to_owned(), |state| stem(state, target.role));
            let path = inside.join(format!("{stem}.json"));
            fs::write(&path, target.snapshot.to_json()).map_err(|source| io(&path, source))?;
        }
        Ok(())
    }

    /// Reads a snapshot from a file, whichever of its forms it has.
    ///
    /// # Errors
    /// The file cannot be read, or is not a snapshot.
    pub fn read_snapshot(path: impl AsRef<Path>) -> Result<SerializerSnapshot, ProcessError> {
        read_snapshot(path.as_ref())
    }
}

fn read_snapshot(path: &Path) -> Result<SerializerSnapshot, ProcessError> {
    let bytes = fs::read(path).map_err(|source| ProcessError::TargetFile { path: path.to_owned(), source })?;
    if bytes.starts_with(&MAGIC) {
        return SerializerSnapshot::from_bytes(&bytes)
            .map_err(|source| ProcessError::TargetBinary { path: path.to_owned(), source });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| ProcessError::NotASnapshot { path: path.to_owned() })?;
    let snapshot = match text.trim_start() {
        begin if begin.starts_with('{') => SerializerSnapshot::from_json(text),
        begin if begin.starts_with("typeser-snapshot") => SerializerSnapshot::from_text(text),
        _ => return Err(ProcessError::NotASnapshot { path: path.to_owned() }),
    };
    snapshot.map_err(|source| ProcessError::TargetText { path: path.to_owned(), source })
}

/// What a folder holds, with names, sorted; but for hidden files.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>, ProcessError> {
    let io = |source| ProcessError::TargetFile { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| ProcessError::TargetName { path: path.clone() })?.to_owned();
        if !name.starts_with('.') {
            entries.push((path, name));
        }
    }
    entries.sort();
    Ok(entries)
}

/// The name of the folder of an operator: spelled as in the stem of a golden.
fn encoded(uid: &str) -> String {
    stem(uid, Role::Key).split('.').next().unwrap_or_default().to_owned()
}

/// The operator of a folder; `None` if its name is not spelled so.
fn decoded(name: &str) -> Option<String> {
    let (uid, _) = state_of_stem(&format!("{name}.{}", Role::Key.word()))?;
    (!uid.is_empty()).then_some(uid)
}
