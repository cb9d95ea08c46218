//! What the caller of the resolver allows.

/// What the caller allows.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use typeser::resolve::{Compatibility, Losses, Policy, Role};
/// use typeser::{Serializer, StateType, TypeSerializer, resolve};
///
/// #[derive(StateType)]
/// #[state(name = "Order")]
/// struct Stored { id: u64, note: String }
///
/// #[derive(StateType)]
/// struct Order { id: u64 }
///
/// let (stored, new) = (Serializer::<Stored>::new()?, Serializer::<Order>::new()?);
/// let verdict = |policy| resolve(stored.snapshot(), new.snapshot(), Role::Value, &policy).compatibility();
/// // `Order` does not declare `#[state(removed("note"))]`.
/// assert_eq!(verdict(Policy::default()), Compatibility::Incompatible);
/// assert_eq!(verdict(Policy { losses: Losses::Any }), Compatibility::RequiresMigration);
/// # }
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
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
