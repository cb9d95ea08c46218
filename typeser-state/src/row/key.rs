//! The key of a stored row: key group, state, key, namespace, and what distinguishes the rows of a key.
//!
//! ```text
//! +-----------+----------+---------+-----+---------------+-----------+------------------------------+
//! | key group | state id | key len | key | namespace len | namespace | nothing, sequence or map key |
//! +-----------+----------+---------+-----+---------------+-----------+------------------------------+
//!   2, big-     2, big-    LEB128          LEB128                      value: 0 bytes
//!   endian      endian     (u32)           (u32)                       list:  8, big-endian
//!                                                                      map:   the rest of the row
//!                                                                      timer: 1 + 8, big-endian
//! ```
//!
//! Key and namespace are length-prefixed, so exactly the rows of one key share a prefix. Only the key group has a
//! guaranteed order.

use crate::key_group::KeyGroup;

/// The position of the state id in the key of a row.
pub(crate) const STATE_ID_AT: std::ops::Range<usize> = 2..4;

/// The size of the time domain and the time, which follow the namespace in the row of a timer.
pub(crate) const TIMER: usize = 1 + size_of::<i64>();

/// The parts of the key of a stored row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowKey<'a> {
    /// The key group that the key belongs to.
    pub key_group: KeyGroup,
    /// The number of the state within its operator.
    pub state_id: u16,
    /// The bytes of the key.
    pub key: &'a [u8],
    /// The bytes of the namespace; empty where there is none.
    pub namespace: &'a [u8],
    /// Nothing for a value, the 8 bytes of the sequence number for an element of a list, the map key for an entry of
    /// a map, the time domain and the time for a timer.
    pub rest: &'a [u8],
}

/// A malformed row key.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of a row is malformed at byte {offset} of {length}: {expected} expected")]
pub struct RowKeyError {
    /// The offset of the malformed part.
    pub offset: usize,
    /// The length of the row's key.
    pub length: usize,
    /// What was expected there.
    pub expected: &'static str,
}

typeser::text::debug_as_display!(RowKeyError);

impl<'a> RowKey<'a> {
    /// Splits the key of a row into its parts.
    ///
    /// # Errors
    /// The bytes are not the key of a row.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RowKeyError> {
        let error =
            |rest: &[u8], expected| RowKeyError { offset: bytes.len() - rest.len(), length: bytes.len(), expected };
        let (group, rest) = bytes.split_first_chunk().ok_or_else(|| error(bytes, "a key group"))?;
        let (state, rest) = rest.split_first_chunk().ok_or_else(|| error(rest, "a state id"))?;
        let (key, rest) = sized(rest).ok_or_else(|| error(rest, "a key and its length"))?;
        let (namespace, rest) = sized(rest).ok_or_else(|| error(rest, "a namespace and its length"))?;
        Ok(Self { key_group: u16::from_be_bytes(*group), state_id: u16::from_be_bytes(*state), key, namespace, rest })
    }

    /// The sequence number of an element of a list.
    #[must_use]
    pub fn sequence(&self) -> Option<u64> {
        self.rest.try_into().ok().map(u64::from_be_bytes)
    }
}

/// Appends bytes with a length prefix.
///
/// # Errors
/// There are more bytes than a row can hold.
pub(crate) fn put_sized(bytes: &[u8], to: &mut Vec<u8>) -> Result<(), RowTooLarge> {
    put_length(bytes.len(), to)?;
    to.extend_from_slice(bytes);
    Ok(())
}

/// A key, value or row that is too large to be stored.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{length} bytes are more than the {} that a row can hold", u32::MAX)]
pub struct RowTooLarge {
    /// The size in bytes.
    pub length: usize,
}

typeser::text::debug_as_display!(RowTooLarge);

/// Appends a length as LEB128: seven bits per byte, low bits first, the high bit set in all bytes but the last.
pub(crate) fn put_length(length: usize, to: &mut Vec<u8>) -> Result<(), RowTooLarge> {
    let mut left = u32::try_from(length).map_err(|_| RowTooLarge { length })?;
    while left >= 0x80 {
        to.push((left as u8) | 0x80);
        left >>= 7;
    }
    to.push(left as u8);
    Ok(())
}

/// Splits a length off the front; only the shortest encoding is accepted.
pub(crate) fn take_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut length = 0u32;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        let bits = u32::from(byte & 0x7F);
        if index == 4 && bits > 0x0F {
            return None;
        }
        length |= bits << (7 * index);
        if byte & 0x80 == 0 {
            let shortest = index == 0 || *byte != 0;
            return shortest.then_some((length as usize, &bytes[index + 1..]));
        }
    }
    None
}

fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = take_length(bytes)?;
    rest.split_at_checked(length)
}
