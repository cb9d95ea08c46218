//! Tables, and ranges of their rows.

use std::ops::{Bound, ControlFlow};

/// A table of a backend. The handle stays valid until the table is dropped, even if the table is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Table(pub(super) u32);

/// The rows whose keys are at least `from` and less than `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowRange<'a> {
    /// The inclusive lower bound.
    pub from: &'a [u8],
    /// The exclusive upper bound; `None` for the end of the table.
    pub until: Option<&'a [u8]>,
}

/// The callback of a scan: it is called with the key and the value of each row, and breaks to end the scan.
///
/// It must not use the backend that is being scanned.
pub type VisitRow<'a> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'a;

impl RowRange<'static> {
    /// Every row of a table.
    pub const ALL: Self = Self { from: &[], until: None };
}

impl<'a> RowRange<'a> {
    /// The rows whose keys begin with `prefix`. `end` is a buffer that receives the upper bound.
    pub fn of_prefix(prefix: &'a [u8], end: &'a mut Vec<u8>) -> Self {
        end.clear();
        end.extend_from_slice(prefix);
        // The upper bound is the prefix without trailing 0xFF bytes, its last byte incremented.
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

    /// Whether no key can be in the range.
    pub(super) fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }

    pub(super) fn bounds(&self) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
        (Bound::Included(self.from), self.until.map_or(Bound::Unbounded, Bound::Excluded))
    }
}
