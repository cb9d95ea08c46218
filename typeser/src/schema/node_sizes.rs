//! The sizes of all nodes of a schema, computed once.

use super::graph::Schema;
use super::node::{Field, Node, NodeId, Primitive};
use super::size::{Size, Sizes};

impl Schema {
    /// The size of every node, by number.
    ///
    /// Where a type contains itself the answer is a lower bound and never exact.
    /// Computed when they are first asked for, and kept.
    #[must_use]
    pub fn sizes(&self) -> &[Sizes] {
        self.known_sizes().get_or_init(|| self.compute_sizes())
    }

    fn compute_sizes(&self) -> Box<[Sizes]> {
        let of_leaf = |node: &Node| node.is_leaf().then(|| size_of(node, |_| Sizes::UNKNOWN));
        let mut sizes: Vec<Option<Sizes>> = self.nodes().iter().map(of_leaf).collect();
        let mut entered = vec![false; self.len()];
        for start in self.ids() {
            let mut stack = vec![start];
            while let Some(&id) = stack.last() {
                if sizes[id.index()].is_some() {
                    stack.pop();
                } else if entered[id.index()] {
                    // All children are done, or are on the stack below and contain this node.
                    stack.pop();
                    let known = |child: NodeId| sizes[child.index()].unwrap_or(Sizes::UNKNOWN);
                    sizes[id.index()] = Some(size_of(self.node(id), known));
                } else {
                    entered[id.index()] = true;
                    let is_open = |child: &NodeId| sizes[child.index()].is_none() && !entered[child.index()];
                    stack.extend(self.node(id).children().filter(is_open));
                }
            }
        }
        sizes.into_iter().map(|size| size.unwrap_or(Sizes::UNKNOWN)).collect()
    }
}

fn size_of(node: &Node, known: impl Fn(NodeId) -> Sizes) -> Sizes {
    let in_a_row = |fields: &[Field]| fields.iter().fold(Sizes::NOTHING, |sum, field| sum.then(known(field.node)));
    match node {
        Node::Primitive(Primitive::Unit) => Sizes::NOTHING,
        Node::Primitive(Primitive::Bool) => Sizes::exactly(1),
        Node::Primitive(Primitive::Char) => Sizes::same(Size::at_least(1)),
        Node::Primitive(Primitive::String) | Node::List(_) | Node::Set(_) | Node::Map { .. } => Sizes::collection(),
        Node::Primitive(Primitive::F32) => Sizes::exactly(4),
        Node::Primitive(Primitive::F64) => Sizes::exactly(8),
        Node::Primitive(integer) => Sizes::integer(integer.width().unwrap_or(1)),
        Node::Struct(node) => in_a_row(&node.fields),
        Node::Enum(node) => node
            .variants
            .iter()
            .map(|variant| Sizes::tag(variant.tag).then(in_a_row(&variant.fields)))
            .reduce(Sizes::or)
            .unwrap_or(Sizes::tag(0)),
        Node::Option(child) => known(*child).option(),
        Node::Array { element, length } => known(*element).times(usize::try_from(*length).unwrap_or(usize::MAX)),
        Node::Tuple(elements) => elements.iter().fold(Sizes::NOTHING, |sum, element| sum.then(known(*element))),
        Node::NonZero(child) => known(*child),
        Node::Logical(node) => known(node.representation),
        Node::Opaque(node) if node.framed => Sizes::collection(),
        Node::Opaque(_) => Sizes::UNKNOWN,
    }
}
