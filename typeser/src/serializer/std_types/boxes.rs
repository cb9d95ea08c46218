//! Boxing and sharing: transparent in the layout, one indirection in the depth.

use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, StateKey, StateType, decode_value, encode_value};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

impl<T: StateType> StateType for Box<T> {
    const SIZES: Sizes = Sizes::UNKNOWN;

    fn describe(to: &mut Describer) -> NodeId {
        T::describe(to)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.enter()?;
        encode_value(&**self, to)?;
        to.leave();
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        from.enter()?;
        let value = decode_value(from)?;
        from.leave();
        Ok(Self::new(value))
    }
}

impl<T: StateKey> StateKey for Box<T> {}
