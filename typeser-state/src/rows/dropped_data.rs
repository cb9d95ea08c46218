//! What a migration gives up by declaration, and how many rows hold something of it.

use typeser::resolve::{Finding, Resolution};
use typeser::schema::{Node, NodeId, PathSegment};
use typeser::value::Value;

/// A declared loss, and how many rows it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LossForecast {
    /// The rule that the finding names.
    pub rule: &'static str,
    /// Where in the value, by the stored names: `value.worst_delay`.
    pub path: String,
    /// In how many rows there is something: a value that is neither `None` nor empty, or the variant that is replaced.
    pub rows: u64,
}

/// A declared loss, to be looked for in values.
#[derive(Debug, Clone)]
pub(crate) struct Loss {
    rule: &'static str,
    path: String,
    /// The stored type that loses something, wherever it occurs.
    node: NodeId,
    /// From there to what is lost: a field, a variant, or a field of a variant.
    way: Vec<PathSegment>,
}

impl Loss {
    /// All losses that a resolution tells of.
    pub(crate) fn all(resolution: &Resolution) -> Vec<Self> {
        let findings = resolution.findings().iter().filter(|finding| finding.rule.loses);
        findings.filter_map(|finding| Self::of(resolution, finding)).collect()
    }

    fn of(resolution: &Resolution, finding: &Finding) -> Option<Self> {
        let link = finding.chain.last()?;
        let way = finding.path.segments().get(link.depth..)?.to_vec();
        let path = format!("{}{}", resolution.role(), finding.path);
        Some(Self { rule: finding.rule.id, path, node: link.stored, way })
    }

    pub(crate) fn forecast(&self) -> LossForecast {
        LossForecast { rule: self.rule, path: self.path.clone(), rows: 0 }
    }
}

/// Which of the losses a stored value holds something of.
pub(crate) fn held(losses: &[Loss], resolution: &Resolution, value: &Value) -> Vec<bool> {
    let schema = resolution.stored_snapshot().schema();
    let mut held = vec![false; losses.len()];
    let mut open = vec![(value, NodeId::ROOT)];
    while let Some((value, id)) = open.pop() {
        let Some(node) = schema.get(id) else { continue };
        for (loss, held) in losses.iter().zip(&mut held).filter(|(loss, _)| loss.node == id) {
            *held |= holds(value, &loss.way);
        }
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
    held
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
