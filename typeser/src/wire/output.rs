//! The writer that appends to a growing buffer.

use std::marker::PhantomData;
use std::ops::Range;

use super::bulk;
use super::encoding::{Integers, sealed};
use super::error::{EncodeError, EncodeErrorKind};
use super::stack::Levels;
use super::writer::{Window, Writer};
use crate::schema::{IntegerEncoding, Limits};

/// A writer that appends to a growing buffer.
#[derive(Debug)]
pub struct Output<E> {
    bytes: Vec<u8>,
    levels: Levels,
    /// How many elements without bytes may still come.
    empty: u64,
    integers: PhantomData<E>,
}

impl<E: Integers> Output<E> {
    /// Appends to these bytes.
    #[inline]
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let levels = Levels::unguarded(Limits::DEPTH);
        Self { bytes, levels, empty: Limits::EMPTY_ELEMENTS, integers: PhantomData }
    }

    /// Appends to these bytes a part at a depth of its value, with `empty` remaining elements without bytes.
    pub(crate) fn part(bytes: Vec<u8>, depth: u32, empty: u64) -> Self {
        Self { empty, levels: Levels::unguarded(Limits::DEPTH).from(depth), ..Self::new(bytes) }
    }

    /// The same, but it stops where the stack is short: then [`Output::is_short`], whatever was written.
    #[inline]
    pub(crate) fn guarded(bytes: Vec<u8>, depth: u32, empty: u64) -> Self {
        Self { empty, levels: Levels::guarded(Limits::DEPTH).from(depth), ..Self::new(bytes) }
    }

    /// Whether writing stopped because the stack was short.
    #[inline]
    pub(crate) fn is_short(&self) -> bool {
        self.levels.is_short()
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

impl<E: Integers> sealed::Sealed for Output<E> {}

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
                bulk::extend_with(&mut self.bytes, (bytes.len() as u64).to_le_bytes(), bytes);
            }
            IntegerEncoding::Variable => {
                self.put_length(bytes.len());
                bulk::extend_with(&mut self.bytes, [], bytes);
            }
        }
    }

    fn appended(&self, place: &Range<usize>) -> &[u8] {
        &self.bytes[place.clone()]
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
        if !self.levels.enter() {
            return Err(EncodeErrorKind::TooDeep.into());
        }
        Ok(())
    }

    #[inline]
    fn leave(&mut self) {
        self.levels.leave();
    }

    #[inline(always)]
    fn windows<T>(
        &mut self,
        size: usize,
        items: &[T],
        encode: impl Fn(&T, &mut Window<'_, E>) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        bulk::extend_windows(&mut self.bytes, size, items, encode)
    }
}
