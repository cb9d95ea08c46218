//! The trait of writers, and windows of known size, which need no check per field.

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::ops::Range;

use super::encoding::{Integers, sealed};
use super::error::EncodeError;
use super::variable::{EIGHT, FOUR, ONE_BYTE, SIXTEEN, TWO, zigzag, zigzag_narrow};
use crate::schema::IntegerEncoding;

/// The target to which values write themselves. Only this crate implements it.
pub trait Writer: sealed::Sealed {
    /// How integers are written.
    const INTEGERS: IntegerEncoding;
    /// Whether this is a window already, so that nothing in it needs another one.
    #[doc(hidden)]
    const IS_WINDOW: bool;
    /// The encoding as a type.
    type Encoding: Integers;

    /// Appends bytes of a size known at compile time.
    fn put<const N: usize>(&mut self, bytes: [u8; N]);

    /// Appends bytes.
    fn put_slice(&mut self, bytes: &[u8]);

    /// How many bytes were written so far.
    #[doc(hidden)]
    fn written(&self) -> usize;

    /// What was written there. Values of known size, which are all that is written into windows, have no use for it.
    #[doc(hidden)]
    fn appended(&self, place: &Range<usize>) -> &[u8];

    /// Counts elements of a collection that took no bytes.
    ///
    /// # Errors
    /// The value holds more than [`Limits::EMPTY_ELEMENTS`](crate::schema::Limits::EMPTY_ELEMENTS) of them.
    #[doc(hidden)]
    fn count_empty(&mut self, count: usize) -> Result<(), EncodeError>;

    /// Enters a level of nesting, for a part without a fixed size; [`Writer::leave`] leaves it.
    ///
    /// # Errors
    /// The value is deeper than [`Limits::DEPTH`](crate::schema::Limits::DEPTH).
    fn enter(&mut self) -> Result<(), EncodeError>;

    /// Leaves a level of nesting.
    fn leave(&mut self);

    /// Opens a window for each item, `size` bytes wide, one after the other, and lets `encode` fill it.
    ///
    /// # Errors
    /// What `encode` says, or that an item wrote another number of bytes than `size`.
    #[doc(hidden)]
    fn windows<T>(
        &mut self,
        size: usize,
        items: &[T],
        encode: impl Fn(&T, &mut Window<'_, Self::Encoding>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError>;

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_u16(&mut self, value: u16) {
        put_u16_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_u32(&mut self, value: u32) {
        put_u32_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_u64(&mut self, value: u64) {
        put_u64_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_u128(&mut self, value: u128) {
        put_u128_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_i16(&mut self, value: i16) {
        put_i16_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_i32(&mut self, value: i32) {
        put_i32_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_i64(&mut self, value: i64) {
        put_i64_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_i128(&mut self, value: i128) {
        put_i128_any(value, self);
    }

    /// Appends the length of a collection.
    #[inline]
    fn put_length(&mut self, length: usize) {
        self.put_u64(length as u64);
    }

    /// Appends the length of a run of bytes, and the bytes.
    #[inline]
    fn put_bytes(&mut self, bytes: &[u8]) {
        self.put_length(bytes.len());
        self.put_slice(bytes);
    }

    /// Appends the tag of an enum's variant.
    #[inline]
    fn put_tag(&mut self, tag: u32) {
        self.put_u32(tag);
    }
}

/// A writer into a space whose size is known: the compiler sees the size, and the checks disappear.
///
/// Bytes that do not fit are counted but not written, so a wrong `SIZES` is detected at the end.
#[derive(Debug)]
pub struct Window<'a, E> {
    slots: &'a mut [MaybeUninit<u8>],
    written: usize,
    integers: PhantomData<E>,
}

impl<'a, E: Integers> Window<'a, E> {
    #[inline(always)]
    pub(super) fn over(slots: &'a mut [MaybeUninit<u8>]) -> Self {
        Self { slots, written: 0, integers: PhantomData }
    }
}

impl<E: Integers> sealed::Sealed for Window<'_, E> {}

impl<E: Integers> Writer for Window<'_, E> {
    const INTEGERS: IntegerEncoding = E::ENCODING;
    const IS_WINDOW: bool = true;
    type Encoding = E;

    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.put_slice(&bytes);
    }

    #[inline(always)]
    fn put_slice(&mut self, bytes: &[u8]) {
        // Saturating: a count that once left the window never comes back into it.
        let end = self.written.saturating_add(bytes.len());
        if let Some(slots) = self.slots.get_mut(self.written..end) {
            // One copy once it is compiled: both have the same length.
            slots.iter_mut().zip(bytes).for_each(|(slot, byte)| _ = slot.write(*byte));
        }
        self.written = end;
    }

    #[inline(always)]
    fn written(&self) -> usize {
        self.written
    }

    fn appended(&self, _place: &Range<usize>) -> &[u8] {
        &[]
    }

    // A value of a size known at compile time has no levels and no collections: nothing to count.
    #[inline(always)]
    fn count_empty(&mut self, _count: usize) -> Result<(), EncodeError> {
        Ok(())
    }

    #[inline(always)]
    fn enter(&mut self) -> Result<(), EncodeError> {
        Ok(())
    }

    #[inline(always)]
    fn leave(&mut self) {}

    #[inline(always)]
    fn windows<T>(
        &mut self,
        _size: usize,
        items: &[T],
        encode: impl Fn(&T, &mut Window<'_, E>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        items.iter().try_for_each(|item| encode(item, self))
    }
}

fn put_unsigned<W: Writer + ?Sized>(value: u128, to: &mut W) {
    if let Ok(value) = u64::try_from(value) {
        put_u64(value, to);
    } else {
        to.put([SIXTEEN]);
        to.put(value.to_le_bytes());
    }
}

#[inline]
fn put_u64<W: Writer + ?Sized>(value: u64, to: &mut W) {
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

macro_rules! integers {
    ($($unsigned:ident $signed:ident $put_unsigned:ident $put_signed:ident;)*) => {
        $(
            #[inline]
            fn $put_unsigned<W: Writer + ?Sized>(value: $unsigned, to: &mut W) {
                match W::INTEGERS {
                    IntegerEncoding::Fixed => to.put(value.to_le_bytes()),
                    IntegerEncoding::Variable if $unsigned::BITS <= 64 => put_u64(value as u64, to),
                    IntegerEncoding::Variable => put_unsigned(value as u128, to),
                }
            }

            #[inline]
            fn $put_signed<W: Writer + ?Sized>(value: $signed, to: &mut W) {
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
    u16 i16 put_u16_any put_i16_any;
    u32 i32 put_u32_any put_i32_any;
    u64 i64 put_u64_any put_i64_any;
    u128 i128 put_u128_any put_i128_any;
}
