//! Changes that are not yet written to the store, and reads that merge them with the stored rows.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::table::{RowRange, VisitRow};

/// Changes of the rows of one table, sorted; `None` deletes.
pub(super) type Buffer = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// The order in which rows are visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ascending,
    Descending,
}

/// A row as a store returns it.
pub(super) trait StoredRow {
    fn key(&self) -> &[u8];
    fn value(&self) -> &[u8];
}

/// Adds a change, overriding an earlier one to the same row. Returns the size of its key and value.
#[inline]
pub(super) fn change(buffer: &mut Buffer, key: &[u8], value: Option<&[u8]>) -> usize {
    if let Some(present) = buffer.get_mut(key) {
        match (present, value) {
            (Some(present), Some(value)) => {
                present.clear();
                present.extend_from_slice(value);
            }
            (present, value) => *present = value.map(<[u8]>::to_vec),
        }
    } else {
        buffer.insert(key.to_vec(), value.map(<[u8]>::to_vec));
    }
    key.len() + value.map_or(0, <[u8]>::len)
}

/// The changes in a range, which is not empty.
pub(super) fn changes<'a>(
    buffer: &'a Buffer,
    range: RowRange<'_>,
    direction: Direction,
) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> {
    let mut rows = buffer.range::<[u8], _>(range.bounds());
    std::iter::from_fn(move || match direction {
        Direction::Ascending => rows.next(),
        Direction::Descending => rows.next_back(),
    })
    .map(|(key, value)| (key.as_slice(), value.as_deref()))
}

/// Visits stored rows and buffered changes as one sequence; a buffered change overrides the stored row with its key.
pub(super) fn merge<'b, R: StoredRow, E>(
    mut stored: impl Iterator<Item = Result<R, E>>,
    buffered: impl Iterator<Item = (&'b [u8], Option<&'b [u8]>)>,
    direction: Direction,
    visit: &mut VisitRow<'_>,
) -> Result<(), E> {
    let mut buffered = buffered.peekable();
    let mut next_stored = stored.next().transpose()?;
    loop {
        let order = match (&next_stored, buffered.peek()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(stored), Some((buffered, _))) => {
                let order = stored.key().cmp(buffered);
                if direction == Direction::Descending { order.reverse() } else { order }
            }
        };
        let mut flow = ControlFlow::Continue(());
        if order == Ordering::Less {
            if let Some(row) = &next_stored {
                flow = visit(row.key(), row.value());
            }
        } else if let Some((key, Some(value))) = buffered.next() {
            flow = visit(key, value);
        }
        if flow.is_break() {
            return Ok(());
        }
        if order != Ordering::Greater {
            next_stored = stored.next().transpose()?;
        }
    }
}
