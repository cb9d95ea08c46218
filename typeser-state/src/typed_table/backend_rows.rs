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
    /// Those of earlier releases.
    older: &'a [Table],
    codec: &'a Codec<K, V>,
    /// Where the rows begin that are not read yet; `None` if all are.
    from: Option<Vec<u8>>,
    until: Option<Vec<u8>>,
    read: vec::IntoIter<StoredRow>,
    order: PhantomData<fn() -> O>,
}

/// The stored key and the stored value of a row, and the number of its table: 0 is that of today's rows.
type StoredRow = (Vec<u8>, Vec<u8>, usize);

const ROWS: usize = 256;
const BYTES: usize = 256 * 1024;

impl<'a, K: StateKey, V: StateType, B: ReadRows, O> BackendRows<'a, K, V, B, O> {
    pub(super) fn of(
        backend: &'a B,
        (rows, older): (Table, &'a [Table]),
        codec: &'a Codec<K, V>,
        range: Option<StoredRange>,
    ) -> Self {
        let (from, until) = range.map_or((None, None), |(from, until)| (Some(from), until));
        Self { backend, rows, older, codec, from, until, read: Vec::new().into_iter(), order: PhantomData }
    }

    /// The last row that is not read yet.
    fn read_last(&mut self) -> Result<Option<(K, V)>, TableError> {
        let Some(from) = &self.from else { return Ok(None) };
        let range = RowRange { from, until: self.until.as_deref() };
        let (mut last, codec) = (None::<(Vec<u8>, _)>, self.codec);
        for (number, table) in std::iter::once(&self.rows).chain(self.older).enumerate() {
            self.backend.last(*table, range, &mut |key, value| {
                if last.as_ref().is_none_or(|(last, _)| key > &**last) {
                    last = Some((key.to_vec(), codec.decode_of(number, key, value)));
                }
            })?;
        }
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
        let range = RowRange { from: &from, until: self.until.as_deref() };
        let (read, from) = read_some(self.backend, (self.rows, self.older), range)?;
        (self.read, self.from) = (read.into_iter(), from);
        Ok(())
    }

    fn decoded(&self, (key, value, number): &StoredRow) -> Result<(K, V), TableError> {
        self.codec.decode_of(*number, key, value)
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
        let row = self.read.next()?;
        Some(self.decoded(&row))
    }
}

/// Each row from behind is looked up, in the time of a read.
impl<K: OrderedKey, V: StateType, B: ReadRows> DoubleEndedIterator for BackendRows<'_, K, V, B, Ordered> {
    fn next_back(&mut self) -> Option<Self::Item> {
        // What is read already lies before what is not.
        match self.read_last().transpose() {
            None => self.read.next_back().map(|row| self.decoded(&row)),
            last => last,
        }
    }
}

/// The next rows of tables, by their keys, of which none is in two tables; and where the rows begin behind them.
fn read_some<B: ReadRows>(
    backend: &B,
    (rows, older): (Table, &[Table]),
    range: RowRange<'_>,
) -> Result<(Vec<StoredRow>, Option<Vec<u8>>), TableError> {
    let (mut read, mut more) = (Vec::<StoredRow>::new(), None::<Vec<u8>>);
    for (number, table) in std::iter::once(&rows).chain(older).enumerate() {
        // What lies behind is read the next time, of all tables.
        let until = more.take();
        let range = RowRange { until: until.as_deref().or(range.until), ..range };
        let (begin, mut bytes) = (read.len(), 0);
        backend.scan(*table, range, &mut |key, value| {
            if read.len() - begin == ROWS || bytes > BYTES {
                more = Some(key.to_vec());
                return ControlFlow::Break(());
            }
            bytes += key.len() + value.len();
            read.push((key.to_vec(), value.to_vec(), number));
            ControlFlow::Continue(())
        })?;
        more = more.or(until);
    }
    if !older.is_empty() {
        read.retain(|(key, ..)| more.as_ref().is_none_or(|more| key < more));
        read.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
    }
    Ok((read, more))
}

/// What looks at rows, with the numbers of their tables; it may stop.
type VisitNumbered<'a> = dyn FnMut(usize, &[u8], &[u8]) -> ControlFlow<()> + 'a;

/// Shows the rows of tables by their keys, each with the number of its table: 0 is that of today's rows.
pub(super) fn for_each_row<B: ReadRows>(
    backend: &B,
    (rows, older): (Table, &[Table]),
    visit: &mut VisitNumbered<'_>,
) -> Result<(), TableError> {
    if older.is_empty() {
        return Ok(backend.scan(rows, RowRange::ALL, &mut |key, value| visit(0, key, value))?);
    }
    let mut from = Some(Vec::new());
    while let Some(begin) = from.take() {
        let (read, more) = read_some(backend, (rows, older), RowRange { from: &begin, until: None })?;
        from = more;
        for (key, value, number) in read {
            if visit(number, &key, &value).is_break() {
                return Ok(());
            }
        }
    }
    Ok(())
}

impl<K: StateKey, V: StateType, B, O> fmt::Debug for BackendRows<'_, K, V, B, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendRows").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
