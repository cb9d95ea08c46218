//! Strings: a length in bytes, then UTF-8.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use crate::schema::{NodeId, Primitive, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{self, DecodeError, DecodeErrorKind, EncodeError, Integers, Reader, Writer};

macro_rules! strings {
    ($($type:ty, $owned:expr;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = Sizes::collection();

            fn describe(to: &mut Describer) -> NodeId {
                to.primitive::<String>(Primitive::String)
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                encode_str(self, to);
                Ok(())
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                decode_str(from).map($owned)
            }
        }

        impl StateKey for $type {}
        impl OrderedKey for $type {}
    )* };
}

strings! {
    String, str::to_owned;
    Box<str>, Self::from;
    Rc<str>, Self::from;
    Arc<str>, Self::from;
    Cow<'static, str>, |text| Cow::Owned(text.to_owned());
}

#[inline]
pub(super) fn encode_str<W: Writer>(text: &str, to: &mut W) {
    to.put_bytes(text.as_bytes());
}

#[inline]
pub(in crate::serializer) fn decode_str<'a, E: Integers>(from: &mut Reader<'a, E>) -> Result<&'a str, DecodeError> {
    let length = from.take_length(1)?;
    let bytes = from.take_slice(length)?;
    wire::text(bytes).ok_or_else(|| from.error_before(length, DecodeErrorKind::InvalidUtf8 { length }))
}
