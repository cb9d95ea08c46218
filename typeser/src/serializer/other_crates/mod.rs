//! Types of other crates, each crate behind a feature of its name.
//!
//! What two crates call by one name is not one type: chrono knows leap seconds and the year 262,142, time does not. So
//! the logical types of both have the parameter `of`, and neither is read as the other without a conversion.

#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "rust_decimal")]
mod decimals;
#[cfg(feature = "ordered-float")]
mod floats;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "serde_json")]
mod json;
#[cfg(any(feature = "chrono", feature = "uuid"))]
mod serde_forms;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuids;

#[cfg(any(feature = "chrono", feature = "uuid"))]
pub use serde_forms::SerdeForm;

/// Seconds of a day, leap seconds not counted.
#[cfg(any(feature = "chrono", feature = "time"))]
const DAY: u32 = 86_400;

/// The error for parts that were read from `at` on and make no value.
#[cfg(any(
    feature = "chrono",
    feature = "time",
    feature = "rust_decimal",
    feature = "ordered-float",
    feature = "serde_json",
    feature = "uuid"
))]
#[cold]
fn no_value(at: usize, type_name: &'static str, what: String) -> crate::wire::DecodeError {
    crate::wire::DecodeError::new(at, crate::wire::DecodeErrorKind::NoValue { what, type_name })
}
