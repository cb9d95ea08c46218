//! Generic types: bounds are inferred from the stored fields only.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod common;

use std::fmt::Debug;

use common::round_trip;
use typeser::StateType;
use typeser::schema::Size;

#[derive(Debug, PartialEq, StateType)]
struct One<T>(T);

#[derive(Debug, PartialEq, StateType)]
enum Many<T, U = u8>
where
    T: Clone,
{
    Nothing,
    First(T),
    Both { first: Vec<T>, second: Option<U> },
}

/// A parameter without stored values needs no bound.
#[derive(Debug, StateType)]
struct Skipped<T> {
    number: u8,
    #[state(skip)]
    cache: Vec<T>,
}

#[derive(Debug)]
struct NotStored;

#[derive(Debug, PartialEq, StateType)]
struct WithDefault<T> {
    #[state(default)]
    value: T,
}

trait Source {
    type Item;
}

/// Implements no `StateType` itself.
#[derive(Debug, PartialEq)]
struct Numbers;

impl Source for Numbers {
    type Item = u64;
}

/// Only the associated type must be storable.
#[derive(StateType)]
struct Named<S: Source> {
    item: S::Item,
    qualified: Option<<S as Source>::Item>,
}

/// Explicit bounds where inference would require too much.
#[derive(Debug, PartialEq, StateType)]
#[state(bound = "")]
struct Overridden<T> {
    number: Forget<T>,
}

/// Stores no value of its parameter, so it has no bound.
#[derive(Debug, PartialEq, StateType)]
struct Forget<T> {
    number: u8,
    forgotten: std::marker::PhantomData<T>,
}

#[derive(Debug, PartialEq, StateType)]
struct Const<T, const LENGTH: usize = 3> {
    value: T,
    scratch: [u8; LENGTH],
}

#[derive(Debug, PartialEq, StateType)]
enum Tree<K, V> {
    Leaf(V),
    Node(K, Box<Tree<K, V>>, Box<Tree<K, V>>),
}

/// Parameters with names that the expansion could use itself.
#[derive(Debug, PartialEq, StateType)]
struct Letters<W, E, T> {
    w: W,
    e: E,
    t: T,
}

#[test]
fn generic_types_come_back() {
    round_trip(&One(3u8));
    round_trip(&One(One("x".to_owned())));
    round_trip(&Many::<u16>::Nothing);
    round_trip(&Many::<u16, i8>::First(3));
    round_trip(&Many::<u16, i8>::Both { first: vec![1, 2], second: Some(-3) });
    round_trip(&WithDefault { value: 3u32 });
    round_trip(&Const::<_, 5> { value: 7u64, scratch: [0; 5] });
    round_trip(&Overridden::<Numbers> { number: Forget { number: 1, forgotten: std::marker::PhantomData } });
    round_trip(&Tree::Node(1u8, Box::new(Tree::Leaf(2i64)), Box::new(Tree::Leaf(3))));
    round_trip(&Letters { w: 1u8, e: 2u16, t: 3u32 });
}

#[test]
fn what_is_not_stored_needs_no_bound() {
    let value = Skipped { number: 1, cache: vec![NotStored] };
    let back = typeser::serializer::decode_bytes::<Skipped<NotStored>, typeser::wire::Fixed>(&common::fixed(&value));
    assert_eq!(back.unwrap().cache.len(), 0);
}

#[test]
fn an_associated_type_is_bound_and_its_parameter_is_not() {
    let value = Named::<Numbers> { item: 3, qualified: Some(4) };
    assert_eq!(common::fixed(&value), [3, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn sizes_follow_the_arguments() {
    assert_eq!(One::<u32>::SIZES, u32::SIZES);
    assert_eq!(One::<String>::SIZES, String::SIZES);
    assert_eq!(Many::<u8, u8>::SIZES.fixed, Size::at_least(4));
}
