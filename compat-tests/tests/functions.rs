//! Functions in attributes: conversions, values for `None`, fallback variants, migrations of whole types. Migrated
//! bytes are compared with those of the converted value, under both encodings and both trust levels.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use std::collections::{BTreeMap, BTreeSet};

use compat_tests::evolution::expect;
use typeser::migrate::{Cost, MigrateError, Scratch, Trust};
use typeser::resolve::Compatibility::{Compatible, Incompatible, RequiresMigration};
use typeser::resolve::{Policy, Resolution, Role};
use typeser::serializer::Conversions;
use typeser::value::Value;
use typeser::{Serializer, StateType, TypeSerializer, resolve};

mod old {
    use std::collections::BTreeSet;

    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Line {
        pub name: String,
        pub price: String,
        pub seats: u32,
        pub note: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Bill {
        pub lines: Vec<Line>,
        pub status: Status,
        pub tags: BTreeSet<String>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub enum Status {
        Open,
        Lost { reason: String },
        Paid(u16),
        Unknown,
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct Line {
    #[state(none = "none".to_owned())]
    note: String,
    #[state(convert(u32, with = spelled, injective))]
    seats: String,
    #[state(convert(String, with = cents))]
    price: Option<u64>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct Bill {
    lines: Vec<Line>,
    status: Status,
    tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, StateType)]
enum Status {
    Open,
    Paid(#[state(convert(u16, with = spelled_short))] String),
    #[state(other)]
    Unknown,
}

fn cents(price: String) -> Result<Option<u64>, String> {
    match price.as_str() {
        "" => Ok(None),
        price => price.parse().map(Some).map_err(|error| format!("`{price}` is not a price: {error}")),
    }
}

fn spelled(number: u32) -> String {
    number.to_string()
}

fn spelled_short(number: u16) -> String {
    number.to_string()
}

fn old_line(number: u32) -> old::Line {
    old::Line {
        name: format!("line {number}"),
        price: if number.is_multiple_of(3) { String::new() } else { (number * 100).to_string() },
        seats: number,
        note: number.is_multiple_of(2).then(|| "even".to_owned()),
    }
}

fn new_line(number: u32) -> Line {
    Line {
        note: if number.is_multiple_of(2) { "even" } else { "none" }.to_owned(),
        seats: number.to_string(),
        price: (!number.is_multiple_of(3)).then(|| u64::from(number) * 100),
        name: format!("line {number}"),
    }
}

#[test]
fn fields_are_converted_at_any_place_and_in_any_order() {
    let rules = [
        "field-converted",
        "field-converted-one-to-one",
        "none-replaced",
        "fields-reordered",
        "variant-to-fallback",
        "field-converted",
        "variants-reordered",
        "set-to-list",
    ];
    let bill = |status, lines: u32| old::Bill {
        lines: (0..lines).map(old_line).collect(),
        status,
        tags: BTreeSet::from(["a".to_owned(), "b".to_owned()]),
    };
    let wanted = |status, lines: u32| Bill {
        lines: (0..lines).map(new_line).collect(),
        status,
        tags: vec!["a".to_owned(), "b".to_owned()],
    };
    let values = [
        (bill(old::Status::Open, 0), wanted(Status::Open, 0)),
        (bill(old::Status::Lost { reason: "rain".to_owned() }, 1), wanted(Status::Unknown, 1)),
        (bill(old::Status::Paid(7), 4), wanted(Status::Paid("7".to_owned()), 4)),
        (bill(old::Status::Unknown, 2), wanted(Status::Unknown, 2)),
    ];
    insta::assert_snapshot!(expect(RequiresMigration, &rules).check(&values));
}

mod v1 {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 1)]
    pub struct Track {
        pub metres: f64,
        pub next: Vec<Track>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Tracks {
        pub all: Vec<Track>,
        pub best: Option<Box<Track>>,
    }
}

mod v2 {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 2)]
    pub struct Track {
        pub feet: f64,
        pub legs: u32,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Tracks {
        pub all: Vec<Track>,
        pub best: Option<Box<Track>>,
    }
}

/// From kept types, in a chain.
mod v3 {
    use typeser::StateType;

    use super::{v1, v2};

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 3, migrate(1 => feet_of, 2 => leg_by_leg))]
    pub struct Track {
        pub legs: Vec<f64>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Tracks {
        pub all: Vec<Track>,
        pub best: Option<Box<Track>>,
    }

    fn feet_of(track: v1::Track) -> v2::Track {
        v2::Track { feet: track.metres * 4.0, legs: u32::try_from(track.next.len()).unwrap() + 1 }
    }

    fn leg_by_leg(track: v2::Track) -> Result<Track, &'static str> {
        match track.legs {
            0 => Err("a track without legs"),
            legs => Ok(Track { legs: vec![track.feet / f64::from(legs); legs as usize] }),
        }
    }
}

/// The same after the types of both versions were deleted.
mod dynamic {
    use typeser::StateType;
    use typeser::value::{Record, Value, ValueError};

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 3, migrate(2 => leg_by_leg, 1 => feet_of))]
    pub struct Track {
        pub legs: Vec<f64>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Tracks {
        pub all: Vec<Track>,
        pub best: Option<Box<Track>>,
    }

    fn feet_of(track: Value) -> Result<Value, ValueError> {
        let metres = track.get("metres")?.as_f64()?;
        let legs = u32::try_from(track.get("next")?.items()?.len()).unwrap() + 1;
        Ok(Record::structure("Track").with("feet", metres * 4.0).with("legs", legs).into())
    }

    fn leg_by_leg(track: Value) -> Result<Track, ValueError> {
        let (feet, legs): (f64, u32) = (track.read("feet")?, track.read("legs")?);
        Ok(Track { legs: vec![feet / f64::from(legs); legs as usize] })
    }
}

fn tracks_1() -> v1::Tracks {
    let track = |metres, next| v1::Track { metres, next };
    let long = track(30.0, vec![track(1.0, vec![]), track(2.0, vec![track(3.0, vec![])])]);
    v1::Tracks { all: vec![track(2.0, vec![]), long.clone()], best: Some(Box::new(long)) }
}

fn tracks_2() -> v2::Tracks {
    let long = v2::Track { feet: 120.0, legs: 3 };
    v2::Tracks { all: vec![v2::Track { feet: 8.0, legs: 1 }, long.clone()], best: Some(Box::new(long)) }
}

#[test]
fn whole_values_go_through_the_functions_of_all_versions_between() {
    macro_rules! wanted {
        ($version:ident) => {{
            let long = $version::Track { legs: vec![40.0; 3] };
            $version::Tracks {
                all: vec![$version::Track { legs: vec![8.0] }, long.clone()],
                best: Some(Box::new(long)),
            }
        }};
    }
    let rules = ["type-migrated"];
    let first = expect(RequiresMigration, &rules).check(&[(tracks_1(), wanted!(v3))]);
    let second = expect(RequiresMigration, &rules).check(&[(tracks_2(), wanted!(v3))]);
    let dynamic = expect(RequiresMigration, &rules).check(&[(tracks_1(), wanted!(dynamic))]);
    expect(RequiresMigration, &rules).check(&[(tracks_2(), wanted!(dynamic))]);
    insta::assert_snapshot!([first, second, dynamic].join("\n"));
}

/// Two types with one layout and different meanings.
mod units {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Length")]
    pub struct Metres {
        pub amount: f64,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Length", version = 2, migrate(1 => Self::of))]
    pub struct Feet {
        pub amount: f64,
    }

    impl Feet {
        fn of(metres: Metres) -> Self {
            Self { amount: metres.amount * 4.0 }
        }
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Length", version = 3)]
    pub struct StillFeet {
        pub amount: f64,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Length", version = 3, migrate(2 => Self::of))]
    pub struct Yards {
        pub amount: f64,
    }

    impl Yards {
        fn of(feet: Feet) -> Self {
            Self { amount: feet.amount / 3.0 }
        }
    }
}

#[test]
fn a_function_runs_though_layouts_are_equal_and_is_never_skipped() {
    use units::{Feet, Metres, StillFeet, Yards};
    expect(RequiresMigration, &["type-migrated"]).check(&[(Metres { amount: 2.0 }, Feet { amount: 8.0 })]);
    expect(RequiresMigration, &["type-migrated"]).check(&[(Feet { amount: 9.0 }, Yards { amount: 3.0 })]);
    // Without a declared function, a version has no effect.
    let versions = expect(Compatible, &[]);
    versions.check(&[(Feet { amount: 9.0 }, StillFeet { amount: 9.0 })]);
    insta::assert_snapshot!(expect(Incompatible, &["migration-missing"]).check::<Metres, Yards>(&[]));
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(name = "Track", version = 1)]
struct AnotherTrack {
    metres: f32,
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(name = "Track", version = 2, migrate(1 => Self::of))]
struct OfAnother {
    feet: f64,
}

impl OfAnother {
    fn of(track: AnotherTrack) -> Self {
        Self { feet: f64::from(track.metres) }
    }
}

#[test]
fn a_function_that_reads_another_layout_is_not_called() {
    let expected = expect(Incompatible, &["migration-reads-another-layout"]);
    insta::assert_snapshot!(expected.check::<v1::Track, OfAnother>(&[]));
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct Nested {
    #[state(none = 5, convert(u16, with = doubled))]
    deep: u32,
    #[state(none = 9)]
    wide: u64,
}

fn doubled(number: u16) -> u32 {
    u32::from(number) * 2
}

mod nested {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Nested")]
    pub struct Old {
        pub deep: Option<Option<u16>>,
        pub wide: Option<u8>,
    }
}

#[test]
fn values_for_none_combine_with_conversions_and_widening() {
    let values = [
        (nested::Old { deep: Some(Some(4)), wide: Some(1) }, Nested { deep: 8, wide: 1 }),
        (nested::Old { deep: Some(None), wide: None }, Nested { deep: 5, wide: 9 }),
        (nested::Old { deep: None, wide: Some(2) }, Nested { deep: 5, wide: 2 }),
    ];
    let rules = ["none-replaced", "none-replaced", "field-converted", "none-replaced", "integer-widened"];
    expect(RequiresMigration, &rules).check(&values);
}

mod keys {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
    #[state(key)]
    pub struct Key {
        pub number: u32,
    }

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
    #[state(key, name = "Key")]
    pub struct Injective {
        #[state(convert(u32, with = super::spelled, injective))]
        pub number: String,
    }

    #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
    #[state(key, name = "Key")]
    pub struct Halved {
        #[state(convert(u32, with = halved))]
        pub number: u64,
    }

    fn halved(number: u32) -> u64 {
        u64::from(number / 2)
    }
}

#[test]
fn map_keys_are_converted_only_by_injective_functions() {
    use keys::{Halved, Injective, Key};
    let old = BTreeMap::from([(Key { number: 1 }, 2u8), (Key { number: 30 }, 4)]);
    let new = BTreeMap::from([(Injective { number: "1".into() }, 2u8), (Injective { number: "30".into() }, 4)]);
    expect(RequiresMigration, &["field-converted-one-to-one"]).check(&[(old, new)]);
    let refused = expect(Incompatible, &["field-converted", "not-injective"]);
    refused.check::<BTreeSet<Key>, BTreeSet<Halved>>(&[]);
    let key = expect(Incompatible, &["field-converted-one-to-one", "key-migration-refused"]);
    key.role(Role::Key).check::<Key, Injective>(&[]);
}

fn resolution<Old: StateType, New: StateType>() -> (Serializer<Old>, Serializer<New>, Resolution) {
    let (old, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    (old, new, resolution)
}

#[test]
fn a_migration_without_its_functions_names_them() {
    let (_, new, resolution) = resolution::<v1::Tracks, v3::Tracks>();
    assert_eq!(resolution.functions(), ["Track v1: feet_of", "Track v2: leg_by_leg"]);
    let migration = resolution.migration(new.conversions()).unwrap();
    assert_eq!((migration.cost(), migration.functions()), (Cost::Convert, resolution.functions()));
    insta::assert_snapshot!(resolution.migration(&Conversions::new()).unwrap_err());
}

#[test]
fn a_function_that_refuses_says_where_and_what_and_writes_nothing() {
    let (old, new, resolution) = resolution::<old::Bill, Bill>();
    let mut lines: Vec<old::Line> = (0..40).map(old_line).collect();
    lines[33].price = "cheap".to_owned();
    let mut stored = Vec::new();
    let bill = old::Bill { lines, status: old::Status::Open, tags: BTreeSet::new() };
    old.serialize(&bill, &mut stored).unwrap();
    let migration = resolution.migration(new.conversions()).unwrap();
    for trust in [Trust::Verified, Trust::Foreign] {
        let mut out = b"before".to_vec();
        let error = migration.run(&stored, trust, &mut Scratch::default(), &mut out).unwrap_err();
        assert_eq!(out, b"before");
        let MigrateError::Function(failure) = &error else { panic!("{error}") };
        let value = Value::decode(old.snapshot(), &stored).unwrap();
        assert_eq!(value.get("lines").unwrap().items().unwrap()[33].read::<String>("price").unwrap(), "cheap");
        assert_eq!(&stored[failure.offset + 8..failure.offset + 13], b"cheap");
        insta::assert_snapshot!("a_price_that_is_none", error);
    }
    // The last of a chain.
    let (old, new, resolution) = self::resolution::<v2::Tracks, v3::Tracks>();
    stored.clear();
    let track = v2::Track { feet: 1.0, legs: 0 };
    old.serialize(&v2::Tracks { all: vec![], best: Some(Box::new(track)) }, &mut stored).unwrap();
    let migration = resolution.migration(new.conversions()).unwrap();
    let error = migration.run(&stored, Trust::Verified, &mut Scratch::default(), &mut Vec::new()).unwrap_err();
    insta::assert_snapshot!("the_last_of_a_chain", error);
}

/// The result of a function can be too deep for the place of the part.
#[derive(Debug, Clone, PartialEq, StateType)]
struct Deep {
    parts: Vec<Deep>,
    #[state(convert(u16, with = as_deep))]
    ends: Option<Box<Chain>>,
}

mod deep {
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Deep {
        pub parts: Vec<Deep>,
        pub ends: u16,
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct Chain {
    more: Option<Box<Chain>>,
}

fn as_deep(depth: u16) -> Option<Box<Chain>> {
    (0..depth).fold(None, |more, _| Some(Box::new(Chain { more })))
}

#[test]
fn results_of_functions_are_never_deeper_than_the_read_limit() {
    let (old, new, resolution) = resolution::<deep::Deep, Deep>();
    let migration = resolution.migration(new.conversions()).unwrap();
    let mut fits = 0;
    for (levels, ends) in [(100, 400), (100, 411), (100, 412), (100, 413), (400, 112), (400, 113), (0, 512), (0, 513)] {
        let value =
            (0..levels).fold(deep::Deep { parts: vec![], ends }, |part, _| deep::Deep { parts: vec![part], ends: 0 });
        let (mut stored, mut out) = (Vec::new(), Vec::new());
        old.serialize(&value, &mut stored).unwrap();
        let migrated = migration.run(&stored, Trust::Verified, &mut Scratch::default(), &mut out);
        assert_eq!(migrated.is_ok(), levels + ends <= 512, "{levels} levels and {ends}");
        if migrated.is_ok() {
            new.deserialize(&out).unwrap();
            fits += 1;
        } else {
            assert!(out.is_empty());
        }
    }
    assert_eq!(fits, 5);
}
