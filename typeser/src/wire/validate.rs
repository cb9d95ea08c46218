//! Validates bytes against a schema: untrusted values, and the constants of snapshots.
//!
//! It uses a stack instead of recursion, and reads every byte at most once.

use std::collections::HashSet;

use super::encoding::{Fixed, Integers, Variable};
use super::error::{DecodeError, DecodeErrorKind};
use super::reader::Reader;
use crate::schema::{IntegerEncoding, Node, NodeId, Primitive, Schema, Size, Sizes, Tags};

/// The most that may be waiting to be read at a time.
const MOST_TASKS: usize = 1 << 20;

/// Checks that `bytes` are one value of this node, and nothing more.
///
/// Nothing says where an opaque leaf without a length ends: from there on, everything passes.
///
/// # Errors
/// They are not; says where and why.
pub(crate) fn validate(
    schema: &Schema,
    node: NodeId,
    integers: IntegerEncoding,
    bytes: &[u8],
) -> Result<(), DecodeError> {
    match integers {
        IntegerEncoding::Fixed => Validator::<Fixed, false>::run(schema, node, bytes, &mut 0),
        IntegerEncoding::Variable => Validator::<Variable, false>::run(schema, node, bytes, &mut 0),
    }
}

/// As [`validate`], with a bound to the work: it is taken from `steps`, and if that is not enough, 0 are left.
///
/// # Errors
/// As [`validate`], or the work was not finished.
pub(crate) fn validate_within(
    schema: &Schema,
    node: NodeId,
    integers: IntegerEncoding,
    bytes: &[u8],
    steps: &mut usize,
) -> Result<(), DecodeError> {
    match integers {
        IntegerEncoding::Fixed => Validator::<Fixed, true>::run(schema, node, bytes, steps),
        IntegerEncoding::Variable => Validator::<Variable, true>::run(schema, node, bytes, steps),
    }
}

/// The constant says whether steps are counted, which the values of state do not pay for.
struct Validator<'a, E, const COUNTED: bool> {
    schema: &'a Schema,
    sizes: &'a [Sizes],
    bytes: &'a [u8],
    reader: Reader<'a, E>,
    tasks: Vec<Task>,
    /// The keys of the maps and elements of the sets that are being read, outermost first.
    seen: Vec<HashSet<&'a [u8]>>,
    /// The variants by tag.
    tags: Tags,
    /// How many steps may still be taken.
    steps: usize,
}

/// What is still to be read.
#[derive(Clone, Copy)]
enum Task {
    Value(NodeId),
    Times {
        node: NodeId,
        left: u64,
        /// Whether those without bytes are counted: elements of a list are, those of an array are not.
        counted: bool,
    },
    /// An element of a list has been read from there.
    Element {
        start: usize,
    },
    Entries {
        key: NodeId,
        value: Option<NodeId>,
        left: u64,
    },
    /// A key has been read from there.
    Key {
        start: usize,
        map: bool,
    },
}

impl<'a, E: Integers, const COUNTED: bool> Validator<'a, E, COUNTED> {
    fn run(schema: &'a Schema, node: NodeId, bytes: &'a [u8], steps: &mut usize) -> Result<(), DecodeError> {
        let sizes = schema.sizes();
        let reader = Reader::new(bytes);
        let (tasks, seen) = (vec![Task::Value(node)], Vec::new());
        let mut validator = Self { schema, sizes, bytes, reader, tasks, seen, tags: Tags::default(), steps: *steps };
        let outcome = validator.finish();
        *steps = validator.steps;
        outcome
    }

    fn finish(&mut self) -> Result<(), DecodeError> {
        while let Some(task) = self.tasks.pop() {
            if self.tasks.len() > MOST_TASKS {
                return Err(self.reader.error(DecodeErrorKind::TooDeep));
            }
            self.count(1)?;
            self.work(task)?;
        }
        self.reader.finish()
    }

    fn count(&mut self, steps: usize) -> Result<(), DecodeError> {
        if COUNTED {
            self.steps = self.steps.saturating_sub(steps);
            if self.steps == 0 {
                return Err(self.reader.error(DecodeErrorKind::Custom("too many steps".to_owned())));
            }
        }
        Ok(())
    }

    fn work(&mut self, task: Task) -> Result<(), DecodeError> {
        match task {
            Task::Value(node) => self.value(node)?,
            Task::Element { start } if start == self.reader.offset() => self.reader.count_empty(1)?,
            Task::Times { left: 0, .. } | Task::Element { .. } => {}
            Task::Times { node, left, counted } => {
                self.tasks.push(Task::Times { node, left: left - 1, counted });
                if counted && self.least(node) == 0 {
                    self.tasks.push(Task::Element { start: self.reader.offset() });
                }
                self.tasks.push(Task::Value(node));
            }
            Task::Entries { left: 0, .. } => _ = self.seen.pop(),
            Task::Entries { key, value, left } => {
                self.tasks.push(Task::Entries { key, value, left: left - 1 });
                self.tasks.extend(value.map(Task::Value));
                self.tasks.push(Task::Key { start: self.reader.offset(), map: value.is_some() });
                self.tasks.push(Task::Value(key));
            }
            Task::Key { start, map } => {
                let key = &self.bytes[start..self.reader.offset()];
                if self.seen.last_mut().is_some_and(|seen| !seen.insert(key)) {
                    let (collection, part) = if map { ("map", "key") } else { ("set", "element") };
                    return Err(DecodeError::new(start, DecodeErrorKind::Duplicate { collection, part }));
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, id: NodeId) -> Result<(), DecodeError> {
        let schema = self.schema;
        match schema.node(id) {
            // What never takes bytes has one value, however often it is there.
            _ if self.size(id) == Size::exactly(0) => {}
            Node::Primitive(primitive) => _ = self.primitive(*primitive)?,
            Node::Struct(node) => self.fields(node.fields.iter().map(|field| field.node))?,
            Node::Tuple(elements) => self.fields(elements.iter().copied())?,
            Node::Enum(node) => {
                let start = self.reader.offset();
                let tag = self.reader.take_tag()?;
                // Searched where the tags are not 0, 1, 2, ...
                let is_dense = node.variants.get(tag as usize).is_some_and(|variant| variant.tag == tag);
                self.count(if is_dense { 1 } else { self.tags.steps(id, node) })?;
                let Some(place) = self.tags.variant(id, node, tag) else {
                    let kind = DecodeErrorKind::Custom(format!("`{}` has no variant of tag {tag}", node.name));
                    return Err(DecodeError::new(start, kind));
                };
                self.fields(node.variants[place].fields.iter().map(|field| field.node))?;
            }
            Node::Option(child) => match self.reader.take::<1>()?[0] {
                0 => {}
                1 => self.tasks.push(Task::Value(*child)),
                found => return Err(self.reader.error_before(1, DecodeErrorKind::InvalidOption { found })),
            },
            Node::List(element) => {
                let length = self.reader.take_length(self.least(*element))?;
                self.elements(*element, length)?;
            }
            Node::Array { element, length } => self.times(*element, *length, false),
            Node::Set(element) => {
                let length = self.reader.take_length(self.least(*element))?;
                self.entries(*element, None, length);
            }
            Node::Map { key, value } => {
                let least = self.least(*key).saturating_add(self.least(*value));
                let length = self.reader.take_length(least)?;
                self.entries(*key, Some(*value), length);
            }
            Node::NonZero(child) => {
                let start = self.reader.offset();
                if let Node::Primitive(primitive) = schema.node(*child)
                    && self.primitive(*primitive)? == 0
                {
                    return Err(DecodeError::new(start, DecodeErrorKind::Zero));
                }
            }
            Node::Logical(node) if schema.time_parts(node).is_some() => {
                self.reader.take_u64()?;
                let start = self.reader.offset();
                let found = self.reader.take_u32()?;
                if found >= 1_000_000_000 {
                    return Err(DecodeError::new(start, DecodeErrorKind::InvalidNanoseconds { found }));
                }
            }
            Node::Logical(node) => self.tasks.push(Task::Value(node.representation)),
            Node::Opaque(node) if node.framed => {
                let length = self.reader.take_length(1)?;
                self.reader.take_slice(length)?;
            }
            Node::Opaque(_) => {
                self.reader.take_slice(self.reader.remaining())?;
                self.tasks.clear();
            }
        }
        Ok(())
    }

    /// Reads a primitive. Answers an integer as the bits that it has in 128, and 0 for everything else.
    fn primitive(&mut self, primitive: Primitive) -> Result<u128, DecodeError> {
        let reader = &mut self.reader;
        let start = reader.offset();
        Ok(match primitive {
            Primitive::Unit => 0,
            Primitive::Bool => match reader.take::<1>()?[0] {
                0 | 1 => 0,
                found => return Err(DecodeError::new(start, DecodeErrorKind::InvalidBool { found })),
            },
            Primitive::U8 | Primitive::I8 => u128::from(reader.take::<1>()?[0]),
            Primitive::U16 => reader.take_u16()?.into(),
            Primitive::U32 => reader.take_u32()?.into(),
            Primitive::U64 => reader.take_u64()?.into(),
            Primitive::U128 => reader.take_u128()?,
            Primitive::I16 => i128::from(reader.take_i16()?).cast_unsigned(),
            Primitive::I32 => i128::from(reader.take_i32()?).cast_unsigned(),
            Primitive::I64 => i128::from(reader.take_i64()?).cast_unsigned(),
            Primitive::I128 => reader.take_i128()?.cast_unsigned(),
            Primitive::F32 => reader.take::<4>().map(|_| 0)?,
            Primitive::F64 => reader.take::<8>().map(|_| 0)?,
            Primitive::Char => {
                let first = reader.take::<1>()?[0];
                let length = [(0x80, 1), (0xE0, 2), (0xF0, 3)];
                let length = length.iter().find(|(below, _)| first < *below).map_or(4, |(_, length)| *length);
                reader.take_slice(length - 1)?;
                let bytes = &self.bytes[start..start + length];
                if std::str::from_utf8(bytes).is_err() {
                    return Err(DecodeError::new(start, DecodeErrorKind::InvalidChar));
                }
                0
            }
            Primitive::String => {
                let length = reader.take_length(1)?;
                let start = reader.offset();
                if std::str::from_utf8(reader.take_slice(length)?).is_err() {
                    return Err(DecodeError::new(start, DecodeErrorKind::InvalidUtf8 { length }));
                }
                0
            }
        })
    }

    fn fields(
        &mut self,
        fields: impl DoubleEndedIterator<Item = NodeId> + ExactSizeIterator,
    ) -> Result<(), DecodeError> {
        self.count(fields.len())?;
        self.tasks.extend(fields.rev().map(Task::Value));
        Ok(())
    }

    fn elements(&mut self, element: NodeId, length: usize) -> Result<(), DecodeError> {
        if self.size(element) == Size::exactly(0) {
            return self.reader.count_empty(length);
        }
        self.times(element, length as u64, true);
        Ok(())
    }

    fn times(&mut self, node: NodeId, left: u64, counted: bool) {
        if self.size(node) != Size::exactly(0) {
            self.tasks.push(Task::Times { node, left, counted });
        }
    }

    fn entries(&mut self, key: NodeId, value: Option<NodeId>, length: usize) {
        self.seen.push(HashSet::new());
        self.tasks.push(Task::Entries { key, value, left: length as u64 });
    }

    fn size(&self, node: NodeId) -> Size {
        self.sizes[node.index()].under(E::ENCODING)
    }

    fn least(&self, node: NodeId) -> usize {
        self.size(node).min
    }
}
