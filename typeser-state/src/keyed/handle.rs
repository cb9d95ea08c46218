//! What a typed handle points to.

/// Which state of which operator; what every typed handle is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) operator: u64,
    pub(crate) slot: u32,
}
