//! Restoring a part of a savepoint at a time, for whoever looks at all of it without holding all of it.

use std::path::Path;

use typeser::{StateKey, TypeSerializer as _};

use super::matching::link;
use super::run::Carrier;
use super::{RestoreError, RestoreOptions, RestorePlan};
use crate::backend::MemoryBackend;
use crate::descriptor::OperatorMeta;
use crate::key_group::KeyGroupRange;
use crate::keyed::{KeyedStateBackend, Operator, RowKey};
use crate::savepoint::{ReadSavepointError, Row, Savepoint, SavepointOperator};

/// Stored rows of a few key groups, in order, as they were read.
pub(crate) struct RowsOfGroups<'a> {
    pub(crate) key_groups: KeyGroupRange,
    /// The file that they come from.
    pub(crate) file: &'a Path,
    /// Keys and values, one row after the other.
    pub(crate) bytes: &'a [u8],
    pub(crate) places: &'a [RowPlace],
}

/// Where a row lies in the bytes, and where it lay in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowPlace {
    pub(crate) begin: usize,
    pub(crate) key: u32,
    pub(crate) value: u32,
    pub(crate) offset: u64,
}

impl<'a> RowsOfGroups<'a> {
    /// One of the rows, of the operator that they belong to.
    pub(crate) fn row(&self, operator: &'a OperatorMeta, place: RowPlace) -> Result<Row<'a>, ReadSavepointError> {
        let (key_bytes, value) = place.of(self.bytes);
        let malformed =
            |reason: String| ReadSavepointError::Malformed { file: self.file.to_owned(), offset: place.offset, reason };
        let key = RowKey::parse(key_bytes).map_err(|error| malformed(error.to_string()))?;
        let state = operator.states.iter().find(|state| state.id == key.state_id);
        let state = state.ok_or_else(|| malformed(format!("a row of an unknown state {}", key.state_id)))?;
        Ok(Row { state, key, key_bytes, value, file: self.file, offset: place.offset })
    }
}

impl RowPlace {
    /// The key and the value of the row.
    pub(crate) fn of(self, bytes: &[u8]) -> (&[u8], &[u8]) {
        let (key, value) = (self.key as usize, self.value as usize);
        bytes[self.begin..self.begin + key + value].split_at(key)
    }
}

impl<K: StateKey> Operator<K> {
    /// What becomes of what is stored, wherever its key groups are, and of all of them that there are.
    pub(crate) fn plan_to_read<'a>(
        &'a self,
        savepoint: &'a Savepoint,
        options: &RestoreOptions,
    ) -> Result<RestorePlan<'a, K>, RestoreError> {
        let all = KeyGroupRange::all(self.max_parallelism);
        self.plan_of(savepoint, (savepoint.operator(self.uid()), all), (None, Vec::new()), options)
    }
}

impl<K: StateKey> RestorePlan<'_, K> {
    /// What is stored of the operator once it is restored.
    pub(crate) fn meta(&self) -> Result<OperatorMeta, RestoreError> {
        let key = self.matching.key_link().apply(&self.operator.key)?;
        let stored = self.stored.map(SavepointOperator::meta);
        Ok(link(self.operator, &self.matching, key.snapshot().clone(), stored)?.meta)
    }

    /// The state of a few key groups, of which these are all rows.
    pub(crate) fn part(&self, rows: &RowsOfGroups<'_>) -> Result<KeyedStateBackend<K, MemoryBackend>, RestoreError> {
        self.fill(rows.key_groups, MemoryBackend::new(), &mut |_| (), |carrier, stored| {
            carrier.carry_all(&stored.meta, rows)
        })
    }
}

impl<K: StateKey> Carrier<'_, K, MemoryBackend> {
    fn carry_all(mut self, meta: &OperatorMeta, rows: &RowsOfGroups<'_>) -> Result<(), RestoreError> {
        for place in rows.places {
            self.carry(&rows.row(meta, *place)?)?;
        }
        self.apply()
    }
}
