//! The nodes of a schema: one kind for each shape that bytes can have.

use std::fmt;

/// The number of a node within its [`Schema`](super::Schema).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// The root of every schema.
    pub const ROOT: Self = Self(0);

    /// The node with this number.
    #[must_use]
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number as it is stored.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The number as an index into the nodes of the schema.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How integers, lengths and enum tags are written; part of a serializer's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IntegerEncoding {
    /// Every integer takes its own width, lengths are `u64`, enum tags `u32`, all little-endian: bincode's legacy
    /// layout.
    #[default]
    Fixed,
    /// Small integers take one byte, signed ones are zigzagged first: bincode 2's standard layout.
    Variable,
}

impl fmt::Display for IntegerEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed => "fixed",
            Self::Variable => "variable",
        })
    }
}

/// One shape in a schema. Children are named by their [`NodeId`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// A leaf that typeser knows.
    Primitive(Primitive),
    /// Named fields one after the other. Tuple structs have the fields `0`, `1`, ...; unit structs have none.
    Struct(StructNode),
    /// A tag, then the fields of the variant that has this tag.
    Enum(EnumNode),
    /// One byte, 0 or 1, then the value if it was 1.
    Option(NodeId),
    /// A length, then as many elements in order: `Vec`, `VecDeque`, `LinkedList`, `BinaryHeap`, boxed slices.
    List(NodeId),
    /// A length, then as many distinct elements in any order.
    Set(NodeId),
    /// A length, then as many pairs of key and value in any order.
    Map {
        /// The keys, distinct.
        key: NodeId,
        /// The values.
        value: NodeId,
    },
    /// So many elements, without a length.
    Array {
        /// The element.
        element: NodeId,
        /// How many.
        length: u64,
    },
    /// The elements one after the other.
    Tuple(Vec<NodeId>),
    /// An integer that is never zero.
    NonZero(NodeId),
    /// A logical type: a meaning over a representation, such as `duration`, `range`, a decimal of some scale.
    Logical(LogicalNode),
    /// Bytes whose inside typeser does not see.
    Opaque(OpaqueNode),
}

/// The leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the Rust type of its name")]
pub enum Primitive {
    Unit,
    Bool,
    U8,
    U16,
    U32,
    U64,
    U128,
    I8,
    I16,
    I32,
    I64,
    I128,
    F32,
    F64,
    Char,
    String,
}

impl Primitive {
    /// All of them, in the order of their format numbers.
    pub const ALL: [Self; 16] = [
        Self::Unit,
        Self::Bool,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::U128,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::I128,
        Self::F32,
        Self::F64,
        Self::Char,
        Self::String,
    ];

    /// The name in canonical text, in JSON and in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Bool => "bool",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::U128 => "u128",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::I128 => "i128",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Char => "char",
            Self::String => "string",
        }
    }

    /// The width in bytes of an integer or float, in the fixed encoding.
    #[must_use]
    pub const fn width(self) -> Option<usize> {
        Some(match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
            Self::U128 | Self::I128 => 16,
            Self::Unit | Self::Bool | Self::Char | Self::String => return None,
        })
    }

    /// Whether this is an integer, signed or not.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        self.width().is_some() && !self.is_float()
    }

    /// Whether this is a signed integer.
    #[must_use]
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64 | Self::I128)
    }

    /// Whether this is a float.
    #[must_use]
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }
}

impl fmt::Display for Primitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A struct: a declared name, a version that the user counts, and its fields in stored order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StructNode {
    /// The declared name; by default the Rust identifier, never a module path.
    pub name: String,
    /// The version that the user declared; 1 if none.
    pub version: u32,
    /// The fields in the order in which they are stored.
    pub fields: Vec<Field>,
}

/// An enum: a declared name, a version that the user counts, and its variants in declaration order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EnumNode {
    /// The declared name; by default the Rust identifier, never a module path.
    pub name: String,
    /// The version that the user declared; 1 if none.
    pub version: u32,
    /// The variants in declaration order.
    pub variants: Vec<Variant>,
}

/// A variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Variant {
    /// The declared name.
    pub name: String,
    /// The number that is stored.
    pub tag: u32,
    /// The payload, a struct of 0 to n fields. The fields of a tuple variant are named `0`, `1`, ...
    pub fields: Vec<Field>,
}

/// A field of a struct or of a variant's payload.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Field {
    /// The declared name.
    pub name: String,
    /// Its layout.
    pub node: NodeId,
}

/// A logical type: what the bytes of a representation mean.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LogicalNode {
    /// A reserved name in lower case, such as `duration`; no user type can take it.
    pub name: String,
    /// Parameters such as the scale of a decimal, sorted by name. They are compared, never ignored.
    pub parameters: Vec<(String, String)>,
    /// The layout of the bytes.
    pub representation: NodeId,
}

/// An opaque leaf: a declared name and version describe contents that typeser cannot see.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpaqueNode {
    /// The declared name.
    pub name: String,
    /// The declared version.
    pub version: u32,
    /// Whether a byte length precedes the bytes, so that they can be skipped.
    pub framed: bool,
    /// What the serializer was created with, sorted by name. They are compared, never ignored.
    pub parameters: Vec<(String, String)>,
}

impl Node {
    /// The children in stored order.
    pub fn children(&self) -> impl Iterator<Item = NodeId> + '_ {
        let fields = |fields: &[Field]| fields.iter().map(|field| field.node).collect::<Vec<_>>();
        let children = match self {
            Self::Primitive(_) | Self::Opaque(_) => Vec::new(),
            Self::Struct(node) => fields(&node.fields),
            Self::Enum(node) => node.variants.iter().flat_map(|variant| fields(&variant.fields)).collect(),
            Self::Option(child) | Self::List(child) | Self::Set(child) | Self::NonZero(child) => vec![*child],
            Self::Map { key, value } => vec![*key, *value],
            Self::Array { element, .. } => vec![*element],
            Self::Tuple(elements) => elements.clone(),
            Self::Logical(node) => vec![node.representation],
        };
        children.into_iter()
    }

    /// Whether this is a kind of node that never has children.
    pub(crate) const fn is_leaf(&self) -> bool {
        matches!(self, Self::Primitive(_) | Self::Opaque(_))
    }

    /// Replaces every child by what `renumber` says, in stored order.
    pub(crate) fn renumber(&mut self, mut renumber: impl FnMut(NodeId) -> NodeId) {
        match self {
            Self::Primitive(_) | Self::Opaque(_) => {}
            Self::Struct(node) => node.fields.iter_mut().for_each(|field| field.node = renumber(field.node)),
            Self::Enum(node) => {
                for field in node.variants.iter_mut().flat_map(|variant| &mut variant.fields) {
                    field.node = renumber(field.node);
                }
            }
            Self::Option(child) | Self::List(child) | Self::Set(child) | Self::NonZero(child) => {
                *child = renumber(*child);
            }
            Self::Map { key, value } => {
                *key = renumber(*key);
                *value = renumber(*value);
            }
            Self::Array { element, .. } => *element = renumber(*element),
            Self::Tuple(elements) => elements.iter_mut().for_each(|element| *element = renumber(*element)),
            Self::Logical(node) => node.representation = renumber(node.representation),
        }
    }

    /// What kind of shape this is, in one word, for messages.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Primitive(primitive) => primitive.name(),
            Self::Struct(_) => "struct",
            Self::Enum(_) => "enum",
            Self::Option(_) => "option",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Map { .. } => "map",
            Self::Array { .. } => "array",
            Self::Tuple(_) => "tuple",
            Self::NonZero(_) => "nonzero",
            Self::Logical(_) => "logical",
            Self::Opaque(_) => "opaque",
        }
    }
}
