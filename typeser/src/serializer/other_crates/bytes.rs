//! `Bytes` and `BytesMut`: lists of `u8`, as `Vec<u8>`.

use bytes::{Bytes, BytesMut};

use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

macro_rules! bytes {
    ($($type:ident, $from:expr;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = Sizes::collection();

            fn describe(to: &mut Describer) -> NodeId {
                Vec::<u8>::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.put_bytes(self);
                Ok(())
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                let length = from.take_length(1)?;
                from.take_slice(length).map($from)
            }
        }

        impl StateKey for $type {}
        impl OrderedKey for $type {}
    )* };
}

bytes! {
    Bytes, Self::copy_from_slice;
    BytesMut, Self::from;
}
