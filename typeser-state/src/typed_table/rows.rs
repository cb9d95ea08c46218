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
    /// With the rows of earlier releases, if there are any: then `rows` is `None`.
    merged: Option<Box<Merged<'a>>>,
    order: PhantomData<fn() -> O>,
}

type StoredRow<'a> = (redb::AccessGuard<'a, &'static [u8]>, redb::AccessGuard<'a, &'static [u8]>);

/// Rows of several tables, by their keys, of which none is in two tables: today's rows first, then older ones.
struct Merged<'a>(Vec<Ahead<'a>>);

/// Rows of one table, and those of them that were read ahead from both ends.
struct Ahead<'a> {
    rows: redb::Range<'a, &'static [u8], &'static [u8]>,
    first: Option<StoredRow<'a>>,
    last: Option<StoredRow<'a>>,
}

impl<'a, K: StateKey, V: StateType, O> Rows<'a, K, V, O> {
    pub(super) fn none(codec: Arc<Codec<K, V>>) -> Self {
        Self { codec, rows: None, merged: None, order: PhantomData }
    }

    pub(super) fn of(
        codec: Arc<Codec<K, V>>,
        rows: redb::Range<'a, &'static [u8], &'static [u8]>,
        older: Vec<redb::Range<'a, &'static [u8], &'static [u8]>>,
    ) -> Self {
        if older.is_empty() {
            return Self { codec, rows: Some(rows), merged: None, order: PhantomData };
        }
        let tables = std::iter::once(rows).chain(older).map(|rows| Ahead { rows, first: None, last: None });
        Self { codec, rows: None, merged: Some(Box::new(Merged(tables.collect()))), order: PhantomData }
    }

    #[cold]
    fn decoded(&self, row: Result<(usize, StoredRow<'_>), redb::StorageError>) -> Result<(K, V), TableError> {
        let (number, (key, value)) = row?;
        self.codec.decode_of(number, key.value(), value.value())
    }
}

impl<K: StateKey, V: StateType, O> Iterator for Rows<'_, K, V, O> {
    type Item = Result<(K, V), TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(rows) = &mut self.rows {
            let row = rows.next()?;
            return Some(decoded(&self.codec, row));
        }
        let row = self.merged.as_mut()?.next()?;
        Some(self.decoded(row))
    }
}

impl<K: OrderedKey, V: StateType> DoubleEndedIterator for Rows<'_, K, V, Ordered> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if let Some(rows) = &mut self.rows {
            let row = rows.next_back()?;
            return Some(decoded(&self.codec, row));
        }
        let row = self.merged.as_mut()?.next_back()?;
        Some(self.decoded(row))
    }
}

/// The row with the number of its table.
type NumberedRow<'a> = Result<(usize, StoredRow<'a>), redb::StorageError>;

impl<'a> Merged<'a> {
    fn next(&mut self) -> Option<NumberedRow<'a>> {
        for table in &mut self.0 {
            if let Err(error) = table.read_first() {
                return Some(Err(error));
            }
        }
        let firsts = self.0.iter().enumerate().filter_map(|(number, table)| Some((number, table.first.as_ref()?)));
        let (number, _) = firsts.min_by(|(_, a), (_, b)| a.0.value().cmp(b.0.value()))?;
        Some(Ok((number, self.0.get_mut(number)?.first.take()?)))
    }

    fn next_back(&mut self) -> Option<NumberedRow<'a>> {
        for table in &mut self.0 {
            if let Err(error) = table.read_last() {
                return Some(Err(error));
            }
        }
        let lasts = self.0.iter().enumerate().filter_map(|(number, table)| Some((number, table.last.as_ref()?)));
        let (number, _) = lasts.max_by(|(_, a), (_, b)| a.0.value().cmp(b.0.value()))?;
        Some(Ok((number, self.0.get_mut(number)?.last.take()?)))
    }
}

impl Ahead<'_> {
    /// The one row that is left may have been read from the other end.
    fn read_first(&mut self) -> Result<(), redb::StorageError> {
        if self.first.is_none() {
            self.first = self.rows.next().transpose()?.or_else(|| self.last.take());
        }
        Ok(())
    }

    fn read_last(&mut self) -> Result<(), redb::StorageError> {
        if self.last.is_none() {
            self.last = self.rows.next_back().transpose()?.or_else(|| self.first.take());
        }
        Ok(())
    }
}

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
