//! The state of one operator in a savepoint: where the rows of its tables are.

use std::sync::Arc;

use typeser::SerializerSnapshot;
use typeser_state::descriptor::StateMeta;
use typeser_state::key_group::MaxParallelism;
use typeser_state::savepoint::{ReadSavepointError, Rows, RowsFile, Savepoint};

/// The keyed state of an operator, or its operator state.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) savepoint: Arc<Savepoint>,
    pub(crate) uid: String,
    pub(crate) keyed: bool,
}

impl Source {
    pub(crate) fn states(&self) -> &[StateMeta] {
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
