//! The second half of a restore: rows stream from the savepoint into the backend.

use std::num::NonZero;
use std::sync::Arc;

use typeser::migrate::{Cost, Migration, NoMigration};
use typeser::resolve::Compatibility;
use typeser::serializer::Conversions;
use typeser::{StateKey, TypeSerializer};

use super::batch::{RestoreBatch, RestoreJob, StateJob, for_each_batch};
use super::error::RestoreError;
use super::local::{self, Contents, Retained};
use super::matching::{MatchedState, StateAction, link};
use super::options::RestoreOptions;
use super::plan::RestorePlan;
use super::progress::Progress;
use super::resume::{Resume, identity};
use super::state_plan::StatePlan;
use super::write::{Filled, Writer};
use crate::backend::Backend;
use crate::descriptor::{SerializerPart, StateKind};
use crate::key_group::KeyGroupRange;
use crate::keyed::{KeyedStateBackend, Operator, Parts, RowKey};
use crate::rows::collisions::Colliding;
use crate::rows::display::shown_with_bytes;
use crate::rows::dropped_data::DroppedData;
use crate::rows::plan::RowPlan;
use crate::rows::transform::Transformer;
use crate::savepoint::{Row, Savepoint, SavepointOperator};

/// From how many stored bytes on threads are worth their while.
const THREADS_FROM: u64 = 4 * 1024 * 1024;

impl<K: StateKey> Operator<K> {
    /// Restores the state of this operator instance from a savepoint into an empty backend: [`Operator::plan`], then
    /// [`RestorePlan::run`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let directory = folder.path().join("first");
    /// use typeser_state::backend::MemoryBackend;
    /// use typeser_state::keyed::Operator;
    /// use typeser_state::restore::RestoreOptions;
    /// use typeser_state::savepoint::Savepoint;
    ///
    /// // The old release counts in `u32` ...
    /// let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// let departures = operator.value::<u32>("departures")?;
    /// let mut state = operator.open(MemoryBackend::new())?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// departures.update(&mut state, &111)?;
    /// Savepoint::create(&directory)?.operator(&state)?.finish()?;
    ///
    /// // ... and the new one in `u64`.
    /// let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// let departures = operator.value::<u64>("departures")?;
    /// let savepoint = Savepoint::open(&directory)?;
    /// let options = RestoreOptions::new();
    /// let mut state = operator.restore(&savepoint, MemoryBackend::new(), &options, &mut |progress| {
    ///     assert_eq!((progress.state, progress.entries, progress.total_entries), ("departures", 1, 1));
    /// })?;
    /// state.set_current_key(&"N14228".to_owned())?;
    /// assert_eq!(departures.get(&mut state)?, Some(111));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Something that is stored has no place in the program, the backend is not empty, or a file fails.
    pub fn restore<B: Backend>(
        &self,
        savepoint: &Savepoint,
        backend: B,
        options: &RestoreOptions,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<KeyedStateBackend<K, B>, RestoreError> {
        self.plan(savepoint, options)?.run(backend, progress)
    }
}

impl<K: StateKey> RestorePlan<'_, K> {
    /// Copies or migrates the stored rows into an empty backend, in batches of bounded size. The savepoint is only read.
    ///
    /// Rows are read and migrated by [several threads](super::RestoreOptions::with_workers), and written by this one,
    /// in the order of their key groups. Until all are there, the backend refuses to be opened.
    ///
    /// If the process ends half-way, the same restore into the same backend goes on from the last
    /// [flush](super::RestoreOptions::with_flush_bytes); what has been restored is not migrated again. If it fails, or
    /// another savepoint or program comes, the next restore starts over: a function may have been corrected in
    /// between.
    ///
    /// # Errors
    /// The backend is not empty, a file of the savepoint is not as it was written, or the backend fails.
    pub fn run<B: Backend>(
        self,
        backend: B,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<KeyedStateBackend<K, B>, RestoreError> {
        self.fill(self.operator.key_groups(), backend, progress, |migrator, _| migrator.run())
    }

    /// Prepares a backend for these key groups, has the stored rows migrated into it, and marks it as complete.
    pub(super) fn fill<B: Backend>(
        &self,
        key_groups: KeyGroupRange,
        mut backend: B,
        progress: &mut dyn FnMut(&Progress<'_>),
        migrate: impl FnOnce(Migrator<'_, K, B>, &SavepointOperator) -> Result<(), RestoreError>,
    ) -> Result<KeyedStateBackend<K, B>, RestoreError> {
        check_empty(&mut backend)?;
        let operator = &*self.operator;
        let key = self.matching.key_link().apply(&operator.key)?;
        let linked = link(operator, &self.matching, key.snapshot().clone(), self.stored.map(SavepointOperator::meta))?;
        let savepoint = self.savepoint.path().display().to_string();
        let identity = identity(self, key_groups, &linked.meta)?;
        let states = self.jobs()?;
        let (tables, resumed) = local::begin_restore(&mut backend, &savepoint, identity)?;
        if let Some(stored) = self.stored {
            let now = resumed.as_ref().map_or_else(|| operator.clock.now(), |resumed| resumed.now);
            let job = RestoreJob { stored: stored.meta(), states, trust: self.trust, now, tables, dry: false };
            let done = resumed.unwrap_or_else(|| Resume::new(identity, now, job.states.len()));
            let target = Filled::new(&mut backend, tables, self.flush_bytes);
            let colliding = |state: usize, row_key: &[u8]| self.colliding(&job, state, row_key);
            let writer = Writer::new(self.operator.uid(), self.states(), (&job, &colliding), target, progress, done);
            migrate(Migrator::new(self, &job, writer), stored).inspect_err(|error| match error {
                // What was flushed is good.
                RestoreError::Backend(_) => {}
                // A correction has to apply to every row.
                _ => local::forget_progress(&mut backend, tables),
            })?;
        }
        let retained = Retained { states: self.retained_states(), operators: self.retained_operators.clone() };
        local::store(&mut backend, tables.metadata, key_groups, &linked.meta, &retained)?;
        Ok(KeyedStateBackend::new(Parts {
            token: operator.token,
            meta: linked.meta,
            key_groups,
            key,
            slots: linked.slots,
            namespaces: linked.namespaces,
            clock: Arc::clone(&operator.clock),
            retained_operators: retained.operators,
            backend,
            rows: tables.rows,
            timers: tables.timers,
        }))
    }
}

impl<K> RestorePlan<'_, K> {
    /// What to do with the rows of each stored state.
    pub(super) fn jobs(&self) -> Result<Vec<StateJob>, RestoreError> {
        let stored = self.matching.states.iter().filter(|state| !matches!(state.action, StateAction::Create { .. }));
        stored.map(|state| self.job(state)).collect()
    }

    fn job(&self, state: &MatchedState) -> Result<StateJob, RestoreError> {
        let (declared, parts, time_to_live) = match &state.action {
            StateAction::Create { .. } | StateAction::Drop { .. } | StateAction::Reset { .. } => {
                return Ok(StateJob::default());
            }
            StateAction::Retain { kind } => {
                let (plan, timers) = (Some(RowPlan::unchanged()), *kind == StateKind::Timers);
                return Ok(StateJob { plan, timers, dropped: DroppedData::default() });
            }
            StateAction::Restore { declared, parts, time_to_live } => {
                (self.operator.states.get(*declared), parts, time_to_live)
            }
        };
        let of = |wanted| parts.iter().find(|(part, _)| *part == wanted);
        let migration = |wanted| {
            let Some((part, resolution)) = of(wanted) else { return Ok(None) };
            let functions = declared.and_then(|state| state.conversions(*part));
            let migration = || resolution.migration(functions.unwrap_or(&Conversions::new()));
            required(resolution.compatibility(), migration).map_err(|source| RestoreError::NoMigration {
                operator: self.operator.uid.clone(),
                state: state.name.clone(),
                part: *part,
                source,
            })
        };
        let (user_key, value) = (migration(SerializerPart::UserKey)?, migration(SerializerPart::Value)?);
        Ok(StateJob {
            plan: Some(RowPlan { user_key, value, time_to_live: *time_to_live, ..RowPlan::unchanged() }),
            timers: declared.is_some_and(|state| state.kind() == StateKind::Timers),
            dropped: of(SerializerPart::Value).map(|(_, resolution)| DroppedData::of(resolution)).unwrap_or_default(),
        })
    }

    /// The two stored map keys of a state that became the one of this new row, as text: the stored rows of the map are
    /// read again.
    fn colliding(&self, job: &RestoreJob<'_>, state: usize, row_key: &[u8]) -> Result<[String; 2], RestoreError> {
        let unknown = || std::array::from_fn(|_| "unknown".to_owned());
        let plan = job.states.get(state).and_then(|state| state.plan.as_ref());
        let (Ok(new), Some(meta), Some(plan)) = (RowKey::parse(row_key), job.stored.states.get(state), plan) else {
            return Ok(unknown());
        };
        let mut rows = self.savepoint.rows_like(job.stored)?;
        // Operator state comes from other instances than this one.
        if job.stored.keyed
            && let Ok(group) = KeyGroupRange::new(new.key_group, new.key_group)
        {
            rows = rows.of_key_groups(group);
        }
        let plan = RowPlan { user_key: plan.user_key.clone(), ..RowPlan::unchanged() };
        let (mut transformer, mut colliding) = (job.transformer(), Colliding::new(new.rest));
        while let Some(row) = rows.next_row()? {
            if row.key.state_id == meta.id
                && (row.key.key, row.key.namespace) == (new.key, new.namespace)
                && let Ok(Some(made)) = transformer.transform(&plan, &row, false)
                && let Some(keys) = colliding.take(row.key.rest, made.rest)
            {
                return Ok(keys.map(|key| shown_with_bytes(meta.serializer(SerializerPart::UserKey), &key)));
            }
        }
        // A function whose result varies may give another one now.
        Ok(unknown())
    }

    /// How many threads read and migrate rows, beside the one that writes them.
    pub(super) fn threads(&self) -> usize {
        let bytes: u64 = self.states().iter().map(StatePlan::bytes).sum();
        self.workers.unwrap_or_else(|| match bytes < THREADS_FROM {
            true => 0,
            false => std::thread::available_parallelism().map_or(1, NonZero::get),
        })
    }
}

/// What the verdict requires: a migration, or that bytes stay as they are (`None`). An error if it requires a migration
/// that does not exist: then nothing may be restored.
fn required(
    verdict: Compatibility,
    migration: impl FnOnce() -> Result<Migration, NoMigration>,
) -> Result<Option<Migration>, NoMigration> {
    match verdict {
        Compatibility::Compatible | Compatibility::AfterReconfigure => Ok(None),
        Compatibility::RequiresMigration | Compatibility::Incompatible => {
            migration().map(|migration| (migration.cost() != Cost::Metadata).then_some(migration))
        }
    }
}

/// An unfinished restore counts as empty.
fn check_empty<B: Backend>(backend: &mut B) -> Result<(), RestoreError> {
    let found = match local::contents(backend)? {
        Contents::Nothing | Contents::Unfinished { .. } => return Ok(()),
        Contents::Unknown => "rows, and nothing says whose".to_owned(),
        Contents::Operator(bytes) => match local::decode(&bytes) {
            Ok((key_groups, meta)) => format!("key groups {key_groups} of operator `{}`", meta.uid()),
            Err(error) => error.to_string(),
        },
    };
    Err(RestoreError::NotEmpty { found })
}

/// Migrates rows: all of an operator, or those that it is given.
pub(super) struct Migrator<'a, K, B> {
    pub(super) plan: &'a RestorePlan<'a, K>,
    job: &'a RestoreJob<'a>,
    writer: Writer<'a, Filled<'a, B>>,
    transformer: Transformer<'static>,
    /// What was migrated since the last [`Migrator::apply`].
    batch: RestoreBatch,
}

impl<'a, K: StateKey, B: Backend> Migrator<'a, K, B> {
    fn new(plan: &'a RestorePlan<'a, K>, job: &'a RestoreJob<'a>, writer: Writer<'a, Filled<'a, B>>) -> Self {
        Self { plan, job, writer, transformer: job.transformer(), batch: job.batch() }
    }

    fn run(mut self) -> Result<(), RestoreError> {
        let operator = &*self.plan.operator;
        let rows = self.plan.savepoint.rows(&self.job.stored.uid)?.of_key_groups(operator.key_groups());
        let done = Some(self.writer.done.last.clone()).filter(|last| !last.is_empty());
        for_each_batch(rows, self.job, done, self.plan.threads(), |batch| self.writer.write(batch))
    }

    pub(super) fn row(&mut self, state: usize, row: &Row<'_>) -> Result<(), RestoreError> {
        self.job.row(state, row, &mut self.transformer, &mut self.batch)
    }

    pub(super) fn apply(&mut self) -> Result<(), RestoreError> {
        self.batch.stop_the_clock();
        self.writer.write(&mut self.batch)?;
        self.batch.clear();
        self.batch.start_the_clock();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use typeser::Serializer;
    use typeser::resolve::{Policy, Role, resolve};

    use super::*;

    #[test]
    fn bytes_stay_as_they_are_only_where_the_verdict_says_so() {
        let (narrow, wide) = (Serializer::<u32>::new().unwrap(), Serializer::<u64>::new().unwrap());
        let resolution = resolve(narrow.snapshot(), wide.snapshot(), Role::Value, &Policy::default());
        let widening = || resolution.migration(&Conversions::new());
        let none = || Err(NoMigration::Unframed { stored: String::from("u32") });
        let outcome = |verdict, migration: &dyn Fn() -> Result<Migration, NoMigration>| {
            required(verdict, migration).ok().map(|migration| migration.is_some())
        };
        assert_eq!(outcome(Compatibility::Compatible, &none), Some(false));
        assert_eq!(outcome(Compatibility::AfterReconfigure, &none), Some(false));
        assert_eq!(outcome(Compatibility::RequiresMigration, &widening), Some(true));
        assert_eq!(outcome(Compatibility::RequiresMigration, &none), None);
        assert_eq!(outcome(Compatibility::Incompatible, &none), None);
    }
}
