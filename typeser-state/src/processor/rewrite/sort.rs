//! Sorting rows that do not fit into memory: sorted runs go to files, and are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use crate::processor::error::process::ProcessError;

/// How many runs are merged at once; each takes a buffer and a file.
const FAN_IN: usize = 64;
/// The buffer of a run: all that are merged share what memory there is, within reason.
const BUFFER: RangeInclusive<usize> = 4 * 1024..=64 * 1024;
/// What is kept of a row beside its bytes.
const INDEX: usize = size_of::<Place>();

/// Takes rows in any order and gives them in that of their keys.
///
/// While one half of the memory takes rows, a thread sorts those in the other half and writes them.
pub(crate) struct Sorter {
    /// Where runs go; made when the first one does.
    folder: PathBuf,
    memory: usize,
    taken: Taken,
    runs: Vec<PathBuf>,
    /// The run that is being written, if one is; it gives what it was written from back for use.
    writing: Option<JoinHandle<Result<Taken, ProcessError>>>,
    /// How many runs there ever were.
    named: u64,
}

/// Rows in memory.
#[derive(Default)]
struct Taken {
    /// Keys and values, one row after the other.
    bytes: Vec<u8>,
    places: Vec<Place>,
}

/// Where a row lies in memory, and how its key begins, which distinguishes most keys.
#[derive(Clone, Copy)]
struct Place {
    prefix: u64,
    begin: usize,
    key: u32,
    value: u32,
}

/// The first bytes of a key as a number that sorts like them. Keys with the same one have to be compared whole.
fn prefix(key: &[u8]) -> u64 {
    match key.first_chunk() {
        Some(first) => u64::from_be_bytes(*first),
        None => {
            let mut first = [0; 8];
            first[..key.len()].copy_from_slice(key);
            u64::from_be_bytes(first)
        }
    }
}

/// What is done with each row, in order; the last one says whether the row before it had the same key.
pub(crate) type Visit<'a> = dyn FnMut(&[u8], &[u8], bool) -> Result<(), ProcessError> + 'a;

impl Sorter {
    /// `folder` is where rows go that do not fit into this many bytes of memory.
    pub(crate) fn new(folder: PathBuf, memory: usize) -> Self {
        Self { folder, memory, taken: Taken::default(), runs: Vec::new(), writing: None, named: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.taken.places.is_empty() && self.runs.is_empty()
    }

    /// Takes a row.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), ProcessError> {
        let size = key.len() + value.len();
        if !self.taken.places.is_empty() && self.taken.size() + size + INDEX > self.memory / 2 {
            self.spill()?;
        }
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| ProcessError::RowTooLarge { length: size });
        let (begin, prefix) = (self.taken.bytes.len(), prefix(key));
        let place = Place { prefix, begin, key: length(key)?, value: length(value)? };
        self.taken.bytes.extend_from_slice(key);
        self.taken.bytes.extend_from_slice(value);
        self.taken.places.push(place);
        Ok(())
    }

    /// Gives every row that was taken, in the order of their keys; then it is empty.
    pub(crate) fn drain(&mut self, visit: &mut Visit<'_>) -> Result<(), ProcessError> {
        if self.runs.is_empty() {
            let Taken { bytes, places } = self.taken.sorted();
            let mut last: Option<Place> = None;
            for place in places {
                let (key, value) = place.of(bytes);
                visit(key, value, last.is_some_and(|last| last.of(bytes).0 == key))?;
                last = Some(*place);
            }
            self.taken.clear();
            return Ok(());
        }
        if !self.taken.places.is_empty() {
            self.spill()?;
        }
        self.written()?;
        while self.runs.len() > FAN_IN {
            let some: Vec<PathBuf> = self.runs.drain(..FAN_IN).collect();
            let (path, mut run) = self.begin_run()?;
            merge(&some, self.buffer(), &mut |key, value, _| {
                put(&mut run, key, value).map_err(|source| spill_error(&path, source))
            })?;
            run.flush().map_err(|source| spill_error(&path, source))?;
            self.runs.push(path);
        }
        let runs = std::mem::take(&mut self.runs);
        merge(&runs, self.buffer(), visit)
    }

    /// Has what is in memory written as a run.
    fn spill(&mut self) -> Result<(), ProcessError> {
        let spare = self.written()?;
        let (path, mut run) = self.begin_run()?;
        self.runs.push(path.clone());
        let mut taken = std::mem::replace(&mut self.taken, spare);
        self.writing = Some(thread::spawn(move || {
            let io = |source| spill_error(&path, source);
            let Taken { bytes, places } = taken.sorted();
            for place in places {
                let (key, value) = place.of(bytes);
                put(&mut run, key, value).map_err(io)?;
            }
            run.flush().map_err(io)?;
            taken.clear();
            Ok(taken)
        }));
        Ok(())
    }

    /// Waits for the run that is being written; gives memory that is free again.
    fn written(&mut self) -> Result<Taken, ProcessError> {
        match self.writing.take().map(JoinHandle::join) {
            None => Ok(Taken::default()),
            Some(Ok(written)) => written,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
        }
    }

    fn buffer(&self) -> usize {
        (self.memory / FAN_IN).clamp(*BUFFER.start(), *BUFFER.end())
    }

    fn begin_run(&mut self) -> Result<(PathBuf, BufWriter<File>), ProcessError> {
        fs::create_dir_all(&self.folder).map_err(|source| spill_error(&self.folder, source))?;
        let path = self.folder.join(format!("{}.run", self.named));
        self.named += 1;
        let file = File::create_new(&path).map_err(|source| spill_error(&path, source))?;
        Ok((path, BufWriter::with_capacity(self.buffer(), file)))
    }
}

impl Drop for Sorter {
    /// Nothing is written into the folder from then on, so that it can be deleted.
    fn drop(&mut self) {
        if let Some(writing) = self.writing.take() {
            _ = writing.join();
        }
    }
}

impl Taken {
    fn size(&self) -> usize {
        self.bytes.len() + self.places.len() * INDEX
    }

    fn sorted(&mut self) -> &Self {
        let bytes = &self.bytes;
        self.places.sort_unstable_by(|one, other| {
            one.prefix.cmp(&other.prefix).then_with(|| one.of(bytes).0.cmp(other.of(bytes).0))
        });
        self
    }

    /// Rows of one merge of maps may be few, those of the next many: what was reserved stays.
    fn clear(&mut self) {
        self.bytes.clear();
        self.places.clear();
    }
}

impl Place {
    fn of(self, bytes: &[u8]) -> (&[u8], &[u8]) {
        let (key, value) = (self.key as usize, self.value as usize);
        bytes[self.begin..self.begin + key + value].split_at(key)
    }
}

/// Gives the rows of all runs in order, and deletes the runs.
fn merge(paths: &[PathBuf], buffer: usize, visit: &mut Visit<'_>) -> Result<(), ProcessError> {
    let mut runs = Vec::with_capacity(paths.len());
    let mut next = BinaryHeap::with_capacity(paths.len());
    for (number, path) in paths.iter().enumerate() {
        let mut run = Run::open(path, buffer)?;
        let mut key = Vec::new();
        if run.advance(&mut key)? {
            next.push(Reverse(Head { prefix: prefix(&key), key, number }));
        }
        runs.push(run);
    }
    let (mut last, mut is_first) = (Vec::new(), true);
    while let Some(mut head) = next.peek_mut() {
        let Reverse(Head { prefix: begin, key, number }) = &mut *head;
        let run = &mut runs[*number];
        visit(key, &run.value, !is_first && last == *key)?;
        is_first = false;
        std::mem::swap(&mut last, key);
        if run.advance(key)? {
            *begin = prefix(key);
        } else {
            PeekMut::pop(head);
        }
    }
    drop(runs);
    for path in paths {
        fs::remove_file(path).map_err(|source| spill_error(path, source))?;
    }
    Ok(())
}

/// The next row of a run. The order of the parts is that of the rows: by key, and then by run.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    prefix: u64,
    key: Vec<u8>,
    number: usize,
}

/// A run that is being read.
struct Run<'a> {
    path: &'a Path,
    file: BufReader<File>,
    /// The value of the row that was read last.
    value: Vec<u8>,
}

impl<'a> Run<'a> {
    fn open(path: &'a Path, buffer: usize) -> Result<Self, ProcessError> {
        let file = File::open(path).map_err(|source| spill_error(path, source))?;
        Ok(Self { path, file: BufReader::with_capacity(buffer, file), value: Vec::new() })
    }

    /// Reads the next row; its key goes into `key`. `false` at the end.
    fn advance(&mut self, key: &mut Vec<u8>) -> Result<bool, ProcessError> {
        let io = |source| spill_error(self.path, source);
        let mut lengths = [0; 8];
        match self.file.read_exact(&mut lengths) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            read => read.map_err(io)?,
        }
        let [a, b, c, d, e, f, g, h] = lengths;
        key.clear();
        key.resize(u32::from_le_bytes([a, b, c, d]) as usize, 0);
        self.file.read_exact(key).map_err(io)?;
        self.value.clear();
        self.value.resize(u32::from_le_bytes([e, f, g, h]) as usize, 0);
        self.file.read_exact(&mut self.value).map_err(io)?;
        Ok(true)
    }
}

fn put(run: &mut BufWriter<File>, key: &[u8], value: &[u8]) -> io::Result<()> {
    // Both fit: `Sorter::push` checks it.
    run.write_all(&(key.len() as u32).to_le_bytes())?;
    run.write_all(&(value.len() as u32).to_le_bytes())?;
    run.write_all(key)?;
    run.write_all(value)
}

#[cold]
fn spill_error(path: &Path, source: io::Error) -> ProcessError {
    ProcessError::Spill { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn rows_come_in_order_however_little_memory_there_is() {
        let folder = tempfile::tempdir().unwrap();
        for memory in [1 << 20, 4096, 64] {
            let spilled = folder.path().join(memory.to_string());
            let mut sorter = Sorter::new(spilled.clone(), memory);
            for round in 0..2u32 {
                for number in 0..500u32 {
                    let key = number.wrapping_mul(2_654_435_761) % 499;
                    sorter.push(&key.to_be_bytes(), &(number + round).to_le_bytes()).unwrap();
                }
                assert!(!sorter.is_empty());
                let (mut keys, mut doubles) = (Vec::new(), 0);
                sorter
                    .drain(&mut |key, value, double| {
                        keys.push(key.to_vec());
                        assert_eq!(value.len(), 4);
                        doubles += u32::from(double);
                        Ok(())
                    })
                    .unwrap();
                assert!(keys.is_sorted(), "{memory}");
                let mut distinct = keys.clone();
                distinct.dedup();
                assert_eq!((keys.len(), doubles as usize), (500, 500 - distinct.len()), "{memory}");
                assert!(doubles > 0 && sorter.is_empty());
            }
            assert_eq!(spilled.exists(), memory < 1 << 20, "{memory}");
            if spilled.exists() {
                assert_eq!(fs::read_dir(&spilled).unwrap().count(), 0, "runs are deleted");
            }
        }
    }
}
