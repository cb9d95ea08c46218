//! Evolutions to another type with the same bytes, and what is declared of the value as a whole.

use typeser::schema::{Field, Node, NodeId, Schema, StructNode};
use typeser::snapshot::{ConversionHint, FieldHints, NodeHints, RecordHints, StructHints};

use super::evolve::EditKind;
use super::generate::{Draft, FIELDS, RIGHT, TYPES, WRONG, name};
use super::model::functions::FUNCTIONS;
use super::source::Source;

impl Draft {
    /// Makes a struct of a node, with the same bytes, and declares what it was. Returns whether it did.
    pub(super) fn became(&mut self, id: NodeId, kind: EditKind, source: &mut Source) -> bool {
        let Ok((layout, _)) = Schema::numbered(self.nodes.clone(), id) else { return false };
        let (node, hints) = (self.nodes[id.index()].clone(), self.hints[id.index()].clone());
        let mut parts: Vec<NodeId> = match &node {
            Node::Tuple(elements) => elements.clone(),
            Node::Struct(node) => node.fields.iter().map(|field| field.node).collect(),
            _ => {
                let kept = self.push(node);
                self.hints[kept.index()] = hints;
                vec![kept]
            }
        };
        if parts.len() > FIELDS.len() {
            return false;
        }
        // Some parts are one: a tuple has the bytes of its elements.
        if parts.len() > 1 && source.one_in(4) {
            let last = parts.split_off(parts.len() - 2);
            parts.push(self.push(Node::Tuple(last)));
        }
        if kind == EditKind::Any && source.one_in(6) {
            parts.reverse();
        }
        let fields = parts.iter().zip(FIELDS).map(|(node, name)| Field { name: name.to_owned(), node: *node });
        let (fields, version) = (fields.collect::<Vec<_>>(), 1);
        let record = RecordHints { fields: vec![FieldHints::default(); fields.len()], removed: vec![] };
        let was = if source.one_in(8) { vec![] } else { vec![layout] };
        self.nodes[id.index()] = Node::Struct(StructNode { name: name(source, &TYPES), version, fields });
        self.hints[id.index()] = NodeHints::Struct(StructHints { was, record, ..StructHints::default() });
        true
    }

    /// Changes the value as a whole in a way that is declared where it is used. Returns whether it did.
    pub(super) fn declared_whole(&mut self, kind: EditKind, source: &mut Source) -> bool {
        let Ok((layout, _)) = Schema::numbered(self.nodes.clone(), NodeId::ROOT) else { return false };
        match self.nodes[0].clone() {
            Node::Option(inner) if inner != NodeId::ROOT => {
                let is_wrong = kind == EditKind::Any && source.one_in(4);
                self.whole.none = Some(if is_wrong { WRONG.to_vec() } else { RIGHT.to_vec() });
                let hints = self.hints[inner.index()].clone();
                self.nodes[0] = self.nodes[inner.index()].clone();
                self.hints[0] = hints;
            }
            Node::Primitive(from) if FUNCTIONS.iter().any(|function| function.from == from) => {
                let Some(function) = FUNCTIONS.iter().find(|function| function.from == from) else { return false };
                let injective = function.injective && !source.one_in(4);
                let hint = ConversionHint { id: function.id.to_owned(), injective, source: layout.into() };
                self.whole.conversions.push(hint);
                self.nodes[0] = Node::Primitive(function.to);
            }
            Node::Struct(node) => {
                self.whole.was.push(layout);
                let parts = node.fields.iter().map(|field| field.node).collect();
                self.nodes[0] = Node::Tuple(parts);
                self.hints[0] = NodeHints::None;
            }
            _ => return false,
        }
        true
    }
}
