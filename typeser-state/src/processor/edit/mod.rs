//! Basing a new savepoint on another one.

pub(crate) mod modify;
pub(crate) mod plan;
pub(crate) mod steps;
