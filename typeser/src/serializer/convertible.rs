//! Every type that can be stored can be a parameter or result of a user function.

use super::codec;
use super::conversions::{ConversionError, Convertible, FieldSource, NewPart, StoredPart};
use super::describe::source_of;
use super::describe_error::DescribeError;
use super::described::Described;
use super::state_type::StateType;
use crate::schema::IntegerEncoding;
use crate::wire::{Fixed, Variable};

impl<T: StateType> Convertible for T {
    fn source(integers: IntegerEncoding) -> Option<Result<Described, DescribeError>> {
        Some(source_of::<T>(integers))
    }

    fn read(stored: StoredPart<'_>) -> Result<Self, ConversionError> {
        let value = match stored.snapshot.configuration().integers {
            IntegerEncoding::Fixed => codec::decode_bytes::<T, Fixed>(stored.bytes),
            IntegerEncoding::Variable => codec::decode_bytes::<T, Variable>(stored.bytes),
        };
        value.map_err(|error| ConversionError::Stored(error.to_string()))
    }

    fn write(&self, new: NewPart<'_>) -> Result<(), ConversionError> {
        let written = match new.snapshot.configuration().integers {
            IntegerEncoding::Fixed => codec::encode_part::<T, Fixed>(self, new.depth, new.empty, new.to),
            IntegerEncoding::Variable => codec::encode_part::<T, Variable>(self, new.depth, new.empty, new.to),
        };
        written.map_err(|error| ConversionError::New(error.to_string()))
    }
}

impl<T: StateType> FieldSource for T {}
