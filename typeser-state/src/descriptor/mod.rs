//! Descriptors: what a program declares of a state before it opens or restores it, and what is stored of that.

mod declared;
mod error;
mod meta;

pub use error::DeclareError;
pub use meta::{OperatorMeta, SerializerPart, StateKind, StateMeta};

pub(crate) use declared::{Declared, Link, MapSerializers, check_name};

use typeser::{Serializer, StateKey, StateType};

/// A value state: at most one `T` a key.
#[derive(Debug, Clone)]
pub struct ValueStateDescriptor<T> {
    name: String,
    value: Serializer<T>,
}

/// A list state: any number of `T` a key, in the order in which they were added.
#[derive(Debug, Clone)]
pub struct ListStateDescriptor<T> {
    name: String,
    element: Serializer<T>,
}

/// A map state: entries from `K` to `V`, each stored as a row of its own.
#[derive(Debug, Clone)]
pub struct MapStateDescriptor<K, V> {
    name: String,
    user_key: Serializer<K>,
    value: Serializer<V>,
}

impl<T: StateType> ValueStateDescriptor<T> {
    /// A value state of this name.
    ///
    /// # Errors
    /// The type has no snapshot.
    pub fn new(name: impl Into<String>) -> Result<Self, DeclareError> {
        let name = name.into();
        let value = plain::<T>(&name)?;
        Ok(Self { name, value })
    }

    /// The same state with another serializer, such as one of variable integers.
    #[must_use]
    pub fn with_serializer(self, value: Serializer<T>) -> Self {
        Self { value, ..self }
    }
}

impl<T: StateType> ListStateDescriptor<T> {
    /// A list state of this name.
    ///
    /// # Errors
    /// The type has no snapshot.
    pub fn new(name: impl Into<String>) -> Result<Self, DeclareError> {
        let name = name.into();
        let element = plain::<T>(&name)?;
        Ok(Self { name, element })
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
        let name = name.into();
        let user_key = plain::<K>(&name)?;
        let value = plain::<V>(&name)?;
        Ok(Self { name, user_key, value })
    }

    /// The same state with other serializers of user keys and values.
    #[must_use]
    pub fn with_serializers(self, user_key: Serializer<K>, value: Serializer<V>) -> Self {
        Self { user_key, value, ..self }
    }
}

fn plain<T: StateType>(state: &str) -> Result<Serializer<T>, DeclareError> {
    Serializer::new().map_err(|source| DeclareError::Type { name: state.to_owned(), source })
}
