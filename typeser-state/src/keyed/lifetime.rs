//! When a row with a time to live is returned, deleted or stamped again.

use crate::descriptor::{StateVisibility, TimeToLive, UpdateType};

/// A time to live and the current time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lifetime {
    pub(crate) time_to_live: TimeToLive,
    pub(crate) now: u64,
}

/// What a read does with a row that has a time to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Age {
    /// It is returned.
    pub(super) visible: bool,
    /// It is deleted.
    pub(super) expired: bool,
    /// It gets a new time stamp.
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
