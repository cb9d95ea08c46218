//! Bulk reads and writes, with one check and one reservation for all items.
//!
//! This is the only module of typeser with `unsafe` in it. Its functions write into the spare room of a `Vec` and
//! then lengthen it by what was written, so that no byte and no element has to be zeroed first; and one of them finds
//! text to be ASCII faster than the standard library finds it to be UTF-8.

use std::mem::MaybeUninit;
use std::ops::Range;

use super::encoding::Integers;
use super::error::{DecodeError, EncodeError, EncodeErrorKind};
use super::writer::{Window, Writer};

/// Appends `items` to `bytes`, each in a window of `size` bytes.
#[inline(always)]
pub(super) fn extend_windows<T, E: Integers>(
    bytes: &mut Vec<u8>,
    size: usize,
    items: &[T],
    encode: impl Fn(&T, &mut Window<'_, E>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let total = size.checked_mul(items.len()).filter(|total| *total <= isize::MAX as usize - bytes.len());
    let Some(total) = total else {
        return Err(EncodeErrorKind::Custom(format!("{} items of {size} bytes exceed memory", items.len())).into());
    };
    let spare = room(bytes, total);
    if size == 0 {
        for item in items {
            fill(item, size, &mut Window::over(&mut []), &encode)?;
        }
        return Ok(());
    }
    for (item, slots) in items.iter().zip(spare.chunks_exact_mut(size)) {
        fill(item, size, &mut Window::over(slots), &encode)?;
    }
    let length = bytes.len() + total;
    // SAFETY: `reserve(total)` made room for `total` bytes after `len`. They are `items.len()` chunks of `size`
    // bytes, one for each item, and none was left out: `zip` ends with the shorter side and both have
    // `items.len()` parts. Each chunk is initialised: a window counts every byte put into it, `fill` returns an
    // error unless the count is exactly `size`, and a window that counted `size` has written each of its slots,
    // since it writes them in order, without gaps, and skips only what would end beyond `size`; a count beyond
    // `size` never comes back.
    unsafe { bytes.set_len(length) };
    Ok(())
}

/// Reserves `length` more bytes.
#[inline(always)]
fn room(bytes: &mut Vec<u8>, length: usize) -> &mut [MaybeUninit<u8>] {
    bytes.reserve(length);
    let spare = bytes.spare_capacity_mut();
    // SAFETY: `reserve` returns only if the capacity is at least `len + length`, so the spare capacity, which is the
    // capacity without `len`, has at least `length` slots.
    unsafe { spare.get_unchecked_mut(..length) }
}

/// Fills `slots`, which must be as many as `bytes`: `MaybeUninit::write_copy_of_slice`, which newer compilers have.
#[inline(always)]
fn write_slots(slots: &mut [MaybeUninit<u8>], bytes: &[u8]) {
    // SAFETY: `MaybeUninit<u8>` has the size and the alignment of `u8`, and every `u8` is valid in it. The slice is only
    // read, for as long as `bytes` is borrowed.
    let bytes = unsafe { &*(std::ptr::from_ref(bytes) as *const [MaybeUninit<u8>]) };
    slots.copy_from_slice(bytes);
}

/// Appends `head` and then `tail`.
#[inline(always)]
pub(super) fn extend_with<const N: usize>(bytes: &mut Vec<u8>, head: [u8; N], tail: &[u8]) {
    // No overflow: a slice has at most `isize::MAX` bytes.
    let total = N + tail.len();
    let (first, rest) = room(bytes, total).split_at_mut(N);
    write_slots(first, &head);
    copy(tail, rest);
    let length = bytes.len() + total;
    // SAFETY: `room` gave `total` slots after `len`, of which `first` has `N` and `rest` has `tail.len()`.
    // `write_slots` initialised all of `first`, and `copy` all of `rest`, or they panicked.
    unsafe { bytes.set_len(length) };
}

/// How much spare room, and how many bytes behind it, let [`extend`] copy a short piece without a look at its length.
pub(crate) const SPARE: usize = 32;

/// Appends `from[range]`.
///
/// Short pieces are copied without a call. The shortest are copied without a look at their length, together with what
/// stands behind them, where there is as much behind them and room for it: what is too much lies in the spare room.
#[inline(always)]
pub(crate) fn extend(to: &mut Vec<u8>, from: &[u8], range: Range<usize>) {
    /// Copies `WIDE` bytes of which `length` count; false if they are not there, or have no room.
    #[inline(always)]
    fn wide<const WIDE: usize>(to: &mut Vec<u8>, from: &[u8], length: usize) -> bool {
        let (Some(from), Some(slots)) = (from.first_chunk::<WIDE>(), to.spare_capacity_mut().first_chunk_mut::<WIDE>())
        else {
            return false;
        };
        assert!(length <= WIDE);
        write_slots(slots, from);
        let length = to.len() + length;
        // SAFETY: `slots` are the first `WIDE` slots of the spare capacity, so that the capacity is at least `len` and
        // `WIDE`, and `write_slots` initialised all of them. `length` is at most `WIDE` more than `len`.
        unsafe { to.set_len(length) };
        true
    }
    /// Copies exactly `length` bytes, `N` to `2 * N`, by two pieces of `N`; false if they have no room.
    #[inline(always)]
    fn exact<const N: usize>(to: &mut Vec<u8>, from: &[u8], length: usize) -> bool {
        let from = &from[..length];
        let Some(slots) = to.spare_capacity_mut().get_mut(..length) else { return false };
        if !ends::<N>(from, slots) {
            return false;
        }
        let length = to.len() + length;
        // SAFETY: `slots` are the first `length` slots of the spare capacity, as many as `from` has, and `ends` initialised
        // all of them.
        unsafe { to.set_len(length) };
        true
    }
    let (length, behind) = (range.len(), &from[range.start..]);
    let done = match length {
        0..=SPARE => wide::<SPARE>(to, behind, length),
        33..=64 => exact::<32>(to, behind, length),
        65..=128 => wide::<128>(to, behind, length) || exact::<64>(to, behind, length),
        _ => false,
    };
    if !done {
        extend_exactly(to, &from[range]);
    }
}

/// Appends what has too little behind it, has no room yet, or is long.
#[inline(never)]
fn extend_exactly(to: &mut Vec<u8>, from: &[u8]) {
    if from.len() > 32 {
        return to.extend_from_slice(from);
    }
    copy(from, room(to, from.len()));
    let length = to.len() + from.len();
    // SAFETY: `room` gave `from.len()` slots after `len`, and `copy` initialised all of them, or it panicked.
    unsafe { to.set_len(length) };
}

/// Fills `to`, which must be as long as `from`; short strings, which most are, without a call.
#[inline(always)]
fn copy(from: &[u8], to: &mut [MaybeUninit<u8>]) {
    assert_eq!(from.len(), to.len());
    let short =
        from.len() <= 32 && (ends::<16>(from, to) || ends::<8>(from, to) || ends::<4>(from, to) || ends::<2>(from, to));
    if !short {
        write_slots(to, from);
    }
}

/// Fills `to`, which must be as long as `from`, by two pieces of `N` bytes, one from each end; false if `N` to `2 * N`
/// bytes would not be the whole.
#[inline(always)]
fn ends<const N: usize>(from: &[u8], to: &mut [MaybeUninit<u8>]) -> bool {
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else { return false };
    if from.len() > 2 * N {
        return false;
    }
    if let Some(slots) = to.first_chunk_mut::<N>() {
        write_slots(slots, first);
    }
    if let Some(slots) = to.last_chunk_mut::<N>() {
        write_slots(slots, last);
    }
    true
}

/// The bytes as text, if they are UTF-8.
#[inline]
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    if is_ascii(bytes) {
        // SAFETY: no byte is above 0x7F, and such bytes are UTF-8.
        return Some(unsafe { std::str::from_utf8_unchecked(bytes) });
    }
    std::str::from_utf8(bytes).ok()
}

/// Whether no byte is above 0x7F.
#[inline(always)]
fn is_ascii(bytes: &[u8]) -> bool {
    let seen = match bytes.last_chunk::<8>() {
        Some(last) => {
            let (words, _) = bytes.as_chunks::<8>();
            words.iter().fold(u64::from_le_bytes(*last), |seen, word| seen | u64::from_le_bytes(*word))
        }
        None => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => u64::from(u32::from_le_bytes(*first) | u32::from_le_bytes(*last)),
            _ => bytes.iter().fold(0, |seen, byte| seen | u64::from(*byte)),
        },
    };
    seen & 0x8080_8080_8080_8080 == 0
}

#[inline(always)]
fn fill<T, E: Integers>(
    item: &T,
    size: usize,
    window: &mut Window<'_, E>,
    encode: &impl Fn(&T, &mut Window<'_, E>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    encode(item, window)?;
    if window.written() == size { Ok(()) } else { Err(wrong_size::<T>(size, window.written())) }
}

#[cold]
#[inline(never)]
fn wrong_size<T>(promised: usize, written: usize) -> EncodeError {
    EncodeErrorKind::WrongSize { type_name: std::any::type_name::<T>(), promised, written }.into()
}

/// Decodes `bytes`, chunks of `size` bytes each, into a new `Vec`.
///
/// `size` must not be 0; bytes beyond the last whole chunk are ignored.
#[inline(always)]
pub(crate) fn fill_vec<T>(
    bytes: &[u8],
    size: usize,
    decode: impl Fn(&[u8], usize) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let chunks = bytes.chunks_exact(size);
    let count = chunks.len();
    let mut values = Vec::with_capacity(count);
    for (index, (slot, chunk)) in values.spare_capacity_mut()[..count].iter_mut().zip(chunks).enumerate() {
        // An error leaves the length at 0: what was decoded before is forgotten, not dropped. Types of one known
        // size own no memory, so nothing leaks.
        slot.write(decode(chunk, index * size)?);
    }
    // SAFETY: the capacity is at least `count`. The loop wrote slots `0..count`: both sides of `zip` have `count`
    // parts, and an error returns before this line.
    unsafe { values.set_len(count) };
    Ok(values)
}
