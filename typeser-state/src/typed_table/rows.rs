//! Rows of a redb database as they are read.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use typeser::{OrderedKey, StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;
use super::key_order::{Ordered, Unordered};

/// Rows of a typed table: those of an [`OrderedTable`](super::OrderedTable) in the order of their keys, from both ends.
pub struct Rows<'a, K: StateKey, V: StateType, O = Unordered> {
    codec: Arc<Codec<K, V>>,
    /// `None` for a range in which no key can lie.
    rows: Option<redb::Range<'a, &'static [u8], &'static [u8]>>,
    order: PhantomData<fn() -> O>,
}

impl<'a, K: StateKey, V: StateType, O> Rows<'a, K, V, O> {
    pub(super) fn of(codec: Arc<Codec<K, V>>, rows: Option<redb::Range<'a, &'static [u8], &'static [u8]>>) -> Self {
        Self { codec, rows, order: PhantomData }
    }
}

impl<K: StateKey, V: StateType, O> Iterator for Rows<'_, K, V, O> {
    type Item = Result<(K, V), TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.as_mut()?.next()?;
        Some(decoded(&self.codec, row))
    }
}

impl<K: OrderedKey, V: StateType> DoubleEndedIterator for Rows<'_, K, V, Ordered> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let row = self.rows.as_mut()?.next_back()?;
        Some(decoded(&self.codec, row))
    }
}

type StoredRow<'a> = (redb::AccessGuard<'a, &'static [u8]>, redb::AccessGuard<'a, &'static [u8]>);

fn decoded<K: StateKey, V: StateType>(
    codec: &Codec<K, V>,
    row: Result<StoredRow<'_>, redb::StorageError>,
) -> Result<(K, V), TableError> {
    let (key, value) = row?;
    codec.decode(key.value(), value.value())
}

impl<K: StateKey, V: StateType, O> fmt::Debug for Rows<'_, K, V, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
