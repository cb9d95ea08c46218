//! `NonZero`: the integer, which is never zero.

use std::num::NonZero;

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};

macro_rules! nonzero {
    ($($integer:ident)*) => { $(
        impl StateType for NonZero<$integer> {
            const SIZES: Sizes = $integer::SIZES;

            fn describe(to: &mut Describer) -> NodeId {
                to.node::<Self>(|to| Node::NonZero($integer::describe(to)))
            }

            #[inline(always)]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                self.get().encode(to)
            }

            #[inline(always)]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                let at = from.offset();
                Self::new($integer::decode(from)?).ok_or_else(|| DecodeError::new(at, DecodeErrorKind::Zero))
            }
        }

        impl StateKey for NonZero<$integer> {}
        impl OrderedKey for NonZero<$integer> {}
    )* };
}

nonzero! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }
