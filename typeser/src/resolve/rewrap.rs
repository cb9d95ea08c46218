//! 1-tuples around a key: their bytes are those of the element, so a re-key pairs them up.

use crate::schema::{Node, NodeId};
use crate::snapshot::assemble::Assembled;
use crate::snapshot::{NodeHints, SerializerSnapshot};

/// In how many 1-tuples the value lies.
pub(super) fn wrappers(snapshot: &SerializerSnapshot) -> usize {
    let (schema, mut at) = (snapshot.schema(), NodeId::ROOT);
    // A type that is nothing but tuples of itself has no values, and no end.
    for depth in 0..schema.len() {
        match schema.node(at) {
            Node::Tuple(elements) if elements.len() == 1 => at = elements[0],
            _ => return depth,
        }
    }
    0
}

/// The same layout in `wanted` 1-tuples; `None` if it already is, or cannot be assembled.
pub(super) fn rewrapped(stored: &SerializerSnapshot, wanted: usize) -> Option<SerializerSnapshot> {
    let present = wrappers(stored);
    if present == wanted {
        return None;
    }
    let mut nodes = stored.schema().nodes().to_vec();
    let mut hints = stored.hints().to_vec();
    let mut root = NodeId::ROOT;
    for _ in wanted..present {
        match &nodes[root.index()] {
            Node::Tuple(elements) => root = *elements.first()?,
            _ => return None,
        }
    }
    for _ in present..wanted {
        let wrapper = NodeId::new(u32::try_from(nodes.len()).ok()?);
        nodes.push(Node::Tuple(vec![root]));
        hints.push(NodeHints::None);
        root = wrapper;
    }
    let parts = Assembled::new(nodes, &hints, root).ok()?;
    let (name, version) = (parts.name(), parts.version());
    SerializerSnapshot::new(name, version, stored.configuration(), parts.schema, parts.hints).ok()
}
