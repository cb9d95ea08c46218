//! Writes what became of stored rows, or only counts it.

use std::collections::HashSet;
use std::time::Instant;

use typeser::resolve::Role;
use xxhash_rust::xxh3::xxh3_128;

use super::batch::{Moved, RestoreBatch, RestoreJob};
use super::error::RestoreError;
use super::local::{self, Tables};
use super::progress::Progress;
use super::resume::Resume;
use super::state_plan::StatePlan;
use crate::backend::{Backend, BackendError, Batch};
use crate::descriptor::OperatorMeta;
use crate::row::RowKey;
use crate::rows::collisions::for_each_collision;
use crate::rows::counts::{Findings, RowCounts};
use crate::rows::display::shown_key;
use crate::rows::failure::RowFailure;
use crate::savepoint::Row;

/// Where migrated rows go.
pub(super) trait Target {
    /// Whether there is a row of this key, whose map key was migrated, from an earlier batch.
    fn has(&mut self, key: &[u8]) -> Result<bool, BackendError>;

    fn apply(&mut self, changes: &Batch) -> Result<(), BackendError>;

    /// All that is `done` was applied.
    fn applied(&mut self, done: &Resume) -> Result<(), BackendError>;
}

/// A backend that is being filled.
pub(super) struct Filled<'a, B> {
    backend: &'a mut B,
    tables: Tables,
    unflushed: usize,
    /// How many bytes go to the backend before it is flushed, so that what it holds back stays bounded.
    flush_bytes: usize,
}

impl<'a, B> Filled<'a, B> {
    pub(super) fn new(backend: &'a mut B, tables: Tables, flush_bytes: usize) -> Self {
        Self { backend, tables, unflushed: 0, flush_bytes }
    }
}

impl<B: Backend> Target for Filled<'_, B> {
    fn has(&mut self, key: &[u8]) -> Result<bool, BackendError> {
        self.backend.get(self.tables.rows, key, &mut |_| ())
    }

    fn apply(&mut self, changes: &Batch) -> Result<(), BackendError> {
        self.unflushed += changes.bytes();
        self.backend.apply(changes)
    }

    fn applied(&mut self, done: &Resume) -> Result<(), BackendError> {
        if self.unflushed < self.flush_bytes {
            return Ok(());
        }
        self.unflushed = 0;
        local::put_progress(self.backend, self.tables, done)?;
        self.backend.flush()
    }
}

/// Nothing is written: a dry run.
#[derive(Default)]
pub(super) struct Nothing {
    /// Which map these keys belong to: those of one map lie together.
    map: Vec<u8>,
    /// Hashes of migrated map keys. That two share one by accident will not happen.
    keys: HashSet<u128>,
}

impl Target for Nothing {
    fn has(&mut self, key: &[u8]) -> Result<bool, BackendError> {
        let rest = RowKey::parse(key).map_or(0, |key| key.rest.len());
        let map = &key[..key.len() - rest];
        if self.map != map {
            self.map.clear();
            self.map.extend_from_slice(map);
            self.keys.clear();
        }
        Ok(!self.keys.insert(xxh3_128(key)))
    }

    fn apply(&mut self, _: &Batch) -> Result<(), BackendError> {
        Ok(())
    }

    fn applied(&mut self, _: &Resume) -> Result<(), BackendError> {
        Ok(())
    }
}

/// Which two stored map keys of a state became the one of a new row, as text.
pub(super) type Colliding<'a> = dyn Fn(usize, &[u8]) -> Result<[String; 2], RestoreError> + 'a;

/// Writes what became of stored rows, and reports progress.
pub(super) struct Writer<'a, T> {
    target: T,
    job: &'a RestoreJob<'a>,
    /// Names the two stored map keys that became the one of a new row, of this stored state.
    colliding: &'a Colliding<'a>,
    operator: &'a str,
    states: &'a [StatePlan],
    progress: &'a mut dyn FnMut(&Progress<'_>),
    /// What is done.
    pub(super) done: Resume,
    /// What a dry run found in each stored state.
    pub(super) findings: Vec<Findings>,
}

impl<'a, T: Target> Writer<'a, T> {
    pub(super) fn new(
        operator: &'a str,
        states: &'a [StatePlan],
        (job, colliding): (&'a RestoreJob<'a>, &'a Colliding<'a>),
        target: T,
        progress: &'a mut dyn FnMut(&Progress<'_>),
        done: Resume,
    ) -> Self {
        Self { target, job, colliding, operator, states, progress, done, findings: job.findings() }
    }

    pub(super) fn write(&mut self, batch: &mut RestoreBatch) -> Result<(), RestoreError> {
        self.check_distinct(batch)?;
        let begin = Instant::now();
        self.target.apply(&batch.changes)?;
        let bytes: u64 = batch.counts.iter().map(|counts| counts.bytes).sum();
        for (done, new) in self.done.counts.iter_mut().zip(&batch.counts) {
            done.add(new);
        }
        if !batch.last.is_empty() {
            std::mem::swap(&mut self.done.last, &mut batch.last);
        }
        self.target.applied(&self.done)?;
        if self.job.dry {
            self.findings.iter_mut().zip(&mut batch.findings).for_each(|(known, new)| known.take(new));
        }
        let took = begin.elapsed();
        // The states of the plan begin with those that are stored.
        for ((done, new), state) in self.done.counts.iter_mut().zip(&batch.counts).zip(self.states) {
            if new.entries == 0 {
                continue;
            }
            done.time += new.time + took.mul_f64(new.bytes as f64 / bytes.max(1) as f64);
            let RowCounts { entries, expired, bytes, time, .. } = *done;
            (self.progress)(&Progress {
                operator: self.operator,
                state: state.name(),
                verdict: state.verdict(),
                entries,
                expired,
                total_entries: state.entries(),
                bytes,
                total_bytes: state.bytes(),
                time,
            });
        }
        Ok(())
    }

    /// No two rows whose map keys were migrated become one. A dry run counts those that do.
    fn check_distinct(&mut self, batch: &mut RestoreBatch) -> Result<(), RestoreError> {
        let RestoreBatch { changes, moved, findings, .. } = batch;
        if moved.is_empty() {
            return Ok(());
        }
        let mut next = moved.iter().peekable();
        let keys = changes.changes().enumerate();
        let keys = keys.filter(|(number, _)| next.next_if(|moved| moved.change == *number).is_some());
        let has = |key: &[u8]| Ok(self.target.has(key)?);
        let change = |number: usize| moved.get(number).and_then(|moved| changes.changes().nth(moved.change));
        for_each_collision(keys.map(|(_, change)| change.key), has, |number| {
            let row = &moved[number];
            if self.job.dry {
                findings[row.state].fail(|| collision(self.job.stored, row));
                return Ok(());
            }
            let keys =
                change(number).map_or(Ok(<[String; 2]>::default()), |new| (self.colliding)(row.state, new.key))?;
            Err(RestoreError::Collision {
                keys: Box::new(keys),
                operator: self.operator.to_owned(),
                state: self.states.get(row.state).map_or(String::new(), |state| state.name().to_owned()),
                file: row.file.clone(),
                offset: row.offset,
            })
        })
    }
}

/// The finding on a row whose map key became that of another one.
fn collision(operator: &OperatorMeta, row: &Moved) -> RowFailure {
    let key = RowKey::parse(&row.key).ok().zip(operator.states().get(row.state)).map(|(key, state)| {
        shown_key(operator, &Row { state, key, key_bytes: &row.key, value: &[], file: &row.file, offset: row.offset })
    });
    RowFailure {
        key: key.unwrap_or_default(),
        role: Role::MapKey,
        reason: "another map key becomes the same one".to_owned(),
        file: row.file.clone(),
        offset: row.offset,
    }
}
