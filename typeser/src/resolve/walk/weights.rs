//! What nodes weigh: what it costs to compare or to copy them.

use crate::schema::{Field, Node};

/// What a copy of a node costs: itself, its parts, and a share for the bytes of its names.
pub(super) fn weight(node: &Node) -> usize {
    let fields = |fields: &[Field]| fields.iter().map(|field| 1 + field.name.len() / 32).sum::<usize>();
    1 + match node {
        Node::Struct(node) => fields(&node.fields),
        Node::Enum(node) => {
            node.variants.iter().map(|variant| 1 + variant.name.len() / 32 + fields(&variant.fields)).sum()
        }
        node => node.children().count(),
    }
}

/// The parts of a node: its fields, variants and elements.
pub(super) fn parts_of(node: &Node) -> usize {
    let variants = if let Node::Enum(node) = node { node.variants.len() } else { 0 };
    variants + node.children().count()
}
