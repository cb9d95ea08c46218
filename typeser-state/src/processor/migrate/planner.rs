//! Compares every stored serializer with its new one, and collects what is found.

use typeser::SerializerSnapshot;
use typeser::migrate::{Cost, Migration};
use typeser::report::Reports;
use typeser::resolve::{Compatibility, Resolution, Role};

use super::targets::{Target, Targets};
use crate::descriptor::{OperatorMeta, SerializerPart, StateMeta};
use crate::processor::error::process::ProcessError;
use crate::processor::error::refused::{NeededFunctions, Refused};
use crate::processor::rewrite::job::{OperatorJob, StateJob};
use crate::rows::comparison::{Comparer, Comparison};
use crate::rows::dropped_data::DroppedData;
use crate::rows::time_to_live::TimeToLiveChange;
use crate::savepoint::Savepoint;

/// What becomes of one stored serializer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedState {
    /// The operator's uid.
    pub operator: String,
    /// The state; `None` for the keys of the operator.
    pub state: Option<String>,
    /// What the serializer is used for.
    pub role: Role,
    /// The verdict; `None` if no new serializer was given, and it stays as it is.
    pub verdict: Option<Compatibility>,
    /// What it costs.
    pub cost: Cost,
}

/// Compares every serializer, and collects the reports.
pub(crate) struct Planner<'t> {
    comparer: Comparer<'t>,
    targets: &'t Targets,
    only: bool,
    reports: Reports,
    functions: Vec<NeededFunctions>,
    states: Vec<PlannedState>,
}

/// What becomes of a part.
pub(crate) struct PlannedPart {
    pub(crate) resolution: Resolution,
    pub(crate) migration: Option<Migration>,
}

impl<'t> Planner<'t> {
    pub(crate) fn new(comparer: Comparer<'t>, targets: &'t Targets, only: bool) -> Self {
        Self { comparer, targets, only, reports: Reports::new(), functions: Vec::new(), states: Vec::new() }
    }

    /// What is stored of an operator from then on, and what is to be done with the rows of each state.
    pub(crate) fn operator(&mut self, stored: &OperatorMeta) -> Result<(OperatorMeta, Vec<StateJob>), ProcessError> {
        let (mut meta, uid) = (stored.clone(), stored.uid());
        let mut jobs = Vec::new();
        if stored.keyed {
            meta.key = self.key(stored)?;
        }
        for state in &mut meta.states {
            jobs.push(self.state(uid, state)?);
        }
        Ok((meta, jobs))
    }

    /// What is stored of the keys from then on.
    fn key(&mut self, stored: &OperatorMeta) -> Result<SerializerSnapshot, ProcessError> {
        let uid = stored.uid();
        let subject = format!("key of operator `{uid}`");
        let key = match self.targets.find(uid, self.only, None, Role::Key) {
            Some(target) => {
                let comparison = self.comparer.compare(subject.clone(), (stored.key(), &target.snapshot), Role::Key);
                self.part(comparison, uid, None, target, subject)?
            }
            None => None,
        };
        self.note(uid, None, Role::Key, key.as_ref());
        Ok(key.map_or_else(|| stored.key().clone(), |key| key.snapshot()))
    }

    fn state(&mut self, uid: &str, state: &mut StateMeta) -> Result<StateJob, ProcessError> {
        let mut job = StateJob::unchanged();
        if let Some(new) = state.time_to_live {
            job.rows.time_to_live = TimeToLiveChange::Kept { new };
        }
        let (name, kind) = (state.name.clone(), state.kind);
        let namespace = state.namespace.iter_mut().map(|snapshot| (SerializerPart::Namespace, snapshot));
        let serializers = state.serializers.iter_mut().map(|(part, snapshot)| (*part, snapshot));
        for (part, snapshot) in serializers.chain(namespace) {
            let role = kind.role(part);
            let target = self.targets.find(uid, self.only, Some(&name), role);
            let planned = match target {
                Some(target) => {
                    let subject = format!("{role} of state `{name}` of operator `{uid}`");
                    let comparison = self.comparer.compare(subject.clone(), (&*snapshot, &target.snapshot), role);
                    self.part(comparison, uid, Some(&name), target, subject)?
                }
                None => None,
            };
            self.note(uid, Some(&name), role, planned.as_ref());
            let Some(planned) = planned else { continue };
            *snapshot = planned.snapshot();
            job.verdict = job.verdict.into_iter().chain([planned.resolution.compatibility()]).max();
            match part {
                SerializerPart::UserKey => job.rows.user_key = planned.migration,
                SerializerPart::Value => {
                    job.dropped_data = DroppedData::of(&planned.resolution);
                    job.rows.value = planned.migration;
                }
                // Their bytes stay as they are, as those of keys do: the resolver knows no migration of either.
                SerializerPart::Namespace => {}
            }
        }
        Ok(job)
    }

    /// What becomes of a part; `None` if there is a problem, which is collected.
    pub(crate) fn part(
        &mut self,
        comparison: Comparison,
        operator: &str,
        state: Option<&str>,
        target: &Target,
        subject: String,
    ) -> Result<Option<PlannedPart>, ProcessError> {
        let Comparison { resolution, report } = comparison;
        self.reports.push(match state {
            Some(state) => report.with_state(state),
            None => report,
        });
        if resolution.compatibility() == Compatibility::Incompatible {
            return Ok(None);
        }
        if resolution.is_read_only() {
            return Err(ProcessError::ReadOnly { subject });
        }
        let needed = resolution.functions().into_iter().filter(|id| !target.functions.ids().any(|known| known == *id));
        let ids: Vec<String> = needed.map(str::to_owned).collect();
        if !ids.is_empty() {
            let (operator, state) = (operator.to_owned(), state.map(str::to_owned));
            self.functions.push(NeededFunctions { operator, state, role: resolution.role(), ids });
            return Ok(None);
        }
        let migration = match resolution.compatibility() {
            Compatibility::RequiresMigration => {
                let migration = resolution.migration(&target.functions);
                let migration = migration.map_err(|source| ProcessError::NoMigration { subject, source })?;
                Some(migration).filter(|migration| migration.cost() != Cost::Metadata)
            }
            _ => None,
        };
        Ok(Some(PlannedPart { resolution, migration }))
    }

    pub(crate) fn note(&mut self, operator: &str, state: Option<&str>, role: Role, planned: Option<&PlannedPart>) {
        let verdict = planned.map(|planned| planned.resolution.compatibility());
        let migration = planned.and_then(|planned| planned.migration.as_ref());
        let cost = migration.map_or(Cost::Metadata, Migration::cost);
        let (operator, state) = (operator.to_owned(), state.map(str::to_owned));
        self.states.push(PlannedState { operator, state, role, verdict, cost });
    }

    /// All reports, if there are no problems.
    pub(crate) fn finish(self, savepoint: &Savepoint) -> Result<(Reports, Vec<PlannedState>), ProcessError> {
        let Self { reports, functions, states, .. } = self;
        if reports.compatibility() == Compatibility::Incompatible || !functions.is_empty() {
            let savepoint = savepoint.path().to_owned();
            return Err(ProcessError::Refused(Box::new(Refused { savepoint, reports, functions })));
        }
        Ok((reports, states))
    }
}

impl PlannedPart {
    /// What is stored beside the bytes from then on: what a restore under the new serializer would store.
    pub(crate) fn snapshot(&self) -> SerializerSnapshot {
        self.resolution.adopted().unwrap_or_else(|| self.resolution.new_snapshot()).clone()
    }
}

/// Plans new keys for an operator, if the targets name any.
pub(crate) fn plan_key(
    job: &mut OperatorJob<'_>,
    comparer: Comparer<'_>,
    targets: &Targets,
    only: bool,
    planner: &mut Planner<'_>,
) -> Result<(), ProcessError> {
    let (stored, uid) = (job.stored, job.stored.meta().uid());
    let target = targets.find(uid, only, None, Role::Key).filter(|_| stored.meta().keyed);
    let Some(target) = target else { return Ok(()) };
    let subject = format!("key of operator `{uid}`");
    let comparison = comparer.compare_keys(subject.clone(), (stored.meta().key(), &target.snapshot));
    let planned = planner.part(comparison, uid, None, target, subject)?;
    planner.note(uid, None, Role::Key, planned.as_ref());
    job.key_verdict = planned.as_ref().map(|planned| planned.resolution.compatibility());
    if let Some(planned) = &planned {
        job.meta.key = planned.snapshot();
    }
    job.key = planned.and_then(|planned| planned.migration);
    Ok(())
}
