//! What a dry run reports: verdicts, rows, bytes, dropped data, and rows that could not be migrated.

use typeser::migrate::Cost;
use typeser::resolve::Compatibility;

use crate::descriptor::StateKind;
use crate::rows::dropped_data::DroppedDataCount;
use crate::rows::failure::RowFailure;

/// What a dry run found. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// Every state of the savepoint, in stored order.
    pub states: Vec<StateForecast>,
}

/// What becomes of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateForecast {
    /// The operator's uid.
    pub operator: String,
    /// The state.
    pub state: String,
    /// Its kind.
    pub kind: StateKind,
    /// The worst verdict of the serializers that were given for it, its operator's keys in a re-key among them; `None`
    /// if there are none, and it stays as it is.
    pub verdict: Option<Compatibility>,
    /// The cost of rewriting its rows.
    pub cost: Cost,
    /// How many rows there are.
    pub entries: u64,
    /// How many bytes of keys and values they take.
    pub bytes: u64,
    /// How many they will take; rows that could not be migrated are not among them.
    pub new_bytes: u64,
    /// How many rows move to another key group.
    pub moved: u64,
    /// What is dropped by declaration.
    pub dropped_data: Vec<DroppedDataCount>,
    /// How many rows could not be migrated. If there is one, the new savepoint is not written.
    pub failed: u64,
    /// The first few of them.
    pub failures: Vec<RowFailure>,
}

impl Forecast {
    /// How many rows could not be migrated.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.states.iter().map(|state| state.failed).sum()
    }
}
