//! The serde bridge: values of any type that serde knows, stored as opaque leaves.
//!
//! `#[state(serde(name = "geo-point", version = 1))]` on a field or a type makes a
//! [`CustomSerializer`](super::CustomSerializer) of these two functions. Write one by hand for collections, as
//! [`Custom`](super::Custom), or to say more of other versions:
//!
//! ```
//! use typeser::StateType;
//! use typeser::serializer::{Custom, CustomError, CustomSerializer, OldVersion, serde_bridge};
//! # mod geo {
//! #     use serde_derive::{Deserialize, Serialize};
//! #     #[derive(Serialize, Deserialize)]
//! #     pub struct Point { pub x: f64, pub y: f64 }
//! # }
//!
//! // Version 1 was a pair of `f32`.
//! struct GeoPoint;
//!
//! impl CustomSerializer for GeoPoint {
//!     type Value = geo::Point;
//!     const NAME: &'static str = "geo-point";
//!     const VERSION: u32 = 2;
//!     const MIGRATES: &'static [OldVersion<geo::Point>] = &[OldVersion {
//!         version: 1,
//!         read: |bytes| {
//!             let (x, y): (f32, f32) = serde_bridge::read(bytes)?;
//!             Ok(geo::Point { x: x.into(), y: y.into() })
//!         },
//!     }];
//!
//!     fn write(value: &geo::Point, to: &mut Vec<u8>) -> Result<(), CustomError> {
//!         serde_bridge::write(value, to)
//!     }
//!
//!     fn read(from: &[u8]) -> Result<geo::Point, CustomError> {
//!         serde_bridge::read(from)
//!     }
//! }
//!
//! #[derive(StateType)]
//! struct Track {
//!     points: Vec<Custom<GeoPoint>>,
//! }
//! ```
//!
//! # Bytes
//! Those of the fixed layout in `docs/format.md`, whatever integer encoding the value around them has: what `bincode` 1
//! and bincode 2's legacy configuration write, so that such data can be taken over. It is code of our own and not that
//! crate, since its readers recurse without a bound and reserve what lengths claim.
//!
//! # What cannot be stored
//! The bytes do not say what they are, so a type has to read what it wrote without asking: `untagged`, `flatten`,
//! `tag = ".."` and fields that are skipped when written or when read have no such form. So each value is read back
//! once when it is written, and what cannot be read is an encode error.

mod error;
mod read;
mod write;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::conversions::Outcome;
use super::custom::CustomError;
use crate::schema::Limits;
use crate::wire::{Fixed, Output, Reader, on_another};
use error::{ADVICE, BridgeError};

/// Appends the bytes of a value.
///
/// # Errors
/// The value refuses, is too deep, or is of a type that could not read it back.
pub fn write<T: Serialize + DeserializeOwned>(value: &T, to: &mut Vec<u8>) -> Result<(), CustomError> {
    let start = to.len();
    let mut output = Output::<Fixed>::guarded(std::mem::take(to), 0, Limits::EMPTY_ELEMENTS);
    let mut outcome = value.serialize(write::ValueWriter { to: &mut output });
    if output.is_short() {
        let mut bytes = output.into_bytes();
        bytes.truncate(start);
        output = Output::new(bytes);
        outcome = on_another(|| value.serialize(write::ValueWriter { to: &mut output }));
    }
    *to = output.into_bytes();
    outcome?;
    match read::<T>(to.get(start..).unwrap_or_default()) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("what serde wrote could not be read back ({error}); {ADVICE}").into()),
    }
}

/// Reads the value that takes up all of these bytes.
///
/// # Errors
/// The bytes are not those of one value.
pub fn read<T: DeserializeOwned>(from: &[u8]) -> Result<T, CustomError> {
    let mut reader = Reader::<Fixed>::guarded(from);
    let mut value = T::deserialize(read::ValueReader { from: &mut reader });
    if reader.is_short() {
        reader = Reader::new(from);
        value = on_another(|| T::deserialize(read::ValueReader { from: &mut reader }));
    }
    let value = value?;
    reader.finish().map_err(BridgeError::from)?;
    Ok(value)
}

/// Reads a value of an earlier version, and has a function make the current one of it.
///
/// # Errors
/// The bytes are not those of one value, or the function refuses it.
pub fn convert<A: DeserializeOwned, T, R: Outcome<T>>(
    from: &[u8],
    function: impl FnOnce(A) -> R,
) -> Result<T, CustomError> {
    Ok(function(read(from)?).outcome()?)
}
