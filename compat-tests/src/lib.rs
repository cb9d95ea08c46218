//! Helpers that several tests in `tests/` use.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a failed test")]

pub mod entrances;
pub mod evolution;
#[cfg(doctest)]
mod guides;
pub mod oracle;
pub mod ordered_zoo;
pub mod pairs;
pub mod rolling;
pub mod schemas;
pub mod snapshot_zoo;
