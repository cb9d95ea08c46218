//! What a restore makes of one state.

use typeser::resolve::{Compatibility, Finding};

use crate::descriptor::StateKind;
use crate::rows::time_to_live::TimeToLiveChange;

/// What becomes of one state.
#[derive(Debug, Clone)]
pub struct StatePlan {
    pub(super) name: String,
    pub(super) kind: StateKind,
    pub(super) verdict: StateVerdict,
    pub(super) entries: u64,
    pub(super) bytes: u64,
    pub(super) findings: Vec<Finding>,
    pub(super) cause: Option<String>,
    pub(super) time_to_live: TimeToLiveChange,
}

/// What becomes of the stored rows of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateVerdict {
    /// There are none: the state is new and starts empty.
    New,
    /// They are left out, as the options say; the operator does not declare the state.
    Dropped,
    /// They are left out, as the options say; the operator declares the state, which starts empty.
    Reset,
    /// They are kept for the next savepoint, as the options say, though the operator does not declare the state.
    Retained,
    /// They are restored, as the worst verdict of the state's serializers says.
    Restored(Compatibility),
}

impl StatePlan {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> StateKind {
        self.kind
    }

    /// What becomes of its rows.
    #[must_use]
    pub fn verdict(&self) -> StateVerdict {
        self.verdict
    }

    /// How many rows are stored: values, elements of lists, entries of maps. An upper bound where this instance owns
    /// only a part of a file.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// How many bytes the keys and values of these rows take.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many of the rows are dropped because the whole state is: all of them if it is dropped or reset, otherwise
    /// none. What a migration drops of single values is counted by a [dry run](super::RestorePlan::dry_run).
    #[must_use]
    pub fn dropped_entries(&self) -> u64 {
        if self.verdict.drops_all() { self.entries } else { 0 }
    }

    /// How many bytes the keys and values of the dropped rows take.
    #[must_use]
    pub fn dropped_bytes(&self) -> u64 {
        if self.verdict.drops_all() { self.bytes } else { 0 }
    }

    /// What becomes of its time to live.
    #[must_use]
    pub fn time_to_live(&self) -> TimeToLiveChange {
        self.time_to_live
    }

    /// Which type of the operator changed, and with it this state, where the state was not
    /// [declared](crate::keyed::internal): ``input type of `W` changed, therefore its window state``.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// What has changed between the stored serializers and the new ones.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl StateVerdict {
    /// Whether no stored row has a place in the program.
    pub(super) fn drops_all(self) -> bool {
        matches!(self, Self::Dropped | Self::Reset)
    }
}

impl std::fmt::Display for StateVerdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::New => f.pad("new"),
            Self::Dropped => f.pad("dropped"),
            Self::Reset => f.pad("reset"),
            Self::Retained => f.pad("retained"),
            Self::Restored(compatibility) => compatibility.fmt(f),
        }
    }
}
