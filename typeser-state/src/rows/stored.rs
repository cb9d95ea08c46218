//! Rows in memory: keys and values, one after the other.

use std::path::{Path, PathBuf};

use crate::descriptor::OperatorMeta;
use crate::row::RowKey;
use crate::savepoint::{ReadSavepointError, Row};

/// Rows in memory, and where in which file they lay.
#[derive(Default)]
pub(crate) struct StoredRows {
    /// Keys and values, one row after the other.
    bytes: Vec<u8>,
    places: Vec<RowPlace>,
    files: Vec<PathBuf>,
}

/// Where a row lies in the bytes, and where it lay in which file.
#[derive(Clone, Copy)]
struct RowPlace {
    begin: usize,
    key: u32,
    value: u32,
    file: u32,
    offset: u64,
}

impl StoredRows {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
        self.files.clear();
    }

    /// How many bytes the rows take.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Adds a row that lay in a file.
    #[inline]
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8], file: &Path, offset: u64) {
        // As bytes: paths are compared by their components, which takes longer.
        if self.files.last().is_none_or(|last| last.as_os_str() != file.as_os_str()) {
            self.files.push(file.to_owned());
        }
        self.put(key, value, offset);
    }

    /// Adds a row that lay in no file.
    pub(crate) fn push_new(&mut self, key: &[u8], value: &[u8]) {
        self.put(key, value, 0);
    }

    #[inline]
    fn put(&mut self, key: &[u8], value: &[u8], offset: u64) {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        // The reader of files takes no row whose lengths are more; a new one that is longer fails when it is written.
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let file = self.files.len().saturating_sub(1) as u32;
        self.places.push(RowPlace { begin, key: length(key), value: length(value), file, offset });
    }

    /// The key of the last row.
    pub(crate) fn last(&self) -> Option<RowKey<'_>> {
        self.places.last().and_then(|place| RowKey::parse(place.of(&self.bytes).0).ok())
    }

    /// The keys and the values of the rows.
    pub(crate) fn pairs(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
        self.places.iter().map(|place| place.of(&self.bytes))
    }

    /// The rows, which belong to this operator, each with which of the states it belongs to.
    pub(crate) fn rows<'a>(
        &'a self,
        operator: &'a OperatorMeta,
    ) -> impl Iterator<Item = Result<(usize, Row<'a>), ReadSavepointError>> {
        self.places.iter().map(move |place| self.row(operator, place))
    }

    #[inline(always)]
    fn row<'a>(&'a self, operator: &'a OperatorMeta, place: &RowPlace) -> Result<(usize, Row<'a>), ReadSavepointError> {
        let (key_bytes, value) = place.of(&self.bytes);
        let file = self.files.get(place.file as usize).map_or(Path::new(""), PathBuf::as_path);
        let malformed = |reason| ReadSavepointError::Malformed { file: file.to_owned(), offset: place.offset, reason };
        let key = RowKey::parse(key_bytes).map_err(|error| malformed(error.to_string()))?;
        let mut states = operator.states.iter().enumerate();
        let state = states.find(|(_, state)| state.id == key.state_id);
        let (index, state) = state.ok_or_else(|| malformed(format!("a row of an unknown state {}", key.state_id)))?;
        Ok((index, Row { state, key, key_bytes, value, file, offset: place.offset }))
    }
}

impl RowPlace {
    #[inline]
    fn of(self, bytes: &[u8]) -> (&[u8], &[u8]) {
        let (key, value) = (self.key as usize, self.value as usize);
        bytes[self.begin..self.begin + key + value].split_at(key)
    }
}
