//! Re-keying: an operator gets keys of another type, and every row moves to where its new key belongs.

use std::path::Path;

use typeser::migrate::{Cost, Migration};
use typeser::report::Reports;
use typeser::resolve::{Compatibility, Role};

use super::job::{Job, Lane, OperatorJob};
use super::migrate::{Planner, all_operators, has_one_operator};
use super::progress::Progress;
use super::run::{self, Extra};
use super::survey;
use super::{Forecast, PlanError, PlannedState, ProcessError, ProcessOptions, Target, Targets};
use crate::descriptor::StateKind;
use crate::key_group::KeyGroupRange;
use crate::restore::Judge;
use crate::savepoint::{Savepoint, SavepointOperator};

/// What a re-key of an operator will do: nothing was written yet, and nothing stands against it.
///
/// A restore never migrates keys, because their bytes decide in which key group a row lives. Here all rows of the
/// operator, whatever their state, move together. What is asked of the new keys is that different ones stay different;
/// see [`rekey`](typeser::resolve::rekey). A 1-tuple and its element have equal bytes, so between these two nothing but the
/// snapshot is rewritten.
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
    pub fn new(savepoint: &'a Savepoint, targets: &Targets, options: &ProcessOptions) -> Result<Self, PlanError> {
        demand_keys(savepoint, targets)?;
        let origin = format!("savepoint {}", savepoint.path().display());
        let (judge, only) = (Judge::new(&options.policy, &origin), has_one_operator(savepoint));
        let mut planner = Planner::new(judge, targets, only);
        let mut operators = Vec::new();
        for stored in all_operators(savepoint) {
            let meta = stored.meta().clone();
            let lanes = meta.states.iter().map(|_| Lane::as_it_is()).collect();
            let mut job = OperatorJob::new(stored, meta, lanes);
            plan_key(&mut job, judge, targets, only, &mut planner)?;
            operators.push(job);
        }
        let (reports, states) = planner.finish(savepoint)?;
        for operator in operators.iter().filter(|operator| operator.key.is_some()) {
            let missing = operator.stored.missing_key_groups(KeyGroupRange::all(operator.meta.max_parallelism));
            if !missing.is_empty() {
                let (savepoint, operator) = (savepoint.path().to_owned(), operator.uid().to_owned());
                return Err(PlanError::KeyGroupsMissing { savepoint, operator, missing });
            }
            if let Some(state) = raw_with_rows(operator.stored) {
                let (savepoint, operator) = (savepoint.path().to_owned(), operator.uid().to_owned());
                return Err(PlanError::RawState { savepoint, operator, state: state.to_owned() });
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
    /// The savepoint is not as it was written. Keys that would become one are told in the forecast.
    pub fn dry_run(&self, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Forecast, ProcessError> {
        survey::forecast(&self.job, progress)
    }

    /// Re-keys into a new savepoint, which must not exist yet: whole or not at all. Where functions of the program make the
    /// new keys, all are made and held against each other first, before anything is written; what the rules make of
    /// different keys is different.
    ///
    /// # Errors
    /// Two keys would become one, the savepoint is not as it was written, or the new one cannot be written. Then there is
    /// no new one.
    pub fn run(
        &self,
        output: impl AsRef<Path>,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Savepoint, ProcessError> {
        run::demand_free(output.as_ref())?;
        survey::check_keys(&self.job, progress)?;
        run::run(&self.job, &Extra::default(), output.as_ref(), progress)
    }
}

/// A raw keyed state with rows: nobody but its program knows which keys its bytes speak of.
pub(super) fn raw_with_rows(operator: &SavepointOperator) -> Option<&str> {
    let all = KeyGroupRange::all(operator.meta().max_parallelism());
    let raw = operator.meta().states().iter().filter(|state| state.kind() == StateKind::RawKeyed);
    let mut with_rows = raw.filter(|state| operator.size_of(state.id(), all).entries > 0);
    with_rows.next().map(|state| state.name())
}

/// Every target is the key of an operator of the savepoint.
pub(super) fn demand_keys(savepoint: &Savepoint, targets: &Targets) -> Result<(), PlanError> {
    let uids = || savepoint.operators().iter().map(|operator| operator.meta().uid());
    let only = has_one_operator(savepoint);
    let is_key = |target: &&Target| uids().any(|uid| target.is_for(uid, only, None, Role::Key));
    let unknown: Vec<String> = targets.targets.iter().filter(|target| !is_key(target)).map(Target::to_string).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let known = uids().map(|uid| format!("key of operator `{uid}`")).collect();
    Err(PlanError::Unknown { savepoint: savepoint.path().to_owned(), unknown, known })
}

/// Plans new keys for an operator, if the targets name any.
pub(super) fn plan_key(
    job: &mut OperatorJob<'_>,
    judge: Judge<'_>,
    targets: &Targets,
    only: bool,
    planner: &mut Planner<'_>,
) -> Result<(), PlanError> {
    let (stored, uid) = (job.stored, job.stored.meta().uid());
    let target = targets.find(uid, only, None, Role::Key).filter(|_| stored.meta().keyed);
    let Some(target) = target else { return Ok(()) };
    let subject = format!("key of operator `{uid}`");
    let judged = judge.rekey(subject.clone(), (stored.meta().key(), &target.snapshot));
    let planned = planner.part(judged, uid, None, target, subject)?;
    planner.note(uid, None, Role::Key, planned.as_ref());
    job.key_verdict = planned.as_ref().map(|planned| planned.resolution.compatibility());
    if let Some(planned) = &planned {
        job.meta.key = planned.snapshot();
    }
    job.key = planned.and_then(|planned| planned.migration);
    Ok(())
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
