//! Columns: the Arrow type of each layout, and arrays of stored values.

mod array;
mod layout;
mod logical;

pub(crate) use layout::{Column, free_name};
