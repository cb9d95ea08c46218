//! Errors of building a set of versions, and of reading stored values with it.

use super::reader::{NotReadable, ReadError};
use super::tag::Tag;
use crate::report::Reports;
use crate::schema::Fingerprint;
use crate::snapshot::{ReadSnapshotError, WriteSnapshotError};
use crate::value::DecodeValueError;
use crate::wire::DecodeError;

/// Why a [`Versions`](super::Versions) cannot be built.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildVersionsError {
    /// Values of some releases cannot be read. It displays the whole report on each.
    #[error("{0}")]
    Incompatible(Box<Reports>),
    /// There is no way from the bytes of a release to today's.
    #[error("release `{release}`: {error}")]
    Release {
        /// The release.
        release: String,
        /// Why.
        error: Box<NotReadable>,
    },
    /// No release recorded the state.
    #[error(
        "no release recorded values of the state `{state}`; these states are recorded: {}",
        list(.recorded)
    )]
    NotRecorded {
        /// The name of the state.
        state: String,
        /// The states whose values releases recorded.
        recorded: Vec<String>,
    },
    /// Two layouts have the same tag, so that their values cannot be distinguished.
    #[error(
        "the layouts of `{one}` ({}) and `{two}` ({}) have the same tag; store their values apart, or change the name of a type",
        .fingerprints[0],
        .fingerprints[1]
    )]
    SameTag {
        /// The release that wrote one of the layouts.
        one: String,
        /// The release that wrote the other.
        two: String,
        /// Their fingerprints.
        fingerprints: [Fingerprint; 2],
    },
    /// A number was given to two layouts.
    #[error("the number {id} was given to two layouts: each layout needs a number that no other layout has")]
    SameId {
        /// The number.
        id: u32,
    },
    /// Today's layout has no number, or the one in which values are written.
    #[error("the layout {fingerprint} has no number: add it to the table before values are written")]
    NoId {
        /// The fingerprint of the layout.
        fingerprint: Fingerprint,
    },
    /// Values are to be written in the layout of a release that was not added.
    #[error("values cannot be written as release `{release}`: it was not added; these were: {}", list(.known))]
    NotAdded {
        /// The release.
        release: String,
        /// The releases that were added.
        known: Vec<String>,
    },
    /// Values are to be written in the layout of an older release, which needs what nobody declared.
    #[error(
        "values cannot be written as release `{release}` (\"stored\" is today's type, \"new\" is that of the release):{}\n\
         keep these parts until no binary of the release runs, or add new parts beside them",
        .findings.concat()
    )]
    NoOlderForm {
        /// The release.
        release: String,
        /// Each reason, after a line break.
        findings: Vec<String>,
    },
    /// Values that are written in the layout of an older release would lack fields, and no loss was allowed.
    #[error(
        "values that are written as release `{release}` would lack {}; to give them up until all binaries are new: \
         `encode_as(\"{release}\", Losses::Any)`",
        list(.fields)
    )]
    LeavesOut {
        /// The release.
        release: String,
        /// The fields.
        fields: Vec<String>,
    },
    /// Today's snapshot cannot be stored in front of values.
    #[error(transparent)]
    Snapshot(#[from] WriteSnapshotError),
}

crate::text::debug_as_display!(BuildVersionsError);

/// Why a stored value cannot be read.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoredValueError {
    /// The bytes have no frame of the declared form.
    #[error("not a framed value: {0}")]
    NotFramed(#[from] NotFramed),
    /// The frame is whole, but no known release wrote the layout that it names.
    #[error(
        "no release that this program knows wrote this value ({layout}): a newer release wrote it, or one that was not added, or it is damaged"
    )]
    UnknownRelease {
        /// What the frame says: a tag or a number.
        layout: UnknownLayout,
    },
    /// The value describes itself, and today's type cannot read it.
    #[error("{0}")]
    NotReadable(Box<NotReadable>),
    /// No layout was declared for bytes without a tag.
    #[error("no layout is declared for values without a frame: declare it with `VersionsBuilder::legacy`")]
    NoLegacy,
    /// The layout is known, but the bytes are not those of a value of it, or a function of the program refused them.
    #[error("a value of {}: {error}", list(.releases))]
    Value {
        /// The releases that wrote the layout.
        releases: Vec<String>,
        /// Why. Offsets count from the end of the frame.
        error: Box<ReadError>,
    },
    /// The layout is known, but there is no dynamic value for the bytes.
    #[error("a value of {}: {error}", list(.releases))]
    Dynamic {
        /// The releases that wrote the layout.
        releases: Vec<String>,
        /// Why. Offsets count from the end of the frame.
        error: Box<DecodeValueError>,
    },
}

crate::text::debug_as_display!(StoredValueError);

/// The layout that a frame names, where no known release wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnknownLayout {
    /// By its tag.
    Tag(Tag),
    /// By its number.
    Id(u32),
}

/// Why bytes are not a framed value.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotFramed {
    /// They begin with other bytes.
    #[error("it begins with {found:02x?}, its frame begins with {expected:02x?}")]
    Magic {
        /// The first bytes.
        found: Vec<u8>,
        /// The expected ones.
        expected: &'static [u8],
    },
    /// They end within the frame.
    #[error("it has {length} bytes, the frame alone has {expected}")]
    Short {
        /// How many there are.
        length: usize,
        /// How many the frame has.
        expected: usize,
    },
    /// They do not begin with a number.
    #[error("its frame is a number: {0}")]
    Number(DecodeError),
    /// The tag beside them has another length.
    #[error("the tag beside it has {length} bytes, a tag has {}", Tag::BYTES)]
    Tag {
        /// How many bytes the tag has.
        length: usize,
    },
    /// The tag of such values lies beside them.
    #[error("its tag lies beside it (`Frame::OutOfBand`): pass both, as `Stored::Tagged`")]
    OutOfBand,
    /// They do not begin with a snapshot.
    #[error("its frame is a snapshot: {0}")]
    Snapshot(ReadSnapshotError),
}

crate::text::debug_as_display!(NotFramed);

impl std::fmt::Display for UnknownLayout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, "tag {tag}"),
            Self::Id(id) => write!(f, "number {id}"),
        }
    }
}

fn list(names: &[String]) -> String {
    match names {
        [] => String::from("none"),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}
