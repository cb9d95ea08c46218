//! What an edit of a savepoint will do: every step finds its operators and states, or is reported as a problem.

use std::path::Path;

use typeser::report::Reports;
use typeser::resolve::{Compatibility, Role};

use super::steps::{SavepointEdit, Step};
use crate::descriptor::{OperatorMeta, StateKind, check_name};
use crate::key_group::{KeyGroupRange, MaxParallelism};
use crate::processor::error::edit::{Conflict, EditProblem, EditRefused};
use crate::processor::error::process::ProcessError;
use crate::processor::migrate::planner::{Planner, plan_key};
use crate::processor::migrate::targets_known::{check_key_targets, check_targets};
use crate::processor::operators::{all_operators, has_one_operator, raw_with_rows};
use crate::processor::options::ProcessOptions;
use crate::processor::rewrite::dry_run;
use crate::processor::rewrite::extra::{Addition, Extra, ModifiedOperator, Modify};
use crate::processor::rewrite::forecast::Forecast;
use crate::processor::rewrite::job::{Job, Joined, OperatorJob, StateJob};
use crate::processor::rewrite::write;
use crate::rows::comparison::Comparer;
use crate::rows::progress::Progress;
use crate::savepoint::{Savepoint, SavepointOperator};

/// What an edit will do: nothing was written yet, and there are no problems.
pub struct EditPlan<'a> {
    job: Job<'a>,
    extra: Extra<'a>,
    reports: Reports,
}

impl EditPlan<'_> {
    /// What the resolver says of every new serializer that was given.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Reads and migrates every row, and calls the functions that change some. Nothing is written. State
    /// that is added is not in the forecast.
    ///
    /// # Errors
    /// The base is not as it was written, or a function failed. Rows that could not be migrated are listed in the
    /// forecast.
    pub fn dry_run(&self, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Forecast, ProcessError> {
        let mut forecast = dry_run::forecast(&self.job, progress)?;
        for modified in &self.extra.modified {
            forecast.states.extend(write::look_at_modified(&self.job, modified, progress)?);
        }
        Ok(forecast)
    }

    /// Writes the new savepoint, which must not exist yet: whole or not at all.
    ///
    /// # Errors
    /// The base is not as it was written, a row cannot be migrated, a function failed, or the new savepoint cannot
    /// be written. Then there is no new one.
    pub fn run(
        &self,
        output: impl AsRef<Path>,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Savepoint, ProcessError> {
        write::check_output(output.as_ref())?;
        dry_run::check_keys(&self.job, progress)?;
        write::run(&self.job, &self.extra, output.as_ref(), progress)
    }
}

impl<'a> SavepointEdit<'a> {
    /// Finds out what the edit would do, and whether there are problems.
    ///
    /// # Errors
    /// Something is named that the base does not hold, or is in the way, or is incompatible: the error lists
    /// everything at once.
    pub fn plan(self, options: &ProcessOptions) -> Result<EditPlan<'a>, ProcessError> {
        plan(self, options)
    }

    /// Writes the new savepoint, which must not exist yet: [`SavepointEdit::plan`], then [`EditPlan::run`].
    ///
    /// # Errors
    /// There is no plan, or it cannot be executed. Then there is no new savepoint.
    pub fn write(
        self,
        output: impl AsRef<Path>,
        options: &ProcessOptions,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<Savepoint, ProcessError> {
        self.plan(options)?.run(output, progress)
    }
}

/// What becomes of an operator of the base.
struct Draft<'a> {
    job: OperatorJob<'a>,
    removed: bool,
    modify: Option<Box<dyn Modify + 'a>>,
    /// Whether it is a part of another one, and so not in the base under this uid.
    split: bool,
}

impl Draft<'_> {
    fn is(&self, uid: &str, keyed: bool) -> bool {
        let stored = self.job.stored.meta();
        let known = if self.split { self.job.meta.uid.as_str() } else { stored.uid() };
        known == uid && stored.keyed == keyed
    }

    fn has(&self, state: &str) -> bool {
        self.job.stored.meta().state(state).is_some()
    }
}

pub(crate) fn plan<'a>(edit: SavepointEdit<'a>, options: &ProcessOptions) -> Result<EditPlan<'a>, ProcessError> {
    let SavepointEdit { base, steps, targets, rekeys } = edit;
    check_targets(base, &targets)?;
    check_key_targets(base, &rekeys)?;
    let origin = format!("savepoint {}", base.path().display());
    let (comparer, only) = (Comparer::new(&options.policy, &origin), has_one_operator(base));
    let mut planner = Planner::new(comparer, &targets, only);
    let mut drafts = Vec::new();
    for stored in all_operators(base) {
        let (meta, states) = planner.operator(stored.meta())?;
        let mut job = OperatorJob::new(stored, meta, states);
        plan_key(&mut job, comparer, &rekeys, only, &mut planner)?;
        drafts.push(Draft { job, removed: false, modify: None, split: false });
    }
    let mut editor = Editor { base, drafts, added: Vec::new(), problems: Vec::new() };
    let moves = steps.into_iter().filter_map(|step| editor.apply(step)).collect::<Vec<_>>();
    moves.iter().for_each(|(uid, state, to)| editor.move_state(comparer, uid, state, to));
    let (modified, operators) = editor.finish_drafts(options);
    editor.check_distinct(&operators, &modified);
    let Editor { added, mut problems, .. } = editor;
    let reports = match planner.finish(base) {
        Ok((reports, _)) => reports,
        Err(ProcessError::Refused(refused)) if !problems.is_empty() => {
            problems.push(Conflict::Refused(refused));
            Reports::new()
        }
        Err(error) => return Err(error),
    };
    if !problems.is_empty() {
        return Err(ProcessError::Edit(Box::new(EditRefused {
            base: base.path().to_owned(),
            problems: problems.into_iter().map(EditProblem).collect(),
        })));
    }
    let job = Job { savepoint: base, operators, options: options.clone() };
    Ok(EditPlan { job, extra: Extra { modified, added }, reports })
}

/// Applies steps, and collects the problems.
struct Editor<'a> {
    base: &'a Savepoint,
    drafts: Vec<Draft<'a>>,
    added: Vec<Addition<'a>>,
    problems: Vec<Conflict>,
}

impl<'a> Editor<'a> {
    /// Applies a step. Gives it back if it moves a state: all others come first.
    fn apply(&mut self, step: Step<'a>) -> Option<(String, String, String)> {
        match step {
            Step::RemoveKeyed { uid } => self.keyed(&uid).map_or((), |draft| draft.removed = true),
            Step::RemoveOwn { uid } => self.own(&uid).map_or((), |draft| draft.removed = true),
            Step::Rename { uid, to } => {
                self.check_new_name("an operator", &to);
                self.check_operator(&uid);
                let named = self.drafts.iter_mut().filter(|draft| draft.job.stored.meta().uid() == uid);
                named.for_each(|draft| draft.job.meta.uid.clone_from(&to));
            }
            Step::RemoveState { uid, state } => self.each_with(&uid, &state, |job, index, id| {
                job.states[index].dropped = true;
                job.meta.states.retain(|state| state.id != id);
            }),
            Step::RenameState { uid, state, to } => {
                self.check_new_name("a state", &to);
                self.each_with(&uid, &state, |job, _, id| {
                    let named = job.meta.states.iter_mut().find(|state| state.id == id);
                    named.into_iter().for_each(|state| state.name.clone_from(&to));
                });
            }
            Step::MaxParallelism { uid, groups } => {
                let draft = self.keyed(&uid)?;
                draft.job.regroup |= draft.job.stored.meta().max_parallelism() != groups;
                draft.job.meta.max_parallelism = groups;
            }
            Step::Modify(modify) => {
                let uid = modify.uid().to_owned();
                let draft = self.keyed(&uid)?;
                if draft.modify.replace(modify).is_some() {
                    let (first, second) = ("changed by a function", "by another one");
                    self.problems.push(Conflict::Combined { operator: uid, first, second });
                }
            }
            Step::Add(addition) => self.added.push(addition),
            Step::MoveState { uid, state, to } => {
                self.check_new_name("an operator", &to);
                return Some((uid, state, to));
            }
        }
        None
    }

    fn check_new_name(&mut self, what: &'static str, name: &str) {
        if let Err(error) = check_name(what, name) {
            self.problems.push(Conflict::Name(error));
        }
    }

    fn keyed(&mut self, uid: &str) -> Option<&mut Draft<'a>> {
        self.draft(uid, true, "keyed state")
    }

    fn own(&mut self, uid: &str) -> Option<&mut Draft<'a>> {
        self.draft(uid, false, "operator state")
    }

    fn draft(&mut self, uid: &str, keyed: bool, what: &'static str) -> Option<&mut Draft<'a>> {
        let found = self.drafts.iter().position(|draft| draft.is(uid, keyed));
        if found.is_none() {
            let known = all_operators(self.base).map(SavepointOperator::meta).filter(|meta| meta.keyed == keyed);
            let known = known.map(|meta| meta.uid().to_owned()).collect();
            self.problems.push(Conflict::NoSuchOperator { operator: uid.to_owned(), what, known });
        }
        found.and_then(|index| self.drafts.get_mut(index))
    }

    /// Whether the base has the operator, with whatever state.
    fn check_operator(&mut self, uid: &str) -> bool {
        let mut known: Vec<String> = all_operators(self.base).map(|stored| stored.meta().uid().to_owned()).collect();
        let has = known.iter().any(|known| known == uid);
        if !has {
            known.dedup();
            self.problems.push(Conflict::NoSuchOperator { operator: uid.to_owned(), what: "state", known });
        }
        has
    }

    /// Every operator of this uid that has a state of this name: its job, which of the states it is, and its number.
    fn each_with(&mut self, uid: &str, state: &str, mut change: impl FnMut(&mut OperatorJob<'a>, usize, u16)) {
        if !self.check_state(uid, state) {
            return;
        }
        for draft in self.drafts.iter_mut().filter(|draft| draft.job.stored.meta().uid() == uid) {
            let states = draft.job.stored.meta().states().iter();
            let found = states.enumerate().find(|(_, known)| known.name() == state);
            if let Some((index, known)) = found {
                change(&mut draft.job, index, known.id());
            }
        }
    }

    fn check_state(&mut self, uid: &str, state: &str) -> bool {
        if !self.check_operator(uid) {
            return false;
        }
        let of_uid = |draft: &&Draft<'_>| draft.job.stored.meta().uid() == uid;
        let has = self.drafts.iter().filter(of_uid).any(|draft| draft.has(state));
        if !has {
            let states = self.drafts.iter().filter(of_uid).flat_map(|draft| draft.job.stored.meta().states());
            let known = states.map(|state| state.name().to_owned()).collect();
            let (operator, state) = (uid.to_owned(), state.to_owned());
            self.problems.push(Conflict::NoSuchState { operator, state, known });
        }
        has
    }

    fn move_state(&mut self, comparer: Comparer<'_>, uid: &str, state: &str, to: &str) {
        if !self.check_state(uid, state) {
            return;
        }
        for keyed in [true, false] {
            let source = self.drafts.iter().position(|draft| !draft.split && draft.is(uid, keyed) && draft.has(state));
            if let Some(source) = source {
                self.move_from(comparer, source, state, to);
            }
        }
    }

    fn move_from(&mut self, comparer: Comparer<'_>, source: usize, state: &str, to: &str) {
        let job = &mut self.drafts[source].job;
        let stored = job.stored;
        let Some(index) = stored.meta().states().iter().position(|known| known.name() == state) else { return };
        let Some(at) = job.meta.states.iter().position(|known| known.id == stored.meta().states()[index].id) else {
            let operator = stored.meta().uid().to_owned();
            let (first, second) = ("rid of a state", "the giver of it");
            return self.problems.push(Conflict::Combined { operator, first, second });
        };
        if job.key.is_some() {
            let operator = stored.meta().uid().to_owned();
            let (first, second) = ("re-keyed", "split");
            return self.problems.push(Conflict::Combined { operator, first, second });
        }
        let mut moved = job.meta.states.remove(at);
        let mut moved_state = std::mem::replace(&mut job.states[index], StateJob::elsewhere());
        let (meta, regroup) = (job.meta.clone(), job.regroup);
        let target = self.drafts.iter_mut().find(|draft| draft.is(to, meta.keyed) && !draft.removed);
        let Some(target) = target else {
            let states = stored.meta().states().iter().map(|_| StateJob::elsewhere()).collect();
            let meta = OperatorMeta { uid: to.to_owned(), states: vec![moved], ..meta };
            let mut job = OperatorJob { regroup, ..OperatorJob::new(stored, meta, states) };
            job.states[index] = moved_state;
            return self.drafts.push(Draft { job, removed: false, modify: None, split: true });
        };
        let job = &mut target.job;
        if std::ptr::eq(job.stored, stored) {
            job.meta.states.push(moved);
            job.states[index] = moved_state;
            return;
        }
        if let Some(problem) = problems_of_joining(comparer, stored, job, state, to) {
            return self.problems.push(problem);
        }
        let Some(id) = free_id(job) else {
            let operator = to.to_owned();
            return self.problems.push(Conflict::TooManyStates { operator, state: state.to_owned() });
        };
        let state_id = stored.meta().states()[index].id;
        moved.id = id;
        moved_state.rows.id = Some(id);
        job.meta.states.push(moved);
        job.regroup |= meta.keyed && stored.meta().max_parallelism() != job.meta.max_parallelism;
        job.joined.push(Joined { stored, state_id, state: moved_state });
    }

    /// What is done, if there are no problems.
    fn finish_drafts(&mut self, options: &ProcessOptions) -> (Vec<ModifiedOperator<'a>>, Vec<OperatorJob<'a>>) {
        let (mut modified, mut operators) = (Vec::new(), Vec::new());
        for Draft { job, removed, modify, .. } in std::mem::take(&mut self.drafts) {
            if removed {
                continue;
            }
            let operator = job.stored.meta().uid().to_owned();
            let Some(modify) = modify else {
                if job.moves() {
                    self.check_movable(&job, operator);
                }
                operators.push(job);
                continue;
            };
            if job.changes_rows() {
                let (first, second) = ("changed by a function", "changed otherwise");
                self.problems.push(Conflict::Combined { operator, first, second });
                continue;
            }
            match modify.meta(self.base, job.stored, options) {
                Ok(mut meta) => {
                    meta.uid.clone_from(&job.meta.uid);
                    for renamed in &job.meta.states {
                        let state = meta.states.iter_mut().find(|state| state.id == renamed.id);
                        state.into_iter().for_each(|state| state.name.clone_from(&renamed.name));
                    }
                    modified.push(ModifiedOperator { stored: job.stored, meta, modify });
                }
                Err(error) => self.problems.push(Conflict::Modify(Box::new(error))),
            }
        }
        (modified, operators)
    }

    fn check_movable(&mut self, job: &OperatorJob<'_>, operator: String) {
        let joined = job.joined.iter().map(|joined| joined.stored);
        for stored in std::iter::once(job.stored).chain(joined) {
            let missing = stored.missing_key_groups(KeyGroupRange::all(stored.meta().max_parallelism()));
            if !missing.is_empty() {
                let operator = stored.meta().uid().to_owned();
                self.problems.push(Conflict::KeyGroupsMissing { operator, missing });
            }
        }
        let raw = if job.regroup || job.key.is_some() { raw_with_rows(job.stored) } else { None };
        let kept = |name: &&str| {
            let id = job.stored.meta().state(name).map(|state| state.id());
            job.meta.states.iter().any(|state| Some(state.id) == id && state.kind == StateKind::RawKeyed)
        };
        if let Some(state) = raw.filter(kept) {
            self.problems.push(Conflict::RawState { operator, state: state.to_owned() });
        }
        for joined in job.joined.iter().filter(|_| job.regroup) {
            let meta = joined.stored.meta();
            let raw = meta.states().iter().find(|state| state.id() == joined.state_id);
            let all = KeyGroupRange::all(meta.max_parallelism());
            if let Some(state) = raw.filter(|state| state.kind == StateKind::RawKeyed)
                && joined.stored.size_of(state.id(), all).entries > 0
            {
                let (operator, state) = (meta.uid().to_owned(), state.name().to_owned());
                self.problems.push(Conflict::RawState { operator, state });
            }
        }
    }

    /// No two operators have one uid, and no two states of one operator one name.
    fn check_distinct(&mut self, operators: &[OperatorJob<'_>], modified: &[ModifiedOperator<'_>]) {
        let metas = operators.iter().map(|job| &job.meta).chain(modified.iter().map(|modified| &modified.meta));
        let metas: Vec<&OperatorMeta> = metas.collect();
        let mut known: Vec<(&str, bool)> = Vec::new();
        for meta in metas {
            let name = (meta.uid(), meta.keyed);
            let added = self.added.iter().any(|added| (added.meta.uid(), added.meta.keyed) == name);
            if added || known.contains(&name) {
                self.problems.push(Conflict::OperatorTaken { operator: meta.uid().to_owned() });
            }
            known.push(name);
            for (index, state) in meta.states().iter().enumerate() {
                if meta.states()[..index].iter().any(|other| other.name() == state.name()) {
                    let (operator, state) = (meta.uid().to_owned(), state.name().to_owned());
                    self.problems.push(Conflict::StateTaken { operator, state });
                }
            }
        }
    }
}

/// A number that neither a state of the operator has, nor one that is left out.
fn free_id(job: &OperatorJob<'_>) -> Option<u16> {
    let states = job.stored.meta().states().iter().chain(&job.meta.states);
    (0..=u16::MAX).find(|id| !states.clone().any(|state| state.id == *id))
}

fn problems_of_joining(
    comparer: Comparer<'_>,
    source: &SavepointOperator,
    target: &OperatorJob<'_>,
    state: &str,
    to: &str,
) -> Option<Conflict> {
    let (state, from, to) = (state.to_owned(), source.meta().uid().to_owned(), to.to_owned());
    if target.key.is_some() {
        let (first, second) = ("re-keyed", "merged with another one");
        return Some(Conflict::Combined { operator: to, first, second });
    }
    if source.meta().keyed {
        let subject = format!("key of operator `{to}`");
        let comparison = comparer.compare(subject, (source.meta().key(), &target.meta.key), Role::Key);
        let differ = comparison.resolution.compatibility() != Compatibility::Compatible;
        return differ.then(|| Conflict::KeysDiffer { state, from, to, report: Box::new(comparison.report) });
    }
    let instances = |groups: MaxParallelism| groups.groups();
    let (has, other) = (instances(source.meta().max_parallelism()), instances(target.meta.max_parallelism));
    let parallelism = (has, other);
    (has != other).then_some(Conflict::ParallelismDiffers { state, from, to, parallelism })
}

impl std::fmt::Debug for EditPlan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EditPlan").field("base", &self.job.savepoint.path()).finish_non_exhaustive()
    }
}
