//! What differs between two savepoints, row by row.

pub(crate) mod found;
pub(crate) mod not_compared;
mod pair;
mod side;
mod value;
