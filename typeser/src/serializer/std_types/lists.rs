//! Lists: a length, then the elements in order.

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::{Describer, StateKey, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

impl<T: StateType> StateType for Vec<T> {
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        to.node::<Self>(|to| Node::List(T::describe(to)))
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_length(self.len());
        T::encode_slice(self, to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let length = from.take_length(const { T::SIZES }.under(E::ENCODING).min)?;
        T::decode_vec(length, from)
    }
}

impl<T: StateKey> StateKey for Vec<T> {}
