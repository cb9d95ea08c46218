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
/// assert_eq!(verdict(Policy { losses: Losses::Any, ..Policy::default() }), Compatibility::RequiresMigration);
/// # }
/// # Ok::<(), typeser::serializer::DescribeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Policy {
    /// Which losses of stored data pass.
    pub losses: Losses,
    /// Whether state that a newer release wrote is read downwards: by the earlier names that the stored snapshot knows,
    /// and without the fields that the newer release added. [`Resolution::is_read_only`](super::Resolution::is_read_only)
    /// says what must not be written back then. Off unless it is turned on.
    ///
    /// ```
    /// # #[cfg(feature = "derive")] {
    /// use typeser::resolve::{Policy, Role};
    /// use typeser::{Serializer, StateType, TypeSerializer, resolve};
    ///
    /// #[derive(StateType)]
    /// #[state(name = "Order")]
    /// struct Newer { #[state(alias = "note")] remark: String, #[state(default)] urgent: bool }
    ///
    /// #[derive(StateType, Debug, PartialEq)]
    /// struct Order { note: String }
    ///
    /// let (newer, this) = (Serializer::<Newer>::new()?, Serializer::<Order>::new()?);
    /// let mut stored = Vec::new();
    /// newer.serialize(&Newer { remark: "fragile".to_owned(), urgent: true }, &mut stored)?;
    ///
    /// let policy = Policy { downwards: true, ..Policy::default() };
    /// let resolution = resolve(newer.snapshot(), this.snapshot(), Role::Value, &policy);
    /// assert_eq!(resolution.reader(&this)?.read(&stored)?, Order { note: "fragile".to_owned() });
    /// assert!(resolution.is_read_only(), "`urgent` would be lost");
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub downwards: bool,
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
