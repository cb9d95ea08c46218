//! Checks that every target names something that the savepoint holds.

use typeser::resolve::Role;

use super::targets::{Target, Targets};
use crate::processor::error::process::ProcessError;
use crate::processor::operators::{all_operators, has_one_operator};
use crate::savepoint::{Savepoint, SavepointOperator};

/// Every new serializer has a place: one that has none is a mistake in a name.
pub(crate) fn check_targets(savepoint: &Savepoint, targets: &Targets) -> Result<(), ProcessError> {
    let only = has_one_operator(savepoint);
    let mut places: Vec<(&str, Option<&str>, Role)> = Vec::new();
    for meta in all_operators(savepoint).map(SavepointOperator::meta) {
        if meta.keyed {
            places.push((meta.uid(), None, Role::Key));
        }
        for state in meta.states() {
            let roles = state.all_serializers().map(|(part, _)| state.kind().role(part));
            places.extend(roles.map(|role| (meta.uid(), Some(state.name()), role)));
        }
    }
    let is_known = |target: &&Target| places.iter().any(|(uid, state, role)| target.is_for(uid, only, *state, *role));
    let unknown: Vec<String> =
        targets.targets.iter().filter(|target| !is_known(target)).map(Target::to_string).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let known = places.into_iter().map(|(uid, state, role)| match state {
        Some(state) => format!("{role} of state `{state}` of operator `{uid}`"),
        None => format!("{role} of operator `{uid}`"),
    });
    Err(ProcessError::UnknownTargets { savepoint: savepoint.path().to_owned(), unknown, known: known.collect() })
}

/// Every target is the key of an operator of the savepoint.
pub(crate) fn check_key_targets(savepoint: &Savepoint, targets: &Targets) -> Result<(), ProcessError> {
    let uids = || savepoint.operators().iter().map(|operator| operator.meta().uid());
    let only = has_one_operator(savepoint);
    let is_key = |target: &&Target| uids().any(|uid| target.is_for(uid, only, None, Role::Key));
    let unknown: Vec<String> = targets.targets.iter().filter(|target| !is_key(target)).map(Target::to_string).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let known = uids().map(|uid| format!("key of operator `{uid}`")).collect();
    Err(ProcessError::UnknownTargets { savepoint: savepoint.path().to_owned(), unknown, known })
}
