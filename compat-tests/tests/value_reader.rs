//! The reader of a resolution: one call that is right for every verdict but incompatible.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use typeser::migrate::{Cost, Trust};
use typeser::report::Report;
use typeser::resolve::{Compatibility, Losses, Policy, Resolution, Role};
use typeser::schema::IntegerEncoding;
use typeser::versions::{NotReadable, ReadError, ValueReader, Versions};
use typeser::{Serializer, StateType, TypeSerializer, resolve};

mod v1 {
    #[derive(typeser::StateType)]
    pub struct Point {
        pub x: u16,
        pub y: u16,
    }

    #[derive(typeser::StateType)]
    pub struct Order {
        pub id: u32,
        pub note: String,
        pub paid: bool,
        pub price: String,
    }
}

mod v2 {
    #[derive(typeser::StateType, Debug, PartialEq)]
    pub struct Point {
        pub y: u16,
        pub x: u16,
    }

    #[derive(typeser::StateType, Debug, PartialEq)]
    #[state(removed("paid"))]
    pub struct Order {
        pub id: u64,
        #[state(alias = "note")]
        pub remark: String,
        #[state(default = 3)]
        pub priority: u8,
        #[state(convert(String, with = super::cents))]
        pub price: u64,
    }
}

fn cents(price: String) -> Result<u64, std::num::ParseIntError> {
    price.replace('.', "").parse()
}

fn resolution<A: StateType, B: StateType>() -> (Serializer<A>, Serializer<B>, Resolution) {
    let (stored, today) = (Serializer::<A>::new().unwrap(), Serializer::<B>::new().unwrap());
    let resolution = resolve(stored.snapshot(), today.snapshot(), Role::Value, &Policy::default());
    (stored, today, resolution)
}

fn bytes<T: StateType>(serializer: &Serializer<T>, value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    serializer.serialize(value, &mut bytes).unwrap();
    bytes
}

fn order() -> v1::Order {
    v1::Order { id: 7, note: "fragile".into(), paid: true, price: "19.90".into() }
}

/// Reads the bytes, and upgrades them: the upgraded bytes are those that today's serializer writes for the value.
fn read<T: StateType + PartialEq + std::fmt::Debug>(reader: &ValueReader<T>, stored: &[u8]) -> T {
    let value = reader.read(stored).unwrap();
    let mut upgraded = vec![0xAA];
    reader.upgrade(stored, &mut upgraded).unwrap();
    assert_eq!(upgraded[0], 0xAA);
    assert_eq!(upgraded[1..], bytes(reader.serializer(), &value));
    value
}

#[test]
fn bytes_of_every_verdict_are_read() {
    let (stored, today, resolution) = resolution::<v2::Point, v2::Point>();
    assert_eq!(resolution.compatibility(), Compatibility::Compatible);
    let reader = resolution.reader(&today).unwrap();
    assert_eq!(reader.cost(), Cost::Metadata);
    assert_eq!(read(&reader, &bytes(&stored, &v2::Point { x: 1, y: 2 })), v2::Point { x: 1, y: 2 });

    let (stored, today, resolution) = self::resolution::<v1::Point, v2::Point>();
    assert_eq!(resolution.compatibility(), Compatibility::AfterReconfigure);
    let reader = resolution.reader(&today).unwrap();
    assert_eq!(reader.cost(), Cost::Copy);
    assert_eq!(read(&reader, &bytes(&stored, &v1::Point { x: 1, y: 2 })), v2::Point { x: 1, y: 2 });

    let (stored, today, resolution) = self::resolution::<v1::Order, v2::Order>();
    assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration);
    let reader = resolution.reader(&today).unwrap();
    assert_eq!(reader.cost(), Cost::Convert);
    let expected = v2::Order { id: 7, remark: "fragile".into(), priority: 3, price: 1990 };
    assert_eq!(read(&reader.clone(), &bytes(&stored, &order())), expected);
}

#[test]
fn the_configuration_of_both_sides_counts() {
    let stored = Serializer::<v1::Point>::with_integers(IntegerEncoding::Variable).unwrap();
    let today = Serializer::<v2::Point>::new().unwrap();
    let resolution = resolve(stored.snapshot(), today.snapshot(), Role::Value, &Policy::default());
    let stored = bytes(&stored, &v1::Point { x: 1, y: 300 });
    assert_eq!(stored.len(), 4);
    assert_eq!(read(&resolution.reader(&today).unwrap(), &stored), v2::Point { x: 1, y: 300 });
}

#[test]
fn the_error_of_an_incompatible_resolution_is_the_whole_report() {
    let (_, today, resolution) = resolution::<v1::Order, v2::Point>();
    let error = resolution.reader(&today).unwrap_err();
    let report = Report::new("value of `Point`", &resolution);
    assert_eq!(error.to_string(), report.to_string());
    assert_eq!(error, NotReadable::Incompatible(Box::new(report)));
}

#[test]
fn a_resolution_for_other_hints_is_refused() {
    mod other {
        #[derive(typeser::StateType)]
        #[state(removed("paid"))]
        pub struct Order {
            pub id: u64,
            #[state(alias = "note")]
            pub remark: String,
            #[state(default = 4)]
            pub priority: u8,
            #[state(convert(String, with = super::cents))]
            pub price: u64,
        }
    }
    let (_, today, resolution) = resolution::<v1::Order, v2::Order>();
    let other = Serializer::<other::Order>::new().unwrap();
    assert_eq!(other.snapshot().fingerprint(), today.snapshot().fingerprint());
    let error = resolution.reader(&other).unwrap_err();
    assert!(error.to_string().starts_with("the resolution was made for `Order"), "{error}");
    // `adopt` and `migration` could be given the functions of the other type; the default would be the wrong one.
    assert!(matches!(error, NotReadable::OtherSerializer { .. }));
}

/// Their bytes are big-endian, and read as fixed ones they would be another number.
#[test]
fn keys_in_their_ordered_form_are_refused() {
    let today = Serializer::<u32>::new().unwrap();
    for stored in
        [today.snapshot().in_order().unwrap(), Serializer::<u16>::new().unwrap().snapshot().in_order().unwrap()]
    {
        let name = stored.name().to_owned();
        let resolution = resolve(&stored, today.snapshot(), Role::Value, &Policy::default());
        assert_eq!(resolution.reader(&today).unwrap_err(), NotReadable::Ordered(name));
        let error = Versions::builder(today.clone()).legacy("keys", stored).build().unwrap_err();
        let expected = "release `keys`: the stored snapshot describes keys of an ordered table, ";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn what_a_policy_allows_is_read() {
    #[derive(StateType, Debug, PartialEq)]
    struct Point {
        x: u16,
    }
    let (stored, today) = (Serializer::<v1::Point>::new().unwrap(), Serializer::<Point>::new().unwrap());
    let resolve = |policy| resolve(stored.snapshot(), today.snapshot(), Role::Value, &policy);
    assert!(resolve(Policy::default()).reader(&today).is_err());
    let reader = resolve(Policy { losses: Losses::Any, ..Policy::default() }).reader(&today).unwrap();
    assert_eq!(read(&reader, &[1, 0, 2, 0]), Point { x: 1 });
}

/// The flag that is 2 is in a field that the migration drops: only a check of the stored bytes finds it.
#[test]
fn bytes_are_checked_unless_they_are_verified() {
    let (stored, today, resolution) = resolution::<v1::Order, v2::Order>();
    let reader = resolution.reader(&today).unwrap();
    let mut stored = bytes(&stored, &order());
    let flag = 4 + 8 + "fragile".len();
    assert_eq!(stored[flag], 1);
    stored[flag] = 2;
    let Err(ReadError::Migrate(error)) = reader.read(&stored) else { panic!("a flag of 2 is read") };
    assert_eq!(error.offset(), flag);
    let mut to = vec![0xAA];
    assert!(reader.upgrade(&stored, &mut to).is_err());
    assert_eq!(to, [0xAA]);
    assert_eq!(reader.with_trust(Trust::Verified).read(&stored).unwrap().id, 7);
}

/// Neither the copied bytes nor the moved ones pass through the code of a type.
#[test]
fn an_upgrade_checks_bytes_that_stay_as_they_are() {
    #[derive(StateType)]
    #[state(name = "Flags")]
    struct Stored {
        a: bool,
        b: bool,
    }
    #[derive(StateType)]
    struct Flags {
        b: bool,
        a: bool,
    }
    let (_, today, resolution) = resolution::<Flags, Flags>();
    let mut to = Vec::new();
    assert!(resolution.reader(&today).unwrap().upgrade(&[1, 2], &mut to).is_err());
    let (_, today, resolution) = self::resolution::<Stored, Flags>();
    let reader = resolution.reader(&today).unwrap();
    assert!(reader.upgrade(&[1, 2], &mut to).is_err());
    assert!(reader.upgrade(&[1, 1, 1], &mut to).is_err());
    assert!(to.is_empty());
    reader.upgrade(&[1, 0], &mut to).unwrap();
    assert_eq!(to, [0, 1]);
}

#[test]
fn a_refusal_of_a_function_names_it() {
    let (stored, today, resolution) = resolution::<v1::Order, v2::Order>();
    let reader = resolution.reader(&today).unwrap();
    let stored = bytes(&stored, &v1::Order { price: "cheap".into(), ..order() });
    let error = reader.read(&stored).unwrap_err().to_string();
    assert!(error.contains("cents` did not convert `\"cheap\"` at value.price"), "{error}");
}

#[test]
fn a_reader_is_shared_between_threads() {
    let (stored, today, resolution) = resolution::<v1::Order, v2::Order>();
    let reader = resolution.reader(&today).unwrap();
    let stored = bytes(&stored, &order());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..100).for_each(|_| assert_eq!(reader.read(&stored).unwrap().price, 1990)));
        }
    });
}
