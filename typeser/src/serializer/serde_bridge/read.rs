//! serde's data model, read from the fixed layout.

use serde::de::value::U32Deserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::error::BridgeError;
use crate::serializer::StateType;
use crate::wire::{DecodeErrorKind, Fixed, Reader};

/// Reads one value.
pub(super) struct ValueReader<'a, 'de> {
    pub(super) from: &'a mut Reader<'de, Fixed>,
}

/// Reads the parts of a value.
struct PartsReader<'a, 'de> {
    from: &'a mut Reader<'de, Fixed>,
    /// How many parts are still to come.
    left: usize,
    /// Whether their number comes from the bytes, so that those without bytes are counted.
    counted: bool,
    /// Where the entry of a map begins whose value is still to come.
    key: usize,
    /// For how many parts room may be made.
    room: usize,
}

impl<'a, 'de> ValueReader<'a, 'de> {
    fn plain<T: StateType>(self) -> Result<T, BridgeError> {
        Ok(T::decode(self.from)?)
    }

    fn slice(self) -> Result<&'de [u8], BridgeError> {
        let length = self.from.take_length(1)?;
        Ok(self.from.take_slice(length)?)
    }

    fn text(self) -> Result<&'de str, BridgeError> {
        let length = self.from.take_length(1)?;
        let bytes = self.from.take_slice(length)?;
        let error = |_| self.from.error_before(length, DecodeErrorKind::InvalidUtf8 { length });
        Ok(str::from_utf8(bytes).map_err(error)?)
    }

    fn fields<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, BridgeError> {
        let mut parts = PartsReader { from: self.from, left: count, counted: false, key: 0, room: count };
        let value = visitor.visit_seq(&mut parts)?;
        parts.done()?;
        Ok(value)
    }

    /// The parts of a sequence or map, which are a level down.
    fn counted(self) -> Result<PartsReader<'a, 'de>, BridgeError> {
        let left = self.from.take_length(0)?;
        self.from.enter()?;
        // Beyond what the bytes can hold, collections grow.
        let room = self.from.reserve::<u64>(left.min(self.from.remaining()));
        Ok(PartsReader { from: self.from, left, counted: true, key: 0, room })
    }

    fn asks() -> BridgeError {
        BridgeError(String::from("the type asks what comes next, which the bytes do not say"))
    }
}

impl PartsReader<'_, '_> {
    /// Whether another part is to come; where it begins.
    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        Some(self.from.offset())
    }

    fn count(&mut self, start: usize) -> Result<(), BridgeError> {
        if self.counted && self.from.offset() == start {
            self.from.count_empty(1)?;
        }
        Ok(())
    }

    fn done(self) -> Result<(), BridgeError> {
        if self.counted {
            self.from.leave();
        }
        match self.left {
            0 => Ok(()),
            left => Err(BridgeError(format!("the type left {left} parts of a sequence or map unread"))),
        }
    }
}

macro_rules! plain {
    ($($method:ident $visit:ident;)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
            visitor.$visit(self.plain()?)
        }
    )* };
}

impl<'de> Deserializer<'de> for ValueReader<'_, 'de> {
    type Error = BridgeError;

    plain! {
        deserialize_bool visit_bool;
        deserialize_i8 visit_i8;
        deserialize_i16 visit_i16;
        deserialize_i32 visit_i32;
        deserialize_i64 visit_i64;
        deserialize_i128 visit_i128;
        deserialize_u8 visit_u8;
        deserialize_u16 visit_u16;
        deserialize_u32 visit_u32;
        deserialize_u64 visit_u64;
        deserialize_u128 visit_u128;
        deserialize_f32 visit_f32;
        deserialize_f64 visit_f64;
        deserialize_char visit_char;
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, BridgeError> {
        Err(Self::asks())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, BridgeError> {
        Err(Self::asks())
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, BridgeError> {
        Err(Self::asks())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        visitor.visit_borrowed_bytes(self.slice()?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        visitor.visit_borrowed_bytes(self.slice()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        match self.from.take::<1>()? {
            [0] => visitor.visit_none(),
            [1] => {
                self.from.enter()?;
                let value = visitor.visit_some(ValueReader { from: self.from })?;
                self.from.leave();
                Ok(value)
            }
            [found] => Err(self.from.error_before(1, DecodeErrorKind::InvalidOption { found }).into()),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, BridgeError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, BridgeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        let mut parts = self.counted()?;
        let value = visitor.visit_seq(&mut parts)?;
        parts.done()?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, BridgeError> {
        self.fields(count, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, BridgeError> {
        self.fields(count, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        let mut parts = self.counted()?;
        let value = visitor.visit_map(&mut parts)?;
        parts.done()?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BridgeError> {
        self.fields(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BridgeError> {
        visitor.visit_enum(self)
    }
}

impl<'de> SeqAccess<'de> for &mut PartsReader<'_, 'de> {
    type Error = BridgeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, BridgeError> {
        let Some(start) = self.next() else { return Ok(None) };
        let element = seed.deserialize(ValueReader { from: self.from })?;
        self.count(start)?;
        Ok(Some(element))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.room)
    }
}

impl<'de> MapAccess<'de> for &mut PartsReader<'_, 'de> {
    type Error = BridgeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, BridgeError> {
        let Some(start) = self.next() else { return Ok(None) };
        self.key = start;
        seed.deserialize(ValueReader { from: self.from }).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, BridgeError> {
        let value = seed.deserialize(ValueReader { from: self.from })?;
        self.count(self.key)?;
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.room)
    }
}

impl<'a, 'de> EnumAccess<'de> for ValueReader<'a, 'de> {
    type Error = BridgeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), BridgeError> {
        let tag = self.from.take_tag()?;
        let variant = seed.deserialize(U32Deserializer::<BridgeError>::new(tag))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for ValueReader<'_, 'de> {
    type Error = BridgeError;

    fn unit_variant(self) -> Result<(), BridgeError> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, BridgeError> {
        self.from.enter()?;
        let value = seed.deserialize(ValueReader { from: self.from })?;
        self.from.leave();
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, BridgeError> {
        self.from.enter()?;
        let value = ValueReader { from: self.from }.fields(count, visitor)?;
        self.from.leave();
        Ok(value)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BridgeError> {
        self.tuple_variant(fields.len(), visitor)
    }
}
