//! Functions that process elements and timers, and the context that they are called with.

use super::checkpointed::CheckpointedFunction;
use super::context::{FiredTimer, FunctionError, KeyedState, Record, Times};
use crate::operator::OperatorStateStore;

/// A function that is called for every element and every timer.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::function::{CheckpointedFunction, Context, FunctionError, ProcessFunction};
/// use typeser_state::harness::{Harness, ProcessOperator};
/// use typeser_state::keyed::ValueState;
///
/// /// Counts how often each word occurs.
/// struct Count(ValueState<u32>);
///
/// impl CheckpointedFunction for Count {
///     type Key = String;
/// }
///
/// impl ProcessFunction for Count {
///     type In = String;
///     type Out = (String, u32);
///
///     fn process_element(&mut self, word: String, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
///         let count = self.0.get(context.keyed_state)?.unwrap_or(0) + 1;
///         self.0.update(context.keyed_state, &count)?;
///         context.collect((word, count));
///         Ok(())
///     }
/// }
///
/// let count = ProcessOperator::new("count", |states| Ok(Count(states.keyed_state().value("count")?)));
/// let mut harness = Harness::of(count.keyed_by(String::clone)).open()?;
/// harness.process_all(["to", "be", "to"].map(str::to_owned))?;
/// assert_eq!(harness.take_output().last(), Some(&("to".to_owned(), 2)));
/// # Ok(())
/// # }
/// ```
pub trait ProcessFunction: CheckpointedFunction {
    /// The type of its input elements.
    type In;
    /// The type of its output elements.
    type Out;

    /// Called for an element. If the operator is keyed, the element's key is the current one; an element that is [passed to
    /// all instances](crate::harness::Harness::process_on_all) has none. There is no current namespace.
    ///
    /// # Errors
    /// Any error of the function. Its changes up to then are not undone, so the caller must start again from the last
    /// savepoint.
    fn process_element(&mut self, element: Self::In, context: &mut Context<'_, Self>) -> Result<(), FunctionError>;

    /// Called for a timer that the function [declared](super::Declarations::timers) and registered, with its key and
    /// namespace as the current ones. The default implementation returns an error.
    ///
    /// # Errors
    /// The same as [`process_element`](Self::process_element). The timer is registered again.
    fn on_timer(
        &mut self,
        timer: &FiredTimer<'_, Self::Key>,
        context: &mut Context<'_, Self>,
    ) -> Result<(), FunctionError> {
        let _ = context;
        Err(format!("timer `{}` fired, but the function does not implement `on_timer`", timer.service).into())
    }
}

/// The context of a call with an element or a timer.
pub struct Context<'a, F: ProcessFunction + ?Sized> {
    /// The keyed state, with the key of the element or the timer as the current one, if it has one.
    pub keyed_state: &'a mut KeyedState<F::Key>,
    /// The operator state of the instance.
    pub operator_state: &'a mut OperatorStateStore,
    pub(crate) timestamp: Option<i64>,
    pub(crate) times: Times,
    pub(crate) out: &'a mut Vec<Record<F::Out>>,
}

impl<F: ProcessFunction + ?Sized> Context<'_, F> {
    /// Emits an element. Its timestamp is that of the element or the timer that the function was called for.
    pub fn collect(&mut self, value: F::Out) {
        self.out.push(Record { value, timestamp: self.timestamp });
    }

    /// The timestamp of the element, if it has one, or the time of the timer, in milliseconds since 1970.
    #[must_use]
    pub fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    /// The current watermark, in milliseconds since 1970: all elements up to this event time have been seen. Initially,
    /// and after a restore, it is `i64::MIN`.
    #[must_use]
    pub fn watermark(&self) -> i64 {
        self.times.watermark
    }

    /// The current processing time in milliseconds since 1970.
    #[must_use]
    pub fn processing_time(&self) -> i64 {
        self.times.processing_time
    }
}
