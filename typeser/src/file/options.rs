//! How files are saved and loaded.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::contents::{FileContents, finish, front};
use super::error::{LoadError, OpenError, SaveError};
use super::keep::keep;
use super::regular::{read_regular, what};
use crate::golden::write_atomically;
use crate::resolve::{Policy, Role, resolve};
use crate::serializer::{Serializer, StateType, TypeSerializer};
use crate::versions::NotReadable;

/// How files are saved and loaded.
///
/// ```
/// use typeser::file::FileOptions;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("count");
/// let files = FileOptions::new().release("2.0.0").max_bytes(1 << 20);
/// files.save(&path, &7u32)?;
/// assert_eq!(files.load::<u64>(&path)?, 7);
/// // The next save replaces the file of the other layout, which is kept.
/// files.save(&path, &8u64)?;
/// assert!(folder.path().join("count.2.0.0.old").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct FileOptions {
    release: Option<String>,
    keep_old: bool,
    max_bytes: u64,
    policy: Policy,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self { release: None, keep_old: true, max_bytes: Self::MAX_BYTES, policy: Policy::default() }
    }
}

impl FileOptions {
    /// The most bytes that a file may have if nothing is said: 1 GiB.
    pub const MAX_BYTES: u64 = 1 << 30;

    /// The options that [`save`](super::save) and [`load`](super::load) have.
    pub fn new() -> Self {
        Self::default()
    }

    /// The release that saves, such as `env!("CARGO_PKG_VERSION")`. It is stored in the file, and names the file that is
    /// kept when a later release replaces it.
    pub fn release(self, name: impl Into<String>) -> Self {
        Self { release: Some(name.into()), ..self }
    }

    /// Whether a save keeps the file of another layout that it replaces; it does if nothing is said.
    ///
    /// `settings.bin` is kept as `settings.bin.1.4.0.old` if the [release](Self::release) `1.4.0` saved it, as
    /// `settings.bin.6cd24adebfa2f0b7.old` by the [tag](crate::versions::Tag) of its layout if it does not name its
    /// release, and as `settings.bin.unreadable.old` if it is not a typeser file. An older file of that name is
    /// replaced.
    pub fn keep_old(self, keep_old: bool) -> Self {
        Self { keep_old, ..self }
    }

    /// How many bytes a file may have; [`FileOptions::MAX_BYTES`] if nothing is said. A larger one is neither read nor
    /// written, which bounds the memory that a wrong file takes.
    pub fn max_bytes(self, max_bytes: u64) -> Self {
        Self { max_bytes, ..self }
    }

    /// Which losses of stored data pass when a file is loaded, and whether a file of a newer release is read
    /// [downwards](Policy::downwards). A value that was read downwards may lack fields: the next save replaces the file,
    /// and keeps the old one unless [`FileOptions::keep_old`] is off.
    pub fn policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Saves a value to a file, atomically: the bytes are written to a temporary file in the same folder (`.NAME...tmp`),
    /// synced, renamed, and the folder is synced. The file keeps its permissions; symbolic links are followed.
    ///
    /// # Errors
    /// The value or its file cannot be written. Then the file is as it was before.
    pub fn save<T: StateType>(&self, path: impl AsRef<Path>, value: &T) -> Result<(), SaveError> {
        let path = path.as_ref();
        let name = || path.display().to_string();
        let failed = |reason: io::Error| SaveError::Write { path: name(), reason: reason.to_string() };
        let today = Serializer::<T>::new()?;
        let front = front(self.release.as_deref(), today.snapshot())?;
        let mut bytes = front.clone();
        today.serialize(value, &mut bytes).map_err(|error| SaveError::Encode { path: name(), error })?;
        finish(&mut bytes);
        let (size, limit) = (bytes.len() as u64, self.max_bytes);
        if size > limit {
            return Err(SaveError::TooLarge { path: name(), size, limit });
        }
        let target = target(path).map_err(failed)?;
        if let Ok(metadata) = fs::metadata(&target)
            && !metadata.is_file()
        {
            return Err(SaveError::NotAFile { path: name(), found: what(metadata.file_type()) });
        }
        if self.keep_old {
            keep(&target, &front, today.snapshot())?;
        }
        write_atomically(&target, &bytes).map_err(failed)
    }

    /// Loads the value of a file that this release or another one saved. The file is not changed: the next save writes
    /// today's layout.
    ///
    /// # Errors
    /// The file cannot be read, is damaged, or today's type cannot read its layout; see [`LoadError`].
    pub fn load<T: StateType>(&self, path: impl AsRef<Path>) -> Result<T, LoadError> {
        let path = path.as_ref();
        let name = || path.display().to_string();
        let today = Serializer::<T>::new()?;
        let bytes = read_regular(path, self.max_bytes)?;
        let contents = FileContents::from_bytes(&bytes).map_err(|error| OpenError::Contents { path: name(), error })?;
        let resolution = resolve(&contents.snapshot, today.snapshot(), Role::Value, &self.policy);
        let reader = resolution
            .reader(&today)
            .map_err(|error| LoadError::NotReadable { path: name(), error: Box::new(located(error, &name())) })?;
        reader.read(contents.value).map_err(|error| LoadError::Value { path: name(), error: Box::new(error) })
    }

    /// Loads the value of a file, or returns the default if there is no file.
    ///
    /// # Errors
    /// The file exists and cannot be loaded; see [`LoadError`].
    pub fn load_or_default<T: StateType + Default>(&self, path: impl AsRef<Path>) -> Result<T, LoadError> {
        match self.load(path) {
            Err(LoadError::Open(OpenError::Missing { .. })) => Ok(T::default()),
            loaded => loaded,
        }
    }

    /// Loads the value of a file. If it cannot be loaded, returns the default and why; if there is no file, the default
    /// alone. The file is not changed: the next save replaces it.
    pub fn load_or_reset<T: StateType + Default>(&self, path: impl AsRef<Path>) -> (T, Option<LoadError>) {
        match self.load_or_default(path) {
            Ok(value) => (value, None),
            Err(reason) => (T::default(), Some(reason)),
        }
    }
}

/// The file that a symbolic link leads to, so that the link is not replaced.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => fs::canonicalize(path),
        _ => Ok(path.to_owned()),
    }
}

/// The report says which file it is about.
fn located(error: NotReadable, path: &str) -> NotReadable {
    match error {
        NotReadable::Incompatible(report) => {
            NotReadable::Incompatible(Box::new(report.with_origin(format!("file {path}"))))
        }
        error => error,
    }
}
