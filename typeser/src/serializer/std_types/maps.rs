//! Maps: a length, then the pairs of key and value, in the order in which the map yields them.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::{Describer, StateType, codec, state_type};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};

impl<K, V, S> StateType for HashMap<K, V, S>
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
        let length = length::<K, V, E>(from)?;
        let mut map = Self::with_capacity_and_hasher(from.reserve::<(K, V)>(length), S::default());
        state_type::decode_each(length, from, |(key, value), at| match map.insert(key, value) {
            None => Ok(()),
            Some(_) => Err(duplicate_key(at)),
        })?;
        Ok(map)
    }
}

impl<K, V> StateType for BTreeMap<K, V>
where
    K: StateType + Ord,
    V: StateType,
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
        let length = length::<K, V, E>(from)?;
        // Keys mostly ascend, for a `BTreeMap` wrote them; then the tree is built at once. From the first key that
        // does not (a `HashMap` wrote them), one is inserted after the other.
        let mut ascending: Vec<(K, V)> = Vec::with_capacity(from.reserve::<(K, V)>(length));
        let mut map = Self::new();
        state_type::decode_each(length, from, |(key, value), at| {
            if map.is_empty() && ascending.last().is_none_or(|(last, _)| *last < key) {
                ascending.push((key, value));
                return Ok(());
            }
            map.extend(ascending.drain(..));
            match map.insert(key, value) {
                None => Ok(()),
                Some(_) => Err(duplicate_key(at)),
            }
        })?;
        Ok(if map.is_empty() { ascending.into_iter().collect() } else { map })
    }
}

/// Reads the length of a map.
#[inline]
fn length<K: StateType, V: StateType, E: Integers>(from: &mut Reader<'_, E>) -> Result<usize, DecodeError> {
    from.take_length(const { <(K, V)>::SIZES }.under(E::ENCODING).min)
}

#[cold]
pub(in crate::serializer) fn duplicate_key(at: usize) -> DecodeError {
    DecodeError::new(at, DecodeErrorKind::Duplicate { collection: "map", part: "key" })
}
