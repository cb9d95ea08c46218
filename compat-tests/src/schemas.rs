//! Random layouts and snapshots: every kind of node, recursion, sharing, and names that look like syntax.

use std::collections::HashSet;

use proptest::prelude::*;
use typeser::SerializerSnapshot;
use typeser::schema::{
    EnumNode, Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, SchemaError,
    StructNode, Variant,
};
use typeser::snapshot::{
    Configuration, ConversionHint, FieldHints, NodeHints, OpaqueMigration, RecordHints, RemovedVariant, RootHints,
    Source, TypeMigration,
};

/// Names that a printer or parser could mistake for syntax.
pub const NAMES: [&str; 40] = [
    "Order",
    "Item",
    "a",
    "b",
    "u64",
    "string",
    "list",
    "set",
    "map",
    "option",
    "nonzero",
    "logical",
    "opaque",
    "opaque-unframed",
    "struct",
    "enum",
    "type",
    "root",
    "unit",
    "0",
    "1",
    "v1",
    "-",
    "_",
    "$1",
    "Item#2",
    "a b",
    "",
    "\"",
    "\\",
    "line\nbreak",
    "tab\t",
    "\u{0}",
    "naïve",
    "日本",
    "\u{202e}",
    "@alias",
    "list<u64>",
    "(u64,)",
    "]",
];

/// Schemas as a reader may find them: valid, but not always minimal.
pub fn schemas() -> impl Strategy<Value = Schema> {
    entropy().prop_map(|bytes| Entropy::new(&bytes).schema(24))
}

/// Snapshots over [`schemas`], with hints, that version 1 of the format can hold.
pub fn snapshots() -> impl Strategy<Value = SerializerSnapshot> {
    entropy().prop_map(|bytes| Entropy::new(&bytes).snapshot())
}

/// As [`snapshots`], with whatever version 2 of the format can hold.
pub fn snapshots_of_version_2() -> impl Strategy<Value = SerializerSnapshot> {
    entropy().prop_map(|bytes| Entropy { version_2: true, ..Entropy::new(&bytes) }.snapshot())
}

/// The bytes that decide about a random graph; fewer and smaller bytes give simpler graphs.
pub fn entropy() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![prop::collection::vec(any::<u8>(), 0..60), prop::collection::vec(any::<u8>(), 0..600)]
}

/// A source of choices that returns 0 when it is exhausted.
#[derive(Debug)]
pub struct Entropy<'a> {
    bytes: &'a [u8],
    /// Whether there is what only version 2 of the format can hold.
    version_2: bool,
    /// How the constants write integers.
    integers: IntegerEncoding,
}

impl<'a> Entropy<'a> {
    /// Choices from these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, version_2: false, integers: IntegerEncoding::Fixed }
    }

    /// A number below `end`, which must be above 0.
    pub fn below(&mut self, end: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % end
    }

    fn bool(&mut self) -> bool {
        self.below(2) == 1
    }

    fn number(&mut self) -> u32 {
        match self.below(8) {
            0..=5 => 1,
            6 => self.below(256) as u32,
            _ => u32::MAX - self.below(256) as u32,
        }
    }

    fn name(&mut self) -> String {
        if self.below(16) == 15 {
            let length = self.below(6);
            (0..length).filter_map(|_| char::from_u32((self.below(256) * 256 + self.below(256)) as u32)).collect()
        } else {
            NAMES[self.below(NAMES.len())].to_owned()
        }
    }

    fn some<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.below(most + 1);
        (0..count).map(|_| make(self)).collect()
    }

    fn fields(&mut self, nodes: usize) -> Vec<Field> {
        let mut fields = self.some(4, |this| Field { name: this.name(), node: this.child(nodes) });
        let mut names = HashSet::new();
        fields.retain(|field| names.insert(field.name.clone()));
        fields
    }

    fn child(&mut self, nodes: usize) -> NodeId {
        NodeId::new(self.below(nodes) as u32)
    }

    fn node(&mut self, nodes: usize) -> Node {
        match self.below(16) {
            0..=3 => Node::Primitive(Primitive::ALL[self.below(Primitive::ALL.len())]),
            4 | 5 => Node::Struct(StructNode { name: self.name(), version: self.number(), fields: self.fields(nodes) }),
            6 | 7 => {
                let mut variants =
                    self.some(3, |this| Variant { name: this.name(), tag: this.number(), fields: this.fields(nodes) });
                let (mut names, mut tags) = (HashSet::new(), HashSet::new());
                variants.retain(|variant| names.insert(variant.name.clone()) && tags.insert(variant.tag));
                Node::Enum(EnumNode { name: self.name(), version: self.number(), variants })
            }
            8 => Node::Option(self.child(nodes)),
            9 => Node::List(self.child(nodes)),
            10 => Node::Set(self.child(nodes)),
            11 => Node::Map { key: self.child(nodes), value: self.child(nodes) },
            12 => {
                let length = [0, 1, 4, u64::MAX][self.below(4)];
                Node::Array { element: self.child(nodes), length }
            }
            13 if self.bool() => {
                let arity = self.below(100);
                Node::Tuple((0..arity).map(|_| self.child(nodes)).collect())
            }
            13 => Node::Tuple(self.some(3, |this| this.child(nodes))),
            14 if self.bool() => Node::NonZero(self.child(nodes)),
            14 => {
                let (parameters, representation) = (self.parameters(), self.child(nodes));
                Node::Logical(LogicalNode { name: self.name(), parameters, representation })
            }
            _ => {
                let parameters = if self.version_2 { self.parameters() } else { Vec::new() };
                let (name, version, framed) = (self.name(), self.number(), self.bool());
                Node::Opaque(OpaqueNode { name, version, framed, parameters })
            }
        }
    }

    fn parameters(&mut self) -> Vec<(String, String)> {
        let mut parameters = self.some(2, |this| (this.name(), this.name()));
        parameters.sort();
        parameters.dedup_by(|one, other| one.0 == other.0);
        parameters
    }

    /// Between 1 and `most` nodes, which are not necessarily a valid schema.
    pub fn nodes(&mut self, most: usize) -> Vec<Node> {
        let count = 1 + self.below(most);
        (0..count).map(|_| self.node(count)).collect()
    }

    /// A valid schema of at most `most` nodes.
    pub fn schema(&mut self, most: usize) -> Schema {
        let mut nodes = self.nodes(most);
        loop {
            // Reduce an invalid graph until it is valid.
            match Schema::numbered(nodes.clone(), NodeId::ROOT) {
                Ok((schema, _)) => return schema,
                Err(SchemaError::Infinite { node }) => nodes[node as usize] = Node::Option(NodeId::new(node)),
                Err(SchemaError::NonZeroOfNonInteger { node }) => {
                    nodes[node as usize] = Node::Primitive(Primitive::U64);
                }
                Err(other) => panic!("an unexpected error in a random schema: {other}"),
            }
        }
    }

    /// A layout that a function reads: minimal, like those of real programs.
    fn layout(&mut self) -> Schema {
        let schema = self.schema(5);
        let hints = schema.nodes().iter().map(NodeHints::empty).collect();
        let snapshot = SerializerSnapshot::new(String::new(), 1, Configuration::default(), schema, hints).unwrap();
        SerializerSnapshot::from_text(&snapshot.to_text()).unwrap().schema().clone()
    }

    fn source(&mut self) -> Source {
        let schema = self.layout();
        if !self.version_2 {
            return schema.into();
        }
        let hints: Vec<NodeHints> = schema.ids().map(|id| self.hints(&schema, id, false)).collect();
        let root = SerializerSnapshot::new(String::new(), 1, self.integers.into(), schema, hints).unwrap();
        // Hints keep nodes apart, and the smallest graph with them is another one.
        let read = SerializerSnapshot::from_text(&root.to_text()).unwrap();
        Source::new(read.schema().clone(), read.hints().to_vec())
    }

    /// A snapshot with hints. Its constants are values, and no two functions read one layout.
    pub fn snapshot(&mut self) -> SerializerSnapshot {
        let schema = self.schema(24);
        self.integers = if self.bool() { IntegerEncoding::Variable } else { IntegerEncoding::Fixed };
        let ordered = self.version_2 && self.integers == IntegerEncoding::Fixed && self.bool();
        let configuration = Configuration { integers: self.integers, ordered };
        let mut hints: Vec<NodeHints> = schema.ids().map(|id| self.hints(&schema, id, true)).collect();
        let mut root = RootHints::default();
        if self.version_2 && self.bool() {
            root.was = self.some(1, Self::layout);
            root.none = if self.bool() { self.constant(&schema, NodeId::ROOT) } else { None };
            root.conversions = self.some(1, Self::conversion);
        }
        let (name, version) = (self.name(), self.number());
        let with = |hints: &[NodeHints], root: &RootHints| {
            let (name, schema, hints, root) = (name.clone(), schema.clone(), hints.to_vec(), root.clone());
            SerializerSnapshot::with_root(name, version, configuration, schema, hints, root).unwrap()
        };
        let snapshot = with(&hints, &root);
        if snapshot.check_declared().is_ok() {
            return snapshot;
        }
        // A function may read what its part is now by chance.
        hints.iter_mut().for_each(without_conversions);
        root = RootHints { none: root.none, ..RootHints::default() };
        with(&hints, &root)
    }

    fn hints(&mut self, schema: &Schema, id: NodeId, functions: bool) -> NodeHints {
        let node = &schema.nodes()[id.index()];
        let mut hints = NodeHints::empty(node);
        if self.bool() {
            return hints;
        }
        match (&mut hints, node) {
            (NodeHints::Struct(hints), Node::Struct(node)) => {
                hints.aliases = self.unused(2, &mut HashSet::from([node.name.clone()]));
                if functions {
                    hints.was = if self.version_2 { self.some(1, Self::layout) } else { Vec::new() };
                    hints.migrations = self.some(1, Self::type_migration);
                }
                self.record_hints(schema, &mut hints.record, &node.fields, functions);
            }
            (NodeHints::Enum(hints), Node::Enum(node)) => {
                hints.aliases = self.unused(2, &mut HashSet::from([node.name.clone()]));
                if functions {
                    hints.was = if self.version_2 { self.some(1, Self::layout) } else { Vec::new() };
                    hints.migrations = self.some(1, Self::type_migration);
                }
                let mut taken = node.variants.iter().map(|variant| variant.name.clone()).collect();
                hints.removed = self
                    .unused(2, &mut taken)
                    .into_iter()
                    .map(|name| {
                        let becomes = if self.bool() { self.constant(schema, id) } else { None };
                        RemovedVariant { name, becomes }
                    })
                    .collect();
                hints.fallback = self.bool().then(|| node.variants.first()).flatten().map(|first| first.name.clone());
                for (hints, variant) in hints.variants.iter_mut().zip(&node.variants) {
                    if self.bool() {
                        hints.aliases = self.unused(2, &mut taken);
                        self.record_hints(schema, &mut hints.record, &variant.fields, functions);
                    }
                }
            }
            (NodeHints::Opaque(hints), _) => {
                hints.canonical = self.bool();
                hints.reads = self.some(3, Self::number);
                if functions {
                    hints.migrates = self.some(2, |this| OpaqueMigration { from: this.number(), id: this.name() });
                }
                hints.aliases = if self.version_2 { self.some(2, Self::name) } else { Vec::new() };
            }
            _ => {}
        }
        hints
    }

    /// The bytes of a small value of a node; `None` for nodes whose values are not that small.
    fn constant(&mut self, schema: &Schema, id: NodeId) -> Option<Vec<u8>> {
        let number = |width: usize| vec![0; if self.integers == IntegerEncoding::Fixed { width } else { 1 }];
        Some(match &schema.nodes()[id.index()] {
            Node::Primitive(Primitive::Unit) => Vec::new(),
            Node::Primitive(Primitive::Char) => "ä".into(),
            Node::Primitive(primitive) if primitive.is_float() => vec![7; primitive.width()?],
            Node::Primitive(primitive) if primitive.width() == Some(1) => vec![self.below(256) as u8],
            Node::Primitive(primitive) if primitive.is_integer() => number(primitive.width()?),
            Node::Primitive(Primitive::String) | Node::List(_) | Node::Set(_) | Node::Map { .. } => number(8),
            Node::Primitive(_) | Node::Option(_) => vec![0],
            Node::Enum(node) => {
                let variant = node.variants.iter().find(|variant| variant.tag == 0 && variant.fields.is_empty());
                variant.map(|_| number(4))?
            }
            _ => return None,
        })
    }

    /// Names that are not taken yet.
    fn unused(&mut self, most: usize, taken: &mut HashSet<String>) -> Vec<String> {
        let mut names = self.some(most, Self::name);
        names.retain(|name| taken.insert(name.clone()));
        names
    }

    fn type_migration(&mut self) -> TypeMigration {
        let (from, id) = (self.number(), self.name());
        let injective = self.version_2 && self.bool();
        let exact = self.version_2 && self.bool();
        TypeMigration { from, id, injective, exact, source: self.bool().then(|| self.source()) }
    }

    fn conversion(&mut self) -> ConversionHint {
        ConversionHint { id: self.name(), injective: self.bool(), source: self.source() }
    }

    fn record_hints(&mut self, schema: &Schema, hints: &mut RecordHints, fields: &[Field], functions: bool) {
        let mut taken = fields.iter().map(|field| field.name.clone()).collect();
        hints.removed = self.unused(2, &mut taken);
        for (hints, field) in hints.fields.iter_mut().zip(fields) {
            if self.bool() {
                *hints = FieldHints {
                    aliases: self.unused(2, &mut taken),
                    default: if self.bool() { self.constant(schema, field.node) } else { None },
                    none: if self.bool() { self.constant(schema, field.node) } else { None },
                    conversions: if functions { self.some(1, Self::conversion) } else { Vec::new() },
                };
            }
        }
    }
}

/// Removes the functions and layouts of which two could read one layout.
fn without_conversions(hints: &mut NodeHints) {
    let record = |hints: &mut RecordHints| hints.fields.iter_mut().for_each(|field| field.conversions.clear());
    match hints {
        NodeHints::Struct(hints) => {
            hints.was.clear();
            record(&mut hints.record);
        }
        NodeHints::Enum(hints) => {
            hints.was.clear();
            hints.variants.iter_mut().for_each(|hints| record(&mut hints.record));
        }
        NodeHints::None | NodeHints::Opaque(_) => {}
    }
}

/// Whether two nodes unfold to the same tree, including hints if they are given: the definition itself, pair by pair.
#[must_use]
pub fn same_unfolding(one: Unfolding<'_>, other: Unfolding<'_>) -> bool {
    let mut met = HashSet::new();
    let mut open = vec![(one.at, other.at)];
    while let Some((a, b)) = open.pop() {
        if !met.insert((a, b)) {
            continue;
        }
        let (node_a, node_b) = (&one.schema.nodes()[a.index()], &other.schema.nodes()[b.index()]);
        if shape(node_a) != shape(node_b)
            || one.hints.map(|hints| &hints[a.index()]) != other.hints.map(|hints| &hints[b.index()])
            || node_a.children().count() != node_b.children().count()
        {
            return false;
        }
        open.extend(node_a.children().zip(node_b.children()));
    }
    true
}

/// A node of a schema as the root of a tree.
#[derive(Debug, Clone, Copy)]
pub struct Unfolding<'a> {
    /// The schema.
    pub schema: &'a Schema,
    /// The hints, if they are compared.
    pub hints: Option<&'a [NodeHints]>,
    /// The node.
    pub at: NodeId,
}

/// A node without its children.
fn shape(node: &Node) -> Node {
    let zero = |fields: &[Field]| -> Vec<Field> {
        fields.iter().map(|field| Field { name: field.name.clone(), node: NodeId::ROOT }).collect()
    };
    match node.clone() {
        Node::Struct(node) => Node::Struct(StructNode { fields: zero(&node.fields), ..node }),
        Node::Enum(node) => Node::Enum(EnumNode {
            variants: node
                .variants
                .into_iter()
                .map(|variant| Variant { fields: zero(&variant.fields), ..variant })
                .collect(),
            ..node
        }),
        Node::Option(_) => Node::Option(NodeId::ROOT),
        Node::List(_) => Node::List(NodeId::ROOT),
        Node::Set(_) => Node::Set(NodeId::ROOT),
        Node::Map { .. } => Node::Map { key: NodeId::ROOT, value: NodeId::ROOT },
        Node::Array { length, .. } => Node::Array { element: NodeId::ROOT, length },
        Node::Tuple(elements) => Node::Tuple(vec![NodeId::ROOT; elements.len()]),
        Node::NonZero(_) => Node::NonZero(NodeId::ROOT),
        Node::Logical(node) => Node::Logical(LogicalNode { representation: NodeId::ROOT, ..node }),
        leaf @ (Node::Primitive(_) | Node::Opaque(_)) => leaf,
    }
}

/// The same layout with two copies of every node; each reference goes to one of them.
#[must_use]
pub fn unshared(schema: &Schema, choices: &mut Entropy<'_>) -> Schema {
    let count = schema.len() as u32;
    let mut nodes = [schema.nodes(), schema.nodes()].concat();
    let mut pick = |child: &mut NodeId| {
        if choices.bool() {
            *child = NodeId::new(child.number() + count);
        }
    };
    for node in &mut nodes {
        match node {
            Node::Struct(node) => node.fields.iter_mut().for_each(|field| pick(&mut field.node)),
            Node::Enum(node) => {
                node.variants
                    .iter_mut()
                    .flat_map(|variant| &mut variant.fields)
                    .for_each(|field| pick(&mut field.node));
            }
            Node::Option(child) | Node::List(child) | Node::Set(child) | Node::NonZero(child) => pick(child),
            Node::Map { key, value } => {
                pick(key);
                pick(value);
            }
            Node::Array { element, .. } => pick(element),
            Node::Tuple(elements) => elements.iter_mut().for_each(&mut pick),
            Node::Logical(node) => pick(&mut node.representation),
            Node::Primitive(_) | Node::Opaque(_) => {}
        }
    }
    Schema::numbered(nodes, NodeId::new(count)).unwrap().0
}
