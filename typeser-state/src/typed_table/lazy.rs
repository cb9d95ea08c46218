//! Finishing a lazy migration, some rows at a time.

use std::ops::ControlFlow;

#[cfg(feature = "redb")]
use redb::ReadableTable;
use typeser::{StateKey, StateType};

use super::backend_table::BackendTableHandle;
use super::catalog::stored_table;
use super::error::TableError;
use super::key_order::KeyOrder;
use super::older;
use super::record::{self, Record};
#[cfg(feature = "redb")]
use super::redb_table::{TableHandle, definition};
use crate::backend::{Backend, Batch, RowRange};

#[cfg(feature = "redb")]
impl<K: StateKey, V: StateType, O: KeyOrder<K>> TableHandle<'_, K, V, O> {
    /// Rewrites up to `rows` rows that earlier releases left, in one transaction, and returns how many are left. Once
    /// nothing is left, the table is like one that was never migrated lazily. Other handles of the table stay valid.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// let old = TypedTable::<u16, u32>::open(&database, "stock")?;
    /// (0..10).try_for_each(|article| old.insert(&article, &3))?;
    /// let options = TableOptions::new().migrate_lazily();
    /// let stock = TypedTable::<u16, u64>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// // In the background, with pauses between the transactions.
    /// assert_eq!(stock.migrate_some(6)?, 4);
    /// while stock.migrate_some(6)? > 0 {}
    /// assert_eq!(stock.unmigrated_rows()?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A row cannot be migrated: [`TableError::MigrateRow`] names it. Or the database fails; see [`TableError`]. Then all
    /// rows are as they were before the call.
    pub fn migrate_some(&self, rows: u64) -> Result<u64, TableError> {
        if self.codec.older.is_empty() {
            return Ok(0);
        }
        let transaction = self.database.get().begin_write()?;
        let mut writer = self.write_in(&transaction)?;
        let (had_older, left) = (writer.has_older(), writer.migrate_some(rows)?);
        drop(writer);
        if left == 0 && had_older {
            let mut metadata = transaction.open_table(definition(record::TABLE))?;
            let key = record::record_key(self.name());
            let stored = metadata.get(&*key)?.map(|stored| record::parse(self.name(), stored.value())).transpose()?;
            let stale = || TableError::Stale { table: self.name().to_owned() };
            let mut today = stored.ok_or_else(stale)?;
            let older = std::mem::take(&mut today.older);
            metadata.insert(&*key, &*today.to_bytes()?)?;
            for older in older {
                transaction.delete_table(definition(&record::older_of(self.name(), older.generation)))?;
            }
        }
        transaction.commit()?;
        Ok(left)
    }

    /// How many rows are as an earlier release left them, and are migrated whenever they are read. redb keeps count, so no
    /// row is read.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().migrate_lazily();
    /// let stock = TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// assert_eq!(stock.unmigrated_rows()?, 1);
    /// // What is written is written as it is today.
    /// stock.update("apples", |count| *count += 1)?;
    /// assert_eq!(stock.unmigrated_rows()?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn unmigrated_rows(&self) -> Result<u64, TableError> {
        self.read()?.unmigrated_rows()
    }
}

impl<K: StateKey, V: StateType, B: Backend, O: KeyOrder<K>> BackendTableHandle<K, V, B, O> {
    /// Rewrites up to `rows` rows that earlier releases left, flushes them as one transaction, and returns how many are
    /// left. Once nothing is left, the table is like one that was never migrated lazily. Changes of the backend that are
    /// not flushed yet are flushed too.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::{BackendTable, TableOptions};
    ///
    /// let mut backend = MemoryBackend::new();
    /// BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().migrate_lazily();
    /// let mut stock = BackendTable::<String, u64, _>::open_with(&mut backend, "stock", &options, &mut |_| ())?;
    /// assert_eq!((stock.unmigrated_rows()?, stock.get("apples")?), (1, Some(3)));
    /// assert_eq!(stock.migrate_some(1_000)?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A row cannot be migrated: [`TableError::MigrateRow`] names it, and all rows are as they were before the call. Or
    /// the store fails.
    pub fn migrate_some(&mut self, rows: u64) -> Result<u64, TableError> {
        if self.older.is_empty() {
            return Ok(0);
        }
        let Self { backend, rows: today, older, codec, .. } = self;
        let (mut batch, mut rows, mut failure) = (Batch::new(), rows, Ok(()));
        for (older, values) in older.iter().zip(&codec.older).rev() {
            backend.scan(*older, RowRange::ALL, &mut |key, value| {
                if rows == 0 {
                    return ControlFlow::Break(());
                }
                rows -= 1;
                batch.delete(*older, key);
                let value = codec.decode_older(values, key, value);
                let put = |value: V| {
                    codec.with_value(&value, |value| {
                        batch.put(*today, key, value);
                        Ok(())
                    })
                };
                failure = value.and_then(put);
                if failure.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            if failure.is_err() {
                break;
            }
        }
        failure?;
        backend.apply(&batch)?;
        let left = older::count(backend, older)?;
        if left == 0 {
            let metadata = backend.create_table(record::TABLE)?;
            let (_, stored) = stored_table(backend, &codec.table)?;
            let today = Record { older: Vec::new(), ..stored };
            backend.put(metadata, &record::record_key(&codec.table), &today.to_bytes()?)?;
            for older in older.drain(..) {
                backend.drop_table(older)?;
            }
        }
        backend.flush()?;
        Ok(left)
    }

    /// How many rows are as an earlier release left them, and are migrated whenever they are read.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::BackendTable;
    ///
    /// let stock = BackendTable::<String, u32, _>::open(MemoryBackend::new(), "stock")?;
    /// assert_eq!(stock.unmigrated_rows()?, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`TableError`].
    pub fn unmigrated_rows(&self) -> Result<u64, TableError> {
        older::count(&self.backend, &self.older)
    }
}
