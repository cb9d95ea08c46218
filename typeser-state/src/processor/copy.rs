//! Files of rows that stay as they are: copied or linked, and checked on the way.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::ProcessError;
use super::job::OperatorJob;
use crate::savepoint::{ReadSavepointError, RowsFile, Savepoint, WriteSavepointError};

const BUFFER: usize = 256 * 1024;

/// Takes a file over into a directory, with all its bytes, after its hash has held.
pub(super) fn take_over(
    savepoint: &Savepoint,
    operator: &OperatorJob<'_>,
    file: &RowsFile,
    directory: &Path,
    hard_links: bool,
) -> Result<RowsFile, ProcessError> {
    let (from, to) = (savepoint.path().join(file.name()), directory.join(file.name()));
    let write = |source| ProcessError::Write(WriteSavepointError::Io { action: "write", path: to.clone(), source });
    if hard_links {
        check(savepoint, operator, file, &from, None)?;
        if fs::hard_link(&from, &to).is_ok() {
            // Its bytes may be younger than the last time that anybody waited for the disk.
            File::open(&to).and_then(|file| file.sync_all()).map_err(write)?;
            return Ok(file.clone());
        }
    }
    let mut copy = File::create_new(&to).map_err(write)?;
    check(savepoint, operator, file, &from, Some((&mut copy, &to)))?;
    copy.sync_all().map_err(write)?;
    Ok(file.clone())
}

/// Reads a file whole, writes it to `copy`, and holds it against what the manifest says.
fn check(
    savepoint: &Savepoint,
    operator: &OperatorJob<'_>,
    file: &RowsFile,
    from: &Path,
    mut copy: Option<(&mut File, &Path)>,
) -> Result<(), ProcessError> {
    let read = |source| ReadSavepointError::Io { file: from.to_owned(), source };
    let mut stored = File::open(from).map_err(read)?;
    let (mut hasher, mut length, mut buffer) = (Xxh3::new(), 0u64, vec![0; BUFFER]);
    loop {
        let count = stored.read(&mut buffer).map_err(read)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        length += count as u64;
        if let Some((copy, path)) = &mut copy {
            copy.write_all(&buffer[..count]).map_err(|source| {
                ProcessError::Write(WriteSavepointError::Io { action: "write", path: path.to_path_buf(), source })
            })?;
        }
    }
    let computed = hasher.digest();
    if (length, computed) == (file.length, file.hash) {
        return Ok(());
    }
    // What is wrong, and where, the reader of rows says better.
    let mut rows = operator.rows(savepoint)?.of_key_groups(file.key_groups());
    while rows.next_row()?.is_some() {}
    Err(ReadSavepointError::OtherFile { file: from.to_owned(), stored: file.hash, computed }.into())
}
