//! Backends: where state lives while a program runs. A small trait over ordered bytes; none of them knows a type.
//!
//! A backend is a working copy. What a program keeps is a [savepoint](crate::savepoint), in a format of our own; no
//! backend's file ever is the archive.

mod batch;
mod buffer;
mod error;
#[cfg(feature = "fjall")]
mod fjall_backend;
#[cfg(feature = "fjall")]
mod fjall_keyspaces;
mod memory;
mod redb_backend;
mod redb_rows;

pub use batch::{Batch, Change};
pub use error::BackendError;
#[cfg(feature = "fjall")]
pub use fjall_backend::{FjallBackend, FjallSnapshot};
pub use memory::MemoryBackend;
pub use redb_backend::{RedbBackend, RedbSnapshot};

use std::ops::ControlFlow;

/// A table of a backend: a number that stays good until the table is dropped, also when it is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Table(u32);

/// Rows whose keys lie from `from` up to, but not including, `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowRange<'a> {
    /// The first key that belongs to the range.
    pub from: &'a [u8],
    /// The first key that does not; `None` if the range goes to the end of the table.
    pub until: Option<&'a [u8]>,
}

/// What is shown the key and value of each row of a scan; it breaks when it has seen enough.
///
/// It must not use the backend that it is shown.
pub type VisitRow<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

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

impl RowRange<'static> {
    /// Every row of a table.
    pub const ALL: Self = Self { from: &[], until: None };
}

impl<'a> RowRange<'a> {
    /// The rows whose keys begin with `prefix`. `end` is a buffer for the end of the range.
    pub fn of_prefix(prefix: &'a [u8], end: &'a mut Vec<u8>) -> Self {
        end.clear();
        end.extend_from_slice(prefix);
        // The least string above all that begin with the prefix: drop trailing 0xFF, then count up the last byte.
        while end.last() == Some(&u8::MAX) {
            end.pop();
        }
        match end.last_mut() {
            Some(last) => {
                *last += 1;
                Self { from: prefix, until: Some(end) }
            }
            None => Self { from: prefix, until: None },
        }
    }

    /// Whether no key can lie in the range.
    fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }

    fn bounds(&self) -> (std::ops::Bound<&'a [u8]>, std::ops::Bound<&'a [u8]>) {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        (Included(self.from), self.until.map_or(Unbounded, Excluded))
    }
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
