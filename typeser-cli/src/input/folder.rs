//! Reads all files of a folder, from a path or from git.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use super::error::InputError;
use super::source::Source;

/// All files of a folder, by their names relative to it, with `/` between the parts.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    /// Where it was read from.
    pub(crate) source: Source,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// Reads all files of a folder from what was typed: a path or `REV:dir`.
pub(crate) fn folder(typed: &OsStr) -> Result<Folder, InputError> {
    let source = Source::of(typed);
    let files = source.read_folder()?;
    Ok(Folder { source, files })
}
