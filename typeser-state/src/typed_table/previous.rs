//! The tables that releases left before migrations: kept, listed, compared with what was written since, restored, dropped.

use std::ops::ControlFlow;

use super::changes::{ChangesSince, PreviousTable};
use super::error::TableError;
use super::migration::discard;
use super::older;
use super::record::{self, Previous, read, stored_record, sum_of, unfinished};
use super::step::MigrationStep;
use crate::backend::{Backend, Batch, RowRange, Table};

/// Keeps the rows that a migration replaces, with the checksums of the new ones.
pub(super) fn keep<B: Backend>(
    backend: &mut B,
    table: &str,
    release: &str,
    step: &MigrationStep,
    batch: &mut Batch,
) -> Result<(), TableError> {
    let rows = unfinished(backend, table)?.map_or(0, |unfinished| unfinished.rows);
    let metadata = backend.create_table(record::TABLE)?;
    let kept = Previous { record: step.from.clone(), rows };
    batch.put(metadata, &record::previous_key(table, release), &kept.to_bytes()?);
    backend.rename_table(step.rows.table, &record::previous_of(table, release))?;
    let sums = backend.create_table(&record::sums_of_shadow(table))?;
    Ok(backend.rename_table(sums, &record::sums_of(table, release))?)
}

/// All tables that are kept, by table and release.
pub(super) fn all<B: Backend>(backend: &mut B) -> Result<Vec<(PreviousTable, Previous)>, TableError> {
    let Some(metadata) = backend.find_table(record::TABLE)? else { return Ok(Vec::new()) };
    let (mut found, mut failure) = (Vec::new(), Ok(()));
    let mut end = Vec::new();
    backend.scan(metadata, RowRange::of_prefix(b"p", &mut end), &mut |key, value| {
        let Some((table, release)) = record::of_previous_key(key) else { return ControlFlow::Continue(()) };
        match Previous::from_bytes(value) {
            Ok(kept) => found.push((PreviousTable { table, release, rows: kept.rows }, kept)),
            Err(reason) => failure = Err(TableError::Unreadable { table, reason }),
        }
        if failure.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    failure.map(|()| found)
}

/// Counts what was written to a table since.
pub(super) fn changes<B: Backend>(backend: &mut B, kept: &PreviousTable) -> Result<ChangesSince, TableError> {
    const ROWS: usize = 1_000;
    let PreviousTable { table, release, rows } = kept;
    let mut changes = ChangesSince { table: table.clone(), rows: *rows, added: 0, changed: 0, removed: 0 };
    let sums = backend.find_table(&record::sums_of(table, release))?;
    let stored = stored_record(backend, table)?;
    let older = stored.map_or(Ok(Vec::new()), |stored| older::tables(backend, table, &stored))?;
    let now = backend.find_table(table)?.into_iter().chain(older.iter().map(|older| older.table));
    let mut known = 0;
    for now in now {
        let mut from = Some(Vec::new());
        while let Some(begin) = from.take() {
            let mut read_rows = Vec::with_capacity(ROWS);
            backend.scan(now, RowRange { from: &begin, until: None }, &mut |key, value| {
                if read_rows.len() == ROWS {
                    from = Some(key.to_vec());
                    return ControlFlow::Break(());
                }
                read_rows.push((key.to_vec(), sum_of(value)));
                ControlFlow::Continue(())
            })?;
            for (key, sum) in read_rows {
                let stored = sums.map_or(Ok(None), |sums| read(backend, sums, &key))?;
                known += u64::from(stored.is_some());
                match stored {
                    None => changes.added += 1,
                    Some(stored) => changes.changed += u64::from(stored != sum),
                }
            }
        }
    }
    changes.removed = rows.saturating_sub(known);
    Ok(changes)
}

/// Gives a table the rows that a release left. What later releases left of it is dropped. Not flushed.
pub(super) fn restore<B: Backend>(
    backend: &mut B,
    PreviousTable { table, release, .. }: &PreviousTable,
    Previous { record, .. }: &Previous,
) -> Result<(), TableError> {
    discard(backend, table)?;
    let stored = stored_record(backend, table)?;
    let generation = stored.as_ref().map_or(0, |stored| stored.generation);
    if let Some(stored) = &stored {
        older::forget(backend, table, stored)?;
    }
    for now in [table.clone(), record::indexes_of(table)] {
        if let Some(now) = backend.find_table(&now)? {
            backend.drop_table(now)?;
        }
    }
    let rows = backend.create_table(&record::previous_of(table, release))?;
    backend.rename_table(rows, table)?;
    let metadata = backend.create_table(record::TABLE)?;
    let restored = record::Record { generation: generation.max(record.generation) + 1, ..record.clone() };
    backend.put(metadata, &record::record_key(table), &restored.to_bytes()?)?;
    for (later, kept) in all(backend)? {
        if later.table == *table && kept.record.generation >= record.generation {
            forget(backend, &later)?;
        }
    }
    Ok(())
}

/// Drops what is kept of a table of a release. Not flushed.
pub(super) fn forget<B: Backend>(
    backend: &mut B,
    PreviousTable { table, release, .. }: &PreviousTable,
) -> Result<(), TableError> {
    let metadata = backend.create_table(record::TABLE)?;
    backend.delete(metadata, &record::previous_key(table, release))?;
    for name in [record::previous_of(table, release), record::sums_of(table, release)] {
        if let Some(kept) = backend.find_table(&name)? {
            backend.drop_table(kept)?;
        }
    }
    Ok(())
}

/// Moves what is kept of a table to its new name. Not flushed.
pub(super) fn rename<B: Backend>(backend: &mut B, from: &str, to: &str) -> Result<(), TableError> {
    let metadata = backend.create_table(record::TABLE)?;
    for (PreviousTable { table, release, .. }, kept) in all(backend)? {
        if table != from {
            continue;
        }
        backend.delete(metadata, &record::previous_key(from, &release))?;
        backend.put(metadata, &record::previous_key(to, &release), &kept.to_bytes()?)?;
        move_table(backend, &record::previous_of(from, &release), &record::previous_of(to, &release))?;
        move_table(backend, &record::sums_of(from, &release), &record::sums_of(to, &release))?;
    }
    Ok(())
}

fn move_table<B: Backend>(backend: &mut B, from: &str, to: &str) -> Result<(), TableError> {
    let found: Option<Table> = backend.find_table(from)?;
    found.map_or(Ok(()), |table| Ok(backend.rename_table(table, to)?))
}
