//! The current types: the snapshot of each state in the newest code.

use std::collections::BTreeMap;
use std::path::Path;

use super::name::{state_of_stem, stem};
use super::{ReadTodayError, read};
use crate::resolve::Role;
use crate::serializer::Conversions;
use crate::snapshot::SerializerSnapshot;

/// The states of the program as its types are now.
///
/// A golden test makes it of serializers. For tools, the test writes it to a folder (`TYPESER_GOLDEN_CURRENT`), a file
/// `STATE.ROLE.json` for each state, and [`Today::read`] reads it there.
#[derive(Debug, Clone, Default)]
pub struct Today {
    /// One for each state and role.
    pub states: Vec<Current>,
}

/// One state as its type is now.
#[derive(Debug, Clone)]
pub struct Current {
    /// The name of the state.
    pub state: String,
    /// What the values are used for.
    pub role: Role,
    /// The serializer.
    pub snapshot: SerializerSnapshot,
    /// The functions of the program that migrations to it may need; none where only a file is at hand.
    pub conversions: Conversions,
}

impl Today {
    /// Reads a folder of snapshots in JSON. Nothing is written.
    ///
    /// # Errors
    /// A file cannot be read, has the name of no state, or is not a snapshot.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self, ReadTodayError> {
        let folder = folder.as_ref();
        let io = |reason: std::io::Error| ReadTodayError::Io {
            path: folder.display().to_string(),
            reason: reason.to_string(),
        };
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_file() && name.ends_with(read::JSON) {
                files.insert(name, std::fs::read(&path).map_err(io)?);
            }
        }
        Self::from_files(&files)
    }

    /// Reads snapshots in JSON by the names of their files: `orders.value.json`.
    ///
    /// # Errors
    /// A name is that of no state, or a file is not a snapshot.
    #[doc(hidden)]
    pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, ReadTodayError> {
        let mut states = Vec::new();
        for (file, bytes) in files {
            let known = file.strip_suffix(read::JSON).and_then(state_of_stem);
            let Some((state, role)) = known else { return Err(ReadTodayError::Name { file: file.clone() }) };
            let snapshot = SerializerSnapshot::from_json(&String::from_utf8_lossy(bytes))
                .map_err(|error| ReadTodayError::Snapshot { file: file.clone(), error })?;
            states.push(Current { state, role, snapshot, conversions: Conversions::new() });
        }
        Ok(Self { states })
    }

    /// One state as its type is now.
    #[must_use]
    pub fn state(&self, state: &str, role: Role) -> Option<&Current> {
        self.states.iter().find(|current| current.state == state && current.role == role)
    }

    /// The files that [`Today::from_files`] reads, by name.
    #[doc(hidden)]
    #[must_use]
    pub fn to_files(&self) -> BTreeMap<String, Vec<u8>> {
        let file =
            |current: &Current| (format!("{}{}", current.stem(), read::JSON), current.snapshot.to_json().into_bytes());
        self.states.iter().map(file).collect()
    }
}

impl Current {
    /// How the files of the state begin: `orders.value`.
    #[doc(hidden)]
    #[must_use]
    pub fn stem(&self) -> String {
        stem(&self.state, self.role)
    }
}
