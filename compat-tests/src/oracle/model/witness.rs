//! Checks of a witness's claim on the stored values themselves.

use std::collections::HashSet;

use typeser::schema::{EnumNode, Node, NodeId, PathSegment, Primitive};
use typeser::snapshot::{EnumHints, NodeHints};

use super::super::value::{Layout, Value};
use super::Model;
use super::names::merged;
use super::numbers::holds;

impl Model<'_> {
    /// The parts of a stored value at a path of stored names; `None` if the path omits steps.
    #[must_use]
    pub fn parts<'v>(&self, value: &'v Value, path: &[PathSegment]) -> Option<Vec<&'v Value>> {
        let mut parts = vec![(NodeId::ROOT, value)];
        for step in path {
            if *step == PathSegment::Elided {
                return None;
            }
            parts = parts.into_iter().flat_map(|(id, part)| self.into(id, part, step)).collect();
        }
        Some(parts.into_iter().map(|(_, part)| part).collect())
    }

    fn into<'v>(&self, mut id: NodeId, part: &'v Value, step: &PathSegment) -> Vec<(NodeId, &'v Value)> {
        // Neither appears in values or paths.
        while let Node::Logical(_) | Node::NonZero(_) = self.stored_node(id) {
            id = self.stored_node(id).children().next().unwrap_or(id);
        }
        let each = |values: &'v [Value], id: NodeId| values.iter().map(|value| (id, value)).collect();
        match (self.stored_node(id), part, step) {
            (Node::Struct(node), Value::Record(values), PathSegment::Field(name)) => {
                let fields = node.fields.iter().zip(values);
                fields.filter(|(field, _)| *field.name == **name).map(|(field, value)| (field.node, value)).collect()
            }
            (Node::Enum(node), Value::Variant(place, _), PathSegment::Variant(name)) => {
                if *node.variants[*place].name == **name { vec![(id, part)] } else { vec![] }
            }
            (Node::Enum(node), Value::Variant(place, values), PathSegment::Field(name)) => {
                let fields = node.variants[*place].fields.iter().zip(values);
                fields.filter(|(field, _)| *field.name == **name).map(|(field, value)| (field.node, value)).collect()
            }
            (Node::Option(inner), Value::Option(Some(value)), PathSegment::Some) => vec![(*inner, value)],
            (Node::List(element) | Node::Set(element), Value::List(values), PathSegment::Element)
            | (Node::Set(element), Value::List(values), PathSegment::SetElement)
            | (Node::Array { element, .. }, Value::Record(values), PathSegment::Element) => each(values, *element),
            (Node::Map { key, .. }, Value::Map(entries), PathSegment::MapKey) => {
                entries.iter().map(|entry| (*key, &entry.0)).collect()
            }
            (Node::Map { value, .. }, Value::Map(entries), PathSegment::MapValue) => {
                entries.iter().map(|entry| (*value, &entry.1)).collect()
            }
            (Node::Tuple(elements), Value::Record(values), PathSegment::Index(at)) => {
                elements.get(*at).zip(values.get(*at)).map(|(id, value)| (*id, value)).into_iter().collect()
            }
            _ => vec![],
        }
    }

    /// Whether this part of a stored value is of the variant that a path names next, if it names one.
    #[must_use]
    pub fn is_of(&self, part: &Value, stored: NodeId, more: &[PathSegment]) -> bool {
        match more {
            [step @ PathSegment::Variant(_), ..] => !self.into(stored, part, step).is_empty(),
            _ => true,
        }
    }

    /// Whether the new type has no counterpart of this part of a stored value.
    #[must_use]
    pub fn lacks(&self, part: &Value, stored: NodeId, new: NodeId) -> bool {
        match (self.stored_node(stored), self.new_node(new), part) {
            (_, Node::Option(_), _) => false,
            (Node::Option(_), _, Value::Option(None))
            | (Node::Primitive(_), Node::NonZero(_), Value::Unsigned(0) | Value::Signed(0)) => true,
            (Node::Primitive(_), Node::Primitive(new), value) => holds(value, *new) == Some(false),
            (Node::List(_), Node::Set(_), Value::List(values)) => {
                values.iter().collect::<HashSet<_>>().len() < values.len()
            }
            (Node::List(_), Node::Array { length, .. }, Value::List(values))
            | (Node::Array { .. }, Node::Array { length, .. }, Value::Record(values)) => values.len() as u64 != *length,
            (Node::List(element), Node::Primitive(Primitive::String), Value::List(values)) => {
                let byte = |value: &Value| match value {
                    Value::Unsigned(byte) => u8::try_from(*byte).ok(),
                    _ => None,
                };
                let bytes: Option<Vec<u8>> = values.iter().map(byte).collect();
                *self.stored_node(*element) == Node::Primitive(Primitive::U8)
                    && bytes.is_some_and(|bytes| String::from_utf8(bytes).is_err())
            }
            (Node::Enum(was), Node::Enum(now), Value::Variant(place, _)) => {
                let (NodeHints::Enum(earlier), NodeHints::Enum(hints)) =
                    (&self.stored.hints()[stored.index()], &self.new.hints()[new.index()])
                else {
                    return false;
                };
                self.target((was, earlier), (now, hints), *place).is_none()
                    && self.replaced(&was.variants[*place].name, new, now, hints).is_none()
            }
            _ => false,
        }
    }

    /// Whether two parts of stored values differ only in data that is lost.
    #[must_use]
    pub fn become_one(&self, one: &Value, two: &Value, stored: NodeId, new: NodeId) -> bool {
        let (one_now, two_now) = (self.migrated(one, stored, new), self.migrated(two, stored, new));
        if one == two || (one_now.is_ok() && two_now.is_ok() && one_now != two_now) {
            return false;
        }
        let kept = |one: &[Value], two: &[Value], sources: &[Option<usize>]| {
            sources.iter().flatten().all(|place| one[*place] == two[*place])
        };
        let hints = (&self.stored.hints()[stored.index()], &self.new.hints()[new.index()]);
        match (self.stored_node(stored), self.new_node(new), hints, one, two) {
            (
                Node::Struct(was),
                Node::Struct(now),
                (NodeHints::Struct(earlier), NodeHints::Struct(hints)),
                Value::Record(one),
                Value::Record(two),
            ) => {
                let sources = self.field_sources((&was.fields, &earlier.record), (&now.fields, &hints.record));
                kept(one, two, &sources)
            }
            (
                Node::Enum(was),
                Node::Enum(now),
                (NodeHints::Enum(earlier), NodeHints::Enum(hints)),
                Value::Variant(place, one),
                Value::Variant(other, two),
            ) => match [place, other].map(|place| self.target((was, earlier), (now, hints), *place)) {
                [None, None] => place == other,
                [Some(at), Some(too)] if at == too => {
                    let now = (&*now.variants[at].fields, &hints.variants[at].record);
                    let [one_from, two_from] = [place, other].map(|place| {
                        self.field_sources((&was.variants[*place].fields, &earlier.variants[*place].record), now)
                    });
                    one_from.iter().zip(&two_from).all(|places| match places {
                        (Some(of_one), Some(of_two)) => one[*of_one] == two[*of_two],
                        (of_one, of_two) => of_one == of_two,
                    })
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// The position of the new variant that a stored one is kept as, or merged into.
    fn target(
        &self,
        (was, earlier): (&EnumNode, &EnumHints),
        (now, hints): (&EnumNode, &EnumHints),
        place: usize,
    ) -> Option<usize> {
        let aliases: Vec<&[String]> = hints.variants.iter().map(|hints| hints.aliases.as_slice()).collect();
        let sources = self.variant_sources((was, earlier), (now, hints));
        let kept = sources.iter().position(|source| *source == Some(place));
        kept.or_else(|| merged(&was.variants[place].name, &aliases))
    }
}

/// The value with these bytes, if the stored serializer writes it so.
#[must_use]
pub fn written(layout: Layout<'_>, bytes: &[u8]) -> Option<Value> {
    let value = layout.distinct().decode(NodeId::ROOT, bytes).ok()?;
    (layout.encode(NodeId::ROOT, &value).as_deref() == Some(bytes)).then_some(value)
}
