//! Builds a whole value around the part that shows a finding. All other parts are as small as possible.

use super::example::Partial;
use crate::resolve::Finding;
use crate::schema::{Field, Node, NodeId, PathSegment};
use crate::value::Value;
use crate::value::minimal::Minimal;

/// Puts what was made at the end of a finding's path into values of all types above it.
pub(super) fn climb(minimal: &Minimal<'_>, finding: &Finding, mut partial: Partial) -> Option<Partial> {
    let segments = finding.path.segments();
    let mut below = finding.chain.last()?.depth;
    for link in finding.chain.iter().rev().skip(1) {
        let node = minimal.schema().behind_logical(link.stored);
        let way = segments.get(link.depth..below)?;
        below = link.depth;
        partial = match way {
            [] => through(minimal, node, partial),
            way => into(minimal, node, way, partial)?,
        };
    }
    Some(partial)
}

/// A step without a segment: only what is not zero has more to say than its part.
fn through(minimal: &Minimal<'_>, node: NodeId, partial: Partial) -> Partial {
    let Node::NonZero(_) = minimal.schema().node(node) else { return partial };
    let values = partial.values.into_iter().map(|value| match value.as_i128() {
        Ok(0) => minimal.value(node).unwrap_or(value),
        _ => value,
    });
    Partial { values: values.collect(), ..partial }
}

fn into(minimal: &Minimal<'_>, node: NodeId, way: &[PathSegment], partial: Partial) -> Option<Partial> {
    // From the top down: which node each step leads into.
    let mut steps = Vec::new();
    let (mut at, mut rest) = (node, way);
    while !rest.is_empty() {
        let is_payload = matches!(rest, [PathSegment::Variant(_), PathSegment::Field(_), ..]);
        let (step, more) = rest.split_at_checked(if is_payload { 2 } else { 1 })?;
        steps.push((at, step));
        rest = more;
        if !rest.is_empty() {
            at = minimal.schema().behind_logical(part(minimal.schema().node(at), step)?);
        }
    }
    steps.into_iter().rev().try_fold(partial, |partial, (node, step)| step_into(minimal, node, step, partial))
}

fn step_into(minimal: &Minimal<'_>, node: NodeId, step: &[PathSegment], partial: Partial) -> Option<Partial> {
    let Partial { claim, values } = partial;
    let values = match (minimal.schema().node(node), step) {
        // Here two that would become one meet.
        (Node::Set(_), [PathSegment::SetElement]) => return Some(Partial::one(claim, Value::Set(values))),
        (Node::Map { value, .. }, [PathSegment::MapKey]) => {
            let entries = values.into_iter().map(|key| Some((key, minimal.value(*value)?)));
            return Some(Partial::one(claim, Value::Map(entries.collect::<Option<_>>()?)));
        }
        _ => values.into_iter().map(|value| holder(minimal, node, step, value)).collect::<Option<Vec<_>>>()?,
    };
    Some(Partial { claim, values })
}

/// The part of a node into which a step goes.
fn part(node: &Node, step: &[PathSegment]) -> Option<NodeId> {
    let field = |fields: &[Field], name: &str| fields.iter().find(|field| field.name == name).map(|field| field.node);
    match (node, step) {
        (Node::Struct(node), [PathSegment::Field(name)]) => field(&node.fields, name),
        (Node::Enum(node), [PathSegment::Variant(variant), PathSegment::Field(name)]) => {
            field(&node.variants.iter().find(|known| *known.name == **variant)?.fields, name)
        }
        (Node::Option(inner), [PathSegment::Some]) => Some(*inner),
        (Node::List(element) | Node::Set(element) | Node::Array { element, .. }, [PathSegment::Element])
        | (Node::Set(element), [PathSegment::SetElement]) => Some(*element),
        (Node::Map { key, .. }, [PathSegment::MapKey]) => Some(*key),
        (Node::Map { value, .. }, [PathSegment::MapValue]) => Some(*value),
        (Node::Tuple(elements), [PathSegment::Index(index)]) => elements.get(*index).copied(),
        _ => None,
    }
}

/// The smallest value of a node that has this part.
fn holder(minimal: &Minimal<'_>, id: NodeId, way: &[PathSegment], part: Value) -> Option<Value> {
    match (minimal.schema().node(id), way) {
        (Node::Struct(_), [PathSegment::Field(name)]) => with_field(minimal.value(id)?, name, part),
        (Node::Enum(node), [PathSegment::Variant(variant), PathSegment::Field(name)]) => {
            let variant = node.variants.iter().position(|known| *known.name == **variant)?;
            with_field(minimal.value_of(id, variant)?, name, part)
        }
        (Node::Option(_), [PathSegment::Some]) => Some(Value::from(Some(part))),
        (Node::List(_), [PathSegment::Element]) => Some(Value::List(vec![part])),
        (Node::Set(_), [PathSegment::Element]) => Some(Value::Set(vec![part])),
        (Node::Array { element, length }, [PathSegment::Element]) => {
            let length = usize::try_from(*length).ok().filter(|length| (1..=1024).contains(length))?;
            let rest = minimal.value(*element).unwrap_or_else(|| part.clone());
            let mut items = vec![rest; length];
            items[0] = part;
            Some(Value::Array(items))
        }
        (Node::Map { key, .. }, [PathSegment::MapValue]) => Some(Value::Map(vec![(minimal.value(*key)?, part)])),
        (Node::Tuple(elements), [PathSegment::Index(index)]) => {
            let mut part = Some(part);
            let items = elements
                .iter()
                .enumerate()
                .map(|(place, element)| if place == *index { part.take() } else { minimal.value(*element) });
            Some(Value::Tuple(items.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

fn with_field(mut record: Value, name: &str, part: Value) -> Option<Value> {
    record.set(name, part).ok()?;
    Some(record)
}
