//! The handle of a value state.

use std::fmt;
use std::marker::PhantomData;

use typeser::{StateKey, StateType, TypeSerializer};

use super::handle::Handle;
use super::state_backend::KeyedStateBackend;
use crate::backend::Backend;
use crate::descriptor::StateError;
use crate::descriptor::{SerializerPart, ValueSerializers};

/// The handle of a value state: at most one value per key.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u32>("departures")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// assert_eq!(departures.get(&mut state)?, None);
/// departures.update(&mut state, &111)?;
/// assert_eq!(departures.get(&mut state)?, Some(111));
/// # Ok(())
/// # }
/// ```
pub struct ValueState<T> {
    pub(super) at: Handle,
    pub(super) value: PhantomData<fn() -> T>,
}

impl<T: StateType> ValueState<T> {
    /// The value of the current key, or the declared default if the key has none.
    ///
    /// # Errors
    /// See [`StateError`].
    #[inline]
    pub fn get<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<Option<T>, StateError> {
        let mut access = state.access::<ValueSerializers<T>>(self.at)?;
        let ValueSerializers { value: serializer, default } = access.serializers;
        match access.read(|bytes| serializer.deserialize(bytes))? {
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(source)) => Err(access.decode_error(SerializerPart::Value, source)),
            None => Ok(default.as_ref().map(|default| default())),
        }
    }

    /// Sets the value of the current key.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the value is unchanged.
    #[inline]
    pub fn update<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        value: &T,
    ) -> Result<(), StateError> {
        let mut access = state.access::<ValueSerializers<T>>(self.at)?;
        access.encode(&access.serializers.value, value)?;
        access.put()
    }

    /// Deletes the value of the current key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<(), StateError> {
        let access = state.access::<ValueSerializers<T>>(self.at)?;
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
