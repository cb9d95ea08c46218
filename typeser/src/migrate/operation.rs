//! The operations of programs.

use super::constant::Constant;
use crate::resolve::{ShapeId, StepId};
use crate::schema::{Limits, Primitive};

/// The place of an operation within its program.
pub(super) type At = usize;

/// The nesting depth of a part: the options with a value, payloads and elements around it.
///
/// An unwrapped option is a level of the stored value only, and a new option around a value is a level of the written
/// value only. Neither value may be too deep, but together they may have more levels than either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Levels {
    pub(super) stored: u16,
    pub(super) written: u16,
}

impl Levels {
    /// A level of both.
    pub(super) const BOTH: Self = Self { stored: 1, written: 1 };
    /// A level of the stored value only.
    pub(super) const STORED: Self = Self { stored: 1, written: 0 };
    /// A level of the written value only.
    pub(super) const WRITTEN: Self = Self { stored: 0, written: 1 };

    /// The depth inside these levels.
    #[inline(always)]
    pub(super) fn enter(self, levels: Self) -> Self {
        Self { stored: self.stored.saturating_add(levels.stored), written: self.written.saturating_add(levels.written) }
    }

    /// The depth outside these levels.
    #[inline(always)]
    pub(super) fn leave(self, levels: Self) -> Self {
        Self { stored: self.stored.saturating_sub(levels.stored), written: self.written.saturating_sub(levels.written) }
    }

    /// Whether one of the two values is deeper than any reader accepts.
    #[inline(always)]
    pub(super) fn are_too_many(self) -> bool {
        u32::from(self.stored.max(self.written)) > Limits::READ_DEPTH
    }
}

/// One operation.
///
/// `levels` is the depth of a new frame relative to the frame before it.
///
/// *Skip* operations move past stored bytes; the operations around them decide whether these bytes are copied. All other
/// operations end the run first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// Skip this many bytes.
    Skip(usize),
    /// Skip a length and as many bytes, once for each gap, which is skipped before; then skip `after` bytes.
    SkipCounted { gaps: Gaps, text: Text, after: u32 },
    /// Skip a bool, checked.
    SkipBool,
    /// Skip a character.
    SkipChar { check: bool },
    /// Skip an integer of variable length.
    SkipInteger(Primitive),
    /// Check that the next integer is not zero.
    CheckNonZero(Primitive),
    /// Check that the next `u32` is below 1,000,000,000.
    CheckNanoseconds,
    /// Skip a length and as many elements of `size` bytes each.
    SkipList { size: usize },

    /// Copy the run.
    Flush,
    /// Discard the run.
    Discard,
    /// Copy the run, and drop this many bytes.
    Drop(usize),
    /// Copy the run, and drop what `SkipCounted` would skip.
    DropCounted { gaps: Gaps, text: Text, after: u32 },
    /// Write a constant.
    Write(Constant),
    /// Convert a primitive.
    Convert { from: Primitive, to: Primitive },
    /// Re-encode the length of a string and keep its bytes.
    RecodeBytes { utf8: bool },
    /// Rearrange a record of known size by a kernel.
    CopyTable { kernel: usize },
    /// The same for a length and as many records.
    CopyTableList { kernel: usize },
    /// Rearrange the fields of a record by a permutation.
    Permute { permutation: usize },

    /// Convert the run, which is one part, by functions.
    Functions { index: usize, levels: Levels },

    /// Begins a set or map whose elements or keys are compared when it ends.
    EnterDistinct,
    /// Begins an element or key that is compared.
    BeginDistinct,
    /// Ends it.
    EndDistinct,
    /// Ends the set or map: no two of its elements or keys may be equal.
    LeaveDistinct { index: usize },

    /// An option: continues if there is a value, else at `none`.
    Option { none: At },
    /// A tag: continues where the table says.
    Tag { table: usize },
    /// A length, then the body as often, then `end`. `empty`: elements may be written without bytes, and are counted.
    List { least: usize, end: At, recode: bool, empty: bool, levels: Levels },
    /// The body `count` times, then `end`.
    Repeat { count: u64, least: usize, end: At, levels: Levels },
    /// The end of a body.
    Next { body: At },
    /// Continues there.
    Jump(At),
    /// Calls a routine.
    Call { routine: At, levels: Levels },
    /// Returns from a call or from noting.
    Return,

    /// Begins a record with fields in another order, whose places the routine `note` finds first.
    EnterPermuted { note: At },
    /// Moves to a noted field.
    Seek(usize),
    /// Moves behind the last field.
    LeavePermuted,
    /// Begins to note the places of this many fields.
    Note { fields: usize },
    /// Notes a place.
    NoteField(usize),
    /// Notes the end.
    EndNote,

    /// The end.
    End,
}

/// Consecutive gaps of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gaps {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Whether counted bytes have to be UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// They are no text, or verified.
    Unchecked,
    /// They are.
    Checked,
    /// They are, and are copied into the new value, so that whoever reads that may check them instead.
    Kept,
}

/// Whether a program that checks text also checks what it copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeptText {
    Checked,
    /// The caller decodes the new bytes, which checks it.
    Deferred,
}

impl Text {
    #[inline(always)]
    pub(super) fn is_checked(self, kept: KeptText) -> bool {
        match self {
            Self::Unchecked => false,
            Self::Checked => true,
            Self::Kept => kept == KeptText::Checked,
        }
    }
}

/// What to do for each tag.
#[derive(Debug, Clone, Default)]
pub(super) struct TagTable {
    /// Sorted by tag.
    pub(super) arms: Vec<TagArm>,
    /// Whether the tags are 0, 1, 2, ... so that a tag is its own place.
    pub(super) dense: bool,
    /// The tags of stored variants that have no new one.
    pub(super) refused: Vec<u32>,
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

/// A part of the program that the lowering writes once and calls from several places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Routine {
    /// Skips stored bytes.
    Skip(ShapeId),
    /// Re-encodes stored bytes.
    Recode(ShapeId),
    /// Performs a step.
    Step(StepId),
    /// Skips the stored bytes of a step, or of one arm of it, and notes where fields begin that will be moved.
    Note(StepId, Option<usize>),
}
