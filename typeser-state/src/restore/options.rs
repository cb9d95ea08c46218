//! What a program allows when it restores.

use typeser::resolve::Policy;

/// What a program allows when it restores. By default, everything that is stored has to find its place.
#[derive(Debug, Clone, Default)]
pub struct RestoreOptions {
    pub(super) policy: Policy,
    pub(super) allow_non_restored_state: bool,
    pub(super) dropped: Vec<String>,
    pub(super) operators: Vec<String>,
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

    /// The program has this operator too, and restores it on its own.
    #[must_use]
    pub fn with_operator(mut self, uid: impl Into<String>) -> Self {
        self.operators.push(uid.into());
        self
    }

    /// What the resolver lets pass.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }
}
