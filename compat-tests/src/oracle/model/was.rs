//! Layouts that a type, or the value as a whole, was before with the same bytes.

use std::collections::HashSet;

use typeser::SerializerSnapshot;
use typeser::schema::{Field, IntegerEncoding, Node, NodeId, Primitive, Schema};
use typeser::snapshot::NodeHints;

use super::super::value::{Layout, Value};
use super::{Model, No, is_same};

/// The longest array that counts as its elements.
const MOST_ELEMENTS: u64 = 32;

/// Parts that follow each other, and their counterparts.
type Parts = (Vec<NodeId>, Vec<NodeId>);

impl Model<'_> {
    /// Whether the type declares the stored part to have its bytes, and whether it has; `None` if it does not declare it.
    pub(super) fn was(&self, stored: NodeId, new: NodeId) -> Option<bool> {
        self.declared(self.new.hints()[new.index()].was(), stored, new)
    }

    /// The same of the value as a whole.
    pub(super) fn whole_was(&self) -> Option<bool> {
        self.declared(&self.new.root_hints().was, NodeId::ROOT, NodeId::ROOT)
    }

    /// The value with the bytes of a stored one.
    pub(super) fn as_stored(&self, value: &Value, stored: NodeId, new: NodeId) -> Result<Value, No> {
        let [was, now] = [self.stored, self.new].map(|side| Layout::new(side.schema().nodes(), IntegerEncoding::Fixed));
        let bytes = was.encode(stored, value).ok_or(No::Value)?;
        now.decode(new, &bytes).map_err(|_| No::Value)
    }

    fn declared(&self, layouts: &[Schema], stored: NodeId, new: NodeId) -> Option<bool> {
        let integers = self.stored.configuration().integers;
        let is_stored = |layout: &Schema| {
            is_same((Layout::of(self.stored), stored), (Layout::new(layout.nodes(), integers), NodeId::ROOT))
        };
        layouts
            .iter()
            .any(is_stored)
            .then(|| !self.forgets_by_name() && self.has_same_bytes((vec![stored], vec![new]), &mut HashSet::new()))
    }

    /// Whether any leaf of the stored side read a version unchanged that a leaf of that name no longer reads.
    fn forgets_by_name(&self) -> bool {
        let leaves = |side: &'_ SerializerSnapshot| -> Vec<(String, Vec<u32>)> {
            let all = side.schema().nodes().iter().zip(side.hints());
            all.filter_map(|pair| match pair {
                (Node::Opaque(node), NodeHints::Opaque(hints)) => Some((node.name.clone(), hints.reads.clone())),
                _ => None,
            })
            .collect()
        };
        let new = leaves(self.new);
        self.stored.hints() != self.new.hints()
            && leaves(self.stored).iter().any(|(name, earlier)| {
                let mut same = new.iter().filter(|(other, _)| other == name);
                same.any(|(_, reads)| earlier.iter().any(|version| !reads.contains(version)))
            })
    }

    fn has_same_bytes(&self, parts: Parts, assumed: &mut HashSet<Parts>) -> bool {
        if !assumed.insert(parts.clone()) {
            return true;
        }
        let (mut was, mut now) = parts;
        loop {
            let (stored, new) = (first(&mut was, Layout::of(self.stored)), first(&mut now, Layout::of(self.new)));
            let (Some(stored), Some(new)) = (stored, new) else { return stored == new };
            let (was_rest, now_rest) = (was.split_off(1), now.split_off(1));
            match (self.stored_node(stored), self.new_node(new)) {
                (Node::Logical(one), Node::Logical(other)) => {
                    let same = one.name == other.name && one.parameters == other.parameters;
                    if !same || !self.has_same_bytes((vec![one.representation], vec![other.representation]), assumed) {
                        return false;
                    }
                }
                (Node::Logical(logical), _) => {
                    was = [vec![logical.representation], was_rest].concat();
                    now = [vec![new], now_rest].concat();
                    continue;
                }
                _ if !self.has_same_bytes_here(stored, new, assumed) => return false,
                _ => {}
            }
            (was, now) = (was_rest, now_rest);
        }
    }

    /// Two parts that are no records.
    fn has_same_bytes_here(&self, stored: NodeId, new: NodeId, assumed: &mut HashSet<Parts>) -> bool {
        let mut inside = |was: &[NodeId], now: &[NodeId]| self.has_same_bytes((was.to_vec(), now.to_vec()), assumed);
        let fixed = [self.stored, self.new].iter().all(|side| side.configuration().integers == IntegerEncoding::Fixed);
        match (self.stored_node(stored), self.new_node(new)) {
            (Node::Primitive(was), Node::Primitive(now)) => numbers(*was, *now, fixed),
            (Node::NonZero(was), Node::Primitive(now)) => match self.stored_node(*was) {
                Node::Primitive(was) => numbers(*was, *now, fixed),
                _ => false,
            },
            (Node::NonZero(was), Node::NonZero(now)) | (Node::Option(was), Node::Option(now)) => {
                inside(&[*was], &[*now])
            }
            (Node::List(was) | Node::Set(was), Node::List(now)) | (Node::Set(was), Node::Set(now)) => {
                inside(&[*was], &[*now])
            }
            (Node::Map { key, value }, Node::List(now)) => inside(&[*key, *value], &[*now]),
            (Node::Map { key, value }, Node::Map { key: new_key, value: new_value }) => {
                inside(&[*key], &[*new_key]) && inside(&[*value], &[*new_value])
            }
            (Node::Primitive(Primitive::String), Node::List(now)) => {
                *self.new_node(*now) == Node::Primitive(Primitive::U8)
            }
            (Node::Array { element, length }, Node::Array { element: now, length: other }) => {
                length == other && inside(&[*element], &[*now])
            }
            (Node::Enum(was), Node::Enum(now)) => was.variants.iter().all(|variant| {
                let other = now.variants.iter().find(|other| other.tag == variant.tag);
                let nodes = |fields: &[Field]| fields.iter().map(|field| field.node).collect::<Vec<_>>();
                other.is_some_and(|other| inside(&nodes(&variant.fields), &nodes(&other.fields)))
            }),
            (Node::Opaque(was), Node::Opaque(now)) => was == now,
            _ => false,
        }
    }
}

/// Takes records apart until the first part is none. That part, if there is one.
fn first(parts: &mut Vec<NodeId>, layout: Layout<'_>) -> Option<NodeId> {
    loop {
        let first = *parts.first()?;
        let inside: Vec<NodeId> = match layout.node(first) {
            Node::Struct(_) | Node::Tuple(_) => layout.node(first).children().collect(),
            Node::Primitive(Primitive::Unit) => vec![],
            Node::Array { element, length } if *length <= MOST_ELEMENTS => vec![*element; *length as usize],
            _ => return Some(first),
        };
        parts.splice(..1, inside);
    }
}

fn numbers(was: Primitive, now: Primitive, fixed: bool) -> bool {
    let bytes = |primitive| match primitive {
        Primitive::U8 | Primitive::I8 => Some(1),
        Primitive::U16 | Primitive::I16 => Some(2),
        Primitive::U32 | Primitive::I32 | Primitive::F32 => Some(4),
        Primitive::U64 | Primitive::I64 | Primitive::F64 => Some(8),
        Primitive::U128 | Primitive::I128 => Some(16),
        _ => None,
    };
    let (one, other) = (bytes(was), bytes(now));
    // Integers that differ may be equal as floats.
    let becomes_float = matches!(now, Primitive::F32 | Primitive::F64);
    was == now
        || one.is_some() && one == other && (fixed || one == Some(1)) && !becomes_float
        || was == Primitive::Bool && now == Primitive::U8
}
