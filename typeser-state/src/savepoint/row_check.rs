//! The checks of every row of a file. Writer and reader share them, so nothing is written that cannot be read.

use std::cmp::Ordering;

use super::operator::StateSize;
use crate::descriptor::{OperatorMeta, STAMP, StateKind, StateMeta};
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::row::{RowKey, TIMER, TimeDomain};

/// Checks the rows of a file in order, and counts them.
pub(super) struct RowCheck<'a> {
    operator: &'a OperatorMeta,
    key_groups: KeyGroupRange,
    /// The whole key of the preceding row; empty before the first one.
    last: Vec<u8>,
    /// The program's key within it, and the key group of its hash.
    key: Vec<u8>,
    key_group: Option<KeyGroup>,
    /// The size so far of each state of the operator, in the same order.
    sizes: Vec<StateSize>,
    /// The index of the preceding row's state: the rows of a state are adjacent.
    state: usize,
}

impl<'a> RowCheck<'a> {
    pub(super) fn new(operator: &'a OperatorMeta, key_groups: KeyGroupRange) -> Self {
        let sizes = operator.states.iter().map(|state| StateSize { state_id: state.id, ..StateSize::default() });
        let sizes = sizes.collect();
        Self { operator, key_groups, last: Vec::new(), key: Vec::new(), key_group: None, sizes, state: 0 }
    }

    /// Checks the next row. The error says what is wrong with it.
    pub(super) fn next(&mut self, bytes: &[u8], row: &RowKey<'_>, value: usize) -> Result<(), String> {
        match self.last.as_slice().cmp(bytes) {
            Ordering::Less => {}
            Ordering::Equal => return Err("two rows of the same key".to_owned()),
            Ordering::Greater => return Err("a row out of order".to_owned()),
        }
        if self.operator.states.get(self.state).is_none_or(|state| state.id != row.state_id) {
            let found = self.operator.states.iter().position(|state| state.id == row.state_id);
            self.state = found.ok_or_else(|| format!("a row of an unknown state {}", row.state_id))?;
        }
        let group = row.key_group;
        if !self.key_groups.contains(group) {
            return Err(format!("a row of key group {group} in a file of {}", self.key_groups));
        }
        let state = &self.operator.states[self.state];
        if state.kind.has_keys() {
            // A key is hashed once, not for each of its rows.
            let expected = match self.key_group {
                Some(known) if self.key == row.key => known,
                _ => {
                    self.key.clear();
                    self.key.extend_from_slice(row.key);
                    *self.key_group.insert(self.operator.max_parallelism.group_of(row.key))
                }
            };
            if group != expected {
                return Err(format!("a row in key group {group} whose key belongs to key group {expected}"));
            }
        } else if !row.key.is_empty() {
            return Err(format!("a row of `{}`, a {}, with a key", state.name, state.kind));
        }
        let kind = state.kind;
        let expected = match kind {
            StateKind::Value | StateKind::Reducing | StateKind::Aggregating | StateKind::RawKeyed => Some(0),
            StateKind::List | StateKind::SplitList | StateKind::UnionList | StateKind::RawSplit => {
                Some(size_of::<u64>())
            }
            StateKind::Timers => Some(TIMER),
            StateKind::Map | StateKind::Broadcast => None,
        };
        if expected.is_some_and(|expected| row.rest.len() != expected) {
            let found = row.rest.len();
            return Err(format!("a row of `{}`, a {kind}, with {found} bytes after its namespace", state.name));
        }
        if state.namespace.is_none() && !row.namespace.is_empty() {
            return Err(format!("a row of `{}`, which has no namespaces, with one", state.name));
        }
        if state.time_to_live.is_some() && value < STAMP {
            return Err(format!("a row of `{}` without the time of its last write", state.name));
        }
        if kind == StateKind::Timers && !TimeDomain::ALL.iter().any(|domain| row.rest.first() == Some(&domain.number()))
        {
            return Err(format!("a timer of `{}` in an unknown time domain", state.name));
        }
        if kind == StateKind::Timers && value > 0 {
            return Err(format!("a timer of `{}` with a value", state.name));
        }
        let size = &mut self.sizes[self.state];
        size.entries += 1;
        size.bytes += (bytes.len() + value) as u64;
        self.last.clear();
        self.last.extend_from_slice(bytes);
        Ok(())
    }

    /// The state of the row that was checked last.
    pub(super) fn state(&self) -> Option<&'a StateMeta> {
        self.operator.states.get(self.state)
    }

    /// The sizes of all states with rows, in numeric order.
    pub(super) fn sizes(&self) -> Vec<StateSize> {
        let mut sizes: Vec<_> = self.sizes.iter().filter(|size| size.entries > 0).copied().collect();
        sizes.sort_by_key(|size| size.state_id);
        sizes
    }

    /// Compares the sizes of the checked rows with those in the manifest.
    pub(super) fn difference(&self, said: &[StateSize]) -> Option<String> {
        self.operator.states.iter().zip(&self.sizes).find_map(|(state, found)| {
            let said = StateSize::total(state.id, said);
            let name = &state.name;
            let words = |size: &StateSize| format!("{} rows with {} bytes", size.entries, size.bytes);
            (said != *found).then(|| {
                format!("of state `{name}` the file holds {}; the manifest says {}", words(found), words(&said))
            })
        })
    }
}
