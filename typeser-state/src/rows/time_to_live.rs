//! Time to live between two releases: which rows have expired, and which stamp the others get.

use typeser::resolve::Compatibility;

use crate::descriptor::{STAMP, TimeToLive, split_stamp};

/// What has become of the time to live of a state between two releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeToLiveChange {
    /// It has none, as before.
    None,
    /// It has one, as before, though it may be another: rows keep the time of their last write, and those that have
    /// expired by the new one are dropped.
    Kept {
        /// What it is now.
        new: TimeToLive,
    },
    /// It has one now: every row is stamped with the time of the restore.
    TurnedOn,
    /// It has none any more: rows that had expired are dropped, the others live for ever.
    TurnedOff {
        /// What it was.
        stored: TimeToLive,
    },
}

impl TimeToLiveChange {
    pub(crate) fn of(stored: Option<TimeToLive>, new: Option<TimeToLive>) -> Self {
        match (stored, new) {
            (None, None) => Self::None,
            (Some(_), Some(new)) => Self::Kept { new },
            (None, Some(_)) => Self::TurnedOn,
            (Some(stored), None) => Self::TurnedOff { stored },
        }
    }

    /// Rows change if it was turned on or off, and only then.
    #[must_use]
    pub fn compatibility(self) -> Compatibility {
        match self {
            Self::None | Self::Kept { .. } => Compatibility::Compatible,
            Self::TurnedOn | Self::TurnedOff { .. } => Compatibility::RequiresMigration,
        }
    }
}

/// What a stored value is without its stamp, and the stamp that it gets; `None` if it has expired.
#[inline]
pub(crate) fn aged(change: TimeToLiveChange, stored: &[u8], now: u64) -> Option<(Option<[u8; STAMP]>, &[u8])> {
    // The reader has seen to it that there is a stamp where there has to be one.
    let split = || split_stamp(stored).unwrap_or((0, stored));
    match change {
        TimeToLiveChange::None => Some((None, stored)),
        TimeToLiveChange::TurnedOn => Some((Some(now.to_le_bytes()), stored)),
        TimeToLiveChange::Kept { new } => {
            let (written, value) = split();
            (!new.is_expired(written, now)).then_some((Some(written.to_le_bytes()), value))
        }
        TimeToLiveChange::TurnedOff { stored: was } => {
            let (written, value) = split();
            (!was.is_expired(written, now)).then_some((None, value))
        }
    }
}
