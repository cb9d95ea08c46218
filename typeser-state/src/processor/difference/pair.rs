//! Which states of two savepoints belong together, and in which order their rows are compared.

use std::collections::BTreeMap;

use typeser::SerializerSnapshot;
use typeser::resolve::{Compatibility, Role};

use super::not_compared::NotCompared;
use super::value::Values;
use crate::descriptor::{SerializerPart, StateKind, StateMeta};
use crate::processor::operators::all_operators;
use crate::processor::query::filter::Query;
use crate::rows::comparison::resolution_of;
use crate::savepoint::{Savepoint, SavepointOperator};

/// A state of an operator of one savepoint.
type State<'a> = (&'a SavepointOperator, &'a StateMeta);

/// The states of one name of an operator.
pub(super) struct Pair<'a> {
    pub(super) operator: &'a str,
    pub(super) state: &'a str,
    pub(super) before: Option<State<'a>>,
    pub(super) after: Option<State<'a>>,
    pub(super) values: Values,
    pub(super) kind: StateKind,
    pub(super) not_compared: Option<NotCompared>,
}

/// States of one operator whose rows are compared in one pass over both savepoints.
///
/// Rows are sorted by key group and then by the id of their state. Ids may differ between savepoints: a state that comes
/// earlier than in the savepoint before begins a further pass.
pub(super) struct Pass<'a> {
    pub(super) before: Option<&'a SavepointOperator>,
    pub(super) after: Option<&'a SavepointOperator>,
    pub(super) pairs: Vec<Pair<'a>>,
}

impl<'a> Pass<'a> {
    /// The ids of the states on one side, with the numbers of their pairs.
    pub(super) fn ids(&self, of: impl Fn(&Pair<'a>) -> Option<State<'a>>) -> Vec<(u16, usize)> {
        let compared = self.pairs.iter().enumerate().filter(|(_, pair)| pair.not_compared.is_none());
        compared.filter_map(|(number, pair)| Some((of(pair)?.1.id(), number))).collect()
    }
}

/// All passes that a query asks for: keyed state first, then operator state.
pub(super) fn passes<'a>(before: &'a Savepoint, after: &'a Savepoint, query: &Query) -> Vec<Pass<'a>> {
    let mut operators: BTreeMap<_, [Option<&SavepointOperator>; 2]> = BTreeMap::new();
    let mut order = Vec::new();
    for (side, savepoint) in [before, after].into_iter().enumerate() {
        for operator in all_operators(savepoint).filter(|operator| wanted(operator, query)) {
            let of = (!operator.meta().keyed, operator.meta().uid());
            order.push(of);
            operators.entry(of).or_default()[side] = Some(operator);
        }
    }
    order.sort_by_key(|(not_keyed, _)| *not_keyed);
    let mut passes = Vec::new();
    for of in order {
        if let Some([before, after]) = operators.remove(&of) {
            of_operator(before, after, query, &mut passes);
        }
    }
    passes
}

fn wanted(operator: &SavepointOperator, query: &Query) -> bool {
    let keyed_only = query.key_group.is_some() || query.key.is_some();
    let meta = operator.meta();
    query.operator.as_ref().is_none_or(|uid| uid == meta.uid()) && (meta.keyed || !keyed_only)
}

fn of_operator<'a>(
    before: Option<&'a SavepointOperator>,
    after: Option<&'a SavepointOperator>,
    query: &Query,
    passes: &mut Vec<Pass<'a>>,
) {
    let states = |operator: Option<&'a SavepointOperator>| -> Vec<State<'a>> {
        let states = operator.into_iter().flat_map(|operator| {
            let wanted = operator.meta().states().iter().filter(|state| query.wants(state));
            wanted.map(move |state| (operator, state))
        });
        let mut states: Vec<_> = states.collect();
        states.sort_by_key(|(_, state)| state.id());
        states
    };
    let (of_before, of_after) = (states(before), states(after));
    let find = |states: &[State<'a>], name: &str| states.iter().find(|(_, state)| state.name() == name).copied();
    let mut all: Vec<Vec<Pair<'a>>> = vec![Vec::new()];
    let mut last = None;
    for of_after in &of_after {
        let of_both = find(&of_before, of_after.1.name());
        let id = of_both.map(|(_, state)| state.id());
        if id.is_some() && id < last {
            all.push(Vec::new());
        }
        last = id.or(last);
        all.last_mut().into_iter().for_each(|pairs| pairs.extend(Pair::new(of_both, Some(*of_after))));
    }
    // Those that are gone take part in the first pass, each before the next one that both have.
    let first = &mut all[0];
    for gone in of_before.iter().filter(|(_, state)| find(&of_after, state.name()).is_none()) {
        let behind = |pair: &Pair<'_>| pair.before.is_some_and(|(_, state)| state.id() > gone.1.id());
        let place = first.iter().position(behind).unwrap_or(first.len());
        if let Some(pair) = Pair::new(Some(*gone), None) {
            first.insert(place, pair);
        }
    }
    let all = all.into_iter().filter(|pairs| !pairs.is_empty());
    passes.extend(all.map(|pairs| Pass { before, after, pairs }));
}

impl<'a> Pair<'a> {
    /// `None` if neither savepoint has it.
    fn new(before: Option<State<'a>>, after: Option<State<'a>>) -> Option<Self> {
        let (operator, state) = after.or(before)?;
        let (operator, kind, state) = (operator.meta().uid(), state.kind(), state.name());
        let (mut values, mut not_compared) = (Values::Decoded, None);
        if let (Some(before), Some(after)) = (before, after) {
            not_compared = different_places(before, after);
            values = Values::of(before.1, after.1);
        }
        Some(Self { operator, state, before, after, kind, values, not_compared })
    }
}

impl Pair<'_> {
    /// Whether two rows at the same place have the same value.
    pub(super) fn is_same(&self, before: &[u8], after: &[u8]) -> bool {
        let states = self.before.zip(self.after);
        states.is_some_and(|((_, stored), (_, new))| self.values.are_same((stored, before), (new, after)))
    }
}

/// Why the rows of a state lie at other places, if they do.
fn different_places((before, of_before): State<'_>, (after, of_after): State<'_>) -> Option<NotCompared> {
    let (operators, kinds) = ((before.meta(), after.meta()), (of_before.kind(), of_after.kind()));
    if !same_rows(kinds.0, kinds.1) {
        return Some(NotCompared::Kind { before: kinds.0, after: kinds.1 });
    }
    let (before, after) = (operators.0.max_parallelism(), operators.1.max_parallelism());
    if operators.0.keyed && before != after {
        return Some(NotCompared::MaxParallelism { before, after });
    }
    let keys = (kinds.0.has_keys()).then(|| differ(Role::Key, Some(operators.0.key()), Some(operators.1.key())));
    let part = |part| differ(kinds.1.role(part), of_before.serializer(part), of_after.serializer(part));
    keys.flatten().or_else(|| part(SerializerPart::Namespace)).or_else(|| part(SerializerPart::UserKey))
}

/// Why equal keys may have different bytes, if they may.
fn differ(role: Role, before: Option<&SerializerSnapshot>, after: Option<&SerializerSnapshot>) -> Option<NotCompared> {
    let same = match (before, after) {
        (Some(before), Some(after)) => {
            resolution_of((before, after), role).compatibility() == Compatibility::Compatible
        }
        (None, None) => true,
        _ => false,
    };
    let name = |snapshot: Option<&SerializerSnapshot>| {
        let name = snapshot.map(|snapshot| format!("`{}` ({})", snapshot.name(), snapshot.fingerprint().short()));
        name.unwrap_or_else(|| "none".to_owned())
    };
    (!same).then(|| NotCompared::Serializer { role, before: name(before), after: name(after) })
}

/// Whether the rows of two kinds lie at the same places.
fn same_rows(before: StateKind, after: StateKind) -> bool {
    let one_value = |kind| matches!(kind, StateKind::Value | StateKind::Reducing | StateKind::Aggregating);
    let list = |kind| matches!(kind, StateKind::SplitList | StateKind::UnionList);
    before == after || one_value(before) && one_value(after) || list(before) && list(after)
}
