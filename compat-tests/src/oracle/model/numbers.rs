//! Conversions between numbers.

use typeser::schema::Primitive;

use super::super::value::Value;

/// How one primitive converts to another.
pub(super) enum Widening {
    Same,
    Lossless,
    /// Lossless, but to a float.
    ToFloat,
    None,
}

pub(super) fn widening(stored: Primitive, new: Primitive) -> Widening {
    if stored == new {
        return Widening::Same;
    }
    let holds = |whole: u128| {
        let (least, most) = range(stored)?;
        Some(least.unsigned_abs() <= whole && most <= whole)
    };
    match (stored, new) {
        (Primitive::Char, Primitive::String) => Widening::Lossless,
        (Primitive::F32, Primitive::F64) => Widening::ToFloat,
        // The mantissas: 24 bits and 53.
        (_, Primitive::F32) if holds(1 << 24) == Some(true) => Widening::ToFloat,
        (_, Primitive::F64) if holds(1 << 53) == Some(true) => Widening::ToFloat,
        _ => match (range(stored), range(new)) {
            (Some((least, most)), Some((new_least, new_most))) if new_least <= least && most <= new_most => {
                Widening::Lossless
            }
            _ => Widening::None,
        },
    }
}

/// The minimum and maximum of an integer type.
fn range(primitive: Primitive) -> Option<(i128, u128)> {
    let bits = 8 * primitive.width().filter(|_| primitive.is_integer())? as u32;
    Some(match primitive.is_signed() {
        true => (i128::MIN >> (128 - bits), i128::MAX.cast_unsigned() >> (128 - bits)),
        false => (0, u128::MAX >> (128 - bits)),
    })
}

/// A number converted to a wider type.
#[allow(clippy::cast_precision_loss, reason = "the verdict shows that it is exact")]
pub(super) fn number(value: &Value, new: Primitive) -> Option<Value> {
    Some(match (value, new) {
        (Value::F32(bits), Primitive::F64) => Value::F64(f64::from(f32::from_bits(*bits)).to_bits()),
        (Value::Unsigned(value), Primitive::F32) => Value::F32((*value as f32).to_bits()),
        (Value::Unsigned(value), Primitive::F64) => Value::F64((*value as f64).to_bits()),
        (Value::Signed(value), Primitive::F32) => Value::F32((*value as f32).to_bits()),
        (Value::Signed(value), Primitive::F64) => Value::F64((*value as f64).to_bits()),
        (Value::Unsigned(value), new) if new.is_signed() => Value::Signed(i128::try_from(*value).ok()?),
        (Value::Unsigned(value), _) => Value::Unsigned(*value),
        (Value::Signed(value), new) if new.is_signed() => Value::Signed(*value),
        _ => return None,
    })
}

/// Whether another primitive can represent this number; `None` if either is not a number.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "whether the conversion is lossy is the question"
)]
pub(super) fn holds(value: &Value, new: Primitive) -> Option<bool> {
    let whole = |value: f64| match range(new) {
        Some((least, most)) => value.fract() == 0.0 && value >= least as f64 && value <= most as f64,
        None => new == Primitive::F64 || f64::from(value as f32).to_bits() == value.to_bits(),
    };
    if !new.is_integer() && !new.is_float() {
        return None;
    }
    Some(match (value, range(new)) {
        (Value::Unsigned(value), Some((_, most))) => *value <= most,
        (Value::Signed(value), Some((least, most))) => {
            *value >= least && u128::try_from(*value).is_ok_and(|value| value <= most) | (*value < 0)
        }
        (Value::Unsigned(value), None) if new == Primitive::F32 => *value as f32 as u128 == *value,
        (Value::Unsigned(value), None) => *value as f64 as u128 == *value,
        (Value::Signed(value), None) if new == Primitive::F32 => *value as f32 as i128 == *value,
        (Value::Signed(value), None) => *value as f64 as i128 == *value,
        (Value::F32(bits), _) => whole(f64::from(f32::from_bits(*bits))),
        (Value::F64(bits), _) => whole(f64::from_bits(*bits)),
        _ => return None,
    })
}
