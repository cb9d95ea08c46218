//! Dropping, cloning and comparing with explicit stacks, because derived implementations would recurse.

use std::sync::Arc;

use super::tree::{Record, Shape, Value};

/// A kind of container, without what it holds.
#[derive(Debug, Clone)]
pub(super) enum Container {
    Struct(Arc<Shape>),
    Enum(Arc<Shape>),
    Some,
    List,
    Set,
    Map,
    Array,
    Tuple,
}

impl Container {
    /// The container with these parts; keys and values of a map alternate.
    pub(super) fn assemble(self, mut values: Vec<Value>) -> Value {
        match self {
            Self::Struct(shape) => Value::Struct(Record::new(shape, values)),
            Self::Enum(shape) => Value::Enum(Record::new(shape, values)),
            Self::Some => Value::Option(values.pop().map(Box::new)),
            Self::List => Value::List(values),
            Self::Set => Value::Set(values),
            Self::Array => Value::Array(values),
            Self::Tuple => Value::Tuple(values),
            Self::Map => {
                let mut entries = Vec::with_capacity(values.len() / 2);
                let mut values = values.into_iter();
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    entries.push((key, value));
                }
                Value::Map(entries)
            }
        }
    }
}

impl Value {
    /// A part by its index; keys and values of a map alternate.
    pub(super) fn part(&self, place: usize) -> Option<&Self> {
        match self {
            Self::Struct(record) | Self::Enum(record) => record.values().get(place),
            Self::Option(inner) => inner.as_deref().filter(|_| place == 0),
            Self::List(items) | Self::Set(items) | Self::Array(items) | Self::Tuple(items) => items.get(place),
            Self::Map(entries) => {
                let (key, value) = entries.get(place / 2)?;
                Some(if place.is_multiple_of(2) { key } else { value })
            }
            _ => None,
        }
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        match self {
            Self::Struct(record) | Self::Enum(record) => record.values().len(),
            Self::Option(inner) => usize::from(inner.is_some()),
            Self::List(items) | Self::Set(items) | Self::Array(items) | Self::Tuple(items) => items.len(),
            Self::Map(entries) => entries.len() * 2,
            _ => 0,
        }
    }

    /// What kind of container this is; `None` for leaves and for the option that holds nothing.
    fn container(&self) -> Option<Container> {
        Some(match self {
            Self::Struct(record) => Container::Struct(Arc::clone(record.shape())),
            Self::Enum(record) => Container::Enum(Arc::clone(record.shape())),
            Self::Option(Some(_)) => Container::Some,
            Self::List(_) => Container::List,
            Self::Set(_) => Container::Set,
            Self::Map(_) => Container::Map,
            Self::Array(_) => Container::Array,
            Self::Tuple(_) => Container::Tuple,
            _ => return None,
        })
    }

    /// A copy of what is no container.
    fn leaf(&self) -> Self {
        match self {
            Self::Bool(value) => Self::Bool(*value),
            Self::U8(value) => Self::U8(*value),
            Self::U16(value) => Self::U16(*value),
            Self::U32(value) => Self::U32(*value),
            Self::U64(value) => Self::U64(*value),
            Self::U128(value) => Self::U128(*value),
            Self::I8(value) => Self::I8(*value),
            Self::I16(value) => Self::I16(*value),
            Self::I32(value) => Self::I32(*value),
            Self::I64(value) => Self::I64(*value),
            Self::I128(value) => Self::I128(*value),
            Self::F32(value) => Self::F32(*value),
            Self::F64(value) => Self::F64(*value),
            Self::Char(value) => Self::Char(*value),
            Self::String(value) => Self::String(value.clone()),
            Self::Opaque(bytes) => Self::Opaque(bytes.clone()),
            Self::Option(_) => Self::Option(None),
            _ => Self::Unit,
        }
    }

    /// Whether two values are the same, their parts left aside.
    fn same_head(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Struct(one), Self::Struct(other)) | (Self::Enum(one), Self::Enum(other)) => {
                let same = Arc::ptr_eq(one.shape(), other.shape()) || one.shape() == other.shape();
                same && one.values().len() == other.values().len()
            }
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::U8(one), Self::U8(other)) => one == other,
            (Self::U16(one), Self::U16(other)) => one == other,
            (Self::U32(one), Self::U32(other)) => one == other,
            (Self::U64(one), Self::U64(other)) => one == other,
            (Self::U128(one), Self::U128(other)) => one == other,
            (Self::I8(one), Self::I8(other)) => one == other,
            (Self::I16(one), Self::I16(other)) => one == other,
            (Self::I32(one), Self::I32(other)) => one == other,
            (Self::I64(one), Self::I64(other)) => one == other,
            (Self::I128(one), Self::I128(other)) => one == other,
            (Self::F32(one), Self::F32(other)) => one.to_bits() == other.to_bits(),
            (Self::F64(one), Self::F64(other)) => one.to_bits() == other.to_bits(),
            (Self::Char(one), Self::Char(other)) => one == other,
            (Self::String(one), Self::String(other)) => one == other,
            (Self::Opaque(one), Self::Opaque(other)) => one == other,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other) && self.parts() == other.parts(),
        }
    }

    /// Whether it has nested parts, which must not be dropped recursively.
    fn is_nested(&self) -> bool {
        let holds = |values: &[Self]| values.iter().any(|value| value.parts() > 0);
        match self {
            Self::Struct(record) | Self::Enum(record) => holds(record.values()),
            Self::Option(Some(inner)) => inner.parts() > 0,
            Self::List(items) | Self::Set(items) | Self::Array(items) | Self::Tuple(items) => holds(items),
            Self::Map(entries) => entries.iter().any(|(key, value)| key.parts() > 0 || value.parts() > 0),
            _ => false,
        }
    }

    /// Moves the parts that have parts into `open`, and drops the others.
    fn unload(&mut self, open: &mut Vec<Self>) {
        let mut keep = |values: Vec<Self>| open.extend(values.into_iter().filter(|value| value.parts() > 0));
        match self {
            Self::Struct(record) | Self::Enum(record) => keep(std::mem::take(record.values_mut()).into_vec()),
            Self::Option(inner) => keep(inner.take().map(|inner| *inner).into_iter().collect()),
            Self::List(items) | Self::Set(items) | Self::Array(items) | Self::Tuple(items) => {
                keep(std::mem::take(items));
            }
            Self::Map(entries) => {
                keep(std::mem::take(entries).into_iter().flat_map(|(key, value)| [key, value]).collect());
            }
            _ => {}
        }
    }
}

/// Uses an explicit stack: a value may be nested deeper than a thread's stack.
impl Drop for Value {
    fn drop(&mut self) {
        if !self.is_nested() {
            return;
        }
        let mut open = Vec::new();
        self.unload(&mut open);
        while let Some(mut value) = open.pop() {
            value.unload(&mut open);
        }
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        struct Frame<'a> {
            of: &'a Value,
            container: Container,
            values: Vec<Value>,
        }
        let mut frames: Vec<Frame<'_>> = Vec::new();
        let mut at = self;
        loop {
            let mut done = match at.container() {
                Some(container) => {
                    frames.push(Frame { of: at, container, values: Vec::with_capacity(at.parts()) });
                    None
                }
                None => Some(at.leaf()),
            };
            // Closes what is complete, until a part is found that is not copied yet.
            loop {
                if let Some(value) = done.take() {
                    match frames.last_mut() {
                        Some(frame) => frame.values.push(value),
                        None => return value,
                    }
                }
                let next = frames.last().and_then(|frame| frame.of.part(frame.values.len()));
                if let Some(next) = next {
                    at = next;
                    break;
                }
                done = frames.pop().map(|frame| frame.container.assemble(frame.values));
            }
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        if !self.same_head(other) {
            return false;
        }
        let mut frames = vec![(self, other, 0)];
        while let Some((one, other, place)) = frames.last_mut() {
            match (one.part(*place), other.part(*place)) {
                (Some(a), Some(b)) => {
                    *place += 1;
                    if !a.same_head(b) {
                        return false;
                    }
                    if a.parts() > 0 {
                        frames.push((a, b, 0));
                    }
                }
                _ => _ = frames.pop(),
            }
        }
        true
    }
}

impl Eq for Value {}

/// Two records are equal if they are of one type and variant and their fields are, in the same order.
impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.shape() == other.shape() && self.values() == other.values()
    }
}

impl Eq for Record {}
