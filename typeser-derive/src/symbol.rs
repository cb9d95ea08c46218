//! The words of `#[state(...)]`, and the places where each is allowed.

use std::fmt;

/// The attribute itself.
pub(crate) const STATE: &str = "state";

/// A word of `#[state(...)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    Name,
    Version,
    Alias,
    Removed,
    Transparent,
    Key,
    Ordered,
    Crate,
    Bound,
    Default,
    Skip,
    Tag,
    Convert,
    None,
    Other,
    Migrate,
    Was,
    With,
    Serde,
    Text,
    As,
    Remote,
}

/// Where an attribute is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Struct,
    Enum,
    Variant,
    Field,
}

/// The argument inside `removed`.
pub(crate) const BECOMES: &str = "becomes";

/// The arguments inside `convert`.
pub(crate) const WITH: &str = "with";
pub(crate) const INJECTIVE: &str = "injective";

/// The arguments inside `as`.
pub(crate) const INTO: &str = "into";
pub(crate) const FROM: &str = "from";

/// The argument inside `serde`, `text` and `as`.
pub(crate) const CANONICAL: &str = "canonical";

impl Symbol {
    pub(crate) const ALL: [Self; 22] = [
        Self::Name,
        Self::Version,
        Self::Alias,
        Self::Removed,
        Self::Transparent,
        Self::Key,
        Self::Ordered,
        Self::Crate,
        Self::Bound,
        Self::Default,
        Self::Skip,
        Self::Tag,
        Self::Convert,
        Self::None,
        Self::Other,
        Self::Migrate,
        Self::Was,
        Self::With,
        Self::Serde,
        Self::Text,
        Self::As,
        Self::Remote,
    ];

    /// The word in the source.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Version => "version",
            Self::Alias => "alias",
            Self::Removed => "removed",
            Self::Transparent => "transparent",
            Self::Key => "key",
            Self::Ordered => "ordered",
            Self::Crate => "crate",
            Self::Bound => "bound",
            Self::Default => "default",
            Self::Skip => "skip",
            Self::Tag => "tag",
            Self::Convert => "convert",
            Self::None => "none",
            Self::Other => "other",
            Self::Migrate => "migrate",
            Self::Was => "was",
            Self::With => "with",
            Self::Serde => "serde",
            Self::Text => "text",
            Self::As => "as",
            Self::Remote => "remote",
        }
    }

    /// An example of its use.
    pub(crate) const fn usage(self) -> &'static str {
        match self {
            Self::Name => "name = \"...\"",
            Self::Version => "version = 2",
            Self::Alias => "alias = \"...\"",
            Self::Removed => "removed(\"...\")",
            Self::Transparent => "transparent",
            Self::Key => "key",
            Self::Ordered => "ordered",
            Self::Crate => "crate = path",
            Self::Bound => "bound = \"T: ...\"",
            Self::Default => "default` or `default = value",
            Self::Skip => "skip",
            Self::Tag => "tag = 3",
            Self::Convert => "convert(u32, with = path)",
            Self::None => "none = value",
            Self::Other => "other",
            Self::Migrate => "migrate(1 => path)",
            Self::Was => "was = (i64, u32)",
            Self::With => "with = path",
            Self::Serde => "serde(name = \"...\", version = 1)",
            Self::Text => "text` or `text(Name)",
            Self::As => "as = u64",
            Self::Remote => "remote = \"other::Name\"",
        }
    }

    /// The places where it is allowed.
    pub(crate) const fn places(self) -> &'static [Place] {
        match self {
            Self::Name | Self::Alias => &[Place::Struct, Place::Enum, Place::Variant, Place::Field],
            Self::Removed => &[Place::Struct, Place::Enum, Place::Variant],
            Self::Version
            | Self::Key
            | Self::Ordered
            | Self::Crate
            | Self::Bound
            | Self::Migrate
            | Self::Was
            | Self::Remote => &[Place::Struct, Place::Enum],
            Self::Transparent => &[Place::Struct],
            Self::Default | Self::Skip | Self::Convert | Self::None => &[Place::Field],
            Self::Tag | Self::Other => &[Place::Variant],
            Self::With | Self::Serde | Self::Text | Self::As => &[Place::Struct, Place::Enum, Place::Field],
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|symbol| symbol.word() == word)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Struct => "a struct",
            Self::Enum => "an enum",
            Self::Variant => "a variant",
            Self::Field => "a field",
        })
    }
}
