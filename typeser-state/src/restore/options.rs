//! What a program allows when it restores.

use typeser::migrate::Trust;
use typeser::resolve::Policy;

/// What a program allows when it restores. By default, everything that is stored has to find its place.
#[derive(Debug, Clone)]
pub struct RestoreOptions {
    pub(super) policy: Policy,
    pub(super) trust: Trust,
    pub(super) allow_non_restored_state: bool,
    pub(super) dropped: Vec<String>,
    pub(super) retained: Vec<String>,
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

    /// The stored state of this name is left out. If the operator declares a state of this name, that one starts empty.
    #[must_use]
    pub fn drop_state(mut self, name: impl Into<String>) -> Self {
        self.dropped.push(name.into());
        self
    }

    /// The stored state of this name, which the operator does not declare any more, is kept for the next savepoint: its
    /// rows are copied as they are, and stand in every savepoint until a release declares the state again or
    /// [drops](RestoreOptions::drop_state) it. If the operator declares it, it is restored as always.
    ///
    /// Of a [union list](crate::operator::UnionList) every instance would get the whole; as long as it is only
    /// retained, each element goes to one instance, as those of split lists do, so that the list does not multiply.
    #[must_use]
    pub fn retain_state(mut self, name: impl Into<String>) -> Self {
        self.retained.push(name.into());
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

    /// How far the bytes of rows that are migrated are believed: [`Trust::Verified`] if nothing is said.
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
            trust: Trust::Verified,
            allow_non_restored_state: false,
            dropped: Vec::new(),
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
