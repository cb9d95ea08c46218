//! Paths of parts in a value, by names: `value.shipments{}.Some.status::Shipped.carrier`.

use std::fmt;
use std::sync::Arc;

/// The way from the top of a value to one of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Path {
    segments: Vec<PathSegment>,
}

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathSegment {
    /// Into the field of a struct or payload: `.name`.
    Field(Arc<str>),
    /// Into the payload of a variant: `::Name`.
    Variant(Arc<str>),
    /// Into the value of an option: `.Some`.
    Some,
    /// Into an element of a list or array: `[]`.
    Element,
    /// Into an element of a set: `{element}`.
    SetElement,
    /// Into a key of a map: `{key}`.
    MapKey,
    /// Into a value of a map: `{}`.
    MapValue,
    /// Into an element of a tuple: `.0`.
    Index(usize),
    /// Over steps that a long path leaves out: `...`.
    Elided,
}

impl PathSegment {
    /// Into the field of this name.
    #[must_use]
    pub fn field(name: &str) -> Self {
        Self::Field(name.into())
    }

    /// Into the payload of the variant of this name.
    #[must_use]
    pub fn variant(name: &str) -> Self {
        Self::Variant(name.into())
    }
}

impl Path {
    /// The top itself.
    #[must_use]
    pub const fn top() -> Self {
        Self { segments: Vec::new() }
    }

    /// One step further.
    #[must_use]
    pub fn join(&self, segment: PathSegment) -> Self {
        let mut segments = Vec::with_capacity(self.segments.len() + 1);
        segments.extend_from_slice(&self.segments);
        segments.push(segment);
        Self { segments }
    }

    /// The steps from the top down.
    #[must_use]
    pub fn segments(&self) -> &[PathSegment] {
        &self.segments
    }
}

impl From<Vec<PathSegment>> for Path {
    fn from(segments: Vec<PathSegment>) -> Self {
        Self { segments }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|segment| segment.fmt(f))
    }
}

impl fmt::Display for PathSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Variant(name) => write!(f, "::{name}"),
            Self::Some => f.write_str(".Some"),
            Self::Element => f.write_str("[]"),
            Self::SetElement => f.write_str("{element}"),
            Self::MapKey => f.write_str("{key}"),
            Self::MapValue => f.write_str("{}"),
            Self::Index(index) => write!(f, ".{index}"),
            Self::Elided => f.write_str("..."),
        }
    }
}
