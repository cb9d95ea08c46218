//! Witnesses: the smallest stored value that a finding affects, with its bytes.

mod build;
mod climb;
mod example;
mod find;

pub(super) use build::Witnesses;
pub use build::witness;
pub use example::{Claim, Example, Witness};
