//! The model: verdicts and values exactly as the rules say, slow and obvious.
//!
//! It uses neither the resolver nor the migration engine, only two snapshots and trees of values.

pub mod adopted;
pub mod functions;
mod kept;
mod kinds;
mod migrate;
mod names;
mod numbers;
mod skipped;
pub mod versions;
mod was;
pub mod witness;

use std::collections::HashSet;

use typeser::SerializerSnapshot;
use typeser::schema::{EnumNode, Field, LogicalNode, Node, NodeId, Primitive};
use typeser::snapshot::{ConversionHint, EnumHints, FieldHints, NodeHints, RecordHints};

use kinds::OtherKind;
pub use migrate::No;
use names::merged;
use numbers::{Widening, widening};
use versions::{chain, is_injective, is_over_function};

use super::value::{Layout, Value};

/// The largest number of nested options that a declared value can replace.
const MOST_UNWRAPPED: usize = 16;

/// The four verdicts, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The bytes and the value are the same.
    Compatible,
    /// The stored layout is kept.
    AfterReconfigure,
    /// Every value is rewritten.
    RequiresMigration,
    /// No value is accepted.
    Incompatible,
}

use Verdict::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};

/// What a role requires of the parts of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zone {
    /// Any migration that keeps the data.
    Free,
    /// Different values stay different.
    Distinct,
    /// The bytes stay the same.
    Fixed,
}

/// Two snapshots, and what the role and the caller allow.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    stored: &'a SerializerSnapshot,
    new: &'a SerializerSnapshot,
    zone: Zone,
    any_loss: bool,
    downwards: bool,
}

/// The verdict on one pair of nodes alone, and the pairs of its children.
struct Comparison {
    verdict: Verdict,
    parts: Vec<(NodeId, NodeId, Zone)>,
}

/// The attribute that converts a stored field.
enum Attribute<'h> {
    /// No attribute: the rules decide.
    Nothing,
    /// A function converts it.
    Function(&'h ConversionHint),
    /// A constant replaces `None`. For the content of the option, the attributes apply again.
    None(&'h [u8], NodeId),
}

impl<'a> Model<'a> {
    /// Compares a stored snapshot with a new one. The policy allows nothing.
    #[must_use]
    pub fn new(stored: &'a SerializerSnapshot, new: &'a SerializerSnapshot, zone: Zone) -> Self {
        Self { stored, new, zone, any_loss: false, downwards: false }
    }

    /// The same comparison under a policy that allows any loss, or reads downwards.
    #[must_use]
    pub fn with_policy(self, any_loss: bool, downwards: bool) -> Self {
        Self { any_loss, downwards, ..self }
    }

    /// The verdict: the worst of all compared pairs.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let same = self.is_same_from(NodeId::ROOT, NodeId::ROOT);
        if same && self.stored.configuration() == self.new.configuration() && !self.forgets() {
            return Compatible;
        }
        let mut worst = self.worst(self.whole());
        if self.stored.configuration() != self.new.configuration() {
            worst = worst.max(RequiresMigration);
        }
        if worst == AfterReconfigure && self.is_mistaken() {
            worst = RequiresMigration;
        }
        let unframed = |node: &Node| matches!(node, Node::Opaque(node) if !node.framed);
        match (worst, self.zone) {
            (RequiresMigration, Zone::Fixed) => Incompatible,
            (AfterReconfigure | RequiresMigration, _) if self.stored.schema().nodes().iter().any(unframed) => {
                Incompatible
            }
            // New values are written in the stored layout.
            (AfterReconfigure, _) if self.new.schema().nodes().iter().any(unframed) => Incompatible,
            (worst, _) => worst,
        }
    }

    /// The verdict on the value as a whole, by what is declared where it is used.
    fn whole(&self) -> Comparison {
        // What a function of a newer release made of this type means something else, of the whole as of a field.
        let was = &self.stored.root_hints().conversions;
        if self.was_converted(was, NodeId::ROOT, NodeId::ROOT) {
            return Comparison { verdict: Incompatible, parts: vec![] };
        }
        let verdict = match self.whole_was() {
            Some(true) => Compatible,
            Some(false) => Incompatible,
            None => return self.field((NodeId::ROOT, NodeId::ROOT, self.zone), &self.whole_hints(), 0),
        };
        Comparison { verdict, parts: vec![] }
    }

    /// What is declared of the value as a whole, as a field declares it.
    fn whole_hints(&self) -> FieldHints {
        let root = self.new.root_hints();
        FieldHints { none: root.none.clone(), conversions: root.conversions.clone(), ..FieldHints::default() }
    }

    /// The worst verdict on these pairs, and on all that they contain.
    fn worst(&self, first: Comparison) -> Verdict {
        let mut worst = first.verdict;
        let (mut open, mut met) = (first.parts, HashSet::new());
        while let Some(pair) = open.pop() {
            if met.insert(pair) {
                let comparison = self.compare(pair);
                worst = worst.max(comparison.verdict);
                open.extend(comparison.parts);
            }
        }
        worst
    }

    /// Whether both layouts unfold to the same tree.
    fn is_same_from(&self, stored: NodeId, new: NodeId) -> bool {
        is_same((Layout::of(self.stored), stored), (Layout::of(self.new), new))
    }

    fn stored_node(&self, id: NodeId) -> &'a Node {
        Layout::of(self.stored).node(id)
    }

    fn new_node(&self, id: NodeId) -> &'a Node {
        Layout::of(self.new).node(id)
    }

    fn compare(&self, (stored, new, zone): (NodeId, NodeId, Zone)) -> Comparison {
        let keys = if zone == Zone::Fixed { Zone::Fixed } else { Zone::Distinct };
        let is = |verdict| Comparison { verdict, parts: vec![] };
        let through = |verdict, parts: &[(NodeId, NodeId)]| Comparison {
            verdict,
            parts: parts.iter().map(|(stored, new)| (*stored, *new, zone)).collect(),
        };
        // The verdict on a migration that can make different values equal.
        let lossy = if zone == Zone::Distinct { Incompatible } else { RequiresMigration };
        match self.was(stored, new) {
            None => {}
            Some(same) => return is(if same { Compatible } else { Incompatible }),
        }
        match self.other_kind(stored, new, zone) {
            OtherKind::None => {}
            OtherKind::Back => return is(Incompatible),
            OtherKind::From(version, chain) => {
                let verdict = if is_injective(&chain) { RequiresMigration } else { lossy };
                return is(if self.is_read(&chain, version, (stored, new, zone)) { verdict } else { Incompatible });
            }
        }
        match (self.stored_node(stored), self.new_node(new)) {
            (Node::Option(stored), Node::Option(new)) => through(Compatible, &[(*stored, *new)]),
            (_, Node::Option(inner)) => match self.ends_in_options(new) {
                true => is(Incompatible),
                false => through(RequiresMigration, &[(stored, *inner)]),
            },
            (Node::Primitive(stored), Node::Primitive(new)) => is(match widening(*stored, *new) {
                Widening::Same => Compatible,
                Widening::Lossless => RequiresMigration,
                Widening::ToFloat => lossy,
                Widening::None => Incompatible,
            }),
            (Node::Primitive(Primitive::String), Node::List(element)) => is(match self.new_node(*element) {
                Node::Primitive(Primitive::U8) => RequiresMigration,
                _ => Incompatible,
            }),
            (Node::NonZero(stored), Node::NonZero(new)) => through(Compatible, &[(*stored, *new)]),
            (Node::NonZero(inner), Node::Primitive(_)) => through(Compatible, &[(*inner, new)]),
            (Node::List(stored), Node::List(new)) => through(Compatible, &[(*stored, *new)]),
            (Node::Set(stored), Node::Set(new)) => {
                Comparison { verdict: Compatible, parts: vec![(*stored, *new, keys)] }
            }
            (Node::Set(stored), Node::List(new)) => through(lossy, &[(*stored, *new)]),
            (Node::Map { key, value }, Node::Map { key: new_key, value: new_value }) => {
                Comparison { verdict: Compatible, parts: vec![(*key, *new_key, keys), (*value, *new_value, zone)] }
            }
            (Node::Array { element, length }, Node::Array { element: new, length: new_length }) => {
                let appear = self.is_nothing(self.stored, *element) && !self.is_nothing(self.new, *new);
                match length == new_length && !(*length > 65_536 && appear) {
                    true => through(Compatible, &[(*element, *new)]),
                    false => is(Incompatible),
                }
            }
            (Node::Array { element, length }, Node::List(new)) => {
                let nothing = self.is_nothing(self.stored, *element) || self.is_nothing(self.new, *new);
                match *length > 65_536 && nothing {
                    true => is(Incompatible),
                    false => through(RequiresMigration, &[(*element, *new)]),
                }
            }
            (Node::Tuple(stored), Node::Tuple(new)) => match stored.len() == new.len() {
                true => through(Compatible, &stored.iter().copied().zip(new.iter().copied()).collect::<Vec<_>>()),
                false => is(Incompatible),
            },
            (Node::Logical(stored), Node::Logical(new)) => {
                // The name of a time determines its parts.
                let time = ["duration", "system-time"].contains(&stored.name.as_str());
                let other = time && !self.is_same_from(stored.representation, new.representation);
                match stored.name == new.name && stored.parameters == new.parameters && !other {
                    true => through(Compatible, &[(stored.representation, new.representation)]),
                    false => is(Incompatible),
                }
            }
            (Node::Opaque(_), Node::Opaque(_)) => is(self.opaque(stored, new, zone)),
            (Node::Struct(was), Node::Struct(now)) => {
                let (NodeHints::Struct(was_hints), NodeHints::Struct(hints)) =
                    (&self.stored.hints()[stored.index()], &self.new.hints()[new.index()])
                else {
                    return is(Incompatible);
                };
                let earlier = self.downwards && was_hints.aliases.contains(&now.name);
                if !earlier && was.name != now.name && !hints.aliases.contains(&was.name) {
                    return is(Incompatible);
                }
                if is_over_function(was.version, now.version, &was_hints.migrations) {
                    return is(Incompatible);
                }
                if let Some(chain) = chain(was.version, now.version, &hints.migrations) {
                    let verdict = if is_injective(&chain) { RequiresMigration } else { lossy };
                    return is(if self.is_read(&chain, was.version, (stored, new, zone)) {
                        verdict
                    } else {
                        Incompatible
                    });
                }
                self.record((&was.fields, &was_hints.record), (&now.fields, &hints.record), zone)
            }
            (Node::Enum(was), Node::Enum(now)) => {
                let (NodeHints::Enum(was_hints), NodeHints::Enum(hints)) =
                    (&self.stored.hints()[stored.index()], &self.new.hints()[new.index()])
                else {
                    return is(Incompatible);
                };
                let earlier = self.downwards && was_hints.aliases.contains(&now.name);
                if !earlier && was.name != now.name && !hints.aliases.contains(&was.name) {
                    return is(Incompatible);
                }
                if is_over_function(was.version, now.version, &was_hints.migrations) {
                    return is(Incompatible);
                }
                if let Some(chain) = chain(was.version, now.version, &hints.migrations) {
                    let verdict = if is_injective(&chain) { RequiresMigration } else { lossy };
                    return is(if self.is_read(&chain, was.version, (stored, new, zone)) {
                        verdict
                    } else {
                        Incompatible
                    });
                }
                self.variants((was, was_hints), (new, now, hints), zone)
            }
            _ => is(Incompatible),
        }
    }

    /// Whether values of this type have zero bytes.
    fn is_nothing(&self, side: &SerializerSnapshot, id: NodeId) -> bool {
        let mut open = vec![id];
        let mut met = HashSet::new();
        while let Some(id) = open.pop() {
            if !met.insert(id) {
                continue;
            }
            match Layout::of(side).node(id) {
                Node::Primitive(Primitive::Unit) | Node::Array { length: 0, .. } => {}
                node @ (Node::Struct(_) | Node::Tuple(_) | Node::Array { .. } | Node::Logical(_)) => {
                    open.extend(node.children());
                }
                _ => return false,
            }
        }
        true
    }

    /// Whether the type is an endless chain of options.
    fn ends_in_options(&self, mut new: NodeId) -> bool {
        for _ in 0..=self.new.schema().len() {
            match self.new_node(new) {
                Node::Option(inner) => new = *inner,
                _ => return false,
            }
        }
        true
    }

    fn record(
        &self,
        (stored, was): (&[Field], &RecordHints),
        (new, hints): (&[Field], &RecordHints),
        zone: Zone,
    ) -> Comparison {
        // Downwards, these names were removed after this release.
        let tombstones = if self.downwards { &[] } else { was.removed.as_slice() };
        let aliases: Vec<&[String]> = hints.fields.iter().map(|hints| hints.aliases.as_slice()).collect();
        let stored_names: Vec<&str> = stored.iter().map(|field| field.name.as_str()).collect();
        let removed: Vec<&str> = hints.removed.iter().map(String::as_str).collect();
        let lossy = if zone == Zone::Distinct { Incompatible } else { RequiresMigration };
        let sources = self.field_sources((stored, was), (new, hints));
        let mut comparison = Comparison { verdict: Compatible, parts: vec![] };
        for (place, name) in stored_names.iter().enumerate() {
            if !sources.contains(&Some(place)) {
                let left_out = self.downwards && merged(name, &aliases).is_none();
                let declared = removed.contains(name) || self.any_loss || left_out;
                comparison.verdict = comparison.verdict.max(if declared { lossy } else { Incompatible });
            }
        }
        let kept: Vec<usize> = sources.iter().copied().flatten().collect();
        if kept.windows(2).any(|pair| pair[0] > pair[1]) {
            comparison.verdict = comparison.verdict.max(AfterReconfigure);
        }
        for (at, field) in new.iter().enumerate() {
            let returns = tombstones.contains(&field.name);
            match sources[at] {
                Some(place) => {
                    let attribute = self.field((stored[place].node, field.node, zone), &hints.fields[at], 0);
                    comparison.verdict = comparison.verdict.max(attribute.verdict);
                    comparison.parts.extend(attribute.parts);
                    if returns && stored[place].name != field.name {
                        comparison.verdict = Incompatible;
                    }
                    if self.was_converted(&was.fields[place].conversions, stored[place].node, field.node) {
                        comparison.verdict = Incompatible;
                    }
                }
                None => {
                    let filled = match &hints.fields[at].default {
                        Some(bytes) => Layout::of(self.new).distinct().decode(field.node, bytes).is_ok(),
                        None => matches!(self.new_node(field.node), Node::Option(_)),
                    };
                    comparison.verdict =
                        comparison.verdict.max(if filled && !returns { RequiresMigration } else { Incompatible });
                }
            }
        }
        comparison
    }

    /// Downwards: whether a function of the newer release made the stored field, or the value as a whole, of the type that
    /// this release has.
    fn was_converted(&self, was: &[ConversionHint], stored: NodeId, new: NodeId) -> bool {
        let reads = |conversion: &ConversionHint| {
            let source = Layout::new(conversion.source.schema().nodes(), self.new.configuration().integers);
            is_same((source, NodeId::ROOT), (Layout::of(self.new), new))
        };
        self.downwards && !self.is_same_from(stored, new) && was.iter().any(reads)
    }

    /// The attribute that converts a stored field.
    fn attribute<'h>(&self, (stored, new, around): (NodeId, NodeId, usize), hints: &'h FieldHints) -> Attribute<'h> {
        // A declared value replaces a limited number of options, because a snapshot can contain an option of itself.
        if around == MOST_UNWRAPPED {
            return Attribute::Nothing;
        }
        let reads = |conversion: &&ConversionHint| {
            let source = Layout::new(conversion.source.schema().nodes(), self.stored.configuration().integers);
            is_same((Layout::of(self.stored), stored), (source, NodeId::ROOT))
        };
        match (hints.conversions.iter().find(reads), &hints.none, self.stored_node(stored), self.new_node(new)) {
            (Some(function), ..) => Attribute::Function(function),
            (_, Some(_), _, Node::Option(_)) => Attribute::Nothing,
            (_, Some(none), Node::Option(inner), _) => Attribute::None(none, *inner),
            _ => Attribute::Nothing,
        }
    }

    fn field(&self, (stored, new, zone): (NodeId, NodeId, Zone), hints: &FieldHints, around: usize) -> Comparison {
        let lossy = if zone == Zone::Distinct { Incompatible } else { RequiresMigration };
        match self.attribute((stored, new, around), hints) {
            Attribute::Function(function) => {
                let verdict = if function.injective { RequiresMigration } else { lossy };
                Comparison { verdict, parts: vec![] }
            }
            Attribute::None(none, inner) => {
                let is_value = Layout::of(self.new).distinct().decode(new, none).is_ok();
                let mut comparison = self.field((inner, new, zone), hints, around + 1);
                comparison.verdict = comparison.verdict.max(if is_value { lossy } else { Incompatible });
                comparison
            }
            Attribute::Nothing => Comparison { verdict: Compatible, parts: vec![(stored, new, zone)] },
        }
    }

    fn variants(
        &self,
        (stored, stored_hints): (&EnumNode, &EnumHints),
        (new_id, new, hints): (NodeId, &EnumNode, &EnumHints),
        zone: Zone,
    ) -> Comparison {
        let aliases: Vec<&[String]> = hints.variants.iter().map(|hints| hints.aliases.as_slice()).collect();
        let sources = self.variant_sources((stored, stored_hints), (new, hints));
        let mut comparison = Comparison { verdict: Compatible, parts: vec![] };
        let lossy = if zone == Zone::Distinct { Incompatible } else { RequiresMigration };
        let mut becomes = Vec::new();
        for (place, variant) in stored.variants.iter().enumerate() {
            let kept = sources.iter().position(|source| *source == Some(place));
            let Some(at) = kept.or_else(|| merged(&variant.name, &aliases)) else {
                let declared = self.is_declared(&variant.name, hints);
                match self.replaced(&variant.name, new_id, new, hints) {
                    Some(Value::Variant(target, _)) => becomes.push((place, target, declared)),
                    _ if self.is_refused(&variant.name, hints) => {
                        comparison.verdict = comparison.verdict.max(RequiresMigration);
                    }
                    _ => comparison.verdict = Incompatible,
                }
                continue;
            };
            if kept.is_none() {
                comparison.verdict = comparison.verdict.max(lossy);
            } else if variant.tag != new.variants[at].tag {
                comparison.verdict = comparison.verdict.max(AfterReconfigure);
            }
            let payload = self.record(
                (&variant.fields, &stored_hints.variants[place].record),
                (&new.variants[at].fields, &hints.variants[at].record),
                zone,
            );
            comparison.verdict = comparison.verdict.max(payload.verdict);
            comparison.parts.extend(payload.parts);
        }
        for (place, target, declared) in &becomes {
            let others = becomes.iter().filter(|(_, other, _)| other == target).count();
            let alone = sources[*target].is_none() && others == 1;
            let injective = *declared && alone && stored.variants[*place].fields.is_empty();
            let passes = injective || zone != Zone::Distinct;
            comparison.verdict = comparison.verdict.max(if passes { RequiresMigration } else { Incompatible });
        }
        for (at, variant) in new.variants.iter().enumerate() {
            let is_removed = stored_hints.removed.iter().any(|removed| removed.name == variant.name);
            let returns = is_removed && !self.downwards;
            if returns && sources[at].is_none_or(|place| stored.variants[place].name != variant.name) {
                comparison.verdict = Incompatible;
            }
        }
        comparison
    }

    /// Downwards: whether values of this variant are refused, since nothing declares what they become.
    fn is_refused(&self, name: &str, hints: &EnumHints) -> bool {
        self.downwards && !self.is_declared(name, hints) && hints.fallback.is_none()
    }

    /// Whether the attributes declare a replacement for this variant.
    fn is_declared(&self, name: &str, hints: &EnumHints) -> bool {
        hints.removed.iter().any(|removed| removed.name == name && removed.becomes.is_some())
    }

    /// The replacement of a removed variant: the declared one, else the fallback.
    fn replaced(&self, name: &str, id: NodeId, new: &EnumNode, hints: &EnumHints) -> Option<Value> {
        let layout = Layout::of(self.new).distinct();
        if let Some(declared) = hints.removed.iter().find(|removed| removed.name == name)
            && let Some(bytes) = &declared.becomes
        {
            return layout.decode(id, bytes).ok();
        }
        let fallback = hints.fallback.as_ref()?;
        let place = new.variants.iter().position(|variant| variant.name == *fallback)?;
        let fields = new.variants[place].fields.iter().zip(&hints.variants[place].record.fields);
        let values = fields.map(|(field, hints)| match (&hints.default, self.new_node(field.node)) {
            (Some(bytes), _) => layout.decode(field.node, bytes).ok(),
            (None, Node::Option(_)) => Some(Value::Option(None)),
            (None, _) => None,
        });
        Some(Value::Variant(place, values.collect::<Option<_>>()?))
    }
}

/// Whether two nodes unfold to the same tree.
pub(super) fn is_same((left, stored): (Layout<'_>, NodeId), (right, new): (Layout<'_>, NodeId)) -> bool {
    let mut open = vec![(stored, new)];
    let mut met = HashSet::new();
    while let Some((stored, new)) = open.pop() {
        let (was, now) = (left.node(stored), right.node(new));
        if label(was) != label(now) {
            return false;
        }
        let parts = was.children().zip(now.children());
        open.extend(parts.filter(|pair| met.insert(*pair)));
    }
    true
}

/// A node without its children.
fn label(node: &Node) -> Node {
    match node.clone() {
        Node::Struct(mut node) => {
            node.fields.iter_mut().for_each(|field| field.node = NodeId::ROOT);
            Node::Struct(node)
        }
        Node::Enum(mut node) => {
            let fields = node.variants.iter_mut().flat_map(|variant| &mut variant.fields);
            fields.for_each(|field| field.node = NodeId::ROOT);
            Node::Enum(node)
        }
        Node::Option(_) => Node::Option(NodeId::ROOT),
        Node::List(_) => Node::List(NodeId::ROOT),
        Node::Set(_) => Node::Set(NodeId::ROOT),
        Node::NonZero(_) => Node::NonZero(NodeId::ROOT),
        Node::Map { .. } => Node::Map { key: NodeId::ROOT, value: NodeId::ROOT },
        Node::Array { length, .. } => Node::Array { element: NodeId::ROOT, length },
        Node::Tuple(elements) => Node::Tuple(vec![NodeId::ROOT; elements.len()]),
        Node::Logical(node) => Node::Logical(LogicalNode { representation: NodeId::ROOT, ..node }),
        leaf => leaf,
    }
}
