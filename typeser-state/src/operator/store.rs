//! The state of one operator instance itself, opened.

use crate::backend::MemoryBackend;
use crate::descriptor::StateMeta;
use crate::keyed::KeyedStateBackend;

/// The state of one operator instance itself. It lives in memory, as in Flink: it is small.
///
/// [`OperatorStates::open`](super::OperatorStates::open) and
/// [`OperatorStates::restore`](super::OperatorStates::restore) give one out.
#[derive(Debug)]
pub struct OperatorStateStore {
    /// Rows of a key without bytes, in a "key group" that is the number of the instance.
    pub(crate) state: KeyedStateBackend<(), MemoryBackend>,
}

impl OperatorStateStore {
    pub(crate) fn new(mut state: KeyedStateBackend<(), MemoryBackend>) -> Self {
        state.stay_without_key();
        Self { state }
    }

    /// The operator's uid.
    #[must_use]
    pub fn uid(&self) -> &str {
        self.state.meta().uid()
    }

    /// How many instances there are.
    #[must_use]
    pub fn parallelism(&self) -> u32 {
        u32::from(self.state.meta().max_parallelism().groups())
    }

    /// Which of them this is.
    #[must_use]
    pub fn instance(&self) -> u32 {
        u32::from(self.state.key_groups().first())
    }

    /// What is stored of its states.
    #[must_use]
    pub fn states(&self) -> &[StateMeta] {
        self.state.meta().states()
    }
}
