//! Decodes values with a stack of open containers, filled part by part; nothing recurses, and no length reserves
//! memory.

use std::collections::HashMap;

use super::error::{DecodeFailure, DecodeValueError, DecodeValueErrorKind};
use super::layout::{behind_logical, container, counts, duplicate, part, segments};
use super::limits::{MOST_FRAMES, MOST_FREE_PARTS, PARTS_A_BYTE};
use super::recursion::Container;
use super::tree::Value;
use crate::schema::{IntegerEncoding, Limits, Node, NodeId, Path, PathSegment, Primitive, Schema, Size, Tags};
use crate::snapshot::SerializerSnapshot;
use crate::wire::{DecodeError, DecodeErrorKind, Fixed, Integers, Reader, Variable};

impl Value {
    /// Reads the value that takes up all of these bytes.
    ///
    /// Every byte string that is accepted is what [`Value::encode`] writes for the value. If the snapshot is that of
    /// ordered keys, these are the bytes that [`OrderedForm::decode`](crate::ordered::OrderedForm::decode) returns.
    ///
    /// # Errors
    /// The bytes are not those of one value; or they are, but hold an opaque leaf without a length, are nested more
    /// than 65,536 containers deep, or have more than 4 parts a byte and 2^20 beyond (long arrays of `()`).
    pub fn decode(snapshot: &SerializerSnapshot, bytes: &[u8]) -> Result<Self, DecodeValueError> {
        match snapshot.configuration().integers {
            IntegerEncoding::Fixed => Decoder::<Fixed>::run(snapshot, bytes),
            IntegerEncoding::Variable => Decoder::<Variable>::run(snapshot, bytes),
        }
    }
}

impl Value {
    /// Reads the value of a node, which takes up all of these bytes: a constant of a hint, for example. `None` if they
    /// are not its bytes.
    #[doc(hidden)]
    #[must_use]
    pub fn decode_part(snapshot: &SerializerSnapshot, node: NodeId, bytes: &[u8]) -> Option<Self> {
        decode_part(snapshot, node, bytes)
    }
}

/// The way to the part of this node that begins at this offset, with the places in lists and the keys of maps.
///
/// Of several parts there, all but the last without bytes, it is the one whose way ends as `path` does.
pub(crate) fn locate(
    snapshot: &SerializerSnapshot,
    bytes: &[u8],
    (node, path): (NodeId, &Path),
    offset: usize,
) -> Option<String> {
    match snapshot.configuration().integers {
        IntegerEncoding::Fixed => Decoder::<Fixed>::new(snapshot, bytes).locate(node, path, offset),
        IntegerEncoding::Variable => Decoder::<Variable>::new(snapshot, bytes).locate(node, path, offset),
    }
}

/// Reads the value of a node, which takes up all of these bytes; `None` if they are not its bytes.
pub(crate) fn decode_part(snapshot: &SerializerSnapshot, node: NodeId, bytes: &[u8]) -> Option<Value> {
    match snapshot.configuration().integers {
        IntegerEncoding::Fixed => Decoder::<Fixed>::new(snapshot, bytes).value(node).ok(),
        IntegerEncoding::Variable => Decoder::<Variable>::new(snapshot, bytes).value(node).ok(),
    }
}

/// The most parts of a container for which room is made before they are read.
const FEW: u64 = 4;

struct Decoder<'a, E> {
    schema: &'a Schema,
    sizes: Vec<Size>,
    bytes: &'a [u8],
    reader: Reader<'a, E>,
    frames: Vec<Frame>,
    /// How many of the frames are collections that count as indirections.
    collections: u32,
    /// How many parts there are so far.
    parts: u64,
    /// What values of the same struct or variant share.
    containers: HashMap<(NodeId, usize), Container>,
    /// The variants by tag.
    tags: Tags,
}

/// A container that is being filled.
struct Frame {
    node: NodeId,
    variant: usize,
    /// How many parts it is to have.
    parts: u64,
    values: Vec<Value>,
    /// Whether the second part is nanoseconds.
    time: bool,
    /// Whether it counts as an indirection.
    counts: bool,
    /// Where the keys of a map or the elements of a set begin and end.
    keys: Vec<(usize, usize)>,
    /// Where the part that is being read begins.
    begun: usize,
}

/// Why and where, without the path.
struct Refused {
    offset: usize,
    kind: DecodeValueErrorKind,
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        Self { offset: error.offset(), kind: DecodeValueErrorKind::Bytes(error.kind().clone()) }
    }
}

impl Refused {
    fn bytes(offset: usize, kind: DecodeErrorKind) -> Self {
        Self { offset, kind: DecodeValueErrorKind::Bytes(kind) }
    }
}

impl<'a, E: Integers> Decoder<'a, E> {
    fn new(snapshot: &'a SerializerSnapshot, bytes: &'a [u8]) -> Self {
        let schema = snapshot.schema();
        let sizes = schema.sizes().iter().map(|sizes| sizes.under(E::ENCODING)).collect();
        Self {
            schema,
            sizes,
            bytes,
            reader: Reader::new(bytes),
            frames: Vec::new(),
            collections: 0,
            parts: 0,
            containers: HashMap::new(),
            tags: Tags::default(),
        }
    }

    fn run(snapshot: &'a SerializerSnapshot, bytes: &'a [u8]) -> Result<Value, DecodeValueError> {
        let mut decoder = Self::new(snapshot, bytes);
        decoder.value(NodeId::ROOT).map_err(|Refused { offset, kind }| {
            let (serializer, path) = (snapshot.name().to_owned(), decoder.path());
            DecodeValueError(Box::new(DecodeFailure { serializer, offset, path, kind }))
        })
    }

    fn value(&mut self, node: NodeId) -> Result<Value, Refused> {
        let mut done = self.begin(node)?;
        loop {
            if let Some(value) = done.take() {
                let Some(frame) = self.frames.last_mut() else {
                    self.reader.finish()?;
                    return Ok(value);
                };
                frame.values.push(value);
                // As code that reads typed values does.
                if matches!(self.schema.node(frame.node), Node::List(_)) && frame.begun == self.reader.offset() {
                    self.reader.count_empty(1)?;
                }
            }
            done = match self.next() {
                Some(node) => self.begin(node)?,
                None => self.finish()?,
            };
        }
    }

    fn locate(mut self, node: NodeId, path: &Path, offset: usize) -> Option<String> {
        let mut next = Some(NodeId::ROOT);
        let mut first = None;
        loop {
            if self.reader.offset() > offset {
                return first;
            }
            if next == Some(node) && self.reader.offset() == offset {
                let way: String = self.frames.iter().map(|frame| self.step(frame)).collect();
                if self.path().segments().last() == path.segments().last() {
                    return Some(way);
                }
                first.get_or_insert(way);
            }
            let Some(done) = (match next {
                Some(node) => self.begin(node).ok(),
                None => self.finish().ok(),
            }) else {
                return first;
            };
            if let Some(value) = done {
                let Some(frame) = self.frames.last_mut() else { return first };
                frame.values.push(value);
            }
            next = self.next();
        }
    }

    /// The step from a container to the part that comes next in it.
    fn step(&self, frame: &Frame) -> String {
        let (node, place) = (self.schema.node(frame.node), frame.values.len());
        match (node, frame.values.last()) {
            (Node::List(_) | Node::Array { .. }, _) => format!("[{place}]"),
            (Node::Map { .. }, Some(key)) if !place.is_multiple_of(2) => format!("{{{}}}", key.shortened(40)),
            _ => Path::from(segments(node, frame.variant, place)).to_string(),
        }
    }

    /// The node of the part that comes next in the innermost container; `None` if that is complete.
    fn next(&mut self) -> Option<NodeId> {
        let frame = self.frames.last_mut()?;
        let node = self.schema.node(frame.node);
        let (place, offset) = (frame.values.len(), self.reader.offset());
        let keyed = match node {
            Node::Set(_) => Some(true),
            Node::Map { .. } => Some(place.is_multiple_of(2)),
            _ => None,
        };
        if let Some(begins) = keyed {
            let ends = if matches!(node, Node::Set(_)) { place > 0 } else { !begins };
            if ends && let Some(key) = frame.keys.last_mut() {
                key.1 = offset;
            }
            if begins && (place as u64) < frame.parts {
                frame.keys.push((offset, offset));
            }
        }
        frame.begun = offset;
        if place as u64 == frame.parts { None } else { part(node, frame.variant, place) }
    }

    /// The innermost container, which is complete.
    fn finish(&mut self) -> Result<Option<Value>, Refused> {
        let Some(frame) = self.frames.last() else { return Ok(None) };
        if let Some(place) = duplicate(&frame.keys, |start, end| &self.bytes[start..end]) {
            let map = matches!(self.schema.node(frame.node), Node::Map { .. });
            let (collection, part) = if map { ("map", "key") } else { ("set", "element") };
            return Err(Refused::bytes(frame.keys[place].0, DecodeErrorKind::Duplicate { collection, part }));
        }
        let Some(mut frame) = self.frames.pop() else { return Ok(None) };
        frame.values.shrink_to_fit();
        self.collections -= u32::from(frame.counts);
        let (node, variant) = (self.schema.node(frame.node), frame.variant);
        let made = match self.containers.get(&(frame.node, variant)) {
            Some(made) => Some(made.clone()),
            None => container(node, variant),
        };
        if let Some(made @ (Container::Struct(_) | Container::Enum(_))) = &made {
            self.containers.entry((frame.node, variant)).or_insert_with(|| made.clone());
        }
        Ok(made.map(|container| container.assemble(frame.values)))
    }

    /// Reads a leaf, or opens a container.
    fn begin(&mut self, id: NodeId) -> Result<Option<Value>, Refused> {
        self.parts += 1;
        if self.parts > MOST_FREE_PARTS + PARTS_A_BYTE * self.bytes.len() as u64 {
            return Err(self.refused(DecodeValueErrorKind::TooManyParts));
        }
        let schema = self.schema;
        let behind = behind_logical(schema, id);
        let id = behind.id;
        let (variant, parts) = match schema.node(id) {
            Node::Primitive(primitive) => {
                let start = self.reader.offset();
                let value = self.primitive(*primitive)?;
                let nanoseconds = self.frames.last().is_some_and(|frame| frame.time && frame.values.len() == 1);
                return match value {
                    Value::U32(found @ 1_000_000_000..) if nanoseconds => {
                        Err(Refused::bytes(start, DecodeErrorKind::InvalidNanoseconds { found }))
                    }
                    value => Ok(Some(value)),
                };
            }
            Node::NonZero(inner) => {
                let start = self.reader.offset();
                let Node::Primitive(primitive) = schema.node(*inner) else { return Ok(Some(Value::Unit)) };
                let value = self.primitive(*primitive)?;
                return match value.is_zero() {
                    true => Err(Refused::bytes(start, DecodeErrorKind::Zero)),
                    false => Ok(Some(value)),
                };
            }
            Node::Opaque(node) if node.framed => {
                let length = self.reader.take_length(1)?;
                return Ok(Some(Value::Opaque(self.reader.take_slice(length)?.to_vec())));
            }
            Node::Opaque(node) => {
                let kind = DecodeValueErrorKind::OpaqueUnframed { name: node.name.clone(), version: node.version };
                return Err(self.refused(kind));
            }
            // Logical types lie behind.
            Node::Logical(_) => return Ok(Some(Value::Unit)),
            Node::Option(_) => match self.reader.take::<1>()?[0] {
                0 => return Ok(Some(Value::Option(None))),
                1 => (0, 1),
                found => {
                    return Err(self.reader.error_before(1, DecodeErrorKind::InvalidOption { found }).into());
                }
            },
            Node::Struct(node) => (0, node.fields.len() as u64),
            Node::Tuple(elements) => (0, elements.len() as u64),
            Node::Array { length, .. } => (0, *length),
            Node::List(element) | Node::Set(element) => (0, self.reader.take_length(self.least(*element))? as u64),
            Node::Map { key, value } => {
                let least = self.least(*key).saturating_add(self.least(*value));
                (0, self.reader.take_length(least)? as u64 * 2)
            }
            Node::Enum(node) => {
                let start = self.reader.offset();
                let tag = self.reader.take_tag()?;
                let Some(place) = self.tags.variant(id, node, tag) else {
                    let known = |variant: &crate::schema::Variant| format!("{} = {}", variant.name, variant.tag);
                    let known = node.variants.iter().take(64).map(known).collect();
                    let kind = DecodeValueErrorKind::UnknownTag { type_name: node.name.clone(), tag, known };
                    return Err(Refused { offset: start, kind });
                };
                (place, node.variants[place].fields.len() as u64)
            }
        };
        let counts = counts(schema.node(id), &self.sizes);
        self.collections += u32::from(counts);
        if self.collections > Limits::DEPTH || self.frames.len() == MOST_FRAMES {
            return Err(self.refused(DecodeValueErrorKind::TooDeep));
        }
        // Most containers have few parts, for which a vector would reserve too much.
        let values = Vec::with_capacity(parts.min(FEW) as usize);
        let (keys, begun) = (Vec::new(), self.reader.offset());
        self.frames.push(Frame { node: id, variant, parts, values, time: behind.time, counts, keys, begun });
        Ok(None)
    }

    fn primitive(&mut self, primitive: Primitive) -> Result<Value, Refused> {
        let reader = &mut self.reader;
        let start = reader.offset();
        Ok(match primitive {
            Primitive::Unit => Value::Unit,
            Primitive::Bool => match reader.take::<1>()?[0] {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                found => return Err(Refused::bytes(start, DecodeErrorKind::InvalidBool { found })),
            },
            Primitive::U8 => Value::U8(reader.take::<1>()?[0]),
            Primitive::U16 => Value::U16(reader.take_u16()?),
            Primitive::U32 => Value::U32(reader.take_u32()?),
            Primitive::U64 => Value::U64(reader.take_u64()?),
            Primitive::U128 => Value::U128(reader.take_u128()?),
            Primitive::I8 => Value::I8(i8::from_le_bytes(reader.take()?)),
            Primitive::I16 => Value::I16(reader.take_i16()?),
            Primitive::I32 => Value::I32(reader.take_i32()?),
            Primitive::I64 => Value::I64(reader.take_i64()?),
            Primitive::I128 => Value::I128(reader.take_i128()?),
            Primitive::F32 => Value::F32(f32::from_le_bytes(reader.take()?)),
            Primitive::F64 => Value::F64(f64::from_le_bytes(reader.take()?)),
            Primitive::Char => {
                let length = match reader.take::<1>()?[0] {
                    0..0xE0 => 2,
                    0xE0..0xF0 => 3,
                    0xF0.. => 4,
                };
                let length = if self.bytes[start] < 0x80 { 1 } else { length };
                reader.take_slice(length - 1)?;
                let text = std::str::from_utf8(&self.bytes[start..start + length]).ok();
                let found = text.and_then(|text| text.chars().next());
                Value::Char(found.ok_or_else(|| Refused::bytes(start, DecodeErrorKind::InvalidChar))?)
            }
            Primitive::String => {
                let length = reader.take_length(1)?;
                let start = reader.offset();
                let text = std::str::from_utf8(reader.take_slice(length)?);
                let text = text.map_err(|_| Refused::bytes(start, DecodeErrorKind::InvalidUtf8 { length }))?;
                Value::String(text.to_owned())
            }
        })
    }

    fn refused(&self, kind: DecodeValueErrorKind) -> Refused {
        Refused { offset: self.reader.offset(), kind }
    }

    fn least(&self, node: NodeId) -> usize {
        self.sizes[node.index()].min
    }

    fn path(&self) -> Path {
        let segments = |frame: &Frame| segments(self.schema.node(frame.node), frame.variant, frame.values.len());
        Path::from(self.frames.iter().flat_map(segments).collect::<Vec<PathSegment>>())
    }
}
