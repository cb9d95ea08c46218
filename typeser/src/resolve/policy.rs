//! What the caller of the resolver allows.

/// What the caller allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Policy {
    /// Which losses of stored data pass.
    pub losses: Losses,
}

/// Which losses of stored data pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Losses {
    /// Only those that the new type declares with `removed`.
    #[default]
    Declared,
    /// Removed fields need no declaration.
    Any,
}
