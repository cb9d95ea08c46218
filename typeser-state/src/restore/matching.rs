//! Matching: every stored state meets the declared one of its name, and the resolver says what that means.

use typeser::resolve::{Compatibility, Resolution, Role};
use typeser::{SerializerSnapshot, StateKey, TypeSerializer};

use super::options::{NamedState, RestoreOptions};
use super::problem::Problem;
use crate::descriptor::{Declared, Link, OperatorMeta, SerializerPart, StateKind, StateMeta};
use crate::keyed::{Namespace, Operator, Slot};
use crate::rows::comparison::{Comparer, Comparison};
use crate::rows::time_to_live::TimeToLiveChange;

/// What becomes of an operator's stored state.
pub(super) struct Matching {
    /// Of the keys; `None` if nothing is stored of the operator.
    pub(super) key: Option<Resolution>,
    /// What is stored first, then what is new.
    pub(super) states: Vec<MatchedState>,
    pub(super) problems: Vec<Problem>,
}

/// What becomes of a state.
pub(super) struct MatchedState {
    pub(super) name: String,
    pub(super) id: u16,
    pub(super) action: StateAction,
}

pub(super) enum StateAction {
    /// Nothing is stored; it starts empty.
    Create {
        /// Which of the declared states it is.
        declared: usize,
    },
    /// What is stored is left out.
    Drop { kind: StateKind },
    /// What is stored is left out, and the state starts empty.
    Reset {
        /// Which of the declared states it is.
        declared: usize,
    },
    /// What is stored is kept as it is for the next savepoint, though it is not declared.
    Retain { kind: StateKind },
    /// What is stored is restored.
    Restore {
        declared: usize,
        /// For each part of the state's kind, in order, then for its namespaces.
        parts: Vec<(SerializerPart, Resolution)>,
        time_to_live: TimeToLiveChange,
    },
}

/// Matches what is stored of an operator, if anything is, with what it declares. `elsewhere` says whether an option that
/// names a state means another one of this uid: keyed state and operator state can have the same names.
pub(super) fn match_operator<K: StateKey>(
    operator: &Operator<K>,
    stored: Option<&OperatorMeta>,
    options: &RestoreOptions,
    origin: &str,
    elsewhere: impl Fn(&str) -> bool,
    entries: impl Fn(&StateMeta) -> Option<u64>,
) -> Matching {
    let mut matching = Matching { key: None, states: Vec::new(), problems: Vec::new() };
    let mut restored = vec![false; operator.states.len()];
    if let Some(stored) = stored {
        let comparer = Comparer::new(&options.policy, origin);
        let subject = format!("key of operator `{}`", operator.uid);
        let sides = (&stored.key, operator.key.snapshot());
        let key = compatible(comparer.compare(subject, sides, Role::Key), &mut matching.problems);
        matching.key = Some(key);
        for state in &stored.states {
            let declared = declared_as(operator, stored, &state.name);
            let named = |states: &[NamedState]| states.iter().any(|named| named.is(&stored.uid, &state.name));
            let (dropped, reset) = (named(&options.dropped), named(&options.reset));
            if declared.is_some() && dropped && !elsewhere(&state.name) {
                matching.problems.push(Problem::StateStillDeclared {
                    operator: operator.uid.clone(),
                    state: state.name.clone(),
                    kind: state.kind,
                    entries: entries(state),
                });
            }
            let action = match declared.map(|index| (index, &operator.states[index])) {
                Some((index, _)) if reset => {
                    restored[index] = true;
                    StateAction::Reset { declared: index }
                }
                Some((index, declared)) if declared.kind().has_rows_of(state.kind) => {
                    restored[index] = true;
                    let parts = match_state(&operator.uid, state, &**declared, comparer, &mut matching.problems);
                    if !options.only_read {
                        matching.problems.extend(read_only(&operator.uid, state, &parts));
                    }
                    let time_to_live = TimeToLiveChange::of(state.time_to_live, declared.common().time_to_live);
                    StateAction::Restore { declared: index, parts, time_to_live }
                }
                Some((index, declared)) => {
                    restored[index] = true;
                    matching.problems.push(Problem::StateKindChanged {
                        operator: operator.uid.clone(),
                        state: state.name.clone(),
                        stored: state.kind,
                        new: declared.kind(),
                    });
                    StateAction::Drop { kind: state.kind }
                }
                None if !dropped && named(&options.retained) => StateAction::Retain { kind: state.kind },
                None => {
                    let reset = reset && !elsewhere(&state.name);
                    if !dropped && (reset || !options.allow_non_restored_state) {
                        matching.problems.push(Problem::StateNotDeclared {
                            operator: operator.uid.clone(),
                            state: state.name.clone(),
                            kind: state.kind,
                            entries: entries(state),
                            similar: new_and_similar(operator, stored, state),
                        });
                    }
                    StateAction::Drop { kind: state.kind }
                }
            };
            let name = match &action {
                StateAction::Restore { declared, .. } | StateAction::Reset { declared } => {
                    operator.states[*declared].name()
                }
                _ => &state.name,
            };
            matching.states.push(MatchedState { name: name.to_owned(), id: state.id, action });
        }
    }
    let mut free =
        (0..=u16::MAX).filter(|id| !stored.is_some_and(|stored| stored.states.iter().any(|state| state.id == *id)));
    for (index, declared) in operator.states.iter().enumerate().filter(|(index, _)| !restored[*index]) {
        let name = declared.name().to_owned();
        match free.next() {
            Some(id) => {
                matching.states.push(MatchedState { name, id, action: StateAction::Create { declared: index } })
            }
            None => {
                matching.problems.push(Problem::TooManyStates { operator: operator.uid.clone(), state: name });
            }
        }
    }
    matching
}

/// The declared state that a stored one becomes: that of its name, or the first that had this name earlier and of which
/// nothing else is stored.
pub(super) fn declared_as<K>(operator: &Operator<K>, stored: &OperatorMeta, name: &str) -> Option<usize> {
    let is_stored = |name: &str| stored.states.iter().any(|state| state.name == name);
    let of_earlier_name = |declared: &dyn Declared| {
        let earlier = &declared.common().earlier_names;
        // With several of its names stored, the last one is what the latest release wrote.
        !is_stored(declared.name())
            && earlier.iter().rev().find(|name| is_stored(name)).is_some_and(|last| last == name)
    };
    let declared = || operator.states.iter().map(|declared| &**declared);
    declared().position(|it| it.name() == name).or_else(|| declared().position(of_earlier_name))
}

/// The declared states for which nothing is stored, with the rows and the serializers of a stored state.
fn new_and_similar<K: StateKey>(operator: &Operator<K>, stored: &OperatorMeta, state: &StateMeta) -> Vec<String> {
    let is_new = |declared: &dyn Declared| !stored.states.iter().any(|other| other.name == declared.name());
    let is_similar = |declared: &dyn Declared| {
        let is_equal = |part: &SerializerPart| {
            let (was, now) = (state.serializer(*part), declared.snapshot(*part));
            was.map(SerializerSnapshot::fingerprint) == now.map(SerializerSnapshot::fingerprint)
        };
        let namespace = declared.common().namespace.as_ref().map(|namespace| namespace.snapshot().fingerprint());
        declared.kind().has_rows_of(state.kind)
            && state.kind.parts().iter().all(is_equal)
            && state.namespace.as_ref().map(SerializerSnapshot::fingerprint) == namespace
    };
    let declared = operator.states.iter().map(|declared| &**declared);
    declared.filter(|it| is_new(*it) && is_similar(*it)).map(|it| it.name().to_owned()).collect()
}

fn match_state(
    operator: &str,
    stored: &StateMeta,
    declared: &dyn Declared,
    comparer: Comparer<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(SerializerPart, Resolution)> {
    let namespace = declared.common().namespace.as_ref().map(|namespace| namespace.snapshot());
    if stored.namespace.is_some() != namespace.is_some() {
        problems.push(Problem::NamespacesChanged {
            operator: operator.to_owned(),
            state: stored.name.clone(),
            kind: stored.kind,
            stored: stored.namespace.as_ref().map(|namespace| namespace.name().to_owned()),
            new: namespace.map(|namespace| namespace.name().to_owned()),
        });
    }
    let sides = stored.kind.parts().iter().chain(&[SerializerPart::Namespace]).filter_map(|part| {
        // Both sides have all parts of their kind: the reader of savepoints and the descriptors see to it.
        let now = if *part == SerializerPart::Namespace { namespace } else { declared.snapshot(*part) };
        Some((*part, stored.serializer(*part)?, now?))
    });
    sides
        .map(|(part, was, now)| {
            let role = declared.kind().role(part);
            let subject = format!("{role} of state `{}` of operator `{operator}`", stored.name);
            let known = problems.len();
            let resolution = compatible(comparer.compare(subject, (was, now), role), problems);
            // Where the program did not declare the type itself, the report names where it comes from.
            let follows = declared.common().derived_from.filter(|_| part != SerializerPart::Namespace);
            if let (Some(follows), Some(Problem::Incompatible(report))) = (follows, problems.get(known)) {
                let report = report.clone();
                problems[known] = Problem::InternalState { cause: follows.cause(operator), report };
            }
            (part, resolution)
        })
        .collect()
}

/// The problem that a state would be restored without fields of a newer release, if it would.
fn read_only(operator: &str, stored: &StateMeta, parts: &[(SerializerPart, Resolution)]) -> Option<Problem> {
    let read_only = parts.iter().map(|(_, resolution)| resolution).filter(|resolution| resolution.is_read_only());
    let fields: Vec<String> =
        read_only.flat_map(Resolution::left_out).map(|finding| format!("{}{}", finding.role, finding.path)).collect();
    let (operator, state) = (operator.to_owned(), stored.name.clone());
    (!fields.is_empty()).then_some(Problem::ReadOnly { operator, state, fields })
}

/// The resolution; its report becomes a problem where the verdict is incompatible.
fn compatible(comparison: Comparison, problems: &mut Vec<Problem>) -> Resolution {
    if comparison.resolution.compatibility() == Compatibility::Incompatible {
        problems.push(Problem::Incompatible(Box::new(comparison.report)));
    }
    comparison.resolution
}

impl Matching {
    /// How the keys' serializer meets the stored keys.
    pub(super) fn key_link(&self) -> Link<'_> {
        self.key.as_ref().map_or(Link::Plain, Link::Adopt)
    }
}

impl MatchedState {
    /// The worst verdict of its parts; `None` if nothing is restored.
    pub(super) fn compatibility(&self) -> Option<Compatibility> {
        match &self.action {
            StateAction::Restore { parts, time_to_live, .. } => Some(
                parts
                    .iter()
                    .map(|(_, resolution)| resolution.compatibility())
                    .fold(time_to_live.compatibility(), Compatibility::join),
            ),
            StateAction::Create { .. }
            | StateAction::Drop { .. }
            | StateAction::Reset { .. }
            | StateAction::Retain { .. } => None,
        }
    }
}

/// An operator whose serializers met what is stored: what to store of it from now on, and the states to work with.
pub(super) struct Linked {
    pub(super) meta: OperatorMeta,
    pub(super) slots: Vec<Slot>,
    pub(super) namespaces: Vec<Namespace>,
}

/// Links every declared state as the matching says. There must be no problems.
pub(super) fn link<K: StateKey>(
    operator: &Operator<K>,
    matching: &Matching,
    key: SerializerSnapshot,
    stored: Option<&OperatorMeta>,
) -> Result<Linked, typeser::migrate::NotAdoptable> {
    let mut states = Vec::new();
    let mut slots = Vec::new();
    let mut namespaces: Vec<Namespace> = Vec::new();
    for (index, declared) in operator.states.iter().enumerate() {
        let matched = matching.states.iter().find_map(|state| match &state.action {
            StateAction::Create { declared } | StateAction::Reset { declared } if *declared == index => {
                Some((state.id, &[][..]))
            }
            StateAction::Restore { declared, parts, .. } if *declared == index => Some((state.id, parts.as_slice())),
            _ => None,
        });
        let Some((id, parts)) = matched else { continue };
        let links: Vec<Link<'_>> = parts.iter().map(|(_, resolution)| link_of(resolution)).collect();
        let serializers = declared
            .kind()
            .parts()
            .iter()
            .enumerate()
            .filter_map(|(index, part)| {
                let adopted = parts.get(index).and_then(|(_, resolution)| resolution.adopted());
                Some((*part, adopted.or_else(|| declared.snapshot(*part))?.clone()))
            })
            .collect();
        let of_namespace = parts.iter().find(|(part, _)| *part == SerializerPart::Namespace);
        let of_namespace = of_namespace.map_or(Link::Plain, |(_, resolution)| link_of(resolution));
        let linked = declared.common().namespace.as_ref().map(|namespace| namespace.link(of_namespace)).transpose()?;
        let snapshot = linked.as_ref().map(|namespace| namespace.snapshot().clone());
        let namespace = linked.map(|linked| {
            let known = namespaces.iter().position(|known| known.serializer().is_same(&*linked));
            known.unwrap_or_else(|| {
                namespaces.push(Namespace::new(linked));
                namespaces.len() - 1
            })
        });
        let (name, kind, time_to_live) = (declared.name().to_owned(), declared.kind(), declared.common().time_to_live);
        let linked = declared.link(&links)?;
        slots.push(Slot { id, name: name.clone(), serializers: linked, namespace, time_to_live });
        states.push(StateMeta { id, name, kind, serializers, namespace: snapshot, time_to_live });
    }
    let (uid, max_parallelism) = (operator.uid.clone(), operator.max_parallelism);
    let retained = matching.states.iter().filter(|state| matches!(state.action, StateAction::Retain { .. }));
    let retained = retained.filter_map(|state| stored?.states.iter().find(|stored| stored.id == state.id));
    states.extend(retained.cloned());
    let meta = OperatorMeta { keyed: operator.keyed, uid, max_parallelism, key, states };
    Ok(Linked { meta, slots, namespaces })
}

/// Unchanged bytes are taken over; for migrated bytes, the serializer stays the same.
fn link_of(resolution: &Resolution) -> Link<'_> {
    if resolution.compatibility() < Compatibility::RequiresMigration { Link::Adopt(resolution) } else { Link::Plain }
}
