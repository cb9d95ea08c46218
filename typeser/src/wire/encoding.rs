//! Integer encodings as types, so that code is compiled for each of them.

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

pub(super) mod sealed {
    /// Keeps [`super::Integers`] and [`super::Writer`] to the types of this module.
    pub trait Sealed {}

    impl Sealed for super::Fixed {}
    impl Sealed for super::Variable {}
}
