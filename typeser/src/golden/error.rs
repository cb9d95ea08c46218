//! Errors of reading goldens and current snapshots.

use super::{LedgerError, ManifestError};
use crate::snapshot::{ParseSnapshotError, ReadSnapshotError};

/// Why goldens cannot be read.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadGoldensError {
    /// There is no manifest: nothing was recorded.
    #[error(
        "there are no goldens in {place}: `manifest.txt` is not there; record the release that is in use with `TYPESER_GOLDEN_RECORD=1.0.0 cargo test`, and commit the folder"
    )]
    NothingRecorded {
        /// Where they were expected.
        place: String,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {reason}")]
    Io {
        /// Which.
        path: String,
        /// Why, in the words of the system.
        reason: String,
    },
    /// The manifest is not what was recorded.
    #[error("{place}/manifest.txt: {error}")]
    Manifest {
        /// Where it is.
        place: String,
        /// What is wrong.
        error: ManifestError,
    },
    /// The files are not those that were recorded.
    #[error("the goldens in {place} are not what was recorded:\n{}", list(.files))]
    Files {
        /// Where they are.
        place: String,
        /// Every file that is not what was recorded.
        files: Vec<FileError>,
    },
    /// The ledger of accepted findings cannot be read.
    #[error("{place}/accepted.json: {error}")]
    Ledger {
        /// Where it is.
        place: String,
        /// What is wrong.
        error: LedgerError,
    },
}

crate::text::debug_as_display!(ReadGoldensError);

fn list(files: &[FileError]) -> String {
    let lines: Vec<String> = files.iter().map(|file| format!("  - {file}")).collect();
    lines.join("\n")
}

/// Why a file is not what was recorded. Names are within the folder of goldens.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The manifest lists it, and it is not there.
    #[error("{file} is missing: it was deleted or never committed; check it out again")]
    Missing {
        /// The file.
        file: String,
    },
    /// It is there, and the manifest does not list it.
    #[error(
        "{file} is not in the manifest: it was not recorded, or a recording was interrupted; delete it, or record its release once more"
    )]
    Unlisted {
        /// The file.
        file: String,
    },
    /// Its bytes are not those that were recorded.
    #[error(
        "{file} was edited after it was recorded: the manifest has the hash {listed:032x}, its bytes give {computed:032x}; goldens are never edited, so check it out again{}", endings(*.converted)
    )]
    Edited {
        /// The file.
        file: String,
        /// The hash in the manifest.
        listed: u128,
        /// The hash of its bytes.
        computed: u128,
        /// Whether the bytes would be right with other line breaks.
        converted: bool,
    },
    /// Its name is not that of a state.
    #[error(
        "{file} has the name of no golden: files are called STATE.ROLE.json, STATE.ROLE.snap and STATE.ROLE.samples.json"
    )]
    Name {
        /// The file.
        file: String,
    },
    /// The state of the release has other files, but not this one.
    #[error("{file} was not recorded beside the other files of its state: record the release again, into a new folder")]
    Incomplete {
        /// The file.
        file: String,
    },
    /// It is not a snapshot.
    #[error("{file} is not a snapshot, although its hash holds; check the folder out again: {error}")]
    Binary {
        /// The file.
        file: String,
        /// Why.
        error: ReadSnapshotError,
    },
    /// It is not a snapshot in JSON.
    #[error("{file} is not a snapshot, although its hash holds; check the folder out again: {error}")]
    Json {
        /// The file.
        file: String,
        /// Why.
        error: ParseSnapshotError,
    },
    /// The JSON form is that of another snapshot than the binary form.
    #[error(
        "{file} says something else than {binary}, although both hashes hold: the manifest was written for an edited file; check the folder out again"
    )]
    OtherSnapshot {
        /// The JSON form.
        file: String,
        /// The binary form.
        binary: String,
    },
    /// It holds no samples.
    #[error("{file} holds no samples, although its hash holds; check the folder out again: {reason}")]
    Samples {
        /// The file.
        file: String,
        /// Why, and where.
        reason: String,
    },
    /// It holds the samples of another state.
    #[error("{file} holds the samples of the {found}: it was copied from there; check it out again")]
    OtherState {
        /// The file.
        file: String,
        /// Role and state in the file.
        found: String,
    },
    /// A sample is no value of the snapshot beside it.
    #[error(
        "{file}: sample {number} is not what the snapshot beside it describes, so it was edited and the manifest written for it; check the folder out again: {reason}"
    )]
    SampleBytes {
        /// The file.
        file: String,
        /// The sample, counted from 1.
        number: usize,
        /// Why.
        reason: String,
    },
    /// The readable form of a sample is not what its bytes say.
    #[error("{file}: the `value` of sample {number} is not what its bytes say, so it was edited and the manifest written for it; check the folder out again; the bytes say {}", display(.decoded))]
    SampleValue {
        /// The file.
        file: String,
        /// The sample, counted from 1.
        number: usize,
        /// What the bytes say; `None` if they cannot be read without the type.
        decoded: Option<String>,
    },
}

crate::text::debug_as_display!(FileError);

fn endings(converted: bool) -> &'static str {
    match converted {
        true => {
            " (only its line breaks were converted: put `* -text` into a `.gitattributes` beside the manifest first)"
        }
        false => "",
    }
}

fn display(decoded: &Option<String>) -> String {
    decoded.as_ref().map_or_else(|| "`null`: only their type can read them".to_owned(), |value| format!("`{value}`"))
}

/// Why a folder of snapshots of today's types cannot be read.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadTodayError {
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {reason}")]
    Io {
        /// Which.
        path: String,
        /// Why, in the words of the system.
        reason: String,
    },
    /// A name is not that of a state.
    #[error(
        "{file} has the name of no state: files of snapshots are called STATE.ROLE.json, such as orders.value.json"
    )]
    Name {
        /// The file.
        file: String,
    },
    /// It is not a snapshot.
    #[error("{file}: {error}")]
    Snapshot {
        /// The file.
        file: String,
        /// Why.
        error: ParseSnapshotError,
    },
}

crate::text::debug_as_display!(ReadTodayError);
