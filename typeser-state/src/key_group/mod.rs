//! Key groups: the numbered portions in which keyed state is stored and handed to operator instances.
//!
//! A key belongs to the group `xxh3_64(key bytes, seed 0) % max_parallelism`. Hash, seed and remainder are part of the
//! stored format: they never change. The idea, and the way in which groups are shared out, are Flink's
//! `KeyGroupRangeAssignment`; the hash is our own, so groups differ from Flink's.

mod error;
mod max_parallelism;
mod range;

pub use error::KeyGroupError;
pub use max_parallelism::{KeyGroup, MaxParallelism};
pub use range::{KeyGroupRange, KeyGroups};

pub(crate) use error::InvalidKeyGroups;
