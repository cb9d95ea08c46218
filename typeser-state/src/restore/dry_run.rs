//! A restore without a backend: every row is read and migrated, and nothing is written.

use typeser::StateKey;

use super::batch::{RestoreJob, for_each_batch};
use super::error::RestoreError;
use super::local;
use super::plan::RestorePlan;
use super::progress::Progress;
use super::resume::Resume;
use super::state_plan::{StatePlan, StateVerdict};
use super::write::{Nothing, Writer};
use crate::backend::MemoryBackend;
use crate::rows::counts::{Findings, RowCounts};
use crate::rows::dropped_data::DroppedDataCount;
use crate::rows::failure::RowFailure;

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
    /// How many bytes the restored rows would take.
    pub new_bytes: u64,
    /// What is dropped by declaration or by an option, and how many rows hold some of it.
    pub dropped_data: Vec<DroppedDataCount>,
    /// How many rows could not be migrated. If there is one, the restore fails.
    pub failed: u64,
    /// The first few of them.
    pub failures: Vec<RowFailure>,
}

impl<K: StateKey> RestorePlan<'_, K> {
    /// Reads every row and migrates it as a restore would, functions of the program included, and writes nothing. What
    /// depends on the data comes out here: rows that a function refuses, map keys that become one, what expires, and
    /// how much of what is given up is really there.
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
        let (states, now) = (self.jobs()?, self.operator.clock.now());
        let job = RestoreJob { stored: stored.meta(), states, trust: self.trust, now, tables, dry: true };
        let done = Resume::new(0, now, job.states.len());
        // A dry run lists each map key that became another's instead of ending.
        let unnamed = |_: usize, _: &[u8]| Ok(Default::default());
        let mut writer =
            Writer::new(self.operator.uid(), self.states(), (&job, &unnamed), Nothing::default(), progress, done);
        let rows = self.savepoint.rows(stored.meta().uid())?.of_key_groups(self.operator.key_groups());
        for_each_batch(rows, &job, None, self.threads(), |batch| writer.write(batch))?;
        let Writer { done, findings, .. } = writer;
        let found = self.states().iter().zip(done.counts).zip(findings);
        Ok(found.map(|((state, counts), findings)| DryRun::new(state, counts, findings)).collect())
    }
}

impl DryRun {
    fn new(state: &StatePlan, counts: RowCounts, findings: Findings) -> Self {
        let RowCounts { entries, expired, bytes, new_bytes, .. } = counts;
        let Findings { failed, failures, dropped: mut dropped_data } = findings;
        let rule = match state.verdict() {
            StateVerdict::Dropped => Some("state-dropped"),
            StateVerdict::Reset => Some("state-reset"),
            StateVerdict::New | StateVerdict::Retained | StateVerdict::Restored(_) => None,
        };
        let whole = rule.map(|rule| DroppedDataCount { rule, path: state.name().to_owned(), rows: entries });
        dropped_data.extend(whole);
        let (state, verdict) = (state.name().to_owned(), state.verdict());
        Self { state, verdict, entries, expired, bytes, new_bytes, dropped_data, failed, failures }
    }
}
