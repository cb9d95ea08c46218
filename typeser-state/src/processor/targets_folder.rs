//! New serializers from a folder of snapshots, whose names say what they are for.

use std::fs;
use std::path::{Path, PathBuf};

use typeser::SerializerSnapshot;
use typeser::resolve::Role;
use typeser::serializer::Conversions;
use typeser::snapshot::MAGIC;

use super::{Target, TargetError, Targets};
use crate::savepoint::Savepoint;

/// The endings of files with snapshots. What is in one is told by its first bytes.
const ENDINGS: [&str; 4] = ["json", "snap", "bin", "txt"];
/// What a recorded release holds beside its snapshots.
const SAMPLES: &str = ".samples.json";

/// The roles that stored serializers have, as file names spell them.
const ROLES: [(&str, Role); 4] =
    [("value", Role::Value), ("element", Role::ListElement), ("map-key", Role::MapKey), ("key", Role::Key)];

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
    /// ```
    ///
    /// Everything in a name but ASCII letters, digits, `_` and `-` is percent-encoded, as UTF-8 (`%2F`). Files that lie
    /// in the folder itself are for the only operator of the savepoint. Binary, JSON and text are told apart by content.
    /// Files with samples, which recorded releases have, and names that begin with a dot are passed over.
    ///
    /// # Errors
    /// The folder cannot be read, a name says nothing, or a file is no snapshot.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self, TargetError> {
        let folder = folder.as_ref();
        let mut targets = Self::new();
        for (path, name) in entries(folder)? {
            if !path.is_dir() {
                targets.read_file(&path, &name, None)?;
                continue;
            }
            let operator = decoded(&name).ok_or_else(|| TargetError::Name { path: path.clone() })?;
            for (path, name) in entries(&path)? {
                targets.read_file(&path, &name, Some(&operator))?;
            }
        }
        if targets.targets.is_empty() {
            return Err(TargetError::Empty { path: folder.to_owned() });
        }
        Ok(targets)
    }

    /// The serializers that a savepoint has, each of them in its place: what there is to begin with.
    #[must_use]
    pub fn stored(savepoint: &Savepoint) -> Self {
        let mut targets = Self::new();
        for meta in savepoint.operators().iter().map(|operator| operator.meta()) {
            targets.add_key(meta.uid(), meta.key().clone());
            for state in meta.states() {
                for (part, snapshot) in &state.serializers {
                    targets.add(meta.uid(), state.name(), state.kind().role(*part), snapshot.clone());
                }
            }
        }
        targets
    }

    /// Writes the snapshots as JSON, named as [`Targets::read`] reads them, into a folder that does not exist yet.
    ///
    /// # Errors
    /// The folder exists, or a file cannot be written.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<(), TargetError> {
        let folder = folder.as_ref();
        let io = |path: &Path, source| TargetError::Io { path: path.to_owned(), source };
        fs::create_dir(folder).map_err(|source| io(folder, source))?;
        for target in &self.targets {
            let inside = target.operator.as_deref().map_or_else(|| folder.to_owned(), |uid| folder.join(encoded(uid)));
            fs::create_dir_all(&inside).map_err(|source| io(&inside, source))?;
            let word = ROLES.iter().find(|(_, role)| *role == target.role).map_or("value", |(word, _)| *word);
            let name = match &target.state {
                Some(state) => format!("{}.{word}.json", encoded(state)),
                None => format!("{word}.json"),
            };
            let path = inside.join(name);
            fs::write(&path, target.snapshot.to_json()).map_err(|source| io(&path, source))?;
        }
        Ok(())
    }

    fn read_file(&mut self, path: &Path, name: &str, operator: Option<&str>) -> Result<(), TargetError> {
        if name.ends_with(SAMPLES) {
            return Ok(());
        }
        let unnamed = || TargetError::Name { path: path.to_owned() };
        let stem = name.rsplit_once('.').filter(|(_, ending)| ENDINGS.contains(ending));
        let (stem, _) = stem.ok_or_else(unnamed)?;
        let (state, role) = match stem.rsplit_once('.') {
            None if stem == "key" => (None, Role::Key),
            None => return Err(unnamed()),
            Some((state, word)) => {
                let (_, role) = ROLES.iter().find(|(known, _)| *known == word).ok_or_else(unnamed)?;
                (Some(decoded(state).ok_or_else(unnamed)?), *role)
            }
        };
        let snapshot = read_snapshot(path)?;
        let same =
            |target: &&Target| target.operator.as_deref() == operator && target.state == state && target.role == role;
        if let Some(first) = self.targets.iter().find(same) {
            if first.snapshot == snapshot {
                return Ok(());
            }
            let first = first.file.clone().unwrap_or_default();
            return Err(TargetError::Twice { first, second: path.to_owned() });
        }
        let (operator, functions) = (operator.map(str::to_owned), Conversions::new());
        self.targets.push(Target { operator, state, role, snapshot, functions, file: Some(path.to_owned()) });
        Ok(())
    }

    /// Reads a snapshot from a file, whichever of its forms it has.
    ///
    /// # Errors
    /// The file cannot be read, or is no snapshot.
    pub fn read_snapshot(path: impl AsRef<Path>) -> Result<SerializerSnapshot, TargetError> {
        read_snapshot(path.as_ref())
    }
}

fn read_snapshot(path: &Path) -> Result<SerializerSnapshot, TargetError> {
    let bytes = fs::read(path).map_err(|source| TargetError::Io { path: path.to_owned(), source })?;
    if bytes.starts_with(&MAGIC) {
        return SerializerSnapshot::from_bytes(&bytes)
            .map_err(|source| TargetError::Binary { path: path.to_owned(), source });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| TargetError::NoSnapshot { path: path.to_owned() })?;
    let snapshot = match text.trim_start() {
        begin if begin.starts_with('{') => SerializerSnapshot::from_json(text),
        begin if begin.starts_with("typeser-snapshot") => SerializerSnapshot::from_text(text),
        _ => return Err(TargetError::NoSnapshot { path: path.to_owned() }),
    };
    snapshot.map_err(|source| TargetError::Text { path: path.to_owned(), source })
}

/// What a folder holds, with names, sorted.
fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>, TargetError> {
    let io = |source| TargetError::Io { path: folder.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| TargetError::Name { path: path.clone() })?.to_owned();
        if !name.starts_with('.') {
            entries.push((path, name));
        }
    }
    entries.sort();
    Ok(entries)
}

/// A name that every file system takes.
fn encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            plain if plain.is_ascii_alphanumeric() || matches!(plain, b'_' | b'-') => encoded.push(char::from(plain)),
            byte => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// A name without its percent-encoding; `None` if it is not encoded as it should be.
fn decoded(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'%' => {
                let (digits, behind) = rest.split_first_chunk::<2>()?;
                let digits = std::str::from_utf8(digits).ok()?;
                if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return None;
                }
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = behind;
            }
            plain if plain.is_ascii_alphanumeric() || matches!(plain, b'_' | b'-') => bytes.push(*plain),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}
