//! Copying a file of rows from one savepoint to another, checked on the way.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::error::{ReadSavepointError, WriteSavepointError};
use super::operator::RowsFile;
use super::read::Savepoint;
use super::rows_file::{head, head_size};
use crate::descriptor::OperatorMeta;

const BUFFER: usize = 256 * 1024;

/// Why a file was not copied.
pub(crate) enum CopyError {
    /// The source cannot be read, or is not the file that its manifest describes.
    Read(ReadSavepointError),
    /// The target cannot be written.
    Write(WriteSavepointError),
}

/// Copies a file of the operator `stored` to the path `to`, and syncs it. If `new` has another uid, the copy gets
/// another head; the rows are never parsed. With `hard_link`, a file that needs no other head is linked if the file
/// system can do that. Either way its hash is compared with the manifest's first.
pub(crate) fn copy_rows_file(
    from: &Savepoint,
    file: &RowsFile,
    (stored, new): (&OperatorMeta, &OperatorMeta),
    (name, to): (String, &Path),
    hard_link: bool,
) -> Result<RowsFile, CopyError> {
    let path = from.path().join(file.name());
    let write = |source| CopyError::Write(WriteSavepointError::Io { action: "write", path: to.to_owned(), source });
    let new_head = match stored.uid() == new.uid() {
        true => None,
        false => {
            let too_large = || write(io::Error::new(io::ErrorKind::InvalidInput, "the head is too large"));
            let new = head(new, file.key_groups()).ok_or_else(too_large)?;
            Some(NewHead { stored_size: head_size(&path).map_err(CopyError::Read)?, new })
        }
    };
    let source = Source { savepoint: from, operator: stored, file, path: &path };
    let copied = RowsFile { name, ..file.clone() };
    if hard_link && new_head.is_none() {
        source.copy_to(&mut io::sink(), to, None)?;
        if fs::hard_link(&path, to).is_ok() {
            // The file may have been written after the last sync.
            File::open(to).and_then(|file| file.sync_all()).map_err(write)?;
            return Ok(copied);
        }
    }
    let mut target = File::create_new(to).map_err(write)?;
    let (length, hash) = source.copy_to(&mut target, to, new_head)?;
    target.sync_all().map_err(write)?;
    Ok(RowsFile { length, hash, ..copied })
}

/// The head that replaces the first bytes of a file.
struct NewHead {
    stored_size: u64,
    new: Vec<u8>,
}

struct Source<'a> {
    savepoint: &'a Savepoint,
    operator: &'a OperatorMeta,
    file: &'a RowsFile,
    path: &'a Path,
}

impl Source<'_> {
    /// Copies the bytes and compares the hash of what was read with the manifest's. Returns the length and the hash of
    /// what was written.
    fn copy_to(&self, to: &mut impl Write, target: &Path, head: Option<NewHead>) -> Result<(u64, u64), CopyError> {
        let read = |source| CopyError::Read(ReadSavepointError::Io { file: self.path.to_owned(), source });
        let write =
            |source| CopyError::Write(WriteSavepointError::Io { action: "write", path: target.to_owned(), source });
        let mut stored = File::open(self.path).map_err(read)?;
        let (mut hasher, mut length, mut buffer) = (Xxh3::new(), 0u64, vec![0; BUFFER]);
        // A copy with another head also has another hash.
        let mut rewritten = head.as_ref().map(|_| (Xxh3::new(), 0u64));
        let mut put = |bytes: &[u8]| {
            if let Some((hasher, length)) = &mut rewritten {
                hasher.update(bytes);
                *length += bytes.len() as u64;
            }
            to.write_all(bytes).map_err(write)
        };
        let mut skip = 0;
        if let Some(head) = head {
            put(&head.new)?;
            skip = head.stored_size;
        }
        loop {
            let count = stored.read(&mut buffer).map_err(read)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            length += count as u64;
            let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(count);
            skip -= skipped as u64;
            put(&buffer[skipped..count])?;
        }
        let computed = hasher.digest();
        if (length, computed) != (self.file.length, self.file.hash) {
            return Err(CopyError::Read(self.damage(computed)));
        }
        Ok(rewritten.map_or((length, computed), |(hasher, length)| (length, hasher.digest())))
    }

    /// What is wrong with a file whose hash is not the one in the manifest. Only the reader of rows can say where.
    fn damage(&self, computed: u64) -> ReadSavepointError {
        let read_all = || {
            let mut rows = self.savepoint.rows_like(self.operator)?.of_key_groups(self.file.key_groups());
            while rows.next_row()?.is_some() {}
            Ok(())
        };
        let other = ReadSavepointError::OtherFile { file: self.path.to_owned(), stored: self.file.hash, computed };
        read_all().err().unwrap_or(other)
    }
}
