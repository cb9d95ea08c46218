//! Descriptors of value, list and map state.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use typeser::migrate::{Adopted, NotAdoptable};
use typeser::serializer::Conversions;
use typeser::{Serializer, SerializerSnapshot, StateKey, StateType, TypeSerializer};

use super::common::{self, Common, plain};
use super::declared::Declared;
use super::error::StateError;
use super::link::Link;
use super::meta::{SerializerPart, StateKind};

/// The descriptor of a value state: at most one `T` per key.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::descriptor::ValueStateDescriptor;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value_state(ValueStateDescriptor::<u32>::new("departures")?.with_default(0))?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// assert_eq!(departures.get(&mut state)?, Some(0));
/// # Ok(())
/// # }
/// ```
pub struct ValueStateDescriptor<T> {
    common: Common,
    value: Serializer<T>,
    default: Option<Arc<dyn Fn() -> T + Send + Sync>>,
}

/// The descriptor of a list state: any number of `T` per key, in insertion order.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use typeser_state::descriptor::{ListStateDescriptor, TimeToLive};
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let day = TimeToLive::new(Duration::from_secs(24 * 60 * 60));
/// let delays = operator.list_state(ListStateDescriptor::<i16>::new("recent-delays")?.with_time_to_live(day))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ListStateDescriptor<T> {
    common: Common,
    element: Serializer<T>,
}

/// The descriptor of a map state: entries from `K` to `V` per key, each stored as a separate row.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::descriptor::MapStateDescriptor;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let by_month = MapStateDescriptor::<String, u32>::new("destinations")?.with_namespace::<u8>()?;
/// let by_month = operator.map_state(by_month)?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// state.set_current_namespace(&1u8)?;
/// by_month.put(&mut state, &"IAH".to_owned(), &5)?;
/// state.set_current_namespace(&2u8)?;
/// assert!(by_month.is_empty(&mut state)?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MapStateDescriptor<K, V> {
    common: Common,
    user_key: Serializer<K>,
    value: Serializer<V>,
}

impl<T: StateType> ValueStateDescriptor<T> {
    /// Describes a value state.
    ///
    /// # Errors
    /// The type has no snapshot.
    pub fn new(name: impl Into<String>) -> Result<Self, StateError> {
        let common = Common::new(name);
        let value = plain::<T>(&common.name)?;
        Ok(Self { common, value, default: None })
    }

    /// Uses this serializer instead of the default one, for example one with variable-length integers.
    #[must_use]
    pub fn with_serializer(self, value: Serializer<T>) -> Self {
        Self { value, ..self }
    }

    /// Sets a default, which `get` returns if nothing is stored. The default itself is never stored, so each release
    /// may have a different one.
    #[must_use]
    pub fn with_default(self, value: T) -> Self
    where
        T: Clone + Send + Sync,
    {
        self.with_default_of(move || value.clone())
    }

    /// Sets a default that is computed on each use.
    #[must_use]
    pub fn with_default_of(self, make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self { default: Some(Arc::new(make)), ..self }
    }
}

impl<T: StateType> ListStateDescriptor<T> {
    /// Describes a list state.
    ///
    /// # Errors
    /// The type has no snapshot.
    pub fn new(name: impl Into<String>) -> Result<Self, StateError> {
        let common = Common::new(name);
        let element = plain::<T>(&common.name)?;
        Ok(Self { common, element })
    }

    /// Uses this serializer for the elements instead of the default one.
    #[must_use]
    pub fn with_serializer(self, element: Serializer<T>) -> Self {
        Self { element, ..self }
    }
}

impl<K: StateKey, V: StateType> MapStateDescriptor<K, V> {
    /// Describes a map state.
    ///
    /// # Errors
    /// A type has no snapshot.
    pub fn new(name: impl Into<String>) -> Result<Self, StateError> {
        let common = Common::new(name);
        let user_key = plain::<K>(&common.name)?;
        let value = plain::<V>(&common.name)?;
        Ok(Self { common, user_key, value })
    }

    /// Uses these serializers for map keys and values instead of the default ones.
    #[must_use]
    pub fn with_serializers(self, user_key: Serializer<K>, value: Serializer<V>) -> Self {
        Self { user_key, value, ..self }
    }
}

common::with_common!(ValueStateDescriptor<T>: T);
common::with_common!(ListStateDescriptor<T>: T);
common::with_derived_from!(ListStateDescriptor<T>: T);
common::with_common!(MapStateDescriptor<K, V>: K, V);

impl<T> Clone for ValueStateDescriptor<T> {
    fn clone(&self) -> Self {
        Self { common: self.common.clone(), value: self.value.clone(), default: self.default.clone() }
    }
}

impl<T> fmt::Debug for ValueStateDescriptor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValueStateDescriptor")
            .field("common", &self.common)
            .field("value", &self.value)
            .field("default", &self.default.is_some())
            .finish()
    }
}

/// The serializer and the default of a value state.
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
