//! Rows of a savepoint, decoded by the snapshots that are stored beside them.

use std::path::PathBuf;

use typeser::SerializerSnapshot;
use typeser::migrate::Value;
use typeser::resolve::Role;

use super::{EntryError, Query};
use crate::descriptor::{SerializerPart, StateMeta};
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::savepoint::{ReadSavepointError, Row, Rows, RowsFile, Savepoint, SavepointOperator};

/// A row of a savepoint, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The uid of the operator.
    pub operator: &'a str,
    /// The state.
    pub state: &'a StateMeta,
    /// The key group in which the key lives.
    pub key_group: KeyGroup,
    /// The key.
    pub key: Value,
    /// The bytes of the namespace; empty where there is none. Nothing is stored that says what they mean.
    pub namespace: Vec<u8>,
    /// What tells the rows of a key apart.
    pub place: EntryPlace,
    /// The value, the element, or the value of the entry.
    pub value: Value,
    /// The file that holds the row.
    pub file: PathBuf,
    /// Where in it the row begins.
    pub offset: u64,
}

/// What tells the rows of a key, namespace and state apart.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryPlace {
    /// A value state has one row.
    Value,
    /// The sequence number of an element of a list. Elements ascend by it, with gaps.
    Element(u64),
    /// The map key of an entry of a map.
    MapKey(Value),
}

/// Rows of a savepoint, one after the other. [`Query::run`] gives it.
///
/// After an error there is nothing more, unless the query [goes on](Query::go_on_behind_errors).
pub struct Entries<'a> {
    savepoint: &'a Savepoint,
    query: Query,
    files: std::vec::IntoIter<(&'a SavepointOperator, &'a RowsFile)>,
    current: Option<Current<'a>>,
    /// The bytes of the key that was looked at last, and whether it is the one that is asked for.
    key: Option<(Vec<u8>, bool)>,
    failed: bool,
}

/// The file that is being read.
struct Current<'a> {
    operator: &'a SavepointOperator,
    key_groups: KeyGroupRange,
    rows: Rows<'a>,
    /// The last row that could be read: where damage is, nobody can say what it was.
    last: Option<(KeyGroup, &'a str)>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(savepoint: &'a Savepoint, operators: Vec<&'a SavepointOperator>, query: Query) -> Self {
        let wanted = |file: &RowsFile| query.key_group.is_none_or(|group| file.key_groups().contains(group));
        let files: Vec<_> = operators
            .into_iter()
            .filter(|operator| query.state.as_ref().is_none_or(|name| operator.meta().state(name).is_some()))
            .flat_map(|operator| operator.files().iter().map(move |file| (operator, file)))
            .filter(|(_, file)| wanted(file))
            .collect();
        Self { savepoint, query, files: files.into_iter(), current: None, key: None, failed: false }
    }

    fn open(&mut self) -> Option<Result<(), EntryError>> {
        let (operator, file) = self.files.next()?;
        let one = self.query.key_group.and_then(|group| KeyGroupRange::new(group, group).ok());
        let key_groups = one.unwrap_or(file.key_groups());
        let rows = match self.savepoint.rows(operator.meta().uid()) {
            Ok(rows) => rows.of_key_groups(key_groups),
            Err(source) => return Some(Err(damaged(operator, key_groups, None, source))),
        };
        self.current = Some(Current { operator, key_groups, rows, last: None });
        Some(Ok(()))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, EntryError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.failed && !self.query.go_on {
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
                    if self.query.state.as_ref().is_some_and(|name| name != state.name()) {
                        continue;
                    }
                    if let Some(wanted) = &self.query.key
                        && !is_key(wanted, operator.meta().key(), row.key.key, &mut self.key)
                    {
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

fn decode<'a>(operator: &'a SavepointOperator, state: &'a StateMeta, row: &Row<'_>) -> Result<Entry<'a>, EntryError> {
    let value = |role: Role, snapshot: Option<&SerializerSnapshot>, bytes: &[u8]| {
        // Every state has the serializers of its kind: readers of manifests see to it.
        let Some(snapshot) = snapshot else { return Ok(Value::Unit) };
        Value::decode(snapshot, bytes).map_err(|source| EntryError::Undecodable {
            operator: operator.meta().uid().to_owned(),
            state: state.name().to_owned(),
            key_group: row.key.key_group,
            role,
            file: row.file.to_owned(),
            offset: row.offset,
            source: Box::new(source),
        })
    };
    let part = |part| {
        value(
            state.kind().role(part),
            state.serializer(part),
            match part {
                SerializerPart::Value => row.value,
                SerializerPart::UserKey => row.key.rest,
            },
        )
    };
    let place = match (state.serializer(SerializerPart::UserKey), row.key.sequence()) {
        (Some(_), _) => EntryPlace::MapKey(part(SerializerPart::UserKey)?),
        (None, Some(sequence)) => EntryPlace::Element(sequence),
        (None, None) => EntryPlace::Value,
    };
    Ok(Entry {
        operator: operator.meta().uid(),
        state,
        key_group: row.key.key_group,
        key: value(Role::Key, Some(operator.meta().key()), row.key.key)?,
        namespace: row.key.namespace.to_vec(),
        place,
        value: part(SerializerPart::Value)?,
        file: row.file.to_owned(),
        offset: row.offset,
    })
}

/// Whether the key reads as it was asked for. Rows of a key lie together, so the last answer is kept.
fn is_key(wanted: &str, snapshot: &SerializerSnapshot, key: &[u8], last: &mut Option<(Vec<u8>, bool)>) -> bool {
    if let Some((bytes, answer)) = last
        && bytes == key
    {
        return *answer;
    }
    let answer = Value::decode(snapshot, key).is_ok_and(|value| {
        value.as_str().is_ok_and(|text| text == wanted) || value.to_string() == wanted || value.to_json() == wanted
    });
    *last = Some((key.to_vec(), answer));
    answer
}

fn damaged(
    operator: &SavepointOperator,
    key_groups: KeyGroupRange,
    last: Option<(KeyGroup, &str)>,
    source: ReadSavepointError,
) -> EntryError {
    EntryError::Damaged {
        operator: operator.meta().uid().to_owned(),
        key_groups,
        last: last.map(|(group, state)| (group, state.to_owned())),
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
