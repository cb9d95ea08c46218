//! Random layouts, and random evolutions of them: legal ones and others.

use typeser::SerializerSnapshot;
use typeser::schema::{
    EnumNode, Field, IntegerEncoding, LogicalNode, Node, NodeId, OpaqueNode, Primitive, Schema, SchemaError,
    StructNode, Variant,
};
use typeser::snapshot::{Configuration, FieldHints, NodeHints, RecordHints, RemovedVariant, VariantHints};

use super::source::Source;
use super::value::Layout;

const TYPES: [&str; 5] = ["A", "B", "C", "D", "E"];
const FIELDS: [&str; 9] = ["a", "b", "c", "d", "e", "0", "1", "x", "y"];
const VARIANTS: [&str; 8] = ["P", "Q", "R", "S", "T", "U", "V", "W"];

/// A snapshot while it is made: nodes in any order, the first one being the root.
#[derive(Debug, Clone)]
pub struct Draft {
    nodes: Vec<Node>,
    hints: Vec<NodeHints>,
    integers: IntegerEncoding,
}

/// Constants are made up when the layout stands; until then this stands for one that is to be right,
const RIGHT: &[u8] = b"right";
/// and this for one that is to be changed here and there.
const WRONG: &[u8] = b"wrong";

impl Draft {
    /// A random layout.
    pub fn random(source: &mut Source) -> Self {
        let count = 1 + source.below(9);
        let integers = encoding(source);
        let mut draft = Self { nodes: vec![], hints: vec![], integers };
        // The leaves stand behind, so that most references go forwards and end.
        let kinds: Vec<usize> = (0..count)
            .map(|at| match at == 0 && !source.one_in(5) {
                true => 1 + source.below(6),
                false => source.below(14),
            })
            .collect();
        let leaves = 3;
        for (at, kind) in kinds.iter().enumerate() {
            let node = draft.node(*kind, at, count + leaves, source);
            draft.push(node);
        }
        for _ in 0..leaves {
            let leaf = leaf(source);
            draft.push(leaf);
        }
        // Times and ranges refer to the tuple that stands behind the leaves.
        let behind = NodeId::new((count + leaves + 1) as u32);
        draft.push(Node::Tuple(vec![behind, NodeId::new(behind.number() + 1)]));
        draft.push(Node::Primitive(Primitive::U64));
        draft.push(Node::Primitive(Primitive::U32));
        loop {
            match Schema::numbered(draft.nodes.clone(), NodeId::ROOT) {
                Err(SchemaError::Infinite { node } | SchemaError::NonZeroOfNonInteger { node }) => {
                    draft.set(NodeId::new(node), Node::Primitive(Primitive::U32));
                }
                _ => return draft,
            }
        }
    }

    fn push(&mut self, node: Node) -> NodeId {
        self.hints.push(NodeHints::empty(&node));
        self.nodes.push(node);
        NodeId::new(self.nodes.len() as u32 - 1)
    }

    fn set(&mut self, id: NodeId, node: Node) {
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
                    let name = fresh(source, &VARIANTS, variants.iter().map(|variant| variant.name.as_str()));
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
                0 => Node::NonZero(child(source)),
                1 => Node::Opaque(OpaqueNode {
                    name: name(source, &TYPES),
                    version: version(source),
                    framed: !source.one_in(8),
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
    fn reached(&self) -> Vec<NodeId> {
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

    /// The snapshot, with its constants made up. `None` if the nodes make no schema.
    pub fn snapshot(&self, source: &mut Source) -> Option<SerializerSnapshot> {
        let layout = Layout::new(&self.nodes, self.integers);
        let mut constant = |slot: &mut Option<Vec<u8>>, node: NodeId| {
            let Some(bytes) = slot else { return };
            let value = layout.value(node, source);
            let made = value.and_then(|value| layout.encode(node, &value)).unwrap_or_default();
            let wrong = bytes.as_slice() == WRONG;
            *bytes = if wrong { mutated(&made, source) } else { made };
        };
        let mut hints = self.hints.clone();
        for (id, (node, hints)) in self.nodes.iter().zip(&mut hints).enumerate() {
            match (node, hints) {
                (Node::Struct(node), NodeHints::Struct(hints)) => {
                    for (field, hints) in node.fields.iter().zip(&mut hints.record.fields) {
                        constant(&mut hints.default, field.node);
                    }
                }
                (Node::Enum(node), NodeHints::Enum(hints)) => {
                    for removed in &mut hints.removed {
                        constant(&mut removed.becomes, NodeId::new(id as u32));
                    }
                    for (variant, hints) in node.variants.iter().zip(&mut hints.variants) {
                        for (field, hints) in variant.fields.iter().zip(&mut hints.record.fields) {
                            constant(&mut hints.default, field.node);
                        }
                    }
                }
                _ => {}
            }
        }
        let configuration = Configuration { integers: self.integers };
        let (schema, order) = Schema::numbered(self.nodes.clone(), NodeId::ROOT).ok()?;
        let hints = order.iter().map(|old| hints[old.index()].clone()).collect();
        SerializerSnapshot::new("oracle".to_owned(), 1, configuration, schema, hints).ok()
    }
}

// Evolutions.
impl Draft {
    /// The same layout after a few edits.
    pub fn evolved(&self, source: &mut Source) -> Self {
        let mut draft = self.clone();
        let edits = if source.one_in(20) { 0 } else { 1 + source.below(5) };
        // Some histories only move things and give them other names.
        let gentle = source.below(5) > 2;
        for _ in 0..edits {
            let before = draft.clone();
            draft.edit(gentle, source);
            if Schema::numbered(draft.nodes.clone(), NodeId::ROOT).is_err() {
                draft = before;
            }
        }
        if !gentle && source.one_in(8) {
            draft.integers = encoding(source);
        }
        draft
    }

    fn edit(&mut self, gentle: bool, source: &mut Source) {
        let mut reached = self.reached();
        if gentle {
            reached.retain(|id| matches!(self.nodes[id.index()], Node::Struct(_) | Node::Enum(_)));
        }
        if reached.is_empty() {
            return;
        }
        let id = *source.pick(&reached);
        let node = self.nodes[id.index()].clone();
        match node {
            Node::Struct(node) if gentle || !source.one_in(5) => self.edit_struct(id, node, gentle, source),
            Node::Enum(node) if gentle || !source.one_in(5) => self.edit_enum(id, node, gentle, source),
            node => self.edit_kind(id, node, source),
        }
    }

    fn edit_struct(&mut self, id: NodeId, mut node: StructNode, gentle: bool, source: &mut Source) {
        let NodeHints::Struct(mut hints) = self.hints[id.index()].clone() else { return };
        match if gentle { 2 } else { source.below(12) } {
            0 => rename_type(&mut node.name, &mut hints.aliases, source),
            1 => node.version = version(source),
            _ => self.edit_record(&mut node.fields, &mut hints.record, gentle, source),
        }
        self.nodes[id.index()] = Node::Struct(node);
        self.hints[id.index()] = NodeHints::Struct(hints);
    }

    fn edit_enum(&mut self, id: NodeId, mut node: EnumNode, gentle: bool, source: &mut Source) {
        let NodeHints::Enum(mut hints) = self.hints[id.index()].clone() else { return };
        let count = node.variants.len();
        let mut renumber = true;
        match if gentle { [1, 4, 5, 6, 8][source.below(5)] } else { source.below(11) } {
            0 => rename_type(&mut node.name, &mut hints.aliases, source),
            1 | 2 => {
                let name = fresh(source, &VARIANTS, node.variants.iter().map(|variant| variant.name.as_str()));
                let mut fields = vec![];
                let mut record = RecordHints::default();
                self.edit_record(&mut fields, &mut record, gentle, source);
                let at = if source.below(2) == 0 { count } else { source.below(count + 1) };
                let tag = node.variants.iter().map(|variant| variant.tag).max().map_or(0, |tag| tag.wrapping_add(1));
                node.variants.insert(at, Variant { name, tag, fields });
                hints.variants.insert(at, VariantHints { aliases: vec![], record });
                renumber = source.below(3) != 0;
            }
            _ if count == 0 => {}
            3 => {
                let at = source.below(count);
                let removed = node.variants.remove(at);
                hints.variants.remove(at);
                let becomes = match source.below(5) {
                    0..=2 => Some(RIGHT.to_vec()),
                    3 => Some(WRONG.to_vec()),
                    _ => None,
                };
                if !source.one_in(4) {
                    hints.removed.push(RemovedVariant { name: removed.name, becomes });
                }
                renumber = source.below(2) == 0;
            }
            4 | 5 => {
                let (one, other) = (source.below(count), source.below(count));
                node.variants.swap(one, other);
                hints.variants.swap(one, other);
                renumber = source.below(3) != 0;
            }
            6 => {
                let at = source.below(count);
                let name = fresh(source, &VARIANTS, node.variants.iter().map(|variant| variant.name.as_str()));
                let was = std::mem::replace(&mut node.variants[at].name, name);
                if gentle || !source.one_in(4) {
                    hints.variants[at].aliases.push(was);
                }
                renumber = false;
            }
            7 => {
                let at = source.below(count);
                node.variants[at].tag = [source.below(5) as u32, source.number(), u32::MAX][source.below(3)];
                renumber = false;
            }
            _ => {
                let at = source.below(count);
                let (mut fields, mut record) = (node.variants[at].fields.clone(), hints.variants[at].record.clone());
                self.edit_record(&mut fields, &mut record, gentle, source);
                node.variants[at].fields = fields;
                hints.variants[at].record = record;
                renumber = false;
            }
        }
        if renumber {
            for (tag, variant) in (0u32..).zip(&mut node.variants) {
                variant.tag = tag;
            }
        }
        self.nodes[id.index()] = Node::Enum(node);
        self.hints[id.index()] = NodeHints::Enum(hints);
    }

    fn edit_record(&mut self, fields: &mut Vec<Field>, hints: &mut RecordHints, gentle: bool, source: &mut Source) {
        let count = fields.len();
        let new_name = |source: &mut Source, fields: &[Field]| {
            // A name that is free, or (rarely) any: names may clash and return.
            match !gentle && source.one_in(10) {
                true => name(source, &FIELDS),
                false => fresh(source, &FIELDS, fields.iter().map(|field| field.name.as_str())),
            }
        };
        match if gentle { 5 + source.below(3) } else { source.below(10) } {
            0..=2 => {
                let name = new_name(source, fields);
                let any = NodeId::new(source.below(self.nodes.len()) as u32);
                let (node, default) = match source.below(8) {
                    0 => (self.push(Node::Option(any)), None),
                    1 => (any, None),
                    2 => (any, Some(WRONG.to_vec())),
                    _ => (any, Some(RIGHT.to_vec())),
                };
                let at = source.below(count + 1);
                fields.insert(at, Field { name, node });
                hints.fields.insert(at, FieldHints { default, ..FieldHints::default() });
            }
            _ if count == 0 => {}
            3 | 4 => {
                let at = source.below(count);
                let removed = fields.remove(at);
                hints.fields.remove(at);
                if !source.one_in(5) {
                    hints.removed.push(removed.name);
                }
            }
            5 | 6 => {
                let (one, other) = (source.below(count), source.below(count));
                fields.swap(one, other);
                hints.fields.swap(one, other);
            }
            7 => {
                let at = source.below(count);
                let name = new_name(source, fields);
                let was = std::mem::replace(&mut fields[at].name, name);
                if gentle || !source.one_in(5) {
                    hints.fields[at].aliases.push(was);
                }
            }
            _ => {
                let at = source.below(count);
                fields[at].node = self.changed(fields[at].node, source);
            }
        }
    }

    /// Another node in the place of this one; what else refers to the old one keeps it.
    fn changed(&mut self, id: NodeId, source: &mut Source) -> NodeId {
        let node = self.nodes[id.index()].clone();
        let wider = |primitive: Primitive, source: &mut Source| match primitive {
            Primitive::U8 => Node::Primitive(*source.pick(&[Primitive::U16, Primitive::I32, Primitive::F32])),
            Primitive::U16 => Node::Primitive(*source.pick(&[Primitive::U32, Primitive::I64, Primitive::F64])),
            Primitive::U32 => Node::Primitive(*source.pick(&[Primitive::U64, Primitive::I128, Primitive::F64])),
            Primitive::U64 => Node::Primitive(Primitive::U128),
            Primitive::I8 => Node::Primitive(*source.pick(&[Primitive::I16, Primitive::F32])),
            Primitive::I16 => Node::Primitive(*source.pick(&[Primitive::I128, Primitive::I32, Primitive::F32])),
            Primitive::I32 => Node::Primitive(*source.pick(&[Primitive::I64, Primitive::F64])),
            Primitive::I64 => Node::Primitive(Primitive::I128),
            Primitive::F32 => Node::Primitive(Primitive::F64),
            Primitive::Char => Node::Primitive(Primitive::String),
            _ => Node::Primitive(*source.pick(&Primitive::ALL)),
        };
        let node = match (node, source.below(8)) {
            (Node::Primitive(Primitive::String), 0..=2) => {
                let element = self.push(Node::Primitive(Primitive::U8));
                Node::List(element)
            }
            (Node::Primitive(primitive), 0..=4) => wider(primitive, source),
            (Node::Primitive(primitive), 5) if primitive.is_integer() => Node::NonZero(id),
            (Node::NonZero(inner), 0..=2) => return inner,
            (Node::NonZero(inner), 3..=5) => match self.nodes[inner.index()].clone() {
                Node::Primitive(primitive) => {
                    let node = wider(primitive, source);
                    Node::NonZero(self.push(node))
                }
                _ => return inner,
            },
            (Node::Array { element, .. }, 0..=2) => Node::List(element),
            (Node::Array { element, length }, 3) => Node::Array { element, length: length + 1 },
            (Node::Array { element, length }, 4..) => Node::Array { element: self.changed(element, source), length },
            (Node::List(element), 0) => Node::Set(element),
            (Node::List(element), 1) => Node::Array { element, length: 2 },
            (Node::List(element), 2..=6) => Node::List(self.changed(element, source)),
            (Node::Set(element), 0..=1) => Node::List(element),
            (Node::Set(element), 2..=6) => Node::Set(self.changed(element, source)),
            (Node::Map { key, value }, 0..=3) => Node::Map { key: self.changed(key, source), value },
            (Node::Map { key, value }, 4..=6) => Node::Map { key, value: self.changed(value, source) },
            (Node::Option(inner), 0) => return inner,
            (Node::Option(inner), 1..=5) => Node::Option(self.changed(inner, source)),
            (Node::Tuple(mut elements), 0..=5) if !elements.is_empty() => {
                let at = source.below(elements.len());
                elements[at] = self.changed(elements[at], source);
                Node::Tuple(elements)
            }
            (Node::Tuple(mut elements), 6) => {
                elements.push(id);
                Node::Tuple(elements)
            }
            (Node::Logical(mut node), 0..=3) => {
                node.representation = self.changed(node.representation, source);
                Node::Logical(node)
            }
            (Node::Logical(mut node), 4) => {
                node.parameters = vec![("scale".to_owned(), "7".to_owned())];
                Node::Logical(node)
            }
            (Node::Opaque(mut node), 0..=2) => {
                node.version += 1;
                Node::Opaque(node)
            }
            (_, 7) => match source.below(6) {
                0 => Node::Tuple(vec![id]),
                1 => {
                    let fields = vec![Field { name: "0".to_owned(), node: id }];
                    Node::Struct(StructNode { name: name(source, &TYPES), version: 1, fields })
                }
                2 => leaf(source),
                3 => Node::List(id),
                _ => return NodeId::new(source.below(self.nodes.len()) as u32),
            },
            _ => Node::Option(id),
        };
        self.push(node)
    }

    /// Changes a node for all that refer to it, if it can be changed like that.
    fn edit_kind(&mut self, id: NodeId, node: Node, source: &mut Source) {
        let changed = self.changed(id, source);
        let mut replacement = self.nodes[changed.index()].clone();
        if replacement == node {
            return;
        }
        // What the replacement holds is the old node, not itself.
        let hints = self.hints[changed.index()].clone();
        if replacement.children().any(|child| child == id) {
            let kept = self.push(node);
            self.hints[kept.index()] = self.hints[id.index()].clone();
            redirect(&mut replacement, id, kept);
        }
        self.nodes[id.index()] = replacement;
        self.hints[id.index()] = hints;
    }
}

fn redirect(node: &mut Node, from: NodeId, to: NodeId) {
    let swap = |child: &mut NodeId| {
        if *child == from {
            *child = to;
        }
    };
    match node {
        Node::Option(child) | Node::List(child) | Node::Set(child) | Node::NonZero(child) => swap(child),
        Node::Array { element, .. } => swap(element),
        Node::Map { key, value } => [key, value].into_iter().for_each(swap),
        Node::Tuple(elements) => elements.iter_mut().for_each(swap),
        Node::Struct(node) => node.fields.iter_mut().for_each(|field| swap(&mut field.node)),
        Node::Logical(node) => swap(&mut node.representation),
        _ => {}
    }
}

fn rename_type(name_of_type: &mut String, aliases: &mut Vec<String>, source: &mut Source) {
    let was = std::mem::replace(name_of_type, name(source, &TYPES));
    if !source.one_in(3) {
        aliases.push(was);
    }
}

/// Bytes with a few of them changed, cut off or added.
pub fn mutated(bytes: &[u8], source: &mut Source) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=source.below(3) {
        let length = bytes.len();
        match source.below(5) {
            0 | 1 if length > 0 => bytes[source.below(length)] ^= 1 << source.below(8),
            2 if length > 0 => {
                let at = source.below(length);
                bytes[at] = [0, 1, 2, 0x80, 0xFF, 250, 251][source.below(7)];
            }
            3 => bytes.truncate(source.below(length + 1)),
            _ => {
                let at = source.below(length + 1);
                bytes.insert(at, source.number() as u8);
            }
        }
    }
    bytes
}

fn encoding(source: &mut Source) -> IntegerEncoding {
    if source.below(2) == 0 { IntegerEncoding::Fixed } else { IntegerEncoding::Variable }
}

fn version(source: &mut Source) -> u32 {
    [1, 1, 1, 2, 3][source.below(5)]
}

fn name(source: &mut Source, from: &[&str]) -> String {
    (*source.pick(from)).to_owned()
}

/// A name that is not taken.
fn fresh<'n>(source: &mut Source, from: &[&str], taken: impl Iterator<Item = &'n str>) -> String {
    let taken: Vec<&str> = taken.collect();
    let start = source.below(from.len());
    let free = (0..from.len()).map(|step| from[(start + step) % from.len()]).find(|name| !taken.contains(name));
    free.map_or_else(|| format!("n{}", taken.len()), str::to_owned)
}

fn fields(source: &mut Source, child: &mut impl FnMut(&mut Source) -> NodeId) -> Vec<Field> {
    let count = source.below(5);
    let mut fields: Vec<Field> = Vec::new();
    for _ in 0..count {
        let name = fresh(source, &FIELDS, fields.iter().map(|field| field.name.as_str()));
        let node = child(source);
        fields.push(Field { name, node });
    }
    fields
}

fn leaf(source: &mut Source) -> Node {
    Node::Primitive(*source.pick(&Primitive::ALL))
}
