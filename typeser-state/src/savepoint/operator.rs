//! The manifest's entry of an operator: its states, its files, and their sizes.

use crate::descriptor::{OperatorMeta, StateMeta};
use crate::key_group::KeyGroupRange;

/// The keyed state of an operator in a savepoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavepointOperator {
    pub(crate) meta: OperatorMeta,
    pub(crate) files: Vec<RowsFile>,
}

/// The operator state of an operator in a savepoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavepointOperatorState(pub(crate) SavepointOperator);

impl SavepointOperatorState {
    /// The uid.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.0.meta.uid
    }

    /// The number of instances that wrote it.
    #[must_use]
    pub fn parallelism(&self) -> u32 {
        u32::from(self.0.meta.max_parallelism.groups())
    }

    /// Its states.
    #[must_use]
    pub fn states(&self) -> &[StateMeta] {
        &self.0.meta.states
    }

    /// The number and the file of each instance, in numeric order.
    pub fn instances(&self) -> impl Iterator<Item = (u32, &RowsFile)> {
        self.0.files.iter().map(|file| (u32::from(file.key_groups.first()), file))
    }

    /// The size of a state in all instances together.
    #[must_use]
    pub fn size_of(&self, state_id: u16) -> StateSize {
        self.0.size_of(state_id, KeyGroupRange::all(self.0.meta.max_parallelism))
    }
}

/// A file of rows: the keyed state of one range of key groups, or the operator state of one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsFile {
    pub(crate) name: String,
    pub(crate) key_groups: KeyGroupRange,
    pub(crate) length: u64,
    /// The xxh3 hash of the whole file. A CRC would not do: a file whose blocks each end in their own CRC has the same
    /// CRC whatever the blocks are.
    pub(crate) hash: u64,
    pub(crate) states: Vec<StateSize>,
}

/// The size of a state in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateSize {
    /// The number of the state within its operator.
    pub state_id: u16,
    /// The number of rows: values, list elements, map entries.
    pub entries: u64,
    /// The size of their keys and values in bytes.
    pub bytes: u64,
}

impl SavepointOperator {
    /// The stored metadata of the operator and its states.
    #[must_use]
    pub fn meta(&self) -> &OperatorMeta {
        &self.meta
    }

    /// The files with its rows, in the order of their key groups.
    #[must_use]
    pub fn files(&self) -> &[RowsFile] {
        &self.files
    }

    /// The key groups of this range that no file holds, in order. There are none unless the savepoint is
    /// [partial](super::SavepointWriter::allow_missing_key_groups).
    #[must_use]
    pub fn missing_key_groups(&self, key_groups: KeyGroupRange) -> Vec<KeyGroupRange> {
        key_groups.missing_from(self.files.iter().map(|file| file.key_groups))
    }

    /// The size of a state in the files that hold some of these key groups.
    #[must_use]
    pub fn size_of(&self, state_id: u16, key_groups: KeyGroupRange) -> StateSize {
        let files = self.files.iter().filter(|file| file.key_groups.overlaps(key_groups));
        StateSize::total(state_id, files.flat_map(|file| &file.states))
    }
}

impl StateSize {
    /// The total size of a state.
    pub(super) fn total<'a>(state_id: u16, sizes: impl IntoIterator<Item = &'a Self>) -> Self {
        let sizes = sizes.into_iter().filter(|size| size.state_id == state_id);
        sizes.fold(Self { state_id, ..Self::default() }, |sum, size| Self {
            entries: sum.entries.saturating_add(size.entries),
            bytes: sum.bytes.saturating_add(size.bytes),
            ..sum
        })
    }
}

impl RowsFile {
    /// The name within the directory.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key groups whose rows it holds. For operator state, the only key group is the number of the instance.
    #[must_use]
    pub fn key_groups(&self) -> KeyGroupRange {
        self.key_groups
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The size of each state in it.
    #[must_use]
    pub fn states(&self) -> &[StateSize] {
        &self.states
    }
}
