//! How timers are stored: as a row of their key, and as an entry in an index that is ordered by time.
//!
//! ```text
//! row     key group | state id | key | namespace | time domain u8 | time
//! index   state id | time domain u8 | time | the row's key as far as its namespace
//! ```
//!
//! A time is a big-endian `i64` with a flipped sign bit, so that byte order is time order. Neither row has a value. The
//! index is not part of a savepoint: it is derived from the rows.

use std::fmt;

use super::key::{RowKey, STATE_ID_AT, TIMER};

/// The time that a timer waits for. The numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TimeDomain {
    /// Event time, which advances with watermarks.
    EventTime = 0,
    /// Processing time: the wall clock.
    ProcessingTime = 1,
}

const SIGN: u64 = 1 << 63;
/// The size of an index entry before the row's key.
pub(crate) const INDEX_HEAD: usize = size_of::<u16>() + TIMER;

impl TimeDomain {
    /// Both, in numeric order.
    pub const ALL: [Self; 2] = [Self::EventTime, Self::ProcessingTime];

    /// The number that is stored.
    #[doc(hidden)]
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl RowKey<'_> {
    /// Which time a timer waits for, and until when, in milliseconds since 1970; `None` if this is not the row of a
    /// timer.
    #[must_use]
    pub fn timer(&self) -> Option<(TimeDomain, i64)> {
        split_timer(self.rest)
    }
}

/// The name in a message.
impl fmt::Display for TimeDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::EventTime => "event time",
            Self::ProcessingTime => "processing time",
        })
    }
}

/// Encodes a time so that byte order is time order.
pub(crate) fn time_bytes(time: i64) -> [u8; 8] {
    (time.cast_unsigned() ^ SIGN).to_be_bytes()
}

pub(crate) fn time_of(bytes: [u8; 8]) -> i64 {
    (u64::from_be_bytes(bytes) ^ SIGN).cast_signed()
}

/// Splits what follows the namespace in the row of a timer.
pub(crate) fn split_timer(rest: &[u8]) -> Option<(TimeDomain, i64)> {
    let (number, time) = rest.split_first()?;
    let domain = TimeDomain::ALL.into_iter().find(|domain| domain.number() == *number)?;
    Some((domain, time_of(time.try_into().ok()?)))
}

/// Appends the index entry of a timer. The last `rest` bytes of its row key are the time domain and the time.
pub(crate) fn put_index_key(row: &[u8], rest: usize, to: &mut Vec<u8>) {
    let (prefix, rest) = row.split_at(row.len().saturating_sub(rest));
    to.extend_from_slice(prefix.get(STATE_ID_AT).unwrap_or_default());
    to.extend_from_slice(rest);
    to.extend_from_slice(prefix);
}
