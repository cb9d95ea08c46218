//! Derived types have the same bytes as the same type under serde and bincode, in both directions, for random values of
//! many shapes.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod support;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::marker::PhantomData;

use proptest::collection::{btree_map, hash_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_derive::{Deserialize, Serialize};
use support::{ENCODINGS, decode, encode, laws, parity};
use typeser::StateType;
use typeser::schema::{IntegerEncoding, Limits};

macro_rules! zoo {
    ($($item:item)*) => { $(
        #[derive(StateType, Serialize, Deserialize, Debug, Clone, PartialEq)]
        $item
    )* };
}

zoo! {
    struct Unit;

    struct NoFields {}

    struct NoTupleFields();

    struct Newtype(u64);

    struct Pair(u8, String);

    struct Plain {
        a: u8,
        b: u16,
        c: u32,
        d: u64,
        e: i128,
        f: f32,
        g: bool,
        h: [u8; 7],
    }

    struct Mixed {
        plain: Plain,
        text: String,
        number: i16,
        r#type: char,
        nothing: (),
        empty: Unit,
        wide: u128,
        pair: (Newtype, Option<Pair>),
        size: usize,
    }

    enum Never3 {
        A,
        B,
        C,
    }

    enum Discriminants {
        Ten = 10,
        Three = 3,
        MinusOne = -1,
    }

    enum Variants {
        Unit,
        EmptyTuple(),
        EmptyStruct {},
        One(u32),
        Two(u8, String),
        Named { x: f64, y: Option<Box<Variants>> },
        Inner(Discriminants),
        Generic(Generic<u8, Never3>),
    }

    enum AllOfOneSize {
        Left(u32),
        Right { a: u8, b: i8, c: [bool; 2] },
    }

    struct Generic<T, U> {
        first: T,
        list: Vec<U>,
        map: BTreeMap<String, T>,
        marker: PhantomData<U>,
    }

    struct Counted<const N: usize> {
        value: u16,
        bytes: Vec<[u8; 2]>,
    }

    struct Tree {
        value: u8,
        children: Vec<Tree>,
    }

    struct Chain {
        value: u16,
        next: Option<Box<Chain>>,
    }

    enum Json {
        Null,
        Bool(bool),
        Number(f64),
        Text(String),
        List(Vec<Json>),
        Object(HashMap<String, Json>),
        Boxed(Box<Json>),
    }

    struct Ping {
        pong: Option<Box<Pong>>,
        pongs: Vec<Pong>,
    }

    enum Pong {
        Stop,
        Back(Box<Ping>),
    }
}

/// Serde does not support arrays of every length, so this type has no counterpart.
#[derive(StateType, Debug, Clone, PartialEq)]
struct Constant<T, const N: usize> {
    elements: [T; N],
}

fn plain() -> impl Strategy<Value = Plain> {
    any::<(u8, u16, u32, u64, i128, f32, bool, [u8; 7])>().prop_map(|(a, b, c, d, e, f, g, h)| Plain {
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
    })
}

fn pair() -> impl Strategy<Value = Pair> {
    any::<(u8, String)>().prop_map(|(a, b)| Pair(a, b))
}

fn mixed() -> impl Strategy<Value = Mixed> {
    (plain(), any::<(String, i16, char, u128, u64, usize)>(), option::of(pair())).prop_map(
        |(plain, (text, number, r#type, wide, newtype, size), pair)| Mixed {
            plain,
            text,
            number,
            r#type,
            nothing: (),
            empty: Unit,
            wide,
            pair: (Newtype(newtype), pair),
            size,
        },
    )
}

fn never3() -> impl Strategy<Value = Never3> {
    prop_oneof![Just(Never3::A), Just(Never3::B), Just(Never3::C)]
}

fn discriminants() -> impl Strategy<Value = Discriminants> {
    prop_oneof![Just(Discriminants::Ten), Just(Discriminants::Three), Just(Discriminants::MinusOne)]
}

fn generic<T: Debug, U: Debug>(
    first: impl Strategy<Value = T> + Clone,
    second: impl Strategy<Value = U>,
) -> impl Strategy<Value = Generic<T, U>> {
    (first.clone(), vec(second, 0..6), btree_map(any::<String>(), first, 0..4)).prop_map(|(first, list, map)| Generic {
        first,
        list,
        map,
        marker: PhantomData,
    })
}

fn variants() -> impl Strategy<Value = Variants> {
    let leaf = prop_oneof![
        Just(Variants::Unit),
        Just(Variants::EmptyTuple()),
        Just(Variants::EmptyStruct {}),
        any::<u32>().prop_map(Variants::One),
        any::<(u8, String)>().prop_map(|(a, b)| Variants::Two(a, b)),
        discriminants().prop_map(Variants::Inner),
        generic(any::<u8>(), never3()).prop_map(Variants::Generic),
    ];
    leaf.prop_recursive(6, 8, 1, |inner| {
        (any::<f64>(), option::of(inner.prop_map(Box::new))).prop_map(|(x, y)| Variants::Named { x, y })
    })
}

fn all_of_one_size() -> impl Strategy<Value = AllOfOneSize> {
    prop_oneof![
        any::<u32>().prop_map(AllOfOneSize::Left),
        any::<(u8, i8, [bool; 2])>().prop_map(|(a, b, c)| AllOfOneSize::Right { a, b, c }),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    any::<u8>().prop_map(|value| Tree { value, children: Vec::new() }).prop_recursive(5, 40, 6, |inner| {
        (any::<u8>(), vec(inner, 0..6)).prop_map(|(value, children)| Tree { value, children })
    })
}

fn chain() -> impl Strategy<Value = Chain> {
    vec(any::<u16>(), 1..40).prop_map(|values| {
        let next = values.iter().skip(1).fold(None, |next, value| Some(Box::new(Chain { value: *value, next })));
        Chain { value: values[0], next }
    })
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<f64>().prop_map(Json::Number),
        any::<String>().prop_map(Json::Text),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::List),
            hash_map(any::<String>(), inner.clone(), 0..5).prop_map(Json::Object),
            inner.prop_map(|inner| Json::Boxed(Box::new(inner))),
        ]
    })
}

fn ping() -> impl Strategy<Value = Ping> {
    Just(Ping { pong: None, pongs: Vec::new() }).prop_recursive(5, 30, 4, |ping| {
        let pong = prop_oneof![Just(Pong::Stop), ping.prop_map(|ping| Pong::Back(Box::new(ping)))].boxed();
        (option::of(pong.clone().prop_map(Box::new)), vec(pong, 0..4)).prop_map(|(pong, pongs)| Ping { pong, pongs })
    })
}

proptest! {
    #[test]
    fn structs_have_the_bytes_of_bincode(mixed in mixed(), plain in vec(plain(), 0..20), pairs in vec(pair(), 0..5)) {
        parity(&mixed);
        parity(&plain);
        parity(&pairs);
    }

    #[test]
    fn enums_have_the_bytes_of_bincode(
        variants in vec(variants(), 0..6),
        sized in vec(all_of_one_size(), 0..20),
        plain in vec((never3(), discriminants()), 0..20),
    ) {
        parity(&variants);
        parity(&sized);
        parity(&plain);
    }

    #[test]
    fn generic_types_have_the_bytes_of_bincode(
        simple in generic(any::<u64>(), pair()),
        nested in generic(variants().boxed(), generic(any::<String>(), any::<Option<u8>>())),
        constant in any::<[Option<u16>; 9]>(),
    ) {
        parity(&simple);
        parity(&nested);
        laws(&Constant { elements: constant });
        parity(&Counted::<7> { value: 7, bytes: vec![[1, 2]; 3] });
    }

    #[test]
    fn recursive_types_have_the_bytes_of_bincode(tree in tree(), chain in chain(), json in json(), ping in ping()) {
        parity(&tree);
        parity(&chain);
        parity(&json);
        parity(&ping);
    }

    #[test]
    fn damaged_bytes_give_a_value_of_these_bytes_or_an_error(
        value in (mixed(), vec(variants(), 0..4), tree(), chain()),
        at in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        fn damaged<T: StateType>(value: &T, at: prop::sample::Index, bit: u8) {
            for integers in ENCODINGS {
                let mut bytes = encode(integers, value).unwrap();
                let at = at.index(bytes.len());
                assert!(decode::<T>(integers, &bytes[..at]).is_err(), "a truncated value is never valid");
                bytes[at] ^= 1 << bit;
                // A map can have its keys in another order, but no value here has two keys.
                if let Ok(other) = decode::<T>(integers, &bytes) {
                    assert_eq!(encode(integers, &other).unwrap(), bytes);
                }
            }
        }
        damaged(&value.0, at, bit);
        damaged(&value.2, at, bit);
        damaged(&value.3, at, bit);
        for integers in ENCODINGS {
            let bytes = encode(integers, &value.1).unwrap();
            let cut = at.index(bytes.len());
            prop_assert!(decode::<Vec<Variants>>(integers, &bytes[..cut]).is_err());
        }
    }

    #[test]
    fn random_bytes_give_a_value_or_an_error(bytes in any::<Vec<u8>>()) {
        for integers in ENCODINGS {
            _ = decode::<Mixed>(integers, &bytes);
            _ = decode::<Vec<Variants>>(integers, &bytes);
            _ = decode::<Json>(integers, &bytes);
            _ = decode::<Tree>(integers, &bytes);
            _ = decode::<Ping>(integers, &bytes);
        }
    }
}

#[test]
fn empty_types_take_no_bytes() {
    parity(&(Unit, NoFields {}, NoTupleFields()));
    for integers in ENCODINGS {
        assert_eq!(encode(integers, &(Unit, NoFields {}, NoTupleFields())).unwrap(), [0_u8; 0]);
    }
}

#[test]
fn an_integer_is_written_by_index_of_its_variant_and_not_by_its_discriminant() {
    assert_eq!(encode(IntegerEncoding::Variable, &Discriminants::MinusOne).unwrap(), [2]);
    parity(&Discriminants::MinusOne);
}

/// A chain of this many boxes.
fn nested_boxes(boxes: usize) -> Chain {
    (0..boxes)
        .fold(Chain { value: 0, next: None }, |next, value| Chain { value: value as u16, next: Some(Box::new(next)) })
}

/// This many nested lists; the innermost is empty.
fn nested_lists(lists: usize) -> Tree {
    (1..lists).fold(Tree { value: 0, children: Vec::new() }, |child, _| Tree { value: 1, children: vec![child] })
}

/// Maps, boxes and lists in turn, with this many levels: each payload and each element of a collection is one level.
fn nested_objects(levels: usize) -> Json {
    let mut value = Json::Null;
    let mut left = levels;
    for kind in (0..3).cycle() {
        let taken = if kind == 1 { 1 } else { 2 };
        if left < taken {
            break;
        }
        left -= taken;
        value = match kind {
            0 => Json::Object(HashMap::from([("k".to_owned(), value)])),
            1 => Json::Boxed(Box::new(value)),
            _ => Json::List(vec![value]),
        };
    }
    assert_eq!(left, 0, "{levels} levels can be built");
    value
}

/// Stack size for the deepest values in unoptimized code, where a level takes tens of kilobytes.
const ROOMY: usize = 64 << 20;

/// Runs on a stack that has room for all levels at any level of optimization.
fn with_stack<R: Send + 'static>(bytes: usize, run: impl FnOnce() -> R + Send + 'static) -> R {
    std::thread::Builder::new().stack_size(bytes).spawn(run).unwrap().join().unwrap()
}

#[test]
fn a_value_as_deep_as_the_limit_is_written_and_read() {
    let deepest = Limits::DEPTH as usize;
    with_stack(ROOMY, move || {
        laws(&nested_boxes(deepest));
        laws(&nested_lists(deepest));
        laws(&nested_objects(deepest));
        laws(&(0..2).map(|_| nested_boxes(deepest - 1)).collect::<Vec<_>>());
    });
}

#[test]
fn a_value_deeper_than_the_limit_is_neither_written_nor_read() {
    let deepest = Limits::DEPTH as usize;
    with_stack(ROOMY, move || {
        for integers in ENCODINGS {
            let too_deep = "the value is more than 512 levels deep";
            assert_eq!(encode(integers, &nested_boxes(deepest + 1)).unwrap_err(), format!("cannot encode: {too_deep}"));
            assert_eq!(encode(integers, &nested_lists(deepest + 1)).unwrap_err(), format!("cannot encode: {too_deep}"));
            assert_eq!(
                encode(integers, &nested_objects(deepest + 1)).unwrap_err(),
                format!("cannot encode: {too_deep}")
            );
            // Bytes of a program that does not limit the depth.
            let most = Limits::READ_DEPTH as usize;
            let read: Chain = decode(integers, &support::bincode_bytes(integers, &nested_boxes(most))).unwrap();
            assert!(read.next.is_some());
            let bytes = support::bincode_bytes(integers, &nested_boxes(most + 1));
            let each = bytes.len() / (most + 1);
            let error = decode::<Chain>(integers, &bytes).unwrap_err();
            assert!(error.ends_with("the value is more than 576 levels deep"), "{error}, {each} bytes per level");
        }
    });
}
