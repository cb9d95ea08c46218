//! Versions of types and of opaque leaves: layouts that functions of the program read, and how they come to be others.

use typeser::schema::{Field, Node, NodeId, OpaqueNode, Primitive, Schema, StructNode};
use typeser::snapshot::{NodeHints, OpaqueHints, OpaqueMigration, TypeMigration};

use super::generate::{Draft, TYPES, encoding, leaf, name, version};
use super::model::functions::{Kind, MIGRATIONS, Migration, NOTES};
use super::source::Source;

impl Draft {
    /// What functions for whole values read, and what nobody looks into.
    pub(super) fn of_versions(source: &mut Source) -> Self {
        let mut draft = Self::empty(encoding(source));
        let root = draft.push(Node::Primitive(Primitive::Unit));
        let beside = leaf(source);
        let beside = draft.push(beside);
        let inner = match source.below(5) {
            kind @ 0..=2 => {
                let id = draft.kind([Kind::Trip1, Kind::Trip2, Kind::Trip3][kind]);
                // A version may have been stored with another layout than the one that is kept.
                if source.one_in(6)
                    && let Node::Struct(node) = &mut draft.nodes[id.index()]
                {
                    node.version = 1 + source.below(4) as u32;
                }
                id
            }
            3 => draft.opaque(source),
            _ => {
                let leaf = draft.opaque(source);
                let fields = [("a", leaf), ("b", beside)];
                let fields = fields.map(|(name, node)| Field { name: name.to_owned(), node }).to_vec();
                draft.push(Node::Struct(StructNode { name: name(source, &TYPES), version: version(source), fields }))
            }
        };
        let node = match source.below(6) {
            0 => Node::List(inner),
            1 => Node::Option(inner),
            2 => Node::Map { key: beside, value: inner },
            3 => Node::Tuple(vec![beside, inner, beside]),
            4 => {
                let fields = [("x", beside), ("y", inner)];
                let fields = fields.map(|(name, node)| Field { name: name.to_owned(), node }).to_vec();
                Node::Struct(StructNode { name: name(source, &TYPES), version: 1, fields })
            }
            _ => Node::Array { element: inner, length: 2 },
        };
        draft.set(root, node);
        draft
    }

    /// The layout of a kind that functions take or give; its top.
    fn kind(&mut self, kind: Kind) -> NodeId {
        let first = self.nodes.len() as u32;
        for mut node in kind.nodes() {
            shift(&mut node, first);
            self.push(node);
        }
        NodeId::new(first)
    }

    fn opaque(&mut self, source: &mut Source) -> NodeId {
        let framed = !source.one_in(8);
        let id = self.push(Node::Opaque(OpaqueNode { name: name(source, &TYPES), version: version(source), framed }));
        self.declare_opaque(id, source);
        id
    }

    /// What an opaque leaf says of earlier versions.
    pub(super) fn declare_opaque(&mut self, id: NodeId, source: &mut Source) {
        if let Node::Opaque(node) = &self.nodes[id.index()] {
            self.hints[id.index()] = NodeHints::Opaque(opaque_hints(node.version, source));
        }
    }

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

    /// A later version of an opaque leaf, which reads all that may lie there.
    pub(super) fn later_leaf(&mut self, id: NodeId, mut node: OpaqueNode, source: &mut Source) -> NodeId {
        let NodeHints::Opaque(mut hints) = self.hints[id.index()].clone() else { return id };
        hints.migrates.clear();
        match source.below(3) {
            // Of a version that is migrated, the function reads what that one read.
            0 | 1 => hints.migrates.push(migrates(node.version, source)),
            _ => hints.reads.push(node.version),
        }
        node.version += 1;
        let id = self.push(Node::Opaque(node));
        self.hints[id.index()] = NodeHints::Opaque(hints);
        id
    }

    /// Any other opaque leaf.
    pub(super) fn other_leaf(&mut self, id: NodeId, mut node: OpaqueNode, source: &mut Source) -> NodeId {
        match source.below(6) {
            0 => node.framed = !node.framed,
            1 | 2 => return self.later_leaf(id, node, source),
            3 | 4 => node.version += 1,
            // The same leaf, which says other things of earlier versions.
            _ => {}
        }
        let hints = opaque_hints(node.version, source);
        let id = self.push(Node::Opaque(node));
        self.hints[id.index()] = NodeHints::Opaque(hints);
        id
    }
}

fn hint(from: u32, function: Migration) -> TypeMigration {
    let source = Schema::numbered(function.takes.nodes(), NodeId::ROOT).ok().map(|(schema, _)| schema);
    TypeMigration { from, id: function.id.to_owned(), source }
}

/// What an opaque leaf of this version may say of earlier ones.
fn opaque_hints(version: u32, source: &mut Source) -> OpaqueHints {
    let mut hints = OpaqueHints::default();
    for earlier in 1..version.min(6) {
        match source.below(4) {
            0 => hints.reads.push(earlier),
            1 => hints.migrates.push(migrates(earlier, source)),
            _ => {}
        }
    }
    hints
}

/// A function for an earlier version of an opaque leaf.
fn migrates(from: u32, source: &mut Source) -> OpaqueMigration {
    OpaqueMigration { from, id: (*source.pick(&NOTES)).to_owned() }
}

/// The same node with parts that stand so much further on.
fn shift(node: &mut Node, by: u32) {
    let swap = |child: &mut NodeId| *child = NodeId::new(child.number() + by);
    match node {
        Node::Option(child) | Node::List(child) => swap(child),
        Node::Struct(node) => node.fields.iter_mut().for_each(|field| swap(&mut field.node)),
        Node::Enum(node) => {
            node.variants.iter_mut().flat_map(|variant| &mut variant.fields).for_each(|field| swap(&mut field.node));
        }
        _ => {}
    }
}
