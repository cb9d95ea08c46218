//! `Option`: one byte, 0 or 1, then the value if it was 1.

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::state_type::{enter_reader, enter_writer, leave_reader, leave_writer};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, decode_value, encode_value};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};

impl<T: StateType> StateType for Option<T> {
    const SIZES: Sizes = T::SIZES.option();

    fn describe(to: &mut Describer) -> NodeId {
        to.node::<Self>(|to| Node::Option(T::describe(to)))
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        match self {
            None => to.put([0]),
            Some(value) => {
                to.put([1]);
                enter_writer::<T, W>(to)?;
                encode_value(value, to)?;
                leave_writer::<T, W>(to);
            }
        }
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        match from.take::<1>()? {
            [0] => Ok(None),
            [1] => {
                enter_reader::<T, E>(from)?;
                let value = decode_value(from)?;
                leave_reader::<T, E>(from);
                Ok(Some(value))
            }
            [found] => Err(from.error_before(1, DecodeErrorKind::InvalidOption { found })),
        }
    }
}

impl<T: StateKey> StateKey for Option<T> {}
impl<T: OrderedKey> OrderedKey for Option<T> {}
