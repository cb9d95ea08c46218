//! Functions for whole values that read what the rules make of a stored part.

use typeser::SerializerSnapshot;
use typeser::schema::{Node, NodeId};
use typeser::snapshot::{NodeHints, TypeMigration};

use super::Verdict::Incompatible;
use super::{Model, Zone};

impl<'a> Model<'a> {
    /// What a function reads, if the rules make that of a stored part.
    pub(super) fn made(&self, migration: &TypeMigration, stored: NodeId, zone: Zone) -> Option<SerializerSnapshot> {
        let source = migration.source.as_ref().filter(|_| !migration.exact)?;
        let (was, read) = (version(self.stored_node(stored)), version(source.schema().root()));
        if was.zip(read).is_some_and(|(was, read)| was != read) {
            return None;
        }
        let schema = source.schema().clone();
        let hints = match source.hints() {
            [] => schema.nodes().iter().map(NodeHints::empty).collect(),
            hints => hints.to_vec(),
        };
        let integers = self.new.configuration().integers;
        let read = SerializerSnapshot::new(String::from("source"), 1, integers.into(), schema, hints).ok()?;
        let before = self.before(&read, zone);
        let verdict = before.worst(before.compare((stored, NodeId::ROOT, before.zone)));
        (verdict < Incompatible).then_some(read)
    }

    /// The rules from the stored layout to what a function reads.
    pub(super) fn before<'s>(&self, read: &'s SerializerSnapshot, zone: Zone) -> Model<'s>
    where
        'a: 's,
    {
        // Where bytes must not change, keys that move are only asked to stay different.
        let zone = if zone == Zone::Fixed { Zone::Distinct } else { zone };
        Model { stored: self.stored, new: read, zone, any_loss: self.any_loss, downwards: false }
    }
}

/// The version of a struct or enum.
fn version(node: &Node) -> Option<u32> {
    match node {
        Node::Struct(node) => Some(node.version),
        Node::Enum(node) => Some(node.version),
        _ => None,
    }
}
