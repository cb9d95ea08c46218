//! Errors of reading, parsing and writing snapshots.

use super::conflict::Conflict;
use super::format::{CURRENT_VERSION, MAGIC, READ_VERSIONS};
use super::serializer_snapshot::SnapshotError;
use crate::schema::{Limits, SchemaError};

/// Why bytes cannot be read as a snapshot.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadSnapshotError {
    /// The bytes begin in another way than every snapshot.
    #[error(
        "not a snapshot: it begins with the bytes {}, a snapshot begins with {}",
        .found.escape_ascii(), MAGIC.escape_ascii()
    )]
    NotASnapshot {
        /// The first bytes, as many as the magic has.
        found: Vec<u8>,
    },
    /// A version of the format that this release does not know.
    #[error("the snapshot has format version {found}, this release of typeser reads {}; {}", known(), whose_move(*.found))]
    UnknownVersion {
        /// The version in the envelope.
        found: u16,
    },
    /// The bytes end too early.
    #[error("the snapshot is cut off: {expected} bytes were expected, {found} are there; take another copy of it")]
    Cut {
        /// How many bytes were expected, as far as can be known.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Bytes follow the snapshot.
    #[error(
        "the snapshot ends at offset {offset}, but {count} bytes follow; if it is part of something larger, read it by its front"
    )]
    TrailingBytes {
        /// Where the snapshot ends.
        offset: usize,
        /// How many bytes follow.
        count: usize,
    },
    /// More bytes than a snapshot may have.
    #[error("the snapshot takes {size} bytes; a snapshot may have {}", Limits::SNAPSHOT_BYTES)]
    TooLarge {
        /// How many there are, or would be by the length in the envelope.
        size: usize,
    },
    /// A byte was changed after the snapshot was written.
    #[error(
        "the snapshot was damaged: its checksum is {stored:08x}, its bytes give {computed:08x}; take another copy of it"
    )]
    Checksum {
        /// What the envelope says.
        stored: u32,
        /// What the bytes give.
        computed: u32,
    },
    /// The body is not that of its version, although its checksum holds: no release of typeser wrote it.
    #[error("the snapshot's body is malformed at offset {offset}: {reason}")]
    Body {
        /// Where, counted from the beginning of the snapshot.
        offset: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The layout breaks a promise of schemas.
    #[error("the snapshot holds no valid layout: {0}")]
    Schema(#[from] SchemaError),
    /// The layout that a conversion or type migration reads breaks a promise of schemas.
    #[error("node {node}: the layout that `{id}` reads is not valid: {reason}")]
    Source {
        /// The node whose hints hold it.
        node: u32,
        /// The id of the conversion or type migration.
        id: String,
        /// Why.
        reason: SchemaError,
    },
    /// The hints do not fit the layout, or the two contradict each other.
    #[error("the snapshot is not valid: {0}")]
    Hints(#[from] SnapshotError),
    /// The hints of nodes, variants or fields are out of order, do not fit or say nothing.
    #[error(
        "the snapshot's hints name {part} {number}, which is out of order, of another kind, without hints, or not there"
    )]
    HintsOrder {
        /// `node`, `variant` or `field`.
        part: &'static str,
        /// Its number.
        number: u32,
    },
}

crate::text::debug_as_display!(ReadSnapshotError);

/// Why a snapshot cannot be stored.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteSnapshotError {
    /// It would be larger than any release of typeser reads.
    #[error("the snapshot of `{name}` would take {size} bytes; a snapshot may have {}", Limits::SNAPSHOT_BYTES)]
    TooLarge {
        /// The serializer's name.
        name: String,
        /// How many bytes it would take.
        size: usize,
    },
    /// What it declares is in conflict; no release would read it.
    #[error("the snapshot of `{name}` cannot be stored: {conflict}")]
    Conflict {
        /// The serializer's name.
        name: String,
        /// What is in conflict, and what to do.
        conflict: Conflict,
    },
}

crate::text::debug_as_display!(WriteSnapshotError);

fn known() -> String {
    let known: Vec<String> = READ_VERSIONS.iter().map(u16::to_string).collect();
    known.join(", ")
}

fn whose_move(found: u16) -> &'static str {
    if found > CURRENT_VERSION {
        "a newer release wrote it: upgrade this program, or write it again with the older release"
    } else {
        "no release ever wrote that version: take another copy of it"
    }
}

/// Why a text or JSON is not a snapshot.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseSnapshotError {
    /// Something else was expected at this place.
    #[error("line {line}, column {column}: {what}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What was expected, what was found, and what to do.
        what: String,
    },
    /// A version of the format that this release does not know.
    #[error(
        "line {line}, column {column}: the snapshot has format version {found}, this release of typeser reads {}; {}",
        known(), whose_move(*.found)
    )]
    UnknownVersion {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// The version that was found.
        found: u16,
    },
    /// More bytes than a snapshot may have in text.
    #[error("the text has {size} bytes; a snapshot may have {} in text or JSON", Limits::SNAPSHOT_TEXT_BYTES)]
    TooLarge {
        /// How many there are.
        size: usize,
    },
    /// The layout breaks a promise of schemas.
    #[error("the snapshot holds no valid layout: {0}")]
    Schema(#[from] SchemaError),
    /// The parts do not make a snapshot.
    #[error("the snapshot is not valid: {0}")]
    Snapshot(#[from] SnapshotError),
}

crate::text::debug_as_display!(ParseSnapshotError);

impl ParseSnapshotError {
    /// The line and the column in characters, both from 1, if the mistake is at one place.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Syntax { line, column, .. } | Self::UnknownVersion { line, column, .. } => Some((*line, *column)),
            _ => None,
        }
    }
}
