//! The types of the standard library, one family a file.

mod addresses;
mod arrays;
mod boxes;
mod cells;
mod cows;
mod enums;
mod lists;
mod maps;
mod nonzero;
mod options;
mod paths;
mod primitives;
mod ranges;
mod sets;
mod slices;
mod strings;
mod times;
mod tuples;
mod wrappers;

pub(super) use maps::duplicate_key;
pub(super) use sets::duplicate_element;
pub(super) use strings::decode_str;
