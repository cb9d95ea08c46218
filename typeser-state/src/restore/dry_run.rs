//! A restore without a backend: every row is read and migrated, and nothing is written.

use std::collections::HashSet;

use typeser::StateKey;
use typeser::value::Value;
use xxhash_rust::xxh3::xxh3_128;

use super::carry::{Carrying, Lanes};
use super::error::RestoreError;
use super::local;
use super::matching::Fate;
use super::plan::RestorePlan;
use super::portion::Portion;
use super::progress::Progress;
use super::state_plan::StateVerdict;
use crate::backend::MemoryBackend;
use crate::descriptor::SerializerPart;
use crate::rows::display::shown_key;
use crate::rows::dropped_data::{Loss, LossForecast, held};
use crate::rows::failure::{DESCRIBED, RowFailure};
use crate::savepoint::Row;

/// What a restore would make of the rows of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DryRun {
    /// The state.
    pub state: String,
    /// What becomes of its rows.
    pub verdict: StateVerdict,
    /// How many rows there are in the key groups of this instance.
    pub entries: u64,
    /// How many of them have expired, and would be dropped.
    pub expired: u64,
    /// How many bytes their keys and values take.
    pub bytes: u64,
    /// How many those that are carried over would take.
    pub new_bytes: u64,
    /// What is given up by declaration, and how many rows hold something of it.
    pub losses: Vec<LossForecast>,
    /// How many rows could not be migrated. If there is one, the restore fails.
    pub failed: u64,
    /// The first few of them.
    pub failures: Vec<RowFailure>,
}

impl<K: StateKey> RestorePlan<'_, K> {
    /// Reads every row and migrates it as a restore would, functions of the program included, and writes nothing. What
    /// depends on the data comes out here: rows that a function refuses, map keys that become one, what expires, and how
    /// much of what is given up is really there.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let directory = folder.path().join("first");
    /// # use typeser_state::backend::MemoryBackend;
    /// # use typeser_state::keyed::Operator;
    /// # use typeser_state::restore::RestoreOptions;
    /// # use typeser_state::savepoint::Savepoint;
    /// # let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// # let departures = operator.value::<u32>("departures")?;
    /// # let mut state = operator.open(MemoryBackend::new())?;
    /// # state.set_current_key(&"N14228".to_owned())?;
    /// # departures.update(&mut state, &111)?;
    /// # Savepoint::create(&directory)?.operator(&state)?.finish()?;
    /// let mut operator = Operator::<String>::new("flights-by-tail")?;
    /// operator.value::<u64>("departures")?;
    /// let savepoint = Savepoint::open(&directory)?;
    /// let plan = operator.plan(&savepoint, &RestoreOptions::new())?;
    /// let [departures] = &plan.dry_run(&mut |_progress| ())?[..] else { panic!("one state") };
    /// assert_eq!((departures.entries, departures.bytes, departures.new_bytes), (1, 24, 28));
    /// assert_eq!(departures.failed, 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The savepoint is not as it was written, or a migration is not there.
    pub fn dry_run(&self, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Vec<DryRun>, RestoreError> {
        let Some(stored) = self.stored else { return Ok(Vec::new()) };
        let tables = local::tables(&mut MemoryBackend::new())?;
        let lanes = Lanes {
            stored: stored.meta(),
            actions: self.actions()?,
            trust: self.trust,
            now: self.operator.clock.now(),
            rows: tables.rows,
            timers: tables.timers,
        };
        let mut looks: Vec<Look<'_>> = self.looks().collect();
        let (mut portion, mut carrying) = (Portion::for_lanes(&lanes), Carrying::new());
        let mut rows = self.savepoint.rows(self.operator.uid())?.of_key_groups(self.operator.key_groups());
        while let Some(row) = rows.next_row()? {
            let Some(index) = lanes.lane(row.key.state_id) else { continue };
            let Some(look) = looks.get_mut(index) else { continue };
            portion.clear();
            let outcome = lanes.carry(index, &row, &mut carrying, &mut portion);
            let written = portion.batch.changes().filter(|change| change.table == tables.rows);
            let new_bytes = written.map(|change| change.key.len() + change.value.map_or(0, <[u8]>::len)).sum::<usize>();
            let told = match outcome {
                Ok(()) => look.collision(&row, &portion).map(|reason| (SerializerPart::UserKey, reason)),
                Err(RestoreError::Function { part, source, .. }) => Some((part, source.to_string())),
                Err(RestoreError::Migrate { part, source, .. }) => Some((part, source.to_string())),
                Err(other) => return Err(other),
            };
            look.count(&row, portion.tallies.get(index).map_or(0, |tally| tally.expired), new_bytes as u64);
            if let Some((part, reason)) = told {
                look.fail(RowFailure {
                    key: shown_key(stored.meta(), &row),
                    role: row.state.kind().role(part),
                    reason,
                    file: row.file.to_owned(),
                    offset: row.offset,
                });
            }
            if look.run.entries.is_multiple_of(TELL_EVERY) {
                look.tell(self, index, progress);
            }
        }
        for (index, look) in looks.iter().enumerate().filter(|(_, look)| look.run.entries > 0) {
            look.tell(self, index, progress);
        }
        Ok(looks.into_iter().map(|look| look.run).collect())
    }

    /// What is to be looked for in each stored state.
    fn looks(&self) -> impl Iterator<Item = Look<'_>> {
        let stored = self.matching.states.iter().zip(self.states());
        let stored = stored.filter(|(state, _)| !matches!(state.fate, Fate::New { .. }));
        stored.map(|(state, plan)| {
            let value = match &state.fate {
                Fate::Kept { parts, .. } => parts.iter().find(|(part, _)| *part == SerializerPart::Value),
                Fate::New { .. } | Fate::Dropped { .. } | Fate::Carried { .. } => None,
            };
            let resolution = value.map(|(_, resolution)| resolution);
            let losses: Vec<Loss> = resolution.map(Loss::all).unwrap_or_default();
            let run = DryRun {
                state: plan.name().to_owned(),
                verdict: plan.verdict(),
                entries: 0,
                expired: 0,
                bytes: 0,
                new_bytes: 0,
                losses: losses.iter().map(Loss::forecast).collect(),
                failed: 0,
                failures: Vec::new(),
            };
            Look { run, losses, resolution, prefix: Vec::new(), map_keys: HashSet::new() }
        })
    }
}

/// After how many rows of a state progress is told.
const TELL_EVERY: u64 = 10_000;

/// A look at the rows of a state.
struct Look<'a> {
    run: DryRun,
    losses: Vec<Loss>,
    resolution: Option<&'a typeser::resolve::Resolution>,
    /// Whose map keys these are: those of one map lie together.
    prefix: Vec<u8>,
    /// Hashes of migrated map keys. That two share one by accident will not happen.
    map_keys: HashSet<u128>,
}

impl Look<'_> {
    fn count(&mut self, row: &Row<'_>, expired: u64, new_bytes: u64) {
        self.run.entries += 1;
        self.run.expired += expired;
        self.run.bytes += (row.key_bytes.len() + row.value.len()) as u64;
        self.run.new_bytes += new_bytes;
        let Some(resolution) = self.resolution.filter(|_| !self.losses.is_empty()) else { return };
        let Some(snapshot) = row.state.serializer(SerializerPart::Value) else { return };
        // A row that cannot be decoded cannot be migrated either, or is of no type that can lose anything.
        let Some(Ok(value)) = row.state.value_of(row.value).map(|value| Value::decode(snapshot, value)) else { return };
        for (loss, held) in self.run.losses.iter_mut().zip(held(&self.losses, resolution, &value)) {
            loss.rows += u64::from(held);
        }
    }

    /// Whether the map key of a row became that of another.
    fn collision(&mut self, row: &Row<'_>, portion: &Portion) -> Option<String> {
        let moved = portion.moved.first()?;
        let change = portion.batch.changes().nth(moved.change)?;
        let prefix = row.key_bytes.len() - row.key.rest.len();
        if self.prefix != row.key_bytes[..prefix] {
            self.prefix.clear();
            self.prefix.extend_from_slice(&row.key_bytes[..prefix]);
            self.map_keys.clear();
        }
        let double = !self.map_keys.insert(xxh3_128(change.key));
        double.then(|| "another map key becomes the same one".to_owned())
    }

    fn fail(&mut self, failure: RowFailure) {
        self.run.failed += 1;
        if self.run.failures.len() < DESCRIBED {
            self.run.failures.push(failure);
        }
    }

    fn tell<K>(&self, plan: &RestorePlan<'_, K>, index: usize, progress: &mut dyn FnMut(&Progress<'_>)) {
        let Some(state) = plan.states().get(index) else { return };
        progress(&Progress {
            operator: &plan.operator.uid,
            state: state.name(),
            verdict: state.verdict(),
            entries: self.run.entries,
            expired: self.run.expired,
            total_entries: state.entries(),
            bytes: self.run.bytes,
            total_bytes: state.bytes(),
            time: std::time::Duration::ZERO,
        });
    }
}
