//! Reads goldens from a path or from git.

use std::ffi::OsStr;

use typeser::golden::{Goldens, ReadGoldensError};

use super::folder::{Folder, folder};
use super::source::Source;
use crate::failure::Failure;

/// Reads goldens from what was typed: a path, or `REV:dir` from git.
pub(crate) fn goldens(typed: &OsStr) -> Result<Goldens, Failure> {
    if let Source::Path(path) = Source::of(typed) {
        return Ok(Goldens::read(path)?);
    }
    let Folder { source, files } = folder(typed)?;
    Goldens::from_files(&files).map_err(|mut error| {
        match &mut error {
            ReadGoldensError::NothingRecorded { place }
            | ReadGoldensError::Manifest { place, .. }
            | ReadGoldensError::Files { place, .. }
            | ReadGoldensError::Ledger { place, .. } => *place = source.to_string(),
            _ => {}
        }
        error.into()
    })
}
