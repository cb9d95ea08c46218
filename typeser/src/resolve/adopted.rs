//! The adopted snapshot: the stored layout and tags under the new names and hints.
//!
//! It describes the stored bytes by the names of the new program, so that the next release finds the names that this
//! one uses. New variants get tags after all stored ones.
//!
//! It holds no constants: no `default`, no `none`, no `becomes`. Their bytes are values of the new layout, and the
//! adopted one may read them as something else. They are never needed: constants are taken from the new side of a
//! comparison, and an adopted snapshot is on the stored side.

use std::collections::{HashMap, HashSet};

use super::names::Matches;
use crate::schema::{EnumNode, Field, Node, NodeId, StructNode, Variant, same_layout_within};
use crate::snapshot::assemble::Assembled;
use crate::snapshot::{EnumHints, NodeHints, RecordHints, RootHints, SerializerSnapshot, StructHints, VariantHints};

/// The snapshot under which the new program keeps stored bytes unchanged.
///
/// `None` if the two snapshots are not compatible after reconfigure after all.
pub(super) fn adopt(
    stored: &SerializerSnapshot,
    new: &SerializerSnapshot,
    downwards: bool,
) -> Option<SerializerSnapshot> {
    let mut adopter = Adopter {
        stored,
        new,
        downwards,
        known: HashMap::new(),
        open: Vec::new(),
        nodes: Vec::new(),
        hints: Vec::new(),
        comparable: 1 << 20,
    };
    let root = adopter.place(Some(NodeId::ROOT), NodeId::ROOT);
    while let Some((id, pair)) = adopter.open.pop() {
        let (node, hints) = adopter.build(pair)?;
        adopter.nodes[id.index()] = node;
        adopter.hints[id.index()] = hints;
    }
    let parts = Assembled::new(adopter.nodes, &adopter.hints, root).ok()?;
    let (name, root) = (new.name().to_owned(), RootHints { none: None, ..new.root_hints().clone() });
    SerializerSnapshot::with_root(name, new.version(), new.configuration(), parts.schema, parts.hints, root).ok()
}

struct Adopter<'a> {
    stored: &'a SerializerSnapshot,
    new: &'a SerializerSnapshot,
    /// Whether names are matched by the aliases of the stored side, too.
    downwards: bool,
    known: HashMap<Pair, NodeId>,
    open: Vec<(NodeId, Pair)>,
    nodes: Vec<Node>,
    hints: Vec<NodeHints>,
    /// How many nodes may still be compared with what types were before.
    comparable: usize,
}

/// A new node and the stored node that corresponds to it, if there is one.
type Pair = (Option<NodeId>, NodeId);

impl Adopter<'_> {
    fn place(&mut self, stored: Option<NodeId>, new: NodeId) -> NodeId {
        if let Some(known) = self.known.get(&(stored, new)) {
            return *known;
        }
        let id = NodeId::new(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.known.insert((stored, new), id);
        self.nodes.push(Node::Tuple(Vec::new()));
        self.hints.push(NodeHints::None);
        self.open.push((id, (stored, new)));
        id
    }

    fn build(&mut self, (stored, new): Pair) -> Option<(Node, NodeHints)> {
        let mut node = self.new.schema().node(new).clone();
        let hints = without_constants(self.new.hints()[new.index()].clone());
        let Some(stored) = stored else {
            node.renumber(|child| self.place(None, child));
            return Some((node, hints));
        };
        if self.was(stored, new)? {
            node.renumber(|child| self.place(None, child));
            return Some((node, hints));
        }
        let was = self.stored.schema().node(stored).clone();
        let earlier = &self.stored.hints()[stored.index()];
        match (was, node, hints) {
            (Node::Struct(was), Node::Struct(now), NodeHints::Struct(hints)) => {
                let earlier = if let NodeHints::Struct(earlier) = earlier { &earlier.record } else { &NO_RECORD_HINTS };
                let (fields, record) = self.record((&was.fields, earlier), (&now.fields, &hints.record))?;
                let node = StructNode { fields, ..now };
                Some((Node::Struct(node), NodeHints::Struct(StructHints { record, ..hints })))
            }
            (Node::Enum(was), Node::Enum(now), NodeHints::Enum(hints)) => {
                let earlier = if let NodeHints::Enum(earlier) = earlier { earlier } else { &NO_ENUM_HINTS };
                self.variants((&was, earlier), now, hints)
            }
            (Node::NonZero(child), mut node @ Node::Primitive(_), hints) => {
                node.renumber(|new| self.place(Some(child), new));
                Some((node, hints))
            }
            (was, mut node, hints) => {
                let mut children = was.children();
                let mut missing = false;
                node.renumber(|new| match children.next() {
                    Some(stored) => self.place(Some(stored), new),
                    None => {
                        missing = true;
                        new
                    }
                });
                (!missing).then_some((node, hints))
            }
        }
    }

    /// Whether a stored part is declared to have the bytes of the new one; `None` if too much was compared.
    fn was(&mut self, stored: NodeId, new: NodeId) -> Option<bool> {
        for layout in self.new.hints()[new.index()].was() {
            let stored = (self.stored.schema(), stored);
            if same_layout_within(stored, (layout, NodeId::ROOT), &mut self.comparable)? {
                return Some(true);
            }
        }
        Some(false)
    }

    fn variants(
        &mut self,
        (was, earlier): (&EnumNode, &EnumHints),
        now: EnumNode,
        hints: EnumHints,
    ) -> Option<(Node, NodeHints)> {
        let matches = Matches::of_variants(&was.variants, earlier, &now.variants, &hints, self.downwards);
        let mut variants = Vec::with_capacity(now.variants.len());
        let mut variant_hints = Vec::with_capacity(now.variants.len());
        for (place, (stored, at)) in was.variants.iter().zip(&matches.of_stored).enumerate() {
            let (new, hints) = (&now.variants[(*at)?], &hints.variants[(*at)?]);
            let earlier = earlier.variants.get(place).map_or(&NO_RECORD_HINTS, |hints| &hints.record);
            let (fields, record) = self.record((&stored.fields, earlier), (&new.fields, &hints.record))?;
            variants.push(Variant { name: new.name.clone(), tag: stored.tag, fields });
            variant_hints.push(VariantHints { aliases: hints.aliases.clone(), record });
        }
        let mut free = free_tags(was);
        for (variant, hints) in matches.added().map(|at| (&now.variants[at], &hints.variants[at])) {
            let fields = variant
                .fields
                .iter()
                .map(|field| Field { name: field.name.clone(), node: self.place(None, field.node) })
                .collect();
            variants.push(Variant { name: variant.name.clone(), tag: free.next()?, fields });
            variant_hints.push(hints.clone());
        }
        let node = EnumNode { name: now.name, version: now.version, variants };
        Some((Node::Enum(node), NodeHints::Enum(EnumHints { variants: variant_hints, ..hints })))
    }

    /// The new fields in stored order.
    fn record(
        &mut self,
        (was, earlier): (&[Field], &RecordHints),
        (now, hints): (&[Field], &RecordHints),
    ) -> Option<(Vec<Field>, RecordHints)> {
        let matches = Matches::of_fields(was, earlier, now, hints, self.downwards);
        if now.len() != was.len() {
            return None;
        }
        let mut fields = Vec::with_capacity(now.len());
        let mut field_hints = Vec::with_capacity(now.len());
        for (stored, at) in was.iter().zip(matches.of_stored) {
            let new = &now[at?];
            fields.push(Field { name: new.name.clone(), node: self.place(Some(stored.node), new.node) });
            field_hints.push(hints.fields[at?].clone());
        }
        Some((fields, RecordHints { removed: hints.removed.clone(), fields: field_hints }))
    }
}

/// What a record without hints has.
pub(super) static NO_RECORD_HINTS: RecordHints = RecordHints { removed: Vec::new(), fields: Vec::new() };

/// What an enum without hints has.
pub(super) static NO_ENUM_HINTS: EnumHints = EnumHints {
    aliases: Vec::new(),
    was: Vec::new(),
    migrations: Vec::new(),
    removed: Vec::new(),
    fallback: None,
    variants: Vec::new(),
};

/// The same hints without the bytes of values.
fn without_constants(mut hints: NodeHints) -> NodeHints {
    let record = |hints: &mut RecordHints| {
        for field in &mut hints.fields {
            (field.default, field.none) = (None, None);
        }
    };
    match &mut hints {
        NodeHints::Struct(hints) => record(&mut hints.record),
        NodeHints::Enum(hints) => {
            hints.variants.iter_mut().for_each(|hints| record(&mut hints.record));
            hints.removed.iter_mut().for_each(|removed| removed.becomes = None);
        }
        NodeHints::None | NodeHints::Opaque(_) => {}
    }
    hints
}

/// The tags that new variants may take: those behind all stored ones, and then the gaps between them.
fn free_tags(stored: &EnumNode) -> impl Iterator<Item = u32> {
    let taken: HashSet<u32> = stored.variants.iter().map(|variant| variant.tag).collect();
    let behind = taken.iter().max().map_or(Some(0), |tag| tag.checked_add(1));
    let behind = behind.into_iter().flat_map(|tag| tag..=u32::MAX);
    let end = taken.iter().max().copied().unwrap_or(0);
    behind.chain((0..end).filter(move |tag| !taken.contains(tag)))
}
