//! Declared states without their types, so that an operator can hold them all in one list.

use std::any::Any;
use std::sync::Arc;

use typeser::migrate::{Adopted, NotAdoptable};
use typeser::resolve::Resolution;
use typeser::schema::Limits;
use typeser::serializer::Conversions;
use typeser::{Serializer, SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::{
    Common, DeclareError, ListStateDescriptor, MapStateDescriptor, SerializerPart, StateKind, ValueStateDescriptor,
};

/// A declared state. Types come back when a handle asks for the serializers that [`Declared::link`] gives.
pub(crate) trait Declared: Send + Sync {
    fn common(&self) -> &Common;
    fn kind(&self) -> StateKind;
    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot>;
    /// The functions that migrations to a part may need.
    fn conversions(&self, part: SerializerPart) -> Option<&Conversions>;
    /// The serializers to work with from now on; `links` has one for each part of the state's kind, in order.
    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable>;

    fn name(&self) -> &str {
        &self.common().name
    }

    /// In the words of a message, without an article.
    fn describe(&self) -> String {
        let name = |part| self.snapshot(part).map_or("?", SerializerSnapshot::name);
        let kind = self.kind();
        match kind.parts() {
            [] => kind.to_string(),
            [SerializerPart::UserKey, ..] => {
                format!("{kind} from `{}` to `{}`", name(SerializerPart::UserKey), name(SerializerPart::Value))
            }
            _ => format!("{kind} of `{}`", name(SerializerPart::Value)),
        }
    }
}

/// How a declared serializer meets the bytes that are there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link<'a> {
    /// There are none, or they are migrated: it stays as it is.
    Plain,
    /// They stay as they are: it takes them over.
    Adopt(&'a Resolution),
}

impl<'a> Link<'a> {
    /// The link of a part of a state; plain where nobody said anything.
    pub(crate) fn at(links: &[Self], index: usize) -> Self {
        links.get(index).copied().unwrap_or(Link::Plain)
    }

    pub(crate) fn apply<T: StateType>(self, plain: &Serializer<T>) -> Result<Adopted<T>, NotAdoptable> {
        match self {
            Self::Plain => Ok(Adopted::plain(plain.clone())),
            Self::Adopt(resolution) => resolution.adopt(plain),
        }
    }
}

/// What a value state works with.
pub(crate) struct ValueSerializers<T: StateType> {
    pub(crate) value: Adopted<T>,
    pub(crate) default: Option<Arc<dyn Fn() -> T + Send + Sync>>,
}

/// The serializers of a map state.
pub(crate) struct MapSerializers<K: StateType, V: StateType> {
    pub(crate) user_key: Adopted<K>,
    pub(crate) value: Adopted<V>,
}

impl<T: StateType> Declared for ValueStateDescriptor<T> {
    fn common(&self) -> &Common {
        &self.common
    }

    fn kind(&self) -> StateKind {
        StateKind::Value
    }

    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot> {
        (part == SerializerPart::Value).then(|| self.value.snapshot())
    }

    fn conversions(&self, part: SerializerPart) -> Option<&Conversions> {
        (part == SerializerPart::Value).then(|| self.value.conversions())
    }

    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable> {
        let value = Link::at(links, 0).apply(&self.value)?;
        Ok(Box::new(ValueSerializers { value, default: self.default.clone() }))
    }
}

impl<T: StateType> Declared for ListStateDescriptor<T> {
    fn common(&self) -> &Common {
        &self.common
    }

    fn kind(&self) -> StateKind {
        StateKind::List
    }

    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot> {
        (part == SerializerPart::Value).then(|| self.element.snapshot())
    }

    fn conversions(&self, part: SerializerPart) -> Option<&Conversions> {
        (part == SerializerPart::Value).then(|| self.element.conversions())
    }

    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable> {
        Ok(Box::new(Link::at(links, 0).apply(&self.element)?))
    }
}

impl<K: StateKey, V: StateType> Declared for MapStateDescriptor<K, V> {
    fn common(&self) -> &Common {
        &self.common
    }

    fn kind(&self) -> StateKind {
        StateKind::Map
    }

    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot> {
        match part {
            SerializerPart::UserKey => Some(self.user_key.snapshot()),
            SerializerPart::Value => Some(self.value.snapshot()),
            SerializerPart::Namespace => None,
        }
    }

    fn conversions(&self, part: SerializerPart) -> Option<&Conversions> {
        match part {
            SerializerPart::UserKey => Some(self.user_key.conversions()),
            SerializerPart::Value => Some(self.value.conversions()),
            SerializerPart::Namespace => None,
        }
    }

    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable> {
        let user_key = Link::at(links, 0).apply(&self.user_key)?;
        let value = Link::at(links, 1).apply(&self.value)?;
        Ok(Box::new(MapSerializers { user_key, value }))
    }
}

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

/// Operators and states are found by name, so each has one, of a length that every reader takes.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), DeclareError> {
    match name.len() {
        0 => Err(DeclareError::EmptyName { what }),
        length if length > Limits::NAME_BYTES => Err(DeclareError::NameTooLong { what, length }),
        _ => Ok(()),
    }
}
