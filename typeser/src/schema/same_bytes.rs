//! Whether the values of one layout are, byte for byte, values of another, whatever names and records lie around them.

use std::collections::{HashMap, HashSet};

use super::{Node, NodeId, Primitive, Schema, Size, Variant};

/// The longest array that is compared with a record element by element.
const MOST_ELEMENTS: u64 = 32;

/// Whether every stored value of one layout is a value of the other with the same bytes; `None` if finding out takes
/// more than `weight`, from which it is taken.
///
/// Structs, tuples and short arrays are their parts, and names do not matter. `fixed` says that integers are stored in
/// the fixed encoding on both sides, in which only the width of a number matters.
pub(crate) fn same_bytes_within(
    (stored, stored_root): (&Schema, NodeId),
    (new, new_root): (&Schema, NodeId),
    fixed: bool,
    weight: &mut usize,
) -> Option<bool> {
    let mut known = HashSet::new();
    let mut compare = Compare { stored, new, fixed, open: vec![(vec![stored_root], vec![new_root])] };
    while let Some((stored, new)) = compare.open.pop() {
        if known.insert((stored.clone(), new.clone())) && !compare.parts(stored, new, weight)? {
            return Some(false);
        }
    }
    Some(true)
}

struct Compare<'a> {
    stored: &'a Schema,
    new: &'a Schema,
    fixed: bool,
    /// Parts that follow each other on either side, and that are still to be compared.
    open: Vec<(Vec<NodeId>, Vec<NodeId>)>,
}

impl Compare<'_> {
    /// Compares parts that follow each other, and collects what lies in their lists, options and variants.
    fn parts(&mut self, mut stored: Vec<NodeId>, mut new: Vec<NodeId>, weight: &mut usize) -> Option<bool> {
        // The next part is last.
        stored.reverse();
        new.reverse();
        loop {
            take_apart(self.stored, &mut stored, weight)?;
            take_apart(self.new, &mut new, weight)?;
            *weight = weight.checked_sub(1)?;
            let (Some(&was), Some(&now)) = (stored.last(), new.last()) else {
                return Some(stored.is_empty() && new.is_empty());
            };
            match (self.stored.node(was), self.new.node(now)) {
                // Elements of different sizes do not lie side by side, but what follows them may make up for it.
                (Node::Array { element: was, length }, Node::Array { element: now, length: other })
                    if length == other && (*length > MOST_ELEMENTS || self.have_same_size(*was, *now)) =>
                {
                    self.open.push((vec![*was], vec![*now]));
                }
                (Node::Array { element, length }, _) if *length <= MOST_ELEMENTS => {
                    repeat(&mut stored, *element, *length, weight)?;
                    continue;
                }
                (_, Node::Array { element, length }) if *length <= MOST_ELEMENTS => {
                    repeat(&mut new, *element, *length, weight)?;
                    continue;
                }
                (Node::Logical(was), Node::Logical(now))
                    if (&was.name, &was.parameters) == (&now.name, &now.parameters) =>
                {
                    self.open.push((vec![was.representation], vec![now.representation]));
                }
                // Its values are values of its representation, but perhaps not all of them.
                (Node::Logical(was), now) if !matches!(now, Node::Logical(_)) => {
                    stored.pop();
                    stored.push(was.representation);
                    continue;
                }
                (was, now) => {
                    if !self.leaves(was, now, weight)? {
                        return Some(false);
                    }
                }
            }
            stored.pop();
            new.pop();
        }
    }

    fn have_same_size(&self, was: NodeId, now: NodeId) -> bool {
        self.stored.sizes()[was.index()].fixed == self.new.sizes()[now.index()].fixed
    }

    /// Compares two parts that are no records.
    fn leaves(&mut self, was: &Node, now: &Node, weight: &mut usize) -> Option<bool> {
        match (was, now) {
            (&Node::Primitive(was), &Node::Primitive(now)) => return Some(self.primitives(was, now)),
            (&Node::NonZero(was), &Node::NonZero(now)) => self.open.push((vec![was], vec![now])),
            (&Node::NonZero(was), Node::Primitive(now)) => match self.stored.node(was) {
                Node::Primitive(was) => return Some(self.primitives(*was, *now)),
                _ => return Some(false),
            },
            (&Node::Option(was), &Node::Option(now)) => self.open.push((vec![was], vec![now])),
            (&Node::List(was) | &Node::Set(was), &Node::List(now)) | (&Node::Set(was), &Node::Set(now)) => {
                self.open.push((vec![was], vec![now]));
            }
            (&Node::Map { key, value }, &Node::List(now)) => self.open.push((vec![key, value], vec![now])),
            (&Node::Map { key, value }, &Node::Map { key: new_key, value: new_value }) => {
                self.open.extend([(vec![key], vec![new_key]), (vec![value], vec![new_value])]);
            }
            (Node::Primitive(Primitive::String), &Node::List(now)) => {
                return Some(matches!(self.new.node(now), Node::Primitive(Primitive::U8)));
            }
            (Node::Enum(was), Node::Enum(now)) => {
                *weight = weight.checked_sub(was.variants.len().saturating_add(now.variants.len()))?;
                let by_tag: HashMap<u32, &Variant> =
                    now.variants.iter().map(|variant| (variant.tag, variant)).collect();
                for variant in &was.variants {
                    let Some(other) = by_tag.get(&variant.tag) else { return Some(false) };
                    let nodes = |variant: &Variant| variant.fields.iter().map(|field| field.node).collect();
                    *weight = weight.checked_sub(variant.fields.len().saturating_add(other.fields.len()))?;
                    self.open.push((nodes(variant), nodes(other)));
                }
            }
            (Node::Opaque(was), Node::Opaque(now)) => return Some(was == now),
            _ => return Some(false),
        }
        Some(true)
    }

    fn primitives(&self, was: Primitive, now: Primitive) -> bool {
        let any_bits = |primitive: Primitive| primitive.is_integer() || primitive.is_float();
        // Not the reverse: integers that differ may be equal as floats, in a set for example.
        let fits = any_bits(was) && now.is_integer();
        let byte = |primitive: Primitive| primitive.width() == Some(1) && primitive.is_integer();
        was == now
            || byte(was) && byte(now)
            || was == Primitive::Bool && byte(now) && !now.is_signed()
            || self.fixed && fits && was.width() == now.width()
    }
}

/// Replaces the next part by its own parts for as long as it is a record.
fn take_apart(schema: &Schema, parts: &mut Vec<NodeId>, weight: &mut usize) -> Option<()> {
    while let Some(&next) = parts.last() {
        match schema.node(next) {
            Node::Primitive(Primitive::Unit) => {
                parts.pop();
            }
            Node::Struct(node) => {
                *weight = weight.checked_sub(1 + node.fields.len())?;
                parts.pop();
                parts.extend(node.fields.iter().rev().map(|field| field.node));
            }
            Node::Tuple(elements) => {
                *weight = weight.checked_sub(1 + elements.len())?;
                parts.pop();
                parts.extend(elements.iter().rev());
            }
            // Without bytes, but its elements may still mean something. Of a long one, one element stands for all.
            &Node::Array { element, length } if schema.sizes()[next.index()].fixed == Size::exactly(0) => {
                let count = if length <= MOST_ELEMENTS { length } else { 1 };
                repeat(parts, element, count, weight)?;
            }
            _ => break,
        }
    }
    Some(())
}

/// Replaces the next part, an array, by its elements.
fn repeat(parts: &mut Vec<NodeId>, element: NodeId, length: u64, weight: &mut usize) -> Option<()> {
    let length = usize::try_from(length).ok()?;
    *weight = weight.checked_sub(1 + length)?;
    parts.pop();
    parts.extend(std::iter::repeat_n(element, length));
    Some(())
}
