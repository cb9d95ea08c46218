//! Constructing values from Rust values.

use super::tree::{Record, Value};

macro_rules! from {
    ($($type:ty => $variant:ident;)*) => { $(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        }
    )* };
}

from! {
    bool => Bool;
    u8 => U8;
    u16 => U16;
    u32 => U32;
    u64 => U64;
    u128 => U128;
    i8 => I8;
    i16 => I16;
    i32 => I32;
    i64 => I64;
    i128 => I128;
    f32 => F32;
    f64 => F64;
    char => Char;
    String => String;
}

impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Unit
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

/// A struct, or a variant with its payload.
impl From<Record> for Value {
    fn from(record: Record) -> Self {
        if record.variant_name().is_some() { Self::Enum(record) } else { Self::Struct(record) }
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(inner: Option<T>) -> Self {
        Self::Option(inner.map(|inner| Box::new(inner.into())))
    }
}

/// A list.
impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::list(items)
    }
}

/// An array.
impl<T: Into<Self>, const N: usize> From<[T; N]> for Value {
    fn from(items: [T; N]) -> Self {
        Self::array(items)
    }
}

/// Collections.
impl Value {
    /// A list of these elements.
    ///
    /// ```
    /// use typeser::value::Value;
    ///
    /// let ages = Value::map([("Ann", Some(31u8)), ("Bob", None)]);
    /// assert_eq!(ages.to_string(), r#"{"Ann": Some(31), "Bob": None}"#);
    /// assert_eq!(Value::list(ages.entries()?.iter().map(|(name, _)| name.clone())).to_json(), r#"["Ann","Bob"]"#);
    /// # Ok::<(), typeser::value::ValueError>(())
    /// ```
    #[must_use]
    pub fn list<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// A set of these elements, which must differ.
    #[must_use]
    pub fn set_of<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Set(items.into_iter().map(Into::into).collect())
    }

    /// An array of these elements.
    #[must_use]
    pub fn array<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }

    /// A tuple of these elements.
    #[must_use]
    pub fn tuple(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(items.into_iter().collect())
    }

    /// A map of these entries, whose keys must differ.
    #[must_use]
    pub fn map<K: Into<Self>, V: Into<Self>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}
