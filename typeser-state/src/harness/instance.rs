//! One instance of an operator: its function and its state.

use std::any::Any;

use crate::function::{
    Context, ErasedTimers, FiredTimer, FunctionError, InitializationContext, KeyedState, ProcessFunction, Record,
    SnapshotContext, Times,
};
use crate::operator::OperatorStateStore;
use crate::timer::TimeDomain;

/// One instance of an operator.
pub(super) struct Instance<F: ProcessFunction> {
    pub(super) function: F,
    pub(super) keyed_state: KeyedState<F::Key>,
    pub(super) operator_state: OperatorStateStore,
    pub(super) timers: Vec<Box<dyn ErasedTimers<F::Key>>>,
    pub(super) list: Option<Box<dyn Any + Send + Sync>>,
    pub(super) is_restored: bool,
}

impl<F: ProcessFunction> Instance<F> {
    pub(super) fn initialize(&mut self) -> Result<(), FunctionError> {
        let Self { function, keyed_state, operator_state, list, is_restored, .. } = self;
        let (is_restored, list) = (*is_restored, list.as_deref());
        keyed_state.clear_current_key();
        function.initialize_state(&mut InitializationContext { keyed_state, operator_state, is_restored, list })
    }

    /// Processes an element; without a key, it belongs to no key, and not to that of the call before.
    pub(super) fn process(
        &mut self,
        element: Record<F::In>,
        key: Option<&F::Key>,
        times: Times,
        out: &mut Vec<Record<F::Out>>,
    ) -> Result<(), FunctionError> {
        let Self { function, keyed_state, operator_state, .. } = self;
        let Record { value, timestamp } = element;
        keyed_state.clear_current_key();
        if let Some(key) = key {
            keyed_state.set_current_key(key)?;
        }
        function.process_element(value, &mut Context { keyed_state, operator_state, timestamp, times, out })
    }

    /// Fires the due timers of all services, ordered by time.
    pub(super) fn advance(
        &mut self,
        domain: TimeDomain,
        times: Times,
        out: &mut Vec<Record<F::Out>>,
    ) -> Result<(), FunctionError> {
        let Self { function, keyed_state, operator_state, timers, .. } = self;
        let now = match domain {
            TimeDomain::EventTime => times.watermark,
            TimeDomain::ProcessingTime => times.processing_time,
        };
        loop {
            let mut due: Option<(i64, &dyn ErasedTimers<F::Key>)> = None;
            for service in &*timers {
                let next = service.next(keyed_state, domain)?.filter(|time| *time <= now);
                if let Some(time) = next.filter(|time| due.is_none_or(|(first, _)| *time < first)) {
                    due = Some((time, &**service));
                }
            }
            let Some((time, service)) = due else { return Ok(()) };
            service.advance_to(keyed_state, domain, time, &mut |keyed_state, timer: &FiredTimer<'_, F::Key>| {
                let (timestamp, operator_state, out) = (Some(timer.time), &mut *operator_state, &mut *out);
                function.on_timer(timer, &mut Context { keyed_state, operator_state, timestamp, times, out })
            })?;
        }
    }

    pub(super) fn snapshot(&mut self, checkpoint_id: u64, timestamp: i64) -> Result<(), FunctionError> {
        let Self { function, keyed_state, operator_state, list, .. } = self;
        let list = list.as_deref();
        keyed_state.clear_current_key();
        function.snapshot_state(&mut SnapshotContext { keyed_state, operator_state, checkpoint_id, timestamp, list })
    }
}
