//! What can go wrong when a savepoint is written or read; always with the file, and the offset where there is one.

use std::io;
use std::path::PathBuf;

use typeser::snapshot::WriteSnapshotError;

use super::format::{CURRENT_VERSION, MANIFEST_NAME, READ_VERSIONS};
use crate::backend::BackendError;
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::row::{RowKeyError, RowTooLarge};

/// Why a savepoint was not written. Then there is none, not even in part; but for
/// [`WriteSavepointError::NotSynced`], which says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteSavepointError {
    /// Something is in the way.
    #[error("{} exists already: a savepoint never replaces anything; choose another name", path.display())]
    Exists {
        /// The directory that was to be written.
        path: PathBuf,
    },
    /// A path that names no directory, such as `/` or `..`.
    #[error("{} cannot be the name of a savepoint: name a directory that does not exist yet", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The file system fails.
    #[error("cannot {action} {}: {source}; no savepoint was written, try again when that is mended", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The backend fails.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A row that no release could read.
    #[error(
        "operator `{operator}` has a damaged row in its backend: {source}; restore the last savepoint into an empty backend"
    )]
    Row {
        /// The operator's uid.
        operator: String,
        /// What is wrong with it.
        source: RowKeyError,
    },
    /// A row that does not belong where the backend has it: no reader would accept the savepoint.
    #[error(
        "operator `{operator}`: its backend has {reason}: it does not keep the laws of `Backend`, or something else has \
         written to it; restore the last savepoint into a good one"
    )]
    Misplaced {
        /// The operator's uid.
        operator: String,
        /// What is wrong with the row.
        reason: String,
    },
    /// A row that is too large.
    #[error("a row of operator `{operator}`: {source}; keep such a value in parts, as a list or a map state")]
    RowTooLarge {
        /// The operator's uid.
        operator: String,
        /// How large.
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
         instance once, and give out key groups with `KeyGroupRange::of_instance`"
    )]
    Overlap {
        /// The operator's uid.
        operator: String,
        /// What is in the savepoint.
        present: KeyGroupRange,
        /// What was to be added.
        new: KeyGroupRange,
    },
    /// Two instances of one operator do not agree on what is stored.
    #[error(
        "two instances of operator `{operator}` differ in their max parallelism, states or serializers: \
         they do not run the same release, or do not come from the same savepoint; let all instances restore one savepoint \
         under one release, and take it again"
    )]
    InstancesDiffer {
        /// The operator's uid.
        operator: String,
    },
    /// Instances are missing, and nobody said that they may.
    #[error(
        "key groups are missing: {}; add every instance of each operator before `finish`, or, if a part is all that \
         is wanted, call `allow_missing_key_groups`; no savepoint was written",
        missing(operators)
    )]
    KeyGroupsMissing {
        /// The uids of the operators that are not whole, and what they lack.
        operators: Vec<(String, Vec<KeyGroupRange>)>,
    },
    /// Instances of an operator with state of its own are missing, and nobody said that they may.
    #[error(
        "instances are missing: {}; add the state of every instance of each operator before `finish`, or, if a part is \
         all that is wanted, call `allow_missing_key_groups`; no savepoint was written",
        missing(operators)
    )]
    InstancesMissing {
        /// The uids of the operators that are not whole, and the numbers of the instances that they lack.
        operators: Vec<(String, Vec<KeyGroupRange>)>,
    },
    /// The state of an instance was added twice.
    #[error(
        "the state of instance {instance} of operator `{operator}` itself is in the savepoint already: add each instance \
         once, and give each its own number with `OperatorStates::with_instance`"
    )]
    InstanceTwice {
        /// The operator's uid.
        operator: String,
        /// The number.
        instance: KeyGroup,
    },
    /// An operator was restored with the promise that another one is carried, and that one was not taken over.
    #[error(
        "operator `{operator}` of savepoint {savepoint} is to be carried, as whoever restored from that has said, and is \
         not in this one: take it over with `SavepointWriter::carry_operator(&Savepoint::open(..)?, {operator:?})`; no \
         savepoint was written"
    )]
    NotCarried {
        /// The uid of the operator that is missing.
        operator: String,
        /// Where it is.
        savepoint: String,
    },
    /// An operator that is to be carried cannot be read.
    #[error("what is to be carried cannot be read: {0}; no savepoint was written")]
    Carried(#[source] ReadSavepointError),
    /// An operator that is to be carried is not where it should be.
    #[error(
        "savepoint {} has no operator `{operator}` that could be carried: uids are compared exactly; no savepoint was \
         written",
        savepoint.display()
    )]
    NotThere {
        /// The uid.
        operator: String,
        /// Where it was looked for.
        savepoint: PathBuf,
    },
    /// An operator that is to be carried is in the savepoint already.
    #[error("operator `{operator}` is in the savepoint already: a program either has an operator or carries it")]
    OperatorTwice {
        /// The uid.
        operator: String,
    },
    /// The savepoint stands under its name and is whole, but the disk may not know its name yet.
    #[error(
        "the savepoint {} is written and whole, but {} cannot be synced: {source}; until the system has written it, a \
         power failure can take the savepoint away: sync the file system before you rely on it",
        path.display(), directory.display()
    )]
    NotSynced {
        /// The savepoint.
        path: PathBuf,
        /// The directory around it.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The manifest would be larger than its length can say.
    #[error(
        "the manifest would take {length} bytes; it may have {}: write the operators to several savepoints",
        u32::MAX
    )]
    ManifestTooLarge {
        /// How many bytes.
        length: usize,
    },
}

/// Why a savepoint cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadSavepointError {
    /// There is no manifest.
    #[error(
        "{} is no savepoint: it holds no file {MANIFEST_NAME}; name the directory that holds it, or copy the savepoint \
         again, whole",
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
        /// What the system says.
        source: io::Error,
    },
    /// The file begins in another way than every file of its kind.
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
        /// Where the version stands.
        offset: u64,
        /// The version.
        found: u16,
    },
    /// The file ends too early.
    #[error(
        "{}: at offset {offset}: the file is cut off: it has {found} bytes of {expected}; take another copy of it",
        file.display()
    )]
    Cut {
        /// The file.
        file: PathBuf,
        /// What could not be read whole begins here.
        offset: u64,
        /// How many bytes the file should have, as far as can be known.
        expected: u64,
        /// How many it has.
        found: u64,
    },
    /// The file goes on behind its end.
    #[error("{}: at offset {expected}: the file should end here, but has {found} bytes; take another copy of it", file.display())]
    TooLong {
        /// The file.
        file: PathBuf,
        /// How many bytes the file should have.
        expected: u64,
        /// How many it has.
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
        /// Where the bytes that belong to the checksum begin.
        offset: u64,
        /// How many there are.
        length: u64,
        /// What is stored.
        stored: u32,
        /// What the bytes give.
        computed: u32,
    },
    /// The file is whole, but it is another one.
    #[error(
        "{}: at offset 0: the file is whole, but not the one that the manifest tells of: its hash is {computed:016x}, \
         that of the right one is {stored:016x}; take the file from the same savepoint as the manifest",
        file.display()
    )]
    OtherFile {
        /// The file.
        file: PathBuf,
        /// What the manifest says.
        stored: u64,
        /// What the bytes give.
        computed: u64,
    },
    /// The bytes are not what they should be, although their checksum holds: they belong to another savepoint, or no
    /// release of typeser wrote them.
    #[error(
        "{}: at offset {offset}: malformed: {reason}; the checksum holds, so this is no damage: the file is from another \
         savepoint, or typeser did not write it; put the right one in its place, or restore another savepoint",
        file.display()
    )]
    Malformed {
        /// The file.
        file: PathBuf,
        /// Where.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// No operator of this uid.
    #[error("the savepoint {} holds no operator `{uid}`; it holds {}: uids are compared exactly", path.display(), list(known))]
    NoSuchOperator {
        /// The directory.
        path: PathBuf,
        /// The uid that was asked for.
        uid: String,
        /// Those that there are.
        known: Vec<String>,
    },
}

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
