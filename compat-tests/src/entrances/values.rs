//! Values from any bytes: by a type, by a snapshot, from JSON, and as keys in order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Debug;
use std::num::NonZero;

use typeser::ordered::OrderedForm;
use typeser::schema::IntegerEncoding;
use typeser::value::Value;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

use super::split;
use crate::schemas::Entropy;

#[derive(StateType, Debug, PartialEq)]
struct Reading {
    sensor: NonZero<u16>,
    at: (i64, u128),
    values: Vec<(u8, Option<f32>)>,
    note: Box<str>,
    kind: Kind,
    flags: [bool; 3],
}

#[derive(StateType, Debug, PartialEq)]
enum Kind {
    Plain,
    Named(String, char),
    Nested { inner: Option<Box<Kind>>, by_key: BTreeMap<u32, Kind> },
}

#[derive(StateType, Debug, PartialEq)]
struct Many {
    times: Vec<(u64, i64, u16)>,
    units: VecDeque<()>,
    names: BTreeSet<String>,
    duration: std::time::Duration,
    address: std::net::IpAddr,
    range: std::ops::RangeInclusive<u32>,
    result: Result<u8, String>,
}

/// The first byte chooses a type.
pub(super) fn typed(bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let integers = [IntegerEncoding::Fixed, IntegerEncoding::Variable][usize::from(which & 1)];
    match which >> 1 {
        0 => read::<Reading>(bytes, integers),
        1 => read::<Kind>(bytes, integers),
        2 => read::<Many>(bytes, integers),
        3 => read::<Vec<Vec<u8>>>(bytes, integers),
        4 => read::<Vec<[f64; 3]>>(bytes, integers),
        5 => read::<Vec<Option<Option<String>>>>(bytes, integers),
        6 => read::<(u128, i128, usize, isize)>(bytes, integers),
        7 => read::<Vec<(char, bool, ())>>(bytes, integers),
        8 => read::<BTreeMap<String, Vec<i32>>>(bytes, integers),
        9 => read::<Vec<Reading>>(bytes, integers),
        10 => read::<std::time::SystemTime>(bytes, integers),
        _ => read::<Vec<u64>>(bytes, integers),
    }
}

/// What is read is written and read again, and the dynamic value agrees. Sets and maps are read in any order.
fn read<T: StateType + PartialEq + Debug>(bytes: &[u8], integers: IntegerEncoding) {
    let serializer = Serializer::<T>::with_integers(integers).unwrap();
    let dynamic = Value::decode(serializer.snapshot(), bytes);
    match serializer.deserialize(bytes) {
        Ok(value) => {
            let mut again = Vec::new();
            serializer.serialize(&value, &mut again).unwrap();
            assert_eq!(again.len(), bytes.len(), "{value:?}");
            assert_eq!(serializer.deserialize(&again).as_ref(), Ok(&value));
            dynamic.unwrap_or_else(|error| panic!("{value:?} is no dynamic value: {error}"));
        }
        Err(error) => {
            assert!(error.offset() <= bytes.len() && !error.to_string().is_empty());
            // Times that fit into a `SystemTime` depend on the machine, and dynamic values do not.
            let is_of_machine = error.to_string().contains("on this machine");
            assert!(dynamic.is_err() || is_of_machine, "{error}, but there is a dynamic value: {dynamic:?}");
        }
    }
}

/// A layout from the first part, and a value of it from the rest.
pub(super) fn dynamic(bytes: &[u8]) {
    let (choices, bytes) = split(bytes);
    let snapshot = Entropy::new(choices).snapshot();
    match Value::decode(&snapshot, bytes) {
        Ok(value) => accepted(&snapshot, &value, bytes),
        Err(error) => assert!(error.offset() <= bytes.len() && !error.to_string().is_empty()),
    }
}

fn accepted(snapshot: &SerializerSnapshot, value: &Value, bytes: &[u8]) {
    let mut again = Vec::new();
    value.encode(snapshot, &mut again).unwrap_or_else(|error| panic!("{error}: {value}"));
    assert_eq!(again, bytes, "{value}");
    assert_eq!(value.conforms(snapshot), Ok(()));
    let json = value.to_json();
    match Value::from_json(snapshot, &json) {
        Ok(again) => assert_eq!(&again, value, "{json}"),
        Err(error) => assert!(error.to_string().contains("nested"), "{error}: {json}"),
    }
}

/// A layout from the first part, and JSON from the rest.
pub(super) fn json(bytes: &[u8]) {
    let (choices, bytes) = split(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let snapshot = Entropy::new(choices).snapshot();
    match Value::from_json(&snapshot, text) {
        Ok(value) => {
            let mut bytes = Vec::new();
            if value.encode(&snapshot, &mut bytes).is_ok() {
                let again = Value::decode(&snapshot, &bytes);
                assert_eq!(again.as_ref(), Ok(&value), "{text}");
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A layout from the first part, and keys from the rest: those that are read compare as their ordered bytes do.
pub(super) fn ordered(bytes: &[u8]) {
    let (choices, bytes) = split(bytes);
    let schema = Entropy::new(choices).schema(8);
    let Ok(form) = OrderedForm::new(&schema) else { return };
    let mut fixed = Vec::new();
    if form.decode(bytes, &mut fixed).is_ok() {
        let mut again = Vec::new();
        form.encode(&fixed, &mut again).unwrap_or_else(|error| panic!("{error}: {fixed:?} from {bytes:?}"));
        assert_eq!(again, bytes, "two ordered forms of {fixed:?}");
    }
    let mut to = Vec::new();
    if form.encode(bytes, &mut to).is_ok() {
        let mut again = Vec::new();
        form.decode(&to, &mut again).unwrap_or_else(|error| panic!("{error}: {to:?} of {bytes:?}"));
        assert_eq!(again, bytes, "the fixed bytes come back");
    }
}
