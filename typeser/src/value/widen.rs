//! Numbers that are read as a wider type, where a rule widens it.

use super::tree::Value;
use crate::resolve::widens;
use crate::schema::Primitive;

/// A number as a wider one; `None` if it is no number, or no rule widens its type to that one.
pub(super) fn widened(value: &Value, to: Primitive) -> Option<Value> {
    if !widens(primitive_of(value)?, to) {
        return None;
    }
    Some(match to {
        Primitive::U16 => Value::U16(value.as_u16().ok()?),
        Primitive::U32 => Value::U32(value.as_u32().ok()?),
        Primitive::U64 => Value::U64(value.as_u64().ok()?),
        Primitive::U128 => Value::U128(value.as_u128().ok()?),
        Primitive::I16 => Value::I16(value.as_i16().ok()?),
        Primitive::I32 => Value::I32(value.as_i32().ok()?),
        Primitive::I64 => Value::I64(value.as_i64().ok()?),
        Primitive::I128 => Value::I128(value.as_i128().ok()?),
        Primitive::F32 => match value {
            Value::U16(value) => Value::F32((*value).into()),
            value => Value::F32(value.as_i16().ok()?.into()),
        },
        Primitive::F64 => match value {
            Value::F32(value) => Value::F64((*value).into()),
            Value::U32(value) => Value::F64((*value).into()),
            value => Value::F64(value.as_i32().ok()?.into()),
        },
        _ => return None,
    })
}

fn primitive_of(value: &Value) -> Option<Primitive> {
    Some(match value {
        Value::U8(_) => Primitive::U8,
        Value::U16(_) => Primitive::U16,
        Value::U32(_) => Primitive::U32,
        Value::U64(_) => Primitive::U64,
        Value::I8(_) => Primitive::I8,
        Value::I16(_) => Primitive::I16,
        Value::I32(_) => Primitive::I32,
        Value::I64(_) => Primitive::I64,
        Value::F32(_) => Primitive::F32,
        _ => return None,
    })
}
