//! The second half of a restore: rows stream from the savepoint into the backend.

use std::collections::HashSet;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Instant;

use typeser::migrate::{Cost, Migration, NoMigration};
use typeser::resolve::Compatibility;
use typeser::serializer::Conversions;
use typeser::{StateKey, TypeSerializer};

use super::carry::{Action, Carrying, Lanes, Tally};
use super::error::RestoreError;
use super::local::{self, Carried, Contents, Tables};
use super::matching::{Fate, MatchedState, link};
use super::options::RestoreOptions;
use super::plan::RestorePlan;
use super::portion::{Portion, for_each_portion};
use super::progress::Progress;
use super::resume::{Resume, identity};
use super::state_plan::StatePlan;
use crate::backend::Backend;
use crate::descriptor::{SerializerPart, StateKind};
use crate::key_group::KeyGroupRange;
use crate::keyed::{KeyedStateBackend, Operator, Parts};
use crate::rows::time_to_live::TimeToLiveChange;
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
    /// Carries the stored rows over into an empty backend, in batches of bounded size. The savepoint is only read.
    ///
    /// Rows are read and migrated by [several threads](super::RestoreOptions::with_workers), and written by this one, in
    /// the order of their key groups. Until all are there, the backend refuses to be opened.
    ///
    /// If the process ends half-way, the same restore into the same backend goes on from the last
    /// [flush](super::RestoreOptions::with_flush_bytes); what has been carried over is not migrated again. If it fails, or
    /// another savepoint or program comes, the next restore begins afresh: a function may have been corrected in between.
    ///
    /// # Errors
    /// The backend is not empty, a file of the savepoint is not as it was written, or the backend fails.
    pub fn run<B: Backend>(
        self,
        backend: B,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<KeyedStateBackend<K, B>, RestoreError> {
        self.fill(self.operator.key_groups(), backend, progress, |carrier, _| carrier.run())
    }

    /// Prepares a backend for these key groups, has the stored rows carried into it, and says that it is whole.
    pub(super) fn fill<B: Backend>(
        &self,
        key_groups: KeyGroupRange,
        mut backend: B,
        progress: &mut dyn FnMut(&Progress<'_>),
        carry: impl FnOnce(Carrier<'_, K, B>, &SavepointOperator) -> Result<(), RestoreError>,
    ) -> Result<KeyedStateBackend<K, B>, RestoreError> {
        demand_empty(&mut backend)?;
        let operator = self.operator;
        let key = self.matching.key_link().apply(&operator.key)?;
        let linked = link(operator, &self.matching, key.snapshot().clone(), self.stored.map(SavepointOperator::meta))?;
        let savepoint = self.savepoint.path().display().to_string();
        let identity = identity(self, key_groups, &linked.meta)?;
        let actions = self.actions()?;
        let (tables, resumed) = local::begin_restore(&mut backend, &savepoint, identity)?;
        if let Some(stored) = self.stored {
            let now = resumed.as_ref().map_or_else(|| operator.clock.now(), |resumed| resumed.now);
            let (rows, timers) = (tables.rows, tables.timers);
            let lanes = Lanes { stored: stored.meta(), actions, trust: self.trust, now, rows, timers };
            let done = resumed.unwrap_or_else(|| Resume::new(identity, now, lanes.actions.len()));
            let carrier = Carrier::new(self, &lanes, Writer::new(self, &mut backend, tables, progress, done));
            carry(carrier, stored).inspect_err(|error| match error {
                // What was flushed is good.
                RestoreError::Backend(_) => {}
                // Whoever corrects what is wrong wants it corrected in every row.
                _ => local::forget_progress(&mut backend, tables),
            })?;
        }
        let carried = Carried { states: self.carried_states(), operators: self.carried_operators.clone() };
        local::store(&mut backend, tables.metadata, key_groups, &linked.meta, &carried)?;
        Ok(KeyedStateBackend::new(Parts {
            token: operator.token,
            meta: linked.meta,
            key_groups,
            key,
            slots: linked.slots,
            namespaces: linked.namespaces,
            clock: Arc::clone(&operator.clock),
            carried_operators: carried.operators,
            backend,
            rows: tables.rows,
            timers: tables.timers,
        }))
    }
}

impl<K> RestorePlan<'_, K> {
    /// What to do with the rows of each stored state.
    pub(super) fn actions(&self) -> Result<Vec<Action>, RestoreError> {
        let stored = self.matching.states.iter().filter(|state| !matches!(state.fate, Fate::New { .. }));
        stored.map(|state| self.action(state)).collect()
    }

    fn action(&self, state: &MatchedState) -> Result<Action, RestoreError> {
        let (declared, parts, time_to_live) = match &state.fate {
            Fate::New { .. } | Fate::Dropped { .. } => return Ok(Action::Drop),
            Fate::Carried { kind } => {
                let timers = *kind == StateKind::Timers;
                let time_to_live = TimeToLiveChange::None;
                return Ok(Action::Carry { user_key: None, value: None, time_to_live, timers });
            }
            Fate::Kept { declared, parts, time_to_live } => (self.operator.states.get(*declared), parts, time_to_live),
        };
        let migration = |wanted| {
            let Some((part, resolution)) = parts.iter().find(|(part, _)| *part == wanted) else { return Ok(None) };
            let functions = declared.and_then(|state| state.conversions(*part));
            let migration = || resolution.migration(functions.unwrap_or(&Conversions::new()));
            demanded(resolution.compatibility(), migration).map_err(|source| RestoreError::NoMigration {
                operator: self.operator.uid.clone(),
                state: state.name.clone(),
                part: *part,
                source,
            })
        };
        Ok(Action::Carry {
            user_key: migration(SerializerPart::UserKey)?,
            value: migration(SerializerPart::Value)?,
            time_to_live: *time_to_live,
            timers: declared.is_some_and(|state| state.kind() == StateKind::Timers),
        })
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

/// What the verdict asks for: a migration, or that bytes stay as they are (`None`). An error if it asks for a migration
/// that is not there: then nothing may be carried over.
fn demanded(
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
fn demand_empty<B: Backend>(backend: &mut B) -> Result<(), RestoreError> {
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

/// Carries rows over: all of an operator, or those that it is given.
pub(super) struct Carrier<'a, K, B> {
    pub(super) plan: &'a RestorePlan<'a, K>,
    lanes: &'a Lanes<'a>,
    writer: Writer<'a, B>,
    carrying: Carrying,
    /// What was carried since the last [`Carrier::apply`].
    portion: Portion,
}

impl<'a, K: StateKey, B: Backend> Carrier<'a, K, B> {
    fn new(plan: &'a RestorePlan<'a, K>, lanes: &'a Lanes<'a>, writer: Writer<'a, B>) -> Self {
        Self { plan, lanes, writer, carrying: Carrying::new(), portion: Portion::for_lanes(lanes) }
    }

    fn run(mut self) -> Result<(), RestoreError> {
        let operator = self.plan.operator;
        let rows = self.plan.savepoint.rows(&operator.uid)?.of_key_groups(operator.key_groups());
        let done = Some(self.writer.done.last.clone()).filter(|last| !last.is_empty());
        for_each_portion(rows, self.lanes, done, self.plan.threads(), |portion| self.writer.write(portion))
    }

    pub(super) fn carry(&mut self, row: &Row<'_>) -> Result<(), RestoreError> {
        let Some(index) = self.lanes.lane(row.key.state_id) else { return Ok(()) };
        self.lanes.carry(index, row, &mut self.carrying, &mut self.portion)
    }

    pub(super) fn apply(&mut self) -> Result<(), RestoreError> {
        self.carrying.stop_the_clock(&mut self.portion);
        self.writer.write(&mut self.portion)?;
        self.portion.clear();
        self.carrying.start_the_clock();
        Ok(())
    }
}

/// Writes what became of stored rows, and tells how far it has come.
struct Writer<'a, B> {
    backend: &'a mut B,
    tables: Tables,
    operator: &'a str,
    states: &'a [StatePlan],
    progress: &'a mut dyn FnMut(&Progress<'_>),
    /// Keys of rows in the batch whose map keys were migrated.
    moved: HashSet<Vec<u8>>,
    unflushed: usize,
    /// How many bytes go to the backend before it is flushed, so that what it holds back stays bounded.
    flush_bytes: usize,
    /// What is done.
    done: Resume,
}

impl<'a, B: Backend> Writer<'a, B> {
    fn new<K>(
        plan: &'a RestorePlan<'a, K>,
        backend: &'a mut B,
        tables: Tables,
        progress: &'a mut dyn FnMut(&Progress<'_>),
        done: Resume,
    ) -> Self {
        let (operator, states, flush_bytes) = (&plan.operator.uid, plan.states(), plan.flush_bytes);
        Self { backend, tables, operator, states, progress, moved: HashSet::new(), unflushed: 0, flush_bytes, done }
    }

    fn write(&mut self, portion: &mut Portion) -> Result<(), RestoreError> {
        self.demand_distinct(portion)?;
        let begin = Instant::now();
        self.backend.apply(&portion.batch)?;
        self.unflushed += portion.batch.bytes();
        let bytes: u64 = portion.tallies.iter().map(|tally| tally.bytes).sum();
        for (done, new) in self.done.tallies.iter_mut().zip(&portion.tallies) {
            done.entries += new.entries;
            done.expired += new.expired;
            done.bytes += new.bytes;
        }
        if !portion.last.is_empty() {
            std::mem::swap(&mut self.done.last, &mut portion.last);
        }
        if self.unflushed >= self.flush_bytes {
            local::put_progress(self.backend, self.tables, &self.done)?;
            self.backend.flush()?;
            self.unflushed = 0;
        }
        let took = begin.elapsed();
        // The states of the plan begin with those that are stored.
        for ((done, new), state) in self.done.tallies.iter_mut().zip(&portion.tallies).zip(self.states) {
            if new.entries == 0 {
                continue;
            }
            done.time += new.time + took.mul_f64(new.bytes as f64 / bytes.max(1) as f64);
            let Tally { entries, expired, bytes, time } = *done;
            (self.progress)(&Progress {
                operator: self.operator,
                state: state.name(),
                verdict: state.verdict(),
                entries,
                expired,
                total_entries: state.entries(),
                bytes,
                total_bytes: state.bytes(),
                time,
            });
        }
        Ok(())
    }

    /// No two rows whose map keys were migrated become one.
    fn demand_distinct(&mut self, portion: &Portion) -> Result<(), RestoreError> {
        self.moved.clear();
        let mut moved = portion.moved.iter().peekable();
        for (number, change) in portion.batch.changes().enumerate() {
            let Some(row) = moved.next_if(|moved| moved.change == number) else { continue };
            if !self.moved.insert(change.key.to_vec()) || self.backend.get(self.tables.rows, change.key, &mut |_| ())? {
                return Err(RestoreError::Collision {
                    operator: self.operator.to_owned(),
                    state: self.states.get(row.state).map_or(String::new(), |state| state.name().to_owned()),
                    file: row.file.clone(),
                    offset: row.offset,
                });
            }
            if moved.peek().is_none() {
                break;
            }
        }
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
        let told = |verdict, migration: &dyn Fn() -> Result<Migration, NoMigration>| {
            demanded(verdict, migration).ok().map(|migration| migration.is_some())
        };
        assert_eq!(told(Compatibility::Compatible, &none), Some(false));
        assert_eq!(told(Compatibility::AfterReconfigure, &none), Some(false));
        assert_eq!(told(Compatibility::RequiresMigration, &widening), Some(true));
        assert_eq!(told(Compatibility::RequiresMigration, &none), None);
        assert_eq!(told(Compatibility::Incompatible, &none), None);
    }
}
