//! Runs of values of one known size: one check and one reservation for all of them.
//!
//! This is the only module of typeser with `unsafe` in it. Both functions write into the spare room of a `Vec` and
//! then lengthen it by what was written, so that no byte and no element has to be zeroed first.

use super::{DecodeError, EncodeError, EncodeErrorKind, Integers, Window, Writer};

/// Appends `items` to `bytes`, each in a window of `size` bytes.
#[inline(always)]
pub(super) fn extend_windows<T, E: Integers>(
    bytes: &mut Vec<u8>,
    size: usize,
    items: &[T],
    encode: impl Fn(&T, &mut Window<'_, E>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let Some(total) = size.checked_mul(items.len()) else {
        return Err(EncodeErrorKind::Custom(format!("{} items of {size} bytes exceed memory", items.len())).into());
    };
    bytes.reserve(total);
    let spare = &mut bytes.spare_capacity_mut()[..total];
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
/// `size` must not be 0; bytes beyond the last whole chunk are not looked at.
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
