//! Bounds on what a dynamic value may hold, so that a few bytes cannot claim much memory.

use crate::schema::Limits;

/// The most containers that a value may be nested: as many as the transcoder comes back from.
pub(super) const MOST_FRAMES: usize = Limits::DEPTH as usize * 128;
/// How many parts a value may have beyond [`PARTS_A_BYTE`]: parts without bytes would otherwise cost nothing to claim.
pub(super) const MOST_FREE_PARTS: u64 = 1 << 20;
/// How many parts a value may have for each byte that it takes.
pub(super) const PARTS_A_BYTE: u64 = 4;
