//! Conversions of primitives in the fixed encoding: lossless widenings, the only ones that the resolver allows.

use crate::schema::Primitive;

/// Converts as many values as fit into the new bytes.
pub(super) type Converter = fn(&[u8], &mut [u8]);

/// The conversion of one primitive to another; `None` if it is not a widening of known size.
pub(super) fn converter(from: Primitive, to: Primitive) -> Option<Converter> {
    if to.is_float() { to_float(from, to) } else { to_integer(from, to) }
}

fn to_float(from: Primitive, to: Primitive) -> Option<Converter> {
    macro_rules! float {
        ($from:ty => $to:ty) => {
            |from, to| each(from, to, |bytes| <$to>::from(<$from>::from_le_bytes(bytes)).to_le_bytes())
        };
    }
    Some(match (from, to) {
        (Primitive::U8, Primitive::F32) => float!(u8 => f32),
        (Primitive::I8, Primitive::F32) => float!(i8 => f32),
        (Primitive::U16, Primitive::F32) => float!(u16 => f32),
        (Primitive::I16, Primitive::F32) => float!(i16 => f32),
        (Primitive::U8, Primitive::F64) => float!(u8 => f64),
        (Primitive::I8, Primitive::F64) => float!(i8 => f64),
        (Primitive::U16, Primitive::F64) => float!(u16 => f64),
        (Primitive::I16, Primitive::F64) => float!(i16 => f64),
        (Primitive::U32, Primitive::F64) => float!(u32 => f64),
        (Primitive::I32, Primitive::F64) => float!(i32 => f64),
        (Primitive::F32, Primitive::F64) => float!(f32 => f64),
        _ => return None,
    })
}

/// Integers differ only in width and in how the new bytes are filled.
fn to_integer(from: Primitive, to: Primitive) -> Option<Converter> {
    if !from.is_integer() || !to.is_integer() {
        return None;
    }
    macro_rules! integer {
        ($signed:ty, $unsigned:ty => $wide_signed:ty, $wide_unsigned:ty) => {
            if from.is_signed() {
                |from, to| each(from, to, |bytes| <$wide_signed>::from(<$signed>::from_le_bytes(bytes)).to_le_bytes())
            } else {
                |from, to| {
                    each(from, to, |bytes| <$wide_unsigned>::from(<$unsigned>::from_le_bytes(bytes)).to_le_bytes())
                }
            }
        };
    }
    Some(match (from.width()?, to.width()?) {
        (1, 2) => integer!(i8, u8 => i16, u16),
        (1, 4) => integer!(i8, u8 => i32, u32),
        (1, 8) => integer!(i8, u8 => i64, u64),
        (1, 16) => integer!(i8, u8 => i128, u128),
        (2, 4) => integer!(i16, u16 => i32, u32),
        (2, 8) => integer!(i16, u16 => i64, u64),
        (2, 16) => integer!(i16, u16 => i128, u128),
        (4, 8) => integer!(i32, u32 => i64, u64),
        (4, 16) => integer!(i32, u32 => i128, u128),
        (8, 16) => integer!(i64, u64 => i128, u128),
        _ => return None,
    })
}

#[inline(always)]
fn each<const NARROW: usize, const WIDE: usize>(
    from: &[u8],
    to: &mut [u8],
    convert: impl Fn([u8; NARROW]) -> [u8; WIDE],
) {
    let (from, _) = from.as_chunks::<NARROW>();
    let (to, _) = to.as_chunks_mut::<WIDE>();
    for (to, from) in to.iter_mut().zip(from) {
        *to = convert(*from);
    }
}
