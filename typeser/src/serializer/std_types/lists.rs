//! Lists: a length, then the elements in order.

use std::collections::{BinaryHeap, LinkedList, VecDeque};

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, state_type};
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
        T::decode_vec(length::<T, E>(from)?, from)
    }
}

impl<T: StateKey> StateKey for Vec<T> {}
impl<T: OrderedKey> OrderedKey for Vec<T> {}

impl<T: StateType> StateType for VecDeque<T> {
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        Vec::<T>::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_length(self.len());
        let (front, back) = self.as_slices();
        T::encode_slice(front, to)?;
        T::encode_slice(back, to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Vec::decode(from).map(Self::from)
    }
}

impl<T: StateKey> StateKey for VecDeque<T> {}
impl<T: OrderedKey> OrderedKey for VecDeque<T> {}

impl<T: StateType> StateType for LinkedList<T> {
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        Vec::<T>::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_length(self.len());
        state_type::encode_each(self.iter(), to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let mut list = Self::new();
        state_type::decode_each(length::<T, E>(from)?, from, |value, _| {
            list.push_back(value);
            Ok(())
        })?;
        Ok(list)
    }
}

impl<T: StateKey> StateKey for LinkedList<T> {}
impl<T: OrderedKey> OrderedKey for LinkedList<T> {}

/// Written in the order of the heap's own slice, as bincode does: equal heaps may give different bytes.
impl<T: StateType + Ord> StateType for BinaryHeap<T> {
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        Vec::<T>::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_length(self.len());
        T::encode_slice(self.as_slice(), to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Vec::decode(from).map(Self::from)
    }
}

/// Reads the length of a list.
#[inline]
fn length<T: StateType, E: Integers>(from: &mut Reader<'_, E>) -> Result<usize, DecodeError> {
    from.take_length(const { T::SIZES }.under(E::ENCODING).min)
}
