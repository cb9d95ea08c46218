//! Rows of a typed table as another release sees them: migrated while they are read, and the table stays as it is.

use std::fmt;
use std::ops::ControlFlow;

use typeser::SerializerSnapshot;
use typeser::migrate::{Migration, Scratch, Trust};
use typeser::ordered::OrderedForm;
use typeser::value::Value;

use super::backend_rows::for_each_row;
use super::catalog::{TableCatalog, stored_table};
use super::display::shown;
use super::error::{TableError, TablePart};
use super::opening::stored_form;
use super::options::TableOptions;
use super::step::Step;
use super::untyped::{TableTarget, plan};
use crate::backend::{Backend, ReadRows, Table};

/// The rows of a table with the types of another release, whichever release wrote each.
pub struct MigratedRows<'a, B> {
    backend: &'a B,
    keys: Keys,
    value: SerializerSnapshot,
    /// The table of today's rows, and those of earlier releases.
    tables: (Table, Vec<Table>),
    /// What becomes of the values of each, in this order.
    migrations: Vec<Option<Migration>>,
}

/// What becomes of stored keys.
struct Keys {
    table: String,
    stored: SerializerSnapshot,
    form: Option<OrderedForm>,
    migration: Option<Migration>,
    new: SerializerSnapshot,
}

/// A row of [`MigratedRows`]. Only the parts that are asked for are migrated and decoded.
pub struct MigratedRow<'r> {
    keys: &'r Keys,
    value: (&'r SerializerSnapshot, Option<&'r Migration>),
    stored: (&'r [u8], &'r [u8]),
    scratch: &'r mut (Scratch, Vec<u8>, Vec<u8>),
}

impl<B: Backend> TableCatalog<B> {
    /// The rows of a table with the types of a target; parts without a snapshot have those that are stored. Rows that a
    /// lazily migrated table still has of earlier releases are migrated, too. Nothing is written. Of the options, the
    /// policy applies.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use std::ops::ControlFlow;
    /// use typeser::{Serializer, TypeSerializer};
    /// use typeser_state::typed_table::{TableCatalog, TableOptions, TableTarget, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let target = TableTarget::new("stock", None, Some(Serializer::<u64>::new()?.snapshot().clone()));
    /// let mut catalog = TableCatalog::of(&database)?;
    /// let rows = catalog.migrated_rows(&target, &TableOptions::new())?;
    /// let mut values = Vec::new();
    /// rows.for_each(&mut |mut row| {
    ///     values.push(row.value());
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(values.remove(0)?.as_u64()?, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such typed table, its types do not fit the target, or their migration calls functions of the
    /// program.
    pub fn migrated_rows(
        &mut self,
        target: &TableTarget,
        options: &TableOptions,
    ) -> Result<MigratedRows<'_, B>, TableError> {
        let table = target.table.clone();
        let (rows, stored) = stored_table(&mut self.backend, &table)?;
        let opening = plan(&mut self.backend, target, options)?;
        let (mut migration, mut tables, mut migrations) = (None, (rows, Vec::new()), vec![None]);
        if let Step::Migrate(step) = opening.step {
            migration = step.rows.plan.user_key;
            migrations = vec![step.rows.plan.value];
            for older in step.older {
                tables.1.push(older.table);
                migrations.push(older.plan.value);
            }
        }
        let form = stored_form(&table, &stored)?;
        let keys = Keys { table, form, migration, stored: stored.key, new: opening.to.key };
        Ok(MigratedRows { backend: &self.backend, keys, value: opening.to.value, tables, migrations })
    }
}

impl<B> MigratedRows<'_, B> {
    /// The snapshot of all keys.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use typeser_state::backend::MemoryBackend;
    /// # use typeser_state::typed_table::{BackendTable, TableCatalog, TableOptions, TableTarget};
    /// # let mut backend = MemoryBackend::new();
    /// # BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// # let mut catalog = TableCatalog::over(&mut backend);
    /// let rows = catalog.migrated_rows(&TableTarget::new("stock", None, None), &TableOptions::new())?;
    /// assert_eq!(rows.key().name(), "string");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn key(&self) -> &SerializerSnapshot {
        &self.keys.new
    }

    /// The snapshot of all values.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use typeser_state::backend::MemoryBackend;
    /// # use typeser_state::typed_table::{BackendTable, TableCatalog, TableOptions, TableTarget};
    /// # let mut backend = MemoryBackend::new();
    /// # BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// # let mut catalog = TableCatalog::over(&mut backend);
    /// let rows = catalog.migrated_rows(&TableTarget::new("stock", None, None), &TableOptions::new())?;
    /// assert_eq!(rows.value().name(), "u32");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> &SerializerSnapshot {
        &self.value
    }
}

impl<B: ReadRows> MigratedRows<'_, B> {
    /// Shows each row in stored order until it breaks.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use typeser_state::backend::MemoryBackend;
    /// # use typeser_state::typed_table::{BackendTable, TableCatalog, TableOptions, TableTarget};
    /// # let mut backend = MemoryBackend::new();
    /// # BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// # let mut catalog = TableCatalog::over(&mut backend);
    /// let rows = catalog.migrated_rows(&TableTarget::new("stock", None, None), &TableOptions::new())?;
    /// let mut count = 0;
    /// rows.for_each(&mut |_| {
    ///     count += 1;
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(count, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The database fails.
    pub fn for_each(&self, visit: &mut dyn FnMut(MigratedRow<'_>) -> ControlFlow<()>) -> Result<(), TableError> {
        let mut scratch = <(Scratch, Vec<u8>, Vec<u8>)>::default();
        for_each_row(self.backend, (self.tables.0, &self.tables.1), &mut |number, key, value| {
            let migration = self.migrations.get(number).and_then(Option::as_ref);
            let (new, stored) = ((&self.value, migration), (key, value));
            visit(MigratedRow { keys: &self.keys, value: new, stored, scratch: &mut scratch })
        })
    }
}

impl MigratedRow<'_> {
    /// How many bytes the row takes where it is stored.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use typeser_state::backend::MemoryBackend;
    /// # use typeser_state::typed_table::{BackendTable, TableCatalog, TableOptions, TableTarget};
    /// # let mut backend = MemoryBackend::new();
    /// # BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// # let mut catalog = TableCatalog::over(&mut backend);
    /// let rows = catalog.migrated_rows(&TableTarget::new("stock", None, None), &TableOptions::new())?;
    /// let mut found = None;
    /// rows.for_each(&mut |row| {
    ///     found = Some(row.stored_bytes());
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(found, Some(14 + 4));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn stored_bytes(&self) -> usize {
        self.stored.0.len() + self.stored.1.len()
    }

    /// The key.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use typeser_state::backend::MemoryBackend;
    /// # use typeser_state::typed_table::{BackendTable, TableCatalog, TableOptions, TableTarget};
    /// # let mut backend = MemoryBackend::new();
    /// # BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// # let mut catalog = TableCatalog::over(&mut backend);
    /// let rows = catalog.migrated_rows(&TableTarget::new("stock", None, None), &TableOptions::new())?;
    /// let mut found = None;
    /// rows.for_each(&mut |mut row| {
    ///     found = Some(row.key());
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(found.transpose()?.as_ref().map(ToString::to_string), Some("\"apples\"".to_owned()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// It cannot be read or migrated.
    pub fn key(&mut self) -> Result<Value, TableError> {
        let (stored, keys) = (self.stored.0, self.keys);
        let (scratch, fixed, new) = &mut *self.scratch;
        fixed.clear();
        let plain: &[u8] = match &keys.form {
            None => stored,
            Some(form) => {
                let table = keys.table.clone();
                let key = || shown(&keys.stored, stored);
                form.decode(stored, fixed).map_err(|source| TableError::Decode {
                    table,
                    part: TablePart::Key,
                    key: key(),
                    source,
                })?;
                fixed
            }
        };
        keys.read(TablePart::Key, (stored, plain), (&keys.new, keys.migration.as_ref()), scratch, new)
    }

    /// The value.
    ///
    /// ```
    /// # use std::ops::ControlFlow;
    /// # use typeser_state::backend::MemoryBackend;
    /// # use typeser_state::typed_table::{BackendTable, TableCatalog, TableOptions, TableTarget};
    /// # let mut backend = MemoryBackend::new();
    /// # BackendTable::<String, u32, _>::open(&mut backend, "stock")?.insert("apples", &3)?;
    /// # let mut catalog = TableCatalog::over(&mut backend);
    /// let rows = catalog.migrated_rows(&TableTarget::new("stock", None, None), &TableOptions::new())?;
    /// let mut found = None;
    /// rows.for_each(&mut |mut row| {
    ///     found = Some(row.value());
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(found.transpose()?, Some(3u32.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// It cannot be read or migrated.
    pub fn value(&mut self) -> Result<Value, TableError> {
        let (scratch, _, new) = &mut *self.scratch;
        self.keys.read(TablePart::Value, self.stored, self.value, scratch, new)
    }
}

impl Keys {
    /// Migrates and decodes a part of the row with a stored key.
    fn read(
        &self,
        part: TablePart,
        (stored_key, bytes): (&[u8], &[u8]),
        (snapshot, migration): (&SerializerSnapshot, Option<&Migration>),
        scratch: &mut Scratch,
        new: &mut Vec<u8>,
    ) -> Result<Value, TableError> {
        let (table, key) = (|| self.table.clone(), || shown(&self.stored, stored_key));
        let bytes = match migration {
            None => bytes,
            Some(migration) => {
                new.clear();
                migration.run(bytes, Trust::Foreign, scratch, new).map_err(|source| TableError::Migrate {
                    table: table(),
                    part,
                    key: key(),
                    source,
                })?;
                new
            }
        };
        Value::decode(snapshot, bytes).map_err(|source| TableError::DecodeValue {
            table: table(),
            part,
            key: key(),
            source,
        })
    }
}

impl<B> fmt::Debug for MigratedRows<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigratedRows").field("table", &self.keys.table).finish_non_exhaustive()
    }
}

impl fmt::Debug for MigratedRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigratedRow").field("table", &self.keys.table).finish_non_exhaustive()
    }
}
