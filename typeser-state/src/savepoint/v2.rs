//! Version 2 of manifests and heads of row files. Frozen once it is released: a new version is a new file.
//!
//! Strings, bytes, counts and ranges are those of [version 1](super::v1).

use typeser::snapshot::WriteSnapshotError;
use typeser::wire::Writer;
use typeser::{Serializer, SerializerSnapshot, TypeSerializer};

use super::contents::{Malformed, Manifest, RowsHead};
use super::operator::{RowsFile, SavepointOperator, SavepointOperatorState, StateSize};
use super::v1::{
    From, To, count, is_plain_file_name, malformed, max_parallelism, name, put_bytes, put_count, put_range, put_string,
    range, snapshot, string,
};
use crate::descriptor::{OperatorMeta, SerializerPart, StateKind, StateMeta, StateVisibility, TimeToLive, UpdateType};
use crate::key_group::KeyGroupRange;

/// Uncompressed blocks of rows.
const UNPACKED: u8 = 0;
/// The sort of rows in a file.
const KEYED: u8 = 1;
const OPERATOR_STATE: u8 = 2;

pub(super) fn write_manifest(manifest: &Manifest) -> Result<Vec<u8>, WriteSnapshotError> {
    let mut to = To::new(Vec::new());
    put_string(&manifest.written_by, &mut to);
    put_count(manifest.operators.len(), &mut to);
    for operator in &manifest.operators {
        put_operator(&operator.meta, &mut to)?;
        put_files(&operator.files, &mut to);
    }
    put_count(manifest.operator_states.len(), &mut to);
    for SavepointOperatorState(operator) in &manifest.operator_states {
        put_string(&operator.meta.uid, &mut to);
        to.put_u32(u32::from(operator.meta.max_parallelism.groups()));
        put_states(&operator.meta.states, &mut to)?;
        put_files(&operator.files, &mut to);
    }
    Ok(to.into_bytes())
}

pub(super) fn read_manifest(bytes: &[u8]) -> Result<Manifest, Malformed> {
    let mut from = From::new(bytes);
    let written_by = string("the release", &mut from)?;
    let operators = operators(&mut from, operator)?;
    let operator_states = self::operators(&mut from, operator_state)?;
    let operator_states = operator_states.into_iter().map(SavepointOperatorState).collect();
    from.finish()?;
    Ok(Manifest { written_by, operators, operator_states })
}

pub(super) fn write_rows_head(head: &RowsHead) -> Vec<u8> {
    let mut to = To::new(Vec::new());
    to.put([if head.keyed { KEYED } else { OPERATOR_STATE }]);
    put_string(&head.uid, &mut to);
    to.put_u32(u32::from(head.max_parallelism.groups()));
    put_range(head.key_groups, &mut to);
    to.into_bytes()
}

pub(super) fn read_rows_head(bytes: &[u8]) -> Result<RowsHead, Malformed> {
    let mut from = From::new(bytes);
    let keyed = match from.take()? {
        [KEYED] => true,
        [OPERATOR_STATE] => false,
        [found] => return Err(malformed(0, format!("rows of the unknown sort {found}"))),
    };
    let uid = name("an operator", &mut from)?;
    let max_parallelism = max_parallelism(&mut from)?;
    let key_groups = range(max_parallelism, &mut from)?;
    from.finish()?;
    Ok(RowsHead { keyed, uid, max_parallelism, key_groups })
}

/// The metadata of an operator, in the encoding of manifests and of backends.
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
    put_states(&meta.states, to)
}

fn put_states(states: &[StateMeta], to: &mut To) -> Result<(), WriteSnapshotError> {
    put_count(states.len(), to);
    for state in states {
        to.put_u16(state.id);
        put_string(&state.name, to);
        to.put([state.kind.number()]);
        put_count(state.serializers.len(), to);
        for (part, snapshot) in &state.serializers {
            to.put([part.number()]);
            put_bytes(&snapshot.to_bytes()?, to);
        }
        to.put([u8::from(state.namespace.is_some())]);
        if let Some(namespace) = &state.namespace {
            put_bytes(&namespace.to_bytes()?, to);
        }
        to.put([u8::from(state.time_to_live.is_some())]);
        if let Some(TimeToLive { millis, update, visibility }) = state.time_to_live {
            to.put_u64(millis);
            to.put([update as u8, visibility as u8]);
        }
    }
    Ok(())
}

fn put_files(files: &[RowsFile], to: &mut To) {
    put_count(files.len(), to);
    for file in files {
        put_string(&file.name, to);
        put_range(file.key_groups, to);
        to.put_u64(file.length);
        to.put_u64(file.hash);
        to.put([UNPACKED]);
        put_count(file.states.len(), to);
        for size in &file.states {
            to.put_u16(size.state_id);
            to.put_u64(size.entries);
            to.put_u64(size.bytes);
        }
    }
}

fn operators(
    from: &mut From<'_>,
    read: impl Fn(&mut From<'_>) -> Result<OperatorMeta, Malformed>,
) -> Result<Vec<SavepointOperator>, Malformed> {
    let mut operators: Vec<SavepointOperator> = Vec::new();
    for _ in 0..count(from)? {
        let at = from.offset();
        let meta = read(from)?;
        if operators.iter().any(|known| known.meta.uid == meta.uid) {
            return Err(malformed(at, format!("a second operator `{}`", meta.uid)));
        }
        let files = files(&meta, from)?;
        operators.push(SavepointOperator { meta, files });
    }
    Ok(operators)
}

fn operator(from: &mut From<'_>) -> Result<OperatorMeta, Malformed> {
    let uid = name("an operator", from)?;
    let max_parallelism = max_parallelism(from)?;
    let key = snapshot("keys", from)?;
    let states = states(true, from)?;
    Ok(OperatorMeta { keyed: true, uid, max_parallelism, key, states })
}

fn operator_state(from: &mut From<'_>) -> Result<OperatorMeta, Malformed> {
    let at = from.offset();
    let uid = name("an operator", from)?;
    let max_parallelism = max_parallelism(from)?;
    let key = no_key().map_err(|error| malformed(at, error.to_string()))?;
    let states = states(false, from)?;
    Ok(OperatorMeta { keyed: false, uid, max_parallelism, key, states })
}

/// The key serializer of operator state, which has no key.
pub(crate) fn no_key() -> Result<SerializerSnapshot, typeser::serializer::DescribeError> {
    Ok(Serializer::<()>::new()?.snapshot().clone())
}

fn states(keyed: bool, from: &mut From<'_>) -> Result<Vec<StateMeta>, Malformed> {
    let mut states: Vec<StateMeta> = Vec::new();
    for _ in 0..count(from)? {
        let at = from.offset();
        let state = state(from)?;
        if states.iter().any(|known| known.id == state.id || known.name == state.name) {
            return Err(malformed(at, format!("a second state `{}`, or of number {}", state.name, state.id)));
        }
        if state.kind.is_keyed() != keyed {
            return Err(malformed(at, format!("`{}`, a {}, among states of another sort", state.name, state.kind)));
        }
        states.push(state);
    }
    Ok(states)
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
    let namespace = if flag(from)? { Some(snapshot(&name, from)?) } else { None };
    let allowed = kind.has_keys();
    if namespace.is_some() && !allowed || namespace.is_none() && kind == StateKind::Timers {
        return Err(malformed(at, format!("`{name}` is a {kind}: with or without namespaces, it is the other way")));
    }
    let at = from.offset();
    let time_to_live = if flag(from)? { Some(time_to_live(from)?) } else { None };
    if time_to_live.is_some() && (!allowed || kind == StateKind::Timers) {
        return Err(malformed(at, format!("`{name}` is a {kind}, which has no time to live")));
    }
    Ok(StateMeta { id, name, kind, serializers, namespace, time_to_live })
}

fn time_to_live(from: &mut From<'_>) -> Result<TimeToLive, Malformed> {
    let at = from.offset();
    let millis = from.take_u64()?;
    let [update, visibility] = from.take()?;
    let update = UpdateType::ALL.into_iter().find(|known| *known as u8 == update);
    let visibility = StateVisibility::ALL.into_iter().find(|known| *known as u8 == visibility);
    match (update, visibility) {
        (Some(update), Some(visibility)) if millis > 0 => Ok(TimeToLive { millis, update, visibility }),
        _ => Err(malformed(at, "a time to live of no time, or of an unknown sort".to_owned())),
    }
}

fn flag(from: &mut From<'_>) -> Result<bool, Malformed> {
    let at = from.offset();
    match from.take()? {
        [0] => Ok(false),
        [1] => Ok(true),
        [found] => Err(malformed(at, format!("0 or 1 expected, not {found}"))),
    }
}

fn files(operator: &OperatorMeta, from: &mut From<'_>) -> Result<Vec<RowsFile>, Malformed> {
    let mut files: Vec<RowsFile> = Vec::new();
    for _ in 0..count(from)? {
        let at = from.offset();
        let file = rows_file(operator, from)?;
        if files.last().is_some_and(|last| last.key_groups.last() >= file.key_groups.first()) {
            return Err(malformed(at, format!("the key groups of file `{}` are out of order", file.name)));
        }
        files.push(file);
    }
    Ok(files)
}

fn rows_file(operator: &OperatorMeta, from: &mut From<'_>) -> Result<RowsFile, Malformed> {
    let at = from.offset();
    let name = string("a file", from)?;
    if !is_plain_file_name(&name) {
        return Err(malformed(at, format!("{name:?} is not the name of a file of rows")));
    }
    let key_groups: KeyGroupRange = range(operator.max_parallelism, from)?;
    let length = from.take_u64()?;
    let hash = from.take_u64()?;
    let at = from.offset();
    let [packing] = from.take()?;
    if packing != UNPACKED {
        return Err(malformed(at, format!("file `{name}` is packed in the unknown way {packing}")));
    }
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
