//! Constants of hints that are written as values: they become bytes once the layout is known.

use super::error::ParseSnapshotError;
use super::hints::{NodeHints, RecordHints};
use super::json_encode::encode;
use super::json_tree::Json;
use super::part::Record;
use crate::schema::{Field, IntegerEncoding, Node, NodeId};

/// A constant and the hint whose bytes it is.
#[derive(Debug)]
pub(super) struct Constant {
    pub(super) of: Target,
    pub(super) value: Json,
}

/// Which hint of a definition a constant belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The default of a field.
    Default(Record, usize),
    /// What `None` becomes in a field that is no option any more.
    None(Record, usize),
    /// What a removed variant becomes.
    Becomes(usize),
}

impl Target {
    /// The key of the hint; the key of the value has `-value` at its end.
    const fn key(self) -> &'static str {
        match self {
            Self::Default(..) => "default",
            Self::None(..) => "none",
            Self::Becomes(_) => "becomes",
        }
    }
}

/// Writes the bytes of constants into the hints of the node that they were written for.
pub(super) fn fill(
    constants: &[Constant],
    hints: &mut NodeHints,
    id: NodeId,
    nodes: &[Node],
    integers: IntegerEncoding,
) -> Result<(), ParseSnapshotError> {
    for Constant { of, value } in constants {
        let place = match *of {
            Target::Default(record, field) => field_of(id, nodes, record, field)
                .zip(record_of(hints, record).and_then(|hints| hints.fields.get_mut(field)))
                .map(|(node, hints)| (node, &mut hints.default)),
            Target::None(record, field) => field_of(id, nodes, record, field)
                .zip(record_of(hints, record).and_then(|hints| hints.fields.get_mut(field)))
                .map(|(node, hints)| (node, &mut hints.none)),
            Target::Becomes(removed) => match hints {
                NodeHints::Enum(hints) => hints.removed.get_mut(removed).map(|removed| (id, &mut removed.becomes)),
                _ => None,
            },
        };
        let Some((node, place)) = place else { continue };
        if place.is_some() {
            let key = of.key();
            return Err(value
                .at
                .error(format!("`{key}` and `{key}-value` give the same constant; remove one of them")));
        }
        *place = Some(encode(value, nodes, node, integers)?);
    }
    Ok(())
}

fn field_of(id: NodeId, nodes: &[Node], record: Record, field: usize) -> Option<NodeId> {
    let fields: &[Field] = match (&nodes[id.index()], record) {
        (Node::Struct(node), None) => &node.fields,
        (Node::Enum(node), Some(variant)) => &node.variants.get(variant)?.fields,
        _ => return None,
    };
    fields.get(field).map(|field| field.node)
}

fn record_of(hints: &mut NodeHints, record: Record) -> Option<&mut RecordHints> {
    match (hints, record) {
        (NodeHints::Struct(hints), None) => Some(&mut hints.record),
        (NodeHints::Enum(hints), Some(variant)) => hints.variants.get_mut(variant).map(|hints| &mut hints.record),
        _ => None,
    }
}
