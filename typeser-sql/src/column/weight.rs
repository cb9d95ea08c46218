//! How many values of a layout are decoded at a time.

use typeser::SerializerSnapshot;
use typeser::schema::{Node, NodeId, Primitive, Schema};

/// How many rows a batch has at most.
const ROWS: usize = 8192;
/// How often the nodes are visited to find those without bytes. Each visit but the first is for parts that are shared.
const VISITS: usize = 16;

/// The largest number of values of a serializer that are decoded before an array is made of them.
///
/// A batch is also limited by its stored bytes, to which the memory of its values is proportional: except where elements
/// take no bytes at all, so that a few bytes are a million elements. Such values are decoded one by one.
pub(crate) fn rows_at_a_time(snapshot: &SerializerSnapshot) -> usize {
    if has_elements_without_bytes(snapshot.schema()) { 1 } else { ROWS }
}

fn has_elements_without_bytes(schema: &Schema) -> bool {
    let Some(empty) = nodes_without_bytes(schema) else { return true };
    let is_empty = |id: &NodeId| empty.get(id.index()).copied().unwrap_or(true);
    schema.nodes().iter().any(|node| match node {
        Node::List(element) | Node::Set(element) | Node::Array { element, .. } => is_empty(element),
        _ => false,
    })
}

/// Which nodes have values without bytes; `None` if that takes too long to find out.
fn nodes_without_bytes(schema: &Schema) -> Option<Vec<bool>> {
    let mut empty = vec![false; schema.len()];
    for _ in 0..VISITS {
        let mut changed = false;
        // Most nodes come before their parts.
        for id in schema.ids().rev() {
            let is_empty = |id: &NodeId| empty.get(id.index()).copied().unwrap_or(false);
            let found = match schema.get(id)? {
                Node::Primitive(primitive) => *primitive == Primitive::Unit,
                Node::Struct(node) => node.fields.iter().all(|field| is_empty(&field.node)),
                Node::Tuple(parts) => parts.iter().all(is_empty),
                Node::Array { element, length } => *length == 0 || is_empty(element),
                Node::Logical(node) => is_empty(&node.representation),
                _ => false,
            };
            if found && let Some(known) = empty.get_mut(id.index()) {
                changed |= !*known;
                *known = true;
            }
        }
        if !changed {
            return Some(empty);
        }
    }
    None
}
