//! Values of a schema that between them reach every variant, option and element, no two leaves of one alike.

use std::collections::VecDeque;

use crate::schema::{Node, NodeId, Primitive};
use crate::snapshot::SerializerSnapshot;
use crate::value::Value;
use crate::value::minimal::{Choice, Leaf, Minimal, filled_parts, integer, parts_of};

/// The most places that are compared.
pub(super) const MOST: usize = 2000;
/// How often a node may be on one path, so that recursive types end.
const MOST_TIMES: usize = 2;
/// Where the numbers of the leaves begin, in each pass. A leaf that happens to be a default in one is not in the other,
/// and neither is a `bool`.
const PASSES: [u32; 2] = [11, 70];

/// A value and its bytes.
pub(crate) type Stored = (Value, Vec<u8>);

/// The values and their bytes, by the places that they are for; a place for which none can be made has none. `None` if
/// the schema has more than [`MOST`] places.
pub(crate) fn cover(snapshot: &SerializerSnapshot) -> Option<Vec<Vec<Stored>>> {
    let minimal = Minimal::of(snapshot.schema());
    let values =
        |way: Vec<Choice>| PASSES.into_iter().filter_map(|first| made(&minimal, snapshot, &way, first)).collect();
    Some(ways(&minimal)?.into_iter().map(values).collect())
}

/// Values of a serializer, with their bytes, that between them reach every variant, option and element: few, and the
/// same on each call. `None` if the type has too many parts.
#[must_use]
pub fn examples(snapshot: &SerializerSnapshot) -> Option<Vec<Stored>> {
    Some(cover(snapshot)?.into_iter().filter_map(|place| place.into_iter().next()).collect())
}

/// The value of a way; if its logical parts are refused with numbers in them, with the smallest.
fn made(minimal: &Minimal<'_>, snapshot: &SerializerSnapshot, way: &[Choice], first: u32) -> Option<Stored> {
    [true, false].into_iter().find_map(|numbers_all| {
        let mut number = first;
        let value = minimal.built(NodeId::ROOT, way, &mut |leaf| {
            number += 1;
            numbered(leaf, if leaf.logical && !numbers_all { u32::from(leaf.nonzero) } else { number })
        })?;
        let mut bytes = Vec::new();
        value.encode(snapshot, &mut bytes).ok()?;
        Some((value, bytes))
    })
}

/// A leaf that has this number in it.
fn numbered(leaf: Leaf, number: u32) -> Option<Value> {
    // What fits into every integer; even stays even, for the bools.
    let small = if number > 120 { 1 + (number - 1) % 120 } else { number };
    Some(match leaf.primitive {
        Primitive::Bool => Value::Bool(small % 2 == 1),
        Primitive::Char => Value::Char(char::from_u32(u32::from('A') + small)?),
        Primitive::String => Value::String(format!("s{number}")),
        Primitive::F32 => Value::F32(small as f32 + 0.25),
        Primitive::F64 => Value::F64(f64::from(number) + 0.25),
        primitive => integer(primitive, i128::from(small)).unwrap_or(Value::Unit),
    })
}

/// A path that still has to be extended.
struct Open {
    node: NodeId,
    /// The choices above the node.
    above: Vec<Choice>,
    /// The nodes above the node.
    nodes: Vec<NodeId>,
}

/// The ways to all places where a value can be one thing or another; the first is the top.
fn ways(minimal: &Minimal<'_>) -> Option<Vec<Vec<Choice>>> {
    let schema = minimal.schema();
    let mut ways = vec![Vec::new()];
    let mut open = VecDeque::from([Open { node: NodeId::ROOT, above: Vec::new(), nodes: Vec::new() }]);
    let mut looked_at = 0;
    while let Some(Open { node: id, above, mut nodes }) = open.pop_front() {
        nodes.push(id);
        let node = schema.node(id);
        let variants = if let Node::Enum(node) = node { node.variants.len() } else { 1 };
        for variant in 0..variants {
            looked_at += 1;
            if looked_at + open.len() > MOST {
                return None;
            }
            let filled = filled_parts(node);
            let is_filled = !filled.is_empty();
            let parts = if is_filled { filled } else { parts_of(node, variant) };
            let with = |part| {
                let mut way = above.clone();
                way.push(Choice { variant, filled: is_filled, part });
                way
            };
            if is_filled || matches!(node, Node::Enum(_)) {
                ways.push(with(None));
            }
            // The first element of an array represents all.
            for (place, (part, _)) in parts.iter().enumerate() {
                let is_leaf = matches!(schema.node(*part), Node::Primitive(_) | Node::NonZero(_) | Node::Opaque(_));
                if !is_leaf && nodes.iter().filter(|node| *node == part).count() < MOST_TIMES {
                    open.push_back(Open { node: *part, above: with(Some(place)), nodes: nodes.clone() });
                }
            }
        }
    }
    Some(ways)
}
