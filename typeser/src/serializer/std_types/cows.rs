//! `Cow` of a sized type: as the type itself. Those of slices, strings and paths are with their kind.

use std::borrow::Cow;

use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, decode_value, encode_value};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

/// Not an indirection: what is read is owned, and an owned value lies within its `Cow`.
impl<T: StateType + Clone> StateType for Cow<'static, T> {
    const SIZES: Sizes = T::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        T::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        encode_value::<T, W>(self, to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        decode_value(from).map(Cow::Owned)
    }
}

impl<T: StateKey + Clone> StateKey for Cow<'static, T> {}
impl<T: OrderedKey + Clone> OrderedKey for Cow<'static, T> {}
