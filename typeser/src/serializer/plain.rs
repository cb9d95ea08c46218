//! The plain serializer of a type: the derived code.

use std::marker::PhantomData;
use std::sync::Arc;

use super::as_key::AsKey;
use super::conversions::Conversions;
use super::describe_error::DescribeError;
use super::key::StateKey;
use super::state_type::StateType;
use super::type_serializer::TypeSerializer;
use super::{codec, describe};
use crate::schema::IntegerEncoding;
use crate::snapshot::SerializerSnapshot;
use crate::wire::{DecodeError, EncodeError, Fixed, Variable};

/// The serializer of a [`StateType`], in the layout that its code has today.
///
/// ```
/// use typeser::{Serializer, SerializerSnapshot, TypeSerializer};
///
/// let serializer = Serializer::<(u32, String)>::new()?;
/// let mut bytes = Vec::new();
/// serializer.serialize(&(7, "fragile".to_owned()), &mut bytes)?;
/// assert_eq!(bytes.len(), 4 + 8 + 7);
/// assert_eq!(serializer.deserialize(&bytes)?, (7, "fragile".to_owned()));
/// // Store these bytes beside the value: without them, a later release cannot know its layout.
/// let snapshot = serializer.snapshot().to_bytes()?;
/// assert_eq!(SerializerSnapshot::from_bytes(&snapshot)?.fingerprint(), serializer.snapshot().fingerprint());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Serializer<T> {
    inner: Arc<(SerializerSnapshot, Conversions)>,
    value: PhantomData<fn() -> T>,
}

impl<T: StateType> Serializer<T> {
    /// The serializer under the default encoding, fixed integers.
    ///
    /// # Errors
    /// The type has no snapshot; see [`DescribeError`].
    pub fn new() -> Result<Self, DescribeError> {
        Self::with_integers(IntegerEncoding::Fixed)
    }

    /// The serializer under an integer encoding.
    ///
    /// # Errors
    /// The type has no snapshot; see [`DescribeError`].
    pub fn with_integers(integers: IntegerEncoding) -> Result<Self, DescribeError> {
        let (snapshot, conversions) = describe::snapshot_of::<T>(integers)?;
        Ok(Self::of(snapshot, conversions))
    }
}

impl<T> Serializer<T> {
    pub(super) fn of(snapshot: SerializerSnapshot, conversions: Conversions) -> Self {
        Self { inner: Arc::new((snapshot, conversions)), value: PhantomData }
    }

    /// A serializer that claims another snapshot than that of the type: for tests whose type takes any bytes.
    #[doc(hidden)]
    #[must_use]
    pub fn claiming(snapshot: SerializerSnapshot, conversions: Conversions) -> Self {
        Self::of(snapshot, conversions)
    }
}

impl<T: StateKey> Serializer<T> {
    /// Appends the bytes of a key, given in any [form](AsKey).
    ///
    /// ```
    /// use typeser::Serializer;
    ///
    /// let mut bytes = Vec::new();
    /// Serializer::<(String, u8)>::new()?.serialize_key(&("a", 7u8), &mut bytes)?;
    /// assert_eq!(bytes, [1, 0, 0, 0, 0, 0, 0, 0, b'a', 7]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The layout cannot hold the key. Then `to` is as it was before.
    #[inline]
    pub fn serialize_key<Q: AsKey<T> + ?Sized>(&self, key: &Q, to: &mut Vec<u8>) -> Result<(), EncodeError> {
        codec::encode_key_with(self.inner.0.configuration().integers, key, to)
    }
}

impl<T: StateType> TypeSerializer for Serializer<T> {
    type Value = T;

    fn snapshot(&self) -> &SerializerSnapshot {
        &self.inner.0
    }

    fn conversions(&self) -> &Conversions {
        &self.inner.1
    }

    #[inline]
    fn serialize(&self, value: &T, to: &mut Vec<u8>) -> Result<(), EncodeError> {
        codec::encode_with(self.inner.0.configuration().integers, value, to)
    }

    #[inline]
    fn deserialize(&self, from: &[u8]) -> Result<T, DecodeError> {
        match self.inner.0.configuration().integers {
            IntegerEncoding::Fixed => codec::decode_bytes::<T, Fixed>(from),
            IntegerEncoding::Variable => codec::decode_bytes::<T, Variable>(from),
        }
    }
}

impl<T> Clone for Serializer<T> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), value: PhantomData }
    }
}

impl<T> std::fmt::Debug for Serializer<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Serializer")
            .field("name", &self.inner.0.name())
            .field("version", &self.inner.0.version())
            .field("fingerprint", &self.inner.0.fingerprint().short())
            .finish()
    }
}
