//! Key groups: the numbered units in which keyed state is stored and assigned to operator instances.
//!
//! A key belongs to the group `xxh3_64(key bytes, seed 0) % max_parallelism`. Hash, seed and remainder are part of the
//! stored format: they never change. The idea and the assignment of groups to instances are those of Flink's
//! `KeyGroupRangeAssignment`. The hash function differs, so a key's group differs from Flink's.

mod error;
mod max_parallelism;
mod range;

pub use error::KeyGroupError;
pub use max_parallelism::{KeyGroup, MaxParallelism};
pub use range::{KeyGroupRange, KeyGroups};

pub(crate) use error::InvalidKeyGroups;
