//! The backend in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::batch::Batch;
use super::error::{BackendError, no_such_table};
use super::table::{RowRange, Table, VisitRow};
use super::traits::{Backend, ReadRows};

/// A backend in memory, with one sorted map per table. Only state that was written to a savepoint survives the process.
///
/// A clone is cheap: the rows are shared until one of the two backends is written to.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typeser_state::backend::{Backend, MemoryBackend, ReadRows};
///
/// let mut backend = MemoryBackend::new();
/// let table = backend.create_table("rows")?;
/// backend.put(table, b"key", b"value")?;
/// let mut found = Vec::new();
/// assert!(backend.get(table, b"key", &mut |value| found = value.to_vec())?);
/// assert_eq!(found, b"value");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryBackend {
    tables: Vec<Option<NamedTable>>,
}

#[derive(Debug, Clone)]
struct NamedTable {
    name: String,
    rows: Arc<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl MemoryBackend {
    /// A backend without tables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn rows(&self, table: Table) -> Result<&BTreeMap<Vec<u8>, Vec<u8>>, BackendError> {
        match self.tables.get(table.0 as usize) {
            Some(Some(found)) => Ok(&found.rows),
            _ => Err(no_such_table(table)),
        }
    }

    fn named(&mut self, table: Table) -> Result<&mut NamedTable, BackendError> {
        match self.tables.get_mut(table.0 as usize) {
            Some(Some(found)) => Ok(found),
            _ => Err(no_such_table(table)),
        }
    }

    fn rows_mut(&mut self, table: Table) -> Result<&mut BTreeMap<Vec<u8>, Vec<u8>>, BackendError> {
        self.named(table).map(|named| Arc::make_mut(&mut named.rows))
    }

    fn number_of(&self, name: &str) -> Option<Table> {
        (0u32..)
            .zip(&self.tables)
            .find(|(_, table)| table.as_ref().is_some_and(|table| table.name == name))
            .map(|(number, _)| Table(number))
    }
}

fn write(rows: &mut BTreeMap<Vec<u8>, Vec<u8>>, key: &[u8], value: &[u8]) {
    if let Some(present) = rows.get_mut(key) {
        present.clear();
        present.extend_from_slice(value);
    } else {
        rows.insert(key.to_vec(), value.to_vec());
    }
}

impl ReadRows for MemoryBackend {
    #[inline]
    fn get(&self, table: Table, key: &[u8], read: &mut dyn FnMut(&[u8])) -> Result<bool, BackendError> {
        Ok(self.rows(table)?.get(key).map(|value| read(value)).is_some())
    }

    fn scan(&self, table: Table, range: RowRange<'_>, visit: &mut VisitRow<'_>) -> Result<(), BackendError> {
        let rows = self.rows(table)?;
        if !range.is_empty() {
            // The visitor knows whether it broke.
            let _ = rows.range::<[u8], _>(range.bounds()).try_for_each(|(key, value)| visit(key, value));
        }
        Ok(())
    }

    fn last(
        &self,
        table: Table,
        range: RowRange<'_>,
        read: &mut dyn FnMut(&[u8], &[u8]),
    ) -> Result<bool, BackendError> {
        let rows = self.rows(table)?;
        if range.is_empty() {
            return Ok(false);
        }
        let last = rows.range::<[u8], _>(range.bounds()).next_back();
        Ok(last.map(|(key, value)| read(key, value)).is_some())
    }
}

impl Backend for MemoryBackend {
    fn create_table(&mut self, name: &str) -> Result<Table, BackendError> {
        if let Some(found) = self.number_of(name) {
            return Ok(found);
        }
        let number = u32::try_from(self.tables.len()).unwrap_or(u32::MAX);
        self.tables.push(Some(NamedTable { name: name.to_owned(), rows: Arc::default() }));
        Ok(Table(number))
    }

    fn find_table(&mut self, name: &str) -> Result<Option<Table>, BackendError> {
        Ok(self.number_of(name))
    }

    fn rename_table(&mut self, table: Table, to: &str) -> Result<(), BackendError> {
        self.rows(table)?;
        match self.number_of(to) {
            Some(found) if found == table => Ok(()),
            Some(_) => Err(BackendError::TableExists { name: to.to_owned() }),
            None => {
                self.named(table)?.name = to.to_owned();
                Ok(())
            }
        }
    }

    fn drop_table(&mut self, table: Table) -> Result<(), BackendError> {
        self.rows(table)?;
        self.tables[table.0 as usize] = None;
        Ok(())
    }

    #[inline]
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), BackendError> {
        write(self.rows_mut(table)?, key, value);
        Ok(())
    }

    #[inline]
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<(), BackendError> {
        self.rows_mut(table)?.remove(key);
        Ok(())
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), BackendError> {
        batch.changes().try_for_each(|change| self.rows(change.table).map(|_| ()))?;
        for change in batch.changes() {
            let rows = self.rows_mut(change.table)?;
            match change.value {
                Some(value) => write(rows, change.key, value),
                None => {
                    rows.remove(change.key);
                }
            }
        }
        Ok(())
    }

    fn snapshot(&mut self) -> Result<Box<dyn ReadRows + Send>, BackendError> {
        Ok(Box::new(self.clone()))
    }

    fn flush(&mut self) -> Result<(), BackendError> {
        Ok(())
    }
}
