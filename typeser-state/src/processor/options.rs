//! Options of the state processor.

use typeser::migrate::Trust;
use typeser::resolve::Policy;

use crate::restore::RestoreOptions;

/// How savepoints are read and rewritten.
#[derive(Debug, Clone)]
pub struct ProcessOptions {
    pub(crate) policy: Policy,
    pub(crate) trust: Trust,
    pub(crate) hard_links: bool,
    pub(crate) memory: usize,
    pub(crate) parallelism: usize,
}

impl ProcessOptions {
    /// Nothing is lost that no type declares; the bytes of rows are trusted as verified; files are copied; rows are
    /// sorted in 64 MiB.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the resolver lets pass.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// How far the bytes of rows are trusted; see
    /// [`RestoreOptions::with_trust`](crate::restore::RestoreOptions::with_trust).
    #[must_use]
    pub fn with_trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Files that stay as they are become hard links where the file system has them: no byte is copied, but a
    /// write to a file of one savepoint changes the other. Deleting either one does no harm.
    #[must_use]
    pub fn with_hard_links(mut self) -> Self {
        self.hard_links = true;
        self
    }

    /// In how many bytes of memory rows are sorted, and keys checked for collisions; approximately. What does not fit
    /// goes to files beside the new savepoint while it is written, and to further passes over keys that functions make.
    #[must_use]
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.memory = bytes.max(1024);
        self
    }

    /// How many threads work where functions of the program are called; as many as the machine has processors, if
    /// nothing is said.
    #[must_use]
    pub fn with_parallelism(mut self, threads: usize) -> Self {
        self.parallelism = threads.max(1);
        self
    }

    /// What a restore with these options allows. What is not declared is ignored.
    pub(crate) fn to_restore(&self) -> RestoreOptions {
        let Self { policy, trust, .. } = self;
        RestoreOptions::new().allow_non_restored_state().with_policy(*policy).with_trust(*trust)
    }
}

impl Default for ProcessOptions {
    fn default() -> Self {
        let parallelism = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            policy: Policy::default(),
            trust: Trust::Verified,
            hard_links: false,
            memory: 64 * 1024 * 1024,
            parallelism,
        }
    }
}
