//! Reads regular files, up to a limit: a pipe would block, and a device has no end.

use std::fs::{self, File, FileType};
use std::io::{self, Read as _};
use std::path::Path;

use super::contents::{HEADER, LONGEST_FRONT, length};
use super::error::{OpenError, ReadContentsError};

/// All bytes of a file, if its header is that of a file of typeser and it has no more bytes than `limit`.
///
/// # Errors
/// It is something else, or cannot be read.
pub(super) fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, OpenError> {
    let (file, size) = open(path)?;
    let name = || path.display().to_string();
    let failed = |reason: io::Error| OpenError::Read { path: name(), reason: reason.to_string() };
    let mut bytes = Vec::new();
    let mut file = file.take(HEADER as u64);
    file.read_to_end(&mut bytes).map_err(failed)?;
    let of_contents = |error| OpenError::Contents { path: name(), error };
    let expected = length(&bytes).map_err(of_contents)?;
    if size > limit {
        return Err(OpenError::TooLarge { path: name(), size, limit });
    }
    if size != expected {
        return Err(of_contents(match size.checked_sub(expected) {
            Some(count) => ReadContentsError::TrailingBytes { count },
            None => ReadContentsError::Cut { expected, found: size },
        }));
    }
    // One more shows that the file grew.
    file.set_limit(size.saturating_sub(bytes.len() as u64).saturating_add(1));
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// The first bytes of a file: at least all before its value; `None` if there is no file.
pub(super) fn read_front(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    let file = match open(path) {
        Ok((file, _)) => file,
        Err(OpenError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    match file.take(LONGEST_FRONT as u64).read_to_end(&mut bytes) {
        Ok(_) => Ok(Some(bytes)),
        Err(reason) => Err(OpenError::Read { path: path.display().to_string(), reason: reason.to_string() }),
    }
}

/// Opens a regular file, and says how long it is.
fn open(path: &Path) -> Result<(File, u64), OpenError> {
    let name = || path.display().to_string();
    let failed = |reason: io::Error| match reason.kind() {
        io::ErrorKind::NotFound => OpenError::Missing { path: name() },
        _ => OpenError::Read { path: name(), reason: reason.to_string() },
    };
    // Before it is opened: opening a pipe waits for its other end.
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(OpenError::NotAFile { path: name(), found: what(metadata.file_type()) });
    }
    Ok((File::open(path).map_err(failed)?, metadata.len()))
}

/// What is not a regular file.
pub(super) fn what(found: FileType) -> &'static str {
    if found.is_dir() { "a folder" } else { "a pipe, a socket or a device" }
}
