//! Collects the description of a type: its node, and those of all types in it.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::Arc;

use super::conversions::{Conversions, Function, Link};
use super::describe_error::DescribeError;
use super::described::Described;
use crate::schema::{IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive};
use crate::snapshot::{Location, NodeHints, OpaqueHints, OpaqueMigration};

/// Collects the description of a type: each Rust type becomes a node, once.
#[derive(Debug)]
pub struct Describer {
    pub(super) integers: IntegerEncoding,
    /// `None` while a node is being described: a type that contains itself finds its number already taken.
    pub(super) nodes: Vec<Option<Node>>,
    pub(super) hints: Vec<NodeHints>,
    pub(super) locations: Vec<Option<Location>>,
    pub(super) known: HashMap<TypeId, NodeId>,
    pub(super) conversions: Conversions,
    pub(super) functions: Functions,
    pub(super) failure: Option<DescribeError>,
}

/// What becomes of the functions that attributes name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Functions {
    /// They are kept.
    Kept,
    /// They are left out, as for what functions read. That also ends the circle of a type whose function reads a type
    /// that holds it.
    LeftOut {
        /// Whether there was one.
        any: bool,
    },
}

impl Describer {
    pub(super) fn new(integers: IntegerEncoding, functions: Functions) -> Self {
        Self {
            integers,
            nodes: Vec::new(),
            hints: Vec::new(),
            locations: Vec::new(),
            known: HashMap::new(),
            conversions: Conversions::new(),
            functions,
            failure: None,
        }
    }

    /// The node of the type `T`: the one it has already, or the one that `build` describes.
    ///
    /// `build` describes children by `Child::describe(describer)`.
    pub fn node<T: 'static>(&mut self, build: impl FnOnce(&mut Self) -> Node) -> NodeId {
        self.described::<T>(None, |describer| {
            let node = build(describer);
            let hints = NodeHints::empty(&node);
            (node, hints)
        })
    }

    /// The node of a leaf.
    pub fn primitive<T: 'static>(&mut self, primitive: Primitive) -> NodeId {
        self.node::<T>(|_| Node::Primitive(primitive))
    }

    /// The node of a logical type over a representation, which `build` describes.
    ///
    /// `name` is one of [`logical::NAMES`](crate::schema::logical::NAMES).
    pub fn logical<T: 'static>(&mut self, name: &str, build: impl FnOnce(&mut Self) -> NodeId) -> NodeId {
        self.logical_with::<T>(name, &[], build)
    }

    /// As [`Describer::logical`], with parameters, sorted by name: they are compared, never ignored.
    pub fn logical_with<T: 'static>(
        &mut self,
        name: &str,
        parameters: &[(&str, &str)],
        build: impl FnOnce(&mut Self) -> NodeId,
    ) -> NodeId {
        self.node::<T>(|describer| {
            let representation = build(describer);
            let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Node::Logical(LogicalNode { name: name.to_owned(), parameters, representation })
        })
    }

    /// A node without a Rust type, such as the representation of a logical type.
    ///
    /// Equal ones become one node when the description is complete.
    pub fn anonymous(&mut self, node: Node) -> NodeId {
        let id = NodeId::new(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.hints.push(NodeHints::empty(&node));
        self.nodes.push(Some(node));
        self.locations.push(None);
        id
    }

    /// The node of an opaque leaf, with the functions that read earlier versions of it.
    pub(super) fn opaque<T: 'static>(
        &mut self,
        node: OpaqueNode,
        mut hints: OpaqueHints,
        functions: impl Iterator<Item = (u32, Arc<dyn Function>)>,
    ) -> NodeId {
        self.described::<T>(None, |describer| {
            for (from, function) in functions {
                let id = format!("opaque {} v{from}", node.name);
                if describer.keeps_functions() {
                    let id = describer.conversions.add(id, function);
                    hints.migrates.push(OpaqueMigration { from, id });
                }
            }
            (Node::Opaque(node), NodeHints::Opaque(hints))
        })
    }

    pub(super) fn described<T: 'static>(
        &mut self,
        location: Option<Location>,
        build: impl FnOnce(&mut Self) -> (Node, NodeHints),
    ) -> NodeId {
        if let Some(known) = self.known.get(&TypeId::of::<T>()) {
            return *known;
        }
        let id = NodeId::new(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.known.insert(TypeId::of::<T>(), id);
        self.nodes.push(None);
        self.hints.push(NodeHints::None);
        self.locations.push(location);
        let (node, hints) = build(self);
        self.nodes[id.index()] = Some(node);
        self.hints[id.index()] = hints;
        id
    }

    /// Whether a function is kept. If not, it is noted that there is one.
    pub(super) fn keeps_functions(&mut self) -> bool {
        match &mut self.functions {
            Functions::Kept => true,
            Functions::LeftOut { any } => {
                *any = true;
                false
            }
        }
    }

    /// Keeps a function. Gives its id and what it reads, if it does not read any layout; `None` if that has none.
    pub(super) fn link(&mut self, id: String, link: Link) -> Option<(String, Option<Described>)> {
        match (link.source)(self.integers).transpose() {
            Ok(source) => Some((self.conversions.add(id, link.function), source)),
            Err(failure) => {
                self.failure.get_or_insert(failure);
                None
            }
        }
    }
}
