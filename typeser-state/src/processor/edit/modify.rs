//! Keyed state that a function of the program changes, a key at a time: read as its types say, written as they say.

use typeser::StateKey;

use crate::backend::{MemoryBackend, ReadRows as _, RowRange};
use crate::descriptor::OperatorMeta;
use crate::keyed::{KeyedStateBackend, Operator, RowKey};
use crate::processor::error::process::ProcessError;
use crate::processor::error::read::{BoxError, ReadStateError};
use crate::processor::options::ProcessOptions;
use crate::processor::rewrite::extra::{Modified, Modify};
use crate::processor::typed::bootstrap::shown;
use crate::processor::typed::keys::keys_of;
use crate::rows::groups::{Part, Parts, for_each_part};
use crate::rows::progress::ProgressCounter;
use crate::rows::stored::StoredRows;
use crate::savepoint::{Savepoint, SavepointOperator};

pub(crate) struct ModifyKeyed<'a, K, F> {
    pub(crate) operator: &'a Operator<K>,
    pub(crate) function: F,
}

impl<K, F> Modify for ModifyKeyed<'_, K, F>
where
    K: StateKey,
    F: Fn(&K, &mut KeyedStateBackend<K, MemoryBackend>) -> Result<(), BoxError> + Sync,
{
    fn uid(&self) -> &str {
        self.operator.uid()
    }

    fn meta(
        &self,
        base: &Savepoint,
        stored: &SavepointOperator,
        options: &ProcessOptions,
    ) -> Result<OperatorMeta, ReadStateError> {
        let operator = self.operator.with_groups_of(stored.meta().max_parallelism());
        let mut meta = operator.plan_to_read(base, &options.to_restore())?.meta()?;
        let visited: Vec<u16> = meta.states.iter().map(|state| state.id).collect();
        meta.states.extend(stored.meta().states().iter().filter(|state| !visited.contains(&state.id)).cloned());
        Ok(meta)
    }

    fn run(
        &self,
        base: &Savepoint,
        stored: &SavepointOperator,
        options: &ProcessOptions,
        progress_counter: &mut ProgressCounter<'_>,
        take: &mut dyn FnMut(Modified) -> Result<(), ProcessError>,
    ) -> Result<(), ProcessError> {
        let operator = self.operator.with_groups_of(stored.meta().max_parallelism());
        let plan = operator.plan_to_read(base, &options.to_restore()).map_err(ReadStateError::from)?;
        let work = |part: &Part| -> Result<Modified, ProcessError> {
            let mut state = plan.part(part).map_err(ReadStateError::from)?;
            for key in keys_of(&state).map_err(ReadStateError::from)? {
                state.visit(&key).map_err(ReadStateError::from)?;
                (self.function)(&key, &mut state).map_err(|source| ReadStateError::Function {
                    operator: operator.uid().to_owned(),
                    key: shown(&key),
                    source,
                })?;
            }
            merged(&state, part)
        };
        for_each_part(
            Parts::new(base, stored),
            options.parallelism,
            progress_counter,
            work,
            |mut modified, end_of_file| {
                modified.end_of_file = end_of_file;
                take(modified)
            },
        )
    }
}

/// The rows of what is declared, as they are now, and those of what is not, as they were stored.
fn merged<K: StateKey>(state: &KeyedStateBackend<K, MemoryBackend>, part: &Part) -> Result<Modified, ProcessError> {
    let declared = |id: u16| state.meta().states().iter().any(|state| state.id() == id);
    let kept = part.rows.pairs().filter(|(key, _)| RowKey::parse(key).is_ok_and(|key| !declared(key.state_id)));
    let mut kept = kept.peekable();
    let mut modified = Modified { rows: StoredRows::default(), end_of_file: false };
    let (backend, table) = state.stored_rows();
    backend
        .scan(table, RowRange::ALL, &mut |key, value| {
            while let Some((key, value)) = kept.next_if(|(other, _)| *other < key) {
                modified.rows.push_new(key, value);
            }
            modified.rows.push_new(key, value);
            std::ops::ControlFlow::Continue(())
        })
        .map_err(|error| ReadStateError::from(crate::keyed::StateError::from(error)))?;
    kept.for_each(|(key, value)| modified.rows.push_new(key, value));
    Ok(modified)
}
