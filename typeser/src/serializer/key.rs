//! Keys: types whose equal values give equal bytes.

use super::state_type::StateType;

/// A type that can be a key of keyed state: `#[derive(StateType)]` with `#[state(key)]`.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// #[derive(typeser::StateType, PartialEq, Eq, Hash)]
/// #[state(key)]
/// struct Customer { country: String, number: u32 }
///
/// fn accepts<K: typeser::StateKey>() {}
/// accepts::<Customer>();
/// accepts::<(String, u32)>();
/// # }
/// ```
///
/// # Law
/// Equal values give equal bytes, and unequal values give unequal bytes: the bytes decide where an entry lives. That
/// is why floats, maps, sets and heaps are no keys: `0.0 == -0.0`, and their order is not defined.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be (part of) a key",
    label = "not a `StateKey`",
    note = "equal keys must give equal bytes: floats, maps, sets and heaps do not promise that; use integers, or a sorted `Vec`",
    note = "if `{Self}` is your type, write `#[state(key)]` below its `#[derive(StateType)]`"
)]
pub trait StateKey: StateType + Eq + std::hash::Hash {
    /// Compiles if all parts are keys; what the derive fills, so that the compiler points at the part that is none.
    #[doc(hidden)]
    fn check_parts() {}
}

/// Compiles for keys only; what a derive asks of every field of a key.
pub fn check_key<T: StateKey>() {}
