//! Functions in unusual places: between moved fields, in arrays and maps, on parts of zero bytes, inside other
//! functions.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use typeser::migrate::{MigrateError, Scratch, Trust};
use typeser::resolve::{Compatibility, Policy, Resolution, Role};
use typeser::schema::IntegerEncoding;
use typeser::serializer::DescribeError;
use typeser::{Serializer, StateType, TypeSerializer, resolve};

const ENCODINGS: [IntegerEncoding; 2] = [IntegerEncoding::Fixed, IntegerEncoding::Variable];

fn resolved<Old: StateType, New: StateType>(
    old: IntegerEncoding,
    new: IntegerEncoding,
) -> (Resolution, Serializer<New>) {
    let stored = Serializer::<Old>::with_integers(old).unwrap();
    let new = Serializer::<New>::with_integers(new).unwrap();
    (resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default()), new)
}

/// Migrates between all integer encodings, with one scratch, and expects the new bytes every time.
#[track_caller]
fn becomes<Old: StateType, New: StateType + PartialEq + Debug>(old: &Old, wanted: &New) {
    let mut scratch = Scratch::default();
    for (from, to) in ENCODINGS.iter().flat_map(|from| ENCODINGS.map(|to| (*from, to))) {
        let (resolution, new) = resolved::<Old, New>(from, to);
        assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration, "{:?}", resolution.findings());
        let migration = resolution.migration(new.conversions()).unwrap();
        let (mut stored, mut bytes) = (Vec::new(), Vec::new());
        Serializer::with_integers(from).unwrap().serialize(old, &mut stored).unwrap();
        new.serialize(wanted, &mut bytes).unwrap();
        for trust in [Trust::Verified, Trust::Foreign] {
            let mut migrated = Vec::new();
            migration.run(&stored, trust, &mut scratch, &mut migrated).unwrap();
            assert_eq!(migrated, bytes, "{from:?} to {to:?}, {trust:?}");
            assert_eq!(&new.deserialize(&migrated).unwrap(), wanted);
        }
    }
}

fn text(number: u16) -> String {
    number.to_string()
}

mod old {
    use super::*;

    #[derive(StateType)]
    pub struct Point {
        pub x: u16,
        pub y: Option<u16>,
        pub name: String,
    }

    #[derive(StateType)]
    pub struct Fixed {
        pub a: u16,
        pub b: u32,
        pub c: Option<u8>,
    }

    #[derive(StateType)]
    pub enum Shape {
        Dot(Point),
        Line { from: Point, to: Point, width: u16 },
        Gone { points: Vec<Point> },
    }

    #[derive(StateType)]
    pub struct Nothing;

    #[derive(StateType)]
    pub struct Whole {
        pub shapes: Vec<Shape>,
        pub grid: [Fixed; 3],
        pub named: BTreeMap<String, Point>,
        pub nothing: Vec<Nothing>,
        pub deep: [Vec<[Point; 2]>; 2],
        pub last: u64,
    }
}

#[derive(Debug, PartialEq, StateType)]
struct Point {
    name: String,
    #[state(none = "none".to_owned(), convert(u16, with = text))]
    y: String,
    #[state(convert(u16, with = text))]
    x: String,
}

#[derive(Debug, PartialEq, StateType)]
struct Fixed {
    #[state(none = 9)]
    c: u8,
    b: u32,
    #[state(convert(u16, with = halves))]
    a: [u8; 2],
}

fn halves(number: u16) -> [u8; 2] {
    number.to_be_bytes()
}

#[derive(Debug, PartialEq, StateType)]
enum Shape {
    Line {
        #[state(convert(u16, with = text))]
        width: String,
        to: Point,
        from: Point,
    },
    Dot(Point),
    #[state(other)]
    Other {
        #[state(default = Some(Box::new(Shape::Line { width: String::new(), to: at(1), from: at(2) })))]
        inner: Option<Box<Shape>>,
    },
}

#[derive(Debug, PartialEq, StateType)]
struct Whole {
    last: u64,
    deep: [Vec<[Point; 2]>; 2],
    #[state(convert(Vec<old::Nothing>, with = counted))]
    nothing: u8,
    named: BTreeMap<String, Point>,
    grid: Vec<Fixed>,
    shapes: Vec<Shape>,
}

fn counted(nothing: Vec<old::Nothing>) -> u8 {
    nothing.len() as u8
}

fn old_at(x: u16) -> old::Point {
    old::Point { x, y: (x.is_multiple_of(2)).then_some(x + 1), name: format!("p{x}") }
}

fn at(x: u16) -> Point {
    let y = if x.is_multiple_of(2) { (x + 1).to_string() } else { "none".to_owned() };
    Point { name: format!("p{x}"), y, x: x.to_string() }
}

#[test]
fn functions_run_between_moved_fields_whatever_lies_around_them() {
    let old_fixed = |a: u16| old::Fixed { a, b: 70_000, c: (a != 2).then_some(4) };
    let fixed = |a: u16| Fixed { a: a.to_be_bytes(), b: 70_000, c: if a == 2 { 9 } else { 4 } };
    let old = old::Whole {
        shapes: vec![
            old::Shape::Gone { points: vec![old_at(1), old_at(2)] },
            old::Shape::Line { from: old_at(3), to: old_at(4), width: 500 },
            old::Shape::Dot(old_at(5)),
        ],
        grid: [old_fixed(1), old_fixed(2), old_fixed(3)],
        named: BTreeMap::from([("a".to_owned(), old_at(6)), ("b".to_owned(), old_at(7))]),
        nothing: vec![old::Nothing, old::Nothing, old::Nothing],
        deep: [vec![[old_at(8), old_at(9)]], vec![]],
        last: 1 << 40,
    };
    let fallback = Shape::Line { width: String::new(), to: at(1), from: at(2) };
    let new = Whole {
        last: 1 << 40,
        deep: [vec![[at(8), at(9)]], vec![]],
        nothing: 3,
        named: BTreeMap::from([("a".to_owned(), at(6)), ("b".to_owned(), at(7))]),
        grid: vec![fixed(1), fixed(2), fixed(3)],
        shapes: vec![
            Shape::Other { inner: Some(Box::new(fallback)) },
            Shape::Line { from: at(3), to: at(4), width: "500".to_owned() },
            Shape::Dot(at(5)),
        ],
    };
    becomes(&old, &new);
}

/// The same two types are compared with a function, without one, and with another one, in both zones.
mod places {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Places")]
    pub struct Old {
        pub plain: u16,
        pub made: u16,
        pub doubled: u16,
        pub set: BTreeSet<(u16, u8)>,
        pub list: Vec<u16>,
    }

    #[derive(Debug, PartialEq, StateType)]
    #[state(name = "Places")]
    pub struct New {
        pub list: Vec<u32>,
        #[state(convert(u16, with = doubled))]
        pub doubled: u32,
        pub set: BTreeSet<(u32, u8)>,
        #[state(convert(u16, with = made))]
        pub made: u32,
        pub plain: u32,
    }

    fn made(number: u16) -> u32 {
        u32::from(number) + 1_000_000
    }

    fn doubled(number: u16) -> u32 {
        u32::from(number) * 2
    }
}

#[test]
fn a_function_belongs_to_its_field_and_not_to_the_types_that_meet_there() {
    let old = places::Old { plain: 1, made: 2, doubled: 3, set: BTreeSet::from([(4, 5)]), list: vec![6] };
    let set = BTreeSet::from([(4, 5)]);
    becomes(&old, &places::New { plain: 1, made: 1_000_002, doubled: 6, set, list: vec![6] });
}

/// A function that uses other serializers, including reconfigured ones.
mod inside {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Pair")]
    pub struct Pair1 {
        pub a: u8,
        pub b: String,
    }

    #[derive(Debug, PartialEq, StateType)]
    pub struct Pair {
        pub b: String,
        pub a: u8,
    }

    #[derive(StateType)]
    #[state(name = "Outer")]
    pub struct Old {
        pub bytes: Vec<u8>,
        pub places: places::Old,
    }

    #[derive(Debug, PartialEq, StateType)]
    #[state(name = "Outer")]
    pub struct New {
        pub places: places::New,
        #[state(convert(Vec<u8>, with = read))]
        pub bytes: Pair,
    }

    fn read(bytes: Vec<u8>) -> Result<Pair, String> {
        let (resolution, new) = resolved::<Pair1, Pair>(IntegerEncoding::Fixed, IntegerEncoding::Fixed);
        let adopted = resolution.adopt(&new).unwrap();
        assert!(adopted.is_reconfigured());
        let pair = adopted.deserialize(&bytes).map_err(|error| error.to_string())?;
        let old = places::Old { plain: 1, made: 2, doubled: 3, set: BTreeSet::new(), list: vec![] };
        let new = places::New { plain: 1, made: 1_000_002, doubled: 6, set: BTreeSet::new(), list: vec![] };
        becomes(&old, &new);
        Ok(pair)
    }
}

#[test]
fn functions_may_serialize_and_migrate_themselves() {
    let mut bytes = Vec::new();
    Serializer::new().unwrap().serialize(&inside::Pair1 { a: 3, b: "b".to_owned() }, &mut bytes).unwrap();
    let places = places::Old { plain: 1, made: 2, doubled: 3, set: BTreeSet::new(), list: vec![1, 2] };
    let old = inside::Old { bytes, places };
    let places = places::New { plain: 1, made: 1_000_002, doubled: 6, set: BTreeSet::new(), list: vec![1, 2] };
    becomes(&old, &inside::New { places, bytes: inside::Pair { a: 3, b: "b".to_owned() } });
}

/// Parts without bytes begin at the offset of the next part.
mod nowhere {
    use super::*;

    #[derive(StateType)]
    #[state(name = "Nowhere")]
    pub struct Old {
        pub first: (),
        pub kept: (),
        pub refused: (),
        pub list: Vec<((), u8)>,
    }

    #[derive(StateType)]
    #[state(name = "Nowhere")]
    pub struct New {
        pub first: (),
        pub kept: (),
        #[state(convert((), with = refuse))]
        pub refused: u8,
        pub list: Vec<((), u8)>,
    }

    fn refuse((): ()) -> Result<u8, &'static str> {
        Err("never")
    }
}

#[test]
fn the_place_of_a_part_without_bytes_is_reported() {
    for integers in ENCODINGS {
        let (resolution, new) = resolved::<nowhere::Old, nowhere::New>(integers, integers);
        let migration = resolution.migration(new.conversions()).unwrap();
        let mut stored = Vec::new();
        let old = nowhere::Old { first: (), kept: (), refused: (), list: vec![((), 1)] };
        Serializer::with_integers(integers).unwrap().serialize(&old, &mut stored).unwrap();
        let error = migration.run(&stored, Trust::Foreign, &mut Scratch::default(), &mut Vec::new()).unwrap_err();
        let MigrateError::Function(failure) = error else { panic!("{error}") };
        assert_eq!(failure.path, "value.refused");
    }
}

/// Different types can have one layout.
mod alike {
    use super::*;

    #[derive(StateType)]
    pub struct Twice {
        #[state(convert(u32, with = narrow), convert(std::num::Wrapping<u32>, with = wrapped))]
        pub number: u16,
    }

    #[derive(StateType)]
    pub struct Itself {
        #[state(convert(usize, with = size))]
        pub number: u64,
    }

    fn narrow(number: u32) -> u16 {
        number as u16
    }

    fn wrapped(number: std::num::Wrapping<u32>) -> u16 {
        number.0 as u16 + 1
    }

    fn size(number: usize) -> u64 {
        number as u64
    }
}

#[test]
fn functions_that_read_one_layout_are_refused_when_a_type_is_described() {
    let twice = Serializer::<alike::Twice>::new().unwrap_err();
    assert!(matches!(twice, DescribeError::OneLayout { .. }), "{twice}");
    let itself = Serializer::<alike::Itself>::new().unwrap_err();
    assert!(matches!(itself, DescribeError::SameLayout { .. }), "{itself}");
    insta::assert_snapshot!(format!("{twice}\n{itself}"));
}

/// An adopted layout can become one that a function reads.
mod adopted {
    use super::*;

    pub mod one {
        use super::*;
        #[derive(StateType)]
        pub struct Point {
            pub a: u8,
            pub b: u8,
        }
        #[derive(StateType)]
        pub struct Holder {
            pub point: Point,
        }
    }

    #[derive(StateType)]
    #[state(name = "Point")]
    pub struct Kept {
        pub x: u8,
        pub y: u8,
    }

    #[derive(StateType)]
    pub struct Point {
        #[state(alias = "b")]
        pub y: u8,
        #[state(alias = "a")]
        pub x: u8,
    }

    #[derive(StateType)]
    pub struct Holder {
        #[state(convert(Kept, with = mirrored))]
        pub point: Point,
    }

    fn mirrored(kept: Kept) -> Point {
        Point { x: kept.y, y: kept.x }
    }
}

#[test]
fn a_layout_that_a_function_would_read_later_is_not_adopted() {
    let (resolution, new) =
        resolved::<adopted::one::Holder, adopted::Holder>(IntegerEncoding::Fixed, IntegerEncoding::Fixed);
    // Under its new names, the stored layout would be one that the function reads. So it is rewritten without the
    // function.
    assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
    let rules: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
    assert!(rules.contains(&"adopted-layout-converted"), "{rules:?}");
    assert!(resolution.adopted().is_none() && resolution.adopt(&new).is_err());
    assert!(resolution.functions().is_empty());
    let (mut stored, mut migrated) = (Vec::new(), Vec::new());
    let old = adopted::one::Holder { point: adopted::one::Point { a: 1, b: 2 } };
    Serializer::new().unwrap().serialize(&old, &mut stored).unwrap();
    let migration = resolution.migration(new.conversions()).unwrap();
    migration.run(&stored, Trust::Foreign, &mut Scratch::default(), &mut migrated).unwrap();
    let is = new.deserialize(&migrated).unwrap();
    assert_eq!((is.point.x, is.point.y), (1, 2));
    // Keys are not rewritten.
    let stored = Serializer::<adopted::one::Holder>::new().unwrap();
    let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Key, &Policy::default());
    assert_eq!(resolution.compatibility(), Compatibility::Incompatible);
}
