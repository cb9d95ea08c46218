//! serde's data model, written in the fixed layout.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::error::{ADVICE, BridgeError};
use crate::serializer::StateType;
use crate::wire::{Fixed, Output, Writer};

/// Writes one value.
pub(super) struct ValueWriter<'a> {
    pub(super) to: &'a mut Output<Fixed>,
}

/// Writes the parts of a value.
pub(super) struct PartsWriter<'a> {
    to: &'a mut Output<Fixed>,
    /// How many parts are still to come, where their number is stored.
    left: Option<usize>,
    /// Whether the parts are a level down.
    deep: bool,
    /// Where the entry of a map begins whose value is still to come.
    key: usize,
}

impl ValueWriter<'_> {
    fn plain<T: StateType>(self, value: T) -> Result<(), BridgeError> {
        Ok(value.encode(self.to)?)
    }
}

impl<'a> ValueWriter<'a> {
    fn fields(self, deep: bool) -> Result<PartsWriter<'a>, BridgeError> {
        if deep {
            self.to.enter()?;
        }
        Ok(PartsWriter { to: self.to, left: None, deep, key: 0 })
    }

    fn counted(self, count: Option<usize>) -> Result<PartsWriter<'a>, BridgeError> {
        let count = count.ok_or_else(|| {
            BridgeError(format!("a sequence or map does not know its length before it is written; {ADVICE}"))
        })?;
        self.to.put_length(count);
        self.to.enter()?;
        Ok(PartsWriter { to: self.to, left: Some(count), deep: true, key: 0 })
    }
}

impl PartsWriter<'_> {
    fn part<T: Serialize + ?Sized>(&mut self, part: &T) -> Result<(), BridgeError> {
        part.serialize(ValueWriter { to: self.to })
    }

    /// Counts a part that begins here, if their number is stored.
    fn count(&mut self) -> Result<usize, BridgeError> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or_else(wrong_length)?;
        }
        Ok(self.to.written())
    }

    fn counted(&mut self, start: usize) -> Result<(), BridgeError> {
        if self.to.written() == start {
            self.to.count_empty(1)?;
        }
        Ok(())
    }

    fn done(self) -> Result<(), BridgeError> {
        if self.deep {
            self.to.leave();
        }
        match self.left {
            None | Some(0) => Ok(()),
            Some(_) => Err(wrong_length()),
        }
    }
}

fn wrong_length() -> BridgeError {
    BridgeError(String::from("a sequence or map has another number of parts than it said"))
}

fn skipped(name: &'static str) -> BridgeError {
    BridgeError(format!("the field `{name}` is skipped for this value, so it could not be read back; {ADVICE}"))
}

macro_rules! plain {
    ($($method:ident $type:ty;)*) => { $(
        fn $method(self, value: $type) -> Result<(), BridgeError> {
            self.plain(value)
        }
    )* };
}

impl<'a> Serializer for ValueWriter<'a> {
    type Ok = ();
    type Error = BridgeError;
    type SerializeSeq = PartsWriter<'a>;
    type SerializeTuple = PartsWriter<'a>;
    type SerializeTupleStruct = PartsWriter<'a>;
    type SerializeTupleVariant = PartsWriter<'a>;
    type SerializeMap = PartsWriter<'a>;
    type SerializeStruct = PartsWriter<'a>;
    type SerializeStructVariant = PartsWriter<'a>;

    plain! {
        serialize_bool bool;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
        serialize_f32 f32;
        serialize_f64 f64;
        serialize_char char;
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_str(self, text: &str) -> Result<(), BridgeError> {
        self.serialize_bytes(text.as_bytes())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), BridgeError> {
        self.to.put_bytes(bytes);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), BridgeError> {
        self.plain(false)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), BridgeError> {
        true.encode(self.to)?;
        self.to.enter()?;
        value.serialize(ValueWriter { to: self.to })?;
        self.to.leave();
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), BridgeError> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), BridgeError> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
    ) -> Result<(), BridgeError> {
        self.to.put_tag(index);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), BridgeError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), BridgeError> {
        self.to.put_tag(index);
        let mut payload = self.fields(true)?;
        payload.part(value)?;
        payload.done()
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<PartsWriter<'a>, BridgeError> {
        self.counted(count)
    }

    fn serialize_tuple(self, _count: usize) -> Result<PartsWriter<'a>, BridgeError> {
        self.fields(false)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _count: usize) -> Result<PartsWriter<'a>, BridgeError> {
        self.fields(false)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _count: usize,
    ) -> Result<PartsWriter<'a>, BridgeError> {
        self.to.put_tag(index);
        self.fields(true)
    }

    fn serialize_map(self, count: Option<usize>) -> Result<PartsWriter<'a>, BridgeError> {
        self.counted(count)
    }

    fn serialize_struct(self, _name: &'static str, _count: usize) -> Result<PartsWriter<'a>, BridgeError> {
        self.fields(false)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _count: usize,
    ) -> Result<PartsWriter<'a>, BridgeError> {
        self.to.put_tag(index);
        self.fields(true)
    }
}

impl SerializeSeq for PartsWriter<'_> {
    type Ok = ();
    type Error = BridgeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), BridgeError> {
        let start = self.count()?;
        self.part(element)?;
        self.counted(start)
    }

    fn end(self) -> Result<(), BridgeError> {
        self.done()
    }
}

impl SerializeMap for PartsWriter<'_> {
    type Ok = ();
    type Error = BridgeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), BridgeError> {
        self.key = self.count()?;
        self.part(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
        self.part(value)?;
        self.counted(self.key)
    }

    fn end(self) -> Result<(), BridgeError> {
        self.done()
    }
}

macro_rules! elements {
    ($($kind:ident $method:ident;)*) => { $(
        impl $kind for PartsWriter<'_> {
            type Ok = ();
            type Error = BridgeError;

            fn $method<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), BridgeError> {
                self.part(element)
            }

            fn end(self) -> Result<(), BridgeError> {
                self.done()
            }
        }
    )* };
}

elements! {
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! fields {
    ($($kind:ident)*) => { $(
        impl $kind for PartsWriter<'_> {
            type Ok = ();
            type Error = BridgeError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _name: &'static str, field: &T) -> Result<(), BridgeError> {
                self.part(field)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), BridgeError> {
                Err(skipped(name))
            }

            fn end(self) -> Result<(), BridgeError> {
                self.done()
            }
        }
    )* };
}

fields! { SerializeStruct SerializeStructVariant }
