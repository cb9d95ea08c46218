//! Errors of encoding and decoding, with their offset.

use crate::schema::Limits;

/// Why a value cannot be written. It is never written in part: the output is cut back to where it was.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot encode: {0}")]
pub struct EncodeError(Box<EncodeErrorKind>);

crate::text::debug_as_display!(EncodeError);

/// The reasons of an [`EncodeError`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// An IPv6 socket address has parts that the layout has no room for.
    #[error(
        "the socket address {address} has flow information {flow_information} and scope {scope}, which the layout does not hold; clear both first"
    )]
    SocketAddressParts {
        /// The address as text.
        address: String,
        /// Its flow information.
        flow_information: u32,
        /// Its scope.
        scope: u32,
    },
    /// An inclusive range was iterated to its end, which its bounds do not show.
    #[error("an inclusive range was iterated to its end, which its bounds do not show; store it before iterating")]
    ExhaustedRange,
    /// A time before 1970.
    #[error("the time lies {before_epoch:?} before 1970-01-01T00:00:00Z; the layout holds times from then on")]
    TimeBeforeEpoch {
        /// How long before.
        before_epoch: std::time::Duration,
    },
    /// A path that is not UTF-8.
    #[error("the path {lossy:?} is not UTF-8")]
    PathNotUtf8 {
        /// The path with replacement characters.
        lossy: String,
    },
    /// A value of another crate's type that the layout has no room for.
    #[error("{what} has no stored form as a `{type_name}`: {why}")]
    NoForm {
        /// The value as text.
        what: String,
        /// The Rust type.
        type_name: &'static str,
        /// What the layout holds.
        why: &'static str,
    },
    /// A foreign value whose text its type could not read back.
    #[error("the text {text:?} of `{part}` could not be read back as `{type_name}`, so it was not written: {reason}")]
    UnreadableText {
        /// The field, as in `Order.email`.
        part: &'static str,
        /// The text; shortened if it is long.
        text: String,
        /// The declared name of its type.
        type_name: &'static str,
        /// Why, in the words of the type.
        reason: String,
    },
    /// A foreign value that a conversion or function of the program refused.
    #[error("the `{type_name}` in `{part}` cannot be stored: {reason}")]
    Refused {
        /// The field, as in `Order.price`.
        part: &'static str,
        /// The foreign type.
        type_name: &'static str,
        /// Why, in the words of the conversion.
        reason: String,
    },
    /// Two keys of a map, or two elements of a set, have the same text or stand-in, so the value could not be read back.
    #[error(
        "two {what} are stored alike{}, so the value could not be read back and was not written; different {what} need different texts or stand-ins",
        alike(.shown.as_deref())
    )]
    StoredAlike {
        /// What they are.
        what: &'static str,
        /// Their text and the field, if they are stored as text.
        shown: Option<String>,
    },
    /// Deeper than a value may be.
    #[error("the value is more than {} levels deep", Limits::DEPTH)]
    TooDeep,
    /// More elements without bytes than the collections of a value may have.
    #[error("the collections of a value hold more than {} elements that take no bytes", Limits::EMPTY_ELEMENTS)]
    TooManyEmptyElements,
    /// A `StateType` implementation wrote another number of bytes than its `SIZES` promise.
    #[error(
        "`{type_name}` promises {promised} bytes in `SIZES` but wrote {written}; correct its implementation of `StateType`"
    )]
    WrongSize {
        /// The Rust type.
        type_name: &'static str,
        /// What `SIZES` says.
        promised: usize,
        /// What was written.
        written: usize,
    },
    /// The value is written in the layout of an older release, which cannot hold it.
    #[error("release `{release}`, in whose layout values are written, cannot hold the value: {reason}")]
    NotInRelease {
        /// The older release.
        release: String,
        /// Why.
        reason: String,
    },
    /// A reason that a hand-written `StateType` gives.
    #[error("{0}")]
    Custom(String),
}

crate::text::debug_as_display!(EncodeErrorKind);

impl EncodeError {
    /// The error of a hand-written `StateType`, in its own words.
    #[must_use]
    pub fn custom(reason: impl Into<String>) -> Self {
        EncodeErrorKind::Custom(reason.into()).into()
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &EncodeErrorKind {
        &self.0
    }
}

impl From<EncodeErrorKind> for EncodeError {
    #[cold]
    fn from(kind: EncodeErrorKind) -> Self {
        Self(Box::new(kind))
    }
}

/// Why bytes cannot be read, and where.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot decode at offset {}: {}", .0.0, .0.1)]
pub struct DecodeError(Box<(usize, DecodeErrorKind)>);

crate::text::debug_as_display!(DecodeError);

/// The reasons of a [`DecodeError`].
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The bytes end too early.
    #[error("{needed} bytes are needed, {remaining} remain")]
    UnexpectedEnd {
        /// How many were needed.
        needed: usize,
        /// How many there are.
        remaining: usize,
    },
    /// Bytes are left over after the value.
    #[error("the value ends here, {count} bytes are left over")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// A bool that is neither 0 nor 1.
    #[error("a bool is 0 or 1, found {found}")]
    InvalidBool {
        /// The byte.
        found: u8,
    },
    /// An option whose first byte is neither 0 nor 1.
    #[error("an option begins with 0 or 1, found {found}")]
    InvalidOption {
        /// The byte.
        found: u8,
    },
    /// Bytes that are no character.
    #[error("not a character in UTF-8")]
    InvalidChar,
    /// A string that is not UTF-8.
    #[error("a string of {length} bytes is not UTF-8")]
    InvalidUtf8 {
        /// Its length.
        length: usize,
    },
    /// A tag that no variant has.
    #[error("`{type_name}` has no variant of tag {tag}")]
    UnknownTag {
        /// The enum.
        type_name: &'static str,
        /// The tag.
        tag: u32,
    },
    /// A tag that no variant of the stored enum has.
    #[error("the stored enum has no variant of tag {tag}")]
    UnknownStoredTag {
        /// The tag.
        tag: u32,
    },
    /// A value of a variant that the reader does not have: it was read downwards, and a newer release wrote it.
    #[error(
        "the value is of a variant (tag {tag}) that a newer release added and this release does not have; start the newer release to read it"
    )]
    VariantOfNewerRelease {
        /// The stored tag.
        tag: u32,
    },
    /// A zero where the type excludes it.
    #[error("zero where a non-zero integer is stored")]
    Zero,
    /// An integer that takes more bytes than it needs.
    #[error("an integer takes more bytes than it needs; typeser reads only the shortest form")]
    OverlongInteger,
    /// An integer too large for its type.
    #[error("an integer is too large for its type of {bits} bits")]
    IntegerTooLarge {
        /// The width of the type.
        bits: u32,
    },
    /// A length that the remaining bytes cannot back.
    #[error("a length of {length} elements of at least {element} bytes each cannot be, {remaining} bytes remain")]
    LengthTooLarge {
        /// The length.
        length: u64,
        /// The least size of an element.
        element: usize,
        /// What is left.
        remaining: usize,
    },
    /// Deeper than a value may be.
    #[error("the value is more than {} levels deep", Limits::READ_DEPTH)]
    TooDeep,
    /// More elements without bytes than the collections of a value may have.
    #[error("the collections of a value hold more than {} elements that take no bytes", Limits::EMPTY_ELEMENTS)]
    TooManyEmptyElements,
    /// Nanoseconds of a second or more.
    #[error("{found} nanoseconds are a second or more")]
    InvalidNanoseconds {
        /// What was found.
        found: u32,
    },
    /// The same key or element twice.
    #[error("a {collection} holds the same {part} twice")]
    Duplicate {
        /// `map` or `set`.
        collection: &'static str,
        /// `key` or `element`.
        part: &'static str,
    },
    /// A value that the Rust type on this machine cannot hold.
    #[error("{what} does not fit into `{type_name}` on this machine")]
    OutOfRange {
        /// What was found.
        what: String,
        /// The Rust type.
        type_name: &'static str,
    },
    /// Parts that together are no value of a type.
    #[error("{what} is no `{type_name}`")]
    NoValue {
        /// What was found.
        what: String,
        /// The Rust type.
        type_name: &'static str,
    },
    /// A text that is not the text of a value of its type.
    #[error("the text {text:?} in `{part}` is not a valid `{type_name}`: {reason}")]
    InvalidText {
        /// The field, as in `Order.email`.
        part: &'static str,
        /// The text; shortened if it is long.
        text: String,
        /// The declared name of its type.
        type_name: &'static str,
        /// Why, in the words of the type.
        reason: String,
    },
    /// A stored value that a conversion or function of the program refused.
    #[error("the value stored in `{part}` is not a valid `{type_name}`: {reason}")]
    Refused {
        /// The field, as in `Order.price`.
        part: &'static str,
        /// The foreign type.
        type_name: &'static str,
        /// Why, in the words of the conversion.
        reason: String,
    },
    /// A `StateType` implementation read another number of bytes than its `SIZES` promise.
    #[error(
        "`{type_name}` promises {promised} bytes in `SIZES` but left {left} of them; correct its implementation of `StateType`"
    )]
    WrongSize {
        /// The Rust type.
        type_name: &'static str,
        /// What `SIZES` says.
        promised: usize,
        /// What was left over.
        left: usize,
    },
    /// A reason that a hand-written `StateType` gives.
    #[error("{0}")]
    Custom(String),
}

crate::text::debug_as_display!(DecodeErrorKind);

impl DecodeError {
    /// An error at this offset.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn new(offset: usize, kind: DecodeErrorKind) -> Self {
        Self(Box::new((offset, kind)))
    }

    /// Where in the bytes, counted from their beginning.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.0
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.1
    }
}

fn alike(shown: Option<&str>) -> String {
    shown.map_or_else(String::new, |shown| format!(", as {shown}"))
}
