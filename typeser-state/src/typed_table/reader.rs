//! A typed table as it is at one moment.

use std::fmt;
use std::ops::RangeBounds;
use std::sync::Arc;

use redb::{ReadOnlyTable, ReadableTableMetadata};
use typeser::serializer::AsKey;
use typeser::{StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;
use super::rows::{Rows, as_slices, stored_bounds};

/// A typed table as it is at one moment: later changes do not show. See [`TypedTable::read`](super::TypedTable::read).
pub struct TableReader<K: StateKey, V: StateType> {
    pub(super) codec: Arc<Codec<K, V>>,
    pub(super) rows: ReadOnlyTable<&'static [u8], &'static [u8]>,
}

impl<K: StateKey, V: StateType> TableReader<K, V> {
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
        self.codec.get(&self.rows, key)
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

    /// The rows, in the order of the [bytes](super#keys) of their keys. Each row is read when the iterator gets to it.
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
    pub fn iter(&self) -> Result<Rows<'static, K, V>, TableError> {
        self.range(..)
    }

    /// The rows whose keys lie in a range by the order of their [bytes](super#keys).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let by_day = TypedTable::<[u8; 2], u32>::open(&database, "orders by day")?;
    /// for day in [2u16, 300, 20_000] {
    ///     by_day.insert(&day.to_be_bytes(), &1)?;
    /// }
    /// let later = by_day.read()?.range(3u16.to_be_bytes()..)?;
    /// assert_eq!(later.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Rows<'static, K, V>, TableError> {
        let bounds = stored_bounds(&self.codec, range)?;
        // The method of the table itself: its rows outlive it.
        let rows = bounds.map(|bounds| ReadOnlyTable::range::<&[u8]>(&self.rows, as_slices(&bounds))).transpose()?;
        Ok(Rows { codec: Arc::clone(&self.codec), rows })
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
        Ok(self.rows.len()?)
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

impl<K: StateKey, V: StateType> fmt::Debug for TableReader<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableReader").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
