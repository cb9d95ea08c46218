//! Keys that have an order which their stored bytes can show.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

use super::describe_error::DescribeError;
use super::key::StateKey;
use super::plain::Serializer;
use super::state_type::encode_value;
use super::type_serializer::TypeSerializer;
use crate::ordered::{NotOrdered, OrderedForm};
use crate::text::hex;
use crate::wire::{DecodeError, EncodeError, Writer};

/// A key whose stored bytes can compare as its values do: `#[derive(StateType)]` with `#[state(ordered)]`.
///
/// The order is the declared one, which a derived `Ord` gives: fields one after the other, variants in the order of
/// their declaration, `None` before `Some`. An ordered table stores its keys in it.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// #[derive(typeser::StateType, PartialEq, Eq, PartialOrd, Ord, Hash)]
/// #[state(ordered)]
/// struct Due { priority: u8, at: i64, id: u64 }
///
/// fn accepts<K: typeser::OrderedKey>() {}
/// accepts::<Due>();
/// accepts::<(String, Option<u32>)>();
/// # }
/// ```
///
/// # Law
/// `a < b` exactly if the [ordered bytes](crate::ordered) of `a` are less than those of `b`. A type with an `Ord` of its
/// own has to agree with the declared order: test it with [`check_order`].
///
/// Paths, `Reverse` and types that are stored by `text`, `as`, `with` or `serde` are no ordered keys: their values do
/// not compare as what is stored of them does.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be (part of) an ordered key",
    label = "not an `OrderedKey`",
    note = "if `{Self}` is your type, write `#[state(ordered)]` below its `#[derive(StateType)]`, and derive `PartialOrd` and `Ord`",
    note = "floats, maps, sets, paths, `Reverse` and opaque leaves have no order that stored bytes could show: use integers, strings, or a field that counts down",
    note = "a table without an order takes any `StateKey`: `TypedTable` instead of `OrderedTable`"
)]
pub trait OrderedKey: StateKey + Ord {
    /// Compiles if all parts are ordered keys; what the derive fills, so that the compiler points at the part that is none.
    #[doc(hidden)]
    fn check_ordered_parts() {}
}

/// Compiles for ordered keys only; what a derive asks of every field of an ordered key.
pub fn check_ordered<T: OrderedKey>() {}

/// What keys `K` begin with: the first fields of a struct or tuple, or the beginning of a string or list.
///
/// | key | prefixes |
/// | --- | --- |
/// | `(A, B, C)` | `(A,)`, `(A, B)` |
/// | a derived struct of fields `A`, `B`, `C` | `(A,)`, `(A, B)` |
/// | `String`, `Box<str>`, `Rc<str>`, `Arc<str>`, `Cow<str>` | `str` |
/// | `Vec<T>`, `Box<[T]>`, `Rc<[T]>`, `Arc<[T]>` | `[T]`, `[T; N]` |
///
/// The derive implements it for structs with `#[state(ordered)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what keys `{K}` begin with",
    label = "no prefix of `{K}`",
    note = "a prefix of a struct or tuple is a tuple of its first fields, such as `(3u8,)`; of a string, `str`; of a list, a slice"
)]
pub trait KeyPrefix<K: OrderedKey> {
    /// Whether the prefix ends within a string or list, which then goes on.
    #[doc(hidden)]
    const OPEN: bool;

    /// Writes what is given of the key, in the fixed encoding.
    ///
    /// # Errors
    /// The layout cannot hold it.
    #[doc(hidden)]
    fn encode_prefix<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError>;
}

/// Why the order of keys and that of their bytes do not agree.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// The type has no snapshot.
    #[error(transparent)]
    Describe(#[from] DescribeError),
    /// Its layout has no ordered form.
    #[error(transparent)]
    Form(#[from] NotOrdered),
    /// A key cannot be written.
    #[error("{key} cannot be written")]
    Encode {
        /// The key.
        key: String,
        /// Why not.
        #[source]
        source: EncodeError,
    },
    /// The bytes of a key are not those of its layout.
    #[error("the bytes of {key} are not those of its layout")]
    Bytes {
        /// The key.
        key: String,
        /// Why not.
        #[source]
        source: DecodeError,
    },
    /// `Ord` and the bytes disagree.
    #[error(
        "`Ord` says that {} is {} {}, and by their bytes the first is {} the second: 0x{} and 0x{}; derive `Ord`, or declare fields and variants in the order in which `Ord` compares them",
        .keys[0], word(*.by_ord), .keys[1], word(*.by_bytes), hex::encode(&.bytes[0]), hex::encode(&.bytes[1])
    )]
    Mismatch {
        /// The two keys.
        keys: [String; 2],
        /// How `Ord` compares them.
        by_ord: Ordering,
        /// How their bytes compare.
        by_bytes: Ordering,
        /// Their ordered bytes.
        bytes: [Vec<u8>; 2],
    },
}

crate::text::debug_as_display!(OrderError);

fn word(ordering: Ordering) -> &'static str {
    match ordering {
        Ordering::Less => "less than",
        Ordering::Equal => "equal to",
        Ordering::Greater => "greater than",
    }
}

/// Compares each two of these keys by their own `Ord` and by their ordered bytes: a test for a type whose `Ord` is not
/// derived.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use std::cmp::Ordering;
/// use typeser::StateType;
/// use typeser::serializer::check_order;
///
/// /// Compares the newest first: not as its field is stored.
/// #[derive(Debug, StateType, PartialEq, Eq, Hash)]
/// #[state(ordered)]
/// struct Release(u32);
///
/// impl Ord for Release {
///     fn cmp(&self, other: &Self) -> Ordering {
///         other.0.cmp(&self.0)
///     }
/// }
/// impl PartialOrd for Release {
///     fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
///         Some(self.cmp(other))
///     }
/// }
///
/// let error = check_order(&[Release(1), Release(2)]).unwrap_err();
/// assert!(error.to_string().starts_with("`Ord` says that Release(1) is greater than Release(2)"));
/// assert!(check_order(&[(1u8, "b"), (2, "a")].map(|(n, s)| (n, s.to_owned()))).is_ok());
/// # }
/// ```
///
/// # Errors
/// Two keys compare in another way than their bytes do, or a key cannot be written.
pub fn check_order<K: OrderedKey + Debug>(keys: &[K]) -> Result<(), OrderError> {
    let serializer = Serializer::<K>::new()?;
    let form = OrderedForm::new(serializer.snapshot().schema())?;
    let bytes = keys.iter().map(|key| {
        let (mut fixed, mut ordered) = (Vec::new(), Vec::new());
        let encoded = serializer.serialize(key, &mut fixed);
        encoded.map_err(|source| OrderError::Encode { key: format!("{key:?}"), source })?;
        let ordering = form.encode(&fixed, &mut ordered);
        ordering.map_err(|source| OrderError::Bytes { key: format!("{key:?}"), source })?;
        Ok(ordered)
    });
    let bytes = bytes.collect::<Result<Vec<_>, OrderError>>()?;
    for (at, (one, of_one)) in keys.iter().zip(&bytes).enumerate() {
        for (other, of_other) in keys.iter().zip(&bytes).skip(at) {
            let (by_ord, by_bytes) = (one.cmp(other), of_one.cmp(of_other));
            if by_ord != by_bytes {
                let keys = [format!("{one:?}"), format!("{other:?}")];
                let bytes = [of_one.clone(), of_other.clone()];
                return Err(OrderError::Mismatch { keys, by_ord, by_bytes, bytes });
            }
        }
    }
    Ok(())
}

macro_rules! strings {
    ($($key:ty),*) => { $(
        impl KeyPrefix<$key> for str {
            const OPEN: bool = true;

            fn encode_prefix<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.put_bytes(self.as_bytes());
                Ok(())
            }
        }
    )* };
}

strings!(String, Box<str>, Rc<str>, Arc<str>, Cow<'static, str>);

macro_rules! lists {
    ($($key:ty;)*) => { $(
        impl<T: OrderedKey> KeyPrefix<$key> for [T] {
            const OPEN: bool = true;

            fn encode_prefix<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.put_length(self.len());
                T::encode_slice(self, to)
            }
        }

        impl<T: OrderedKey, const N: usize> KeyPrefix<$key> for [T; N] {
            const OPEN: bool = true;

            fn encode_prefix<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                KeyPrefix::<$key>::encode_prefix(self.as_slice(), to)
            }
        }
    )* };
}

lists! {
    Vec<T>;
    Box<[T]>;
    Rc<[T]>;
    Arc<[T]>;
}

/// The shorter tuples with which a tuple begins.
macro_rules! tuples {
    ([$($first:ident $index:tt),+] []) => {};
    ([$($first:ident $index:tt),+] [$next:ident $next_index:tt $(, $more:ident $more_index:tt)*]) => {
        impl<$($first: OrderedKey,)+ $next: OrderedKey $(, $more: OrderedKey)*>
            KeyPrefix<($($first,)+ $next $(, $more)*)> for ($($first,)+)
        {
            const OPEN: bool = false;

            fn encode_prefix<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                $(encode_value(&self.$index, to)?;)+
                Ok(())
            }
        }

        tuples! { [$($first $index,)+ $next $next_index] [$($more $more_index),*] }
    };
}

tuples! { [A 0] [B 1] }
tuples! { [A 0] [B 1, C 2] }
tuples! { [A 0] [B 1, C 2, D 3] }
tuples! { [A 0] [B 1, C 2, D 3, E 4] }
tuples! { [A 0] [B 1, C 2, D 3, E 4, F 5] }
tuples! { [A 0] [B 1, C 2, D 3, E 4, F 5, G 6] }
tuples! { [A 0] [B 1, C 2, D 3, E 4, F 5, G 6, H 7] }
tuples! { [A 0] [B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8] }
tuples! { [A 0] [B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9] }
tuples! { [A 0] [B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10] }
tuples! { [A 0] [B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11] }
