//! What only ordered tables have: ranges and prefixes of keys, the first and the last row, and rows from behind.

use std::iter::Rev;
use std::ops::RangeBounds;

use typeser::serializer::KeyPrefix;
use typeser::{OrderedKey, StateType};

use super::bounds::{prefix_bounds, stored_bounds};
use super::error::TableError;
use super::key_order::Ordered;
use super::reader::TableReader;
use super::redb_table::OrderedTable;
use super::rows::Rows;
use super::writer::TableWriter;

impl<K: OrderedKey, V: StateType> OrderedTable<'_, K, V> {
    /// The rows as they are now whose keys lie in a range.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.range((1, 0)..(2, 0))?.count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Rows<'static, K, V, Ordered>, TableError> {
        self.read()?.range(range)
    }

    /// The rows as they are now whose keys begin with a prefix: the first fields of a struct or tuple, or the beginning of a
    /// string or list; see [`KeyPrefix`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.prefix(&(1u8,))?.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn prefix<P: KeyPrefix<K> + ?Sized>(&self, prefix: &P) -> Result<Rows<'static, K, V, Ordered>, TableError> {
        self.read()?.prefix(prefix)
    }

    /// The row as it is now with the least key, if there are rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.first()?, Some(((1, -20), 5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn first(&self) -> Result<Option<(K, V)>, TableError> {
        self.read()?.first()
    }

    /// The row as it is now with the greatest key, if there are rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.last()?, Some(((2, 7), 5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn last(&self) -> Result<Option<(K, V)>, TableError> {
        self.read()?.last()
    }

    /// The rows as they are now, from the greatest key to the least.
    ///
    /// ```
    /// # use typeser_state::typed_table::TableError;
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let seconds = readings.rev()?.map(|row| Ok(row?.0.1)).collect::<Result<Vec<_>, TableError>>()?;
    /// assert_eq!(seconds, [7, 300, -20]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn rev(&self) -> Result<Rev<Rows<'static, K, V, Ordered>>, TableError> {
        self.read()?.rev()
    }
}

impl<K: OrderedKey, V: StateType> TableReader<K, V, Ordered> {
    /// The rows whose keys lie in a range.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.read()?.range((1, 0)..(2, 0))?.count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Rows<'static, K, V, Ordered>, TableError> {
        self.between(stored_bounds(self.codec(), range)?.as_ref())
    }

    /// The rows whose keys begin with a prefix: the first fields of a struct or tuple, or the beginning of a
    /// string or list; see [`KeyPrefix`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.read()?.prefix(&(1u8,))?.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn prefix<P: KeyPrefix<K> + ?Sized>(&self, prefix: &P) -> Result<Rows<'static, K, V, Ordered>, TableError> {
        self.between(Some(&prefix_bounds(self.codec(), prefix)?))
    }

    /// The row with the least key, if there are rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.read()?.first()?, Some(((1, -20), 5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn first(&self) -> Result<Option<(K, V)>, TableError> {
        self.iter()?.next().transpose()
    }

    /// The row with the greatest key, if there are rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// assert_eq!(readings.read()?.last()?, Some(((2, 7), 5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn last(&self) -> Result<Option<(K, V)>, TableError> {
        self.iter()?.next_back().transpose()
    }

    /// The rows, from the greatest key to the least.
    ///
    /// ```
    /// # use typeser_state::typed_table::TableError;
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let seconds = readings.read()?.rev()?.map(|row| Ok(row?.0.1)).collect::<Result<Vec<_>, TableError>>()?;
    /// assert_eq!(seconds, [7, 300, -20]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn rev(&self) -> Result<Rev<Rows<'static, K, V, Ordered>>, TableError> {
        Ok(self.iter()?.rev())
    }
}

impl<K: OrderedKey, V: StateType> TableWriter<'_, K, V, Ordered> {
    /// The rows whose keys lie in a range.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = readings.write_in(&transaction)?;
    ///     assert_eq!(writer.range((1, 0)..(2, 0))?.count(), 1);
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Rows<'_, K, V, Ordered>, TableError> {
        self.between(stored_bounds(self.codec(), range)?.as_ref())
    }

    /// The rows whose keys begin with a prefix: the first fields of a struct or tuple, or the beginning of a
    /// string or list; see [`KeyPrefix`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = readings.write_in(&transaction)?;
    ///     assert_eq!(writer.prefix(&(1u8,))?.count(), 2);
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn prefix<P: KeyPrefix<K> + ?Sized>(&self, prefix: &P) -> Result<Rows<'_, K, V, Ordered>, TableError> {
        self.between(Some(&prefix_bounds(self.codec(), prefix)?))
    }

    /// The row with the least key, if there are rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = readings.write_in(&transaction)?;
    ///     assert_eq!(writer.first()?, Some(((1, -20), 5)));
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn first(&self) -> Result<Option<(K, V)>, TableError> {
        self.iter()?.next().transpose()
    }

    /// The row with the greatest key, if there are rows.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = readings.write_in(&transaction)?;
    ///     assert_eq!(writer.last()?, Some(((2, 7), 5)));
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn last(&self) -> Result<Option<(K, V)>, TableError> {
        self.iter()?.next_back().transpose()
    }

    /// The rows, from the greatest key to the least.
    ///
    /// ```
    /// # use typeser_state::typed_table::TableError;
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("readings.redb"))?);
    /// # use typeser_state::typed_table::OrderedTable;
    /// let readings = OrderedTable::<(u8, i64), u32>::open(&database, "readings")?;
    /// for (sensor, second) in [(1, 300), (1, -20), (2, 7)] {
    ///     readings.insert(&(sensor, second), &5)?;
    /// }
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = readings.write_in(&transaction)?;
    ///     let seconds = writer.rev()?.map(|row| Ok(row?.0.1)).collect::<Result<Vec<_>, TableError>>()?;
    ///     assert_eq!(seconds, [7, 300, -20]);
    /// }
    /// transaction.commit()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn rev(&self) -> Result<Rev<Rows<'_, K, V, Ordered>>, TableError> {
        Ok(self.iter()?.rev())
    }
}
