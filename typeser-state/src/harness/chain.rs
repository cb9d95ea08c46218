//! Chains of operators.

use super::error::HarnessError;
use super::stage::{Notification, Stage, StartContext};
use crate::function::{Record, Times};
use crate::restore::{Refusal, RestoreOptions};
use crate::savepoint::{Savepoint, SavepointWriter};
use crate::timer::TimeDomain;

/// Two operators or chains of operators; the output of the first is the input of the second.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::function::MapWithState;
/// use typeser_state::harness::{Harness, ProcessOperator};
///
/// let count = ProcessOperator::new("count", |states| {
///     MapWithState::new(states, "count", |word: String, count: Option<u32>| {
///         let count = count.unwrap_or(0) + 1;
///         ((word, count), Some(count))
///     })
/// });
/// let double = ProcessOperator::new("double", |states| {
///     MapWithState::new(states, "unused", |(_, count): (String, u32), stored: Option<u32>| (2 * count, stored))
/// });
/// let chain = count.keyed_by(String::clone).then(double.keyed_by(|(word, _)| word.clone()));
/// let mut harness = Harness::of(chain).open()?;
/// harness.process("to".to_owned())?;
/// assert_eq!(harness.take_output(), [2]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OperatorChain<A, B> {
    /// The first operator or chain.
    pub head: A,
    /// The operator or chain that receives its output.
    pub tail: B,
}

impl<A: Stage, B: Stage<In = A::Out>> OperatorChain<A, B> {
    /// Appends an operator to the chain.
    #[must_use]
    pub fn then<C: Stage<In = B::Out>>(self, next: C) -> OperatorChain<Self, C> {
        OperatorChain { head: self, tail: next }
    }

    fn pass_on(
        &mut self,
        elements: Vec<Record<A::Out>>,
        times: Times,
        out: &mut Vec<Record<B::Out>>,
    ) -> Result<(), HarnessError> {
        elements.into_iter().try_for_each(|element| self.tail.process(element, times, out))
    }
}

impl<A: Stage, B: Stage<In = A::Out>> Stage for OperatorChain<A, B> {
    type In = A::In;
    type Out = B::Out;

    fn uids(&self, uids: &mut Vec<String>) {
        self.head.uids(uids);
        self.tail.uids(uids);
    }

    fn declare(&mut self, context: &mut StartContext<'_>) -> Result<(), HarnessError> {
        self.head.declare(context)?;
        self.tail.declare(context)
    }

    fn check(
        &self,
        context: &mut StartContext<'_>,
        savepoint: &Savepoint,
        options: &RestoreOptions,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), HarnessError> {
        self.head.check(context, savepoint, options, refusals)?;
        self.tail.check(context, savepoint, options, refusals)
    }

    fn start(
        &mut self,
        context: &mut StartContext<'_>,
        from: Option<(&Savepoint, &RestoreOptions)>,
    ) -> Result<(), HarnessError> {
        self.head.start(context, from)?;
        self.tail.start(context, from)
    }

    fn initialize(&mut self) -> Result<(), HarnessError> {
        self.head.initialize()?;
        self.tail.initialize()
    }

    fn process(
        &mut self,
        element: Record<A::In>,
        times: Times,
        out: &mut Vec<Record<B::Out>>,
    ) -> Result<(), HarnessError> {
        let mut between = Vec::new();
        self.head.process(element, times, &mut between)?;
        self.pass_on(between, times, out)
    }

    fn process_on_all(
        &mut self,
        element: &Record<A::In>,
        times: Times,
        out: &mut Vec<Record<B::Out>>,
    ) -> Result<(), HarnessError>
    where
        A::In: Clone,
    {
        let mut between = Vec::new();
        self.head.process_on_all(element, times, &mut between)?;
        self.pass_on(between, times, out)
    }

    /// The output of the first operator's timers reaches the second before its time advances.
    fn advance(&mut self, domain: TimeDomain, times: Times, out: &mut Vec<Record<B::Out>>) -> Result<(), HarnessError> {
        let mut between = Vec::new();
        self.head.advance(domain, times, &mut between)?;
        self.pass_on(between, times, out)?;
        self.tail.advance(domain, times, out)
    }

    fn snapshot(&mut self, checkpoint_id: u64, timestamp: i64) -> Result<(), HarnessError> {
        self.head.snapshot(checkpoint_id, timestamp)?;
        self.tail.snapshot(checkpoint_id, timestamp)
    }

    fn write(&self, to: SavepointWriter) -> Result<SavepointWriter, HarnessError> {
        self.tail.write(self.head.write(to)?)
    }

    fn notify(&mut self, notification: &mut Notification<'_>) {
        self.head.notify(notification);
        self.tail.notify(notification);
    }
}
