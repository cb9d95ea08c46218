//! `Uuid`: its 16 bytes in the order of its text.

use uuid::Uuid;

use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

impl StateType for Uuid {
    const SIZES: Sizes = <[u8; 16]>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::UUID, <[u8; 16]>::describe)
    }

    #[inline(always)]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put(*self.as_bytes());
        Ok(())
    }

    #[inline(always)]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        from.take::<16>().map(Self::from_bytes)
    }
}

impl StateKey for Uuid {}
impl OrderedKey for Uuid {}
