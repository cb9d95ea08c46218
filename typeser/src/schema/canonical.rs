//! Canonical text and the fingerprint over it: one text for each layout, however its graph came to be.
//!
//! Two graphs that unfold to the same tree describe equal types, so the graph is made minimal first. Then named
//! types are printed once, in depth-first order, and everything else is written where it is used.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::hash::Hash;

use super::{Field, IntegerEncoding, Node, NodeId, Schema};

/// Rounds after which an unstable graph is left as it is: far more than any nesting that people write.
const ROUNDS: usize = 256;
/// Unnamed shapes of more nodes than this are printed once if they are used twice.
const INLINE_NODES: u64 = 64;

/// 128 bits that stand for a layout and its integer encoding: xxh3 over the canonical text.
///
/// Equal fingerprints mean equal layouts. It says nothing about hints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u128);

impl Fingerprint {
    /// The first eight digits, enough for people to tell two serializers apart.
    #[must_use]
    pub fn short(self) -> String {
        format!("{:08x}", self.0 >> 96)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Schema {
    /// The fingerprint of this layout under an integer encoding.
    #[must_use]
    pub fn fingerprint(&self, integers: IntegerEncoding) -> Fingerprint {
        Fingerprint(xxhash_rust::xxh3::xxh3_128(self.canonical_text(integers).as_bytes()))
    }

    /// The canonical text: the same for every graph of the same layout.
    #[must_use]
    pub fn canonical_text(&self, integers: IntegerEncoding) -> String {
        let (minimal, _) = self.minimal(&vec![(); self.len()]);
        let names = Names::of(&minimal);
        let mut text = format!("integers {integers}\nroot {}\n", names.expression(&minimal, NodeId::ROOT));
        for id in names.defined(&minimal) {
            text.push('\n');
            let name = names.reference(id).unwrap_or_default();
            match minimal.node(id) {
                Node::Struct(node) => {
                    _ = writeln!(text, "struct {name} v{}", node.version);
                    fields(&mut text, "  ", &node.fields, &names, &minimal);
                }
                Node::Enum(node) => {
                    _ = writeln!(text, "enum {name} v{}", node.version);
                    for variant in &node.variants {
                        _ = writeln!(text, "  {} {}", variant.tag, quoted(&variant.name));
                        fields(&mut text, "    ", &variant.fields, &names, &minimal);
                    }
                }
                _ => _ = writeln!(text, "type {name} = {}", names.shape(&minimal, id)),
            }
        }
        text
    }

    /// The type of a node as people write it: `list<Order>`, `(u64,)`, `map<string, u32>`.
    #[must_use]
    pub fn type_name(&self, id: NodeId) -> String {
        type_name(self, id, 4)
    }

    /// The smallest graph of the same layout, and what became of each node.
    ///
    /// Nodes whose `labels` differ stay apart.
    pub(crate) fn minimal<L: Eq + Hash>(&self, labels: &[L]) -> (Self, Vec<NodeId>) {
        let identity = || (self.clone(), self.ids().collect());
        let Some(classes) = stable_classes(self, labels) else { return identity() };
        // The first node of each class stands for it.
        let mut first: HashMap<u32, NodeId> = HashMap::new();
        for id in self.ids() {
            first.entry(classes[id.index()]).or_insert(id);
        }
        let stands_for: Vec<NodeId> = classes.iter().map(|class| first[class]).collect();
        let merged = self
            .nodes()
            .iter()
            .map(|node| {
                let mut node = node.clone();
                node.renumber(|child| stands_for[child.index()]);
                node
            })
            .collect();
        let Ok((schema, order)) = Self::numbered(merged, stands_for[0]) else { return identity() };
        let mut number: HashMap<NodeId, NodeId> = HashMap::new();
        for (new, old) in schema.ids().zip(order) {
            number.insert(old, new);
        }
        let mapping = stands_for.iter().map(|old| number[old]).collect();
        (schema, mapping)
    }
}

/// Moore's partition refinement: nodes are equal until their labels or their children's classes say otherwise.
fn stable_classes<L: Eq + Hash>(schema: &Schema, labels: &[L]) -> Option<Vec<u32>> {
    fn number<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> (Vec<u32>, usize) {
        let mut known: HashMap<K, u32> = HashMap::new();
        let classes = keys
            .map(|key| {
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                *known.entry(key).or_insert(next)
            })
            .collect();
        (classes, known.len())
    }
    let (mut classes, mut count) = number(schema.nodes().iter().zip(labels).map(|(node, label)| {
        let mut shape = node.clone();
        shape.renumber(|_| NodeId::ROOT);
        (shape, label)
    }));
    for _ in 0..ROUNDS {
        let (next, next_count) = number(schema.ids().map(|id| {
            let children: Vec<u32> = schema.node(id).children().map(|child| classes[child.index()]).collect();
            (classes[id.index()], children)
        }));
        if next_count == count {
            return Some(classes);
        }
        (classes, count) = (next, next_count);
    }
    None
}

/// How the nodes of a schema are referred to in text.
pub(crate) struct Names {
    references: Vec<Option<String>>,
}

impl Names {
    /// Names every struct and enum (`Item`, and `Item#2` for a second layout of that name), and those unnamed
    /// shapes that contain themselves or are large and used twice (`$1`).
    pub(crate) fn of(schema: &Schema) -> Self {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let mut anonymous = 0u32;
        let shared = shared_or_cyclic(schema);
        let references = schema
            .ids()
            .map(|id| match schema.node(id) {
                Node::Struct(super::StructNode { name, .. }) | Node::Enum(super::EnumNode { name, .. }) => {
                    let count = seen.entry(name).or_default();
                    *count += 1;
                    Some(if *count == 1 { quoted(name) } else { format!("{}#{count}", quoted(name)) })
                }
                _ if shared[id.index()] => {
                    anonymous += 1;
                    Some(format!("${anonymous}"))
                }
                _ => None,
            })
            .collect();
        Self { references }
    }

    /// The nodes that have a definition of their own, in order.
    pub(crate) fn defined<'a>(&'a self, schema: &Schema) -> impl Iterator<Item = NodeId> + use<'a> {
        schema.ids().filter(|id| self.references[id.index()].is_some())
    }

    /// How a defined node is referred to.
    pub(crate) fn reference(&self, id: NodeId) -> Option<&str> {
        self.references[id.index()].as_deref()
    }

    /// The type expression of a node: its reference, or its shape.
    pub(crate) fn expression(&self, schema: &Schema, id: NodeId) -> String {
        self.reference(id).map_or_else(|| self.shape(schema, id), str::to_owned)
    }

    /// The shape of an unnamed node.
    pub(crate) fn shape(&self, schema: &Schema, id: NodeId) -> String {
        shape(schema, id, &mut |child| self.expression(schema, child))
    }
}

fn fields(text: &mut String, indent: &str, fields: &[Field], names: &Names, schema: &Schema) {
    for field in fields {
        _ = writeln!(text, "{indent}{} {}", quoted(&field.name), names.expression(schema, field.node));
    }
}

fn type_name(schema: &Schema, id: NodeId, depth: u32) -> String {
    match schema.node(id) {
        Node::Struct(node) => node.name.clone(),
        Node::Enum(node) => node.name.clone(),
        Node::Logical(node) if node.parameters.is_empty() => node.name.clone(),
        Node::Primitive(primitive) => primitive.name().to_owned(),
        Node::Opaque(node) => node.name.clone(),
        _ if depth == 0 => "...".to_owned(),
        _ => shape(schema, id, &mut |child| type_name(schema, child, depth - 1)),
    }
}

fn shape(schema: &Schema, id: NodeId, expression: &mut dyn FnMut(NodeId) -> String) -> String {
    match schema.node(id) {
        Node::Primitive(primitive) => primitive.name().to_owned(),
        Node::Struct(node) => quoted(&node.name),
        Node::Enum(node) => quoted(&node.name),
        Node::Option(child) => format!("option<{}>", expression(*child)),
        Node::List(child) => format!("list<{}>", expression(*child)),
        Node::Set(child) => format!("set<{}>", expression(*child)),
        Node::Map { key, value } => format!("map<{}, {}>", expression(*key), expression(*value)),
        Node::Array { element, length } => format!("[{}; {length}]", expression(*element)),
        Node::Tuple(elements) => match elements.as_slice() {
            [only] => format!("({},)", expression(*only)),
            elements => {
                let elements: Vec<String> = elements.iter().map(|element| expression(*element)).collect();
                format!("({})", elements.join(", "))
            }
        },
        Node::NonZero(child) => format!("nonzero<{}>", expression(*child)),
        Node::Logical(node) => {
            let mut text = format!("logical {}", quoted(&node.name));
            for (name, value) in &node.parameters {
                _ = write!(text, " {}={}", quoted(name), always_quoted(value));
            }
            _ = write!(text, "<{}>", expression(node.representation));
            text
        }
        Node::Opaque(node) => {
            let framing = if node.framed { "opaque" } else { "opaque-unframed" };
            format!("{framing} {} v{}", quoted(&node.name), node.version)
        }
    }
}

/// A name as it is, or in quotes if it is not made of letters, digits, `_` and `-`.
pub(crate) fn quoted(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if plain { name.to_owned() } else { always_quoted(name) }
}

/// A text in double quotes, with `\"`, `\\`, `\n` and `\u{..}` for what would break the line.
pub(crate) fn always_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => _ = write!(quoted, "\\u{{{:x}}}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The unnamed nodes that need a definition: those that contain themselves without a name between, and large ones
/// that are used more than once.
fn shared_or_cyclic(schema: &Schema) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let named = |id: NodeId| matches!(schema.node(id), Node::Struct(_) | Node::Enum(_));
    let mut uses = vec![0u32; schema.len()];
    for child in schema.nodes().iter().flat_map(Node::children) {
        uses[child.index()] += 1;
    }
    let mut defined = vec![false; schema.len()];
    let mut nodes = vec![1u64; schema.len()];
    let mut state = vec![State::New; schema.len()];
    for start in schema.ids().filter(|id| !named(*id)) {
        let mut stack = vec![start];
        while let Some(&id) = stack.last() {
            let children = || schema.node(id).children().filter(|child| !named(*child));
            match state[id.index()] {
                State::New => {
                    state[id.index()] = State::Open;
                    for child in children() {
                        match state[child.index()] {
                            State::New => stack.push(child),
                            State::Open => defined[child.index()] = true,
                            State::Done => {}
                        }
                    }
                }
                State::Open => {
                    let inline = |child: NodeId| if defined[child.index()] { 1 } else { nodes[child.index()] };
                    let total = children().fold(1u64, |sum, child| sum.saturating_add(inline(child)));
                    nodes[id.index()] = total;
                    if uses[id.index()] > 1 && total > INLINE_NODES {
                        defined[id.index()] = true;
                    }
                    state[id.index()] = State::Done;
                    stack.pop();
                }
                State::Done => {
                    stack.pop();
                }
            }
        }
    }
    defined
}
