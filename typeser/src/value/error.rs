//! Errors of decoding, encoding and accessing values, each with its path.

use super::limits::{MOST_FRAMES, MOST_FREE_PARTS, PARTS_A_BYTE};
use crate::schema::{Limits, Path};
use crate::snapshot::ParseSnapshotError;
use crate::wire::DecodeErrorKind;

/// Why stored bytes are not a value that can be handed out, and where.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read a value of `{}` at offset {}{}: {}", .0.serializer, .0.offset, at(&.0.path), .0.kind)]
pub struct DecodeValueError(pub(super) Box<DecodeFailure>);

crate::text::debug_as_display!(DecodeValueError);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DecodeFailure {
    pub(super) serializer: String,
    pub(super) offset: usize,
    pub(super) path: Path,
    pub(super) kind: DecodeValueErrorKind,
}

/// Why a text in JSON is not a value of a serializer.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseValueError {
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
    /// The text is larger than any that is read.
    #[error("the text has {size} bytes; a value in JSON may have {}", Limits::SNAPSHOT_TEXT_BYTES)]
    TooLarge {
        /// How many there are.
        size: usize,
    },
    /// Each part has the form of its type, but the serializer writes no such value: a set with an element twice, for
    /// example.
    #[error(transparent)]
    Value(#[from] DecodeValueError),
}

crate::text::debug_as_display!(ParseValueError);

impl From<ParseSnapshotError> for ParseValueError {
    fn from(error: ParseSnapshotError) -> Self {
        match error {
            ParseSnapshotError::Syntax { line, column, what } => Self::Syntax { line, column, what },
            other => Self::Syntax { line: 1, column: 1, what: other.to_string() },
        }
    }
}

/// The reasons of a [`DecodeValueError`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeValueErrorKind {
    /// The bytes are not those that the serializer writes.
    #[error("{0}")]
    Bytes(DecodeErrorKind),
    /// A tag that no variant has.
    #[error("`{type_name}` has no variant of tag {tag}; it has {}", list(.known))]
    UnknownTag {
        /// The enum.
        type_name: String,
        /// The tag.
        tag: u32,
        /// The variants with their tags, the first of them.
        known: Vec<String>,
    },
    /// An opaque leaf without a length.
    #[error(
        "the opaque leaf `{name}` (version {version}) has no length before its bytes, so nothing says where it ends; only the Rust type that wrote it can read on"
    )]
    OpaqueUnframed {
        /// The leaf.
        name: String,
        /// Its version.
        version: u32,
    },
    /// Nested deeper than any value that can be written.
    #[error("the value is nested more than {} collections or {MOST_FRAMES} containers deep", Limits::DEPTH)]
    TooDeep,
    /// More parts than its bytes account for.
    #[error("the value has more than {PARTS_A_BYTE} parts for each of its bytes and {MOST_FREE_PARTS} beyond")]
    TooManyParts,
}

crate::text::debug_as_display!(DecodeValueErrorKind);

impl DecodeValueError {
    /// Where in the bytes.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// Where in the value, by names.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &DecodeValueErrorKind {
        &self.0.kind
    }
}

/// Why a value is not one of a serializer's type, and where.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a value of `{}`{}: {}", .0.serializer, at(&.0.path), .0.kind)]
pub struct EncodeValueError(pub(super) Box<EncodeFailure>);

crate::text::debug_as_display!(EncodeValueError);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EncodeFailure {
    pub(super) serializer: String,
    pub(super) path: Path,
    pub(super) kind: EncodeValueErrorKind,
}

/// The reasons of an [`EncodeValueError`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeValueErrorKind {
    /// A value of another type. Numbers are never widened by themselves.
    #[error("expected {expected}, found {found}")]
    Mismatch {
        /// What the type has there.
        expected: String,
        /// What the value has there.
        found: String,
    },
    /// A field is not there.
    #[error("{type_name} needs the field `{field}`, and the value has {}", list(.found))]
    MissingField {
        /// The struct or variant.
        type_name: String,
        /// The field.
        field: String,
        /// The fields of the value.
        found: Vec<String>,
    },
    /// A field too many.
    #[error("{type_name} has no field `{field}`; it has {}", list(.known))]
    UnknownField {
        /// The struct or variant.
        type_name: String,
        /// The field.
        field: String,
        /// The fields that the type has.
        known: Vec<String>,
    },
    /// No variant of this name.
    #[error("enum `{type_name}` has no variant `{variant}`; it has {}", list(.known))]
    UnknownVariant {
        /// The enum.
        type_name: String,
        /// The variant.
        variant: String,
        /// The variants that the type has, the first of them.
        known: Vec<String>,
    },
    /// A zero where the type excludes it.
    #[error("expected a {expected} that is not zero, found zero")]
    Zero {
        /// The integer.
        expected: &'static str,
    },
    /// Nanoseconds of a second or more.
    #[error("expected nanoseconds below 1000000000, found {found}")]
    InvalidNanoseconds {
        /// What was found.
        found: u32,
    },
    /// The same key or element twice.
    #[error("a {collection} holds the same {part} twice: {found}")]
    Duplicate {
        /// `map` or `set`.
        collection: &'static str,
        /// `key` or `element`.
        part: &'static str,
        /// The key or element.
        found: String,
    },
    /// An opaque leaf without a length.
    #[error(
        "the opaque leaf `{name}` (version {version}) has no length before its bytes; what is written could not be read again"
    )]
    OpaqueUnframed {
        /// The leaf.
        name: String,
        /// Its version.
        version: u32,
    },
    /// More elements without bytes than a collection may have.
    #[error(
        "{count} elements that take {bytes} bytes in all: a collection may have {} more than its elements take bytes",
        Limits::EMPTY_ELEMENTS
    )]
    TooManyEmptyElements {
        /// How many elements.
        count: u64,
        /// How many bytes they take.
        bytes: u64,
    },
    /// Nested deeper than can be read again.
    #[error("the value is nested more than {} collections or {MOST_FRAMES} containers deep", Limits::DEPTH)]
    TooDeep,
    /// More parts than its bytes account for.
    #[error("the value has more than {PARTS_A_BYTE} parts for each of its bytes and {MOST_FREE_PARTS} beyond")]
    TooManyParts,
}

crate::text::debug_as_display!(EncodeValueErrorKind);

impl EncodeValueError {
    /// Where in the value, by names.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &EncodeValueErrorKind {
        &self.0.kind
    }
}

/// Why a value does not answer what it is asked.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueError {
    /// Another kind of value.
    #[error("expected {expected}, found {found}")]
    Kind {
        /// What was asked for.
        expected: &'static str,
        /// What there is.
        found: String,
    },
    /// No field of this name.
    #[error("{found} has no field `{field}`; it has {}", list(.known))]
    NoField {
        /// What was asked.
        found: String,
        /// The field.
        field: String,
        /// The fields that there are.
        known: Vec<String>,
    },
    /// An integer that does not fit.
    #[error("{found} does not fit into {expected}")]
    OutOfRange {
        /// The integer.
        found: String,
        /// The type that was asked for.
        expected: &'static str,
    },
    /// What [`Value::read`](super::Value::read) was asked of a field.
    #[error("field `{field}`: {source}")]
    Field {
        /// The field.
        field: String,
        /// What is wrong with it.
        source: Box<Self>,
    },
    /// Not a value of the Rust type's layout.
    #[error(transparent)]
    Encode(#[from] EncodeValueError),
    /// What the Rust type writes has no dynamic form.
    #[error(transparent)]
    Decode(#[from] DecodeValueError),
    /// What the Rust type itself says.
    #[error("{0}")]
    Rust(String),
}

crate::text::debug_as_display!(ValueError);

/// How many steps a message shows at either end of a long path.
const MOST_STEPS: usize = 12;

fn at(path: &Path) -> String {
    let segments = path.segments();
    if segments.is_empty() {
        return String::new();
    }
    let hidden = segments.len().saturating_sub(2 * MOST_STEPS);
    if hidden == 0 {
        return format!(", in `{path}`");
    }
    let begin = Path::from(segments[..MOST_STEPS].to_vec());
    let end = Path::from(segments[segments.len() - MOST_STEPS..].to_vec());
    format!(", in `{begin}` and after {hidden} more steps `{end}`")
}

/// How many names a message lists.
const MOST_NAMES: usize = 12;

/// Names in a sentence.
fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST_NAMES);
    if more == 0 { shown.join(", ") } else { format!("{}, and {more} more", shown.join(", ")) }
}
