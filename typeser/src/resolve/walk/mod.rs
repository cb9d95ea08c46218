//! The one walker: meets every pair of stored and new nodes once, and writes findings and steps.
//!
//! It works off a stack of pairs instead of recursing, so the depth of a schema costs no stack; a pair that is met
//! again, also while it is still being looked at, is the step that it already has.

mod functions;
mod hash;
mod leaves;
mod names;
mod opaques;
mod records;
mod shapes;
mod spelling;

pub(super) use names::Partners;
pub(super) use opaques::forgets;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use self::hash::Seed;
use super::plan::{Plan, ShapeId, Step, StepId, shapes_of};
use super::role::Zone;
use super::rules::{self, Rule};
use super::{Compatibility, Finding, Fix, Link, Policy, Role, Side};
use crate::schema::{Limits, Node, NodeId, Path, PathSegment, Schema};
use crate::snapshot::SerializerSnapshot;

/// The most pairs that are looked at. Two schemas of the largest size can meet in more, but only by design.
const MOST_PAIRS: usize = 1 << 20;

/// The most findings that are kept. Nobody reads more, and each one holds names and a path.
const MOST_FINDINGS: usize = 10_000;

/// How many segments at the beginning and at the end of a path are kept, if it is longer than both.
const PATH_HEAD: usize = 16;
const PATH_TAIL: usize = 47;

/// Walks both snapshots from the top, and asks of them what the zone says. No plan comes back if some pair has none.
pub(super) fn walk(
    stored: &SerializerSnapshot,
    new: &SerializerSnapshot,
    role: Role,
    zone: Zone,
    policy: &Policy,
) -> (Vec<Finding>, Option<Plan>) {
    let seed = Seed::new();
    let mut walker = Walker {
        stored,
        new,
        role,
        zone,
        policy,
        pairs: Vec::new(),
        known: HashMap::with_hasher(seed.clone()),
        stack: Vec::new(),
        findings: Vec::new(),
        steps: Vec::new(),
        constants: HashMap::with_hasher(seed.clone()),
        names: RefCell::new(HashMap::with_hasher(seed)),
        copied: 0,
        comparable: functions::MOST_COMPARED,
        parts: HashMap::new(),
        fallbacks: HashMap::new(),
    };
    walker.meet(NodeId::ROOT, NodeId::ROOT, zone, None, &[]);
    walker.encoding();
    walker.run();
    walker.finish()
}

struct Walker<'a> {
    stored: &'a SerializerSnapshot,
    new: &'a SerializerSnapshot,
    role: Role,
    /// What is asked of the whole: what the role asks, unless keys are to move.
    zone: Zone,
    policy: &'a Policy,
    pairs: Vec<Pair>,
    known: HashMap<(NodeId, NodeId, Zone), StepId, Seed>,
    stack: Vec<StepId>,
    findings: Vec<Finding>,
    /// By pair; `None` until it was looked at, and for ever if it cannot be carried over.
    steps: Vec<Option<Step>>,
    constants: HashMap<ConstantPlace, Result<Arc<[u8]>, String>, Seed>,
    /// How much was copied out for functions.
    copied: usize,
    /// How many nodes may still be compared with what functions read.
    comparable: usize,
    /// The parts that were copied out for functions: of the stored side (0) and the new one (1).
    parts: HashMap<(usize, NodeId), SerializerSnapshot>,
    /// What types of the stored side (`false`) and of the new one are called.
    names: RefCell<HashMap<(bool, NodeId), Arc<str>, Seed>>,
    /// The values that stand for removed variants, by new enum.
    fallbacks: HashMap<NodeId, Arc<[u8]>>,
}

/// A constant of the new side: what it is to be a value of, and where its bytes lie.
type ConstantPlace = (NodeId, *const u8, usize);

/// A stored and a new node that stand for each other, and the way to them.
#[derive(Clone)]
struct Pair {
    stored: NodeId,
    new: NodeId,
    zone: Zone,
    /// The next pair above with segments of its own.
    way: Option<StepId>,
    /// The first pair on the way down whose path is as long as what is kept of the beginning of a long one.
    head: Option<StepId>,
    /// How many segments lead here.
    depth: usize,
    segments: Vec<PathSegment>,
}

impl<'a> Walker<'a> {
    fn run(&mut self) {
        while let Some(id) = self.stack.pop() {
            if self.is_full() {
                return;
            }
            if self.steps[id.0 as usize].is_some() {
                continue;
            }
            if self.pairs.len() > MOST_PAIRS {
                self.find(&rules::TOO_MANY_PAIRS, StepId(0), &[], String::from("the layouts are too large"), vec![]);
                return;
            }
            let met = self.stack.len();
            let step = self.look(id);
            self.steps[id.0 as usize] = step;
            // Children were pushed in stored order; the first is to be looked at first.
            self.stack[met..].reverse();
        }
    }

    /// The step for a pair: the one that it has, or a new one that will be looked at.
    fn meet(
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
        // A changed leaf has no name under which it could be told once for all places: each place is looked at.
        if !shapes::is_changed_leaf((self.stored_schema(), stored), (self.new_schema(), new)) {
            self.known.insert((stored, new, zone), id);
        }
        let (mut way, mut head, mut depth) = (None, None, segments.len());
        if let Some(parent) = parent {
            let above = self.pair(parent);
            // A parent that is no step further down is passed over.
            way = if above.segments.is_empty() { above.way } else { Some(parent) };
            depth += above.depth;
            head = above.head.or_else(|| (above.depth >= PATH_HEAD).then_some(way).flatten());
        }
        self.pairs.push(Pair { stored, new, zone, way, head, depth, segments: segments.to_vec() });
        self.steps.push(None);
        self.stack.push(id);
        id
    }

    /// A child of a pair whose step is known: it belongs to this place, not to its nodes.
    fn placed(&mut self, of: StepId, stored: NodeId, new: NodeId, segments: &[PathSegment], step: Step) -> StepId {
        let zone = self.pair(of).zone;
        let known = self.known.remove(&(stored, new, zone));
        let id = self.meet(stored, new, zone, Some(of), segments);
        self.known.remove(&(stored, new, zone));
        self.known.extend(known.map(|known| ((stored, new, zone), known)));
        self.steps[id.0 as usize] = Some(step);
        id
    }

    /// The step of a child that has met before, in the zone of this pair.
    fn met(&self, of: StepId, stored: NodeId, new: NodeId) -> Option<StepId> {
        self.known.get(&(stored, new, self.pair(of).zone)).copied()
    }

    /// A child of a pair, in the same zone.
    fn child(&mut self, of: StepId, stored: NodeId, new: NodeId, segments: &[PathSegment]) -> StepId {
        let zone = self.pair(of).zone;
        self.meet(stored, new, zone, Some(of), segments)
    }

    fn pair(&self, id: StepId) -> &Pair {
        &self.pairs[id.0 as usize]
    }

    fn stored_schema(&self) -> &Schema {
        self.stored.schema()
    }

    fn new_schema(&self) -> &Schema {
        self.new.schema()
    }

    fn nodes(&self, id: StepId) -> (&'a Node, &'a Node) {
        let pair = self.pair(id);
        (self.stored.schema().node(pair.stored), self.new.schema().node(pair.new))
    }

    /// The types of both sides, as people write them.
    fn names(&self, id: StepId) -> (Arc<str>, Arc<str>) {
        let pair = self.pair(id);
        (self.name(self.stored, pair.stored), self.name(self.new, pair.new))
    }

    /// A type as people write it, written once.
    fn name(&self, of: &SerializerSnapshot, id: NodeId) -> Arc<str> {
        let write = || of.schema().type_name(id).into();
        Arc::clone(self.names.borrow_mut().entry((std::ptr::eq(of, self.new), id)).or_insert_with(write))
    }

    fn changed(&self, id: StepId) -> String {
        let (stored, new) = self.names(id);
        format!("`{stored}` was stored, `{new}` is used now")
    }

    /// The way from the top to a pair, and `more`; of a long way the two ends.
    fn path(&self, id: StepId, more: &[PathSegment]) -> Path {
        if self.pair(id).depth + more.len() <= PATH_HEAD + 1 + PATH_TAIL {
            return self.way_up(id, more, usize::MAX).into();
        }
        let head = self.pair(id).head.map(|head| self.way_up(head, &[], usize::MAX)).unwrap_or_default();
        let tail = self.way_up(id, more, PATH_TAIL);
        let tail = tail.into_iter().rev().take(PATH_TAIL).rev();
        head.into_iter().take(PATH_HEAD).chain([PathSegment::Elided]).chain(tail).collect::<Vec<_>>().into()
    }

    /// The pairs on the way from the top to this one, with their places in the path that ends `more` segments below it.
    fn chain(&self, id: StepId, more: usize) -> Vec<Link> {
        let link = |id: StepId, depth: usize| {
            let pair = self.pair(id);
            Link { depth, stored: pair.stored, new: pair.new }
        };
        let whole = self.pair(id).depth + more;
        let is_whole = whole <= PATH_HEAD + 1 + PATH_TAIL;
        let mut links = Vec::with_capacity(if is_whole { self.pair(id).depth + 1 } else { 0 });
        let mut at = Some(id);
        while let Some(id) = at {
            let pair = self.pair(id);
            let place = if is_whole { Some(pair.depth) } else { (pair.depth + PATH_TAIL).checked_sub(whole) };
            let Some(place) = place else { break };
            links.push(link(id, if is_whole { place } else { PATH_HEAD + 1 + place }));
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

    /// At least so many segments above `more` and a pair, if there are so many.
    fn way_up(&self, id: StepId, more: &[PathSegment], enough: usize) -> Vec<PathSegment> {
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
    fn is_full(&self) -> bool {
        self.findings.len() > MOST_FINDINGS
    }

    fn find(&mut self, rule: &'static Rule, at: StepId, more: &[PathSegment], detail: String, mut fixes: Vec<Fix>) {
        if rule.convertible
            && !self.is_full()
            && let Some(conversion) = self.conversion(at)
        {
            if fixes.is_empty() {
                fixes.push(Fix::new(rule.help));
            }
            fixes.push(conversion);
        }
        let (rule, at, more, detail, fixes) = match self.findings.len() {
            count if count < MOST_FINDINGS => (rule, at, more, detail, fixes),
            // The last one says that there are more.
            MOST_FINDINGS => {
                let detail = format!("only the first {MOST_FINDINGS} changes are listed");
                (&rules::TOO_MANY_FINDINGS, StepId(0), &[][..], detail, vec![])
            }
            _ => return,
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
            stored: side(self.stored, stored),
            new: side(self.new, new),
            detail,
            note: self.note(rule),
            fixes,
        };
        let zone = pair.zone;
        self.findings.push(finding);
        if zone == Zone::Distinct && rule.verdict == Compatibility::RequiresMigration && !rule.injective {
            let detail = format!("different keys or elements could become one: {}", rule.title);
            self.find(&rules::NOT_INJECTIVE, at, more, detail, vec![]);
        }
    }

    /// Adds to the note of the last finding.
    fn note_as_well(&mut self, text: &str) {
        if let Some(last) = self.findings.last_mut() {
            let before = last.note.take().map(|note| format!("{note}; ")).unwrap_or_default();
            last.note = Some(format!("{before}{text}"));
        }
    }

    /// Why what this rule refuses is not rewritten either, where bytes must stay as they are.
    fn note(&self, rule: &'static Rule) -> Option<String> {
        let refused = rule.verdict == Compatibility::Incompatible && *rule != rules::KEY_MIGRATION_REFUSED;
        let role = self.role;
        (refused && self.zone == Zone::Fixed)
            .then(|| format!("a {role} is never migrated on restore: its bytes decide where an entry lives"))
    }

    /// The configuration, which belongs to the whole serializer.
    fn encoding(&mut self) {
        let (from, to) = (self.stored.configuration().integers, self.new.configuration().integers);
        if from != to {
            let detail = format!("{from} integers were stored, {to} integers are used now");
            self.find(&rules::INTEGER_ENCODING, StepId(0), &[], detail, vec![]);
        }
    }

    fn finish(mut self) -> (Vec<Finding>, Option<Plan>) {
        let worst = |findings: &[Finding]| findings.iter().map(|finding| finding.rule.verdict).max();
        if worst(&self.findings) == Some(Compatibility::AfterReconfigure) {
            self.refuse_converted();
        }
        let worst = worst(&self.findings);
        let from = self.stored.configuration().integers;
        let shapes = shapes_of(self.stored_schema(), from);
        let changes = self.changes(&shapes);
        // A reconfigured serializer walks as well, even where no byte moves.
        if changes[0] || worst >= Some(Compatibility::AfterReconfigure) {
            self.refuse_unframed();
        }
        self.refuse_long_arrays(&shapes, &changes);
        if self.zone == Zone::Fixed && worst == Some(Compatibility::RequiresMigration) {
            self.refuse_key_migration();
        }
        let origins: Vec<ShapeId> = self.pairs.iter().map(|pair| ShapeId::of(pair.stored)).collect();
        let steps: Option<Vec<Step>> = self.steps.into_iter().collect();
        let plan = steps.map(|mut steps| {
            for ((step, origin), _) in steps.iter_mut().zip(&origins).zip(changes).filter(|(_, changes)| !changes) {
                *step = Step::Same(*origin);
            }
            Plan { steps, origins, shapes, from, to: self.new.configuration().integers }
        });
        (self.findings, plan)
    }

    /// Refuses arrays of more elements without bytes than any reader believes, where they would have to be walked.
    fn refuse_long_arrays(&mut self, shapes: &[super::Shape], changes: &[bool]) {
        for id in 0..self.pairs.len() {
            let Some(Step::Array { element, length, to_list }) = self.steps[id] else { continue };
            let (pair, id) = (self.pair(element), StepId(u32::try_from(id).unwrap_or(u32::MAX)));
            let walked = changes[element.0 as usize] && shapes[pair.stored.index()].size.min == 0;
            let as_list = to_list && self.may_be_empty(&[pair.new]);
            if length > Limits::EMPTY_ELEMENTS && (walked || as_list) {
                let detail = format!("the {length} elements may take no bytes, and {}", self.changed(id));
                self.find(&rules::ARRAY_TOO_LONG, id, &[], detail, vec![]);
            }
        }
    }

    fn refuse_unframed(&mut self) {
        let unframed = self.stored_schema().nodes().iter().find_map(|node| match node {
            Node::Opaque(node) if !node.framed => Some(node.name.clone()),
            _ => None,
        });
        if let Some(name) = unframed {
            let detail = format!("`{name}` is stored without a length");
            self.find(&rules::OPAQUE_UNFRAMED, StepId(0), &[], detail, vec![]);
        }
    }

    fn refuse_key_migration(&mut self) {
        let mut causes: Vec<&str> = self
            .findings
            .iter()
            .filter(|finding| finding.rule.verdict == Compatibility::RequiresMigration)
            .map(|finding| finding.rule.id)
            .collect();
        causes.dedup();
        let detail = format!("the {} would have to be migrated ({})", self.role, causes.join(", "));
        let stored = self.stored_schema().type_name(NodeId::ROOT);
        let fixes = vec![
            Fix::new(format!("keep `{stored}` as it was stored for the {}", self.role)),
            Fix::rekey(self.role, "re-key the savepoint offline, then restore from the result"),
            Fix::new("start empty: give the operator another uid"),
        ];
        self.find(&rules::KEY_MIGRATION_REFUSED, StepId(0), &[], detail, fixes);
    }

    /// Under which steps bytes change; where there is no step, nothing stays.
    ///
    /// A step changes bytes if it does so itself or if a step below it does, recursion included: what changes is
    /// spread from child to parent until nothing more is reached.
    fn changes(&self, shapes: &[super::Shape]) -> Vec<bool> {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); self.steps.len()];
        for (id, step) in self.steps.iter().enumerate() {
            for child in step.iter().flat_map(Step::children) {
                let parents = &mut parents[child.0 as usize];
                if parents.last() != Some(&id) {
                    parents.push(id);
                }
            }
        }
        let itself = |step: &Option<Step>| step.as_ref().is_none_or(|step| changes_bytes(step, shapes));
        let mut changes: Vec<bool> = self.steps.iter().map(itself).collect();
        let mut reached: Vec<usize> = (0..changes.len()).filter(|id| changes[*id]).collect();
        while let Some(id) = reached.pop() {
            for parent in &parents[id] {
                if !std::mem::replace(&mut changes[*parent], true) {
                    reached.push(*parent);
                }
            }
        }
        changes
    }
}

fn changes_bytes(step: &Step, shapes: &[super::Shape]) -> bool {
    match step {
        Step::Same(_) | Step::Option(_) | Step::List { .. } | Step::Map { .. } => false,
        Step::Record(record) => !record.keeps_bytes(shapes),
        Step::Enum(arms) => arms.iter().any(|arm| match &arm.action {
            super::ArmAction::Keep { tag, payload } => *tag != arm.stored_tag || !payload.keeps_bytes(shapes),
            super::ArmAction::Replace { .. } => true,
        }),
        Step::Some(_) | Step::Unwrap { .. } | Step::Functions(_) => true,
        Step::Array { to_list, .. } => *to_list,
        Step::Convert { from, to } => !same_bytes(*from, *to),
    }
}

/// Whether a conversion leaves bytes as they are. None of today's do.
fn same_bytes(from: crate::schema::Primitive, to: crate::schema::Primitive) -> bool {
    from == to
}
