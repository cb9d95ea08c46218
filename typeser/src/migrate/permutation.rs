//! Records whose field boundaries follow from a few length prefixes, permuted in one operation.

use super::constant::Constant;
use super::stored::{counted, ends, integer, length, past, shift};
use crate::schema::Primitive;
use crate::wire::{self, DecodeError, DecodeErrorKind, Integers, Reader};

/// How many extents a record may have. Their offsets are on the stack.
pub(super) const MOST_EXTENTS: usize = 32;

/// How the bytes of a stored record become those of a new one.
#[derive(Debug, Clone)]
pub(super) struct Permutation {
    /// The extents of the stored record, at most [`MOST_EXTENTS`].
    pub(super) extents: Vec<Extent>,
    /// The pieces of the new record.
    pub(super) pieces: Vec<Piece>,
}

/// The length of some stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// This many bytes.
    Sized(usize),
    /// A length and as many bytes.
    Counted,
    /// A length and as many elements of `size` bytes each.
    List { size: usize },
    /// An option of `size` bytes.
    Option { size: usize },
    /// An integer of variable length.
    Integer(Primitive),
}

/// A piece of a new record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Consecutive stored extents.
    From {
        first: u8,
        end: u8,
    },
    Constant(Constant),
}

impl Permutation {
    /// Appends the new record for the stored one at this position. Returns the position after it.
    #[inline(always)]
    pub(super) fn run<E: Integers>(
        &self,
        stored: &[u8],
        position: usize,
        constants: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<usize, DecodeError> {
        // Most records have few extents, and a small array of offsets is cheaper to fill.
        match self.extents.len() {
            0..=10 => self.run_with::<E, 11>(stored, position, constants, out),
            _ => self.run_with::<E, { MOST_EXTENTS + 1 }>(stored, position, constants, out),
        }
    }

    #[inline(never)]
    fn run_with<E: Integers, const PLACES: usize>(
        &self,
        stored: &[u8],
        mut position: usize,
        constants: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<usize, DecodeError> {
        let mut places = [position; PLACES];
        for (extent, end) in self.extents.iter().zip(&mut places[1..]) {
            position = extent.past::<E>(stored, position)?;
            *end = position;
        }
        for piece in &self.pieces {
            match *piece {
                Piece::From { first, end } => {
                    wire::extend(out, stored, places[usize::from(first)]..places[usize::from(end)]);
                }
                Piece::Constant(Constant { start, end }) => {
                    wire::extend(out, constants, start as usize..end as usize);
                }
            }
        }
        Ok(position)
    }
}

impl Extent {
    /// The position after it.
    #[inline(always)]
    fn past<E: Integers>(self, stored: &[u8], position: usize) -> Result<usize, DecodeError> {
        match self {
            Self::Sized(length) => past(stored, position, length),
            Self::Counted => Ok(counted::<E>(stored, position)?.end),
            Self::List { size } => {
                let (start, length) = length::<E>(stored, position, size)?;
                Ok(start + length * size)
            }
            Self::Option { size } => match stored.get(position) {
                Some(0) => Ok(position + 1),
                Some(1) => past(stored, position + 1, size),
                Some(found) => Err(DecodeError::new(position, DecodeErrorKind::InvalidOption { found: *found })),
                None => Err(ends(stored, position, 1)),
            },
            Self::Integer(primitive) => {
                let mut reader = Reader::<E>::new(&stored[position..]);
                match integer(&mut reader, primitive) {
                    Ok(_) => Ok(position + reader.offset()),
                    Err(error) => Err(shift(&error, position)),
                }
            }
        }
    }
}
