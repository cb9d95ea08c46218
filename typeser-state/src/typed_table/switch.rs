//! Opening tables as planned: shadow tables are filled first, then one transaction switches all of them.

use super::error::TableError;
use super::migration::{self, Failure, discard};
use super::options::{TableMigrationProgress, TableOptions};
use super::step::{MigrationStep, Opening, Step};
use super::{adopt, previous, record};
use crate::backend::{Backend, Batch};

/// Does what was planned for tables. Until the last transaction, each of them is as it was.
pub(super) fn run<B: Backend>(
    backend: &mut B,
    openings: &[Opening],
    options: &TableOptions,
    progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
) -> Result<(), TableError> {
    let migrations: Vec<(&Opening, &MigrationStep)> = openings.iter().filter_map(Opening::migration).collect();
    if !migrations.is_empty() {
        let begin = |(opening, step): &(&Opening, &MigrationStep)| migration::begin(backend, opening, step);
        let fillings = migrations.iter().map(begin);
        let fillings = fillings.collect::<Result<Vec<_>, _>>()?;
        backend.flush()?;
        for ((opening, step), filling) in migrations.iter().zip(fillings) {
            let filled = migration::fill(backend, &opening.table, step, filling, options, progress);
            if let Err(failure) = filled {
                return Err(undo(backend, &migrations, opening, step, failure));
            }
        }
    }
    switch(backend, openings)
}

/// The error of a migration that failed. If a row is the reason, what the others have filled is discarded too: they may
/// use the same function.
fn undo<B: Backend>(
    backend: &mut B,
    migrations: &[(&Opening, &MigrationStep)],
    failed: &Opening,
    step: &MigrationStep,
    failure: Failure,
) -> TableError {
    if failure.is_of_a_row() {
        let discarded = migrations.iter().try_for_each(|(opening, _)| discard(backend, &opening.table).map(|_| ()));
        if let Err(error) = discarded.and_then(|()| Ok(backend.flush()?)) {
            return error;
        }
    }
    failure.error(&failed.table, &step.from)
}

/// Gives each table its rows and its record. All that is written is one flush, which is atomic.
fn switch<B: Backend>(backend: &mut B, openings: &[Opening]) -> Result<(), TableError> {
    let (mut batch, mut changed) = (Batch::new(), false);
    for Opening { table, to, step, dropped } in openings {
        match step {
            Step::Create => {
                discard(backend, table)?;
                backend.create_table(table)?;
            }
            Step::Keep { refresh } => {
                // Whatever is written from now on would be missing in what an unfinished migration has migrated.
                changed |= discard(backend, table)?;
                if !refresh {
                    continue;
                }
            }
            Step::CopyForeign(plan) => adopt::copy_foreign(backend, table, plan)?,
            Step::Defer { rows } => {
                discard(backend, table)?;
                // Its number is that of the newest older rows.
                let number = to.older.first().map_or(0, |older| older.generation);
                backend.rename_table(*rows, &record::older_of(table, number))?;
                backend.create_table(table)?;
            }
            Step::Reset { rows } => {
                discard(backend, table)?;
                backend.drop_table(*rows)?;
                backend.create_table(table)?;
            }
            Step::Migrate(step) => {
                match &step.keep {
                    Some(release) => previous::keep(backend, table, release, step, &mut batch)?,
                    None => backend.drop_table(step.rows.table)?,
                }
                let shadow = backend.create_table(&record::shadow_of(table))?;
                backend.rename_table(shadow, table)?;
            }
        }
        changed = true;
        for older in dropped {
            backend.drop_table(*older)?;
        }
        let metadata = backend.create_table(record::TABLE)?;
        batch.put(metadata, &record::record_key(table), &to.to_bytes()?);
        if let Step::Migrate(_) = step {
            batch.delete(metadata, &record::unfinished_key(table));
        }
    }
    if changed {
        backend.apply(&batch)?;
        backend.flush()?;
    }
    Ok(())
}
