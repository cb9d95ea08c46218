//! The program that a layout becomes: a flat list of operations, which both directions run.

use crate::schema::NodeId;

/// The place of an operation within its program.
pub(super) type At = usize;

/// The operations of a layout, the root's first, with the routines of its parts behind them.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub(super) operations: Vec<Operation>,
    pub(super) enums: Vec<Variants>,
    /// Where the routine of each node begins, ascending.
    pub(super) routines: Vec<(At, NodeId)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// As many bytes, the same in both forms.
    Bytes(usize),
    /// An integer of this width: little-endian in the fixed form, big-endian in the ordered one.
    Unsigned(usize),
    /// The same, and the ordered form has the sign bit inverted.
    Signed(usize),
    /// A character in UTF-8, the same in both forms.
    Char,
    /// Bytes, counted in the fixed form, escaped and ended in the ordered one: a string, or a list of `u8`.
    Text,
    /// A byte, 0 or 1, the same in both forms. Continues at `none` after a 0.
    Option { none: At },
    /// A tag in the fixed form, the position of its variant in the ordered one. Continues at the arm.
    Enum(usize),
    /// Begins a list: counted in the fixed form, with a byte 1 before each element and a 0 behind the last in the
    /// ordered one. Elements that write nothing (`empty`) are counted: a value holds only so many.
    List { empty: bool },
    /// An element of a list follows, or the list ends: then the program continues at `end`.
    Element { end: At },
    /// Begins an array.
    Array(u64),
    /// An element of an array follows, or the array ends: then the program continues at `end`.
    Again { end: At },
    /// Continues there.
    Jump(At),
    /// Runs the routine of a part, and continues behind.
    Call(At),
    /// The end of a routine.
    Return,
}

/// The variants of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variants {
    pub(super) name: String,
    /// By position: the tag, and where the fields of the variant are.
    pub(super) arms: Vec<(u32, At)>,
    /// The tags with their positions, ascending; empty if every tag is its position.
    pub(super) tags: Vec<(u32, u32)>,
}

impl Variants {
    pub(super) fn position_of(&self, tag: u32) -> Option<u32> {
        if self.tags.is_empty() {
            return ((tag as usize) < self.arms.len()).then_some(tag);
        }
        let found = self.tags.binary_search_by_key(&tag, |(tag, _)| *tag).ok()?;
        Some(self.tags[found].1)
    }
}
