//! The opened operator state of one instance.

use crate::backend::MemoryBackend;
use crate::descriptor::StateMeta;
use crate::keyed::KeyedStateBackend;

/// The operator state of one instance. It is held in memory, as in Flink, because it is small.
///
/// Created by [`OperatorStates::open`](super::OperatorStates::open) and
/// [`OperatorStates::restore`](super::OperatorStates::restore).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::operator::OperatorStates;
///
/// let mut source = OperatorStates::new("source")?.with_instance(2, 1)?;
/// source.split_list::<u64>("offsets")?;
/// let store = source.open()?;
/// assert_eq!((store.uid(), store.instance(), store.parallelism()), ("source", 1, 2));
/// assert_eq!(store.states()[0].name(), "offsets");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OperatorStateStore {
    /// Rows of the empty key, in the key group whose number is that of the instance.
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

    /// The number of instances.
    #[must_use]
    pub fn parallelism(&self) -> u32 {
        u32::from(self.state.meta().max_parallelism().groups())
    }

    /// The number of this instance, from 0.
    #[must_use]
    pub fn instance(&self) -> u32 {
        u32::from(self.state.key_groups().first())
    }

    /// The stored metadata of its states.
    #[must_use]
    pub fn states(&self) -> &[StateMeta] {
        self.state.meta().states()
    }
}
