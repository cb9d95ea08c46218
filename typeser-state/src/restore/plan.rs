//! The first half of a restore: what becomes of every state, and every problem at once.

use std::ops::Deref;

use typeser::StateKey;
use typeser::migrate::Trust;
use typeser::resolve::Compatibility;

use super::check::{operators_not_declared, options_without_match, retained_operators};
use super::error::{Refusal, RestoreError};
use super::matching::{MatchedState, Matching, StateAction, match_operator};
use super::options::RestoreOptions;
use super::problem::Problem;
use super::state_plan::{StatePlan, StateVerdict};
use super::stored::stored_uid;
use crate::descriptor::{OperatorMeta, StateMeta};
use crate::key_group::KeyGroupRange;
use crate::keyed::{Operator, RetainedOperator};
use crate::rows::time_to_live::TimeToLiveChange;
use crate::savepoint::{Savepoint, SavepointOperator, StateSize};

/// What a restore will do: nothing was written yet, and there are no problems. It prints itself: what becomes of each
/// state, and of how many rows and bytes.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use typeser::resolve::Compatibility;
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
/// use typeser_state::restore::{RestoreOptions, StateVerdict};
/// use typeser_state::savepoint::Savepoint;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u32>("departures")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// departures.update(&mut state, &111)?;
/// let savepoint = Savepoint::create(folder.path().join("last"))?.operator(&state)?.finish()?;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u64>("departures")?;
/// let plan = operator.plan(&savepoint, &RestoreOptions::new())?;
/// assert_eq!(plan.states()[0].verdict(), StateVerdict::Restored(Compatibility::RequiresMigration));
/// assert!(plan.to_string().contains("departures  requires migration            1 rows, 24 bytes"));
///
/// let mut state = plan.run(MemoryBackend::new(), &mut |_| ())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// assert_eq!(departures.get(&mut state)?, Some(111));
/// # Ok(())
/// # }
/// ```
pub struct RestorePlan<'a, K> {
    pub(super) operator: PlannedOperator<'a, K>,
    pub(super) savepoint: &'a Savepoint,
    pub(super) stored: Option<&'a SavepointOperator>,
    pub(super) matching: Matching,
    pub(super) trust: Trust,
    pub(super) workers: Option<usize>,
    pub(super) flush_bytes: usize,
    pub(super) retained_operators: Vec<RetainedOperator>,
    states: Vec<StatePlan>,
}

/// The operator as it is restored.
pub(super) enum PlannedOperator<'a, K> {
    /// As the program declares it.
    Declared(&'a Operator<K>),
    /// With the stored number of key groups, because the program has set none.
    Regrouped(Operator<K>),
}

impl<K> Deref for PlannedOperator<'_, K> {
    type Target = Operator<K>;

    fn deref(&self) -> &Operator<K> {
        match self {
            Self::Declared(operator) => operator,
            Self::Regrouped(operator) => operator,
        }
    }
}

impl<K: StateKey> Operator<K> {
    /// Finds out what a restore would do, without writing anything.
    ///
    /// # Errors
    /// Something that is stored has no place in the program: the error lists all problems at once.
    pub fn plan<'a>(
        &'a self,
        savepoint: &'a Savepoint,
        options: &RestoreOptions,
    ) -> Result<RestorePlan<'a, K>, RestoreError> {
        let stored = self.stored_in(savepoint);
        let operator = self.planned(stored.map(SavepointOperator::meta));
        let before = stored.and_then(|stored| operator.max_parallelism_changed(stored.meta()));
        let missing = stored.and_then(|stored| operator.key_groups_missing(stored));
        let mut after: Vec<Problem> = missing.into_iter().collect();
        after.extend(operators_not_declared(savepoint, &[stored_uid(stored, &self.uid)], &[], options));
        after.extend(options_without_match(savepoint, options));
        let key_groups = operator.key_groups();
        plan_of(operator, savepoint, (stored, key_groups), (before, after), options)
    }

    /// The operator as it is used where this is stored.
    pub(super) fn planned(&self, stored: Option<&OperatorMeta>) -> PlannedOperator<'_, K> {
        let groups = stored.map_or(self.max_parallelism, |stored| self.max_parallelism_beside(stored.max_parallelism));
        if groups == self.max_parallelism {
            PlannedOperator::Declared(self)
        } else {
            PlannedOperator::Regrouped(self.with_groups_of(groups))
        }
    }

    pub(super) fn max_parallelism_changed(&self, stored: &OperatorMeta) -> Option<Problem> {
        (stored.max_parallelism != self.max_parallelism).then(|| Problem::MaxParallelismChanged {
            operator: self.uid.clone(),
            stored: stored.max_parallelism,
            new: self.max_parallelism,
        })
    }

    fn key_groups_missing(&self, stored: &SavepointOperator) -> Option<Problem> {
        // With another max parallelism, which is a separate problem, numbers of groups mean something else.
        let comparable = stored.meta().max_parallelism() == self.max_parallelism;
        let missing = if comparable { stored.missing_key_groups(self.key_groups()) } else { Vec::new() };
        (!missing.is_empty()).then(|| Problem::KeyGroupsMissing {
            operator: self.uid.clone(),
            owned: self.key_groups(),
            missing,
        })
    }

    fn state_plan(&self, state: &MatchedState, size: StateSize) -> StatePlan {
        let none = TimeToLiveChange::None;
        let (kind, verdict, findings, time_to_live) = match &state.action {
            StateAction::Create { declared } => (self.states[*declared].kind(), StateVerdict::New, Vec::new(), none),
            StateAction::Drop { kind } => (*kind, StateVerdict::Dropped, Vec::new(), none),
            StateAction::Reset { declared } => (self.states[*declared].kind(), StateVerdict::Reset, Vec::new(), none),
            StateAction::Retain { kind } => (*kind, StateVerdict::Retained, Vec::new(), none),
            StateAction::Restore { declared, parts, time_to_live } => {
                let verdict = state.compatibility().unwrap_or(Compatibility::Compatible);
                let findings = parts.iter().flat_map(|(_, resolution)| resolution.findings().to_vec()).collect();
                (self.states[*declared].kind(), StateVerdict::Restored(verdict), findings, *time_to_live)
            }
        };
        let follows = match &state.action {
            StateAction::Restore { declared, .. } => {
                self.states[*declared].common().derived_from.filter(|_| !findings.is_empty())
            }
            StateAction::Create { .. }
            | StateAction::Drop { .. }
            | StateAction::Reset { .. }
            | StateAction::Retain { .. } => None,
        };
        let cause = follows.map(|follows| follows.cause(&self.uid));
        let (entries, bytes) = if verdict == StateVerdict::New { (0, 0) } else { (size.entries, size.bytes) };
        StatePlan { name: state.name.clone(), kind, verdict, entries, bytes, findings, cause, time_to_live }
    }
}

/// What becomes of what is `stored` in these key groups; problems that are known already are listed before and
/// after those that are found here.
pub(super) fn plan_of<'a, K: StateKey>(
    operator: PlannedOperator<'a, K>,
    savepoint: &'a Savepoint,
    (stored, key_groups): (Option<&'a SavepointOperator>, KeyGroupRange),
    (before, after): (Option<Problem>, Vec<Problem>),
    options: &RestoreOptions,
) -> Result<RestorePlan<'a, K>, RestoreError> {
    let size = |id| stored.map_or(StateSize::default(), |stored| stored.size_of(id, key_groups));
    let meta = stored.map(SavepointOperator::meta);
    let origin = format!("savepoint {}", savepoint.path().display());
    let uid = stored_uid(stored, &operator.uid);
    let elsewhere = |state: &str| {
        let other = if operator.keyed { savepoint.operator_state(uid) } else { None }.map(|other| &other.0);
        let other = other.or_else(|| savepoint.operator(uid).filter(|_| !operator.keyed));
        other.is_some_and(|other| other.meta().state(state).is_some())
    };
    let entries = |state: &StateMeta| Some(size(state.id()).entries);
    let mut matching = match_operator(&operator, meta, options, &origin, elsewhere, entries);
    let found = std::mem::take(&mut matching.problems);
    let problems: Vec<Problem> = before.into_iter().chain(found).chain(after).collect();
    if !problems.is_empty() {
        return Err(RestoreError::Refused(Box::new(Refusal {
            what: format!("operator `{}`", operator.uid),
            stored_in: savepoint.path().display().to_string(),
            problems,
            help: None,
        })));
    }
    let states = matching.states.iter().map(|state| operator.state_plan(state, size(state.id))).collect();
    Ok(RestorePlan {
        operator,
        savepoint,
        stored,
        matching,
        trust: options.trust,
        workers: options.workers,
        flush_bytes: options.flush_bytes,
        retained_operators: retained_operators(savepoint, options),
        states,
    })
}

impl<K> RestorePlan<'_, K> {
    /// What becomes of every state: those that are stored first, then those that are new.
    #[must_use]
    pub fn states(&self) -> &[StatePlan] {
        &self.states
    }

    /// The numbers of the retained states.
    pub(super) fn retained_states(&self) -> Vec<u16> {
        let retained = self.matching.states.iter().filter(|state| matches!(state.action, StateAction::Retain { .. }));
        retained.map(|state| state.id).collect()
    }

    /// The verdict on the keys: compatible, or compatible after reconfigure. `None` if nothing is stored of the
    /// operator.
    #[must_use]
    pub fn key(&self) -> Option<Compatibility> {
        self.matching.key.as_ref().map(typeser::resolve::Resolution::compatibility)
    }
}

impl<K> std::fmt::Debug for RestorePlan<'_, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RestorePlan")
            .field("operator", &self.operator.uid)
            .field("savepoint", &self.savepoint.path())
            .field("states", &self.states)
            .finish_non_exhaustive()
    }
}
