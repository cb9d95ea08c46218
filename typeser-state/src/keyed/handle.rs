//! The untyped part of a handle.

/// Identifies a state of an operator. Every typed handle holds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) operator: u64,
    pub(crate) slot: u32,
}
