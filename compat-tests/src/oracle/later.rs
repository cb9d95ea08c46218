//! Versions of types and of opaque leaves: layouts that functions of the program read, and their evolutions.

use typeser::schema::{Field, Node, NodeId, OpaqueNode, Primitive, Schema, StructNode};
use typeser::snapshot::{
    ConversionHint, FieldHints, NodeHints, OpaqueHints, OpaqueMigration, Source as Stored, TypeMigration,
};

use super::generate::{Draft, FIELDS, TYPES, encoding, leaf, name, version};
use super::model::functions::{Kind, MIGRATIONS, Migration, NOTES, STRAIGHT};
use super::source::Source;

impl Draft {
    /// Types that functions for whole values read, and opaque leaves.
    pub(super) fn of_versions(source: &mut Source) -> Self {
        let mut draft = Self::empty(encoding(source));
        let root = draft.push(Node::Primitive(Primitive::Unit));
        let beside = leaf(source);
        let beside = draft.push(beside);
        let inner = match source.below(9) {
            8 => draft.kind(Kind::Label1),
            6 => draft.kind(Kind::Number),
            7 => draft.kind(Kind::Tally2),
            kind @ 0..=2 => {
                let id = draft.kind([Kind::Trip1, Kind::Trip2, Kind::Trip3][kind]);
                // A version can have been stored with a layout that differs from the kept type.
                if source.one_in(6)
                    && let Node::Struct(node) = &mut draft.nodes[id.index()]
                {
                    node.version = 1 + source.below(4) as u32;
                }
                // The kept type can be one of a later release, still of the same version.
                match source.below(6) {
                    0 if kind == 0 => narrow(&mut draft, id),
                    1 => add_field(&mut draft, id, beside, source),
                    2 => {
                        if let Node::Struct(node) = &mut draft.nodes[id.index()] {
                            node.fields.reverse();
                        }
                    }
                    _ => {}
                }
                id
            }
            3 => draft.opaque(source),
            kind => {
                let leaf = match kind {
                    4 => draft.opaque(source),
                    _ => draft.kind(*source.pick(&[Kind::Corner, Kind::Corner, Kind::Mirrored, Kind::Point])),
                };
                let fields = [("a", leaf), ("b", beside)];
                let fields = fields.map(|(name, node)| Field { name: name.to_owned(), node }).to_vec();
                draft.push(Node::Struct(StructNode { name: name(source, &TYPES), version: version(source), fields }))
            }
        };
        let node = match source.below(8) {
            6 => Node::Map { key: inner, value: beside },
            7 => Node::Set(inner),
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

    /// Makes a field a current point, with the function that reads points of an intermediate release.
    pub(super) fn straightened(&mut self, field: &mut Field, hints: &mut FieldHints) {
        let Ok((source, _)) = Schema::numbered(Kind::Mirrored.nodes(), NodeId::ROOT) else { return };
        hints.conversions.push(ConversionHint { id: STRAIGHT.to_owned(), injective: false, source: source.into() });
        field.node = self.kind(Kind::Point);
        if let NodeHints::Struct(hints) = &mut self.hints[field.node.index()] {
            for (field, alias) in hints.record.fields.iter_mut().zip(["b", "a"]) {
                field.aliases.push(alias.to_owned());
            }
        }
    }

    /// Adds the layout of a kind that functions take or return. Returns its root.
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
        let (name, version, parameters) = (name(source, &TYPES), version(source), Vec::new());
        let id = self.push(Node::Opaque(OpaqueNode { name, version, framed, parameters }));
        self.declare_opaque(id, source);
        id
    }

    /// Adds random hints about earlier versions to an opaque leaf.
    pub(super) fn declare_opaque(&mut self, id: NodeId, source: &mut Source) {
        if let Node::Opaque(node) = &self.nodes[id.index()] {
            self.hints[id.index()] = NodeHints::Opaque(opaque_hints(node.version, source));
        }
    }

    /// Makes a type a later version of itself, with functions. If `anything` is allowed, some of them are missing or
    /// wrong. Returns whether the type has a version.
    pub(super) fn migrated(&mut self, id: NodeId, anything: bool, source: &mut Source) -> bool {
        let (was, version) = match &self.nodes[id.index()] {
            Node::Struct(node) => (node.name.clone(), node.version),
            Node::Enum(node) => (node.name.clone(), node.version),
            Node::Opaque(node) => (node.name.clone(), node.version),
            // Of these, the layout alone shows that a function reads them.
            Node::Primitive(Primitive::U32) => ("Tally".to_owned(), 1),
            _ => return false,
        };
        let is_number = matches!(self.nodes[id.index()], Node::Primitive(_));
        let is_trip = was == "Trip" && version < 4;
        // The new type may be of another kind than the old one.
        let (kind, mut functions, now) = match (&*was, source.below(4)) {
            ("Trip", _) if is_trip => (Kind::Trip4, vec![(1, 0), (2, 1), (3, 2)], 4),
            ("Label", 0..=2) if version == 1 => (Kind::Label2, vec![(1, 8)], 2),
            ("Tally", _) if is_number || version == 2 => (Kind::Tally3, vec![(1, 6), (2, 7)], 3),
            (_, 0 | 1) => (Kind::Sorted, vec![(version, 5)], version + 1),
            (_, 2) => (Kind::Measured, vec![(version, 3), (version + 1, 4)], version + 2),
            _ => (Kind::Measured, vec![(version, 4)], version + 1),
        };
        if is_trip && source.one_in(3) {
            // Versions that are no longer stored need no function.
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
        let mut migrations: Vec<TypeMigration> =
            functions.into_iter().map(|(from, which)| hint(from, MIGRATIONS[which], source)).collect();
        if source.one_in(4) {
            migrations.iter_mut().for_each(|migration| migration.injective = false);
        }
        let before = match &self.hints[id.index()] {
            NodeHints::Struct(before) => before.aliases.clone(),
            NodeHints::Enum(before) => before.aliases.clone(),
            _ => vec![],
        };
        match (&mut node, &mut hints) {
            (Node::Struct(node), NodeHints::Struct(hints)) => {
                (node.name, node.version) = (was, now);
                (hints.aliases, hints.migrations) = (before, migrations);
            }
            (Node::Enum(node), NodeHints::Enum(hints)) => {
                (node.name, node.version) = (was, now);
                (hints.aliases, hints.migrations) = (before, migrations);
            }
            _ => return false,
        }
        self.nodes[id.index()] = node;
        self.hints[id.index()] = hints;
        true
    }

    /// A later version of an opaque leaf that reads every version that can be stored.
    pub(super) fn later_leaf(&mut self, id: NodeId, mut node: OpaqueNode, source: &mut Source) -> NodeId {
        let NodeHints::Opaque(mut hints) = self.hints[id.index()].clone() else { return id };
        hints.migrates.clear();
        match source.below(3) {
            // The function for a version also reads the versions that that version read.
            0 | 1 => hints.migrates.push(migrates(node.version, source)),
            _ => hints.reads.push(node.version),
        }
        node.version += 1;
        let id = self.push(Node::Opaque(node));
        self.hints[id.index()] = NodeHints::Opaque(hints);
        id
    }

    /// An arbitrary other opaque leaf.
    pub(super) fn other_leaf(&mut self, id: NodeId, mut node: OpaqueNode, source: &mut Source) -> NodeId {
        match source.below(6) {
            0 => node.framed = !node.framed,
            1 | 2 => return self.later_leaf(id, node, source),
            3 | 4 => node.version += 1,
            // The same leaf with other hints about earlier versions.
            _ => {}
        }
        let hints = opaque_hints(node.version, source);
        let id = self.push(Node::Opaque(node));
        self.hints[id.index()] = NodeHints::Opaque(hints);
        id
    }
}

/// Makes the number of metres a narrower one.
fn narrow(draft: &mut Draft, id: NodeId) {
    let narrower = draft.push(Node::Primitive(Primitive::U16));
    if let Node::Struct(node) = &mut draft.nodes[id.index()]
        && let Some(metres) = node.fields.iter_mut().find(|field| field.name == "metres")
    {
        metres.node = narrower;
    }
}

/// Adds a field that the kept type does not have.
fn add_field(draft: &mut Draft, id: NodeId, node: NodeId, source: &mut Source) {
    let name = name(source, &FIELDS);
    if let Node::Struct(record) = &mut draft.nodes[id.index()] {
        record.fields.push(Field { name, node });
    }
    if let NodeHints::Struct(hints) = &mut draft.hints[id.index()] {
        hints.record.fields.push(FieldHints::default());
    }
}

fn hint(from: u32, function: Migration, source: &mut Source) -> TypeMigration {
    let schema = Schema::numbered(function.takes.nodes(), NodeId::ROOT).ok().map(|(schema, _)| schema);
    let exact = source.one_in(8);
    let source = schema.map(|schema| {
        let mut hints: Vec<NodeHints> = schema.nodes().iter().map(NodeHints::empty).collect();
        if let (Node::Struct(node), Some(NodeHints::Struct(hints))) = (schema.root(), hints.first_mut()) {
            // What earlier releases had: fields that are gone, and earlier names.
            for name in FIELDS {
                if !source.one_in(4) {
                    continue;
                }
                match source.below(node.fields.len() + 2) {
                    at if at < node.fields.len() => hints.record.fields[at].aliases.push(name.to_owned()),
                    _ => hints.record.removed.push(name.to_owned()),
                }
            }
        }
        Stored::new(schema, hints)
    });
    TypeMigration { from, id: function.id.to_owned(), injective: function.injective, exact, source }
}

/// Random hints of an opaque leaf of this version about earlier ones.
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

/// Shifts the numbers of a node's children.
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
