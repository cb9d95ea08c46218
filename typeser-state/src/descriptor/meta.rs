//! The metadata that is stored about operators and states: names, kinds and snapshots, as plain data.

use std::fmt;

use typeser::SerializerSnapshot;
use typeser::resolve::Role;

use super::ttl::{TimeToLive, split_stamp};
use crate::key_group::MaxParallelism;

/// The kinds of keyed state and operator state. Their numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum StateKind {
    /// One value per key.
    Value = 1,
    /// A list of elements per key.
    List = 2,
    /// A map of entries per key.
    Map = 3,
    /// One value per key, into which each new one is reduced.
    Reducing = 4,
    /// One accumulator per key. Folding state is stored as this kind too.
    Aggregating = 5,
    /// Timers per key and namespace, in event time and in processing time.
    Timers = 6,
    /// Raw keyed state: uninterpreted bytes per key group.
    RawKeyed = 7,
    /// Operator state: a list that is split evenly among the instances.
    SplitList = 8,
    /// Operator state: a list that every instance receives in full.
    UnionList = 9,
    /// Operator state: a map that is the same in all instances.
    Broadcast = 10,
    /// Raw operator state: pieces of uninterpreted bytes that are split evenly among the instances.
    RawSplit = 11,
}

/// The part of a state that a serializer writes. The numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SerializerPart {
    /// The values of rows: a value, an element of a list, the value of a map's entry.
    Value = 1,
    /// The map keys of a map.
    UserKey = 2,
    /// The namespaces of a state.
    Namespace = 3,
}

/// The stored metadata of a state. It describes the rows completely, without the program that wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMeta {
    pub(crate) id: u16,
    pub(crate) name: String,
    pub(crate) kind: StateKind,
    pub(crate) serializers: Vec<(SerializerPart, SerializerSnapshot)>,
    /// The snapshot of its namespaces; `None` if it has none.
    pub(crate) namespace: Option<SerializerSnapshot>,
    pub(crate) time_to_live: Option<TimeToLive>,
}

/// The stored metadata of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorMeta {
    /// Whether this is keyed state; otherwise it is operator state.
    pub(crate) keyed: bool,
    pub(crate) uid: String,
    pub(crate) max_parallelism: MaxParallelism,
    pub(crate) key: SerializerSnapshot,
    pub(crate) states: Vec<StateMeta>,
}

impl StateKind {
    /// All of them, in numeric order.
    pub const ALL: [Self; 11] = [
        Self::Value,
        Self::List,
        Self::Map,
        Self::Reducing,
        Self::Aggregating,
        Self::Timers,
        Self::RawKeyed,
        Self::SplitList,
        Self::UnionList,
        Self::Broadcast,
        Self::RawSplit,
    ];

    /// Whether this is keyed state, of keys or of key groups; otherwise it is operator state.
    #[must_use]
    pub const fn is_keyed(self) -> bool {
        match self {
            Self::Value
            | Self::List
            | Self::Map
            | Self::Reducing
            | Self::Aggregating
            | Self::Timers
            | Self::RawKeyed => true,
            Self::SplitList | Self::UnionList | Self::Broadcast | Self::RawSplit => false,
        }
    }

    /// Whether it is read and written under a current key.
    #[must_use]
    pub const fn has_keys(self) -> bool {
        self.is_keyed() && !matches!(self, Self::RawKeyed)
    }

    /// Whether this is raw state: bytes that are never interpreted.
    #[must_use]
    pub const fn is_raw(self) -> bool {
        matches!(self, Self::RawKeyed | Self::RawSplit)
    }

    /// The number that is stored.
    #[doc(hidden)]
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The kind of this number.
    pub(crate) fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// The serializers that a state of this kind has, in order.
    #[must_use]
    pub const fn parts(self) -> &'static [SerializerPart] {
        match self {
            Self::Value | Self::List | Self::Reducing | Self::Aggregating | Self::SplitList | Self::UnionList => {
                &[SerializerPart::Value]
            }
            Self::Map | Self::Broadcast => &[SerializerPart::UserKey, SerializerPart::Value],
            Self::Timers | Self::RawKeyed | Self::RawSplit => &[],
        }
    }

    /// Whether the two kinds store the same rows, so that each can be restored as the other: value, reducing and
    /// aggregating states all have one row per key and namespace.
    #[must_use]
    pub const fn has_rows_of(self, other: Self) -> bool {
        const fn is_single(kind: StateKind) -> bool {
            matches!(kind, StateKind::Value | StateKind::Reducing | StateKind::Aggregating)
        }
        self as u8 == other as u8 || (is_single(self) && is_single(other))
    }

    /// The role of the serializer of this part in a state of this kind.
    #[must_use]
    pub const fn role(self, part: SerializerPart) -> Role {
        match (self, part) {
            (_, SerializerPart::UserKey) => Role::MapKey,
            (Self::Timers, _) => Role::Timer,
            (_, SerializerPart::Namespace) => Role::Namespace,
            (Self::List | Self::SplitList | Self::UnionList | Self::RawSplit, SerializerPart::Value) => {
                Role::ListElement
            }
            (Self::Reducing | Self::Aggregating, SerializerPart::Value) => Role::Aggregate,
            (Self::Value | Self::Map | Self::Broadcast | Self::RawKeyed, SerializerPart::Value) => Role::Value,
        }
    }
}

impl SerializerPart {
    /// All of them, in numeric order.
    pub const ALL: [Self; 3] = [Self::Value, Self::UserKey, Self::Namespace];

    /// The number that is stored.
    #[doc(hidden)]
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The part of this number.
    pub(crate) fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.number() == number)
    }
}

impl StateMeta {
    /// The number that identifies the state in rows.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.id
    }

    /// The name, which identifies the state in all releases.
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
        if part == SerializerPart::Namespace {
            return self.namespace.as_ref();
        }
        self.serializers.iter().find(|(present, _)| *present == part).map(|(_, snapshot)| snapshot)
    }

    /// The snapshots of all serializers: those of the kind's parts, in order, then that of the namespaces.
    pub fn all_serializers(&self) -> impl Iterator<Item = (SerializerPart, &SerializerSnapshot)> {
        let namespace = self.namespace.iter().map(|snapshot| (SerializerPart::Namespace, snapshot));
        self.serializers.iter().map(|(part, snapshot)| (*part, snapshot)).chain(namespace)
    }

    /// The snapshot of the serializer that wrote its namespaces; `None` if it has no namespaces.
    #[must_use]
    pub fn namespace(&self) -> Option<&SerializerSnapshot> {
        self.namespace.as_ref()
    }

    /// The time to live. If there is one, each stored value begins with the time of its last write in milliseconds
    /// since 1970, a little-endian `u64`.
    #[must_use]
    pub fn time_to_live(&self) -> Option<TimeToLive> {
        self.time_to_live
    }

    /// The stored value of a row without the time of its last write, if the state has a time to live. [`None`] if that
    /// time is missing.
    #[must_use]
    pub fn value_of<'a>(&self, stored: &'a [u8]) -> Option<&'a [u8]> {
        match self.time_to_live {
            None => Some(stored),
            Some(_) => split_stamp(stored).map(|(_, value)| value),
        }
    }
}

impl OperatorMeta {
    /// The uid, which identifies the operator in all releases.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// The number of key groups.
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
            Self::Reducing => "reducing state",
            Self::Aggregating => "aggregating state",
            Self::Timers => "timer service",
            Self::RawKeyed => "raw keyed state",
            Self::SplitList => "split list",
            Self::UnionList => "union list",
            Self::Broadcast => "broadcast state",
            Self::RawSplit => "raw split list",
        })
    }
}

/// The noun in a message: "the serializer of its ...".
impl fmt::Display for SerializerPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Value => "value",
            Self::UserKey => "map key",
            Self::Namespace => "namespace",
        })
    }
}
