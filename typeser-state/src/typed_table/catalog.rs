//! The typed tables of a database: listed, dropped, renamed, rolled back.

use std::fmt;
use std::ops::ControlFlow;

#[cfg(feature = "redb")]
use redb::Database;
use typeser::SerializerSnapshot;

use super::changes::{ChangesSince, PreviousTable};
use super::error::TableError;
use super::migration::discard;
use super::older;
use super::previous;
use super::record::{self, IndexRecord, Record, check_name, parse, stored_record, unfinished};
#[cfg(feature = "redb")]
use crate::backend::RedbBackend;
use crate::backend::{Backend, RowRange, Table};

/// The typed tables of a database, whatever their types are.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
/// use typeser_state::typed_table::{TableCatalog, TypedTable};
///
/// TypedTable::<String, u32>::open(&database, "stock")?;
/// TypedTable::<String, u64>::open(&database, "prices")?;
/// let mut catalog = TableCatalog::of(&database)?;
/// catalog.rename_table("stock", "inventory")?;
/// catalog.drop_table("prices")?;
/// let names: Vec<_> = catalog.tables()?.into_iter().map(|table| table.name).collect();
/// assert_eq!(names, ["inventory"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TableCatalog<B> {
    pub(super) backend: B,
}

/// What is stored beside a typed table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TableInfo {
    /// Its name.
    pub name: String,
    /// How often its rows were replaced.
    pub generation: u64,
    /// The snapshot of its keys.
    pub key: SerializerSnapshot,
    /// The snapshot of its values.
    pub value: SerializerSnapshot,
    /// How many rows it has.
    pub rows: u64,
    /// How many rows a migration that has not come to its end has migrated.
    pub migrating: Option<u64>,
    /// How many of its rows are as an earlier release left them, because the table is migrated lazily.
    pub unmigrated: u64,
    /// Its indexes.
    pub indexes: Vec<IndexInfo>,
}

/// What is stored beside a typed table of one of its indexes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IndexInfo {
    /// Its name.
    pub name: String,
    /// The version of its function, as the program declared it.
    pub version: u32,
    /// Whether each indexed part has one row.
    pub unique: bool,
    /// The snapshot of the indexed parts.
    pub part: SerializerSnapshot,
}

/// What a rollback does if rows were written since the release to which it goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Newer {
    /// It is refused, and the error counts them.
    Refuse,
    /// They are lost.
    Discard,
}

#[cfg(feature = "redb")]
impl<'db> TableCatalog<RedbBackend<&'db Database>> {
    /// The typed tables of a redb database of the program. No write transaction of the program may be open while the
    /// catalog changes something.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::TableCatalog;
    ///
    /// assert!(TableCatalog::of(&database)?.tables()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn of(database: &'db Database) -> Result<Self, TableError> {
        Ok(Self::over(RedbBackend::over(database)?))
    }
}

impl<B: Backend> TableCatalog<B> {
    /// The typed tables of a backend.
    ///
    /// ```
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::typed_table::{BackendTable, TableCatalog};
    ///
    /// let mut backend = MemoryBackend::new();
    /// BackendTable::<String, u32, _>::open(&mut backend, "stock")?;
    /// assert_eq!(TableCatalog::over(&mut backend).tables()?[0].name, "stock");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn over(backend: B) -> Self {
        Self { backend }
    }

    /// All typed tables, by name.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableCatalog, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?;
    /// let tables = TableCatalog::of(&database)?.tables()?;
    /// assert_eq!((tables[0].name.as_str(), tables[0].value.name()), ("stock", "u32"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The database fails, or a record cannot be read.
    pub fn tables(&mut self) -> Result<Vec<TableInfo>, TableError> {
        let Some(metadata) = self.backend.find_table(record::TABLE)? else { return Ok(Vec::new()) };
        let (mut records, mut end) = (Vec::new(), Vec::new());
        self.backend.scan(metadata, RowRange::of_prefix(b"t", &mut end), &mut |key, record| {
            let name = String::from_utf8_lossy(key.get(1..).unwrap_or_default()).into_owned();
            records.push((name, record.to_vec()));
            ControlFlow::Continue(())
        })?;
        let mut tables = Vec::with_capacity(records.len());
        for (name, record) in records {
            // The record of a table that was dropped tells handles from before that they are stale.
            let Some(table) = self.backend.find_table(&name)? else { continue };
            let stored = parse(&name, &record)?;
            let older: Vec<Table> =
                older::tables(&mut self.backend, &name, &stored)?.iter().map(|older| older.table).collect();
            let unmigrated = older::count(&self.backend, &older)?;
            let Record { generation, key, value, indexes, .. } = stored;
            let of_index = |IndexRecord { name, version, unique, part }| IndexInfo { name, version, unique, part };
            let indexes = indexes.into_iter().map(of_index).collect();
            let migrating = unfinished(&mut self.backend, &name)?.map(|unfinished| unfinished.rows);
            let rows = self.backend.count(table)? + unmigrated;
            tables.push(TableInfo { name, generation, key, value, rows, migrating, unmigrated, indexes });
        }
        Ok(tables)
    }

    /// Deletes a typed table with its rows, its snapshots, and what is kept of earlier releases. Handles of the table are
    /// stale from then on.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableCatalog, TableError, TypedTable};
    ///
    /// let stock = TypedTable::<String, u32>::open(&database, "stock")?;
    /// TableCatalog::of(&database)?.drop_table("stock")?;
    /// assert!(matches!(stock.get("apples"), Err(TableError::Stale { .. })));
    /// // A table of this name starts without rows, with any types.
    /// assert!(TypedTable::<u8, bool>::open(&database, "stock")?.is_empty()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such typed table, or the database fails. Then nothing was changed.
    pub fn drop_table(&mut self, name: &str) -> Result<(), TableError> {
        let stored = self.record(name)?;
        let backend = &mut self.backend;
        discard(backend, name)?;
        if let Some(rows) = backend.find_table(name)? {
            backend.drop_table(rows)?;
        }
        older::forget(backend, name, &stored)?;
        if let Some(indexes) = backend.find_table(&record::indexes_of(name))? {
            backend.drop_table(indexes)?;
        }
        for (kept, _) in previous::all(backend)? {
            if kept.table == name {
                previous::forget(backend, &kept)?;
            }
        }
        retire(backend, name, stored)?;
        Ok(backend.flush()?)
    }

    /// Renames a typed table, with its snapshots and what is kept of earlier releases. A migration that has not come to
    /// its end starts over. Handles of the table are stale from then on.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableCatalog, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// TableCatalog::of(&database)?.rename_table("stock", "inventory")?;
    /// assert_eq!(TypedTable::<String, u32>::open(&database, "inventory")?.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such typed table, the new name is taken or is no name of a typed table, or the database fails. Then
    /// nothing was changed.
    pub fn rename_table(&mut self, name: &str, to: &str) -> Result<(), TableError> {
        check_name(to)?;
        let stored = self.record(name)?;
        let backend = &mut self.backend;
        if name == to {
            return Ok(());
        }
        if backend.find_table(to)?.is_some() {
            return Err(TableError::NameTaken { table: to.to_owned() });
        }
        discard(backend, name)?;
        discard(backend, to)?;
        // Of a table that was deleted by another program.
        if let Some(left) = backend.find_table(&record::indexes_of(to))? {
            backend.drop_table(left)?;
        }
        if let Some(rows) = backend.find_table(name)? {
            backend.rename_table(rows, to)?;
        }
        older::rename(backend, name, to, &stored)?;
        if let Some(indexes) = backend.find_table(&record::indexes_of(name))? {
            backend.rename_table(indexes, &record::indexes_of(to))?;
        }
        previous::rename(backend, name, to)?;
        let earlier = stored_record(backend, to)?.map_or(0, |earlier| earlier.generation);
        let renamed = Record { generation: stored.generation.max(earlier) + 1, ..stored.clone() };
        let metadata = backend.create_table(record::TABLE)?;
        backend.put(metadata, &record::record_key(to), &renamed.to_bytes()?)?;
        retire(backend, name, stored)?;
        Ok(backend.flush()?)
    }

    /// The tables that are kept as earlier releases left them; see
    /// [`TableOptions::keep_previous`](super::TableOptions::keep_previous).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableCatalog, TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().keep_previous("1.4.0");
    /// TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// let kept = TableCatalog::of(&database)?.previous()?;
    /// assert_eq!((kept[0].table.as_str(), kept[0].release.as_str(), kept[0].rows), ("stock", "1.4.0", 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The database fails, or a record cannot be read.
    pub fn previous(&mut self) -> Result<Vec<PreviousTable>, TableError> {
        Ok(previous::all(&mut self.backend)?.into_iter().map(|(kept, _)| kept).collect())
    }

    /// Counts what was written since a release to the tables that are kept as it left them. Reads every row of them.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableCatalog, TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().keep_previous("1.4.0");
    /// let stock = TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// stock.insert("apples", &2)?;
    /// stock.insert("pears", &4)?;
    /// let since = &TableCatalog::of(&database)?.changes_since("1.4.0")?[0];
    /// assert_eq!((since.added, since.changed, since.removed), (1, 1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No table of this release is kept, or the database fails.
    pub fn changes_since(&mut self, release: &str) -> Result<Vec<ChangesSince>, TableError> {
        let kept = self.kept(release)?;
        kept.iter().map(|(kept, _)| previous::changes(&mut self.backend, kept)).collect()
    }

    /// Gives all tables that a migration replaced the rows that a release left, in one transaction, so that this release
    /// opens them again. What later releases left of these tables is dropped. Handles of the tables are stale from then
    /// on.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{Newer, TableCatalog, TableError, TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?.insert("apples", &3)?;
    /// let options = TableOptions::new().keep_previous("1.4.0");
    /// TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ())?.insert("pears", &4)?;
    ///
    /// let mut catalog = TableCatalog::of(&database)?;
    /// let refused = catalog.roll_back("1.4.0", Newer::Refuse);
    /// assert!(matches!(refused, Err(TableError::WouldLose { .. })));
    /// catalog.roll_back("1.4.0", Newer::Discard)?;
    /// drop(catalog);
    /// assert_eq!(TypedTable::<String, u32>::open(&database, "stock")?.get("apples")?, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No table of this release is kept, rows were written since and may not be lost, or the database fails. Then nothing
    /// was changed.
    pub fn roll_back(&mut self, release: &str, newer: Newer) -> Result<Vec<ChangesSince>, TableError> {
        let changes = self.changes_since(release)?;
        if newer == Newer::Refuse && !changes.iter().all(ChangesSince::is_empty) {
            return Err(TableError::WouldLose { release: release.to_owned(), changes });
        }
        for (kept, record) in self.kept(release)? {
            previous::restore(&mut self.backend, &kept, &record)?;
        }
        self.backend.flush()?;
        Ok(changes)
    }

    /// Deletes the tables that are kept as a release left them. There is no way back to it from then on.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let database = redb::Database::create(folder.path().join("shop.redb"))?;
    /// use typeser_state::typed_table::{TableCatalog, TableOptions, TypedTable};
    ///
    /// TypedTable::<String, u32>::open(&database, "stock")?;
    /// let options = TableOptions::new().keep_previous("1.4.0");
    /// TypedTable::<String, u64>::open_with(&database, "stock", &options, &mut |_| ())?;
    /// let mut catalog = TableCatalog::of(&database)?;
    /// catalog.drop_previous("1.4.0")?;
    /// assert!(catalog.previous()?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// No table of this release is kept, or the database fails.
    pub fn drop_previous(&mut self, release: &str) -> Result<(), TableError> {
        for (kept, _) in self.kept(release)? {
            previous::forget(&mut self.backend, &kept)?;
        }
        Ok(self.backend.flush()?)
    }

    /// The tables that are kept as a release left them; there is at least one.
    fn kept(&mut self, release: &str) -> Result<Vec<(PreviousTable, record::Previous)>, TableError> {
        let all = previous::all(&mut self.backend)?;
        let (of_release, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(kept, _)| kept.release == release);
        if of_release.is_empty() {
            let mut known: Vec<String> = others.into_iter().map(|(kept, _)| kept.release).collect();
            known.sort_unstable();
            known.dedup();
            return Err(TableError::NothingKept { release: release.to_owned(), known });
        }
        Ok(of_release)
    }

    /// The record of a typed table that has a table.
    fn record(&mut self, name: &str) -> Result<Record, TableError> {
        stored_table(&mut self.backend, name).map(|(_, record)| record)
    }
}

/// The rows and the record of a typed table that has a table.
pub(super) fn stored_table<B: Backend>(backend: &mut B, name: &str) -> Result<(Table, Record), TableError> {
    let missing = || TableError::NoSuchTable { table: name.to_owned() };
    let rows = backend.find_table(name)?.ok_or_else(missing)?;
    Ok((rows, stored_record(backend, name)?.ok_or_else(missing)?))
}

/// Leaves a record by which handles of a table notice that it is gone.
fn retire<B: Backend>(backend: &mut B, name: &str, stored: Record) -> Result<(), TableError> {
    let metadata = backend.create_table(record::TABLE)?;
    let retired = Record { generation: stored.generation + 1, older: Vec::new(), indexes: Vec::new(), ..stored };
    Ok(backend.put(metadata, &record::record_key(name), &retired.to_bytes()?)?)
}

impl<B> fmt::Debug for TableCatalog<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableCatalog").finish_non_exhaustive()
    }
}
