//! Descriptors: what a program declares of a state before it opens or restores it, and what is stored of that.

mod aggregate;
mod common;
mod declared;
mod error;
mod meta;
mod namespace;
mod ttl;

pub use aggregate::{AggregatingStateDescriptor, FoldingStateDescriptor, ReducingStateDescriptor};
pub use error::DeclareError;
pub use meta::{OperatorMeta, SerializerPart, StateKind, StateMeta};
pub use ttl::{StateVisibility, TimeToLive, UpdateType};

pub(crate) use aggregate::{Aggregator, Reducer};
pub(crate) use common::{Common, Follows};
pub(crate) use declared::{BroadcastDescriptor, check_name};
pub(crate) use declared::{
    Declared, ElementsDescriptor, Link, MapSerializers, Raw, TimersDescriptor, ValueSerializers,
};
pub(crate) use error::with_article;
pub(crate) use namespace::{DeclaredNamespace, LinkedNamespace, namespace};
pub(crate) use ttl::{STAMP, split_stamp};

use std::fmt;
use std::sync::Arc;

use typeser::{Serializer, StateKey, StateType};

/// A value state: at most one `T` a key.
pub struct ValueStateDescriptor<T> {
    common: Common,
    value: Serializer<T>,
    default: Option<Arc<dyn Fn() -> T + Send + Sync>>,
}

/// A list state: any number of `T` a key, in the order in which they were added.
#[derive(Debug, Clone)]
pub struct ListStateDescriptor<T> {
    common: Common,
    element: Serializer<T>,
}

/// A map state: entries from `K` to `V`, each stored as a row of its own.
#[derive(Debug, Clone)]
pub struct MapStateDescriptor<K, V> {
    common: Common,
    user_key: Serializer<K>,
    value: Serializer<V>,
}

impl<T: StateType> ValueStateDescriptor<T> {
    /// A value state of this name.
    ///
    /// # Errors
    /// The type has no snapshot.
    pub fn new(name: impl Into<String>) -> Result<Self, DeclareError> {
        let common = Common::new(name);
        let value = plain::<T>(&common.name)?;
        Ok(Self { common, value, default: None })
    }

    /// The same state with another serializer, such as one of variable integers.
    #[must_use]
    pub fn with_serializer(self, value: Serializer<T>) -> Self {
        Self { value, ..self }
    }

    /// The same state with a default: what `get` gives where nothing is stored. It is never stored itself, so another
    /// release may have another one.
    #[must_use]
    pub fn with_default(self, value: T) -> Self
    where
        T: Clone + Send + Sync,
    {
        self.with_default_of(move || value.clone())
    }

    /// The same state with a default that is made each time.
    #[must_use]
    pub fn with_default_of(self, make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self { default: Some(Arc::new(make)), ..self }
    }
}

impl<T: StateType> ListStateDescriptor<T> {
    /// A list state of this name.
    ///
    /// # Errors
    /// The type has no snapshot.
    pub fn new(name: impl Into<String>) -> Result<Self, DeclareError> {
        let common = Common::new(name);
        let element = plain::<T>(&common.name)?;
        Ok(Self { common, element })
    }

    /// The same state with another serializer of the elements.
    #[must_use]
    pub fn with_serializer(self, element: Serializer<T>) -> Self {
        Self { element, ..self }
    }
}

impl<K: StateKey, V: StateType> MapStateDescriptor<K, V> {
    /// A map state of this name.
    ///
    /// # Errors
    /// A type has no snapshot.
    pub fn new(name: impl Into<String>) -> Result<Self, DeclareError> {
        let common = Common::new(name);
        let user_key = plain::<K>(&common.name)?;
        let value = plain::<V>(&common.name)?;
        Ok(Self { common, user_key, value })
    }

    /// The same state with other serializers of map keys and values.
    #[must_use]
    pub fn with_serializers(self, user_key: Serializer<K>, value: Serializer<V>) -> Self {
        Self { user_key, value, ..self }
    }
}

common::with_common!(ValueStateDescriptor<T>: T);
common::with_common!(ListStateDescriptor<T>: T);
common::with_follows!(ListStateDescriptor<T>: T);
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

fn plain<T: StateType>(state: &str) -> Result<Serializer<T>, DeclareError> {
    Serializer::new().map_err(|source| DeclareError::Type { name: state.to_owned(), source })
}
