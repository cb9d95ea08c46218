//! The errors of writing and reading a savepoint. Each names the file, and the offset where there is one.

use std::io;
use std::path::PathBuf;

use typeser::snapshot::WriteSnapshotError;

use super::format::{CURRENT_VERSION, MANIFEST_NAME, READ_VERSIONS};
use crate::backend::BackendError;
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::row::{RowKeyError, RowTooLarge};

/// Why a savepoint was not written. No part of it is left, except with [`WriteSavepointError::NotSynced`].
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum WriteSavepointError {
    /// A file or directory of this name exists.
    #[error("{} exists already: a savepoint never replaces anything; choose another name", path.display())]
    Exists {
        /// The directory of the savepoint.
        path: PathBuf,
    },
    /// A path that names no directory, such as `/` or `..`.
    #[error("{} cannot be the name of a savepoint: name a directory that does not exist yet", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The file system fails.
    #[error("cannot {action} {}: {source}; no savepoint was written, fix the cause and try again", path.display())]
    Io {
        /// The operation that failed.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A row with a malformed key.
    #[error(
        "operator `{operator}` has a damaged row in its backend: {source}; restore the last savepoint into an empty \
         backend"
    )]
    Row {
        /// The operator's uid.
        operator: String,
        /// What is malformed.
        source: RowKeyError,
    },
    /// A row in the wrong place of the backend: no reader would accept the savepoint.
    #[error(
        "operator `{operator}`: its backend has {reason}: it violates the laws of `Backend`, or another program has \
         written to it; restore the last savepoint into a correct backend"
    )]
    Misplaced {
        /// The operator's uid.
        operator: String,
        /// What is wrong with the row.
        reason: String,
    },
    /// A row that is too large.
    #[error("a row of operator `{operator}`: {source}; store such a value in several rows, as a list or a map state")]
    RowTooLarge {
        /// The operator's uid.
        operator: String,
        /// Its size.
        source: RowTooLarge,
    },
    /// A snapshot that cannot be stored.
    #[error("the serializers of operator `{operator}` cannot be stored: {source}; no savepoint was written")]
    Snapshot {
        /// The operator's uid.
        operator: String,
        /// Why.
        source: WriteSnapshotError,
    },
    /// Two instances of one operator hold the same key groups.
    #[error(
        "operator `{operator}` is in the savepoint already, with key groups {present}; {new} overlaps them: add each \
         instance once, and assign key groups with `KeyGroupRange::of_instance`"
    )]
    Overlap {
        /// The operator's uid.
        operator: String,
        /// The key groups in the savepoint.
        present: KeyGroupRange,
        /// The added key groups.
        new: KeyGroupRange,
    },
    /// Two instances of one operator have different metadata.
    #[error(
        "two instances of operator `{operator}` differ in their max parallelism, states or serializers: \
         they do not run the same release, or do not come from the same savepoint; let all instances restore one \
         savepoint \
         under one release, and take it again"
    )]
    InstancesDiffer {
        /// The operator's uid.
        operator: String,
    },
    /// Key groups are missing, and that was not allowed.
    #[error(
        "key groups are missing: {}; add every instance of each operator before `finish`, or, if a part is \
         enough, call `allow_missing_key_groups`; no savepoint was written",
        missing(operators)
    )]
    KeyGroupsMissing {
        /// The uids of the incomplete operators, and the key groups that they lack.
        operators: Vec<(String, Vec<KeyGroupRange>)>,
    },
    /// Instances of operator state are missing, and that was not allowed.
    #[error(
        "instances are missing: {}; add the operator state of every instance before `finish`, or, if a part is \
         enough, call `allow_missing_key_groups`; no savepoint was written",
        missing(operators)
    )]
    InstancesMissing {
        /// The uids of the incomplete operators, and the numbers of the instances that they lack.
        operators: Vec<(String, Vec<KeyGroupRange>)>,
    },
    /// The operator state of an instance was added twice.
    #[error(
        "the operator state of instance {instance} of operator `{operator}` is in the savepoint already: add each \
         instance \
         once, and give each a different number with `OperatorStates::with_instance`"
    )]
    InstanceTwice {
        /// The operator's uid.
        operator: String,
        /// The number.
        instance: KeyGroup,
    },
    /// A retained operator was not copied into the savepoint.
    #[error(
        "operator `{operator}` of savepoint {savepoint} is missing: the restore from that savepoint retained it, so \
         this \
         one must hold it too; copy it with `SavepointWriter::retain_operator(&Savepoint::open(..)?, {operator:?})`; \
         no \
         savepoint was written"
    )]
    NotRetained {
        /// The uid of the missing operator.
        operator: String,
        /// The savepoint that holds it.
        savepoint: String,
    },
    /// A retained operator cannot be read.
    #[error("the operator to retain cannot be read: {0}; no savepoint was written")]
    ReadRetained(#[source] ReadSavepointError),
    /// The other savepoint has no such operator to retain.
    #[error(
        "savepoint {} has no operator `{operator}` to retain: uids are compared exactly; no savepoint was written",
        savepoint.display()
    )]
    NotThere {
        /// The uid.
        operator: String,
        /// The other savepoint.
        savepoint: PathBuf,
    },
    /// A retained operator is in the savepoint already.
    #[error("operator `{operator}` is in the savepoint already: a program either declares an operator or retains it")]
    OperatorTwice {
        /// The uid.
        operator: String,
    },
    /// Two instances of an operator have different copies of a broadcast state.
    #[error("{0}; no savepoint was written")]
    BroadcastDiffers(Box<BroadcastDifference>),
    /// What was written of the broadcast state of several instances differs and cannot be read again.
    #[error("the copies of broadcast state cannot be compared: {0}; no savepoint was written")]
    Compare(#[source] Box<ReadSavepointError>),
    /// The savepoint is complete, but its name may not be on the disk yet.
    #[error(
        "the savepoint {} is complete, but {} cannot be synced: {source}; until the system has written it, a power \
         failure can lose the savepoint: sync the file system before you rely on it",
        path.display(), directory.display()
    )]
    NotSynced {
        /// The savepoint.
        path: PathBuf,
        /// The directory that contains it.
        directory: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The manifest would be too large for its length field.
    #[error(
        "the manifest would have {length} bytes; the limit is {}: write the operators to several savepoints",
        u32::MAX
    )]
    ManifestTooLarge {
        /// How many bytes.
        length: usize,
    },
}

typeser::text::debug_as_display!(WriteSavepointError);

/// Why a savepoint cannot be read.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ReadSavepointError {
    /// There is no manifest.
    #[error(
        "{} is not a savepoint: it has no file {MANIFEST_NAME}; give the directory that has it, or copy the whole \
         savepoint again",
        path.display()
    )]
    NoManifest {
        /// The directory.
        path: PathBuf,
    },
    /// The file system fails, or a file is missing.
    #[error("cannot read {}: {source}{}", file.display(), missing_file(source))]
    Io {
        /// The file.
        file: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file does not begin as a file of its kind does.
    #[error(
        "{}: at offset 0: not a file of a savepoint: it begins with \"{}\", such files begin with \"{}\"; take another \
         copy of it, in which nothing has converted line breaks or text",
        file.display(), found.escape_ascii(), expected.escape_ascii()
    )]
    WrongMagic {
        /// The file.
        file: PathBuf,
        /// The first bytes.
        found: Vec<u8>,
        /// What they should be.
        expected: [u8; 8],
    },
    /// A version of the format that this release does not know.
    #[error(
        "{}: at offset {offset}: format version {found}; this release of typeser reads {}; {}",
        file.display(), known(), whose_move(*found)
    )]
    UnknownVersion {
        /// The file.
        file: PathBuf,
        /// The offset of the version.
        offset: u64,
        /// The version.
        found: u16,
    },
    /// The file is truncated.
    #[error(
        "{}: at offset {offset}: the file is cut off: it has {found} bytes of {expected}; take another copy of it",
        file.display()
    )]
    Cut {
        /// The file.
        file: PathBuf,
        /// Where the incomplete part begins.
        offset: u64,
        /// The size that the file should have, as far as it is known.
        expected: u64,
        /// The size that it has.
        found: u64,
    },
    /// The file has bytes after its end.
    #[error(
        "{}: at offset {expected}: the file should end here, but has {found} bytes; take another copy of it",
        file.display()
    )]
    TooLong {
        /// The file.
        file: PathBuf,
        /// The size that the file should have.
        expected: u64,
        /// The size that it has.
        found: u64,
    },
    /// Bytes were changed after they were written.
    #[error(
        "{}: at offset {offset}: the {length} bytes from here on were damaged: their checksum is {stored:08x}, \
         they give {computed:08x}; take another copy of the file",
        file.display()
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The offset of the bytes that the checksum covers.
        offset: u64,
        /// The number of these bytes.
        length: u64,
        /// The stored checksum.
        stored: u32,
        /// The computed checksum.
        computed: u32,
    },
    /// The file is intact, but it is not the one in the manifest.
    #[error(
        "{}: at offset 0: the file is intact, but it is not the one that the manifest lists: its hash is \
         {computed:016x}, \
         the listed one is {stored:016x}; take the file from the same savepoint as the manifest",
        file.display()
    )]
    OtherFile {
        /// The file.
        file: PathBuf,
        /// The hash in the manifest.
        stored: u64,
        /// The computed checksum.
        computed: u64,
    },
    /// The bytes are malformed although their checksum is correct: they belong to another savepoint, or typeser did not
    /// write them.
    #[error(
        "{}: at offset {offset}: malformed: {reason}; the checksum is correct, so the file is not damaged: it is from \
         another savepoint, or typeser did not write it; replace it with the right one, or restore another savepoint",
        file.display()
    )]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Where.
        offset: u64,
        /// What is malformed.
        reason: String,
    },
    /// There is no operator of this uid.
    #[error(
        "the savepoint {} holds no operator `{uid}`; it holds {}: uids are compared exactly",
        path.display(), list(known)
    )]
    NoSuchOperator {
        /// The directory.
        path: PathBuf,
        /// The requested uid.
        uid: String,
        /// The operators in the savepoint.
        known: Vec<String>,
    },
}

typeser::text::debug_as_display!(ReadSavepointError);

fn missing(operators: &[(String, Vec<KeyGroupRange>)]) -> String {
    let one = |(uid, missing): &(String, Vec<_>)| format!("operator `{uid}` lacks {}", KeyGroupRange::list(missing));
    operators.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn missing_file(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => "; the manifest names it: copy the savepoint again, with all of its files",
        _ => "",
    }
}

fn known() -> String {
    READ_VERSIONS.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

fn whose_move(found: u16) -> &'static str {
    if found > CURRENT_VERSION {
        "a newer release wrote it: upgrade this program"
    } else {
        "no release ever wrote that version: take another copy of the file"
    }
}

/// The first difference between the copies of a broadcast state in two instances.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "instances {} and {} of operator `{operator}` have different copies of broadcast state `{state}`: key {key} {} in \
     instance {} and {} in instance {}; a restore gives each instance one of the copies, so broadcast state must be the \
     same in all instances: apply every change to every instance, then take the savepoint again",
    instances[0], instances[1],
    presence(values[0].as_ref()), instances[0], presence(values[1].as_ref()), instances[1]
)]
pub struct BroadcastDifference {
    /// The operator's uid.
    pub operator: String,
    /// The state.
    pub state: String,
    /// The instances.
    pub instances: [u32; 2],
    /// The first key for which they differ, as text; shortened.
    pub key: String,
    /// The value that each of them has for it, as text; shortened. `None` if it has no such key.
    pub values: [Option<String>; 2],
}

typeser::text::debug_as_display!(BroadcastDifference);

/// What an instance has for a key of broadcast state.
fn presence(value: Option<&String>) -> String {
    value.map_or_else(|| "is missing".to_owned(), |value| format!("is {value}"))
}
