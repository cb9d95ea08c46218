//! What `docs/leaving-bincode.md` says: which configurations of bincode have which bytes, and that `SerdeForm` is the form
//! of serde for each type that has one.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "tests fail by panicking")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use bincode1::Options;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use typeser::schema::IntegerEncoding;
use typeser::serializer::SerdeForm;
use typeser::{Serializer, StateType, TypeSerializer};
use uuid::Uuid;

#[derive(Serialize, Deserialize, StateType, Debug, PartialEq)]
struct Session {
    #[state(as = SerdeForm<Uuid>)]
    id: Uuid,
    #[state(as = BTreeMap<SerdeForm<NaiveDate>, _>)]
    days: BTreeMap<NaiveDate, i64>,
    #[state(as = Option<SerdeForm<DateTime<Utc>>>)]
    until: Option<DateTime<Utc>>,
    sizes: (u8, i16, u64, i128, f32),
    step: Step,
    letters: Vec<char>,
}

#[derive(Serialize, Deserialize, StateType, Debug, PartialEq)]
enum Step {
    Open,
    Closed { code: i32, reason: String },
}

fn session() -> Session {
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    Session {
        id: Uuid::from_u128(0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF),
        days: [(day, -1), (day.succ_opt().unwrap(), i64::MAX)].into(),
        until: DateTime::from_timestamp(1_709_208_000, 500_000_000),
        sizes: (251, -1, 70_000, i128::MIN, 1.5),
        step: Step::Closed { code: -300, reason: "late".to_owned() },
        letters: vec!['a', 'é'],
    }
}

/// The bytes of typeser, which it reads as the same value.
fn stored<T: StateType + PartialEq + Debug>(value: &T, integers: IntegerEncoding) -> Vec<u8> {
    let serializer = Serializer::<T>::with_integers(integers).unwrap();
    let mut bytes = Vec::new();
    serializer.serialize(value, &mut bytes).unwrap();
    assert_eq!(serializer.deserialize(&bytes).unwrap(), *value);
    bytes
}

#[test]
fn each_configuration_of_bincode_has_the_bytes_of_one_encoding() {
    for session in [session(), Session { until: None, step: Step::Open, ..session() }] {
        let [fixed, variable] = [IntegerEncoding::Fixed, IntegerEncoding::Variable].map(|to| stored(&session, to));
        assert_eq!(bincode1::serialize(&session).unwrap(), fixed);
        assert_eq!(bincode1::DefaultOptions::new().serialize(&session).unwrap(), variable);
        assert_eq!(bincode::serde::encode_to_vec(&session, bincode::config::legacy()).unwrap(), fixed);
        assert_eq!(bincode::serde::encode_to_vec(&session, bincode::config::standard()).unwrap(), variable);
    }
}

#[test]
fn the_form_of_serde_is_what_serde_writes() {
    fn check<T: Serialize + Copy + Debug>(values: impl IntoIterator<Item = T>)
    where
        SerdeForm<T>: StateType + PartialEq + Debug,
    {
        for value in values {
            for (integers, of_bincode) in [
                (IntegerEncoding::Fixed, bincode1::serialize(&value).unwrap()),
                (IntegerEncoding::Variable, bincode1::DefaultOptions::new().serialize(&value).unwrap()),
            ] {
                assert_eq!(stored(&SerdeForm(value), integers), of_bincode, "{value:?}");
            }
        }
    }
    check([Uuid::nil(), Uuid::from_u128(7), Uuid::max()]);
    let dates = [(2024, 2, 29), (1, 1, 1), (0, 1, 1), (-44, 3, 15), (9_999, 12, 31), (12_345, 6, 7)];
    let dates = dates.map(|(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).unwrap());
    check(dates.into_iter().chain([NaiveDate::MIN, NaiveDate::MAX]));
    let nanos = [0, 1, 1_000, 1_000_000, 500_000_000, 999_999_999, 1_999_999_999];
    let times = nanos.map(|nanos| NaiveTime::from_hms_nano_opt(23, 59, 59, nanos).unwrap());
    check(times.into_iter().chain([NaiveTime::MIN]));
    let date_times: Vec<NaiveDateTime> = dates.iter().flat_map(|date| times.map(|time| date.and_time(time))).collect();
    check(date_times.iter().copied());
    check(date_times.iter().map(NaiveDateTime::and_utc));
    let zones = [0, 3_600, -12_600, 86_340].map(|seconds| FixedOffset::east_opt(seconds).unwrap());
    check(date_times.iter().flat_map(|local| zones.map(|zone| zone.from_utc_datetime(local))));
}

/// Serde would round the offset, and so write another time.
#[test]
fn an_offset_with_seconds_is_not_written() {
    let time = FixedOffset::east_opt(12_345).unwrap().from_utc_datetime(&NaiveDateTime::default());
    let serializer = Serializer::<SerdeForm<DateTime<FixedOffset>>>::new().unwrap();
    let error = serializer.serialize(&SerdeForm(time), &mut Vec::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot encode: 1970-01-01T03:25:45+03:25:45 has no stored form as a `SerdeForm<DateTime<FixedOffset>>`: the form \
         of serde holds offsets of whole minutes"
    );
}
