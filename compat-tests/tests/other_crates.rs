//! The types of other crates: the bytes that the format page promises, our errors, and no panics for any bytes.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod support;

use std::fmt::Debug;

use bytes::{Bytes, BytesMut};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use indexmap::{IndexMap, IndexSet};
use ordered_float::{NotNan, OrderedFloat};
use proptest::collection::vec;
use proptest::prelude::*;
use rust_decimal::Decimal;
use smallvec::{SmallVec, smallvec};
use support::{ENCODINGS, decode, encode, laws, parity, serializer};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};
use typeser::schema::IntegerEncoding::{Fixed, Variable};
use typeser::{StateKey, StateType, TypeSerializer};
use uuid::Uuid;

/// Bytes from hexadecimal text with optional spaces.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Checks the bytes under the fixed and the variable encoding, and the laws.
#[track_caller]
fn bytes<T: StateType + PartialEq + Debug>(value: T, fixed: &str, variable: &str) {
    for (integers, wanted) in [(Fixed, fixed), (Variable, variable)] {
        assert_eq!(encode(integers, &value).unwrap(), hex(wanted), "{integers}: {value:?}");
    }
    laws(&value);
}

fn layout<T: StateType>() -> String {
    let text = serializer::<T>(Fixed).snapshot().schema().canonical_text(Fixed);
    text.lines().find_map(|line| line.strip_prefix("root ")).unwrap().to_owned()
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn other_date(year: i32, month: u8, day: u8) -> Date {
    Date::from_calendar_date(year, Month::try_from(month).unwrap(), day).unwrap()
}

fn at(hour: u32, minute: u32, second: u32, nanosecond: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, second).unwrap().with_nanosecond(nanosecond).unwrap()
}

#[test]
fn each_type_has_the_layout_of_the_page() {
    let page = include_str!("../../docs/format.md");
    let layouts = [
        ("Uuid", layout::<Uuid>()),
        ("Decimal", layout::<Decimal>()),
        ("NotNan", layout::<NotNan<f64>>()),
        ("Value", layout::<serde_json::Value>()),
        ("chrono::NaiveDate", layout::<NaiveDate>()),
        ("chrono::NaiveTime", layout::<NaiveTime>()),
        ("chrono::NaiveDateTime", layout::<NaiveDateTime>()),
        ("chrono::DateTime<Utc>", layout::<DateTime<Utc>>()),
        ("chrono::DateTime<FixedOffset>", layout::<DateTime<FixedOffset>>()),
        ("chrono::FixedOffset", layout::<FixedOffset>()),
        ("chrono::TimeDelta", layout::<TimeDelta>()),
        ("time::Date", layout::<Date>()),
        ("time::Time", layout::<Time>()),
        ("time::PrimitiveDateTime", layout::<PrimitiveDateTime>()),
        ("time::UtcDateTime", layout::<UtcDateTime>()),
        ("time::OffsetDateTime", layout::<OffsetDateTime>()),
        ("time::UtcOffset", layout::<UtcOffset>()),
        ("time::Duration", layout::<time::Duration>()),
    ];
    for (name, layout) in layouts {
        let row = page.lines().find(|line| line.starts_with("| `") && line.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("the page has no row for {name}, whose layout is `{layout}`"));
        assert!(row.contains(&format!("`{layout}`")), "{row} should say `{layout}`");
    }
    assert_eq!(layout::<Bytes>(), "list<u8>");
    assert_eq!(layout::<BytesMut>(), "list<u8>");
    assert_eq!(layout::<SmallVec<[u16; 2]>>(), "list<u16>");
    assert_eq!(layout::<IndexMap<u8, String>>(), "map<u8, string>");
    assert_eq!(layout::<IndexSet<u8>>(), "set<u8>");
    assert_eq!(layout::<OrderedFloat<f32>>(), "f32");
}

#[test]
fn collections_and_floats_have_the_bytes_of_bincode() {
    for list in [&[][..], &[1], &[1, 2, 3, 4, 5]] {
        parity(&Bytes::copy_from_slice(list));
        parity(&BytesMut::from(list));
        parity(&SmallVec::<[u8; 2]>::from_slice(list));
        parity(&list.iter().map(|byte| format!("{byte}")).collect::<SmallVec<[String; 2]>>());
        // In insertion order, independent of hashes.
        parity(&list.iter().rev().map(|byte| (*byte, format!("{byte}"))).collect::<IndexMap<u8, String>>());
        parity(&list.iter().rev().map(|byte| u32::from(*byte)).collect::<IndexSet<u32>>());
    }
    for value in [0.0, -0.0, 1.5, f64::MAX, f64::INFINITY, f64::NEG_INFINITY] {
        laws(&OrderedFloat(value));
        laws(&NotNan::new(value).unwrap());
        for integers in ENCODINGS {
            let plain = encode(integers, &value);
            assert_eq!(encode(integers, &OrderedFloat(value)), plain);
            assert_eq!(encode(integers, &NotNan::new(value).unwrap()), plain);
            assert_eq!(encode(integers, &OrderedFloat(value as f32)), encode(integers, &(value as f32)));
        }
    }
}

#[test]
fn json_is_stored_as_its_text() {
    let value = serde_json::json!({ "name": "a", "rows": [1, null, 2.5], "deep": { "ok": true } });
    laws(&value);
    for integers in ENCODINGS {
        let text = r#"{"deep":{"ok":true},"name":"a","rows":[1,null,2.5]}"#.to_owned();
        assert_eq!(encode(integers, &value), encode(integers, &text));
    }
    assert_eq!(
        decode::<serde_json::Value>(Variable, &encode(Variable, &"{".to_owned()).unwrap()).unwrap_err(),
        "cannot decode at offset 0: a text that is not JSON (EOF while parsing an object at line 1 column 1) is no \
         `serde_json::Value`"
    );
}

#[test]
fn order_of_insertion_survives() {
    let map: IndexMap<u8, u8> = [(9, 1), (3, 2), (7, 3)].into_iter().collect();
    bytes(map.clone(), "0300000000000000 0901 0302 0703", "03 0901 0302 0703");
    for integers in ENCODINGS {
        let read: IndexMap<u8, u8> = decode(integers, &encode(integers, &map).unwrap()).unwrap();
        assert_eq!(read.keys().collect::<Vec<_>>(), [&9, &3, &7]);
    }
    let set: IndexSet<u8> = [9, 3, 7].into_iter().collect();
    bytes(set, "0300000000000000 090307", "03 090307");
}

#[test]
fn uuids_decimals_and_floats_have_the_bytes_of_the_page() {
    let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let hexadecimal = id.replace('-', "");
    bytes(Uuid::parse_str(id).unwrap(), &hexadecimal, &hexadecimal);
    for (text, wanted) in [
        ("0", "0000 00 00 000000000000000000000000"),
        ("-0.0", "0000 01 80 000000000000000000000000"),
        ("1.0", "0000 01 00 0a0000000000000000000000"),
        ("1.00", "0000 02 00 640000000000000000000000"),
        ("-79228162514264337593543950335", "0000 00 80 ffffffffffffffffffffffff"),
        ("0.0000000000000000000000000001", "0000 1c 00 010000000000000000000000"),
    ] {
        let mut decimal: Decimal = text.parse().unwrap();
        decimal.set_sign_negative(text.starts_with('-'));
        bytes(decimal, wanted, wanted);
        let read: Decimal = decode(Fixed, &hex(wanted)).unwrap();
        assert_eq!(read.to_string(), text, "digits behind the point are kept");
    }
    bytes(NotNan::new(1.0_f64).unwrap(), "000000000000f03f", "000000000000f03f");
    for integers in ENCODINGS {
        let bits = 0xfff8_0000_0000_0001_u64;
        let read: OrderedFloat<f64> = decode(integers, &encode(integers, &f64::from_bits(bits)).unwrap()).unwrap();
        assert_eq!(read.0.to_bits(), bits, "what is not a number keeps its bits");
    }
}

#[test]
fn the_types_of_chrono_have_the_bytes_of_the_page() {
    bytes(date(1970, 1, 1), "00000000", "00");
    bytes(date(1969, 12, 31), "ffffffff", "01");
    bytes(date(2026, 11, 21), "2a510000", "fb 54a2");
    bytes(NaiveDate::MIN, "740e40fa", "fc 17e37f0b");
    bytes(NaiveDate::MAX, "3cfca905", "fc 78f8530b");
    bytes(at(0, 0, 0, 0), "00000000 00000000", "00 00");
    bytes(at(23, 59, 59, 999_999_999), "7f510100 ffc99a3b", "fc7f510100 fcffc99a3b");
    // The leap second, and a value that only arithmetic produces.
    bytes(at(23, 59, 59, 1_999_999_999), "7f510100 ff933577", "fc7f510100 fcff933577");
    bytes(at(12, 0, 0, 1_500_000_000), "c0a80000 002f6859", "fbc0a8 fc002f6859");
    bytes(NaiveDateTime::new(date(1969, 12, 31), at(0, 0, 1, 2)), "ffffffff 01000000 02000000", "01 01 02");
    let instant = NaiveDateTime::new(date(1969, 12, 31), at(23, 59, 59, 500_000_000)).and_utc();
    bytes(instant, "ffffffffffffffff 0065cd1d", "01 fc0065cd1d");
    let east = FixedOffset::east_opt(3_600).unwrap();
    bytes(instant.with_timezone(&east), "ffffffffffffffff 0065cd1d 100e0000", "01 fc0065cd1d fb201c");
    bytes(FixedOffset::west_opt(86_399).unwrap(), "81aefeff", "fcfda20200");
    bytes(TimeDelta::milliseconds(-1_500), "ffffffffffffffff 009b32e2", "01 fcffc99a3b");
    bytes(TimeDelta::nanoseconds(-1), "0000000000000000 ffffffff", "00 01");
    for extreme in [TimeDelta::MIN, TimeDelta::MAX, TimeDelta::zero(), TimeDelta::seconds(-1)] {
        laws(&extreme);
    }
    for extreme in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        laws(&extreme);
        laws(&extreme.with_timezone(&FixedOffset::east_opt(86_399).unwrap()));
        laws(&extreme.with_timezone(&FixedOffset::west_opt(86_399).unwrap()));
    }
}

#[test]
fn the_types_of_time_have_the_bytes_of_the_page() {
    bytes(other_date(1970, 1, 1), "00000000", "00");
    bytes(other_date(1969, 12, 31), "ffffffff", "01");
    bytes(other_date(2026, 11, 21), "2a510000", "fb 54a2");
    bytes(other_date(-9_999, 1, 1), "7d4bbdff", "fc 05698500");
    bytes(other_date(9_999, 12, 31), "a0c02c00", "fc 40815900");
    bytes(Time::MIDNIGHT, "00000000 00000000", "00 00");
    bytes(Time::from_hms_nano(23, 59, 59, 999_999_999).unwrap(), "7f510100 ffc99a3b", "fc7f510100 fcffc99a3b");
    bytes(
        PrimitiveDateTime::new(other_date(1969, 12, 31), Time::from_hms_nano(0, 0, 1, 2).unwrap()),
        "ffffffff 01000000 02000000",
        "01 01 02",
    );
    let instant =
        PrimitiveDateTime::new(other_date(1969, 12, 31), Time::from_hms_nano(23, 59, 59, 500_000_000).unwrap());
    bytes(UtcDateTime::new(instant.date(), instant.time()), "ffffffffffffffff 0065cd1d", "01 fc0065cd1d");
    let east = UtcOffset::from_whole_seconds(3_600).unwrap();
    bytes(instant.assume_utc().to_offset(east), "ffffffffffffffff 0065cd1d 100e0000", "01 fc0065cd1d fb201c");
    bytes(UtcOffset::from_whole_seconds(-93_599).unwrap(), "6192feff", "fc3ddb0200");
    bytes(time::Duration::new(-1, -500_000_000), "ffffffffffffffff 009b32e2", "01 fcffc99a3b");
    bytes(time::Duration::nanoseconds(-1), "0000000000000000 ffffffff", "00 01");
    laws(&time::Duration::MIN);
    laws(&time::Duration::MAX);
    // The year of the local time is bounded, not the year in UTC.
    for (year, month, day, time, offset) in
        [(9_999, 12, 31, Time::MAX, -93_599), (-9_999, 1, 1, Time::MIDNIGHT, 93_599)]
    {
        let offset = UtcOffset::from_whole_seconds(offset).unwrap();
        laws(&OffsetDateTime::new_in_offset(other_date(year, month, day), time, offset));
    }
}

#[test]
fn an_offset_survives_although_equality_does_not_see_it() {
    let instant = NaiveDateTime::new(date(2026, 11, 21), at(5, 0, 0, 0)).and_utc();
    for seconds in [-86_399, -3_600, 0, 1, 19_800] {
        let value = instant.with_timezone(&FixedOffset::east_opt(seconds).unwrap());
        let other = OffsetDateTime::from_unix_timestamp(instant.timestamp()).unwrap();
        let other = other.to_offset(UtcOffset::from_whole_seconds(seconds).unwrap());
        for integers in ENCODINGS {
            let read: DateTime<FixedOffset> = decode(integers, &encode(integers, &value).unwrap()).unwrap();
            assert_eq!((read, read.offset()), (value, value.offset()));
            let read: OffsetDateTime = decode(integers, &encode(integers, &other).unwrap()).unwrap();
            assert_eq!((read, read.offset()), (other, other.offset()));
        }
    }
}

#[test]
fn values_without_a_stored_form_are_encode_errors() {
    let late = Date::from_calendar_date(10_000, Month::January, 1).unwrap();
    let early = Date::from_calendar_date(-10_000, Month::December, 31).unwrap();
    let mut errors = Vec::new();
    for integers in ENCODINGS {
        for date in [late, early] {
            errors.push(encode(integers, &date).unwrap_err());
            errors.push(encode(integers, &PrimitiveDateTime::new(date, Time::MIDNIGHT)).unwrap_err());
            errors.push(encode(integers, &UtcDateTime::new(date, Time::MIDNIGHT)).unwrap_err());
            errors.push(encode(integers, &OffsetDateTime::new_utc(date, Time::MIDNIGHT)).unwrap_err());
        }
    }
    errors.sort();
    errors.dedup();
    assert_eq!(
        errors,
        ["+10000-01-01", "-10000-12-31"].map(|date| format!(
            "cannot encode: {date} has no stored form as a `time::Date`: the layout holds the years from -9999 to 9999"
        ))
    );
}

#[test]
fn invalid_parts_are_decode_errors() {
    macro_rules! refused {
        ($($type:ty, $bytes:literal, $message:literal;)*) => { $(
            assert_eq!(
                decode::<$type>(Fixed, &hex($bytes)).unwrap_err(),
                format!("cannot decode at offset {}", $message),
                stringify!($type),
            );
        )* };
    }
    refused! {
        Decimal, "0000 1d 00 000000000000000000000000", "0: a scale of 29 with the flags [00, 00, 00] is no `rust_decimal::Decimal`";
        Decimal, "0100 00 00 000000000000000000000000", "0: a scale of 0 with the flags [01, 00, 00] is no `rust_decimal::Decimal`";
        Decimal, "0000 00 01 000000000000000000000000", "0: a scale of 0 with the flags [00, 00, 01] is no `rust_decimal::Decimal`";
        NotNan<f64>, "000000000000f87f", "0: what is not a number is no `ordered_float::NotNan`";
        NaiveDate, "ffffff7f", "0: day 2147483647 from 1970-01-01 is no `chrono::NaiveDate`";
        NaiveDate, "00000080", "0: day -2147483648 from 1970-01-01 is no `chrono::NaiveDate`";
        NaiveTime, "80510100 00000000", "0: 86400 seconds (of 86400) and 0 nanoseconds after midnight is no `chrono::NaiveTime`";
        NaiveTime, "00000000 00943577", "0: 0 seconds (of 86400) and 2000000000 nanoseconds after midnight is no `chrono::NaiveTime`";
        NaiveDateTime, "00000000 80510100 00000000", "4: 86400 seconds (of 86400) and 0 nanoseconds after midnight is no `chrono::NaiveTime`";
        DateTime<Utc>, "ffffffffffffff7f 00000000", "0: 9223372036854775807 seconds and 0 nanoseconds from 1970-01-01T00:00:00Z is no `chrono::DateTime`";
        DateTime<Utc>, "0000000000000000 00943577", "0: 0 seconds and 2000000000 nanoseconds from 1970-01-01T00:00:00Z is no `chrono::DateTime`";
        DateTime<FixedOffset>, "0000000000000000 00000000 80510100", "12: 86400 seconds east of UTC is no `chrono::FixedOffset`";
        FixedOffset, "80aefeff", "0: -86400 seconds east of UTC is no `chrono::FixedOffset`";
        TimeDelta, "0000000000000000 00ca9a3b", "0: 0 seconds and 1000000000 nanoseconds is no `chrono::TimeDelta`";
        TimeDelta, "0100000000000000 ffffffff", "0: 1 seconds and -1 nanoseconds is no `chrono::TimeDelta`";
        TimeDelta, "ffffffffffffffff 01000000", "0: -1 seconds and 1 nanoseconds is no `chrono::TimeDelta`";
        TimeDelta, "0000000000000080 ffffffff", "0: -9223372036854775808 seconds and -1 nanoseconds is no `chrono::TimeDelta`";
        TimeDelta, "0000000000000000 00000080", "0: 0 seconds and -2147483648 nanoseconds is no `chrono::TimeDelta`";
        Date, "a1c02c00", "0: day 2932897 from 1970-01-01 is no `time::Date`";
        Date, "ffffff7f", "0: day 2147483647 from 1970-01-01 is no `time::Date`";
        Date, "00000080", "0: day -2147483648 from 1970-01-01 is no `time::Date`";
        Time, "80510100 00000000", "0: second 86400 (of 86400) after midnight is no `time::Time`";
        Time, "00000000 00ca9a3b", "4: 1000000000 nanoseconds are a second or more";
        UtcDateTime, "ffffffffffffff7f 00000000", "0: second 9223372036854775807 from 1970-01-01T00:00:00Z is no `time::UtcDateTime`";
        OffsetDateTime, "ffffffffffffff7f 00000000 01000000", "0: second 9223372036854775807 from 1970-01-01T00:00:00Z at offset +00:00:01 is no `time::OffsetDateTime`";
        UtcOffset, "ffffff7f", "0: 2147483647 seconds east of UTC is no `time::UtcOffset`";
        time::Duration, "0100000000000000 ffffffff", "0: 1 seconds and -1 nanoseconds is no `time::Duration`";
        time::Duration, "0000000000000000 00000080", "0: 0 seconds and -2147483648 nanoseconds is no `time::Duration`";
        IndexMap<u8, u8>, "0200000000000000 0101 0102", "10: a map holds the same key twice";
        IndexSet<u8>, "0200000000000000 0101", "9: a set holds the same element twice";
        Bytes, "0200000000000000 01", "8: a length of 2 elements of at least 1 bytes each cannot be, 1 bytes remain";
        SmallVec<[u8; 4]>, "ffffffffffffffff 01", "8: a length of 18446744073709551615 elements of at least 1 bytes each cannot be, 1 bytes remain";
    }
}

#[test]
fn keys_are_those_whose_equal_values_have_equal_bytes() {
    fn key<T: StateKey>() {}
    key::<Uuid>();
    key::<Bytes>();
    key::<BytesMut>();
    key::<SmallVec<[u64; 2]>>();
    key::<NaiveDate>();
    key::<NaiveTime>();
    key::<NaiveDateTime>();
    key::<DateTime<Utc>>();
    key::<FixedOffset>();
    key::<TimeDelta>();
    key::<Date>();
    key::<Time>();
    key::<PrimitiveDateTime>();
    key::<UtcDateTime>();
    key::<UtcOffset>();
    key::<time::Duration>();
    // Why the other types are not keys.
    let (one, other): (Decimal, Decimal) = ("1.0".parse().unwrap(), "1.00".parse().unwrap());
    assert!(one == other && encode(Fixed, &one) != encode(Fixed, &other));
    let (one, other) = (OrderedFloat(0.0), OrderedFloat(-0.0));
    assert!(one == other && encode(Fixed, &one) != encode(Fixed, &other));
    let one = DateTime::<Utc>::UNIX_EPOCH.fixed_offset();
    let other = one.with_timezone(&FixedOffset::east_opt(1).unwrap());
    assert!(one == other && encode(Fixed, &one) != encode(Fixed, &other));
}

/// Reading never panics, and a value that is read is written back as the same bytes.
fn hostile<T: StateType + Debug>(bytes: &[u8]) {
    for integers in ENCODINGS {
        if let Ok(value) = decode::<T>(integers, bytes) {
            assert_eq!(encode(integers, &value).unwrap(), bytes, "{integers}: {value:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_type_of_another_crate_panic(mut bytes in vec(any::<u8>(), 0..24), high in any::<bool>()) {
        // Small numbers, positive or negative, get further than random bytes.
        for chunk in bytes.chunks_mut(8) {
            let fill = if high { 0xff } else { 0 };
            chunk.iter_mut().skip(3).for_each(|byte| *byte = fill);
        }
        for length in 0..=bytes.len() {
            let bytes = &bytes[..length];
            hostile::<Uuid>(bytes);
            hostile::<Decimal>(bytes);
            hostile::<NotNan<f32>>(bytes);
            hostile::<Bytes>(bytes);
            hostile::<SmallVec<[u16; 2]>>(bytes);
            hostile::<IndexMap<u8, u8>>(bytes);
            hostile::<IndexSet<u16>>(bytes);
            hostile::<NaiveDate>(bytes);
            hostile::<NaiveTime>(bytes);
            hostile::<NaiveDateTime>(bytes);
            hostile::<DateTime<Utc>>(bytes);
            hostile::<DateTime<FixedOffset>>(bytes);
            hostile::<FixedOffset>(bytes);
            hostile::<TimeDelta>(bytes);
            hostile::<Date>(bytes);
            hostile::<Time>(bytes);
            hostile::<PrimitiveDateTime>(bytes);
            hostile::<UtcDateTime>(bytes);
            hostile::<OffsetDateTime>(bytes);
            hostile::<UtcOffset>(bytes);
            hostile::<time::Duration>(bytes);
        }
    }

    #[test]
    fn every_value_survives(
        seconds in -300_000_000_000_i64..250_000_000_000,
        nanoseconds in 0..2_000_000_000_u32,
        offset in -86_399..86_400,
        digits in any::<i64>(),
        scale in 0..19_u32,
        octets in any::<[u8; 16]>(),
    ) {
        let instant = DateTime::<Utc>::from_timestamp(seconds, 0).unwrap().with_nanosecond(nanoseconds).unwrap();
        laws(&instant);
        laws(&instant.naive_utc());
        laws(&instant.date_naive());
        laws(&instant.time());
        laws(&instant.with_timezone(&FixedOffset::east_opt(offset).unwrap()));
        laws(&TimeDelta::new(seconds, nanoseconds / 2).unwrap());
        let instant = OffsetDateTime::from_unix_timestamp(seconds).unwrap().replace_nanosecond(nanoseconds / 2).unwrap();
        let local = instant.to_offset(UtcOffset::from_whole_seconds(offset).unwrap());
        laws(&local);
        laws(&local.date());
        laws(&local.time());
        laws(&PrimitiveDateTime::new(local.date(), local.time()));
        laws(&UtcDateTime::from(instant));
        laws(&(instant - OffsetDateTime::UNIX_EPOCH));
        laws(&Decimal::new(digits, scale));
        laws(&Uuid::from_bytes(octets));
        laws(&octets.iter().map(|octet| u32::from(*octet)).collect::<SmallVec<[u32; 4]>>());
        laws(&octets.iter().map(|octet| (*octet, scale)).collect::<IndexMap<u8, u32>>());
        let list: SmallVec<[Bytes; 1]> = smallvec![Bytes::copy_from_slice(&octets)];
        laws(&list);
    }
}
