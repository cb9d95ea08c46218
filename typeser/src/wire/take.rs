//! Reads integers under either encoding.

use super::encoding::Integers;
use super::error::{DecodeError, DecodeErrorKind};
use super::reader::Reader;
use super::variable::{EIGHT, FOUR, ONE_BYTE, SIXTEEN, TWO, unzigzag, unzigzag_narrow};
use crate::schema::IntegerEncoding;

/// Reads an unsigned integer of at most `bits` bits.
#[inline]
fn take_unsigned<E: Integers>(from: &mut Reader<'_, E>, bits: u32) -> Result<u128, DecodeError> {
    let first = from.take::<1>()?[0];
    if first <= ONE_BYTE {
        return Ok(u128::from(first));
    }
    take_long(from, first, bits)
}

/// Reads an unsigned integer of at most `bits` bits, which are no more than 64.
#[inline]
fn take_narrow<E: Integers>(from: &mut Reader<'_, E>, bits: u32) -> Result<u64, DecodeError> {
    let first = from.take::<1>()?[0];
    if first <= ONE_BYTE {
        return Ok(u64::from(first));
    }
    if first == TWO {
        let value = u16::from_le_bytes(from.take()?);
        if value > u16::from(ONE_BYTE) {
            return Ok(u64::from(value));
        }
        return Err(from.error_before(3, DecodeErrorKind::OverlongInteger));
    }
    // No more than `bits`, hence no more than 64.
    take_long(from, first, bits).map(|value| value as u64)
}

#[inline(never)]
fn take_long<E: Integers>(from: &mut Reader<'_, E>, first: u8, bits: u32) -> Result<u128, DecodeError> {
    let at = from.offset() - 1;
    let (value, least) = match first {
        TWO => (u128::from(u16::from_le_bytes(from.take()?)), u128::from(ONE_BYTE)),
        FOUR => (u128::from(u32::from_le_bytes(from.take()?)), u128::from(u16::MAX)),
        EIGHT => (u128::from(u64::from_le_bytes(from.take()?)), u128::from(u32::MAX)),
        SIXTEEN => (u128::from_le_bytes(from.take()?), u128::from(u64::MAX)),
        _ => return Err(DecodeError::new(at, DecodeErrorKind::IntegerTooLarge { bits })),
    };
    if value <= least {
        return Err(DecodeError::new(at, DecodeErrorKind::OverlongInteger));
    }
    if bits < 128 && value >> bits != 0 {
        return Err(DecodeError::new(at, DecodeErrorKind::IntegerTooLarge { bits }));
    }
    Ok(value)
}

macro_rules! integers {
    ($($unsigned:ident $signed:ident $take_unsigned:ident $take_signed:ident;)*) => {
        /// Integers under either encoding.
        impl<E: Integers> Reader<'_, E> {
            $(
                /// Reads an integer of this type.
                ///
                /// # Errors
                /// The bytes end, or (variable encoding) the integer is over-long or too large.
                #[inline]
                pub fn $take_unsigned(&mut self) -> Result<$unsigned, DecodeError> {
                    match E::ENCODING {
                        IntegerEncoding::Fixed => Ok($unsigned::from_le_bytes(self.take()?)),
                        IntegerEncoding::Variable if $unsigned::BITS <= 64 => {
                            Ok(take_narrow(self, $unsigned::BITS)? as $unsigned)
                        }
                        IntegerEncoding::Variable => Ok(take_unsigned(self, $unsigned::BITS)? as $unsigned),
                    }
                }

                /// Reads an integer of this type.
                ///
                /// # Errors
                /// The bytes end, or (variable encoding) the integer is over-long or too large.
                #[inline]
                pub fn $take_signed(&mut self) -> Result<$signed, DecodeError> {
                    match E::ENCODING {
                        IntegerEncoding::Fixed => Ok($signed::from_le_bytes(self.take()?)),
                        IntegerEncoding::Variable if $signed::BITS <= 64 => {
                            Ok(unzigzag_narrow(take_narrow(self, $signed::BITS)?) as $signed)
                        }
                        IntegerEncoding::Variable => {
                            Ok(unzigzag(take_unsigned(self, $signed::BITS)?) as $signed)
                        }
                    }
                }
            )*
        }

    };
}

integers! {
    u16 i16 take_u16 take_i16;
    u32 i32 take_u32 take_i32;
    u64 i64 take_u64 take_i64;
    u128 i128 take_u128 take_i128;
}
