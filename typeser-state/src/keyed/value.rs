//! The handle of a value state.

use std::fmt;
use std::marker::PhantomData;

use typeser::migrate::Adopted;
use typeser::{StateKey, StateType, TypeSerializer};

use super::{Handle, KeyedStateBackend, StateError};
use crate::backend::Backend;
use crate::descriptor::SerializerPart;

/// At most one value a key.
pub struct ValueState<T> {
    pub(super) at: Handle,
    pub(super) value: PhantomData<fn() -> T>,
}

impl<T: StateType> ValueState<T> {
    /// The value of the current key, if it has one.
    ///
    /// # Errors
    /// See [`StateError`].
    #[inline]
    pub fn get<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<Option<T>, StateError> {
        let access = state.access::<Adopted<T>>(self.at)?;
        let mut value = None;
        access.backend.get(access.rows, access.row, &mut |bytes| {
            value = Some(access.serializers.deserialize(bytes));
        })?;
        value.transpose().map_err(|source| access.decode_error(SerializerPart::Value, source))
    }

    /// Sets the value of the current key.
    ///
    /// # Errors
    /// See [`StateError`]. Then the value is as it was before.
    #[inline]
    pub fn update<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        value: &T,
    ) -> Result<(), StateError> {
        let access = state.access::<Adopted<T>>(self.at)?;
        access.scratch.value.clear();
        if let Err(source) = access.serializers.serialize(value, &mut access.scratch.value) {
            return Err(access.encode_error(SerializerPart::Value, source));
        }
        Ok(access.backend.put(access.rows, access.row, &access.scratch.value)?)
    }

    /// Deletes the value of the current key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<(), StateError> {
        let access = state.access::<Adopted<T>>(self.at)?;
        Ok(access.backend.delete(access.rows, access.row)?)
    }
}

impl<T> Clone for ValueState<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ValueState<T> {}

impl<T> fmt::Debug for ValueState<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ValueState").field(&self.at.slot).finish()
    }
}
