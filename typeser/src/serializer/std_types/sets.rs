//! Sets: a length, then the elements, in the order in which the set yields them.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::{Describer, StateType, state_type};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};

impl<T, S> StateType for HashSet<T, S>
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
        let length = length::<T, E>(from)?;
        let mut set = Self::with_capacity_and_hasher(from.reserve::<T>(length), S::default());
        state_type::decode_each(
            length,
            from,
            |value, at| if set.insert(value) { Ok(()) } else { Err(duplicate_element(at)) },
        )?;
        Ok(set)
    }
}

impl<T: StateType + Ord> StateType for BTreeSet<T> {
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
        let length = length::<T, E>(from)?;
        // As in a `BTreeMap`: built at once while the elements ascend, one after the other from where they do not.
        let mut ascending: Vec<T> = Vec::with_capacity(from.reserve::<T>(length));
        let mut set = Self::new();
        state_type::decode_each(length, from, |value, at| {
            if set.is_empty() && ascending.last().is_none_or(|last| *last < value) {
                ascending.push(value);
                return Ok(());
            }
            set.extend(ascending.drain(..));
            if set.insert(value) { Ok(()) } else { Err(duplicate_element(at)) }
        })?;
        Ok(if set.is_empty() { ascending.into_iter().collect() } else { set })
    }
}

/// Reads the length of a set.
#[inline]
fn length<T: StateType, E: Integers>(from: &mut Reader<'_, E>) -> Result<usize, DecodeError> {
    from.take_length(const { T::SIZES }.under(E::ENCODING).min)
}

#[cold]
pub(in crate::serializer) fn duplicate_element(at: usize) -> DecodeError {
    DecodeError::new(at, DecodeErrorKind::Duplicate { collection: "set", part: "element" })
}
