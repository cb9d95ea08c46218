//! Compares layouts: whether they are the same, and whether they differ in a leaf only.

use crate::schema::{Node, NodeId, Schema};

pub(super) use crate::schema::{same_layout, same_layout_within};

/// Whether these are leaves that differ, or opaque, perhaps in options and lists.
pub(super) fn is_changed_leaf((left, left_root): (&Schema, NodeId), (right, right_root): (&Schema, NodeId)) -> bool {
    /// How many options and lists may lie around a leaf.
    const AROUND: usize = 8;
    let leaf = |schema: &Schema, root: NodeId| {
        let mut at = root;
        for _ in 0..=AROUND {
            match schema.node(at) {
                Node::Primitive(_) => return Some(false),
                Node::Opaque(_) => return Some(true),
                Node::Option(inner) | Node::List(inner) | Node::NonZero(inner) => at = *inner,
                Node::Array { element, .. } => at = *element,
                _ => return None,
            }
        }
        None
    };
    match (leaf(left, left_root), leaf(right, right_root)) {
        (Some(was_opaque), Some(is_opaque)) => {
            let equal = || same_layout_within((left, left_root), (right, right_root), &mut (4 * AROUND));
            was_opaque || is_opaque || equal() == Some(false)
        }
        _ => false,
    }
}
