//! How timers are stored: a row among those of their key, and a line of an index in the order in which they fire.
//!
//! ```text
//! row     key group | state id | key | namespace | time domain u8 | time
//! index   state id | time domain u8 | time | the row's key as far as its namespace
//! ```
//!
//! A time is an `i64` whose sign bit is flipped, big-endian, so that times sort. Neither has a value. The index is never
//! in a savepoint: it follows from the rows.

use std::fmt;

use super::key::{STATE_ID_AT, TIMER};

/// Which time a timer waits for. The numbers are part of the stored format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TimeDomain {
    /// The time of events: how far a watermark has come.
    EventTime = 0,
    /// The time of the clock on the wall.
    ProcessingTime = 1,
}

const SIGN: u64 = 1 << 63;
/// How many bytes of a line of the index stand before the row's key.
pub(crate) const INDEX_HEAD: usize = size_of::<u16>() + TIMER;

impl TimeDomain {
    /// Both, in the order of their numbers.
    pub const ALL: [Self; 2] = [Self::EventTime, Self::ProcessingTime];

    /// The number that is stored.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// In the words of a sentence.
impl fmt::Display for TimeDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::EventTime => "event time",
            Self::ProcessingTime => "processing time",
        })
    }
}

/// A time, so that times sort as bytes.
pub(crate) fn time_bytes(time: i64) -> [u8; 8] {
    (time.cast_unsigned() ^ SIGN).to_be_bytes()
}

pub(crate) fn time_of(bytes: [u8; 8]) -> i64 {
    (u64::from_be_bytes(bytes) ^ SIGN).cast_signed()
}

/// Takes what follows the namespace in a timer's row apart.
pub(crate) fn split_timer(rest: &[u8]) -> Option<(TimeDomain, i64)> {
    let (number, time) = rest.split_first()?;
    let domain = TimeDomain::ALL.into_iter().find(|domain| domain.number() == *number)?;
    Some((domain, time_of(time.try_into().ok()?)))
}

/// Appends the line of the index for the row of a timer, of whose key the last `rest` bytes are domain and time.
pub(crate) fn put_index_key(row: &[u8], rest: usize, to: &mut Vec<u8>) {
    let (prefix, rest) = row.split_at(row.len().saturating_sub(rest));
    to.extend_from_slice(prefix.get(STATE_ID_AT).unwrap_or_default());
    to.extend_from_slice(rest);
    to.extend_from_slice(prefix);
}
