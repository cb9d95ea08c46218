//! Arrays: the elements one after the other, without a length.

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, encode_value};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

impl<T: StateType, const N: usize> StateType for [T; N] {
    const SIZES: Sizes = T::SIZES.times(N);

    fn describe(to: &mut Describer) -> NodeId {
        to.node::<Self>(|to| Node::Array { element: T::describe(to), length: N as u64 })
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        let size = const { T::SIZES }.under(W::INTEGERS);
        if size.exact && size.min > 0 {
            T::encode_slice(self, to)
        } else {
            // This loop does not depend on the input: depth and count are part of the type.
            self.iter().try_for_each(|item| encode_value(item, to))
        }
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        T::decode_array(from)
    }
}

impl<T: StateKey, const N: usize> StateKey for [T; N] {}
impl<T: OrderedKey, const N: usize> OrderedKey for [T; N] {}
