//! Canonical text and the fingerprint over it: one text for each layout, however its graph came to be.
//!
//! Two graphs that unfold to the same tree describe equal types, so the graph is made minimal first. Then named
//! types are printed once, in depth-first order, and everything else is written where it is used.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use super::{EnumNode, IntegerEncoding, Limits, Node, NodeId, Primitive, Schema, StructNode};
use crate::text::is_unseen;

/// Unnamed shapes of more bytes of text than this are printed once if they are used twice.
const INLINE_TEXT: usize = 128;
/// Unnamed shapes nested deeper than this are printed on their own, so that no reader has to go deeper.
const INLINE_DEPTH: u32 = 16;
/// How long the name of an unnamed type may become in messages.
const TYPE_NAME: usize = 256;

/// 128 bits that identify a layout and its integer encoding: xxh3 over the canonical text.
///
/// Equal fingerprints mean equal layouts. It says nothing about hints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u128);

impl Fingerprint {
    fn of(canonical_text: &str) -> Self {
        Self(xxhash_rust::xxh3::xxh3_128(canonical_text.as_bytes()))
    }

    /// The first eight digits, enough to distinguish two serializers in messages.
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
        Fingerprint::of(&self.canonical_text(integers))
    }

    /// The fingerprint of this layout in the ordered form of the fixed encoding.
    pub(crate) fn ordered_fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.canonical("integers fixed\nordered\n"))
    }

    /// The canonical text: the same for every graph of the same layout.
    #[must_use]
    pub fn canonical_text(&self, integers: IntegerEncoding) -> String {
        self.canonical(&format!("integers {integers}\n"))
    }

    fn canonical(&self, configuration: &str) -> String {
        let (minimal, _) = self.minimal(&vec![(); self.len()]);
        let mut text = configuration.to_owned();
        layout(&mut text, "", &minimal, &Names::of(&minimal, |_| false), &mut |_, _, _| {});
        text
    }

    /// The type of a node as people write it: `list<Order>`, `(u64,)`, `map<string, u32>`.
    #[must_use]
    pub fn type_name(&self, id: NodeId) -> String {
        type_name(self, id, 4, &mut NameBudget { text: TYPE_NAME, nodes: Limits::NAME_BYTES })
    }
}

/// A part of a layout that has a separate line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Line {
    /// The first line of a definition.
    Type(NodeId),
    /// A variant, by its position.
    Variant(NodeId, usize),
    /// A field of a struct, or of the variant at a position.
    Field(NodeId, Option<usize>, usize),
}

/// Prints the root and all definitions of a schema that is minimal; `after` may add lines below each, with an indent.
pub(crate) fn layout(
    text: &mut String,
    indent: &str,
    schema: &Schema,
    names: &Names,
    after: &mut dyn FnMut(&mut String, &str, Line),
) {
    let step = |by: usize| format!("{indent}{:by$}", "");
    let (one, two, three) = (step(2), step(4), step(6));
    _ = writeln!(text, "{indent}root {}", names.expression(schema, NodeId::ROOT));
    for id in names.defined(schema) {
        text.push('\n');
        let name = names.reference(id).unwrap_or_default();
        match schema.node(id) {
            Node::Struct(node) => {
                _ = writeln!(text, "{indent}struct {name} v{}", node.version);
                after(text, &one, Line::Type(id));
                for (place, field) in node.fields.iter().enumerate() {
                    _ = writeln!(text, "{one}{} {}", quoted(&field.name), names.expression(schema, field.node));
                    after(text, &two, Line::Field(id, None, place));
                }
            }
            Node::Enum(node) => {
                _ = writeln!(text, "{indent}enum {name} v{}", node.version);
                after(text, &one, Line::Type(id));
                for (number, variant) in node.variants.iter().enumerate() {
                    _ = writeln!(text, "{one}{} {}", variant.tag, quoted(&variant.name));
                    after(text, &two, Line::Variant(id, number));
                    for (place, field) in variant.fields.iter().enumerate() {
                        _ = writeln!(text, "{two}{} {}", quoted(&field.name), names.expression(schema, field.node));
                        after(text, &three, Line::Field(id, Some(number), place));
                    }
                }
            }
            _ => {
                _ = writeln!(text, "{indent}type {name} = {}", names.shape(schema, id));
                after(text, &one, Line::Type(id));
            }
        }
    }
}

/// How the nodes of a schema are referred to in text.
pub(crate) struct Names {
    references: Vec<Option<String>>,
}

impl Names {
    /// Names every struct and enum (`Item`, and `Item#2` for a second layout of that name), and those unnamed
    /// shapes that contain themselves, are nested too deep, are large and used twice, or need it (`$1`).
    pub(crate) fn of(schema: &Schema, needs: impl Fn(NodeId) -> bool) -> Self {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let mut anonymous = 0u32;
        let shared = shared_or_cyclic(schema);
        let references = schema
            .ids()
            .map(|id| match schema.node(id) {
                Node::Struct(StructNode { name, .. }) | Node::Enum(EnumNode { name, .. }) => {
                    let count = seen.entry(name).or_default();
                    *count += 1;
                    let name = type_word(name);
                    Some(if *count == 1 { name } else { format!("{name}#{count}") })
                }
                _ if shared[id.index()] || needs(id) => {
                    anonymous += 1;
                    Some(format!("${anonymous}"))
                }
                _ => None,
            })
            .collect();
        Self { references }
    }

    /// The nodes that have a separate definition, in order.
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

/// What is left for a type name. A hostile schema could make it longer than memory, or take for ever over parts that
/// have no name, such as units of units.
struct NameBudget {
    /// Bytes of names.
    text: usize,
    /// Nodes, each as often as it is met.
    nodes: usize,
}

/// Replaces everything that is long or deep by `...`.
fn type_name(schema: &Schema, id: NodeId, depth: u32, budget: &mut NameBudget) -> String {
    if budget.text == 0 || budget.nodes == 0 {
        return "...".to_owned();
    }
    budget.nodes -= 1;
    let name = match schema.node(id) {
        Node::Struct(node) => node.name.clone(),
        Node::Enum(node) => node.name.clone(),
        Node::Logical(node) if node.parameters.is_empty() => node.name.clone(),
        Node::Primitive(primitive) => primitive.name().to_owned(),
        Node::Opaque(node) => node.name.clone(),
        Node::Tuple(elements) if elements.len() > TYPE_NAME => format!("({} elements)", elements.len()),
        _ if depth == 0 => "...".to_owned(),
        _ => {
            let name = shape(schema, id, &mut |child| type_name(schema, child, depth - 1, budget));
            return if name.len() > Limits::NAME_BYTES { "...".to_owned() } else { name };
        }
    };
    budget.text = budget.text.saturating_sub(name.len() + 2);
    name
}

/// ` name="value"` for each parameter.
fn parameters(parameters: &[(String, String)]) -> String {
    let written = parameters.iter().map(|(name, value)| format!(" {}={}", quoted(name), always_quoted(value)));
    written.collect()
}

fn shape(schema: &Schema, id: NodeId, expression: &mut dyn FnMut(NodeId) -> String) -> String {
    match schema.node(id) {
        Node::Primitive(primitive) => primitive.name().to_owned(),
        Node::Struct(node) => type_word(&node.name),
        Node::Enum(node) => type_word(&node.name),
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
            let parameters = parameters(&node.parameters);
            format!("logical {}{parameters}<{}>", quoted(&node.name), expression(node.representation))
        }
        Node::Opaque(node) => {
            let framing = if node.framed { "opaque" } else { "opaque-unframed" };
            format!("{framing} {} v{}{}", quoted(&node.name), node.version, parameters(&node.parameters))
        }
    }
}

/// Whether this word begins a type expression, so that a type of that name must be quoted.
pub(crate) fn is_reserved(word: &str) -> bool {
    const SHAPES: [&str; 8] = ["option", "list", "set", "map", "nonzero", "logical", "opaque", "opaque-unframed"];
    SHAPES.contains(&word) || Primitive::ALL.iter().any(|primitive| primitive.name() == word)
}

/// The name of a type where a type is expected.
fn type_word(name: &str) -> String {
    if is_reserved(name) { always_quoted(name) } else { quoted(name) }
}

/// Whether a character may be in a name without quotes. ASCII only, because the letters of Unicode change with its
/// version.
pub(crate) const fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// A name, in quotes if it is not made of ASCII letters, digits, `_` and `-`.
pub(crate) fn quoted(name: &str) -> String {
    if !name.is_empty() && name.chars().all(is_plain) { name.to_owned() } else { always_quoted(name) }
}

/// A text in double quotes, with `\"`, `\\`, `\n` and `\u{..}` for what breaks the line or cannot be seen.
pub(crate) fn always_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if is_unseen(c) => _ = write!(quoted, "\\u{{{:x}}}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The unnamed nodes that need a definition: those that contain themselves without a name between, those that are
/// nested too deep, and large ones that are used more than once.
fn shared_or_cyclic(schema: &Schema) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    #[derive(Clone, Copy, Default)]
    struct Inline {
        text: usize,
        depth: u32,
    }
    let named = |id: NodeId| matches!(schema.node(id), Node::Struct(_) | Node::Enum(_));
    let mut uses = vec![0u32; schema.len()];
    for child in schema.nodes().iter().flat_map(Node::children) {
        uses[child.index()] += 1;
    }
    let mut defined = vec![false; schema.len()];
    uses[0] += 1;
    let mut inline = vec![Inline::default(); schema.len()];
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
                    let mut own = Inline { text: shape(schema, id, &mut |_| String::new()).len(), depth: 0 };
                    for child in schema.node(id).children() {
                        let child = match schema.node(child) {
                            Node::Struct(StructNode { name, .. }) | Node::Enum(EnumNode { name, .. }) => {
                                Inline { text: name.len() + 2, depth: 0 }
                            }
                            _ if defined[child.index()] => Inline { text: 2, depth: 0 },
                            _ => inline[child.index()],
                        };
                        own.text = own.text.saturating_add(child.text);
                        own.depth = own.depth.max(child.depth + 1);
                    }
                    if own.depth > INLINE_DEPTH || (uses[id.index()] > 1 && own.text > INLINE_TEXT) {
                        defined[id.index()] = true;
                    }
                    inline[id.index()] = own;
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
