//! The declarations of timers, raw state and operator state, which have no public descriptors.

use std::any::Any;

use typeser::migrate::NotAdoptable;
use typeser::serializer::Conversions;
use typeser::{SerializerSnapshot, StateKey, StateType};

use super::common::Common;
use super::declared::Declared;
use super::link::Link;
use super::meta::{SerializerPart, StateKind};
use super::states::{ListStateDescriptor, MapStateDescriptor};

/// A timer service.
pub(crate) struct TimersDescriptor {
    pub(crate) common: Common,
}

/// Raw state of a key group or of an operator.
pub(crate) struct Raw {
    pub(crate) common: Common,
    pub(crate) kind: StateKind,
}

/// A list in operator state.
pub(crate) struct ElementsDescriptor<T> {
    pub(crate) list: ListStateDescriptor<T>,
    pub(crate) kind: StateKind,
}

/// A broadcast map in operator state.
pub(crate) struct BroadcastDescriptor<K, V> {
    pub(crate) map: MapStateDescriptor<K, V>,
}

/// Implements `Declared` for a state without serializers, except for its namespaces.
macro_rules! without_serializers {
    ($descriptor:ty, $kind:expr) => {
        impl Declared for $descriptor {
            fn common(&self) -> &Common {
                &self.common
            }

            fn kind(&self) -> StateKind {
                $kind(self)
            }

            fn snapshot(&self, _: SerializerPart) -> Option<&SerializerSnapshot> {
                None
            }

            fn conversions(&self, _: SerializerPart) -> Option<&Conversions> {
                None
            }

            fn link(&self, _: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable> {
                Ok(Box::new(()))
            }
        }
    };
}

without_serializers!(TimersDescriptor, |_: &Self| StateKind::Timers);
without_serializers!(Raw, |raw: &Self| raw.kind);

/// Implements `Declared` for a list or a map that is stored as another kind of state.
macro_rules! as_another_kind {
    ([$($generics:tt)*] $descriptor:ty, $inner:ident, $kind:expr) => {
        impl<$($generics)*> Declared for $descriptor {
            fn common(&self) -> &Common {
                self.$inner.common()
            }

            fn kind(&self) -> StateKind {
                $kind(self)
            }

            fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot> {
                self.$inner.snapshot(part)
            }

            fn conversions(&self, part: SerializerPart) -> Option<&Conversions> {
                self.$inner.conversions(part)
            }

            fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable> {
                self.$inner.link(links)
            }
        }
    };
}

as_another_kind!([T: StateType] ElementsDescriptor<T>, list, |elements: &Self| elements.kind);
as_another_kind!([K: StateKey, V: StateType] BroadcastDescriptor<K, V>, map, |_: &Self| StateKind::Broadcast);
