//! The memory of the transcoder: its frames and its notes.

use super::program::{At, Levels};

/// Memory that runs of a migration use again.
#[derive(Debug, Default)]
pub struct Scratch {
    pub(super) frames: Vec<Frame>,
    pub(super) notes: Vec<(usize, usize)>,
}

/// Something to come back to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Frame {
    /// A body, so many times more.
    Loop { left: u64, levels: Levels },
    /// A body, so many times more, each of which may take no bytes: where it began in what is stored and, if that is
    /// to be looked at, in what is written.
    CountedLoop { left: u64, levels: Levels, stored: Option<usize>, written: Option<usize> },
    /// A routine.
    Return { at: At, levels: Levels },
    /// A record whose fields were noted, from this place in the notes on.
    Permute { base: usize },
    /// A record whose fields are being noted.
    Note { base: usize },
    /// Noting itself: where it began, in the program and in the bytes.
    Noting { at: At, start: usize },
}
