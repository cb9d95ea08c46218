//! The migration of stored values.

use typeser::schema::{Field, Node, NodeId, Primitive};
use typeser::snapshot::{FieldHints, NodeHints, RecordHints, TypeMigration};

use super::super::value::{Layout, Value};
use super::functions::{Passed, call, call_opaque};
use super::kinds::OtherKind;
use super::names::merged;
use super::numbers::number;
use super::versions::{chain, opaque_hints};
use super::{Attribute, Model, Zone};

/// Why a value is not migrated_whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum No {
    /// It is not a value of the stored layout, or the verdict does not allow a migration.
    Value,
    /// A function of the program refuses it.
    Refused,
    /// It holds a variant that a newer release added.
    Newer,
}

impl Model<'_> {
    /// The new value for a stored one. Call it only if the verdict accepts values.
    ///
    /// # Errors
    /// See [`No`].
    pub fn migrate(&self, value: &Value) -> Result<Value, No> {
        if self.is_same_from(NodeId::ROOT, NodeId::ROOT) {
            return Ok(value.clone());
        }
        match self.whole_was() {
            Some(_) => self.as_stored(value, NodeId::ROOT, NodeId::ROOT),
            None => self.migrated_field(value, (NodeId::ROOT, NodeId::ROOT, 0), &self.whole_hints()),
        }
    }

    pub(super) fn migrated(&self, value: &Value, stored: NodeId, new: NodeId) -> Result<Value, No> {
        let each = |values: &[Value], stored: NodeId, new: NodeId| -> Result<Vec<Value>, No> {
            values.iter().map(|value| self.migrated(value, stored, new)).collect()
        };
        if self.was(stored, new).is_some() {
            return self.as_stored(value, stored, new);
        }
        if let OtherKind::From(_, chain) = self.other_kind(stored, new, Zone::Free) {
            return self.called(&chain, value, stored);
        }
        Ok(match (self.stored_node(stored), self.new_node(new), value) {
            (Node::Option(_), Node::Option(_), Value::Option(None)) => Value::Option(None),
            (Node::Option(stored), Node::Option(new), Value::Option(Some(value))) => {
                Value::Option(Some(Box::new(self.migrated(value, *stored, *new)?)))
            }
            (_, Node::Option(inner), value) => Value::Option(Some(Box::new(self.migrated(value, stored, *inner)?))),
            (Node::NonZero(stored), Node::NonZero(new), value) => self.migrated(value, *stored, *new)?,
            (Node::NonZero(inner), Node::Primitive(_), value) => self.migrated(value, *inner, new)?,
            (Node::Primitive(stored), Node::Primitive(new), value) if stored == new => value.clone(),
            (Node::Primitive(_), Node::Primitive(Primitive::String), Value::Char(value)) => {
                Value::String(value.to_string())
            }
            (Node::Primitive(_), Node::Primitive(new), value) => number(value, *new).ok_or(No::Value)?,
            (Node::Primitive(_), Node::List(_), Value::String(text)) => {
                Value::List(text.bytes().map(|byte| Value::Unsigned(byte.into())).collect())
            }
            (Node::List(stored) | Node::Set(stored), Node::List(new) | Node::Set(new), Value::List(values)) => {
                Value::List(each(values, *stored, *new)?)
            }
            (Node::Map { key, value }, Node::Map { key: new_key, value: new_value }, Value::Map(entries)) => {
                let migrated = entries.iter().map(|(a_key, a_value)| {
                    Ok((self.migrated(a_key, *key, *new_key)?, self.migrated(a_value, *value, *new_value)?))
                });
                Value::Map(migrated.collect::<Result<_, No>>()?)
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
                    parts
                        .map(|(value, (stored, new))| self.migrated(value, *stored, *new))
                        .collect::<Result<_, No>>()?,
                )
            }
            (Node::Logical(stored), Node::Logical(new), value) => {
                self.migrated(value, stored.representation, new.representation)?
            }
            (Node::Opaque(was), Node::Opaque(now), Value::Opaque(bytes)) => {
                let said = opaque_hints(self.new, new);
                match said.migrates.iter().find(|migration| migration.from == was.version) {
                    Some(migration) if was.version != now.version && !said.reads.contains(&was.version) => {
                        Value::Opaque(call_opaque(&migration.id, bytes).ok_or(No::Refused)?)
                    }
                    _ => value.clone(),
                }
            }
            (Node::Struct(was), Node::Struct(now), value) if self.chain(new, was.version, now.version).is_some() => {
                self.called(&self.chain(new, was.version, now.version).ok_or(No::Value)?, value, stored)?
            }
            (Node::Enum(was), Node::Enum(now), value) if self.chain(new, was.version, now.version).is_some() => {
                self.called(&self.chain(new, was.version, now.version).ok_or(No::Value)?, value, stored)?
            }
            (Node::Struct(was), Node::Struct(now), Value::Record(values)) => {
                match (&self.stored.hints()[stored.index()], &self.new.hints()[new.index()]) {
                    (NodeHints::Struct(earlier), NodeHints::Struct(hints)) => Value::Record(self.migrated_record(
                        values,
                        (&was.fields, &earlier.record),
                        (&now.fields, &hints.record),
                    )?),
                    _ => return Err(No::Value),
                }
            }
            (Node::Enum(was), Node::Enum(now), Value::Variant(place, values)) => {
                let (NodeHints::Enum(earlier), NodeHints::Enum(hints)) =
                    (&self.stored.hints()[stored.index()], &self.new.hints()[new.index()])
                else {
                    return Err(No::Value);
                };
                let aliases: Vec<&[String]> = hints.variants.iter().map(|hints| hints.aliases.as_slice()).collect();
                let sources = self.variant_sources((was, earlier), (now, hints));
                let kept = sources.iter().position(|source| source == &Some(*place));
                let name = &was.variants[*place].name;
                match kept.or_else(|| merged(name, &aliases)) {
                    Some(at) => {
                        let earlier = (&*was.variants[*place].fields, &earlier.variants[*place].record);
                        let record = (&*now.variants[at].fields, &hints.variants[at].record);
                        Value::Variant(at, self.migrated_record(values, earlier, record)?)
                    }
                    None if self.is_refused(name, hints) => return Err(No::Newer),
                    None => self.replaced(&was.variants[*place].name, new, now, hints).ok_or(No::Value)?,
                }
            }
            _ => return Err(No::Value),
        })
    }

    fn migrations(&self, new: NodeId) -> &[TypeMigration] {
        match &self.new.hints()[new.index()] {
            NodeHints::Struct(hints) => &hints.migrations,
            NodeHints::Enum(hints) => &hints.migrations,
            _ => &[],
        }
    }

    fn chain(&self, new: NodeId, was: u32, now: u32) -> Option<Vec<&TypeMigration>> {
        chain(was, now, self.migrations(new))
    }

    /// Migrates a whole value by its functions, one after the other.
    fn called(&self, chain: &[&TypeMigration], value: &Value, stored: NodeId) -> Result<Value, No> {
        let begun = match chain[0].source.as_ref().filter(|_| !self.is_source(chain[0], stored)) {
            None => Passed::stored(Layout::of(self.stored), stored, value, &chain[0].id),
            Some(_) => {
                let read = self.made(chain[0], stored, Zone::Free).ok_or(No::Value)?;
                let value = self.before(&read, Zone::Free).migrated(value, stored, NodeId::ROOT)?;
                Passed::read(read.schema().nodes().to_vec(), value, &chain[0].id)
            }
        };
        let given = chain.iter().try_fold(begun.ok_or(No::Refused)?, |passed, function| passed.through(&function.id));
        given.map(Passed::into_value).ok_or(No::Refused)
    }

    /// Migrates a field. Its attributes take precedence over the rules.
    fn migrated_field(
        &self,
        value: &Value,
        (stored, new, around): (NodeId, NodeId, usize),
        hints: &FieldHints,
    ) -> Result<Value, No> {
        match (self.attribute((stored, new, around), hints), value) {
            (Attribute::Function(function), value) => call(&function.id, value).ok_or(No::Refused),
            (Attribute::None(bytes, _), Value::Option(None)) => {
                Layout::of(self.new).distinct().decode(new, bytes).map_err(|_| No::Value)
            }
            (Attribute::None(_, inner), Value::Option(Some(value))) => {
                self.migrated_field(value, (inner, new, around + 1), hints)
            }
            (_, value) => self.migrated(value, stored, new),
        }
    }

    fn migrated_record(
        &self,
        values: &[Value],
        (was, earlier): (&[Field], &RecordHints),
        (now, hints): (&[Field], &RecordHints),
    ) -> Result<Vec<Value>, No> {
        let sources = self.field_sources((was, earlier), (now, hints));
        let fields = now.iter().enumerate().map(|(at, field)| match sources[at] {
            Some(place) => self.migrated_field(&values[place], (was[place].node, field.node, 0), &hints.fields[at]),
            None => match &hints.fields[at].default {
                Some(bytes) => Layout::of(self.new).distinct().decode(field.node, bytes).map_err(|_| No::Value),
                None => Ok(Value::Option(None)),
            },
        });
        fields.collect()
    }
}
