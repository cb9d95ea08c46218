//! Dynamic values as functions of a program take and give them.

use super::{Value, encode};
use crate::schema::Schema;
use crate::serializer::{ConversionError, Convertible, DescribeError, NewPart, StoredPart};

impl Convertible for Value {
    /// Any layout is read: that is what a dynamic value is for.
    fn layout() -> Option<Result<Schema, DescribeError>> {
        None
    }

    fn read(stored: StoredPart<'_>) -> Result<Self, ConversionError> {
        Self::decode(stored.snapshot, stored.bytes).map_err(|error| ConversionError::Stored(error.to_string()))
    }

    fn write(&self, new: NewPart<'_>) -> Result<(), ConversionError> {
        encode::encode(self, new.snapshot, new.depth, new.to).map_err(|error| ConversionError::New(error.to_string()))
    }
}
