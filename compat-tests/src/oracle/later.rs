//! Evolutions of a type by functions for whole values: another layout, or the same one that means something else.

use typeser::schema::{Node, NodeId, Schema};
use typeser::snapshot::{NodeHints, TypeMigration};

use super::generate::Draft;
use super::model::functions::{Kind, MIGRATIONS, Migration};
use super::source::Source;

impl Draft {
    /// Makes a type a later version of itself, by functions; where anything goes, some of them are missing or of no use.
    /// Answers whether it has a version.
    pub(super) fn migrated(&mut self, id: NodeId, anything: bool, source: &mut Source) -> bool {
        let (is_trip, is_enum, version) = match &self.nodes[id.index()] {
            Node::Struct(node) => (node.name == "Trip" && node.version < 4, false, node.version),
            Node::Enum(node) => (false, true, node.version),
            _ => return false,
        };
        let (kind, mut functions, now) = match (is_trip, is_enum, source.below(3)) {
            (true, ..) => (Kind::Trip4, vec![(1, 0), (2, 1), (3, 2)], 4),
            (_, true, _) => (Kind::Sorted, vec![(version, 5)], version + 1),
            (_, _, 0) => (Kind::Measured, vec![(version, 3), (version + 1, 4)], version + 2),
            _ => (Kind::Measured, vec![(version, 4)], version + 1),
        };
        if is_trip && source.one_in(3) {
            // What can no more be there needs no function.
            functions.drain(..version as usize - 1);
        }
        if anything {
            match source.below(8) {
                0 => drop(functions.remove(source.below(functions.len()))),
                1 => {
                    let at = source.below(functions.len());
                    functions[at].0 += 1;
                }
                2 => {
                    let at = source.below(functions.len());
                    functions[at].1 = source.below(MIGRATIONS.len());
                }
                _ => {}
            }
        }
        let made = self.kind(kind);
        let mut node = self.nodes[made.index()].clone();
        let mut hints = self.hints[made.index()].clone();
        let migrations = functions.into_iter().map(|(from, which)| hint(from, MIGRATIONS[which])).collect();
        match (&mut node, &mut hints, &self.nodes[id.index()], &self.hints[id.index()]) {
            (Node::Struct(node), NodeHints::Struct(hints), Node::Struct(was), NodeHints::Struct(before)) => {
                (node.name, node.version) = (was.name.clone(), now);
                (hints.aliases, hints.migrations) = (before.aliases.clone(), migrations);
            }
            (Node::Enum(node), NodeHints::Enum(hints), Node::Enum(was), NodeHints::Enum(before)) => {
                (node.name, node.version) = (was.name.clone(), now);
                (hints.aliases, hints.migrations) = (before.aliases.clone(), migrations);
            }
            _ => return false,
        }
        self.nodes[id.index()] = node;
        self.hints[id.index()] = hints;
        true
    }
}

fn hint(from: u32, function: Migration) -> TypeMigration {
    let source = Schema::numbered(function.takes.nodes(), NodeId::ROOT).ok().map(|(schema, _)| schema);
    TypeMigration { from, id: function.id.to_owned(), source }
}
