//! What becomes of the rows of one state.

use typeser::migrate::Migration;

use super::time_to_live::TimeToLiveChange;

/// What becomes of the rows of one state.
pub(crate) struct RowPlan {
    /// For map keys; in a typed table, for keys.
    pub(crate) user_key: Option<Migration>,
    pub(crate) value: Option<Migration>,
    pub(crate) time_to_live: TimeToLiveChange,
    /// The new number of the state, if it changes.
    pub(crate) id: Option<u16>,
}

impl RowPlan {
    /// Every byte stays as it is.
    pub(crate) fn unchanged() -> Self {
        Self { user_key: None, value: None, time_to_live: TimeToLiveChange::None, id: None }
    }

    /// What becomes of the keys of a typed table; the values stay.
    pub(crate) fn of_keys(&self) -> Self {
        Self { user_key: self.user_key.clone(), ..Self::unchanged() }
    }

    pub(crate) fn migrations(&self) -> impl Iterator<Item = &Migration> {
        self.user_key.iter().chain(&self.value)
    }
}
