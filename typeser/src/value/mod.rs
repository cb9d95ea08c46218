//! Values without their Rust type: read from any stored bytes by their snapshot alone, looked at, changed, written
//! back.

mod access;
mod build;
mod decode;
mod encode;
mod error;
mod integers;
mod json;
mod layout;
mod limits;
pub(crate) mod minimal;
mod parse;
mod print;
mod record;
mod recursion;
mod rust;
mod text;
mod tree;
mod widen;

pub(crate) use decode::{decode_part, locate};
pub use error::{
    DecodeValueError, DecodeValueErrorKind, EncodeValueError, EncodeValueErrorKind, ParseValueError, ValueError,
};
pub use tree::{Record, Value};
