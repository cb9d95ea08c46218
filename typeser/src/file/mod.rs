//! One value in one file: saved atomically, checked and migrated when it is loaded.
//!
//! The file holds the snapshot of the serializer that wrote it, so that every later release can load it and no release
//! needs to be registered. `docs/format.md` defines the bytes.
//!
//! ```
//! # #[cfg(feature = "derive")] {
//! use typeser::{StateType, file};
//!
//! #[derive(StateType, Debug, Default, PartialEq)]
//! struct Settings { volume: u8, #[state(default = true)] music: bool }
//!
//! # mod release_1 {
//! #     #[derive(typeser::StateType)]
//! #     pub struct Settings { pub volume: u8 }
//! # }
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("settings");
//! # file::save(&path, &release_1::Settings { volume: 7 })?;
//! // `path` was saved by a release that had no field `music`.
//! let settings: Settings = file::load(&path)?;
//! assert_eq!(settings, Settings { volume: 7, music: true });
//! file::save(&path, &settings)?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`FileOptions`] has the rest: what becomes of the file of an older release, limits, and a lock against other
//! processes.

mod contents;
mod error;
mod format;
mod keep;
mod lock;
mod options;
mod regular;

use std::path::Path;

use crate::serializer::StateType;

pub use contents::FileContents;
pub use error::{
    LoadError, LockError, MigrateContentsError, OpenError, ReadContentsError, SaveError, WriteContentsError,
};
pub use format::CURRENT_VERSION;
pub use lock::LockedFile;
pub use options::FileOptions;

#[doc(hidden)]
pub use format::MAGIC;

/// Saves a value to a file, atomically: after a crash the file holds the old value or the new one.
///
/// If the file has another layout than today's, it is kept beside the new one; see [`FileOptions::keep_old`].
///
/// # Errors
/// Those of [`FileOptions::save`]. Then the file is as it was before.
pub fn save<T: StateType>(path: impl AsRef<Path>, value: &T) -> Result<(), SaveError> {
    FileOptions::new().save(path, value)
}

/// Loads the value of a file that this release or another one saved. The file is not changed.
///
/// # Errors
/// Those of [`FileOptions::load`].
pub fn load<T: StateType>(path: impl AsRef<Path>) -> Result<T, LoadError> {
    FileOptions::new().load(path)
}

/// Loads the value of a file, or returns the default if there is no file.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let count: u32 = typeser::file::load_or_default(folder.path().join("count"))?;
/// assert_eq!(count, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The file exists and cannot be loaded: those of [`FileOptions::load`].
pub fn load_or_default<T: StateType + Default>(path: impl AsRef<Path>) -> Result<T, LoadError> {
    FileOptions::new().load_or_default(path)
}

/// Loads the value of a file that can be computed again, such as a cache. If the file cannot be loaded, returns the
/// default and why; if there is no file, the default alone.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("cache");
/// std::fs::write(&path, "no cache")?;
/// let (cache, reset) = typeser::file::load_or_reset::<Vec<u32>>(&path);
/// assert!(cache.is_empty());
/// if let Some(reason) = reset {
///     assert!(reason.to_string().contains("not a typeser file"), "{reason}");
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn load_or_reset<T: StateType + Default>(path: impl AsRef<Path>) -> (T, Option<LoadError>) {
    FileOptions::new().load_or_reset(path)
}
