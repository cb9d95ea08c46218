//! `Decimal`: the 16 bytes of `Decimal::serialize`.
//!
//! Two zero bytes, the scale (0 to 28), the sign (0 or 128), then 96 bits of digits, little-endian. The scale is part
//! of each value, `1.0` is stored as `1.0` and `1.00` as `1.00`: so equal decimals may have different bytes, and a
//! decimal is no key.

use rust_decimal::Decimal;

use super::no_value;
use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::{Describer, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

/// The bit of the sign in the fourth byte.
const NEGATIVE: u8 = 0x80;

impl StateType for Decimal {
    const SIZES: Sizes = <[u8; 16]>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::DECIMAL, &[("scale", "of each value")], <[u8; 16]>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put(self.serialize());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let bytes = from.take::<16>()?;
        match bytes {
            // `deserialize` would round a scale beyond the largest one, and pass over bits that mean nothing.
            [0, 0, 0..=28, 0 | NEGATIVE, ..] => Ok(Self::deserialize(bytes)),
            [first, second, scale, sign, ..] => {
                let what = format!("a scale of {scale} with the flags {:02x?}", [first, second, sign]);
                Err(no_value(at, "rust_decimal::Decimal", what))
            }
        }
    }
}
