//! The state of one operator in a savepoint: where the rows of its tables are.

use std::sync::Arc;

use typeser::SerializerSnapshot;
use typeser::migrate::Migration;
use typeser_state::descriptor::{OperatorMeta, SerializerPart, StateMeta};
use typeser_state::key_group::MaxParallelism;
use typeser_state::processor::MigrationPlan;
use typeser_state::savepoint::{ReadSavepointError, Rows, RowsFile, Savepoint};

/// The keyed state of an operator, or its operator state.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) savepoint: Arc<Savepoint>,
    pub(crate) uid: String,
    pub(crate) keyed: bool,
    /// The types of another release, if rows are read with those.
    pub(crate) as_of: Option<Arc<AsOf>>,
}

/// An operator with the types of another release.
#[derive(Debug)]
pub(crate) struct AsOf {
    meta: OperatorMeta,
    /// What becomes of the map keys and values of states, by their numbers.
    migrations: Vec<(u16, SerializerPart, Migration)>,
}

impl Source {
    /// The same rows with the types that a plan migrates to.
    pub(crate) fn as_of(&self, plan: &MigrationPlan<'_>) -> Self {
        let as_of = plan.operator(&self.uid, self.keyed).map(|meta| {
            let parts =
                meta.states().iter().flat_map(|state| state.all_serializers().map(|(part, _)| (state.id(), part)));
            let migrations = parts
                .filter_map(|(id, part)| Some((id, part, plan.migration(&self.uid, self.keyed, id, part)?.clone())));
            Arc::new(AsOf { meta: meta.clone(), migrations: migrations.collect() })
        });
        Self { as_of, ..self.clone() }
    }

    /// What becomes of a part of the rows of a state before it is decoded.
    pub(crate) fn migration(&self, state_id: u16, part: SerializerPart) -> Option<&Migration> {
        let found = self.as_of.as_ref()?.migrations.iter().find(|(id, of, _)| (*id, *of) == (state_id, part));
        found.map(|(.., migration)| migration)
    }

    pub(crate) fn states(&self) -> &[StateMeta] {
        if let Some(as_of) = &self.as_of {
            return as_of.meta.states();
        }
        match self.keyed {
            true => self.savepoint.operator(&self.uid).map_or(&[], |operator| operator.meta().states()),
            false => self.savepoint.operator_state(&self.uid).map_or(&[], |operator| operator.states()),
        }
    }

    pub(crate) fn state(&self, id: u16) -> Option<&StateMeta> {
        self.states().iter().find(|state| state.id() == id)
    }

    pub(crate) fn files(&self) -> Vec<&RowsFile> {
        match self.keyed {
            true => self.savepoint.operator(&self.uid).map_or(&[][..], |operator| operator.files()).iter().collect(),
            false => {
                let operator = self.savepoint.operator_state(&self.uid);
                operator.into_iter().flat_map(|operator| operator.instances().map(|(_, file)| file)).collect()
            }
        }
    }

    /// The serializer of the keys, and the number of key groups; `None` for operator state.
    pub(crate) fn keys(&self) -> Option<(&SerializerSnapshot, MaxParallelism)> {
        if let Some(as_of) = self.as_of.as_ref().filter(|_| self.keyed) {
            return Some((as_of.meta.key(), as_of.meta.max_parallelism()));
        }
        let operator = if self.keyed { self.savepoint.operator(&self.uid) } else { None };
        operator.map(|operator| (operator.meta().key(), operator.meta().max_parallelism()))
    }

    /// The rows of one file.
    pub(crate) fn rows(&self, file: &RowsFile) -> Result<Rows<'_>, ReadSavepointError> {
        let rows = match self.keyed {
            true => self.savepoint.rows(&self.uid)?,
            false => self.savepoint.operator_state_rows(&self.uid)?,
        };
        Ok(rows.of_key_groups(file.key_groups()))
    }
}
