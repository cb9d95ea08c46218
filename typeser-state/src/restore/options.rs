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
    pub(super) operators: Vec<String>,
    pub(super) operator_states: Vec<String>,
}

impl RestoreOptions {
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

    /// The program has this operator with keyed state too, and restores it on its own.
    #[must_use]
    pub fn with_operator(mut self, uid: impl Into<String>) -> Self {
        self.operators.push(uid.into());
        self
    }

    /// The program has this operator with [state of its own](crate::operator) too, and restores that on its own.
    #[must_use]
    pub fn with_operator_state(mut self, uid: impl Into<String>) -> Self {
        self.operator_states.push(uid.into());
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
            operators: Vec::new(),
            operator_states: Vec::new(),
        }
    }
}
