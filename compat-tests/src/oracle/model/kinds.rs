//! Functions for whole values where the stored part is of another kind than the type.

use typeser::schema::{Node, NodeId};
use typeser::snapshot::{NodeHints, TypeMigration};

use super::super::value::Layout;
use super::versions::{chain, is_over_function};
use super::{Model, Zone, is_same};

/// The functions for a stored part of another kind than the type.
pub(super) enum OtherKind<'h> {
    /// The rules decide.
    None,
    /// No function converts a value that is the result of one of them.
    Back,
    /// The functions from a version on.
    From(u32, Vec<&'h TypeMigration>),
}

impl Model<'_> {
    pub(super) fn other_kind(&self, stored: NodeId, new: NodeId, zone: Zone) -> OtherKind<'_> {
        let (name, version, aliases, migrations) = match (self.new_node(new), &self.new.hints()[new.index()]) {
            (Node::Struct(node), NodeHints::Struct(hints)) => {
                (&node.name, node.version, &hints.aliases, &hints.migrations)
            }
            (Node::Enum(node), NodeHints::Enum(hints)) => (&node.name, node.version, &hints.aliases, &hints.migrations),
            _ => return OtherKind::None,
        };
        let from = |from: u32| match chain(from, version, migrations) {
            Some(chain) => OtherKind::From(from, chain),
            None => OtherKind::None,
        };
        let is_named = |was: &String| was == name || aliases.contains(was);
        let earlier = || migrations.iter().filter(|migration| migration.from < version);
        let exactly = |migration: &&TypeMigration| self.is_source(migration, stored);
        let mut readers: Vec<u32> = earlier().filter(exactly).map(|migration| migration.from).collect();
        let is_whole = matches!(self.stored_node(stored), Node::Struct(_) | Node::Enum(_));
        if readers.is_empty() && !is_whole {
            let by_rules = |migration: &&TypeMigration| self.made(migration, stored, zone).is_some();
            readers = earlier().filter(by_rules).map(|migration| migration.from).collect();
        }
        match (self.stored_node(stored), self.new_node(new)) {
            (Node::Struct(_), Node::Struct(_)) | (Node::Enum(_), Node::Enum(_)) => OtherKind::None,
            (Node::Struct(was), _) if is_named(&was.name) => match &self.stored.hints()[stored.index()] {
                NodeHints::Struct(hints) if is_over_function(was.version, version, &hints.migrations) => {
                    OtherKind::Back
                }
                _ => from(was.version),
            },
            (Node::Enum(was), _) if is_named(&was.name) => match &self.stored.hints()[stored.index()] {
                NodeHints::Enum(hints) if is_over_function(was.version, version, &hints.migrations) => OtherKind::Back,
                _ => from(was.version),
            },
            (Node::Struct(_) | Node::Enum(_), _) => OtherKind::None,
            // Without a name, only the layout shows which function reads the part.
            _ if readers.len() == 1 => from(readers[0]),
            (Node::Opaque(was), _) if is_named(&was.name) => from(was.version),
            _ => OtherKind::None,
        }
    }

    /// Whether a function reads exactly the stored layout.
    pub(super) fn is_source(&self, migration: &TypeMigration, stored: NodeId) -> bool {
        migration.source.as_ref().is_some_and(|source| {
            let source = Layout::new(source.schema().nodes(), self.stored.configuration().integers);
            is_same((Layout::of(self.stored), stored), (source, NodeId::ROOT))
        })
    }
}
