//! Checks whether the result of a migration depends on the releases in between.
//!
//! A release migrates the values of all earlier releases. Those of an old one reach it directly, where its users
//! skipped releases, or through the releases between, where they did not; both must become the same. This is not proved
//! from the plans but tried: values that between them reach every part of the old layout go both ways through the
//! engine itself.

mod compare;
mod cover;
mod difference;
mod outcome;
mod route;

pub use compare::compare;
pub use outcome::{Divergence, History, Reason, Skipped};

pub(crate) use cover::cover;
#[doc(hidden)]
pub use cover::examples;
pub(crate) use difference::differences;
