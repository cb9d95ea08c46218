//! Functions that map each element together with one value of its key: Flink's `mapWithState` and `flatMapWithState`.

use std::marker::PhantomData;

use typeser::{StateKey, StateType};

use super::checkpointed::CheckpointedFunction;
use super::context::FunctionError;
use super::declarations::Declarations;
use super::process::{Context, ProcessFunction};
use crate::descriptor::StateError;
use crate::keyed::ValueState;

/// Maps each element and the stored value of its key to an output element and the new stored value. `None` deletes the
/// value.
///
/// ```
/// use typeser_state::function::MapWithState;
/// use typeser_state::harness::{Harness, ProcessOperator};
///
/// let counts = ProcessOperator::new("counts", |states| {
///     MapWithState::new(states, "count", |(word, n): (&str, u32), count: Option<u32>| {
///         let before = count.unwrap_or(0);
///         ((word, before), Some(before + n))
///     })
/// });
/// let mut harness = Harness::of(counts.keyed_by(|(word, _): &(&str, u32)| (*word).to_owned())).open()?;
/// harness.process_all([("to", 1), ("be", 1), ("to", 5), ("to", 1)])?;
/// assert_eq!(harness.take_output(), [("to", 0), ("be", 0), ("to", 1), ("to", 6)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MapWithState<K, In, Out, S, M> {
    state: ValueState<S>,
    map: M,
    types: PhantomData<fn(K, In) -> Out>,
}

impl<K, In, Out, S, M> MapWithState<K, In, Out, S, M>
where
    K: StateKey,
    S: StateType,
    M: FnMut(In, Option<S>) -> (Out, Option<S>),
{
    /// Creates the function and declares its value state.
    ///
    /// # Errors
    /// The operator has a state of this name, or the type has no snapshot.
    pub fn new(states: &mut Declarations<K>, name: &str, map: M) -> Result<Self, StateError> {
        Ok(Self { state: states.keyed_state().value(name)?, map, types: PhantomData })
    }
}

impl<K: StateKey, In, Out, S, M> CheckpointedFunction for MapWithState<K, In, Out, S, M> {
    type Key = K;
}

impl<K, In, Out, S, M> ProcessFunction for MapWithState<K, In, Out, S, M>
where
    K: StateKey,
    S: StateType,
    M: FnMut(In, Option<S>) -> (Out, Option<S>),
{
    type In = In;
    type Out = Out;

    fn process_element(&mut self, element: In, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        let stored = self.state.get(context.keyed_state)?;
        let (out, stored) = (self.map)(element, stored);
        match stored {
            Some(value) => self.state.update(context.keyed_state, &value)?,
            None => self.state.clear(context.keyed_state)?,
        }
        context.collect(out);
        Ok(())
    }
}

/// Maps each element and the stored value of its key to any number of output elements and the new stored value. `None`
/// deletes the value. The idea is Flink's `flatMapWithState`.
///
/// ```
/// use typeser_state::function::FlatMapWithState;
/// use typeser_state::harness::{Harness, ProcessOperator};
///
/// // Every second element of a key, with the one before it.
/// let pairs = ProcessOperator::new("pairs", |states| {
///     FlatMapWithState::new(states, "first", |(_, n): (&str, u32), first: Option<u32>| match first {
///         None => (None, Some(n)),
///         Some(first) => (Some((first, n)), None),
///     })
/// });
/// let mut harness = Harness::of(pairs.keyed_by(|(word, _): &(&str, u32)| (*word).to_owned())).open()?;
/// harness.process_all([("to", 1), ("be", 2), ("to", 3), ("to", 4)])?;
/// assert_eq!(harness.take_output(), [(1, 3)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FlatMapWithState<K, In, Outs, S, M> {
    state: ValueState<S>,
    map: M,
    types: PhantomData<fn(K, In) -> Outs>,
}

impl<K, In, Outs, S, M> FlatMapWithState<K, In, Outs, S, M>
where
    K: StateKey,
    S: StateType,
    M: FnMut(In, Option<S>) -> (Outs, Option<S>),
{
    /// Creates the function and declares its value state.
    ///
    /// # Errors
    /// The operator has a state of this name, or the type has no snapshot.
    pub fn new(states: &mut Declarations<K>, name: &str, map: M) -> Result<Self, StateError> {
        Ok(Self { state: states.keyed_state().value(name)?, map, types: PhantomData })
    }
}

impl<K: StateKey, In, Outs, S, M> CheckpointedFunction for FlatMapWithState<K, In, Outs, S, M> {
    type Key = K;
}

impl<K, In, Outs, S, M> ProcessFunction for FlatMapWithState<K, In, Outs, S, M>
where
    K: StateKey,
    S: StateType,
    Outs: IntoIterator,
    M: FnMut(In, Option<S>) -> (Outs, Option<S>),
{
    type In = In;
    type Out = Outs::Item;

    fn process_element(&mut self, element: In, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        let stored = self.state.get(context.keyed_state)?;
        let (outs, stored) = (self.map)(element, stored);
        match stored {
            Some(value) => self.state.update(context.keyed_state, &value)?,
            None => self.state.clear(context.keyed_state)?,
        }
        outs.into_iter().for_each(|out| context.collect(out));
        Ok(())
    }
}

impl<K, In, Out, S, M> std::fmt::Debug for MapWithState<K, In, Out, S, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("MapWithState").field(&self.state).finish()
    }
}

impl<K, In, Outs, S, M> std::fmt::Debug for FlatMapWithState<K, In, Outs, S, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FlatMapWithState").field(&self.state).finish()
    }
}
