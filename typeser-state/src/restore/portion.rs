//! Portions: stored rows that are read together, what becomes of them, and the threads that see to it.
//!
//! ```text
//! savepoint --(one thread at a time)--> portion 0, 1, 2 ... --(each thread its own)--> batches
//!           --(the calling thread, by number)--> backend
//! ```
//!
//! Rows come in the order of their key groups and keys, and go to the backend in that order, however many threads there
//! are. Portions are few and used again, so memory does not depend on the number of rows.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use super::carry::{Carrying, Lanes, Tally};
use super::error::RestoreError;
use crate::backend::Batch;
use crate::keyed::RowKey;
use crate::savepoint::{ReadSavepointError, Row, Rows};

/// How many stored bytes make a portion.
const PORTION_BYTES: usize = 1024 * 1024;
/// How many portions there are for each thread: one that it works on, one that waits to be written.
const PORTIONS: usize = 2;

/// Rows that lay together in a savepoint, and what became of them.
#[derive(Default)]
pub(super) struct Portion {
    number: u64,
    /// The rows as they are stored: keys and values, one after the other.
    bytes: Vec<u8>,
    spans: Vec<Span>,
    files: Vec<PathBuf>,
    /// What is to be written.
    pub(super) batch: Batch,
    /// How many rows of each stored state were done.
    pub(super) tallies: Vec<Tally>,
    /// Rows of the batch with another map key than the stored one.
    pub(super) moved: Vec<Moved>,
    /// The key of the last stored row.
    pub(super) last: Vec<u8>,
    /// What stopped it behind the rows that it holds.
    failure: Option<Failure>,
}

/// A row of a batch whose map key was migrated.
pub(super) struct Moved {
    /// Which of the changes.
    pub(super) change: usize,
    /// Which of the stored states.
    pub(super) state: usize,
    pub(super) file: PathBuf,
    pub(super) offset: u64,
}

/// Where in a portion a stored row lies, and where in which file it lay.
struct Span {
    state: usize,
    key: usize,
    value: usize,
    file: usize,
    offset: u64,
}

enum Failure {
    Error(RestoreError),
    /// A function of the program panicked, in a thread that is not the program's.
    Panic(Box<dyn Any + Send>),
}

/// Reads portions, one after the other.
struct Source<'a, 's> {
    rows: Rows<'s>,
    lanes: &'a Lanes<'a>,
    /// Rows up to this key were done before.
    done: Option<Vec<u8>>,
    next: u64,
    ended: bool,
}

impl Portion {
    pub(super) fn for_lanes(lanes: &Lanes<'_>) -> Self {
        Self { tallies: vec![Tally::default(); lanes.actions.len()], ..Self::default() }
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
        self.files.clear();
        self.batch.clear();
        self.tallies.fill(Tally::default());
        self.moved.clear();
        self.last.clear();
        self.failure = None;
    }

    fn push(&mut self, state: usize, row: &Row<'_>) {
        if self.files.last().is_none_or(|file| file != row.file) {
            self.files.push(row.file.to_owned());
        }
        self.bytes.extend_from_slice(row.key_bytes);
        self.bytes.extend_from_slice(row.value);
        let (key, value) = (row.key_bytes.len(), row.value.len());
        self.spans.push(Span { state, key, value, file: self.files.len() - 1, offset: row.offset });
    }

    /// Carries over the rows that were read.
    fn carry(&mut self, lanes: &Lanes<'_>, carrying: &mut Carrying) {
        // The rows are lent to each of the calls below, which fill the rest of the portion.
        let (bytes, spans, files) =
            (std::mem::take(&mut self.bytes), std::mem::take(&mut self.spans), std::mem::take(&mut self.files));
        let mut left = bytes.as_slice();
        for span in &spans {
            let ((key_bytes, value), rest) = {
                let (row, rest) = left.split_at(span.key + span.value);
                (row.split_at(span.key), rest)
            };
            left = rest;
            let (Some(state), Some(file)) = (lanes.stored.states().get(span.state), files.get(span.file)) else {
                break;
            };
            let carried = RowKey::parse(key_bytes)
                .map_err(|error| {
                    let (file, offset, reason) = (file.clone(), span.offset, error.to_string());
                    RestoreError::from(ReadSavepointError::Malformed { file, offset, reason })
                })
                .and_then(|key| {
                    let row = Row { state, key, key_bytes, value, file, offset: span.offset };
                    lanes.carry(span.state, &row, carrying, self)
                });
            if let Err(error) = carried {
                self.failure = Some(Failure::Error(error));
                break;
            }
            if rest.is_empty() {
                self.last.extend_from_slice(key_bytes);
            }
        }
        carrying.stop_the_clock(self);
        (self.bytes, self.spans, self.files) = (bytes, spans, files);
    }
}

impl Source<'_, '_> {
    /// Reads the next portion; `false` if there is nothing left.
    fn read(&mut self, portion: &mut Portion) -> bool {
        portion.clear();
        while !self.ended && portion.bytes.len() < PORTION_BYTES {
            match self.rows.next_row() {
                Ok(Some(row)) => {
                    if self.done.as_deref().is_some_and(|done| row.key_bytes <= done) {
                        continue;
                    }
                    self.done = None;
                    let Some(state) = self.lanes.lane(row.key.state_id) else { continue };
                    portion.push(state, &row);
                }
                Ok(None) => self.ended = true,
                Err(error) => {
                    portion.failure = Some(Failure::Error(error.into()));
                    self.ended = true;
                }
            }
        }
        portion.number = self.next;
        self.next += 1;
        !portion.spans.is_empty() || portion.failure.is_some()
    }
}

/// Has all rows read and carried over by so many threads, none of them being the calling one, and gives the portions to
/// `write` in order. Without threads, the calling one does it all.
pub(super) fn for_each_portion(
    rows: Rows<'_>,
    lanes: &Lanes<'_>,
    done: Option<Vec<u8>>,
    threads: usize,
    mut write: impl FnMut(&mut Portion) -> Result<(), RestoreError>,
) -> Result<(), RestoreError> {
    let mut source = Source { rows, lanes, done, next: 0, ended: false };
    if threads == 0 {
        let (mut portion, mut carrying) = (Portion::for_lanes(lanes), Carrying::new());
        loop {
            carrying.start_the_clock();
            if !source.read(&mut portion) {
                return Ok(());
            }
            let read = portion.failure.take();
            portion.carry(lanes, &mut carrying);
            portion.failure = portion.failure.take().or(read);
            finish(&mut portion, &mut write)?;
        }
    }
    let source = Mutex::new(source);
    let (free, spare) = channel();
    let (finished, mut arriving) = channel();
    for _ in 0..threads * PORTIONS {
        // The other end is at hand.
        let _ = free.send(Portion::for_lanes(lanes));
    }
    let spare = Mutex::new(spare);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (source, spare, finished) = (&source, &spare, finished.clone());
            scope.spawn(move || work(source, spare, &finished, lanes));
        }
        drop(finished);
        // Dropped with both ends when this fails, so that no thread waits for what never comes.
        write_in_order(free, &mut arriving, &mut write)
    })
}

/// What each thread does until there is nothing left, or nobody to give it to.
fn work(
    source: &Mutex<Source<'_, '_>>,
    spare: &Mutex<Receiver<Portion>>,
    finished: &Sender<Portion>,
    lanes: &Lanes<'_>,
) {
    let mut carrying = Carrying::new();
    loop {
        // Whoever reads has a portion in hand, so the next one to be written is always in somebody's.
        let next = spare.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut portion) = next else { return };
        {
            let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
            carrying.start_the_clock();
            if !source.read(&mut portion) {
                return;
            }
        }
        let read = portion.failure.take();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| portion.carry(lanes, &mut carrying))) {
            portion.failure = Some(Failure::Panic(panic));
        }
        portion.failure = portion.failure.take().or(read);
        if finished.send(portion).is_err() {
            return;
        }
    }
}

fn write_in_order(
    free: Sender<Portion>,
    arriving: &mut Receiver<Portion>,
    write: &mut impl FnMut(&mut Portion) -> Result<(), RestoreError>,
) -> Result<(), RestoreError> {
    let (mut waiting, mut next) = (BTreeMap::new(), 0u64);
    for portion in arriving.iter() {
        waiting.insert(portion.number, portion);
        while let Some(mut portion) = waiting.remove(&next) {
            finish(&mut portion, write)?;
            next += 1;
            // Nobody may be left to take it: then there is nothing left to read.
            let _ = free.send(portion);
        }
    }
    Ok(())
}

/// Writes what is there, then fails as the portion did.
fn finish(
    portion: &mut Portion,
    write: &mut impl FnMut(&mut Portion) -> Result<(), RestoreError>,
) -> Result<(), RestoreError> {
    match portion.failure.take() {
        Some(Failure::Error(error)) => Err(error),
        Some(Failure::Panic(panic)) => resume_unwind(panic),
        None => write(portion),
    }
}
