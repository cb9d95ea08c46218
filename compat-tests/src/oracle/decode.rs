//! Decodes values exactly as the format page says, one part at a time.

use std::collections::HashSet;

use typeser::schema::{IntegerEncoding, Node, NodeId, Primitive};

use super::value::{Layout, Value};

/// Why bytes are not a value.
pub type Refused = &'static str;

impl Layout<'_> {
    /// The value with exactly these bytes.
    ///
    /// # Errors
    /// If they are not the bytes of a value.
    pub fn decode(&self, id: NodeId, bytes: &[u8]) -> Result<Value, Refused> {
        let mut rest = bytes;
        let value = self.take(id, &mut rest, 0)?;
        if rest.is_empty() { Ok(value) } else { Err("trailing bytes") }
    }

    fn take(&self, id: NodeId, from: &mut &[u8], depth: u32) -> Result<Value, Refused> {
        if depth > 2_000 {
            return Err("too deep");
        }
        let depth = depth + 1;
        Ok(match self.node(id) {
            Node::Primitive(primitive) => self.take_primitive(*primitive, from)?,
            Node::Struct(node) => Value::Record(
                node.fields.iter().map(|field| self.take(field.node, from, depth)).collect::<Result<_, _>>()?,
            ),
            Node::Tuple(elements) => Value::Record(
                elements.iter().map(|element| self.take(*element, from, depth)).collect::<Result<_, _>>()?,
            ),
            Node::Array { element, length } => {
                Value::Record((0..*length).map(|_| self.take(*element, from, depth)).collect::<Result<_, _>>()?)
            }
            Node::Enum(node) => {
                let tag = self.take_unsigned(4, from)?;
                let place = node.variants.iter().position(|variant| u128::from(variant.tag) == tag);
                let place = place.ok_or("an unknown tag")?;
                let fields = &node.variants[place].fields;
                let values = fields.iter().map(|field| self.take(field.node, from, depth)).collect::<Result<_, _>>()?;
                Value::Variant(place, values)
            }
            Node::Option(inner) => match take_bytes(from, 1)?[0] {
                0 => Value::Option(None),
                1 => Value::Option(Some(Box::new(self.take(*inner, from, depth)?))),
                _ => return Err("an option that is neither 0 nor 1"),
            },
            Node::List(element) | Node::Set(element) => {
                let length = self.take_length(from)?;
                let mut values = Vec::new();
                for _ in 0..length {
                    values.push(self.take(*element, from, depth)?);
                }
                let set = matches!(self.node(id), Node::Set(_));
                if set && self.distinct && values.iter().collect::<HashSet<_>>().len() < values.len() {
                    return Err("a duplicate element");
                }
                Value::List(values)
            }
            Node::Map { key, value } => {
                let length = self.take_length(from)?;
                let mut entries = Vec::new();
                for _ in 0..length {
                    entries.push((self.take(*key, from, depth)?, self.take(*value, from, depth)?));
                }
                let keys: HashSet<&Value> = entries.iter().map(|(key, _)| key).collect();
                if self.distinct && keys.len() < entries.len() {
                    return Err("a duplicate key");
                }
                Value::Map(entries)
            }
            Node::NonZero(inner) => match self.take(*inner, from, depth)? {
                Value::Unsigned(0) | Value::Signed(0) => return Err("a zero in `NonZero`"),
                value => value,
            },
            Node::Logical(node) => {
                let value = self.take(node.representation, from, depth)?;
                match &value {
                    Value::Record(parts) if self.is_time(id) => match parts[..] {
                        [_, Value::Unsigned(1_000_000_000..)] => return Err("nanoseconds of one second or more"),
                        _ => value,
                    },
                    _ => value,
                }
            }
            Node::Opaque(_) => {
                let length = self.take_length(from)?;
                Value::Opaque(take_bytes(from, length)?.to_vec())
            }
        })
    }

    /// A length. For elements of zero bytes, it can exceed the remaining bytes by a documented number.
    fn take_length(&self, from: &mut &[u8]) -> Result<usize, Refused> {
        let length = self.take_unsigned(8, from)?;
        if length > from.len() as u128 + 65_536 {
            return Err("a length beyond the end");
        }
        Ok(length as usize)
    }

    fn take_primitive(&self, primitive: Primitive, from: &mut &[u8]) -> Result<Value, Refused> {
        Ok(match primitive {
            Primitive::Unit => Value::Unit,
            Primitive::Bool => match take_bytes(from, 1)?[0] {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                _ => return Err("a bool that is neither 0 nor 1"),
            },
            Primitive::F32 => {
                let mut bits = [0; 4];
                bits.copy_from_slice(take_bytes(from, 4)?);
                Value::F32(u32::from_le_bytes(bits))
            }
            Primitive::F64 => {
                let mut bits = [0; 8];
                bits.copy_from_slice(take_bytes(from, 8)?);
                Value::F64(u64::from_le_bytes(bits))
            }
            Primitive::Char => {
                let length =
                    (1..=4).find(|length| from.get(..*length).is_some_and(|it| std::str::from_utf8(it).is_ok()));
                let bytes = take_bytes(from, length.ok_or("not a character")?)?;
                Value::Char(String::from_utf8_lossy(bytes).chars().next().ok_or("not a character")?)
            }
            Primitive::String => {
                let length = self.take_length(from)?;
                let bytes = take_bytes(from, length)?;
                Value::String(String::from_utf8(bytes.to_vec()).map_err(|_| "not UTF-8")?)
            }
            integer => {
                let width = integer.width().unwrap_or(0);
                let raw = self.take_unsigned(width, from)?;
                match integer.is_signed() {
                    false => Value::Unsigned(raw),
                    true if self.integers == IntegerEncoding::Variable && width > 1 => {
                        let half = (raw / 2).cast_signed();
                        Value::Signed(if raw % 2 == 1 { -half - 1 } else { half })
                    }
                    true => {
                        let shift = 128 - 8 * width as u32;
                        Value::Signed((raw << shift).cast_signed() >> shift)
                    }
                }
            }
        })
    }

    fn take_unsigned(&self, width: usize, from: &mut &[u8]) -> Result<u128, Refused> {
        let long = |bytes: &[u8]| bytes.iter().rev().fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
        if self.integers == IntegerEncoding::Fixed || width == 1 {
            return Ok(long(take_bytes(from, width)?));
        }
        let (bytes, least) = match take_bytes(from, 1)?[0] {
            small @ 0..=250 => return Ok(small.into()),
            251 => (2, 251),
            252 => (4, 1u128 << 16),
            253 => (8, 1 << 32),
            254 => (16, 1 << 64),
            255 => return Err("not an integer"),
        };
        let value = long(take_bytes(from, bytes)?);
        if value < least {
            return Err("an over-long integer");
        }
        if width < 16 && value >> (8 * width) != 0 {
            return Err("an integer that is too large");
        }
        Ok(value)
    }
}

fn take_bytes<'b>(from: &mut &'b [u8], length: usize) -> Result<&'b [u8], Refused> {
    let (taken, rest) = from.split_at_checked(length).ok_or("an unexpected end")?;
    *from = rest;
    Ok(taken)
}
