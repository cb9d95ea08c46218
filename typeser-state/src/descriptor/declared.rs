//! Declared states without their types, so that an operator can hold them all in one list.

use std::any::Any;

use typeser::migrate::{Adopted, NotAdoptable};
use typeser::resolve::Resolution;
use typeser::schema::Limits;
use typeser::serializer::Conversions;
use typeser::{Serializer, SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::{DeclareError, ListStateDescriptor, MapStateDescriptor, SerializerPart, StateKind, ValueStateDescriptor};

/// A declared state. Types come back when a handle asks for the serializers that [`Declared::link`] gives.
pub(crate) trait Declared: Send + Sync {
    fn name(&self) -> &str;
    fn kind(&self) -> StateKind;
    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot>;
    /// The functions that migrations to a part may need.
    fn conversions(&self, part: SerializerPart) -> Option<&Conversions>;
    /// The serializers to work with from now on; `links` has one for each part of the state's kind, in order.
    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable>;

    /// In the words of a message.
    fn describe(&self) -> String {
        let name = |part| self.snapshot(part).map_or("?", SerializerSnapshot::name);
        match self.kind() {
            StateKind::Map => {
                format!("map state from `{}` to `{}`", name(SerializerPart::UserKey), name(SerializerPart::Value))
            }
            kind => format!("{kind} of `{}`", name(SerializerPart::Value)),
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

impl Link<'_> {
    pub(crate) fn apply<T: StateType>(self, plain: &Serializer<T>) -> Result<Adopted<T>, NotAdoptable> {
        match self {
            Self::Plain => Ok(Adopted::plain(plain.clone())),
            Self::Adopt(resolution) => resolution.adopt(plain),
        }
    }
}

fn link_part<T: StateType>(
    links: &[Link<'_>],
    index: usize,
    plain: &Serializer<T>,
) -> Result<Adopted<T>, NotAdoptable> {
    links.get(index).copied().unwrap_or(Link::Plain).apply(plain)
}

/// The serializers of a map state.
pub(crate) struct MapSerializers<K: StateType, V: StateType> {
    pub(crate) user_key: Adopted<K>,
    pub(crate) value: Adopted<V>,
}

impl<T: StateType> Declared for ValueStateDescriptor<T> {
    fn name(&self) -> &str {
        &self.name
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
        Ok(Box::new(link_part(links, 0, &self.value)?))
    }
}

impl<T: StateType> Declared for ListStateDescriptor<T> {
    fn name(&self) -> &str {
        &self.name
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
        Ok(Box::new(link_part(links, 0, &self.element)?))
    }
}

impl<K: StateKey, V: StateType> Declared for MapStateDescriptor<K, V> {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> StateKind {
        StateKind::Map
    }

    fn snapshot(&self, part: SerializerPart) -> Option<&SerializerSnapshot> {
        Some(match part {
            SerializerPart::UserKey => self.user_key.snapshot(),
            SerializerPart::Value => self.value.snapshot(),
        })
    }

    fn conversions(&self, part: SerializerPart) -> Option<&Conversions> {
        Some(match part {
            SerializerPart::UserKey => self.user_key.conversions(),
            SerializerPart::Value => self.value.conversions(),
        })
    }

    fn link(&self, links: &[Link<'_>]) -> Result<Box<dyn Any + Send + Sync>, NotAdoptable> {
        let user_key = link_part(links, 0, &self.user_key)?;
        let value = link_part(links, 1, &self.value)?;
        Ok(Box::new(MapSerializers { user_key, value }))
    }
}

/// Operators and states are found by name, so each has one, of a length that every reader takes.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), DeclareError> {
    match name.len() {
        0 => Err(DeclareError::EmptyName { what }),
        length if length > Limits::NAME_BYTES => Err(DeclareError::NameTooLong { what, length }),
        _ => Ok(()),
    }
}
