//! Random evolutions of a layout: moves, properly declared changes, and arbitrary ones.

use typeser::schema::{EnumNode, Field, Node, NodeId, Primitive, Schema, StructNode, Variant};
use typeser::snapshot::{ConversionHint, FieldHints, NodeHints, RecordHints, RemovedVariant, RootHints, VariantHints};

use super::generate::{Draft, FIELDS, RIGHT, TYPES, VARIANTS, WRONG, encoding, fresh, leaf, name, version};
use super::model::functions::FUNCTIONS;
use super::source::Source;

/// The kind of edits in an evolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EditKind {
    /// Edits that only move the bytes of a value.
    Moves,
    /// Edits that keep every value, properly declared.
    Declared,
    /// Arbitrary edits.
    Any,
}

use EditKind::{Any, Declared, Moves};

impl Draft {
    /// The same layout after a few edits.
    #[must_use]
    pub fn evolved(&self, source: &mut Source) -> Self {
        let mut draft = self.clone();
        let edits = if source.one_in(20) { 0 } else { 1 + source.below(5) };
        let kind = [Moves, Declared, Declared, Any, Moves, Declared, Any, Any][source.below(8)];
        if source.one_in(3) {
            draft.remove_attributes(source);
        }
        for _ in 0..edits {
            let before = draft.clone();
            draft.edit(kind, source);
            if Schema::numbered(draft.nodes.clone(), NodeId::ROOT).is_err() {
                draft = before;
            }
        }
        if kind != Moves && source.one_in(8) {
            draft.integers = encoding(source);
        }
        draft
    }

    /// Removes attributes about former releases. The names in them are no longer protected from reuse.
    fn remove_attributes(&mut self, source: &mut Source) {
        if source.below(2) == 0 {
            self.whole = RootHints::default();
        }
        let Self { hints, former_names, .. } = self;
        let mut record = |hints: &mut RecordHints, source: &mut Source| {
            if source.below(2) == 0 {
                former_names.append(&mut hints.removed);
            }
            for field in &mut hints.fields {
                if source.below(2) == 0 {
                    former_names.append(&mut field.aliases);
                }
                if source.below(2) == 0 {
                    (field.default, field.none) = (None, None);
                    field.conversions.clear();
                }
            }
        };
        for hints in hints {
            match hints {
                NodeHints::Struct(hints) => {
                    if source.below(2) == 0 {
                        hints.was.clear();
                    }
                    if source.one_in(4) {
                        hints.migrations.clear();
                    }
                    record(&mut hints.record, source);
                }
                NodeHints::Enum(hints) => {
                    if source.one_in(4) {
                        hints.migrations.clear();
                    }
                    hints.variants.iter_mut().for_each(|hints| record(&mut hints.record, source));
                    if source.below(2) == 0 {
                        self.former_variants.extend(hints.removed.drain(..).map(|removed| removed.name));
                    }
                    if source.below(2) == 0 {
                        let aliases = hints.variants.iter_mut().flat_map(|hints| hints.aliases.drain(..));
                        self.former_variants.extend(aliases);
                    }
                }
                _ => {}
            }
        }
    }

    fn edit(&mut self, kind: EditKind, source: &mut Source) {
        let mut reached = self.reached();
        let named: Vec<NodeId> = reached.iter().copied().filter(|id| self.is_named(*id)).collect();
        // Most rules are about types with names.
        if kind == Moves || (!named.is_empty() && source.below(2) == 0) {
            reached = named;
        }
        if reached.is_empty() {
            return;
        }
        let id = *source.pick(&reached);
        let node = self.nodes[id.index()].clone();
        let has_functions = match &node {
            Node::Struct(node) => ["Trip", "Tally", "Label"].contains(&&*node.name) && source.below(2) == 0,
            Node::Primitive(Primitive::U32) | Node::Opaque(_) => source.one_in(4),
            _ => false,
        };
        if kind != Moves && (has_functions || source.one_in(16)) && self.migrated(id, kind == Any, source) {
            return;
        }
        if kind != Moves && source.one_in(12) && self.became(id, kind, source) {
            return;
        }
        if kind != Moves && source.one_in(16) && self.declared_whole(kind, source) {
            return;
        }
        match node {
            Node::Struct(node) if kind == Moves || !source.one_in(5) => self.edit_struct(id, node, kind, source),
            Node::Enum(node) if kind == Moves || !source.one_in(5) => self.edit_enum(id, node, kind, source),
            node => self.edit_kind(id, node, kind, source),
        }
    }

    fn is_named(&self, id: NodeId) -> bool {
        matches!(self.nodes[id.index()], Node::Struct(_) | Node::Enum(_))
    }

    fn edit_struct(&mut self, id: NodeId, mut node: StructNode, kind: EditKind, source: &mut Source) {
        let NodeHints::Struct(mut hints) = self.hints[id.index()].clone() else { return };
        match if kind == Moves { 2 } else { source.below(12) } {
            0 => rename_type(&mut node.name, &mut hints.aliases, kind, source),
            1 => node.version = version(source),
            _ => self.edit_record(&mut node.fields, &mut hints.record, kind, source),
        }
        self.nodes[id.index()] = Node::Struct(node);
        self.hints[id.index()] = NodeHints::Struct(hints);
    }

    fn edit_enum(&mut self, id: NodeId, mut node: EnumNode, kind: EditKind, source: &mut Source) {
        let NodeHints::Enum(mut hints) = self.hints[id.index()].clone() else { return };
        let count = node.variants.len();
        let taken: Vec<String> = (node.variants.iter().map(|variant| &variant.name))
            .chain(hints.variants.iter().flat_map(|hints| &hints.aliases))
            .chain(hints.removed.iter().map(|removed| &removed.name))
            .cloned()
            .collect();
        let returning = &self.former_variants;
        let new_name = |source: &mut Source| match returning.is_empty() || kind == Moves || source.below(2) > 0 {
            true => fresh(source, &VARIANTS, &taken),
            false => source.pick(returning).clone(),
        };
        let mut renumber = true;
        match if kind == Moves { [1, 4, 5, 6, 8][source.below(5)] } else { source.below(16) } {
            0 => rename_type(&mut node.name, &mut hints.aliases, kind, source),
            1 | 2 => {
                let name = new_name(source);
                let mut fields = vec![];
                let mut record = RecordHints::default();
                self.edit_record(&mut fields, &mut record, kind, source);
                let at = if source.below(2) == 0 { count } else { source.below(count + 1) };
                let tag = node.variants.iter().map(|variant| variant.tag).max().map_or(0, |tag| tag.wrapping_add(1));
                node.variants.insert(at, Variant { name, tag, fields });
                hints.variants.insert(at, VariantHints { aliases: vec![], record });
                renumber = source.below(3) != 0;
            }
            _ if count == 0 => {}
            11 | 12 => {
                hints.fallback = Some(source.pick(&node.variants).name.clone());
                renumber = false;
            }
            3 | 9 | 10 if kind != Declared || count > 1 => {
                let at = source.below(count);
                let removed = node.variants.remove(at);
                hints.variants.remove(at);
                if kind == Declared && hints.fallback.as_ref() == Some(&removed.name) {
                    hints.fallback = None;
                }
                let falls = hints.fallback.is_some() && source.below(2) == 0;
                let becomes = match if kind == Declared { 0 } else { source.below(5) } {
                    _ if falls => None,
                    0..=2 => Some(RIGHT.to_vec()),
                    3 => Some(WRONG.to_vec()),
                    _ => None,
                };
                if kind == Declared || !source.one_in(4) {
                    hints.removed.push(RemovedVariant { name: removed.name, becomes });
                }
                renumber = source.below(2) == 0;
            }
            15 if count > 1 => {
                // Values of one variant become values of another, with the payload of either.
                let gone = source.below(count);
                let (was, said) = (node.variants.remove(gone), hints.variants.remove(gone));
                let at = source.below(count - 1);
                if kind == Declared || source.one_in(4) {
                    node.variants[at].fields = was.fields;
                    hints.variants[at].record = said.record;
                }
                if hints.fallback.as_ref() == Some(&was.name) {
                    hints.fallback = None;
                }
                hints.variants[at].aliases.push(was.name);
                hints.variants[at].aliases.extend(said.aliases);
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
                let was = std::mem::replace(&mut node.variants[at].name, new_name(source));
                if hints.fallback.as_ref() == Some(&was) {
                    hints.fallback = Some(node.variants[at].name.clone());
                }
                if kind != Any || !source.one_in(4) {
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
                self.edit_record(&mut fields, &mut record, kind, source);
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

    fn edit_record(&mut self, fields: &mut Vec<Field>, hints: &mut RecordHints, kind: EditKind, source: &mut Source) {
        let count = fields.len();
        let taken: Vec<String> = (fields.iter().map(|field| &field.name))
            .chain(hints.fields.iter().flat_map(|hints| &hints.aliases))
            .chain(&hints.removed)
            .cloned()
            .collect();
        let returning = self.former_names.clone();
        // A free name, or a returning one, or (rarely) any name, which can clash.
        let new_name = |source: &mut Source| match source.below(10) {
            0 if kind == Any => name(source, &FIELDS),
            1..=5 if kind != Moves && !returning.is_empty() => source.pick(&returning).clone(),
            _ => fresh(source, &FIELDS, &taken),
        };
        match if kind == Moves { 5 + source.below(4) } else { source.below(13) } {
            0..=2 => {
                let name = new_name(source);
                let any = NodeId::new(source.below(self.nodes.len()) as u32);
                let (node, default) = match (source.below(8), kind) {
                    (0, _) => (self.push(Node::Option(any)), None),
                    (1, Any) => (any, None),
                    (2, Any) => (any, Some(WRONG.to_vec())),
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
                if kind != Any || !source.one_in(5) {
                    hints.removed.push(removed.name);
                }
            }
            5 | 6 => {
                let (one, other) = (source.below(count), source.below(count));
                fields.swap(one, other);
                hints.fields.swap(one, other);
            }
            8 => {
                // All fields in another order, sometimes without the last one.
                for at in (1..count).rev() {
                    let other = source.below(at + 1);
                    fields.swap(at, other);
                    hints.fields.swap(at, other);
                }
                if kind == Declared && count > 2 && source.below(2) == 0 {
                    hints.removed.extend(fields.pop().map(|field| field.name));
                    hints.fields.pop();
                }
            }
            9 if kind == Any && count > 1 && source.below(3) == 0 => {
                // One field has an alias that is the name of another.
                let gone = fields.remove(source.below(count));
                hints.fields.truncate(count - 1);
                let at = source.below(count - 1);
                hints.fields[at].aliases.push(gone.name);
            }
            7 => {
                let at = source.below(count);
                let was = std::mem::replace(&mut fields[at].name, new_name(source));
                if kind != Any || !source.one_in(5) {
                    hints.fields[at].aliases.push(was);
                }
            }
            _ => {
                let at = source.below(count);
                if source.below(2) == 0 || !self.converted(&mut fields[at], &mut hints.fields[at], kind, source) {
                    fields[at].node = self.changed(fields[at].node, kind, source);
                }
            }
        }
    }

    /// Changes a field in a way that needs an attribute. Returns whether the field has such a change.
    fn converted(&mut self, field: &mut Field, hints: &mut FieldHints, kind: EditKind, source: &mut Source) -> bool {
        let function = match self.nodes[field.node.index()] {
            Node::Option(inner) => {
                let is_wrong = kind == Any && source.one_in(4);
                hints.none = Some(if is_wrong { WRONG.to_vec() } else { RIGHT.to_vec() });
                field.node = if source.below(2) == 0 { inner } else { self.changed(inner, kind, source) };
                return true;
            }
            Node::Struct(ref node) if node.name == "Point" => {
                self.straightened(field, hints);
                return true;
            }
            Node::Primitive(from) => FUNCTIONS.iter().find(|function| function.from == from),
            _ => None,
        };
        let Some(function) = function else { return false };
        let Ok((schema, _)) = Schema::numbered(vec![Node::Primitive(function.from)], NodeId::ROOT) else {
            return false;
        };
        let injective = function.injective && !source.one_in(4);
        hints.conversions.push(ConversionHint { id: function.id.to_owned(), injective, source: schema.into() });
        field.node = self.push(Node::Primitive(function.to));
        true
    }

    /// Another node instead of this one; other references to the old node keep it.
    fn changed(&mut self, id: NodeId, kind: EditKind, source: &mut Source) -> NodeId {
        let node = self.nodes[id.index()].clone();
        // Zeros must not lead around for ever in a type that contains itself.
        let at = if source.is_over() { 7 } else { source.below(8) };
        if kind == Declared {
            return self.widened(id, node, at, source);
        }
        let node = match (node, at) {
            (Node::Primitive(Primitive::String), 0..=2) => {
                let element = self.push(Node::Primitive(Primitive::U8));
                Node::List(element)
            }
            (Node::Primitive(primitive), 0..=4) => {
                Node::Primitive(wider(primitive, source).unwrap_or_else(|| *source.pick(&Primitive::ALL)))
            }
            (Node::Primitive(primitive), 5) if primitive.is_integer() => Node::NonZero(id),
            (Node::NonZero(inner), 0..=2) => return inner,
            (Node::NonZero(inner), 3..=5) => return self.wider_nonzero(inner, source).unwrap_or(inner),
            (Node::Array { element, .. }, 0..=2) => Node::List(element),
            (Node::Array { element, length }, 3) => Node::Array { element, length: length + 1 },
            (Node::Array { element, length }, 4..) => {
                Node::Array { element: self.changed(element, kind, source), length }
            }
            (Node::List(element), 0) => Node::Set(element),
            (Node::List(element), 1) => Node::Array { element, length: 2 },
            (Node::List(element), 2..=6) => Node::List(self.changed(element, kind, source)),
            (Node::Set(element), 0..=1) => Node::List(element),
            (Node::Set(element), 2..=6) => Node::Set(self.changed(element, kind, source)),
            (Node::Map { key, value }, 0..=3) => Node::Map { key: self.changed(key, kind, source), value },
            (Node::Map { key, value }, 4..=6) => Node::Map { key, value: self.changed(value, kind, source) },
            (Node::Option(inner), 0) => return inner,
            (Node::Option(inner), 1..=5) => Node::Option(self.changed(inner, kind, source)),
            (Node::Tuple(mut elements), 0..=5) if !elements.is_empty() => {
                let at = source.below(elements.len());
                elements[at] = self.changed(elements[at], kind, source);
                Node::Tuple(elements)
            }
            (Node::Tuple(mut elements), 6) => {
                elements.push(id);
                Node::Tuple(elements)
            }
            (Node::Logical(mut node), 0..=3) => {
                node.representation = self.changed(node.representation, kind, source);
                Node::Logical(node)
            }
            (Node::Logical(mut node), 4) => {
                node.parameters = vec![("scale".to_owned(), "7".to_owned())];
                Node::Logical(node)
            }
            (Node::Opaque(node), 0..=4) => return self.other_leaf(id, node, source),
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

    /// A node that, by the rules, can represent every value of this one.
    fn widened(&mut self, id: NodeId, node: Node, at: usize, source: &mut Source) -> NodeId {
        let node = match (node, at) {
            (Node::Primitive(Primitive::String), 0..=2) => {
                let element = self.push(Node::Primitive(Primitive::U8));
                Node::List(element)
            }
            (Node::Primitive(primitive), 0..=5) => match wider(primitive, source) {
                Some(wider) => Node::Primitive(wider),
                None => Node::Option(id),
            },
            (Node::NonZero(inner), 0..=2) => return inner,
            (Node::NonZero(inner), _) => return self.wider_nonzero(inner, source).unwrap_or(inner),
            (Node::Array { element, .. }, 0..=1) => Node::List(element),
            (Node::Array { element, length }, 2..=6) => {
                Node::Array { element: self.changed(element, Declared, source), length }
            }
            (Node::List(element), 0..=6) => Node::List(self.changed(element, Declared, source)),
            (Node::Set(element), 0..=1) => Node::List(element),
            (Node::Set(element), 2..=6) => Node::Set(self.changed(element, Declared, source)),
            (Node::Map { key, value }, 0..=2) => Node::Map { key: self.changed(key, Declared, source), value },
            (Node::Map { key, value }, 3..=6) => Node::Map { key, value: self.changed(value, Declared, source) },
            (Node::Option(inner), 0..=5) => Node::Option(self.changed(inner, Declared, source)),
            (Node::Tuple(mut elements), 0..=6) if !elements.is_empty() => {
                let at = source.below(elements.len());
                elements[at] = self.changed(elements[at], Declared, source);
                Node::Tuple(elements)
            }
            (Node::Logical(mut node), 0..=3) if node.name == "decimal" => {
                node.representation = self.changed(node.representation, Declared, source);
                Node::Logical(node)
            }
            (Node::Opaque(node), 0..=6) => return self.later_leaf(id, node, source),
            (Node::Struct(node), 0..=6) => {
                let (copy, hints) = (Node::Struct(node.clone()), self.hints[id.index()].clone());
                let copy = self.push(copy);
                self.hints[copy.index()] = hints;
                self.edit_struct(copy, node, Declared, source);
                return copy;
            }
            (Node::Enum(node), 0..=6) => {
                let (copy, hints) = (Node::Enum(node.clone()), self.hints[id.index()].clone());
                let copy = self.push(copy);
                self.hints[copy.index()] = hints;
                self.edit_enum(copy, node, Declared, source);
                return copy;
            }
            _ => Node::Option(id),
        };
        self.push(node)
    }

    fn wider_nonzero(&mut self, inner: NodeId, source: &mut Source) -> Option<NodeId> {
        let Node::Primitive(primitive) = self.nodes[inner.index()] else { return None };
        let wider = wider(primitive, source).filter(|wider| wider.is_integer())?;
        let inner = self.push(Node::Primitive(wider));
        Some(self.push(Node::NonZero(inner)))
    }

    /// Changes a node for all references to it, if such a change is possible.
    fn edit_kind(&mut self, id: NodeId, node: Node, kind: EditKind, source: &mut Source) {
        let changed = self.changed(id, kind, source);
        let mut replacement = self.nodes[changed.index()].clone();
        if replacement == node && self.hints[changed.index()] == self.hints[id.index()] {
            return;
        }
        // The replacement contains the old node, not itself.
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

/// A primitive that can represent every value of this one.
fn wider(primitive: Primitive, source: &mut Source) -> Option<Primitive> {
    Some(match primitive {
        Primitive::U8 => *source.pick(&[Primitive::U16, Primitive::I32, Primitive::F32, Primitive::F64]),
        Primitive::U16 => *source.pick(&[Primitive::U32, Primitive::I64, Primitive::F64, Primitive::U64]),
        Primitive::U32 => *source.pick(&[Primitive::U64, Primitive::I128, Primitive::F64]),
        Primitive::U64 => *source.pick(&[Primitive::U128, Primitive::I128]),
        Primitive::I8 => *source.pick(&[Primitive::I16, Primitive::F32, Primitive::I64]),
        Primitive::I16 => *source.pick(&[Primitive::I128, Primitive::I32, Primitive::F32, Primitive::F64]),
        Primitive::I32 => *source.pick(&[Primitive::I64, Primitive::F64]),
        Primitive::I64 => Primitive::I128,
        Primitive::F32 => Primitive::F64,
        Primitive::Char => Primitive::String,
        _ => return None,
    })
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

fn rename_type(name_of_type: &mut String, aliases: &mut Vec<String>, kind: EditKind, source: &mut Source) {
    let was = std::mem::replace(name_of_type, name(source, &TYPES));
    if kind != Any || !source.one_in(3) {
        aliases.push(was);
    }
}
