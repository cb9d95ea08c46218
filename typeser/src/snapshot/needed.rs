//! Which version of the format holds a snapshot: the earliest that can, so that earlier releases open the state.

use super::hints::{NodeHints, OpaqueHints};
use super::serializer_snapshot::SerializerSnapshot;
use crate::schema::{Node, OpaqueNode, Schema};

impl SerializerSnapshot {
    /// The version of the format in which this snapshot is written: 1 if that can hold it.
    pub(super) fn written_version(&self) -> u16 {
        if self.beyond_version_1().is_some() { 2 } else { 1 }
    }

    /// The first part of this snapshot that version 1 cannot hold, in words.
    pub(super) fn beyond_version_1(&self) -> Option<&'static str> {
        if self.configuration().ordered {
            return Some("ordered bytes");
        }
        if !self.root_hints().is_empty() {
            return Some("conversions of the value as a whole");
        }
        if has_parameters(self.schema()) {
            return Some("the parameters of an opaque leaf");
        }
        self.hints().iter().find_map(beyond)
    }
}

fn beyond(hints: &NodeHints) -> Option<&'static str> {
    let was = match hints {
        NodeHints::Struct(hints) => &hints.was,
        NodeHints::Enum(hints) => &hints.was,
        NodeHints::Opaque(OpaqueHints { aliases, .. }) => {
            return (!aliases.is_empty()).then_some("earlier names of an opaque leaf");
        }
        NodeHints::None => return None,
    };
    if !was.is_empty() {
        return Some("layouts that a type was before");
    }
    if hints.migrations().iter().any(|migration| migration.injective) {
        return Some("an injective `migrate`");
    }
    if hints.migrations().iter().any(|migration| migration.exact) {
        return Some("a `migrate` that reads one layout alone");
    }
    hints.sources().find_map(|(_, source)| match (source.hints(), has_parameters(source.schema())) {
        ([], false) => None,
        ([], true) => Some("the parameters of an opaque leaf"),
        _ => Some("hints of a layout that a function reads"),
    })
}

fn has_parameters(schema: &Schema) -> bool {
    let mut nodes = schema.nodes().iter();
    nodes.any(|node| matches!(node, Node::Opaque(OpaqueNode { parameters, .. }) if !parameters.is_empty()))
}
