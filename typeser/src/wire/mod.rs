//! Bytes: writers, the bounded reader, integer encodings, checksums, and errors that say where.
//!
//! Nothing here knows what a value means. Two things are settled here once for everybody: how an integer, a length
//! and a tag look under each [`IntegerEncoding`], and that nothing is
//! reserved by a length that the remaining bytes cannot back.

#[allow(
    unsafe_code,
    reason = "the one place where bytes are written without being zeroed first; each block has its proof"
)]
mod bulk;
mod error;
mod integer;
mod reader;
mod validate;
mod writer;

pub use error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind};
pub use reader::Reader;
pub use writer::{Output, Window, Writer};

pub(crate) use bulk::{SPARE, extend, fill_vec, text};
pub(crate) use validate::validate;

use crate::schema::IntegerEncoding;

/// An integer encoding as a type, so that code for each is compiled apart and nothing is asked at run time.
///
/// Implemented by [`Fixed`] and [`Variable`] only.
pub trait Integers: sealed::Sealed + Copy + Default + Send + Sync + 'static {
    /// The encoding as a value.
    const ENCODING: IntegerEncoding;
}

/// [`IntegerEncoding::Fixed`] as a type.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fixed;

/// [`IntegerEncoding::Variable`] as a type.
#[derive(Debug, Clone, Copy, Default)]
pub struct Variable;

impl Integers for Fixed {
    const ENCODING: IntegerEncoding = IntegerEncoding::Fixed;
}

impl Integers for Variable {
    const ENCODING: IntegerEncoding = IntegerEncoding::Variable;
}

/// The checksum of stored blocks: CRC-32 (IEEE), little-endian where it is stored.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

mod sealed {
    /// Keeps [`super::Integers`] and [`super::Writer`] to the types of this module.
    pub trait Sealed {}

    impl Sealed for super::Fixed {}
    impl Sealed for super::Variable {}
    impl<E: super::Integers> Sealed for super::Output<E> {}
    impl<E: super::Integers> Sealed for super::Window<'_, E> {}
}
