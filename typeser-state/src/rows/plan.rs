//! What becomes of the rows of one state.

use typeser::migrate::Migration;
use typeser::ordered::OrderedForm;

use super::time_to_live::TimeToLiveChange;

/// What becomes of the rows of one state.
pub(crate) struct RowPlan {
    /// For map keys; in a typed table, for keys.
    pub(crate) user_key: Option<Migration>,
    /// In a typed table, the forms around the fixed encoding in which keys are stored, and in which they will be.
    pub(crate) forms: KeyForms,
    pub(crate) value: Option<Migration>,
    pub(crate) time_to_live: TimeToLiveChange,
    /// The new number of the state, if it changes.
    pub(crate) id: Option<u16>,
}

/// The ordered forms of keys; `None` on a side that stores the fixed encoding.
#[derive(Clone, Default)]
pub(crate) struct KeyForms {
    pub(crate) stored: Option<OrderedForm>,
    pub(crate) new: Option<OrderedForm>,
}

impl KeyForms {
    /// Whether a form is taken off or put on.
    pub(crate) fn change(&self) -> bool {
        self.stored.is_some() || self.new.is_some()
    }
}

impl RowPlan {
    /// Every byte stays as it is.
    pub(crate) fn unchanged() -> Self {
        Self { user_key: None, forms: KeyForms::default(), value: None, time_to_live: TimeToLiveChange::None, id: None }
    }

    /// What becomes of the keys of a typed table; the values stay.
    pub(crate) fn of_keys(&self) -> Self {
        Self { user_key: self.user_key.clone(), forms: self.forms.clone(), ..Self::unchanged() }
    }

    /// Whether rows of a typed table stay as they are.
    pub(crate) fn keeps_rows(&self) -> bool {
        self.user_key.is_none() && self.value.is_none() && !self.forms.change()
    }

    pub(crate) fn migrations(&self) -> impl Iterator<Item = &Migration> {
        self.user_key.iter().chain(&self.value)
    }
}
