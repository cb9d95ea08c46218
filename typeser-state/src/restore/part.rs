//! Restoring a part of a savepoint at a time, so that all of it can be read without holding all of it.

use typeser::{StateKey, TypeSerializer as _};

use super::error::RestoreError;
use super::matching::link;
use super::options::RestoreOptions;
use super::plan::{PlannedOperator, RestorePlan, plan_of};
use crate::backend::MemoryBackend;
use crate::descriptor::OperatorMeta;
use crate::key_group::KeyGroupRange;
use crate::keyed::{KeyedStateBackend, Operator};
use crate::rows::groups::Part;
use crate::savepoint::{Savepoint, SavepointOperator};

impl<K: StateKey> Operator<K> {
    /// What becomes of what is stored, wherever its key groups are, and of all of them that there are.
    pub(crate) fn plan_to_read<'a>(
        &'a self,
        savepoint: &'a Savepoint,
        options: &RestoreOptions,
    ) -> Result<RestorePlan<'a, K>, RestoreError> {
        let all = KeyGroupRange::all(self.max_parallelism);
        let stored = self.stored_in(savepoint);
        plan_of(PlannedOperator::Declared(self), savepoint, (stored, all), (None, Vec::new()), options)
    }
}

impl<K: StateKey> RestorePlan<'_, K> {
    /// What is stored of the operator once it is restored.
    pub(crate) fn meta(&self) -> Result<OperatorMeta, RestoreError> {
        let key = self.matching.key_link().apply(&self.operator.key)?;
        let stored = self.stored.map(SavepointOperator::meta);
        Ok(link(&self.operator, &self.matching, key.snapshot().clone(), stored)?.meta)
    }

    /// The state of a few key groups, of which these are all rows.
    pub(crate) fn part(&self, part: &Part) -> Result<KeyedStateBackend<K, MemoryBackend>, RestoreError> {
        self.fill(part.key_groups, MemoryBackend::new(), &mut |_| (), |mut migrator, stored| {
            for row in part.rows.rows(&stored.meta) {
                let (state, row) = row?;
                migrator.row(state, &row)?;
            }
            migrator.apply()
        })
    }
}
