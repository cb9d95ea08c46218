//! What every value goes through: windows for shapes of known size, loops for the others, and whole byte strings.

use std::any::type_name;

use super::StateType;
use crate::schema::{IntegerEncoding, Sizes};
use crate::wire::{
    DecodeError, DecodeErrorKind, EncodeError, Fixed, Integers, Output, Reader, Variable, Writer, fill_vec,
};

/// Appends the bytes of a value. If it cannot be written, `to` is as it was before.
///
/// # Errors
/// The layout cannot hold the value.
#[inline]
pub fn encode_bytes<T: StateType, E: Integers>(value: &T, to: &mut Vec<u8>) -> Result<(), EncodeError> {
    encode_to(value, Output::<E>::new(std::mem::take(to)), to).map(|_| ())
}

/// The same for a part of a value, so many levels deep in it, with room for so many more elements without bytes.
pub(super) fn encode_part<T: StateType, E: Integers>(
    value: &T,
    depth: u32,
    empty: &mut u64,
    to: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    *empty = encode_to(value, Output::<E>::part(std::mem::take(to), depth, *empty), to)?;
    Ok(())
}

#[inline(always)]
fn encode_to<T: StateType, E: Integers>(
    value: &T,
    mut output: Output<E>,
    to: &mut Vec<u8>,
) -> Result<u64, EncodeError> {
    let before = output.written();
    let outcome = encode_value(value, &mut output);
    let empty = output.empty();
    *to = output.into_bytes();
    if outcome.is_err() {
        to.truncate(before);
    }
    outcome.map(|()| empty)
}

/// Reads the value that takes up all of these bytes.
///
/// # Errors
/// The bytes are not those of one value.
#[inline]
pub fn decode_bytes<T: StateType, E: Integers>(from: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::<E>::new(from);
    let value = decode_value(&mut reader)?;
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

/// Writes a part of a value. Every part goes through here, so that a shape of known size gets its window.
#[inline(always)]
pub fn encode_value<T: StateType, W: Writer>(value: &T, to: &mut W) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    if size.exact && !W::IS_WINDOW && size.min > IN_LINE {
        encode_exact(std::slice::from_ref(value), to)
    } else if size.exact && !W::IS_WINDOW {
        to.windows(size.min, std::slice::from_ref(value), |value, window| value.encode(window))
    } else {
        value.encode(to)
    }
}

/// Up to this many bytes, a shape of known size is written in line.
const IN_LINE: usize = 16;

/// Writes values of one known size.
///
/// Never in line: so the code that fills a window has this one caller, is inlined here, whatever its length, and
/// its checks fold into the one for the whole window. With two callers the compiler calls it for each value.
#[inline(never)]
fn encode_exact<T: StateType, W: Writer>(items: &[T], to: &mut W) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    to.windows(size.min, items, |item, window| item.encode(window))
}

/// Reads a part of a value. Every part goes through here, so that a shape of known size gets its window.
#[inline(always)]
pub fn decode_value<T: StateType, E: Integers>(from: &mut Reader<'_, E>) -> Result<T, DecodeError> {
    let size = const { T::SIZES }.under(E::ENCODING);
    if size.exact {
        let mut window = from.window(size.min)?;
        let value = T::decode(&mut window)?;
        demand_empty::<T, E>(&window, size.min)?;
        Ok(value)
    } else {
        T::decode(from)
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

#[inline(always)]
pub(super) fn encode_slice<T: StateType, W: Writer>(items: &[T], to: &mut W) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    if size.exact {
        if size.min == 0 {
            to.count_empty(items.len())?;
        }
        if !W::IS_WINDOW && size.min > IN_LINE {
            return encode_exact(items, to);
        }
        to.windows(size.min, items, |item, window| item.encode(window))
    } else {
        encode_each(items.iter(), to)
    }
}

/// Writes so many elements of a collection, one after the other.
///
/// They are one level down, unless they are of one known size: then there is nothing deep in them either.
#[inline(always)]
pub(super) fn encode_each<'a, T: StateType, W: Writer>(
    items: impl Iterator<Item = &'a T>,
    to: &mut W,
) -> Result<(), EncodeError> {
    let size = const { T::SIZES }.under(W::INTEGERS);
    down::<T, W>(to)?;
    for item in items {
        let before = to.written();
        encode_value(item, to)?;
        if size.min == 0 && to.written() == before {
            to.count_empty(1)?;
        }
    }
    up::<T, W>(to);
    Ok(())
}

/// Writes so many entries of a map, each as the pair of its key and its value.
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

/// Goes one level down to write a `T`, unless it is of one known size.
#[inline(always)]
pub fn down<T: StateType, W: Writer>(to: &mut W) -> Result<(), EncodeError> {
    if const { T::SIZES }.under(W::INTEGERS).exact { Ok(()) } else { to.enter() }
}

/// Comes back up from writing a `T`.
#[inline(always)]
pub fn up<T: StateType, W: Writer>(to: &mut W) {
    if !const { T::SIZES }.under(W::INTEGERS).exact {
        to.leave();
    }
}

/// Goes one level down to read a `T`, unless it is of one known size.
#[inline(always)]
pub fn descend<T: StateType, E: Integers>(from: &mut Reader<'_, E>) -> Result<(), DecodeError> {
    if const { T::SIZES }.under(E::ENCODING).exact { Ok(()) } else { from.enter() }
}

/// Comes back up from reading a `T`.
#[inline(always)]
pub fn ascend<T: StateType, E: Integers>(from: &mut Reader<'_, E>) {
    if !const { T::SIZES }.under(E::ENCODING).exact {
        from.leave();
    }
}

#[inline(always)]
pub(super) fn decode_vec<T: StateType, E: Integers>(
    count: usize,
    from: &mut Reader<'_, E>,
) -> Result<Vec<T>, DecodeError> {
    let size = const { T::SIZES }.under(E::ENCODING);
    if size.exact && size.min > 0 {
        let start = from.offset();
        let bytes = from.take_slice(size.min.saturating_mul(count))?;
        fill_vec(bytes, size.min, |chunk, offset| {
            let mut window = Reader::<E>::new(chunk);
            let value = T::decode(&mut window).map_err(|error| shift(&error, start + offset))?;
            demand_empty::<T, E>(&window, size.min)?;
            Ok(value)
        })
    } else {
        let mut values = Vec::with_capacity(from.reserve::<T>(count));
        decode_each(count, from, |value, _| {
            values.push(value);
            Ok(())
        })?;
        Ok(values)
    }
}

/// Reads so many elements of a collection and hands on each with the offset at which it begins.
///
/// A map is read as its entries, pairs of key and value.
#[inline(always)]
pub(super) fn decode_each<T: StateType, E: Integers>(
    count: usize,
    from: &mut Reader<'_, E>,
    mut add: impl FnMut(T, usize) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let size = const { T::SIZES }.under(E::ENCODING);
    if size.exact && size.min == 0 {
        from.count_empty(count)?;
    }
    descend::<T, E>(from)?;
    for _ in 0..count {
        let at = from.offset();
        let value = decode_value(from)?;
        if !size.exact && size.min == 0 && from.offset() == at {
            from.count_empty(1)?;
        }
        add(value, at)?;
    }
    ascend::<T, E>(from);
    Ok(())
}

/// Arrays of up to this many bytes are collected on the stack.
const ON_STACK: usize = 1024;

/// Reads the elements of an array, which no length precedes.
#[inline(always)]
pub(super) fn decode_array<T: StateType, const N: usize, E: Integers>(
    from: &mut Reader<'_, E>,
) -> Result<[T; N], DecodeError> {
    if const { size_of::<[Option<T>; N]>() <= ON_STACK } {
        let mut slots = [const { None }; N];
        for slot in &mut slots {
            *slot = Some(decode_value(from)?);
        }
        return Ok(slots.map(|slot| match slot {
            Some(value) => value,
            None => unreachable!("the loop above filled every slot or returned"),
        }));
    }
    let size = const { T::SIZES }.under(E::ENCODING);
    let values = if size.exact && size.min > 0 {
        T::decode_vec(N, from)?
    } else {
        let mut values = Vec::with_capacity(from.reserve::<T>(N));
        for _ in 0..N {
            values.push(decode_value(from)?);
        }
        values
    };
    values.try_into().map_err(|values: Vec<T>| {
        let what = format!("a run of {} elements", values.len());
        from.error(DecodeErrorKind::OutOfRange { what, type_name: type_name::<[T; N]>() })
    })
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

#[cold]
fn shift(error: &DecodeError, by: usize) -> DecodeError {
    DecodeError::new(error.offset() + by, error.kind().clone())
}

#[inline(always)]
fn demand_empty<T, E: Integers>(window: &Reader<'_, E>, promised: usize) -> Result<(), DecodeError> {
    if window.remaining() == 0 {
        return Ok(());
    }
    let left = window.remaining();
    Err(window.error(DecodeErrorKind::WrongSize { type_name: type_name::<T>(), promised, left }))
}
