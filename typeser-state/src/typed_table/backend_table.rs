//! Typed tables over any backend.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{ControlFlow, RangeBounds};

use typeser::schema::IntegerEncoding;
use typeser::serializer::AsKey;
use typeser::{StateKey, StateType};

use super::backend_rows::BackendRows;
use super::bounds::{StoredRange, row_range};
use super::codec::Codec;
use super::error::TableError;
use super::index_write::{EntryChanges, put_entries};
use super::key_order::{KeyOrder, Ordered, Unordered};
use super::older;
use super::opening;
use super::options::{TableMigrationProgress, TableOptions};
use super::record;
use crate::backend::{Backend, Batch, ReadRows, RowRange, Table};

/// A table of a [`Backend`], whose keys are `K` and values are `V`: what [`TypedTable`](super::TypedTable) is to a redb
/// database of the program.
///
/// Lend the backend out by `&mut` to have more than one table in it. Changes are durable once they are
/// [flushed](BackendTable::flush).
pub type BackendTable<K, V, B> = BackendTableHandle<K, V, B, Unordered>;

/// A table of a [`Backend`] whose rows lie where their keys sort: what [`OrderedTable`](super::OrderedTable) is to a redb
/// database of the program.
///
/// ```
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::typed_table::OrderedBackendTable;
///
/// let mut readings = OrderedBackendTable::<(String, i64), u32, _>::open(MemoryBackend::new(), "readings")?;
/// for (room, minute) in [("attic", 300), ("attic", -7), ("cellar", 20)] {
///     readings.insert(&(room, minute), &1)?;
/// }
/// let mut attic = readings.prefix(&("attic".to_owned(),))?;
/// assert_eq!(attic.next().transpose()?, Some((("attic".to_owned(), -7), 1)));
/// # Ok::<(), typeser_state::typed_table::TableError>(())
/// ```
pub type OrderedBackendTable<K, V, B> = BackendTableHandle<K, V, B, Ordered>;

/// A table of a [`Backend`]: a [`BackendTable`], or an [`OrderedBackendTable`].
pub struct BackendTableHandle<K: StateKey, V: StateType, B, O> {
    pub(super) backend: B,
    pub(super) rows: Table,
    /// Those of earlier releases, newest first.
    pub(super) older: Vec<Table>,
    /// The entries of all indexes; `None` if the table has none.
    pub(super) indexes: Option<Table>,
    pub(super) codec: Codec<K, V>,
    order: PhantomData<fn() -> O>,
}

impl<K: StateKey, V: StateType, B: Backend, O: KeyOrder<K>> BackendTableHandle<K, V, B, O> {
    /// Opens a table, or makes one. If the stored types ask for it, all rows are migrated first. Changes of the backend
    /// that are not flushed yet may be flushed.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut backend = MemoryBackend::new();
    /// BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// let stock = BackendTable::<String, u64, _>::open(&mut backend, "stock")?;
    /// assert_eq!(stock.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open(backend: B, name: &str) -> Result<Self, TableError> {
        Self::open_with(backend, name, &TableOptions::new(), &mut |_| ())
    }

    /// Opens a table as the options say, and reports how far a migration has come.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// use typeser_state::typed_table::TableOptions;
    ///
    /// let mut backend = MemoryBackend::new();
    /// BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().without_migration();
    /// assert!(BackendTable::<String, u64, _>::open_with(&mut backend, "stock", &options, &mut |_| ()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// What is stored does not fit; see [`TableError`]. Then the rows are as they were.
    pub fn open_with(
        mut backend: B,
        name: &str,
        options: &TableOptions,
        progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
    ) -> Result<Self, TableError> {
        let codec = opening::open::<K, V, O, _>(&mut backend, name, options, progress)?;
        Self::of(backend, codec)
    }

    fn stored(&self, key: &[u8]) -> Result<Option<V>, TableError> {
        stored(&self.backend, (self.rows, &self.older), &self.codec, key)
    }

    fn of(mut backend: B, codec: Codec<K, V>) -> Result<Self, TableError> {
        let rows = backend.create_table(&codec.table)?;
        let older = codec.older.iter().map(|older| record::older_of(&codec.table, older.rows.generation));
        let older = older.map(|name| backend.create_table(&name)).collect::<Result<_, _>>()?;
        let indexes = match codec.indexes.is_empty() {
            true => None,
            false => Some(backend.create_table(&record::indexes_of(&codec.table))?),
        };
        Ok(Self { backend, rows, older, indexes, codec, order: PhantomData })
    }

    /// The value of a key, if there is one.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!((stock.get("apples")?, stock.get("pears")?), (Some(3), None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn get<Q: AsKey<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>, TableError> {
        self.codec.with_key(key, |key| self.stored(key))
    }

    /// The values of several keys, in the order of the keys.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
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
        keys.into_iter().map(|key| self.get(key)).collect()
    }

    /// Writes a row, over the one that has this key.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
    /// stock.insert("apples", &3)?;
    /// stock.insert("apples", &4)?;
    /// assert_eq!(stock.get("apples")?, Some(4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn insert<Q: AsKey<K> + ?Sized>(&mut self, key: &Q, value: &V) -> Result<(), TableError> {
        let Self { backend, rows, older, indexes, codec, .. } = self;
        codec.with_key(key, |key| {
            codec.with_value(value, |bytes| {
                let Some(indexes) = *indexes else { return put(backend, (*rows, older), key, bytes) };
                let old = stored(backend, (*rows, older), codec, key)?;
                let old = old.map_or(Ok(Vec::new()), |old| codec.entries(key, &old))?;
                let changes = EntryChanges::between(old, codec.entries_of(key, bytes)?);
                put_indexed(backend, (*rows, indexes), codec, &changes, (key, Some(bytes)))
            })
        })
    }

    /// Changes the value of a key in place; `None` if there is no row of this key.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
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
    /// See [`TableError`]. Then the row is as it was.
    pub fn update<Q: AsKey<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>, TableError> {
        let Self { backend, rows, older, indexes, codec, .. } = self;
        codec.with_key(key, |key| {
            let Some(mut value) = stored(backend, (*rows, older), codec, key)? else { return Ok(None) };
            let old = if indexes.is_some() { codec.entries(key, &value)? } else { Vec::new() };
            let result = change(&mut value);
            codec.with_value(&value, |bytes| {
                let Some(indexes) = *indexes else { return put(backend, (*rows, older), key, bytes) };
                let changes = EntryChanges::between(old, codec.entries_of(key, bytes)?);
                put_indexed(backend, (*rows, indexes), codec, &changes, (key, Some(bytes)))
            })?;
            Ok(Some(result))
        })
    }

    /// Deletes the row of a key; says whether there was one.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!((stock.remove("apples")?, stock.remove("apples")?), (true, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn remove<Q: AsKey<K> + ?Sized>(&mut self, key: &Q) -> Result<bool, TableError> {
        let Self { backend, rows, older, indexes, codec, .. } = self;
        codec.with_key(key, |key| {
            if let Some(indexes) = *indexes {
                let Some(old) = stored(backend, (*rows, older), codec, key)? else { return Ok(false) };
                let changes = EntryChanges::between(codec.entries(key, &old)?, Vec::new());
                put_indexed(backend, (*rows, indexes), codec, &changes, (key, None))?;
                return Ok(true);
            }
            for table in std::iter::once(&*rows).chain(older.iter()) {
                if backend.get(*table, key, &mut |_| ())? {
                    backend.delete(*table, key)?;
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    /// The rows: in an [`OrderedBackendTable`] in the order of their keys, else in that of the [bytes](super#keys) of their
    /// keys. The iterator reads some rows at a time; [`BackendTable::visit_by_bytes`] and [`OrderedBackendTable::visit`]
    /// copy none.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
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
    pub fn iter(&self) -> Result<BackendRows<'_, K, V, B, O>, TableError> {
        Ok(self.between(Some((Vec::new(), None))))
    }

    /// How many rows there are: all of them are visited.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
    /// stock.insert("apples", &3)?;
    /// assert_eq!(stock.len()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn len(&self) -> Result<u64, TableError> {
        let mut rows = 0;
        self.backend.scan(self.rows, RowRange::ALL, &mut |_, _| {
            rows += 1;
            ControlFlow::Continue(())
        })?;
        Ok(rows + older::count(&self.backend, &self.older)?)
    }

    /// Whether there are none.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
    /// assert!(stock.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn is_empty(&self) -> Result<bool, TableError> {
        for table in std::iter::once(&self.rows).chain(&self.older) {
            if self.backend.last(*table, RowRange::ALL, &mut |_, _| ())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes all changes of the backend durable.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("shop.redb");
    /// use typeser_state::backend::RedbBackend;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(RedbBackend::open(&path)?, "stock")?;
    /// stock.insert("apples", &3)?;
    /// stock.flush()?;
    /// drop(stock);
    /// let stock = BackendTable::<String, u32, _>::open(RedbBackend::open(&path)?, "stock")?;
    /// assert_eq!(stock.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The store fails.
    pub fn flush(&mut self) -> Result<(), TableError> {
        Ok(self.backend.flush()?)
    }

    /// The backend.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// use typeser_state::backend::Backend;
    ///
    /// let stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
    /// assert!(stock.into_backend().find_table("stock")?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_backend(self) -> B {
        self.backend
    }
}

impl<K: StateKey, V: StateType, B: Backend> BackendTable<K, V, B> {
    /// Takes over a table of bytes that plain bincode wrote: checks every row, and attaches the snapshots of `K` and
    /// `V` if all of them are what these types write. No row is changed.
    ///
    /// In a [`FjallBackend`](crate::backend) over a database of the program, this is a keyspace of the program: its rows
    /// are copied to the table, and the keyspace stays as it is.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// use typeser::schema::IntegerEncoding;
    /// use typeser_state::backend::Backend;
    ///
    /// let mut backend = MemoryBackend::new();
    /// let rows = backend.create_table("stock")?;
    /// backend.put(rows, &bincode1::serialize("apples")?, &bincode1::serialize(&3u32)?)?;
    ///
    /// let stock = BackendTable::<String, u32, _>::adopt(&mut backend, "stock", IntegerEncoding::Fixed)?;
    /// assert_eq!(stock.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A row disagrees: the error lists its key and bytes. Or there is no such table, or it is typed already. Then
    /// nothing was changed.
    pub fn adopt(mut backend: B, name: &str, integers: IntegerEncoding) -> Result<Self, TableError> {
        let codec = opening::adopt(&mut backend, name, integers)?;
        Self::of(backend, codec)
    }

    /// The rows whose keys lie in a range by the order of their [bytes](super#keys). The iterator reads some rows at a
    /// time; [`BackendTable::visit_by_bytes`] copies none.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let mut by_day = BackendTable::<[u8; 2], u32, _>::open(MemoryBackend::new(), "orders by day")?;
    /// for day in [2u16, 300, 20_000] {
    ///     by_day.insert(&day.to_be_bytes(), &1)?;
    /// }
    /// assert_eq!(by_day.range_by_bytes(3u16.to_be_bytes()..)?.count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn range_by_bytes(
        &self,
        range: impl RangeBounds<K>,
    ) -> Result<BackendRows<'_, K, V, B, Unordered>, TableError> {
        Ok(self.between(row_range(&self.codec, range)?))
    }

    /// Shows the rows whose keys lie in a range to `visit`, in the order of the [bytes](super#keys) of their keys,
    /// until it breaks.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// use std::ops::ControlFlow;
    ///
    /// let mut stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
    /// stock.insert("apples", &3)?;
    /// stock.visit_by_bytes(.., |name, count| {
    ///     assert_eq!((name.as_str(), count), ("apples", 3));
    ///     ControlFlow::Continue(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn visit_by_bytes(
        &self,
        range: impl RangeBounds<K>,
        visit: impl FnMut(K, V) -> ControlFlow<()>,
    ) -> Result<(), TableError> {
        self.visit_between(row_range(&self.codec, range)?, visit)
    }
}

impl<K: StateKey, V: StateType, B: ReadRows, O> BackendTableHandle<K, V, B, O> {
    pub(super) fn codec(&self) -> &Codec<K, V> {
        &self.codec
    }

    /// The rows between stored keys; none without a range.
    pub(super) fn between(&self, range: Option<StoredRange>) -> BackendRows<'_, K, V, B, O> {
        BackendRows::of(&self.backend, (self.rows, &self.older), &self.codec, range)
    }

    /// Shows the rows between stored keys.
    pub(super) fn visit_between(
        &self,
        range: Option<StoredRange>,
        mut visit: impl FnMut(K, V) -> ControlFlow<()>,
    ) -> Result<(), TableError> {
        if !self.older.is_empty() {
            for row in self.between(range) {
                let (key, value) = row?;
                if visit(key, value).is_break() {
                    break;
                }
            }
            return Ok(());
        }
        let Some((from, until)) = range else { return Ok(()) };
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
}

/// The value of a stored key, in the table of today's rows or in one of older ones.
fn stored<K: StateKey, V: StateType, B: ReadRows>(
    backend: &B,
    (rows, older): (Table, &[Table]),
    codec: &Codec<K, V>,
    key: &[u8],
) -> Result<Option<V>, TableError> {
    let mut value = None;
    if backend.get(rows, key, &mut |bytes| value = Some(codec.decode_value(key, bytes)))? {
        return value.transpose();
    }
    for (table, values) in older.iter().zip(&codec.older) {
        if backend.get(*table, key, &mut |bytes| value = Some(codec.decode_older(values, key, bytes)))? {
            return value.transpose();
        }
    }
    Ok(None)
}

/// Writes or deletes a row of a table with indexes, and its entries with it.
fn put_indexed<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    (rows, indexes): (Table, Table),
    codec: &Codec<K, V>,
    changes: &EntryChanges,
    (key, value): (&[u8], Option<&[u8]>),
) -> Result<(), TableError> {
    let mut batch = Batch::new();
    put_entries(backend, indexes, codec, changes, &mut batch)?;
    match value {
        Some(value) => batch.put(rows, key, value),
        None => batch.delete(rows, key),
    }
    Ok(backend.apply(&batch)?)
}

/// Writes a row, whose key no older one has from then on.
fn put<B: Backend>(
    backend: &mut B,
    (rows, older): (Table, &[Table]),
    key: &[u8],
    value: &[u8],
) -> Result<(), TableError> {
    backend.put(rows, key, value)?;
    older.iter().try_for_each(|older| Ok(backend.delete(*older, key)?))
}

impl<K: StateKey, V: StateType, B, O> fmt::Debug for BackendTableHandle<K, V, B, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackendTableHandle").field("table", &self.codec.table).finish_non_exhaustive()
    }
}
