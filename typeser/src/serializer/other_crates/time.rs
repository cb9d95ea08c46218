//! The types of time: dates, times of day, timestamps, offsets from UTC and signed durations.
//!
//! Years are those from -9999 to 9999, also where the crate's feature `large-dates` allows for more: what a program can
//! read must not depend on the features of a crate.

use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};

use super::{DAY, no_value};
use crate::schema::{NodeId, Sizes, logical};
use crate::serializer::{Describer, OrderedKey, StateKey, StateType};
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

/// The parameter that distinguishes these types from those of other crates.
const OF: (&str, &str) = ("of", "time");

/// The largest year, before and after the year 0.
const YEARS: u32 = 9_999;

/// The Julian day of 1970-01-01.
const EPOCH: i32 = 2_440_588;

/// Nanoseconds in a second.
const SECOND: u32 = 1_000_000_000;

impl StateType for Date {
    const SIZES: Sizes = i32::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::DATE, &[OF], i32::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        check_year(*self)?;
        to.put_i32(self.to_julian_day() - EPOCH);
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let days = from.take_i32()?;
        date_of(days.into()).ok_or_else(|| no_value(at, "time::Date", format!("day {days} from 1970-01-01")))
    }
}

impl StateKey for Date {}
impl OrderedKey for Date {}

impl StateType for Time {
    const SIZES: Sizes = <(u32, u32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::TIME, &[OF], <(u32, u32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_u32(seconds_of(*self));
        to.put_u32(self.nanosecond());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let seconds = from.take_u32()?;
        let nanoseconds = decode_nanoseconds(from)?;
        time_of(seconds, nanoseconds)
            .ok_or_else(|| no_value(at, "time::Time", format!("second {seconds} (of {DAY}) after midnight")))
    }
}

impl StateKey for Time {}
impl OrderedKey for Time {}

impl StateType for PrimitiveDateTime {
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
        Ok(Self::new(Date::decode(from)?, Time::decode(from)?))
    }
}

impl StateKey for PrimitiveDateTime {}
impl OrderedKey for PrimitiveDateTime {}

impl StateType for UtcDateTime {
    const SIZES: Sizes = <(i64, u32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::TIMESTAMP, &[OF, ("zone", "utc")], <(i64, u32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        check_year(self.date())?;
        to.put_i64(self.unix_timestamp());
        to.put_u32(self.nanosecond());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let seconds = from.take_i64()?;
        let nanoseconds = decode_nanoseconds(from)?;
        let (date, time) = date_time_of(seconds, nanoseconds)
            .ok_or_else(|| no_value(at, "time::UtcDateTime", format!("second {seconds} from 1970-01-01T00:00:00Z")))?;
        Ok(Self::new(date, time))
    }
}

impl StateKey for UtcDateTime {}
impl OrderedKey for UtcDateTime {}

/// No key: times of different offsets are equal if they are the same instant, but their bytes differ.
impl StateType for OffsetDateTime {
    const SIZES: Sizes = <(i64, u32, i32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::TIMESTAMP, &[OF, ("zone", "offset")], <(i64, u32, i32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        check_year(self.date())?;
        to.put_i64(self.unix_timestamp());
        to.put_u32(self.nanosecond());
        self.offset().encode(to)
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let seconds = from.take_i64()?;
        let nanoseconds = decode_nanoseconds(from)?;
        let offset = UtcOffset::decode(from)?;
        // By way of the local time: its year is the one that is bounded, whatever the year in UTC.
        let local = seconds.checked_add(offset.whole_seconds().into());
        let (date, time) = local.and_then(|local| date_time_of(local, nanoseconds)).ok_or_else(|| {
            let what = format!("second {seconds} from 1970-01-01T00:00:00Z at offset {offset}");
            no_value(at, "time::OffsetDateTime", what)
        })?;
        Ok(Self::new_in_offset(date, time, offset))
    }
}

impl StateType for UtcOffset {
    const SIZES: Sizes = i32::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::UTC_OFFSET, &[OF], i32::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_i32(self.whole_seconds());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let seconds = from.take_i32()?;
        Self::from_whole_seconds(seconds)
            .map_err(|_| no_value(at, "time::UtcOffset", format!("{seconds} seconds east of UTC")))
    }
}

impl StateKey for UtcOffset {}

/// Seconds and nanoseconds have the same sign.
impl StateType for Duration {
    const SIZES: Sizes = <(i64, i32)>::SIZES;

    fn describe(to: &mut Describer) -> NodeId {
        to.logical_with::<Self>(logical::SIGNED_DURATION, &[OF], <(i64, i32)>::describe)
    }

    #[inline]
    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        to.put_i64(self.whole_seconds());
        to.put_i32(self.subsec_nanoseconds());
        Ok(())
    }

    #[inline]
    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let at = from.offset();
        let (seconds, nanoseconds) = (from.take_i64()?, from.take_i32()?);
        let same_sign = seconds == 0 || nanoseconds == 0 || (seconds < 0) == (nanoseconds < 0);
        if nanoseconds.unsigned_abs() >= SECOND || !same_sign {
            return Err(no_value(at, "time::Duration", format!("{seconds} seconds and {nanoseconds} nanoseconds")));
        }
        Ok(Self::new(seconds, nanoseconds))
    }
}

impl StateKey for Duration {}
impl OrderedKey for Duration {}

/// Refuses a year that the layout does not hold.
#[inline]
fn check_year(date: Date) -> Result<(), EncodeError> {
    if date.year().unsigned_abs() <= YEARS {
        return Ok(());
    }
    let why = "the layout holds the years from -9999 to 9999";
    Err(EncodeErrorKind::NoForm { what: date.to_string(), type_name: "time::Date", why }.into())
}

#[inline]
fn decode_nanoseconds<E: Integers>(from: &mut Reader<'_, E>) -> Result<u32, DecodeError> {
    let at = from.offset();
    match from.take_u32()? {
        found if found >= SECOND => Err(DecodeError::new(at, DecodeErrorKind::InvalidNanoseconds { found })),
        nanoseconds => Ok(nanoseconds),
    }
}

#[inline]
fn seconds_of(time: Time) -> u32 {
    let (hour, minute, second) = time.as_hms();
    (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second)
}

#[inline]
fn time_of(seconds: u32, nanoseconds: u32) -> Option<Time> {
    let part = |value: u32| u8::try_from(value).ok();
    Time::from_hms_nano(part(seconds / 3_600)?, part(seconds / 60 % 60)?, part(seconds % 60)?, nanoseconds).ok()
}

#[inline]
fn date_of(days: i64) -> Option<Date> {
    let julian = days.checked_add(EPOCH.into())?;
    Date::from_julian_day(i32::try_from(julian).ok()?).ok().filter(|date| date.year().unsigned_abs() <= YEARS)
}

/// The date and time of day this many seconds from 1970.
#[inline]
fn date_time_of(seconds: i64, nanoseconds: u32) -> Option<(Date, Time)> {
    let day = i64::from(DAY);
    let of_day = u32::try_from(seconds.rem_euclid(day)).ok()?;
    Some((date_of(seconds.div_euclid(day))?, time_of(of_day, nanoseconds)?))
}
