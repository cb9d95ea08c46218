//! The handle of a list state. Each element is a row, ordered by sequence number.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;

use typeser::migrate::Adopted;
use typeser::{StateKey, StateType, TypeSerializer};

use super::access::{Access, Scratch};
use super::handle::Handle;
use super::state_backend::KeyedStateBackend;
use crate::backend::{Backend, RowRange};
use crate::descriptor::SerializerPart;
use crate::descriptor::StateError;

/// The handle of a list state: any number of elements per key, in insertion order. Adding an element does not rewrite
/// the others.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let delays = operator.list::<i16>("recent-delays")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// delays.add(&mut state, &2)?;
/// delays.add_all(&mut state, &[-5, 14])?;
/// assert_eq!(delays.get(&mut state)?, [2, -5, 14]);
/// # Ok(())
/// # }
/// ```
pub struct ListState<T> {
    at: Handle,
    element: PhantomData<fn() -> T>,
}

impl<T: StateType> ListState<T> {
    pub(crate) fn new(at: Handle) -> Self {
        Self { at, element: PhantomData }
    }

    /// Appends an element to the list of the current key.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the list is unchanged.
    pub fn add<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        element: &T,
    ) -> Result<(), StateError> {
        let mut access = state.access::<Adopted<T>>(self.at)?;
        let sequence = next_sequence(&mut access)?;
        access.encode(access.serializers, element)?;
        access.row.extend_from_slice(&sequence.to_be_bytes());
        access.put()
    }

    /// Appends elements to the list of the current key, atomically.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the list is unchanged.
    pub fn add_all<'a, K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        elements: impl IntoIterator<Item = &'a T>,
    ) -> Result<(), StateError> {
        let mut access = state.access::<Adopted<T>>(self.at)?;
        let first = next_sequence(&mut access)?;
        access.scratch.batch.clear();
        put_from(&mut access, first, elements)?;
        access.apply()
    }

    /// The elements of the current key, in order.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn get<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<Vec<T>, StateError> {
        let mut elements = Vec::new();
        self.for_each(state, |element| elements.push(element))?;
        Ok(elements)
    }

    /// Calls `visit` with each element of the current key, in order. Only one element is in memory at a time.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    ///
    /// let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// let delays = operator.list::<i16>("recent-delays")?;
    /// let mut state = operator.open(MemoryBackend::new())?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// delays.add_all(&mut state, [&2, &-4, &30])?;
    ///
    /// let mut total = 0;
    /// delays.for_each(&mut state, |delay| total += i32::from(delay))?;
    /// assert_eq!(total, 28);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`StateError`]. Elements before one that cannot be decoded have been visited.
    pub fn for_each<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        mut visit: impl FnMut(T),
    ) -> Result<(), StateError> {
        let mut access = state.access::<Adopted<T>>(self.at)?;
        let serializer = access.serializers;
        let mut failure = None;
        access.scan(|_, value| {
            if failure.is_none() {
                match serializer.deserialize(value) {
                    Ok(element) => visit(element),
                    Err(source) => failure = Some(source),
                }
            }
            Ok(())
        })?;
        match failure {
            None => Ok(()),
            Some(source) => Err(access.decode_error(SerializerPart::Value, source)),
        }
    }

    /// Replaces the list of the current key.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the list is unchanged.
    pub fn update<'a, K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        elements: impl IntoIterator<Item = &'a T>,
    ) -> Result<(), StateError> {
        let mut access = state.access::<Adopted<T>>(self.at)?;
        access.scratch.batch.clear();
        let length = put_from(&mut access, 0, elements)?;
        delete_from(&mut access, length)?;
        access.apply()
    }

    /// Deletes the list of the current key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<(), StateError> {
        let mut access = state.access::<Adopted<T>>(self.at)?;
        access.delete_all()?;
        access.apply()
    }
}

/// The sequence number after that of the last element: one look-up from the end, however long the list is.
pub(crate) fn next_sequence<S, B: Backend>(access: &mut Access<'_, S, B>) -> Result<u64, StateError> {
    let end = &mut access.scratch.end;
    end.clear();
    end.extend_from_slice(access.row);
    end.extend_from_slice(&u64::MAX.to_be_bytes());
    let range = RowRange { from: access.row, until: Some(end) };
    let mut last = None;
    let found = access.backend.last(access.rows, range, &mut |key, _| {
        last = key.get(access.prefix..).and_then(|rest| rest.try_into().ok()).map(u64::from_be_bytes);
    })?;
    match (found, last) {
        (false, _) => Ok(0),
        (true, Some(last)) => last.checked_add(1).ok_or_else(|| access.list_full()),
        (true, None) => Err(access.row_error("the sequence number of an element")),
    }
}

/// Fills the batch with elements under ascending sequence numbers. Returns the next number.
fn put_from<'a, T: StateType, B>(
    access: &mut Access<'_, Adopted<T>, B>,
    first: u64,
    elements: impl IntoIterator<Item = &'a T>,
) -> Result<u64, StateError> {
    let mut sequence = first;
    for element in elements {
        access.encode(access.serializers, element)?;
        access.row.truncate(access.prefix);
        access.row.extend_from_slice(&sequence.to_be_bytes());
        access.put_to_batch();
        sequence = sequence.checked_add(1).ok_or_else(|| access.list_full())?;
    }
    Ok(sequence)
}

/// Adds to the batch the deletion of every element from this sequence number on. Elements before it are overwritten: a
/// list that keeps its length costs one look-up here and no deletions.
fn delete_from<S, B: Backend>(access: &mut Access<'_, S, B>, first: u64) -> Result<(), StateError> {
    let Scratch { end, batch, .. } = &mut *access.scratch;
    access.row.truncate(access.prefix);
    let bounded = RowRange::of_prefix(access.row, end).until.is_some();
    access.row.extend_from_slice(&first.to_be_bytes());
    let range = RowRange { from: access.row, until: bounded.then_some(end.as_slice()) };
    let rows = access.rows;
    access.backend.scan(rows, range, &mut |key, _| {
        batch.delete(rows, key);
        ControlFlow::Continue(())
    })?;
    Ok(())
}

impl<T> Clone for ListState<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ListState<T> {}

impl<T> fmt::Debug for ListState<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ListState").field(&self.at.slot).finish()
    }
}
