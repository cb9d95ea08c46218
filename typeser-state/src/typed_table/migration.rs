//! The migration of a table: a shadow table is filled in batches, and takes the place of the other in the last one.
//!
//! Every batch is one transaction, which also writes after which key to go on. A run that ends anywhere leaves the old
//! rows as they were, and the next one goes on where the last durable batch ended.

use std::collections::HashSet;
use std::ops::ControlFlow;

use typeser::migrate::{MigrateError, Migration, Scratch, Trust};

use super::display::shown;
use super::error::{OpenTableError, TablePart};
use super::options::{TableMigrationProgress, TableOptions};
use super::record::{self, Record, Unfinished, read};
use crate::backend::{Backend, Batch, RowRange, Table};

/// What has to be done to the keys and the values of a table.
pub(super) struct Steps {
    pub(super) key: Option<Migration>,
    pub(super) value: Option<Migration>,
}

/// A batch on its way: what is put, and what it was made of.
#[derive(Default)]
struct Filled {
    batch: Batch,
    /// The new keys beside the stored ones, where keys migrate.
    keys: Vec<(Vec<u8>, Vec<u8>)>,
    rows: u64,
    /// The bytes of the stored rows.
    bytes: usize,
    /// The stored key of the last row.
    last: Vec<u8>,
}

impl Steps {
    /// Whether any row changes.
    pub(super) fn rewrite(&self) -> bool {
        self.key.is_some() || self.value.is_some()
    }
}

/// Migrates the rows of a table, from the beginning or where an earlier run ended.
pub(super) fn migrate<B: Backend>(
    backend: &mut B,
    (rows, name): (Table, &str),
    stored: &Record,
    to: Record,
    steps: &Steps,
    options: &TableOptions,
    progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
) -> Result<(), OpenTableError> {
    let metadata = backend.create_table(record::TABLE)?;
    let shadow_name = record::shadow_of(name);
    let shadow = backend.find_table(&shadow_name)?;
    let earlier = unfinished(backend, name)?.filter(|earlier| earlier.to == to);
    let (shadow, mut state) = match (shadow, earlier) {
        (Some(shadow), Some(earlier)) => (shadow, earlier),
        // Another program has begun another migration, or none has.
        _ => {
            discard(backend, name)?;
            let state = Unfinished { to, rows: 0, after: None };
            // From here on nobody else writes to the table: handles ask for this in every transaction.
            backend.put(metadata, &record::unfinished_key(name), &state.to_bytes()?)?;
            let shadow = backend.create_table(&shadow_name)?;
            backend.flush()?;
            (shadow, state)
        }
    };
    let resumed = state.rows;
    let (mut scratch, mut filled) = (Scratch::default(), Filled::default());
    loop {
        let outcome = fill(backend, (rows, shadow), state.after.as_deref(), steps, options, &mut scratch, &mut filled);
        let outcome = outcome.and_then(|()| no_collision(backend, shadow, &filled));
        if let Err(failure) = outcome {
            // What is to be corrected may be a function: then the rows that it has converted are wrong as well.
            if let Failure::Row { .. } | Failure::Collision { .. } = failure {
                discard(backend, name)?;
            }
            return Err(failure.error(name, stored));
        }
        if filled.rows == 0 {
            break;
        }
        state.rows += filled.rows;
        state.after = Some(std::mem::take(&mut filled.last));
        filled.batch.put(metadata, &record::unfinished_key(name), &state.to_bytes()?);
        backend.apply(&filled.batch)?;
        backend.flush()?;
        progress(&TableMigrationProgress { table: name, rows: state.rows, resumed });
    }
    backend.drop_table(rows)?;
    backend.rename_table(shadow, name)?;
    filled.batch.clear();
    filled.batch.put(metadata, &record::record_key(name), &state.to.to_bytes()?);
    filled.batch.delete(metadata, &record::unfinished_key(name));
    backend.apply(&filled.batch)?;
    Ok(backend.flush()?)
}

/// The migration of a table that has not come to its end.
pub(super) fn unfinished<B: Backend>(backend: &mut B, name: &str) -> Result<Option<Unfinished>, OpenTableError> {
    let Some(metadata) = backend.find_table(record::TABLE)? else { return Ok(None) };
    let bytes = read(backend, metadata, &record::unfinished_key(name))?;
    let unreadable = |reason| OpenTableError::Unreadable { table: name.to_owned(), reason };
    bytes.map(|bytes| Unfinished::from_bytes(&bytes).map_err(unreadable)).transpose()
}

/// Drops what a migration that has not come to its end has made.
pub(super) fn discard<B: Backend>(backend: &mut B, name: &str) -> Result<(), OpenTableError> {
    let shadow = backend.find_table(&record::shadow_of(name))?;
    let begun = unfinished(backend, name)?;
    if shadow.is_none() && begun.is_none() {
        return Ok(());
    }
    if let Some(shadow) = shadow {
        backend.drop_table(shadow)?;
    }
    let metadata = backend.create_table(record::TABLE)?;
    backend.delete(metadata, &record::unfinished_key(name))?;
    Ok(backend.flush()?)
}

/// Why a batch was not filled.
enum Failure {
    Row { part: TablePart, key: Vec<u8>, source: MigrateError },
    Collision { key: Vec<u8> },
    Other(OpenTableError),
}

impl Failure {
    fn error(self, name: &str, stored: &Record) -> OpenTableError {
        let table = name.to_owned();
        match self {
            Self::Row { part, key, source } => {
                OpenTableError::Migrate { table, part, key: shown(&stored.key, &key), source }
            }
            Self::Collision { key } => OpenTableError::Collision { table, key: shown(&stored.key, &key) },
            Self::Other(error) => error,
        }
    }
}

/// Migrates rows that lie behind a key, as many as a batch takes.
fn fill<B: Backend>(
    backend: &B,
    (rows, shadow): (Table, Table),
    after: Option<&[u8]>,
    steps: &Steps,
    options: &TableOptions,
    scratch: &mut Scratch,
    filled: &mut Filled,
) -> Result<(), Failure> {
    filled.batch.clear();
    filled.keys.clear();
    (filled.rows, filled.bytes) = (0, 0);
    // The least key behind another one is that key and a zero.
    let from = after.map_or_else(Vec::new, |after| [after, &[0]].concat());
    let (mut new_key, mut new_value) = (Vec::new(), Vec::new());
    let mut failure = None;
    let scanned = backend.scan(rows, RowRange { from: &from, until: None }, &mut |key, value| {
        let mut part = |part, step: &Option<Migration>, bytes: &[u8], to: &mut Vec<u8>| {
            to.clear();
            match step {
                None => to.extend_from_slice(bytes),
                Some(step) => {
                    if let Err(source) = step.run(bytes, Trust::Foreign, scratch, to) {
                        failure = Some(Failure::Row { part, key: key.to_vec(), source });
                        return false;
                    }
                }
            }
            true
        };
        let whole = part(TablePart::Key, &steps.key, key, &mut new_key)
            && part(TablePart::Value, &steps.value, value, &mut new_value);
        if !whole {
            return ControlFlow::Break(());
        }
        if steps.key.is_some() {
            filled.keys.push((new_key.clone(), key.to_vec()));
        }
        filled.batch.put(shadow, &new_key, &new_value);
        filled.rows += 1;
        filled.bytes += key.len() + value.len();
        filled.last.clear();
        filled.last.extend_from_slice(key);
        let full = filled.rows >= options.batch_rows as u64
            || filled.bytes.saturating_add(filled.batch.bytes()) >= options.batch_bytes;
        if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    scanned.map_err(|error| Failure::Other(error.into()))?;
    failure.map_or(Ok(()), Err)
}

/// Checks that no two keys have become one, those of earlier batches among them.
fn no_collision<B: Backend>(backend: &B, shadow: Table, filled: &Filled) -> Result<(), Failure> {
    let mut seen = HashSet::with_capacity(filled.keys.len());
    for (new, stored) in &filled.keys {
        let there = backend.get(shadow, new, &mut |_| ()).map_err(|error| Failure::Other(error.into()))?;
        if there || !seen.insert(new.as_slice()) {
            return Err(Failure::Collision { key: stored.clone() });
        }
    }
    Ok(())
}
