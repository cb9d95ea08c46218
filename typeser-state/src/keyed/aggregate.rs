//! The handles of states that combine values: reducing, aggregating and folding state.

use std::fmt;
use std::marker::PhantomData;

use typeser::{StateKey, StateType, TypeSerializer};

use super::handle::Handle;
use super::state_backend::KeyedStateBackend;
use crate::backend::Backend;
use crate::descriptor::StateError;
use crate::descriptor::{Aggregator, Reducer, SerializerPart};

/// The handle of a reducing state: one value per key, into which each added value is reduced.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let longest = operator.reducing::<i16>("longest-delay", i16::max)?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// longest.add(&mut state, 12)?;
/// longest.add(&mut state, 7)?;
/// assert_eq!(longest.get(&mut state)?, Some(12));
/// # Ok(())
/// # }
/// ```
pub struct ReducingState<T> {
    pub(super) at: Handle,
    pub(super) value: PhantomData<fn() -> T>,
}

/// The handle of an aggregating state: one accumulator per key, to which values of type `In` are added and from which
/// an `Out` is computed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::descriptor::AggregatingStateDescriptor;
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// // The stored accumulator is a sum and a count, the result is their quotient.
/// let mean = AggregatingStateDescriptor::new(
///     "mean-delay",
///     || (0i64, 0u32),
///     |(sum, count), delay: i16| {
///         *sum += i64::from(delay);
///         *count += 1;
///     },
///     |(sum, count)| sum as f64 / f64::from(count),
/// )?;
/// let mean = operator.aggregating_state(mean)?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// mean.add(&mut state, 12)?;
/// mean.add(&mut state, 7)?;
/// assert_eq!(mean.get(&mut state)?, Some(9.5));
/// # Ok(())
/// # }
/// ```
pub struct AggregatingState<In, Acc, Out> {
    pub(super) at: Handle,
    pub(super) types: PhantomData<fn(In) -> (Acc, Out)>,
}

/// The handle of a folding state, an aggregating state whose result is its accumulator; see
/// [`FoldingStateDescriptor`](crate::descriptor::FoldingStateDescriptor).
pub type FoldingState<T, Acc> = AggregatingState<T, Acc, Acc>;

impl<T: StateType> ReducingState<T> {
    /// Reduces a value into that of the current key. If the key has no value, this one becomes its value.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the state is unchanged.
    pub fn add<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>, value: T) -> Result<(), StateError> {
        let mut access = state.access::<Reducer<T>>(self.at)?;
        let Reducer { value: serializer, reduce } = access.serializers;
        let reduced = match access.read_to_combine(|bytes| serializer.deserialize(bytes))? {
            None => value,
            Some(Ok(present)) => reduce(present, value),
            Some(Err(source)) => return Err(access.decode_error(SerializerPart::Value, source)),
        };
        access.encode(serializer, &reduced)?;
        access.put()
    }

    /// The value of the current key, if anything was added.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn get<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<Option<T>, StateError> {
        let mut access = state.access::<Reducer<T>>(self.at)?;
        let Reducer { value: serializer, .. } = access.serializers;
        let value = access.read(|bytes| serializer.deserialize(bytes))?;
        value.transpose().map_err(|source| access.decode_error(SerializerPart::Value, source))
    }

    /// Deletes the value of the current key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<(), StateError> {
        let access = state.access::<Reducer<T>>(self.at)?;
        Ok(access.backend.delete(access.rows, access.row)?)
    }
}

impl<In: 'static, Acc: StateType, Out: 'static> AggregatingState<In, Acc, Out> {
    /// Adds a value to the accumulator of the current key, creating the accumulator if there is none.
    ///
    /// # Errors
    /// See [`StateError`]. In that case the state is unchanged.
    pub fn add<K: StateKey, B: Backend>(
        self,
        state: &mut KeyedStateBackend<K, B>,
        value: In,
    ) -> Result<(), StateError> {
        let mut access = state.access::<Aggregator<In, Acc, Out>>(self.at)?;
        let Aggregator { accumulator: serializer, create, add, .. } = access.serializers;
        let mut accumulator = match access.read_to_combine(|bytes| serializer.deserialize(bytes))? {
            None => create(),
            Some(Ok(present)) => present,
            Some(Err(source)) => return Err(access.decode_error(SerializerPart::Value, source)),
        };
        add(&mut accumulator, value);
        access.encode(serializer, &accumulator)?;
        access.put()
    }

    /// The result of the current key, if anything was added.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn get<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<Option<Out>, StateError> {
        let mut access = state.access::<Aggregator<In, Acc, Out>>(self.at)?;
        let Aggregator { accumulator: serializer, finish, .. } = access.serializers;
        let accumulator = access.read(|bytes| serializer.deserialize(bytes))?.transpose();
        let accumulator = accumulator.map_err(|source| access.decode_error(SerializerPart::Value, source))?;
        Ok(accumulator.map(|accumulator| finish(accumulator)))
    }

    /// Deletes the accumulator of the current key.
    ///
    /// # Errors
    /// See [`StateError`].
    pub fn clear<K: StateKey, B: Backend>(self, state: &mut KeyedStateBackend<K, B>) -> Result<(), StateError> {
        let access = state.access::<Aggregator<In, Acc, Out>>(self.at)?;
        Ok(access.backend.delete(access.rows, access.row)?)
    }
}

impl<T> Clone for ReducingState<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ReducingState<T> {}

impl<T> fmt::Debug for ReducingState<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReducingState").field(&self.at.slot).finish()
    }
}

impl<In, Acc, Out> Clone for AggregatingState<In, Acc, Out> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<In, Acc, Out> Copy for AggregatingState<In, Acc, Out> {}

impl<In, Acc, Out> fmt::Debug for AggregatingState<In, Acc, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AggregatingState").field(&self.at.slot).finish()
    }
}
