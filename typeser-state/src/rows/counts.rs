//! What is counted of the rows of a state.

use std::time::Duration;

use super::dropped_data::{DroppedData, DroppedDataCount};
use super::failure::RowFailure;
use super::transform::NewRow;
use crate::savepoint::Row;

/// How many rows of a state were done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RowCounts {
    pub(crate) entries: u64,
    pub(crate) expired: u64,
    /// How many bytes the keys and values took.
    pub(crate) bytes: u64,
    /// How many they take from then on.
    pub(crate) new_bytes: u64,
    /// How many rows move to another key group.
    pub(crate) moved: u64,
    pub(crate) time: Duration,
}

/// What a dry run finds in the rows of a state, beside how many there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings {
    pub(crate) failed: u64,
    pub(crate) failures: Vec<RowFailure>,
    pub(crate) dropped: Vec<DroppedDataCount>,
}

/// How many of the rows of a state that could not be migrated are described one by one.
const DESCRIBED: usize = 5;

impl RowCounts {
    /// A row was read.
    #[inline]
    pub(crate) fn read(&mut self, row: &Row<'_>) {
        self.entries += 1;
        self.bytes += (row.key_bytes.len() + row.value.len()) as u64;
    }

    /// It became another one.
    #[inline]
    pub(crate) fn made(&mut self, row: &Row<'_>, new: &NewRow<'_>) {
        self.new_bytes += new.bytes();
        self.moved += u64::from(new.key_group != row.key.key_group);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.entries += other.entries;
        self.expired += other.expired;
        self.bytes += other.bytes;
        self.new_bytes += other.new_bytes;
        self.moved += other.moved;
    }
}

impl Findings {
    /// No row yet for each part of the dropped data.
    pub(crate) fn new(dropped: &DroppedData) -> Self {
        Self { dropped: dropped.none().collect(), ..Self::default() }
    }

    pub(crate) fn fail(&mut self, failure: impl FnOnce() -> RowFailure) {
        self.failed += 1;
        if self.failures.len() < DESCRIBED {
            self.failures.push(failure());
        }
    }

    /// Adds what was found in the rows behind these, and takes it out there.
    pub(crate) fn take(&mut self, other: &mut Self) {
        self.failed += std::mem::take(&mut other.failed);
        self.failures.append(&mut other.failures);
        self.failures.truncate(DESCRIBED);
        for (known, other) in self.dropped.iter_mut().zip(&mut other.dropped) {
            known.rows += std::mem::take(&mut other.rows);
        }
    }
}
