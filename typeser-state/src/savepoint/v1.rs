//! Version 1 of manifests and heads of row files, which is no longer written. Frozen: a new version is a new file.
//!
//! Integers have fixed width and are little-endian. A string is a `u64` length and UTF-8; bytes are a `u64` length and
//! the bytes; a list is a `u32` count and the elements.

use typeser::SerializerSnapshot;
use typeser::schema::Limits;
use typeser::wire::{Fixed, Output, Reader, Writer};

use super::contents::{Malformed, Manifest, RowsHead};
use super::operator::{RowsFile, SavepointOperator, StateSize};
use crate::descriptor::{OperatorMeta, SerializerPart, StateKind, StateMeta};
use crate::key_group::{KeyGroupRange, MaxParallelism};

pub(super) type To = Output<Fixed>;
pub(super) type From<'a> = Reader<'a, Fixed>;

/// The numbers of kinds of state and of serializers of a state in this version.
const KINDS: u8 = 3;
const PARTS: u8 = 2;

pub(super) fn read_manifest(bytes: &[u8]) -> Result<Manifest, Malformed> {
    let mut from = From::new(bytes);
    let written_by = string("the release", &mut from)?;
    let mut operators: Vec<SavepointOperator> = Vec::new();
    for _ in 0..count(&mut from)? {
        let at = from.offset();
        let meta = operator(&mut from)?;
        if operators.iter().any(|known| known.meta.uid == meta.uid) {
            return Err(malformed(at, format!("a second operator `{}`", meta.uid)));
        }
        let mut files: Vec<RowsFile> = Vec::new();
        for _ in 0..count(&mut from)? {
            let at = from.offset();
            let file = rows_file(&meta, &mut from)?;
            if files.last().is_some_and(|last| last.key_groups.last() >= file.key_groups.first()) {
                return Err(malformed(at, format!("the key groups of file `{}` are out of order", file.name)));
            }
            files.push(file);
        }
        operators.push(SavepointOperator { meta, files });
    }
    from.finish()?;
    Ok(Manifest { written_by, operators, operator_states: Vec::new() })
}

pub(super) fn read_rows_head(bytes: &[u8]) -> Result<RowsHead, Malformed> {
    let mut from = From::new(bytes);
    let uid = name("an operator", &mut from)?;
    let max_parallelism = max_parallelism(&mut from)?;
    let key_groups = range(max_parallelism, &mut from)?;
    from.finish()?;
    Ok(RowsHead { keyed: true, uid, max_parallelism, key_groups })
}

/// The metadata of an operator, in the encoding of manifests and of backends.
pub(crate) fn read_operator(bytes: &[u8]) -> Result<OperatorMeta, Malformed> {
    let mut from = From::new(bytes);
    let meta = operator(&mut from)?;
    from.finish()?;
    Ok(meta)
}

fn operator(from: &mut From<'_>) -> Result<OperatorMeta, Malformed> {
    let uid = name("an operator", from)?;
    let max_parallelism = max_parallelism(from)?;
    let key = snapshot("keys", from)?;
    let mut states: Vec<StateMeta> = Vec::new();
    for _ in 0..count(from)? {
        let at = from.offset();
        let state = state(from)?;
        if states.iter().any(|known| known.id == state.id || known.name == state.name) {
            return Err(malformed(at, format!("a second state `{}`, or of number {}", state.name, state.id)));
        }
        states.push(state);
    }
    Ok(OperatorMeta { keyed: true, uid, max_parallelism, key, states })
}

fn state(from: &mut From<'_>) -> Result<StateMeta, Malformed> {
    let id = from.take_u16()?;
    let name = name("a state", from)?;
    let at = from.offset();
    let [number] = from.take()?;
    let kind = StateKind::of_number(number)
        .filter(|kind| kind.number() <= KINDS)
        .ok_or_else(|| malformed(at, format!("state `{name}` has the unknown kind {number}")))?;
    let at = from.offset();
    let mut serializers = Vec::new();
    for _ in 0..count(from)? {
        let at = from.offset();
        let [number] = from.take()?;
        let part = SerializerPart::of_number(number)
            .filter(|part| part.number() <= PARTS)
            .ok_or_else(|| malformed(at, format!("state `{name}` has the unknown serializer {number}")))?;
        serializers.push((part, snapshot(&name, from)?));
    }
    if !serializers.iter().map(|(part, _)| part).eq(kind.parts()) {
        return Err(malformed(at, format!("`{name}` is a {kind}, but its serializers are those of another kind")));
    }
    let at = from.offset();
    match count(from)? {
        0 => Ok(StateMeta { id, name, kind, serializers, namespace: None, time_to_live: None }),
        found => Err(malformed(at, format!("state `{name}` has {found} options, version 1 knows none"))),
    }
}

fn rows_file(operator: &OperatorMeta, from: &mut From<'_>) -> Result<RowsFile, Malformed> {
    let at = from.offset();
    let name = string("a file", from)?;
    if !is_plain_file_name(&name) {
        return Err(malformed(at, format!("{name:?} is not the name of a file of rows")));
    }
    let key_groups = range(operator.max_parallelism, from)?;
    let length = from.take_u64()?;
    let hash = from.take_u64()?;
    let mut states = Vec::new();
    for _ in 0..count(from)? {
        let at = from.offset();
        let size = StateSize { state_id: from.take_u16()?, entries: from.take_u64()?, bytes: from.take_u64()? };
        if !operator.states.iter().any(|state| state.id == size.state_id) {
            return Err(malformed(at, format!("file `{name}` holds an unknown state {}", size.state_id)));
        }
        states.push(size);
    }
    Ok(RowsFile { name, key_groups, length, hash, states })
}

/// Whether a file name stays inside the directory of the savepoint.
pub(super) fn is_plain_file_name(name: &str) -> bool {
    name.len() <= 255
        && name.ends_with(".rows")
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

pub(super) fn put_string(text: &str, to: &mut To) {
    put_bytes(text.as_bytes(), to);
}

pub(super) fn put_bytes(bytes: &[u8], to: &mut To) {
    to.put_length(bytes.len());
    to.put_slice(bytes);
}

pub(super) fn put_count(count: usize, to: &mut To) {
    // Names are unique and limited, so no list has 2^32 elements; a reader would reject it.
    to.put_u32(u32::try_from(count).unwrap_or(u32::MAX));
}

pub(super) fn put_range(range: KeyGroupRange, to: &mut To) {
    to.put_u16(range.first());
    to.put_u16(range.last());
}

/// The number of elements that follow. Nothing is allocated by it: missing bytes end the loop.
pub(super) fn count(from: &mut From<'_>) -> Result<u32, Malformed> {
    Ok(from.take_u32()?)
}

pub(super) fn bytes<'a>(from: &mut From<'a>) -> Result<&'a [u8], Malformed> {
    let length = from.take_length(1)?;
    Ok(from.take_slice(length)?)
}

pub(super) fn string(what: &str, from: &mut From<'_>) -> Result<String, Malformed> {
    let at = from.offset();
    let bytes = bytes(from)?;
    let text = std::str::from_utf8(bytes).map_err(|_| malformed(at, format!("the name of {what} is not UTF-8")))?;
    Ok(text.to_owned())
}

pub(super) fn name(what: &str, from: &mut From<'_>) -> Result<String, Malformed> {
    let at = from.offset();
    let name = string(what, from)?;
    match name.len() {
        0 => Err(malformed(at, format!("{what} has no name"))),
        length if length > Limits::NAME_BYTES => {
            Err(malformed(at, format!("the name of {what} takes {length} bytes, more than {}", Limits::NAME_BYTES)))
        }
        _ => Ok(name),
    }
}

pub(super) fn max_parallelism(from: &mut From<'_>) -> Result<MaxParallelism, Malformed> {
    let at = from.offset();
    MaxParallelism::new(from.take_u32()?).map_err(|error| malformed(at, error.to_string()))
}

pub(super) fn range(max_parallelism: MaxParallelism, from: &mut From<'_>) -> Result<KeyGroupRange, Malformed> {
    let at = from.offset();
    let range = KeyGroupRange::new(from.take_u16()?, from.take_u16()?);
    let range = range.map_err(|error| malformed(at, error.to_string()))?;
    if range.last() >= max_parallelism.groups() {
        return Err(malformed(at, format!("key groups {range} of {max_parallelism}")));
    }
    Ok(range)
}

pub(super) fn snapshot(whose: &str, from: &mut From<'_>) -> Result<SerializerSnapshot, Malformed> {
    let at = from.offset();
    let bytes = bytes(from)?;
    SerializerSnapshot::from_bytes(bytes).map_err(|error| malformed(at, format!("the snapshot of {whose}: {error}")))
}

pub(super) fn malformed(offset: usize, reason: String) -> Malformed {
    Malformed { offset, reason }
}
