//! A function that gets elements and timers, and what it is handed with them.

use super::checkpointed::CheckpointedFunction;
use super::context::{FiredTimer, FunctionError, KeyedState, Record, Times};
use crate::operator::OperatorStateStore;

/// A function that is called for every element and every timer.
pub trait ProcessFunction: CheckpointedFunction {
    /// What it gets.
    type In;
    /// What it gives.
    type Out;

    /// Called for an element. If the operator is keyed, the element's key is the current one.
    ///
    /// # Errors
    /// Whatever the function fails with. What it had changed by then stays changed, so whoever drives it does not go on, but
    /// begins again from the last savepoint.
    fn process_element(&mut self, element: Self::In, context: &mut Context<'_, Self>) -> Result<(), FunctionError>;

    /// Called for a timer that [the function declared](super::Declarations::timers) and registered, with its key and namespace as
    /// the current ones. Without an implementation, a timer that fires is an error.
    ///
    /// # Errors
    /// As in [`process_element`](Self::process_element). The timer is registered again.
    fn on_timer(
        &mut self,
        timer: &FiredTimer<'_, Self::Key>,
        context: &mut Context<'_, Self>,
    ) -> Result<(), FunctionError> {
        let _ = context;
        Err(format!("timer `{}` fired, but the function does not implement `on_timer`", timer.service).into())
    }
}

/// What a function is handed with an element or a timer.
pub struct Context<'a, F: ProcessFunction + ?Sized> {
    /// The keyed state, at the current key.
    pub keyed_state: &'a mut KeyedState<F::Key>,
    /// The state of the operator instance itself.
    pub operator_state: &'a mut OperatorStateStore,
    pub(crate) timestamp: Option<i64>,
    pub(crate) times: Times,
    pub(crate) out: &'a mut Vec<Record<F::Out>>,
}

impl<F: ProcessFunction + ?Sized> Context<'_, F> {
    /// Gives an element to whoever comes behind this function. It gets the timestamp of the element or the timer that the
    /// function was called for.
    pub fn collect(&mut self, value: F::Out) {
        self.out.push(Record { value, timestamp: self.timestamp });
    }

    /// The timestamp of the element, if it has one; the time of the timer. In milliseconds since 1970.
    #[must_use]
    pub fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    /// How far event time has come, in milliseconds since 1970: every element that happened until then has been seen.
    /// `i64::MIN` in the beginning, and again after a restore.
    #[must_use]
    pub fn watermark(&self) -> i64 {
        self.times.watermark
    }

    /// How far processing time has come, in milliseconds since 1970.
    #[must_use]
    pub fn processing_time(&self) -> i64 {
        self.times.processing_time
    }
}
