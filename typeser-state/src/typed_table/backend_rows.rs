//! Rows of a typed table over any backend, as an iterator.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::vec;

use typeser::{OrderedKey, StateKey, StateType};

use super::bounds::StoredRange;
use super::codec::Codec;
use super::error::TableError;
use super::key_order::{Ordered, Unordered};
use crate::backend::{ReadRows, RowRange, Table};

/// Rows of a table of a backend: those of an [`OrderedBackendTable`](super::OrderedBackendTable) in the order of their
/// keys, from both ends.
///
/// A backend shows its rows to a closure, so the iterator reads some at a time: up to 256 rows, or 256 KiB.
pub struct BackendRows<'a, K: StateKey, V: StateType, B, O = Unordered> {
    backend: &'a B,
    rows: Table,
    codec: &'a Codec<K, V>,
    /// Where the rows begin that are not read yet; `None` if all are.
    from: Option<Vec<u8>>,
    until: Option<Vec<u8>>,
    read: vec::IntoIter<StoredRow>,
    order: PhantomData<fn() -> O>,
}

/// The stored key and the stored value of a row.
type StoredRow = (Vec<u8>, Vec<u8>);

const ROWS: usize = 256;
const BYTES: usize = 256 * 1024;

impl<'a, K: StateKey, V: StateType, B: ReadRows, O> BackendRows<'a, K, V, B, O> {
    pub(super) fn of(backend: &'a B, rows: Table, codec: &'a Codec<K, V>, range: Option<StoredRange>) -> Self {
        let (from, until) = range.map_or((None, None), |(from, until)| (Some(from), until));
        Self { backend, rows, codec, from, until, read: Vec::new().into_iter(), order: PhantomData }
    }

    /// The last row that is not read yet.
    fn read_last(&mut self) -> Result<Option<(K, V)>, TableError> {
        let Some(from) = &self.from else { return Ok(None) };
        let range = RowRange { from, until: self.until.as_deref() };
        let mut last = None;
        let codec = self.codec;
        self.backend.last(self.rows, range, &mut |key, value| last = Some((key.to_vec(), codec.decode(key, value))))?;
        let Some((key, row)) = last else {
            self.from = None;
            return Ok(None);
        };
        self.until = Some(key);
        row.map(Some)
    }

    /// Reads the next rows.
    fn fill(&mut self) -> Result<(), TableError> {
        let Some(from) = self.from.take() else { return Ok(()) };
        let (mut read, mut bytes, mut more) = (Vec::new(), 0, None);
        let range = RowRange { from: &from, until: self.until.as_deref() };
        self.backend.scan(self.rows, range, &mut |key, value| {
            if read.len() == ROWS || bytes > BYTES {
                more = Some(key.to_vec());
                return ControlFlow::Break(());
            }
            bytes += key.len() + value.len();
            read.push((key.to_vec(), value.to_vec()));
            ControlFlow::Continue(())
        })?;
        (self.read, self.from) = (read.into_iter(), more);
        Ok(())
    }
}

impl<K: StateKey, V: StateType, B: ReadRows, O> Iterator for BackendRows<'_, K, V, B, O> {
    type Item = Result<(K, V), TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read.len() == 0
            && let Err(error) = self.fill()
        {
            return Some(Err(error));
        }
        let (key, value) = self.read.next()?;
        Some(self.codec.decode(&key, &value))
    }
}

/// Each row from behind is looked up, in the time of a read.
impl<K: OrderedKey, V: StateType, B: ReadRows> DoubleEndedIterator for BackendRows<'_, K, V, B, Ordered> {
    fn next_back(&mut self) -> Option<Self::Item> {
        // What is read already lies before what is not.
        match self.read_last().transpose() {
            None => self.read.next_back().map(|(key, value)| self.codec.decode(&key, &value)),
            last => last,
        }
    }
}

impl<K: StateKey, V: StateType, B, O> fmt::Debug for BackendRows<'_, K, V, B, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendRows").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
