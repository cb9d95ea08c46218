//! What a migration drops by declaration, and how many rows hold something of it.

use typeser::SerializerSnapshot;
use typeser::resolve::{Finding, Resolution};
use typeser::schema::{Node, NodeId, PathSegment};
use typeser::value::Value;

use crate::savepoint::Row;

/// Data that a migration drops by declaration, and in how many rows there is some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedDataCount {
    /// The rule that the finding names; `state-dropped` or `state-reset` if an option leaves out the whole state.
    pub rule: &'static str,
    /// Where in the value, by the stored names: `value.worst_delay`; the name of a state that is left out.
    pub path: String,
    /// In how many rows there is something: a value that is neither `None` nor empty, or the variant that is replaced.
    pub rows: u64,
}

/// The data that a migration of values drops by declaration, to be counted in stored values.
#[derive(Default)]
pub(crate) struct DroppedData {
    /// What the values are now; `None` if nothing is dropped.
    stored: Option<SerializerSnapshot>,
    parts: Vec<DroppedPart>,
}

/// One of its parts.
struct DroppedPart {
    rule: &'static str,
    path: String,
    /// The stored type of which something is dropped, wherever it occurs.
    node: NodeId,
    /// From there to what is dropped: a field, a variant, or a field of a variant.
    way: Vec<PathSegment>,
}

impl DroppedData {
    /// All that the findings of a resolution name.
    pub(crate) fn of(resolution: &Resolution) -> Self {
        let findings = resolution.findings().iter().filter(|finding| finding.rule.loses);
        let parts: Vec<DroppedPart> = findings.filter_map(|finding| DroppedPart::of(resolution, finding)).collect();
        let stored = (!parts.is_empty()).then(|| resolution.stored_snapshot().clone());
        Self { stored, parts }
    }

    /// Each part, in no row yet.
    pub(crate) fn none(&self) -> impl Iterator<Item = DroppedDataCount> {
        self.parts.iter().map(|part| DroppedDataCount { rule: part.rule, path: part.path.clone(), rows: 0 })
    }

    /// Counts a row for each part of which its value holds something.
    pub(crate) fn count(&self, row: &Row<'_>, rows: &mut [DroppedDataCount]) {
        if let Some(value) = row.state.value_of(row.value) {
            self.count_value(value, rows);
        }
    }

    /// Counts a row for each part of which its value holds something.
    pub(crate) fn count_value(&self, value: &[u8], rows: &mut [DroppedDataCount]) {
        let Some(stored) = &self.stored else { return };
        // A row that cannot be decoded cannot be migrated either, or is of no type of which anything is dropped.
        let Ok(value) = Value::decode(stored, value) else { return };
        for (part, found) in rows.iter_mut().zip(self.found(stored, &value)) {
            part.rows += u64::from(found);
        }
    }

    /// Of which parts a stored value holds something.
    fn found(&self, stored: &SerializerSnapshot, value: &Value) -> Vec<bool> {
        let (parts, schema) = (&self.parts, stored.schema());
        let mut found = vec![false; parts.len()];
        let mut open = vec![(value, NodeId::ROOT)];
        while let Some((value, id)) = open.pop() {
            let Some(node) = schema.get(id) else { continue };
            for (part, found) in parts.iter().zip(&mut found).filter(|(part, _)| part.node == id) {
                *found |= holds(value, &part.way);
            }
            open_children(node, value, &mut open);
        }
        found
    }
}

impl DroppedPart {
    fn of(resolution: &Resolution, finding: &Finding) -> Option<Self> {
        let link = finding.chain.last()?;
        let way = finding.path.segments().get(link.depth..)?.to_vec();
        let path = format!("{}{}", resolution.role(), finding.path);
        Some(Self { rule: finding.rule.id, path, node: link.stored, way })
    }
}

/// Adds the values within a value, each with its type.
fn open_children<'v>(node: &'v Node, value: &'v Value, open: &mut Vec<(&'v Value, NodeId)>) {
    match node {
        Node::Struct(node) => open.extend(fields(value, &node.fields)),
        Node::Enum(node) => {
            let variant = node.variants.iter().find(|variant| Some(variant.name.as_str()) == value.variant());
            open.extend(variant.into_iter().flat_map(|variant| fields(value, &variant.fields)));
        }
        Node::Option(inner) => {
            open.extend(value.as_option().ok().flatten().map(|value| (value, *inner)));
        }
        Node::List(element) | Node::Set(element) | Node::Array { element, .. } => {
            open.extend(value.items().unwrap_or_default().iter().map(|value| (value, *element)));
        }
        Node::Tuple(elements) => {
            open.extend(value.items().unwrap_or_default().iter().zip(elements.iter().copied()));
        }
        Node::Map { key, value: node } => {
            let entries = value.entries().unwrap_or_default();
            open.extend(entries.iter().flat_map(|(k, v)| [(k, *key), (v, *node)]));
        }
        Node::Logical(node) => open.push((value, node.representation)),
        Node::Primitive(_) | Node::NonZero(_) | Node::Opaque(_) => {}
    }
}

fn fields<'v>(value: &'v Value, fields: &'v [typeser::schema::Field]) -> impl Iterator<Item = (&'v Value, NodeId)> {
    let record = value.as_record().ok();
    fields.iter().filter_map(move |field| Some((record?.get(&field.name)?, field.node)))
}

fn holds(value: &Value, way: &[PathSegment]) -> bool {
    match way {
        [] => !is_empty(value),
        [PathSegment::Variant(name)] => value.variant() == Some(name),
        [PathSegment::Variant(name), rest @ ..] => value.variant() == Some(name) && holds(value, rest),
        [PathSegment::Field(name), rest @ ..] => value.get(name).is_ok_and(|value| holds(value, rest)),
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Unit | Value::Option(None) => true,
        Value::String(text) => text.is_empty(),
        Value::List(items) | Value::Set(items) => items.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}
