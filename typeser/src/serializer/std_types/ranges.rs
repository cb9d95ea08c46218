//! Ranges: their bounds, start before end.

use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};

use super::enums::{payload, representation, unit};
use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::{Describer, StateKey, StateType, decode_value, encode_value, unknown_tag};
use crate::wire::{DecodeError, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

impl<T: StateType> StateType for Range<T> {
    const SIZES: Sizes = <(T, T)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::RANGE, <(T, T)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        encode_value(&self.start, to)?;
        encode_value(&self.end, to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Ok(Self { start: decode_value(from)?, end: decode_value(from)? })
    }
}

impl<T: StateKey> StateKey for Range<T> {}

/// A range that was iterated to its end has no form: its bounds would make it begin again.
impl<T: StateType> StateType for RangeInclusive<T> {
    const SIZES: Sizes = <(T, T)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::RANGE_INCLUSIVE, <(T, T)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        // The end of an exhausted range is excluded: the only sign of it that needs nothing of `T`.
        if matches!(self.end_bound(), Bound::Excluded(_)) {
            return Err(EncodeErrorKind::ExhaustedRange.into());
        }
        encode_value(self.start(), to)?;
        encode_value(self.end(), to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Ok(Self::new(decode_value(from)?, decode_value(from)?))
    }
}

impl<T: StateKey> StateKey for RangeInclusive<T> {}

macro_rules! half_open {
    ($($type:ident $bound:ident $name:ident;)*) => { $(
        impl<T: StateType> StateType for $type<T> {
            const SIZES: Sizes = T::SIZES;

            fn describe(to: &mut Describer) -> NodeId {
                to.logical::<Self>(logical::$name, <(T,)>::describe)
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                encode_value(&self.$bound, to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                Ok(Self { $bound: decode_value(from)? })
            }
        }

        impl<T: StateKey> StateKey for $type<T> {}
    )* };
}

half_open! {
    RangeFrom start RANGE_FROM;
    RangeTo end RANGE_TO;
    RangeToInclusive end RANGE_TO_INCLUSIVE;
}

impl<T: StateType> StateType for Bound<T> {
    const SIZES: Sizes = Sizes::tag(0).or(Sizes::tag(1).then(T::SIZES)).or(Sizes::tag(2).then(T::SIZES));

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::BOUND, |to| {
            let variants = [unit("Unbounded"), payload::<T>("Included", to), payload::<T>("Excluded", to)];
            representation(logical::BOUND, variants, to)
        })
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        match self {
            Self::Unbounded => {
                to.put_tag(0);
                Ok(())
            }
            Self::Included(value) => {
                to.put_tag(1);
                encode_value(value, to)
            }
            Self::Excluded(value) => {
                to.put_tag(2);
                encode_value(value, to)
            }
        }
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        match from.take_tag()? {
            0 => Ok(Self::Unbounded),
            1 => decode_value(from).map(Self::Included),
            2 => decode_value(from).map(Self::Excluded),
            tag => Err(unknown_tag(from, "Bound", tag)),
        }
    }
}

impl<T: StateKey> StateKey for Bound<T> {}
