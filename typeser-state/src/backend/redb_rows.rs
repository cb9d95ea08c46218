//! Rows in tables of redb: reading them merged with buffered changes, and writing many at once.

use std::ops::Bound;

use redb::{AccessGuard, CursorError, ReadableTable, TableDefinition, WriteTransaction};

use super::batch::Batch;
use super::buffer::{Buffer, Direction, StoredRow, changes, merge};
use super::table::{RowRange, Table, VisitRow};

/// No stored rows.
pub(super) fn empty<'a>() -> std::iter::Empty<Result<Guards<'a>, redb::Error>> {
    std::iter::empty()
}

/// A table of bytes.
pub(super) fn definition(name: &str) -> TableDefinition<'_, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

/// Whether a batch only writes rows of a table, in ascending order of keys.
pub(super) fn ascends(table: Table, batch: &Batch) -> bool {
    let mut last: Option<&[u8]> = None;
    batch.changes().filter(|change| change.table == table).all(|change| {
        let is_after = last.is_none_or(|last| last < change.key);
        last = Some(change.key);
        is_after && change.value.is_some()
    })
}

/// Writes changes to a table, in the order of their keys. New rows after all stored ones, as in a restore, are appended
/// through a cursor, which fills page after page.
pub(super) fn store<'a>(
    transaction: &WriteTransaction,
    name: &str,
    changes: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
) -> Result<(), redb::Error> {
    let mut table = transaction.open_table(definition(name))?;
    let greatest = table.last()?.map(|(key, _)| key.value().to_vec());
    let mut changes = changes.peekable();
    let is_after = |key: &[u8]| greatest.as_deref().is_none_or(|greatest| greatest < key);
    if changes.peek().is_some_and(|(key, _)| is_after(key)) {
        let mut cursor = table.upper_bound_mut(Bound::<&[u8]>::Unbounded)?;
        for (key, value) in changes {
            // A deletion here concerns a row that was written and deleted within the buffer.
            if let Some(value) = value {
                cursor.insert_before(key, value).map_err(|error| match error {
                    CursorError::Storage(error) => redb::Error::from(error),
                    other => redb::Error::Corrupted(other.to_string()),
                })?;
            }
        }
        return Ok(cursor.close()?);
    }
    for (key, value) in changes {
        match value {
            Some(value) => drop(table.insert(key, value)?),
            None => drop(table.remove(key)?),
        }
    }
    Ok(())
}

/// Visits stored rows and buffered changes.
pub(super) fn visit_both(
    stored: &impl ReadableTable<&'static [u8], &'static [u8]>,
    buffer: &Buffer,
    range: RowRange<'_>,
    direction: Direction,
    visit: &mut VisitRow<'_>,
) -> Result<(), redb::Error> {
    let stored = stored.range::<&[u8]>(range.bounds())?;
    let buffered = changes(buffer, range, direction);
    match direction {
        Direction::Ascending => merge(stored, buffered, direction, visit)?,
        Direction::Descending => merge(stored.rev(), buffered, direction, visit)?,
    }
    Ok(())
}

type Guards<'a> = (AccessGuard<'a, &'static [u8]>, AccessGuard<'a, &'static [u8]>);

impl StoredRow for Guards<'_> {
    fn key(&self) -> &[u8] {
        self.0.value()
    }

    fn value(&self) -> &[u8] {
        self.1.value()
    }
}
