//! A stored value for which a finding matters, as small as one can be, with its bytes.

mod build;
mod climb;
mod example;
mod find;

pub(super) use build::Witnesses;
pub use build::witness;
pub use example::{Claim, Example, Witness};
