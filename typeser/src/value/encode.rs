//! Encodes values with a stack of unfinished containers, each checked against its node before its first byte.

use std::collections::HashMap;
use std::sync::Arc;

use super::error::{EncodeFailure, EncodeValueError, EncodeValueErrorKind};
use super::layout::{behind_logical, counts, duplicate, expected, part, segments};
use super::limits::{MOST_FRAMES, MOST_FREE_PARTS, PARTS_A_BYTE};
use super::print::found;
use super::tree::{Record, Shape, Value};
use super::widen::widened;
use crate::schema::{
    EnumNode, Field, IntegerEncoding, Limits, Node, NodeId, Path, PathSegment, Primitive, Schema, Size,
};
use crate::snapshot::SerializerSnapshot;
use crate::wire::{Fixed, Integers, Output, Variable, Writer};

impl Value {
    /// Appends the bytes of this value as the serializer of this snapshot writes them.
    ///
    /// Fields of structs and payloads are found by name and may be in any order; everything else must have exactly the
    /// type of the layout.
    ///
    /// # Errors
    /// This is not a value of the snapshot's type, or one that could not be read again. Then `to` is as it was before.
    pub fn encode(&self, snapshot: &SerializerSnapshot, to: &mut Vec<u8>) -> Result<(), EncodeValueError> {
        encode(self, snapshot, 0, to)
    }

    /// Checks that [`Value::encode`] would write this value.
    ///
    /// # Errors
    /// Those of [`Value::encode`].
    pub fn conforms(&self, snapshot: &SerializerSnapshot) -> Result<(), EncodeValueError> {
        self.encode(snapshot, &mut Vec::new())
    }
}

/// As [`Value::encode`], except that numbers become wider ones where a rule widens them.
pub(super) fn encode_wider(
    value: &Value,
    snapshot: &SerializerSnapshot,
    to: &mut Vec<u8>,
) -> Result<(), EncodeValueError> {
    match snapshot.configuration().integers {
        IntegerEncoding::Fixed => Encoder::<Fixed>::run(value, snapshot, (0, true), to),
        IntegerEncoding::Variable => Encoder::<Variable>::run(value, snapshot, (0, true), to),
    }
}

/// `depth` is the nesting depth of the value in a larger one.
pub(super) fn encode(
    value: &Value,
    snapshot: &SerializerSnapshot,
    depth: u32,
    to: &mut Vec<u8>,
) -> Result<(), EncodeValueError> {
    match snapshot.configuration().integers {
        IntegerEncoding::Fixed => Encoder::<Fixed>::run(value, snapshot, (depth, false), to),
        IntegerEncoding::Variable => Encoder::<Variable>::run(value, snapshot, (depth, false), to),
    }
}

struct Encoder<'a, E> {
    schema: &'a Schema,
    sizes: Vec<Size>,
    out: Output<E>,
    frames: Vec<Frame<'a>>,
    collections: u32,
    parts: u64,
    /// How many elements of lists took no bytes.
    empty: u64,
    /// The places of variants, by the names that values of one variant share.
    variants: HashMap<(NodeId, *const Shape), usize>,
    /// Whether numbers become wider ones where the layout has those.
    widens: bool,
}

/// A container that is being written.
struct Frame<'a> {
    node: NodeId,
    variant: usize,
    of: &'a Value,
    /// Which part of the value each part of the layout is, where the orders differ.
    order: Option<Vec<usize>>,
    /// How many parts are written, or being written.
    place: usize,
    /// Whether the second part is nanoseconds.
    time: bool,
    counts: bool,
    /// Where the elements begin.
    start: usize,
    /// Where the keys of a map or the elements of a set begin and end.
    keys: Vec<(usize, usize)>,
    /// Where the part that is being written begins.
    begun: usize,
}

impl<'a, E: Integers> Encoder<'a, E> {
    fn run(
        value: &'a Value,
        snapshot: &'a SerializerSnapshot,
        (depth, widens): (u32, bool),
        to: &mut Vec<u8>,
    ) -> Result<(), EncodeValueError> {
        let schema = snapshot.schema();
        let sizes = schema.sizes().iter().map(|sizes| sizes.under(E::ENCODING)).collect();
        let before = to.len();
        let out = Output::new(std::mem::take(to));
        let mut encoder = Self {
            schema,
            sizes,
            out,
            frames: Vec::new(),
            collections: depth,
            parts: 0,
            empty: 0,
            variants: HashMap::new(),
            widens,
        };
        let outcome = encoder.value(value, before);
        let path = if outcome.is_err() { encoder.path() } else { Path::top() };
        *to = encoder.out.into_bytes();
        outcome.map_err(|kind| {
            to.truncate(before);
            EncodeValueError(Box::new(EncodeFailure { serializer: snapshot.name().to_owned(), path, kind }))
        })
    }

    fn value(&mut self, value: &'a Value, before: usize) -> Result<(), EncodeValueErrorKind> {
        self.begin(NodeId::ROOT, value, false)?;
        while !self.frames.is_empty() {
            match self.next() {
                Some((node, value, nanoseconds)) => self.begin(node, value, nanoseconds)?,
                None => self.finish()?,
            }
        }
        let written = (self.out.written() - before) as u64;
        match self.parts > MOST_FREE_PARTS + PARTS_A_BYTE * written {
            true => Err(EncodeValueErrorKind::TooManyParts),
            false => Ok(()),
        }
    }

    /// The part that comes next in the innermost container; `None` if all are written.
    fn next(&mut self) -> Option<(NodeId, &'a Value, bool)> {
        let offset = self.out.written();
        let frame = self.frames.last_mut()?;
        let node = self.schema.node(frame.node);
        let place = frame.place;
        let map = matches!(node, Node::Map { .. });
        if matches!(node, Node::Set(_)) || map {
            let begins = !map || place.is_multiple_of(2);
            if (!map || !begins)
                && let Some(key) = frame.keys.last_mut()
            {
                key.1 = offset;
            }
            if begins && place < frame.of.parts() {
                frame.keys.push((offset, offset));
            }
        }
        if matches!(node, Node::List(_)) && place > 0 && frame.begun == offset {
            self.empty += 1;
        }
        frame.begun = offset;
        let from = frame.order.as_ref().map_or(Some(place), |order| order.get(place).copied());
        let value = frame.of.part(from?)?;
        let node = part(node, frame.variant, place)?;
        frame.place += 1;
        Some((node, value, frame.time && place == 1))
    }

    /// Checks the innermost container, which is written.
    fn finish(&mut self) -> Result<(), EncodeValueErrorKind> {
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        // From here on it is about the container itself, and not about its last part.
        frame.place = 0;
        let bytes = self.out.bytes();
        let node = self.schema.node(frame.node);
        if let Some(place) = duplicate(&frame.keys, |start, end| &bytes[start..end]) {
            let map = matches!(node, Node::Map { .. });
            let (collection, part) = if map { ("map", "key") } else { ("set", "element") };
            let key = frame.of.part(if map { place * 2 } else { place });
            let found = key.map(found).unwrap_or_default();
            return Err(EncodeValueErrorKind::Duplicate { collection, part, found });
        }
        let count = match node {
            Node::List(_) | Node::Set(_) => frame.of.parts() as u64,
            Node::Map { .. } => frame.of.parts() as u64 / 2,
            _ => 0,
        };
        let written = (bytes.len() - frame.start) as u64;
        if count > written + Limits::EMPTY_ELEMENTS {
            return Err(EncodeValueErrorKind::TooManyEmptyElements { count, bytes: written });
        }
        if self.empty > Limits::EMPTY_ELEMENTS {
            return Err(EncodeValueErrorKind::TooManyEmptyElements { count: self.empty, bytes: 0 });
        }
        self.collections -= u32::from(frame.counts);
        self.frames.pop();
        Ok(())
    }

    /// Writes a leaf, or the bytes before the parts of a container.
    fn begin(&mut self, id: NodeId, value: &'a Value, nanoseconds: bool) -> Result<(), EncodeValueErrorKind> {
        self.parts += 1;
        let schema = self.schema;
        let behind = behind_logical(schema, id);
        let id = behind.id;
        let node = schema.node(id);
        let mismatch = || EncodeValueErrorKind::Mismatch { expected: expected(node), found: found(value) };
        let (mut variant, mut order) = (0, None);
        match (node, value) {
            (Node::Primitive(primitive), value) => {
                if nanoseconds && let Value::U32(found @ 1_000_000_000..) = *value {
                    return Err(EncodeValueErrorKind::InvalidNanoseconds { found });
                }
                return if self.primitive(*primitive, value) { Ok(()) } else { Err(mismatch()) };
            }
            (Node::NonZero(inner), value) => {
                let Node::Primitive(primitive) = schema.node(*inner) else { return Err(mismatch()) };
                if !self.primitive(*primitive, value) {
                    let expected = format!("nonzero {primitive}");
                    return Err(EncodeValueErrorKind::Mismatch { expected, found: found(value) });
                }
                return match value.is_zero() {
                    true => Err(EncodeValueErrorKind::Zero { expected: primitive.name() }),
                    false => Ok(()),
                };
            }
            (Node::Opaque(leaf), _) if !leaf.framed => {
                let (name, version) = (leaf.name.clone(), leaf.version);
                return Err(EncodeValueErrorKind::OpaqueUnframed { name, version });
            }
            (Node::Opaque(_), Value::Opaque(bytes)) => {
                self.out.put_length(bytes.len());
                self.out.put_slice(bytes);
                return Ok(());
            }
            (Node::Option(_), Value::Option(inner)) => {
                self.out.put([u8::from(inner.is_some())]);
                if inner.is_none() {
                    return Ok(());
                }
            }
            (Node::Struct(node), Value::Struct(record)) if record.name() == node.name => {
                order = ordered(&node.fields, record, || format!("struct `{}`", node.name))?;
            }
            (Node::Enum(node), Value::Enum(record)) if record.name() == node.name => {
                // Values that were read share their names, so each variant is searched once.
                let shape = (id, Arc::as_ptr(record.shape()));
                variant = match self.variants.get(&shape) {
                    Some(known) => *known,
                    None => variant_of(node, record)?,
                };
                self.variants.insert(shape, variant);
                let found = &node.variants[variant];
                order = ordered(&found.fields, record, || format!("variant `{}::{}`", node.name, found.name))?;
                self.out.put_tag(found.tag);
            }
            (Node::Tuple(elements), Value::Tuple(values)) if elements.len() == values.len() => {}
            (Node::Array { length, .. }, Value::Array(values)) if *length == values.len() as u64 => {}
            (Node::List(_), Value::List(values)) | (Node::Set(_), Value::Set(values)) => {
                self.out.put_length(values.len());
            }
            (Node::Map { .. }, Value::Map(entries)) => self.out.put_length(entries.len()),
            _ => return Err(mismatch()),
        }
        let counts = counts(node, &self.sizes);
        self.collections += u32::from(counts);
        if self.collections > Limits::DEPTH || self.frames.len() == MOST_FRAMES {
            return Err(EncodeValueErrorKind::TooDeep);
        }
        let (start, time, keys) = (self.out.written(), behind.time, Vec::new());
        let begun = start;
        self.frames.push(Frame { node: id, variant, of: value, order, place: 0, time, counts, start, keys, begun });
        Ok(())
    }

    /// Writes a primitive. Answers whether the value is one.
    fn primitive(&mut self, primitive: Primitive, value: &Value) -> bool {
        let out = &mut self.out;
        match (primitive, value) {
            (Primitive::Unit, Value::Unit) => {}
            (Primitive::Bool, Value::Bool(value)) => out.put([u8::from(*value)]),
            (Primitive::U8, Value::U8(value)) => out.put([*value]),
            (Primitive::U16, Value::U16(value)) => out.put_u16(*value),
            (Primitive::U32, Value::U32(value)) => out.put_u32(*value),
            (Primitive::U64, Value::U64(value)) => out.put_u64(*value),
            (Primitive::U128, Value::U128(value)) => out.put_u128(*value),
            (Primitive::I8, Value::I8(value)) => out.put(value.to_le_bytes()),
            (Primitive::I16, Value::I16(value)) => out.put_i16(*value),
            (Primitive::I32, Value::I32(value)) => out.put_i32(*value),
            (Primitive::I64, Value::I64(value)) => out.put_i64(*value),
            (Primitive::I128, Value::I128(value)) => out.put_i128(*value),
            (Primitive::F32, Value::F32(value)) => out.put(value.to_le_bytes()),
            (Primitive::F64, Value::F64(value)) => out.put(value.to_le_bytes()),
            (Primitive::Char, Value::Char(value)) => out.put_slice(value.encode_utf8(&mut [0; 4]).as_bytes()),
            (Primitive::String, Value::String(value)) => {
                out.put_length(value.len());
                out.put_slice(value.as_bytes());
            }
            (primitive, value) => {
                return self.widens && widened(value, primitive).is_some_and(|wide| self.primitive(primitive, &wide));
            }
        }
        true
    }

    fn path(&self) -> Path {
        let segments = |frame: &Frame<'_>| {
            let place = frame.place.checked_sub(1)?;
            Some(segments(self.schema.node(frame.node), frame.variant, place))
        };
        Path::from(self.frames.iter().filter_map(segments).flatten().collect::<Vec<PathSegment>>())
    }
}

/// The variant of this name; if a hand-made snapshot has several, the one with the tag that was read.
fn variant_of(node: &EnumNode, record: &Record) -> Result<usize, EncodeValueErrorKind> {
    let name = record.variant_name().unwrap_or_default();
    let by_tag = node.variants.iter().position(|it| it.name == name && Some(it.tag) == record.shape().tag);
    by_tag.or_else(|| node.variants.iter().position(|it| it.name == name)).ok_or_else(|| {
        EncodeValueErrorKind::UnknownVariant {
            type_name: node.name.clone(),
            variant: name.to_owned(),
            known: node.variants.iter().map(|it| it.name.clone()).take(64).collect(),
        }
    })
}

/// Which field of the record each field of the layout is; `None` if they are in the same order.
fn ordered(
    fields: &[Field],
    record: &Record,
    type_name: impl Fn() -> String,
) -> Result<Option<Vec<usize>>, EncodeValueErrorKind> {
    let names = &record.shape().fields;
    if names.len() == fields.len() && names.iter().zip(fields).all(|(name, field)| *name == field.name) {
        return Ok(None);
    }
    let mut places: HashMap<&str, usize> = names.iter().map(String::as_str).zip(0..).collect();
    let order = fields
        .iter()
        .map(|field| {
            places.remove(field.name.as_str()).ok_or_else(|| EncodeValueErrorKind::MissingField {
                type_name: type_name(),
                field: field.name.clone(),
                found: names.iter().take(64).cloned().collect(),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    match names.iter().find(|name| places.contains_key(name.as_str())) {
        Some(unknown) => Err(EncodeValueErrorKind::UnknownField {
            type_name: type_name(),
            field: unknown.clone(),
            known: fields.iter().take(64).map(|field| field.name.clone()).collect(),
        }),
        None => Ok(Some(order)),
    }
}
