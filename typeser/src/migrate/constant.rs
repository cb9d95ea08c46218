//! Constants of a program: ranges of one buffer.

/// A range of the constants of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Constant {
    pub(super) start: u32,
    pub(super) end: u32,
}
