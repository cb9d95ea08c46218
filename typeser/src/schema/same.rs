//! Compares layouts by the trees that they unfold to, whatever their node numbers.

use std::collections::HashSet;

use super::{Field, Node, NodeId, Schema};

/// How many nodes are compared with earlier layouts and with what functions read at the most, counted with their parts.
/// No program has more.
pub(crate) const MOST_COMPARED: usize = 1 << 20;

/// Whether two nodes unfold to the same tree.
pub(crate) fn same_layout(left: &Schema, left_root: NodeId, right: &Schema, right_root: NodeId) -> bool {
    let mut unlimited = usize::MAX;
    same_layout_within((left, left_root), (right, right_root), &mut unlimited).unwrap_or(false)
}

/// Whether two nodes unfold to the same tree; `None` if finding out takes more than `weight`, from which it is taken.
pub(crate) fn same_layout_within(
    (left, left_root): (&Schema, NodeId),
    (right, right_root): (&Schema, NodeId),
    weight: &mut usize,
) -> Option<bool> {
    let (a, b) = (left.node(left_root), right.node(right_root));
    if !same_but_for_children(a, b) {
        // Names are compared only where there are as many on both sides.
        let compared = if a.children().count() == b.children().count() { a.children().count() } else { 0 };
        *weight = weight.checked_sub(1 + compared)?;
        return Some(false);
    }
    let mut known = HashSet::new();
    let mut stack = vec![(left_root, right_root)];
    while let Some((a, b)) = stack.pop() {
        if !known.insert((a, b)) {
            continue;
        }
        let (a, b) = (left.node(a), right.node(b));
        *weight = weight.checked_sub(1 + a.children().count())?;
        if !same_but_for_children(a, b) {
            return Some(false);
        }
        stack.extend(a.children().zip(b.children()));
    }
    Some(true)
}

fn same_but_for_children(left: &Node, right: &Node) -> bool {
    let same_names = |left: &[Field], right: &[Field]| {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.name == right.name)
    };
    match (left, right) {
        (Node::Primitive(left), Node::Primitive(right)) => left == right,
        (Node::Struct(left), Node::Struct(right)) => {
            left.name == right.name && left.version == right.version && same_names(&left.fields, &right.fields)
        }
        (Node::Enum(left), Node::Enum(right)) => {
            left.name == right.name
                && left.version == right.version
                && left.variants.len() == right.variants.len()
                && left.variants.iter().zip(&right.variants).all(|(left, right)| {
                    left.name == right.name && left.tag == right.tag && same_names(&left.fields, &right.fields)
                })
        }
        (Node::Array { length: left, .. }, Node::Array { length: right, .. }) => left == right,
        (Node::Tuple(left), Node::Tuple(right)) => left.len() == right.len(),
        (Node::Logical(left), Node::Logical(right)) => left.name == right.name && left.parameters == right.parameters,
        (Node::Opaque(left), Node::Opaque(right)) => left == right,
        (Node::Option(_), Node::Option(_))
        | (Node::List(_), Node::List(_))
        | (Node::Set(_), Node::Set(_))
        | (Node::Map { .. }, Node::Map { .. })
        | (Node::NonZero(_), Node::NonZero(_)) => true,
        _ => false,
    }
}
