//! The program: a flat list of operations over bytes.
//!
//! Bytes that stay as they are form a *run*: operations that keep bytes only move the position, and the run is
//! copied in one piece when something else has to be written. So a record of twenty kept fields and one dropped
//! costs two copies, whatever the fields are.

use std::sync::Arc;

use super::constant::Constant;
use super::kernel::Kernel;
use super::shuffle::Shuffle;
use crate::resolve::{FunctionsStep, ShapeId, StepId};
use crate::schema::{IntegerEncoding, Limits, Primitive};

/// The place of an operation within its program.
pub(super) type At = usize;

/// A program, for one trust level.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub(super) operations: Vec<Operation>,
    /// Constants, one after the other.
    pub(super) constants: Vec<u8>,
    pub(super) tags: Vec<TagTable>,
    pub(super) kernels: Vec<Kernel>,
    pub(super) shuffles: Vec<Shuffle>,
    /// The parts that functions of the program carry over. Whoever runs the program brings the functions.
    pub(super) functions: Vec<Arc<FunctionsStep>>,
    pub(super) from: IntegerEncoding,
    pub(super) to: IntegerEncoding,
}

/// How deep something lies: options with a value, payloads and elements around it.
///
/// An option that is unwrapped is a level of what is stored alone, a new one around a value of what is written. Neither
/// value may be too deep, but together they may have more levels than either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Levels {
    pub(super) stored: u16,
    pub(super) written: u16,
}

impl Levels {
    /// A level of both.
    pub(super) const BOTH: Self = Self { stored: 1, written: 1 };
    /// A level that nothing is written for.
    pub(super) const STORED: Self = Self { stored: 1, written: 0 };
    /// A level that nothing was stored for.
    pub(super) const WRITTEN: Self = Self { stored: 0, written: 1 };

    /// So many levels further down.
    #[inline(always)]
    pub(super) fn down(self, levels: Self) -> Self {
        Self { stored: self.stored.saturating_add(levels.stored), written: self.written.saturating_add(levels.written) }
    }

    /// So many levels further up.
    #[inline(always)]
    pub(super) fn up(self, levels: Self) -> Self {
        Self { stored: self.stored.saturating_sub(levels.stored), written: self.written.saturating_sub(levels.written) }
    }

    /// Whether a value of one of the two would be deeper than what is read.
    #[inline(always)]
    pub(super) fn are_too_many(self) -> bool {
        u32::from(self.stored.max(self.written)) > Limits::READ_DEPTH
    }
}

/// One operation.
///
/// `levels` is how much deeper than the frame before a new frame lies.
///
/// *Keep* operations move past stored bytes; whether these are copied is for what surrounds them. The others end
/// the run first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Keep so many bytes.
    Keep(usize),
    /// Keep so many bytes, then a length and the bytes that it tells of, then so many bytes.
    KeepBytes { before: u32, after: u32 },
    /// The same with a look whether they are UTF-8.
    KeepString { before: u32, after: u32 },
    /// Keep a bool, checked.
    KeepBool,
    /// Keep a character.
    KeepChar { check: bool },
    /// Keep an integer of variable length.
    KeepInteger(Primitive),
    /// Look whether the integer that comes is zero.
    CheckNonZero(Primitive),
    /// Look whether the `u32` that comes is below 1,000,000,000.
    CheckNanoseconds,
    /// Keep a length and so many elements of this many bytes each.
    KeepList { size: usize },

    /// Copy the run.
    Flush,
    /// Forget the run.
    Forget,
    /// Copy the run, and forget so many bytes.
    Drop(usize),
    /// Copy the run, and forget what `KeepBytes` would keep.
    DropBytes { before: u32, after: u32 },
    /// Write a constant.
    Write(Constant),
    /// Convert a primitive.
    Convert { from: Primitive, to: Primitive },
    /// Re-encode the length of a string and keep its bytes.
    RecodeBytes { utf8: bool },
    /// Move the bytes of a record of known size.
    Gather { kernel: usize },
    /// A length, then records of known size.
    GatherList { kernel: usize },
    /// Move the fields of a record that are found without a program of their own.
    Shuffle { shuffle: usize },

    /// Have the run, which is one part, carried over by functions.
    Functions { index: usize, levels: Levels },

    /// An option: goes on if there is a value, else at `none`.
    Option { none: At },
    /// A tag: goes on where the table says.
    Tag { table: usize },
    /// A length and a body so many times, else at `end`. `empty` asks for a look at what was written for them.
    List { least: usize, end: At, recode: bool, empty: bool, levels: Levels },
    /// A body so many times, else at `end`.
    Repeat { count: u64, least: usize, end: At, levels: Levels },
    /// The end of a body.
    Next { body: At },
    /// Goes on there.
    Jump(At),
    /// Goes there and comes back.
    Call { routine: At, levels: Levels },
    /// Comes back, from a call or from noting.
    Return,

    /// Fields in another order, from places that `note` finds out beforehand.
    Permute { note: At },
    /// Goes to a noted field.
    Seek(usize),
    /// Goes behind the last field.
    EndPermute,
    /// Begins to note the places of so many fields.
    Note { fields: usize },
    /// Notes a place.
    NoteField(usize),
    /// Notes the end.
    EndNote,

    /// The end.
    End,
}

/// What to do for each tag.
#[derive(Debug, Clone, Default)]
pub(super) struct TagTable {
    /// Sorted by tag.
    pub(super) arms: Vec<TagArm>,
    /// Whether the tags are 0, 1, 2, ... so that a tag is its own place.
    pub(super) dense: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct TagArm {
    pub(super) tag: u32,
    pub(super) at: At,
    /// The new tag as bytes; `None` if the stored one is kept.
    pub(super) write: Option<Constant>,
}

impl TagTable {
    #[inline]
    pub(super) fn arm(&self, tag: u32) -> Option<&TagArm> {
        if self.dense {
            return self.arms.get(tag as usize);
        }
        self.arms.binary_search_by_key(&tag, |arm| arm.tag).ok().map(|at| &self.arms[at])
    }
}

/// What the lowering writes once and calls from everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Routine {
    /// Walks past stored bytes.
    Keep(ShapeId),
    /// Re-encodes stored bytes.
    Recode(ShapeId),
    /// Carries a step out.
    Step(StepId),
    /// Walks past the stored bytes of a step, or of one arm of it, and notes where fields lie that will be moved.
    Note(StepId, Option<usize>),
}
