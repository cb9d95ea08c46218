//! A value in JSON, encoded as the serializer of a layout writes it: for constants of hints, and for values that people
//! write.

use std::str::FromStr;

use super::json_tree::{Json, Value};
use crate::schema::{EnumNode, Field, IntegerEncoding, Limits, LogicalNode, Node, NodeId, OpaqueNode, Primitive};
use crate::snapshot::ParseSnapshotError;
use crate::snapshot::scan::{At, Position};
use crate::text::{clean, did_you_mean, hex};
use crate::wire::{Fixed, Integers, Output, Variable, Writer};

/// How deep types may be nested where JSON is not: options, newtypes and logical types around one value.
const MOST_DEPTH: usize = 4 * Limits::TEXT_DEPTH;

/// The bytes of a value of a node in a graph. The form is that of [`Value::to_json`](crate::value::Value::to_json).
pub(crate) fn encode(
    json: &Json,
    nodes: &[Node],
    root: NodeId,
    integers: IntegerEncoding,
) -> Result<Vec<u8>, ParseSnapshotError> {
    match integers {
        IntegerEncoding::Fixed => Encoder::<Fixed>::run(json, nodes, root),
        IntegerEncoding::Variable => Encoder::<Variable>::run(json, nodes, root),
    }
}

struct Encoder<'a, E> {
    nodes: &'a [Node],
    out: Output<E>,
}

type Encoded = Result<(), ParseSnapshotError>;

impl<'a, E: Integers> Encoder<'a, E> {
    fn run(json: &Json, nodes: &'a [Node], root: NodeId) -> Result<Vec<u8>, ParseSnapshotError> {
        let mut encoder = Self { nodes, out: Output::new(Vec::new()) };
        encoder.value(json, root, 0)?;
        Ok(encoder.out.into_bytes())
    }

    fn value(&mut self, json: &Json, id: NodeId, depth: usize) -> Encoded {
        if depth > MOST_DEPTH {
            return Err(json.at.error("the type is nested too deep here; write the value as bytes"));
        }
        let nodes = self.nodes;
        match &nodes[id.index()] {
            Node::Primitive(primitive) => self.primitive(json, *primitive),
            Node::NonZero(inner) => {
                if matches!(&json.value, Value::Word(word) | Value::String(word) if word == "0") {
                    return Err(json.at.error("this integer is never 0"));
                }
                self.value(json, *inner, depth + 1)
            }
            Node::Logical(LogicalNode { representation, .. }) => self.value(json, *representation, depth + 1),
            Node::Opaque(leaf) => self.opaque(json, leaf),
            Node::Option(inner) => self.option(json, *inner, depth),
            Node::List(element) | Node::Set(element) => {
                let items = json.items()?;
                self.out.put_length(items.len());
                items.iter().try_for_each(|item| self.value(item, *element, depth + 1))
            }
            Node::Array { element, length } => {
                let items = json.items_of(*length)?;
                items.iter().try_for_each(|item| self.value(item, *element, depth + 1))
            }
            Node::Tuple(elements) => {
                let items = json.items_of(elements.len() as u64)?;
                items.iter().zip(elements).try_for_each(|(item, element)| self.value(item, *element, depth + 1))
            }
            Node::Map { key, value } => self.map(json, (*key, *value), depth),
            Node::Struct(node) => self.record(json, &node.name, &node.fields, depth),
            Node::Enum(node) => self.variant(json, node, depth),
        }
    }

    fn primitive(&mut self, json: &Json, primitive: Primitive) -> Encoded {
        let wrong = || json.expected(&format!("a value of `{primitive}`"));
        let out = &mut self.out;
        match primitive {
            Primitive::Unit if json.is_word("null") => {}
            Primitive::Bool if json.is_word("true") => out.put([1]),
            Primitive::Bool if json.is_word("false") => out.put([0]),
            Primitive::Unit | Primitive::Bool => return Err(wrong()),
            Primitive::U8 => out.put([parsed::<u8>(json).ok_or_else(wrong)?]),
            Primitive::U16 => out.put_u16(parsed(json).ok_or_else(wrong)?),
            Primitive::U32 => out.put_u32(parsed(json).ok_or_else(wrong)?),
            Primitive::U64 => out.put_u64(parsed(json).ok_or_else(wrong)?),
            Primitive::U128 => out.put_u128(parsed(json).ok_or_else(wrong)?),
            Primitive::I8 => out.put(parsed::<i8>(json).ok_or_else(wrong)?.to_le_bytes()),
            Primitive::I16 => out.put_i16(parsed(json).ok_or_else(wrong)?),
            Primitive::I32 => out.put_i32(parsed(json).ok_or_else(wrong)?),
            Primitive::I64 => out.put_i64(parsed(json).ok_or_else(wrong)?),
            Primitive::I128 => out.put_i128(parsed(json).ok_or_else(wrong)?),
            Primitive::F32 => out.put(float32(json).ok_or_else(wrong)?.to_le_bytes()),
            Primitive::F64 => out.put(float64(json).ok_or_else(wrong)?.to_le_bytes()),
            Primitive::Char => {
                let Value::String(text) = &json.value else { return Err(wrong()) };
                let mut characters = text.chars();
                match (characters.next(), characters.next()) {
                    (Some(_), None) => out.put_slice(text.as_bytes()),
                    _ => return Err(json.at.error("expected a string of one character")),
                }
            }
            Primitive::String => {
                let Value::String(text) = &json.value else { return Err(wrong()) };
                out.put_bytes(text.as_bytes());
            }
        }
        Ok(())
    }

    fn opaque(&mut self, json: &Json, leaf: &OpaqueNode) -> Encoded {
        if !leaf.framed {
            let name = clean(&leaf.name);
            return Err(json.at.error(format!("`{name}` is stored without a length, so it cannot be written here")));
        }
        let bytes = match &json.value {
            Value::String(text) => text.strip_prefix("0x").and_then(hex::decode),
            _ => None,
        };
        self.out.put_bytes(&bytes.ok_or_else(|| json.expected("bytes such as \"0x0a1b\""))?);
        Ok(())
    }

    fn option(&mut self, json: &Json, inner: NodeId, depth: usize) -> Encoded {
        if json.is_word("null") {
            self.out.put([0]);
            return Ok(());
        }
        self.out.put([1]);
        if !self.may_be_null(inner) {
            return self.value(json, inner, depth + 1);
        }
        match &json.value {
            Value::Object(members) if matches!(&members[..], [(key, _)] if key.value == "Some") => {
                self.value(&members[0].1, inner, depth + 1)
            }
            _ => {
                Err(json.expected("`null`, or `{\"Some\": ..}`, because the type in this option has a `null` as well"))
            }
        }
    }

    /// Whether a value of this type may be written as `null`.
    fn may_be_null(&self, mut id: NodeId) -> bool {
        for _ in 0..MOST_DEPTH {
            id = match &self.nodes[id.index()] {
                Node::Primitive(Primitive::Unit) | Node::Option(_) => return true,
                Node::Logical(node) => node.representation,
                Node::Struct(node) => match &node.fields[..] {
                    [] => return true,
                    [field] if is_positional(&node.fields) => field.node,
                    _ => return false,
                },
                _ => return false,
            };
        }
        false
    }

    /// An object where the keys are strings, or a list of pairs.
    fn map(&mut self, json: &Json, (key, value): (NodeId, NodeId), depth: usize) -> Encoded {
        match &json.value {
            Value::Object(members) => {
                self.out.put_length(members.len());
                members.iter().try_for_each(|(name, member)| {
                    self.value(&At { at: name.at, value: Value::String(name.value.clone()) }, key, depth + 1)?;
                    self.value(member, value, depth + 1)
                })
            }
            Value::Array(entries) => {
                self.out.put_length(entries.len());
                entries.iter().try_for_each(|entry| {
                    let pair = entry.items_of(2)?;
                    self.value(&pair[0], key, depth + 1)?;
                    self.value(&pair[1], value, depth + 1)
                })
            }
            _ => Err(json.expected("an object, or a list of pairs of key and value")),
        }
    }

    /// The fields of a struct or a payload.
    fn record(&mut self, json: &Json, owner: &str, fields: &[Field], depth: usize) -> Encoded {
        match (fields, &json.value) {
            ([], Value::Word(word)) if word == "null" => Ok(()),
            ([field], _) if is_positional(fields) => self.value(json, field.node, depth + 1),
            (_, Value::Array(_)) if is_positional(fields) => {
                let items = json.items_of(fields.len() as u64)?;
                items.iter().zip(fields).try_for_each(|(item, field)| self.value(item, field.node, depth + 1))
            }
            (_, Value::Object(members)) => {
                let chosen = chosen(json.at, members, owner, fields)?;
                chosen.iter().zip(fields).try_for_each(|(member, field)| self.value(member, field.node, depth + 1))
            }
            _ if is_positional(fields) => Err(json.expected(&format!("an array of {}", fields.len()))),
            _ => Err(json.expected(&format!("an object with the fields of `{}`", clean(owner)))),
        }
    }

    /// The name of a variant, or an object with its name and payload.
    fn variant(&mut self, json: &Json, node: &EnumNode, depth: usize) -> Encoded {
        let (at, name, payload) = match &json.value {
            Value::String(name) => (json.at, name, None),
            Value::Object(members) if members.len() == 1 => (members[0].0.at, &members[0].0.value, Some(&members[0].1)),
            _ => {
                let name = clean(&node.name);
                return Err(json.expected(&format!("the name of a variant of `{name}`, or an object `{{NAME: ..}}`")));
            }
        };
        let Some(variant) = node.variants.iter().find(|variant| variant.name == *name) else {
            let near = did_you_mean(name, node.variants.iter().map(|variant| variant.name.as_str()));
            return Err(at.error(format!("`{}` has no variant `{}`{near}", clean(&node.name), clean(name))));
        };
        self.out.put_tag(variant.tag);
        let owner = format!("{}::{}", node.name, variant.name);
        match payload {
            Some(payload) => self.record(payload, &owner, &variant.fields, depth + 1),
            None if variant.fields.is_empty() => Ok(()),
            None => {
                let name = clean(name);
                Err(at.error(format!("the variant `{name}` has fields; write it as `{{\"{name}\": ..}}`")))
            }
        }
    }
}

/// The member of each field, in the order of the fields.
fn chosen<'j>(
    at: Position,
    members: &'j [(At<String>, Json)],
    owner: &str,
    fields: &[Field],
) -> Result<Vec<&'j Json>, ParseSnapshotError> {
    let owner = clean(owner);
    for (place, (name, _)) in members.iter().enumerate() {
        if fields.iter().all(|field| field.name != name.value) {
            let near = did_you_mean(&name.value, fields.iter().map(|field| field.name.as_str()));
            return Err(name.at.error(format!("`{owner}` has no field `{}`{near}", clean(&name.value))));
        }
        if members[..place].iter().any(|(other, _)| other.value == name.value) {
            return Err(name.at.error(format!("the field `{}` is there twice", clean(&name.value))));
        }
    }
    let member = |field: &Field| {
        let member = members.iter().find(|(name, _)| name.value == field.name);
        let missing = || at.error(format!("the field `{}` of `{owner}` is missing", clean(&field.name)));
        member.map(|(_, member)| member).ok_or_else(missing)
    };
    fields.iter().map(member).collect()
}

/// Whether fields have positions for names, as those of tuple structs.
fn is_positional(fields: &[Field]) -> bool {
    !fields.is_empty() && fields.iter().enumerate().all(|(place, field)| field.name == place.to_string())
}

/// A number, which may also be in quotes: some programs cannot write all 64 or 128 bits as a number.
fn parsed<N: FromStr>(json: &Json) -> Option<N> {
    match &json.value {
        Value::Word(text) | Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn float32(json: &Json) -> Option<f32> {
    match &json.value {
        Value::String(text) if text.starts_with("NaN:0x") => {
            let bits = u32::from_str_radix(&text["NaN:0x".len()..], 16).ok()?;
            Some(f32::from_bits(bits)).filter(|float| float.is_nan())
        }
        value => parsed(json).filter(|float: &f32| !float.is_infinite() || value.is_infinite()),
    }
}

fn float64(json: &Json) -> Option<f64> {
    match &json.value {
        Value::String(text) if text.starts_with("NaN:0x") => {
            let bits = u64::from_str_radix(&text["NaN:0x".len()..], 16).ok()?;
            Some(f64::from_bits(bits)).filter(|float| float.is_nan())
        }
        value => parsed(json).filter(|float: &f64| !float.is_infinite() || value.is_infinite()),
    }
}

impl Value {
    /// Whether it says that it is infinite, and is not only too large.
    fn is_infinite(&self) -> bool {
        matches!(self, Self::String(text) if text == "inf" || text == "-inf")
    }
}

impl Json {
    fn is_word(&self, word: &str) -> bool {
        matches!(&self.value, Value::Word(found) if found == word)
    }

    fn items(&self) -> Result<&[Self], ParseSnapshotError> {
        match &self.value {
            Value::Array(items) => Ok(items),
            _ => Err(self.expected("an array")),
        }
    }

    fn items_of(&self, count: u64) -> Result<&[Self], ParseSnapshotError> {
        match self.items()? {
            items if items.len() as u64 == count => Ok(items),
            items => Err(self.at.error(format!("expected an array of {count}, found one of {}", items.len()))),
        }
    }
}
