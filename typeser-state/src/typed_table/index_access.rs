//! The ways to an index: from a table of redb, from a writer, and from a table of a backend.

use std::ops::ControlFlow;
use std::sync::Arc;
#[cfg(feature = "redb")]
use std::{borrow::Borrow, marker::PhantomData, ops::Bound};

#[cfg(feature = "redb")]
use redb::{ReadOnlyTable, ReadTransaction, ReadableDatabase, ReadableTable};
use typeser::{OrderedKey, StateKey, StateType};

use super::backend_table::BackendTableHandle;
use super::codec::Codec;
use super::error::TableError;
use super::index::TableIndex;
use super::index_error::IndexError;
use super::index_reader::{IndexReader, IndexSource, StoredEntry};
use super::key_codec::KeyCodec;
use super::key_order::KeyOrder;
#[cfg(feature = "redb")]
use super::record;
#[cfg(feature = "redb")]
use super::redb_table::{TableHandle, definition};
#[cfg(feature = "redb")]
use super::writer::TableWriter;
use crate::backend::{Backend, ReadRows, RowRange, Table};

#[cfg(feature = "redb")]
impl<K: StateKey, V: StateType, O: KeyOrder<K>> TableHandle<'_, K, V, O> {
    /// The table as it is now, by one of the indexes with which it was opened.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// stock.insert("apples", &3)?;
    /// stock.insert("pears", &1)?;
    /// let by_count = stock.by_index(&BY_COUNT)?;
    /// stock.insert("plums", &0)?;
    /// assert_eq!(by_count.first()?, Some(("pears".to_owned(), 1)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The table was opened without this index, or see [`TableError`].
    pub fn by_index<I: OrderedKey>(
        &self,
        index: &TableIndex<K, V, I>,
    ) -> Result<IndexReader<'static, K, V, I>, TableError> {
        self.by_index_in(&self.database.get().begin_read()?, index)
    }

    /// The table by one of its indexes, within a read transaction of the program.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// use redb::ReadableDatabase;
    ///
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// stock.insert("apples", &3)?;
    /// let transaction = database.begin_read()?;
    /// let (rows, by_count) = (stock.read_in(&transaction)?, stock.by_index_in(&transaction, &BY_COUNT)?);
    /// assert_eq!((rows.len()?, by_count.range(1..)?.count()), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The table was opened without this index, or see [`TableError`].
    pub fn by_index_in<I: OrderedKey>(
        &self,
        transaction: &ReadTransaction,
        index: &TableIndex<K, V, I>,
    ) -> Result<IndexReader<'static, K, V, I>, TableError> {
        self.check_current(transaction.open_table(definition(record::TABLE)), false)?;
        let found = found(&self.codec, index)?;
        let rows = transaction.open_table(definition(self.name()))?;
        let entries = transaction.open_table(definition(&record::indexes_of(self.name())))?;
        type Stored = ReadOnlyTable<&'static [u8], &'static [u8]>;
        let codec = Arc::clone(&self.codec);
        let source = RedbSource::<K, V, Stored, Stored> { codec, rows, entries, table: PhantomData };
        Ok(IndexReader::of(Arc::new(source), found))
    }
}

#[cfg(feature = "redb")]
impl<'txn, K: StateKey, V: StateType, O: KeyOrder<K>> TableWriter<'txn, K, V, O> {
    /// The table by one of its indexes, with what this transaction has written.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// # use typeser_state::typed_table::{TableIndex, TableOptions, TypedTable};
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let stock = TypedTable::<String, u32>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// stock.insert("apples", &3)?;
    /// let transaction = database.begin_write()?;
    /// {
    ///     let mut writer = stock.write_in(&transaction)?;
    ///     writer.insert("pears", &0)?;
    ///     // Whatever is sold out is deleted.
    ///     let sold_out = writer.by_index(&BY_COUNT)?.get_all(&0)?.collect::<Result<Vec<_>, _>>()?;
    ///     for (name, _) in sold_out {
    ///         writer.remove(&name)?;
    ///     }
    /// }
    /// transaction.commit()?;
    /// assert_eq!((stock.get("pears")?, stock.len()?), (None, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The table was opened without this index, or see [`TableError`].
    pub fn by_index<I: OrderedKey>(&self, index: &TableIndex<K, V, I>) -> Result<IndexReader<'_, K, V, I>, TableError> {
        let found = found(self.codec(), index)?;
        let (rows, entries) = self.stored().ok_or_else(|| not_declared(self.codec(), index))?;
        type Stored<'txn> = redb::Table<'txn, &'static [u8], &'static [u8]>;
        let codec = self.shared_codec();
        let source = RedbSource::<K, V, &Stored<'txn>, Stored<'txn>> { codec, rows, entries, table: PhantomData };
        Ok(IndexReader::of(Arc::new(source), found))
    }
}

impl<K: StateKey, V: StateType, B: Backend, O: KeyOrder<K>> BackendTableHandle<K, V, B, O> {
    /// The table by one of the indexes with which it was opened.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::{BackendTable, TableIndex, TableOptions};
    ///
    /// const BY_COUNT: TableIndex<String, u32, u32> = TableIndex::new("by count", 1, |_, count| *count);
    ///
    /// let options = TableOptions::new().with_index(&BY_COUNT);
    /// let backend = MemoryBackend::new();
    /// let mut stock = BackendTable::<String, u32, _>::open_with(backend, "stock", &options, &mut |_| ())?;
    /// stock.insert("apples", &3)?;
    /// stock.insert("pears", &1)?;
    /// assert_eq!(stock.by_index(&BY_COUNT)?.first()?, Some(("pears".to_owned(), 1)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The table was opened without this index, or see [`TableError`].
    pub fn by_index<I: OrderedKey>(&self, index: &TableIndex<K, V, I>) -> Result<IndexReader<'_, K, V, I>, TableError> {
        let found = found(&self.codec, index)?;
        let entries = self.indexes.ok_or_else(|| not_declared(&self.codec, index))?;
        let source = BackendSource { codec: &self.codec, backend: &self.backend, rows: self.rows, entries };
        Ok(IndexReader::of(Arc::new(source), found))
    }
}

/// The number of an index, and the serializer of its parts.
fn found<K: StateKey, V: StateType, I: OrderedKey>(
    codec: &Codec<K, V>,
    index: &TableIndex<K, V, I>,
) -> Result<(u8, Arc<KeyCodec<I>>), TableError> {
    let of_name = codec.indexes.iter().zip(0..).find(|(open, _)| open.record.name == index.name);
    let found = of_name.and_then(|(open, number)| Some((number, open.codec::<I>()?)));
    found.ok_or_else(|| not_declared(codec, index))
}

fn not_declared<K: StateKey, V: StateType, I>(codec: &Codec<K, V>, index: &TableIndex<K, V, I>) -> TableError {
    TableError::Index(IndexError::NotDeclared { table: codec.table.clone(), index: index.name.to_owned() })
}

/// Tables of redb, of a read transaction or lent by a writer.
#[cfg(feature = "redb")]
struct RedbSource<K, V, B, T> {
    codec: Arc<Codec<K, V>>,
    rows: B,
    entries: B,
    table: PhantomData<fn() -> T>,
}

#[cfg(feature = "redb")]
impl<K: StateKey, V: StateType, B, T> IndexSource<K, V> for RedbSource<K, V, B, T>
where
    B: Borrow<T>,
    T: ReadableTable<&'static [u8], &'static [u8]>,
{
    fn codec(&self) -> &Codec<K, V> {
        &self.codec
    }

    fn entries(&self, range: RowRange<'_>, most: usize) -> Result<Vec<StoredEntry>, TableError> {
        let rows = self.entries.borrow().range::<&[u8]>(bounds(range))?.take(most);
        rows.map(|row| row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).map_err(Into::into))
            .collect()
    }

    fn last(&self, range: RowRange<'_>) -> Result<Option<StoredEntry>, TableError> {
        let last = self.entries.borrow().range::<&[u8]>(bounds(range))?.next_back().transpose()?;
        Ok(last.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())))
    }

    fn value(&self, key: &[u8]) -> Result<Option<V>, TableError> {
        self.codec.stored::<T>(self.rows.borrow(), &[], key)
    }
}

#[cfg(feature = "redb")]
fn bounds<'a>(RowRange { from, until }: RowRange<'a>) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
    (Bound::Included(from), until.map_or(Bound::Unbounded, Bound::Excluded))
}

/// Tables of a backend.
struct BackendSource<'a, K, V, B> {
    codec: &'a Codec<K, V>,
    backend: &'a B,
    rows: Table,
    entries: Table,
}

impl<K: StateKey, V: StateType, B: ReadRows> IndexSource<K, V> for BackendSource<'_, K, V, B> {
    fn codec(&self) -> &Codec<K, V> {
        self.codec
    }

    fn entries(&self, range: RowRange<'_>, most: usize) -> Result<Vec<StoredEntry>, TableError> {
        let mut found = Vec::with_capacity(most);
        self.backend.scan(self.entries, range, &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        Ok(found)
    }

    fn last(&self, range: RowRange<'_>) -> Result<Option<StoredEntry>, TableError> {
        let mut last = None;
        self.backend.last(self.entries, range, &mut |key, value| last = Some((key.to_vec(), value.to_vec())))?;
        Ok(last)
    }

    fn value(&self, key: &[u8]) -> Result<Option<V>, TableError> {
        let mut value = None;
        self.backend.get(self.rows, key, &mut |bytes| value = Some(self.codec.decode_value(key, bytes)))?;
        value.transpose()
    }
}
