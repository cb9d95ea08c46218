//! Changes of snapshots that simulate a faulty walker, a faulty plan, or a faulty set of versions.

use typeser::resolve::{Compatibility, Policy, Role, resolve};
use typeser::schema::{Node, NodeId, Primitive};
use typeser::snapshot::NodeHints;

use super::super::history::History;
use super::super::parts::Parts;

/// Replaces one primitive by another, on both sides.
fn taken_for(sides: [&mut Parts; 2], one: Primitive, other: Primitive) {
    for side in sides {
        for node in &mut side.nodes {
            if *node == Node::Primitive(one) {
                *node = Node::Primitive(other);
            }
        }
    }
}

pub(super) fn signs_are_ignored(stored: &mut Parts, new: &mut Parts) {
    taken_for([stored, new], Primitive::I32, Primitive::U32);
}

pub(super) fn i16_is_unsigned(stored: &mut Parts, new: &mut Parts) {
    taken_for([stored, new], Primitive::I16, Primitive::U16);
}

pub(super) fn bools_are_bytes(stored: &mut Parts, new: &mut Parts) {
    taken_for([stored, new], Primitive::Bool, Primitive::U8);
}

pub(super) fn strings_are_bytes(stored: &mut Parts, new: &mut Parts) {
    for side in [stored, new] {
        for at in 0..side.nodes.len() {
            if side.is(NodeId::new(at as u32), Primitive::String) {
                let element = side.push(Node::Primitive(Primitive::U8));
                side.set(at, Node::List(element));
            }
        }
    }
}

pub(super) fn nonzero_is_plain(stored: &mut Parts, new: &mut Parts) {
    for side in [stored, new] {
        for at in 0..side.nodes.len() {
            if let Node::NonZero(inner) = side.nodes[at] {
                let inner = side.nodes[inner.index()].clone();
                side.set(at, inner);
            }
        }
    }
}

pub(super) fn times_have_no_bound(stored: &mut Parts, new: &mut Parts) {
    for side in [stored, new] {
        for node in &mut side.nodes {
            if let Node::Logical(node) = node {
                node.name.push('?');
            }
        }
    }
}

pub(super) fn sets_are_lists(stored: &mut Parts, new: &mut Parts) {
    for side in [stored, new] {
        for node in &mut side.nodes {
            if let Node::Set(element) = *node {
                *node = Node::List(element);
            }
        }
    }
}

pub(super) fn maps_are_lists(stored: &mut Parts, new: &mut Parts) {
    for side in [stored, new] {
        for at in 0..side.nodes.len() {
            if let Node::Map { key, value } = side.nodes[at] {
                let entry = side.push(Node::Tuple(vec![key, value]));
                side.set(at, Node::List(entry));
            }
        }
    }
}

pub(super) fn parameters_are_ignored(stored: &mut Parts, new: &mut Parts) {
    for side in [stored, new] {
        for node in &mut side.nodes {
            if let Node::Logical(node) = node {
                node.parameters.clear();
            }
        }
    }
}

pub(super) fn opaque_versions_are_ignored(stored: &mut Parts, new: &mut Parts) {
    for side in [stored, new] {
        for node in &mut side.nodes {
            if let Node::Opaque(node) = node {
                node.version = 1;
            }
        }
    }
}

pub(super) fn enum_names_are_ignored(stored: &mut Parts, new: &mut Parts) {
    for side in [stored, new] {
        for (node, hints) in side.enums() {
            node.name = "E".to_owned();
            hints.aliases.clear();
        }
    }
}

pub(super) fn tombstones_of_fields_are_ignored(stored: &mut Parts, _: &mut Parts) {
    stored.records().for_each(|(_, hints)| hints.removed.clear());
}

pub(super) fn tombstones_of_variants_are_ignored(stored: &mut Parts, _: &mut Parts) {
    stored.enums().for_each(|(_, hints)| hints.removed.clear());
}

pub(super) fn only_the_last_alias_counts(_: &mut Parts, new: &mut Parts) {
    for (_, hints) in new.records() {
        for hints in &mut hints.fields {
            hints.aliases.drain(..hints.aliases.len().saturating_sub(1));
        }
    }
}

pub(super) fn fields_without_bytes_need_no_tombstone(stored: &mut Parts, new: &mut Parts) {
    let units: Vec<NodeId> =
        (0..stored.nodes.len() as u32).map(NodeId::new).filter(|id| stored.is(*id, Primitive::Unit)).collect();
    let gone: Vec<String> = stored
        .records()
        .flat_map(|(fields, _)| {
            fields.iter().filter(|field| units.contains(&field.node)).map(|field| field.name.clone())
        })
        .collect();
    for (fields, hints) in new.records() {
        for name in &gone {
            let aliased = hints.fields.iter().any(|hints| hints.aliases.contains(name));
            if !aliased && !hints.removed.contains(name) && fields.iter().all(|field| field.name != *name) {
                hints.removed.push(name.clone());
            }
        }
    }
}

/// Two fields of one type that are there on both sides.
pub(super) fn two_moves_are_swapped(stored: &mut Parts, new: &mut Parts) {
    let known: Vec<Vec<String>> =
        stored.records().map(|(fields, _)| fields.iter().map(|field| field.name.clone()).collect()).collect();
    for (fields, _) in new.records() {
        let both = |one: &str, other: &str| {
            known.iter().any(|names| [one, other].iter().all(|name| names.iter().any(|known| known == name)))
        };
        let pairs = (1..fields.len()).flat_map(|other| (0..other).map(move |one| (one, other)));
        let found = pairs
            .filter(|(one, other)| fields[*one].node == fields[*other].node)
            .find(|(one, other)| both(&fields[*one].name, &fields[*other].name));
        if let Some((one, other)) = found {
            let name = fields[one].name.clone();
            fields[one].name = std::mem::replace(&mut fields[other].name, name);
        }
    }
}

pub(super) fn two_defaults_are_swapped(_: &mut Parts, new: &mut Parts) {
    for (fields, hints) in new.records() {
        let given: Vec<usize> = (0..fields.len()).filter(|at| hints.fields[*at].default.is_some()).collect();
        if let [one, other, ..] = given[..]
            && fields[one].node == fields[other].node
        {
            let default = hints.fields[one].default.take();
            hints.fields[one].default = std::mem::replace(&mut hints.fields[other].default, default);
        }
    }
}

pub(super) fn the_last_byte_of_a_default_is_lost(_: &mut Parts, new: &mut Parts) {
    for (_, hints) in new.records() {
        for default in hints.fields.iter_mut().filter_map(|hints| hints.default.as_mut()) {
            if let Some(last) = default.last_mut() {
                *last = 0;
            }
        }
    }
}

pub(super) fn a_default_of_an_option_is_none(_: &mut Parts, new: &mut Parts) {
    let options: Vec<bool> = new.nodes.iter().map(|node| matches!(node, Node::Option(_))).collect();
    for (fields, hints) in new.records() {
        for (field, hints) in fields.iter().zip(&mut hints.fields) {
            if options[field.node.index()] {
                hints.default = None;
            }
        }
    }
}

pub(super) fn removed_variants_become_the_same(_: &mut Parts, new: &mut Parts) {
    for (_, hints) in new.enums() {
        let first = hints.removed.first().and_then(|removed| removed.becomes.clone());
        for removed in hints.removed.iter_mut().filter(|removed| removed.becomes.is_some()) {
            removed.becomes.clone_from(&first);
        }
    }
}

pub(super) fn every_function_is_injective(_: &mut Parts, new: &mut Parts) {
    for (_, hints) in new.records() {
        hints.fields.iter_mut().flat_map(|hints| &mut hints.conversions).for_each(|hint| hint.injective = true);
    }
}

pub(super) fn zero_stands_for_none(_: &mut Parts, new: &mut Parts) {
    let none = new.records().flat_map(|(_, hints)| &mut hints.fields).filter_map(|hints| hints.none.as_mut());
    none.for_each(|bytes| bytes.fill(0));
}

pub(super) fn the_fallback_is_the_first_variant(_: &mut Parts, new: &mut Parts) {
    for (node, hints) in new.enums().filter(|(_, hints)| hints.fallback.is_some()) {
        hints.fallback = node.variants.first().map(|variant| variant.name.clone());
    }
}

/// Two variants of one payload.
pub(super) fn two_tags_are_swapped(_: &mut Parts, new: &mut Parts) {
    for (node, _) in new.enums() {
        let pairs = (1..node.variants.len()).flat_map(|other| (0..other).map(move |one| (one, other)));
        let found = pairs
            .filter(|(one, other)| node.variants[*one].fields == node.variants[*other].fields)
            .find(|(one, other)| node.variants[*one].tag != node.variants[*other].tag);
        if let Some((one, other)) = found {
            let tag = node.variants[one].tag;
            node.variants[one].tag = std::mem::replace(&mut node.variants[other].tag, tag);
        }
    }
}

pub(super) fn without_tombstones(
    _: &typeser::SerializerSnapshot,
    _: &typeser::SerializerSnapshot,
    adopted: &mut Parts,
) {
    adopted.records().for_each(|(_, hints)| hints.removed.clear());
}

pub(super) fn with_constants(_: &typeser::SerializerSnapshot, new: &typeser::SerializerSnapshot, adopted: &mut Parts) {
    let mut new = Parts::of(new);
    let defaults: Vec<(String, Vec<u8>)> = new
        .records()
        .flat_map(|(fields, hints)| {
            let given = fields.iter().zip(&hints.fields);
            given.filter_map(|(field, hints)| Some((field.name.clone(), hints.default.clone()?)))
        })
        .collect();
    for (fields, hints) in adopted.records() {
        for (field, hints) in fields.iter().zip(&mut hints.fields) {
            hints.default = defaults.iter().find(|(name, _)| *name == field.name).map(|(_, bytes)| bytes.clone());
        }
    }
}

/// New variants take the first gap instead of the tags after the stored ones.
pub(super) fn with_tags_in_gaps(
    stored: &typeser::SerializerSnapshot,
    _: &typeser::SerializerSnapshot,
    adopted: &mut Parts,
) {
    let stored = Parts::of(stored).hints.into_iter().zip(Parts::of(stored).nodes);
    let known: Vec<u32> = stored
        .filter(|(hints, _)| matches!(hints, NodeHints::Enum(_)))
        .filter_map(|(_, node)| match node {
            Node::Enum(node) => Some(node.variants.into_iter().map(|variant| variant.tag)),
            _ => None,
        })
        .flatten()
        .collect();
    for (node, _) in adopted.enums() {
        let taken: Vec<u32> = node.variants.iter().map(|variant| variant.tag).collect();
        let fresh = node.variants.iter_mut().find(|variant| !known.contains(&variant.tag));
        if let (Some(fresh), Some(gap)) = (fresh, (0..8).find(|tag| !taken.contains(tag))) {
            fresh.tag = gap.min(fresh.tag);
        }
    }
}

pub(super) fn with_the_first_hints(history: &mut History) {
    let mut seen = vec![history.today.clone()];
    for (_, snapshot) in &mut history.releases {
        match seen.iter().find(|first| first.fingerprint() == snapshot.fingerprint()) {
            Some(first) => *snapshot = first.clone(),
            None => seen.push(snapshot.clone()),
        }
    }
}

pub(super) fn without_refused(history: &mut History) {
    let (today, policy) = (&history.today, Policy { losses: history.losses, ..Policy::default() });
    let verdict = |stored: &_| resolve(stored, today, Role::Value, &policy).compatibility();
    history.releases.retain(|(_, stored)| verdict(stored) != Compatibility::Incompatible);
}
