//! Reading and writing the rows of a typed table in a redb database.

use std::ops::RangeBounds;
use std::sync::Arc;

use redb::{ReadTransaction, ReadableDatabase, ReadableTable, WriteTransaction};
use typeser::serializer::AsKey;
use typeser::{StateKey, StateType};

use super::error::TableError;
use super::key_order::{KeyOrder, Unordered};
use super::reader::TableReader;
use super::record;
use super::redb_table::{TableHandle, TypedTable, definition};
use super::rows::Rows;
use super::writer::TableWriter;

impl<K: StateKey, V: StateType, O: KeyOrder<K>> TableHandle<'_, K, V, O> {
    /// The name.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// assert_eq!(stock.name(), "stock");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.codec.table
    }

    /// The table as it is now. Later changes do not show.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let before = stock.read()?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!((before.get("apples")?, stock.get("apples")?), (None, Some(3)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The database fails, or the table was migrated after this handle was opened.
    pub fn read(&self) -> Result<TableReader<K, V, O>, TableError> {
        self.read_in(&self.database.get().begin_read()?)
    }

    /// The table within a read transaction of the program: several tables as they are at one moment.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// use redb::ReadableDatabase;
    ///
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let prices = TypedTable::<String, u64>::open(&database, "prices")?;
    /// let transaction = database.begin_read()?;
    /// let (stock, prices) = (stock.read_in(&transaction)?, prices.read_in(&transaction)?);
    /// assert_eq!((stock.len()?, prices.len()?), (0, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The database fails, or the table was migrated after this handle was opened.
    pub fn read_in(&self, transaction: &ReadTransaction) -> Result<TableReader<K, V, O>, TableError> {
        let has_older = self.check_current(transaction.open_table(definition(record::TABLE)), false)?;
        let rows = transaction.open_table(definition(self.name()))?;
        let older = self.open_older(has_older, |name| transaction.open_table(definition(name)))?;
        Ok(TableReader::of(Arc::clone(&self.codec), rows, older))
    }

    /// The table within a write transaction of the program, which commits: many rows, or several tables, at once.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// let sold = TypedTable::<u64, String>::open(&database, "sold")?;
    /// stock.insert("apples", &3)?;
    ///
    /// let transaction = database.begin_write()?;
    /// stock.write_in(&transaction)?.update("apples", |count| *count -= 1)?;
    /// sold.write_in(&transaction)?.insert(&1, &"apples".to_owned())?;
    /// transaction.commit()?;
    /// assert_eq!((stock.get("apples")?, sold.len()?), (Some(2), 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The database fails, or the table was migrated after this handle was opened.
    pub fn write_in<'txn>(
        &self,
        transaction: &'txn WriteTransaction,
    ) -> Result<TableWriter<'txn, K, V, O>, TableError> {
        let has_older = self.check_current(transaction.open_table(definition(record::TABLE)), true)?;
        let rows = transaction.open_table(definition(self.name()))?;
        let older = self.open_older(has_older, |name| transaction.open_table(definition(name)))?;
        let indexes = match self.codec.indexes.is_empty() {
            true => None,
            false => Some(transaction.open_table(definition(&record::indexes_of(self.name())))?),
        };
        Ok(TableWriter::of(Arc::clone(&self.codec), rows, older, indexes))
    }

    /// The value of a key, if there is one.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!((stock.get("apples")?, stock.get("pears")?), (Some(3), None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get<Q: AsKey<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>, TableError> {
        self.read()?.get(key)
    }

    /// The values of several keys as they are at one moment, in the order of the keys.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!(stock.get_many(["pears", "apples"])?, [None, Some(3)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get_many<'k, Q: AsKey<K> + ?Sized + 'k>(
        &self,
        keys: impl IntoIterator<Item = &'k Q>,
    ) -> Result<Vec<Option<V>>, TableError> {
        self.read()?.get_many(keys)
    }

    /// Writes a row, over the one that has this key, in a separate transaction. To write many rows at once, use
    /// [`TypedTable::write_in`].
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// stock.insert("apples", &4)?;
    /// assert_eq!(stock.get("apples")?, Some(4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`]. Then the table is as it was.
    pub fn insert<Q: AsKey<K> + ?Sized>(&self, key: &Q, value: &V) -> Result<(), TableError> {
        let transaction = self.database.get().begin_write()?;
        self.write_in(&transaction)?.insert(key, value)?;
        Ok(transaction.commit()?)
    }

    /// Changes the value of a key in place; `None` if there is no row of this key. Reading and writing are one transaction, so
    /// no other change comes in between.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// let left = stock.update("apples", |count| {
    ///     *count -= 1;
    ///     *count
    /// })?;
    /// assert_eq!((left, stock.update("pears", |count| *count -= 1)?), (Some(2), None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`]. Then the table is as it was.
    pub fn update<Q: AsKey<K> + ?Sized, R>(
        &self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>, TableError> {
        let transaction = self.database.get().begin_write()?;
        let result = self.write_in(&transaction)?.update(key, change)?;
        transaction.commit()?;
        Ok(result)
    }

    /// Deletes the row of a key in a separate transaction; says whether there was one.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!((stock.remove("apples")?, stock.remove("apples")?), (true, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`]. Then the table is as it was.
    pub fn remove<Q: AsKey<K> + ?Sized>(&self, key: &Q) -> Result<bool, TableError> {
        let transaction = self.database.get().begin_write()?;
        let removed = self.write_in(&transaction)?.remove(key)?;
        transaction.commit()?;
        Ok(removed)
    }

    /// The rows as they are now: in an [`OrderedTable`](super::OrderedTable) in the order of their keys, else in that of the
    /// [bytes](super#keys) of their keys. Each row is read when the iterator gets to it.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// for row in stock.iter()? {
    ///     let (name, count) = row?;
    ///     assert_eq!((name.as_str(), count), ("apples", 3));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn iter(&self) -> Result<Rows<'static, K, V, O>, TableError> {
        self.read()?.iter()
    }

    /// How many rows there are. redb keeps count, so no row is read.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!(stock.len()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn len(&self) -> Result<u64, TableError> {
        self.read()?.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// assert!(stock.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        Ok(self.len()? == 0)
    }

    /// Whether the rows still are what this handle reads and writes. They are not written while they are being
    /// migrated.
    pub(super) fn check_current(
        &self,
        metadata: Result<impl ReadableTable<&'static [u8], &'static [u8]>, redb::TableError>,
        to_write: bool,
    ) -> Result<bool, TableError> {
        let stale = || TableError::Stale { table: self.codec.table.clone() };
        let metadata = metadata?;
        let stored = metadata.get(&*record::record_key(self.name()))?.ok_or_else(stale)?;
        let generation = record::generation(stored.value()).ok_or_else(stale)?;
        let migrating = to_write && metadata.get(&*record::unfinished_key(self.name()))?.is_some();
        if generation != self.codec.generation || migrating {
            return Err(stale());
        }
        // Once nothing is left to migrate, the record says so, and the tables of older rows are dropped.
        Ok(record::has_older(stored.value()))
    }

    /// The tables of the rows of earlier releases, if there are any.
    fn open_older<T>(
        &self,
        has_older: bool,
        open: impl Fn(&str) -> Result<T, redb::TableError>,
    ) -> Result<Vec<T>, TableError> {
        let older = if has_older { &self.codec.older[..] } else { &[] };
        older.iter().map(|older| Ok(open(&record::older_of(self.name(), older.rows.generation))?)).collect()
    }
}

impl<K: StateKey, V: StateType> TypedTable<'_, K, V> {
    /// The rows as they are now whose stored keys lie in a range of [bytes](super#keys), which is a range of keys for arrays of
    /// bytes and for `u8`. For ranges of other keys, use an [`OrderedTable`](super::OrderedTable).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = std::sync::Arc::new(redb::Database::create(folder.path().join("shop.redb"))?);
    /// # use typeser_state::typed_table::TypedTable;
    /// let by_day = TypedTable::<[u8; 2], u32>::open(&database, "orders by day")?;
    /// for day in [2u16, 300, 20_000] {
    ///     by_day.insert(&day.to_be_bytes(), &1)?;
    /// }
    /// let later = by_day.range_by_bytes(3u16.to_be_bytes()..)?.next().transpose()?;
    /// assert_eq!(later, Some((300u16.to_be_bytes(), 1)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range_by_bytes(&self, range: impl RangeBounds<K>) -> Result<Rows<'static, K, V, Unordered>, TableError> {
        self.read()?.range_by_bytes(range)
    }
}
