//! A typed table as it is at one moment.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::sync::Arc;

use redb::{ReadOnlyTable, ReadableTableMetadata};
use typeser::serializer::AsKey;
use typeser::{StateKey, StateType};

use super::bounds::{ALL, Bounds, as_slices, stored_bounds};
use super::codec::Codec;
use super::error::TableError;
use super::key_order::{KeyOrder, Unordered};
use super::rows::Rows;

/// A typed table as it is at one moment: later changes do not show. See [`TypedTable::read`](super::TypedTable::read).
pub struct TableReader<K: StateKey, V: StateType, O = Unordered> {
    codec: Arc<Codec<K, V>>,
    rows: ReadOnlyTable<&'static [u8], &'static [u8]>,
    /// Those of earlier releases, newest first.
    older: Vec<ReadOnlyTable<&'static [u8], &'static [u8]>>,
    order: PhantomData<fn() -> O>,
}

impl<K: StateKey, V: StateType, O: KeyOrder<K>> TableReader<K, V, O> {
    pub(super) fn of(
        codec: Arc<Codec<K, V>>,
        rows: ReadOnlyTable<&'static [u8], &'static [u8]>,
        older: Vec<ReadOnlyTable<&'static [u8], &'static [u8]>>,
    ) -> Self {
        Self { codec, rows, older, order: PhantomData }
    }

    pub(super) fn codec(&self) -> &Codec<K, V> {
        &self.codec
    }

    /// The rows between stored keys.
    pub(super) fn between(&self, bounds: Option<&Bounds>) -> Result<Rows<'static, K, V, O>, TableError> {
        let codec = Arc::clone(&self.codec);
        let Some(bounds) = bounds else { return Ok(Rows::none(codec)) };
        // The method of the table itself: its rows outlive it.
        let rows = |table| ReadOnlyTable::range::<&[u8]>(table, as_slices(bounds));
        Ok(Rows::of(codec, rows(&self.rows)?, self.older.iter().map(rows).collect::<Result<_, _>>()?))
    }

    /// The value of a key, if there is one.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// let reader = stock.read()?;
    /// assert_eq!((reader.get("apples")?, reader.get("pears")?), (Some(3), None));
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
    /// stock.insert("apples", &3)?;
    /// assert_eq!(stock.read()?.get_many(["pears", "apples"])?, [None, Some(3)]);
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

    /// The rows: in an [`OrderedTable`](super::OrderedTable) in the order of their keys, else in that of the
    /// [bytes](super#keys) of their keys. Each row is read when the iterator gets to it.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// let rows = stock.read()?.iter()?.collect::<Result<Vec<_>, _>>()?;
    /// assert_eq!(rows, [("apples".to_owned(), 3)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn iter(&self) -> Result<Rows<'static, K, V, O>, TableError> {
        self.between(Some(&ALL))
    }

    /// How many rows there are. redb keeps count, so no row is read.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let before = stock.read()?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!((before.len()?, stock.read()?.len()?), (0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn len(&self) -> Result<u64, TableError> {
        self.older.iter().try_fold(self.rows.len()?, |rows, older| Ok(rows + older.len()?))
    }

    pub(super) fn unmigrated_rows(&self) -> Result<u64, TableError> {
        self.older.iter().try_fold(0, |rows, older| Ok(rows + older.len()?))
    }

    /// Whether there are none.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// assert!(stock.read()?.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(self.len()? == 0)
    }
}

impl<K: StateKey, V: StateType> TableReader<K, V, Unordered> {
    /// The rows whose keys lie in a range by the order of their [bytes](super#keys); see
    /// [`TypedTable::range_by_bytes`](super::TypedTable::range_by_bytes).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let by_day = TypedTable::<[u8; 2], u32>::open(&database, "orders by day")?;
    /// for day in [2u16, 300, 20_000] {
    ///     by_day.insert(&day.to_be_bytes(), &1)?;
    /// }
    /// let later = by_day.read()?.range_by_bytes(3u16.to_be_bytes()..)?;
    /// assert_eq!(later.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range_by_bytes(&self, range: impl RangeBounds<K>) -> Result<Rows<'static, K, V>, TableError> {
        let bounds = stored_bounds(&self.codec, range)?;
        self.between(bounds.as_ref())
    }
}

impl<K: StateKey, V: StateType, O> fmt::Debug for TableReader<K, V, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableReader").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
