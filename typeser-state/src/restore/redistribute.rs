//! Restoring the state of operators themselves: which elements of which instance go where.

use std::collections::HashMap;
use std::ops::Range;

use super::check::{operators_not_declared, options_without_match};
use super::error::RestoreError;
use super::matching::{StateAction, declared_as};
use super::options::RestoreOptions;
use super::plan::{PlannedOperator, RestorePlan, plan_of};
use super::problem::Problem;
use super::run::Migrator;
use super::state_plan::StatePlan;
use super::stored::stored_uid;
use crate::backend::MemoryBackend;
use crate::descriptor::StateKind;
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::keyed::{RowKey, RowKeyError};
use crate::operator::{OperatorStateStore, OperatorStates};
use crate::savepoint::{ReadSavepointError, Row, Savepoint, SavepointOperator};

/// What a restore of the state of an operator itself will do: nothing was read yet but the manifest, and nothing stands
/// against it.
#[derive(Debug)]
pub struct OperatorStatesPlan<'a>(pub(super) RestorePlan<'a, ()>);

impl OperatorStatesPlan<'_> {
    /// What becomes of every state: those that are stored first, then those that are new. Entries and bytes are those
    /// of all stored instances together.
    #[must_use]
    pub fn states(&self) -> &[StatePlan] {
        self.0.states()
    }

    /// Restores the state of this instance.
    ///
    /// # Errors
    /// A file of the savepoint is not as it was written, or a value cannot be migrated.
    pub fn run(self) -> Result<OperatorStateStore, RestoreError> {
        let instance = self.0.operator.key_groups();
        let retained =
            self.0.fill(instance, MemoryBackend::new(), &mut |_| (), |migrator, stored| migrator.redistribute(stored));
        retained.map(OperatorStateStore::new)
    }
}

impl OperatorStates {
    /// Finds out what a restore would do.
    ///
    /// # Errors
    /// Something that is stored has no place in the program: the error lists all problems at once.
    pub fn plan<'a>(
        &'a self,
        savepoint: &'a Savepoint,
        options: &RestoreOptions,
    ) -> Result<OperatorStatesPlan<'a>, RestoreError> {
        let stored = self.stored_in(savepoint);
        let instances = stored.map_or(self.instances(), |stored| KeyGroupRange::all(stored.meta.max_parallelism));
        let missing = stored.and_then(|stored| self.instances_missing(stored, options));
        let mut problems: Vec<Problem> = missing.into_iter().collect();
        problems.extend(operators_not_declared(savepoint, &[], &[stored_uid(stored, self.uid())], options));
        problems.extend(options_without_match(savepoint, options));
        plan_of(PlannedOperator::Declared(&self.operator), savepoint, (stored, instances), (None, problems), options)
            .map(OperatorStatesPlan)
    }

    /// Restores the state of this instance: [`OperatorStates::plan`], then [`OperatorStatesPlan::run`].
    ///
    /// # Errors
    /// Something that is stored has no place in the program, or a file fails.
    pub fn restore(&self, savepoint: &Savepoint, options: &RestoreOptions) -> Result<OperatorStateStore, RestoreError> {
        self.plan(savepoint, options)?.run()
    }

    fn instances_missing(&self, stored: &SavepointOperator, options: &RestoreOptions) -> Option<Problem> {
        let union = |name: &str| {
            let declared = declared_as(&self.operator, &stored.meta, name).is_some();
            declared && !options.reset.iter().any(|reset| reset.is(stored.meta().uid(), name))
        };
        let mut unions = stored.meta.states.iter().filter(|state| state.kind == StateKind::UnionList);
        let own =
            stored.meta.max_parallelism == self.operator.max_parallelism && !unions.any(|state| union(&state.name));
        let needed = if own { self.instances() } else { KeyGroupRange::all(stored.meta.max_parallelism) };
        let missing = stored.missing_key_groups(needed);
        (!missing.is_empty()).then(|| Problem::InstancesMissing {
            operator: self.uid().to_owned(),
            parallelism: stored.meta.max_parallelism.groups(),
            missing,
        })
    }
}

/// Which elements of `total` the instance gets: even pieces, of which the first ones have one more.
fn share(total: u64, parallelism: u64, instance: u64) -> Range<u64> {
    let (least, more) = (total / parallelism, total % parallelism);
    let first = instance * least + instance.min(more);
    first..first + least + u64::from(instance < more)
}

/// Which rows of a file an instance gets of one state: from an element up to another.
struct Wanted {
    state_id: u16,
    elements: Range<u64>,
    seen: u64,
}

/// What the instance gets of each file, in the order of files.
fn wanted(plan: &RestorePlan<'_, ()>, stored: &SavepointOperator) -> Vec<Vec<Wanted>> {
    let instance = plan.operator.key_groups().first();
    let (before, after) = (stored.meta.max_parallelism, plan.operator.max_parallelism);
    let mut files: Vec<Vec<Wanted>> = stored.files.iter().map(|_| Vec::new()).collect();
    for state in &plan.matching.states {
        let kind = match &state.action {
            StateAction::Restore { declared, .. } => {
                plan.operator.states.get(*declared).map(|declared| declared.kind())
            }
            // No instance would reduce the whole list to its share, so each element goes to one instance.
            StateAction::Retain { kind: StateKind::UnionList } => Some(StateKind::SplitList),
            StateAction::Retain { kind } => Some(*kind),
            StateAction::Create { .. } | StateAction::Drop { .. } | StateAction::Reset { .. } => continue,
        };
        let counts: Vec<u64> = stored
            .files
            .iter()
            .map(|file| file.states.iter().find(|size| size.state_id == state.id).map_or(0, |size| size.entries))
            .collect();
        let split = share(counts.iter().sum(), u64::from(after.groups()), u64::from(instance));
        let mut first = 0;
        for ((wanted, count), file) in files.iter_mut().zip(counts).zip(&stored.files) {
            let writer: KeyGroup = file.key_groups.first();
            let elements = match kind {
                Some(StateKind::UnionList) => 0..count,
                Some(StateKind::Broadcast) if writer == instance % before.groups() => 0..count,
                Some(StateKind::SplitList | StateKind::RawSplit) if before == after => {
                    if writer == instance {
                        0..count
                    } else {
                        0..0
                    }
                }
                Some(StateKind::SplitList | StateKind::RawSplit) => {
                    let within = |at: u64| at.clamp(first, first + count) - first;
                    within(split.start)..within(split.end)
                }
                _ => 0..0,
            };
            first += count;
            if !elements.is_empty() {
                wanted.push(Wanted { state_id: state.id, elements, seen: 0 });
            }
        }
    }
    files
}

impl Migrator<'_, (), MemoryBackend> {
    /// Migrates what this instance gets of all instances that there were. Elements of lists are renumbered, for
    /// those of several instances come together.
    fn redistribute(mut self, stored: &SavepointOperator) -> Result<(), RestoreError> {
        let plan = self.plan;
        let instance = plan.operator.key_groups().first();
        let mut next: HashMap<u16, u64> = HashMap::new();
        let mut key_bytes = Vec::new();
        for (file, mut wanted) in stored.files.iter().zip(wanted(plan, stored)) {
            if wanted.is_empty() {
                continue;
            }
            let mut rows = plan.savepoint.operator_state_rows(stored.meta().uid())?.of_key_groups(file.key_groups);
            while let Some(row) = rows.next_row()? {
                let Some(wanted) = wanted.iter_mut().find(|wanted| wanted.state_id == row.key.state_id) else {
                    continue;
                };
                let states = stored.meta.states.iter();
                let Some(state) = states.map(|state| state.id).position(|id| id == wanted.state_id) else { continue };
                let number = wanted.seen;
                wanted.seen += 1;
                if !wanted.elements.contains(&number) {
                    continue;
                }
                key_bytes.clear();
                key_bytes.extend_from_slice(&instance.to_be_bytes());
                key_bytes.extend_from_slice(&row.key.state_id.to_be_bytes());
                // Neither key nor namespace.
                key_bytes.extend_from_slice(&[0, 0]);
                if row.state.kind() == StateKind::Broadcast {
                    key_bytes.extend_from_slice(row.key.rest);
                } else {
                    let next = next.entry(row.key.state_id).or_default();
                    key_bytes.extend_from_slice(&next.to_be_bytes());
                    *next += 1;
                }
                let malformed = |error: RowKeyError| ReadSavepointError::Malformed {
                    file: row.file.to_owned(),
                    offset: row.offset,
                    reason: error.to_string(),
                };
                let key = RowKey::parse(&key_bytes).map_err(malformed)?;
                self.row(state, &Row { key, key_bytes: &key_bytes, ..row })?;
            }
            self.apply()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_even_in_order_and_complete() {
        for total in 0..40 {
            for parallelism in 1..9 {
                let shares: Vec<_> = (0..parallelism).map(|instance| share(total, parallelism, instance)).collect();
                let elements: Vec<u64> = shares.iter().cloned().flatten().collect();
                assert_eq!(elements, (0..total).collect::<Vec<_>>());
                let lengths = || shares.iter().map(|share| share.end - share.start);
                assert!(lengths().is_sorted_by(|first, second| first >= second), "{shares:?}");
                assert!(lengths().max().unwrap_or(0) - lengths().min().unwrap_or(0) <= 1, "{shares:?}");
            }
        }
    }
}
