//! The four data sets: the shapes and sizes of the public Rust serialization benchmark, from our own generators.
//!
//! The benchmark is <https://github.com/djkoloski/rust_serialization_benchmark>. The values differ,
//! but what matters for a codec (fields, lengths, the frequency of set options) is the same.

pub mod log;
pub mod mesh;
pub mod minecraft_savedata;
pub mod mk48;
