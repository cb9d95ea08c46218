//! The four data sets: shapes and sizes of the public Rust serialization benchmark, made by our own generators.
//!
//! The benchmark is <https://github.com/djkoloski/rust_serialization_benchmark>. The values differ from its values;
//! what counts for a codec (fields, lengths, how often an option is set) is the same.

pub mod log;
pub mod mesh;
pub mod minecraft_savedata;
pub mod mk48;
