//! Internal state: the state that operators such as windows and joins keep, with types derived from those of their
//! inputs and outputs.
//!
//! A program does not declare this state itself, but it is stored, and it changes when the type of an input changes.
//! The methods here derive its types, give it fixed names, and let reports name the input that caused a change. The
//! derivations are those of the table in Flink's "Upgrading Applications".
//!
//! | operator | keeps | of |
//! | --- | --- | --- |
//! | reduce | the value so far | input and output type |
//! | fold | the value so far | output type |
//! | window, all-window | all elements of the window | input type |
//! | window with a reduce function | the value so far, for each window | input type |
//! | window with a fold function | the value so far, for each window | output type |
//! | window with an aggregate function | the accumulator, for each window | type of the accumulator |
//! | join, co-group | all elements of the window, of each input | types of both inputs |
//! | built-in aggregation (sum, min, max, minBy, maxBy), also over windows | the value so far | input type |
//!
//! Operators on keyed streams also store the key type, which is that of the [`Operator`].

use typeser::{StateKey, StateType};

use super::aggregate::{AggregatingState, FoldingState, ReducingState};
use super::list::ListState;
use super::operator::Operator;
use crate::descriptor::{
    AggregatingStateDescriptor, DerivedFrom, FoldingStateDescriptor, ListStateDescriptor, ReducingStateDescriptor,
    StateError,
};

/// The handles of the state of a join or a co-group: the elements of both inputs, per window.
#[derive(Debug, Clone, Copy)]
pub struct JoinState<First, Second> {
    /// The elements of the first input.
    pub first: ListState<First>,
    /// The elements of the second input.
    pub second: ListState<Second>,
}

impl<K: StateKey> Operator<K> {
    /// Declares the state of a reduce function: the current value, of the input and output type.
    ///
    /// # Errors
    /// The operator has such state already, or the type has no snapshot.
    pub fn reduce_function<T: StateType>(
        &mut self,
        reduce: impl Fn(T, T) -> T + Send + Sync + 'static,
    ) -> Result<ReducingState<T>, StateError> {
        let descriptor = ReducingStateDescriptor::new("reduce", reduce)?;
        self.reducing_state(
            descriptor.derived_from(DerivedFrom { from: "input and output type", state: "reduce state" }),
        )
    }

    /// Declares the state of a fold function: the current value, of the output type.
    ///
    /// # Errors
    /// The operator has such state already, or the type has no snapshot.
    pub fn fold_function<T: 'static, Out: StateType + Clone + Send + Sync>(
        &mut self,
        initial: Out,
        fold: impl Fn(&mut Out, T) + Send + Sync + 'static,
    ) -> Result<FoldingState<T, Out>, StateError> {
        let descriptor = FoldingStateDescriptor::new("fold", initial, fold)?;
        self.aggregating_state(descriptor.derived_from(DerivedFrom { from: "output type", state: "fold state" }))
    }

    /// Declares the state of a window function: all elements of each window, of the input type.
    ///
    /// # Errors
    /// The operator has such state already, or a type has no snapshot.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    ///
    /// let mut delays = Operator::<String>::new("delays-by-hour")?;
    /// let window = delays.window_function::<i32, u64>()?;
    /// let mut state = delays.open(MemoryBackend::new())?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// state.set_current_namespace(&7u64)?;
    /// window.add(&mut state, &12)?;
    /// assert_eq!(window.get(&mut state)?, [12]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn window_function<In: StateType, Window: StateKey>(&mut self) -> Result<ListState<In>, StateError> {
        self.elements::<In, Window>("window", DerivedFrom { from: "input type", state: "window state" })
    }

    /// Declares the state of a window that reduces its elements as they arrive: the value so far of each window, of the
    /// input type.
    ///
    /// # Errors
    /// The operator has such state already, or a type has no snapshot.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    ///
    /// let mut delays = Operator::<String>::new("longest-delay-by-hour")?;
    /// let longest = delays.window_reduce_function::<i32, u64>(i32::max)?;
    /// let mut state = delays.open(MemoryBackend::new())?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// for (hour, delay) in [(7u64, 12), (7, 5), (8, 3)] {
    ///     state.set_current_namespace(&hour)?;
    ///     longest.add(&mut state, delay)?;
    /// }
    /// state.set_current_namespace(&7u64)?;
    /// assert_eq!(longest.get(&mut state)?, Some(12));
    /// # Ok(())
    /// # }
    /// ```
    pub fn window_reduce_function<T: StateType, Window: StateKey>(
        &mut self,
        reduce: impl Fn(T, T) -> T + Send + Sync + 'static,
    ) -> Result<ReducingState<T>, StateError> {
        let descriptor = ReducingStateDescriptor::new("window-reduce", reduce)?.with_namespace::<Window>()?;
        self.reducing_state(descriptor.derived_from(DerivedFrom { from: "input type", state: "window state" }))
    }

    /// Declares the state of a window that folds its elements as they arrive: the value so far of each window, of the
    /// output type.
    ///
    /// # Errors
    /// The operator has such state already, or a type has no snapshot.
    pub fn window_fold_function<T: 'static, Out: StateType + Clone + Send + Sync, Window: StateKey>(
        &mut self,
        initial: Out,
        fold: impl Fn(&mut Out, T) + Send + Sync + 'static,
    ) -> Result<FoldingState<T, Out>, StateError> {
        let descriptor = AggregatingStateDescriptor::from(FoldingStateDescriptor::new("window-fold", initial, fold)?);
        let descriptor = descriptor.with_namespace::<Window>()?;
        self.aggregating_state(descriptor.derived_from(DerivedFrom { from: "output type", state: "window state" }))
    }

    /// Declares the state of a window that aggregates its elements as they arrive: the accumulator of each window.
    /// `create` makes an accumulator, `add` adds an element to it, and `finish` computes the result.
    ///
    /// # Errors
    /// The operator has such state already, or a type has no snapshot.
    pub fn window_aggregate_function<In: 'static, Acc: StateType, Out: 'static, Window: StateKey>(
        &mut self,
        create: impl Fn() -> Acc + Send + Sync + 'static,
        add: impl Fn(&mut Acc, In) + Send + Sync + 'static,
        finish: impl Fn(Acc) -> Out + Send + Sync + 'static,
    ) -> Result<AggregatingState<In, Acc, Out>, StateError> {
        let descriptor = AggregatingStateDescriptor::new("window-aggregate", create, add, finish)?;
        let descriptor = descriptor.with_namespace::<Window>()?;
        self.aggregating_state(descriptor.derived_from(DerivedFrom { from: "accumulator type", state: "window state" }))
    }

    /// Declares the state of a [built-in aggregation](Self::built_in_aggregation) over windows: the value so far of
    /// each window, of the input type.
    ///
    /// # Errors
    /// The operator has such state already, or a type has no snapshot.
    pub fn window_built_in_aggregation<In: StateType, Window: StateKey>(
        &mut self,
        aggregate: impl Fn(In, In) -> In + Send + Sync + 'static,
    ) -> Result<ReducingState<In>, StateError> {
        let descriptor = ReducingStateDescriptor::new("window-aggregation", aggregate)?.with_namespace::<Window>()?;
        self.reducing_state(descriptor.derived_from(DerivedFrom { from: "input type", state: "window state" }))
    }

    /// Declares the state of a join: all elements of each window and input, of the types of both inputs.
    ///
    /// # Errors
    /// The operator has such state already, or a type has no snapshot.
    pub fn join_function<First: StateType, Second: StateType, Window: StateKey>(
        &mut self,
    ) -> Result<JoinState<First, Second>, StateError> {
        Ok(JoinState {
            first: self.elements::<First, Window>("join-first", DerivedFrom { from: FIRST, state: "join state" })?,
            second: self
                .elements::<Second, Window>("join-second", DerivedFrom { from: SECOND, state: "join state" })?,
        })
    }

    /// Declares the state of a co-group: all elements of each window and input, of the types of both inputs.
    ///
    /// # Errors
    /// The operator has such state already, or a type has no snapshot.
    pub fn co_group_function<First: StateType, Second: StateType, Window: StateKey>(
        &mut self,
    ) -> Result<JoinState<First, Second>, StateError> {
        let (first, second) = ("co-group-first", "co-group-second");
        Ok(JoinState {
            first: self.elements::<First, Window>(first, DerivedFrom { from: FIRST, state: "co-group state" })?,
            second: self.elements::<Second, Window>(second, DerivedFrom { from: SECOND, state: "co-group state" })?,
        })
    }

    /// Declares the state of a built-in aggregation such as a sum, a maximum, or the element with the greatest field:
    /// the current value, of the input type.
    ///
    /// # Errors
    /// The operator has such state already, or the type has no snapshot.
    pub fn built_in_aggregation<In: StateType>(
        &mut self,
        aggregate: impl Fn(In, In) -> In + Send + Sync + 'static,
    ) -> Result<ReducingState<In>, StateError> {
        let descriptor = ReducingStateDescriptor::new("aggregation", aggregate)?;
        self.reducing_state(descriptor.derived_from(DerivedFrom { from: "input type", state: "aggregation state" }))
    }

    fn elements<T: StateType, Window: StateKey>(
        &mut self,
        name: &str,
        derived_from: DerivedFrom,
    ) -> Result<ListState<T>, StateError> {
        let descriptor = ListStateDescriptor::new(name)?.with_namespace::<Window>()?;
        self.list_state(descriptor.derived_from(derived_from))
    }
}

const FIRST: &str = "type of the first input";
const SECOND: &str = "type of the second input";

impl Operator<()> {
    /// Declares the state of a window function over a stream without keys: all elements of each window, of the input
    /// type.
    ///
    /// # Errors
    /// The operator has such state already, or a type has no snapshot.
    pub fn all_window_function<In: StateType, Window: StateKey>(&mut self) -> Result<ListState<In>, StateError> {
        self.elements::<In, Window>("all-window", DerivedFrom { from: "input type", state: "all-window state" })
    }
}
