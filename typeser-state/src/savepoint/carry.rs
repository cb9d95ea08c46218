//! Operators that a program does not have, taken over from the savepoint that it was restored from.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::error::{ReadSavepointError, WriteSavepointError};
use super::operator::{RowsFile, SavepointOperator};
use super::read::Savepoint;
use super::write::SavepointWriter;

const BUFFER: usize = 256 * 1024;

impl SavepointWriter {
    /// Takes over everything that another savepoint has of an operator: its keyed state, and the state of the operator
    /// itself. Files are copied as they are, and checked on the way.
    ///
    /// This is how state outlives releases that do not have its operator; see
    /// [`RestoreOptions::carry_operator`](crate::restore::RestoreOptions::carry_operator).
    ///
    /// # Errors
    /// There is no such operator in the other savepoint, there is one in this, or a file fails.
    pub fn carry_operator(mut self, from: &Savepoint, uid: &str) -> Result<Self, WriteSavepointError> {
        let (keyed, own) = (from.operator(uid), from.operator_state(uid).map(|operator| &operator.0));
        if keyed.is_none() && own.is_none() {
            let (savepoint, operator) = (from.path().to_owned(), uid.to_owned());
            return Err(WriteSavepointError::NotThere { savepoint, operator });
        }
        for operator in [keyed, own].into_iter().flatten() {
            let meta = &operator.meta;
            if self.operators_like(meta).iter().any(|known| known.meta.uid == meta.uid) {
                return Err(WriteSavepointError::OperatorTwice { operator: meta.uid.clone() });
            }
            let files = operator.files().iter();
            let files = files.map(|file| self.take_over(from, file, self.next_file_name(meta, file.key_groups())));
            let files = files.collect::<Result<_, _>>()?;
            self.add_operator(SavepointOperator { meta: meta.clone(), files });
        }
        Ok(self)
    }

    fn take_over(&self, from: &Savepoint, file: &RowsFile, name: String) -> Result<RowsFile, WriteSavepointError> {
        let (source, target) = (from.path().join(file.name()), self.directory().join(&name));
        let read = |error| WriteSavepointError::Carried(ReadSavepointError::Io { file: source.clone(), source: error });
        let write = |source| WriteSavepointError::Io { action: "write", path: target.clone(), source };
        let mut stored = File::open(&source).map_err(read)?;
        let mut copy = File::create_new(&target).map_err(write)?;
        let (mut hasher, mut length, mut buffer) = (Xxh3::new(), 0u64, vec![0; BUFFER]);
        loop {
            let count = stored.read(&mut buffer).map_err(read)?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            length += count as u64;
            copy.write_all(&buffer[..count]).map_err(write)?;
        }
        check(&source, file, length, hasher.digest())?;
        copy.sync_all().map_err(write)?;
        Ok(RowsFile { name, ..file.clone() })
    }
}

/// The file is the one that its manifest tells of.
fn check(path: &Path, file: &RowsFile, found: u64, computed: u64) -> Result<(), WriteSavepointError> {
    let (expected, stored) = (file.length(), file.hash);
    let path = path.to_owned();
    if found < expected {
        return Err(WriteSavepointError::Carried(ReadSavepointError::Cut {
            file: path,
            offset: found,
            expected,
            found,
        }));
    }
    if found > expected {
        return Err(WriteSavepointError::Carried(ReadSavepointError::TooLong { file: path, expected, found }));
    }
    if computed != stored {
        return Err(WriteSavepointError::Carried(ReadSavepointError::OtherFile { file: path, stored, computed }));
    }
    Ok(())
}
