//! Checks of a value that several tests use: parity with bincode, and the laws of `StateType`.

#![allow(dead_code, unreachable_pub, reason = "each test uses some of them")]

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use typeser::schema::{IntegerEncoding, NodeId, Size};
use typeser::{Serializer, StateType, TypeSerializer};

/// Both encodings.
pub const ENCODINGS: [IntegerEncoding; 2] = [IntegerEncoding::Fixed, IntegerEncoding::Variable];

/// The bytes of a value.
pub fn encode<T: StateType>(integers: IntegerEncoding, value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = b"before".to_vec();
    let outcome = serializer::<T>(integers).serialize(value, &mut bytes);
    assert_eq!(&bytes[..6], b"before", "the previous content is unchanged");
    match outcome {
        Ok(()) => Ok(bytes.split_off(6)),
        Err(error) => {
            assert_eq!(bytes.len(), 6, "a failure writes nothing");
            Err(error.to_string())
        }
    }
}

/// The value of bytes.
pub fn decode<T: StateType>(integers: IntegerEncoding, bytes: &[u8]) -> Result<T, String> {
    serializer::<T>(integers).deserialize(bytes).map_err(|error| error.to_string())
}

/// The serializer of a type.
pub fn serializer<T: StateType>(integers: IntegerEncoding) -> Serializer<T> {
    Serializer::with_integers(integers).unwrap_or_else(|error| panic!("{error}"))
}

/// What bincode 1 and 2 write for the value under serde.
pub fn bincode_bytes<T: Serialize>(integers: IntegerEncoding, value: &T) -> Vec<u8> {
    match integers {
        IntegerEncoding::Fixed => {
            let one = bincode1::serialize(value).unwrap();
            let two = bincode::serde::encode_to_vec(value, bincode::config::legacy()).unwrap();
            assert_eq!(one, two, "bincode 1 and 2 agree");
            two
        }
        IntegerEncoding::Variable => bincode::serde::encode_to_vec(value, bincode::config::standard()).unwrap(),
    }
}

/// What bincode 1 and 2 read from bytes.
pub fn bincode_values<T: DeserializeOwned>(integers: IntegerEncoding, bytes: &[u8]) -> Vec<T> {
    match integers {
        IntegerEncoding::Fixed => {
            let (two, length) = bincode::serde::decode_from_slice(bytes, bincode::config::legacy()).unwrap();
            assert_eq!(length, bytes.len());
            vec![bincode1::deserialize(bytes).unwrap(), two]
        }
        IntegerEncoding::Variable => {
            let (two, length) = bincode::serde::decode_from_slice(bytes, bincode::config::standard()).unwrap();
            assert_eq!(length, bytes.len());
            vec![two]
        }
    }
}

/// Checks for the bytes of bincode, in both directions and under both encodings, and the laws.
#[track_caller]
pub fn parity<T: StateType + Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    for integers in ENCODINGS {
        let ours = laws_under(integers, value);
        let theirs = bincode_bytes(integers, value);
        assert_eq!(ours, theirs, "{integers}: the bytes of {value:?}");
        for read in bincode_values::<T>(integers, &ours) {
            assert_eq!(&read, value, "{integers}: bincode reads our bytes");
        }
    }
}

/// Checks the laws of `StateType` under both encodings.
#[track_caller]
pub fn laws<T: StateType + PartialEq + Debug>(value: &T) {
    for integers in ENCODINGS {
        laws_under(integers, value);
    }
}

/// Checks the round trip, the sizes, and the sizes of the schema. Returns the bytes.
#[track_caller]
fn laws_under<T: StateType + PartialEq + Debug>(integers: IntegerEncoding, value: &T) -> Vec<u8> {
    let bytes = encode(integers, value).unwrap_or_else(|error| panic!("{integers}: {value:?}: {error}"));
    match decode::<T>(integers, &bytes) {
        Ok(read) => assert_eq!(&read, value, "{integers}: round trip"),
        Err(error) => panic!("{integers}: {value:?} as {bytes:?}: {error}"),
    }
    let of_type = T::SIZES.under(integers);
    let of_schema = serializer::<T>(integers).snapshot().schema().sizes()[NodeId::ROOT.index()].under(integers);
    for size in [of_type, of_schema] {
        assert!(keeps(size, bytes.len()), "{integers}: {value:?} takes {} bytes, promised {size:?}", bytes.len());
    }
    assert!(of_type.min <= of_schema.min, "{of_type:?} stops at indirections, {of_schema:?} does not");
    bytes
}

fn keeps(size: Size, length: usize) -> bool {
    if size.exact { length == size.min } else { length >= size.min }
}
