//! A harness that runs functions in one process, with full control over input, time and savepoints.
//!
//! It is meant for tests and examples and is not an engine: it has no threads, no network and no recovery. It runs all
//! parallel instances of each operator, so that a test can restore at another parallelism. The idea is Flink's
//! `OneInputStreamOperatorTestHarness`. Time is not part of the state: after a restore, event time starts again, and
//! timers that are due at the first watermark fire with it.
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
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backend::MemoryBackend;
use crate::function::{Record, StateStorage, Times};
use crate::keyed::ManualClock;
use crate::restore::{Refusal, RestoreOptions};
use crate::savepoint::Savepoint;
use crate::timer::TimeDomain;
use stage::{Notification, Stage, StartContext};

/// An operator or a chain of operators that a harness can run: a [`ProcessOperator`] or an [`OperatorChain`].
pub trait Operators: Stage {}

impl<S: Stage> Operators for S {}

/// Running operators.
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
/// let mut harness = Harness::of(count.keyed_by(String::clone)).with_parallelism(2).open()?;
/// harness.process_at(1_000, "to".to_owned())?;
/// harness.advance_watermark(2_000)?;
/// assert_eq!(harness.take_output(), [("to".to_owned(), 1)]);
/// # Ok(())
/// # }
/// ```
pub struct Harness<C: Operators> {
    operators: C,
    out: Vec<Record<C::Out>>,
    times: Times,
    clock: Arc<ManualClock>,
    next_checkpoint: u64,
    /// The first failure, if there was one.
    failed: Option<String>,
    /// The last savepoint, if the harness was stopped with it.
    stopped_with: Option<PathBuf>,
}

type NewStorage = dyn FnMut(&str, u32) -> StateStorage;

/// Operators that have not been started, and their settings.
pub struct HarnessSetup<C> {
    operators: C,
    parallelism: u32,
    processing_time: i64,
    next_checkpoint: u64,
    storage: Box<NewStorage>,
}

impl<C: Operators> Harness<C> {
    /// Sets up operators. By default, each has one instance.
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
    /// Sets the number of instances of each operator. It must be at least one, and at most the [max
    /// parallelism](ProcessOperator::with_max_parallelism) of every keyed operator; otherwise the start fails.
    #[must_use]
    pub fn with_parallelism(self, parallelism: u32) -> Self {
        Self { parallelism, ..self }
    }

    /// Sets the initial processing time in milliseconds since 1970. The default is 0. Times to live are measured with
    /// it, including those of restored state.
    #[must_use]
    pub fn with_processing_time(self, now: i64) -> Self {
        Self { processing_time: now, ..self }
    }

    /// Sets the number of the first checkpoint. The default is 1.
    #[must_use]
    pub fn with_first_checkpoint(self, checkpoint_id: u64) -> Self {
        Self { next_checkpoint: checkpoint_id, ..self }
    }

    /// Sets how backends of keyed state are created, given the uid of the operator and the number of the instance. Each
    /// must be empty. The default is in memory.
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
    /// before any of it is restored. Timers of processing time that are due by [the initial processing
    /// time](Self::with_processing_time) fire before this returns.
    ///
    /// # Errors
    /// See [`HarnessError`]; [`HarnessError::Refused`] reports all problems of all operators at once.
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
        let savepoint = from.map(|(savepoint, _)| savepoint);
        let mut context = StartContext { parallelism, savepoint, clock: Arc::clone(&clock), storage };
        self.operators.declare(&mut context)?;
        // Each operator is restored separately, so each restore has to know the others.
        let from = from.map(|(savepoint, options)| {
            let named = |options: RestoreOptions, uid| options.with_operator(uid).with_operator_state(uid);
            (savepoint, uids.iter().fold(options.clone(), named))
        });
        let from = from.as_ref().map(|(savepoint, options)| (*savepoint, options));
        if let Some((savepoint, options)) = from {
            let mut refusals = Vec::new();
            self.operators.check(&mut context, savepoint, options, &mut refusals)?;
            if let Some(refusal) = Refusal::join(refusals) {
                return Err(HarnessError::Refused(Box::new(refusal)));
            }
        }
        self.operators.start(&mut context, from)?;
        self.operators.initialize()?;
        let Self { operators, next_checkpoint, .. } = self;
        let (failed, stopped_with) = (None, None);
        let mut harness = Harness { operators, out: Vec::new(), times, clock, next_checkpoint, failed, stopped_with };
        // Processing time went on while the program did not run. Event time starts over, so none of its timers is due.
        harness.advance_processing_time(times.processing_time)?;
        Ok(harness)
    }
}

impl<C: Operators> Harness<C> {
    /// Passes an element to the first operator.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn process(&mut self, element: C::In) -> Result<(), HarnessError> {
        self.process_record(Record { value: element, timestamp: None })
    }

    /// Passes an element with a timestamp in milliseconds since 1970 to the first operator. A function can compare the
    /// timestamp with [`Context::watermark`](crate::function::Context::watermark) to detect late elements.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn process_at(&mut self, timestamp: i64, element: C::In) -> Result<(), HarnessError> {
        self.process_record(Record { value: element, timestamp: Some(timestamp) })
    }

    /// Passes elements to the first operator, in order.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn process_all(&mut self, elements: impl IntoIterator<Item = C::In>) -> Result<(), HarnessError> {
        elements.into_iter().try_for_each(|element| self.process(element))
    }

    /// Passes an element to every instance of the first operator, for example a rule that all instances need. There is
    /// no current key, so access to keyed state is an error unless the function sets one.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn process_on_all(&mut self, element: C::In) -> Result<(), HarnessError>
    where
        C::In: Clone,
    {
        self.check_running()?;
        let element = Record { value: element, timestamp: None };
        let processed = self.operators.process_on_all(&element, self.times, &mut self.out);
        self.stop_if_failed(processed)?;
        self.fire_due()
    }

    fn process_record(&mut self, element: Record<C::In>) -> Result<(), HarnessError> {
        self.check_running()?;
        let processed = self.operators.process(element, self.times, &mut self.out);
        self.stop_if_failed(processed)?;
        self.fire_due()
    }

    /// Fires timers of processing time that the last element registered for a time that has come.
    fn fire_due(&mut self) -> Result<(), HarnessError> {
        let fired = self.operators.advance(TimeDomain::ProcessingTime, self.times, &mut self.out);
        self.stop_if_failed(fired)
    }

    /// Advances event time to `time`, in milliseconds since 1970. Due timers fire, operator by operator from the first
    /// to the last.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn advance_watermark(&mut self, time: i64) -> Result<(), HarnessError> {
        self.advance(TimeDomain::EventTime, self.times.watermark, time)
    }

    /// Advances processing time to `time`, in milliseconds since 1970. Due timers fire, operator by operator from the
    /// first to the last, and state with a time to live may expire.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub fn advance_processing_time(&mut self, time: i64) -> Result<(), HarnessError> {
        self.advance(TimeDomain::ProcessingTime, self.times.processing_time, time)
    }

    fn advance(&mut self, domain: TimeDomain, now: i64, asked: i64) -> Result<(), HarnessError> {
        self.check_running()?;
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

    /// Takes a savepoint of all operators. First every function is called to prepare its state, then all state is
    /// written, and when the savepoint is complete, listening functions are notified, from the first operator to the
    /// last.
    ///
    /// # Errors
    /// See [`HarnessError`]. There is no savepoint then, except with [`HarnessError::Listener`]: the savepoint is
    /// complete, and all other functions were notified.
    pub fn take_savepoint(&mut self, directory: impl AsRef<Path>) -> Result<Savepoint, HarnessError> {
        self.check_running()?;
        let checkpoint_id = self.next_checkpoint;
        // If it is dropped before it is finished, nothing is left.
        let writer = Savepoint::create(directory)?;
        self.next_checkpoint += 1;
        self.operators.snapshot(checkpoint_id, self.times.processing_time)?;
        let savepoint = self.operators.write(writer)?.finish()?;
        let mut notification = Notification { checkpoint_id, path: savepoint.path(), failures: Vec::new() };
        self.operators.notify(&mut notification);
        match notification.failures.into_iter().next() {
            Some(first) => Err(first),
            None => Ok(savepoint),
        }
    }

    /// Takes a last savepoint and stops: afterwards elements and times are refused, and only the output can be taken.
    /// What a job of Flink does after `stop`. [`drain_with_savepoint`](Self::drain_with_savepoint) fires all timers of
    /// event time first.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// use typeser_state::function::MapWithState;
    /// use typeser_state::harness::{Harness, ProcessOperator};
    ///
    /// let counts = ProcessOperator::new("counts", |states| {
    ///     MapWithState::new(states, "count", |_: String, count: Option<u32>| {
    ///         let count = count.unwrap_or(0) + 1;
    ///         (count, Some(count))
    ///     })
    /// });
    /// let mut harness = Harness::of(counts.keyed_by(String::clone)).open()?;
    /// harness.process("to".to_owned())?;
    /// let savepoint = harness.stop_with_savepoint(folder.path().join("last"))?;
    /// assert!(savepoint.operator("counts").is_some());
    /// assert!(harness.process("be".to_owned()).is_err());
    /// assert_eq!(harness.take_output(), [1]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`take_savepoint`](Self::take_savepoint). Without a savepoint, the harness goes on.
    pub fn stop_with_savepoint(&mut self, directory: impl AsRef<Path>) -> Result<Savepoint, HarnessError> {
        let outcome = self.take_savepoint(directory);
        self.stopped_with = match &outcome {
            Ok(savepoint) => Some(savepoint.path().to_owned()),
            // The savepoint is complete.
            Err(HarnessError::Listener { path, .. }) => Some(path.clone()),
            Err(_) => None,
        };
        outcome
    }

    /// Ends event time, then takes a last savepoint and stops: the watermark advances to `i64::MAX`, so that all timers
    /// of event time fire before the savepoint, also those that they register. What a job of Flink does after
    /// `stop --drain`, when it ends for good: a program that is restored from this savepoint has already emitted the
    /// results of windows that were not complete. To continue later, call
    /// [`stop_with_savepoint`](Self::stop_with_savepoint).
    ///
    /// # Errors
    /// As [`advance_watermark`](Self::advance_watermark) and [`take_savepoint`](Self::take_savepoint). If the savepoint
    /// cannot be written, the harness continues, at the end of event time.
    pub fn drain_with_savepoint(&mut self, directory: impl AsRef<Path>) -> Result<Savepoint, HarnessError> {
        self.advance_watermark(i64::MAX)?;
        self.stop_with_savepoint(directory)
    }

    /// Takes the output of the last operator since the previous call.
    pub fn take_output(&mut self) -> Vec<C::Out> {
        self.take_records().into_iter().map(|record| record.value).collect()
    }

    /// The same as [`take_output`](Self::take_output), with the timestamp of each element.
    pub fn take_records(&mut self) -> Vec<Record<C::Out>> {
        std::mem::take(&mut self.out)
    }

    /// The operators, for inspecting their functions and state.
    pub fn operators(&mut self) -> &mut C {
        &mut self.operators
    }

    fn check_running(&self) -> Result<(), HarnessError> {
        match (&self.failed, &self.stopped_with) {
            (None, None) => Ok(()),
            (Some(before), _) => Err(HarnessError::Stopped { before: before.clone() }),
            (None, Some(path)) => Err(HarnessError::StoppedWithSavepoint { path: path.clone() }),
        }
    }

    /// After a failed element, the state may be half-changed, so the harness stops.
    fn stop_if_failed(&mut self, outcome: Result<(), HarnessError>) -> Result<(), HarnessError> {
        if let Err(error) = &outcome {
            self.failed = Some(error.to_string());
        }
        outcome
    }
}

/// The time of the clock for times to live, which has no time before 1970.
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
