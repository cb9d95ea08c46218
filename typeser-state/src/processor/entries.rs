//! Rows of a savepoint, decoded by the snapshots that are stored beside them.

use std::path::PathBuf;

use typeser::SerializerSnapshot;
use typeser::resolve::Role;
use typeser::value::Value;

use super::{EntryError, Query};
use crate::descriptor::{OperatorMeta, SerializerPart, StateKind, StateMeta, split_stamp};
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::row::split_timer;
use crate::savepoint::{ReadSavepointError, Row, Rows, RowsFile, Savepoint, SavepointOperator};
use crate::timer::TimeDomain;

/// A row of a savepoint, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The uid of the operator.
    pub operator: &'a str,
    /// The state.
    pub state: &'a StateMeta,
    /// The key group in which the row lives; of the state of an operator itself, the number of the instance.
    pub key_group: KeyGroup,
    /// The key. Raw keyed state and the state of an operator itself have none.
    pub key: Option<Value>,
    /// The namespace, where the state has namespaces.
    pub namespace: Option<Value>,
    /// What tells the rows of a key apart.
    pub place: EntryPlace,
    /// When the row was last written, in milliseconds since 1970, where the state has a time to live. Rows that have
    /// expired are told like others.
    pub last_write: Option<u64>,
    /// The value, the element, the accumulator, or the value of the entry; nothing for a timer, or raw bytes.
    pub value: Value,
    /// The bytes of raw state, of which nothing says what they mean.
    pub raw: Option<Vec<u8>>,
    /// The file that holds the row.
    pub file: PathBuf,
    /// Where in it the row begins.
    pub offset: u64,
}

/// What tells the rows of a key, namespace and state apart.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryPlace {
    /// A value, a reducing or an aggregating state has one row.
    Value,
    /// The sequence number of an element of a list. Elements ascend by it, with gaps.
    Element(u64),
    /// The map key of an entry of a map.
    MapKey(Value),
    /// A timer: which time it waits for, and until when, in milliseconds since 1970.
    Timer {
        /// Which time.
        domain: TimeDomain,
        /// Until when.
        time: i64,
    },
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

    fn open(&mut self) -> Option<Result<(), EntryError>> {
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

pub(super) fn decode<'a>(
    operator: &'a SavepointOperator,
    state: &'a StateMeta,
    row: &Row<'_>,
) -> Result<Entry<'a>, EntryError> {
    let meta = operator.meta();
    let value = |role: Role, snapshot: &SerializerSnapshot, bytes: &[u8]| {
        Value::decode(snapshot, bytes).map_err(|source| EntryError::Undecodable {
            operator: meta.uid().to_owned(),
            state: state.name().to_owned(),
            owner: owner(meta, row.key.key_group),
            role,
            file: row.file.to_owned(),
            offset: row.offset,
            source: Box::new(source),
        })
    };
    let part = |part, bytes: &[u8]| {
        let snapshot = state.serializer(part);
        snapshot.map(|snapshot| value(state.kind().role(part), snapshot, bytes)).transpose()
    };
    // The reader has seen to it that there is a stamp where there has to be one.
    let (last_write, stored) = match state.time_to_live().and_then(|_| split_stamp(row.value)) {
        Some((stamp, stored)) => (Some(stamp), stored),
        None => (None, row.value),
    };
    let (kind, user_key) = (state.kind(), part(SerializerPart::UserKey, row.key.rest)?);
    let place = match (kind, user_key) {
        (_, Some(user_key)) => EntryPlace::MapKey(user_key),
        (StateKind::Timers, None) => match split_timer(row.key.rest) {
            Some((domain, time)) => EntryPlace::Timer { domain, time },
            None => EntryPlace::Value,
        },
        (_, None) => row.key.sequence().map_or(EntryPlace::Value, EntryPlace::Element),
    };
    let key = if kind.has_keys() { Some(value(Role::Key, meta.key(), row.key.key)?) } else { None };
    Ok(Entry {
        operator: meta.uid(),
        state,
        key_group: row.key.key_group,
        key,
        namespace: part(SerializerPart::Namespace, row.key.namespace)?,
        place,
        last_write,
        value: part(SerializerPart::Value, stored)?.unwrap_or_default(),
        raw: kind.is_raw().then(|| row.value.to_vec()),
        file: row.file.to_owned(),
        offset: row.offset,
    })
}

/// Where a row lives, in the words of a message.
fn owner(operator: &OperatorMeta, number: KeyGroup) -> String {
    format!("{} {number}", if operator.keyed { "key group" } else { "instance" })
}

impl Query {
    /// Whether the row has a key that is asked for, in a key group that is.
    pub(super) fn wants_key(&self, operator: &OperatorMeta, row: &Row<'_>, last: &mut Option<(Vec<u8>, bool)>) -> bool {
        let of_group = self.key_group.is_none_or(|group| group == row.key.key_group);
        let of_key = |wanted: &String| row.state.kind().has_keys() && is_key(wanted, operator.key(), row.key.key, last);
        of_group && self.key.as_ref().is_none_or(of_key)
    }
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
    let meta = operator.meta();
    EntryError::Damaged {
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
