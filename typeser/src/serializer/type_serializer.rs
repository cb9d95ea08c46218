//! The trait of serializers.

use super::conversions::Conversions;
use crate::snapshot::SerializerSnapshot;
use crate::wire::{DecodeError, EncodeError};

/// A serializer: it turns values into bytes and back, and says what it is.
///
/// An instance and not a type, because custom and reconfigured serializers carry data. The idea is Flink's
/// `TypeSerializer`.
///
/// Code that is generic over serializers takes plain ones and [adopted](crate::migrate::Adopted) ones alike:
///
/// ```
/// use typeser::{Serializer, TypeSerializer};
///
/// fn encoded<S: TypeSerializer>(serializer: &S, value: &S::Value) -> Result<Vec<u8>, typeser::wire::EncodeError> {
///     let mut bytes = Vec::new();
///     serializer.serialize(value, &mut bytes)?;
///     Ok(bytes)
/// }
/// assert_eq!(encoded(&Serializer::<u16>::new()?, &0x0102)?, [0x02, 0x01]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait TypeSerializer: Send + Sync {
    /// The type of the values.
    type Value;

    /// What this serializer is; stored beside the bytes that it writes.
    fn snapshot(&self) -> &SerializerSnapshot;

    /// The functions of the program that migrations to this serializer may need.
    fn conversions(&self) -> &Conversions {
        const { &Conversions::new() }
    }

    /// Appends the bytes of a value.
    ///
    /// # Errors
    /// The layout cannot hold the value. Then `to` is as it was before.
    fn serialize(&self, value: &Self::Value, to: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Reads the value that takes up all of these bytes, which must be in this serializer's own layout.
    ///
    /// Bytes that another release wrote may be in another layout, and may decode to a wrong value without an error.
    /// Read them with [`Resolution::reader`](crate::resolve::Resolution::reader).
    ///
    /// # Errors
    /// The bytes are not those of one value.
    fn deserialize(&self, from: &[u8]) -> Result<Self::Value, DecodeError>;
}
