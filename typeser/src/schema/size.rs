//! Bounds on the number of bytes that values of a type take.

use super::node::IntegerEncoding;

/// How many bytes a value takes: never fewer than `min`, and always `min` if `exact`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The fewest bytes that a value takes.
    pub min: usize,
    /// Whether every value takes exactly `min` bytes.
    pub exact: bool,
}

/// The sizes under both integer encodings; `StateType::SIZES` states them for a type at compile time.
///
/// Indirections (`Box`, `Rc`, `Arc`, collections) have unknown sizes, so recursive types need no special case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Under [`IntegerEncoding::Fixed`].
    pub fixed: Size,
    /// Under [`IntegerEncoding::Variable`].
    pub variable: Size,
}

impl Size {
    /// Exactly this many bytes.
    #[must_use]
    pub const fn exactly(bytes: usize) -> Self {
        Self { min: bytes, exact: true }
    }

    /// This many bytes or more.
    #[must_use]
    pub const fn at_least(bytes: usize) -> Self {
        Self { min: bytes, exact: false }
    }

    /// One part followed by another.
    #[must_use]
    pub const fn then(self, next: Self) -> Self {
        let min = self.min.saturating_add(next.min);
        Self { min, exact: self.exact && next.exact && min < usize::MAX }
    }

    /// One or the other.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            min: if self.min < other.min { self.min } else { other.min },
            exact: self.exact && other.exact && self.min == other.min,
        }
    }

    /// `count` parts in a row.
    #[must_use]
    pub const fn times(self, count: usize) -> Self {
        let min = self.min.saturating_mul(count);
        Self { min, exact: (self.exact || count == 0) && min < usize::MAX }
    }
}

impl Sizes {
    /// No bytes at all.
    pub const NOTHING: Self = Self::exactly(0);
    /// Nothing is known: a part behind an indirection.
    pub const UNKNOWN: Self = Self::same(Size::at_least(0));
    /// A length of a list, string, map or set.
    pub const LENGTH: Self = Self { fixed: Size::exactly(8), variable: Size::at_least(1) };

    /// The same under both encodings.
    #[must_use]
    pub const fn same(size: Size) -> Self {
        Self { fixed: size, variable: size }
    }

    /// Always this many bytes, under both encodings.
    #[must_use]
    pub const fn exactly(bytes: usize) -> Self {
        Self::same(Size::exactly(bytes))
    }

    /// An integer of this width in bytes; one byte is the same under both encodings.
    #[must_use]
    pub const fn integer(width: usize) -> Self {
        let variable = if width == 1 { Size::exactly(1) } else { Size::at_least(1) };
        Self { fixed: Size::exactly(width), variable }
    }

    /// The tag of an enum's variant.
    #[must_use]
    pub const fn tag(tag: u32) -> Self {
        let variable = if tag <= 250 {
            1
        } else if tag <= u16::MAX as u32 {
            3
        } else {
            5
        };
        Self { fixed: Size::exactly(4), variable: Size::exactly(variable) }
    }

    /// A length and whatever follows it.
    #[must_use]
    pub const fn collection() -> Self {
        Self { fixed: Size::at_least(8), variable: Size::at_least(1) }
    }

    /// One part followed by another.
    #[must_use]
    pub const fn then(self, next: Self) -> Self {
        Self { fixed: self.fixed.then(next.fixed), variable: self.variable.then(next.variable) }
    }

    /// One or the other.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { fixed: self.fixed.or(other.fixed), variable: self.variable.or(other.variable) }
    }

    /// `count` parts in a row.
    #[must_use]
    pub const fn times(self, count: usize) -> Self {
        Self { fixed: self.fixed.times(count), variable: self.variable.times(count) }
    }

    /// One byte, 0 or 1, then the value if it was 1.
    #[must_use]
    pub const fn option(self) -> Self {
        Self::exactly(1).or(Self::exactly(1).then(self))
    }

    /// The size under one encoding.
    #[must_use]
    pub const fn under(self, integers: IntegerEncoding) -> Size {
        match integers {
            IntegerEncoding::Fixed => self.fixed,
            IntegerEncoding::Variable => self.variable,
        }
    }
}
