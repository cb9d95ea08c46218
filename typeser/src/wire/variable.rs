//! The variable encoding of integers: bincode 2's, little-endian, and only ever in its shortest form.
//!
//! Values up to 250 are one byte. 251, 252, 253 and 254 announce 2, 4, 8 and 16 bytes. Signed integers are
//! zigzagged first (0, -1, 1, -2, ... become 0, 1, 2, 3, ...).

pub(super) const ONE_BYTE: u8 = 250;
pub(super) const TWO: u8 = 251;
pub(super) const FOUR: u8 = 252;
pub(super) const EIGHT: u8 = 253;
pub(super) const SIXTEEN: u8 = 254;

pub(super) const fn zigzag(value: i128) -> u128 {
    ((value << 1) ^ (value >> 127)) as u128
}

pub(super) const fn unzigzag(value: u128) -> i128 {
    ((value >> 1) as i128) ^ -((value & 1) as i128)
}

/// As [`zigzag`], in half the width.
pub(super) const fn zigzag_narrow(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(super) const fn unzigzag_narrow(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}
