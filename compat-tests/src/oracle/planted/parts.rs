//! A snapshot taken apart, so that it can be put together in another way.

use typeser::SerializerSnapshot;
use typeser::schema::{EnumNode, IntegerEncoding, Node, NodeId, Primitive, Schema};
use typeser::snapshot::{Configuration, EnumHints, NodeHints, RecordHints};

/// The parts of a snapshot.
pub(super) struct Parts {
    pub(super) nodes: Vec<Node>,
    pub(super) hints: Vec<NodeHints>,
    integers: IntegerEncoding,
}

impl Parts {
    pub(super) fn of(snapshot: &SerializerSnapshot) -> Self {
        let (nodes, hints) = (snapshot.schema().nodes().to_vec(), snapshot.hints().to_vec());
        Self { nodes, hints, integers: snapshot.configuration().integers }
    }

    pub(super) fn snapshot(self) -> Option<SerializerSnapshot> {
        let (schema, order) = Schema::numbered(self.nodes, NodeId::ROOT).ok()?;
        let hints = order.iter().map(|old| self.hints[old.index()].clone()).collect();
        let configuration = Configuration { integers: self.integers };
        SerializerSnapshot::new("oracle".to_owned(), 1, configuration, schema, hints).ok()
    }

    pub(super) fn push(&mut self, node: Node) -> NodeId {
        self.hints.push(NodeHints::empty(&node));
        self.nodes.push(node);
        NodeId::new(self.nodes.len() as u32 - 1)
    }

    /// Puts another node in the place of one that has no names.
    pub(super) fn set(&mut self, at: usize, node: Node) {
        self.hints[at] = NodeHints::empty(&node);
        self.nodes[at] = node;
    }

    pub(super) fn is(&self, id: NodeId, primitive: Primitive) -> bool {
        self.nodes[id.index()] == Node::Primitive(primitive)
    }

    /// Every record: the names and nodes of its fields, to be changed with its hints.
    pub(super) fn records(&mut self) -> impl Iterator<Item = (&mut Vec<typeser::schema::Field>, &mut RecordHints)> {
        self.nodes.iter_mut().zip(&mut self.hints).flat_map(|(node, hints)| {
            let mut records = Vec::new();
            match (node, hints) {
                (Node::Struct(node), NodeHints::Struct(hints)) => records.push((&mut node.fields, &mut hints.record)),
                (Node::Enum(node), NodeHints::Enum(hints)) => {
                    let payloads = node.variants.iter_mut().zip(&mut hints.variants);
                    records.extend(payloads.map(|(variant, hints)| (&mut variant.fields, &mut hints.record)));
                }
                _ => {}
            }
            records
        })
    }

    pub(super) fn enums(&mut self) -> impl Iterator<Item = (&mut EnumNode, &mut EnumHints)> {
        self.nodes.iter_mut().zip(&mut self.hints).filter_map(|(node, hints)| match (node, hints) {
            (Node::Enum(node), NodeHints::Enum(hints)) => Some((node, hints)),
            _ => None,
        })
    }
}
