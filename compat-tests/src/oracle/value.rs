//! Values as trees, and the bytes that stand for them: read and written by the letter of the format, a part at a time.

use std::collections::HashSet;

use typeser::SerializerSnapshot;
use typeser::schema::{IntegerEncoding, Node, NodeId, Primitive};

use super::source::Source;

/// A value of any type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// Nothing.
    Unit,
    /// True or false.
    Bool(bool),
    /// An unsigned integer.
    Unsigned(u128),
    /// A signed integer.
    Signed(i128),
    /// The bits of a float of 4 bytes.
    F32(u32),
    /// The bits of a float of 8 bytes.
    F64(u64),
    /// A character.
    Char(char),
    /// A string.
    String(String),
    /// A struct, tuple, or array.
    Record(Vec<Value>),
    /// A variant by its place, and its payload.
    Variant(usize, Vec<Value>),
    /// An option.
    Option(Option<Box<Value>>),
    /// A list or set.
    List(Vec<Value>),
    /// A map.
    Map(Vec<(Value, Value)>),
    /// What stands inside an opaque leaf.
    Opaque(Vec<u8>),
}

/// How deep random values go.
const DEPTH: u32 = 12;

/// Why bytes are not a value.
pub type Refused = &'static str;

/// One side: a layout and the encoding of its integers.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    nodes: &'a [Node],
    integers: IntegerEncoding,
    /// Whether a key or an element that is there twice is refused.
    distinct: bool,
}

impl<'a> Layout<'a> {
    /// The layout of a snapshot.
    #[must_use]
    pub fn of(snapshot: &'a SerializerSnapshot) -> Self {
        Self { nodes: snapshot.schema().nodes(), integers: snapshot.configuration().integers, distinct: false }
    }

    /// A layout from its parts.
    #[must_use]
    pub fn new(nodes: &'a [Node], integers: IntegerEncoding) -> Self {
        Self { nodes, integers, distinct: false }
    }

    /// The same, but keys and elements of sets that are there twice are refused, as the reader of a type does.
    #[must_use]
    pub fn distinct(self) -> Self {
        Self { distinct: true, ..self }
    }

    /// A node by its number.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &'a Node {
        &self.nodes[id.index()]
    }
}

impl Layout<'_> {
    /// Whether bytes do not say which value they are: two variants of an enum have one tag, or nothing says where an
    /// opaque leaf ends.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.is_endless()
            || self.nodes.iter().any(|node| match node {
                Node::Enum(node) => {
                    let tags: HashSet<u32> = node.variants.iter().map(|variant| variant.tag).collect();
                    tags.len() < node.variants.len()
                }
                _ => false,
            })
    }

    /// Whether there is an opaque leaf of which nothing says where it ends.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node, Node::Opaque(node) if !node.framed))
    }

    /// Whether a node is a duration or a time: seconds, and nanoseconds of less than a second.
    fn is_time(&self, id: NodeId) -> bool {
        let Node::Logical(node) = self.node(id) else { return false };
        let Node::Tuple(parts) = self.node(node.representation) else { return false };
        let parts: Vec<&Node> = parts.iter().map(|part| self.node(*part)).collect();
        ["duration", "system-time"].contains(&node.name.as_str())
            && parts == [&Node::Primitive(Primitive::U64), &Node::Primitive(Primitive::U32)]
    }
}

// Writing.
impl Layout<'_> {
    /// The bytes of a value of this node. `None` if it is not one.
    #[must_use]
    pub fn encode(&self, id: NodeId, value: &Value) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.put(id, value, &mut bytes)?;
        Some(bytes)
    }

    fn put(&self, id: NodeId, value: &Value, to: &mut Vec<u8>) -> Option<()> {
        match (self.node(id), value) {
            (Node::Primitive(Primitive::Unit), Value::Unit) => {}
            (Node::Primitive(Primitive::Bool), Value::Bool(value)) => to.push(u8::from(*value)),
            (Node::Primitive(Primitive::F32), Value::F32(bits)) => to.extend(bits.to_le_bytes()),
            (Node::Primitive(Primitive::F64), Value::F64(bits)) => to.extend(bits.to_le_bytes()),
            (Node::Primitive(Primitive::Char), Value::Char(value)) => {
                to.extend(value.encode_utf8(&mut [0; 4]).as_bytes());
            }
            (Node::Primitive(Primitive::String), Value::String(value)) => {
                self.put_unsigned(8, value.len() as u128, to);
                to.extend(value.as_bytes());
            }
            (Node::Primitive(primitive), Value::Unsigned(value)) => self.put_unsigned(primitive.width()?, *value, to),
            (Node::Primitive(primitive), Value::Signed(value)) => match (self.integers, primitive.width()?) {
                (IntegerEncoding::Variable, width @ 2..) => {
                    let zigzag = if *value < 0 { (!value.cast_unsigned()) * 2 + 1 } else { value.cast_unsigned() * 2 };
                    self.put_unsigned(width, zigzag, to);
                }
                (_, width) => to.extend(&value.to_le_bytes()[..width]),
            },
            (Node::Struct(node), Value::Record(values)) if node.fields.len() == values.len() => {
                for (field, value) in node.fields.iter().zip(values) {
                    self.put(field.node, value, to)?;
                }
            }
            (Node::Tuple(elements), Value::Record(values)) if elements.len() == values.len() => {
                for (element, value) in elements.iter().zip(values) {
                    self.put(*element, value, to)?;
                }
            }
            (Node::Array { element, length }, Value::Record(values)) if *length == values.len() as u64 => {
                for value in values {
                    self.put(*element, value, to)?;
                }
            }
            (Node::Enum(node), Value::Variant(place, values)) => {
                let variant = node.variants.get(*place)?;
                self.put_unsigned(4, variant.tag.into(), to);
                for (field, value) in variant.fields.iter().zip(values) {
                    self.put(field.node, value, to)?;
                }
            }
            (Node::Option(_), Value::Option(None)) => to.push(0),
            (Node::Option(inner), Value::Option(Some(value))) => {
                to.push(1);
                self.put(*inner, value, to)?;
            }
            (Node::List(element) | Node::Set(element), Value::List(values)) => {
                self.put_unsigned(8, values.len() as u128, to);
                for value in values {
                    self.put(*element, value, to)?;
                }
            }
            (Node::Map { key, value }, Value::Map(entries)) => {
                self.put_unsigned(8, entries.len() as u128, to);
                for (a_key, a_value) in entries {
                    self.put(*key, a_key, to)?;
                    self.put(*value, a_value, to)?;
                }
            }
            (Node::NonZero(inner), value) => self.put(*inner, value, to)?,
            (Node::Logical(node), value) => self.put(node.representation, value, to)?,
            (Node::Opaque(_), Value::Opaque(bytes)) => {
                self.put_unsigned(8, bytes.len() as u128, to);
                to.extend(bytes);
            }
            _ => return None,
        }
        Some(())
    }

    fn put_unsigned(&self, width: usize, value: u128, to: &mut Vec<u8>) {
        let bytes = value.to_le_bytes();
        match self.integers {
            IntegerEncoding::Variable if width > 1 => match value {
                0..=250 => to.push(bytes[0]),
                251..0x1_0000 => to.extend([251, bytes[0], bytes[1]]),
                0x1_0000..0x1_0000_0000 => to.extend([&[252], &bytes[..4]].concat()),
                0x1_0000_0000..0x1_0000_0000_0000_0000 => to.extend([&[253], &bytes[..8]].concat()),
                _ => to.extend([&[254], &bytes[..]].concat()),
            },
            _ => to.extend(&bytes[..width]),
        }
    }
}

// Reading.
impl Layout<'_> {
    /// The value that takes up all of these bytes.
    ///
    /// # Errors
    /// They are not the bytes of one.
    pub fn decode(&self, id: NodeId, bytes: &[u8]) -> Result<Value, Refused> {
        let mut rest = bytes;
        let value = self.take(id, &mut rest, 0)?;
        if rest.is_empty() { Ok(value) } else { Err("bytes are left over") }
    }

    fn take(&self, id: NodeId, from: &mut &[u8], depth: u32) -> Result<Value, Refused> {
        if depth > 2_000 {
            return Err("too deep");
        }
        let depth = depth + 1;
        Ok(match self.node(id) {
            Node::Primitive(primitive) => self.take_primitive(*primitive, from)?,
            Node::Struct(node) => Value::Record(
                node.fields.iter().map(|field| self.take(field.node, from, depth)).collect::<Result<_, _>>()?,
            ),
            Node::Tuple(elements) => Value::Record(
                elements.iter().map(|element| self.take(*element, from, depth)).collect::<Result<_, _>>()?,
            ),
            Node::Array { element, length } => {
                Value::Record((0..*length).map(|_| self.take(*element, from, depth)).collect::<Result<_, _>>()?)
            }
            Node::Enum(node) => {
                let tag = self.take_unsigned(4, from)?;
                let place = node.variants.iter().position(|variant| u128::from(variant.tag) == tag);
                let place = place.ok_or("an unknown tag")?;
                let fields = &node.variants[place].fields;
                let values = fields.iter().map(|field| self.take(field.node, from, depth)).collect::<Result<_, _>>()?;
                Value::Variant(place, values)
            }
            Node::Option(inner) => match take_bytes(from, 1)?[0] {
                0 => Value::Option(None),
                1 => Value::Option(Some(Box::new(self.take(*inner, from, depth)?))),
                _ => return Err("an option that is neither"),
            },
            Node::List(element) | Node::Set(element) => {
                let length = self.take_length(from)?;
                let mut values = Vec::new();
                for _ in 0..length {
                    values.push(self.take(*element, from, depth)?);
                }
                let set = matches!(self.node(id), Node::Set(_));
                if set && self.distinct && values.iter().collect::<HashSet<_>>().len() < values.len() {
                    return Err("an element twice");
                }
                Value::List(values)
            }
            Node::Map { key, value } => {
                let length = self.take_length(from)?;
                let mut entries = Vec::new();
                for _ in 0..length {
                    entries.push((self.take(*key, from, depth)?, self.take(*value, from, depth)?));
                }
                let keys: HashSet<&Value> = entries.iter().map(|(key, _)| key).collect();
                if self.distinct && keys.len() < entries.len() {
                    return Err("a key twice");
                }
                Value::Map(entries)
            }
            Node::NonZero(inner) => match self.take(*inner, from, depth)? {
                Value::Unsigned(0) | Value::Signed(0) => return Err("a zero"),
                value => value,
            },
            Node::Logical(node) => {
                let value = self.take(node.representation, from, depth)?;
                match &value {
                    Value::Record(parts) if self.is_time(id) => match parts[..] {
                        [_, Value::Unsigned(1_000_000_000..)] => return Err("nanoseconds of a second or more"),
                        _ => value,
                    },
                    _ => value,
                }
            }
            Node::Opaque(_) => {
                let length = self.take_length(from)?;
                Value::Opaque(take_bytes(from, length)?.to_vec())
            }
        })
    }

    /// A length; one of elements without bytes may exceed what is left by a documented number.
    fn take_length(&self, from: &mut &[u8]) -> Result<usize, Refused> {
        let length = self.take_unsigned(8, from)?;
        if length > from.len() as u128 + 65_536 {
            return Err("a length beyond the bytes");
        }
        Ok(length as usize)
    }

    fn take_primitive(&self, primitive: Primitive, from: &mut &[u8]) -> Result<Value, Refused> {
        Ok(match primitive {
            Primitive::Unit => Value::Unit,
            Primitive::Bool => match take_bytes(from, 1)?[0] {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                _ => return Err("a bool that is neither"),
            },
            Primitive::F32 => {
                let mut bits = [0; 4];
                bits.copy_from_slice(take_bytes(from, 4)?);
                Value::F32(u32::from_le_bytes(bits))
            }
            Primitive::F64 => {
                let mut bits = [0; 8];
                bits.copy_from_slice(take_bytes(from, 8)?);
                Value::F64(u64::from_le_bytes(bits))
            }
            Primitive::Char => {
                let length =
                    (1..=4).find(|length| from.get(..*length).is_some_and(|it| std::str::from_utf8(it).is_ok()));
                let bytes = take_bytes(from, length.ok_or("not a character")?)?;
                Value::Char(String::from_utf8_lossy(bytes).chars().next().ok_or("not a character")?)
            }
            Primitive::String => {
                let length = self.take_length(from)?;
                let bytes = take_bytes(from, length)?;
                Value::String(String::from_utf8(bytes.to_vec()).map_err(|_| "not UTF-8")?)
            }
            integer => {
                let width = integer.width().unwrap_or(0);
                let raw = self.take_unsigned(width, from)?;
                match integer.is_signed() {
                    false => Value::Unsigned(raw),
                    true if self.integers == IntegerEncoding::Variable && width > 1 => {
                        let half = (raw / 2).cast_signed();
                        Value::Signed(if raw % 2 == 1 { -half - 1 } else { half })
                    }
                    true => {
                        let shift = 128 - 8 * width as u32;
                        Value::Signed((raw << shift).cast_signed() >> shift)
                    }
                }
            }
        })
    }

    fn take_unsigned(&self, width: usize, from: &mut &[u8]) -> Result<u128, Refused> {
        let long = |bytes: &[u8]| bytes.iter().rev().fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
        if self.integers == IntegerEncoding::Fixed || width == 1 {
            return Ok(long(take_bytes(from, width)?));
        }
        let (bytes, least) = match take_bytes(from, 1)?[0] {
            small @ 0..=250 => return Ok(small.into()),
            251 => (2, 251),
            252 => (4, 1u128 << 16),
            253 => (8, 1 << 32),
            254 => (16, 1 << 64),
            255 => return Err("no integer"),
        };
        let value = long(take_bytes(from, bytes)?);
        if value < least {
            return Err("an over-long integer");
        }
        if width < 16 && value >> (8 * width) != 0 {
            return Err("an integer too large");
        }
        Ok(value)
    }
}

fn take_bytes<'b>(from: &mut &'b [u8], length: usize) -> Result<&'b [u8], Refused> {
    let (taken, rest) = from.split_at_checked(length).ok_or("the bytes end")?;
    *from = rest;
    Ok(taken)
}

// Making up.
impl Layout<'_> {
    /// A random value of this node; `None` where none was found that ends.
    pub fn value(&self, id: NodeId, source: &mut Source) -> Option<Value> {
        let mut budget = 200;
        self.make(id, source, DEPTH, &mut budget)
    }

    fn make(&self, id: NodeId, source: &mut Source, depth: u32, budget: &mut u32) -> Option<Value> {
        // Small values once the depth or the budget is used up; those that cannot be small end with `None`.
        let small = depth < 4 || *budget == 0;
        *budget = budget.saturating_sub(1);
        let less = depth.checked_sub(1)?;
        Some(match self.node(id) {
            Node::Primitive(primitive) => make_primitive(*primitive, source),
            Node::Struct(node) => {
                let fields = node.fields.iter();
                Value::Record(fields.map(|field| self.make(field.node, source, less, budget)).collect::<Option<_>>()?)
            }
            Node::Tuple(elements) => {
                let elements = elements.iter();
                Value::Record(elements.map(|element| self.make(*element, source, less, budget)).collect::<Option<_>>()?)
            }
            Node::Array { element, length } => {
                Value::Record((0..*length).map(|_| self.make(*element, source, less, budget)).collect::<Option<_>>()?)
            }
            Node::Enum(node) => {
                let count = node.variants.len();
                let first = if count == 0 { return None } else { source.below(count) };
                // The first that ends, from a random one on.
                (0..count).find_map(|step| {
                    let place = (first + step) % count;
                    let fields = node.variants[place].fields.iter();
                    let values =
                        fields.map(|field| self.make(field.node, source, less, budget)).collect::<Option<_>>()?;
                    Some(Value::Variant(place, values))
                })?
            }
            Node::Option(inner) => match small || source.below(3) == 0 {
                true => Value::Option(None),
                false => Value::Option(self.make(*inner, source, less, budget).map(Box::new)),
            },
            Node::List(element) => {
                let count = if small { 0 } else { source.below(5) };
                Value::List((0..count).map_while(|_| self.make(*element, source, less, budget)).collect())
            }
            Node::Set(element) => {
                let count = if small { 0 } else { source.below(5) };
                let mut seen = HashSet::new();
                let elements = (0..count).map_while(|_| self.make(*element, source, less, budget));
                Value::List(elements.filter(|element| seen.insert(element.clone())).collect())
            }
            Node::Map { key, value } => {
                let count = if small { 0 } else { source.below(4) };
                let mut seen = HashSet::new();
                let entries = (0..count).map_while(|_| {
                    let key = self.make(*key, source, less, budget)?;
                    Some((key, self.make(*value, source, less, budget)?))
                });
                Value::Map(entries.filter(|(key, _)| seen.insert(key.clone())).collect())
            }
            Node::NonZero(inner) => match self.make(*inner, source, depth, budget)? {
                Value::Unsigned(value) => Value::Unsigned(value.max(1)),
                Value::Signed(0) => Value::Signed(-1),
                value => value,
            },
            Node::Logical(node) => match (self.make(node.representation, source, depth, budget)?, self.is_time(id)) {
                (Value::Record(mut parts), true) => {
                    if let Some(Value::Unsigned(nanoseconds)) = parts.get_mut(1) {
                        *nanoseconds %= 1_000_000_000;
                    }
                    Value::Record(parts)
                }
                (value, _) => value,
            },
            Node::Opaque(_) => {
                let length = source.below(5);
                Value::Opaque((0..length).map(|_| source.number() as u8).collect())
            }
        })
    }
}

const CHARACTERS: [char; 6] = ['a', '\0', '\u{7f}', '\u{e9}', '\u{20ac}', '\u{1f600}'];

fn make_primitive(primitive: Primitive, source: &mut Source) -> Value {
    match primitive {
        Primitive::Unit => Value::Unit,
        Primitive::Bool => Value::Bool(source.below(2) == 1),
        Primitive::F32 => {
            Value::F32([0, 0x8000_0000, 0x3F80_0000, 0x7F80_0000, 0x7FC0_0000, source.number()][source.below(6)])
        }
        Primitive::F64 => {
            Value::F64([0, 1 << 63, 0x3FF0_0000_0000_0000, u64::from(source.number()) << 20][source.below(4)])
        }
        Primitive::Char => Value::Char(*source.pick(&CHARACTERS)),
        Primitive::String => {
            let length = source.below(6);
            Value::String((0..length).map(|_| *source.pick(&CHARACTERS)).collect())
        }
        integer => {
            let bits = 8 * integer.width().unwrap_or(1) as u32;
            let raw = match source.below(6) {
                0 => 0,
                1 => 250 + source.below(3) as u128,
                2 => u128::MAX,
                3 => 1u128 << (bits - 1),
                4 => u128::from(source.number() % 0x1_0002),
                _ => (0..4).fold(0, |sum, _| sum << 32 | u128::from(source.number())),
            };
            let shift = 128 - bits;
            match integer.is_signed() {
                true => Value::Signed((raw << shift).cast_signed() >> shift),
                false => Value::Unsigned(raw << shift >> shift),
            }
        }
    }
}

impl Value {
    /// How many values this one is made of, itself counted.
    #[must_use]
    pub fn count(&self) -> usize {
        let all = |values: &[Self]| values.iter().map(Self::count).sum::<usize>();
        1 + match self {
            Self::Record(values) | Self::Variant(_, values) | Self::List(values) => all(values),
            Self::Option(Some(value)) => value.count(),
            Self::Map(entries) => entries.iter().map(|(key, value)| key.count() + value.count()).sum(),
            _ => 0,
        }
    }
}
