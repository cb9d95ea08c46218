//! The second half of a restore: rows stream from the savepoint into the backend.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use typeser::migrate::{Cost, MigrateError, Migration, NoMigration, Scratch, Value};
use typeser::resolve::Compatibility;
use typeser::serializer::Conversions;
use typeser::{SerializerSnapshot, StateKey, TypeSerializer};

use super::local::{self, Contents, Tables};
use super::matching::{Fate, MatchedState, link};
use super::{RestoreError, RestorePlan, StateVerdict, TimeToLiveChange};
use crate::backend::{Backend, Batch};
use crate::descriptor::{OperatorMeta, STAMP, SerializerPart, StateKind, split_stamp};
use crate::keyed::{KeyedStateBackend, Parts};
use crate::savepoint::{Row, SavepointOperator};
use crate::timer;

/// How far the restore of a state has come. It is told after every batch of rows, for each state with rows in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The operator's uid.
    pub operator: &'a str,
    /// The state.
    pub state: &'a str,
    /// What becomes of its rows.
    pub verdict: StateVerdict,
    /// How many rows are done.
    pub entries: u64,
    /// How many of them had expired, and were dropped.
    pub expired: u64,
    /// How many there are.
    pub total_entries: u64,
    /// How many stored bytes, keys and values, are done.
    pub bytes: u64,
    /// How many there are.
    pub total_bytes: u64,
    /// How long its rows have taken: reading and migrating them, and their share of writing each batch.
    pub time: Duration,
}

/// How many bytes of rows go to the backend in one batch.
const BATCH_BYTES: usize = 1024 * 1024;
/// How many bytes of rows go to the backend before it is flushed, so that what it holds back stays bounded.
const FLUSH_BYTES: usize = 64 * 1024 * 1024;

impl<K: StateKey> RestorePlan<'_, K> {
    /// Carries the stored rows over into an empty backend, in batches of bounded size. The savepoint is only read.
    ///
    /// If this fails half-way, the backend refuses to be opened. It can be given to a restore again, which begins
    /// afresh.
    ///
    /// # Errors
    /// The backend is not empty, a file of the savepoint is not as it was written, or the backend fails.
    pub fn run<B: Backend>(
        self,
        backend: B,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<KeyedStateBackend<K, B>, RestoreError> {
        self.fill(backend, progress, |carrier, _| carrier.run())
    }

    /// Prepares a backend, has the stored rows carried into it, and says that it is whole.
    pub(super) fn fill<B: Backend>(
        self,
        mut backend: B,
        progress: &mut dyn FnMut(&Progress<'_>),
        carry: impl FnOnce(Carrier<'_, K, B>, &SavepointOperator) -> Result<(), RestoreError>,
    ) -> Result<KeyedStateBackend<K, B>, RestoreError> {
        demand_empty(&mut backend)?;
        let operator = self.operator;
        let key = self.matching.key_link().apply(&operator.key)?;
        let linked = link(operator, &self.matching, key.snapshot().clone())?;
        let lanes = self.lanes()?;
        let savepoint = self.savepoint.path().display().to_string();
        let tables = local::begin_restore(&mut backend, &savepoint)?;
        if let Some(stored) = self.stored {
            carry(Carrier::new(&self, lanes, &mut backend, tables, progress), stored)?;
        }
        local::store(&mut backend, tables.metadata, operator.key_groups(), &linked.meta)?;
        Ok(KeyedStateBackend::new(Parts {
            token: operator.token,
            meta: linked.meta,
            key_groups: operator.key_groups(),
            key,
            slots: linked.slots,
            namespaces: linked.namespaces,
            clock: Arc::clone(&operator.clock),
            backend,
            rows: tables.rows,
            timers: tables.timers,
        }))
    }
}

impl<K> RestorePlan<'_, K> {
    /// What to do with the rows of each state.
    fn lanes(&self) -> Result<Vec<Lane>, RestoreError> {
        let lane = |state: &MatchedState| {
            let action = match &state.fate {
                Fate::New { .. } | Fate::Dropped { .. } => Action::Drop,
                Fate::Kept { declared, parts, time_to_live } => {
                    let migration = |wanted| {
                        let part = parts.iter().find(|(part, _)| *part == wanted);
                        let Some((part, resolution)) = part else { return Ok(None) };
                        let functions = self.operator.states.get(*declared).and_then(|state| state.conversions(*part));
                        let migration = || resolution.migration(functions.unwrap_or(&Conversions::new()));
                        demanded(resolution.compatibility(), migration).map_err(|source| RestoreError::NoMigration {
                            operator: self.operator.uid.clone(),
                            state: state.name.clone(),
                            part: *part,
                            source,
                        })
                    };
                    let user_key = migration(SerializerPart::UserKey)?;
                    let value = migration(SerializerPart::Value)?;
                    let kind = self.operator.states.get(*declared).map(|state| state.kind());
                    let timers = kind == Some(StateKind::Timers);
                    Action::Carry { user_key, value, time_to_live: *time_to_live, timers }
                }
            };
            let time = Duration::ZERO;
            Ok(Lane { id: state.id, action, entries: 0, expired: 0, bytes: 0, new_bytes: 0, time })
        };
        self.matching.states.iter().map(lane).collect()
    }
}

/// Whose row it is, as people read it: the stored key, or the number of the instance; then namespace and map key, where
/// it has them.
pub(crate) fn shown_key(operator: &OperatorMeta, row: &Row<'_>) -> String {
    let mut text = match (operator.keyed, row.state.kind().has_keys()) {
        (true, true) => shown(Some(operator.key()), row.key.key),
        (true, false) => format!("none, in key group {}", row.key.key_group),
        (false, _) => format!("none, in instance {}", row.key.key_group),
    };
    if let Some(snapshot) = row.state.namespace() {
        text.push_str(&format!(", namespace {}", shown(Some(snapshot), row.key.namespace)));
    }
    if let Some(snapshot) = row.state.serializer(SerializerPart::UserKey) {
        text.push_str(&format!(", map key {}", shown(Some(snapshot), row.key.rest)));
    }
    text
}

/// Stored bytes as people read them; shortened, for nobody reads more.
pub(crate) fn shown(snapshot: Option<&SerializerSnapshot>, bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    let Some(value) = snapshot.and_then(|snapshot| Value::decode(snapshot, bytes).ok()) else {
        return format!("{} bytes that cannot be read", bytes.len());
    };
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
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

/// Carries rows over.
pub(super) struct Carrier<'a, K, B> {
    pub(super) plan: &'a RestorePlan<'a, K>,
    backend: &'a mut B,
    tables: Tables,
    /// When the restore began, by the operator's clock: what is stamped, and what has expired.
    now: u64,
    progress: &'a mut dyn FnMut(&Progress<'_>),
    /// One for each state of the plan, in the same order.
    lanes: Vec<Lane>,
    /// Whose rows are being carried, and since when. Rows of a state lie together within a key group, so the clock is
    /// read rarely.
    current: usize,
    since: Instant,
    batch: Batch,
    /// Keys of rows in the batch whose user keys were migrated.
    moved: HashSet<Vec<u8>>,
    unflushed: usize,
    scratch: Scratch,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// What a stored value is without its stamp, and the stamp that it gets; `None` if it has expired.
fn aged(change: TimeToLiveChange, stored: &[u8], now: u64) -> Option<(Option<[u8; STAMP]>, &[u8])> {
    // The reader has seen to it that there is a stamp where there has to be one.
    let split = || split_stamp(stored).unwrap_or((0, stored));
    match change {
        TimeToLiveChange::None => Some((None, stored)),
        TimeToLiveChange::TurnedOn => Some((Some(now.to_le_bytes()), stored)),
        TimeToLiveChange::Kept { new } => {
            let (written, value) = split();
            (!new.is_expired(written, now)).then_some((Some(written.to_le_bytes()), value))
        }
        TimeToLiveChange::TurnedOff { stored: was } => {
            let (written, value) = split();
            (!was.is_expired(written, now)).then_some((None, value))
        }
    }
}

/// What to do with the rows of a state, and how many were done.
struct Lane {
    id: u16,
    action: Action,
    entries: u64,
    expired: u64,
    bytes: u64,
    /// How many of them came since the last batch.
    new_bytes: u64,
    time: Duration,
}

enum Action {
    Drop,
    /// Carry over; what has no migration stays as it is.
    Carry {
        user_key: Option<Migration>,
        value: Option<Migration>,
        time_to_live: TimeToLiveChange,
        /// Rows are told in the order in which they fire, too.
        timers: bool,
    },
}

impl<'a, K: StateKey, B: Backend> Carrier<'a, K, B> {
    fn new(
        plan: &'a RestorePlan<'a, K>,
        lanes: Vec<Lane>,
        backend: &'a mut B,
        tables: Tables,
        progress: &'a mut dyn FnMut(&Progress<'_>),
    ) -> Self {
        Self {
            plan,
            backend,
            tables,
            now: plan.operator.clock.now(),
            progress,
            lanes,
            current: 0,
            since: Instant::now(),
            batch: Batch::new(),
            moved: HashSet::new(),
            unflushed: 0,
            scratch: Scratch::default(),
            key: Vec::new(),
            value: Vec::new(),
        }
    }

    fn run(mut self) -> Result<(), RestoreError> {
        let operator = self.plan.operator;
        let mut rows = self.plan.savepoint.rows(&operator.uid)?.of_key_groups(operator.key_groups());
        while let Some(row) = rows.next_row()? {
            self.carry(&row)?;
            if self.batch.bytes() >= BATCH_BYTES {
                self.apply()?;
            }
        }
        self.apply()
    }

    pub(super) fn carry(&mut self, row: &Row<'_>) -> Result<(), RestoreError> {
        // Every stored state has its lane: the plan has one for each, and the reader knows no others.
        let Some(index) = self.lanes.iter().position(|lane| lane.id == row.key.state_id) else { return Ok(()) };
        if index != self.current {
            self.stop_the_clock();
            self.current = index;
        }
        let lane = &mut self.lanes[index];
        let bytes = (row.key_bytes.len() + row.value.len()) as u64;
        lane.entries += 1;
        lane.bytes += bytes;
        lane.new_bytes += bytes;
        let Action::Carry { user_key, value, time_to_live, timers } = &lane.action else { return Ok(()) };
        let Some((stamp, stored)) = aged(*time_to_live, row.value, self.now) else {
            lane.expired += 1;
            return Ok(());
        };
        let failed = |part, source| match source {
            MigrateError::Function(source) => RestoreError::Function {
                operator: self.plan.operator.uid.clone(),
                state: row.state.name().to_owned(),
                part,
                key: self.plan.stored.map_or_else(String::new, |stored| shown_key(&stored.meta, row)),
                file: row.file.to_owned(),
                offset: row.offset,
                source,
            },
            MigrateError::Stored(_) => RestoreError::Migrate {
                operator: self.plan.operator.uid.clone(),
                state: row.state.name().to_owned(),
                part,
                file: row.file.to_owned(),
                offset: row.offset,
                source,
            },
        };
        let trust = self.plan.trust;
        self.value.clear();
        self.value.extend_from_slice(stamp.as_ref().map_or(&[], <[u8; STAMP]>::as_slice));
        let new_value = match value {
            None if stamp.is_none() => stored,
            None => {
                self.value.extend_from_slice(stored);
                &self.value
            }
            Some(migration) => {
                migration
                    .run(stored, trust, &mut self.scratch, &mut self.value)
                    .map_err(|source| failed(SerializerPart::Value, source))?;
                &self.value
            }
        };
        let rows = self.tables.rows;
        if *timers {
            self.key.clear();
            timer::put_index_key(row.key_bytes, row.key.rest.len(), &mut self.key);
            self.batch.put(self.tables.timers, &self.key, &[]);
        }
        let Some(migration) = user_key else {
            self.batch.put(rows, row.key_bytes, new_value);
            return Ok(());
        };
        self.key.clear();
        self.key.extend_from_slice(&row.key_bytes[..row.key_bytes.len() - row.key.rest.len()]);
        migration
            .run(row.key.rest, trust, &mut self.scratch, &mut self.key)
            .map_err(|source| failed(SerializerPart::UserKey, source))?;
        if !self.moved.insert(self.key.clone()) || self.backend.get(rows, &self.key, &mut |_| ())? {
            return Err(RestoreError::Collision {
                operator: self.plan.operator.uid.clone(),
                state: row.state.name().to_owned(),
                file: row.file.to_owned(),
                offset: row.offset,
            });
        }
        self.batch.put(rows, &self.key, new_value);
        Ok(())
    }

    /// Adds the time since the last stop to the state whose rows were carried.
    fn stop_the_clock(&mut self) {
        let now = Instant::now();
        if let Some(lane) = self.lanes.get_mut(self.current) {
            lane.time += now - self.since;
        }
        self.since = now;
    }

    pub(super) fn apply(&mut self) -> Result<(), RestoreError> {
        self.stop_the_clock();
        self.backend.apply(&self.batch)?;
        self.unflushed += self.batch.bytes();
        self.batch.clear();
        self.moved.clear();
        if self.unflushed >= FLUSH_BYTES {
            self.backend.flush()?;
            self.unflushed = 0;
        }
        let took = self.since.elapsed();
        let written = self.lanes.iter().map(|lane| lane.new_bytes).sum::<u64>().max(1);
        for (lane, state) in self.lanes.iter_mut().zip(self.plan.states()) {
            let share = std::mem::take(&mut lane.new_bytes);
            if share > 0 {
                lane.time += took.mul_f64(share as f64 / written as f64);
                (self.progress)(&Progress {
                    operator: &self.plan.operator.uid,
                    state: state.name(),
                    verdict: state.verdict(),
                    entries: lane.entries,
                    expired: lane.expired,
                    total_entries: state.entries(),
                    bytes: lane.bytes,
                    total_bytes: state.bytes(),
                    time: lane.time,
                });
            }
        }
        self.since = Instant::now();
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
