//! The backend in a folder of fjall.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::path::{Path, PathBuf};

use fjall::{Database, Guard, Keyspace, KeyspaceCreateOptions, PersistMode, Readable, Slice};

use super::batch::Batch;
use super::buffer::{Buffer, Direction, StoredRow, change, changes, merge};
use super::error::{BackendError, no_such_table};
use super::fjall_keyspaces::Keyspaces;
use super::table::{RowRange, Table, VisitRow};
use super::traits::{Backend, ReadRows};

/// A backend in a folder of the log-structured database fjall, for write-heavy programs.
///
/// Changes are buffered in memory, sorted; [`Backend::flush`] writes all of them in one atomic batch. Bulk loads into a
/// table that is new, or was empty at the last flush, are written to disk before the flush, by fjall's ingestion if
/// they are in order. Changes to other tables stay in memory until the next flush, so flush regularly.
///
/// fjall cannot rename keyspaces, so a table is a numbered keyspace, and a separate keyspace maps table names to
/// numbers. Keys have at most [`FjallBackend::KEY_BYTES`] bytes.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("state");
/// use typeser_state::backend::{Backend, FjallBackend, ReadRows};
///
/// let mut backend = FjallBackend::open(&path)?;
/// let table = backend.create_table("rows")?;
/// backend.put(table, b"key", b"value")?;
/// backend.flush()?;
/// drop(backend);
///
/// let mut backend = FjallBackend::open(&path)?;
/// let table = backend.create_table("rows")?;
/// assert!(backend.get(table, b"key", &mut |value| assert_eq!(value, b"value"))?);
/// # Ok(())
/// # }
/// ```
pub struct FjallBackend {
    path: PathBuf,
    database: Database,
    /// The keyspaces of tables by name, as of the last flush.
    aliases: Keyspace,
    committed: BTreeMap<String, String>,
    tables: Vec<Option<Open>>,
    /// Keyspaces that no table uses after the next flush.
    dropped: Vec<Keyspace>,
    keyspaces: Keyspaces,
    buffered_bytes: usize,
    buffer_limit: usize,
    spill_at: usize,
    failed: bool,
}

/// The rows of a [`FjallBackend`] at one moment.
pub struct FjallSnapshot {
    path: PathBuf,
    snapshot: fjall::Snapshot,
    tables: Vec<Option<Keyspace>>,
}

struct Open {
    name: String,
    /// The keyspace of its rows; `None` if all rows so far are in the buffer.
    rows: Option<Keyspace>,
    /// Whether a crash would discard the keyspace, because no flush has named it yet.
    unnamed: bool,
    buffer: Buffer,
}

const ALIASES: &str = "typeser.tables";

/// What the names of the backend's keyspaces begin with.
const RESERVED: &str = "typeser.";

/// fjall does not allow empty keys, so every key is prefixed with this byte.
const BEFORE_KEY: u8 = 0;

impl FjallBackend {
    /// The maximum length of a key.
    pub const KEY_BYTES: usize = u16::MAX as usize - 1;
    /// The size of the buffered changes at which those that can be written to disk are written.
    pub const BUFFER_BYTES: usize = 8 * 1024 * 1024;

    /// Opens or creates the folder.
    ///
    /// # Errors
    /// The folder cannot be created, is not a fjall database, or another program has it open.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, BackendError> {
        Self::open_with_buffer(path, Self::BUFFER_BYTES)
    }

    /// Opens or creates the folder, and buffers up to `buffer_bytes` of changes in memory.
    ///
    /// # Errors
    /// The folder cannot be created, is not a fjall database, or another program has it open.
    pub fn open_with_buffer(path: impl AsRef<Path>, buffer_bytes: usize) -> Result<Self, BackendError> {
        let path = path.as_ref().to_owned();
        let failed = |source| BackendError::OpenFjall { path: path.clone(), source: Box::new(source) };
        let database = Database::builder(&path).open().map_err(failed)?;
        Self::new(path, database, buffer_bytes)
    }

    /// Uses a database that the program has opened. Keyspaces whose names do not begin with `typeser.` are not touched.
    /// There must be only one backend per database at a time.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn over(database: Database) -> Result<Self, BackendError> {
        Self::new(PathBuf::from("that the program has open"), database, Self::BUFFER_BYTES)
    }

    fn new(path: PathBuf, database: Database, buffer_limit: usize) -> Result<Self, BackendError> {
        let failed = |source| BackendError::OpenFjall { path: path.clone(), source: Box::new(source) };
        let aliases = database.keyspace(ALIASES, KeyspaceCreateOptions::default).map_err(failed)?;
        let mut committed = BTreeMap::new();
        for row in aliases.iter() {
            let (name, keyspace) = row.into_inner().map_err(failed)?;
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            committed.insert(text(name.get(1..).unwrap_or_default()), text(&keyspace));
        }
        let keyspaces = Keyspaces::open(&database, |name| committed.values().any(|named| named == name));
        let keyspaces = keyspaces.map_err(failed)?;
        let tables = committed.iter().map(|(name, keyspace)| {
            let rows = database.keyspace(keyspace, KeyspaceCreateOptions::default).map_err(failed)?;
            Ok(Some(Open { name: name.clone(), rows: Some(rows), unnamed: false, buffer: Buffer::new() }))
        });
        let tables = tables.collect::<Result<_, _>>()?;
        Ok(Self {
            path,
            database,
            aliases,
            committed,
            tables,
            dropped: Vec::new(),
            keyspaces,
            buffered_bytes: 0,
            buffer_limit,
            spill_at: buffer_limit,
            failed: false,
        })
    }

    fn table(&self, table: Table) -> Result<&Open, BackendError> {
        self.tables.get(table.0 as usize).and_then(Option::as_ref).ok_or_else(|| no_such_table(table))
    }

    fn number_of(&self, name: &str) -> Option<Table> {
        (0u32..)
            .zip(&self.tables)
            .find(|(_, table)| table.as_ref().is_some_and(|table| table.name == name))
            .map(|(number, _)| Table(number))
    }

    #[cold]
    fn error(&self, source: fjall::Error) -> BackendError {
        BackendError::Fjall { path: self.path.clone(), source: Box::new(source) }
    }

    fn check_usable(&self) -> Result<(), BackendError> {
        if self.failed {
            return Err(BackendError::Failed { path: self.path.clone() });
        }
        Ok(())
    }

    fn check_key(key: &[u8]) -> Result<(), BackendError> {
        if key.len() > Self::KEY_BYTES {
            return Err(BackendError::KeyTooLong { length: key.len(), limit: Self::KEY_BYTES });
        }
        Ok(())
    }

    fn buffer(&mut self, table: Table, key: &[u8], value: Option<&[u8]>) {
        if let Some(Some(open)) = self.tables.get_mut(table.0 as usize) {
            self.buffered_bytes += change(&mut open.buffer, key, value);
        }
    }

    fn spill_if_full(&mut self) -> Result<(), BackendError> {
        if self.buffered_bytes <= self.spill_at {
            return Ok(());
        }
        let spilled = self.spill();
        spilled.map_err(|error| {
            self.failed = true;
            self.error(error)
        })
    }

    /// Writes the changes of tables whose keyspaces a crash would discard.
    fn spill(&mut self) -> Result<(), fjall::Error> {
        for open in self.tables.iter_mut().flatten().filter(|open| !open.buffer.is_empty()) {
            if !open.unnamed {
                match &open.rows {
                    Some(rows) if !rows.is_empty()? => continue,
                    rows => self.dropped.extend(rows.clone()),
                }
                open.rows = Some(self.keyspaces.make(&self.database)?);
                open.unnamed = true;
            }
            if let Some(rows) = &open.rows {
                load(&self.database, rows, std::mem::take(&mut open.buffer))?;
            }
        }
        let sizes = self.tables.iter().flatten().flat_map(|open| &open.buffer);
        self.buffered_bytes = sizes.map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len)).sum();
        self.spill_at = self.buffered_bytes + self.buffer_limit;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), fjall::Error> {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncAll));
        let mut names = BTreeMap::new();
        for open in self.tables.iter_mut().flatten() {
            let rows = match &open.rows {
                Some(rows) => rows,
                None => open.rows.insert(self.keyspaces.make(&self.database)?),
            };
            for (key, value) in &open.buffer {
                match value {
                    Some(value) => batch.insert(rows, stored_key(key), value.as_slice()),
                    None => batch.remove(rows, stored_key(key)),
                }
            }
            names.insert(open.name.clone(), rows.name().to_string());
        }
        for name in self.committed.keys().filter(|name| !names.contains_key(*name)) {
            batch.remove(&self.aliases, stored_key(name.as_bytes()));
        }
        for (name, keyspace) in names.iter().filter(|(name, keyspace)| self.committed.get(*name) != Some(keyspace)) {
            batch.insert(&self.aliases, stored_key(name.as_bytes()), keyspace.as_bytes());
        }
        batch.commit()?;
        self.committed = names;
        self.buffered_bytes = 0;
        self.spill_at = self.buffer_limit;
        for open in self.tables.iter_mut().flatten() {
            open.buffer.clear();
            open.unnamed = false;
        }
        for keyspace in self.dropped.drain(..) {
            self.keyspaces.delete(&self.database, keyspace)?;
        }
        Ok(())
    }

    fn visit(
        &self,
        table: Table,
        range: RowRange<'_>,
        direction: Direction,
        visit: &mut VisitRow<'_>,
    ) -> Result<(), BackendError> {
        let open = self.table(table)?;
        self.check_usable()?;
        if range.is_empty() {
            return Ok(());
        }
        let stored = open.rows.as_ref().map(|rows| rows.range(stored_range(range)));
        visit_both(stored, &open.buffer, range, direction, visit).map_err(|error| self.error(error))
    }
}

/// Writes changes to a keyspace that no flush has named. New rows after all stored ones, as in a restore, are ingested:
/// they are written directly to sorted files, without the journal.
fn load(database: &Database, rows: &Keyspace, buffer: Buffer) -> Result<(), fjall::Error> {
    let greatest = rows.last_key_value().map(Guard::key).transpose()?;
    let least = buffer.first_key_value().map(|(key, _)| stored_key(key));
    if greatest.is_none_or(|greatest| least.is_some_and(|least| *greatest < *least)) {
        let mut ingestion = rows.start_ingestion()?;
        for (key, value) in buffer {
            // A deletion here concerns a row that was written and deleted within the buffer.
            if let Some(value) = value {
                ingestion.write(stored_key(&key), value)?;
            }
        }
        return ingestion.finish();
    }
    let mut batch = database.batch();
    for (key, value) in buffer {
        match value {
            Some(value) => batch.insert(rows, stored_key(&key), value),
            None => batch.remove(rows, stored_key(&key)),
        }
    }
    batch.commit()
}

fn stored_key(key: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(key.len() + 1);
    stored.push(BEFORE_KEY);
    stored.extend_from_slice(key);
    stored
}

fn stored_range(range: RowRange<'_>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let (from, until) = within(range, FjallBackend::KEY_BYTES);
    (from.map(stored_key), until.map(stored_key))
}

/// The bounds of a range for keys of at most this many bytes. fjall panics if a bound is longer than a key may be; no
/// key lies between such a bound and its beginning of that length, unless it is that beginning, which comes first.
fn within(range: RowRange<'_>, limit: usize) -> (Bound<&[u8]>, Bound<&[u8]>) {
    let (from, until) = range.bounds();
    let from = match from {
        Bound::Included(key) | Bound::Excluded(key) if key.len() > limit => Bound::Excluded(&key[..limit]),
        bound => bound,
    };
    let until = match until {
        Bound::Included(key) | Bound::Excluded(key) if key.len() > limit => Bound::Included(&key[..limit]),
        bound => bound,
    };
    (from, until)
}

/// A key without its prefix byte, and a value.
struct Row(Slice, Slice);

impl StoredRow for Row {
    fn key(&self) -> &[u8] {
        self.0.get(1..).unwrap_or_default()
    }

    fn value(&self) -> &[u8] {
        &self.1
    }
}

fn visit_both(
    stored: Option<fjall::Iter>,
    buffer: &Buffer,
    range: RowRange<'_>,
    direction: Direction,
    visit: &mut VisitRow<'_>,
) -> Result<(), fjall::Error> {
    let row = |guard: Guard| guard.into_inner().map(|(key, value)| Row(key, value));
    let stored = stored.into_iter().flatten().map(row);
    let buffered = changes(buffer, range, direction);
    match direction {
        Direction::Ascending => merge(stored, buffered, direction, visit),
        Direction::Descending => merge(stored.rev(), buffered, direction, visit),
    }
}

/// The greatest row, by a reverse scan that stops after one row.
fn last(
    scan: impl FnOnce(&mut VisitRow<'_>) -> Result<(), BackendError>,
    read: &mut dyn FnMut(&[u8], &[u8]),
) -> Result<bool, BackendError> {
    let mut found = false;
    scan(&mut |key, value| {
        read(key, value);
        found = true;
        ControlFlow::Break(())
    })?;
    Ok(found)
}

impl ReadRows for FjallBackend {
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError> {
        let open = self.table(table)?;
        self.check_usable()?;
        if let Some(change) = open.buffer.get(key) {
            return Ok(change.as_deref().map(read).is_some());
        }
        let Some(rows) = open.rows.as_ref().filter(|_| key.len() <= Self::KEY_BYTES) else { return Ok(false) };
        let value = rows.get(stored_key(key)).map_err(|error| self.error(error))?;
        Ok(value.map(|value| read(&value)).is_some())
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
        last(|visit| self.visit(table, range, Direction::Descending, visit), read)
    }
}

impl Backend for FjallBackend {
    fn create_table(&mut self, name: &str) -> Result<Table, BackendError> {
        self.check_usable()?;
        if let Some(found) = self.number_of(name) {
            return Ok(found);
        }
        Self::check_key(name.as_bytes())?;
        let number = u32::try_from(self.tables.len()).unwrap_or(u32::MAX);
        self.tables.push(Some(Open { name: name.to_owned(), rows: None, unnamed: true, buffer: Buffer::new() }));
        Ok(Table(number))
    }

    fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError> {
        Ok(self.number_of(name))
    }

    /// The keyspace of this name, which is the program's: those of tables have other names.
    fn scan_foreign(&self, name: &str, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<bool, BackendError> {
        if name.starts_with(RESERVED) || !self.database.keyspace_exists(name) {
            return Ok(false);
        }
        if range.is_empty() {
            return Ok(true);
        }
        let opened = self.database.keyspace(name, KeyspaceCreateOptions::default);
        let rows = opened.map_err(|error| self.error(error))?;
        let (from, until) = within(range, usize::from(u16::MAX));
        for row in rows.range((from.map(<[u8]>::to_vec), until.map(<[u8]>::to_vec))) {
            let (key, value) = row.into_inner().map_err(|error| self.error(error))?;
            if visit(&key, &value).is_break() {
                break;
            }
        }
        Ok(true)
    }

    fn rename_table(&mut self, table: Table, to: &str) -> Result<(), BackendError> {
        self.check_usable()?;
        self.table(table)?;
        Self::check_key(to.as_bytes())?;
        match self.number_of(to) {
            Some(found) if found == table => return Ok(()),
            Some(_) => return Err(BackendError::TableExists { name: to.to_owned() }),
            None => {}
        }
        if let Some(Some(open)) = self.tables.get_mut(table.0 as usize) {
            open.name = to.to_owned();
        }
        Ok(())
    }

    fn drop_table(&mut self, table: Table) -> Result<(), BackendError> {
        self.check_usable()?;
        self.table(table)?;
        if let Some(open) = self.tables.get_mut(table.0 as usize).and_then(Option::take) {
            self.dropped.extend(open.rows);
        }
        Ok(())
    }

    #[inline]
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackendError> {
        self.check_usable()?;
        self.table(table)?;
        Self::check_key(key)?;
        self.buffer(table, key, Some(value));
        self.spill_if_full()
    }

    #[inline]
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), BackendError> {
        self.check_usable()?;
        self.table(table)?;
        if key.len() > Self::KEY_BYTES {
            return Ok(());
        }
        self.buffer(table, key, None);
        self.spill_if_full()
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), BackendError> {
        self.check_usable()?;
        batch.changes().try_for_each(|change| {
            self.table(change.table)?;
            Self::check_key(change.key)
        })?;
        for change in batch.changes() {
            self.buffer(change.table, change.key, change.value);
        }
        self.spill_if_full()
    }

    fn snapshot(&mut self) -> Result<Box<dyn ReadRows + Send>, BackendError> {
        self.flush()?;
        let tables = self.tables.iter().map(|table| table.as_ref().and_then(|open| open.rows.clone())).collect();
        Ok(Box::new(FjallSnapshot { path: self.path.clone(), snapshot: self.database.snapshot(), tables }))
    }

    fn flush(&mut self) -> Result<(), BackendError> {
        self.check_usable()?;
        let committed = self.commit();
        committed.map_err(|error| {
            self.failed = true;
            self.error(error)
        })
    }
}

impl FjallSnapshot {
    fn rows(&self, table: Table) -> Result<&Keyspace, BackendError> {
        self.tables.get(table.0 as usize).and_then(Option::as_ref).ok_or_else(|| no_such_table(table))
    }

    fn error(&self, source: fjall::Error) -> BackendError {
        BackendError::Fjall { path: self.path.clone(), source: Box::new(source) }
    }

    fn visit(
        &self,
        table: Table,
        range: RowRange<'_>,
        direction: Direction,
        visit: &mut VisitRow<'_>,
    ) -> Result<(), BackendError> {
        let rows = self.rows(table)?;
        if range.is_empty() {
            return Ok(());
        }
        let stored = self.snapshot.range(rows, stored_range(range));
        visit_both(Some(stored), &Buffer::new(), range, direction, visit).map_err(|error| self.error(error))
    }
}

impl ReadRows for FjallSnapshot {
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError> {
        let rows = self.rows(table)?;
        if key.len() > FjallBackend::KEY_BYTES {
            return Ok(false);
        }
        let value = self.snapshot.get(rows, stored_key(key)).map_err(|error| self.error(error))?;
        Ok(value.map(|value| read(&value)).is_some())
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
        last(|visit| self.visit(table, range, Direction::Descending, visit), read)
    }
}

impl std::fmt::Debug for FjallBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FjallBackend")
            .field("path", &self.path)
            .field("tables", &self.tables.iter().flatten().map(|open| &open.name).collect::<Vec<_>>())
            .field("buffered_bytes", &self.buffered_bytes)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for FjallSnapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FjallSnapshot").field("path", &self.path).finish_non_exhaustive()
    }
}
