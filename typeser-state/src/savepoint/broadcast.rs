//! Copies of broadcast state: a map that is the same in all instances.
//!
//! While an instance is written, the rows of each copy are hashed. Before the savepoint is finished, the hashes are
//! compared. Only copies whose hashes differ are read again, to find the first difference.

use std::fmt::Write as _;

use typeser::SerializerSnapshot;
use typeser::schema::Node;
use typeser::snapshot::NodeHints;
use typeser::text::{hex, shortened};
use typeser::value::{Record, Value};
use xxhash_rust::xxh3::Xxh3;

use super::error::{BroadcastDifference, ReadSavepointError, WriteSavepointError};
use super::read::{Rows, Savepoint};
use crate::descriptor::{OperatorMeta, SerializerPart, StateKind, StateMeta};
use crate::key_group::{KeyGroup, KeyGroupRange};
use crate::row::RowKey;

/// The copies of all instances that were written.
#[derive(Debug, Default)]
pub(super) struct BroadcastCopies {
    copies: Vec<Copy>,
}

/// The copy of one state in one instance.
#[derive(Debug)]
struct Copy {
    operator: String,
    state_id: u16,
    instance: KeyGroup,
    hash: u128,
}

/// Hashes the broadcast state of an instance while its rows are written.
pub(super) struct CopyHasher {
    /// For each broadcast state of the operator.
    states: Vec<(u16, Xxh3)>,
}

impl CopyHasher {
    /// `None` if the operator has no broadcast state.
    pub(super) fn of(meta: &OperatorMeta) -> Option<Self> {
        let broadcast = meta.states.iter().filter(|state| state.kind == StateKind::Broadcast);
        let states: Vec<_> = broadcast.map(|state| (state.id, Xxh3::new())).collect();
        (!states.is_empty()).then_some(Self { states })
    }

    pub(super) fn row(&mut self, key: &[u8], value: &[u8]) {
        // The writer of the file refuses a malformed key.
        let Ok(key) = RowKey::parse(key) else { return };
        let Some((_, hasher)) = self.states.iter_mut().find(|(id, _)| *id == key.state_id) else { return };
        for bytes in [key.rest, value] {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        }
    }
}

impl BroadcastCopies {
    pub(super) fn add(&mut self, operator: &str, instance: KeyGroup, hasher: &CopyHasher) {
        self.copies.extend(hasher.states.iter().map(|(state_id, hasher)| Copy {
            operator: operator.to_owned(),
            state_id: *state_id,
            instance,
            hash: hasher.digest128(),
        }));
    }

    /// Compares the copies of each state. `written` is what was written so far, with the files of all instances.
    pub(super) fn check_equal(&self, written: &Savepoint) -> Result<(), WriteSavepointError> {
        for (number, copy) in self.copies.iter().enumerate() {
            let same_state = |other: &&Copy| other.operator == copy.operator && other.state_id == copy.state_id;
            let Some(first) = self.copies[..number].iter().find(same_state) else { continue };
            if first.hash == copy.hash {
                continue;
            }
            let mut instances = [first.instance, copy.instance];
            instances.sort_unstable();
            let Some(operator) = written.operator_state(&copy.operator).map(|operator| &operator.0.meta) else {
                continue;
            };
            let Some(state) = operator.states.iter().find(|state| state.id == copy.state_id) else { continue };
            let difference = first_difference(written, operator, state, instances);
            if let Some(difference) = difference.map_err(|error| WriteSavepointError::Compare(Box::new(error)))? {
                return Err(WriteSavepointError::BroadcastDiffers(Box::new(BroadcastDifference {
                    operator: copy.operator.clone(),
                    state: state.name.clone(),
                    instances: instances.map(u32::from),
                    key: shown(state.serializer(SerializerPart::UserKey), &difference.key),
                    values: difference
                        .values
                        .map(|value| value.map(|value| shown(state.serializer(SerializerPart::Value), &value))),
                })));
            }
        }
        Ok(())
    }
}

/// A key, and the value that each of two instances has for it.
struct Difference {
    key: Vec<u8>,
    values: [Option<Vec<u8>>; 2],
}

/// The first key for which two instances differ; `None` if their values are equal and differ in the order of sets and
/// maps only.
fn first_difference(
    written: &Savepoint,
    operator: &OperatorMeta,
    state: &StateMeta,
    instances: [KeyGroup; 2],
) -> Result<Option<Difference>, ReadSavepointError> {
    let [mut first, mut second] = [rows(written, operator, instances[0])?, rows(written, operator, instances[1])?];
    let snapshot = state.serializer(SerializerPart::Value);
    let (mut one, mut other) = (next(&mut first, state)?, next(&mut second, state)?);
    loop {
        let (key, values) = match (one.take(), other.take()) {
            (None, None) => return Ok(None),
            (Some((key, value)), Some((same, other_value))) if key == same => {
                if !are_equal(snapshot, &value, &other_value) {
                    (key, [Some(value), Some(other_value)])
                } else {
                    (one, other) = (next(&mut first, state)?, next(&mut second, state)?);
                    continue;
                }
            }
            (Some((key, value)), other) if other.as_ref().is_none_or(|(other, _)| key < *other) => {
                (key, [Some(value), None])
            }
            (_, Some((key, value))) => (key, [None, Some(value)]),
            (Some((key, value)), None) => (key, [Some(value), None]),
        };
        return Ok(Some(Difference { key, values }));
    }
}

fn rows<'a>(
    written: &'a Savepoint,
    operator: &OperatorMeta,
    instance: KeyGroup,
) -> Result<Rows<'a>, ReadSavepointError> {
    let rows = written.operator_state_rows(&operator.uid)?;
    Ok(match KeyGroupRange::new(instance, instance) {
        Ok(instance) => rows.of_key_groups(instance),
        // One key group is always a range.
        Err(_) => rows,
    })
}

/// A key and its value.
type Entry = (Vec<u8>, Vec<u8>);

/// The next entry of a state.
fn next(rows: &mut Rows<'_>, state: &StateMeta) -> Result<Option<Entry>, ReadSavepointError> {
    while let Some(row) = rows.next_row()? {
        if row.key.state_id == state.id {
            return Ok(Some((row.key.rest.to_vec(), row.value.to_vec())));
        }
    }
    Ok(None)
}

/// Whether stored values are equal: sets and maps may have their entries in any order, and an opaque leaf may have
/// several byte strings for one value.
fn are_equal(snapshot: Option<&SerializerSnapshot>, one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    let Some(snapshot) = snapshot else { return false };
    let opaque = snapshot.hints().iter().any(|hints| matches!(hints, NodeHints::Opaque(hints) if !hints.canonical));
    let unordered = snapshot.schema().nodes().iter().any(|node| matches!(node, Node::Set(_) | Node::Map { .. }));
    if !opaque && !unordered {
        return false;
    }
    let text = |bytes| {
        let mut text = String::new();
        Value::decode(snapshot, bytes).ok().map(|value| {
            put_canonical(&value, opaque, &mut text);
            text
        })
    };
    // Values that cannot be decoded without their program cannot be compared.
    text(one).zip(text(other)).is_none_or(|(one, other)| one == other)
}

/// Writes a value as text, with sets and maps in a fixed order, and without opaque leaves if they have to be ignored.
fn put_canonical(value: &Value, ignore_opaque: bool, to: &mut String) {
    let text = |value: &Value| {
        let mut text = String::new();
        put_canonical(value, ignore_opaque, &mut text);
        text
    };
    let mut put_all = |mut parts: Vec<String>, sort: bool| {
        if sort {
            parts.sort_unstable();
        }
        // With lengths, so that no two values have one text.
        parts.iter().for_each(|part| _ = write!(to, "{}:{part},", part.len()));
    };
    let fields = |record: &Record| record.fields().map(|(_, value)| text(value)).collect();
    match value {
        Value::Struct(record) => put_all(fields(record), false),
        Value::Enum(record) => {
            let variant = record.variant_name().unwrap_or_default().to_owned();
            put_all(std::iter::once(variant).chain(fields(record)).collect(), false);
        }
        Value::Option(inner) => put_all(inner.iter().map(|inner| text(inner)).collect(), false),
        Value::List(parts) | Value::Array(parts) | Value::Tuple(parts) => {
            put_all(parts.iter().map(text).collect(), false);
        }
        Value::Set(parts) => put_all(parts.iter().map(text).collect(), true),
        Value::Map(entries) => {
            let entry = |(key, value): &(Value, Value)| {
                let key = text(key);
                format!("{}:{key}={}", key.len(), text(value))
            };
            put_all(entries.iter().map(entry).collect(), true);
        }
        Value::Opaque(_) if ignore_opaque => {}
        Value::Opaque(bytes) => _ = hex::write(bytes, to),
        leaf => _ = write!(to, "{leaf:?}"),
    }
}

/// Stored bytes as text; shortened.
fn shown(snapshot: Option<&SerializerSnapshot>, bytes: &[u8]) -> String {
    const COLUMNS: usize = 100;
    match snapshot.and_then(|snapshot| Value::decode(snapshot, bytes).ok()) {
        Some(value) => shortened(&value.to_string(), COLUMNS),
        None => shortened(&format!("0x{}", hex::encode(bytes)), COLUMNS),
    }
}
