//! Typed tables over any backend.

use std::fmt;
use std::ops::{Bound, ControlFlow, RangeBounds};

use typeser::schema::IntegerEncoding;
use typeser::{StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;
use super::options::{TableMigrationProgress, TableOptions};
use super::rows::stored_bounds;
use super::{adopt, opening};
use crate::backend::{Backend, RowRange, Table};

/// A table of a [`Backend`], whose keys are `K` and values are `V`: what [`TypedTable`](super::TypedTable) is to a redb
/// database of the program.
///
/// Lend the backend out by `&mut` to have more than one table in it. Changes are durable once they are
/// [flushed](BackendTable::flush).
pub struct BackendTable<K: StateKey, V: StateType, B> {
    backend: B,
    rows: Table,
    codec: Codec<K, V>,
}

impl<K: StateKey, V: StateType, B: Backend> BackendTable<K, V, B> {
    /// Opens a table, or makes one. If the stored types ask for it, all rows are migrated first. Changes of the backend
    /// that are not flushed yet may be flushed.
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open(backend: B, name: &str) -> Result<Self, TableError> {
        Self::open_with(backend, name, &TableOptions::new(), &mut |_| ())
    }

    /// Opens a table as the options say, and reports how far a migration has come.
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open_with(
        mut backend: B,
        name: &str,
        options: &TableOptions,
        progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
    ) -> Result<Self, TableError> {
        let codec = opening::open(&mut backend, name, options, progress)?;
        Self::of(backend, codec)
    }

    /// Takes over a table of bytes that plain bincode wrote: checks every row, and attaches the snapshots of `K` and
    /// `V` if all of them are what these types write. No row is changed.
    ///
    /// # Errors
    /// A row disagrees: the error lists its key and bytes. Or there is no such table, or it is typed already. Then
    /// nothing was changed.
    pub fn adopt(mut backend: B, name: &str, integers: IntegerEncoding) -> Result<Self, TableError> {
        let codec = adopt::adopt(&mut backend, name, integers)?;
        Self::of(backend, codec)
    }

    fn of(mut backend: B, codec: Codec<K, V>) -> Result<Self, TableError> {
        let rows = backend.create_table(&codec.table)?;
        Ok(Self { backend, rows, codec })
    }

    /// The value of a key, if there is one.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get(&self, key: &K) -> Result<Option<V>, TableError> {
        let key = self.codec.encode_key(key)?;
        let mut value = None;
        self.backend.get(self.rows, &key, &mut |bytes| value = Some(self.codec.decode_value(&key, bytes)))?;
        value.transpose()
    }

    /// Writes a row, over the one that has this key.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn insert(&mut self, key: &K, value: &V) -> Result<(), TableError> {
        let (key, value) = (self.codec.encode_key(key)?, self.codec.encode_value(value)?);
        Ok(self.backend.put(self.rows, &key, &value)?)
    }

    /// Deletes the row of a key; says whether there was one.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn remove(&mut self, key: &K) -> Result<bool, TableError> {
        let key = self.codec.encode_key(key)?;
        let present = self.backend.get(self.rows, &key, &mut |_| ())?;
        if present {
            self.backend.delete(self.rows, &key)?;
        }
        Ok(present)
    }

    /// Shows the rows whose keys lie in a range to `visit`, in the order of the [bytes](super#keys) of their keys,
    /// until it breaks.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(
        &self,
        range: impl RangeBounds<K>,
        mut visit: impl FnMut(K, V) -> ControlFlow<()>,
    ) -> Result<(), TableError> {
        let Some((from, until)) = stored_bounds(&self.codec, range)? else { return Ok(()) };
        // The least key behind another one is that key and a zero.
        let behind = |mut key: Vec<u8>| {
            key.push(0);
            key
        };
        let from = match from {
            Bound::Included(from) => from,
            Bound::Excluded(from) => behind(from),
            Bound::Unbounded => Vec::new(),
        };
        let until = match until {
            Bound::Included(until) => Some(behind(until)),
            Bound::Excluded(until) => Some(until),
            Bound::Unbounded => None,
        };
        let range = RowRange { from: &from, until: until.as_deref() };
        let mut failure = Ok(());
        self.backend.scan(self.rows, range, &mut |key, value| match self.codec.decode(key, value) {
            Ok((key, value)) => visit(key, value),
            Err(error) => {
                failure = Err(error);
                ControlFlow::Break(())
            }
        })?;
        failure
    }

    /// How many rows there are: all of them are visited.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn len(&self) -> Result<u64, TableError> {
        let mut rows = 0;
        self.backend.scan(self.rows, RowRange::ALL, &mut |_, _| {
            rows += 1;
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    /// Whether there are none.
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(!self.backend.last(self.rows, RowRange::ALL, &mut |_, _| ())?)
    }

    /// Makes all changes of the backend durable.
    ///
    /// # Errors
    /// The store fails.
    pub fn flush(&mut self) -> Result<(), TableError> {
        Ok(self.backend.flush()?)
    }

    /// The backend.
    pub fn into_backend(self) -> B {
        self.backend
    }
}

impl<K: StateKey, V: StateType, B> fmt::Debug for BackendTable<K, V, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendTable").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
