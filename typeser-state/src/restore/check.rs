//! Operators that are stored, but that the program does not have.

use std::collections::BTreeSet;

use typeser::text::nearest;

use super::error::{Refusal, RestoreError};
use super::options::{NamedState, RestoreOptions};
use super::problem::Problem;
use crate::descriptor::{OperatorMeta, StateMeta};
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
    let mut problems = operators_not_declared(savepoint, uids, &[], options);
    problems.extend(options_without_match(savepoint, options));
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

/// Every option that names an operator or a state that the savepoint does not hold: silence would hide a misspelled name.
pub(super) fn options_without_match(savepoint: &Savepoint, options: &RestoreOptions) -> Vec<Problem> {
    let keyed = savepoint.operators().iter();
    let stored: Vec<&OperatorMeta> =
        keyed.chain(savepoint.operator_states().iter().map(|states| &states.0)).map(SavepointOperator::meta).collect();
    let states =
        [("drop_state", &options.dropped), ("reset_state", &options.reset), ("retain_state", &options.retained)];
    let states = states.into_iter().flat_map(|(verb, named)| named.iter().map(move |named| (verb, named)));
    let operators = [("drop_operator", &options.dropped_operators), ("retain_operator", &options.retained_operators)];
    let operators = operators.into_iter().flat_map(|(verb, named)| named.iter().map(move |named| (verb, named)));
    let states = states.filter_map(|(verb, named)| state_not_stored(&stored, verb, named));
    states.chain(operators.filter_map(|(verb, uid)| operator_not_stored(&stored, verb, uid))).collect()
}

fn state_not_stored(stored: &[&OperatorMeta], verb: &str, named: &NamedState) -> Option<Problem> {
    let NamedState { operator, state } = named;
    let of_uid = || stored.iter().filter(|stored| stored.uid() == operator).flat_map(|stored| stored.states());
    if of_uid().any(|stored| stored.name() == state) {
        return None;
    }
    let option = |uid: &str, state: &str| format!("{verb}({uid:?}, {state:?})");
    let is_stored = stored.iter().any(|stored| stored.uid() == operator);
    let reason = match of_uid().next() {
        _ if !is_stored => format!("the savepoint holds no operator `{operator}`, but {}", uids(stored)),
        None => format!("the savepoint holds no state of operator `{operator}`"),
        Some(_) => format!("operator `{operator}` has {}", names(of_uid().map(StateMeta::name))),
    };
    // A misspelled uid is more likely than one of another operator that happens to have such a state.
    let with_state = |uid: &str| stored.iter().any(|stored| stored.uid() == uid && stored.state(state).is_some());
    let other_uid = || {
        let known: Vec<&str> = stored.iter().map(|stored| stored.uid()).filter(|uid| with_state(uid)).collect();
        nearest(operator, known.iter().copied())
            .or_else(|| if known.len() == 1 { known.first().copied() } else { None })
    };
    let similar = match nearest(state, of_uid().map(StateMeta::name)) {
        Some(name) => Some(option(operator, name)),
        None => other_uid().map(|uid| option(uid, state)),
    };
    Some(Problem::OptionMatchesNothing { option: option(operator, state), reason, similar })
}

fn operator_not_stored(stored: &[&OperatorMeta], verb: &str, uid: &str) -> Option<Problem> {
    let option = |uid: &str| format!("{verb}({uid:?})");
    let unknown = !stored.iter().any(|stored| stored.uid() == uid);
    unknown.then(|| Problem::OptionMatchesNothing {
        option: option(uid),
        reason: format!("the savepoint holds no operator `{uid}`, but {}", uids(stored)),
        similar: nearest(uid, stored.iter().map(|stored| stored.uid())).map(option),
    })
}

/// The uids of what is stored, as text.
fn uids(stored: &[&OperatorMeta]) -> String {
    names(stored.iter().map(|stored| stored.uid()))
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: BTreeSet<String> = names.map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "nothing".to_owned(),
        _ => names.into_iter().collect::<Vec<_>>().join(", "),
    }
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
