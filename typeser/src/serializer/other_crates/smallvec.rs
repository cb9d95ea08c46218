//! `SmallVec`: a list, wherever its elements lie.

use smallvec::{Array, SmallVec};

use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

impl<A> StateType for SmallVec<A>
where
    A: Array + 'static,
    A::Item: StateType,
{
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        Vec::<A::Item>::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_length(self.len());
        A::Item::encode_slice(self, to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Vec::decode(from).map(Self::from_vec)
    }
}

impl<A> StateKey for SmallVec<A>
where
    A: Array + 'static,
    A::Item: StateKey,
{
}

impl<A> OrderedKey for SmallVec<A>
where
    A: Array + 'static,
    A::Item: OrderedKey,
{
}
