//! Errors of saving, loading and locking files.

use super::format::{CURRENT_VERSION, MAGIC};
use crate::golden::ReleaseNameError;
use crate::migrate::{MigrateError, NoMigration};
use crate::report::Report;
use crate::serializer::DescribeError;
use crate::snapshot::{ReadSnapshotError, WriteSnapshotError};
use crate::text::debug_as_display;
use crate::versions::{NotReadable, ReadError};
use crate::wire::{DecodeError, EncodeError};

/// Why a value was not saved. The file is as it was before.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The type cannot be stored.
    #[error(transparent)]
    Type(#[from] DescribeError),
    /// The release or the snapshot cannot be written.
    #[error(transparent)]
    Contents(#[from] WriteContentsError),
    /// The layout cannot hold the value.
    #[error("{path}: the value cannot be saved: {error}")]
    Encode {
        /// The file.
        path: String,
        /// Why.
        error: EncodeError,
    },
    /// The file would have more bytes than it may have.
    #[error(
        "{path}: the file would have {size} bytes, more than the limit of {limit}; raise the limit with `FileOptions::max_bytes`"
    )]
    TooLarge {
        /// The file.
        path: String,
        /// How many bytes it would have.
        size: u64,
        /// How many it may have.
        limit: u64,
    },
    /// The path names something else than a file.
    #[error("{path}: this is {found}, not a file; name a file")]
    NotAFile {
        /// The path.
        path: String,
        /// What it names.
        found: &'static str,
    },
    /// The old file cannot be kept under its other name.
    #[error(
        "{path}: the old file cannot be kept as {kept}: {reason}; make the folder writable, or call `FileOptions::keep_old(false)`"
    )]
    Keep {
        /// The file.
        path: String,
        /// The other name.
        kept: String,
        /// Why, in the words of the system.
        reason: String,
    },
    /// The file cannot be written.
    #[error("{path}: the file cannot be written: {reason}")]
    Write {
        /// The file.
        path: String,
        /// Why, in the words of the system.
        reason: String,
    },
}

/// Why the contents of a file have no bytes.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteContentsError {
    /// The name of the release is not one.
    #[error(transparent)]
    Release(#[from] ReleaseNameError),
    /// The snapshot cannot be stored.
    #[error(transparent)]
    Snapshot(#[from] WriteSnapshotError),
}

/// Why a file was not loaded. It is unchanged.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The type cannot be stored.
    #[error(transparent)]
    Type(#[from] DescribeError),
    /// The file cannot be read, or is not whole.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Today's type cannot read the layout of the file. It displays the whole report.
    #[error("{error}")]
    NotReadable {
        /// The file.
        path: String,
        /// Why.
        error: Box<NotReadable>,
    },
    /// The layout is known, but the bytes are not those of a value of it, or a function of the program refused them.
    #[error("{path}: the value in the file cannot be read: {error}")]
    Value {
        /// The file.
        path: String,
        /// Why. Offsets count from the first byte of the value.
        error: Box<ReadError>,
    },
}

/// Why the bytes of a file cannot be read.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no such file.
    #[error("{path}: there is no such file")]
    Missing {
        /// The path.
        path: String,
    },
    /// The path names something else than a file.
    #[error("{path}: this is {found}, not a file; name a file")]
    NotAFile {
        /// The path.
        path: String,
        /// What it names.
        found: &'static str,
    },
    /// The file has more bytes than it may have.
    #[error(
        "{path}: the file has {size} bytes, more than the limit of {limit}; raise the limit with `FileOptions::max_bytes`, or check the path"
    )]
    TooLarge {
        /// The path.
        path: String,
        /// How many bytes it has.
        size: u64,
        /// How many it may have.
        limit: u64,
    },
    /// The file is damaged, or `typeser::file` did not write it.
    #[error("{path}: {error}")]
    Contents {
        /// The path.
        path: String,
        /// Why.
        error: ReadContentsError,
    },
    /// The system refuses it.
    #[error("{path}: the file cannot be read: {reason}")]
    Read {
        /// The path.
        path: String,
        /// Why, in the words of the system.
        reason: String,
    },
}

/// Why bytes are not those of a file.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadContentsError {
    /// They begin in another way.
    #[error(
        "this is not a typeser file: it begins with `{}`, and a typeser file with `{}`; check the path",
        .found.escape_ascii(), MAGIC.escape_ascii()
    )]
    NotAFile {
        /// The first bytes, as many as the magic has.
        found: Vec<u8>,
    },
    /// A version of the format that this release does not know.
    #[error("the file has format version {found}, this release of typeser reads {CURRENT_VERSION}; {}", advice(*.found))]
    UnknownVersion {
        /// The version of the file.
        found: u16,
    },
    /// They end too early.
    #[error("the file is cut off: it has {found} bytes of {expected}; restore another copy of it")]
    Cut {
        /// How many bytes were expected, as far as can be known.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// Bytes follow the end of the file.
    #[error("{count} bytes follow the end of the file's contents; restore another copy of it")]
    TrailingBytes {
        /// How many bytes follow.
        count: u64,
    },
    /// A byte was changed after the file was written.
    #[error(
        "the file was damaged: its checksum is {stored:08x}, its bytes give {computed:08x}; restore another copy of it"
    )]
    Checksum {
        /// What the file says.
        stored: u32,
        /// What its bytes give.
        computed: u32,
    },
    /// There is no name of a release where it should be, although the checksum holds: no release of typeser wrote it.
    #[error("the file has no valid name of a release in its header; typeser did not write it")]
    Release,
    /// There is no snapshot where it should be.
    #[error(transparent)]
    Snapshot(#[from] ReadSnapshotError),
}

/// Why the value of a file has no bytes in another layout.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateContentsError {
    /// The verdict is incompatible. It displays the whole report.
    #[error("{0}")]
    Incompatible(Box<Report>),
    /// There is no way from the stored bytes to the new ones without the program.
    #[error(transparent)]
    NoMigration(#[from] NoMigration),
    /// A newer release saved the file, and the policy reads it downwards without allowing any loss.
    #[error(
        "a newer release saved the file, and the value would lack what it added; to give them up, pass \
         `Policy {{ losses: Losses::Any, downwards: true }}`"
    )]
    ReadOnly,
    /// The bytes are not those of a value of the snapshot.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The bytes, which need no migration, are not those of a value of the snapshot.
    #[error("the value in the file cannot be read: {0}")]
    Decode(#[from] DecodeError),
}

/// Why a file was not locked.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another process, or another place of this one, has it.
    #[error(
        "{path}: the file is locked: another process, or another `LockedFile` of this one, holds {lock}; close it, or use another file"
    )]
    Locked {
        /// The file.
        path: String,
        /// The file that is locked.
        lock: String,
    },
    /// The lock file cannot be created or locked.
    #[error("{path}: the file {lock} cannot be locked: {reason}")]
    Lock {
        /// The file.
        path: String,
        /// The file that should be locked.
        lock: String,
        /// Why, in the words of the system.
        reason: String,
    },
}

debug_as_display!(
    LoadError,
    LockError,
    MigrateContentsError,
    OpenError,
    ReadContentsError,
    SaveError,
    WriteContentsError
);

fn advice(found: u16) -> &'static str {
    if found > CURRENT_VERSION {
        "a newer release wrote it: upgrade this program"
    } else {
        "no release ever wrote that version: restore another copy of it"
    }
}
