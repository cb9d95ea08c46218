//! Encodes values exactly as the format page says, one part at a time.

use typeser::schema::{IntegerEncoding, Node, NodeId, Primitive};

use super::value::{Layout, Order, Value};

impl Layout<'_> {
    /// The bytes of a value of this node; `None` if the value has another type.
    #[must_use]
    pub fn encode(&self, id: NodeId, value: &Value) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.put(id, value, &mut bytes)?;
        Some(bytes)
    }

    fn put(&self, id: NodeId, value: &Value, to: &mut Vec<u8>) -> Option<()> {
        match (self.node(id), value) {
            (Node::Primitive(Primitive::Unit), Value::Unit) => {}
            (Node::Primitive(Primitive::Bool), Value::Bool(value)) => to.push(u8::from(*value)),
            (Node::Primitive(Primitive::F32), Value::F32(bits)) => to.extend(bits.to_le_bytes()),
            (Node::Primitive(Primitive::F64), Value::F64(bits)) => to.extend(bits.to_le_bytes()),
            (Node::Primitive(Primitive::Char), Value::Char(value)) => {
                to.extend(value.encode_utf8(&mut [0; 4]).as_bytes());
            }
            (Node::Primitive(Primitive::String), Value::String(value)) => {
                self.put_unsigned(8, value.len() as u128, to);
                to.extend(value.as_bytes());
            }
            (Node::Primitive(primitive), Value::Unsigned(value)) => self.put_unsigned(primitive.width()?, *value, to),
            (Node::Primitive(primitive), Value::Signed(value)) => match (self.integers, primitive.width()?) {
                (IntegerEncoding::Variable, width @ 2..) => {
                    let zigzag = if *value < 0 { (!value.cast_unsigned()) * 2 + 1 } else { value.cast_unsigned() * 2 };
                    self.put_unsigned(width, zigzag, to);
                }
                (_, width) => to.extend(&value.to_le_bytes()[..width]),
            },
            (Node::Struct(node), Value::Record(values)) if node.fields.len() == values.len() => {
                for (field, value) in node.fields.iter().zip(values) {
                    self.put(field.node, value, to)?;
                }
            }
            (Node::Tuple(elements), Value::Record(values)) if elements.len() == values.len() => {
                for (element, value) in elements.iter().zip(values) {
                    self.put(*element, value, to)?;
                }
            }
            (Node::Array { element, length }, Value::Record(values)) if *length == values.len() as u64 => {
                for value in values {
                    self.put(*element, value, to)?;
                }
            }
            (Node::Enum(node), Value::Variant(place, values)) => {
                let variant = node.variants.get(*place)?;
                self.put_unsigned(4, variant.tag.into(), to);
                for (field, value) in variant.fields.iter().zip(values) {
                    self.put(field.node, value, to)?;
                }
            }
            (Node::Option(_), Value::Option(None)) => to.push(0),
            (Node::Option(inner), Value::Option(Some(value))) => {
                to.push(1);
                self.put(*inner, value, to)?;
            }
            (Node::List(element), Value::List(values)) => {
                self.put_unsigned(8, values.len() as u128, to);
                for value in values {
                    self.put(*element, value, to)?;
                }
            }
            (Node::Set(element), Value::List(values)) => {
                let encoded: Option<Vec<_>> =
                    values.iter().map(|value| self.within().encode(*element, value)).collect();
                self.put_entries(encoded?, to);
            }
            (Node::Map { key, value }, Value::Map(entries)) => {
                let entry = |(a_key, a_value): &(Value, Value)| {
                    let mut entry = self.within().encode(*key, a_key)?;
                    self.put(*value, a_value, &mut entry)?;
                    Some(entry)
                };
                let encoded: Option<Vec<_>> = entries.iter().map(entry).collect();
                self.put_entries(encoded?, to);
            }
            (Node::NonZero(inner), value) => self.put(*inner, value, to)?,
            (Node::Logical(node), value) => self.put(node.representation, value, to)?,
            (Node::Opaque(_), Value::Opaque(bytes)) => {
                self.put_unsigned(8, bytes.len() as u128, to);
                to.extend(bytes);
            }
            _ => return None,
        }
        Some(())
    }

    /// The layout as it is within an element or key.
    fn within(self) -> Self {
        let order = if self.order == Order::Kept { Order::Kept } else { Order::Sorted };
        Self { order, ..self }
    }

    /// The entries of a set or map.
    fn put_entries(&self, mut entries: Vec<Vec<u8>>, to: &mut Vec<u8>) {
        if self.order == Order::Sorted {
            entries.sort();
        }
        self.put_unsigned(8, entries.len() as u128, to);
        entries.iter().for_each(|entry| to.extend(entry));
    }

    fn put_unsigned(&self, width: usize, value: u128, to: &mut Vec<u8>) {
        let bytes = value.to_le_bytes();
        match self.integers {
            IntegerEncoding::Variable if width > 1 => match value {
                0..=250 => to.push(bytes[0]),
                251..0x1_0000 => to.extend([251, bytes[0], bytes[1]]),
                0x1_0000..0x1_0000_0000 => to.extend([&[252], &bytes[..4]].concat()),
                0x1_0000_0000..0x1_0000_0000_0000_0000 => to.extend([&[253], &bytes[..8]].concat()),
                _ => to.extend([&[254], &bytes[..]].concat()),
            },
            _ => to.extend(&bytes[..width]),
        }
    }
}
