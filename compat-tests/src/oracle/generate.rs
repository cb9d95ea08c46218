//! Random layouts: of every kind of node, of records of known size, and deep ones.

use typeser::SerializerSnapshot;
use typeser::schema::{
    EnumNode, Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, SchemaError,
    StructNode, Variant,
};
use typeser::snapshot::{Configuration, ConversionHint, NodeHints, OpaqueHints, RootHints};

use super::model::functions::{FUNCTIONS, Kind, STRAIGHT};
use super::model::is_same;
use super::model::versions::latest;
use super::source::Source;
use super::value::Layout;

pub(super) const TYPES: [&str; 5] = ["A", "B", "C", "D", "E"];
pub(super) const FIELDS: [&str; 9] = ["a", "b", "c", "d", "e", "0", "1", "x", "y"];
pub(super) const VARIANTS: [&str; 8] = ["P", "Q", "R", "S", "T", "U", "V", "W"];

/// A snapshot under construction: nodes in any order, the root first.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) nodes: Vec<Node>,
    pub(super) hints: Vec<NodeHints>,
    pub(super) integers: IntegerEncoding,
    /// What is declared of the value as a whole.
    pub(super) whole: RootHints,
    /// Names of former fields and variants that no attribute mentions any more.
    pub(super) former_names: Vec<String>,
    pub(super) former_variants: Vec<String>,
}

/// Placeholder for a valid constant, which is generated when the layout is complete.
pub(super) const RIGHT: &[u8] = b"right";
/// Placeholder for a constant with some changed bytes.
pub(super) const WRONG: &[u8] = b"wrong";

impl Draft {
    /// A random layout.
    pub fn random(source: &mut Source) -> Self {
        match source.below(13) {
            0..=7 => Self::mixed(source),
            8 | 9 => Self::of_records(source),
            10 => Self::recursive(source),
            11 => Self::deep(source),
            _ => Self::of_versions(source),
        }
    }

    pub(super) fn empty(integers: IntegerEncoding) -> Self {
        Self {
            nodes: vec![],
            hints: vec![],
            integers,
            whole: RootHints::default(),
            former_names: vec![],
            former_variants: vec![],
        }
    }

    /// Many records of known size, which are permuted by copy tables.
    fn of_records(source: &mut Source) -> Self {
        let mut draft = Self::empty(if source.one_in(4) { IntegerEncoding::Variable } else { IntegerEncoding::Fixed });
        let root = draft.push(Node::Primitive(Primitive::Unit));
        let small = draft.push(Node::Primitive(Primitive::U16));
        let count = if source.one_in(10) { 20 + source.below(30) } else { 1 + source.below(12) };
        let even = source.below(2) == 0;
        let mut fields = Vec::new();
        for number in 0..count {
            // Fields of equal width, sometimes with a narrower last field.
            let plain = match even && (number + 1 < count || !source.one_in(3)) {
                true => [Primitive::F32, Primitive::U32, Primitive::I32][source.below(3)],
                false => *source.pick(&Primitive::ALL[..13]),
            };
            let node = draft.push(Node::Primitive(plain));
            let node = match source.below(12) {
                0 => draft.push(Node::Array { element: node, length: [2, 3, 0][source.below(3)] }),
                1 => draft.push(Node::Tuple(vec![node, node])),
                // Foreign bytes must be checked.
                3 if plain.is_integer() => draft.push(Node::NonZero(node)),
                4 => draft.push(Node::Primitive(Primitive::Bool)),
                2 => {
                    let fields = vec![("p", node), ("q", small), ("r", node)];
                    let fields = fields.into_iter().map(|(name, node)| Field { name: name.to_owned(), node }).collect();
                    draft.push(Node::Struct(StructNode { name: "Inner".to_owned(), version: 1, fields }))
                }
                _ => node,
            };
            fields.push(Field { name: format!("f{number}"), node });
        }
        let record = draft.push(Node::Struct(StructNode { name: "Record".to_owned(), version: 1, fields }));
        let list = draft.push(Node::List(record));
        let array = draft.push(Node::Array { element: record, length: [1, 2, 5, 9][source.below(4)] });
        let text = draft.push(Node::Primitive(Primitive::String));
        let node = match source.below(8) {
            0 | 1 => Node::List(record),
            2 => Node::List(array),
            3 => Node::Map { key: text, value: record },
            4 => Node::Tuple(vec![text, array, list]),
            5 => Node::Option(list),
            6 => Node::Tuple(vec![record, record]),
            _ => draft.nodes[record.index()].clone(),
        };
        draft.set(root, node);
        draft
    }

    /// Recursive types: trees and chains.
    fn recursive(source: &mut Source) -> Self {
        let mut draft = Self::empty(encoding(source));
        let root = draft.push(Node::Primitive(Primitive::Unit));
        let leaves = [leaf(source), leaf(source)].map(|leaf| draft.push(leaf));
        let again = match source.below(5) {
            0 => Node::List(root),
            1 => Node::Map { key: leaves[0], value: root },
            2 => Node::Set(root),
            _ => Node::Option(root),
        };
        let again = draft.push(again);
        let field = |name: &str, node| Field { name: name.to_owned(), node };
        let node = match source.below(4) {
            0 => Node::Tuple(vec![leaves[0], again]),
            1 => {
                let fields = vec![field("left", again), field("key", leaves[0]), field("right", again)];
                Node::Struct(StructNode { name: "Tree".to_owned(), version: 1, fields })
            }
            2 => {
                let variant = |name: &str, tag, fields| Variant { name: name.to_owned(), tag, fields };
                let variants = vec![
                    variant("Leaf", 0, vec![field("0", leaves[0])]),
                    variant("Not", 1, vec![field("0", root)]),
                    variant("And", 2, vec![field("l", root), field("t", leaves[1]), field("r", again)]),
                ];
                Node::Enum(EnumNode { name: "Expression".to_owned(), version: 1, variants })
            }
            _ => {
                // Two mutually recursive types.
                let fields = vec![field("more", again), field("b", leaves[1])];
                let other = draft.push(Node::Struct(StructNode { name: "Odd".to_owned(), version: 1, fields }));
                let other = draft.push(Node::Option(other));
                let fields = vec![field("a", leaves[0]), field("other", other)];
                Node::Struct(StructNode { name: "Even".to_owned(), version: 1, fields })
            }
        };
        draft.set(root, node);
        draft
    }

    /// Deeply nested nodes.
    fn deep(source: &mut Source) -> Self {
        let mut draft = Self::empty(encoding(source));
        let root = draft.push(Node::Primitive(Primitive::Unit));
        let beside = leaf(source);
        let beside = draft.push(beside);
        let core = leaf(source);
        let mut inner = draft.push(core);
        let levels = 3 + source.below(40);
        let only = source.below(8);
        for level in 0..=levels {
            let field = |name: &str, node| Field { name: name.to_owned(), node };
            let node = match if source.below(4) == 0 { source.below(8) } else { only } {
                0 => Node::Option(inner),
                1 => Node::List(inner),
                2 => Node::Tuple(vec![beside, inner]),
                3 => Node::Array { element: inner, length: 1 },
                4 => Node::Map { key: beside, value: inner },
                5 => {
                    let variant = |name: &str, tag, fields| Variant { name: name.to_owned(), tag, fields };
                    let variants = vec![variant("P", 0, vec![]), variant("Q", 1, vec![field("0", inner)])];
                    Node::Enum(EnumNode { name: name(source, &TYPES), version: 1, variants })
                }
                _ => {
                    let fields = vec![field("a", inner), field("b", beside)];
                    Node::Struct(StructNode { name: name(source, &TYPES), version: 1, fields })
                }
            };
            match level == levels {
                true => draft.set(root, node),
                false => inner = draft.push(node),
            }
        }
        draft
    }

    /// Nodes of every kind.
    fn mixed(source: &mut Source) -> Self {
        let count = 1 + source.below(9);
        let integers = encoding(source);
        let mut draft = Self::empty(integers);
        // The leaves come last, so that most references go forward and terminate.
        let kinds: Vec<usize> = (0..count)
            .map(|at| match at == 0 && !source.one_in(5) {
                true => 1 + source.below(6),
                false => source.below(16),
            })
            .collect();
        let leaves = 3;
        for (at, kind) in kinds.iter().enumerate() {
            let node = draft.node(*kind, at, count + leaves, source);
            let id = draft.push(node);
            draft.declare_opaque(id, source);
        }
        for _ in 0..leaves {
            let leaf = leaf(source);
            draft.push(leaf);
        }
        // Times and ranges refer to the tuple after the leaves, `NonZero` to the nodes after it.
        let behind = NodeId::new((count + leaves + 1) as u32);
        draft.push(Node::Tuple(vec![behind, NodeId::new(behind.number() + 1)]));
        draft.push(Node::Primitive(Primitive::U64));
        draft.push(Node::Primitive(Primitive::U32));
        draft.push(Node::Primitive(Primitive::I16));
        loop {
            match Schema::numbered(draft.nodes.clone(), NodeId::ROOT) {
                Err(SchemaError::Infinite { node } | SchemaError::NonZeroOfNonInteger { node }) => {
                    draft.set(NodeId::new(node), Node::Primitive(Primitive::U32));
                }
                _ => return draft,
            }
        }
    }

    pub(super) fn push(&mut self, node: Node) -> NodeId {
        self.hints.push(NodeHints::empty(&node));
        self.nodes.push(node);
        NodeId::new(self.nodes.len() as u32 - 1)
    }

    pub(super) fn set(&mut self, id: NodeId, node: Node) {
        self.hints[id.index()] = NodeHints::empty(&node);
        self.nodes[id.index()] = node;
    }

    fn node(&mut self, kind: usize, at: usize, end: usize, source: &mut Source) -> Node {
        let mut child = |source: &mut Source| {
            let back = source.one_in(12);
            let from = if back { 0 } else { at + 1 };
            NodeId::new((end - 1 - source.below(end - from)) as u32)
        };
        match kind {
            0 => leaf(source),
            1..=4 => {
                let fields = fields(source, &mut child);
                Node::Struct(StructNode { name: name(source, &TYPES), version: version(source), fields })
            }
            5 | 6 => {
                let count = source.below(4);
                let mut variants: Vec<Variant> = Vec::new();
                for tag in 0..count {
                    let taken: Vec<String> = variants.iter().map(|variant| variant.name.clone()).collect();
                    let name = fresh(source, &VARIANTS, &taken);
                    let tag = if source.one_in(8) { source.number() } else { tag as u32 };
                    variants.push(Variant { name, tag, fields: fields(source, &mut child) });
                }
                Node::Enum(EnumNode { name: name(source, &TYPES), version: version(source), variants })
            }
            7 => Node::Option(child(source)),
            8 => Node::List(child(source)),
            9 => Node::Set(child(source)),
            10 => Node::Map { key: child(source), value: child(source) },
            11 => Node::Array { element: child(source), length: [1, 2, 3, 0, 7][source.below(5)] },
            12 => {
                let arity = source.below(4);
                Node::Tuple((0..arity).map(|_| child(source)).collect())
            }
            _ => match source.below(5) {
                0 => Node::NonZero(NodeId::new((end + 1 + source.below(3)) as u32)),
                1 => Node::Opaque(OpaqueNode {
                    name: name(source, &TYPES),
                    version: version(source),
                    framed: !source.one_in(8),
                    parameters: Vec::new(),
                }),
                2 => Node::Logical(LogicalNode {
                    name: "decimal".to_owned(),
                    parameters: vec![("scale".to_owned(), source.below(3).to_string())],
                    representation: child(source),
                }),
                3 => Node::Logical(LogicalNode {
                    name: ["duration", "system-time", "range"][source.below(3)].to_owned(),
                    parameters: vec![],
                    representation: NodeId::new(end as u32),
                }),
                _ => Node::Primitive(Primitive::Unit),
            },
        }
    }

    /// The nodes that the root reaches.
    pub(super) fn reached(&self) -> Vec<NodeId> {
        let mut met = vec![NodeId::ROOT];
        let mut at = 0;
        while at < met.len() {
            for child in self.nodes[met[at].index()].children() {
                if !met.contains(&child) {
                    met.push(child);
                }
            }
            at += 1;
        }
        met
    }

    /// Whether the result of a type's functions is the whole layout of the type. The compiler ensures this as well.
    fn gives_all(&self, id: usize, hints: &NodeHints) -> bool {
        let Some(kind) = latest(&self.nodes[id], hints) else { return true };
        let mut nodes = kind.nodes();
        match (nodes.first_mut(), &self.nodes[id]) {
            (Some(Node::Struct(given)), Node::Struct(node)) => {
                (given.name, given.version) = (node.name.clone(), node.version);
            }
            (Some(Node::Enum(given)), Node::Enum(node)) => {
                (given.name, given.version) = (node.name.clone(), node.version)
            }
            _ => return false,
        }
        let given = Layout::new(&nodes, self.integers);
        is_same((Layout::new(&self.nodes, self.integers), NodeId::new(id as u32)), (given, NodeId::ROOT))
    }

    /// Whether the result of a function has the type of the field. The compiler ensures this.
    fn gives(&self, hint: &ConversionHint, node: NodeId) -> bool {
        if hint.id == STRAIGHT {
            let (given, layout) = (Kind::Point.nodes(), Layout::new(&self.nodes, self.integers));
            return is_same((layout, node), (Layout::new(&given, self.integers), NodeId::ROOT));
        }
        let function = FUNCTIONS.iter().find(|function| function.id == hint.id);
        function.is_some_and(|function| self.nodes[node.index()] == Node::Primitive(function.to))
    }

    /// The snapshot, with generated constants; `None` if the nodes are not a valid schema.
    pub fn snapshot(&self, source: &mut Source) -> Option<SerializerSnapshot> {
        let layout = Layout::new(&self.nodes, self.integers);
        let mut constant = |slot: &mut Option<Vec<u8>>, node: NodeId| {
            let Some(bytes) = slot else { return };
            let value = layout.constant(node, source);
            let made = value.and_then(|value| layout.encode(node, &value)).unwrap_or_default();
            let wrong = bytes.as_slice() == WRONG;
            *bytes = if wrong { mutated(&made, source) } else { made };
        };
        let (mut hints, mut whole) = (self.hints.clone(), self.whole.clone());
        constant(&mut whole.none, NodeId::ROOT);
        whole.conversions.retain(|hint| self.gives(hint, NodeId::ROOT));
        self.retain_was(&mut whole.was, NodeId::ROOT);
        // All leaves of one name and version have the same serializer.
        let mut leaves: Vec<(&OpaqueNode, OpaqueHints)> = Vec::new();
        for (id, (node, hints)) in self.nodes.iter().zip(&mut hints).enumerate() {
            let given = self.gives_all(id, hints);
            match &mut *hints {
                NodeHints::Struct(hints) => self.retain_was(&mut hints.was, NodeId::new(id as u32)),
                NodeHints::Enum(hints) => self.retain_was(&mut hints.was, NodeId::new(id as u32)),
                _ => {}
            }
            match (node, &mut *hints) {
                (_, NodeHints::Struct(hints)) if !given => hints.migrations.clear(),
                (_, NodeHints::Enum(hints)) if !given => hints.migrations.clear(),
                _ => {}
            }
            match (node, hints) {
                (Node::Opaque(node), NodeHints::Opaque(hints)) => {
                    match leaves.iter().find(|(known, _)| (&known.name, known.version) == (&node.name, node.version)) {
                        Some((_, known)) => *hints = known.clone(),
                        None => leaves.push((node, hints.clone())),
                    }
                }
                (Node::Struct(node), NodeHints::Struct(hints)) => {
                    for (field, hints) in node.fields.iter().zip(&mut hints.record.fields) {
                        constant(&mut hints.default, field.node);
                        constant(&mut hints.none, field.node);
                        hints.conversions.retain(|hint| self.gives(hint, field.node));
                    }
                }
                (Node::Enum(node), NodeHints::Enum(hints)) => {
                    for removed in &mut hints.removed {
                        constant(&mut removed.becomes, NodeId::new(id as u32));
                    }
                    for (variant, hints) in node.variants.iter().zip(&mut hints.variants) {
                        for (field, hints) in variant.fields.iter().zip(&mut hints.record.fields) {
                            constant(&mut hints.default, field.node);
                            constant(&mut hints.none, field.node);
                            hints.conversions.retain(|hint| self.gives(hint, field.node));
                        }
                    }
                }
                _ => {}
            }
        }
        let configuration = Configuration::from(self.integers);
        let (schema, order) = Schema::numbered(self.nodes.clone(), NodeId::ROOT).ok()?;
        let hints = order.iter().map(|old| hints[old.index()].clone()).collect();
        let snapshot =
            SerializerSnapshot::with_root("oracle".to_owned(), 1, configuration, schema, hints, whole).ok()?;
        // Only version 1 of the format holds snapshots with wrong constants.
        snapshot.to_bytes().is_ok().then_some(snapshot)
    }

    /// Leaves out layouts that a part has now: no type declares to be what it was.
    fn retain_was(&self, was: &mut Vec<Schema>, node: NodeId) {
        let own = (Layout::new(&self.nodes, self.integers), node);
        was.retain(|was| !is_same(own, (Layout::new(was.nodes(), self.integers), NodeId::ROOT)));
    }
}

/// Bytes with some of them changed, cut off or added.
pub fn mutated(bytes: &[u8], source: &mut Source) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=source.below(3) {
        let length = bytes.len();
        match source.below(6) {
            0 | 1 if length > 0 => bytes[source.below(length)] ^= 1 << source.below(8),
            2 if length > 0 => {
                let at = source.below(length);
                bytes[at] = [0, 1, 2, 0x80, 0xFF, 250, 251][source.below(7)];
            }
            3 => bytes.truncate(source.below(length + 1)),
            // A whole integer at once.
            4 if length > 0 => {
                let (at, width) = (source.below(length), [2, 4, 8][source.below(3)]);
                let with = [0, 0xFF][source.below(2)];
                bytes.iter_mut().skip(at).take(width).for_each(|byte| *byte = with);
            }
            _ => {
                let at = source.below(length + 1);
                bytes.insert(at, source.number() as u8);
            }
        }
    }
    bytes
}

pub(super) fn encoding(source: &mut Source) -> IntegerEncoding {
    if source.below(2) == 0 { IntegerEncoding::Fixed } else { IntegerEncoding::Variable }
}

pub(super) fn version(source: &mut Source) -> u32 {
    [1, 1, 1, 2, 3, 1, 1, 2][source.below(8)]
}

pub(super) fn name(source: &mut Source, from: &[&str]) -> String {
    (*source.pick(from)).to_owned()
}

/// A name that is not taken.
pub(super) fn fresh(source: &mut Source, from: &[&str], taken: &[String]) -> String {
    let start = source.below(from.len());
    let all = (0..from.len()).map(|step| from[(start + step) % from.len()].to_owned());
    let all = all.chain((0..=taken.len()).map(|number| format!("n{number}")));
    all.into_iter().find(|name| !taken.contains(name)).unwrap_or_default()
}

fn fields(source: &mut Source, child: &mut impl FnMut(&mut Source) -> NodeId) -> Vec<Field> {
    let count = source.below(5);
    let mut fields: Vec<Field> = Vec::new();
    for _ in 0..count {
        let taken: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        let name = fresh(source, &FIELDS, &taken);
        let node = child(source);
        fields.push(Field { name, node });
    }
    fields
}

pub(super) fn leaf(source: &mut Source) -> Node {
    Node::Primitive(*source.pick(&Primitive::ALL))
}
