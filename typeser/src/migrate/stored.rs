//! Steps over stored bytes, each checked against the remaining bytes.

use std::ops::Range;

use super::operation::Gaps;
use crate::schema::{IntegerEncoding, Primitive};
use crate::wire::{self, DecodeError, DecodeErrorKind, Integers, Reader};

/// The position after this many bytes.
#[inline(always)]
pub(super) fn past(stored: &[u8], position: usize, length: usize) -> Result<usize, DecodeError> {
    if length > stored.len() - position {
        return Err(ends(stored, position, length));
    }
    Ok(position + length)
}

/// The position after as many counted bytes as there are gaps in this range of them: each gap is skipped, a length is read,
/// and as many bytes are skipped.
#[inline(always)]
pub(super) fn past_counted<E: Integers>(
    stored: &[u8],
    mut position: usize,
    (all, gaps): (&[u32], Gaps),
    is_text: bool,
) -> Result<usize, DecodeError> {
    for place in gaps.start..gaps.end {
        let gap = all.get(place as usize).copied().unwrap_or_default();
        let bytes = counted::<E>(stored, past(stored, position, gap as usize)?)?;
        if is_text {
            check_utf8(stored, bytes.start, bytes.end)?;
        }
        position = bytes.end;
    }
    Ok(position)
}

/// Reads a length. Returns the range of the counted bytes, which exist.
#[inline(always)]
pub(super) fn counted<E: Integers>(stored: &[u8], position: usize) -> Result<Range<usize>, DecodeError> {
    let (start, length) = length::<E>(stored, position, 1)?;
    Ok(start..start + length)
}

/// Reads a length. Returns the position after it, and the length.
#[inline(always)]
pub(super) fn length<E: Integers>(stored: &[u8], position: usize, least: usize) -> Result<(usize, usize), DecodeError> {
    // A shortcut for most lengths: the same as the reader below, without its bookkeeping.
    if E::ENCODING == IntegerEncoding::Fixed
        && let Some((length, rest)) = stored[position..].split_first_chunk()
        && let length = u64::from_le_bytes(*length)
        && length <= (rest.len() / least.max(1)) as u64
    {
        return Ok((position + size_of::<u64>(), length as usize));
    }
    let mut reader = Reader::<E>::new(&stored[position..]);
    match reader.take_length(least) {
        Ok(length) => Ok((position + reader.offset(), length)),
        Err(error) => Err(shift(&error, position)),
    }
}

#[inline(always)]
pub(super) fn check_utf8(stored: &[u8], start: usize, end: usize) -> Result<(), DecodeError> {
    match wire::text(&stored[start..end]) {
        Some(_) => Ok(()),
        None => Err(DecodeError::new(start, DecodeErrorKind::InvalidUtf8 { length: end - start })),
    }
}

#[cold]
pub(super) fn ends(stored: &[u8], position: usize, needed: usize) -> DecodeError {
    DecodeError::new(position, DecodeErrorKind::UnexpectedEnd { needed, remaining: stored.len() - position })
}

/// The program itself is wrong, so nothing is written.
#[cold]
pub(super) fn stray(position: usize) -> DecodeError {
    DecodeError::new(position, DecodeErrorKind::Custom("the program of the migration has no end here".to_owned()))
}

/// An error of a reader that began at this position.
#[cold]
pub(super) fn shift(error: &DecodeError, position: usize) -> DecodeError {
    DecodeError::new(position + error.offset(), error.kind().clone())
}

/// Reads an integer, extended to 128 bits.
pub(super) fn integer<E: Integers>(from: &mut Reader<'_, E>, primitive: Primitive) -> Result<i128, DecodeError> {
    Ok(match primitive {
        Primitive::U8 => i128::from(from.take::<1>()?[0]),
        Primitive::I8 => i128::from(i8::from_le_bytes(from.take()?)),
        Primitive::U16 => i128::from(from.take_u16()?),
        Primitive::U32 => i128::from(from.take_u32()?),
        Primitive::U64 => i128::from(from.take_u64()?),
        Primitive::U128 => from.take_u128()?.cast_signed(),
        Primitive::I16 => i128::from(from.take_i16()?),
        Primitive::I32 => i128::from(from.take_i32()?),
        Primitive::I64 => i128::from(from.take_i64()?),
        _ => from.take_i128()?,
    })
}
