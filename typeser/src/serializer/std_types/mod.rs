//! The types of the standard library, one family a file.

mod boxes;
mod lists;
mod options;
mod primitives;
mod strings;
