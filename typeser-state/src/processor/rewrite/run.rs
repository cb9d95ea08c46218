//! Every stored row of an operator, and what becomes of it: the same run whether it is written or only counted.

use super::job::{Job, OperatorJob, Source, StateJob};
use crate::processor::error::process::ProcessError;
use crate::rows::counts::RowCounts;
use crate::rows::progress::ProgressCounter;
use crate::rows::transform::{NewRow, RowError, Transformer};
use crate::savepoint::{Row, Rows};

/// Takes what becomes of rows.
pub(crate) trait Sink {
    /// A row was read.
    fn stored(&mut self, _state: (usize, &StateJob), _row: &Row<'_>) {}

    /// What became of it.
    fn made(&mut self, state: (usize, &StateJob), row: &Row<'_>, new: NewRow<'_>) -> Result<(), ProcessError>;

    /// It could not be migrated.
    fn failed(&mut self, state: usize, row: &Row<'_>, error: RowError) -> Result<(), ProcessError>;
}

/// A run over the rows of an operator.
pub(crate) struct Run<'a, 'w, 'p> {
    job: &'a Job<'a>,
    operator: &'a OperatorJob<'a>,
    transformer: Transformer<'a>,
    progress_counter: &'w mut ProgressCounter<'p>,
    /// Whether values are migrated: where only keys are checked, they are not.
    values: bool,
    /// How many rows of each state were done: those of the operator, then those that join it.
    pub(crate) counts: Vec<RowCounts>,
}

impl<'a, 'w, 'p> Run<'a, 'w, 'p> {
    pub(crate) fn new(
        job: &'a Job<'a>,
        operator: &'a OperatorJob<'a>,
        values: bool,
        progress_counter: &'w mut ProgressCounter<'p>,
    ) -> Self {
        let counts = vec![RowCounts::default(); operator.states.len() + operator.joined.len()];
        // Rows keep their time stamps, and none expires.
        let transformer = Transformer::new(operator.keys(), job.options.trust, 0);
        Self { job, operator, transformer, progress_counter, values, counts }
    }

    /// Gives all rows to the sink, in stored order, operator by operator.
    pub(crate) fn all(&mut self, sink: &mut impl Sink) -> Result<(), ProcessError> {
        for source in self.operator.sources() {
            self.rows(source, self.job.savepoint.rows_like(source.stored().meta())?, sink)?;
        }
        Ok(())
    }

    /// Gives some rows of a source to the sink.
    pub(crate) fn rows(
        &mut self,
        source: Source<'a>,
        mut rows: Rows<'_>,
        sink: &mut impl Sink,
    ) -> Result<(), ProcessError> {
        let uid = self.operator.uid();
        while let Some(row) = rows.next_row()? {
            let bytes = (row.key_bytes.len() + row.value.len()) as u64;
            self.progress_counter.done(uid, Some(row.state.name()), 1, bytes);
            let Some((index, state)) = source.state(row.key.state_id) else { continue };
            let Some(counts) = self.counts.get_mut(index) else { continue };
            counts.read(&row);
            sink.stored((index, state), &row);
            if state.dropped {
                continue;
            }
            match self.transformer.transform(&state.rows, &row, self.values) {
                Ok(Some(new)) => {
                    counts.made(&row, &new);
                    sink.made((index, state), &row, new)?;
                }
                Ok(None) => counts.expired += 1,
                Err(error) => sink.failed(index, &row, error)?,
            }
        }
        Ok(())
    }
}
