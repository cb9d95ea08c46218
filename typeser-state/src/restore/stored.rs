//! What a savepoint holds of an operator, under its present uid or an earlier one.

use crate::keyed::Operator;
use crate::operator::OperatorStates;
use crate::savepoint::{Savepoint, SavepointOperator};

impl<K> Operator<K> {
    /// What a savepoint holds of the keyed state.
    pub(crate) fn stored_in<'a>(&self, savepoint: &'a Savepoint) -> Option<&'a SavepointOperator> {
        savepoint.operator(self.uid_among(|uid| savepoint.operator(uid).is_some()))
    }
}

impl OperatorStates {
    /// What a savepoint holds of the operator state.
    pub(crate) fn stored_in<'a>(&self, savepoint: &'a Savepoint) -> Option<&'a SavepointOperator> {
        let uid = self.operator.uid_among(|uid| savepoint.operator_state(uid).is_some());
        savepoint.operator_state(uid).map(|stored| &stored.0)
    }
}

/// The uid under which an operator is stored; if nothing is, its own.
pub(super) fn stored_uid<'a>(stored: Option<&'a SavepointOperator>, uid: &'a str) -> &'a str {
    stored.map_or(uid, |stored| stored.meta().uid())
}
