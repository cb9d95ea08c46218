//! The types of the standard library, one family a file.

mod addresses;
mod arrays;
mod boxes;
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
