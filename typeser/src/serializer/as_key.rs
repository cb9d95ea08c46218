//! Borrowed forms of keys.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use super::key::StateKey;
use super::state_type::encode_value;
use crate::wire::{EncodeError, Writer};

/// A form of a key `K` that is good enough to look it up: `K` itself, or what it borrows as.
///
/// | key | forms |
/// | --- | --- |
/// | any `K` | `K` |
/// | `String`, `Box<str>`, `Rc<str>`, `Arc<str>`, `Cow<str>` | `str` |
/// | `Vec<T>`, `Box<[T]>`, `Rc<[T]>`, `Arc<[T]>`, `Cow<[T]>` | `[T]`, `[T; N]` |
/// | `(String, B)`, `(A, String)`, `(String, String)` | `(&str, B)`, `(A, &str)`, `(&str, &str)` |
///
/// ```
/// use typeser::{Serializer, TypeSerializer};
///
/// let serializer = Serializer::<String>::new()?;
/// let (mut owned, mut borrowed) = (Vec::new(), Vec::new());
/// serializer.serialize(&"apples".to_owned(), &mut owned)?;
/// serializer.serialize_key("apples", &mut borrowed)?;
/// assert_eq!(owned, borrowed);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Law for implementations by hand
/// A form writes the bytes that the key writes which it is a form of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a form of the key `{K}`",
    label = "neither a `{K}` nor what it borrows as",
    note = "a key is given as `&K`, or as `&str` for a string and `&[T]` for a list"
)]
pub trait AsKey<K: StateKey> {
    /// Writes the key.
    ///
    /// # Errors
    /// The layout cannot hold the key; see [`EncodeErrorKind`](crate::wire::EncodeErrorKind).
    fn encode_key<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError>;
}

impl<K: StateKey> AsKey<K> for K {
    #[inline]
    fn encode_key<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        encode_value(self, to)
    }
}

macro_rules! strings {
    ($($key:ty),*) => { $(
        impl AsKey<$key> for str {
            #[inline]
            fn encode_key<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.put_bytes(self.as_bytes());
                Ok(())
            }
        }
    )* };
}

strings!(String, Box<str>, Rc<str>, Arc<str>, Cow<'static, str>);

macro_rules! lists {
    ($($key:ty, $($bound:ident)?;)*) => { $(
        impl<T: StateKey $(+ $bound)?> AsKey<$key> for [T] {
            #[inline]
            fn encode_key<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.put_length(self.len());
                T::encode_slice(self, to)
            }
        }

        impl<T: StateKey $(+ $bound)?, const N: usize> AsKey<$key> for [T; N] {
            #[inline]
            fn encode_key<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                AsKey::<$key>::encode_key(self.as_slice(), to)
            }
        }
    )* };
}

lists! {
    Vec<T>,;
    Box<[T]>,;
    Rc<[T]>,;
    Arc<[T]>,;
    Cow<'static, [T]>, Clone;
}

impl<B: StateKey> AsKey<(String, B)> for (&str, B) {
    #[inline]
    fn encode_key<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_bytes(self.0.as_bytes());
        encode_value(&self.1, to)
    }
}

impl<A: StateKey> AsKey<(A, String)> for (A, &str) {
    #[inline]
    fn encode_key<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        encode_value(&self.0, to)?;
        to.put_bytes(self.1.as_bytes());
        Ok(())
    }
}

impl AsKey<(String, String)> for (&str, &str) {
    #[inline]
    fn encode_key<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_bytes(self.0.as_bytes());
        to.put_bytes(self.1.as_bytes());
        Ok(())
    }
}
