//! The types of chrono: dates, times of day, timestamps, offsets from UTC and signed durations.
//!
//! chrono marks a leap second by nanoseconds of 1e9 and more, at any second: they are stored unchanged. `DateTime` of
//! another zone than `Utc` or a fixed offset has no form: what its bytes mean would depend on who reads them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::{DAY, no_value};
use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, EncodeError, Integers, Reader, Writer};

/// The parameter that distinguishes these types from those of other crates.
const OF: (&str, &str) = ("of", "chrono");

impl StateType for NaiveDate {
    const SIZES: Sizes = i32::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::DATE, &[OF], i32::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_i32(self.to_epoch_days());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let days = from.take_i32()?;
        Self::from_epoch_days(days)
            .ok_or_else(|| no_value(at, "chrono::NaiveDate", format!("day {days} from 1970-01-01")))
    }
}

impl StateKey for NaiveDate {}
impl OrderedKey for NaiveDate {}

impl StateType for NaiveTime {
    const SIZES: Sizes = <(u32, u32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::TIME, &[OF], <(u32, u32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_u32(self.num_seconds_from_midnight());
        to.put_u32(self.nanosecond());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let (seconds, nanoseconds) = (from.take_u32()?, from.take_u32()?);
        // In two steps, since values with a leap second in the middle of a minute can be made, and so stored.
        Self::from_num_seconds_from_midnight_opt(seconds, 0)
            .and_then(|time| time.with_nanosecond(nanoseconds))
            .ok_or_else(|| {
                let what = format!("{seconds} seconds (of {DAY}) and {nanoseconds} nanoseconds after midnight");
                no_value(at, "chrono::NaiveTime", what)
            })
    }
}

impl StateKey for NaiveTime {}
impl OrderedKey for NaiveTime {}

impl StateType for NaiveDateTime {
    const SIZES: Sizes = <(i32, u32, u32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::DATE_TIME, &[OF], <(i32, u32, u32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        self.date().encode(to)?;
        self.time().encode(to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        Ok(Self::new(NaiveDate::decode(from)?, NaiveTime::decode(from)?))
    }
}

impl StateKey for NaiveDateTime {}
impl OrderedKey for NaiveDateTime {}

impl StateType for DateTime<Utc> {
    const SIZES: Sizes = <(i64, u32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::TIMESTAMP, &[OF, ("zone", "utc")], <(i64, u32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        encode_instant(self.timestamp(), self.timestamp_subsec_nanos(), to);
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        decode_instant(from).map(|instant| instant.and_utc())
    }
}

impl StateKey for DateTime<Utc> {}
impl OrderedKey for DateTime<Utc> {}

/// No key: times of different offsets are equal if they are the same instant, but their bytes differ.
impl StateType for DateTime<FixedOffset> {
    const SIZES: Sizes = <(i64, u32, i32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::TIMESTAMP, &[OF, ("zone", "offset")], <(i64, u32, i32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        encode_instant(self.timestamp(), self.timestamp_subsec_nanos(), to);
        self.offset().encode(to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let instant = decode_instant(from)?;
        Ok(Self::from_naive_utc_and_offset(instant, FixedOffset::decode(from)?))
    }
}

impl StateType for FixedOffset {
    const SIZES: Sizes = i32::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::UTC_OFFSET, &[OF], i32::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_i32(self.local_minus_utc());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let seconds = from.take_i32()?;
        Self::east_opt(seconds)
            .ok_or_else(|| no_value(at, "chrono::FixedOffset", format!("{seconds} seconds east of UTC")))
    }
}

impl StateKey for FixedOffset {}

/// Seconds and nanoseconds have the same sign, as in `time::Duration`.
impl StateType for TimeDelta {
    const SIZES: Sizes = <(i64, i32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::SIGNED_DURATION, &[OF], <(i64, i32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_i64(self.num_seconds());
        to.put_i32(self.subsec_nanos());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let (seconds, nanoseconds) = (from.take_i64()?, from.take_i32()?);
        let (whole, part) = match nanoseconds {
            ..0 => (seconds.checked_sub(1), nanoseconds.saturating_add(1_000_000_000)),
            0.. => (Some(seconds), nanoseconds),
        };
        whole
            .zip(u32::try_from(part).ok())
            .and_then(|(whole, part)| Self::new(whole, part))
            .filter(|delta| delta.num_seconds() == seconds && delta.subsec_nanos() == nanoseconds)
            .ok_or_else(|| {
                let what = format!("{seconds} seconds and {nanoseconds} nanoseconds");
                no_value(at, "chrono::TimeDelta", what)
            })
    }
}

impl StateKey for TimeDelta {}
impl OrderedKey for TimeDelta {}

#[inline]
fn encode_instant<W: Writer>(seconds: i64, nanoseconds: u32, to: &mut W) {
    to.put_i64(seconds);
    to.put_u32(nanoseconds);
}

#[inline]
fn decode_instant<E: Integers>(from: &mut Reader<'_, E>) -> Result<NaiveDateTime, DecodeError> {
    let at = from.offset();
    let (seconds, nanoseconds) = (from.take_i64()?, from.take_u32()?);
    DateTime::from_timestamp(seconds, 0)
        .and_then(|instant| instant.naive_utc().with_nanosecond(nanoseconds))
        .ok_or_else(|| {
            let what = format!("{seconds} seconds and {nanoseconds} nanoseconds from 1970-01-01T00:00:00Z");
            no_value(at, "chrono::DateTime", what)
        })
}
