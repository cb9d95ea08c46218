//! Room on the stack for values that are nested deep: code without optimisation takes tens of kilobytes a level.
//!
//! Readers and writers look at the stack whenever a value gets deeper than it was, from the fourth level on. Where it is
//! short they stop, and the value is read or written once more, from its beginning, on a stack with room for all levels.

use crate::schema::Limits;

/// Up to this depth there is room on any stack.
const SHALLOW: u32 = 4;
/// How many bytes have to be left: more than a level takes whose value takes 4 KiB.
#[cfg(feature = "stacker")]
const NEEDED: usize = 512 << 10;
/// How many bytes the other stack has. The system provides memory only for those that are used.
#[cfg(feature = "stacker")]
const ALL_LEVELS: usize = 128 << 20;

/// The levels of a value: how many there may be, and how many of them are left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    left: u32,
    /// How many there may be before the stack is looked at again. Zero if it was short.
    checked: u32,
    most: u32,
}

impl Levels {
    /// As many as any value may have, without a look at the stack.
    #[inline(always)]
    pub(super) fn unguarded(most: u32) -> Self {
        Self { left: most, checked: most, most }
    }

    /// As many as there is room for on the stack.
    #[inline(always)]
    pub(super) fn guarded(most: u32) -> Self {
        Self { left: SHALLOW, checked: SHALLOW, most }
    }

    /// The same, for a part that begins at a depth.
    #[inline]
    pub(super) fn from(self, depth: u32) -> Self {
        let checked = self.checked.max(depth);
        Self { left: checked - depth, checked, ..self }
    }

    /// Enters a level, if there may be another one.
    #[inline(always)]
    pub(super) fn enter(&mut self) -> bool {
        if self.left == 0 && !self.raise() {
            return false;
        }
        self.left -= 1;
        true
    }

    #[inline(always)]
    pub(super) fn leave(&mut self) {
        self.left += 1;
    }

    /// Allows one more level, if no value is too deep with it and the stack has room for it.
    #[cold]
    #[inline(never)]
    fn raise(&mut self) -> bool {
        if self.checked >= self.most || self.is_short() {
            return false;
        }
        if is_nearly_used() {
            self.checked = 0;
            return false;
        }
        self.checked += 1;
        self.left += 1;
        true
    }

    /// Whether the value was given up because the stack was short.
    #[inline(always)]
    pub(super) fn is_short(self) -> bool {
        self.checked == 0
    }
}

fn is_nearly_used() -> bool {
    #[cfg(feature = "stacker")]
    return stacker::remaining_stack().is_some_and(|left| left < NEEDED);
    #[cfg(not(feature = "stacker"))]
    false
}

/// Does this on a stack with room for all levels.
#[cold]
#[inline(never)]
pub(crate) fn on_another<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(feature = "stacker")]
    return stacker::grow(ALL_LEVELS, work);
    #[cfg(not(feature = "stacker"))]
    work()
}

const _: () = assert!(SHALLOW < Limits::DEPTH && SHALLOW > 0);
