//! A snapshot as parts that can be changed and put together again.

use typeser::SerializerSnapshot;
use typeser::schema::{EnumNode, Field, IntegerEncoding, Node, NodeId, OpaqueNode, Primitive, Schema, Variant};
use typeser::snapshot::{Configuration, EnumHints, NodeHints, OpaqueHints, RecordHints, RootHints, TypeMigration};

/// A record: the name of its struct or variant, its fields, and their hints.
pub(super) type Named<'a> = (&'a str, &'a mut Vec<Field>, &'a mut RecordHints);

/// The parts of a snapshot.
pub(super) struct Parts {
    pub(super) root: NodeId,
    pub(super) nodes: Vec<Node>,
    pub(super) hints: Vec<NodeHints>,
    pub(super) integers: IntegerEncoding,
    pub(super) ordered: bool,
    /// What is declared of the value as a whole.
    pub(super) whole: RootHints,
}

impl Parts {
    pub(super) fn of(snapshot: &SerializerSnapshot) -> Self {
        let (nodes, hints) = (snapshot.schema().nodes().to_vec(), snapshot.hints().to_vec());
        let Configuration { integers, ordered } = snapshot.configuration();
        Self { root: NodeId::ROOT, nodes, hints, integers, ordered, whole: snapshot.root_hints().clone() }
    }

    pub(super) fn snapshot(self) -> Option<SerializerSnapshot> {
        let (schema, order) = Schema::numbered(self.nodes, self.root).ok()?;
        let hints = order.iter().map(|old| self.hints[old.index()].clone()).collect();
        let configuration = Configuration { integers: self.integers, ordered: self.ordered };
        SerializerSnapshot::with_root("oracle".to_owned(), 1, configuration, schema, hints, self.whole).ok()
    }

    pub(super) fn push(&mut self, node: Node) -> NodeId {
        self.hints.push(NodeHints::empty(&node));
        self.nodes.push(node);
        NodeId::new(self.nodes.len() as u32 - 1)
    }

    /// Replaces a node by another one without names.
    pub(super) fn set(&mut self, at: usize, node: Node) {
        self.hints[at] = NodeHints::empty(&node);
        self.nodes[at] = node;
    }

    pub(super) fn is(&self, id: NodeId, primitive: Primitive) -> bool {
        self.nodes[id.index()] == Node::Primitive(primitive)
    }

    /// Redirects all references to a node to another one.
    pub(super) fn redirect(&mut self, from: NodeId, to: NodeId) {
        let swap = |child: &mut NodeId| {
            if *child == from {
                *child = to;
            }
        };
        self.nodes.iter_mut().flat_map(references).for_each(swap);
    }

    /// Every record with the name of its struct or variant.
    pub(super) fn named_records(&mut self) -> impl Iterator<Item = Named<'_>> {
        self.nodes.iter_mut().zip(&mut self.hints).flat_map(|(node, hints)| {
            let mut records = Vec::new();
            match (node, hints) {
                (Node::Struct(node), NodeHints::Struct(hints)) => {
                    records.push((node.name.as_str(), &mut node.fields, &mut hints.record));
                }
                (Node::Enum(node), NodeHints::Enum(hints)) => {
                    let payloads = node.variants.iter_mut().zip(&mut hints.variants);
                    let payloads = payloads.map(|(variant, hints)| {
                        let Variant { name, fields, .. } = variant;
                        (name.as_str(), fields, &mut hints.record)
                    });
                    records.extend(payloads);
                }
                _ => {}
            }
            records
        })
    }

    /// Every record: its fields and its hints, which must be changed together.
    pub(super) fn records(&mut self) -> impl Iterator<Item = (&mut Vec<Field>, &mut RecordHints)> {
        self.named_records().map(|(_, fields, hints)| (fields, hints))
    }

    /// Every struct and enum: its name, its version, and the functions for whole values of it.
    pub(super) fn versions(&mut self) -> impl Iterator<Item = (&str, u32, &mut Vec<TypeMigration>)> {
        self.nodes.iter().zip(&mut self.hints).filter_map(|(node, hints)| match (node, hints) {
            (Node::Struct(node), NodeHints::Struct(hints)) => {
                Some((node.name.as_str(), node.version, &mut hints.migrations))
            }
            (Node::Enum(node), NodeHints::Enum(hints)) => {
                Some((node.name.as_str(), node.version, &mut hints.migrations))
            }
            _ => None,
        })
    }

    /// Every opaque leaf.
    pub(super) fn leaves(&mut self) -> impl Iterator<Item = (&mut OpaqueNode, &mut OpaqueHints)> {
        self.nodes.iter_mut().zip(&mut self.hints).filter_map(|(node, hints)| match (node, hints) {
            (Node::Opaque(node), NodeHints::Opaque(hints)) => Some((node, hints)),
            _ => None,
        })
    }

    pub(super) fn enums(&mut self) -> impl Iterator<Item = (&mut EnumNode, &mut EnumHints)> {
        self.nodes.iter_mut().zip(&mut self.hints).filter_map(|(node, hints)| match (node, hints) {
            (Node::Enum(node), NodeHints::Enum(hints)) => Some((node, hints)),
            _ => None,
        })
    }
}

/// The references of a node to its children.
pub(super) fn references(node: &mut Node) -> Vec<&mut NodeId> {
    match node {
        Node::Option(child) | Node::List(child) | Node::Set(child) | Node::NonZero(child) => vec![child],
        Node::Array { element, .. } => vec![element],
        Node::Map { key, value } => vec![key, value],
        Node::Tuple(elements) => elements.iter_mut().collect(),
        Node::Struct(node) => node.fields.iter_mut().map(|field| &mut field.node).collect(),
        Node::Enum(node) => {
            let fields = node.variants.iter_mut().flat_map(|variant| &mut variant.fields);
            fields.map(|field| &mut field.node).collect()
        }
        Node::Logical(node) => vec![&mut node.representation],
        Node::Primitive(_) | Node::Opaque(_) => Vec::new(),
    }
}
