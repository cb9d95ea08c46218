//! Whether a table keeps its keys in order: a part of the type of its handles.

use typeser::{OrderedKey, StateKey};

/// How a table keeps keys `K`: [`Ordered`] or [`Unordered`]. Not for other types.
pub trait KeyOrder<K>: sealed::Sealed + 'static {
    /// Whether the stored bytes compare as the keys do.
    #[doc(hidden)]
    const ORDERED: bool;
}

/// Rows lie where the [bytes](super#keys) of their keys sort, which says nothing of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unordered {}

/// Rows lie where their keys sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ordered {}

impl<K: StateKey> KeyOrder<K> for Unordered {
    const ORDERED: bool = false;
}

impl<K: OrderedKey> KeyOrder<K> for Ordered {
    const ORDERED: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Unordered {}
    impl Sealed for super::Ordered {}
}
