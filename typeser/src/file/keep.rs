//! Keeps the file of another layout under a name that says which, before it is replaced.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::contents::{FileContents, same_front};
use super::error::{OpenError, SaveError};
use super::regular::read_front;
use crate::golden::sync_folder;
use crate::snapshot::SerializerSnapshot;
use crate::versions::Tag;

/// Keeps the file that is about to be replaced, if its value has another layout than today's.
pub(super) fn keep(path: &Path, front: &[u8], today: &SerializerSnapshot) -> Result<(), SaveError> {
    let name = || path.display().to_string();
    let found = match read_front(path) {
        Ok(None) => return Ok(()),
        Ok(Some(found)) => found,
        Err(OpenError::NotAFile { path, found }) => return Err(SaveError::NotAFile { path, found }),
        // It says why in a sentence.
        Err(error) => return Err(SaveError::Write { path: name(), reason: error.to_string() }),
    };
    let Some(kept) = kept_name(path, &found, front, today) else { return Ok(()) };
    link(path, &kept).map_err(|reason| SaveError::Keep {
        path: name(),
        kept: kept.display().to_string(),
        reason: reason.to_string(),
    })
}

/// `settings.bin` of the release `1.4.0` becomes `settings.bin.1.4.0.old`; `None` if its layout is today's.
fn kept_name(path: &Path, found: &[u8], front: &[u8], today: &SerializerSnapshot) -> Option<PathBuf> {
    if found.get(..front.len()).is_some_and(|found| same_front(found, front)) {
        return None;
    }
    let which = match FileContents::of_front(found) {
        Ok(contents) if contents.snapshot.fingerprint() == today.fingerprint() => return None,
        Ok(FileContents { release: Some(release), .. }) => release.to_owned(),
        Ok(contents) => Tag::of(contents.snapshot.fingerprint()).to_string(),
        Err(_) => "unreadable".to_owned(),
    };
    let mut name = path.file_name()?.to_owned();
    name.push(format!(".{which}.old"));
    Some(path.with_file_name(name))
}

/// Gives the file a second name. What had that name before is replaced.
fn link(path: &Path, kept: &Path) -> io::Result<()> {
    let mut temporary = kept.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    drop(fs::remove_file(&temporary));
    let second_name = || {
        // Not every file system has hard links.
        if fs::hard_link(path, &temporary).is_err() {
            fs::copy(path, &temporary)?;
            File::open(&temporary)?.sync_all()?;
        }
        fs::rename(&temporary, kept)
    };
    let linked = second_name();
    // It remains after an error, and where both names were of one file before.
    drop(fs::remove_file(&temporary));
    linked?;
    match kept.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_folder(folder),
        _ => sync_folder(Path::new(".")),
    }
}
