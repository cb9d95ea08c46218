//! Migrating a savepoint without its program: all verdicts first, then a dry run or a new savepoint.

use std::path::Path;

use typeser::SerializerSnapshot;
use typeser::migrate::{Cost, Migration};
use typeser::report::{Report, Reports};
use typeser::resolve::{Compatibility, Resolution, Role};

use super::job::{Job, Lane, OperatorJob};
use super::losses::Loss;
use super::progress::Progress;
use super::run::{self, Extra};
use super::survey;
use super::{Forecast, NeededFunctions, PlanError, ProcessError, ProcessOptions, Refused, Target, Targets};
use crate::descriptor::{OperatorMeta, SerializerPart, StateMeta};
use crate::restore::{Judge, Judged};
use crate::savepoint::{Savepoint, SavepointOperator};

/// What a migration of a savepoint will do: nothing was written yet, and nothing stands against it.
pub struct MigrationPlan<'a> {
    job: Job<'a>,
    reports: Reports,
    states: Vec<PlannedState>,
}

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

impl<'a> MigrationPlan<'a> {
    /// Resolves every serializer for which there is a new one. Keys stay where they are, so they are held to what a
    /// restore asks of them; see [`RekeyPlan`](super::RekeyPlan) for others.
    ///
    /// # Errors
    /// A new serializer stands for nothing in the savepoint; or something is incompatible or needs functions that are not
    /// at hand: then the error tells of everything at once.
    pub fn new(savepoint: &'a Savepoint, targets: &Targets, options: &ProcessOptions) -> Result<Self, PlanError> {
        demand_known(savepoint, targets)?;
        let origin = format!("savepoint {}", savepoint.path().display());
        let judge = Judge::new(&options.policy, &origin);
        let mut planner = Planner::new(judge, targets, has_one_operator(savepoint));
        let operators: Vec<_> = all_operators(savepoint)
            .map(|stored| {
                let (meta, lanes) = planner.operator(stored.meta())?;
                Ok(OperatorJob::new(stored, meta, lanes))
            })
            .collect::<Result<_, PlanError>>()?;
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

    /// Reads every row as if it were migrated. Nothing is written.
    ///
    /// # Errors
    /// The savepoint is not as it was written. Rows that could not be migrated are told in the forecast.
    pub fn dry_run(&self, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Forecast, ProcessError> {
        survey::forecast(&self.job, progress)
    }

    /// Migrates into a new savepoint, which must not exist yet: whole or not at all.
    ///
    /// # Errors
    /// The savepoint is not as it was written, a row cannot be migrated, or the new one cannot be written. Then there is
    /// no new one.
    pub fn run(
        &self,
        output: impl AsRef<Path>,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Savepoint, ProcessError> {
        run::run(&self.job, &Extra::default(), output.as_ref(), progress)
    }
}

/// Operators with keyed state, then operators with state of their own: one may be among both.
pub(super) fn all_operators(savepoint: &Savepoint) -> impl Iterator<Item = &SavepointOperator> {
    savepoint.operators().iter().chain(savepoint.operator_states().iter().map(|operator| &operator.0))
}

/// Whether what names no operator can be for one only.
pub(super) fn has_one_operator(savepoint: &Savepoint) -> bool {
    let mut uids = all_operators(savepoint).map(|operator| operator.meta().uid());
    uids.next().is_some_and(|first| uids.all(|uid| uid == first))
}

/// Every new serializer has a place: one that has none is a mistake in a name.
pub(super) fn demand_known(savepoint: &Savepoint, targets: &Targets) -> Result<(), PlanError> {
    let only = has_one_operator(savepoint);
    let mut places: Vec<(&str, Option<&str>, Role)> = Vec::new();
    for meta in all_operators(savepoint).map(SavepointOperator::meta) {
        if meta.keyed {
            places.push((meta.uid(), None, Role::Key));
        }
        for state in meta.states() {
            let roles = state.all_serializers().map(|(part, _)| state.kind().role(part));
            places.extend(roles.map(|role| (meta.uid(), Some(state.name()), role)));
        }
    }
    let is_known = |target: &&Target| places.iter().any(|(uid, state, role)| target.is_for(uid, only, *state, *role));
    let unknown: Vec<String> =
        targets.targets.iter().filter(|target| !is_known(target)).map(Target::to_string).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let known = places.into_iter().map(|(uid, state, role)| match state {
        Some(state) => format!("{role} of state `{state}` of operator `{uid}`"),
        None => format!("{role} of operator `{uid}`"),
    });
    Err(PlanError::Unknown { savepoint: savepoint.path().to_owned(), unknown, known: known.collect() })
}

/// Asks for every serializer, and keeps what it is told.
pub(super) struct Planner<'t> {
    judge: Judge<'t>,
    targets: &'t Targets,
    only: bool,
    reports: Reports,
    functions: Vec<NeededFunctions>,
    states: Vec<PlannedState>,
}

/// What becomes of a part.
pub(super) struct PlannedPart {
    pub(super) resolution: Resolution,
    pub(super) migration: Option<Migration>,
}

impl<'t> Planner<'t> {
    pub(super) fn new(judge: Judge<'t>, targets: &'t Targets, only: bool) -> Self {
        Self { judge, targets, only, reports: Reports::new(), functions: Vec::new(), states: Vec::new() }
    }

    /// What is stored of an operator from then on, and what is to be done with the rows of each state.
    pub(super) fn operator(&mut self, stored: &OperatorMeta) -> Result<(OperatorMeta, Vec<Lane>), PlanError> {
        let (mut meta, uid) = (stored.clone(), stored.uid());
        let mut lanes = Vec::new();
        if stored.keyed {
            meta.key = self.key(stored)?;
        }
        for state in &mut meta.states {
            lanes.push(self.state(uid, state)?);
        }
        Ok((meta, lanes))
    }

    /// What is stored of the keys from then on.
    fn key(&mut self, stored: &OperatorMeta) -> Result<SerializerSnapshot, PlanError> {
        let uid = stored.uid();
        let subject = format!("key of operator `{uid}`");
        let key = match self.targets.find(uid, self.only, None, Role::Key) {
            Some(target) => {
                let judged = self.judge.resolve(subject.clone(), (stored.key(), &target.snapshot), Role::Key);
                self.part(judged, uid, None, target, subject)?
            }
            None => None,
        };
        self.note(uid, None, Role::Key, key.as_ref());
        Ok(key.map_or_else(|| stored.key().clone(), |key| key.snapshot()))
    }

    fn state(&mut self, uid: &str, state: &mut StateMeta) -> Result<Lane, PlanError> {
        let mut lane = Lane::as_it_is();
        let (name, kind) = (state.name.clone(), state.kind);
        let namespace = state.namespace.iter_mut().map(|snapshot| (SerializerPart::Namespace, snapshot));
        let serializers = state.serializers.iter_mut().map(|(part, snapshot)| (*part, snapshot));
        for (part, snapshot) in serializers.chain(namespace) {
            let role = kind.role(part);
            let target = self.targets.find(uid, self.only, Some(&name), role);
            let planned = match target {
                Some(target) => {
                    let subject = format!("{role} of state `{name}` of operator `{uid}`");
                    let judged = self.judge.resolve(subject.clone(), (&*snapshot, &target.snapshot), role);
                    self.part(judged, uid, Some(&name), target, subject)?
                }
                None => None,
            };
            self.note(uid, Some(&name), role, planned.as_ref());
            let Some(planned) = planned else { continue };
            *snapshot = planned.snapshot();
            lane.verdict = lane.verdict.into_iter().chain([planned.resolution.compatibility()]).max();
            match part {
                SerializerPart::UserKey => lane.user_key = planned.migration,
                SerializerPart::Value => {
                    lane.losses = Loss::all(&planned.resolution);
                    lane.value = planned.migration;
                    lane.resolution = Some(planned.resolution);
                }
                // Their bytes stay as they are, as those of keys do: the resolver knows no migration of either.
                SerializerPart::Namespace => {}
            }
        }
        Ok(lane)
    }

    /// What becomes of a part; `None` if something stands against it, which is kept.
    pub(super) fn part(
        &mut self,
        judged: Judged,
        operator: &str,
        state: Option<&str>,
        target: &Target,
        subject: String,
    ) -> Result<Option<PlannedPart>, PlanError> {
        let Judged { resolution, report } = judged;
        self.reports.push(match state {
            Some(state) => report.with_state(state),
            None => report,
        });
        if resolution.compatibility() == Compatibility::Incompatible {
            return Ok(None);
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
                let migration = migration.map_err(|source| PlanError::NoMigration { subject, source })?;
                Some(migration).filter(|migration| migration.cost() != Cost::Metadata)
            }
            _ => None,
        };
        Ok(Some(PlannedPart { resolution, migration }))
    }

    pub(super) fn note(&mut self, operator: &str, state: Option<&str>, role: Role, planned: Option<&PlannedPart>) {
        let verdict = planned.map(|planned| planned.resolution.compatibility());
        let migration = planned.and_then(|planned| planned.migration.as_ref());
        let cost = migration.map_or(Cost::Metadata, Migration::cost);
        let (operator, state) = (operator.to_owned(), state.map(str::to_owned));
        self.states.push(PlannedState { operator, state, role, verdict, cost });
    }

    /// All reports, if nothing stands against anything.
    pub(super) fn finish(self, savepoint: &Savepoint) -> Result<(Reports, Vec<PlannedState>), PlanError> {
        let Self { reports, functions, states, .. } = self;
        if reports.compatibility() == Compatibility::Incompatible || !functions.is_empty() {
            let savepoint = savepoint.path().to_owned();
            return Err(PlanError::Refused(Box::new(Refused { savepoint, reports, functions })));
        }
        Ok((reports, states))
    }
}

impl PlannedPart {
    /// What is stored beside the bytes from then on: what a restore under the new serializer would store.
    pub(super) fn snapshot(&self) -> SerializerSnapshot {
        self.resolution.adopted().unwrap_or_else(|| self.resolution.new_snapshot()).clone()
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
