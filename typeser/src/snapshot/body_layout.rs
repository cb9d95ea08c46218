//! Layouts in bodies: a list of nodes, each behind the number of its kind.

use super::body::{BodyReader, BodyWriter};
use super::error::ReadSnapshotError;
use crate::schema::{
    EnumNode, Field, IntegerEncoding, Limits, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, SchemaError,
    StructNode, Variant,
};

type Read<T> = Result<T, ReadSnapshotError>;

/// The kinds of node of a version. The writer uses the later ones only where a snapshot needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinds {
    /// Those of numbers 0 to 11.
    Version1,
    /// Also 12, an opaque leaf with parameters.
    Version2,
}

impl BodyReader<'_> {
    pub(super) fn integers(&mut self) -> Read<IntegerEncoding> {
        match self.number()? {
            0 => Ok(IntegerEncoding::Fixed),
            1 => Ok(IntegerEncoding::Variable),
            number => Err(self.unknown(number, "an integer encoding")),
        }
    }

    pub(super) fn schema(&mut self, kinds: Kinds) -> Read<Schema> {
        Ok(self.nodes(kinds)??)
    }

    /// The layout that the function of this id, in the hints of a node, reads.
    pub(super) fn source(&mut self, kinds: Kinds, node: u32, id: &str) -> Read<Schema> {
        self.nodes(kinds)?.map_err(|reason| ReadSnapshotError::Source { node, id: id.to_owned(), reason })
    }

    fn nodes(&mut self, kinds: Kinds) -> Read<Result<Schema, SchemaError>> {
        let count = self.length()?;
        if count > Limits::NODES {
            return Ok(Err(SchemaError::TooManyNodes { count }));
        }
        self.items(count, |from| from.node(kinds)).map(Schema::new)
    }

    fn node(&mut self, kinds: Kinds) -> Read<Node> {
        Ok(match self.number()? {
            0 => Node::Primitive(self.primitive()?),
            1 => Node::Struct(StructNode { name: self.text()?, version: self.number()?, fields: self.fields()? }),
            2 => Node::Enum(EnumNode {
                name: self.text()?,
                version: self.number()?,
                variants: self
                    .list(|from| Ok(Variant { name: from.text()?, tag: from.number()?, fields: from.fields()? }))?,
            }),
            3 => Node::Option(self.child()?),
            4 => Node::List(self.child()?),
            5 => Node::Set(self.child()?),
            6 => Node::Map { key: self.child()?, value: self.child()? },
            7 => Node::Array { element: self.child()?, length: self.long()? },
            8 => Node::Tuple(self.list(Self::child)?),
            9 => Node::NonZero(self.child()?),
            10 => Node::Logical(LogicalNode {
                name: self.text()?,
                parameters: self.parameters()?,
                representation: self.child()?,
            }),
            11 => Node::Opaque(self.opaque()?),
            12 if kinds == Kinds::Version2 => {
                let mut node = self.opaque()?;
                node.parameters = self.parameters()?;
                if node.parameters.is_empty() {
                    return Err(self.unwanted("an opaque leaf of this kind has parameters, here are none"));
                }
                Node::Opaque(node)
            }
            number => return Err(self.unknown(number, "a kind of node")),
        })
    }

    fn primitive(&mut self) -> Read<Primitive> {
        let number = self.number()?;
        let primitive = Primitive::ALL.get(number as usize);
        primitive.copied().ok_or_else(|| self.unknown(number, "a primitive"))
    }

    fn opaque(&mut self) -> Read<OpaqueNode> {
        let (name, version, framed) = (self.text()?, self.number()?, self.bool()?);
        Ok(OpaqueNode { name, version, framed, parameters: Vec::new() })
    }

    fn child(&mut self) -> Read<NodeId> {
        self.number().map(NodeId::new)
    }

    fn fields(&mut self) -> Read<Vec<Field>> {
        self.list(|from| Ok(Field { name: from.text()?, node: from.child()? }))
    }

    fn parameters(&mut self) -> Read<Vec<(String, String)>> {
        self.list(|from| Ok((from.text()?, from.text()?)))
    }
}

impl BodyWriter {
    pub(super) fn integers(&mut self, integers: IntegerEncoding) {
        self.number(match integers {
            IntegerEncoding::Fixed => 0,
            IntegerEncoding::Variable => 1,
        });
    }

    pub(super) fn schema(&mut self, schema: &Schema) {
        self.list(schema.nodes(), Self::node);
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Primitive(primitive) => {
                self.number(0);
                self.number(*primitive as u32);
            }
            Node::Struct(node) => {
                self.number(1);
                self.text(&node.name);
                self.number(node.version);
                self.fields(&node.fields);
            }
            Node::Enum(node) => {
                self.number(2);
                self.text(&node.name);
                self.number(node.version);
                self.list(&node.variants, |to, variant| {
                    to.text(&variant.name);
                    to.number(variant.tag);
                    to.fields(&variant.fields);
                });
            }
            Node::Option(child) => self.around(3, *child),
            Node::List(child) => self.around(4, *child),
            Node::Set(child) => self.around(5, *child),
            Node::Map { key, value } => {
                self.around(6, *key);
                self.child(*value);
            }
            Node::Array { element, length } => {
                self.around(7, *element);
                self.long(*length);
            }
            Node::Tuple(elements) => {
                self.number(8);
                self.list(elements, |to, element| to.child(*element));
            }
            Node::NonZero(child) => self.around(9, *child),
            Node::Logical(node) => {
                self.number(10);
                self.text(&node.name);
                self.parameters(&node.parameters);
                self.child(node.representation);
            }
            Node::Opaque(node) => {
                self.number(if node.parameters.is_empty() { 11 } else { 12 });
                self.text(&node.name);
                self.number(node.version);
                self.bool(node.framed);
                if !node.parameters.is_empty() {
                    self.parameters(&node.parameters);
                }
            }
        }
    }

    fn around(&mut self, kind: u32, child: NodeId) {
        self.number(kind);
        self.child(child);
    }

    fn child(&mut self, child: NodeId) {
        self.number(child.number());
    }

    fn fields(&mut self, fields: &[Field]) {
        self.list(fields, |to, field| {
            to.text(&field.name);
            to.child(field.node);
        });
    }

    fn parameters(&mut self, parameters: &[(String, String)]) {
        self.list(parameters, |to, (name, value)| {
            to.text(name);
            to.text(value);
        });
    }
}
