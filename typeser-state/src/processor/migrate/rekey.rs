//! Re-keying: an operator gets keys of another type, and every row moves to where its new key belongs.

use std::path::Path;

use typeser::migrate::{Cost, Migration};
use typeser::report::Reports;
use typeser::resolve::Compatibility;

use super::planner::{PlannedState, Planner, plan_key};
use super::targets::Targets;
use super::targets_known::check_key_targets;
use crate::key_group::KeyGroupRange;
use crate::processor::error::process::ProcessError;
use crate::processor::operators::{all_operators, has_one_operator, raw_with_rows};
use crate::processor::options::ProcessOptions;
use crate::processor::rewrite::dry_run;
use crate::processor::rewrite::extra::Extra;
use crate::processor::rewrite::forecast::Forecast;
use crate::processor::rewrite::job::{Job, OperatorJob, StateJob};
use crate::processor::rewrite::write;
use crate::rows::comparison::Comparer;
use crate::rows::progress::Progress;
use crate::savepoint::Savepoint;

/// What a re-key of an operator will do: nothing was written yet, and there are no problems.
///
/// A restore never migrates keys, because their bytes decide in which key group a row lives. Here all rows of the
/// operator, whatever their state, move together. What is asked of the new keys is that different ones stay different;
/// see [`rekey`](typeser::resolve::rekey). A 1-tuple and its element have equal bytes, so between these two nothing but
/// the snapshot is rewritten.
pub struct RekeyPlan<'a> {
    job: Job<'a>,
    reports: Reports,
    states: Vec<PlannedState>,
    verdict: Compatibility,
    cost: Cost,
}

impl<'a> RekeyPlan<'a> {
    /// Resolves the new serializers of keys that the targets name, each with [`Targets::add_key`].
    ///
    /// # Errors
    /// A target is not the key of an operator of the savepoint; different keys could become one; functions are needed
    /// that are not at hand; or the savepoint lacks key groups to which rows would move.
    pub fn new(savepoint: &'a Savepoint, targets: &Targets, options: &ProcessOptions) -> Result<Self, ProcessError> {
        check_key_targets(savepoint, targets)?;
        let origin = format!("savepoint {}", savepoint.path().display());
        let (comparer, only) = (Comparer::new(&options.policy, &origin), has_one_operator(savepoint));
        let mut planner = Planner::new(comparer, targets, only);
        let mut operators = Vec::new();
        for stored in all_operators(savepoint) {
            let meta = stored.meta().clone();
            let states = meta.states.iter().map(|_| StateJob::unchanged()).collect();
            let mut job = OperatorJob::new(stored, meta, states);
            plan_key(&mut job, comparer, targets, only, &mut planner)?;
            operators.push(job);
        }
        let (reports, states) = planner.finish(savepoint)?;
        for operator in operators.iter().filter(|operator| operator.key.is_some()) {
            let missing = operator.stored.missing_key_groups(KeyGroupRange::all(operator.meta.max_parallelism));
            if !missing.is_empty() {
                let (savepoint, operator) = (savepoint.path().to_owned(), operator.uid().to_owned());
                return Err(ProcessError::KeyGroupsMissing { savepoint, operator, missing });
            }
            if let Some(state) = raw_with_rows(operator.stored) {
                let (savepoint, operator) = (savepoint.path().to_owned(), operator.uid().to_owned());
                return Err(ProcessError::RawState { savepoint, operator, state: state.to_owned() });
            }
        }
        let verdicts = operators.iter().filter_map(|operator| operator.key_verdict);
        let verdict = verdicts.fold(Compatibility::Compatible, Compatibility::join);
        let costs = operators.iter().filter_map(|operator| operator.key.as_ref()).map(Migration::cost);
        let cost = costs.fold(Cost::Metadata, |worst, cost| if worst == Cost::Convert { worst } else { cost });
        Ok(Self { job: Job { savepoint, operators, options: options.clone() }, reports, states, verdict, cost })
    }

    /// What the resolver says of the new keys, when rows may move.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// What becomes of the keys of every operator.
    #[must_use]
    pub fn keys(&self) -> &[PlannedState] {
        &self.states
    }

    /// The verdict on the new keys, when rows may move.
    #[must_use]
    pub fn verdict(&self) -> Compatibility {
        self.verdict
    }

    /// [`Cost::Metadata`] if no row moves, and files are taken over as they are.
    #[must_use]
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Reads every row as if it were moved. Nothing is written.
    ///
    /// # Errors
    /// The savepoint is not as it was written. Keys that would become one are listed in the forecast.
    pub fn dry_run(&self, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Forecast, ProcessError> {
        dry_run::forecast(&self.job, progress)
    }

    /// Re-keys into a new savepoint, which must not exist yet: whole or not at all. Where functions of the program make
    /// the new keys, all are made and compared with each other first, before anything is written; what the rules make
    /// of different keys is different.
    ///
    /// # Errors
    /// Two keys would become one, the savepoint is not as it was written, or the new one cannot be written. Then there
    /// is no new one.
    pub fn run(
        &self,
        output: impl AsRef<Path>,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Savepoint, ProcessError> {
        write::check_output(output.as_ref())?;
        dry_run::check_keys(&self.job, progress)?;
        write::run(&self.job, &Extra::default(), output.as_ref(), progress)
    }
}

impl std::fmt::Debug for RekeyPlan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RekeyPlan")
            .field("savepoint", &self.job.savepoint.path())
            .field("verdict", &self.verdict)
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}
