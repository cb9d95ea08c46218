//! Indexes when a table is opened: whether they are kept, dropped or built, and how they are built.
//!
//! All indexes of a table are built together, of rows as they will be: those of the table, or those of its shadow table. The
//! entries are written to a table of their own, in batches, each a transaction. The transaction that switches the table
//! gives it its name. A build that did not come to its end starts over.

use std::ops::ControlFlow;
use std::sync::Arc;

use typeser::{StateKey, StateType};

use super::codec::Codec;
use super::error::TableError;
use super::index;
use super::index_error::IndexError;
use super::index_part::Entry;
use super::options::TableOptions;
use super::record::{self, stored_record};
use super::step::{IndexBuild, IndexStep, Opening, Step};
use crate::backend::{Backend, Batch, RowRange, Table};

/// Adds to the opening of a table what becomes of its indexes.
pub(super) fn plan<K: StateKey, V: StateType, B: Backend>(
    backend: &mut B,
    options: &TableOptions,
    (mut opening, mut codec): (Opening, Codec<K, V>),
) -> Result<(Opening, Codec<K, V>), TableError> {
    let declared = index::open_all::<K, V>(&codec.table, &options.indexes)?;
    let stored = stored_record(backend, &codec.table)?;
    if declared.is_empty() && stored.as_ref().is_none_or(|stored| stored.indexes.is_empty()) {
        return Ok((opening, codec));
    }
    if !declared.is_empty() && !codec.older.is_empty() {
        return Err(IndexError::Lazy { table: codec.table }.into());
    }
    if let Step::CopyForeign(_) = opening.step {
        opening.copies_indexed_rows = true;
        return Ok((opening, codec));
    }
    codec.indexes = declared;
    let keeps_rows = matches!(opening.step, Step::Keep { .. });
    let is_built = |stored: &record::Record| keeps_rows && stored.generation == codec.generation;
    if let Some(stored) = stored.filter(is_built) {
        if stored.indexes == codec.record().indexes {
            opening.to = codec.record();
            opening.step = Step::Keep { refresh: opening.to != stored };
            return Ok((opening, codec));
        }
        // Handles from before do not write these indexes.
        codec.generation += 1;
    }
    opening.indexes = match codec.indexes.is_empty() {
        true => IndexStep::Drop,
        false => IndexStep::Build(build_of(&codec)),
    };
    if keeps_rows {
        opening.step = Step::Keep { refresh: true };
        let is_empty = backend.find_table(&codec.table)?.map_or(Ok(true), |rows| is_empty(backend, rows))?;
        if !options.migrate && !is_empty {
            return Err(IndexError::NeedsBuild { table: codec.table }.into());
        }
    }
    opening.to = codec.record();
    Ok((opening, codec))
}

fn is_empty<B: Backend>(backend: &B, rows: Table) -> Result<bool, TableError> {
    Ok(!backend.last(rows, RowRange::ALL, &mut |_, _| ())?)
}

fn build_of<K: StateKey, V: StateType>(codec: &Codec<K, V>) -> IndexBuild {
    let codec = Arc::new(codec.of_rows());
    let of_conflicts = Arc::clone(&codec);
    IndexBuild {
        entries: Box::new(move |key, value| codec.entries_of(key, value)),
        conflict: Box::new(move |one, other| {
            let number = one.part().first().filter(|_| one.part() == other.part())?;
            let index = of_conflicts.indexes.get(usize::from(*number)).filter(|index| index.record.unique)?;
            Some(of_conflicts.not_unique(index, one.part(), [one.row(), other.row()]))
        }),
    }
}

impl Opening {
    /// Whether indexes are built of rows that stay as they are.
    pub(super) fn builds_over_kept_rows(&self) -> bool {
        matches!((&self.step, &self.indexes), (Step::Keep { .. }, IndexStep::Build(_)))
    }
}

/// Builds the indexes of a table beside it. The table stays as it is.
pub(super) fn build<B: Backend>(
    backend: &mut B,
    Opening { table, step, indexes, .. }: &Opening,
    options: &TableOptions,
) -> Result<(), TableError> {
    let IndexStep::Build(IndexBuild { entries, conflict }) = indexes else { return Ok(()) };
    let rows = match step {
        Step::Keep { .. } => backend.find_table(table)?,
        Step::Migrate(_) => backend.find_table(&record::shadow_of(table))?,
        Step::Create | Step::CopyForeign(_) | Step::Defer { .. } | Step::Reset { .. } => None,
    };
    let Some(rows) = rows else { return Ok(()) };
    if let Some(earlier) = backend.find_table(&record::shadow_indexes_of(table))? {
        backend.drop_table(earlier)?;
    }
    let built = backend.create_table(&record::shadow_indexes_of(table))?;
    let (mut from, mut batch) = (Some(Vec::new()), Batch::new());
    while let Some(begin) = from.take() {
        batch.clear();
        let (mut count, mut failure) = (0, Ok(()));
        backend.scan(rows, RowRange { from: &begin, until: None }, &mut |key, value| {
            if count == options.batch_rows.max(1) || batch.bytes() >= options.batch_bytes.max(1) {
                from = Some(key.to_vec());
                return ControlFlow::Break(());
            }
            count += 1;
            match entries(key, value) {
                Ok(entries) => entries.iter().for_each(|entry| batch.put(built, &entry.bytes, &entry.value())),
                Err(error) => failure = Err(error),
            }
            if failure.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        failure?;
        backend.apply(&batch)?;
        backend.flush()?;
    }
    check_unique(backend, built, conflict)
}

/// Checks that each part of unique indexes has one row. Entries with the same part lie side by side.
fn check_unique<B: Backend>(
    backend: &B,
    built: Table,
    conflict: &dyn Fn(&Entry, &Entry) -> Option<TableError>,
) -> Result<(), TableError> {
    let (mut last, mut found) = (None::<Entry>, Ok(()));
    backend.scan(built, RowRange::ALL, &mut |key, value| {
        let Some(entry) = Entry::of(key, value) else { return ControlFlow::Continue(()) };
        if let Some(error) = last.as_ref().and_then(|last| conflict(last, &entry)) {
            found = Err(error);
            return ControlFlow::Break(());
        }
        last = Some(entry);
        ControlFlow::Continue(())
    })?;
    found
}
