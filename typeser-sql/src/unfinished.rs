//! Files and folders that appear whole or not at all: written under another name, and renamed at the end.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Why a file or folder is not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnfinishedError {
    #[error("{} exists already: nothing is ever replaced; choose another name", path.display())]
    Exists { path: PathBuf },
    #[error("{} does not end with a name", path.display())]
    NoName { path: PathBuf },
    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

/// A file or folder under the name that it has until it is finished. Deleted when dropped before.
#[derive(Debug)]
pub(crate) struct Unfinished {
    target: PathBuf,
    path: PathBuf,
    finished: bool,
}

impl Unfinished {
    /// Chooses the name; nothing is created yet. The target must not exist.
    pub(crate) fn new(target: &Path) -> Result<Self, UnfinishedError> {
        let Some(name) = target.file_name() else { return Err(UnfinishedError::NoName { path: target.to_owned() }) };
        check_absent(target)?;
        let free = |counter: &u32| {
            let name = format!(".{}.{}-{counter}.partial", name.to_string_lossy(), std::process::id());
            Some(parent(target).join(name)).filter(|path| fs::symlink_metadata(path).is_err())
        };
        // Others are left of processes that had the same number and were killed.
        let path = (0..1000).find_map(|counter| free(&counter));
        let path = path.ok_or_else(|| UnfinishedError::Exists { path: target.with_extension("partial") })?;
        Ok(Self { target: target.to_owned(), path, finished: false })
    }

    /// Where to write.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name.
    pub(crate) fn finish(mut self) -> Result<(), UnfinishedError> {
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| UnfinishedError::Io { action, path, source }
        };
        if self.path.is_dir() {
            sync_folder(&self.path).map_err(failed("sync", &self.path))?;
        }
        check_absent(&self.target)?;
        fs::rename(&self.path, &self.target).map_err(failed("rename the output to", &self.target))?;
        self.finished = true;
        sync_folder(parent(&self.target)).map_err(failed("sync", parent(&self.target)))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished {
            // An error cannot be reported here; the name shows that it is not finished.
            let _ = if self.path.is_dir() { fs::remove_dir_all(&self.path) } else { fs::remove_file(&self.path) };
        }
    }
}

fn check_absent(path: &Path) -> Result<(), UnfinishedError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Err(UnfinishedError::Exists { path: path.to_owned() }),
        Err(_) => Ok(()),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Makes the entries of a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Only Unix can sync a folder; on other systems the file system orders renames itself.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
