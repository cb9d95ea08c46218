//! The serde bridge: bincode's bytes for types that serde supports, clear errors for values without a stored form, and
//! no panics for any bytes.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::marker::PhantomData;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use serde_derive::{Deserialize, Serialize};
use support::{ENCODINGS, bincode_bytes, decode, encode, laws, serializer};
use typeser::schema::IntegerEncoding::{Fixed, Variable};
use typeser::schema::Limits;
use typeser::serializer::{Custom, CustomError, CustomSerializer, serde_bridge};
use typeser::{StateKey, StateType, TypeSerializer};

/// Checks that the bytes of the bridge are those of bincode, in both directions.
#[track_caller]
fn parity<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let mut bytes = b"before".to_vec();
    serde_bridge::write(value, &mut bytes).unwrap();
    let bytes = bytes.strip_prefix(b"before").unwrap();
    assert_eq!(bytes, bincode_bytes(Fixed, value), "{value:?}");
    assert_eq!(&serde_bridge::read::<T>(bytes).unwrap(), value);
}

fn written<T: Serialize + DeserializeOwned>(value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    serde_bridge::write(value, &mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_bridge::read(bytes).map_err(|error| error.to_string())
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Zoo {
    small: (i8, u8, bool, ()),
    integers: (i16, i32, i64, i128, u16, u32, u64, u128),
    floats: [f32; 3],
    float: f64,
    letter: char,
    text: String,
    shapes: Vec<Shape>,
    maybe: Option<Option<u8>>,
    map: BTreeMap<String, Vec<u16>>,
    nothing: Nothing,
    newtype: Newtype,
    #[serde(skip)]
    skipped: u8,
    #[serde(rename = "other", default)]
    renamed: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Nothing;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Newtype(Box<str>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Line(u8, u8),
    Group { name: String, parts: Vec<Shape> },
}

fn shapes() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Point),
        (-1e9..1e9).prop_map(Shape::Circle),
        any::<(u8, u8)>().prop_map(|(a, b)| Shape::Line(a, b)),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        ("[a-zü]{0,4}", vec(inner, 0..4)).prop_map(|(name, parts)| Shape::Group { name, parts })
    })
}

fn zoo() -> impl Strategy<Value = Zoo> {
    (
        any::<(i8, u8, bool, ())>(),
        any::<(i16, i32, i64, i128, u16, u32, u64, u128)>(),
        (any::<char>(), ".{0,9}", any::<Option<Option<u8>>>(), any::<u8>(), -1e9..1e9),
        vec(shapes(), 0..4),
        btree_map(".{0,3}", vec(any::<u16>(), 0..3), 0..3),
    )
        .prop_map(|(small, integers, (letter, text, maybe, renamed, float), shapes, map)| Zoo {
            small,
            integers,
            floats: [1.0, -0.5, float as f32],
            float,
            letter,
            newtype: Newtype(text.as_str().into()),
            text,
            shapes,
            maybe,
            map,
            nothing: Nothing,
            skipped: 0,
            renamed,
        })
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct Track {
    number: u16,
    #[state(serde(name = "zoo", version = 3))]
    zoo: Zoo,
    #[state(serde(name = "shape", version = 1), alias = "form", default = Shape::Point)]
    shape: Shape,
    areas: Vec<Area>,
    #[state(serde(name = "shape", version = 1))]
    other: Shape,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, StateType)]
#[state(serde(name = "area", version = 2))]
struct Area {
    corners: Vec<(f32, f32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, StateType)]
#[state(serde(name = "tail", version = 1, canonical), key)]
struct Tail(String);

#[derive(Debug, Clone, PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Leg {
    tail: Tail,
    #[state(serde(canonical, version = 1, name = "letter"))]
    letter: char,
}

#[derive(Debug, PartialEq, StateType)]
struct Page<T> {
    #[state(serde(name = "items", version = 1))]
    items: Vec<T>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, StateType)]
#[state(serde(name = "tagged", version = 1))]
struct Tagged<T> {
    #[serde(skip)]
    of: PhantomData<T>,
    number: u8,
}

struct ShapeLeaf;

impl CustomSerializer for ShapeLeaf {
    type Value = Shape;
    const NAME: &'static str = "shape";
    const VERSION: u32 = 1;

    fn write(value: &Shape, to: &mut Vec<u8>) -> Result<(), CustomError> {
        serde_bridge::write(value, to)
    }

    fn read(from: &[u8]) -> Result<Shape, CustomError> {
        serde_bridge::read(from)
    }
}

#[test]
fn a_leaf_of_serde_is_a_length_and_the_fixed_layout_under_both_encodings() {
    let area = Area { corners: vec![(1.0, 2.0)] };
    let inside = [&[1, 0, 0, 0, 0, 0, 0, 0][..], &1.0_f32.to_le_bytes(), &2.0_f32.to_le_bytes()].concat();
    assert_eq!(encode(Variable, &area).unwrap(), [&[16][..], &inside].concat());
    assert_eq!(encode(Fixed, &area).unwrap(), [&[16, 0, 0, 0, 0, 0, 0, 0][..], &inside].concat());
    let page = Page { items: vec![1_u16, 2] };
    assert_eq!(encode(Variable, &page).unwrap(), b"\x0c\x02\0\0\0\0\0\0\0\x01\0\x02\0");
    laws(&page);
    laws(&area);
    laws(&Tagged::<String> { of: PhantomData, number: 3 });
    laws(&Leg { tail: Tail("D-AIMA".into()), letter: 'ß' });
    let shapes = vec![Custom::<ShapeLeaf>(Shape::Line(1, 2)), Custom(Shape::Point)];
    laws(&shapes);
    assert_eq!(encode(Variable, &shapes).unwrap(), b"\x02\x06\x02\0\0\0\x01\x02\x04\0\0\0\0");
}

#[test]
fn the_snapshot_holds_the_declared_names_and_versions() {
    let texts = [serializer::<Track>(Fixed).snapshot().to_text(), serializer::<Leg>(Fixed).snapshot().to_text()];
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn keys_are_those_that_are_declared_canonical() {
    fn key<T: StateKey>() {}
    key::<Tail>();
    key::<Leg>();
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Inside {
    Number { value: u8 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    Number(u8),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flat {
    #[serde(flatten)]
    inner: BTreeMap<String, u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SkipsSome {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    maybe: Option<u8>,
    number: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct WritesLess {
    #[serde(skip_serializing, default)]
    gone: u32,
    number: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct ReadsLess {
    number: u8,
    #[serde(skip_deserializing)]
    gone: u32,
}

#[test]
fn values_that_cannot_be_read_back_are_not_written() {
    let json: serde_json::Value = serde_json::json!({"a": [1]});
    let refused = [
        written(&Untagged::Number(1)),
        written(&Inside::Number { value: 1 }),
        written(&Adjacent::Number(1)),
        written(&Flat { inner: BTreeMap::new() }),
        written(&SkipsSome { maybe: None, number: 1 }),
        written(&WritesLess { gone: 0, number: 1 }),
        written(&ReadsLess { gone: 0, number: 1 }),
        written(&json),
    ];
    let errors: Vec<String> = refused.into_iter().map(Result::unwrap_err).collect();
    insta::assert_snapshot!(errors.join("\n\n"));
    // Values that can be read are written.
    assert_eq!(written(&SkipsSome { maybe: Some(2), number: 1 }).unwrap(), [1, 2, 1]);
}

#[test]
fn errors_name_the_leaf_and_the_place() {
    let track = Track { number: 1, zoo: any_zoo(), shape: Shape::Point, areas: vec![], other: Shape::Circle(1.0) };
    let mut bytes = encode(Variable, &track).unwrap();
    // The last leaf is a tag and a float.
    let tag = bytes.len() - 12;
    bytes[tag] = 9;
    assert_eq!(
        decode::<Track>(Variable, &bytes).unwrap_err(),
        format!(
            "cannot decode at offset {tag}: `shape` (version 1) cannot read its 12 bytes: invalid value: integer `9`, expected variant index 0 <= i < 4"
        )
    );
    bytes.truncate(tag - 1);
    bytes.extend([4, 1, 0, 0, 0]);
    assert_eq!(
        decode::<Track>(Variable, &bytes).unwrap_err(),
        format!(
            "cannot decode at offset {tag}: `shape` (version 1) cannot read its 4 bytes: at offset 4 of them: 8 bytes are needed, 0 remain"
        )
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Chain(Option<Box<Chain>>);

fn chain(length: u32) -> Chain {
    (1..length).fold(Chain(None), |chain, _| Chain(Some(Box::new(chain))))
}

#[test]
fn depth_and_lengths_are_bounded() {
    let deepest = chain(Limits::DEPTH + 1);
    let bytes = written(&deepest).unwrap();
    assert_eq!(read::<Chain>(&bytes).unwrap(), deepest);
    assert_eq!(written(&chain(Limits::DEPTH + 2)).unwrap_err(), "the value is more than 512 levels deep");
    let endless = vec![1; 1 << 20];
    assert_eq!(
        read::<Chain>(&endless).unwrap_err(),
        format!("at offset {} of them: the value is more than 576 levels deep", Limits::READ_DEPTH + 1)
    );
    let long = u64::MAX.to_le_bytes();
    assert!(read::<Vec<u8>>(&long).unwrap_err().contains("cannot be, 0 bytes remain"));
    assert!(read::<String>(&long).unwrap_err().contains("cannot be, 0 bytes remain"));
    assert!(read::<HashMap<(), ()>>(&long).unwrap_err().contains("cannot be, 0 bytes remain"));
    assert!(read::<serde_json::Map<String, serde_json::Value>>(&long).unwrap_err().contains("0 bytes remain"));
    let empty = vec![(); 65_536];
    assert_eq!(read::<Vec<()>>(&written(&empty).unwrap()).unwrap().len(), 65_536);
    assert!(written(&vec![(); 65_537]).unwrap_err().contains("more than 65536 elements that take no bytes"));
    assert!(read::<Vec<()>>(&65_537_u64.to_le_bytes()).unwrap_err().contains("cannot be"));
    // All collections of a value share the limit.
    let nested = [2_u64, 40_000, 40_000].map(u64::to_le_bytes).concat();
    assert!(read::<Vec<Vec<()>>>(&nested).unwrap_err().contains("a length of 40000 elements"));
    assert!(written(&vec![vec![(); 40_000]; 2]).unwrap_err().contains("more than 65536 elements"));
}

fn any_zoo() -> Zoo {
    Zoo {
        small: (-1, 2, true, ()),
        integers: (-1, -2, -3, -4, 1, 2, 3, 4),
        floats: [1.0, 2.0, 3.0],
        float: 4.0,
        letter: '€',
        text: "text".into(),
        shapes: vec![Shape::Group { name: "g".into(), parts: vec![Shape::Point, Shape::Line(1, 2)] }],
        maybe: Some(None),
        map: BTreeMap::from([("a".into(), vec![1, 2])]),
        nothing: Nothing,
        newtype: Newtype("n".into()),
        skipped: 0,
        renamed: 7,
    }
}

proptest! {
    #[test]
    fn every_value_has_the_bytes_of_bincode(zoo in zoo(), shapes in vec(shapes(), 0..5)) {
        parity(&zoo);
        parity(&shapes);
        laws(&Track { number: 3, zoo, shape: Shape::Point, areas: vec![], other: Shape::Line(1, 2) });
    }

    #[test]
    fn no_bytes_make_the_bridge_panic(bytes in vec(any::<u8>(), 0..60), small in any::<bool>()) {
        let bytes: Vec<u8> = bytes.into_iter().map(|byte| if small { byte % 4 } else { byte }).collect();
        if let Ok(value) = read::<Zoo>(&bytes) {
            prop_assert_eq!(written(&value).unwrap(), bytes.clone());
        }
        if let Ok(value) = read::<Vec<Shape>>(&bytes) {
            prop_assert_eq!(written(&value).unwrap(), bytes.clone());
        }
        _ = read::<HashMap<String, Shape>>(&bytes);
        for integers in ENCODINGS {
            _ = decode::<Track>(integers, &bytes);
        }
    }

    #[test]
    fn damaged_bytes_are_an_error_or_a_value(zoo in zoo(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = written(&zoo).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        _ = read::<Zoo>(&bytes);
        bytes.truncate(at);
        prop_assert!(read::<Zoo>(&bytes).is_err());
    }
}
