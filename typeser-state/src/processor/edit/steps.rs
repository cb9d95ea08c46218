//! Basing a new savepoint on another one: operators and states that are added, removed, renamed, moved and changed.

use typeser::{StateKey, StateType};

use super::modify::ModifyKeyed;
use crate::backend::{Backend, MemoryBackend};
use crate::key_group::MaxParallelism;
use crate::keyed::{KeyedStateBackend, Operator};
use crate::operator::OperatorStateStore;
use crate::processor::error::read::BoxError;
use crate::processor::migrate::targets::Targets;
use crate::processor::rewrite::extra::{Addition, Modify};
use crate::savepoint::{Savepoint, SavepointWriter};

/// A new savepoint that is based on another one, which is only read.
///
/// What is not named here is taken over: its files are copied, byte by byte, while their hashes are checked, and
/// nothing in them is decoded. So the new savepoint shares nothing with its base, which may be changed or deleted
/// afterwards.
///
/// Operators and states are named as in the base, whatever else is done with them. All problems of an edit are reported
/// at once, before anything is written.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
/// use typeser_state::processor::{ProcessOptions, Query, SavepointEdit};
/// use typeser_state::savepoint::Savepoint;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let delay = operator.value::<i32>("delay")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// for (tail, minutes) in [("N14228", 2), ("N24211", -99_999)] {
///     state.set_current_key(&tail.to_owned())?;
///     delay.update(&mut state, &minutes)?;
/// }
/// let base = Savepoint::create(folder.path().join("first"))?.operator(&state)?.finish()?;
///
/// // No aircraft leaves a week early.
/// let repaired = SavepointEdit::of(&base)
///     .modify(&operator, |_tail, state| {
///         if delay.get(state)?.is_some_and(|minutes| minutes < -7 * 24 * 60) {
///             delay.clear(state)?;
///         }
///         Ok(())
///     })
///     .rename_operator("flights-by-tail", "aircraft")
///     .write(folder.path().join("repaired"), &ProcessOptions::new(), &mut |_progress| ())?;
///
/// let entries = Query::new().operator("aircraft").run(&repaired)?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(entries.len(), 1);
/// # Ok(())
/// # }
/// ```
#[must_use = "an edit does nothing until it is written"]
pub struct SavepointEdit<'a> {
    pub(crate) base: &'a Savepoint,
    pub(crate) steps: Vec<Step<'a>>,
    pub(crate) targets: Targets,
    pub(crate) rekeys: Targets,
}

/// One thing that is to be done.
pub(crate) enum Step<'a> {
    RemoveKeyed { uid: String },
    RemoveOwn { uid: String },
    Rename { uid: String, to: String },
    RemoveState { uid: String, state: String },
    RenameState { uid: String, state: String, to: String },
    MoveState { uid: String, state: String, to: String },
    MaxParallelism { uid: String, groups: MaxParallelism },
    Modify(Box<dyn Modify + 'a>),
    Add(Addition<'a>),
}

impl<'a> SavepointEdit<'a> {
    /// Takes everything over, until something else is said.
    pub fn of(base: &'a Savepoint) -> Self {
        Self { base, steps: Vec::new(), targets: Targets::new(), rekeys: Targets::new() }
    }

    /// Leaves out an operator: its keyed state, and its operator state.
    pub fn remove_operator(self, uid: impl Into<String>) -> Self {
        let uid = uid.into();
        let both = self.base.operator(&uid).is_some() && self.base.operator_state(&uid).is_some();
        match (both, self.base.operator_state(&uid).is_some()) {
            (true, _) => self.remove_keyed_state(uid.as_str()).remove_operator_state(uid),
            (false, true) => self.remove_operator_state(uid),
            (false, false) => self.remove_keyed_state(uid),
        }
    }

    /// Leaves out the keyed state of an operator.
    pub fn remove_keyed_state(self, uid: impl Into<String>) -> Self {
        self.step(Step::RemoveKeyed { uid: uid.into() })
    }

    /// Leaves out the state of an operator itself.
    pub fn remove_operator_state(self, uid: impl Into<String>) -> Self {
        self.step(Step::RemoveOwn { uid: uid.into() })
    }

    /// Gives an operator another uid, under which programs find it. Only the heads of its files are rewritten.
    pub fn rename_operator(self, uid: impl Into<String>, to: impl Into<String>) -> Self {
        self.step(Step::Rename { uid: uid.into(), to: to.into() })
    }

    /// Leaves out a state of an operator.
    pub fn remove_state(self, uid: impl Into<String>, state: impl Into<String>) -> Self {
        self.step(Step::RemoveState { uid: uid.into(), state: state.into() })
    }

    /// Gives a state another name, under which programs find it. No row changes.
    pub fn rename_state(self, uid: impl Into<String>, state: impl Into<String>, to: impl Into<String>) -> Self {
        self.step(Step::RenameState { uid: uid.into(), state: state.into(), to: to.into() })
    }

    /// Gives a state of an operator to another one: to one of the base, which then has the states of both, or to a new
    /// one. So operators are split and merged.
    ///
    /// Keyed state goes to an operator of the same keys; the state of an operator itself to one of the same
    /// parallelism.
    pub fn move_state(self, uid: impl Into<String>, state: impl Into<String>, to: impl Into<String>) -> Self {
        self.step(Step::MoveState { uid: uid.into(), state: state.into(), to: to.into() })
    }

    /// Divides the keyed state of an operator into this many key groups. Every row moves to where its key belongs then.
    pub fn with_max_parallelism(self, uid: impl Into<String>, groups: MaxParallelism) -> Self {
        self.step(Step::MaxParallelism { uid: uid.into(), groups })
    }

    /// Migrates states to other types, with the functions that the serializers bring; see
    /// [`MigrationPlan`](crate::processor::MigrationPlan).
    pub fn migrate(mut self, targets: &Targets) -> Self {
        self.targets.targets.extend_from_slice(&targets.targets);
        self
    }

    /// Gives operators keys of another type; see [`RekeyPlan`](crate::processor::RekeyPlan).
    pub fn rekey(mut self, targets: &Targets) -> Self {
        self.rekeys.targets.extend_from_slice(&targets.targets);
        self
    }

    /// Has a function of the program change the keyed state of an operator, a key at a time: it is called for each key
    /// that has rows, with the key as the current one, and reads and writes state and timers by the handles that the
    /// operator gave. What it leaves is written.
    ///
    /// The operator declares the states that the function needs, in their types of today: stored rows are migrated on
    /// the way, as on a [restore](Operator::restore). A state that is declared and not stored starts empty. States that
    /// are not declared are taken over as they are.
    ///
    /// The function reads and writes the state of the key that it is called for. Every other key is an error, in small
    /// savepoints as in large ones, and so is what concerns all keys: [`KeyedStateBackend::keys`], and the next timer or
    /// the firing of timers.
    ///
    /// Several threads call the function, each for different keys; see
    /// [`ProcessOptions::with_parallelism`](crate::processor::ProcessOptions::with_parallelism).
    pub fn modify<K: StateKey>(
        self,
        operator: &'a Operator<K>,
        function: impl Fn(&K, &mut KeyedStateBackend<K, MemoryBackend>) -> Result<(), BoxError> + Sync + 'a,
    ) -> Self {
        self.step(Step::Modify(Box::new(ModifyKeyed { operator, function })))
    }

    /// Adds the keyed state of an operator instance: of a new operator, or of one that is removed here, and so
    /// replaced.
    pub fn add_keyed_state<K: StateType, B: Backend>(self, state: &'a KeyedStateBackend<K, B>) -> Self {
        let write = Box::new(move |writer: SavepointWriter| writer.operator(state));
        self.step(Step::Add(Addition { meta: state.meta(), write }))
    }

    /// Adds the state of an operator instance itself: of a new operator, or of one that is removed here, and so
    /// replaced.
    pub fn add_operator_state(self, store: &'a OperatorStateStore) -> Self {
        let write = Box::new(move |writer: SavepointWriter| writer.operator_state(store));
        self.step(Step::Add(Addition { meta: store.state.meta(), write }))
    }

    fn step(mut self, step: Step<'a>) -> Self {
        self.steps.push(step);
        self
    }
}

impl std::fmt::Debug for SavepointEdit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SavepointEdit")
            .field("base", &self.base.path())
            .field("steps", &self.steps.len())
            .finish_non_exhaustive()
    }
}
