//! The shuffle: fields in another order that are found by a few lengths, without a program of their own.

use super::constant::Constant;
use super::stored::{counted, ends, integer, length, past, shift};
use crate::schema::Primitive;
use crate::wire::{self, DecodeError, DecodeErrorKind, Integers, Reader};

/// How many extents a record may have: their places are kept on the stack.
pub(super) const MOST_EXTENTS: usize = 32;

/// How the bytes of a stored record become those of a new one.
#[derive(Debug, Clone)]
pub(super) struct Shuffle {
    /// What the stored record is made of, at most [`MOST_EXTENTS`].
    pub(super) extents: Vec<Extent>,
    /// What the new one is made of.
    pub(super) pieces: Vec<Piece>,
}

/// How long some stored bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// So many bytes.
    Sized(usize),
    /// A length and so many bytes.
    Counted,
    /// A length and so many elements of this many bytes each.
    List { size: usize },
    /// An option of so many bytes.
    Option { size: usize },
    /// An integer of variable length.
    Integer(Primitive),
}

/// A part of a new record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// Stored extents, from one up to another.
    From {
        first: u8,
        end: u8,
    },
    Constant(Constant),
}

impl Shuffle {
    /// Appends the new record for the stored one at this place. Gives the place behind it.
    #[inline(always)]
    pub(super) fn run<E: Integers>(
        &self,
        stored: &[u8],
        position: usize,
        constants: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<usize, DecodeError> {
        // Most records have few: their places cost less to make.
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
    /// The place behind it.
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
