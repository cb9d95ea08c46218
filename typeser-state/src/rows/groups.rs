//! Going through an operator a few key groups at a time: read by one thread, worked on by several, told in order.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::progress::Meter;
use super::stored::{RowPlace, RowsOfGroups};
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::savepoint::{ReadSavepointError, Rows, Savepoint, SavepointOperator};

/// How many bytes of rows are worked on together, if one key group has not more.
const PART_BYTES: usize = 1024 * 1024;
/// How many parts wait for, or with, each thread.
const WAITING: usize = 2;

/// All rows of a few key groups of one file, in order.
pub(crate) struct Part {
    key_groups: KeyGroupRange,
    file: PathBuf,
    bytes: Vec<u8>,
    places: Vec<RowPlace>,
}

impl Part {
    pub(crate) fn rows(&self) -> RowsOfGroups<'_> {
        let Self { key_groups, file, bytes, places } = self;
        RowsOfGroups { key_groups: *key_groups, file, bytes, places }
    }
}

/// Reads an operator part by part. Parts cover every key group of every file, also those without rows.
pub(crate) struct Parts<'a> {
    savepoint: &'a Savepoint,
    operator: &'a SavepointOperator,
    files: std::slice::Iter<'a, crate::savepoint::RowsFile>,
    /// The file that is being read, and the first key group that is not told yet.
    current: Option<(Rows<'a>, KeyGroupRange, KeyGroup)>,
    /// The row that belongs to the next part: its key, its value, and where in the file it begins.
    ahead: Option<(Vec<u8>, Vec<u8>, u64)>,
    part_bytes: usize,
}

impl<'a> Parts<'a> {
    pub(crate) fn new(savepoint: &'a Savepoint, operator: &'a SavepointOperator) -> Self {
        let files = operator.files().iter();
        Self { savepoint, operator, files, current: None, ahead: None, part_bytes: PART_BYTES }
    }

    /// The next part, and whether it is the last one of its file; `None` at the end.
    fn next(&mut self, meter: &mut Meter<'_>) -> Result<Option<(Part, bool)>, ReadSavepointError> {
        let (mut rows, all, first) = match self.current.take() {
            Some(current) => current,
            None => {
                let Some(file) = self.files.next() else { return Ok(None) };
                let all = file.key_groups();
                (self.savepoint.rows_like(self.operator.meta())?.of_key_groups(all), all, all.first())
            }
        };
        let mut part = Part { key_groups: all, file: PathBuf::new(), bytes: Vec::new(), places: Vec::new() };
        let uid = self.operator.meta().uid();
        // Of the last row in the part.
        let mut group = None;
        if let Some((key, value, offset)) = self.ahead.take() {
            group = group_of(&key);
            part.push(&key, &value, offset);
        }
        let next = loop {
            let Some(row) = rows.next_row()? else { break None };
            meter.done(uid, Some(row.state.name()), 1, (row.key_bytes.len() + row.value.len()) as u64);
            if part.file.as_os_str().is_empty() {
                row.file.clone_into(&mut part.file);
            }
            let new = row.key.key_group;
            if part.bytes.len() >= self.part_bytes && group.is_some_and(|group| group != new) {
                self.ahead = Some((row.key_bytes.to_vec(), row.value.to_vec(), row.offset));
                break Some(new);
            }
            group = Some(new);
            part.push(row.key_bytes, row.value, row.offset);
        };
        let last = next.map_or(all.last(), |next| next - 1);
        // The last group of a part is never before its first one.
        if let Ok(key_groups) = KeyGroupRange::new(first, last) {
            part.key_groups = key_groups;
        }
        self.current = next.map(|next| (rows, all, next));
        Ok(Some((part, next.is_none())))
    }
}

impl Part {
    fn push(&mut self, key: &[u8], value: &[u8], offset: u64) {
        let begin = self.bytes.len();
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        // The reader of files takes no row whose lengths are more.
        self.places.push(RowPlace { begin, key: key.len() as u32, value: value.len() as u32, offset });
    }
}

fn group_of(key: &[u8]) -> Option<KeyGroup> {
    key.first_chunk().copied().map(KeyGroup::from_be_bytes)
}

/// What goes to a thread, and what comes back.
type Thread<T, E> = (SyncSender<Part>, Receiver<Result<T, E>>);

/// Has every part worked on by one of several threads, and `tell`s what came of it on this one, in the order of key
/// groups; the last argument says whether it was the last part of its file.
pub(crate) fn for_each_part<T: Send, E: Send + From<ReadSavepointError>>(
    mut parts: Parts<'_>,
    threads: usize,
    meter: &mut Meter<'_>,
    work: impl Fn(&Part) -> Result<T, E> + Sync,
    mut tell: impl FnMut(T, bool) -> Result<(), E>,
) -> Result<(), E> {
    let work = &work;
    thread::scope(|scope| {
        let start = |_| {
            let (to, parts) = sync_channel::<Part>(WAITING);
            let (done, from) = sync_channel::<Result<T, E>>(WAITING);
            scope.spawn(move || labour(&parts, &done, work));
            (to, from)
        };
        let threads: Vec<Thread<T, E>> = (0..threads.max(1)).map(start).collect();
        // Parts go round: the one that is told next is the oldest one.
        let mut ends = std::collections::VecDeque::new();
        let (mut sent, mut told) = (0, 0);
        loop {
            let next = parts.next(meter)?;
            if let Some((part, end)) = next {
                // It fails only if the thread has gone, which then says so in what it has done.
                let _ = threads[sent % threads.len()].0.send(part);
                ends.push_back(end);
                sent += 1;
                if ends.len() < WAITING * threads.len() {
                    continue;
                }
            }
            let Some(end) = ends.pop_front() else { return Ok(()) };
            // A thread that panicked tells nothing; its panic comes out when the scope ends.
            let Ok(outcome) = threads[told % threads.len()].1.recv() else { return Ok(()) };
            told += 1;
            tell(outcome?, end)?;
        }
    })
}

/// Works on parts until nobody sends or waits for any more.
fn labour<T, E>(parts: &Receiver<Part>, done: &SyncSender<Result<T, E>>, work: &impl Fn(&Part) -> Result<T, E>) {
    while let Ok(part) = parts.recv() {
        if done.send(work(&part)).is_err() {
            return;
        }
    }
}
