//! Helpers for the tests of the derive.
#![allow(dead_code, reason = "each test uses some of them")]

use std::fmt::Debug;

use typeser::serializer::{TypeSerializer, decode_bytes, encode_bytes};
use typeser::wire::{Fixed, Variable};
use typeser::{Serializer, StateType};

/// Checks a round trip under both encodings, the number of bytes against `SIZES`, and the snapshot of the type.
#[track_caller]
pub(crate) fn round_trip<T: StateType + PartialEq + Debug>(value: &T) {
    let mut bytes = Vec::new();
    encode_bytes::<T, Fixed>(value, &mut bytes).unwrap();
    assert_eq!(&decode_bytes::<T, Fixed>(&bytes).unwrap(), value);
    assert!(bytes.len() >= T::SIZES.fixed.min);
    assert!(!T::SIZES.fixed.exact || bytes.len() == T::SIZES.fixed.min);

    bytes.clear();
    encode_bytes::<T, Variable>(value, &mut bytes).unwrap();
    assert_eq!(&decode_bytes::<T, Variable>(&bytes).unwrap(), value);
    assert!(bytes.len() >= T::SIZES.variable.min);
    assert!(!T::SIZES.variable.exact || bytes.len() == T::SIZES.variable.min);

    let serializer = Serializer::<T>::new().unwrap();
    bytes.clear();
    serializer.serialize(value, &mut bytes).unwrap();
    assert_eq!(&serializer.deserialize(&bytes).unwrap(), value);
}

/// The bytes under the fixed encoding.
#[track_caller]
pub(crate) fn fixed<T: StateType>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_bytes::<T, Fixed>(value, &mut bytes).unwrap();
    bytes
}

/// The canonical text of a type's layout.
#[track_caller]
pub(crate) fn layout<T: StateType>() -> String {
    let serializer = Serializer::<T>::new().unwrap();
    let snapshot = serializer.snapshot();
    snapshot.schema().canonical_text(snapshot.configuration().integers)
}
