//! A file that no other process uses at the same time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::error::{LoadError, LockError, SaveError};
use super::options::FileOptions;
use crate::serializer::StateType;

/// A file that this process has locked, until this is dropped.
///
/// ```
/// use typeser::file::{FileOptions, LockError};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("count");
/// let file = FileOptions::new().lock(&path)?;
/// file.save(&7u32)?;
/// assert!(matches!(FileOptions::new().lock(&path), Err(LockError::Locked { .. })));
/// assert_eq!(file.load::<u32>()?, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LockedFile {
    path: PathBuf,
    options: FileOptions,
    /// The lock ends when it is closed.
    _lock: File,
}

impl FileOptions {
    /// Locks a file against other processes that lock it too. Fails at once if another process has it.
    ///
    /// Every save replaces the file, so another one is locked: `.NAME.lock` beside it, which is created and stays. The
    /// lock ends when the result is dropped, or when the process ends in any way. Functions that do not lock ignore it.
    ///
    /// # Errors
    /// Another process has locked it, or the lock file cannot be created.
    pub fn lock(&self, path: impl AsRef<Path>) -> Result<LockedFile, LockError> {
        let path = path.as_ref();
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(".lock");
        let lock = path.with_file_name(name);
        let (shown, locked) = (path.display().to_string(), lock.display().to_string());
        let failed = |reason: io::Error| LockError::Lock {
            path: shown.clone(),
            lock: locked.clone(),
            reason: reason.to_string(),
        };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(LockedFile { path: path.to_owned(), options: self.clone(), _lock: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Locked { path: shown, lock: locked }),
            Err(TryLockError::Error(reason)) => Err(failed(reason)),
        }
    }
}

impl LockedFile {
    /// Saves a value to the file; see [`FileOptions::save`].
    ///
    /// # Errors
    /// Those of [`FileOptions::save`].
    pub fn save<T: StateType>(&self, value: &T) -> Result<(), SaveError> {
        self.options.save(&self.path, value)
    }

    /// Loads the value of the file; see [`FileOptions::load`].
    ///
    /// # Errors
    /// Those of [`FileOptions::load`].
    pub fn load<T: StateType>(&self) -> Result<T, LoadError> {
        self.options.load(&self.path)
    }

    /// Loads the value of the file, or returns the default if there is none; see
    /// [`load_or_default`](super::load_or_default).
    ///
    /// # Errors
    /// Those of [`FileOptions::load`].
    pub fn load_or_default<T: StateType + Default>(&self) -> Result<T, LoadError> {
        self.options.load_or_default(&self.path)
    }

    /// Loads the value of the file, or returns the default and why; see [`load_or_reset`](super::load_or_reset).
    pub fn load_or_reset<T: StateType + Default>(&self) -> (T, Option<LoadError>) {
        self.options.load_or_reset(&self.path)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}
