//! Minimizes a case: fewer fields, variants, layers and hints on both sides at once.
//!
//! Minimizing the choices alone leaves much that is unrelated to the fault, because every choice shifts the later ones.

use std::collections::BTreeSet;

use typeser::resolve::{Policy, Role};
use typeser::schema::{Field, IntegerEncoding, Node, NodeId, Primitive};
use typeser::snapshot::{OpaqueHints, RecordHints};

use super::Summary;
use super::case::{Case, check_laws};
use super::laws::{Broken, Law};
use super::parts::Parts;
use super::source::Source;
use super::subject::Subject;

/// The number of sets of values per smaller case.
const SEEDS: u64 = 24;
/// The largest number of smaller cases.
const MOST: usize = 3_000;

/// The smallest case found that breaks this law, and the broken law.
pub(super) fn smallest(subject: &dyn Subject, case: Case, choices: &[u32], law: Law) -> Option<(Case, Broken)> {
    let breaks = |case: &Case| {
        let sources = std::iter::once(Source::replay(choices.to_vec())).chain((0..SEEDS).map(Source::seeded));
        let broken = sources.filter_map(|mut source| {
            super::caught(|| check_laws(subject, case, &mut source, &mut Summary::default())).err()
        });
        broken.filter(|broken| broken.law == law).min_by_key(|broken| broken.words.len())
    };
    let broken = breaks(&case)?;
    let (mut found, mut left) = ((case, broken), MOST);
    loop {
        let length = found.0.to_string().len();
        let smaller = candidates(&found.0).into_iter().filter(|case| case.to_string().len() < length).take(left);
        let tried = &mut left;
        let next = smaller
            .inspect(|_| *tried -= 1)
            .find_map(|case| Some(breaks(&case)).flatten().map(|broken| (case, broken)));
        match next {
            Some(next) => found = next,
            None => return Some(found),
        }
    }
}

/// Cases that are one step smaller.
fn candidates(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let sides = || [Parts::of(&case.stored), Parts::of(&case.new)];
    let mut either = |change: &dyn Fn(&mut [Parts; 2])| {
        let mut parts = sides();
        change(&mut parts);
        if let [Some(stored), Some(new)] = parts.map(Parts::snapshot) {
            all.push(Case { stored, new, ..*case });
        }
    };
    either(&|sides| sides.iter_mut().for_each(|side| side.integers = IntegerEncoding::Fixed));
    let nodes = sides().iter().map(|side| side.nodes.len()).max().unwrap_or(0);
    let width = sides().iter().map(|side| side.nodes[0].children().count()).max().unwrap_or(0);
    // Replace the root by one of its children.
    for place in 0..width {
        either(&|sides| {
            for side in sides {
                side.root = side.nodes[0].children().nth(place).unwrap_or(side.root);
            }
        });
    }
    let (fields, variants) = names(&sides());
    for (owner, name) in &fields {
        either(&|sides| sides.iter_mut().for_each(|side| drop_field(side, owner, name)));
    }
    for name in &variants {
        either(&|sides| sides.iter_mut().for_each(|side| drop_variant(side, name)));
    }
    for (owner, name) in &fields {
        for primitive in [Primitive::Unit, Primitive::U8] {
            either(&|sides| sides.iter_mut().for_each(|side| set_field(side, owner, name, primitive)));
        }
    }
    for at in 1..nodes {
        either(&|sides| sides.iter_mut().for_each(|side| unwrap(side, at)));
    }
    let sets: [&[usize]; 3] = [&[0, 1], &[0], &[1]];
    for (set, at) in sets.into_iter().flat_map(|set| (1..nodes).map(move |at| (set, at))) {
        either(&|sides| {
            for side in set {
                if at < sides[*side].nodes.len() {
                    sides[*side].set(at, Node::Primitive(Primitive::U8));
                }
            }
        });
    }
    for set in sets {
        let record = |change: &dyn Fn(&mut RecordHints)| {
            either(&|sides| set.iter().for_each(|at| sides[*at].records().for_each(|(_, hints)| change(hints))));
        };
        [
            &(|hints: &mut RecordHints| hints.removed.clear()) as &dyn Fn(&mut RecordHints),
            &|hints| hints.fields.iter_mut().for_each(|hints| hints.aliases.clear()),
            &|hints| hints.fields.iter_mut().for_each(|hints| hints.default = None),
            &|hints| hints.fields.iter_mut().for_each(|hints| hints.conversions.clear()),
        ]
        .into_iter()
        .for_each(record);
        either(&|sides| set.iter().for_each(|at| sides[*at].enums().for_each(|(_, hints)| hints.removed.clear())));
        either(&|sides| {
            set.iter().for_each(|at| sides[*at].versions().for_each(|(_, _, functions)| functions.clear()))
        });
        either(&|sides| {
            set.iter().for_each(|at| sides[*at].leaves().for_each(|(_, hints)| *hints = OpaqueHints::default()));
        });
    }
    let same = |role, policy| Case { stored: case.stored.clone(), new: case.new.clone(), role, policy };
    if case.role != Role::Value {
        all.push(same(Role::Value, case.policy));
    }
    if case.policy != Policy::default() {
        all.push(same(case.role, Policy::default()));
    }
    all
}

/// All fields, each with its struct or variant, and all variants.
fn names(sides: &[Parts; 2]) -> (BTreeSet<(String, String)>, BTreeSet<String>) {
    let (mut fields, mut variants) = (BTreeSet::new(), BTreeSet::new());
    for node in sides.iter().flat_map(|side| &side.nodes) {
        let mut add = |owner: &str, of: &[Field]| {
            fields.extend(of.iter().map(|field| (owner.to_owned(), field.name.clone())));
        };
        match node {
            Node::Struct(node) => add(&node.name, &node.fields),
            Node::Enum(node) => {
                node.variants.iter().for_each(|variant| add(&variant.name, &variant.fields));
                variants.extend(node.variants.iter().map(|variant| variant.name.clone()));
            }
            _ => {}
        }
    }
    (fields, variants)
}

fn drop_field(side: &mut Parts, owner: &str, name: &str) {
    for (_, fields, hints) in side.named_records().filter(|record| record.0 == owner) {
        if let Some(at) = fields.iter().position(|field| field.name == name) {
            fields.remove(at);
            hints.fields.remove(at);
        }
    }
}

fn drop_variant(side: &mut Parts, name: &str) {
    for (node, hints) in side.enums() {
        if let Some(at) = node.variants.iter().position(|variant| variant.name == name) {
            node.variants.remove(at);
            hints.variants.remove(at);
        }
    }
}

fn set_field(side: &mut Parts, owner: &str, name: &str, primitive: Primitive) {
    let node = side.push(Node::Primitive(primitive));
    for (_, fields, _) in side.named_records().filter(|record| record.0 == owner) {
        fields.iter_mut().filter(|field| field.name == name).for_each(|field| field.node = node);
    }
}

/// Replaces a container by its content.
fn unwrap(side: &mut Parts, at: usize) {
    if let Some(Node::Option(inner) | Node::List(inner) | Node::Set(inner) | Node::Array { element: inner, .. }) =
        side.nodes.get(at)
    {
        let inner = *inner;
        side.redirect(NodeId::new(at as u32), inner);
    }
}
