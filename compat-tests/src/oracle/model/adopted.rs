//! The content of an adopted snapshot: the stored order and tags, the new names and hints, and no constants.

use std::collections::HashSet;

use typeser::SerializerSnapshot;
use typeser::schema::{EnumNode, Field, Node, NodeId};
use typeser::snapshot::{EnumHints, NodeHints, RecordHints};

use super::super::value::Layout;
use super::is_same;

/// The first mistake in an adopted snapshot, as text; `None` if it is correct.
#[must_use]
pub fn misnamed(stored: &SerializerSnapshot, adopted: &SerializerSnapshot, new: &SerializerSnapshot) -> Option<String> {
    let mut open = vec![(Some(NodeId::ROOT), NodeId::ROOT, NodeId::ROOT)];
    let mut met = HashSet::new();
    while let Some(triple @ (was_id, id, now_id)) = open.pop() {
        if !met.insert(triple) {
            continue;
        }
        let was = was_id.map(|id| Layout::of(stored).node(id));
        let (is, now) = (Layout::of(adopted).node(id), Layout::of(new).node(now_id));
        // What is declared to have the same bytes is kept as it is now.
        let integers = stored.configuration().integers;
        let was = was.filter(|_| {
            let stored = (Layout::of(stored), was_id.unwrap_or(NodeId::ROOT));
            let mut layouts = new.hints()[now_id.index()].was().iter();
            !layouts.any(|was| is_same(stored, (Layout::new(was.nodes(), integers), NodeId::ROOT)))
        });
        match (was, is, now, &adopted.hints()[id.index()], &new.hints()[now_id.index()]) {
            (_, Node::Struct(is), Node::Struct(now), NodeHints::Struct(hints), NodeHints::Struct(new_hints)) => {
                let same = hints.aliases == new_hints.aliases && hints.migrations == new_hints.migrations;
                if (&is.name, is.version) != (&now.name, now.version) || !same {
                    return Some(format!("`{}` should be `{}` as in the new snapshot", is.name, now.name));
                }
                let was = match was {
                    Some(Node::Struct(was)) => Some(was.fields.as_slice()),
                    _ => None,
                };
                let is = (is.fields.as_slice(), &hints.record);
                open.extend(match record(was, is, (&now.fields, &new_hints.record)) {
                    Ok(parts) => parts,
                    Err(words) => return Some(words),
                });
            }
            (_, Node::Enum(is), Node::Enum(now), NodeHints::Enum(hints), NodeHints::Enum(new_hints)) => {
                let same = hints.aliases == new_hints.aliases && hints.migrations == new_hints.migrations;
                if (&is.name, is.version) != (&now.name, now.version) || !same {
                    return Some(format!("`{}` should be `{}` as in the new snapshot", is.name, now.name));
                }
                let was = match was {
                    Some(Node::Enum(was)) => Some(was),
                    _ => None,
                };
                open.extend(match variants(was, (is, hints), (now, new_hints)) {
                    Ok(parts) => parts,
                    Err(words) => return Some(words),
                });
            }
            (_, Node::Opaque(is), Node::Opaque(now), hints, new_hints) => {
                if is != now || hints != new_hints {
                    return Some(format!("the leaf `{}` should be as in the new snapshot", is.name));
                }
            }
            (was, is, now, ..) => {
                let parts = is.children().zip(now.children());
                match was.filter(|was| was.children().count() == is.children().count()) {
                    Some(was) => open.extend(was.children().zip(parts).map(|(was, (is, now))| (Some(was), is, now))),
                    None => open.extend(parts.map(|(is, now)| (None, is, now))),
                }
            }
        }
    }
    None
}

type Parts = Vec<(Option<NodeId>, NodeId, NodeId)>;

fn record(
    was: Option<&[Field]>,
    (is, hints): (&[Field], &RecordHints),
    (now, new_hints): (&[Field], &RecordHints),
) -> Result<Parts, String> {
    if is.len() != now.len() || hints.removed != new_hints.removed || was.is_some_and(|was| was.len() != is.len()) {
        return Err("other fields, or other tombstones".to_owned());
    }
    let mut parts = Parts::new();
    for (place, (field, hints)) in is.iter().zip(&hints.fields).enumerate() {
        let at = now.iter().position(|now| now.name == field.name);
        let at = at.ok_or_else(|| format!("no field is named `{}`", field.name))?;
        if hints.aliases != new_hints.fields[at].aliases {
            return Err(format!("the field `{}` has other aliases", field.name));
        }
        if hints.default.is_some() || hints.none.is_some() {
            return Err(format!("the field `{}` has a constant of another layout", field.name));
        }
        parts.push((was.map(|was| was[place].node), field.node, now[at].node));
    }
    Ok(parts)
}

fn variants(
    was: Option<&EnumNode>,
    (is, hints): (&EnumNode, &EnumHints),
    (now, new_hints): (&EnumNode, &EnumHints),
) -> Result<Parts, String> {
    let names = |hints: &EnumHints| hints.removed.iter().map(|removed| removed.name.clone()).collect::<Vec<_>>();
    if names(hints) != names(new_hints) || hints.removed.iter().any(|removed| removed.becomes.is_some()) {
        return Err(format!("`{}` has other tombstones, or constants of another layout", is.name));
    }
    let stored = was.map_or(&[][..], |was| was.variants.as_slice());
    let behind = stored.iter().map(|variant| variant.tag).max().map_or(Some(0), |tag| tag.checked_add(1));
    let fresh = (is.variants.len() - stored.len()) as u32;
    let mut parts = Parts::new();
    let mut last = None;
    for (place, (variant, hints)) in is.variants.iter().zip(&hints.variants).enumerate() {
        let at = now.variants.iter().position(|now| now.name == variant.name);
        let at = at.ok_or_else(|| format!("no variant is named `{}`", variant.name))?;
        if hints.aliases != new_hints.variants[at].aliases {
            return Err(format!("the variant `{}` has other aliases", variant.name));
        }
        if let Some(was) = stored.get(place)
            && was.tag != variant.tag
        {
            return Err(format!("`{}` is stored with tag {}, not {}", variant.name, was.tag, variant.tag));
        }
        if was.is_some() && place >= stored.len() {
            // New variants come after all stored ones, in the order of their declaration.
            let first = behind.filter(|tag| tag.checked_add(fresh).is_some());
            let expected = first.map(|tag| tag + (place - stored.len()) as u32);
            if expected.is_some_and(|tag| tag != variant.tag) || last > Some(at) {
                return Err(format!("the new variant `{}` has tag {}, not {expected:?}", variant.name, variant.tag));
            }
            last = Some(at);
        }
        let payload = stored.get(place).map(|was| was.fields.as_slice());
        let is = (variant.fields.as_slice(), &hints.record);
        parts.extend(record(payload, is, (&now.variants[at].fields, &new_hints.variants[at].record))?);
    }
    Ok(parts)
}
