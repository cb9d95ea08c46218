//! What the manifest says of an operator: its states, its files, and how much they hold.

use crate::descriptor::{OperatorMeta, StateMeta};
use crate::key_group::KeyGroupRange;

/// An operator in a savepoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavepointOperator {
    pub(crate) meta: OperatorMeta,
    pub(crate) files: Vec<RowsFile>,
}

/// The state of an operator itself in a savepoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavepointOperatorState(pub(crate) SavepointOperator);

impl SavepointOperatorState {
    /// The uid.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.0.meta.uid
    }

    /// How many instances there were.
    #[must_use]
    pub fn parallelism(&self) -> u32 {
        u32::from(self.0.meta.max_parallelism.groups())
    }

    /// Its states.
    #[must_use]
    pub fn states(&self) -> &[StateMeta] {
        &self.0.meta.states
    }

    /// The files with the state of each instance, in the order of their numbers.
    pub fn instances(&self) -> impl Iterator<Item = (u32, &RowsFile)> {
        self.0.files.iter().map(|file| (u32::from(file.key_groups.first()), file))
    }

    /// How much of a state all instances had together.
    #[must_use]
    pub fn size_of(&self, state_id: u16) -> StateSize {
        self.0.size_of(state_id, KeyGroupRange::all(self.0.meta.max_parallelism))
    }
}

/// A file of rows: those of one operator and one range of key groups, or of one instance of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsFile {
    pub(crate) name: String,
    pub(crate) key_groups: KeyGroupRange,
    pub(crate) length: u64,
    /// Of the whole file, by xxh3. No CRC: files of blocks that each end in their own CRC all have the same one.
    pub(crate) hash: u64,
    pub(crate) states: Vec<StateSize>,
}

/// How much of a state a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StateSize {
    /// The number of the state within its operator.
    pub state_id: u16,
    /// How many rows: values, elements of lists, entries of maps.
    pub entries: u64,
    /// How many bytes their keys and values take.
    pub bytes: u64,
}

impl SavepointOperator {
    /// What is stored of the operator and its states.
    #[must_use]
    pub fn meta(&self) -> &OperatorMeta {
        &self.meta
    }

    /// The files with its rows, in the order of their key groups.
    #[must_use]
    pub fn files(&self) -> &[RowsFile] {
        &self.files
    }

    /// Which of these key groups no file holds, in order; none of them, unless the savepoint is
    /// [partial](super::SavepointWriter::allow_missing_key_groups).
    #[must_use]
    pub fn missing_key_groups(&self, key_groups: KeyGroupRange) -> Vec<KeyGroupRange> {
        key_groups.missing_from(self.files.iter().map(|file| file.key_groups))
    }

    /// How much of a state there is in the files that hold some of these key groups.
    #[must_use]
    pub fn size_of(&self, state_id: u16, key_groups: KeyGroupRange) -> StateSize {
        let files = self.files.iter().filter(|file| file.key_groups.overlaps(key_groups));
        StateSize::total(state_id, files.flat_map(|file| &file.states))
    }
}

impl StateSize {
    /// How much there is of this state in all of these.
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

    /// The key groups whose rows it holds; the number of the instance, as the only one, if it holds the state of an
    /// operator itself.
    #[must_use]
    pub fn key_groups(&self) -> KeyGroupRange {
        self.key_groups
    }

    /// The length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// How much of each state it holds.
    #[must_use]
    pub fn states(&self) -> &[StateSize] {
        &self.states
    }
}
