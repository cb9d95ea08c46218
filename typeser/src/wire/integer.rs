//! The variable encoding of integers: bincode 2's, little-endian, and only ever in its shortest form.
//!
//! Values up to 250 are one byte. 251, 252, 253 and 254 announce 2, 4, 8 and 16 bytes. Signed integers are
//! zigzagged first (0, -1, 1, -2, ... become 0, 1, 2, 3, ...).

use super::{DecodeErrorKind, Fixed, Integers, Reader, Writer};
use crate::schema::IntegerEncoding;
use crate::wire::DecodeError;

const ONE_BYTE: u8 = 250;
const TWO: u8 = 251;
const FOUR: u8 = 252;
const EIGHT: u8 = 253;
const SIXTEEN: u8 = 254;

pub(super) fn put_unsigned<W: Writer + ?Sized>(value: u128, to: &mut W) {
    if let Ok(value) = u64::try_from(value) {
        put_u64(value, to);
    } else {
        to.put([SIXTEEN]);
        to.put(value.to_le_bytes());
    }
}

#[inline]
pub(super) fn put_u64<W: Writer + ?Sized>(value: u64, to: &mut W) {
    if value <= u64::from(ONE_BYTE) {
        to.put([value as u8]);
    } else if let Ok(value) = u16::try_from(value) {
        let [a, b] = value.to_le_bytes();
        to.put([TWO, a, b]);
    } else if let Ok(value) = u32::try_from(value) {
        let [a, b, c, d] = value.to_le_bytes();
        to.put([FOUR, a, b, c, d]);
    } else {
        to.put([EIGHT]);
        to.put(value.to_le_bytes());
    }
}

/// Reads an unsigned integer of at most `bits` bits.
#[inline]
pub(super) fn take_unsigned<E: Integers>(from: &mut Reader<'_, E>, bits: u32) -> Result<u128, DecodeError> {
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

pub(super) const fn zigzag(value: i128) -> u128 {
    ((value << 1) ^ (value >> 127)) as u128
}

pub(super) const fn unzigzag(value: u128) -> i128 {
    ((value >> 1) as i128) ^ -((value & 1) as i128)
}

/// As [`zigzag`], in half the width.
const fn zigzag_narrow(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

const fn unzigzag_narrow(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

macro_rules! integers {
    ($($unsigned:ident $signed:ident $put_unsigned:ident $put_signed:ident $take_unsigned:ident $take_signed:ident;)*) => {
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

        $(
            #[inline]
            pub(super) fn $put_unsigned<W: Writer + ?Sized>(value: $unsigned, to: &mut W) {
                match W::INTEGERS {
                    IntegerEncoding::Fixed => to.put(value.to_le_bytes()),
                    IntegerEncoding::Variable if $unsigned::BITS <= 64 => put_u64(value as u64, to),
                    IntegerEncoding::Variable => put_unsigned(value as u128, to),
                }
            }

            #[inline]
            pub(super) fn $put_signed<W: Writer + ?Sized>(value: $signed, to: &mut W) {
                match W::INTEGERS {
                    IntegerEncoding::Fixed => to.put(value.to_le_bytes()),
                    IntegerEncoding::Variable if $signed::BITS <= 64 => put_u64(zigzag_narrow(value as i64), to),
                    IntegerEncoding::Variable => put_unsigned(zigzag(value as i128), to),
                }
            }
        )*
    };
}

integers! {
    u16 i16 put_u16_any put_i16_any take_u16 take_i16;
    u32 i32 put_u32_any put_i32_any take_u32 take_i32;
    u64 i64 put_u64_any put_i64_any take_u64 take_i64;
    u128 i128 put_u128_any put_i128_any take_u128 take_i128;
}

/// The integers of one encoding are those of the other where both are one byte; the rest is checked in tests.
const _: () = assert!(matches!(Fixed::ENCODING, IntegerEncoding::Fixed));
