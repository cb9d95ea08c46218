//! Stored rows of a few key groups in memory.

use std::path::Path;

use crate::descriptor::OperatorMeta;
use crate::key_group::KeyGroupRange;
use crate::keyed::RowKey;
use crate::savepoint::{ReadSavepointError, Row};

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
