//! What is declared of timers, of raw state and of operator state. Users have no descriptors for these.

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

/// Bytes that are only carried, of a key group or of an operator.
pub(crate) struct Raw {
    pub(crate) common: Common,
    pub(crate) kind: StateKind,
}

/// A list of an operator.
pub(crate) struct ElementsDescriptor<T> {
    pub(crate) list: ListStateDescriptor<T>,
    pub(crate) kind: StateKind,
}

/// A map of an operator.
pub(crate) struct BroadcastDescriptor<K, V> {
    pub(crate) map: MapStateDescriptor<K, V>,
}

/// What has no serializers but that of its namespaces.
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

/// What is a list or a map to those who read and write it, and of another kind to those who store it.
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
