//! A harness that drives functions in one process: elements in, output out, time as you say, and savepoints between.
//!
//! It is for tests and examples, not an engine: there is no thread, no network and no recovery in it. It does drive all
//! parallel instances of each operator, so that a test can restore at another parallelism. The idea is Flink's
//! `OneInputStreamOperatorTestHarness`. Time is no state: after a restore, event time begins anew, and timers that lie in
//! the past of the first watermark fire with it.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let directory = folder.path().join("first");
//! use typeser_state::function::MapWithState;
//! use typeser_state::harness::{Harness, HarnessSetup, Operators, ProcessOperator};
//! use typeser_state::restore::RestoreOptions;
//!
//! fn counts() -> HarnessSetup<impl Operators<In = &'static str, Out = (&'static str, u64)>> {
//!     let counts = ProcessOperator::new("counts", |states| {
//!         MapWithState::new(states, "count", |word: &str, count: Option<u64>| {
//!             let count = count.unwrap_or(0) + 1;
//!             ((word, count), Some(count))
//!         })
//!     });
//!     Harness::of(counts.keyed_by(|word| word.to_string()))
//! }
//!
//! let mut harness = counts().open()?;
//! harness.process_all(["to", "be", "or", "not", "to", "be"])?;
//! let savepoint = harness.take_savepoint(&directory)?;
//!
//! let mut harness = counts().with_parallelism(3).restore(&savepoint, &RestoreOptions::new())?;
//! harness.process("to")?;
//! assert_eq!(harness.take_output(), [("to", 3)]);
//! # Ok(())
//! # }
//! ```

mod chain;
mod error;
mod instance;
mod process_operator;
mod stage;

pub use chain::OperatorChain;
pub use error::HarnessError;
pub use process_operator::ProcessOperator;

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use crate::backend::MemoryBackend;
use crate::function::{Record, StateStorage, Times};
use crate::keyed::ManualClock;
use crate::restore::{Refusal, RestoreOptions};
use crate::savepoint::Savepoint;
use crate::timer::TimeDomain;
use stage::{Making, Stage, Told};

/// An operator, or a chain of them: what a harness drives. [`ProcessOperator`] and [`OperatorChain`] are those.
pub trait Operators: Stage {}

impl<S: Stage> Operators for S {}

/// Operators that have started.
pub struct Harness<C: Operators> {
    operators: C,
    out: Vec<Record<C::Out>>,
    times: Times,
    clock: Arc<ManualClock>,
    next_checkpoint: u64,
    /// What failed, if something did.
    failed: Option<String>,
}

type NewStorage = dyn FnMut(&str, u32) -> StateStorage;

/// Operators that have not started yet, and how they will.
pub struct HarnessSetup<C> {
    operators: C,
    parallelism: u32,
    processing_time: i64,
    next_checkpoint: u64,
    storage: Box<NewStorage>,
}

impl<C: Operators> Harness<C> {
    /// Operators that are to be driven: one instance of each, if nothing else is said.
    #[must_use]
    pub fn of(operators: C) -> HarnessSetup<C> {
        HarnessSetup {
            operators,
            parallelism: 1,
            processing_time: 0,
            next_checkpoint: 1,
            storage: Box::new(|_, _| Box::new(MemoryBackend::new())),
        }
    }
}

impl<C> HarnessSetup<C> {
    /// So many instances of each operator: at least one, and at most as many as the [max
    /// parallelism](ProcessOperator::with_max_parallelism) of each that is keyed. If not, it does not start.
    #[must_use]
    pub fn with_parallelism(self, parallelism: u32) -> Self {
        Self { parallelism, ..self }
    }

    /// The processing time in the beginning, in milliseconds since 1970; 0 if nothing is said. Times to live count by it,
    /// also those of state that is restored.
    #[must_use]
    pub fn with_processing_time(self, now: i64) -> Self {
        Self { processing_time: now, ..self }
    }

    /// The number of the first checkpoint; 1 if nothing is said.
    #[must_use]
    pub fn with_first_checkpoint(self, checkpoint_id: u64) -> Self {
        Self { next_checkpoint: checkpoint_id, ..self }
    }

    /// Where keyed state lives, by the operator's uid and the number of the instance: an empty backend for each. In memory
    /// if nothing is said.
    #[must_use]
    pub fn with_storage(self, storage: impl FnMut(&str, u32) -> StateStorage + 'static) -> Self {
        Self { storage: Box::new(storage), ..self }
    }
}

impl<C: Operators> HarnessSetup<C> {
    /// Starts all operators with empty state.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn open(self) -> Result<Harness<C>, HarnessError> {
        self.start(None)
    }

    /// Starts all operators with the state of a savepoint. What is stored is compared with what all operators declare
    /// before any of it is restored.
    ///
    /// # Errors
    /// See [`HarnessError`]; [`HarnessError::Refused`] tells of all problems of all operators at once.
    pub fn restore(self, savepoint: &Savepoint, options: &RestoreOptions) -> Result<Harness<C>, HarnessError> {
        self.start(Some((savepoint, options)))
    }

    fn start(mut self, from: Option<(&Savepoint, &RestoreOptions)>) -> Result<Harness<C>, HarnessError> {
        if self.parallelism == 0 {
            return Err(HarnessError::NoInstances);
        }
        let mut uids = Vec::new();
        self.operators.uids(&mut uids);
        let mut seen = HashSet::new();
        if let Some(uid) = uids.iter().find(|uid| !seen.insert(uid.as_str())) {
            return Err(HarnessError::DuplicateUid { uid: uid.clone() });
        }
        let times = Times { watermark: i64::MIN, processing_time: self.processing_time };
        let clock = Arc::new(ManualClock::new(clock_time(self.processing_time)));
        let (parallelism, storage) = (self.parallelism, &mut *self.storage);
        let mut making = Making { parallelism, clock: Arc::clone(&clock), storage };
        self.operators.declare(&mut making)?;
        // Each operator is restored on its own, so each is told of the others.
        let from = from.map(|(savepoint, options)| {
            let named = |options: RestoreOptions, uid| options.with_operator(uid).with_operator_state(uid);
            (savepoint, uids.iter().fold(options.clone(), named))
        });
        let from = from.as_ref().map(|(savepoint, options)| (*savepoint, options));
        if let Some((savepoint, options)) = from {
            let mut refusals = Vec::new();
            self.operators.check(&mut making, savepoint, options, &mut refusals)?;
            if let Some(refusal) = Refusal::join(refusals) {
                return Err(HarnessError::Refused(Box::new(refusal)));
            }
        }
        self.operators.start(&mut making, from)?;
        self.operators.initialize()?;
        let Self { operators, next_checkpoint, .. } = self;
        Ok(Harness { operators, out: Vec::new(), times, clock, next_checkpoint, failed: None })
    }
}

impl<C: Operators> Harness<C> {
    /// Gives an element to the first operator.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn process(&mut self, element: C::In) -> Result<(), HarnessError> {
        self.process_record(Record { value: element, timestamp: None })
    }

    /// Gives an element to the first operator, and says when it happened, in milliseconds since 1970. Whether it is late is
    /// for the function to tell: [`Context::watermark`](crate::function::Context::watermark) is at hand.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn process_at(&mut self, timestamp: i64, element: C::In) -> Result<(), HarnessError> {
        self.process_record(Record { value: element, timestamp: Some(timestamp) })
    }

    /// Gives elements to the first operator, one after the other.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn process_all(&mut self, elements: impl IntoIterator<Item = C::In>) -> Result<(), HarnessError> {
        elements.into_iter().try_for_each(|element| self.process(element))
    }

    /// Gives an element to every instance of the first operator, such as a rule that all of them have to know. It has no
    /// key.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn process_on_all(&mut self, element: C::In) -> Result<(), HarnessError>
    where
        C::In: Clone,
    {
        self.demand_sound()?;
        let element = Record { value: element, timestamp: None };
        let processed = self.operators.process_on_all(&element, self.times, &mut self.out);
        self.stop_if_failed(processed)
    }

    fn process_record(&mut self, element: Record<C::In>) -> Result<(), HarnessError> {
        self.demand_sound()?;
        let processed = self.operators.process(element, self.times, &mut self.out);
        self.stop_if_failed(processed)
    }

    /// Event time has come so far, in milliseconds since 1970: timers that are due fire, in all operators from the first to
    /// the last.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn advance_watermark(&mut self, time: i64) -> Result<(), HarnessError> {
        self.advance(TimeDomain::EventTime, self.times.watermark, time)
    }

    /// Processing time has come so far, in milliseconds since 1970: timers that are due fire, in all operators from the first
    /// to the last, and state with a time to live may expire.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn advance_processing_time(&mut self, time: i64) -> Result<(), HarnessError> {
        self.advance(TimeDomain::ProcessingTime, self.times.processing_time, time)
    }

    fn advance(&mut self, domain: TimeDomain, now: i64, asked: i64) -> Result<(), HarnessError> {
        self.demand_sound()?;
        if asked < now {
            return Err(HarnessError::TimeGoesBack { domain, now, asked });
        }
        match domain {
            TimeDomain::EventTime => self.times.watermark = asked,
            TimeDomain::ProcessingTime => {
                self.times.processing_time = asked;
                self.clock.set(clock_time(asked));
            }
        }
        let advanced = self.operators.advance(domain, self.times, &mut self.out);
        self.stop_if_failed(advanced)
    }

    /// Takes a savepoint of all operators: every function is called for its state, then all of it is written, and when the
    /// savepoint is complete, those that listen are told, from the first operator to the last.
    ///
    /// # Errors
    /// See [`HarnessError`]. There is no savepoint then, but for [`HarnessError::Listener`]: it is complete, and everybody
    /// else was told.
    pub fn take_savepoint(&mut self, directory: impl AsRef<Path>) -> Result<Savepoint, HarnessError> {
        self.demand_sound()?;
        let checkpoint_id = self.next_checkpoint;
        // If it is dropped on the way, it leaves nothing behind.
        let writer = Savepoint::create(directory)?;
        self.next_checkpoint += 1;
        self.operators.snapshot(checkpoint_id, self.times.processing_time)?;
        let savepoint = self.operators.write(writer)?.finish()?;
        let mut told = Told { checkpoint_id, path: savepoint.path(), failures: Vec::new() };
        self.operators.notify(&mut told);
        match told.failures.into_iter().next() {
            Some(first) => Err(first),
            None => Ok(savepoint),
        }
    }

    /// What the last operator has given since it was last asked.
    pub fn take_output(&mut self) -> Vec<C::Out> {
        self.take_records().into_iter().map(|record| record.value).collect()
    }

    /// The same as [`take_output`](Self::take_output), with the time at which each element happened.
    pub fn take_records(&mut self) -> Vec<Record<C::Out>> {
        std::mem::take(&mut self.out)
    }

    /// The operators, to look at their functions and state.
    pub fn operators(&mut self) -> &mut C {
        &mut self.operators
    }

    fn demand_sound(&self) -> Result<(), HarnessError> {
        match &self.failed {
            None => Ok(()),
            Some(before) => Err(HarnessError::Stopped { before: before.clone() }),
        }
    }

    /// After an element that failed half-way, nothing that is kept would be what it should.
    fn stop_if_failed(&mut self, outcome: Result<(), HarnessError>) -> Result<(), HarnessError> {
        if let Err(error) = &outcome {
            self.failed = Some(error.to_string());
        }
        outcome
    }
}

/// What the clock of states with a time to live shows, which knows no time before 1970.
fn clock_time(processing_time: i64) -> u64 {
    u64::try_from(processing_time).unwrap_or(0)
}

impl<C: Operators + std::fmt::Debug> std::fmt::Debug for Harness<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Harness")
            .field("operators", &self.operators)
            .field("times", &self.times)
            .field("next_checkpoint", &self.next_checkpoint)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl<C: std::fmt::Debug> std::fmt::Debug for HarnessSetup<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HarnessSetup")
            .field("operators", &self.operators)
            .field("parallelism", &self.parallelism)
            .finish_non_exhaustive()
    }
}
