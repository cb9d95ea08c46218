//! Files of rows that stay as they are: copied or linked, and checked on the way.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::ProcessError;
use super::job::OperatorJob;
use crate::savepoint::{ReadSavepointError, RowsFile, Savepoint, WriteSavepointError, rows_head, rows_head_size};

const BUFFER: usize = 256 * 1024;

/// Takes a file over under a name and at a path, with all its bytes, after its hash has held. If the operator has another
/// uid now, its head is written anew; what stands behind it is not looked into in any case.
pub(super) fn take_over(
    savepoint: &Savepoint,
    operator: &OperatorJob<'_>,
    file: &RowsFile,
    (name, to): (String, &Path),
    hard_links: bool,
) -> Result<RowsFile, ProcessError> {
    let from = savepoint.path().join(file.name());
    let write = |source| ProcessError::Write(WriteSavepointError::Io { action: "write", path: to.to_owned(), source });
    let head = match operator.stored.meta().uid() == operator.meta.uid() {
        true => None,
        false => {
            let head = rows_head(&operator.meta, file.key_groups());
            let new =
                head.ok_or_else(|| write(io::Error::new(io::ErrorKind::InvalidInput, "the head is too large")))?;
            Some(Head { skip: rows_head_size(&from)?, new })
        }
    };
    let taken = RowsFile { name, ..file.clone() };
    if hard_links && head.is_none() {
        copy(savepoint, operator, file, &from, None, None)?;
        if fs::hard_link(&from, to).is_ok() {
            // Its bytes may be younger than the last time that anybody waited for the disk.
            File::open(to).and_then(|file| file.sync_all()).map_err(write)?;
            return Ok(taken);
        }
    }
    let mut new = File::create_new(to).map_err(write)?;
    let (length, hash) = copy(savepoint, operator, file, &from, Some((&mut new, to)), head)?;
    new.sync_all().map_err(write)?;
    Ok(RowsFile { length, hash, ..taken })
}

/// Another head for a file, in place of one of so many bytes.
struct Head {
    skip: u64,
    new: Vec<u8>,
}

/// Reads a file whole, writes it to `copy`, and holds it against what the manifest says. Gives the length and the hash of
/// what was written.
fn copy(
    savepoint: &Savepoint,
    operator: &OperatorJob<'_>,
    file: &RowsFile,
    from: &Path,
    mut copy: Option<(&mut File, &Path)>,
    head: Option<Head>,
) -> Result<(u64, u64), ProcessError> {
    let read = |source| ReadSavepointError::Io { file: from.to_owned(), source };
    let mut stored = File::open(from).map_err(read)?;
    let (mut hasher, mut length, mut buffer) = (Xxh3::new(), 0u64, vec![0; BUFFER]);
    let (mut new_hasher, mut new_length) = (Xxh3::new(), 0u64);
    let rewritten = head.is_some();
    let mut put = |bytes: &[u8]| {
        if rewritten {
            new_hasher.update(bytes);
            new_length += bytes.len() as u64;
        }
        let Some((copy, path)) = &mut copy else { return Ok(()) };
        copy.write_all(bytes).map_err(|source| {
            ProcessError::Write(WriteSavepointError::Io { action: "write", path: path.to_path_buf(), source })
        })
    };
    let mut skip = 0;
    if let Some(head) = head {
        put(&head.new)?;
        skip = head.skip;
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
    if (length, computed) == (file.length, file.hash) {
        return Ok(if rewritten { (new_length, new_hasher.digest()) } else { (length, computed) });
    }
    // What is wrong, and where, the reader of rows says better.
    let mut rows = operator.rows(savepoint)?.of_key_groups(file.key_groups());
    while rows.next_row()?.is_some() {}
    Err(ReadSavepointError::OtherFile { file: from.to_owned(), stored: file.hash, computed }.into())
}
