//! The loop of the walk: one pair after the other, from the root.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::hash::Seed;
use super::walker::{MOST_PARTS, MOST_TEXT, TIMES_THE_PARTS, Walker};
use crate::resolve::finding::Finding;
use crate::resolve::plan::{Plan, Shape, StepId};
use crate::resolve::policy::Policy;
use crate::resolve::role::{Role, Zone};
use crate::resolve::rules;
use crate::schema::{MOST_COMPARED, NodeId};
use crate::snapshot::{Members, SerializerSnapshot};

/// The most pairs that are compared. Two schemas of the largest size can have more, but only by design.
const MOST_PAIRS: usize = 1 << 20;

/// Walks both snapshots from the top, and asks of them what the zone says. No plan comes back if some pair has none.
pub(in crate::resolve) fn walk(
    stored: &SerializerSnapshot,
    new: &SerializerSnapshot,
    role: Role,
    zone: Zone,
    policy: &Policy,
) -> (Vec<Finding>, Option<Plan>) {
    let mut walker = begin((stored, NodeId::ROOT), new, (role, zone), policy);
    walker.encoding();
    // What a function of a newer release made goes before what is declared here.
    if !walker.root_was_made() {
        walker.whole(StepId(0));
    }
    walker.run(MOST_PAIRS);
    walker.finish()
}

/// Walks from a stored part to a whole type. Also returns how much was compared: pairs, fields and variants, which are
/// `most` each at the most, and findings.
pub(super) fn walk_part(
    stored: (&SerializerSnapshot, NodeId),
    new: &SerializerSnapshot,
    place: (Role, Zone),
    policy: &Policy,
    shapes: &Rc<OnceCell<Arc<[Shape]>>>,
    most: usize,
) -> (Vec<Finding>, Option<Plan>, usize) {
    let mut walker = begin(stored, new, place, policy);
    walker.shapes = Rc::clone(shapes);
    walker.comparable = walker.comparable.min(most);
    (walker.parts_left, walker.more_parts) = (most, None);
    walker.run(MOST_PAIRS.min(most));
    let taken = walker.pairs.len() + (most - walker.parts_left);
    let (findings, plan) = walker.finish();
    let taken = taken + findings.len();
    (findings, plan, taken)
}

fn begin<'a>(
    (stored, at): (&'a SerializerSnapshot, NodeId),
    new: &'a SerializerSnapshot,
    (role, zone): (Role, Zone),
    policy: &'a Policy,
) -> Walker<'a> {
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
        shapes: Rc::default(),
        parts_left: MOST_PARTS,
        more_parts: Some(TIMES_THE_PARTS),
        too_large: false,
        leaves: HashMap::with_hasher(seed.clone()),
        forgets: OnceCell::new(),
        type_aliases: HashMap::with_hasher(seed.clone()),
        text: MOST_TEXT,
        extended: false,
        found_at: Vec::new(),
        stored_names: OnceCell::new(),
        steps: Vec::new(),
        constants: HashMap::with_hasher(seed.clone()),
        members: Members::by_alias(new),
        names: RefCell::new(HashMap::with_hasher(seed)),
        copied: 0,
        comparable: MOST_COMPARED,
        parts: HashMap::new(),
        shared: HashSet::new(),
        keyed: OnceCell::new(),
        newer: None,
        upwards: false,
        fallbacks: HashMap::new(),
    };
    walker.meet(at, NodeId::ROOT, zone, None, &[]);
    walker
}

impl Walker<'_> {
    fn run(&mut self, most_pairs: usize) {
        while let Some(id) = self.stack.pop() {
            if self.is_full() {
                return;
            }
            if self.steps[id.0 as usize].is_some() {
                continue;
            }
            if self.pairs.len() > most_pairs {
                self.find(&rules::TOO_MANY_PAIRS, StepId(0), &[], String::from("the layouts are too large"), vec![]);
                return;
            }
            let met = self.stack.len();
            let step = self.compare(id);
            self.steps[id.0 as usize] = step;
            if self.too_large {
                return;
            }
            // Children were pushed in stored order; the first is compared first.
            self.stack[met..].reverse();
        }
    }
}
