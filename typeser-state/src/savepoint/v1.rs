//! Version 1 of what manifests and the heads of row files hold. Frozen once it is released: a new version is a new file.
//!
//! Integers have fixed width and are little-endian. A string is a `u64` length and UTF-8; bytes are a `u64` length and
//! the bytes; a list is a `u32` count and the elements.

use std::fmt;

use typeser::SerializerSnapshot;
use typeser::schema::Limits;
use typeser::snapshot::WriteSnapshotError;
use typeser::wire::{DecodeError, Fixed, Output, Reader, Writer};

use super::{RowsFile, SavepointOperator, StateSize};
use crate::descriptor::{OperatorMeta, SerializerPart, StateKind, StateMeta};
use crate::key_group::{KeyGroupRange, MaxParallelism};

/// What the manifest holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manifest {
    /// The release that wrote it, for people.
    pub(super) written_by: String,
    pub(super) operators: Vec<SavepointOperator>,
}

/// What the head of a row file holds, so that the file can be read on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowsHead {
    pub(super) uid: String,
    pub(super) max_parallelism: MaxParallelism,
    pub(super) key_groups: KeyGroupRange,
}

/// In the words of a message.
impl fmt::Display for RowsHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key groups {} of {} of operator `{}`", self.key_groups, self.max_parallelism, self.uid)
    }
}

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at offset {offset}: {reason}")]
pub(crate) struct Malformed {
    /// Counted from the beginning of the bytes.
    pub(crate) offset: usize,
    pub(crate) reason: String,
}

type To = Output<Fixed>;
type From<'a> = Reader<'a, Fixed>;

pub(super) fn write_manifest(manifest: &Manifest) -> Result<Vec<u8>, WriteSnapshotError> {
    let mut to = To::new(Vec::new());
    put_string(&manifest.written_by, &mut to);
    put_count(manifest.operators.len(), &mut to);
    for operator in &manifest.operators {
        put_operator(&operator.meta, &mut to)?;
        put_count(operator.files.len(), &mut to);
        for file in &operator.files {
            put_string(&file.name, &mut to);
            put_range(file.key_groups, &mut to);
            to.put_u64(file.length);
            to.put_u64(file.hash);
            put_count(file.states.len(), &mut to);
            for size in &file.states {
                to.put_u16(size.state_id);
                to.put_u64(size.entries);
                to.put_u64(size.bytes);
            }
        }
    }
    Ok(to.into_bytes())
}

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
    Ok(Manifest { written_by, operators })
}

pub(super) fn write_rows_head(head: &RowsHead) -> Vec<u8> {
    let mut to = To::new(Vec::new());
    put_string(&head.uid, &mut to);
    to.put_u32(u32::from(head.max_parallelism.groups()));
    put_range(head.key_groups, &mut to);
    to.into_bytes()
}

pub(super) fn read_rows_head(bytes: &[u8]) -> Result<RowsHead, Malformed> {
    let mut from = From::new(bytes);
    let uid = name("an operator", &mut from)?;
    let max_parallelism = max_parallelism(&mut from)?;
    let key_groups = range(max_parallelism, &mut from)?;
    from.finish()?;
    Ok(RowsHead { uid, max_parallelism, key_groups })
}

/// What is stored of an operator, as a manifest holds it and as backends keep it beside their rows.
pub(crate) fn write_operator(meta: &OperatorMeta) -> Result<Vec<u8>, WriteSnapshotError> {
    let mut to = To::new(Vec::new());
    put_operator(meta, &mut to)?;
    Ok(to.into_bytes())
}

pub(crate) fn read_operator(bytes: &[u8]) -> Result<OperatorMeta, Malformed> {
    let mut from = From::new(bytes);
    let meta = operator(&mut from)?;
    from.finish()?;
    Ok(meta)
}

fn put_operator(meta: &OperatorMeta, to: &mut To) -> Result<(), WriteSnapshotError> {
    put_string(&meta.uid, to);
    to.put_u32(u32::from(meta.max_parallelism.groups()));
    put_bytes(&meta.key.to_bytes()?, to);
    put_count(meta.states.len(), to);
    for state in &meta.states {
        to.put_u16(state.id);
        put_string(&state.name, to);
        to.put([state.kind.number()]);
        put_count(state.serializers.len(), to);
        for (part, snapshot) in &state.serializers {
            to.put([part.number()]);
            put_bytes(&snapshot.to_bytes()?, to);
        }
        // Options of the state: version 1 knows none.
        put_count(0, to);
    }
    Ok(())
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
    Ok(OperatorMeta { uid, max_parallelism, key, states })
}

fn state(from: &mut From<'_>) -> Result<StateMeta, Malformed> {
    let id = from.take_u16()?;
    let name = name("a state", from)?;
    let at = from.offset();
    let [number] = from.take()?;
    let kind = StateKind::of_number(number)
        .ok_or_else(|| malformed(at, format!("state `{name}` has the unknown kind {number}")))?;
    let at = from.offset();
    let mut serializers = Vec::new();
    for _ in 0..count(from)? {
        let at = from.offset();
        let [number] = from.take()?;
        let part = SerializerPart::of_number(number)
            .ok_or_else(|| malformed(at, format!("state `{name}` has the unknown serializer {number}")))?;
        serializers.push((part, snapshot(&name, from)?));
    }
    if !serializers.iter().map(|(part, _)| part).eq(kind.parts()) {
        return Err(malformed(at, format!("`{name}` is a {kind}, but its serializers are those of another kind")));
    }
    let at = from.offset();
    match count(from)? {
        0 => Ok(StateMeta { id, name, kind, serializers }),
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

/// A manifest never leads out of its directory.
fn is_plain_file_name(name: &str) -> bool {
    name.len() <= 255
        && name.ends_with(".rows")
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn put_string(text: &str, to: &mut To) {
    put_bytes(text.as_bytes(), to);
}

fn put_bytes(bytes: &[u8], to: &mut To) {
    to.put_length(bytes.len());
    to.put_slice(bytes);
}

fn put_count(count: usize, to: &mut To) {
    // Names are unique and limited, so no list comes near 2^32; a reader would notice.
    to.put_u32(u32::try_from(count).unwrap_or(u32::MAX));
}

fn put_range(range: KeyGroupRange, to: &mut To) {
    to.put_u16(range.first());
    to.put_u16(range.last());
}

/// How many elements follow. Nothing is reserved by it: bytes that are not there end the loop.
fn count(from: &mut From<'_>) -> Result<u32, Malformed> {
    Ok(from.take_u32()?)
}

fn bytes<'a>(from: &mut From<'a>) -> Result<&'a [u8], Malformed> {
    let length = from.take_length(1)?;
    Ok(from.take_slice(length)?)
}

fn string(what: &str, from: &mut From<'_>) -> Result<String, Malformed> {
    let at = from.offset();
    let bytes = bytes(from)?;
    let text = std::str::from_utf8(bytes).map_err(|_| malformed(at, format!("the name of {what} is not UTF-8")))?;
    Ok(text.to_owned())
}

fn name(what: &str, from: &mut From<'_>) -> Result<String, Malformed> {
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

fn max_parallelism(from: &mut From<'_>) -> Result<MaxParallelism, Malformed> {
    let at = from.offset();
    MaxParallelism::new(from.take_u32()?).map_err(|error| malformed(at, error.to_string()))
}

fn range(max_parallelism: MaxParallelism, from: &mut From<'_>) -> Result<KeyGroupRange, Malformed> {
    let at = from.offset();
    let range = KeyGroupRange::new(from.take_u16()?, from.take_u16()?);
    let range = range.map_err(|error| malformed(at, error.to_string()))?;
    if range.last() >= max_parallelism.groups() {
        return Err(malformed(at, format!("key groups {range} of {max_parallelism}")));
    }
    Ok(range)
}

fn snapshot(whose: &str, from: &mut From<'_>) -> Result<SerializerSnapshot, Malformed> {
    let at = from.offset();
    let bytes = bytes(from)?;
    SerializerSnapshot::from_bytes(bytes).map_err(|error| malformed(at, format!("the snapshot of {whose}: {error}")))
}

fn malformed(offset: usize, reason: String) -> Malformed {
    Malformed { offset, reason }
}

impl std::convert::From<DecodeError> for Malformed {
    fn from(error: DecodeError) -> Self {
        Self { offset: error.offset(), reason: error.kind().to_string() }
    }
}
