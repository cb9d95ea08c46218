//! When a row with a time to live is returned, deleted or stamped anew.

use crate::descriptor::{StateVisibility, TimeToLive, UpdateType};

/// A time to live, and what time it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetime {
    pub(crate) time_to_live: TimeToLive,
    pub(crate) now: u64,
}

/// What a row with a time to live is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Age {
    /// It is shown.
    pub(super) visible: bool,
    /// It has to go.
    pub(super) expired: bool,
    /// It becomes young again by being read.
    pub(super) refresh: bool,
}

impl Lifetime {
    pub(super) fn age(self, written: u64) -> Age {
        let Self { time_to_live, now } = self;
        let expired = time_to_live.is_expired(written, now);
        Age {
            visible: !expired || time_to_live.visibility == StateVisibility::ReturnExpiredIfNotCleanedUp,
            expired,
            refresh: !expired && time_to_live.update == UpdateType::OnReadAndWrite && written != now,
        }
    }

    pub(super) fn restamped(self, value: &[u8], to: &mut Vec<u8>) {
        to.clear();
        to.extend_from_slice(&self.now.to_le_bytes());
        to.extend_from_slice(value);
    }
}
