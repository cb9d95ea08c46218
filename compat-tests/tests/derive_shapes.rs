//! Every shape of a type round-trips through the derive and has the intended layout.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod common;

use common::{fixed, layout, round_trip};
use typeser::StateType;
use typeser::serializer::decode_bytes;
use typeser::wire::{Fixed, Variable};

#[derive(Debug, PartialEq, StateType)]
struct Named {
    number: u32,
    text: String,
    flag: bool,
}

#[derive(Debug, PartialEq, StateType)]
struct Pair(u16, Option<i64>);

#[derive(Debug, PartialEq, StateType)]
struct Unit;

#[derive(Debug, PartialEq, StateType)]
struct NoFields {}

#[derive(Debug, PartialEq, StateType)]
struct NoElements();

#[derive(Debug, Clone, PartialEq, StateType)]
enum Every {
    Unit,
    Newtype(u64),
    Tuple(u8, String),
    Struct { a: i16, b: Vec<u8> },
    EmptyTuple(),
    EmptyStruct {},
}

#[derive(Debug, PartialEq, StateType)]
enum Discriminants {
    Low = 7,
    High = 9,
}

#[derive(Debug, PartialEq, StateType)]
enum Tagged {
    #[state(tag = 40)]
    Forty,
    One,
    #[state(tag = 70_000)]
    Many(u8),
}

#[derive(Debug, PartialEq, StateType)]
struct Behind<T>(u8, T);

#[derive(Debug, PartialEq, StateType)]
struct Skipping {
    before: u8,
    #[state(skip)]
    cache: Vec<String>,
    #[state(skip, default = 3 + 4)]
    seven: u32,
    after: u8,
}

/// A field that was stored before and is skipped now keeps its name.
#[derive(Debug, PartialEq, StateType)]
#[state(removed("total"))]
struct BecameSkipped {
    count: u8,
    #[state(skip)]
    total: u64,
}

#[derive(Debug, PartialEq, StateType)]
struct SkippingTuple(u8, #[state(skip)] u64, u16);

#[derive(Debug, PartialEq, StateType)]
enum SkippingEnum {
    A(#[state(skip)] u8, u16),
    B {
        x: u32,
        #[state(skip, default = "b".to_owned())]
        y: String,
    },
}

#[derive(Debug, PartialEq, StateType)]
#[state(transparent)]
struct Id(u64);

#[derive(Debug, PartialEq, StateType)]
#[state(transparent)]
struct Wrapper<T> {
    #[state(skip)]
    uses: u32,
    inner: Vec<T>,
}

#[derive(Debug, PartialEq, StateType)]
#[state(name = "Purchase", version = 4, alias = "Buy", alias("Sale", "Deal"), removed("note", "tax"))]
struct Order {
    #[state(name = "number", alias = "no")]
    id: u64,
    #[state(default)]
    count: u32,
    #[state(default = "none".to_owned())]
    comment: String,
}

#[derive(Debug, PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Tail {
    number: String,
    nested: Option<Box<Tail>>,
}

#[derive(Debug, PartialEq, Eq, Hash, StateType)]
#[state(key)]
enum GenericKey<T> {
    Plain(T),
    List(Vec<T>),
}

#[test]
fn structs_come_back() {
    round_trip(&Named { number: 7, text: "seven".to_owned(), flag: true });
    round_trip(&Pair(1, Some(-2)));
    round_trip(&Pair(1, None));
    round_trip(&Unit);
    round_trip(&NoFields {});
    round_trip(&NoElements());
}

#[test]
fn enums_come_back() {
    for every in [
        Every::Unit,
        Every::Newtype(1),
        Every::Tuple(2, "two".to_owned()),
        Every::Struct { a: -3, b: vec![3] },
        Every::EmptyTuple(),
        Every::EmptyStruct {},
    ] {
        round_trip(&every);
    }
}

#[test]
fn a_tag_is_the_index_and_not_the_discriminant() {
    assert_eq!(fixed(&Discriminants::Low), [0, 0, 0, 0]);
    assert_eq!(fixed(&Discriminants::High), [1, 0, 0, 0]);
}

#[test]
fn an_explicit_tag_is_what_is_stored() {
    assert_eq!(fixed(&Tagged::Forty), [40, 0, 0, 0]);
    assert_eq!(fixed(&Tagged::One), [1, 0, 0, 0]);
    assert_eq!(fixed(&Tagged::Many(5)), [0x70, 0x11, 1, 0, 5]);
    for tagged in [Tagged::Forty, Tagged::One, Tagged::Many(5)] {
        round_trip(&tagged);
    }
}

#[test]
fn an_unknown_tag_is_refused_at_its_offset() {
    let fixed = decode_bytes::<Behind<Tagged>, Fixed>(&[0, 2, 0, 0, 0]).unwrap_err();
    assert_eq!(fixed.to_string(), "cannot decode at offset 1: `Tagged` has no variant of tag 2");
    let variable = decode_bytes::<Behind<Tagged>, Variable>(&[0, 251, 0x2c, 0x01]).unwrap_err();
    assert_eq!(variable.to_string(), "cannot decode at offset 1: `Tagged` has no variant of tag 300");
}

#[test]
fn a_skipped_field_is_rebuilt() {
    let value = Skipping { before: 1, cache: vec!["lost".to_owned()], seven: 0, after: 2 };
    let bytes = fixed(&value);
    assert_eq!(bytes, [1, 2]);
    let back = decode_bytes::<Skipping, Fixed>(&bytes).unwrap();
    assert_eq!(back, Skipping { before: 1, cache: vec![], seven: 7, after: 2 });

    round_trip(&BecameSkipped { count: 1, total: 0 });
    round_trip(&SkippingTuple(1, 0, 3));
    round_trip(&SkippingEnum::A(0, 3));
    round_trip(&SkippingEnum::B { x: 4, y: "b".to_owned() });
    assert_eq!(fixed(&SkippingTuple(1, 9, 3)), [1, 3, 0]);
}

#[test]
fn a_transparent_struct_is_its_field() {
    round_trip(&Id(5));
    round_trip(&Wrapper { uses: 0, inner: vec![1u8, 2] });
    assert_eq!(layout::<Id>(), layout::<u64>());
    assert_eq!(layout::<Wrapper<u8>>(), layout::<Vec<u8>>());
    assert_eq!(Id::SIZES, u64::SIZES);
}

#[test]
fn keys_come_back() {
    fn is_key<T: typeser::StateKey>(key: &T) -> &T {
        key
    }
    let tail = Tail { number: "N1".to_owned(), nested: None };
    round_trip(is_key(&Tail { number: "N2".to_owned(), nested: Some(Box::new(tail)) }));
    round_trip(is_key(&GenericKey::Plain(3u8)));
    round_trip(is_key(&GenericKey::List(vec!["x".to_owned()])));
}

#[test]
fn attributes_reach_the_snapshot() {
    insta::assert_snapshot!("order_layout", layout::<Order>());
    use typeser::serializer::TypeSerializer;
    let serializer = typeser::Serializer::<Order>::new().unwrap();
    insta::assert_debug_snapshot!("order_hints", serializer.snapshot().hints());
    insta::assert_snapshot!("tagged_layout", layout::<Tagged>());
    insta::assert_snapshot!("skipping_tuple_layout", layout::<SkippingTuple>());
}

#[test]
fn the_location_is_that_of_the_name() {
    use typeser::schema::NodeId;
    use typeser::serializer::TypeSerializer;
    let serializer = typeser::Serializer::<Unit>::new().unwrap();
    let location = serializer.snapshot().location(NodeId::ROOT).unwrap();
    let line = include_str!("derive_shapes.rs").lines().position(|line| line == "struct Unit;").unwrap() + 1;
    assert_eq!((location.line as usize, location.column), (line, 8));
    assert!(location.file.ends_with("derive_shapes.rs"), "{}", location.file);
}
