//! Operators that are stored, but that the program does not have.

use super::error::{Problem, Refusal, RestoreError};
use super::options::RestoreOptions;
use crate::key_group::KeyGroupRange;
use crate::keyed::RetainedOperator;
use crate::savepoint::{Savepoint, SavepointOperator};

/// Checks that a program with these operators has a place for every operator of a savepoint. Operators with state of
/// their own are those that the options [name](RestoreOptions::with_operator_state).
///
/// [`Operator::plan`](crate::keyed::Operator::plan) checks this too, with the operators that the options name.
///
/// # Errors
/// Operators are stored that the program does not have, and the options do not allow that. The error names all.
pub fn check_operators(savepoint: &Savepoint, uids: &[&str], options: &RestoreOptions) -> Result<(), RestoreError> {
    let problems = operators_not_declared(savepoint, uids, &[], options);
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

/// `uids` are those of operators with keyed state, `of_states` of those with operator state.
pub(super) fn operators_not_declared(
    savepoint: &Savepoint,
    uids: &[&str],
    of_states: &[&str],
    options: &RestoreOptions,
) -> Vec<Problem> {
    if options.allow_non_restored_state {
        return Vec::new();
    }
    let allowed = |uid: &str| {
        [&options.dropped_operators, &options.retained_operators]
            .iter()
            .any(|named| named.iter().any(|known| known == uid))
    };
    let has = |uids: &[&str], named: &[String], uid: &str| {
        uids.contains(&uid) || named.iter().any(|known| known == uid) || allowed(uid)
    };
    // An operator without any state has nothing to lose.
    let keyed = savepoint.operators().iter().filter(|stored| !stored.meta().states().is_empty());
    let keyed = keyed.filter(|stored| !has(uids, &options.operators, stored.meta().uid()));
    let keyed = keyed.map(|stored| Problem::OperatorNotDeclared {
        operator: stored.meta().uid().to_owned(),
        entries: entries(stored),
    });
    let states = savepoint.operator_states().iter().filter(|stored| !stored.states().is_empty());
    let states = states.filter(|stored| !has(of_states, &options.operator_states, stored.uid()));
    let states = states.map(|stored| Problem::OperatorStatesNotDeclared {
        operator: stored.uid().to_owned(),
        entries: entries(&stored.0),
    });
    keyed.chain(states).collect()
}

/// What the next savepoint has to take over from this one: what is retained, and is there.
pub(super) fn retained_operators(savepoint: &Savepoint, options: &RestoreOptions) -> Vec<RetainedOperator> {
    let stored = |uid: &str| savepoint.operator(uid).is_some() || savepoint.operator_state(uid).is_some();
    let retained = options.retained_operators.iter().filter(|uid| stored(uid));
    let savepoint = savepoint.path().display().to_string();
    retained.map(|uid| RetainedOperator { uid: uid.clone(), savepoint: savepoint.clone() }).collect()
}

fn entries(operator: &SavepointOperator) -> u64 {
    let all = KeyGroupRange::all(operator.meta().max_parallelism());
    operator.meta().states().iter().map(|state| operator.size_of(state.id(), all).entries).sum()
}
