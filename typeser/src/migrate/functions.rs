//! The functions of a program, as the transcoder calls them: by their place alone.

use super::stored::stray;
use crate::wire::DecodeError;

/// What calls the functions of a program: the transcoder knows their places only.
pub(super) trait Functions {
    /// Appends what the functions of this place make of a stored part. Gives how many elements without bytes may still
    /// be written. What is appended when it fails is of no account.
    fn call(&self, index: usize, part: Part<'_>, room: Room, to: &mut Vec<u8>) -> Result<u64, DecodeError>;
}

/// For programs that call none.
pub(super) struct NoFunctions;

impl Functions for NoFunctions {
    fn call(&self, _: usize, part: Part<'_>, _: Room, _: &mut Vec<u8>) -> Result<u64, DecodeError> {
        Err(stray(part.start))
    }
}

/// A stored part, and where it lies.
pub(super) struct Part<'a> {
    pub(super) start: usize,
    pub(super) stored: &'a [u8],
}

/// What a value has room for where the part lies.
pub(super) struct Room {
    /// How many levels deep that is.
    pub(super) depth: u32,
    /// How many elements without bytes may still be written.
    pub(super) empty: u64,
}
