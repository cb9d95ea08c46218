//! A row of a savepoint, decoded by the snapshots that are stored beside it.

use std::path::PathBuf;

use typeser::SerializerSnapshot;
use typeser::resolve::Role;
use typeser::value::Value;

use crate::descriptor::{OperatorMeta, SerializerPart, StateKind, StateMeta, split_stamp};
use crate::key_group::KeyGroup;
use crate::processor::error::read::ReadStateError;
use crate::row::split_timer;
use crate::savepoint::{Row, SavepointOperator};
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
    /// What distinguishes the rows of a key.
    pub place: EntryPlace,
    /// When the row was last written, in milliseconds since 1970, where the state has a time to live. Rows that have
    /// expired are returned like others.
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

/// What distinguishes the rows of a key, namespace and state.
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

/// Decodes a row.
pub(crate) fn decode<'a>(
    operator: &'a SavepointOperator,
    state: &'a StateMeta,
    row: &Row<'_>,
) -> Result<Entry<'a>, ReadStateError> {
    let meta = operator.meta();
    let value = |role: Role, snapshot: &SerializerSnapshot, bytes: &[u8]| {
        Value::decode(snapshot, bytes).map_err(|source| ReadStateError::Undecodable {
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
pub(crate) fn owner(operator: &OperatorMeta, number: KeyGroup) -> String {
    format!("{} {number}", if operator.keyed { "key group" } else { "instance" })
}
