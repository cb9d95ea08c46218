//! Opening a backend: an empty one, or one that this operator has filled before.

use std::sync::Arc;

use typeser::report::Report;
use typeser::resolve::Compatibility;
use typeser::{StateKey, TypeSerializer};

use super::error::{Refusal, RestoreError};
use super::local::{self, Contents};
use super::matching::{Matching, StateAction, link, match_operator};
use super::options::RestoreOptions;
use super::problem::Problem;
use crate::backend::{Backend, MemoryBackend};
use crate::descriptor::{OperatorMeta, StateMeta};
use crate::keyed::{KeyedStateBackend, Operator, Parts};
use crate::operator::{OperatorStateStore, OperatorStates};
use crate::rows::time_to_live::TimeToLiveChange;

impl<K: StateKey> Operator<K> {
    /// Opens a backend that is empty, or that holds the state of this operator instance.
    ///
    /// State that is there is resolved, every part of it before any is touched. Opening migrates nothing: where a
    /// migration is due, take a savepoint and [restore](Operator::restore) it.
    ///
    /// # Errors
    /// What the backend holds does not fit; see [`RestoreError`].
    pub fn open<B: Backend>(&self, mut backend: B) -> Result<KeyedStateBackend<K, B>, RestoreError> {
        let stored = match local::contents(&mut backend)? {
            Contents::Nothing => None,
            Contents::Unfinished { savepoint } => return Err(RestoreError::Unfinished { savepoint }),
            Contents::Unknown => {
                let reason = "it has rows, but nothing says whose".to_owned();
                return Err(RestoreError::Unreadable { reason });
            }
            Contents::Operator(bytes) => Some(self.own(&bytes)?),
        };
        // What is retained in the backend stays in it, unless it is declared again.
        let mut retained = local::retained(&mut backend)?;
        let states = stored.iter().flat_map(|stored| stored.states().iter().map(|state| (stored.uid(), state)));
        let retained_states = states.filter(|(_, state)| retained.states.contains(&state.id()));
        let retain =
            |options: RestoreOptions, (uid, state): (&str, &StateMeta)| options.retain_state(uid, state.name());
        let options = retained_states.fold(RestoreOptions::new(), retain);
        let operator = self.planned(stored.as_ref());
        let mut matching = match_operator(&operator, stored.as_ref(), &options, "the backend", |_| false, |_| None);
        let changed = stored.as_ref().and_then(|stored| operator.max_parallelism_changed(stored));
        matching.problems.splice(0..0, changed);
        self.refuse_migrations(&mut matching);
        if !matching.problems.is_empty() {
            return Err(RestoreError::Refused(Box::new(Refusal {
                what: format!("operator `{}`", self.uid),
                stored_in: "the backend".to_owned(),
                problems: matching.problems,
                help: Some(
                    "opening migrates and drops nothing: take a savepoint with the release that wrote this state, and \
                     restore from it",
                ),
            })));
        }
        let key = matching.key_link().apply(&self.key)?;
        let linked = link(&operator, &matching, key.snapshot().clone(), stored.as_ref())?;
        let still = matching.states.iter().filter(|state| matches!(state.action, StateAction::Retain { .. }));
        let still: Vec<u16> = still.map(|state| state.id).collect();
        let declared_again = still != retained.states;
        retained.states = still;
        let tables = local::tables(&mut backend)?;
        if stored.as_ref() != Some(&linked.meta) || declared_again {
            local::store(&mut backend, tables.metadata, operator.key_groups(), &linked.meta, &retained)?;
        }
        Ok(KeyedStateBackend::new(Parts {
            token: self.token,
            meta: linked.meta,
            key_groups: operator.key_groups(),
            key,
            slots: linked.slots,
            namespaces: linked.namespaces,
            clock: Arc::clone(&self.clock),
            retained_operators: retained.operators,
            backend,
            rows: tables.rows,
            timers: tables.timers,
        }))
    }

    /// What the backend says of its state, if it is that of this instance.
    fn own(&self, bytes: &[u8]) -> Result<OperatorMeta, RestoreError> {
        let (key_groups, meta) = local::decode(bytes)?;
        if self.uid_among(|uid| uid == meta.uid) != meta.uid {
            return Err(RestoreError::OtherOperator { stored: meta.uid, asked: self.uid.clone() });
        }
        let owned = self.planned(Some(&meta)).key_groups();
        if key_groups != owned {
            let (operator, asked) = (meta.uid, owned);
            return Err(RestoreError::OtherKeyGroups { operator, stored: key_groups, asked });
        }
        Ok(meta)
    }

    fn refuse_migrations(&self, matching: &mut Matching) {
        for state in &matching.states {
            let StateAction::Restore { parts, time_to_live, .. } = &state.action else { continue };
            if time_to_live.compatibility() == Compatibility::RequiresMigration {
                matching.problems.push(Problem::TimeToLiveChanged {
                    operator: self.uid.clone(),
                    state: state.name.clone(),
                    turned_on: *time_to_live == TimeToLiveChange::TurnedOn,
                });
            }
            for (_, resolution) in parts {
                if resolution.compatibility() == Compatibility::RequiresMigration {
                    let role = resolution.role();
                    let subject = format!("{role} of state `{}` of operator `{}`", state.name, self.uid);
                    let report = Report::new(subject, resolution);
                    matching.problems.push(Problem::NeedsRestore(Box::new(report)));
                }
            }
        }
    }
}

impl OperatorStates {
    /// Empty state, in memory. What is to be kept of it goes into a savepoint.
    ///
    /// # Errors
    /// A snapshot cannot be stored.
    pub fn open(&self) -> Result<OperatorStateStore, RestoreError> {
        Ok(OperatorStateStore::new(self.operator.open(MemoryBackend::new())?))
    }
}
