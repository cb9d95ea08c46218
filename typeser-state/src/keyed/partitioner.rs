//! Assigns keys to instances, so that an engine can send each element to the right one.

use typeser::migrate::Adopted;
use typeser::{StateKey, StateType, TypeSerializer};

use crate::descriptor::OperatorMeta;
use crate::descriptor::StateError;
use crate::key_group::{KeyGroup, KeyGroupError, KeyGroupRange, MaxParallelism};

/// Assigns keys to instances. Created by [`KeyedStateBackend::partitioner`](super::KeyedStateBackend::partitioner).
///
/// A key is assigned by its stored bytes, which after a restore may have the layout of an earlier release; the
/// partitioner uses that layout. Elements therefore reach the instance whose
/// [`set_current_key`](super::KeyedStateBackend::set_current_key) accepts their key. The idea is Flink's
/// `KeyGroupStreamPartitioner`.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
///
/// let operator = Operator::<String>::new("flights-by-tail")?;
/// let state = operator.open(MemoryBackend::new())?;
/// let mut partitioner = state.partitioner(2)?;
/// let key = "N14228".to_owned();
/// assert_eq!(partitioner.key_group_of(&key)?, 114);
/// assert_eq!(partitioner.instance_of(&key)?, 1);
/// # Ok(())
/// # }
/// ```
pub struct KeyPartitioner<K: StateType> {
    operator: String,
    key: Adopted<K>,
    max_parallelism: MaxParallelism,
    parallelism: u32,
    bytes: Vec<u8>,
}

impl<K: StateType> KeyPartitioner<K> {
    pub(super) fn new(meta: &OperatorMeta, key: Adopted<K>, parallelism: u32) -> Result<Self, KeyGroupError> {
        let max_parallelism = meta.max_parallelism();
        KeyGroupRange::of_instance(max_parallelism, parallelism, 0)?;
        Ok(Self { operator: meta.uid().to_owned(), key, max_parallelism, parallelism, bytes: Vec::new() })
    }
}

impl<K: StateKey> KeyPartitioner<K> {
    /// The instance that owns the state of a key, numbered from 0.
    ///
    /// # Errors
    /// The key cannot be written.
    pub fn instance_of(&mut self, key: &K) -> Result<u32, StateError> {
        Ok(self.max_parallelism.instance_of(self.parallelism, self.key_group_of(key)?))
    }

    /// The key group of a key.
    ///
    /// # Errors
    /// The key cannot be written.
    pub fn key_group_of(&mut self, key: &K) -> Result<KeyGroup, StateError> {
        self.bytes.clear();
        match self.key.serialize(key, &mut self.bytes) {
            Ok(()) => Ok(self.max_parallelism.group_of(&self.bytes)),
            Err(source) => Err(StateError::EncodeKey { operator: self.operator.clone(), source }),
        }
    }
}

impl<K: StateType> Clone for KeyPartitioner<K> {
    fn clone(&self) -> Self {
        Self { operator: self.operator.clone(), key: self.key.clone(), bytes: Vec::new(), ..*self }
    }
}

impl<K: StateType> std::fmt::Debug for KeyPartitioner<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPartitioner")
            .field("operator", &self.operator)
            .field("max_parallelism", &self.max_parallelism)
            .field("parallelism", &self.parallelism)
            .finish_non_exhaustive()
    }
}
