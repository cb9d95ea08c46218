//! Constants of a program: pieces of one run of bytes.

/// A piece of the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Constant {
    pub(super) start: u32,
    pub(super) end: u32,
}
