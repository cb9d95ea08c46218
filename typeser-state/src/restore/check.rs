//! Operators that are stored, but that the program does not have.

use super::{Problem, Refusal, RestoreError, RestoreOptions};
use crate::key_group::KeyGroupRange;
use crate::savepoint::{Savepoint, SavepointOperator};

/// Checks that a program with these operators has a place for every operator of a savepoint.
///
/// [`Operator::plan`](crate::keyed::Operator::plan) checks this too, with the operators that the options name.
///
/// # Errors
/// Operators are stored that the program does not have, and the options do not allow that. The error names all.
pub fn check_operators(savepoint: &Savepoint, uids: &[&str], options: &RestoreOptions) -> Result<(), RestoreError> {
    let problems = operators_not_declared(savepoint, uids, options);
    if problems.is_empty() {
        return Ok(());
    }
    Err(RestoreError::Refused(Box::new(Refusal {
        what: "the program".to_owned(),
        stored_in: savepoint.path().display().to_string(),
        problems,
        help: None,
    })))
}

pub(super) fn operators_not_declared(savepoint: &Savepoint, uids: &[&str], options: &RestoreOptions) -> Vec<Problem> {
    if options.allow_non_restored_state {
        return Vec::new();
    }
    let declared = |uid: &str| uids.contains(&uid) || options.operators.iter().any(|known| known == uid);
    let missing = savepoint.operators().iter().filter(|operator| !declared(operator.meta().uid()));
    missing
        .map(|operator| Problem::OperatorNotDeclared {
            operator: operator.meta().uid().to_owned(),
            entries: entries(operator),
        })
        .collect()
}

fn entries(operator: &SavepointOperator) -> u64 {
    let all = KeyGroupRange::all(operator.meta().max_parallelism());
    operator.meta().states().iter().map(|state| operator.size_of(state.id(), all).entries).sum()
}
