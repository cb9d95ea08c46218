//! Mirrors: types of the program whose fields or variants are those of a foreign type.

use crate::serializer::StateType;
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

/// A mirror of the type `R`; what `#[state(remote = "..")]` implements.
///
/// The values of `R` are written and read field by field, without a value of the mirror in between.
pub trait Mirrors<R>: StateType {
    /// Writes a value of the foreign type in the layout of the mirror.
    ///
    /// # Errors
    /// A field has no stored form.
    fn encode_remote<W: Writer>(value: &R, to: &mut W) -> Result<(), EncodeError>;

    /// Reads a value of the foreign type from the layout of the mirror.
    ///
    /// # Errors
    /// The bytes are not those of a value.
    fn decode_remote<E: Integers>(from: &mut Reader<'_, E>) -> Result<R, DecodeError>;
}
