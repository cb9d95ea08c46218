//! Integers, floats, bool, char and unit.

use crate::schema::{IntegerEncoding, NodeId, Primitive, Size, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, codec, state_type};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};

macro_rules! integers {
    ($($type:ident $primitive:ident $put:ident $take:ident;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = Sizes::integer(size_of::<Self>());

            fn describe(to: &mut Describer) -> NodeId {
                to.primitive::<Self>(Primitive::$primitive)
            }

            #[inline(always)]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.$put(*self);
                Ok(())
            }

            #[inline(always)]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                from.$take()
            }

            #[inline(always)]
            fn decode_array<const N: usize, E: Integers>(from: &mut Reader<'_, E>) -> Result<[Self; N], DecodeError> {
                match E::ENCODING {
                    IntegerEncoding::Fixed => codec::decode_plain_array(from, Self::from_le_bytes),
                    IntegerEncoding::Variable => state_type::decode_array(from),
                }
            }
        }

        impl StateKey for $type {}
        impl OrderedKey for $type {}
    )* };
}

integers! {
    u16 U16 put_u16 take_u16;
    u32 U32 put_u32 take_u32;
    u64 U64 put_u64 take_u64;
    u128 U128 put_u128 take_u128;
    i16 I16 put_i16 take_i16;
    i32 I32 put_i32 take_i32;
    i64 I64 put_i64 take_i64;
    i128 I128 put_i128 take_i128;
}

macro_rules! raw {
    ($($type:ident $primitive:ident;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = Sizes::exactly(size_of::<Self>());

            fn describe(to: &mut Describer) -> NodeId {
                to.primitive::<Self>(Primitive::$primitive)
            }

            #[inline(always)]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.put(self.to_le_bytes());
                Ok(())
            }

            #[inline(always)]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                Ok(Self::from_le_bytes(from.take()?))
            }

            #[inline(always)]
            fn decode_array<const N: usize, E: Integers>(from: &mut Reader<'_, E>) -> Result<[Self; N], DecodeError> {
                codec::decode_plain_array(from, Self::from_le_bytes)
            }
        }
    )* };
}

raw! {
    i8 I8;
    f32 F32;
    f64 F64;
}

impl StateKey for i8 {}
impl OrderedKey for i8 {}

impl StateType for u8 {
    const SIZES: Sizes = Sizes::exactly(1);

    fn describe(to: &mut Describer) -> NodeId {
        to.primitive::<Self>(Primitive::U8)
    }

    #[inline(always)]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put([*self]);
        Ok(())
    }

    #[inline(always)]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Ok(from.take::<1>()?[0])
    }

    #[inline]
    fn encode_slice<W: Writer>(items: &[Self], to: &mut W) -> Result<(), EncodeError> {
        to.put_slice(items);
        Ok(())
    }

    #[inline]
    fn decode_vec<E: Integers>(count: usize, from: &mut Reader<'_, E>) -> Result<Vec<Self>, DecodeError> {
        Ok(from.take_slice(count)?.to_vec())
    }

    #[inline(always)]
    fn decode_array<const N: usize, E: Integers>(from: &mut Reader<'_, E>) -> Result<[Self; N], DecodeError> {
        from.take()
    }
}

impl StateKey for u8 {}
impl OrderedKey for u8 {}

/// `usize` is stored as `u64` and `isize` as `i64`, so that machines of other widths read the same bytes.
macro_rules! pointer_sized {
    ($($type:ident $stored:ident $primitive:ident $put:ident $take:ident;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = <$stored as StateType>::SIZES;

            fn describe(to: &mut Describer) -> NodeId {
                to.primitive::<$stored>(Primitive::$primitive)
            }

            #[inline(always)]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                match $stored::try_from(*self) {
                    Ok(stored) => to.$put(stored),
                    Err(_) => return Err(EncodeError::custom(concat!(stringify!($type), " beyond 64 bits"))),
                }
                Ok(())
            }

            #[inline(always)]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                let stored = from.$take()?;
                Self::try_from(stored).map_err(|_| {
                    from.error(DecodeErrorKind::OutOfRange { what: stored.to_string(), type_name: stringify!($type) })
                })
            }
        }

        impl StateKey for $type {}
        impl OrderedKey for $type {}
    )* };
}

pointer_sized! {
    usize u64 U64 put_u64 take_u64;
    isize i64 I64 put_i64 take_i64;
}

impl StateType for bool {
    const SIZES: Sizes = Sizes::exactly(1);

    fn describe(to: &mut Describer) -> NodeId {
        to.primitive::<Self>(Primitive::Bool)
    }

    #[inline(always)]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put([u8::from(*self)]);
        Ok(())
    }

    #[inline(always)]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        match from.take::<1>()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [found] => Err(from.error_before(1, DecodeErrorKind::InvalidBool { found })),
        }
    }
}

impl StateKey for bool {}
impl OrderedKey for bool {}

impl StateType for char {
    const SIZES: Sizes = Sizes::same(Size::at_least(1));

    fn describe(to: &mut Describer) -> NodeId {
        to.primitive::<Self>(Primitive::Char)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_slice(self.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let first = from.take::<1>()?;
        let length = match first[0] {
            0..0x80 => return Ok(Self::from(first[0])),
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0.. => 4,
            0x80..0xC0 => return Err(from.error_before(1, DecodeErrorKind::InvalidChar)),
        };
        let mut bytes = [first[0], 0, 0, 0];
        bytes[1..length].copy_from_slice(from.take_slice(length - 1)?);
        let decoded = std::str::from_utf8(&bytes[..length]).ok().and_then(|text| text.chars().next());
        decoded.ok_or_else(|| from.error_before(length, DecodeErrorKind::InvalidChar))
    }
}

impl StateKey for char {}
impl OrderedKey for char {}

impl StateType for () {
    const SIZES: Sizes = Sizes::NOTHING;

    fn describe(to: &mut Describer) -> NodeId {
        to.primitive::<Self>(Primitive::Unit)
    }

    #[inline(always)]
    fn encode<W: Writer>(&self, _to: &mut W) -> Result<(), EncodeError> {
        Ok(())
    }

    #[inline(always)]
    fn decode<E: Integers>(_from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Ok(())
    }
}

impl StateKey for () {}
impl OrderedKey for () {}
