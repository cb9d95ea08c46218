//! What is to be done with every row of a savepoint, once nothing stands against it.

use typeser::migrate::{Cost, MigrateError, Migration, Scratch, Trust};
use typeser::resolve::{Compatibility, Resolution, Role};

use crate::descriptor::STAMP;
use crate::descriptor::{OperatorMeta, SerializerPart};
use crate::key_group::KeyGroup;
use crate::keyed::RowTooLarge;
use crate::processor::error::process::ProcessError;
use crate::processor::options::ProcessOptions;
use crate::row::put_sized;
use crate::rows::display::shown_key;
use crate::rows::dropped_data::Loss;
use crate::savepoint::{ReadSavepointError, Row, Rows, RowsFile, Savepoint, SavepointOperator};

/// What is to be done with a savepoint.
pub(crate) struct Job<'a> {
    pub(crate) savepoint: &'a Savepoint,
    /// All operators, in stored order: those with keyed state, then those with state of their own.
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
    pub(crate) lanes: Vec<Lane>,
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
    pub(crate) lane: Lane,
}

/// What is to be done with the rows of a state.
pub(crate) struct Lane {
    pub(crate) user_key: Option<Migration>,
    pub(crate) value: Option<Migration>,
    /// The worst verdict of what was given for it.
    pub(crate) verdict: Option<Compatibility>,
    /// How the values change, where that is to be looked for in them.
    pub(crate) resolution: Option<Resolution>,
    pub(crate) losses: Vec<Loss>,
    /// Whether its rows are left out.
    pub(crate) dropped: bool,
    /// Whether they are left out here because another operator gets them.
    pub(crate) elsewhere: bool,
    /// The number that the state gets, if it gets another one.
    pub(crate) id: Option<u16>,
}

impl Lane {
    /// Everything stays as it is.
    pub(crate) fn as_it_is() -> Self {
        Self {
            user_key: None,
            value: None,
            verdict: None,
            resolution: None,
            losses: Vec::new(),
            dropped: false,
            elsewhere: false,
            id: None,
        }
    }

    /// Another operator gets all rows.
    pub(crate) fn elsewhere() -> Self {
        Self { dropped: true, elsewhere: true, ..Self::as_it_is() }
    }

    /// Whether a row becomes another, or none.
    fn changes(&self) -> bool {
        self.dropped || self.id.is_some() || self.migrations().next().is_some()
    }

    fn migrations(&self) -> impl Iterator<Item = &Migration> {
        self.user_key.iter().chain(&self.value)
    }
}

impl<'a> OperatorJob<'a> {
    /// Nothing moves.
    pub(crate) fn new(stored: &'a SavepointOperator, meta: OperatorMeta, lanes: Vec<Lane>) -> Self {
        Self { stored, meta, key: None, key_verdict: None, lanes, regroup: false, joined: Vec::new() }
    }

    /// Whether rows may end in any file.
    pub(crate) fn moves(&self) -> bool {
        self.key.is_some() || self.regroup || !self.joined.is_empty()
    }

    /// Whether some row becomes another.
    pub(crate) fn changes_rows(&self) -> bool {
        self.moves() || self.lanes.iter().any(Lane::changes)
    }

    /// Everything that it is made of: a stored operator, and what is to be done with the rows of this number.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        let joined = self.joined.iter();
        std::iter::once(Source::Own(self)).chain(joined.map(Source::Joined))
    }

    pub(crate) fn uid(&self) -> &str {
        self.stored.meta().uid()
    }

    /// Its stored rows.
    pub(crate) fn rows<'s>(&self, savepoint: &'s Savepoint) -> Result<Rows<'s>, ReadSavepointError> {
        savepoint.rows_like(self.stored.meta())
    }

    /// Which state the rows of this number belong to.
    pub(crate) fn lane(&self, state_id: u16) -> Option<usize> {
        self.stored.meta().states().iter().position(|state| state.id() == state_id)
    }

    /// Whether some row of the file becomes another.
    pub(crate) fn changes(&self, file: &RowsFile) -> bool {
        self.moves()
            || file
                .states()
                .iter()
                .filter(|size| size.entries > 0)
                .any(|size| self.lane(size.state_id).is_none_or(|lane| self.lanes[lane].changes()))
    }

    /// What it costs to carry the rows of a state over.
    pub(crate) fn cost(&self, lane: &Lane) -> Cost {
        let rewritten = self.moves() || lane.dropped || lane.id.is_some();
        let least = if rewritten { Cost::Copy } else { Cost::Metadata };
        let costs = self.key.iter().chain(lane.migrations()).map(Migration::cost);
        costs.fold(least, |worst, cost| match (worst, cost) {
            (Cost::Convert, _) | (_, Cost::Convert) => Cost::Convert,
            (Cost::Copy, _) | (_, Cost::Copy) => Cost::Copy,
            (Cost::Metadata, Cost::Metadata) => Cost::Metadata,
        })
    }

    /// The stored key of a row as people read it, and the map key where it has one.
    pub(crate) fn shown_key(&self, row: &Row<'_>) -> String {
        shown_key(self.stored.meta(), row)
    }

    /// The error on a row that cannot be carried over.
    pub(crate) fn row_error(&self, row: &Row<'_>, failure: Failure) -> ProcessError {
        match failure {
            Failure::Migrate(role, source) => ProcessError::Row {
                operator: self.uid().to_owned(),
                state: row.state.name().to_owned(),
                role,
                key: self.shown_key(row),
                file: row.file.to_owned(),
                offset: row.offset,
                source: Box::new(source),
            },
            Failure::TooLarge(RowTooLarge { length }) => ProcessError::RowTooLarge { length },
        }
    }
}

/// Where rows of an operator come from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    Own(&'a OperatorJob<'a>),
    Joined(&'a Joined<'a>),
}

impl<'a> Source<'a> {
    pub(crate) fn stored(self) -> &'a SavepointOperator {
        match self {
            Self::Own(operator) => operator.stored,
            Self::Joined(joined) => joined.stored,
        }
    }

    /// What is to be done with rows of this number; `None` if they are left out.
    pub(crate) fn lane(self, state_id: u16) -> Option<&'a Lane> {
        match self {
            Self::Own(operator) => operator.lane(state_id).map(|lane| &operator.lanes[lane]),
            Self::Joined(joined) => Some(&joined.lane).filter(|_| joined.state_id == state_id),
        }
        .filter(|lane| !lane.dropped)
    }
}

/// Makes new rows of stored ones.
#[derive(Default)]
pub(crate) struct Transformer {
    scratch: Scratch,
    /// The stored key that was looked at last, what became of it (nothing if that failed), and where that lives: rows of a
    /// key lie together.
    stored_key: Vec<u8>,
    new_key: Vec<u8>,
    key_group: KeyGroup,
    row_key: Vec<u8>,
    value: Vec<u8>,
}

/// A row as it will be.
pub(crate) struct NewRow<'a> {
    pub(crate) key_group: KeyGroup,
    /// The user's key within the row's.
    pub(crate) key: &'a [u8],
    /// What stands behind key and namespace.
    pub(crate) rest: &'a [u8],
    /// The key of the row, whole.
    pub(crate) row_key: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// Why there is no new row.
pub(crate) enum Failure {
    Migrate(Role, MigrateError),
    TooLarge(RowTooLarge),
}

impl Transformer {
    /// What becomes of a row. Without `values`, its value is not looked at.
    pub(crate) fn transform<'s>(
        &'s mut self,
        operator: &OperatorJob<'_>,
        lane: &Lane,
        row: &Row<'s>,
        trust: Trust,
        values: bool,
    ) -> Result<NewRow<'s>, Failure> {
        let failed = |role| move |source| Failure::Migrate(role, source);
        if let Some(migration) = &operator.key
            && (self.new_key.is_empty() || self.stored_key != row.key.key)
        {
            self.new_key.clear();
            if let Err(error) = migration.run(row.key.key, trust, &mut self.scratch, &mut self.new_key) {
                self.new_key.clear();
                return Err(Failure::Migrate(Role::Key, error));
            }
            self.key_group = operator.meta.max_parallelism.group_of(&self.new_key);
            self.stored_key.clear();
            self.stored_key.extend_from_slice(row.key.key);
        }
        let value = match &lane.value {
            Some(migration) if values => {
                self.value.clear();
                let role = row.state.kind().role(SerializerPart::Value);
                // The reader has seen to it that there is a stamp where there has to be one.
                let stamp = if row.state.time_to_live().is_some() { STAMP.min(row.value.len()) } else { 0 };
                let (stamp, stored) = row.value.split_at(stamp);
                self.value.extend_from_slice(stamp);
                migration.run(stored, trust, &mut self.scratch, &mut self.value).map_err(failed(role))?;
                &self.value
            }
            _ => row.value,
        };
        let rest = row.key.rest;
        if operator.key.is_none() && lane.user_key.is_none() && !operator.regroup && lane.id.is_none() {
            let (key_group, key, row_key) = (row.key.key_group, row.key.key, row.key_bytes);
            return Ok(NewRow { key_group, key, rest, row_key, value });
        }
        self.row_key.clear();
        let (key_group, key) = match &operator.key {
            Some(_) => (self.key_group, self.new_key.as_slice()),
            None if operator.regroup => (operator.meta.max_parallelism.group_of(row.key.key), row.key.key),
            None => (row.key.key_group, row.key.key),
        };
        self.row_key.extend_from_slice(&key_group.to_be_bytes());
        self.row_key.extend_from_slice(&lane.id.unwrap_or(row.key.state_id).to_be_bytes());
        put_sized(key, &mut self.row_key).map_err(Failure::TooLarge)?;
        put_sized(row.key.namespace, &mut self.row_key).map_err(Failure::TooLarge)?;
        let rest_at = self.row_key.len();
        match &lane.user_key {
            Some(migration) => {
                migration.run(rest, trust, &mut self.scratch, &mut self.row_key).map_err(failed(Role::MapKey))?
            }
            None => self.row_key.extend_from_slice(rest),
        }
        Ok(NewRow { key_group, key, rest: &self.row_key[rest_at..], row_key: &self.row_key, value })
    }
}
