//! Tables, and ranges of their rows.

use std::ops::{Bound, ControlFlow};

/// A table of a backend: a number that stays good until the table is dropped, also when it is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Table(pub(super) u32);

/// Rows whose keys lie from `from` up to, but not including, `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowRange<'a> {
    /// The first key that belongs to the range.
    pub from: &'a [u8],
    /// The first key that does not; `None` if the range goes to the end of the table.
    pub until: Option<&'a [u8]>,
}

/// What is shown the key and value of each row of a scan; it breaks when it has seen enough.
///
/// It must not use the backend that it is shown.
pub type VisitRow<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

impl RowRange<'static> {
    /// Every row of a table.
    pub const ALL: Self = Self { from: &[], until: None };
}

impl<'a> RowRange<'a> {
    /// The rows whose keys begin with `prefix`. `end` is a buffer for the end of the range.
    pub fn of_prefix(prefix: &'a [u8], end: &'a mut Vec<u8>) -> Self {
        end.clear();
        end.extend_from_slice(prefix);
        // The least string above all that begin with the prefix: drop trailing 0xFF, then count up the last byte.
        while end.last() == Some(&u8::MAX) {
            end.pop();
        }
        match end.last_mut() {
            Some(last) => {
                *last += 1;
                Self { from: prefix, until: Some(end) }
            }
            None => Self { from: prefix, until: None },
        }
    }

    /// Whether no key can lie in the range.
    pub(super) fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }

    pub(super) fn bounds(&self) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
        (Bound::Included(self.from), self.until.map_or(Bound::Unbounded, Bound::Excluded))
    }
}
