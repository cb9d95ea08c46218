//! The reader: a slice that shrinks from the front, tracks its offset, and checks every length.

use std::marker::PhantomData;

use super::encoding::Integers;
use super::error::{DecodeError, DecodeErrorKind};
use super::stack::Levels;
use crate::schema::Limits;

/// Reads values from bytes, under one integer encoding.
#[derive(Debug)]
pub struct Reader<'a, E> {
    rest: &'a [u8],
    /// The offset of the end, so that the current offset is `end - rest.len()` and costs nothing to keep.
    end: usize,
    levels: Levels,
    /// How many elements without bytes may still come.
    empty: u64,
    /// How many bytes of memory may still be reserved by lengths.
    room: usize,
    integers: PhantomData<E>,
}

/// The most memory that collections reserve before they are read, as a multiple of the input. Beyond, they grow.
const ROOM: usize = 4;
/// What they may reserve in any case.
const LEAST_ROOM: usize = 1 << 16;

impl<'a, E: Integers> Reader<'a, E> {
    /// Reads from the beginning of `bytes`.
    #[inline]
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let room = bytes.len().saturating_mul(ROOM).max(LEAST_ROOM);
        let empty = Limits::EMPTY_ELEMENTS;
        let levels = Levels::unguarded(Limits::READ_DEPTH);
        Self { rest: bytes, end: bytes.len(), levels, empty, room, integers: PhantomData }
    }

    /// The same, but it stops where the stack is short: then [`Reader::is_short`], whatever was read.
    #[inline]
    pub(crate) fn guarded(bytes: &'a [u8]) -> Self {
        Self { levels: Levels::guarded(Limits::READ_DEPTH), ..Self::new(bytes) }
    }

    /// Whether reading stopped because the stack was short.
    #[inline]
    pub(crate) fn is_short(&self) -> bool {
        self.levels.is_short()
    }

    /// How far the reader has come, counted from the beginning of the bytes.
    #[inline]
    #[must_use]
    pub fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    /// The bytes that are left.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// How many bytes are left.
    #[inline]
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Takes this many bytes.
    ///
    /// # Errors
    /// Fewer are left.
    #[inline(always)]
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(*taken)
            }
            None => Err(self.ends(N)),
        }
    }

    /// Takes this many bytes.
    ///
    /// # Errors
    /// Fewer are left.
    #[inline(always)]
    pub fn take_slice(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(length) {
            Some((taken, rest)) => {
                self.rest = rest;
                Ok(taken)
            }
            None => Err(self.ends(length)),
        }
    }

    /// Takes this many bytes as a separate reader, so that one check covers all reads from it.
    #[inline(always)]
    pub(crate) fn window(&mut self, length: usize) -> Result<Self, DecodeError> {
        let offset = self.offset();
        let rest = self.take_slice(length)?;
        // In a window there are no collections: nothing to count and nothing to reserve.
        Ok(Self { rest, end: offset + length, levels: self.levels, empty: 0, room: 0, integers: PhantomData })
    }

    /// Reads the length of a collection and checks it against the bytes that are left.
    ///
    /// `element` is the least size of an element; where it is 0 the length may exceed the remaining bytes by
    /// what is left of [`Limits::EMPTY_ELEMENTS`]. Code that reads elements then counts those without bytes with
    /// [`Reader::count_empty`].
    ///
    /// # Errors
    /// The remaining bytes cannot hold as many elements.
    #[inline]
    pub fn take_length(&mut self, element: usize) -> Result<usize, DecodeError> {
        let length = self.take_u64()?;
        let most = match element {
            0 => self.rest.len() as u64 + self.empty,
            1 => self.rest.len() as u64,
            element => (self.rest.len() / element) as u64,
        };
        match usize::try_from(length) {
            Ok(fits) if length <= most => Ok(fits),
            _ => Err(self.error(DecodeErrorKind::LengthTooLarge { length, element, remaining: self.rest.len() })),
        }
    }

    /// Reads the tag of an enum's variant.
    ///
    /// # Errors
    /// The bytes end, or the tag is over-long or beyond 32 bits.
    #[inline]
    pub fn take_tag(&mut self) -> Result<u32, DecodeError> {
        self.take_u32()
    }

    /// Counts elements of a collection that took no bytes.
    ///
    /// # Errors
    /// The value holds more than [`Limits::EMPTY_ELEMENTS`] of them.
    #[doc(hidden)]
    #[inline]
    pub fn count_empty(&mut self, count: usize) -> Result<(), DecodeError> {
        match self.empty.checked_sub(count as u64) {
            Some(left) => {
                self.empty = left;
                Ok(())
            }
            None => Err(self.error(DecodeErrorKind::TooManyEmptyElements)),
        }
    }

    /// For how many of `count` values of `T` room may be made before they are read.
    ///
    /// All of them, unless the collections of this value have claimed too much already for its bytes: nested lengths
    /// would otherwise each reserve what the same bytes can back only once.
    #[doc(hidden)]
    #[inline]
    pub fn reserve<T>(&mut self, count: usize) -> usize {
        let size = size_of::<T>().max(1);
        let granted = count.min(self.room / size);
        self.room -= granted * size;
        granted
    }

    /// Goes one level down, into what does not have a known size; [`Reader::leave`] comes back.
    ///
    /// # Errors
    /// The value is deeper than [`Limits::READ_DEPTH`].
    #[inline]
    pub fn enter(&mut self) -> Result<(), DecodeError> {
        if !self.levels.enter() {
            return Err(self.error(DecodeErrorKind::TooDeep));
        }
        Ok(())
    }

    /// Comes back one level.
    #[inline]
    pub fn leave(&mut self) {
        self.levels.leave();
    }

    /// Demands that nothing is left.
    ///
    /// # Errors
    /// Bytes are left over.
    #[inline]
    pub fn finish(&self) -> Result<(), DecodeError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.error(DecodeErrorKind::TrailingBytes { count: self.rest.len() }))
        }
    }

    /// An error at the current offset.
    #[cold]
    #[must_use]
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(self.offset(), kind)
    }

    /// An error `back` bytes before the current offset.
    #[doc(hidden)]
    #[cold]
    #[must_use]
    pub fn error_before(&self, back: usize, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(self.offset().saturating_sub(back), kind)
    }

    #[cold]
    #[inline(never)]
    fn ends(&self, needed: usize) -> DecodeError {
        self.error(DecodeErrorKind::UnexpectedEnd { needed, remaining: self.rest.len() })
    }
}
