//! A typed table within a write transaction of the program.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata};
use typeser::serializer::AsKey;
use typeser::{StateKey, StateType};

use super::bounds::{ALL, Bounds, as_slices, stored_bounds};
use super::codec::Codec;
use super::error::TableError;
use super::index_write::{EntryChanges, write_entries};
use super::key_order::{KeyOrder, Unordered};
use super::rows::Rows;

/// A typed table within a write transaction of the program, which commits. See
/// [`TypedTable::write_in`](super::TypedTable::write_in).
pub struct TableWriter<'txn, K: StateKey, V: StateType, O = Unordered> {
    codec: Arc<Codec<K, V>>,
    rows: BytesTable<'txn>,
    /// Those of earlier releases, newest first.
    older: Vec<BytesTable<'txn>>,
    /// The entries of all indexes; `None` if the table has none.
    indexes: Option<BytesTable<'txn>>,
    order: PhantomData<fn() -> O>,
}

impl<'txn, K: StateKey, V: StateType, O: KeyOrder<K>> TableWriter<'txn, K, V, O> {
    pub(super) fn of(
        codec: Arc<Codec<K, V>>,
        rows: BytesTable<'txn>,
        older: Vec<BytesTable<'txn>>,
        indexes: Option<BytesTable<'txn>>,
    ) -> Self {
        Self { codec, rows, older, indexes, order: PhantomData }
    }

    pub(super) fn shared_codec(&self) -> Arc<Codec<K, V>> {
        Arc::clone(&self.codec)
    }

    /// The tables of the rows and of the entries of indexes.
    pub(super) fn stored(&self) -> Option<(&BytesTable<'txn>, &BytesTable<'txn>)> {
        Some((&self.rows, self.indexes.as_ref()?))
    }

    pub(super) fn codec(&self) -> &Codec<K, V> {
        &self.codec
    }

    /// The rows between stored keys.
    pub(super) fn between(&self, bounds: Option<&Bounds>) -> Result<Rows<'_, K, V, O>, TableError> {
        let codec = Arc::clone(&self.codec);
        let Some(bounds) = bounds else { return Ok(Rows::none(codec)) };
        let rows = self.rows.range::<&[u8]>(as_slices(bounds))?;
        let older = self.older.iter().map(|older| older.range::<&[u8]>(as_slices(bounds)));
        Ok(Rows::of(codec, rows, older.collect::<Result<_, _>>()?))
    }

    /// The value of a key, if there is one, with what this transaction has written.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     writer.insert("apples", &3)?;
    ///     assert_eq!((writer.get("apples")?, writer.get("pears")?), (Some(3), None));
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get<Q: AsKey<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>, TableError> {
        self.codec.get(&self.rows, &self.older, key)
    }

    /// The values of several keys, in the order of the keys.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     writer.insert("apples", &3)?;
    ///     assert_eq!(writer.get_many(["pears", "apples"])?, [None, Some(3)]);
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get_many<'k, Q: AsKey<K> + ?Sized + 'k>(
        &self,
        keys: impl IntoIterator<Item = &'k Q>,
    ) -> Result<Vec<Option<V>>, TableError> {
        keys.into_iter().map(|key| self.get(key)).collect()
    }

    /// Writes a row, over the one that has this key.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     for (name, count) in [("apples", 3), ("pears", 4)] {
    ///         writer.insert(name, &count)?;
    ///     }
    /// }
    /// transaction.commit()?;
    /// assert_eq!(stock.len()?, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn insert<Q: AsKey<K> + ?Sized>(&mut self, key: &Q, value: &V) -> Result<(), TableError> {
        let Self { codec, rows, older, indexes, .. } = self;
        codec.with_key(key, |key| {
            codec.with_value(value, |bytes| {
                if let Some(indexes) = indexes {
                    let old = codec.stored(rows, older, key)?;
                    let old = old.map_or(Ok(Vec::new()), |old| codec.entries(key, &old))?;
                    write_entries(indexes, codec, &EntryChanges::between(old, codec.entries_of(key, bytes)?))?;
                }
                put(rows, older, key, bytes)
            })
        })
    }

    /// Changes the value of a key in place; `None` if there is no row of this key.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     writer.insert("apples", &3)?;
    ///     let left = writer.update("apples", |count| {
    ///         *count -= 1;
    ///         *count
    ///     })?;
    ///     assert_eq!((left, writer.update("pears", |count| *count -= 1)?), (Some(2), None));
    /// }
    /// transaction.commit()?;
    /// assert_eq!(stock.get("apples")?, Some(2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`]. Then the row is as it was.
    pub fn update<Q: AsKey<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>, TableError> {
        let Self { codec, rows, older, indexes, .. } = self;
        codec.with_key(key, |key| {
            let Some(mut value) = codec.stored(rows, older, key)? else { return Ok(None) };
            let old = if indexes.is_some() { codec.entries(key, &value)? } else { Vec::new() };
            let result = change(&mut value);
            codec.with_value(&value, |bytes| {
                if let Some(indexes) = indexes {
                    write_entries(indexes, codec, &EntryChanges::between(old, codec.entries_of(key, bytes)?))?;
                }
                put(rows, older, key, bytes)?;
                Ok(Some(result))
            })
        })
    }

    /// Deletes the row of a key; says whether there was one.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     writer.insert("apples", &3)?;
    ///     assert_eq!((writer.remove("apples")?, writer.remove("apples")?), (true, false));
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn remove<Q: AsKey<K> + ?Sized>(&mut self, key: &Q) -> Result<bool, TableError> {
        let Self { codec, rows, older, indexes, .. } = self;
        codec.with_key(key, |key| {
            if let Some(indexes) = indexes {
                let Some(old) = codec.stored(rows, older, key)? else { return Ok(false) };
                write_entries(indexes, codec, &EntryChanges::between(codec.entries(key, &old)?, Vec::new()))?;
            }
            Ok(rows.remove(key)?.is_some() || remove_older(older, key)?)
        })
    }

    /// The rows: in an [`OrderedTable`](super::OrderedTable) in the order of their keys, else in that of the
    /// [bytes](super#keys) of their keys. Each row is read when the iterator gets to it.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     writer.insert("apples", &3)?;
    ///     let rows = writer.iter()?.collect::<Result<Vec<_>, _>>()?;
    ///     assert_eq!(rows, [("apples".to_owned(), 3)]);
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn iter(&self) -> Result<Rows<'_, K, V, O>, TableError> {
        self.between(Some(&ALL))
    }

    /// How many rows there are. redb keeps count, so no row is read.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     writer.insert("apples", &3)?;
    ///     assert_eq!(writer.len()?, 1);
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn len(&self) -> Result<u64, TableError> {
        self.older.iter().try_fold(self.rows.len()?, |rows, older| Ok(rows + older.len()?))
    }

    /// Whether there are none.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     assert!(writer.is_empty()?);
    ///     writer.insert("apples", &3)?;
    ///     assert!(!writer.is_empty()?);
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(self.len()? == 0)
    }
}

impl<K: StateKey, V: StateType, O> TableWriter<'_, K, V, O> {
    /// Rewrites so many older rows, oldest first; how many are left.
    pub(super) fn migrate_some(&mut self, mut rows: u64) -> Result<u64, TableError> {
        let Self { codec, rows: today, older, .. } = self;
        for (older, values) in older.iter_mut().zip(&codec.older).rev() {
            while rows > 0
                && let Some((key, value)) = older.pop_first()?
            {
                let (key, value) = (key.value(), codec.decode_older(values, key.value(), value.value())?);
                codec.with_value(&value, |value| Ok(today.insert(key, value)?.is_none()))?;
                rows -= 1;
            }
        }
        self.unmigrated_rows()
    }

    pub(super) fn has_older(&self) -> bool {
        !self.older.is_empty()
    }

    pub(super) fn unmigrated_rows(&self) -> Result<u64, TableError> {
        self.older.iter().try_fold(0, |rows, older| Ok(rows + older.len()?))
    }
}

/// Writes a row, whose key no older one has from then on.
fn put(rows: &mut BytesTable<'_>, older: &mut [BytesTable<'_>], key: &[u8], value: &[u8]) -> Result<(), TableError> {
    let is_new = rows.insert(key, value)?.is_none();
    if is_new {
        remove_older(older, key)?;
    }
    Ok(())
}

/// Deletes the older row of a key, which is in one of the tables if there is one.
fn remove_older(older: &mut [BytesTable<'_>], key: &[u8]) -> Result<bool, TableError> {
    for rows in older {
        if rows.remove(key)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) type BytesTable<'txn> = redb::Table<'txn, &'static [u8], &'static [u8]>;

impl<K: StateKey, V: StateType> TableWriter<'_, K, V, Unordered> {
    /// The rows whose keys lie in a range by the order of their [bytes](super#keys); see
    /// [`TypedTable::range_by_bytes`](super::TypedTable::range_by_bytes).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let by_day = TypedTable::<[u8; 2], u32>::open(&database, "orders by day")?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = by_day.write_in(&transaction)?;
    ///     for day in [2u16, 300, 20_000] {
    ///         writer.insert(&day.to_be_bytes(), &1)?;
    ///     }
    ///     assert_eq!(writer.range_by_bytes(3u16.to_be_bytes()..)?.count(), 2);
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range_by_bytes(&self, range: impl RangeBounds<K>) -> Result<Rows<'_, K, V>, TableError> {
        let bounds = stored_bounds(&self.codec, range)?;
        self.between(bounds.as_ref())
    }
}

impl<K: StateKey, V: StateType, O> fmt::Debug for TableWriter<'_, K, V, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableWriter").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
