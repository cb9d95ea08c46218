//! The handle of a map state. Each entry is a row.

use std::fmt;
use std::marker::PhantomData;

use typeser::{StateKey, StateType, TypeSerializer};

use super::access::Access;
use super::handle::Handle;
use super::state_backend::KeyedStateBackend;
use crate::backend::Backend;
use crate::descriptor::StateError;
use crate::descriptor::{MapSerializers, SerializerPart};

/// The handle of a map state: entries from map keys to values, for each key. Every entry is a separate row: reading or
/// writing one does not touch the others.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let destinations = operator.map::<String, u32>("destinations")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// let houston = "IAH".to_owned();
/// destinations.put(&mut state, &houston, &1)?;
/// assert_eq!(destinations.get(&mut state, &houston)?, Some(1));
/// assert_eq!(destinations.keys(&mut state)?, [houston]);
/// # Ok(())
/// # }
/// ```
pub struct MapState<UK, V> {
    at: Handle,
    entry: PhantomData<fn() -> (UK, V)>,
}

impl<UK: StateKey, V: StateType> MapState<UK, V> {
    pub(crate) fn new(at: Handle) -> Self {
        Self { at, entry: PhantomData }
    }

    /// The value of a map key, if the map of the current key has it.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn get<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        user_key: &UK,
    ) -> Result<Option<V>, StateError> {
        let mut access = state.access::<MapSerializers<UK, V>>(self.at)?;
        seek(&mut access, user_key)?;
        let serializer = &access.serializers.value;
        let value = access.read(|bytes| serializer.deserialize(bytes))?;
        value.transpose().map_err(|source| access.decode_error(SerializerPart::Value, source))
    }

    /// Sets the value of a map key in the map of the current key.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the map is unchanged.
    pub fn put<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        user_key: &UK,
        value: &V,
    ) -> Result<(), StateError> {
        let mut access = state.access::<MapSerializers<UK, V>>(self.at)?;
        encode(&mut access, user_key, value)?;
        access.put()
    }

    /// Sets the values of several map keys in the map of the current key, atomically.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the map is unchanged.
    pub fn put_all<'a, K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        entries: impl IntoIterator<Item = (&'a UK, &'a V)>,
    ) -> Result<(), StateError> {
        let mut access = state.access::<MapSerializers<UK, V>>(self.at)?;
        access.scratch.batch.clear();
        for (user_key, value) in entries {
            encode(&mut access, user_key, value)?;
            access.put_to_batch();
        }
        access.apply()
    }

    /// Deletes the entry of a map key from the map of the current key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn remove<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        user_key: &UK,
    ) -> Result<(), StateError> {
        let mut access = state.access::<MapSerializers<UK, V>>(self.at)?;
        seek(&mut access, user_key)?;
        Ok(access.backend.delete(access.rows, access.row)?)
    }

    /// Whether the map of the current key has an entry of this map key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn contains<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        user_key: &UK,
    ) -> Result<bool, StateError> {
        let mut access = state.access::<MapSerializers<UK, V>>(self.at)?;
        seek(&mut access, user_key)?;
        Ok(access.read(|_| ())?.is_some())
    }

    /// The entries of the current key, in no particular order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn entries<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
    ) -> Result<Vec<(UK, V)>, StateError> {
        let mut entries = Vec::new();
        self.for_each(state, |user_key, value| entries.push((user_key, value)))?;
        Ok(entries)
    }

    /// Calls `visit` with each entry of the current key, in no particular order. Only one entry is in memory at a time.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    ///
    /// let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// let by_destination = operator.map::<String, u32>("by-destination")?;
    /// let mut state = operator.open(MemoryBackend::new())?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// by_destination.put(&mut state, &"IAH".to_owned(), &3)?;
    /// by_destination.put(&mut state, &"ORD".to_owned(), &4)?;
    ///
    /// let mut departures = 0;
    /// by_destination.for_each(&mut state, |_, count| departures += count)?;
    /// assert_eq!(departures, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`StateError`]. Entries before one that cannot be decoded have been visited.
    pub fn for_each<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        mut visit: impl FnMut(UK, V),
    ) -> Result<(), StateError> {
        scan(state.access(self.at)?, |serializers: &MapSerializers<UK, V>, key, value| {
            let user_key = serializers.user_key.deserialize(key).map_err(|error| (SerializerPart::UserKey, error))?;
            let value = serializers.value.deserialize(value).map_err(|error| (SerializerPart::Value, error))?;
            visit(user_key, value);
            Ok(())
        })
    }

    /// The map keys of the current key, in no particular order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn keys<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<Vec<UK>, StateError> {
        let mut keys = Vec::new();
        scan(state.access(self.at)?, |serializers: &MapSerializers<UK, V>, key, _| {
            keys.push(serializers.user_key.deserialize(key).map_err(|error| (SerializerPart::UserKey, error))?);
            Ok(())
        })?;
        Ok(keys)
    }

    /// The values of the current key, in no particular order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn values<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<Vec<V>, StateError> {
        let mut values = Vec::new();
        scan(state.access(self.at)?, |serializers: &MapSerializers<UK, V>, _, value| {
            values.push(serializers.value.deserialize(value).map_err(|error| (SerializerPart::Value, error))?);
            Ok(())
        })?;
        Ok(values)
    }

    /// Whether the map of the current key is empty. This is one look-up, or, if the state has a time to live, a scan up
    /// to the first entry that has not expired.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn is_empty<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<bool, StateError> {
        Ok(!state.access::<MapSerializers<UK, V>>(self.at)?.has_rows()?)
    }

    /// Deletes the map of the current key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<(), StateError> {
        let mut access = state.access::<MapSerializers<UK, V>>(self.at)?;
        access.delete_all()?;
        access.apply()
    }
}

/// Completes the key of the row of a map key.
#[inline]
fn seek<UK: StateType, V: StateType, B>(
    access: &mut Access<'_, MapSerializers<UK, V>, B>,
    user_key: &UK,
) -> Result<(), StateError> {
    access.row.truncate(access.prefix);
    access
        .serializers
        .user_key
        .serialize(user_key, access.row)
        .map_err(|source| access.encode_error(SerializerPart::UserKey, source))
}

/// Completes the key of the row of an entry, and encodes its value into the buffer.
#[inline]
fn encode<UK: StateType, V: StateType, B>(
    access: &mut Access<'_, MapSerializers<UK, V>, B>,
    user_key: &UK,
    value: &V,
) -> Result<(), StateError> {
    seek(access, user_key)?;
    access.encode(&access.serializers.value, value)
}

type Failed = (SerializerPart, typeser::wire::DecodeError);

/// Visits the rows of the current key up to the first one that fails.
fn scan<S, B: Backend>(
    mut access: Access<'_, S, B>,
    mut visit: impl FnMut(&S, &[u8], &[u8]) -> Result<(), Failed>,
) -> Result<(), StateError> {
    let serializers = access.serializers;
    let mut failure = None;
    access.scan(|key, value| {
        if failure.is_none() {
            failure = visit(serializers, key, value).err();
        }
        Ok(())
    })?;
    match failure {
        None => Ok(()),
        Some((part, source)) => Err(access.decode_error(part, source)),
    }
}

impl<UK, V> Clone for MapState<UK, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<UK, V> Copy for MapState<UK, V> {}

impl<UK, V> fmt::Debug for MapState<UK, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MapState").field(&self.at.slot).finish()
    }
}
