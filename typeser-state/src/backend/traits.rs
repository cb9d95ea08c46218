//! What a backend is: reading rows, and writing them.

use super::batch::Batch;
use super::error::BackendError;
use super::table::{RowRange, Table, VisitRow};

/// What reads rows: a backend, or a snapshot of one.
///
/// Rows are handed to closures while they lie where they are, so that nobody has to copy them to look at them.
pub trait ReadRows {
    /// Shows the value of this key to `read`; says whether there is one.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError>;

    /// Shows rows to `visit` in ascending order of their keys, until it breaks.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn scan(&self, table: Table, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<(), BackendError>;

    /// Shows the row of the greatest key in a range to `read`; says whether there is one. This is a look-up, no scan.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn last(&self, table: Table, range: RowRange<'_>, read: &mut dyn FnMut(&[u8], &[u8]))
    -> Result<bool, BackendError>;
}

/// A store of ordered bytes in tables.
///
/// # Laws
/// - What was written is read from then on; keys order as byte strings.
/// - A [`Batch`] is applied whole or not at all.
/// - [`Backend::flush`] is what makes changes durable. A backend that is opened again after a crash, or after it was
///   dropped without flush, is as it was at the last flush: all changes since then are gone, none in part. Creating,
///   renaming and dropping tables are changes like others.
pub trait Backend: ReadRows {
    /// The table of this name; a new, empty one if there is none.
    ///
    /// # Errors
    /// The store fails.
    fn create_table(&mut self, name: &str) -> Result<Table, BackendError>;

    /// The table of this name, if there is one.
    ///
    /// # Errors
    /// The store fails.
    fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError>;

    /// Gives a table another name.
    ///
    /// # Errors
    /// There is no such table, or one that has the new name, or the store fails.
    fn rename_table(&mut self, table: Table, to: &str) -> Result<(), BackendError>;

    /// Drops a table with its rows.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn drop_table(&mut self, table: Table) -> Result<(), BackendError>;

    /// Writes one row, over the one that has this key.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackendError>;

    /// Deletes the row of this key, if there is one.
    ///
    /// # Errors
    /// There is no such table, or the store fails.
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), BackendError>;

    /// Applies changes of several rows, in any number of tables, whole or not at all.
    ///
    /// # Errors
    /// There is no such table, or the store fails. Then no change was made.
    fn apply(&mut self, batch: &Batch) -> Result<(), BackendError>;

    /// All rows as they are now; later changes do not show. A backend with a disk flushes first.
    ///
    /// # Errors
    /// The store fails.
    fn snapshot(&mut self) -> Result<Box<dyn ReadRows + Send>, BackendError>;

    /// Makes all changes durable, at once.
    ///
    /// # Errors
    /// The store fails. Then none of the changes since the last flush is durable.
    fn flush(&mut self) -> Result<(), BackendError>;
}

/// What points to a backend is one: whoever lends it out by `&mut` keeps it if a restore fails.
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
        }

        impl<T: Backend + ?Sized> Backend for $pointer {
            fn create_table(&mut self, name: &str) -> Result<Table, BackendError> {
                (**self).create_table(name)
            }

            fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError> {
                (**self).find_table(name)
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
