//! Rows of a savepoint, decoded by the snapshots that are stored beside them.

use super::entry::{Entry, decode, owner};
use super::filter::Query;
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::processor::error::read::ReadStateError;
use crate::savepoint::{ReadSavepointError, Rows, RowsFile, Savepoint, SavepointOperator};

/// Rows of a savepoint, one after the other. [`Query::run`] gives it.
///
/// After an error there is nothing more, unless the query [goes on](Query::go_on_behind_errors).
pub struct Entries<'a> {
    savepoint: &'a Savepoint,
    query: Query,
    files: std::vec::IntoIter<(&'a SavepointOperator, &'a RowsFile)>,
    current: Option<Current<'a>>,
    /// The bytes of the last key, and whether it is the one that is asked for.
    key: Option<(Vec<u8>, bool)>,
    failed: bool,
}

/// The file that is being read.
struct Current<'a> {
    operator: &'a SavepointOperator,
    key_groups: KeyGroupRange,
    rows: Rows<'a>,
    /// The last row that could be read: in damaged bytes its key cannot be read.
    last: Option<(KeyGroup, &'a str)>,
}

impl Query {
    /// Reads, one row at a time: keyed state, then the state of operators themselves.
    ///
    /// # Errors
    /// The savepoint holds no such operator or state.
    pub fn run<'a>(&self, savepoint: &'a Savepoint) -> Result<Entries<'a>, ReadStateError> {
        Ok(Entries::new(savepoint, self.operators(savepoint)?, self.clone()))
    }
}

impl<'a> Entries<'a> {
    pub(crate) fn new(savepoint: &'a Savepoint, operators: Vec<&'a SavepointOperator>, query: Query) -> Self {
        let wanted = |operator: &SavepointOperator, file: &RowsFile| {
            let state = |id| operator.meta().states().iter().find(|state| state.id() == id);
            // Nothing but the rows says that a file without them is as it was written, so where no kind is asked for,
            // all are opened.
            let with_rows = file.states().iter().filter(|size| size.entries > 0);
            let of_kind =
                query.kind.is_none() || with_rows.filter_map(|size| state(size.state_id)).any(|s| query.wants(s));
            of_kind && query.key_group.is_none_or(|group| file.key_groups().contains(group))
        };
        let keyed_only = query.key_group.is_some() || query.key.is_some();
        let files: Vec<_> = operators
            .into_iter()
            .filter(|operator| operator.meta().keyed || !keyed_only)
            .filter(|operator| operator.meta().states().iter().any(|state| query.wants(state)))
            .flat_map(|operator| operator.files().iter().map(move |file| (operator, file)))
            .filter(|(operator, file)| wanted(operator, file))
            .collect();
        Self { savepoint, query, files: files.into_iter(), current: None, key: None, failed: false }
    }

    fn open(&mut self) -> Option<Result<(), ReadStateError>> {
        let (operator, file) = self.files.next()?;
        let one = self.query.key_group.and_then(|group| KeyGroupRange::new(group, group).ok());
        let key_groups = one.unwrap_or(file.key_groups());
        let rows = match self.savepoint.rows_like(operator.meta()) {
            Ok(rows) => rows.of_key_groups(key_groups),
            Err(source) => return Some(Err(damaged(operator, key_groups, None, source))),
        };
        self.current = Some(Current { operator, key_groups, rows, last: None });
        Some(Ok(()))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, ReadStateError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.failed && !self.query.continue_on_error {
                return None;
            }
            let Some(current) = &mut self.current else {
                match self.open()? {
                    Ok(()) => continue,
                    Err(error) => {
                        self.failed = true;
                        return Some(Err(error));
                    }
                }
            };
            let operator = current.operator;
            let outcome = match current.rows.next_row() {
                Ok(None) => {
                    self.current = None;
                    continue;
                }
                Ok(Some(row)) => {
                    // The savepoint lives longer than the row, and so does what it says of the state.
                    let state = operator.meta().states().iter().find(|state| state.id() == row.key.state_id)?;
                    current.last = Some((row.key.key_group, state.name()));
                    if !self.query.wants(state) {
                        continue;
                    }
                    if !self.query.wants_key(operator.meta(), &row, &mut self.key) {
                        continue;
                    }
                    decode(operator, state, &row)
                }
                Err(source) => {
                    current.rows.resume();
                    Err(damaged(operator, current.key_groups, current.last, source))
                }
            };
            self.failed |= outcome.is_err();
            return Some(outcome);
        }
    }
}

fn damaged(
    operator: &SavepointOperator,
    key_groups: KeyGroupRange,
    last: Option<(KeyGroup, &str)>,
    source: ReadSavepointError,
) -> ReadStateError {
    let meta = operator.meta();
    ReadStateError::Damaged {
        operator: meta.uid().to_owned(),
        owner: match meta.keyed {
            true => format!("key groups {key_groups}"),
            false => owner(meta, key_groups.first()),
        },
        last: last.map(|(group, state)| (owner(meta, group), state.to_owned())),
        source: Box::new(source),
    }
}

impl std::fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries")
            .field("savepoint", &self.savepoint.path())
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}
