//! How far the work on a savepoint has come.

use crate::savepoint::{RowsFile, SavepointOperator};

/// How far the work on a savepoint has come. It is reported about once per MiB, and at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What is being done. Where both come, each counts from the beginning.
    pub phase: Phase,
    /// The operator whose rows are being read.
    pub operator: &'a str,
    /// The state; `None` where a file is taken over whole.
    pub state: Option<&'a str>,
    /// How many rows were read.
    pub entries: u64,
    /// How many there are. Where rows are read in several passes, each pass counts.
    pub total_entries: u64,
    /// How many bytes of keys and values were read.
    pub bytes: u64,
    /// How many there are, in all passes.
    pub total_bytes: u64,
}

/// What is being done with the rows that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// They are scanned, and nothing is written: in a dry run, and first where functions of the program convert keys.
    Scanning,
    /// They are written to the new savepoint.
    Writing,
}

/// What receives the progress.
pub(crate) type Callback<'a> = dyn FnMut(&Progress<'_>) + 'a;

/// After how many bytes it is reported again.
const EVERY: u64 = 1024 * 1024;

/// Counts what was read, and reports it.
pub(crate) struct ProgressCounter<'a> {
    callback: &'a mut Callback<'a>,
    phase: Phase,
    reported: u64,
    entries: u64,
    total_entries: u64,
    bytes: u64,
    total_bytes: u64,
}

impl<'a> ProgressCounter<'a> {
    pub(crate) fn new(phase: Phase, callback: &'a mut Callback<'a>) -> Self {
        Self { callback, phase, reported: 0, entries: 0, total_entries: 0, bytes: 0, total_bytes: 0 }
    }

    /// There is so much more to do.
    pub(crate) fn expect(&mut self, entries: u64, bytes: u64) {
        self.total_entries = self.total_entries.saturating_add(entries);
        self.total_bytes = self.total_bytes.saturating_add(bytes);
    }

    /// So much was done.
    pub(crate) fn done(&mut self, operator: &str, state: Option<&str>, entries: u64, bytes: u64) {
        self.entries = self.entries.saturating_add(entries);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes - self.reported >= EVERY || self.entries == self.total_entries {
            self.reported = self.bytes;
            (self.callback)(&Progress {
                phase: self.phase,
                operator,
                state,
                entries: self.entries,
                total_entries: self.total_entries,
                bytes: self.bytes,
                total_bytes: self.total_bytes,
            });
        }
    }
}

/// Counts the rows of an operator.
pub(crate) fn counter_of<'a>(stored: &SavepointOperator, callback: &'a mut Callback<'a>) -> ProgressCounter<'a> {
    let mut progress_counter = ProgressCounter::new(Phase::Scanning, callback);
    stored.files().iter().flat_map(RowsFile::states).for_each(|size| progress_counter.expect(size.entries, size.bytes));
    progress_counter
}
