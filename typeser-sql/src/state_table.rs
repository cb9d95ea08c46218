//! `OPERATOR.STATE`: the rows of one state, as they are stored.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use typeser_state::savepoint::RowsFile;

use crate::batch::{Batch, RowColumn, columns, external};
use crate::scan::{Output, RowTable, Wanted};
use crate::source::Source;

/// The rows of a state: its values, the elements of its lists, the entries of its maps, or timers.
#[derive(Debug)]
pub(crate) struct StateTable {
    source: Source,
    state_id: u16,
    columns: Vec<RowColumn>,
    schema: SchemaRef,
}

impl StateTable {
    /// The table of a state; `None` if the operator has no such state.
    pub(crate) fn new(source: Source, state_id: u16) -> Option<Self> {
        let columns = columns(&source, source.state(state_id)?);
        let schema = Arc::new(Schema::new(columns.iter().map(RowColumn::field).collect::<Vec<Field>>()));
        Some(Self { source, state_id, columns, schema })
    }
}

impl RowTable for StateTable {
    fn source(&self) -> &Source {
        &self.source
    }

    fn name(&self) -> String {
        let state = self.source.state(self.state_id).map_or("", |state| state.name());
        format!("operator={}, state={state}", self.source.uid)
    }

    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn rows_in(&self, file: &RowsFile) -> Option<u64> {
        let sizes = file.states().iter().filter(|size| size.state_id == self.state_id);
        Some(sizes.map(|size| size.entries).sum())
    }

    fn is_in(&self, file: &RowsFile) -> bool {
        self.rows_in(file) != Some(0)
    }

    fn read(&self, file: &RowsFile, wanted: &Wanted, output: &mut Output) -> Result<()> {
        let state = self.source.state(self.state_id);
        let state = state.ok_or_else(|| DataFusionError::Internal("the state is gone".to_owned()))?;
        let Some((_, last)) = wanted.filter.bounds() else { return Ok(()) };
        let mut left = wanted.limit.unwrap_or(usize::MAX);
        let columns = wanted.columns.iter().filter_map(|column| self.columns.get(*column));
        let mut batch = Batch::new(&self.source, state, Arc::clone(&wanted.schema), columns);
        let mut rows = self.source.rows(file).map_err(external)?;
        let last = last.min(file.key_groups().last());
        while left > 0
            && let Some(row) = rows.next_row().map_err(external)?
        {
            output.rows.add(1);
            let (key_group, state_id) = (row.key.key_group, row.key.state_id);
            // Rows are in the order of key groups, then of states. The end of a file is read for its checksum, unless
            // the query wants only a part of the file.
            if (key_group, state_id) > (last, self.state_id) && last < file.key_groups().last() {
                break;
            }
            if state_id != self.state_id || !wanted.filter.wants(key_group, row.key.key) {
                continue;
            }
            batch.push(&row)?;
            left -= 1;
            if batch.is_full() && !output.send(batch.take()?) {
                left = 0;
            }
        }
        if !batch.is_empty() {
            output.send(batch.take()?);
        }
        output.blocks.add(usize::try_from(rows.blocks_read()).unwrap_or(usize::MAX));
        Ok(())
    }
}
