//! The backend in a file of redb.

use std::borrow::Borrow;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use redb::{
    Database, ReadOnlyTable, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableHandle, WriteTransaction,
};

use super::batch::Batch;
use super::buffer::{Buffer, Direction, change, changes, merge};
use super::error::{BackendError, no_such_table};
use super::redb_rows::{ascends, definition, empty, store, visit_both};
use super::redb_unwritten;
use super::table::{RowRange, Table, VisitRow};
use super::traits::{Backend, ReadRows, count_rows};

/// A backend in one file of the embedded database redb. Tables map bytes to bytes, so redb does not know typeser's
/// types.
///
/// Writes are buffered in memory, sorted, and passed to redb's open transaction in bulk; [`Backend::flush`] commits it.
/// After a crash, or a drop without a flush, the file is in the state of the last flush.
///
/// It opens its own file, or [uses](RedbBackend::over) a database that the program has already opened.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("state.redb");
/// use typeser_state::backend::{Backend, ReadRows, RedbBackend};
///
/// let mut backend = RedbBackend::open(&path)?;
/// let table = backend.create_table("rows")?;
/// backend.put(table, b"key", b"value")?;
/// backend.flush()?;
/// drop(backend);
///
/// let mut backend = RedbBackend::open(&path)?;
/// let table = backend.create_table("rows")?;
/// assert!(backend.get(table, b"key", &mut |value| assert_eq!(value, b"value"))?);
/// # Ok(())
/// # }
/// ```
pub struct RedbBackend<D = Database> {
    path: PathBuf,
    // Declared before the database, so that they are dropped first.
    transaction: Option<WriteTransaction>,
    /// The tables as of the last commit, for reads while no transaction is open.
    committed: Vec<Option<Stored>>,
    database: D,
    names: Vec<Option<String>>,
    /// Tables of the program's database that do not map bytes to bytes.
    foreign: Vec<Table>,
    buffers: Vec<Buffer>,
    buffered_bytes: usize,
    buffer_limit: usize,
    failed: bool,
}

/// The rows of a [`RedbBackend`] at one moment.
pub struct RedbSnapshot {
    path: PathBuf,
    tables: Vec<Option<Stored>>,
}

/// The size from which a batch is checked for a direct write to redb, past the buffer.
const LOAD_BYTES: usize = 256 * 1024;

type Stored = ReadOnlyTable<&'static [u8], &'static [u8]>;

impl RedbBackend {
    /// The size of the buffered changes at which they are passed to redb.
    pub const BUFFER_BYTES: usize = 8 * 1024 * 1024;

    /// Opens or creates the file.
    ///
    /// # Errors
    /// The file cannot be created, is not a redb file, or another program has it open.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BackendError> {
        Self::open_with_buffer(path, Self::BUFFER_BYTES)
    }

    /// Opens or creates the file, and buffers up to `buffer_bytes` of changes in memory.
    ///
    /// # Errors
    /// The file cannot be created, is not a redb file, or another program has it open.
    pub fn open_with_buffer(path: impl AsRef<Path>, buffer_bytes: usize) -> Result<Self, BackendError> {
        let path = path.as_ref().to_owned();
        let database = opened(&path, Database::create(&path))?;
        Self::new(path, database, buffer_bytes)
    }

    /// Opens a file that exists.
    ///
    /// # Errors
    /// There is no such file, it is not a redb file, or another program has it open.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self, BackendError> {
        let path = path.as_ref().to_owned();
        let database = opened(&path, Database::open(&path))?;
        Self::new(path, database, Self::BUFFER_BYTES)
    }

    /// Opens a file that exists and is never written: changes are kept in memory, and are gone when the backend is
    /// dropped. So is the repair of a file that was copied while a program had it open.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("state.redb");
    /// use typeser_state::backend::{Backend, RedbBackend};
    ///
    /// let mut backend = RedbBackend::open(&path)?;
    /// backend.create_table("rows")?;
    /// backend.flush()?;
    /// drop(backend);
    ///
    /// let before = std::fs::read(&path)?;
    /// let mut backend = RedbBackend::open_unwritten(&path)?;
    /// backend.create_table("more rows")?;
    /// backend.flush()?;
    /// assert_eq!(backend.tables().collect::<Vec<_>>(), ["rows", "more rows"]);
    /// drop(backend);
    /// assert_eq!(std::fs::read(&path)?, before);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such file, it is not a redb file, or another program has it open for writing.
    pub fn open_unwritten(path: impl AsRef<Path>) -> Result<Self, BackendError> {
        let path = path.as_ref().to_owned();
        let database = opened(&path, redb_unwritten::open(&path))?;
        Self::new(path, database, Self::BUFFER_BYTES)
    }

    /// The database that it has opened, to be shared by several backends. Changes that are not flushed are gone.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("state.redb");
    /// use std::sync::Arc;
    /// use typeser_state::backend::{Backend, RedbBackend};
    ///
    /// let mut backend = RedbBackend::open(&path)?;
    /// backend.create_table("rows")?;
    /// backend.flush()?;
    /// let database = Arc::new(backend.into_database());
    /// let mut readers = [RedbBackend::over(Arc::clone(&database))?, RedbBackend::over(database)?];
    /// assert!(readers[0].find_table("rows")?.is_some() && readers[1].find_table("rows")?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn into_database(self) -> Database {
        self.database
    }
}

fn opened(path: &Path, database: Result<Database, redb::DatabaseError>) -> Result<Database, BackendError> {
    database.map_err(|source| BackendError::OpenRedb { path: path.to_owned(), source: Box::new(source) })
}

impl<D: Borrow<Database>> RedbBackend<D> {
    /// Uses a database that the program has opened. Only tables that map bytes to bytes are accessed; tables of other
    /// types are not touched.
    ///
    /// Until changes are [flushed](Backend::flush), the backend may hold redb's only write transaction. Beginning
    /// another one blocks until then, and in the same thread it deadlocks.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn over(database: D) -> Result<Self, BackendError> {
        Self::new(PathBuf::from("that the program has open"), database, RedbBackend::BUFFER_BYTES)
    }

    fn new(path: PathBuf, database: D, buffer_limit: usize) -> Result<Self, BackendError> {
        let mut backend = Self {
            path,
            transaction: None,
            committed: Vec::new(),
            database,
            names: Vec::new(),
            foreign: Vec::new(),
            buffers: Vec::new(),
            buffered_bytes: 0,
            buffer_limit,
            failed: false,
        };
        let read = backend.database().begin_read().map_err(|error| backend.error(error))?;
        let stored = read.list_tables().map_err(|error| backend.error(error))?;
        for name in stored.map(|table| table.name().to_owned()) {
            let opened = read.open_table(definition(&name));
            let table = backend.add(name);
            if let Err(redb::TableError::TableTypeMismatch { .. }) = opened {
                backend.foreign.push(table);
            }
        }
        drop(read);
        backend.committed = backend.read_committed()?;
        Ok(backend)
    }

    /// The names of all tables of the database, those of other types than bytes among them.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.names.iter().flatten().map(String::as_str)
    }

    fn database(&self) -> &Database {
        self.database.borrow()
    }

    fn add(&mut self, name: String) -> Table {
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(Some(name));
        self.buffers.push(Buffer::new());
        Table(number)
    }

    fn name(&self, table: Table) -> Result<&str, BackendError> {
        self.names.get(table.0 as usize).and_then(Option::as_deref).ok_or_else(|| no_such_table(table))
    }

    fn number_of(&self, name: &str) -> Option<Table> {
        (0u32..).zip(&self.names).find(|(_, known)| known.as_deref() == Some(name)).map(|(number, _)| Table(number))
    }

    #[cold]
    fn error(&self, source: impl Into<redb::Error>) -> BackendError {
        BackendError::Redb { path: self.path.clone(), source: Box::new(source.into()) }
    }

    fn read_committed(&self) -> Result<Vec<Option<Stored>>, BackendError> {
        let read = self.database().begin_read().map_err(|error| self.error(error))?;
        self.names
            .iter()
            .map(|name| match name.as_deref().map(|name| read.open_table(definition(name))) {
                Some(Ok(table)) => Ok(Some(table)),
                None
                | Some(Err(redb::TableError::TableDoesNotExist(_) | redb::TableError::TableTypeMismatch { .. })) => {
                    Ok(None)
                }
                Some(Err(error)) => Err(self.error(error)),
            })
            .collect()
    }

    /// Runs a change in the open transaction, or in a new one. If it fails, all changes since the last flush are
    /// discarded, because it is unknown which of them redb has made.
    fn write<R>(
        &mut self,
        change: impl FnOnce(&WriteTransaction, &mut [Buffer], &[Option<String>]) -> Result<R, redb::Error>,
    ) -> Result<R, BackendError> {
        self.check_usable()?;
        let transaction = match self.transaction.take() {
            Some(open) => open,
            None => {
                // Readers of the backend must not keep redb from reusing pages that are freed from now on.
                self.committed.clear();
                self.database().begin_write().map_err(|error| {
                    self.failed = true;
                    self.error(error)
                })?
            }
        };
        match change(&transaction, &mut self.buffers, &self.names) {
            Ok(done) => {
                self.transaction = Some(transaction);
                Ok(done)
            }
            Err(error) => {
                self.failed = true;
                Err(self.error(error))
            }
        }
    }

    fn check_usable(&self) -> Result<(), BackendError> {
        if self.failed {
            return Err(BackendError::Failed { path: self.path.clone() });
        }
        Ok(())
    }

    fn drain(&mut self) -> Result<(), BackendError> {
        if self.buffers.iter().all(Buffer::is_empty) {
            return Ok(());
        }
        self.buffered_bytes = 0;
        self.write(|transaction, buffers, names| {
            for (buffer, name) in buffers.iter_mut().zip(names) {
                if let Some(name) = name.as_deref().filter(|_| !buffer.is_empty()) {
                    store(transaction, name, buffer.iter().map(|(key, value)| (key.as_slice(), value.as_deref())))?;
                    buffer.clear();
                }
            }
            Ok(())
        })
    }

    fn buffer(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) {
        let Some(buffer) = self.buffers.get_mut(table.0 as usize) else { return };
        self.buffered_bytes += change(buffer, key, value);
    }

    /// Writes the rows of a table in a large batch directly to redb, if they are in order and nothing of the table is
    /// buffered. Returns whether it did. The rows of a restore are written this way, without a copy in the buffer.
    fn load(&mut self, table: Table, batch: &Batch) -> Result<bool, BackendError> {
        let large = batch.bytes() >= self.buffer_limit.min(LOAD_BYTES);
        let empty = self.buffers.get(table.0 as usize).is_some_and(Buffer::is_empty);
        if !large || !empty || !ascends(table, batch) {
            return Ok(false);
        }
        self.write(|transaction, _, names| {
            let Some(Some(name)) = names.get(table.0 as usize) else { return Ok(()) };
            let rows = batch.changes().filter(|change| change.table == table);
            store(transaction, name, rows.map(|change| (change.key, change.value)))
        })?;
        Ok(true)
    }

    fn drain_if_full(&mut self) -> Result<(), BackendError> {
        if self.buffered_bytes > self.buffer_limit { self.drain() } else { Ok(()) }
    }

    fn visit(
        &self,
        table: Table,
        range: RowRange<'_>,
        direction: Direction,
        visit: &mut VisitRow<'_>,
    ) -> Result<(), BackendError> {
        let name = self.name(table)?;
        self.check_usable()?;
        if range.is_empty() {
            return Ok(());
        }
        let buffer = &self.buffers[table.0 as usize];
        let outcome = match (&self.transaction, self.committed.get(table.0 as usize)) {
            (Some(transaction), _) => match transaction.open_table(definition(name)) {
                Ok(stored) => visit_both(&stored, buffer, range, direction, visit),
                Err(error) => return Err(self.error(error)),
            },
            (None, Some(Some(stored))) => visit_both(stored, buffer, range, direction, visit),
            (None, _) => merge(empty(), changes(buffer, range, direction), direction, visit),
        };
        outcome.map_err(|error| self.error(error))
    }
}

impl<D: Borrow<Database>> ReadRows for RedbBackend<D> {
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError> {
        let name = self.name(table)?;
        self.check_usable()?;
        if let Some(change) = self.buffers[table.0 as usize].get(key) {
            return Ok(change.as_deref().map(read).is_some());
        }
        match (&self.transaction, self.committed.get(table.0 as usize)) {
            (Some(transaction), _) => {
                let stored = transaction.open_table(definition(name)).map_err(|error| self.error(error))?;
                let value = stored.get(key).map_err(|error| self.error(error))?;
                Ok(value.map(|value| read(value.value())).is_some())
            }
            (None, Some(Some(stored))) => {
                let value = stored.get(key).map_err(|error| self.error(error))?;
                Ok(value.map(|value| read(value.value())).is_some())
            }
            (None, _) => Ok(false),
        }
    }

    fn scan(&self, table: Table, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<(), BackendError> {
        self.visit(table, range, Direction::Ascending, visit)
    }

    fn count(&self, table: Table) -> Result<u64, BackendError> {
        let name = self.name(table)?;
        self.check_usable()?;
        if !self.buffers[table.0 as usize].is_empty() {
            return count_rows(self, table);
        }
        match (&self.transaction, self.committed.get(table.0 as usize)) {
            (Some(transaction), _) => {
                let stored = transaction.open_table(definition(name)).map_err(|error| self.error(error))?;
                stored.len().map_err(|error| self.error(error))
            }
            (None, Some(Some(stored))) => stored.len().map_err(|error| self.error(error)),
            (None, _) => Ok(0),
        }
    }

    fn last(
        &self,
        table: Table,
        range: RowRange<'_>,
        read: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<bool, BackendError> {
        let mut found = false;
        self.visit(table, range, Direction::Descending, &mut |key, value| {
            read(key, value);
            found = true;
            ControlFlow::Break(())
        })?;
        Ok(found)
    }
}

impl<D: Borrow<Database>> Backend for RedbBackend<D> {
    fn create_table(&mut self, name: &str) -> Result<Table, BackendError> {
        if let Some(found) = self.find_table(name)? {
            return Ok(found);
        }
        self.write(|transaction, _, _| {
            transaction.open_table(definition(name))?;
            Ok(())
        })?;
        Ok(self.add(name.to_owned()))
    }

    fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError> {
        let Some(found) = self.number_of(name) else { return Ok(None) };
        if self.foreign.contains(&found) {
            // redb's error names the types of the table.
            let read = self.database().begin_read().map_err(|error| self.error(error))?;
            if let Err(source) = read.open_table(definition(name)) {
                return Err(BackendError::ForeignTable { path: self.path.clone(), source: Box::new(source) });
            }
        }
        Ok(Some(found))
    }

    fn rename_table(&mut self, table: Table, to: &str) -> Result<(), BackendError> {
        let name = self.name(table)?.to_owned();
        match self.number_of(to) {
            Some(found) if found == table => return Ok(()),
            Some(_) => return Err(BackendError::TableExists { name: to.to_owned() }),
            None => {}
        }
        self.write(|transaction, _, _| Ok(transaction.rename_table(definition(&name), definition(to))?))?;
        self.names[table.0 as usize] = Some(to.to_owned());
        Ok(())
    }

    fn drop_table(&mut self, table: Table) -> Result<(), BackendError> {
        let name = self.name(table)?.to_owned();
        self.write(|transaction, _, _| Ok(transaction.delete_table(definition(&name)).map(|_| ())?))?;
        self.names[table.0 as usize] = None;
        self.buffers[table.0 as usize].clear();
        Ok(())
    }

    #[inline]
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackendError> {
        self.name(table)?;
        self.buffer(table, key, Some(value));
        self.drain_if_full()
    }

    #[inline]
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), BackendError> {
        self.name(table)?;
        self.buffer(table, key, None);
        self.drain_if_full()
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), BackendError> {
        self.check_usable()?;
        batch.changes().try_for_each(|change| self.name(change.table).map(|_| ()))?;
        // A batch has few tables, and most batches have only one.
        let mut loaded: Vec<(Table, bool)> = Vec::new();
        for change in batch.changes() {
            let known = loaded.iter().rev().find(|(table, _)| *table == change.table).map(|(_, loaded)| *loaded);
            let is_loaded = match known {
                Some(is_loaded) => is_loaded,
                None => {
                    let is_loaded = self.load(change.table, batch)?;
                    loaded.push((change.table, is_loaded));
                    is_loaded
                }
            };
            if !is_loaded {
                self.buffer(change.table, change.key, change.value);
            }
        }
        self.drain_if_full()
    }

    fn snapshot(&mut self) -> Result<Box<dyn ReadRows + Send>, BackendError> {
        self.flush()?;
        Ok(Box::new(RedbSnapshot { path: self.path.clone(), tables: self.read_committed()? }))
    }

    fn flush(&mut self) -> Result<(), BackendError> {
        self.check_usable()?;
        self.drain()?;
        if let Some(transaction) = self.transaction.take() {
            if let Err(error) = transaction.commit() {
                self.failed = true;
                return Err(self.error(error));
            }
            self.committed = self.read_committed().inspect_err(|_| self.failed = true)?;
        }
        Ok(())
    }
}

impl RedbSnapshot {
    fn table(&self, table: Table) -> Result<&Stored, BackendError> {
        self.tables.get(table.0 as usize).and_then(Option::as_ref).ok_or_else(|| no_such_table(table))
    }

    fn visit(
        &self,
        table: Table,
        range: RowRange<'_>,
        direction: Direction,
        visit: &mut VisitRow<'_>,
    ) -> Result<(), BackendError> {
        let stored = self.table(table)?;
        if range.is_empty() {
            return Ok(());
        }
        visit_both(stored, &Buffer::new(), range, direction, visit)
            .map_err(|source| BackendError::Redb { path: self.path.clone(), source: Box::new(source) })
    }
}

impl ReadRows for RedbSnapshot {
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError> {
        let value = self
            .table(table)?
            .get(key)
            .map_err(|source| BackendError::Redb { path: self.path.clone(), source: Box::new(source.into()) })?;
        Ok(value.map(|value| read(value.value())).is_some())
    }

    fn scan(&self, table: Table, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<(), BackendError> {
        self.visit(table, range, Direction::Ascending, visit)
    }

    fn last(
        &self,
        table: Table,
        range: RowRange<'_>,
        read: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<bool, BackendError> {
        let mut found = false;
        self.visit(table, range, Direction::Descending, &mut |key, value| {
            read(key, value);
            found = true;
            ControlFlow::Break(())
        })?;
        Ok(found)
    }
}

impl<D> std::fmt::Debug for RedbBackend<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedbBackend")
            .field("path", &self.path)
            .field("tables", &self.names)
            .field("buffered_bytes", &self.buffered_bytes)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for RedbSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedbSnapshot").field("path", &self.path).finish_non_exhaustive()
    }
}
