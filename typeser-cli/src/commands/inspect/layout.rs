//! The layout of a snapshot as a tree: each type once, below the first field that holds it.

use typeser::SerializerSnapshot;
use typeser::schema::{Field, Node, NodeId, Schema};
use typeser::snapshot::{FieldHints, NodeHints, RecordHints, TypeMigration};
use typeser::text::hex;
use typeser::value::Value;

use super::tree::Tree;

/// How deep types are nested in the tree. Deeper ones are listed side by side.
const DEEPEST: usize = 12;

/// The tree of a serializer. `part` is the part of a state that it writes.
pub(super) fn tree(part: Option<&str>, snapshot: &SerializerSnapshot) -> Tree {
    let name = format!("{} v{} ({})", name(snapshot.name()), snapshot.version(), snapshot.fingerprint().short());
    let label = part.map_or_else(|| name.clone(), |part| format!("{part}: {name}"));
    let mut layout = Layout {
        snapshot,
        schema: snapshot.schema(),
        hints: snapshot.hints(),
        listed: vec![false; snapshot.schema().len()],
        later: Vec::new(),
    };
    let mut tree = Tree { label, parts: layout.parts_of(NodeId::ROOT, 0) };
    if layout.is_named(NodeId::ROOT) {
        let about = about(layout.hints_of(NodeId::ROOT));
        tree.label.push_str(&about);
    } else {
        let root = layout.type_of(NodeId::ROOT);
        // The name of a type without a declared name is its description.
        if root != snapshot.name() {
            tree.label = format!("{}: {root}", tree.label);
        }
    }
    while let Some(id) = layout.later.pop() {
        let mut part = Tree::leaf(format!("{}{}", layout.type_of(id), about(layout.hints_of(id))));
        part.parts = layout.parts_of(id, 0);
        tree.parts.push(part);
    }
    tree
}

struct Layout<'a> {
    snapshot: &'a SerializerSnapshot,
    schema: &'a Schema,
    hints: &'a [NodeHints],
    /// Which named types are in the tree already, or in `later`.
    listed: Vec<bool>,
    /// Types that are nested too deep, to be listed at the end.
    later: Vec<NodeId>,
}

impl Layout<'_> {
    fn hints_of(&self, id: NodeId) -> &NodeHints {
        self.hints.get(id.index()).unwrap_or(&NodeHints::None)
    }

    /// The parts below a type.
    fn parts_of(&mut self, id: NodeId, depth: usize) -> Vec<Tree> {
        let schema = self.schema;
        self.listed[id.index()] = true;
        match schema.get(id) {
            Some(Node::Struct(node)) => {
                let empty = RecordHints::default();
                let hints = match self.hints.get(id.index()) {
                    Some(NodeHints::Struct(hints)) => &hints.record,
                    _ => &empty,
                };
                self.record(&node.fields, hints, depth)
            }
            Some(Node::Enum(node)) => {
                let hints = self.hints.get(id.index());
                let mut parts = Vec::new();
                for (number, variant) in node.variants.iter().enumerate() {
                    let of_variant = match hints {
                        Some(NodeHints::Enum(hints)) => hints.variants.get(number),
                        _ => None,
                    };
                    let mut notes = Vec::new();
                    let empty = RecordHints::default();
                    let record = of_variant.map_or(&empty, |hints| &hints.record);
                    list(&mut notes, "alias", of_variant.map_or(&[][..], |hints| &hints.aliases));
                    let label = format!("{} {}{}", variant.tag, name(&variant.name), in_brackets(&notes));
                    parts.push(Tree { label, parts: self.record(&variant.fields, record, depth) });
                }
                if let Some(NodeHints::Enum(hints)) = hints {
                    for removed in &hints.removed {
                        let becomes = removed.becomes.as_deref();
                        let becomes = becomes.map(|bytes| format!(", becomes {}", self.constant(id, bytes)));
                        let name = name(&removed.name);
                        parts.push(Tree::leaf(format!("removed {name}{}", becomes.unwrap_or_default())));
                    }
                }
                parts
            }
            _ => self.inside(id, depth),
        }
    }

    fn record(&mut self, fields: &[Field], hints: &RecordHints, depth: usize) -> Vec<Tree> {
        let mut parts = Vec::new();
        for (number, field) in fields.iter().enumerate() {
            let hints = hints.fields.get(number);
            let notes = hints.map(|hints| self.notes_of(field.node, hints)).unwrap_or_default();
            let mut label = format!("{}: {}{}", name(&field.name), self.type_of(field.node), in_brackets(&notes));
            let mut below = Vec::new();
            if self.is_named(field.node) {
                if !std::mem::replace(&mut self.listed[field.node.index()], true) {
                    if depth < DEEPEST {
                        label.push_str(&about(self.hints_of(field.node)));
                        below = self.parts_of(field.node, depth + 1);
                    } else {
                        self.later.push(field.node);
                    }
                }
            } else {
                below = self.inside(field.node, depth);
            }
            parts.push(Tree { label, parts: below });
        }
        for removed in &hints.removed {
            parts.push(Tree::leaf(format!("removed {}", name(removed))));
        }
        parts
    }

    /// The named types inside a type without a name that are not in the tree yet.
    fn inside(&mut self, id: NodeId, depth: usize) -> Vec<Tree> {
        let mut parts = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            if !self.is_named(id) {
                let children: Vec<NodeId> = self.schema.get(id).into_iter().flat_map(Node::children).collect();
                open.extend(children.into_iter().rev());
            } else if !std::mem::replace(&mut self.listed[id.index()], true) {
                if depth < DEEPEST {
                    let label = format!("{}{}", self.type_of(id), about(self.hints_of(id)));
                    parts.push(Tree { label, parts: self.parts_of(id, depth + 1) });
                } else {
                    self.later.push(id);
                }
            }
        }
        parts
    }

    fn notes_of(&self, id: NodeId, hints: &FieldHints) -> Vec<String> {
        let mut notes = Vec::new();
        list(&mut notes, "alias", &hints.aliases);
        notes.extend(hints.default.as_deref().map(|bytes| format!("default {}", self.constant(id, bytes))));
        notes.extend(hints.none.as_deref().map(|bytes| format!("none {}", self.constant(id, bytes))));
        for conversion in &hints.conversions {
            let source = conversion.source.schema().type_name(NodeId::ROOT);
            notes.push(format!("converts {source} by {}", name(&conversion.id)));
        }
        notes
    }

    /// A constant of a hint: its value as JSON, as snapshots written by hand have it, and its bytes.
    fn constant(&self, id: NodeId, bytes: &[u8]) -> String {
        const MOST_SHOWN: usize = 60;
        let Some(value) = Value::decode_part(self.snapshot, id, bytes) else { return hexadecimal(bytes) };
        let value = value.to_json();
        if value.chars().count() > MOST_SHOWN {
            let begin: String = value.chars().take(MOST_SHOWN).collect();
            return format!("{begin}... ({})", hexadecimal(bytes));
        }
        format!("{value} ({})", hexadecimal(bytes))
    }

    /// Whether a type is shown on separate lines.
    fn is_named(&self, id: NodeId) -> bool {
        matches!(self.schema.get(id), Some(Node::Struct(_) | Node::Enum(_) | Node::Opaque(_)))
    }

    /// The name of a type, with its version if it has one.
    fn type_of(&self, id: NodeId) -> String {
        match self.schema.get(id) {
            Some(Node::Struct(node)) => format!("struct {} v{}", name(&node.name), node.version),
            Some(Node::Enum(node)) => format!("enum {} v{}", name(&node.name), node.version),
            Some(Node::Opaque(node)) => {
                let framed = if node.framed { "" } else { " without a length" };
                format!("opaque {} v{}{framed}", name(&node.name), node.version)
            }
            _ => self.schema.type_name(id),
        }
    }
}

/// The hints of a whole type.
fn about(hints: &NodeHints) -> String {
    let mut notes = Vec::new();
    if let NodeHints::Opaque(hints) = hints {
        list(&mut notes, "alias", &hints.aliases);
        notes.extend(hints.canonical.then(|| "canonical".to_owned()));
        notes.extend(hints.reads.iter().map(|version| format!("reads version {version}")));
        notes.extend(hints.migrates.iter().map(|from| format!("migrates version {} by {}", from.from, name(&from.id))));
    }
    let (aliases, was, migrations): (&[String], &[Schema], &[TypeMigration]) = match hints {
        NodeHints::Struct(hints) => (&hints.aliases, &hints.was, &hints.migrations),
        NodeHints::Enum(hints) => (&hints.aliases, &hints.was, &hints.migrations),
        _ => (&[], &[], &[]),
    };
    list(&mut notes, "alias", aliases);
    notes.extend(was.iter().map(|was| format!("was {}", was.type_name(NodeId::ROOT))));
    for migration in migrations {
        let injective = if migration.injective { ", injective" } else { "" };
        let exact = if migration.exact { ", exact" } else { "" };
        notes.push(format!("migrates version {} by {}{injective}{exact}", migration.from, name(&migration.id)));
    }
    if let NodeHints::Enum(hints) = hints {
        notes.extend(hints.fallback.as_deref().map(|fallback| format!("removed variants become {}", name(fallback))));
    }
    in_brackets(&notes)
}

fn list(notes: &mut Vec<String>, what: &str, names: &[String]) {
    notes.extend(names.iter().map(|alias| format!("{what} {}", name(alias))));
}

fn in_brackets(notes: &[String]) -> String {
    if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) }
}

/// A name, in quotes where it would be ambiguous.
pub(super) fn name(name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.:<>, ;()[]#".contains(c));
    if plain { name.to_owned() } else { format!("{name:?}") }
}

/// The first sixteen bytes.
fn hexadecimal(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "no bytes".to_owned();
    }
    let shown = hex::encode(bytes.get(..16).unwrap_or(bytes));
    if bytes.len() > 16 { format!("0x{shown}... ({} bytes)", bytes.len()) } else { format!("0x{shown}") }
}
