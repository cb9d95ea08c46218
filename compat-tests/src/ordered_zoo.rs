//! A key in ordered form whose bytes are recorded in `golden/ordered/`, and drawn in `docs/format.md`.

use typeser::ordered::OrderedForm;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

/// A key with one part of every kind that is not as in the fixed encoding.
#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
pub struct Key {
    /// One byte.
    pub priority: u8,
    /// A signed integer.
    pub at: i64,
    /// A string.
    pub name: String,
    /// A list that is not one of bytes.
    pub tags: Vec<u16>,
    /// An enum whose tags are not its positions.
    pub level: Option<Level>,
}

/// An enum whose tags are not the positions of its variants.
#[derive(Debug, Clone, StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[state(ordered)]
pub enum Level {
    /// First.
    #[state(tag = 9)]
    Low,
    /// Last.
    #[state(tag = 7)]
    High,
}

/// The recorded key.
#[must_use]
pub fn key() -> Key {
    Key { priority: 2, at: -20, name: "a\0".to_owned(), tags: vec![3, 256], level: Some(Level::High) }
}

/// The serializer inside, and the snapshot that is stored beside the keys.
#[must_use]
pub fn serializer() -> (Serializer<Key>, SerializerSnapshot) {
    let serializer = Serializer::new().unwrap();
    let snapshot = serializer.snapshot().in_order().unwrap();
    (serializer, snapshot)
}

/// The ordered bytes of the recorded key.
#[must_use]
pub fn ordered() -> Vec<u8> {
    let (serializer, snapshot) = serializer();
    let (mut fixed, mut ordered) = (Vec::new(), Vec::new());
    serializer.serialize(&key(), &mut fixed).unwrap();
    OrderedForm::new(snapshot.schema()).unwrap().encode(&fixed, &mut ordered).unwrap();
    ordered
}
