//! Finds the part of a value that shows a finding, by rule.

use super::example::{Claim, Partial};
use crate::resolve::Finding;
use crate::resolve::rules::ids;
use crate::schema::{EnumNode, Field, Node, NodeId, PathSegment, Primitive};
use crate::snapshot::{FieldHints, NodeHints, SerializerSnapshot};
use crate::value::Value;
use crate::value::minimal::{Minimal, integer, zero};

/// How many nodes are visited for a second value.
const MOST_LOOKS: u32 = 1024;
/// How deep a second value is searched for.
const MOST_DEPTH: u32 = 16;

/// A value of the stored node to which the finding's chain leads, or two that would become one.
pub(super) fn find(minimal: &Minimal<'_>, new: &SerializerSnapshot, finding: &Finding) -> Option<Partial> {
    let link = finding.chain.last()?;
    let more = finding.path.segments().get(link.depth..)?;
    let schema = minimal.schema();
    let at = schema.behind_logical(link.stored);
    let node = schema.node(at);
    let now = new.schema().get(link.new)?;
    let refused = |value| Some(Partial::one(Claim::NoCounterpart, value));
    match (finding.rule.id, node) {
        (ids::UNWRAPPED_OPTION, Node::Option(_)) => refused(Value::Option(None)),
        (ids::PLAIN_TO_NONZERO, Node::Primitive(primitive)) => refused(zero(*primitive)),
        (ids::LIST_TO_SET, Node::List(element)) => {
            let element = minimal.value(*element)?;
            refused(Value::List(vec![element.clone(), element]))
        }
        (ids::LIST_TO_ARRAY, Node::List(element)) => match now {
            Node::Array { length: 0, .. } => refused(Value::List(vec![minimal.value(*element)?])),
            _ => refused(Value::List(Vec::new())),
        },
        (ids::ARRAY_LENGTH_CHANGED, _) => refused(minimal.value(at)?),
        (ids::PRIMITIVE_CHANGED, Node::Primitive(stored)) => match now {
            Node::Primitive(now) => Some(primitive(*stored, *now)),
            _ => None,
        },
        // No string has this byte.
        (ids::KIND_CHANGED, Node::List(element))
            if matches!(schema.node(*element), Node::Primitive(Primitive::U8))
                && matches!(now, Node::Primitive(Primitive::String)) =>
        {
            refused(Value::List(vec![Value::U8(0xff)]))
        }
        (ids::NOT_INJECTIVE, _) => match twins(minimal, at, (now, new.hints().get(link.new.index())?), more) {
            Some(values) => Some(Partial { claim: Claim::Collision, values }),
            None => Some(Partial::one(Claim::Touched, reaching(minimal, at, more)?)),
        },
        (ids::VARIANT_REMOVED_UNDECLARED, Node::Enum(_)) => refused(reaching(minimal, at, more)?),
        _ => Some(Partial::one(Claim::Touched, reaching(minimal, at, more)?)),
    }
}

/// The smallest value that has the member to which the path goes on; where a field is new, its record.
fn reaching(minimal: &Minimal<'_>, id: NodeId, more: &[PathSegment]) -> Option<Value> {
    match (minimal.schema().node(id), more) {
        (Node::Enum(node), [PathSegment::Variant(name), ..]) => {
            let variant = node.variants.iter().position(|variant| *variant.name == **name)?;
            minimal.value_of(id, variant)
        }
        _ => minimal.value(id),
    }
}

/// Two values that differ only in a field that is lost, or in which of several variants they are.
fn twins(minimal: &Minimal<'_>, id: NodeId, new: (&Node, &NodeHints), more: &[PathSegment]) -> Option<Vec<Value>> {
    let (fields, name) = match (minimal.schema().node(id), more) {
        (Node::Struct(node), [PathSegment::Field(name)]) => (&node.fields, name),
        (Node::Enum(node), [PathSegment::Variant(variant), PathSegment::Field(name)]) => {
            (&node.variants.iter().find(|known| *known.name == **variant)?.fields, name)
        }
        (Node::Enum(node), [PathSegment::Variant(variant)]) => {
            if let Some(now) = named(new, variant) {
                return merged(minimal, id, node, now, variant);
            }
            // A variant that is lost with its payload.
            let fields = &node.variants.iter().find(|known| *known.name == **variant)?.fields;
            let mut looks = MOST_LOOKS;
            let (field, other) =
                fields.iter().find_map(|field| Some((field, another(minimal, field.node, 0, &mut looks)?)))?;
            let one = reaching(minimal, id, more)?;
            let mut two = one.clone();
            two.set(field.name.as_str(), other).ok()?;
            return Some(vec![one, two]);
        }
        _ => return None,
    };
    // What a function or a declared value makes of a field may be different for all that it shows.
    if is_kept(fields, new, more, name) {
        return None;
    }
    let field = fields.iter().find(|field| *field.name == **name)?;
    let one = reaching(minimal, id, more)?;
    let mut two = one.clone();
    two.set(field.name.as_str(), another(minimal, field.node, 0, &mut { MOST_LOOKS })?).ok()?;
    Some(vec![one, two])
}

/// The new variant that has this stored name as an alias: its name and its aliases.
fn named<'n>((node, hints): (&'n Node, &'n NodeHints), variant: &str) -> Option<(&'n str, &'n [String])> {
    let (Node::Enum(node), NodeHints::Enum(hints)) = (node, hints) else { return None };
    let mut variants = node.variants.iter().zip(&hints.variants);
    let (now, hints) = variants.find(|(_, hints)| hints.aliases.iter().any(|alias| alias == variant))?;
    Some((&now.name, &hints.aliases))
}

/// The smallest values of two variants that become the same one, if their payloads are alike.
fn merged(
    minimal: &Minimal<'_>,
    id: NodeId,
    node: &EnumNode,
    (now, aliases): (&str, &[String]),
    variant: &str,
) -> Option<Vec<Value>> {
    let one = node.variants.iter().position(|known| known.name == variant)?;
    let two = node.variants.iter().enumerate().position(|(at, known)| {
        let becomes_it = known.name == now || aliases.contains(&known.name);
        at != one && becomes_it && known.fields == node.variants[one].fields
    })?;
    Some(vec![minimal.value_of(id, two)?, minimal.value_of(id, one)?])
}

/// Whether the new side has this stored field, perhaps under another name.
fn is_kept(stored: &[Field], new: (&Node, &NodeHints), more: &[PathSegment], name: &str) -> bool {
    let is_stored = |name: &str| stored.iter().any(|field| field.name == name);
    let known = |fields: &[Field], hints: &[FieldHints]| {
        fields.iter().zip(hints).any(|(field, hints)| {
            // A field stored under its own name has no other counterpart.
            field.name == name || (!is_stored(&field.name) && hints.aliases.iter().any(|alias| alias == name))
        })
    };
    match (new, more) {
        ((Node::Struct(node), NodeHints::Struct(hints)), _) => known(&node.fields, &hints.record.fields),
        ((Node::Enum(node), NodeHints::Enum(hints)), [PathSegment::Variant(variant), ..]) => {
            let mut variants = node.variants.iter().zip(&hints.variants);
            let same = variants.clone().find(|(now, _)| *now.name == **variant);
            let found = same.or_else(|| variants.find(|(_, hints)| hints.aliases.iter().any(|it| **it == **variant)));
            found.is_some_and(|(now, hints)| known(&now.fields, &hints.record.fields))
        }
        _ => false,
    }
}

/// A value other than the smallest.
fn another(minimal: &Minimal<'_>, id: NodeId, depth: u32, looks: &mut u32) -> Option<Value> {
    *looks = looks.checked_sub(1)?;
    if depth > MOST_DEPTH {
        return None;
    }
    let schema = minimal.schema();
    let mut below = |id: NodeId| another(minimal, id, depth + 1, looks);
    match schema.node(id) {
        Node::Primitive(Primitive::Unit) | Node::Opaque(_) => None,
        Node::Primitive(Primitive::Bool) => Some(Value::Bool(true)),
        Node::Primitive(Primitive::Char) => Some(Value::Char('b')),
        Node::Primitive(Primitive::String) => Some(Value::from("a")),
        Node::Primitive(Primitive::F32) => Some(Value::F32(1.0)),
        Node::Primitive(Primitive::F64) => Some(Value::F64(1.0)),
        Node::Primitive(primitive) => integer(*primitive, 1),
        Node::NonZero(inner) => match schema.node(*inner) {
            Node::Primitive(primitive) => integer(*primitive, 2),
            _ => None,
        },
        Node::Option(inner) => Some(Value::from(Some(minimal.value(*inner)?))),
        Node::List(element) => Some(Value::List(vec![minimal.value(*element)?])),
        Node::Set(element) => Some(Value::Set(vec![minimal.value(*element)?])),
        Node::Map { key, value } => Some(Value::Map(vec![(minimal.value(*key)?, minimal.value(*value)?)])),
        Node::Array { element, .. } => {
            let mut items = minimal.value(id)?.into_items().ok()?;
            *items.first_mut()? = below(*element)?;
            Some(Value::Array(items))
        }
        Node::Tuple(elements) => {
            let (place, other) = elements.iter().enumerate().find_map(|(at, element)| Some((at, below(*element)?)))?;
            let mut items = minimal.value(id)?.into_items().ok()?;
            *items.get_mut(place)? = other;
            Some(Value::Tuple(items))
        }
        Node::Struct(node) => {
            let (field, other) = node.fields.iter().find_map(|field| Some((field, below(field.node)?)))?;
            let mut value = minimal.value(id)?;
            value.set(field.name.as_str(), other).ok()?;
            Some(value)
        }
        Node::Enum(node) => {
            let smallest = minimal.value(id)?;
            (0..node.variants.len()).filter_map(|at| minimal.value_of(id, at)).find(|value| *value != smallest)
        }
        Node::Logical(node) => below(node.representation),
    }
}

/// The smallest number that the new type does not have, if the types are numbers; else any value.
fn primitive(stored: Primitive, new: Primitive) -> Partial {
    let refused = |value| Partial::one(Claim::NoCounterpart, value);
    let touched = Partial::one(Claim::Touched, zero(stored));
    match (stored, new) {
        (Primitive::F32, new) if new.is_integer() => refused(Value::F32(0.5)),
        (Primitive::F64, new) if new.is_integer() => refused(Value::F64(0.5)),
        (Primitive::F64, Primitive::F32) => refused(Value::F64(0.1)),
        // One more than the numbers that a float has without gaps.
        (stored, Primitive::F32) if stored.is_integer() => integer(stored, (1 << 24) + 1).map_or(touched, refused),
        (stored, Primitive::F64) if stored.is_integer() => integer(stored, (1 << 53) + 1).map_or(touched, refused),
        (stored, new) if stored.is_integer() && new.is_integer() => {
            let above = most(new).and_then(|most| most.checked_add(1)).and_then(|above| integer(stored, above));
            let above = above.or_else(|| match (stored, new) {
                (Primitive::U128, Primitive::I128) => Some(Value::U128(i128::MAX as u128 + 1)),
                _ => None,
            });
            above.or_else(|| integer(stored, -1)).map_or(touched, refused)
        }
        _ => touched,
    }
}

/// The largest number of an integer type, where it is an `i128`.
fn most(primitive: Primitive) -> Option<i128> {
    Some(match primitive {
        Primitive::U8 => u8::MAX.into(),
        Primitive::U16 => u16::MAX.into(),
        Primitive::U32 => u32::MAX.into(),
        Primitive::U64 => u64::MAX.into(),
        Primitive::I8 => i8::MAX.into(),
        Primitive::I16 => i16::MAX.into(),
        Primitive::I32 => i32::MAX.into(),
        Primitive::I64 => i64::MAX.into(),
        Primitive::I128 => i128::MAX,
        _ => return None,
    })
}
