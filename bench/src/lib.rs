//! typeser compared with other codecs: data, contenders and the harness. The figures are in `README.md`.

pub mod codec;
pub mod data;
pub mod evolve;
pub mod instructions;
pub mod race;
pub mod random;
pub mod versions;
pub mod wide;
