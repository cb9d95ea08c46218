//! Reads goldens: compares every file with the manifest, and the three files of a golden with each other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::manifest::{ListedRelease, Manifest, hash};
use super::name::{ACCEPTED, MANIFEST, state_of_stem};
use super::samples::{self, Malformed};
use super::{FileError, Golden, Goldens, Ledger, ReadGoldensError, RecordedRelease};
use crate::snapshot::SerializerSnapshot;

/// The endings of the three files of a golden.
pub(super) const JSON: &str = ".json";
pub(super) const BINARY: &str = ".snap";
pub(super) const SAMPLES: &str = ".samples.json";

impl Goldens {
    /// Reads a folder of goldens and checks every byte of it. Nothing is written.
    ///
    /// Files beside the manifest, such as a README, are left alone; so are files and folders whose name begins with a
    /// dot.
    ///
    /// # Errors
    /// Nothing was recorded, a file cannot be read, or is not what was recorded: see [`FileError`].
    pub fn read(folder: impl AsRef<Path>) -> Result<Self, ReadGoldensError> {
        let folder = folder.as_ref();
        let place = folder.display().to_string();
        if !folder.is_dir() {
            return Err(ReadGoldensError::NothingRecorded { place });
        }
        from_files(&place, &files_in(folder)?)
    }

    /// Reads goldens that are part of the program, by their names within the folder. [`goldens!`](crate::goldens) calls
    /// it.
    ///
    /// # Errors
    /// Those of [`Goldens::read`].
    #[doc(hidden)]
    pub fn from_embedded(folder: &str, files: &[(&str, &[u8])]) -> Result<Self, ReadGoldensError> {
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()));
        from_files(&format!("the goldens of `{folder}` in the program"), &files.collect())
    }

    /// Reads goldens from files wherever they come from, such as an old commit, by their names within the folder
    /// (`manifest.txt`, `1.4.0/orders.value.json`), and checks every byte of them.
    ///
    /// # Errors
    /// Those of [`Goldens::read`].
    #[doc(hidden)]
    pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, ReadGoldensError> {
        from_files("the given files", files)
    }
}

/// All files in a folder and the folders right in it, by their names within the folder.
pub(super) fn files_in(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, ReadGoldensError> {
    let error = |path: &Path, reason: &dyn std::fmt::Display| ReadGoldensError::Io {
        path: path.display().to_string(),
        reason: reason.to_string(),
    };
    let mut files = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, before)) = open.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|reason| error(&folder, &reason))?;
        for entry in entries {
            let path = entry.map_err(|reason| error(&folder, &reason))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                return Err(error(&path, &"its name is not UTF-8, so it was not recorded; delete it"));
            };
            if name.starts_with('.') {
                continue;
            }
            let name = format!("{before}{name}");
            if path.is_dir() {
                open.push((path, format!("{name}/")));
                continue;
            }
            // Beside the manifest, only what is ours.
            if !before.is_empty() || [MANIFEST, ACCEPTED].contains(&name.as_str()) {
                let bytes = std::fs::read(&path).map_err(|reason| error(&path, &reason))?;
                files.insert(name, bytes);
            }
        }
    }
    Ok(files)
}

pub(super) fn from_files(place: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<Goldens, ReadGoldensError> {
    let place = place.to_owned();
    let Some(manifest) = files.get(MANIFEST) else { return Err(ReadGoldensError::NothingRecorded { place }) };
    let manifest = match Manifest::from_bytes(manifest) {
        Ok(manifest) => manifest,
        Err(error) => return Err(ReadGoldensError::Manifest { place, error }),
    };
    let mut reading = Reading { files, wrong: unlisted(&manifest, files) };
    let releases = manifest.releases.iter().map(|release| reading.release(release)).collect();
    if !reading.wrong.is_empty() {
        return Err(ReadGoldensError::Files { place, files: reading.wrong });
    }
    match ledger(files) {
        Ok(ledger) => Ok(Goldens { releases, ledger }),
        Err(error) => Err(ReadGoldensError::Ledger { place, error }),
    }
}

fn ledger(files: &BTreeMap<String, Vec<u8>>) -> Result<Ledger, super::LedgerError> {
    files.get(ACCEPTED).map_or_else(|| Ok(Ledger::default()), Ledger::from_json)
}

fn unlisted(manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>) -> Vec<FileError> {
    let listed: BTreeSet<String> = manifest
        .releases
        .iter()
        .flat_map(|release| release.files.iter().map(|file| format!("{}/{}", release.name, file.name)))
        .collect();
    let is_hidden = |name: &str| name.split('/').any(|part| part.starts_with('.'));
    let inside = files.keys().filter(|name| name.contains('/') && !is_hidden(name));
    inside.filter(|name| !listed.contains(*name)).map(|name| FileError::Unlisted { file: name.clone() }).collect()
}

/// Reads release after release, and notes every file that is not what was recorded.
struct Reading<'a> {
    files: &'a BTreeMap<String, Vec<u8>>,
    wrong: Vec<FileError>,
}

/// The files of one golden, as far as they are what was recorded.
#[derive(Default)]
struct Parts<'a> {
    json: Option<&'a [u8]>,
    binary: Option<&'a [u8]>,
    samples: Option<&'a [u8]>,
    /// Whether a file is listed, but is not what was recorded.
    is_damaged: bool,
}

impl<'a> Reading<'a> {
    fn release(&mut self, release: &ListedRelease) -> RecordedRelease {
        let mut stems: BTreeMap<&str, Parts<'a>> = BTreeMap::new();
        for file in &release.files {
            let path = format!("{}/{}", release.name, file.name);
            let ending = [SAMPLES, JSON, BINARY].into_iter().find(|ending| file.name.ends_with(ending));
            let Some(stem) = ending.and_then(|ending| file.name.strip_suffix(ending)) else {
                self.wrong.push(FileError::Name { file: path });
                continue;
            };
            let parts = stems.entry(stem).or_default();
            let bytes = match self.files.get(&path) {
                None => Err(FileError::Missing { file: path }),
                Some(bytes) if hash(bytes) != file.hash => Err(edited(path, file.hash, bytes)),
                Some(bytes) => Ok(bytes.as_slice()),
            };
            match bytes {
                Ok(bytes) if ending == Some(JSON) => parts.json = Some(bytes),
                Ok(bytes) if ending == Some(BINARY) => parts.binary = Some(bytes),
                Ok(bytes) => parts.samples = Some(bytes),
                Err(error) => {
                    parts.is_damaged = true;
                    self.wrong.push(error);
                }
            }
        }
        let mut goldens = Vec::new();
        for (stem, parts) in stems {
            match golden(&release.name, stem, &parts) {
                Ok(golden) => goldens.extend(golden),
                Err(error) => self.wrong.push(error),
            }
        }
        RecordedRelease { name: release.name.clone(), goldens }
    }
}

/// What is wrong with a file that has another hash than the manifest says.
fn edited(file: String, listed: u128, bytes: &[u8]) -> FileError {
    let is_text = file.ends_with(JSON);
    let mut unix = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(at + 1) == Some(&b'\n')) {
            unix.push(*byte);
        }
    }
    FileError::Edited { file, listed, computed: hash(bytes), converted: is_text && hash(&unix) == listed }
}

/// The golden of these files; `None` if one of them is damaged, which was reported already.
fn golden(release: &str, stem: &str, parts: &Parts<'_>) -> Result<Option<Golden>, FileError> {
    let file = |ending: &str| format!("{release}/{stem}{ending}");
    let Some((state, role)) = state_of_stem(stem) else { return Err(FileError::Name { file: file(JSON) }) };
    let (json, binary, listed_samples) = match (parts.json, parts.binary, parts.samples) {
        (Some(json), Some(binary), Some(samples)) => (json, binary, samples),
        _ if parts.is_damaged => return Ok(None),
        (None, ..) => return Err(FileError::Incomplete { file: file(JSON) }),
        (_, None, _) => return Err(FileError::Incomplete { file: file(BINARY) }),
        (.., None) => return Err(FileError::Incomplete { file: file(SAMPLES) }),
    };
    let snapshot =
        SerializerSnapshot::from_bytes(binary).map_err(|error| FileError::Binary { file: file(BINARY), error })?;
    let text = String::from_utf8_lossy(json);
    let readable = SerializerSnapshot::from_json(&text).map_err(|error| FileError::Json { file: file(JSON), error })?;
    if readable != snapshot {
        return Err(FileError::OtherSnapshot { file: file(JSON), binary: file(BINARY) });
    }
    let samples = samples::from_json(listed_samples, (&state, role.word()), &snapshot).map_err(|malformed| {
        let file = file(SAMPLES);
        match malformed {
            Malformed::Form(reason) => FileError::Samples { file, reason },
            Malformed::Other(found) => FileError::OtherState { file, found },
            Malformed::Bytes(number, reason) => FileError::SampleBytes { file, number, reason },
            Malformed::Value(number, decoded) => FileError::SampleValue { file, number, decoded },
        }
    })?;
    Ok(Some(Golden { state, role, snapshot, samples }))
}
