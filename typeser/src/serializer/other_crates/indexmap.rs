//! `IndexMap` and `IndexSet`: a map and a set, whose order is that of their bytes.

use std::hash::{BuildHasher, Hash};

use indexmap::{IndexMap, IndexSet};

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::{Describer, StateType, codec, state_type};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};

impl<K, V, S> StateType for IndexMap<K, V, S>
where
    K: StateType + Eq + Hash,
    V: StateType,
    S: BuildHasher + Default + 'static,
{
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        to.node::<Self>(|to| Node::Map { key: K::describe(to), value: V::describe(to) })
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_length(self.len());
        codec::encode_entries(self.len(), self.iter(), to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let length = from.take_length(const { <(K, V)>::SIZES }.under(E::ENCODING).min)?;
        let mut map = Self::with_capacity_and_hasher(from.reserve::<(K, V)>(length), S::default());
        state_type::decode_each(length, from, |(key, value), at| match map.insert(key, value) {
            None => Ok(()),
            Some(_) => Err(duplicate(at, "map", "key")),
        })?;
        Ok(map)
    }
}

impl<T, S> StateType for IndexSet<T, S>
where
    T: StateType + Eq + Hash,
    S: BuildHasher + Default + 'static,
{
    const SIZES: Sizes = Sizes::collection();

    fn describe(to: &mut Describer) -> NodeId {
        to.node::<Self>(|to| Node::Set(T::describe(to)))
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_length(self.len());
        state_type::encode_each(self.iter(), to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let length = from.take_length(const { T::SIZES }.under(E::ENCODING).min)?;
        let mut set = Self::with_capacity_and_hasher(from.reserve::<T>(length), S::default());
        state_type::decode_each(length, from, |value, at| match set.insert(value) {
            true => Ok(()),
            false => Err(duplicate(at, "set", "element")),
        })?;
        Ok(set)
    }
}

#[cold]
fn duplicate(at: usize, collection: &'static str, part: &'static str) -> DecodeError {
    DecodeError::new(at, DecodeErrorKind::Duplicate { collection, part })
}
