//! Copying operators that the program does not have from the savepoint that it was restored from.

use super::copy::{CopyError, copy_rows_file};
use super::error::WriteSavepointError;
use super::operator::SavepointOperator;
use super::read::Savepoint;
use super::write::SavepointWriter;

impl SavepointWriter {
    /// Copies all state that another savepoint has of an operator: its keyed state and its operator state. Files are
    /// copied byte by byte, and checked on the way.
    ///
    /// This is how state outlives releases that do not have its operator; see
    /// [`RestoreOptions::retain_operator`](crate::restore::RestoreOptions::retain_operator).
    ///
    /// # Errors
    /// The other savepoint has no such operator, this one has it already, or a file fails.
    pub fn retain_operator(mut self, from: &Savepoint, uid: &str) -> Result<Self, WriteSavepointError> {
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
            let files = operator.files().iter().map(|file| {
                let name = self.next_file_name(meta, file.key_groups());
                let to = self.directory().join(&name);
                copy_rows_file(from, file, (meta, meta), (name, &to), false)
            });
            let files = files.collect::<Result<_, _>>().map_err(|error| match error {
                CopyError::Read(error) => WriteSavepointError::ReadRetained(error),
                CopyError::Write(error) => error,
            })?;
            self.add_operator(SavepointOperator { meta: meta.clone(), files });
        }
        Ok(self)
    }
}
