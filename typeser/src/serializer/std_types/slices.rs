//! Slices behind a pointer: lists, as `Vec` is.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

macro_rules! slices {
    ($($type:ty, $($bound:ident)?;)*) => { $(
        impl<T: StateType $(+ $bound)?> StateType for $type {
            const SIZES: Sizes = Sizes::collection();

            fn describe(to: &mut Describer) -> NodeId {
                Vec::<T>::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                to.put_length(self.len());
                T::encode_slice(self, to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                Vec::decode(from).map(Self::from)
            }
        }

        impl<T: StateKey $(+ $bound)?> StateKey for $type {}
        impl<T: OrderedKey $(+ $bound)?> OrderedKey for $type {}
    )* };
}

slices! {
    Box<[T]>,;
    Rc<[T]>,;
    Arc<[T]>,;
    Cow<'static, [T]>, Clone;
}
