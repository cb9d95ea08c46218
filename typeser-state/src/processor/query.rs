//! What is asked of a savepoint: which rows, and what happens where some cannot be read.

use super::migrate::all_operators;
use super::{Entries, QueryError};
use crate::descriptor::{OperatorMeta, StateKind, StateMeta};
use crate::key_group::KeyGroup;
use crate::savepoint::{Savepoint, SavepointOperator};

/// Which rows of a savepoint to read. Nothing said is no condition.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub(super) operator: Option<String>,
    pub(super) state: Option<String>,
    pub(super) kind: Option<StateKind>,
    pub(super) key: Option<String>,
    pub(super) key_group: Option<KeyGroup>,
    pub(super) go_on: bool,
}

impl Query {
    /// All rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those of the operator of this uid.
    #[must_use]
    pub fn operator(mut self, uid: impl Into<String>) -> Self {
        self.operator = Some(uid.into());
        self
    }

    /// Only those of states of this name.
    #[must_use]
    pub fn state(mut self, name: impl Into<String>) -> Self {
        self.state = Some(name.into());
        self
    }

    /// Only those of states of this kind. Files that hold none of them are not opened.
    #[must_use]
    pub fn of_kind(mut self, kind: StateKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Only those of the key that reads so: as text, as JSON, or, of a string, without quotes. Rows without a key are left
    /// out.
    #[must_use]
    pub fn key(mut self, text: impl Into<String>) -> Self {
        self.key = Some(text.into());
        self
    }

    /// Only those of this key group. Files that do not hold it are not opened; the state of operators themselves is left
    /// out.
    #[must_use]
    pub fn key_group(mut self, key_group: KeyGroup) -> Self {
        self.key_group = Some(key_group);
        self
    }

    /// Goes on behind rows that are damaged or cannot be decoded: each is told as an error, and then the next rows come.
    #[must_use]
    pub fn go_on_behind_errors(mut self) -> Self {
        self.go_on = true;
        self
    }

    /// Whether rows of this state are asked for.
    pub(super) fn wants(&self, state: &StateMeta) -> bool {
        let named = self.state.as_ref().is_none_or(|name| name == state.name());
        named && self.kind.is_none_or(|kind| kind == state.kind())
    }

    /// Reads, one row at a time: keyed state, then the state of operators themselves.
    ///
    /// # Errors
    /// The savepoint holds no such operator or state.
    pub fn run<'a>(&self, savepoint: &'a Savepoint) -> Result<Entries<'a>, QueryError> {
        Ok(Entries::new(savepoint, self.operators(savepoint)?, self.clone()))
    }

    /// The operators that are asked for.
    pub(super) fn operators<'a>(&self, savepoint: &'a Savepoint) -> Result<Vec<&'a SavepointOperator>, QueryError> {
        let wanted = |uid: &str| self.operator.as_ref().is_none_or(|operator| operator == uid);
        let operators = all_operators(savepoint).filter(|operator| wanted(operator.meta().uid()));
        let operators: Vec<_> = operators.collect();
        if let Some(uid) = &self.operator
            && operators.is_empty()
        {
            let mut known: Vec<_> = all_operators(savepoint).map(|operator| operator.meta().uid().to_owned()).collect();
            let mut seen = std::collections::HashSet::new();
            known.retain(|uid| seen.insert(uid.clone()));
            return Err(QueryError::NoSuchOperator { savepoint: savepoint.path().to_owned(), uid: uid.clone(), known });
        }
        if let Some(name) = &self.state
            && !operators.iter().any(|operator| operator.meta().state(name).is_some())
        {
            let states = operators.iter().flat_map(|operator| operator.meta().states());
            let known = states.map(|state| state.name().to_owned()).collect();
            return Err(QueryError::NoSuchState { savepoint: savepoint.path().to_owned(), name: name.clone(), known });
        }
        if let Some(found) = self.key_group
            && let keyed = operators.iter().map(|operator| operator.meta()).filter(|meta| meta.keyed)
            && let Some(most) = keyed.map(OperatorMeta::max_parallelism).max()
            && found >= most.groups()
        {
            return Err(QueryError::NoSuchKeyGroup { savepoint: savepoint.path().to_owned(), found, most });
        }
        Ok(operators)
    }
}
