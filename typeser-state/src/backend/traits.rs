//! The traits of a backend: reading rows, and writing them.

use std::ops::ControlFlow;

use super::batch::Batch;
use super::error::BackendError;
use super::table::{RowRange, Table, VisitRow};

/// Read access to rows: a backend, or a snapshot of one.
///
/// Rows are passed to closures as borrowed bytes, so that reading does not copy them.
pub trait ReadRows {
    /// Calls `read` with the value of this key. Returns whether there is one.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError>;

    /// Calls `visit` with each row of a range, in ascending order of keys, until it breaks.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn scan(&self, table: Table, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<(), BackendError>;

    /// Calls `read` with the row of the greatest key in a range. Returns whether there is one. This is a look-up, not a
    /// scan.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn last(&self, table: Table, range: RowRange<'_>, read: &mut dyn FnMut(&[u8], &[u8]))
    -> Result<bool, BackendError>;

    /// How many rows a table has. Without another implementation, it is scanned.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn count(&self, table: Table) -> Result<u64, BackendError> {
        count_rows(self, table)
    }
}

/// Counts rows by a scan.
pub(super) fn count_rows(rows: &(impl ReadRows + ?Sized), table: Table) -> Result<u64, BackendError> {
    let mut count = 0;
    rows.scan(table, RowRange::ALL, &mut |_, _| {
        count += 1;
        ControlFlow::Continue(())
    })?;
    Ok(count)
}

/// A store of ordered bytes in tables.
///
/// # Laws
/// - A write is visible to every later read; keys are ordered as byte strings.
/// - A [`Batch`] is applied atomically.
/// - [`Backend::flush`] makes changes durable. A backend that is reopened after a crash, or after it was dropped
///   without a flush, is in the state of the last flush: all later changes are lost together. Creating, renaming and
///   dropping tables are changes too.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::{Backend, Batch, MemoryBackend, RowRange};
/// use std::ops::ControlFlow;
///
/// fn count(backend: &impl Backend, table: typeser_state::backend::Table) -> Result<u32, Box<dyn std::error::Error>> {
///     let mut rows = 0;
///     backend.scan(table, RowRange::ALL, &mut |_key, _value| {
///         rows += 1;
///         ControlFlow::Continue(())
///     })?;
///     Ok(rows)
/// }
///
/// let mut backend = MemoryBackend::new();
/// let table = backend.create_table("rows")?;
/// let mut batch = Batch::new();
/// batch.put(table, b"a", b"1");
/// batch.put(table, b"b", b"2");
/// backend.apply(&batch)?;
/// assert_eq!(count(&backend, table)?, 2);
/// # Ok(())
/// # }
/// ```
pub trait Backend: ReadRows {
    /// The table of this name, created empty if there is none.
    ///
    /// # Errors
    /// The store fails.
    fn create_table(&mut self, name: &str) -> Result<Table, BackendError>;

    /// The table of this name, if there is one.
    ///
    /// # Errors
    /// The store fails.
    fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError>;

    /// Calls `visit` with each row of a range of a table that the program has beside those of the backend, and which
    /// therefore has to be copied, in ascending order of keys, until it breaks. Returns whether there is such a table.
    /// Most backends have none: there every table of the database is one of the backend.
    ///
    /// # Errors
    /// The store fails.
    fn scan_foreign(&self, name: &str, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<bool, BackendError> {
        let _ = (name, range, visit);
        Ok(false)
    }

    /// Renames a table.
    ///
    /// # Errors
    /// There is no such table, the new name is taken, or the store fails.
    fn rename_table(&mut self, table: Table, to: &str) -> Result<(), BackendError>;

    /// Drops a table with its rows.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn drop_table(&mut self, table: Table) -> Result<(), BackendError>;

    /// Writes one row, replacing any row with the same key.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackendError>;

    /// Deletes the row of this key, if there is one.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), BackendError>;

    /// Applies changes to rows of any number of tables, atomically.
    ///
    /// # Errors
    /// There is no such table, or the store fails. Then no change was made.
    fn apply(&mut self, batch: &Batch) -> Result<(), BackendError>;

    /// A read-only view of all rows as they are now, unaffected by later changes. A backend on disk flushes first.
    ///
    /// # Errors
    /// The store fails.
    fn snapshot(&mut self) -> Result<Box<dyn ReadRows + Send>, BackendError>;

    /// Makes all changes durable, atomically.
    ///
    /// # Errors
    /// The store fails. Then none of the changes since the last flush is durable.
    fn flush(&mut self) -> Result<(), BackendError>;
}

/// A pointer to a backend is a backend too, so a caller that lends one by `&mut` still has it if a restore fails.
macro_rules! forward {
    ($($pointer:ty),*) => { $(
        impl<T: ReadRows + ?Sized> ReadRows for $pointer {
            fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError> {
                (**self).get(table, key, read)
            }

            fn scan(&self, table: Table, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<(), BackendError> {
                (**self).scan(table, range, visit)
            }

            fn last(
                &self,
                table: Table,
                range: RowRange<'_>,
                read: &mut dyn FnMut(&[u8], &[u8]),
            ) -> Result<bool, BackendError> {
                (**self).last(table, range, read)
            }

            fn count(&self, table: Table) -> Result<u64, BackendError> {
                (**self).count(table)
            }
        }

        impl<T: Backend + ?Sized> Backend for $pointer {
            fn create_table(&mut self, name: &str) -> Result<Table, BackendError> {
                (**self).create_table(name)
            }

            fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError> {
                (**self).find_table(name)
            }

            fn scan_foreign(
                &self,
                name: &str,
                range: RowRange<'_>,
                visit: &mut VisitRow<'_>,
            ) -> Result<bool, BackendError> {
                (**self).scan_foreign(name, range, visit)
            }

            fn rename_table(&mut self, table: Table, to: &str) -> Result<(), BackendError> {
                (**self).rename_table(table, to)
            }

            fn drop_table(&mut self, table: Table) -> Result<(), BackendError> {
                (**self).drop_table(table)
            }

            fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackendError> {
                (**self).put(table, key, value)
            }

            fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), BackendError> {
                (**self).delete(table, key)
            }

            fn apply(&mut self, batch: &Batch) -> Result<(), BackendError> {
                (**self).apply(batch)
            }

            fn snapshot(&mut self) -> Result<Box<dyn ReadRows + Send>, BackendError> {
                (**self).snapshot()
            }

            fn flush(&mut self) -> Result<(), BackendError> {
                (**self).flush()
            }
        }
    )* };
}

forward!(Box<T>, &mut T);
