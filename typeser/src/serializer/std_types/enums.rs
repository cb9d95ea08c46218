//! `Result` and `Ordering`, and how an enum of the standard library is described.

use std::cmp::Ordering;

use crate::schema::{EnumNode, Field, Node, NodeId, Sizes, Variant, logical};
use crate::serializer::state_type::{enter_reader, enter_writer, leave_reader, leave_writer};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, decode_value, encode_value, unknown_tag};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

impl<T: StateType, F: StateType> StateType for Result<T, F> {
    const SIZES: Sizes = Sizes::tag(0).then(T::SIZES).or(Sizes::tag(1).then(F::SIZES));

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::RESULT, |to| {
            let variants = [payload::<T>("Ok", to), payload::<F>("Err", to)];
            representation(logical::RESULT, variants, to)
        })
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        match self {
            Ok(value) => {
                to.put_tag(0);
                enter_writer::<Self, W>(to)?;
                encode_value(value, to)?;
            }
            Err(error) => {
                to.put_tag(1);
                enter_writer::<Self, W>(to)?;
                encode_value(error, to)?;
            }
        }
        leave_writer::<Self, W>(to);
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let tag = from.take_tag()?;
        if tag > 1 {
            return Err(unknown_tag(from, "Result", tag));
        }
        enter_reader::<Self, E>(from)?;
        let value = if tag == 0 { Ok(decode_value(from)?) } else { Err(decode_value(from)?) };
        leave_reader::<Self, E>(from);
        Ok(value)
    }
}

impl<T: StateKey, F: StateKey> StateKey for Result<T, F> {}
impl<T: OrderedKey, F: OrderedKey> OrderedKey for Result<T, F> {}

/// Ours: serde and bincode have no form for it.
impl StateType for Ordering {
    const SIZES: Sizes = Sizes::tag(0);

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::ORDERING, |to| {
            representation(logical::ORDERING, [unit("Less"), unit("Equal"), unit("Greater")], to)
        })
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_tag(match self {
            Self::Less => 0,
            Self::Equal => 1,
            Self::Greater => 2,
        });
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        match from.take_tag()? {
            0 => Ok(Self::Less),
            1 => Ok(Self::Equal),
            2 => Ok(Self::Greater),
            tag => Err(unknown_tag(from, "Ordering", tag)),
        }
    }
}

impl StateKey for Ordering {}
impl OrderedKey for Ordering {}

/// A variant without payload; [`representation`] numbers it.
pub(super) fn unit(name: &str) -> Variant {
    Variant { name: name.to_owned(), tag: 0, fields: Vec::new() }
}

/// A variant that holds one value; [`representation`] numbers it.
pub(super) fn payload<T: StateType>(name: &str, to: &mut Describer) -> Variant {
    let field = Field { name: "0".to_owned(), node: T::describe(to) };
    Variant { name: name.to_owned(), tag: 0, fields: vec![field] }
}

/// The enum that a logical type of the same name is stored as, with tags from 0 on.
pub(super) fn representation<const N: usize>(name: &str, variants: [Variant; N], to: &mut Describer) -> NodeId {
    let variants = (0..).zip(variants).map(|(tag, variant)| Variant { tag, ..variant }).collect();
    to.anonymous(Node::Enum(EnumNode { name: name.to_owned(), version: 1, variants }))
}
