//! What is to be done with every row of a savepoint, once there are no problems.

use typeser::migrate::{Cost, Migration};
use typeser::resolve::Compatibility;

use crate::descriptor::OperatorMeta;
use crate::processor::error::process::ProcessError;
use crate::processor::options::ProcessOptions;
use crate::row::RowTooLarge;
use crate::rows::display::shown_key;
use crate::rows::dropped_data::DroppedData;
use crate::rows::plan::RowPlan;
use crate::rows::transform::{KeyPlan, RowError};
use crate::savepoint::{Row, RowsFile, Savepoint, SavepointOperator};

/// What is to be done with a savepoint.
pub(crate) struct Job<'a> {
    pub(crate) savepoint: &'a Savepoint,
    /// All operators, in stored order: those with keyed state, then those with operator state.
    pub(crate) operators: Vec<OperatorJob<'a>>,
    pub(crate) options: ProcessOptions,
}

/// What is to be done with an operator.
pub(crate) struct OperatorJob<'a> {
    pub(crate) stored: &'a SavepointOperator,
    /// What is stored of it from then on.
    pub(crate) meta: OperatorMeta,
    /// How its keys become others; `None` if they stay where they are.
    pub(crate) key: Option<Migration>,
    /// The verdict on its keys, if new ones were given.
    pub(crate) key_verdict: Option<Compatibility>,
    /// For each of its states, in stored order.
    pub(crate) states: Vec<StateJob>,
    /// Whether rows move to the key groups of another max parallelism.
    pub(crate) regroup: bool,
    /// States of other operators that come to it.
    pub(crate) joined: Vec<Joined<'a>>,
}

/// A state of another operator.
pub(crate) struct Joined<'a> {
    pub(crate) stored: &'a SavepointOperator,
    /// Its number there.
    pub(crate) state_id: u16,
    pub(crate) state: StateJob,
}

/// What is to be done with the rows of a state.
pub(crate) struct StateJob {
    pub(crate) rows: RowPlan,
    /// The worst verdict of what was given for it.
    pub(crate) verdict: Option<Compatibility>,
    pub(crate) dropped_data: DroppedData,
    /// Whether its rows are left out.
    pub(crate) dropped: bool,
    /// Whether they are left out here because another operator gets them.
    pub(crate) elsewhere: bool,
}

impl StateJob {
    /// Every row stays as it is.
    pub(crate) fn unchanged() -> Self {
        let rows = RowPlan::unchanged();
        Self { rows, verdict: None, dropped_data: DroppedData::default(), dropped: false, elsewhere: false }
    }

    /// Another operator gets all rows.
    pub(crate) fn elsewhere() -> Self {
        Self { dropped: true, elsewhere: true, ..Self::unchanged() }
    }

    /// Whether a row becomes another, or none.
    fn changes(&self) -> bool {
        self.dropped || self.rows.id.is_some() || self.rows.migrations().next().is_some()
    }
}

impl<'a> OperatorJob<'a> {
    /// Nothing moves.
    pub(crate) fn new(stored: &'a SavepointOperator, meta: OperatorMeta, states: Vec<StateJob>) -> Self {
        Self { stored, meta, key: None, key_verdict: None, states, regroup: false, joined: Vec::new() }
    }

    /// Whether rows may end in any file.
    pub(crate) fn moves(&self) -> bool {
        self.key.is_some() || self.regroup || !self.joined.is_empty()
    }

    /// Whether some row becomes another.
    pub(crate) fn changes_rows(&self) -> bool {
        self.moves() || self.states.iter().any(StateJob::changes)
    }

    /// Everything that it is made of: a stored operator, and what is to be done with the rows of this number.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        let joined = self.joined.iter().enumerate();
        let joined = joined.map(|(number, joined)| Source::Joined(self.states.len() + number, joined));
        std::iter::once(Source::Own(self)).chain(joined)
    }

    pub(crate) fn uid(&self) -> &str {
        self.stored.meta().uid()
    }

    /// What becomes of its keys.
    pub(crate) fn keys(&self) -> KeyPlan<'_> {
        let moves = self.key.is_some() || self.regroup;
        KeyPlan { migration: self.key.as_ref(), regroup: moves.then_some(self.meta.max_parallelism) }
    }

    /// What is to be done with the rows of this number.
    pub(crate) fn state(&self, state_id: u16) -> Option<(usize, &StateJob)> {
        let index = self.stored.meta().states().iter().position(|state| state.id() == state_id)?;
        Some((index, self.states.get(index)?))
    }

    /// Whether some row of the file becomes another.
    pub(crate) fn changes(&self, file: &RowsFile) -> bool {
        self.moves()
            || file
                .states()
                .iter()
                .filter(|size| size.entries > 0)
                .any(|size| self.state(size.state_id).is_none_or(|(_, state)| state.changes()))
    }

    /// The cost of rewriting the rows of a state.
    pub(crate) fn cost(&self, state: &StateJob) -> Cost {
        let rewritten = self.moves() || state.dropped || state.rows.id.is_some();
        let least = if rewritten { Cost::Copy } else { Cost::Metadata };
        let costs = self.key.iter().chain(state.rows.migrations()).map(Migration::cost);
        costs.fold(least, |worst, cost| match (worst, cost) {
            (Cost::Convert, _) | (_, Cost::Convert) => Cost::Convert,
            (Cost::Copy, _) | (_, Cost::Copy) => Cost::Copy,
            (Cost::Metadata, Cost::Metadata) => Cost::Metadata,
        })
    }

    /// The error on a row that cannot be migrated.
    #[cold]
    pub(crate) fn row_error(&self, row: &Row<'_>, error: RowError) -> ProcessError {
        let role = error.role(row.state.kind());
        match error {
            RowError::Key(source) | RowError::Part(_, source) => ProcessError::Row {
                operator: self.uid().to_owned(),
                state: row.state.name().to_owned(),
                role,
                key: shown_key(self.stored.meta(), row),
                file: row.file.to_owned(),
                offset: row.offset,
                source: Box::new(source),
            },
            RowError::TooLarge(RowTooLarge { length }) => ProcessError::RowTooLarge { length },
        }
    }
}

/// Where rows of an operator come from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    Own(&'a OperatorJob<'a>),
    /// Which of the states it is, behind those of the operator.
    Joined(usize, &'a Joined<'a>),
}

impl<'a> Source<'a> {
    pub(crate) fn stored(self) -> &'a SavepointOperator {
        match self {
            Self::Own(operator) => operator.stored,
            Self::Joined(_, joined) => joined.stored,
        }
    }

    /// What is to be done with rows of this number, and which of the states it is: those of the operator come first.
    pub(crate) fn state(self, state_id: u16) -> Option<(usize, &'a StateJob)> {
        match self {
            Self::Own(operator) => operator.state(state_id),
            Self::Joined(index, joined) => (joined.state_id == state_id).then_some((index, &joined.state)),
        }
    }
}
