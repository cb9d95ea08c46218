//! How far a restore has come.

use std::time::Duration;

use super::state_plan::StateVerdict;

/// How far the restore of a state has come. It is reported after every batch of rows, for each state with rows in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The operator's uid.
    pub operator: &'a str,
    /// The state.
    pub state: &'a str,
    /// What becomes of its rows.
    pub verdict: StateVerdict,
    /// How many rows are done.
    pub entries: u64,
    /// How many of them had expired, and were dropped.
    pub expired: u64,
    /// How many there are.
    pub total_entries: u64,
    /// How many stored bytes, keys and values, are done.
    pub bytes: u64,
    /// How many there are.
    pub total_bytes: u64,
    /// How long its rows have taken: reading and migrating them, and their share of writing each batch.
    pub time: Duration,
}
