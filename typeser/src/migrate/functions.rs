//! The functions that a program calls, as the transcoder sees them: by index.

use super::distinct::{DistinctPart, DistinctStep};
use super::stored::stray;
use crate::wire::DecodeError;

/// Calls the functions of a program. The transcoder knows their indexes only.
pub(super) trait Functions {
    /// Appends what the functions at this index return for a stored part. Returns how many elements without bytes may
    /// still be written. After an error, the appended bytes are ignored.
    fn call(&self, index: usize, part: Part<'_>, limits: RemainingLimits, to: &mut Vec<u8>)
    -> Result<u64, DecodeError>;

    /// The error on two elements of a set, or keys of a map, that functions have made equal.
    fn equal(&self, step: &DistinctStep, parts: [DistinctPart; 2]) -> DecodeError;
}

/// For programs that call no functions.
pub(super) struct NoFunctions;

impl Functions for NoFunctions {
    fn call(&self, _: usize, part: Part<'_>, _: RemainingLimits, _: &mut Vec<u8>) -> Result<u64, DecodeError> {
        Err(stray(part.start))
    }

    fn equal(&self, _: &DistinctStep, [_, second]: [DistinctPart; 2]) -> DecodeError {
        stray(second.stored.0)
    }
}

/// A stored part and its offset.
pub(super) struct Part<'a> {
    pub(super) start: usize,
    pub(super) stored: &'a [u8],
}

/// What the limits of the value leave for the part.
pub(super) struct RemainingLimits {
    /// The nesting depth of the part in the value.
    pub(super) depth: u32,
    /// How many elements without bytes may still be written.
    pub(super) empty: u64,
}
