//! The state of a walk: the pairs of nodes, their findings, and the path to each.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::hash::Seed;
use super::layouts::is_changed_leaf;
use super::versions::LeafPair;
use super::weights::parts_of;
use crate::resolve::as_rust::rust_type;
use crate::resolve::compatibility::Compatibility;
use crate::resolve::finding::{Finding, Link, Side};
use crate::resolve::fix::{Fix, Kept, Site};
use crate::resolve::plan::{Shape, Step, StepId};
use crate::resolve::policy::Policy;
use crate::resolve::role::{Role, Zone};
use crate::resolve::rules::{self, Rule};
use crate::schema::{Node, NodeId, Path, PathSegment, Schema};
use crate::snapshot::{Members, SerializerSnapshot};

/// The most findings that are kept. Nobody reads more, and each one holds names and a path.
pub(super) const MOST_FINDINGS: usize = 10_000;

/// How many bytes of text the findings hold together, whatever the layouts.
pub(super) const MOST_TEXT: usize = 16 << 20;
/// How many more for each byte that the two layouts weigh.
const TEXT_A_BYTE: usize = 8;

/// How many segments at the beginning and at the end of a path are kept, if it is longer than both.
const PATH_HEAD: usize = 16;
const PATH_TAIL: usize = 47;

/// How many fields and variants are compared, whatever the layouts.
pub(super) const MOST_PARTS: usize = 1 << 18;
/// How many times as many as the two layouts have are compared as well.
pub(super) const TIMES_THE_PARTS: usize = 4;

/// How many options and logical types around a type are looked through. No program has more; a snapshot may have no end
/// of them.
const MOST_WRAPPERS: usize = 16;

pub(super) struct Walker<'a> {
    pub(super) stored: &'a SerializerSnapshot,
    pub(super) new: &'a SerializerSnapshot,
    pub(super) role: Role,
    /// What is asked of the whole: what the role asks, unless keys are to move.
    pub(super) zone: Zone,
    pub(super) policy: &'a Policy,
    pub(super) pairs: Vec<Pair>,
    pub(super) known: HashMap<(NodeId, NodeId, Zone), StepId, Seed>,
    pub(super) stack: Vec<StepId>,
    /// The shapes of the stored layout, which all readings of parts of it share.
    pub(super) shapes: Rc<OnceCell<Arc<[Shape]>>>,
    /// How many fields and variants may still be compared.
    pub(super) parts_left: usize,
    /// How many more, by what the two layouts have; `None` if that was added.
    pub(super) more_parts: Option<usize>,
    /// Whether more were to be compared, which is reported.
    pub(super) too_large: bool,
    /// What is known of pairs of opaque leaves.
    pub(super) leaves: HashMap<(NodeId, NodeId), Rc<LeafPair>, Seed>,
    /// Whether a new leaf does not read a version that a stored one reads.
    pub(super) forgets: OnceCell<bool>,
    /// The aliases of types that have many: of the stored side (`false`) and of the new one (`true`).
    pub(super) type_aliases: HashMap<(bool, NodeId), HashSet<&'a str>, Seed>,
    pub(super) findings: Vec<Finding>,
    /// How many bytes of text further findings may hold.
    pub(super) text: usize,
    /// Whether that was extended by what the two layouts weigh.
    pub(super) extended: bool,
    /// The pair of each finding, and how many segments below it the finding is.
    pub(super) found_at: Vec<(StepId, usize)>,
    /// By pair; `None` until it was compared, and afterwards if it cannot be migrated.
    pub(super) steps: Vec<Option<Step>>,
    pub(super) constants: HashMap<ConstantPlace, Result<Arc<[u8]>, String>, Seed>,
    /// How much was copied out for functions.
    pub(super) copied: usize,
    /// How many nodes may still be compared with what functions read.
    pub(super) comparable: usize,
    /// The parts that were copied out for functions: of the stored side (0) and the new one (1).
    pub(super) parts: HashMap<(usize, NodeId), SerializerSnapshot>,
    /// The fields and variants of the new side.
    pub(super) members: Members<'a>,
    /// What types of the stored side (`false`) and of the new one are called.
    pub(super) names: RefCell<HashMap<(bool, NodeId), Arc<str>, Seed>>,
    /// How many stored types have each name.
    pub(super) stored_names: OnceCell<HashMap<&'a str, usize>>,
    /// The new fields for which several stored variants that become one have values of different types.
    pub(super) shared: HashSet<Site>,
    /// The new types that are part of map keys or set elements.
    pub(super) keyed: OnceCell<HashSet<NodeId>>,
    /// What says that a newer release than the program wrote the stored side, as a sentence; the first that was found.
    pub(super) newer: Option<String>,
    /// Whether the program has a later version of some type than the stored side.
    pub(super) upwards: bool,
    /// The values of the fallback variants, by new enum.
    pub(super) fallbacks: HashMap<NodeId, Arc<[u8]>>,
}

/// A constant of the new side: what it is to be a value of, and where its bytes lie.
pub(super) type ConstantPlace = (NodeId, *const u8, usize);

/// A stored node, the new node that corresponds to it, and the path to them.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) stored: NodeId,
    pub(super) new: NodeId,
    pub(super) zone: Zone,
    /// The nearest pair above that has segments.
    pub(super) way: Option<StepId>,
    /// The first pair on the way down whose path is as long as what is kept of the beginning of a long one.
    pub(super) head: Option<StepId>,
    /// How many segments lead here.
    pub(super) depth: usize,
    pub(super) segments: Vec<PathSegment>,
}

impl<'a> Walker<'a> {
    /// The step for a pair: the existing one, or a new one that will be compared.
    pub(super) fn meet(
        &mut self,
        stored: NodeId,
        new: NodeId,
        zone: Zone,
        parent: Option<StepId>,
        segments: &[PathSegment],
    ) -> StepId {
        if let Some(known) = self.known.get(&(stored, new, zone)) {
            return *known;
        }
        let id = StepId(u32::try_from(self.pairs.len()).unwrap_or(u32::MAX));
        // A changed leaf has no name under which one finding could cover all places, so each place is compared.
        if !is_changed_leaf((self.stored_schema(), stored), (self.new_schema(), new)) {
            self.known.insert((stored, new, zone), id);
        }
        let (mut way, mut head, mut depth) = (None, None, segments.len());
        if let Some(parent) = parent {
            let above = self.pair(parent);
            way = self.way_below(parent);
            depth += above.depth;
            head = above.head.or_else(|| (above.depth >= PATH_HEAD).then_some(way).flatten());
        }
        self.pairs.push(Pair { stored, new, zone, way, head, depth, segments: segments.to_vec() });
        self.steps.push(None);
        self.stack.push(id);
        id
    }

    /// Whether this many fields or variants may be compared as well. Reports it if not, and ends the walk.
    pub(super) fn may_compare(&mut self, id: StepId, parts: usize) -> bool {
        if let Some(left) = self.parts_left.checked_sub(parts) {
            self.parts_left = left;
            return true;
        }
        // Both layouts are only counted where their types meet in many pairs.
        if let Some(times) = self.more_parts.take() {
            let references = |schema: &Schema| schema.nodes().iter().map(parts_of).sum::<usize>();
            let both = references(self.stored_schema()).saturating_add(references(self.new_schema()));
            self.parts_left = self.parts_left.saturating_add(both.saturating_mul(times));
            return self.may_compare(id, parts);
        }
        self.stack.clear();
        self.parts_left = 0;
        if !std::mem::replace(&mut self.too_large, true) {
            let detail = String::from("too many types with too many fields correspond to each other");
            self.find(&rules::TOO_MANY_PAIRS, id, &[], detail, vec![]);
        }
        false
    }

    /// The way to what is below a pair. A pair that is no step further down is passed over.
    pub(super) fn way_below(&self, id: StepId) -> Option<StepId> {
        let pair = self.pair(id);
        if pair.segments.is_empty() { pair.way } else { Some(id) }
    }

    /// A child of a pair whose step is known: it belongs to this place, not to its nodes.
    pub(super) fn placed(
        &mut self,
        of: StepId,
        stored: NodeId,
        new: NodeId,
        segments: &[PathSegment],
        step: Step,
    ) -> StepId {
        let zone = self.pair(of).zone;
        let known = self.known.remove(&(stored, new, zone));
        let id = self.meet(stored, new, zone, Some(of), segments);
        self.known.remove(&(stored, new, zone));
        self.known.extend(known.map(|known| ((stored, new, zone), known)));
        self.steps[id.0 as usize] = Some(step);
        id
    }

    /// The step of a child that has met before, in the zone of this pair.
    pub(super) fn met(&self, of: StepId, stored: NodeId, new: NodeId) -> Option<StepId> {
        self.known.get(&(stored, new, self.pair(of).zone)).copied()
    }

    /// A child of a pair, in the same zone.
    pub(super) fn child(&mut self, of: StepId, stored: NodeId, new: NodeId, segments: &[PathSegment]) -> StepId {
        let zone = self.pair(of).zone;
        self.meet(stored, new, zone, Some(of), segments)
    }

    pub(super) fn pair(&self, id: StepId) -> &Pair {
        &self.pairs[id.0 as usize]
    }

    pub(super) fn stored_schema(&self) -> &Schema {
        self.stored.schema()
    }

    pub(super) fn new_schema(&self) -> &Schema {
        self.new.schema()
    }

    pub(super) fn nodes(&self, id: StepId) -> (&'a Node, &'a Node) {
        let pair = self.pair(id);
        (self.stored.schema().node(pair.stored), self.new.schema().node(pair.new))
    }

    /// The types of both sides, as people write them.
    pub(super) fn names(&self, id: StepId) -> (Arc<str>, Arc<str>) {
        let pair = self.pair(id);
        (self.name(self.stored, pair.stored), self.name(self.new, pair.new))
    }

    /// A type as people write it, written once.
    pub(super) fn name(&self, of: &SerializerSnapshot, id: NodeId) -> Arc<str> {
        let write = || of.schema().type_name(id).into();
        Arc::clone(self.names.borrow_mut().entry((std::ptr::eq(of, self.new), id)).or_insert_with(write))
    }

    /// The types of a pair: the new one, and the stored one.
    pub(super) fn sites(&self, id: StepId) -> [Site; 2] {
        let pair = self.pair(id);
        [Site::of_type(pair.new), Site::of_type(pair.stored)]
    }

    /// The new field that a pair is the type of, if it is that of a field.
    pub(super) fn site_of(&self, id: StepId) -> Option<Site> {
        let pair = self.pair(id);
        self.field_at(self.pair(pair.way.unwrap_or(StepId(0))).new, &pair.segments)
    }

    /// The field of a new type at a path by stored names.
    pub(super) fn field_at(&self, mut around: NodeId, path: &[PathSegment]) -> Option<Site> {
        // The path names neither logical types nor new options around what was stored without one.
        for _ in 0..MOST_WRAPPERS {
            around = match self.new_schema().node(around) {
                Node::Option(inner) => *inner,
                Node::Logical(node) => node.representation,
                _ => break,
            };
        }
        match (self.new_schema().node(around), path) {
            (Node::Struct(_), [PathSegment::Field(name)]) => {
                let at = self.members.field(around, None, name)?;
                Some(Site::of_type(around).with_field(at))
            }
            (Node::Enum(_), [PathSegment::Variant(variant), PathSegment::Field(name)]) => {
                let place = self.members.variant(around, variant)?;
                let at = self.members.field(around, Some(place), name)?;
                Some(Site::of_type(around).with_variant(place).with_field(at))
            }
            _ => None,
        }
    }

    /// To keep what was stored at a place.
    pub(super) fn keep(&self, id: StepId, kept: Kept) -> Fix {
        Fix::KeepType { stored: self.pair(id).stored, kept }
    }

    pub(super) fn changed(&self, id: StepId) -> String {
        let (stored, new) = self.names(id);
        format!("`{stored}` was stored, `{new}` is used now")
    }

    /// The way from the top to a pair, and `more`; of a long way the two ends.
    pub(super) fn path(&self, id: StepId, more: &[PathSegment]) -> Path {
        if is_whole(self.pair(id).depth + more.len()) {
            return self.way_up(id, more, usize::MAX).into();
        }
        let head = self.pair(id).head.map(|head| self.way_up(head, &[], usize::MAX)).unwrap_or_default();
        let tail = self.way_up(id, more, PATH_TAIL);
        let tail = tail.into_iter().rev().take(PATH_TAIL).rev();
        head.into_iter().take(PATH_HEAD).chain([PathSegment::Elided]).chain(tail).collect::<Vec<_>>().into()
    }

    /// The pairs on the way from the top to this one, with their places in the path that ends `more` segments below it.
    pub(super) fn chain(&self, id: StepId, more: usize) -> Vec<Link> {
        let link = |id: StepId, depth: usize| {
            let pair = self.pair(id);
            Link { depth, stored: pair.stored, new: pair.new }
        };
        let whole = self.pair(id).depth + more;
        let is_whole = is_whole(whole);
        let mut links = Vec::with_capacity(if is_whole { self.pair(id).depth + 1 } else { 0 });
        let mut at = Some(id);
        while let Some(id) = at {
            let pair = self.pair(id);
            let Some(place) = place_in_tail(pair.depth, whole) else { break };
            links.push(link(id, place));
            at = pair.way;
        }
        if !is_whole {
            let mut at = self.pair(id).head;
            while let Some(id) = at {
                let pair = self.pair(id);
                if pair.depth <= PATH_HEAD {
                    links.push(link(id, pair.depth));
                }
                at = pair.way;
            }
        }
        // The top has no segments, so no way leads over it.
        if id != StepId(0) {
            links.push(link(StepId(0), 0));
        }
        links.reverse();
        links
    }

    /// At least `enough` segments above `more` and a pair, if there are as many.
    pub(super) fn way_up(&self, id: StepId, more: &[PathSegment], enough: usize) -> Vec<PathSegment> {
        let mut count = more.len();
        let mut segments = Vec::with_capacity(self.pair(id).depth.min(PATH_HEAD + PATH_TAIL) + more.len());
        segments.extend(more.iter().rev().cloned());
        let mut at = Some(id);
        while let Some(id) = at.filter(|_| count < enough) {
            let pair = self.pair(id);
            count += pair.segments.len();
            segments.extend(pair.segments.iter().rev().cloned());
            at = pair.way;
        }
        segments.reverse();
        segments
    }

    /// Whether no further finding is kept.
    pub(super) fn is_full(&self) -> bool {
        self.findings.last().is_some_and(Finding::is_last)
    }

    /// Keeps a finding, and takes its text from what findings may hold.
    pub(super) fn keep_finding(&mut self, finding: Finding, at: (StepId, usize)) {
        let mut left = self.text.saturating_sub(finding.weight());
        if left == 0 && !self.extended {
            self.extended = true;
            let weight = self.stored_schema().weight().saturating_add(self.new_schema().weight());
            left = (self.text.saturating_add(weight.saturating_mul(TEXT_A_BYTE))).saturating_sub(finding.weight());
        }
        self.text = left;
        self.findings.push(finding);
        self.found_at.push(at);
    }

    pub(super) fn find(
        &mut self,
        rule: &'static Rule,
        at: StepId,
        more: &[PathSegment],
        detail: String,
        mut fixes: Vec<Fix>,
    ) {
        if rule.verdict == Compatibility::Incompatible && !self.is_full() {
            self.complete(rule, at, &mut fixes);
        }
        let count = self.findings.len();
        let is_last = count >= MOST_FINDINGS || self.text == 0;
        if self.is_full() {
            return;
        }
        let (rule, at, more, detail, fixes) = match is_last {
            false => (rule, at, more, detail, fixes),
            // The last one says that there are more.
            true => {
                let detail = format!("only the first {count} changes are listed");
                (&rules::TOO_MANY_FINDINGS, StepId(0), &[][..], detail, vec![])
            }
        };
        let pair = self.pair(at);
        let (stored, new) = (pair.stored, pair.new);
        let side = |snapshot: &SerializerSnapshot, id: NodeId| Side {
            type_name: self.name(snapshot, id),
            version: match snapshot.schema().node(id) {
                Node::Struct(node) => Some(node.version),
                Node::Enum(node) => Some(node.version),
                Node::Opaque(node) => Some(node.version),
                _ => None,
            },
            location: snapshot.location(id),
        };
        let finding = Finding {
            rule,
            role: self.role,
            path: self.path(at, more),
            chain: self.chain(at, more.len()),
            also: Vec::new(),
            stored: side(self.stored, stored),
            new: side(self.new, new),
            detail,
            note: self.note(rule),
            fixes,
        };
        let zone = pair.zone;
        self.keep_finding(finding, (at, more.len()));
        if zone == Zone::Distinct && rule.verdict == Compatibility::RequiresMigration && !rule.injective {
            let detail = format!("different keys or elements could become one: {}", rule.title);
            self.find(&rules::NOT_INJECTIVE, at, more, detail, vec![]);
        }
    }

    /// Leaves out fixes that the place does not allow, and adds those that need no detail.
    fn complete(&self, rule: &'static Rule, at: StepId, fixes: &mut Vec<Fix>) {
        let zone = self.pair(at).zone;
        if rule.convertible && fixes.is_empty() {
            fixes.push(self.keep(at, Kept::AsRule(rule.help)));
        }
        self.convert_shared(at, fixes);
        let count = fixes.len();
        fixes.retain(|fix| {
            fix.allowed_in(match fix.site() {
                Some(site) if zone == Zone::Free && self.is_keyed(site.node) => Zone::Distinct,
                _ => zone,
            })
        });
        let is_key = *rule == rules::NOT_INJECTIVE;
        // Where the bytes are equal, a function is not needed.
        let is_same = fixes.iter().any(|fix| matches!(fix, Fix::Was { .. } | Fix::EarlierType { .. }));
        let is_converted = fixes.iter().any(|fix| matches!(fix, Fix::Convert { .. }));
        if !is_converted && (rule.convertible || is_key || fixes.len() < count) {
            let conversion = match self.conversion(at) {
                Some(Fix::Convert { site, .. }) if self.is_keyed(site.node) => None,
                None if !is_same => self.offer_whole_conversion(),
                conversion => conversion,
            };
            fixes.extend(conversion);
        }
        if (fixes.len() < count || is_key) && !fixes.iter().any(Fix::is_keep) {
            fixes.push(match self.zone {
                Zone::Free if !self.is_shared(at) => self.keep(at, Kept::AsRule(rules::NOT_INJECTIVE.help)),
                Zone::Free | Zone::Distinct | Zone::Fixed => self.keep_whole(),
            });
        }
        if self.zone == Zone::Fixed && !fixes.is_empty() && !fixes.contains(&Fix::OtherUid) {
            fixes.push(Fix::OtherUid);
        }
    }

    /// Where several variants become one, what fits the stored type of one takes that of another away. A function for one
    /// of them repairs it, or else the stored type as a whole.
    fn convert_shared(&self, at: StepId, fixes: &mut Vec<Fix>) {
        if !self.is_shared(at) {
            return;
        }
        fixes.retain(|fix| !matches!(fix, Fix::KeepType { .. } | Fix::Widen { .. } | Fix::Transparent { .. }));
        fixes.insert(0, self.instead_of_replacing(at));
    }

    /// Whether a pair is in a new field for which stored variants that become one have values of different types.
    fn is_shared(&self, at: StepId) -> bool {
        !self.shared.is_empty() && self.field_around(at).is_some_and(|site| self.shared.contains(&site))
    }

    /// The new field that a pair is in, without a struct or enum in between.
    pub(super) fn field_around(&self, at: StepId) -> Option<Site> {
        let mut around = Some(at);
        while let Some(id) = around {
            if let Some(PathSegment::Field(_)) = self.pair(id).segments.last() {
                return self.site_of(id);
            }
            around = self.pair(id).way;
        }
        None
    }

    /// Whether a new type is part of a map key or set element somewhere, where what it declares holds as well.
    pub(super) fn is_keyed(&self, node: NodeId) -> bool {
        let keyed = self.keyed.get_or_init(|| {
            let schema = self.new_schema();
            let mut open: Vec<NodeId> = schema
                .nodes()
                .iter()
                .filter_map(|node| match node {
                    Node::Set(element) => Some(*element),
                    Node::Map { key, .. } => Some(*key),
                    _ => None,
                })
                .collect();
            let mut keyed = HashSet::new();
            while let Some(id) = open.pop() {
                if keyed.insert(id) {
                    open.extend(schema.node(id).children());
                }
            }
            // All leaves of one name and version have one serializer.
            let leaf = |id: NodeId| match schema.node(id) {
                Node::Opaque(leaf) => Some((&leaf.name, leaf.version)),
                _ => None,
            };
            let leaves: HashSet<_> = keyed.iter().filter_map(|id| leaf(*id)).collect();
            if !leaves.is_empty() {
                keyed.extend(schema.ids().filter(|id| leaf(*id).is_some_and(|leaf| leaves.contains(&leaf))));
            }
            keyed
        });
        keyed.contains(&node)
    }

    /// To keep the stored type as a whole.
    pub(super) fn keep_whole(&self) -> Fix {
        let [stored, new] = [self.stored, self.new].map(|snapshot| snapshot.configuration().integers);
        Fix::KeepWhole {
            name: rust_type(&self.stored_schema().type_name(NodeId::ROOT)),
            role: self.role,
            integers: (stored != new).then_some(stored),
        }
    }

    /// Adds to the note of the last finding.
    pub(super) fn note_as_well(&mut self, text: &str) {
        if let Some(last) = self.findings.last_mut() {
            let before = last.note.take().map(|note| format!("{note}; ")).unwrap_or_default();
            last.note = Some(format!("{before}{text}"));
        }
    }

    /// The note for a refusal in a place where bytes must not change.
    pub(super) fn note(&self, rule: &'static Rule) -> Option<String> {
        let refused = rule.verdict == Compatibility::Incompatible && *rule != rules::KEY_MIGRATION_REFUSED;
        let role = self.role;
        (refused && self.zone == Zone::Fixed).then(|| {
            format!("a {role} is never migrated on restore, because its bytes decide where an entry is stored")
        })
    }
}

/// Whether nothing is left out of a path of this many segments.
fn is_whole(segments: usize) -> bool {
    segments <= PATH_HEAD + 1 + PATH_TAIL
}

/// Where a part at a depth is in a path of `whole` segments, of which the middle may be left out; `None` if the part lies
/// there, or before it.
pub(super) fn place_in_tail(depth: usize, whole: usize) -> Option<usize> {
    if is_whole(whole) { Some(depth) } else { Some(PATH_HEAD + 1 + (depth + PATH_TAIL).checked_sub(whole)?) }
}
