//! Boxing and sharing: transparent in the layout, and so in the depth.
//!
//! Sharing is not stored: two `Rc` of one value are written as two values and read back as two.

use std::rc::Rc;
use std::sync::Arc;

use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, decode_value, encode_value};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

macro_rules! pointers {
    ($($pointer:ident)*) => { $(
        impl<T: StateType> StateType for $pointer<T> {
            const SIZES: Sizes = Sizes::UNKNOWN;

            fn describe(to: &mut Describer) -> NodeId {
                T::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                encode_value(&**self, to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                decode_value(from).map(Self::new)
            }
        }

        impl<T: StateKey> StateKey for $pointer<T> {}
        impl<T: OrderedKey> OrderedKey for $pointer<T> {}
    )* };
}

pointers! { Box Rc Arc }
