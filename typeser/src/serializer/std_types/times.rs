//! `Duration` and `SystemTime`: seconds (u64), then nanoseconds (u32, below 1e9).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

/// Nanoseconds in a second.
const SECOND: u32 = 1_000_000_000;

impl StateType for Duration {
    const SIZES: Sizes = <(u64, u32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::DURATION, <(u64, u32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_u64(self.as_secs());
        to.put_u32(self.subsec_nanos());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let seconds = from.take_u64()?;
        let at = from.offset();
        let nanoseconds = from.take_u32()?;
        if nanoseconds >= SECOND {
            return Err(DecodeError::new(at, DecodeErrorKind::InvalidNanoseconds { found: nanoseconds }));
        }
        Ok(Self::new(seconds, nanoseconds))
    }
}

impl StateKey for Duration {}
impl OrderedKey for Duration {}

/// Counted from 1970; earlier times have no form.
impl StateType for SystemTime {
    const SIZES: Sizes = Duration::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical::<Self>(logical::SYSTEM_TIME, <(u64, u32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        match self.duration_since(UNIX_EPOCH) {
            Ok(since) => since.encode(to),
            Err(before) => Err(EncodeErrorKind::TimeBeforeEpoch { before_epoch: before.duration() }.into()),
        }
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let since = Duration::decode(from)?;
        // Some systems count in coarser steps than nanoseconds, and `checked_add` would round in silence.
        let time = UNIX_EPOCH
            .checked_add(since)
            .filter(|time| time.duration_since(UNIX_EPOCH).is_ok_and(|held| held == since));
        time.ok_or_else(|| {
            let what = format!("a time {since:?} after 1970-01-01T00:00:00Z");
            DecodeError::new(at, DecodeErrorKind::OutOfRange { what, type_name: "SystemTime" })
        })
    }
}

impl StateKey for SystemTime {}
impl OrderedKey for SystemTime {}
