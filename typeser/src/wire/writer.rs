//! The writers: an output that grows, and windows of known size that need no check a field.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use super::{EncodeError, EncodeErrorKind, Integers, integer};
use crate::schema::{IntegerEncoding, Limits};

/// Where values write themselves to. Implemented by [`Output`] and [`Window`] only.
pub trait Writer: super::sealed::Sealed {
    /// How integers are written.
    const INTEGERS: IntegerEncoding;
    /// Whether this is a window already, so that nothing in it needs another one.
    const IS_WINDOW: bool;
    /// The encoding as a type.
    type Encoding: Integers;

    /// Appends bytes of a size known at compile time.
    fn put<const N: usize>(&mut self, bytes: [u8; N]);

    /// Appends bytes.
    fn put_slice(&mut self, bytes: &[u8]);

    /// How many bytes were written so far.
    fn written(&self) -> usize;

    /// Counts elements of a collection that took no bytes.
    ///
    /// # Errors
    /// The value holds more than [`Limits::EMPTY_ELEMENTS`] of them.
    fn count_empty(&mut self, count: usize) -> Result<(), EncodeError>;

    /// Goes one level down, into what does not have a known size; [`Writer::leave`] comes back.
    ///
    /// # Errors
    /// The value is deeper than [`Limits::DEPTH`].
    fn enter(&mut self) -> Result<(), EncodeError>;

    /// Comes back one level.
    fn leave(&mut self);

    /// Opens a window for each item, `size` bytes wide, one after the other, and lets `encode` fill it.
    ///
    /// # Errors
    /// What `encode` says, or that an item wrote another number of bytes than `size`.
    fn windows<T>(
        &mut self,
        size: usize,
        items: &[T],
        encode: impl Fn(&T, &mut Window<'_, Self::Encoding>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError>;

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_u16(&mut self, value: u16) {
        integer::put_u16_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_u32(&mut self, value: u32) {
        integer::put_u32_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_u64(&mut self, value: u64) {
        integer::put_u64_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_u128(&mut self, value: u128) {
        integer::put_u128_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_i16(&mut self, value: i16) {
        integer::put_i16_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_i32(&mut self, value: i32) {
        integer::put_i32_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_i64(&mut self, value: i64) {
        integer::put_i64_any(value, self);
    }

    /// Appends an integer under this writer's encoding.
    #[inline]
    fn put_i128(&mut self, value: i128) {
        integer::put_i128_any(value, self);
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

/// A writer that appends to bytes of its own and grows.
#[derive(Debug)]
pub struct Output<E> {
    pub(super) bytes: Vec<u8>,
    depth: u32,
    /// How many elements without bytes may still come.
    empty: u64,
    integers: PhantomData<E>,
}

impl<E: Integers> Output<E> {
    /// Appends to these bytes.
    #[inline]
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, depth: 0, empty: Limits::EMPTY_ELEMENTS, integers: PhantomData }
    }

    /// Appends to these bytes a part that lies so many levels deep in its value, which has room for so many more
    /// elements without bytes.
    pub(crate) fn part(bytes: Vec<u8>, depth: u32, empty: u64) -> Self {
        Self { depth, empty, ..Self::new(bytes) }
    }

    /// How many elements without bytes may still come.
    pub(crate) fn empty(&self) -> u64 {
        self.empty
    }

    /// The bytes so far.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, with all that was appended.
    #[inline]
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl<E: Integers> Writer for Output<E> {
    const INTEGERS: IntegerEncoding = E::ENCODING;
    const IS_WINDOW: bool = false;
    type Encoding = E;

    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        self.bytes.extend_from_slice(&bytes);
    }

    #[inline(always)]
    fn put_slice(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    #[inline(always)]
    fn put_bytes(&mut self, bytes: &[u8]) {
        match E::ENCODING {
            IntegerEncoding::Fixed => {
                super::bulk::extend_with(&mut self.bytes, (bytes.len() as u64).to_le_bytes(), bytes);
            }
            IntegerEncoding::Variable => {
                self.put_length(bytes.len());
                super::bulk::extend_with(&mut self.bytes, [], bytes);
            }
        }
    }

    #[inline(always)]
    fn written(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn count_empty(&mut self, count: usize) -> Result<(), EncodeError> {
        match self.empty.checked_sub(count as u64) {
            Some(left) => {
                self.empty = left;
                Ok(())
            }
            None => Err(EncodeErrorKind::TooManyEmptyElements.into()),
        }
    }

    #[inline]
    fn enter(&mut self) -> Result<(), EncodeError> {
        if self.depth >= Limits::DEPTH {
            return Err(EncodeErrorKind::TooDeep.into());
        }
        self.depth += 1;
        Ok(())
    }

    #[inline]
    fn leave(&mut self) {
        self.depth -= 1;
    }

    #[inline(always)]
    fn windows<T>(
        &mut self,
        size: usize,
        items: &[T],
        encode: impl Fn(&T, &mut Window<'_, E>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        super::bulk::extend_windows(&mut self.bytes, size, items, encode)
    }
}

/// A writer into a space whose size is known: the compiler sees the size, and the checks disappear.
///
/// What does not fit is not written but counted, so a wrong promise of a size is found at the end.
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
            slots.write_copy_of_slice(bytes);
        }
        self.written = end;
    }

    #[inline(always)]
    fn written(&self) -> usize {
        self.written
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
