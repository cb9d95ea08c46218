//! What becomes of one stored row: left out, copied as it is, or migrated. Any number of threads may ask.

use std::time::{Duration, Instant};

use typeser::migrate::{MigrateError, Migration, Scratch, Trust};

use super::error::RestoreError;
use super::portion::{Moved, Portion};
use crate::backend::Table;
use crate::descriptor::{OperatorMeta, STAMP, SerializerPart};
use crate::row::put_index_key;
use crate::rows::display::shown_key;
use crate::rows::time_to_live::{TimeToLiveChange, aged};
use crate::savepoint::Row;

/// What is to be done with the rows of every stored state of an operator.
pub(super) struct Lanes<'a> {
    pub(super) stored: &'a OperatorMeta,
    /// In the order of the stored states.
    pub(super) actions: Vec<Action>,
    pub(super) trust: Trust,
    /// When the restore began, by the operator's clock: what is stamped, and what has expired.
    pub(super) now: u64,
    pub(super) rows: Table,
    pub(super) timers: Table,
}

/// What is to be done with the rows of a state.
pub(super) enum Action {
    Drop,
    /// Carry over; what has no migration stays as it is.
    Carry {
        user_key: Option<Migration>,
        value: Option<Migration>,
        time_to_live: TimeToLiveChange,
        /// Rows are told in the order in which they fire, too.
        timers: bool,
    },
}

/// How many rows of a state were done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) entries: u64,
    pub(super) expired: u64,
    pub(super) bytes: u64,
    pub(super) time: Duration,
}

/// What a thread keeps from one row to the next.
pub(super) struct Carrying {
    scratch: Scratch,
    key: Vec<u8>,
    value: Vec<u8>,
    /// Whose rows are being carried, and since when. Rows of a state lie together within a key group, so the clock is
    /// read rarely.
    current: usize,
    since: Instant,
}

impl Carrying {
    pub(super) fn new() -> Self {
        Self { scratch: Scratch::default(), key: Vec::new(), value: Vec::new(), current: 0, since: Instant::now() }
    }

    /// The time until now is no row's.
    pub(super) fn start_the_clock(&mut self) {
        self.since = Instant::now();
    }

    /// Adds the time since the last stop to the state whose rows were carried.
    pub(super) fn stop_the_clock(&mut self, portion: &mut Portion) {
        let now = Instant::now();
        if let Some(tally) = portion.tallies.get_mut(self.current) {
            tally.time += now - self.since;
        }
        self.since = now;
    }
}

impl Lanes<'_> {
    /// Which of the stored states the rows of this number belong to. The reader of rows knows no others.
    pub(super) fn lane(&self, state_id: u16) -> Option<usize> {
        self.stored.states().iter().position(|state| state.id() == state_id)
    }

    /// Carries a row over: what it becomes is added to the batch of the portion.
    pub(super) fn carry(
        &self,
        index: usize,
        row: &Row<'_>,
        carrying: &mut Carrying,
        portion: &mut Portion,
    ) -> Result<(), RestoreError> {
        if index != carrying.current {
            carrying.stop_the_clock(portion);
            carrying.current = index;
        }
        let (Some(action), Some(tally)) = (self.actions.get(index), portion.tallies.get_mut(index)) else {
            return Ok(());
        };
        tally.entries += 1;
        tally.bytes += (row.key_bytes.len() + row.value.len()) as u64;
        let Action::Carry { user_key, value, time_to_live, timers } = action else { return Ok(()) };
        let Some((stamp, stored)) = aged(*time_to_live, row.value, self.now) else {
            tally.expired += 1;
            return Ok(());
        };
        let Carrying { scratch, key, value: buffer, .. } = carrying;
        buffer.clear();
        buffer.extend_from_slice(stamp.as_ref().map_or(&[], <[u8; STAMP]>::as_slice));
        let new_value = match value {
            None if stamp.is_none() => stored,
            None => {
                buffer.extend_from_slice(stored);
                &*buffer
            }
            Some(migration) => {
                let migrated = migration.run(stored, self.trust, scratch, buffer);
                migrated.map_err(|source| self.failed(row, SerializerPart::Value, source))?;
                &*buffer
            }
        };
        if *timers {
            key.clear();
            put_index_key(row.key_bytes, row.key.rest.len(), key);
            portion.batch.put(self.timers, key, &[]);
        }
        let Some(migration) = user_key else {
            portion.batch.put(self.rows, row.key_bytes, new_value);
            return Ok(());
        };
        key.clear();
        key.extend_from_slice(&row.key_bytes[..row.key_bytes.len() - row.key.rest.len()]);
        let migrated = migration.run(row.key.rest, self.trust, scratch, key);
        migrated.map_err(|source| self.failed(row, SerializerPart::UserKey, source))?;
        portion.moved.push(Moved {
            change: portion.batch.len(),
            state: index,
            file: row.file.to_owned(),
            offset: row.offset,
        });
        portion.batch.put(self.rows, key, new_value);
        Ok(())
    }

    /// The error on a row of which a part was not migrated.
    #[cold]
    fn failed(&self, row: &Row<'_>, part: SerializerPart, source: MigrateError) -> RestoreError {
        let (operator, state) = (self.stored.uid.clone(), row.state.name().to_owned());
        let (file, offset) = (row.file.to_owned(), row.offset);
        match source {
            MigrateError::Function(source) => {
                let key = shown_key(self.stored, row);
                RestoreError::Function { operator, state, part, key, file, offset, source }
            }
            MigrateError::Stored(_) => RestoreError::Migrate { operator, state, part, file, offset, source },
        }
    }
}
