//! Rows of a typed table over any backend, as an iterator.

use std::fmt;
use std::ops::ControlFlow;
use std::vec;

use typeser::{StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;
use crate::backend::{ReadRows, RowRange, Table};

/// Rows in the order of the bytes of their keys; see [`BackendTable::range`](super::BackendTable::range).
///
/// A backend shows its rows to a closure, so the iterator reads some at a time: up to 256 rows, or 256 KiB.
pub struct BackendRows<'a, K: StateKey, V: StateType, B> {
    pub(super) backend: &'a B,
    pub(super) rows: Table,
    pub(super) codec: &'a Codec<K, V>,
    /// Where the rows begin that are not read yet; `None` if all are.
    pub(super) from: Option<Vec<u8>>,
    pub(super) until: Option<Vec<u8>>,
    pub(super) read: vec::IntoIter<(Vec<u8>, Vec<u8>)>,
}

const ROWS: usize = 256;
const BYTES: usize = 256 * 1024;

impl<K: StateKey, V: StateType, B: ReadRows> BackendRows<'_, K, V, B> {
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

impl<K: StateKey, V: StateType, B: ReadRows> Iterator for BackendRows<'_, K, V, B> {
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

impl<K: StateKey, V: StateType, B> fmt::Debug for BackendRows<'_, K, V, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendRows").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
