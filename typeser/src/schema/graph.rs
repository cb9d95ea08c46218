//! The schema itself: checked nodes, numbered depth-first from the root.

use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use super::limits::Limits;
use super::logical;
use super::node::{LogicalNode, Node, NodeId, OpaqueNode, Primitive};
use super::size::Sizes;

/// A layout: a flat graph of nodes, with node 0 as the root.
///
/// Every node is reachable from the root and numbered in the order in which a depth-first walk first meets it, so
/// equal graphs have equal numbers. No value of the described type is infinitely large.
///
/// ```
/// use typeser::schema::{Node, Primitive};
/// use typeser::{Serializer, TypeSerializer};
///
/// let serializer = Serializer::<Vec<Option<u32>>>::new()?;
/// let schema = serializer.snapshot().schema();
/// let mut nodes = schema.nodes().iter();
/// assert!(matches!(nodes.next(), Some(Node::List(_))));
/// assert!(matches!(nodes.next(), Some(Node::Option(_))));
/// assert!(matches!(nodes.next(), Some(Node::Primitive(Primitive::U32))));
/// assert!(nodes.next().is_none());
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Schema {
    nodes: Vec<Node>,
    sizes: Kept,
}

/// The sizes of all nodes, computed on first use. They follow from the nodes, so comparisons ignore them.
#[derive(Debug, Clone, Default)]
struct Kept(OnceLock<Box<[Sizes]>>);

impl PartialEq for Kept {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Kept {}

impl Hash for Kept {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Why nodes do not make a schema.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// There is no root.
    #[error("a schema needs at least one node")]
    Empty,
    /// More nodes than a schema may have.
    #[error("{count} nodes are more than the {} that a schema may have", Limits::NODES)]
    TooManyNodes {
        /// How many there were.
        count: usize,
    },
    /// A node refers to one that does not exist.
    #[error("node {node} refers to node {child}, but there are only {count} nodes")]
    DanglingNode {
        /// The node that refers.
        node: u32,
        /// The number that it names.
        child: u32,
        /// How many nodes there are.
        count: usize,
    },
    /// A name is too long.
    #[error("node {node} holds a name of {length} bytes; names may have {}", Limits::NAME_BYTES)]
    NameTooLong {
        /// The node.
        node: u32,
        /// The length in bytes.
        length: usize,
    },
    /// The nodes are not numbered depth-first, or some cannot be reached.
    #[error("node {node} is not where a depth-first walk from the root puts it")]
    NotDepthFirst {
        /// The first node out of place.
        node: u32,
    },
    /// A type contains itself without an option, enum or collection between: its values would never end.
    #[error("node {node} contains itself without an option, enum or collection between, so its values would never end")]
    Infinite {
        /// A node on the cycle.
        node: u32,
    },
    /// More names and references than a schema may hold.
    #[error("the schema weighs {weight}, counting names and references; a schema may weigh {}", Limits::SCHEMA_WEIGHT)]
    TooHeavy {
        /// What it weighs, as [`Limits::SCHEMA_WEIGHT`] counts.
        weight: usize,
    },
    /// The parameters of a logical type or opaque leaf are not sorted by name, or one is there twice.
    #[error("node {node} is a type whose parameters are not sorted by name, each once")]
    UnsortedParameters {
        /// The node.
        node: u32,
    },
    /// Only integers can be non-zero.
    #[error("node {node} is declared non-zero but is not an integer")]
    NonZeroOfNonInteger {
        /// The node.
        node: u32,
    },
}

crate::text::debug_as_display!(SchemaError);

impl Schema {
    /// Checks nodes that are already numbered depth-first, such as those that were read from a snapshot.
    ///
    /// # Errors
    /// Says which node breaks which promise of a schema.
    pub fn new(nodes: Vec<Node>) -> Result<Self, SchemaError> {
        check(&nodes)?;
        let order = depth_first(&nodes);
        let misplaced = order.iter().enumerate().find(|(place, id)| *place != id.index()).map(|(place, _)| place);
        if let Some(place) = misplaced.or((order.len() < nodes.len()).then_some(order.len())) {
            return Err(SchemaError::NotDepthFirst { node: u32::try_from(place).unwrap_or(u32::MAX) });
        }
        Ok(Self { nodes, sizes: Kept::default() })
    }

    /// Numbers nodes depth-first from `root`, drops those that cannot be reached, and checks the rest.
    ///
    /// The second value maps every new number to the old one.
    ///
    /// # Errors
    /// Says which node breaks which promise of a schema.
    pub fn numbered(mut nodes: Vec<Node>, root: NodeId) -> Result<(Self, Vec<NodeId>), SchemaError> {
        if root.index() >= nodes.len() {
            return Err(SchemaError::Empty);
        }
        check(&nodes)?;
        let order = depth_first_from(&nodes, root);
        let mut number = vec![NodeId::ROOT; nodes.len()];
        for (new, old) in order.iter().enumerate() {
            number[old.index()] = NodeId::new(u32::try_from(new).unwrap_or(u32::MAX));
        }
        let numbered = order
            .iter()
            .map(|old| {
                let mut node = std::mem::replace(&mut nodes[old.index()], Node::Tuple(Vec::new()));
                node.renumber(|child| number[child.index()]);
                node
            })
            .collect();
        Ok((Self { nodes: numbered, sizes: Kept::default() }, order))
    }

    /// How many nodes there are; at least one.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a schema is never empty")]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The nodes in the order of their numbers.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The numbers of all nodes.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId::new)
    }

    /// What the schema weighs, as [`Limits::SCHEMA_WEIGHT`] counts.
    pub(crate) fn weight(&self) -> usize {
        self.nodes.iter().fold(0, |weight, node| weight.saturating_add(node_weight(&self.nodes, node)))
    }

    pub(super) fn known_sizes(&self) -> &OnceLock<Box<[Sizes]>> {
        &self.sizes.0
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.nodes[0]
    }

    /// A node by its number, which must be one of this schema's.
    #[must_use]
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The node behind logical types, which are written as their representations.
    pub(crate) fn behind_logical(&self, mut id: NodeId) -> NodeId {
        // Logical types cannot contain themselves without anything between, so this ends.
        while let Node::Logical(node) = self.node(id) {
            id = node.representation;
        }
        id
    }

    /// The seconds and nanoseconds of a logical type that is a time, which bounds the second of the two.
    ///
    /// `None` for all others, and where a hand-made snapshot gives the reserved name to something else.
    #[must_use]
    pub(crate) fn time_parts(&self, logical: &LogicalNode) -> Option<[NodeId; 2]> {
        if !matches!(logical.name.as_str(), logical::DURATION | logical::SYSTEM_TIME) {
            return None;
        }
        let Node::Tuple(parts) = self.node(logical.representation) else { return None };
        let [seconds, nanoseconds] = parts[..] else { return None };
        match (self.node(seconds), self.node(nanoseconds)) {
            (Node::Primitive(Primitive::U64), Node::Primitive(Primitive::U32)) => Some([seconds, nanoseconds]),
            _ => None,
        }
    }

    /// A node by its number.
    #[must_use]
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index())
    }
}

fn check(nodes: &[Node]) -> Result<(), SchemaError> {
    if nodes.is_empty() {
        return Err(SchemaError::Empty);
    }
    if nodes.len() > Limits::NODES {
        return Err(SchemaError::TooManyNodes { count: nodes.len() });
    }
    let mut weight = 0usize;
    for (number, node) in (0u32..).zip(nodes) {
        if let Some(child) = node.children().find(|child| child.index() >= nodes.len()) {
            return Err(SchemaError::DanglingNode { node: number, child: child.number(), count: nodes.len() });
        }
        if let Some(name) = names(node).into_iter().find(|name| name.len() > Limits::NAME_BYTES) {
            return Err(SchemaError::NameTooLong { node: number, length: name.len() });
        }
        weight = weight.saturating_add(node_weight(nodes, node));
        if let Node::Logical(LogicalNode { parameters, .. }) | Node::Opaque(OpaqueNode { parameters, .. }) = node
            && !parameters.is_sorted_by(|one, other| one.0 < other.0)
        {
            return Err(SchemaError::UnsortedParameters { node: number });
        }
        if let Node::NonZero(child) = node
            && !matches!(&nodes[child.index()], Node::Primitive(primitive) if primitive.is_integer())
        {
            return Err(SchemaError::NonZeroOfNonInteger { node: number });
        }
    }
    if weight > Limits::SCHEMA_WEIGHT {
        return Err(SchemaError::TooHeavy { weight });
    }
    infinite(nodes).map_or(Ok(()), |node| Err(SchemaError::Infinite { node }))
}

/// What a node weighs: its names, and its references with the names that they repeat.
fn node_weight(nodes: &[Node], node: &Node) -> usize {
    let of_names = names(node).iter().map(|name| name.len()).sum::<usize>();
    node.children().fold(of_names, |weight, child| weight.saturating_add(8 + name_bytes(&nodes[child.index()])))
}

/// The length of the name that refers to a node wherever it is used.
fn name_bytes(node: &Node) -> usize {
    match node {
        Node::Struct(node) => node.name.len(),
        Node::Enum(node) => node.name.len(),
        _ => 0,
    }
}

fn names(node: &Node) -> Vec<&str> {
    match node {
        Node::Struct(node) => {
            std::iter::once(node.name.as_str()).chain(node.fields.iter().map(|field| field.name.as_str())).collect()
        }
        Node::Enum(node) => std::iter::once(node.name.as_str())
            .chain(node.variants.iter().flat_map(|variant| {
                std::iter::once(variant.name.as_str()).chain(variant.fields.iter().map(|field| field.name.as_str()))
            }))
            .collect(),
        Node::Logical(LogicalNode { name, parameters, .. }) | Node::Opaque(OpaqueNode { name, parameters, .. }) => {
            let parameters = parameters.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
            std::iter::once(name.as_str()).chain(parameters).collect()
        }
        _ => Vec::new(),
    }
}

/// A node whose values contain themselves by necessity: a cycle over structs, tuples, arrays, logical types.
fn infinite(nodes: &[Node]) -> Option<u32> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let inline = |node: &Node| match node {
        Node::Struct(_) | Node::Tuple(_) | Node::NonZero(_) | Node::Logical(_) => true,
        Node::Array { length, .. } => *length > 0,
        _ => false,
    };
    let mut state = vec![State::New; nodes.len()];
    for start in 0..nodes.len() {
        let mut stack = vec![start];
        while let Some(&at) = stack.last() {
            match state[at] {
                State::New => {
                    state[at] = State::Open;
                    if inline(&nodes[at]) {
                        for child in nodes[at].children() {
                            match state[child.index()] {
                                State::New => stack.push(child.index()),
                                State::Open => return u32::try_from(child.index()).ok(),
                                State::Done => {}
                            }
                        }
                    }
                }
                State::Open => {
                    state[at] = State::Done;
                    stack.pop();
                }
                State::Done => {
                    stack.pop();
                }
            }
        }
    }
    None
}

fn depth_first(nodes: &[Node]) -> Vec<NodeId> {
    depth_first_from(nodes, NodeId::ROOT)
}

/// The nodes in the order in which a depth-first walk first meets them.
fn depth_first_from(nodes: &[Node], root: NodeId) -> Vec<NodeId> {
    let mut met = vec![false; nodes.len()];
    let mut order = Vec::with_capacity(nodes.len());
    let mut stack = vec![root];
    while let Some(id) = stack.pop() {
        if std::mem::replace(&mut met[id.index()], true) {
            continue;
        }
        order.push(id);
        let children: Vec<NodeId> = nodes[id.index()].children().filter(|child| !met[child.index()]).collect();
        stack.extend(children.into_iter().rev());
    }
    order
}
