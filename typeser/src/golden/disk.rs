//! Writes goldens: under a lock, each file atomically, the manifest last.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use super::atomic::{sync_folder, write_atomically};
use super::locations::{self, locations_file};
use super::manifest::Manifest;
use super::name::{MANIFEST, check_release};
use super::read::files_in;
use super::{Golden, Goldens, MergeError, ReadGoldensError, Today};

/// Why nothing was recorded. Files that were there are as they were.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// What is recorded already cannot be read.
    #[error(transparent)]
    Goldens(#[from] Box<ReadGoldensError>),
    /// It would change what is recorded, or names do not go together.
    #[error("cannot record: {0}")]
    Merge(#[from] MergeError),
    /// Recording was requested on a CI machine, where no person reviews what is recorded.
    #[error(
        "cannot record the release `{release}`: `CI` is set to `{ci}`; goldens are recorded by a person who looks at them and commits them, so run it on your machine"
    )]
    Ci {
        /// The release.
        release: String,
        /// What the variable is set to.
        ci: String,
    },
    /// A file cannot be written.
    #[error("cannot write {path}: {reason}")]
    Write {
        /// The file or folder.
        path: String,
        /// Why, in the words of the system.
        reason: String,
    },
    /// A folder for today's snapshots holds other ones.
    #[error(
        "{path} is there already and says something else: two suites list a state of this name, or the folder is of another day; give an empty folder for each"
    )]
    CurrentClash {
        /// The file.
        path: String,
    },
}

crate::text::debug_as_display!(RecordError);

/// The file beside the manifest that keeps git from changing line endings.
const ATTRIBUTES: (&str, &[u8]) = (".gitattributes", b"* -text\n");

/// The value of `CI`, if it is set and on.
pub(super) fn ci() -> Option<String> {
    let ci = std::env::var_os("CI")?.to_string_lossy().into_owned();
    let is_off = ["", "0", "false"].iter().any(|off| ci.eq_ignore_ascii_case(off));
    (!is_off).then_some(ci)
}

/// Adds what a release records to the folder. Of the existing files, only the manifest changes.
pub(super) fn record(folder: &Path, release: &str, goldens: Vec<Golden>) -> Result<(), RecordError> {
    check_release(release).map_err(MergeError::from)?;
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let _lock = lock(folder)?;
    let mut recorded = read_beside_leftovers(folder, release)?.unwrap_or_default();
    let before = recorded.manifest().map_err(|error| unstorable(folder, error))?;
    if !recorded.record(release, goldens)? {
        return Ok(());
    }
    let attributes = folder.join(ATTRIBUTES.0);
    if !attributes.exists() {
        write(&attributes, ATTRIBUTES.1)?;
    }
    let manifest = recorded.manifest().map_err(|error| unstorable(folder, error))?;
    let files = recorded.to_files().map_err(|error| unstorable(folder, error))?;
    let inside = folder.join(release);
    fs::create_dir_all(&inside).map_err(failed(&inside))?;
    sync_folder(folder).map_err(failed(folder))?;
    for (name, bytes) in &files {
        if name.strip_prefix(release).is_some_and(|rest| rest.starts_with('/')) && !lists(&before, name) {
            write(&folder.join(name), bytes)?;
        }
    }
    write(&folder.join(MANIFEST), &reworded(&before, manifest).to_text().into_bytes())
}

/// Writes the snapshots of today's types, and where the types are declared. Files of the same content may be there.
pub(super) fn write_current(folder: &Path, today: &Today) -> Result<(), RecordError> {
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let _lock = lock(folder)?;
    for (name, bytes) in today.to_files() {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(known) if known == bytes => {}
            Ok(_) => return Err(RecordError::CurrentClash { path: path.display().to_string() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => write(&path, &bytes)?,
            Err(error) => return Err(failed(&path)(error)),
        }
    }
    for current in &today.states {
        let path = folder.join(locations_file(&current.stem()));
        write(&path, locations::to_text(&current.snapshot).as_bytes())?;
    }
    Ok(())
}

/// What is recorded, without the files of this release that an interrupted recording left.
fn read_beside_leftovers(folder: &Path, release: &str) -> Result<Option<Goldens>, RecordError> {
    let mut files = files_in(folder).map_err(Box::new)?;
    let Some(manifest) = files.get(MANIFEST) else { return Ok(None) };
    if let Ok(manifest) = Manifest::from_bytes(manifest) {
        let is_of_release = |name: &str| name.strip_prefix(release).is_some_and(|rest| rest.starts_with('/'));
        files.retain(|name, _| !is_of_release(name) || lists(&manifest, name));
    }
    Ok(Some(super::read::from_files(&folder.display().to_string(), &files).map_err(Box::new)?))
}

fn lists(manifest: &Manifest, path: &str) -> bool {
    let of = |release: &super::manifest::ListedRelease| {
        let name = path.strip_prefix(release.name.as_str()).and_then(|rest| rest.strip_prefix('/'));
        name.is_some_and(|name| release.files.iter().any(|file| file.name == name))
    };
    manifest.releases.iter().any(of)
}

/// The new manifest, with the old hashes of old files.
fn reworded(before: &Manifest, mut manifest: Manifest) -> Manifest {
    for release in &mut manifest.releases {
        let Some(known) = before.releases.iter().find(|known| known.name == release.name) else { continue };
        for file in &mut release.files {
            if let Some(known) = known.files.iter().find(|known| known.name == file.name) {
                file.hash = known.hash;
            }
        }
    }
    manifest
}

/// Locks the folder against other processes and tests.
///
/// The file that is locked lies where temporary files do, so that it is never committed.
fn lock(folder: &Path) -> Result<File, RecordError> {
    let whole = folder.canonicalize().map_err(failed(folder))?;
    let name = format!("typeser-golden-{:016x}.lock", xxh3_64(whole.as_os_str().as_encoded_bytes()));
    let path = std::env::temp_dir().join(name);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed(&path))?;
    file.lock().map_err(failed(&path))?;
    Ok(file)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), RecordError> {
    write_atomically(path, bytes).map_err(failed(path))
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> RecordError + use<> {
    let path = path.display().to_string();
    move |reason| RecordError::Write { path: path.clone(), reason: reason.to_string() }
}

fn unstorable(folder: &Path, error: crate::snapshot::WriteSnapshotError) -> RecordError {
    RecordError::Write { path: folder.display().to_string(), reason: error.to_string() }
}
