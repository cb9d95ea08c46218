//! Between dynamic values and Rust types: conversions both ways, and dynamic values in functions of the program.

use super::encode::{encode, encode_wider};
use super::error::ValueError;
use super::tree::Value;
use crate::schema::IntegerEncoding;
use crate::serializer::{
    ConversionError, Convertible, DescribeError, Described, NewPart, Serializer, StateType, StoredPart, TypeSerializer,
};

impl Value {
    /// The dynamic form of a value whose Rust type is at hand.
    ///
    /// # Errors
    /// The type has no serializer, the layout cannot hold the value, or [`Value::decode`] refuses it.
    pub fn of<T: StateType>(value: &T) -> Result<Self, ValueError> {
        let serializer = Serializer::<T>::new().map_err(|error| ValueError::Rust(error.to_string()))?;
        let mut bytes = Vec::new();
        serializer.serialize(value, &mut bytes).map_err(|error| ValueError::Rust(error.to_string()))?;
        Ok(Self::decode(serializer.snapshot(), &bytes)?)
    }

    /// The value as a Rust type whose layout it has: numbers, strings, collections, and whole structs. Numbers may be
    /// wider in that type, where a rule widens them: a stored `u32` is read as a `u64`.
    ///
    /// ```
    /// use typeser::value::Value;
    ///
    /// let stored = Value::from(7u32);
    /// assert_eq!((stored.to::<u64>()?, stored.to::<f64>()?), (7, 7.0));
    /// assert!(stored.to::<u16>().is_err());
    /// # Ok::<(), typeser::value::ValueError>(())
    /// ```
    ///
    /// # Errors
    /// The type has no serializer, or another layout.
    pub fn to<T: StateType>(&self) -> Result<T, ValueError> {
        let serializer = Serializer::<T>::new().map_err(|error| ValueError::Rust(error.to_string()))?;
        let mut bytes = Vec::new();
        encode_wider(self, serializer.snapshot(), &mut bytes)?;
        serializer.deserialize(&bytes).map_err(|error| ValueError::Rust(error.to_string()))
    }
}

impl Convertible for Value {
    /// Any layout is read: that is what a dynamic value is for.
    fn source(_: IntegerEncoding) -> Option<Result<Described, DescribeError>> {
        None
    }

    fn read(stored: StoredPart<'_>) -> Result<Self, ConversionError> {
        Self::decode(stored.snapshot, stored.bytes).map_err(|error| ConversionError::Stored(error.to_string()))
    }

    fn write(&self, new: NewPart<'_>) -> Result<(), ConversionError> {
        encode(self, new.snapshot, new.depth, new.to).map_err(|error| ConversionError::New(error.to_string()))
    }
}
