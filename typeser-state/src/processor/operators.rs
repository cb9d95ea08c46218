//! The operators of a savepoint, with keyed state and without.

use crate::descriptor::StateKind;
use crate::key_group::KeyGroupRange;
use crate::savepoint::{Savepoint, SavepointOperator};

/// Operators with keyed state, then operators with operator state; an operator may have both.
pub(crate) fn all_operators(savepoint: &Savepoint) -> impl Iterator<Item = &SavepointOperator> {
    savepoint.operators().iter().chain(savepoint.operator_states().iter().map(|operator| &operator.0))
}

/// Whether what names no operator can be for one only.
pub(crate) fn has_one_operator(savepoint: &Savepoint) -> bool {
    let mut uids = all_operators(savepoint).map(|operator| operator.meta().uid());
    uids.next().is_some_and(|first| uids.all(|uid| uid == first))
}

/// A raw keyed state with rows: only its program knows which keys its bytes are about.
pub(crate) fn raw_with_rows(operator: &SavepointOperator) -> Option<&str> {
    let all = KeyGroupRange::all(operator.meta().max_parallelism());
    let raw = operator.meta().states().iter().filter(|state| state.kind() == StateKind::RawKeyed);
    let mut with_rows = raw.filter(|state| operator.size_of(state.id(), all).entries > 0);
    with_rows.next().map(|state| state.name())
}
