//! Lists of records of known size: with every kernel, the migrated bytes are those that the new type writes.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

use typeser::migrate::{Scratch, Trust};
use typeser::resolve::{Compatibility, Policy, Role};
use typeser::schema::IntegerEncoding;
use typeser::serializer::Conversions;
use typeser::{Serializer, StateType, TypeSerializer, resolve};

/// More records than a kernel processes at a time, and not a round number.
const COUNT: u64 = 3_001;

const ENCODINGS: [IntegerEncoding; 2] = [IntegerEncoding::Fixed, IntegerEncoding::Variable];

fn bytes<T: StateType>(integers: IntegerEncoding, value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    Serializer::with_integers(integers).unwrap().serialize(value, &mut bytes).unwrap();
    bytes
}

fn migrated<Old: StateType, New: StateType>(integers: IntegerEncoding, stored: &[u8], trust: Trust) -> Vec<u8> {
    let old = Serializer::<Old>::with_integers(integers).unwrap();
    let new = Serializer::<New>::with_integers(integers).unwrap();
    let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    let mut bytes = Vec::new();
    resolution.migration(&Conversions::new()).unwrap().run(stored, trust, &mut Scratch::default(), &mut bytes).unwrap();
    bytes
}

/// Numbers from the whole range, including the extremes.
fn spread(index: u64) -> u128 {
    match index {
        0 => 0,
        1 => u128::MAX,
        2 => 1 << 127,
        3 => u128::MAX >> 1,
        _ => u128::from(index.wrapping_mul(0x9E37_79B9_7F4A_7C15)) * 0x1_0000_0001_0000_0001,
    }
}

fn widens<Old: StateType, New: StateType + From<Old>>(make: impl Fn(u128) -> Old) {
    for integers in ENCODINGS {
        for count in [0, 1, COUNT] {
            let olds = || (0..count).map(|index| make(spread(index)));
            let stored = bytes(integers, &olds().collect::<Vec<Old>>());
            let expected = bytes(integers, &olds().map(New::from).collect::<Vec<New>>());
            for trust in [Trust::Verified, Trust::Foreign] {
                let found = migrated::<Vec<Old>, Vec<New>>(integers, &stored, trust);
                let [old, new] = [std::any::type_name::<Old>(), std::any::type_name::<New>()];
                assert!(found == expected, "{count} of {old} to {new}, {integers:?}, {trust:?}");
            }
        }
    }
}

macro_rules! widens {
    ($($old:ty => $($new:ty)*;)*) => { $( $( widens::<$old, $new>(|number| number as $old); )* )* };
}

#[test]
fn every_integer_widens_alone_and_in_lists() {
    widens! {
        u8 => u16 u32 u64 u128 i16 i32 i64 i128;
        u16 => u32 u64 u128 i32 i64 i128;
        u32 => u64 u128 i64 i128;
        u64 => u128 i128;
        i8 => i16 i32 i64 i128;
        i16 => i32 i64 i128;
        i32 => i64 i128;
        i64 => i128;
    }
}

#[test]
fn every_number_that_a_float_holds_becomes_one() {
    widens! {
        u8 => f32 f64;
        i8 => f32 f64;
        u16 => f32 f64;
        i16 => f32 f64;
        u32 => f64;
        i32 => f64;
    }
    widens::<f32, f64>(|number| number as f32 / 3.0);
}

mod narrow {
    use typeser::StateType;

    #[derive(StateType)]
    pub(super) struct Mixed {
        pub(super) a: u16,
        pub(super) b: u16,
        pub(super) c: [u8; 3],
        pub(super) d: f32,
        pub(super) e: i8,
        pub(super) gone: u64,
    }
}

mod wide {
    use typeser::StateType;

    #[derive(StateType)]
    #[state(removed("gone"))]
    pub(super) struct Mixed {
        pub(super) e: i32,
        #[state(default = 0x0102_0304)]
        pub(super) new: u32,
        pub(super) a: u64,
        pub(super) b: u64,
        pub(super) d: f32,
        pub(super) c: [u8; 3],
    }
}

impl From<narrow::Mixed> for wide::Mixed {
    fn from(narrow::Mixed { a, b, c, d, e, gone: _ }: narrow::Mixed) -> Self {
        Self { e: e.into(), new: 0x0102_0304, a: a.into(), b: b.into(), d, c }
    }
}

#[test]
fn records_that_are_widened_reordered_and_extended_at_once_become_those_of_the_new_type() {
    widens::<narrow::Mixed, wide::Mixed>(|number| narrow::Mixed {
        a: number as u16,
        b: (number >> 16) as u16,
        c: [(number >> 32) as u8, (number >> 40) as u8, 3],
        d: (number >> 48) as u16 as f32,
        e: (number >> 64) as i8,
        gone: (number >> 64) as u64,
    });
}

/// A record with reordered fields, under a reconfigured serializer.
macro_rules! reordered {
    ($($test:ident: $($old:ident: $type:ty),+ => $($new:ident: $again:ty),+;)*) => { $(
        #[test]
        fn $test() {
            mod old {
                #[derive(typeser::StateType)]
                pub(super) struct Record { $(pub(super) $old: $type),+ }
            }
            mod new {
                #[derive(Debug, Clone, PartialEq, typeser::StateType)]
                pub(super) struct Record { $(pub(super) $new: $again),+ }
            }
            let mut next = 0;
            let mut records: Vec<new::Record> = Vec::new();
            let mut olds = Vec::new();
            for _ in 0..COUNT {
                $( next += 1; let $old = spread(next) as $type; )+
                olds.push(old::Record { $($old),+ });
                records.push(new::Record { $($new),+ });
            }
            for integers in ENCODINGS {
                let stored = bytes(integers, &olds);
                let old = Serializer::<Vec<old::Record>>::with_integers(integers).unwrap();
                let new = Serializer::<Vec<new::Record>>::with_integers(integers).unwrap();
                let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
                assert_eq!(resolution.compatibility(), Compatibility::AfterReconfigure);
                let adopted = resolution.adopt(&new).unwrap();
                assert!(adopted.deserialize(&stored).unwrap() == records, "read, {integers:?}");
                let mut written = Vec::new();
                adopted.serialize(&records, &mut written).unwrap();
                assert!(written == stored, "written, {integers:?}");
            }
        }
    )* };
}

reordered! {
    two_units_change_places: a: u64, b: u64 => b: u64, a: u64;
    three_units_turn: a: u32, b: u32, c: u32 => c: u32, a: u32, b: u32;
    four_units_turn: a: u32, b: u32, c: u32, d: u32 => d: u32, b: u32, a: u32, c: u32;
    five_units_have_no_code_of_their_own:
        a: u32, b: u32, c: u32, d: u32, e: u32 => e: u32, d: u32, a: u32, c: u32, b: u32;
    six_units_of_mixed_fields: a: u64, b: u32, c: u32, d: u64 => d: u64, c: u32, a: u64, b: u32;
    eight_units_of_mixed_fields: a: u64, b: u128, c: u64 => b: u128, c: u64, a: u64;
    units_of_two_bytes: a: u16, b: u32, c: u16 => c: u16, a: u16, b: u32;
    units_of_one_byte: a: u8, b: u32, c: u16 => c: u16, b: u32, a: u8;
    pairs_that_change_places_again_and_again:
        a: u32, b: u32, c: u32, d: u32, e: u32, f: u32 => b: u32, a: u32, d: u32, c: u32, f: u32, e: u32;
}
