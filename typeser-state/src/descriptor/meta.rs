//! What is stored of operators and states beside their rows: names, kinds and snapshots, as plain data.

use std::fmt;

use typeser::SerializerSnapshot;
use typeser::resolve::Role;

use crate::key_group::MaxParallelism;

/// The kinds of keyed state. Their numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum StateKind {
    /// One value a key.
    Value = 1,
    /// A list of elements a key.
    List = 2,
    /// A map of entries a key.
    Map = 3,
}

/// What a serializer of a state writes. The numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SerializerPart {
    /// The values of rows: a value, an element of a list, the value of a map's entry.
    Value = 1,
    /// The user keys of a map.
    UserKey = 2,
}

/// What is stored of a state: enough to say, without the program that wrote it, what its rows hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMeta {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) kind: StateKind,
    pub(crate) serializers: Vec<(SerializerPart, SerializerSnapshot)>,
}

/// What is stored of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorMeta {
    pub(crate) uid: String,
    pub(crate) max_parallelism: MaxParallelism,
    pub(crate) key: SerializerSnapshot,
    pub(crate) states: Vec<StateMeta>,
}

impl StateKind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Value, Self::List, Self::Map];

    /// The number that is stored.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The kind of this number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The serializers that a state of this kind has, in order.
    #[must_use]
    pub const fn parts(self) -> &'static [SerializerPart] {
        match self {
            Self::Value | Self::List => &[SerializerPart::Value],
            Self::Map => &[SerializerPart::UserKey, SerializerPart::Value],
        }
    }

    /// For what a state of this kind uses the serializer of this part.
    #[must_use]
    pub const fn role(self, part: SerializerPart) -> Role {
        match (self, part) {
            (_, SerializerPart::UserKey) => Role::MapKey,
            (Self::List, SerializerPart::Value) => Role::ListElement,
            (Self::Value | Self::Map, SerializerPart::Value) => Role::Value,
        }
    }
}

impl SerializerPart {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::Value, Self::UserKey];

    /// The number that is stored.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The part of this number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.number() == number)
    }
}

impl StateMeta {
    /// The number by which rows name the state.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.id
    }

    /// The name, by which releases find the state.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        self.kind
    }

    /// The snapshot of the serializer that wrote this part.
    #[must_use]
    pub fn serializer(&self, part: SerializerPart) -> Option<&SerializerSnapshot> {
        self.serializers.iter().find(|(present, _)| *present == part).map(|(_, snapshot)| snapshot)
    }
}

impl OperatorMeta {
    /// The uid, by which releases find the operator.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// Into how many key groups its state is divided.
    #[must_use]
    pub fn max_parallelism(&self) -> MaxParallelism {
        self.max_parallelism
    }

    /// The snapshot of the serializer of its keys.
    #[must_use]
    pub fn key(&self) -> &SerializerSnapshot {
        &self.key
    }

    /// Its states.
    #[must_use]
    pub fn states(&self) -> &[StateMeta] {
        &self.states
    }

    /// The state of this name.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<&StateMeta> {
        self.states.iter().find(|state| state.name == name)
    }
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Value => "value state",
            Self::List => "list state",
            Self::Map => "map state",
        })
    }
}

/// In the words of a sentence: "the serializer of its ...".
impl fmt::Display for SerializerPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Value => "value",
            Self::UserKey => "map key",
        })
    }
}
