//! Opening tables as planned: shadow tables are filled first, then one transaction switches all of them.

use super::error::TableError;
use super::migration::{self, discard};
use super::options::{TableMigrationProgress, TableOptions};
use super::step::{IndexStep, MigrationStep, Opening, Step};
use super::{adopt, index_build, previous, record};
use crate::backend::{Backend, Batch};

/// Does what was planned for tables. Until the last transaction, each of them is as it was.
pub(super) fn run<B: Backend>(
    backend: &mut B,
    openings: &[Opening],
    options: &TableOptions,
    progress: &mut dyn FnMut(&TableMigrationProgress<'_>),
) -> Result<(), TableError> {
    let migrations: Vec<(&Opening, &MigrationStep)> = openings.iter().filter_map(Opening::migration).collect();
    let builds = || openings.iter().filter(|opening| opening.builds_over_kept_rows());
    if !migrations.is_empty() || builds().next().is_some() {
        builds().try_for_each(|opening| migration::begin_build(backend, opening))?;
        let begin = |(opening, step): &(&Opening, &MigrationStep)| migration::begin(backend, opening, step);
        let fillings = migrations.iter().map(begin);
        let fillings = fillings.collect::<Result<Vec<_>, _>>()?;
        backend.flush()?;
        for ((opening, step), filling) in migrations.iter().zip(fillings) {
            let filled = migration::fill(backend, &opening.table, step, filling, options, progress);
            if let Err(failure) = filled {
                let is_of_a_row = failure.is_of_a_row();
                let error = failure.error(&opening.table, &step.from);
                return Err(if is_of_a_row { undo(backend, openings, error) } else { error });
            }
        }
        for opening in openings {
            if let Err(error) = index_build::build(backend, opening, options) {
                let is_of_a_row = !matches!(error, TableError::Backend(_));
                return Err(if is_of_a_row { undo(backend, openings, error) } else { error });
            }
        }
    }
    switch(backend, openings)
}

/// Discards what is filled of all tables, because a row of one is the reason for an error: the others may use the same
/// function. Gives that error.
fn undo<B: Backend>(backend: &mut B, openings: &[Opening], error: TableError) -> TableError {
    let discarded = openings.iter().try_for_each(|opening| discard(backend, &opening.table).map(|_| ()));
    discarded.and_then(|()| Ok(backend.flush()?)).err().unwrap_or(error)
}

/// Gives each table its rows and its record. All that is written is one flush, which is atomic.
fn switch<B: Backend>(backend: &mut B, openings: &[Opening]) -> Result<(), TableError> {
    let (mut batch, mut changed) = (Batch::new(), false);
    for opening in openings {
        let Opening { table, to, step, dropped, indexes, .. } = opening;
        match step {
            Step::Create => {
                discard(backend, table)?;
                backend.create_table(table)?;
            }
            Step::Keep { refresh } => {
                // Whatever is written from now on would be missing in what an unfinished migration has migrated.
                changed |= !opening.builds_over_kept_rows() && discard(backend, table)?;
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
        if !matches!(indexes, IndexStep::Keep)
            && let Some(earlier) = backend.find_table(&record::indexes_of(table))?
        {
            backend.drop_table(earlier)?;
        }
        if let IndexStep::Build(_) = indexes {
            let built = backend.create_table(&record::shadow_indexes_of(table))?;
            backend.rename_table(built, &record::indexes_of(table))?;
        }
        let metadata = backend.create_table(record::TABLE)?;
        batch.put(metadata, &record::record_key(table), &to.to_bytes()?);
        if matches!(step, Step::Migrate(_)) || opening.builds_over_kept_rows() {
            batch.delete(metadata, &record::unfinished_key(table));
        }
    }
    if changed {
        backend.apply(&batch)?;
        backend.flush()?;
    }
    Ok(())
}
