//! Values as trees, and their layouts.

use std::fmt;
use std::fmt::Write as _;

use typeser::SerializerSnapshot;
use typeser::schema::{IntegerEncoding, Node, NodeId, Primitive};

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
    /// A variant by its position, and its payload.
    Variant(usize, Vec<Value>),
    /// An option.
    Option(Option<Box<Value>>),
    /// A list or set.
    List(Vec<Value>),
    /// A map.
    Map(Vec<(Value, Value)>),
    /// The content of an opaque leaf.
    Opaque(Vec<u8>),
}

/// One side: a layout and the encoding of its integers.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) integers: IntegerEncoding,
    /// Whether duplicate keys and elements of sets are refused.
    pub(super) distinct: bool,
    pub(super) order: Order,
}

/// In which order the entries of a set or map are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// As they are in the value.
    Kept,
    /// As they are, and by their bytes within an element of a set or a key of a map.
    SortedWithin,
    /// By their bytes.
    Sorted,
}

impl<'a> Layout<'a> {
    /// The layout of a snapshot.
    #[must_use]
    pub fn of(snapshot: &'a SerializerSnapshot) -> Self {
        Self {
            nodes: snapshot.schema().nodes(),
            integers: snapshot.configuration().integers,
            distinct: false,
            order: Order::Kept,
        }
    }

    /// A layout from its parts.
    #[must_use]
    pub fn new(nodes: &'a [Node], integers: IntegerEncoding) -> Self {
        Self { nodes, integers, distinct: false, order: Order::Kept }
    }

    /// The same layout, but duplicate keys and elements of sets are refused, as by the reader of a type.
    #[must_use]
    pub fn distinct(self) -> Self {
        Self { distinct: true, ..self }
    }

    /// The same layout, but sets and maps within an element of a set or a key of a map are encoded in the order of their
    /// bytes: where functions make elements or keys, a migration does that to find equal ones.
    #[must_use]
    pub fn sorted_within(self) -> Self {
        Self { order: Order::SortedWithin, ..self }
    }

    /// The same layout, but all sets and maps are encoded in the order of their bytes.
    #[must_use]
    pub fn sorted(self) -> Self {
        Self { order: Order::Sorted, ..self }
    }

    /// A node by its number.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &'a Node {
        &self.nodes[id.index()]
    }
}

impl Layout<'_> {
    /// Whether there is an opaque leaf without a marked end, so that bytes do not determine their value.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node, Node::Opaque(node) if !node.framed))
    }

    /// Whether a node is a duration or a time: seconds, and nanoseconds of less than a second.
    pub(super) fn is_time(&self, id: NodeId) -> bool {
        let Node::Logical(node) = self.node(id) else { return false };
        let Node::Tuple(parts) = self.node(node.representation) else { return false };
        let parts: Vec<&Node> = parts.iter().map(|part| self.node(*part)).collect();
        ["duration", "system-time"].contains(&node.name.as_str())
            && parts == [&Node::Primitive(Primitive::U64), &Node::Primitive(Primitive::U32)]
    }
}

impl Value {
    /// The number of values in this one, including itself.
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

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = |f: &mut fmt::Formatter<'_>, open: char, values: &[Self], close: char| {
            f.write_char(open)?;
            for (at, value) in values.iter().enumerate() {
                write!(f, "{}{value}", if at == 0 { "" } else { ", " })?;
            }
            f.write_char(close)
        };
        match self {
            Self::Unit => f.write_str("()"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Unsigned(value) => write!(f, "{value}"),
            Self::Signed(value) => write!(f, "{value:+}"),
            Self::F32(bits) => write!(f, "{:?}f32", f32::from_bits(*bits)),
            Self::F64(bits) => write!(f, "{:?}f64", f64::from_bits(*bits)),
            Self::Char(value) => write!(f, "{value:?}"),
            Self::String(value) => write!(f, "{value:?}"),
            Self::Record(values) => all(f, '(', values, ')'),
            Self::Variant(place, values) => {
                write!(f, "#{place}")?;
                all(f, '(', values, ')')
            }
            Self::Option(None) => f.write_str("None"),
            Self::Option(Some(value)) => write!(f, "Some({value})"),
            Self::List(values) => all(f, '[', values, ']'),
            Self::Map(entries) => {
                f.write_char('{')?;
                for (at, (key, value)) in entries.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if at == 0 { "" } else { ", " })?;
                }
                f.write_char('}')
            }
            Self::Opaque(bytes) => write!(f, "opaque {bytes:02x?}"),
        }
    }
}

impl Value {
    /// The number of nested levels: options with a value, payloads, elements.
    #[must_use]
    pub fn levels(&self) -> u32 {
        let deepest = |values: &[Self]| values.iter().map(Self::levels).max();
        match self {
            Self::Record(values) => deepest(values).unwrap_or(0),
            Self::Variant(_, values) | Self::List(values) => deepest(values).map_or(0, |levels| levels + 1),
            Self::Option(Some(value)) => value.levels() + 1,
            Self::Map(entries) => {
                let deepest = entries.iter().map(|(key, value)| key.levels().max(value.levels())).max();
                deepest.map_or(0, |levels| levels + 1)
            }
            _ => 0,
        }
    }

    /// Calls a function with every value in this one, and with itself last.
    pub fn each(&mut self, change: &mut impl FnMut(&mut Self)) {
        match self {
            Self::Record(values) | Self::Variant(_, values) | Self::List(values) => {
                values.iter_mut().for_each(|value| value.each(change));
            }
            Self::Option(Some(value)) => value.each(change),
            Self::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.each(change);
                value.each(change);
            }),
            _ => {}
        }
        change(self);
    }
}
