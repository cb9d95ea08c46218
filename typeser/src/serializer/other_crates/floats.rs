//! `OrderedFloat`, which is as the float inside, and `NotNan`, which is a number.
//!
//! Neither is a key: `0.0 == -0.0`, and all that is not a number equals each other, but their bytes differ.

use ordered_float::{FloatCore, NotNan, OrderedFloat};

use super::no_value;
use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::{Describer, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

impl<T: StateType> StateType for OrderedFloat<T> {
    const SIZES: Sizes = T::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        T::describe(to)
    }

    #[inline(always)]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        self.0.encode(to)
    }

    #[inline(always)]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        T::decode(from).map(OrderedFloat)
    }
}

impl<T: StateType + FloatCore> StateType for NotNan<T> {
    const SIZES: Sizes = T::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::NOT_NAN, T::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        self.into_inner().encode(to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        Self::new(T::decode(from)?)
            .map_err(|_| no_value(at, "ordered_float::NotNan", String::from("what is not a number")))
    }
}
