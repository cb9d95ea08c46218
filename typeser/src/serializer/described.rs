//! What a function reads, as its type describes it.

use crate::snapshot::Source;

/// What a function reads.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Described {
    /// The layout, with the hints of its type.
    pub(super) source: Source,
    /// Whether its type declares functions, which the hints of a source do not name. Then there are no hints: they could
    /// not say what becomes of another layout.
    pub(super) exact: bool,
}
