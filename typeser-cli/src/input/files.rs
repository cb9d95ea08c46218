//! The files of a folder while they are read, with bounds on their number and size.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::error::InputError;

/// Bounds on the number of files and on their bytes. A folder beyond them is not one of goldens or snapshots: the home
/// directory, for example.
const MOST_FILES: usize = 100_000;
const MOST_BYTES: usize = 1 << 30;

/// The files read so far, by their names relative to the folder.
pub(super) struct Files {
    /// The folder, as it was typed.
    name: String,
    files: BTreeMap<String, Vec<u8>>,
    bytes: usize,
}

impl Files {
    pub(super) fn new(name: String) -> Self {
        Self { name, files: BTreeMap::new(), bytes: 0 }
    }

    pub(super) fn add(&mut self, name: String, bytes: Vec<u8>) -> Result<(), InputError> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.files.insert(name, bytes);
        if self.files.len() > MOST_FILES || self.bytes > MOST_BYTES {
            return Err(self.too_large());
        }
        Ok(())
    }

    /// How many more bytes fit.
    pub(super) fn bytes_left(&self) -> usize {
        MOST_BYTES.saturating_sub(self.bytes)
    }

    pub(super) fn too_large(&self) -> InputError {
        InputError::FolderTooLarge { name: self.name.clone() }
    }

    pub(super) fn into_map(self) -> BTreeMap<String, Vec<u8>> {
        self.files
    }
}

/// Reads at most one byte more than the limit, which shows the caller that there are too many.
pub(super) fn read_up_to(limit: usize, from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
