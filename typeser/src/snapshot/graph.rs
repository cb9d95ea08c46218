//! The graph that type expressions build, node by node.

use std::collections::HashMap;

use super::error::ParseSnapshotError;
use super::scan::{Position, Scanner};
use crate::schema::{Limits, Node, NodeId};

/// What expressions refer to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Reference {
    /// The so-many-th type of this name, from 1.
    Named(String, u32),
    /// `$1`
    Shape(u32),
}

/// A graph that grows from expressions. Unnamed shapes that are written twice become one node.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Option<Node>>,
    /// For each node where its definition is, or the expression that it is part of.
    pub(super) places: Vec<Position>,
    pub(super) defined: HashMap<Reference, NodeId>,
    pub(super) interned: HashMap<Node, NodeId>,
}

impl Graph {
    /// The node of an unnamed shape, the same for the same shape.
    pub(super) fn intern(&mut self, node: Node, at: &Scanner<'_>) -> Result<NodeId, ParseSnapshotError> {
        if let Some(known) = self.interned.get(&node) {
            return Ok(*known);
        }
        let id = self.reserve(at.begin(), || at.position())?;
        self.nodes[id.index()] = Some(node.clone());
        self.interned.insert(node, id);
        Ok(id)
    }

    /// The node of a definition.
    pub(super) fn defined(&self, reference: &Reference) -> Option<NodeId> {
        self.defined.get(reference).copied()
    }

    /// The names of all definitions of structs and enums.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.defined.keys().filter_map(|reference| match reference {
            Reference::Named(name, _) => Some(name.as_str()),
            Reference::Shape(_) => None,
        })
    }

    pub(super) fn reserve(&mut self, place: Position, at: impl Fn() -> Position) -> Result<NodeId, ParseSnapshotError> {
        if self.nodes.len() == Limits::NODES {
            return Err(at().error(format!("a layout may have {} nodes, here is one more", Limits::NODES)));
        }
        let id = NodeId::new(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(None);
        self.places.push(place);
        Ok(id)
    }
}
