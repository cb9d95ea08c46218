//! What the values of a serializer are used for: the same change may pass for a value and not for a key.

use std::fmt;

/// What the values of a serializer are used for.
///
/// The same change can pass for a value and fail for a key, whose bytes decide where an entry is stored:
///
/// ```
/// use typeser::resolve::{Compatibility, Policy, Role};
/// use typeser::{Serializer, TypeSerializer, resolve};
///
/// let (stored, new) = (Serializer::<u32>::new()?, Serializer::<u64>::new()?);
/// let verdict = |role| resolve(stored.snapshot(), new.snapshot(), role, &Policy::default()).compatibility();
/// assert_eq!(verdict(Role::Value), Compatibility::RequiresMigration);
/// assert_eq!(verdict(Role::Key), Compatibility::Incompatible);
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The value of a value state, or of an entry of a map state.
    Value,
    /// An element of a list state.
    ListElement,
    /// The accumulator of an aggregating, reducing or folding state.
    Aggregate,
    /// The key of keyed state. Its bytes decide where an entry lives.
    Key,
    /// The namespace of keyed state, such as a window.
    Namespace,
    /// What a timer is registered for.
    Timer,
    /// The user key of a map state.
    MapKey,
    /// An element of a set.
    SetElement,
}

/// What a role asks of the parts of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Zone {
    /// Any change that keeps the data.
    Free,
    /// Different values must stay different.
    Distinct,
    /// The bytes must not change.
    Fixed,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Value,
        Self::ListElement,
        Self::Aggregate,
        Self::Key,
        Self::Namespace,
        Self::Timer,
        Self::MapKey,
        Self::SetElement,
    ];

    pub(crate) fn zone(self) -> Zone {
        match self {
            Self::Value | Self::ListElement | Self::Aggregate => Zone::Free,
            Self::Key | Self::Namespace | Self::Timer => Zone::Fixed,
            Self::MapKey | Self::SetElement => Zone::Distinct,
        }
    }

    /// The word with which paths begin.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::ListElement => "element",
            Self::Aggregate => "aggregate",
            Self::Key => "key",
            Self::Namespace => "namespace",
            Self::Timer => "timer",
            Self::MapKey => "map key",
            Self::SetElement => "set element",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Zone {
    /// The zone of the keys of a map, or the elements of a set, that lie in this zone.
    pub(crate) fn distinct(self) -> Self {
        match self {
            Self::Fixed => Self::Fixed,
            Self::Free | Self::Distinct => Self::Distinct,
        }
    }
}
