//! The migration of a table: a shadow table is filled in batches, and takes the place of the other when it is full.
//!
//! Every batch is one transaction, which also writes after which key to go on. A run that ends anywhere leaves the old
//! rows as they were, and the next one goes on where the last durable batch ended.

use std::ops::ControlFlow;

use typeser::migrate::{MigrateError, Trust};

use super::display::shown;
use super::error::{TableError, TablePart};
use super::options::{TableMigrationProgress, TableOptions};
use super::record::{self, Record, Unfinished, unfinished};
use super::step::{MigrationStep, Opening, Source};
use crate::backend::{Backend, Batch, ReadRows, RowRange, Table};
use crate::descriptor::SerializerPart;
use crate::rows::collisions::{Colliding, for_each_collision};
use crate::rows::display::shown_with_bytes;
use crate::rows::transform::{KeyPlan, Transformer};

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

/// The shadow table of a migration, and how far it is filled.
pub(super) struct Filling {
    shadow: Table,
    /// Takes a checksum of each new row, if the old ones are kept.
    sums: Option<Table>,
    state: Unfinished,
    /// How many of the sources are migrated.
    done: usize,
}

/// Begins a migration, or finds what an earlier run has filled. Once that is flushed, other handles do not write to the
/// table: each write transaction checks for the entry of the migration.
pub(super) fn begin<B: Backend>(
    backend: &mut B,
    Opening { table, to, .. }: &Opening,
    step: &MigrationStep,
) -> Result<Filling, TableError> {
    let shadow = backend.find_table(&record::shadow_of(table))?;
    let sums = backend.find_table(&record::sums_of_shadow(table))?;
    // Programs without typeser may have written to a table that is being adopted, and know nothing of what is begun.
    let is_typed = record::stored_record(backend, table)?.is_some();
    let earlier = unfinished(backend, table)?.filter(|earlier| is_typed && earlier.to == to.of_rows());
    if let (Some(shadow), Some(state)) = (shadow, earlier)
        && sums.is_some() == step.keep.is_some()
        && let Some(done) = done(backend, step, state.after.as_deref())?
    {
        return Ok(Filling { shadow, sums, state, done });
    }
    // Another program has begun another migration, or none has.
    discard(backend, table)?;
    let metadata = backend.create_table(record::TABLE)?;
    let state = Unfinished { to: to.of_rows(), rows: 0, after: None };
    backend.put(metadata, &record::unfinished_key(table), &state.to_bytes()?)?;
    let shadow = backend.create_table(&record::shadow_of(table))?;
    let sums = step.keep.is_some().then(|| backend.create_table(&record::sums_of_shadow(table))).transpose()?;
    Ok(Filling { shadow, sums, state, done: 0 })
}

/// Begins to build indexes over rows that stay. Once that is flushed, other handles do not write to the table.
pub(super) fn begin_build<B: Backend>(backend: &mut B, Opening { table, to, .. }: &Opening) -> Result<(), TableError> {
    discard(backend, table)?;
    let metadata = backend.create_table(record::TABLE)?;
    let state = Unfinished { to: to.of_rows(), rows: 0, after: None };
    Ok(backend.put(metadata, &record::unfinished_key(table), &state.to_bytes()?)?)
}

/// How many of the sources are migrated if the last migrated row has this key. It lies in one of them; `None` if it lies
/// in none, because another program has written to the table.
fn done<B: Backend>(backend: &B, step: &MigrationStep, last: Option<&[u8]>) -> Result<Option<usize>, TableError> {
    let Some(last) = last.filter(|_| !step.older.is_empty()) else { return Ok(Some(0)) };
    for (number, source) in step.sources().enumerate() {
        if backend.get(source.table, last, &mut |_| ())? {
            return Ok(Some(number));
        }
    }
    Ok(None)
}

/// Migrates the rows of a table into its shadow table, from the beginning or where an earlier run ended.
pub(super) fn fill<B: Backend>(
    backend: &mut B,
    name: &str,
    step: &MigrationStep,
    Filling { shadow, sums, mut state, done }: Filling,
    options: &TableOptions,
    progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
) -> Result<(), Failure> {
    let (tables, resumed) = (Tables { shadow, sums }, state.rows);
    let metadata = backend.create_table(record::TABLE)?;
    let mut transformer = Transformer::new(KeyPlan::UNCHANGED, Trust::Foreign, 0);
    let mut filled = Filled::default();
    let mut after = state.after.clone();
    for source in step.sources().skip(done) {
        loop {
            fill_batch(backend, tables, source, after.as_deref(), options, &mut transformer, &mut filled)?;
            check_distinct(backend, tables, step, &filled)?;
            if filled.rows == 0 {
                break;
            }
            state.rows += filled.rows;
            after = Some(std::mem::take(&mut filled.last));
            state.after.clone_from(&after);
            filled.batch.put(metadata, &record::unfinished_key(name), &state.to_bytes()?);
            backend.apply(&filled.batch)?;
            backend.flush()?;
            progress(&TableMigrationProgress { table: name, rows: state.rows, resumed });
        }
        after = None;
    }
    Ok(())
}

/// Drops what a migration that has not come to its end has made; says whether there was anything.
pub(super) fn discard<B: Backend>(backend: &mut B, name: &str) -> Result<bool, TableError> {
    let shadow = backend.find_table(&record::shadow_of(name))?;
    let begun = unfinished(backend, name)?;
    let sums = backend.find_table(&record::sums_of_shadow(name))?;
    let indexes = backend.find_table(&record::shadow_indexes_of(name))?;
    if begun.is_none() && [shadow, sums, indexes].iter().all(Option::is_none) {
        return Ok(false);
    }
    for table in [shadow, sums, indexes].into_iter().flatten() {
        backend.drop_table(table)?;
    }
    let metadata = backend.create_table(record::TABLE)?;
    backend.delete(metadata, &record::unfinished_key(name))?;
    Ok(true)
}

/// The tables of a migration.
#[derive(Clone, Copy)]
struct Tables {
    shadow: Table,
    sums: Option<Table>,
}

/// Why a shadow table was not filled.
pub(super) enum Failure {
    Row {
        part: TablePart,
        key: Vec<u8>,
        source: MigrateError,
    },
    /// The one key is `None` if an earlier run migrated it, by a function that was changed since.
    Collision {
        keys: (Option<Vec<u8>>, Vec<u8>),
    },
    Other(TableError),
}

impl Failure {
    /// Whether a row is the reason. What is to be corrected may be a function: then the rows that it has converted are
    /// wrong as well.
    pub(super) fn is_of_a_row(&self) -> bool {
        matches!(self, Self::Row { .. } | Self::Collision { .. })
    }

    pub(super) fn error(self, name: &str, stored: &Record) -> TableError {
        let table = name.to_owned();
        match self {
            Self::Row { part, key, source } => {
                TableError::Migrate { table, part, key: shown(&stored.key, &key), source }
            }
            Self::Collision { keys: (first, second) } => {
                let shown = |key: &[u8]| shown_with_bytes(Some(&stored.key), key);
                let first = first.map_or_else(|| "of a row that an earlier run migrated".to_owned(), |key| shown(&key));
                TableError::Collision { table, keys: [first, shown(&second)] }
            }
            Self::Other(error) => error,
        }
    }
}

impl<E: Into<TableError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Migrates rows that lie behind a key, as many as a batch takes.
fn fill_batch<B: Backend>(
    backend: &B,
    Tables { shadow, sums }: Tables,
    Source { table, plan, .. }: &Source,
    after: Option<&[u8]>,
    options: &TableOptions,
    transformer: &mut Transformer<'_>,
    filled: &mut Filled,
) -> Result<(), Failure> {
    filled.batch.clear();
    filled.keys.clear();
    (filled.rows, filled.bytes) = (0, 0);
    // The least key behind another one is that key and a zero.
    let from = after.map_or_else(Vec::new, |after| [after, &[0]].concat());
    let mut failure = None;
    let scanned = backend.scan(*table, RowRange { from: &from, until: None }, &mut |key, value| {
        let (new_key, new_value) = match transformer.key_and_value(plan, key, value) {
            Ok(new) => new,
            Err((part, source)) => {
                let part = if part == SerializerPart::Value { TablePart::Value } else { TablePart::Key };
                failure = Some(Failure::Row { part, key: key.to_vec(), source });
                return ControlFlow::Break(());
            }
        };
        if plan.user_key.is_some() {
            filled.keys.push((new_key.to_vec(), key.to_vec()));
        }
        filled.batch.put(shadow, new_key, new_value);
        if let Some(sums) = sums {
            filled.batch.put(sums, new_key, &record::sum_of(new_value));
        }
        filled.rows += 1;
        filled.bytes += key.len() + value.len();
        filled.last.clear();
        filled.last.extend_from_slice(key);
        let full = filled.rows >= options.batch_rows as u64
            || filled.bytes.saturating_add(filled.batch.bytes()) >= options.batch_bytes;
        if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    scanned?;
    failure.map_or(Ok(()), Err)
}

/// Checks that no two keys have become one, those of earlier batches among them.
fn check_distinct<B: Backend>(
    backend: &B,
    Tables { shadow, .. }: Tables,
    step: &MigrationStep,
    filled: &Filled,
) -> Result<(), Failure> {
    let has = |key: &[u8]| -> Result<bool, Failure> { Ok(backend.get(shadow, key, &mut |_| ())?) };
    let keys = filled.keys.iter().map(|(new, _)| new.as_slice());
    for_each_collision(keys, has, |number| {
        let (new, stored) = &filled.keys[number];
        Err(Failure::Collision { keys: colliding(backend, step, new, stored)? })
    })
}

/// The two stored keys that become this new one, of which one is known. The other may belong to an earlier batch.
pub(super) fn colliding<B: ReadRows + ?Sized>(
    backend: &B,
    step: &MigrationStep,
    new: &[u8],
    known: &[u8],
) -> Result<(Option<Vec<u8>>, Vec<u8>), TableError> {
    let plan = step.rows.plan.of_keys();
    let mut transformer = Transformer::new(KeyPlan::UNCHANGED, Trust::Foreign, 0);
    let (mut colliding, mut keys) = (Colliding::new(new), None);
    for source in step.sources() {
        backend.scan(source.table, RowRange::ALL, &mut |key, value| {
            if let Ok((new, _)) = transformer.key_and_value(&plan, key, value) {
                keys = colliding.take(key, new);
            }
            if keys.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if keys.is_some() {
            break;
        }
    }
    Ok(keys.map_or_else(|| (None, known.to_vec()), |[first, second]| (Some(first), second)))
}
