//! Applies a fix to the snapshot of a new type, as a user edits the type.

use std::collections::HashMap;

use typeser::SerializerSnapshot;
use typeser::resolve::{Finding, Fix, Link, Migrate, Site};
use typeser::schema::{Field, Node, NodeId, PathSegment, Schema, Variant};
use typeser::snapshot::{
    ConversionHint, FieldHints, NodeHints, OpaqueMigration, RecordHints, RemovedVariant, TypeMigration, VariantHints,
};

use super::super::parts::{Parts, references};
use super::super::source::Source;
use super::super::value::Layout;

/// A new type under edit. Its nodes keep their numbers; what is kept of the stored type comes after them.
pub struct Edited<'a> {
    stored: &'a SerializerSnapshot,
    parts: Parts,
    /// What replaced types at places: by the path and the types before.
    places: HashMap<(Vec<PathSegment>, NodeId, NodeId), NodeId>,
    /// The number of the first stored node, once stored nodes are among the parts.
    imported: Option<u32>,
    /// The number of functions declared so far.
    functions: usize,
    /// Whether a placeholder could not be filled: its type has no values, or none that is small enough.
    lacks_value: bool,
}

impl<'a> Edited<'a> {
    /// The type before any edit.
    #[must_use]
    pub fn new(stored: &'a SerializerSnapshot, new: &SerializerSnapshot) -> Self {
        Self { stored, parts: Parts::of(new), places: HashMap::new(), imported: None, functions: 0, lacks_value: false }
    }

    /// Whether a placeholder could not be filled, because its type has no small value.
    #[must_use]
    pub fn lacks_value(&self) -> bool {
        self.lacks_value
    }

    /// The snapshot of the edited type; `None` if the edits contradict each other or the type.
    #[must_use]
    pub fn snapshot(self) -> Option<SerializerSnapshot> {
        self.parts.snapshot()
    }

    /// Applies a fix of a finding, with made-up values in its placeholders. `None` if its place is gone.
    pub fn apply(&mut self, finding: &Finding, fix: &Fix, source: &mut Source) -> Option<()> {
        match fix {
            Fix::Alias { site, former, .. } => {
                let aliases = self.aliases(*site)?;
                if !aliases.contains(former) {
                    aliases.push(former.clone());
                }
            }
            Fix::RemoveField { site, field, aliased, .. } => {
                let (_, hints) = self.record(*site)?;
                if *aliased {
                    hints.fields.iter_mut().for_each(|hints| hints.aliases.retain(|alias| alias != field));
                }
                if !hints.removed.contains(field) {
                    hints.removed.push(field.clone());
                }
            }
            Fix::ReplaceVariant { site, variant, .. } => {
                let value = self.constant(site.node, source)?;
                let NodeHints::Enum(hints) = &mut self.parts.hints[site.node.index()] else { return None };
                // A removed name that has no value yet falls under the fallback.
                hints.removed.retain(|removed| removed.name != *variant);
                hints.removed.push(RemovedVariant { name: variant.clone(), becomes: Some(value) });
            }
            Fix::Default { site, .. } => {
                let node = self.field(*site)?.0.node;
                let constant = self.constant(node, source)?;
                self.field(*site)?.1.default = Some(constant);
            }
            Fix::Optional { site, .. } => {
                let node = self.field(*site)?.0.node;
                let option = self.parts.push(Node::Option(node));
                self.field(*site)?.0.node = option;
            }
            Fix::NoneValue { site, more, .. } => {
                for site in std::iter::once(site).chain(more.iter().map(|other| &other.site)) {
                    let node = self.field(*site)?.0.node;
                    let constant = self.constant(node, source)?;
                    self.field(*site)?.1.none = Some(constant);
                }
            }
            Fix::Convert { site, stored, more, .. } => {
                self.convert(*site, *stored)?;
                more.iter().try_for_each(|other| self.convert(other.site, other.stored))?;
            }
            Fix::Was { site, stored, .. } => {
                let layout = self.stored_part(*stored)?;
                match &mut self.parts.hints[site.node.index()] {
                    NodeHints::Struct(hints) => hints.was.push(layout),
                    NodeHints::Enum(hints) => hints.was.push(layout),
                    _ => return None,
                }
            }
            Fix::EarlierType { .. } => {
                let layout = self.stored_part(NodeId::ROOT)?;
                self.parts.whole.was.push(layout);
            }
            Fix::ConvertWhole { injective, .. } => {
                let (id, source) = (self.function(), self.stored_part(NodeId::ROOT)?.into());
                self.parts.whole.conversions.push(ConversionHint { id, injective: *injective, source });
            }
            Fix::InjectiveWhole { function, .. } => {
                let mut conversions = self.parts.whole.conversions.iter_mut();
                conversions.find(|known| known.id == *function)?.injective = true;
            }
            Fix::NoneValueOfWhole => {
                let root = self.parts.root;
                self.parts.whole.none = Some(self.constant(root, source)?);
            }
            Fix::Injective { site, function, .. } => {
                let conversions = &mut self.field(*site)?.1.conversions;
                conversions.iter_mut().find(|known| known.id == *function)?.injective = true;
            }
            Fix::InjectiveMigration(promise) => {
                let migrations = self.migrations(promise.site)?;
                for (from, id) in &promise.functions {
                    migrations.iter_mut().find(|known| (known.from, &known.id) == (*from, id))?.injective = true;
                }
            }
            Fix::KeepField { site, stored, declaration, .. } => {
                let at = self.keep_field(*site, *stored)?;
                if declaration.is_some() {
                    let kept = site.with_field(at);
                    let node = self.field(kept)?.0.node;
                    let constant = self.constant(node, source)?;
                    self.field(kept)?.1.default = Some(constant);
                }
            }
            Fix::KeepVariant { site, stored, .. } => self.keep_variant(*site, *stored)?,
            Fix::KeepType { stored, .. } => {
                let kept = self.import(*stored)?;
                self.replace(finding, kept)?;
            }
            Fix::KeepWhole { integers, .. } => {
                self.parts.root = self.import(NodeId::ROOT)?;
                self.parts.integers = integers.unwrap_or(self.parts.integers);
                self.parts.ordered = self.stored.configuration().ordered;
            }
            Fix::Widen { to } => {
                let wide = self.parts.push(Node::Primitive(*to));
                self.replace(finding, wide)?;
            }
            Fix::Migrate(migrate) => self.migrate(migrate)?,
            Fix::MigrateOlder { site, stored, from, .. } => {
                let (id, source) = (self.function(), Some(self.stored_part(*stored)?.into()));
                self.migrations(*site)?.push(TypeMigration { from: *from, id, injective: false, exact: false, source });
            }
            Fix::ReadStoredLayout { site, stored, from, .. } => {
                let schema = self.stored_part(*stored)?;
                let migration = self.migrations(*site)?.iter_mut().find(|migration| migration.from == *from)?;
                migration.source = Some(schema.into());
            }
            Fix::ReadAnyLayout { site, from } => {
                let migration = self.migrations(*site)?.iter_mut().find(|migration| migration.from == *from)?;
                migration.source = None;
            }
            Fix::Transparent { site, .. } => {
                let Node::Struct(newtype) = &self.parts.nodes[site.node.index()] else { return None };
                let inner = newtype.fields.first()?.node;
                self.parts.redirect(site.node, inner);
                if self.parts.root == site.node {
                    self.parts.root = inner;
                }
            }
            Fix::OtherName { site, name, needs_default, .. } => {
                self.rename(*site, name)?;
                if *needs_default {
                    let node = self.field(*site)?.0.node;
                    let constant = self.constant(node, source)?;
                    self.field(*site)?.1.default = Some(constant);
                }
            }
            Fix::LeafFunction { site, from } => {
                let id = self.function();
                for hints in self.leaves(site.node)? {
                    if !hints.migrates.iter().any(|migration| migration.from == *from) {
                        hints.migrates.push(OpaqueMigration { from: *from, id: id.clone() });
                    }
                }
            }
            Fix::LeafReads { site, versions, .. } => {
                for hints in self.leaves(site.node)? {
                    let more = versions.iter().filter(|version| !hints.reads.contains(version)).copied();
                    let more: Vec<u32> = more.collect();
                    hints.reads.extend(more);
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn convert(&mut self, site: Site, stored: NodeId) -> Option<()> {
        let (id, schema) = (self.function(), self.stored_part(stored)?);
        let conversion = ConversionHint { id, injective: false, source: schema.into() };
        let conversions = &mut self.field(site)?.1.conversions;
        if !conversions.iter().any(|known| known.source == conversion.source) {
            conversions.push(conversion);
        }
        Some(())
    }

    fn function(&mut self) -> String {
        self.functions += 1;
        format!("help::function{}", self.functions)
    }

    /// A part of the stored layout, as a function reads it.
    fn stored_part(&self, node: NodeId) -> Option<Schema> {
        Schema::numbered(self.stored.schema().nodes().to_vec(), node).ok().map(|(schema, _)| schema)
    }

    /// A stored type among the new ones.
    fn import(&mut self, stored: NodeId) -> Option<NodeId> {
        let first = match self.imported {
            Some(first) => first,
            None => {
                let first = u32::try_from(self.parts.nodes.len()).ok()?;
                for (node, hints) in self.stored.schema().nodes().iter().zip(self.stored.hints()) {
                    let (mut node, mut hints) = (node.clone(), hints.clone());
                    references(&mut node).into_iter().for_each(|id| *id = NodeId::new(id.number() + first));
                    // All leaves of one name and version have the same serializer: that of the program.
                    if let Some(known) = self.parts.nodes[..first as usize].iter().position(|known| *known == node)
                        && matches!(node, Node::Opaque(_))
                    {
                        hints = self.parts.hints[known].clone();
                    }
                    self.parts.nodes.push(node);
                    self.parts.hints.push(hints);
                }
                *self.imported.insert(first)
            }
        };
        Some(NodeId::new(first + stored.number()))
    }

    /// The fields of a struct or variant, and their hints.
    fn record(&mut self, site: Site) -> Option<(&mut Vec<Field>, &mut RecordHints)> {
        let at = site.node.index();
        match (&mut self.parts.nodes[at], &mut self.parts.hints[at], site.variant) {
            (Node::Struct(node), NodeHints::Struct(hints), None) => Some((&mut node.fields, &mut hints.record)),
            (Node::Enum(node), NodeHints::Enum(hints), Some(variant)) => {
                Some((&mut node.variants.get_mut(variant)?.fields, &mut hints.variants.get_mut(variant)?.record))
            }
            _ => None,
        }
    }

    fn field(&mut self, site: Site) -> Option<(&mut Field, &mut FieldHints)> {
        let (fields, hints) = self.record(site)?;
        Some((fields.get_mut(site.field?)?, hints.fields.get_mut(site.field?)?))
    }

    fn aliases(&mut self, site: Site) -> Option<&mut Vec<String>> {
        if site.field.is_some() {
            return self.field(site).map(|(_, hints)| &mut hints.aliases);
        }
        match (&mut self.parts.hints[site.node.index()], site.variant) {
            (NodeHints::Struct(hints), None) => Some(&mut hints.aliases),
            (NodeHints::Enum(hints), None) => Some(&mut hints.aliases),
            (NodeHints::Enum(hints), Some(variant)) => Some(&mut hints.variants.get_mut(variant)?.aliases),
            _ => None,
        }
    }

    fn migrations(&mut self, site: Site) -> Option<&mut Vec<TypeMigration>> {
        match &mut self.parts.hints[site.node.index()] {
            NodeHints::Struct(hints) => Some(&mut hints.migrations),
            NodeHints::Enum(hints) => Some(&mut hints.migrations),
            _ => None,
        }
    }

    /// The hints of a leaf, wherever it is.
    fn leaves(&mut self, node: NodeId) -> Option<Vec<&mut typeser::snapshot::OpaqueHints>> {
        let Node::Opaque(leaf) = self.parts.nodes[node.index()].clone() else { return None };
        let same = self.parts.leaves().filter(|(other, _)| (&other.name, other.version) == (&leaf.name, leaf.version));
        Some(same.map(|(_, hints)| hints).collect())
    }

    /// The bytes of some value of a part of the edited type.
    fn constant(&mut self, node: NodeId, source: &mut Source) -> Option<Vec<u8>> {
        let layout = Layout::new(&self.parts.nodes, self.parts.integers);
        let value = layout.constant(node, source).and_then(|value| layout.encode(node, &value));
        self.lacks_value |= value.is_none();
        value
    }

    /// Keeps a stored field, and says its index.
    fn keep_field(&mut self, site: Site, stored: Site) -> Option<usize> {
        let from = self.import(stored.node)?;
        let (fields, _) = self.record(Site { node: from, field: None, ..stored })?;
        let field = fields.get(stored.field?)?.clone();
        let (fields, hints) = self.record(site)?;
        if let Some(known) = fields.iter().position(|other| other.name == field.name) {
            return Some(known);
        }
        hints.fields.iter_mut().for_each(|hints| hints.aliases.retain(|alias| *alias != field.name));
        hints.removed.retain(|removed| *removed != field.name);
        fields.push(field);
        hints.fields.push(FieldHints::default());
        Some(fields.len() - 1)
    }

    fn keep_variant(&mut self, site: Site, stored: Site) -> Option<()> {
        let from = self.import(stored.node)?;
        let Node::Enum(node) = &self.parts.nodes[from.index()] else { return None };
        let mut variant: Variant = node.variants.get(stored.variant?)?.clone();
        let at = site.node.index();
        let (Node::Enum(node), NodeHints::Enum(hints)) = (&mut self.parts.nodes[at], &mut self.parts.hints[at]) else {
            return None;
        };
        if node.variants.iter().any(|other| other.name == variant.name) {
            return Some(());
        }
        let is_taken = |tag: u32| node.variants.iter().any(|other| other.tag == tag);
        if is_taken(variant.tag) {
            variant.tag = (0..).find(|tag| !is_taken(*tag))?;
        }
        hints.variants.iter_mut().for_each(|hints| hints.aliases.retain(|alias| *alias != variant.name));
        hints.removed.retain(|removed| removed.name != variant.name);
        let fields = vec![FieldHints::default(); variant.fields.len()];
        let record = RecordHints { fields, ..RecordHints::default() };
        hints.variants.push(VariantHints { aliases: Vec::new(), record });
        node.variants.push(variant);
        Some(())
    }

    fn migrate(&mut self, migrate: &Migrate) -> Option<()> {
        let is_dynamic = migrate.takes == "typeser::value::Value";
        let source = if is_dynamic { None } else { Some(self.stored_part(migrate.stored)?.into()) };
        if let Some(alias) = &migrate.alias {
            let aliases = self.aliases(migrate.site)?;
            if !aliases.contains(alias) {
                aliases.push(alias.clone());
            }
        }
        match &mut self.parts.nodes[migrate.site.node.index()] {
            Node::Struct(node) => node.version = node.version.max(migrate.version),
            Node::Enum(node) => node.version = node.version.max(migrate.version),
            _ => return None,
        }
        let id = self.function();
        let migrations = self.migrations(migrate.site)?;
        if !migrations.iter().any(|known| known.from == migrate.from && known.source == source) {
            migrations.push(TypeMigration { from: migrate.from, id, injective: false, exact: false, source });
        }
        Some(())
    }

    /// Gives a field or variant a name that nothing else has, and the one that it had as an alias.
    fn rename(&mut self, site: Site, name: &str) -> Option<()> {
        let free = format!("{name}_again");
        match (site.field, site.variant) {
            (Some(_), _) => self.field(site)?.0.name.clone_from(&free),
            (None, Some(variant)) => {
                let at = site.node.index();
                if let (Node::Enum(node), NodeHints::Enum(hints)) =
                    (&mut self.parts.nodes[at], &mut self.parts.hints[at])
                {
                    node.variants.get_mut(variant)?.name.clone_from(&free);
                    if hints.fallback.as_deref() == Some(name) {
                        hints.fallback = Some(free);
                    }
                }
            }
            (None, None) => return None,
        }
        self.aliases(site)?.push(name.to_owned());
        Some(())
    }

    /// Puts another type at the place of a finding.
    fn replace(&mut self, finding: &Finding, by: NodeId) -> Option<()> {
        self.replace_at(finding.path.segments(), &finding.chain, by)?;
        for place in &finding.also {
            // What two places share may be replaced already.
            let _ = self.replace_at(place.path.segments(), &place.chain, by);
        }
        Some(())
    }

    fn replace_at(&mut self, segments: &[PathSegment], chain: &[Link], by: NodeId) -> Option<()> {
        // What is no step further down is passed over, whatever the way leads through.
        let is_further = |at: usize| at == 0 || at + 1 == chain.len() || chain[at].depth > chain[at - 1].depth;
        let chain: Vec<Link> = (0..chain.len()).filter(|at| is_further(*at)).map(|at| chain[at]).collect();
        let (mut links, mut by) = (&chain[..], by);
        loop {
            let (last, above) = links.split_last()?;
            let was = self.present(segments, last)?;
            self.places.insert((segments.get(..last.depth)?.to_vec(), last.stored, last.new), by);
            let Some(parent) = above.last() else {
                self.parts.root = by;
                return Some(());
            };
            let at = self.present(segments, parent)?;
            by = self.put(at, segments.get(parent.depth..last.depth)?, was, by)?;
            if by == at {
                return Some(());
            }
            links = above;
        }
    }

    /// The node that is at the place of a link after the edits so far.
    fn present(&self, segments: &[PathSegment], link: &Link) -> Option<NodeId> {
        let place = (segments.get(..link.depth)?.to_vec(), link.stored, link.new);
        Some(self.places.get(&place).copied().unwrap_or(link.new))
    }

    /// What is in place of a node whose part at a path by stored names is replaced. Named types are edited in place;
    /// other types are written out wherever they are used.
    fn put(&mut self, at: NodeId, segments: &[PathSegment], was: NodeId, by: NodeId) -> Option<NodeId> {
        // What is within stored options that are none any more is the whole new part.
        let is_unwrapped = segments.iter().all(|segment| *segment == PathSegment::Some) && at == was;
        if segments.is_empty() || is_unwrapped {
            return self.rewrapped(at, was, by);
        }
        let mut node = self.parts.nodes.get(at.index())?.clone();
        // Where the value as a whole is no option any more, the part is what was in it.
        if let ([PathSegment::Some, within @ ..], false) =
            (segments, matches!(node, Node::Option(_) | Node::Logical(_)))
        {
            return self.put(at, within, was, by);
        }
        let is_wrapper = match &node {
            Node::Logical(_) => true,
            Node::Option(_) => segments.first() != Some(&PathSegment::Some),
            _ => false,
        };
        if is_wrapper {
            let child = node.children().next()?;
            let child = self.put(child, segments, was, by)?;
            references(&mut node).into_iter().for_each(|reference| *reference = child);
            return Some(self.nameless(node));
        }
        let child = *self.reference(at, &mut node, segments)?;
        *self.reference(at, &mut node, segments)? = self.rewrapped(child, was, by)?;
        if matches!(node, Node::Struct(_) | Node::Enum(_)) {
            self.parts.nodes[at.index()] = node;
            return Some(at);
        }
        Some(self.nameless(node))
    }

    /// A node without a name: the one that is there already, if it is.
    fn nameless(&mut self, node: Node) -> NodeId {
        match self.parts.nodes.iter().position(|known| *known == node) {
            Some(known) => NodeId::new(known as u32),
            None => self.parts.push(node),
        }
    }

    /// A copy of the wrappers around a node with another one in it.
    fn rewrapped(&mut self, at: NodeId, inner: NodeId, by: NodeId) -> Option<NodeId> {
        if at == inner {
            return Some(by);
        }
        let mut node = self.parts.nodes.get(at.index())?.clone();
        let is_wrapper = matches!(node, Node::Option(_) | Node::NonZero(_) | Node::Logical(_));
        let child = node.children().next().filter(|_| is_wrapper)?;
        let child = self.rewrapped(child, inner, by)?;
        references(&mut node).into_iter().for_each(|reference| *reference = child);
        Some(self.nameless(node))
    }

    /// The reference from a node along a path, which goes by stored names.
    fn reference<'n>(&self, at: NodeId, node: &'n mut Node, segments: &[PathSegment]) -> Option<&'n mut NodeId> {
        let hints = self.parts.hints.get(at.index())?;
        match (node, segments) {
            (Node::Struct(node), [PathSegment::Field(name), ..]) => {
                let NodeHints::Struct(hints) = hints else { return None };
                let at = named(node.fields.iter().map(|field| field.name.as_str()), name, |at| {
                    hints.record.fields.get(at).map_or(&[][..], |hints| &hints.aliases)
                })?;
                Some(&mut node.fields[at].node)
            }
            (Node::Enum(node), [PathSegment::Variant(variant), PathSegment::Field(name), ..]) => {
                let NodeHints::Enum(hints) = hints else { return None };
                let place = named(node.variants.iter().map(|variant| variant.name.as_str()), variant, |at| {
                    hints.variants.get(at).map_or(&[][..], |hints| &hints.aliases)
                })?;
                let fields = &mut node.variants[place].fields;
                let at = named(fields.iter().map(|field| field.name.as_str()), name, |at| {
                    let hints = hints.variants.get(place).and_then(|hints| hints.record.fields.get(at));
                    hints.map_or(&[][..], |hints| &hints.aliases)
                })?;
                Some(&mut fields[at].node)
            }
            (Node::Map { key, .. }, [PathSegment::MapKey]) => Some(key),
            (Node::Map { value, .. }, [PathSegment::MapValue]) => Some(value),
            (Node::Tuple(elements), [PathSegment::Index(at)]) => elements.get_mut(*at),
            (Node::List(inner) | Node::Set(inner) | Node::Option(inner), [_]) => Some(inner),
            (Node::Array { element, .. }, [PathSegment::Element]) => Some(element),
            _ => None,
        }
    }
}

/// The item of a name, or else the one that has it as an alias.
fn named<'n, 'h>(
    names: impl Iterator<Item = &'n str> + Clone,
    name: &str,
    aliases: impl Fn(usize) -> &'h [String],
) -> Option<usize> {
    let own = names.clone().position(|own| own == name);
    own.or_else(|| (0..names.count()).find(|at| aliases(*at).iter().any(|alias| alias == name)))
}
