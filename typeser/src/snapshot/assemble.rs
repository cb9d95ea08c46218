//! Assembles nodes in any order to the layout of a snapshot: minimal, numbered depth-first, with its hints.

use super::NodeHints;
use crate::schema::{EnumNode, Node, NodeId, Schema, SchemaError, StructNode};

/// A layout put together from nodes.
pub(crate) struct Assembled {
    /// The smallest graph in which nodes of different hints stay apart.
    pub(crate) schema: Schema,
    /// The hints of its nodes.
    pub(crate) hints: Vec<NodeHints>,
    /// For each of its nodes the first of the given ones that became it.
    pub(crate) origins: Vec<NodeId>,
}

impl Assembled {
    /// Puts a layout together; there are as many sets of hints as nodes.
    pub(crate) fn new(nodes: Vec<Node>, hints: &[NodeHints], root: NodeId) -> Result<Self, SchemaError> {
        let (schema, order) = Schema::numbered(nodes, root)?;
        let labels: Vec<&NodeHints> = order.iter().filter_map(|old| hints.get(old.index())).collect();
        let (minimal, mapping) = schema.minimal(&labels);
        let mut origins = vec![root; minimal.len()];
        for (new, old) in mapping.iter().zip(&order).rev() {
            origins[new.index()] = *old;
        }
        let hints = origins.iter().filter_map(|old| hints.get(old.index()).cloned()).collect();
        Ok(Self { schema: minimal, hints, origins })
    }

    /// The name of a serializer of this layout, if nothing else is said.
    pub(crate) fn name(&self) -> String {
        self.schema.type_name(NodeId::ROOT)
    }

    /// The version of a serializer of this layout, if nothing else is said.
    pub(crate) fn version(&self) -> u32 {
        match self.schema.root() {
            Node::Struct(StructNode { version, .. }) | Node::Enum(EnumNode { version, .. }) => *version,
            Node::Opaque(node) => node.version,
            _ => 1,
        }
    }
}
