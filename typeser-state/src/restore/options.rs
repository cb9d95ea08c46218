//! What a program allows when it restores.

use typeser::migrate::Trust;
use typeser::resolve::Policy;

/// What a program allows when it restores. By default, everything that is stored has to find its place.
///
/// Options that name a state name its operator too: states of one name are usual in a program, and only the one that is
/// named is meant. An option that names something that the savepoint does not hold is refused, so that a misspelled name
/// is noticed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
/// use typeser_state::restore::RestoreOptions;
/// use typeser_state::savepoint::Savepoint;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u32>("departures")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// departures.update(&mut state, &111)?;
/// let savepoint = Savepoint::create(folder.path().join("last"))?.operator(&state)?.finish()?;
///
/// // The next release no longer declares `departures`, which is refused unless it is dropped by name.
/// let operator = Operator::<String>::new("flights-by-tail")?;
/// assert!(operator.plan(&savepoint, &RestoreOptions::new()).is_err());
/// let options = RestoreOptions::new().drop_state("flights-by-tail", "departures");
/// assert_eq!(operator.plan(&savepoint, &options)?.states()[0].dropped_entries(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct RestoreOptions {
    pub(super) policy: Policy,
    /// Whether what is restored is only read, and never written back.
    pub(super) only_read: bool,
    pub(super) trust: Trust,
    pub(super) allow_non_restored_state: bool,
    pub(super) dropped: Vec<NamedState>,
    pub(super) reset: Vec<NamedState>,
    pub(super) retained: Vec<NamedState>,
    pub(super) dropped_operators: Vec<String>,
    pub(super) retained_operators: Vec<String>,
    pub(super) workers: Option<usize>,
    pub(super) flush_bytes: usize,
    pub(super) operators: Vec<String>,
    pub(super) operator_states: Vec<String>,
}

impl RestoreOptions {
    /// After how many bytes of rows the backend is flushed, unless [set](RestoreOptions::with_flush_bytes).
    pub const FLUSH_BYTES: usize = 64 * 1024 * 1024;

    /// Nothing is allowed to be lost.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stored operators and states that the program does not declare are left out, whichever they are.
    #[must_use]
    pub fn allow_non_restored_state(mut self) -> Self {
        self.allow_non_restored_state = true;
        self
    }

    /// The stored state of this name of the operator `uid`, which the operator does not declare any more, is left out.
    ///
    /// It is an error if the operator still declares the state: to empty that one, [reset](Self::reset_state) it. Where
    /// an operator has keyed state and operator state of this name, the one that is no longer declared is left out.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    /// use typeser_state::restore::{RestoreOptions, StateVerdict};
    /// use typeser_state::savepoint::Savepoint;
    ///
    /// let mut flights = Operator::<String>::new("flights")?;
    /// flights.value::<u32>("departures")?;
    /// flights.list::<String>("remarks")?;
    /// let savepoint =
    ///     Savepoint::create(folder.path().join("first"))?.operator(&flights.open(MemoryBackend::new())?)?.finish()?;
    ///
    /// // The next release has no remarks.
    /// let mut flights = Operator::<String>::new("flights")?;
    /// flights.value::<u32>("departures")?;
    /// let plan = flights.plan(&savepoint, &RestoreOptions::new().drop_state("flights", "remarks"))?;
    /// assert_eq!(plan.states()[1].verdict(), StateVerdict::Dropped);
    ///
    /// // What it declares cannot be dropped, and neither can what is not stored.
    /// flights.plan(&savepoint, &RestoreOptions::new().drop_state("flights", "departures")).unwrap_err();
    /// flights.plan(&savepoint, &RestoreOptions::new().drop_state("flights", "remark")).unwrap_err();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn drop_state(mut self, uid: impl Into<String>, name: impl Into<String>) -> Self {
        self.dropped.push(NamedState::new(uid, name));
        self
    }

    /// The state of this name, which the operator `uid` declares, starts empty: what is stored of it is left out,
    /// whether it would fit or not. [`StatePlan::dropped_entries`](super::StatePlan::dropped_entries) says how much that
    /// is.
    ///
    /// This holds for every restore with these options, also for one from a savepoint that was taken after the state was
    /// reset: remove the option after the restore.
    ///
    /// It is an error if the operator does not declare the state: [drop](Self::drop_state) it then. Where an operator
    /// declares keyed state and operator state of this name, both are reset.
    #[must_use]
    pub fn reset_state(mut self, uid: impl Into<String>, name: impl Into<String>) -> Self {
        self.reset.push(NamedState::new(uid, name));
        self
    }

    /// The stored state of this name of the operator `uid`, which the operator does not declare any more, is kept for the
    /// next savepoint: its rows are copied as they are, and are in every savepoint until a release declares the state
    /// again or [drops](RestoreOptions::drop_state) it. If the operator declares it, it is restored as always.
    ///
    /// Of a [union list](crate::operator::UnionList) every instance would get the whole; as long as it is only
    /// retained, each element goes to one instance, as those of split lists do, so that the list does not multiply.
    #[must_use]
    pub fn retain_state(mut self, uid: impl Into<String>, name: impl Into<String>) -> Self {
        self.retained.push(NamedState::new(uid, name));
        self
    }

    /// The stored operator of this uid, which the program does not have any more, is left out, with all of its state.
    #[must_use]
    pub fn drop_operator(mut self, uid: impl Into<String>) -> Self {
        self.dropped_operators.push(uid.into());
        self
    }

    /// The stored operator of this uid, which the program does not have any more, is kept for the next savepoint.
    ///
    /// Its rows stay where they are, in the savepoint that is restored: the next one takes them over with
    /// [`SavepointWriter::retain_operator`](crate::savepoint::SavepointWriter::retain_operator). So that it is not
    /// forgotten, every operator that is restored with these options remembers: a savepoint with its state, but without
    /// the retained operator, is refused.
    #[must_use]
    pub fn retain_operator(mut self, uid: impl Into<String>) -> Self {
        self.retained_operators.push(uid.into());
        self
    }

    /// The program has this operator with keyed state too, and restores it on its own.
    #[must_use]
    pub fn with_operator(mut self, uid: impl Into<String>) -> Self {
        self.operators.push(uid.into());
        self
    }

    /// The program has this operator with [operator state](crate::operator) too, and restores that on its own.
    #[must_use]
    pub fn with_operator_state(mut self, uid: impl Into<String>) -> Self {
        self.operator_states.push(uid.into());
        self
    }

    /// How many threads read and migrate rows, beside the one that calls, which writes them. With 0 that one does it
    /// all. If nothing is said, as many as there are processors, and none for a few megabytes.
    #[must_use]
    pub fn with_workers(mut self, threads: usize) -> Self {
        self.workers = Some(threads);
        self
    }

    /// After how many bytes of rows the backend is [flushed](crate::backend::Backend::flush): what a restore that was
    /// killed does again at most. [`RestoreOptions::FLUSH_BYTES`] if nothing is said.
    #[must_use]
    pub fn with_flush_bytes(mut self, bytes: usize) -> Self {
        self.flush_bytes = bytes.max(1);
        self
    }

    /// What the resolver lets pass.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// What is restored is only read: it may lack what a newer release added.
    pub(crate) fn only_read(mut self) -> Self {
        self.only_read = true;
        self
    }

    /// How far the bytes of migrated rows are trusted: [`Trust::Verified`] if nothing is said.
    ///
    /// Every block of a savepoint has a checksum, but a checksum says nothing of who wrote the block. For a savepoint
    /// that typeser wrote that is enough. One that another tool wrote or edited asks for [`Trust::Foreign`]: text that
    /// is not UTF-8, a bool of 2 and the like are then refused with their file and offset, instead of being copied.
    /// What is not migrated is copied as it is in either case, and checked when it is read.
    #[must_use]
    pub fn with_trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }
}

impl Default for RestoreOptions {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            only_read: false,
            trust: Trust::Verified,
            allow_non_restored_state: false,
            dropped: Vec::new(),
            reset: Vec::new(),
            retained: Vec::new(),
            dropped_operators: Vec::new(),
            retained_operators: Vec::new(),
            workers: None,
            flush_bytes: Self::FLUSH_BYTES,
            operators: Vec::new(),
            operator_states: Vec::new(),
        }
    }
}

/// A state of an operator, as an option names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedState {
    pub(super) operator: String,
    pub(super) state: String,
}

impl NamedState {
    fn new(operator: impl Into<String>, state: impl Into<String>) -> Self {
        Self { operator: operator.into(), state: state.into() }
    }

    pub(super) fn is(&self, operator: &str, state: &str) -> bool {
        self.operator == operator && self.state == state
    }
}
