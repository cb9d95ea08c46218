//! Encodes and decodes whole values, map entries and arrays.

use super::as_key::AsKey;
use super::key::StateKey;
use super::state_type::{StateType, decode_value, encode_value};
use crate::schema::{IntegerEncoding, Limits, Sizes};
use crate::wire::{
    DecodeError, DecodeErrorKind, EncodeError, Fixed, Integers, Output, Reader, Variable, Writer, on_another,
};

/// Appends the bytes of a value. If it cannot be written, `to` is as it was before.
///
/// # Errors
/// The layout cannot hold the value.
#[inline]
pub fn encode_bytes<T: StateType, E: Integers>(value: &T, to: &mut Vec<u8>) -> Result<(), EncodeError> {
    encode_to::<E>(&|output| encode_value(value, output), Start::WHOLE, to).map(|_| ())
}

/// The same for a part of a value at a depth, with `empty` remaining elements without bytes.
pub(super) fn encode_part<T: StateType, E: Integers>(
    value: &T,
    depth: u32,
    empty: &mut u64,
    to: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let start = Start { depth, empty: *empty, is_guarded: true };
    *empty = encode_to::<E>(&|output| encode_value(value, output), start, to)?;
    Ok(())
}

/// Where in its value a part begins.
#[derive(Clone, Copy)]
struct Start {
    depth: u32,
    empty: u64,
    is_guarded: bool,
}

impl Start {
    const WHOLE: Self = Self { depth: 0, empty: Limits::EMPTY_ELEMENTS, is_guarded: true };
}

#[inline]
fn encode_to<E: Integers>(
    encode: &impl Fn(&mut Output<E>) -> Result<(), EncodeError>,
    start: Start,
    to: &mut Vec<u8>,
) -> Result<u64, EncodeError> {
    let new = if start.is_guarded { Output::<E>::guarded } else { Output::<E>::part };
    let mut output = new(std::mem::take(to), start.depth, start.empty);
    let before = output.written();
    let outcome = encode(&mut output);
    let (empty, is_short) = (output.empty(), output.is_short());
    *to = output.into_bytes();
    if outcome.is_err() || is_short {
        to.truncate(before);
    }
    if is_short {
        return on_another(|| encode_to(encode, Start { is_guarded: false, ..start }, to));
    }
    outcome.map(|()| empty)
}

/// Reads the value that takes up all of these bytes.
///
/// # Errors
/// The bytes are not those of one value.
#[inline]
pub fn decode_bytes<T: StateType, E: Integers>(from: &[u8]) -> Result<T, DecodeError> {
    decode_all(Reader::<E>::guarded(from), from)
}

#[inline]
fn decode_all<T: StateType, E: Integers>(mut reader: Reader<'_, E>, from: &[u8]) -> Result<T, DecodeError> {
    let value = decode_value(&mut reader);
    if reader.is_short() {
        drop(value);
        return on_another(|| decode_all(Reader::<E>::new(from), from));
    }
    let value = value?;
    reader.finish()?;
    Ok(value)
}

/// Appends the bytes of a value under an encoding that is only known now.
pub(crate) fn encode_with<T: StateType>(
    integers: IntegerEncoding,
    value: &T,
    to: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    match integers {
        IntegerEncoding::Fixed => encode_bytes::<T, Fixed>(value, to),
        IntegerEncoding::Variable => encode_bytes::<T, Variable>(value, to),
    }
}

/// Appends the bytes of a key, given in any form.
pub(crate) fn encode_key_with<K: StateKey, Q: AsKey<K> + ?Sized>(
    integers: IntegerEncoding,
    key: &Q,
    to: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    match integers {
        IntegerEncoding::Fixed => encode_to::<Fixed>(&|output| key.encode_key(output), Start::WHOLE, to).map(|_| ()),
        IntegerEncoding::Variable => {
            encode_to::<Variable>(&|output| key.encode_key(output), Start::WHOLE, to).map(|_| ())
        }
    }
}

/// The error for a tag that was just read and that no variant has.
///
/// Tags are read in their shortest form only, so the tag itself says where it began.
#[cold]
#[inline(never)]
pub fn unknown_tag<E: Integers>(from: &Reader<'_, E>, type_name: &'static str, tag: u32) -> DecodeError {
    let back = Sizes::tag(tag).under(E::ENCODING).min;
    from.error_before(back, DecodeErrorKind::UnknownTag { type_name, tag })
}

/// Writes `count` entries of a map, each as a pair of key and value.
#[inline(always)]
pub(super) fn encode_entries<'a, K: StateType, V: StateType, W: Writer>(
    count: usize,
    entries: impl Iterator<Item = (&'a K, &'a V)>,
    to: &mut W,
) -> Result<(), EncodeError> {
    let size = const { <(K, V)>::SIZES }.under(W::INTEGERS);
    if size.exact {
        if size.min == 0 {
            to.count_empty(count)?;
        }
        for entry in entries {
            to.windows(size.min, &[entry], |(key, value), window| {
                key.encode(window)?;
                value.encode(window)
            })?;
        }
    } else {
        to.enter()?;
        for (key, value) in entries {
            let before = to.written();
            encode_value(key, to)?;
            encode_value(value, to)?;
            if size.min == 0 && to.written() == before {
                to.count_empty(1)?;
            }
        }
        to.leave();
    }
    Ok(())
}

/// Reads an array of elements for which any bytes will do.
#[inline(always)]
pub(super) fn decode_plain_array<T: Default, const WIDTH: usize, const N: usize, E: Integers>(
    from: &mut Reader<'_, E>,
    plain: impl Fn([u8; WIDTH]) -> T,
) -> Result<[T; N], DecodeError> {
    let (chunks, _) = from.take_slice(const { WIDTH * N })?.as_chunks::<WIDTH>();
    Ok(std::array::from_fn(|index| chunks.get(index).map(|chunk| plain(*chunk)).unwrap_or_default()))
}
