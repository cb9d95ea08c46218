//! Time to live: after how long a value, an element or an entry is no longer there.

use std::time::Duration;

/// After how long without being written a stored row expires; per value, element of a list, or entry of a map.
///
/// Names and meanings are those of Flink's `StateTtlConfig`. Time is processing time: the operator's
/// [clock](crate::keyed::Clock).
///
/// ```
/// use std::time::Duration;
/// use typeser_state::descriptor::{TimeToLive, UpdateType};
///
/// let day = TimeToLive::new(Duration::from_secs(24 * 60 * 60)).with_update_type(UpdateType::OnReadAndWrite);
/// assert!(!day.is_expired(1_000, 1_000 + day.millis() - 1));
/// assert!(day.is_expired(1_000, 1_000 + day.millis()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeToLive {
    pub(crate) millis: u64,
    pub(crate) update: UpdateType,
    pub(crate) visibility: StateVisibility,
}

/// What makes a row young again. The numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[repr(u8)]
pub enum UpdateType {
    /// Creating and writing it.
    #[default]
    OnCreateAndWrite = 1,
    /// Reading it, too.
    OnReadAndWrite = 2,
}

/// Whether a row that has expired, and that nobody has cleaned up yet, is still shown. The numbers are part of the
/// stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[repr(u8)]
pub enum StateVisibility {
    /// Never.
    #[default]
    NeverReturnExpired = 1,
    /// Once: reading it cleans it up.
    ReturnExpiredIfNotCleanedUp = 2,
}

impl TimeToLive {
    /// So long after the last write, in whole milliseconds, at least one; part of a millisecond counts as one.
    #[must_use]
    pub fn new(duration: Duration) -> Self {
        let millis = duration.as_nanos().div_ceil(1_000_000).max(1);
        Self::of_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }

    pub(crate) fn of_millis(millis: u64) -> Self {
        Self { millis, update: UpdateType::default(), visibility: StateVisibility::default() }
    }

    /// The same with another answer to what makes a row young again.
    #[must_use]
    pub fn with_update_type(self, update: UpdateType) -> Self {
        Self { update, ..self }
    }

    /// The same with another answer to whether rows that have expired are shown.
    #[must_use]
    pub fn with_visibility(self, visibility: StateVisibility) -> Self {
        Self { visibility, ..self }
    }

    /// How long, in milliseconds.
    #[must_use]
    pub fn millis(self) -> u64 {
        self.millis
    }

    /// What makes a row young again.
    #[must_use]
    pub fn update_type(self) -> UpdateType {
        self.update
    }

    /// Whether rows that have expired are shown.
    #[must_use]
    pub fn visibility(self) -> StateVisibility {
        self.visibility
    }

    /// Whether a row that was last written at one time has expired at another; both in milliseconds since 1970.
    #[must_use]
    pub fn is_expired(self, written: u64, now: u64) -> bool {
        written.saturating_add(self.millis) <= now
    }
}

impl UpdateType {
    pub(crate) const ALL: [Self; 2] = [Self::OnCreateAndWrite, Self::OnReadAndWrite];
}

impl StateVisibility {
    pub(crate) const ALL: [Self; 2] = [Self::NeverReturnExpired, Self::ReturnExpiredIfNotCleanedUp];
}

/// How many bytes stand before the value of a row with a time to live: when it was last written, in milliseconds since
/// 1970, little-endian.
pub(crate) const STAMP: usize = size_of::<u64>();

/// Takes the time of the last write off a stored value.
pub(crate) fn split_stamp(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (stamp, value) = bytes.split_first_chunk::<STAMP>()?;
    Some((u64::from_le_bytes(*stamp), value))
}
