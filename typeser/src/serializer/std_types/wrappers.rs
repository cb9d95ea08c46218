//! `Wrapping`, `Saturating` and `Reverse`, which are as what they wrap, and `PhantomData`, which is nothing.

use std::cmp::Reverse;
use std::marker::PhantomData;
use std::num::{Saturating, Wrapping};

use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

macro_rules! wrappers {
    ($($wrapper:ident)*) => { $(
        impl<T: StateType> StateType for $wrapper<T> {
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
                T::decode(from).map($wrapper)
            }
        }

        impl<T: StateKey> StateKey for $wrapper<T> {}
    )* };
}

wrappers! { Wrapping Saturating Reverse }

// Not `Reverse`, which is stored as what it holds and compares the other way round.
impl<T: OrderedKey> OrderedKey for Wrapping<T> {}
impl<T: OrderedKey> OrderedKey for Saturating<T> {}

impl<T: ?Sized + 'static> StateType for PhantomData<T> {
    const SIZES: Sizes = Sizes::NOTHING;

    fn describe(to: &mut Describer) -> NodeId {
        <()>::describe(to)
    }

    #[inline(always)]
    fn encode<W: Writer>(&self, _to: &mut W) -> Result<(), EncodeError> {
        Ok(())
    }

    #[inline(always)]
    fn decode<E: Integers>(_from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

impl<T: ?Sized + 'static> StateKey for PhantomData<T> {}
impl<T: ?Sized + 'static> OrderedKey for PhantomData<T> {}
