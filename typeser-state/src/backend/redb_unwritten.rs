//! A redb file that is read and never written: what redb writes to it stays in memory.
//!
//! redb writes even where a program only reads: it marks the file as open, and repairs one that was copied while a
//! program had it open. A file that must not change is opened as pages of the file below pages in memory.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Error, ErrorKind};
use std::ops::Bound;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::backends::FileBackend;
use redb::{Database, DatabaseError, StorageBackend, StorageError};

/// Opens a file that is never written.
pub(super) fn open(path: &Path) -> Result<Database, DatabaseError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    // redb would make a database of it.
    if length == 0 {
        return Err(StorageError::from(Error::new(ErrorKind::InvalidData, "the file is empty")).into());
    }
    let memory = Mutex::new(Memory { length, visible: length, pages: BTreeMap::new() });
    redb::Builder::new().create_with_backend(Unwritten { file: FileBackend::new(file)?, memory })
}

/// Bytes are kept in pages of this size.
const PAGE: u64 = 4096;

/// A file below what was written, which is in memory.
#[derive(Debug)]
struct Unwritten {
    file: FileBackend,
    memory: Mutex<Memory>,
}

/// What was written.
#[derive(Debug)]
struct Memory {
    length: u64,
    /// How much of the file counts: it was cut off there.
    visible: u64,
    /// Whole pages, by their number.
    pages: BTreeMap<u64, Box<[u8]>>,
}

impl Unwritten {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of the file at an offset; zeros behind its end.
    fn read_file(&self, visible: u64, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let held = visible.saturating_sub(offset).min(out.len() as u64);
        let (held, behind) = out.split_at_mut(usize::try_from(held).unwrap_or(usize::MAX));
        behind.fill(0);
        if held.is_empty() { Ok(()) } else { self.file.read(offset, held) }
    }
}

impl StorageBackend for Unwritten {
    fn len(&self) -> io::Result<u64> {
        Ok(self.memory().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let memory = self.memory();
        let end = offset.checked_add(out.len() as u64).filter(|end| *end <= memory.length);
        let end = end.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        self.read_file(memory.visible, offset, out)?;
        for (number, page) in memory.pages.range(offset / PAGE..end.div_ceil(PAGE)) {
            let begin = number * PAGE;
            let (from, until) = (begin.max(offset), (begin + PAGE).min(end));
            let place = |at: u64, origin: u64| usize::try_from(at - origin).unwrap_or(usize::MAX);
            out[place(from, offset)..place(until, offset)]
                .copy_from_slice(&page[place(from, begin)..place(until, begin)]);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut memory = self.memory();
        // What lies behind the end is gone, also if the file grows again.
        memory.visible = memory.visible.min(length);
        memory.pages.split_off(&length.div_ceil(PAGE));
        if let Some(last) = memory.pages.get_mut(&(length / PAGE)) {
            last[(length % PAGE) as usize..].fill(0);
        }
        memory.length = length;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut memory = self.memory();
        let mut rest = data;
        let mut at = offset;
        while !rest.is_empty() {
            let (number, within) = (at / PAGE, (at % PAGE) as usize);
            let (now, behind) = rest.split_at(rest.len().min(PAGE as usize - within));
            if !memory.pages.contains_key(&number) {
                let mut page = vec![0; PAGE as usize];
                self.read_file(memory.visible, number * PAGE, &mut page)?;
                memory.pages.insert(number, page.into());
            }
            if let Some(page) = memory.pages.get_mut(&number) {
                page[within..within + now.len()].copy_from_slice(now);
            }
            (at, rest) = (at + now.len() as u64, behind);
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    // Readers share the file with each other, and not with a program that may write.

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, redb::BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, redb::BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), redb::BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), redb::BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), redb::BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, redb::BackendError> {
        self.file.query_lock_range(start, end)
    }
}
