//! Types and the serializers that write them: what the derive implements, and the laws that come with it.

mod codec;
mod conversions;
mod custom;
mod describe;
mod key;
mod names;
mod other_crates;
mod plain;
#[cfg(feature = "serde")]
pub mod serde_bridge;
mod std_types;
mod tables;

pub use codec::{decode_bytes, encode_bytes};
pub(crate) use conversions::Function;
pub use conversions::{
    ConversionError, ConversionTwice, Conversions, Convertible, FieldSource, NewPart, Outcome, StoredPart,
};
pub use custom::{Custom, CustomError, CustomSerializer, OldVersion};
pub use describe::{DescribeError, Describer};
pub use key::StateKey;
pub use plain::Serializer;
pub use tables::{
    ConversionTable, EncodedConstant, EnumTable, FieldTable, MigrationTable, RemovedVariantTable, StructTable,
    VariantTable,
};

use crate::schema::{NodeId, Sizes};
use crate::snapshot::SerializerSnapshot;
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

#[doc(hidden)]
pub use codec::{ascend, decode_value, descend, down, encode_value, unknown_tag, up};
#[doc(hidden)]
pub use conversions::{Link, link, link_chained, link_field};
#[doc(hidden)]
pub use custom::{Leaf, Promised, wrap};
#[doc(hidden)]
pub use describe::constant;
#[doc(hidden)]
pub use key::demand_key;

/// A type whose values typeser can store.
///
/// Derive it: `#[derive(StateType)]`. The derive writes the straight-line code for today's layout, a description of
/// that layout, and nothing else; what changed since the last release is for [`resolve`](crate::resolve()) to say.
///
/// # Laws for those who implement it by hand
/// - `decode` reads back what `encode` wrote, and consumes all of it.
/// - `describe` describes the bytes that `encode` writes.
/// - `SIZES` is true; a wrong one is an error at run time, never a wrong byte.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored: it does not implement `StateType`",
    label = "not a `StateType`",
    note = "if `{Self}` is your type, write `#[derive(StateType)]` above it",
    note = "if this is a field that need not be stored, write `#[state(skip)]` above the field"
)]
pub trait StateType: Sized + 'static {
    /// How many bytes a value takes. Stops at indirections, so recursive types need no care.
    const SIZES: Sizes;

    /// Describes the layout and the hints.
    fn describe(to: &mut Describer) -> NodeId;

    /// Writes the value.
    ///
    /// # Errors
    /// The layout cannot hold the value; see [`EncodeErrorKind`](crate::wire::EncodeErrorKind).
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError>;

    /// Reads a value.
    ///
    /// # Errors
    /// The bytes are not those of a value; see [`DecodeErrorKind`](crate::wire::DecodeErrorKind).
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError>;

    /// Writes a field; what derived code calls, so that a type that is no `StateType` is one error and not three.
    #[doc(hidden)]
    #[inline(always)]
    fn encode_field<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        encode_value(self, to)
    }

    /// Reads a field.
    #[doc(hidden)]
    #[inline(always)]
    fn decode_field<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        decode_value(from)
    }

    /// Writes values one after the other, without a length.
    #[doc(hidden)]
    #[inline]
    fn encode_slice<W: Writer>(items: &[Self], to: &mut W) -> Result<(), EncodeError> {
        codec::encode_slice(items, to)
    }

    /// Reads so many values that stand one after the other.
    #[doc(hidden)]
    #[inline]
    fn decode_vec<E: Integers>(count: usize, from: &mut Reader<'_, E>) -> Result<Vec<Self>, DecodeError> {
        codec::decode_vec(count, from)
    }

    /// Reads `N` values that stand one after the other.
    #[doc(hidden)]
    #[inline]
    fn decode_array<const N: usize, E: Integers>(from: &mut Reader<'_, E>) -> Result<[Self; N], DecodeError> {
        codec::decode_array(from)
    }
}

/// A serializer: it turns values into bytes and back, and says what it is.
///
/// An instance and not a type, because custom and reconfigured serializers carry data. The idea is Flink's
/// `TypeSerializer`.
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

    /// Reads the value that takes up all of these bytes.
    ///
    /// # Errors
    /// The bytes are not those of one value.
    fn deserialize(&self, from: &[u8]) -> Result<Self::Value, DecodeError>;
}
