//! Migrating a savepoint without its program: all verdicts first, then a dry run or a new savepoint.

use std::path::Path;

use typeser::migrate::Migration;
use typeser::report::{Report, Reports};

use super::planner::{PlannedState, Planner};
use super::targets::Targets;
use super::targets_known::check_targets;
use crate::descriptor::{OperatorMeta, SerializerPart};
use crate::processor::error::process::ProcessError;
use crate::processor::operators::{all_operators, has_one_operator};
use crate::processor::options::ProcessOptions;
use crate::processor::rewrite::dry_run;
use crate::processor::rewrite::extra::Extra;
use crate::processor::rewrite::forecast::Forecast;
use crate::processor::rewrite::job::{Job, OperatorJob};
use crate::processor::rewrite::write;
use crate::rows::comparison::Comparer;
use crate::rows::progress::Progress;
use crate::savepoint::Savepoint;

/// What a migration of a savepoint will do: nothing was written yet, and there are no problems.
pub struct MigrationPlan<'a> {
    job: Job<'a>,
    reports: Reports,
    states: Vec<PlannedState>,
}

impl<'a> MigrationPlan<'a> {
    /// Resolves every serializer for which there is a new one. Keys stay where they are, so they are held to what a
    /// restore asks of them; see [`RekeyPlan`](crate::processor::RekeyPlan) for others.
    ///
    /// # Errors
    /// A new serializer matches nothing in the savepoint; or something is incompatible or needs functions that are
    /// not at hand: then the error lists everything at once.
    pub fn new(savepoint: &'a Savepoint, targets: &Targets, options: &ProcessOptions) -> Result<Self, ProcessError> {
        check_targets(savepoint, targets)?;
        let origin = format!("savepoint {}", savepoint.path().display());
        let comparer = Comparer::new(&options.policy, &origin);
        let mut planner = Planner::new(comparer, targets, has_one_operator(savepoint));
        let operators: Vec<_> = all_operators(savepoint)
            .map(|stored| {
                let (meta, states) = planner.operator(stored.meta())?;
                Ok(OperatorJob::new(stored, meta, states))
            })
            .collect::<Result<_, ProcessError>>()?;
        let (reports, states) = planner.finish(savepoint)?;
        Ok(Self { job: Job { savepoint, operators, options: options.clone() }, reports, states })
    }

    /// What the resolver says of every serializer that was given.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// What becomes of every stored serializer.
    #[must_use]
    pub fn states(&self) -> &[PlannedState] {
        &self.states
    }

    /// What is stored of an operator after the migration: of its keyed state, or of its operator state.
    #[must_use]
    pub fn operator(&self, uid: &str, keyed: bool) -> Option<&OperatorMeta> {
        self.job_of(uid, keyed).map(|job| &job.meta)
    }

    /// What becomes of the map keys or values of a state, which has this number in the operator; `None` if their bytes
    /// stay as they are. It calls no functions of the program.
    #[must_use]
    pub fn migration(&self, uid: &str, keyed: bool, state_id: u16, part: SerializerPart) -> Option<&Migration> {
        let job = self.job_of(uid, keyed)?;
        let (_, state) = job.meta.states().iter().zip(&job.states).find(|(state, _)| state.id() == state_id)?;
        match part {
            SerializerPart::UserKey => state.rows.user_key.as_ref(),
            SerializerPart::Value => state.rows.value.as_ref(),
            SerializerPart::Namespace => None,
        }
    }

    fn job_of(&self, uid: &str, keyed: bool) -> Option<&OperatorJob<'a>> {
        self.job.operators.iter().find(|job| job.meta.uid() == uid && job.meta.keyed == keyed)
    }

    /// Reads every row as if it were migrated. Nothing is written.
    ///
    /// # Errors
    /// The savepoint is not as it was written. Rows that could not be migrated are listed in the forecast.
    pub fn dry_run(&self, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Forecast, ProcessError> {
        dry_run::forecast(&self.job, progress)
    }

    /// Migrates into a new savepoint, which must not exist yet: whole or not at all.
    ///
    /// # Errors
    /// The savepoint is not as it was written, a row cannot be migrated, or the new one cannot be written. Then there
    /// is no new one.
    pub fn run(
        &self,
        output: impl AsRef<Path>,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Savepoint, ProcessError> {
        write::run(&self.job, &Extra::default(), output.as_ref(), progress)
    }
}

impl std::fmt::Debug for MigrationPlan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verdicts = self.reports.reports().iter().map(Report::compatibility).collect::<Vec<_>>();
        f.debug_struct("MigrationPlan")
            .field("savepoint", &self.job.savepoint.path())
            .field("verdicts", &verdicts)
            .finish_non_exhaustive()
    }
}
