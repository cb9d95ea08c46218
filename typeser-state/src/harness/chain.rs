//! Operators one after the other.

use super::error::HarnessError;
use super::stage::{Making, Stage, Told};
use crate::function::{Record, Times};
use crate::restore::{Refusal, RestoreOptions};
use crate::savepoint::{Savepoint, SavepointWriter};
use crate::timer::TimeDomain;

/// Two operators, or chains of them, of which the second gets what the first gives.
#[derive(Debug)]
pub struct OperatorChain<A, B> {
    /// What comes first.
    pub head: A,
    /// What gets its output.
    pub tail: B,
}

impl<A: Stage, B: Stage<In = A::Out>> OperatorChain<A, B> {
    /// This chain, and another operator behind it.
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

    fn declare(&mut self, making: &mut Making<'_>) -> Result<(), HarnessError> {
        self.head.declare(making)?;
        self.tail.declare(making)
    }

    fn check(
        &self,
        making: &mut Making<'_>,
        savepoint: &Savepoint,
        options: &RestoreOptions,
        refusals: &mut Vec<Refusal>,
    ) -> Result<(), HarnessError> {
        self.head.check(making, savepoint, options, refusals)?;
        self.tail.check(making, savepoint, options, refusals)
    }

    fn start(
        &mut self,
        making: &mut Making<'_>,
        from: Option<(&Savepoint, &RestoreOptions)>,
    ) -> Result<(), HarnessError> {
        self.head.start(making, from)?;
        self.tail.start(making, from)
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

    /// What the timers of the first give reaches the second before time does.
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

    fn notify(&mut self, told: &mut Told<'_>) {
        self.head.notify(told);
        self.tail.notify(told);
    }
}
