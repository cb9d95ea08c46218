//! What differs between two savepoints, row by row.

pub(crate) mod found;
mod pair;
mod side;
mod value;
