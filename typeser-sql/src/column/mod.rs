//! Columns: the Arrow type of each layout, and arrays of stored values.

mod array;
mod layout;
mod logical;
mod weight;

pub(crate) use layout::{Column, free_name};
pub(crate) use weight::rows_at_a_time;
