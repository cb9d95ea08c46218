//! Moves: where the bytes of a stored record of known size go in the new record.

use super::convert::{Converter, converter};
use crate::schema::Primitive;

/// Bytes of a stored record, copied or converted to a place in the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: MoveKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MoveKind {
    Copy { length: usize },
    Convert { from: Primitive, to: Primitive },
}

/// Adjacent moves of one kind, merged.
#[derive(Debug, Clone, Copy)]
pub(super) struct MergedMove {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) length_in: usize,
    pub(super) length_out: usize,
    /// The converter; `None` if the bytes are copied.
    pub(super) converter: Option<(Converter, Primitive, Primitive)>,
}

impl MergedMove {
    pub(super) fn of(Move { from, to, kind }: &Move) -> Option<Self> {
        let (length_in, length_out, converter) = match kind {
            MoveKind::Copy { length } => (*length, *length, None),
            MoveKind::Convert { from, to } => (from.width()?, to.width()?, Some((converter(*from, *to)?, *from, *to))),
        };
        Some(Self { from: *from, to: *to, length_in, length_out, converter })
    }

    pub(super) fn is_continued_by(&self, next: &Self) -> bool {
        let conversion = |piece: &Self| piece.converter.map(|(_, from, to)| (from, to));
        self.from + self.length_in == next.from
            && self.to + self.length_out == next.to
            && conversion(self) == conversion(next)
    }
}
