//! Reading and changing the parts of a value, for migrations.

use super::error::ValueError;
use super::print::found;
use super::tree::{Record, Value};
use crate::serializer::StateType;

macro_rules! integers {
    ($($accessor:ident $type:ident;)*) => { $(
        #[doc = concat!("The number as a `", stringify!($type), "`, from an integer of any type that it fits into.")]
        ///
        /// # Errors
        /// No integer, or one that does not fit.
        pub fn $accessor(&self) -> Result<$type, ValueError> {
            let fits = match self {
                Self::U8(value) => $type::try_from(*value).ok(),
                Self::U16(value) => $type::try_from(*value).ok(),
                Self::U32(value) => $type::try_from(*value).ok(),
                Self::U64(value) => $type::try_from(*value).ok(),
                Self::U128(value) => $type::try_from(*value).ok(),
                Self::I8(value) => $type::try_from(*value).ok(),
                Self::I16(value) => $type::try_from(*value).ok(),
                Self::I32(value) => $type::try_from(*value).ok(),
                Self::I64(value) => $type::try_from(*value).ok(),
                Self::I128(value) => $type::try_from(*value).ok(),
                _ => return Err(self.no("an integer")),
            };
            fits.ok_or_else(|| ValueError::OutOfRange { found: found(self), expected: stringify!($type) })
        }
    )* };
}

/// Leaves.
impl Value {
    integers! {
        as_u8 u8;
        as_u16 u16;
        as_u32 u32;
        as_u64 u64;
        as_u128 u128;
        as_i8 i8;
        as_i16 i16;
        as_i32 i32;
        as_i64 i64;
        as_i128 i128;
    }

    /// The number as an `f64`, from a float of either width.
    ///
    /// # Errors
    /// No float.
    pub fn as_f64(&self) -> Result<f64, ValueError> {
        match self {
            Self::F32(value) => Ok((*value).into()),
            Self::F64(value) => Ok(*value),
            _ => Err(self.no("a float")),
        }
    }

    /// The bool.
    ///
    /// # Errors
    /// No bool.
    pub fn as_bool(&self) -> Result<bool, ValueError> {
        match self {
            Self::Bool(value) => Ok(*value),
            _ => Err(self.no("a bool")),
        }
    }

    /// The character.
    ///
    /// # Errors
    /// No character.
    pub fn as_char(&self) -> Result<char, ValueError> {
        match self {
            Self::Char(value) => Ok(*value),
            _ => Err(self.no("a char")),
        }
    }

    /// The string.
    ///
    /// # Errors
    /// No string.
    pub fn as_str(&self) -> Result<&str, ValueError> {
        match self {
            Self::String(value) => Ok(value),
            _ => Err(self.no("a string")),
        }
    }

    /// The bytes inside an opaque leaf.
    ///
    /// # Errors
    /// No opaque leaf.
    pub fn as_opaque(&self) -> Result<&[u8], ValueError> {
        match self {
            Self::Opaque(bytes) => Ok(bytes),
            _ => Err(self.no("opaque bytes")),
        }
    }
}

/// Containers.
impl Value {
    /// What kind of value this is, in one word: `u64`, `struct`, `list` ...
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unit => "unit",
            Self::Bool(_) => "bool",
            Self::U8(_) => "u8",
            Self::U16(_) => "u16",
            Self::U32(_) => "u32",
            Self::U64(_) => "u64",
            Self::U128(_) => "u128",
            Self::I8(_) => "i8",
            Self::I16(_) => "i16",
            Self::I32(_) => "i32",
            Self::I64(_) => "i64",
            Self::I128(_) => "i128",
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
            Self::Char(_) => "char",
            Self::String(_) => "string",
            Self::Struct(_) => "struct",
            Self::Enum(_) => "enum",
            Self::Option(_) => "option",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Array(_) => "array",
            Self::Tuple(_) => "tuple",
            Self::Opaque(_) => "opaque",
        }
    }

    /// Whether a person means this value by a text: as it displays itself, as JSON, or, of a string, without quotes.
    #[doc(hidden)]
    #[must_use]
    pub fn reads_as(&self, text: &str) -> bool {
        self.as_str().is_ok_and(|string| string == text) || self.to_string() == text || self.to_json() == text
    }

    /// The declared name of a struct or enum.
    #[must_use]
    pub fn type_name(&self) -> Option<&str> {
        self.as_record().ok().map(Record::name)
    }

    /// The name of the variant, if this is an enum.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        self.as_record().ok().and_then(Record::variant_name)
    }

    /// The struct, or the variant and its payload.
    ///
    /// # Errors
    /// Neither a struct nor an enum.
    pub fn as_record(&self) -> Result<&Record, ValueError> {
        match self {
            Self::Struct(record) | Self::Enum(record) => Ok(record),
            _ => Err(self.no("a struct or an enum")),
        }
    }

    /// The struct, or the variant and its payload, to be changed.
    ///
    /// # Errors
    /// Neither a struct nor an enum.
    pub fn as_record_mut(&mut self) -> Result<&mut Record, ValueError> {
        match self {
            Self::Struct(record) | Self::Enum(record) => Ok(record),
            _ => Err(self.no("a struct or an enum")),
        }
    }

    /// The value of a field of a struct or a payload.
    ///
    /// # Errors
    /// Neither a struct nor an enum, or no such field.
    pub fn get(&self, field: &str) -> Result<&Self, ValueError> {
        self.as_record()?.get(field).ok_or_else(|| self.no_field(field))
    }

    /// The value of a field as a Rust type of its layout: [`Value::get`], then [`Value::to`], which also widens numbers.
    ///
    /// # Errors
    /// No such field, or another layout; it names the field.
    pub fn read<T: StateType>(&self, field: &str) -> Result<T, ValueError> {
        let named = |source| ValueError::Field { field: field.to_owned(), source: Box::new(source) };
        self.get(field)?.to().map_err(named)
    }

    /// Sets a field of a struct or a payload, in place of the former one or behind all others.
    ///
    /// # Errors
    /// Neither a struct nor an enum.
    pub fn set(&mut self, field: impl Into<String>, value: impl Into<Self>) -> Result<(), ValueError> {
        self.as_record_mut()?.set(field, value);
        Ok(())
    }

    /// Takes a field out of a struct or a payload.
    ///
    /// # Errors
    /// Neither a struct nor an enum, or no such field.
    pub fn remove(&mut self, field: &str) -> Result<Self, ValueError> {
        match self.as_record_mut()?.remove(field) {
            Some(value) => Ok(value),
            None => Err(self.no_field(field)),
        }
    }

    /// The value of an option.
    ///
    /// # Errors
    /// No option.
    pub fn as_option(&self) -> Result<Option<&Self>, ValueError> {
        match self {
            Self::Option(inner) => Ok(inner.as_deref()),
            _ => Err(self.no("an option")),
        }
    }

    /// The elements of a list, set, array or tuple.
    ///
    /// # Errors
    /// None of these.
    pub fn items(&self) -> Result<&[Self], ValueError> {
        match self {
            Self::List(items) | Self::Set(items) | Self::Array(items) | Self::Tuple(items) => Ok(items),
            _ => Err(self.no("a list, set, array or tuple")),
        }
    }

    /// The entries of a map.
    ///
    /// # Errors
    /// No map.
    pub fn entries(&self) -> Result<&[(Self, Self)], ValueError> {
        match self {
            Self::Map(entries) => Ok(entries),
            _ => Err(self.no("a map")),
        }
    }

    /// The elements of a list, set, array or tuple, taken out.
    ///
    /// # Errors
    /// None of these.
    pub fn into_items(mut self) -> Result<Vec<Self>, ValueError> {
        match &mut self {
            Self::List(items) | Self::Set(items) | Self::Array(items) | Self::Tuple(items) => Ok(std::mem::take(items)),
            _ => Err(self.no("a list, set, array or tuple")),
        }
    }

    /// The entries of a map, taken out.
    ///
    /// # Errors
    /// No map.
    pub fn into_entries(mut self) -> Result<Vec<(Self, Self)>, ValueError> {
        match &mut self {
            Self::Map(entries) => Ok(std::mem::take(entries)),
            _ => Err(self.no("a map")),
        }
    }

    /// The value of an option, taken out.
    ///
    /// # Errors
    /// No option.
    pub fn into_option(mut self) -> Result<Option<Self>, ValueError> {
        match &mut self {
            Self::Option(inner) => Ok(inner.take().map(|inner| *inner)),
            _ => Err(self.no("an option")),
        }
    }

    /// The string, taken out.
    ///
    /// # Errors
    /// No string.
    pub fn into_string(mut self) -> Result<String, ValueError> {
        match &mut self {
            Self::String(text) => Ok(std::mem::take(text)),
            _ => Err(self.no("a string")),
        }
    }

    /// Whether this is an integer, and zero.
    pub(super) fn is_zero(&self) -> bool {
        self.as_i128() == Ok(0)
    }

    fn no(&self, expected: &'static str) -> ValueError {
        ValueError::Kind { expected, found: found(self) }
    }

    fn no_field(&self, field: &str) -> ValueError {
        let known = self.as_record().map(|record| record.fields().map(|(name, _)| name.to_owned()).collect());
        ValueError::NoField { found: found(self), field: field.to_owned(), known: known.unwrap_or_default() }
    }
}
