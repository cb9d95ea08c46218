//! Bytes: writers, the bounded reader, integer encodings, checksums, and errors with offsets.
//!
//! Nothing here knows the meaning of a value. Two things are defined here for all other modules: how an integer, a
//! length and a tag look under each [`IntegerEncoding`](crate::schema::IntegerEncoding), and that nothing is reserved
//! by a length that the remaining bytes cannot back.

#[allow(
    unsafe_code,
    reason = "the one place where bytes are written without being zeroed first; each block has its proof"
)]
mod bulk;
mod checksum;
mod encoding;
mod error;
mod output;
mod reader;
mod stack;
mod take;
mod validate;
mod variable;
mod writer;

pub use encoding::{Fixed, Integers, Variable};
pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
pub use reader::Reader;
pub use writer::Writer;

#[doc(hidden)]
pub use checksum::checksum;
#[doc(hidden)]
pub use output::Output;
#[doc(hidden)]
pub use writer::Window;

pub(crate) use bulk::{SPARE, extend, fill_vec, text};
pub(crate) use stack::on_another;
pub(crate) use validate::{validate, validate_within};
