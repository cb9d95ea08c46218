//! A batch of stored rows, and what becomes of them.

use std::path::PathBuf;
use std::time::Instant;

use typeser::migrate::{MigrateError, Trust};

use super::error::RestoreError;
use super::local::Tables;
use crate::backend::Batch;
use crate::descriptor::{OperatorMeta, SerializerPart};
use crate::row::put_index_key;
use crate::rows::counts::{Findings, RowCounts};
use crate::rows::display::shown_key;
use crate::rows::dropped_data::DroppedData;
use crate::rows::failure::RowFailure;
use crate::rows::plan::RowPlan;
use crate::rows::stored::StoredRows;
use crate::rows::transform::{KeyPlan, RowError, Transformer};
use crate::rows::workers::in_order;
use crate::savepoint::{ReadSavepointError, Row, Rows};

/// How many stored bytes make a batch.
const BATCH_BYTES: usize = 1024 * 1024;

/// What is to be done with the rows of every stored state of an operator.
pub(super) struct RestoreJob<'a> {
    pub(super) stored: &'a OperatorMeta,
    /// In the order of the stored states.
    pub(super) states: Vec<StateJob>,
    pub(super) trust: Trust,
    /// When the restore began, by the operator's clock: what is stamped, and what has expired.
    pub(super) now: u64,
    pub(super) tables: Tables,
    /// Whether rows that cannot be migrated and data that is dropped are counted, as a dry run does, instead of
    /// failing.
    pub(super) dry: bool,
}

/// What is to be done with the rows of a state.
#[derive(Default)]
pub(super) struct StateJob {
    /// `None` if they are left out.
    pub(super) plan: Option<RowPlan>,
    /// Whether rows are also stored in the order in which they fire.
    pub(super) timers: bool,
    pub(super) dropped: DroppedData,
}

/// Rows that lay together in a savepoint, and what became of them.
#[derive(Default)]
pub(super) struct RestoreBatch {
    rows: StoredRows,
    /// What is to be written.
    pub(super) changes: Batch,
    /// How many rows of each stored state were done.
    pub(super) counts: Vec<RowCounts>,
    /// What a dry run found in those of each state.
    pub(super) findings: Vec<Findings>,
    /// Changes under another map key than the stored one.
    pub(super) moved: Vec<Moved>,
    /// The key of the last stored row.
    pub(super) last: Vec<u8>,
    index_key: Vec<u8>,
    /// The state whose rows are being migrated, and since when. Rows of a state lie together within a key group, so the
    /// clock is read rarely.
    current: usize,
    since: Option<Instant>,
}

/// A row whose map key was migrated.
pub(super) struct Moved {
    /// Which of the changes.
    pub(super) change: usize,
    /// Which of the stored states.
    pub(super) state: usize,
    /// Its stored key, for the findings of a dry run.
    pub(super) key: Vec<u8>,
    pub(super) file: PathBuf,
    pub(super) offset: u64,
}

impl RestoreJob<'_> {
    pub(super) fn transformer(&self) -> Transformer<'static> {
        Transformer::new(KeyPlan::UNCHANGED, self.trust, self.now)
    }

    pub(super) fn batch(&self) -> RestoreBatch {
        let counts = vec![RowCounts::default(); self.states.len()];
        RestoreBatch { counts, findings: self.findings(), ..RestoreBatch::default() }
    }

    /// Nothing found yet in any state.
    pub(super) fn findings(&self) -> Vec<Findings> {
        self.states.iter().map(|state| Findings::new(&state.dropped)).collect()
    }

    /// Adds to a batch what becomes of a row of one of the stored states.
    #[inline]
    pub(super) fn row(
        &self,
        index: usize,
        row: &Row<'_>,
        transformer: &mut Transformer<'_>,
        batch: &mut RestoreBatch,
    ) -> Result<(), RestoreError> {
        if index != batch.current {
            batch.stop_the_clock();
            batch.current = index;
        }
        let (Some(state), Some(counts)) = (self.states.get(index), batch.counts.get_mut(index)) else {
            return Ok(());
        };
        counts.read(row);
        if self.dry {
            state.dropped.count(row, &mut batch.findings[index].dropped);
        }
        let Some(plan) = &state.plan else { return Ok(()) };
        let new = match transformer.transform(plan, row, true) {
            Ok(Some(new)) => new,
            Ok(None) => {
                counts.expired += 1;
                return Ok(());
            }
            Err(error) if self.dry => {
                batch.findings[index].fail(|| RowFailure {
                    key: shown_key(self.stored, row),
                    role: error.role(row.state.kind()),
                    reason: error.reason(),
                    file: row.file.to_owned(),
                    offset: row.offset,
                });
                return Ok(());
            }
            Err(error) => return Err(self.failed(row, error)),
        };
        counts.made(row, &new);
        if state.timers {
            batch.index_key.clear();
            put_index_key(row.key_bytes, row.key.rest.len(), &mut batch.index_key);
            batch.changes.put(self.tables.timers, &batch.index_key, &[]);
        }
        if plan.user_key.is_some() {
            batch.moved.push(Moved {
                change: batch.changes.len(),
                state: index,
                key: if self.dry { row.key_bytes.to_vec() } else { Vec::new() },
                file: row.file.to_owned(),
                offset: row.offset,
            });
        }
        batch.changes.put(self.tables.rows, new.row_key, new.value);
        Ok(())
    }

    /// The error on a row of which a part was not migrated.
    #[cold]
    fn failed(&self, row: &Row<'_>, error: RowError) -> RestoreError {
        let (operator, state) = (self.stored.uid.clone(), row.state.name().to_owned());
        let (file, offset) = (row.file.to_owned(), row.offset);
        let (part, source) = match error {
            RowError::Part(part, source) => (part, source),
            // A restore leaves keys as they are, and so no row becomes too large.
            RowError::Key(source) => (SerializerPart::UserKey, source),
            RowError::TooLarge(error) => {
                return ReadSavepointError::Malformed { file, offset, reason: error.to_string() }.into();
            }
        };
        match source {
            MigrateError::Function(source) => {
                let key = shown_key(self.stored, row);
                RestoreError::Function { operator, state, part, key, file, offset, source }
            }
            MigrateError::Stored(_) => RestoreError::Migrate { operator, state, part, file, offset, source },
        }
    }
}

impl RestoreBatch {
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.changes.clear();
        self.counts.fill(RowCounts::default());
        self.moved.clear();
        self.last.clear();
    }

    /// The time until now belongs to no row.
    pub(super) fn start_the_clock(&mut self) {
        self.since = Some(Instant::now());
    }

    /// Adds the time since the last stop to the state whose rows were migrated.
    pub(super) fn stop_the_clock(&mut self) {
        let now = Instant::now();
        if let (Some(counts), Some(since)) = (self.counts.get_mut(self.current), self.since) {
            counts.time += now - since;
        }
        self.since = Some(now);
    }
}

/// Migrates all rows in batches, in this many threads; the calling thread gives the batches to `write` in order. Rows
/// up to the key `done` are left out. With 0 threads, the calling thread does everything.
pub(super) fn for_each_batch(
    mut rows: Rows<'_>,
    job: &RestoreJob<'_>,
    mut done: Option<Vec<u8>>,
    threads: usize,
    write: impl FnMut(&mut RestoreBatch) -> Result<(), RestoreError>,
) -> Result<(), RestoreError> {
    let read = |batch: &mut RestoreBatch| {
        batch.clear();
        batch.start_the_clock();
        while batch.rows.size() < BATCH_BYTES {
            let Some(row) = rows.next_row()? else { break };
            if done.as_deref().is_some_and(|done| row.key_bytes <= done) {
                continue;
            }
            done = None;
            batch.rows.push(row.key_bytes, row.value, row.file, row.offset);
        }
        Ok(batch.rows.len() > 0)
    };
    let worker = || {
        let mut transformer = job.transformer();
        move |batch: &mut RestoreBatch| {
            // The rows are lent to each of the calls below, which fill the rest of the batch.
            let rows = std::mem::take(&mut batch.rows);
            let mut done = Ok(());
            for row in rows.rows(job.stored) {
                done = row
                    .map_err(RestoreError::from)
                    .and_then(|(state, row)| job.row(state, &row, &mut transformer, batch));
                if done.is_err() {
                    break;
                }
            }
            batch.last.extend_from_slice(rows.pairs().next_back().map_or(&[], |(key, _)| key));
            batch.stop_the_clock();
            batch.rows = rows;
            done
        }
    };
    in_order(threads, || job.batch(), read, worker, write)
}
