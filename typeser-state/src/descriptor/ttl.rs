//! Time to live: how long a value, an element or an entry exists after its last write.

use std::time::Duration;

/// How long a stored row exists after its last write. Each value, list element and map entry expires separately.
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

/// Which accesses renew the time to live. The numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[repr(u8)]
pub enum UpdateType {
    /// Creating and writing a row.
    #[default]
    OnCreateAndWrite = 1,
    /// Creating, writing and reading a row.
    OnReadAndWrite = 2,
}

/// Whether expired rows that have not been cleaned up yet are returned. The numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[repr(u8)]
pub enum StateVisibility {
    /// Expired rows are never returned.
    #[default]
    NeverReturnExpired = 1,
    /// An expired row is returned once: reading it cleans it up.
    ReturnExpiredIfNotCleanedUp = 2,
}

impl TimeToLive {
    /// Expires rows this long after their last write, rounded up to whole milliseconds; at least one.
    #[must_use]
    pub fn new(duration: Duration) -> Self {
        let millis = duration.as_nanos().div_ceil(1_000_000).max(1);
        Self::of_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }

    pub(crate) fn of_millis(millis: u64) -> Self {
        Self { millis, update: UpdateType::default(), visibility: StateVisibility::default() }
    }

    /// Sets which accesses renew the time to live.
    #[must_use]
    pub fn with_update_type(self, update: UpdateType) -> Self {
        Self { update, ..self }
    }

    /// Sets whether expired rows are returned.
    #[must_use]
    pub fn with_visibility(self, visibility: StateVisibility) -> Self {
        Self { visibility, ..self }
    }

    /// The time to live in milliseconds.
    #[must_use]
    pub fn millis(self) -> u64 {
        self.millis
    }

    /// Which accesses renew the time to live.
    #[must_use]
    pub fn update_type(self) -> UpdateType {
        self.update
    }

    /// Whether expired rows are returned.
    #[must_use]
    pub fn visibility(self) -> StateVisibility {
        self.visibility
    }

    /// Whether a row that was last written at `written` has expired at `now`, both in milliseconds since 1970.
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

/// The size of the time stamp before the value of a row with a time to live: the time of the last write in milliseconds
/// since 1970, little-endian.
pub(crate) const STAMP: usize = size_of::<u64>();

/// Splits a stored value into the time of the last write and the value itself.
pub(crate) fn split_stamp(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (stamp, value) = bytes.split_first_chunk::<STAMP>()?;
    Some((u64::from_le_bytes(*stamp), value))
}
