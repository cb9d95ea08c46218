//! Tuples of up to 16 elements: one after the other.

use crate::schema::{Node, NodeId, Sizes};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType, decode_value, encode_value};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

macro_rules! tuples {
    ($($($element:ident $index:tt),+;)*) => { $(
        impl<$($element: StateType),+> StateType for ($($element,)+) {
            const SIZES: Sizes = Sizes::NOTHING$(.then($element::SIZES))+;

            fn describe(to: &mut Describer) -> NodeId {
                to.node::<Self>(|to| Node::Tuple(vec![$($element::describe(to)),+]))
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                $(encode_value(&self.$index, to)?;)+
                Ok(())
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                Ok(($(decode_value::<$element, E>(from)?,)+))
            }
        }
    )* };
}

macro_rules! keys {
    ($($($element:ident),+;)*) => { $(
        impl<$($element: StateKey),+> StateKey for ($($element,)+) {}
        impl<$($element: OrderedKey),+> OrderedKey for ($($element,)+) {}
    )* };
}

tuples! {
    T0 0;
    T0 0, T1 1;
    T0 0, T1 1, T2 2;
    T0 0, T1 1, T2 2, T3 3;
    T0 0, T1 1, T2 2, T3 3, T4 4;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8, T9 9;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8, T9 9, T10 10;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8, T9 9, T10 10, T11 11;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8, T9 9, T10 10, T11 11, T12 12;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8, T9 9, T10 10, T11 11, T12 12, T13 13;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8, T9 9, T10 10, T11 11, T12 12, T13 13, T14 14;
    T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7, T8 8, T9 9, T10 10, T11 11, T12 12, T13 13, T14 14, T15 15;
}

// The standard library compares and hashes tuples of up to 12.
keys! {
    T0;
    T0, T1;
    T0, T1, T2;
    T0, T1, T2, T3;
    T0, T1, T2, T3, T4;
    T0, T1, T2, T3, T4, T5;
    T0, T1, T2, T3, T4, T5, T6;
    T0, T1, T2, T3, T4, T5, T6, T7;
    T0, T1, T2, T3, T4, T5, T6, T7, T8;
    T0, T1, T2, T3, T4, T5, T6, T7, T8, T9;
    T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10;
    T0, T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11;
}
