//! What a stored value is now.

use typeser::schema::{Field, Node, NodeId, Primitive};
use typeser::snapshot::{NodeHints, RecordHints};

use super::super::value::{Layout, Value};
use super::Model;
use super::names::sources;
use super::numbers::number;

impl Model<'_> {
    /// What a stored value is now. Only asked where the verdict lets it pass.
    #[must_use]
    pub fn carry(&self, value: &Value) -> Option<Value> {
        if self.is_same_from(NodeId::ROOT, NodeId::ROOT) {
            return Some(value.clone());
        }
        self.carried(value, NodeId::ROOT, NodeId::ROOT)
    }

    fn carried(&self, value: &Value, stored: NodeId, new: NodeId) -> Option<Value> {
        let each = |values: &[Value], stored: NodeId, new: NodeId| -> Option<Vec<Value>> {
            values.iter().map(|value| self.carried(value, stored, new)).collect()
        };
        Some(match (self.stored_node(stored), self.new_node(new), value) {
            (Node::Option(_), Node::Option(_), Value::Option(None)) => Value::Option(None),
            (Node::Option(stored), Node::Option(new), Value::Option(Some(value))) => {
                Value::Option(Some(Box::new(self.carried(value, *stored, *new)?)))
            }
            (_, Node::Option(inner), value) => Value::Option(Some(Box::new(self.carried(value, stored, *inner)?))),
            (Node::NonZero(stored), Node::NonZero(new), value) => self.carried(value, *stored, *new)?,
            (Node::NonZero(inner), Node::Primitive(_), value) => self.carried(value, *inner, new)?,
            (Node::Primitive(stored), Node::Primitive(new), value) if stored == new => value.clone(),
            (Node::Primitive(_), Node::Primitive(Primitive::String), Value::Char(value)) => {
                Value::String(value.to_string())
            }
            (Node::Primitive(_), Node::Primitive(new), value) => number(value, *new)?,
            (Node::Primitive(_), Node::List(_), Value::String(text)) => {
                Value::List(text.bytes().map(|byte| Value::Unsigned(byte.into())).collect())
            }
            (Node::List(stored) | Node::Set(stored), Node::List(new) | Node::Set(new), Value::List(values)) => {
                Value::List(each(values, *stored, *new)?)
            }
            (Node::Map { key, value }, Node::Map { key: new_key, value: new_value }, Value::Map(entries)) => {
                let carried = entries.iter().map(|(a_key, a_value)| {
                    Some((self.carried(a_key, *key, *new_key)?, self.carried(a_value, *value, *new_value)?))
                });
                Value::Map(carried.collect::<Option<_>>()?)
            }
            (Node::Array { element, .. }, Node::Array { element: new, .. }, Value::Record(values)) => {
                Value::Record(each(values, *element, *new)?)
            }
            (Node::Array { element, .. }, Node::List(new), Value::Record(values)) => {
                Value::List(each(values, *element, *new)?)
            }
            (Node::Tuple(stored), Node::Tuple(new), Value::Record(values)) => {
                let parts = values.iter().zip(stored.iter().zip(new));
                Value::Record(
                    parts.map(|(value, (stored, new))| self.carried(value, *stored, *new)).collect::<Option<_>>()?,
                )
            }
            (Node::Logical(stored), Node::Logical(new), value) => {
                self.carried(value, stored.representation, new.representation)?
            }
            (Node::Opaque(_), Node::Opaque(_), value) => value.clone(),
            (Node::Struct(was), Node::Struct(now), Value::Record(values)) => match &self.new.hints()[new.index()] {
                NodeHints::Struct(hints) => {
                    Value::Record(self.carried_record(values, &was.fields, &now.fields, &hints.record)?)
                }
                _ => return None,
            },
            (Node::Enum(was), Node::Enum(now), Value::Variant(place, values)) => {
                let NodeHints::Enum(hints) = &self.new.hints()[new.index()] else { return None };
                let aliases: Vec<&[String]> = hints.variants.iter().map(|hints| hints.aliases.as_slice()).collect();
                let stored_names: Vec<&str> = was.variants.iter().map(|variant| variant.name.as_str()).collect();
                let new_names: Vec<&str> = now.variants.iter().map(|variant| variant.name.as_str()).collect();
                let sources = sources(&stored_names, &new_names, &aliases);
                match sources.iter().position(|source| source == &Some(*place)) {
                    Some(at) => {
                        let (was, now) = (&was.variants[*place], &now.variants[at]);
                        let record = &hints.variants[at].record;
                        Value::Variant(at, self.carried_record(values, &was.fields, &now.fields, record)?)
                    }
                    None => self.becomes(&was.variants[*place].name, new, hints)?,
                }
            }
            _ => return None,
        })
    }

    fn carried_record(
        &self,
        values: &[Value],
        was: &[Field],
        now: &[Field],
        hints: &RecordHints,
    ) -> Option<Vec<Value>> {
        let aliases: Vec<&[String]> = hints.fields.iter().map(|hints| hints.aliases.as_slice()).collect();
        let stored_names: Vec<&str> = was.iter().map(|field| field.name.as_str()).collect();
        let new_names: Vec<&str> = now.iter().map(|field| field.name.as_str()).collect();
        let sources = sources(&stored_names, &new_names, &aliases);
        let fields = now.iter().enumerate().map(|(at, field)| match sources[at] {
            Some(place) => self.carried(&values[place], was[place].node, field.node),
            None => match &hints.fields[at].default {
                Some(bytes) => Layout::of(self.new).distinct().decode(field.node, bytes).ok(),
                None => Some(Value::Option(None)),
            },
        });
        fields.collect()
    }
}
