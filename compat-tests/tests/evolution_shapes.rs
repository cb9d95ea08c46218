//! Primitives, options, lists, maps, arrays, tuples and logical types.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::marker::PhantomData;
use std::net::IpAddr;
use std::num::{NonZeroI16, NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64};
use std::ops::Range;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use std::fmt::Debug;

use compat_tests::evolution::{bytes, expect, report};
use compat_tests::{evolutions, versions};
use typeser::migrate::{Scratch, Trust};
use typeser::resolve::Compatibility::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};
use typeser::resolve::{Compatibility, Policy, Role};
use typeser::serializer::Conversions;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer, resolve};

fn text(text: &str) -> String {
    text.to_owned()
}

/// Checks one large value under the fixed encoding, without truncating it at every byte.
#[track_caller]
fn once<Old: StateType, New: StateType + PartialEq + Debug>(verdict: Compatibility, old: &Old, new: &New) {
    let (was, is) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    let (stored, wanted) = (bytes(&was, old), bytes(&is, new));
    let resolution = resolve(was.snapshot(), is.snapshot(), Role::Value, &Policy::default());
    assert_eq!(resolution.compatibility(), verdict, "{}", report(&resolution));
    if verdict == AfterReconfigure {
        let adopted = resolution.adopt(&is).unwrap();
        assert!(adopted.deserialize(&stored).unwrap() == *new);
        assert!(bytes(&adopted, new) == stored);
    } else {
        let migration = resolution.migration(&Conversions::new()).unwrap();
        for trust in [Trust::Verified, Trust::Foreign] {
            let mut out = Vec::new();
            migration.run(&stored, trust, &mut Scratch::default(), &mut out).unwrap();
            assert!(out == wanted, "{trust:?}");
        }
    }
}

/// Every widening of integers, on the smallest and largest values.
macro_rules! widened {
    ($($from:ident to $($to:ident)*;)*) => {
        $($(
            let values = [0, 1, $from::MIN, $from::MAX, $from::MAX / 2].map(|value| (value, $to::from(value)));
            expect(RequiresMigration, &["integer-widened"]).check(&values);
            let lists = [(values.iter().map(|(was, _)| *was).collect::<Vec<_>>(), values.iter().map(|(_, is)| *is).collect::<Vec<_>>())];
            expect(RequiresMigration, &["integer-widened"]).check(&lists);
        )*)*
    };
}

/// Changes of a primitive that cannot represent every value.
macro_rules! refused {
    ($($from:ident to $($to:ident)*;)*) => {
        $($(expect(Incompatible, &["primitive-changed"]).check::<$from, $to>(&[]);)*)*
    };
}

evolutions! {
    integers_widened {
        widened! {
            u8 to u16 u32 u64 u128 i16 i32 i64 i128;
            u16 to u32 u64 u128 i32 i64 i128;
            u32 to u64 u128 i64 i128;
            u64 to u128 i128;
            i8 to i16 i32 i64 i128;
            i16 to i32 i64 i128;
            i32 to i64 i128;
            i64 to i128;
        }
        expect(RequiresMigration, &["integer-widened"]).check(&[(u64::MAX, u128::from(u64::MAX))])
    }

    integers_to_floats_that_hold_them {
        for value in [i16::MIN, -1, 0, 255, i16::MAX] {
            expect(RequiresMigration, &["integer-to-float"]).check(&[(value, f32::from(value)), (value, f32::from(value))]);
            expect(RequiresMigration, &["integer-to-float"]).check(&[(value, f64::from(value))]);
        }
        expect(RequiresMigration, &["integer-to-float"]).check(&[(u8::MAX, 255f32), (0, 0.0)]);
        expect(RequiresMigration, &["integer-to-float"]).check(&[(i8::MIN, -128f64)]);
        expect(RequiresMigration, &["integer-to-float"]).check(&[(u16::MAX, 65535f32)]);
        expect(RequiresMigration, &["integer-to-float"]).check(&[(i32::MIN, f64::from(i32::MIN))]);
        expect(RequiresMigration, &["integer-to-float"]).check(&[(u32::MAX, f64::from(u32::MAX))])
    }

    a_float_widened {
        expect(RequiresMigration, &["float-widened"])
            .check(&[(0.1f32, f64::from(0.1f32)), (f32::INFINITY, f64::INFINITY), (-0.0, -0.0)])
    }

    primitives_that_do_not_hold_every_value {
        refused! {
            u8 to i8 bool char String;
            u16 to u8 i16 i8;
            u32 to f32 i32 u16;
            u64 to f64 i64 u32 String;
            u128 to i128 f64 u64;
            i8 to u8 u16 u128;
            i64 to f64 u64 i32;
            i128 to u128;
            f32 to i32 u32;
            f64 to f32 u64;
            bool to u8;
            char to u32;
            String to char u64;
        }
        expect(Incompatible, &["primitive-changed"]).check::<(), u8>(&[]);
        expect(Incompatible, &["primitive-changed"]).check::<u32, i32>(&[])
    }

    a_character_to_a_string {
        let values = ['a', '\u{e9}', '\u{20ac}', '\u{1f600}', '\0'].map(|value| (value, value.to_string()));
        expect(RequiresMigration, &["char-to-string"]).check(&values)
    }

    a_string_to_bytes {
        expect(RequiresMigration, &["string-to-bytes"])
            .check(&[(text("na\u{ef}ve"), text("na\u{ef}ve").into_bytes()), (String::new(), vec![])])
    }

    bytes_to_a_string {
        expect(Incompatible, &["kind-changed"]).check::<Vec<u8>, String>(&[])
    }

    a_string_to_other_lists {
        expect(Incompatible, &["kind-changed"]).check::<String, Vec<u16>>(&[])
    }

    a_value_to_an_option {
        expect(RequiresMigration, &["wrapped-in-option"]).check(&[(text("x"), Some(text("x")))])
    }

    a_widened_value_to_an_option {
        expect(RequiresMigration, &["wrapped-in-option", "integer-widened"]).check(&[(7u32, Some(7u64))])
    }

    a_value_to_an_option_of_an_option {
        expect(RequiresMigration, &["wrapped-in-option", "wrapped-in-option"]).check(&[(7u8, Some(Some(7u8)))])
    }

    an_option_to_an_option_of_an_option {
        expect(RequiresMigration, &["wrapped-in-option"]).check(&[(None, None), (Some(7u8), Some(Some(7u8)))])
    }

    an_option_to_its_value {
        expect(Incompatible, &["unwrapped-option"]).check::<Option<u8>, u8>(&[])
    }

    lists_are_one_kind {
        expect(Compatible, &[]).check(&[(vec![1u8, 2], VecDeque::from([1u8, 2]))]);
        expect(Compatible, &[]).check(&[(vec![1u8, 2], vec![1u8, 2].into_boxed_slice())])
    }

    an_element_changed {
        expect(RequiresMigration, &["wrapped-in-option", "char-to-string"])
            .check(&[(vec!['a', 'b'], vec![Some(text("a")), Some(text("b"))]), (vec![], vec![])])
    }

    an_array_to_a_list {
        expect(RequiresMigration, &["array-to-list"]).check(&[([1u8, 2, 3], vec![1u8, 2, 3])])
    }

    an_array_to_a_list_of_wider_elements {
        expect(RequiresMigration, &["array-to-list", "integer-widened"]).check(&[([1u16, 2, 3, 400], vec![1u32, 2, 3, 400])])
    }

    an_empty_array_to_a_list {
        expect(RequiresMigration, &["array-to-list"]).check(&[([0u8; 0], Vec::<u8>::new())])
    }

    a_large_array_of_nothing_under_another_encoding {
        expect(Compatible, &[]).check(&[(([(); 100_000], 7u16), ([(); 100_000], 7u16))])
    }

    an_element_of_an_array_changed {
        expect(RequiresMigration, &["wrapped-in-option"]).check(&[([1u8, 2], [Some(1u8), Some(2)])])
    }

    an_array_of_another_length {
        expect(Incompatible, &["array-length-changed"]).check::<[u8; 3], [u8; 4]>(&[])
    }

    a_list_to_an_array {
        expect(Incompatible, &["list-to-array"]).check::<Vec<u8>, [u8; 4]>(&[])
    }

    a_set_to_a_list {
        expect(RequiresMigration, &["set-to-list"]).check(&[(BTreeSet::from([1u8, 2]), vec![1u8, 2])])
    }

    a_set_to_a_list_whose_elements_may_collide {
        expect(RequiresMigration, &["set-to-list", "integer-to-float"])
            .check(&[(BTreeSet::from([1u8, 2]), vec![1f32, 2.0])])
    }

    a_list_to_a_set {
        expect(Incompatible, &["list-to-set"]).check::<Vec<u8>, BTreeSet<u8>>(&[])
    }

    elements_of_a_set_widened {
        expect(RequiresMigration, &["integer-widened"]).check(&[(BTreeSet::from([1u8, 2]), BTreeSet::from([1u64, 2]))])
    }

    maps_are_one_kind {
        expect(Compatible, &[]).check(&[(BTreeMap::from([(1u8, text("x"))]), HashMap::from([(1u8, text("x"))]))])
    }

    keys_and_values_of_a_map_changed {
        expect(RequiresMigration, &["char-to-string", "integer-widened"])
            .check(&[(BTreeMap::from([('a', 1u8), ('b', 2)]), BTreeMap::from([(text("a"), 1u16), (text("b"), 2)]))])
    }

    values_of_a_map_may_become_floats {
        expect(RequiresMigration, &["integer-to-float"]).check(&[(BTreeMap::from([(1u8, 1u8)]), BTreeMap::from([(1u8, 1f32)]))])
    }

    keys_of_a_map_may_lose_nothing {
        versions! {
            #[derive(PartialOrd, Ord, Eq)]
            struct Old { a: u8, b: u8 }
            #[derive(PartialOrd, Ord, Eq)]
            #[state(removed("b"))]
            struct New { a: u8 }
        }
        expect(Incompatible, &["field-removed", "not-injective"]).check::<BTreeMap<Old, u8>, BTreeMap<New, u8>>(&[])
    }

    a_map_to_a_list_of_pairs {
        expect(Incompatible, &["kind-changed"]).check::<BTreeMap<u8, u8>, Vec<(u8, u8)>>(&[])
    }

    a_set_to_a_map {
        expect(Incompatible, &["kind-changed"]).check::<BTreeSet<u8>, BTreeMap<u8, ()>>(&[])
    }

    tuples_by_position {
        expect(RequiresMigration, &["integer-widened", "wrapped-in-option"])
            .check(&[((1u8, text("x"), 'c'), (1u16, Some(text("x")), 'c'))])
    }

    a_tuple_with_more_elements {
        expect(Incompatible, &["tuple-arity-changed"]).check::<(u8, u8), (u8, u8, u8)>(&[])
    }

    a_one_tuple_vs_its_element {
        expect(Incompatible, &["tuple-vs-concrete"]).check::<(u64,), u64>(&[]);
        expect(Incompatible, &["tuple-vs-concrete"]).check::<u64, (u64,)>(&[])
    }

    a_one_tuple_around_an_option {
        expect(Incompatible, &["tuple-vs-concrete"]).check::<Option<u64>, (Option<u64>,)>(&[]);
        expect(Incompatible, &["tuple-vs-concrete"]).check::<(Option<u64>,), Option<u64>>(&[])
    }

    a_newtype_around_an_option {
        versions! {
            struct Around(Option<u64>);
        }
        let rendered = expect(Incompatible, &["newtype-vs-inner"]).check::<Option<u64>, Around>(&[]);
        rendered + "\n" + &expect(Incompatible, &["newtype-vs-inner"]).check::<Around, Option<u64>>(&[])
    }

    a_one_tuple_of_an_option_made_optional {
        expect(RequiresMigration, &["wrapped-in-option"]).check(&[((Some(7u64),), Some((Some(7u64),))), ((None,), Some((None,)))]);
        expect(Incompatible, &["unwrapped-option"]).check::<Option<(Option<u64>,)>, (Option<u64>,)>(&[])
    }

    a_one_tuple_vs_something_else {
        expect(Incompatible, &["kind-changed"]).check::<(u64,), Vec<u8>>(&[])
    }

    a_tuple_vs_a_list {
        expect(Incompatible, &["kind-changed"]).check::<(u8, u8), Vec<u8>>(&[])
    }

    a_tuple_vs_an_array {
        expect(Incompatible, &["kind-changed"]).check::<(u8, u8), [u8; 2]>(&[])
    }

    unit_vs_the_empty_array {
        expect(Incompatible, &["kind-changed"]).check::<(), [u8; 0]>(&[])
    }

    phantom_data_of_another_type {
        expect(Compatible, &[]).check(&[(PhantomData::<u8>, PhantomData::<String>)])
    }

    boxes_are_transparent {
        expect(Compatible, &[]).check(&[(Box::new(text("x")), Rc::new(text("x")))])
    }

    nonzero_to_plain {
        expect(Compatible, &["nonzero-to-plain"]).check(&[(NonZeroU32::MIN, 1u32), (NonZeroU32::MAX, u32::MAX)])
    }

    nonzero_to_a_wider_plain {
        expect(RequiresMigration, &["nonzero-to-plain", "integer-widened"]).check(&[(NonZeroU8::MIN, 1u16)])
    }

    nonzero_to_a_float {
        expect(RequiresMigration, &["nonzero-to-plain", "integer-to-float"]).check(&[(NonZeroU8::MIN, 1f32)])
    }

    nonzero_widened {
        let list = |value: i16| vec![NonZeroI16::new(value).unwrap()];
        expect(RequiresMigration, &["integer-widened"]).check(&[(NonZeroU16::MAX, NonZeroU64::from(NonZeroU16::MAX))]);
        expect(RequiresMigration, &["integer-widened"])
            .check(&[(list(-5), vec![std::num::NonZeroI64::new(-5).unwrap()])])
    }

    plain_to_nonzero {
        expect(Incompatible, &["plain-to-nonzero"]).check::<u32, NonZeroU32>(&[])
    }

    a_duration_in_what_moves {
        versions! {
            struct Old { a: Duration, b: String, c: SystemTime }
            struct New { c: SystemTime, b: String, a: Duration }
        }
        let (a, c) = (Duration::new(3, 999_999_999), SystemTime::UNIX_EPOCH + Duration::new(1, 5));
        expect(AfterReconfigure, &["fields-reordered"])
            .check(&[(Old { a, b: text("b"), c }, New { c, b: text("b"), a })])
    }

    a_duration_vs_its_parts {
        expect(Incompatible, &["logical-changed"]).check::<Duration, (u64, u32)>(&[])
    }

    a_duration_vs_a_time {
        expect(Incompatible, &["logical-changed"]).check::<Duration, SystemTime>(&[])
    }

    the_bounds_of_a_range_widened {
        expect(RequiresMigration, &["integer-widened", "integer-widened"]).check(&[(1u8..9, 1u64..9)])
    }

    a_range_of_times_in_what_moves {
        versions! {
            struct Old { a: Range<Duration>, b: Vec<u8> }
            struct New { b: Vec<u8>, a: Range<Duration> }
        }
        let a = Duration::ZERO..Duration::new(1, 2);
        expect(AfterReconfigure, &["fields-reordered"])
            .check(&[(Old { a: a.clone(), b: vec![1] }, New { b: vec![1], a })])
    }

    an_address_in_what_is_dropped {
        versions! {
            struct Old { a: IpAddr, b: u8, c: Result<u8, String> }
            #[state(removed("a"))]
            struct New { b: u8, c: Result<u16, String> }
        }
        let a = "::1".parse().unwrap();
        expect(RequiresMigration, &["field-removed", "integer-widened"]).check(&[
            (Old { a, b: 1, c: Ok(5) }, New { b: 1, c: Ok(5) }),
            (Old { a, b: 1, c: Err(text("no")) }, New { b: 1, c: Err(text("no")) }),
        ])
    }

    long_lists_of_records_of_known_size {
        versions! {
            struct Old { a: u8, b: u16, c: [u32; 3], d: bool, e: u64, f: i16 }
            struct Moved { e: u64, c: [u32; 3], f: i16, b: u16, d: bool, a: u8 }
            #[state(removed("d"))]
            struct Less { e: u64, c: [u32; 3], f: i16, b: u16, a: u8 }
            struct More {
                #[state(default = [7; 300])]
                x: [u8; 300],
                f: i64,
                a: u8,
                b: f32,
                c: [u64; 3],
                #[state(default = -1)]
                y: i16,
                d: bool,
                e: u128,
            }
        }
        // More than any block that is processed at a time, and not a multiple of its size.
        let count = 10_007u32;
        let parts = |at: u32| {
            let small = at as u16;
            (at as u8, small, [at, !at, at.rotate_left(7)], at.is_multiple_of(3), u64::from(at) << 20 | 5, small.cast_signed())
        };
        let old = |at| { let (a, b, c, d, e, f) = parts(at); Old { a, b, c, d, e, f } };
        let moved = |at| { let (a, b, c, d, e, f) = parts(at); Moved { a, b, c, d, e, f } };
        let less = |at| { let (a, b, c, _, e, f) = parts(at); Less { a, b, c, e, f } };
        let more = |at| {
            let (a, b, c, d, e, f) = parts(at);
            More { x: [7; 300], f: f.into(), a, b: b.into(), c: c.map(u64::from), y: -1, d, e: e.into() }
        };
        once(AfterReconfigure, &(0..count).map(old).collect::<Vec<_>>(), &(0..count).map(moved).collect::<Vec<_>>());
        once(RequiresMigration, &(0..count).map(old).collect::<Vec<_>>(), &(0..count).map(less).collect::<Vec<_>>());
        once(RequiresMigration, &(0..count).map(old).collect::<Vec<_>>(), &(0..count).map(more).collect::<Vec<_>>());
        expect(AfterReconfigure, &["fields-reordered"]).check(&[(vec![old(3); 5], vec![moved(3); 5])])
    }

    a_long_list_of_parts_in_another_order {
        versions! {
            #[derive(Copy)]
            struct Old { x: f32, y: f32, z: f32 }
            #[derive(Copy)]
            struct New { z: f32, x: f32, y: f32 }
        }
        let number = |at: u32| at as f32;
        let old = |at| Old { x: number(at), y: number(at + 1), z: number(at + 2) };
        let new = |at| New { x: number(at), y: number(at + 1), z: number(at + 2) };
        once(AfterReconfigure, &(0..5_001).map(old).collect::<Vec<_>>(), &(0..5_001).map(new).collect::<Vec<_>>());
        // The same copy table many times within one record.
        once(
            AfterReconfigure,
            &(0..5_001).map(|at| [old(at); 4]).collect::<Vec<_>>(),
            &(0..5_001).map(|at| [new(at); 4]).collect::<Vec<_>>(),
        );
        expect(AfterReconfigure, &["fields-reordered"]).check(&[([old(1); 2], [new(1); 2])])
    }

    a_list_of_nothing {
        expect(RequiresMigration, &["wrapped-in-option"]).check(&[(vec![(); 3], vec![Some(()); 3])])
    }
}

#[test]
fn elements_that_lose_their_last_byte_are_counted() {
    versions! {
        struct Old { a: u8 }
        #[state(removed("a"))]
        struct New {}
    }
    let old = Serializer::<Vec<Old>>::new().unwrap();
    let new = Serializer::<Vec<New>>::new().unwrap();
    let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    let migration = resolution.migration(&Conversions::new()).unwrap();
    for (count, passes) in [(65_536, true), (65_537, false)] {
        let stored = bytes(&old, &(0..count).map(|_| Old { a: 1 }).collect());
        let mut out = Vec::new();
        let outcome = migration.run(&stored, Trust::Verified, &mut Scratch::default(), &mut out);
        assert_eq!(outcome.is_ok(), passes, "{count}: {outcome:?}");
        assert_eq!(new.serialize(&(0..count).map(|_| New {}).collect(), &mut Vec::new()).is_ok(), passes);
        assert!(passes || out.is_empty());
    }
}

/// An array without bytes still means what its elements do.
#[test]
fn a_logical_type_that_means_something_else_has_not_the_same_bytes_in_an_array_without_bytes() {
    for length in [1, 2, 100] {
        let file = |scale: u8, hint: &str| {
            let layout = format!("struct A v1\n  a [logical decimal scale=\"{scale}\"<unit>; {length}]\n");
            let text = format!("typeser-snapshot 2\nintegers fixed\nroot A\n\n{}", layout.replacen('\n', hint, 1));
            SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
        };
        let was =
            format!("\n  @was\n    root A\n\n    struct A v1\n      a [logical decimal scale=\"0\"<unit>; {length}]\n");
        let resolution = resolve(&file(0, "\n"), &file(7, &was), Role::Value, &Policy::default());
        let found: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
        assert_eq!(found, ["was-other-bytes"], "{length} elements");
    }
}

/// What follows elements of other sizes may make up for it.
#[test]
fn arrays_of_one_length_whose_elements_have_other_sizes_are_compared_with_what_follows_them() {
    let of = |old: &str, new: &str| {
        let text = |layout: &str| format!("typeser-snapshot 2\nintegers fixed\nroot A\n\nstruct A v1\n{layout}");
        let was = format!("  @was\n    root A\n\n    struct A v1\n{}", old.replace("  ", "      "));
        let [stored, new] = [text(old), text(&format!("{was}{new}"))]
            .map(|text| SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{error}: {text}")));
        let resolution = resolve(&stored, &new, Role::Value, &Policy::default());
        resolution.findings().iter().map(|finding| finding.rule.id).collect::<Vec<&str>>()
    };
    assert_eq!(of("  a [[u32; 1]; 1]\n  b u32\n", "  a [[u32; 2]; 1]\n"), ["same-bytes-declared"]);
    assert_eq!(of("  a [u32; 2]\n", "  a [[u16; 2]; 2]\n"), ["was-other-bytes"]);
    assert_eq!(of("  a [[string; 1]; 1]\n  b string\n", "  a [[string; 2]; 1]\n"), ["same-bytes-declared"]);
    assert_eq!(of("  a [[u32; 1]; 1]\n  b u64\n", "  a [[u32; 2]; 1]\n"), ["was-other-bytes"]);
}

/// No program has such a type; a snapshot may.
#[test]
fn a_value_for_none_replaces_a_limited_number_of_options_of_a_whole_value() {
    let file = |layout: &str| {
        let text = format!("typeser-snapshot 2\nintegers fixed\n{layout}");
        SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let (stored, new) = (file("root $1\n\ntype $1 = option<$1>\n"), file("root (u8,)\n  @none 0x00\n"));
    let resolution = resolve(&stored, &new, Role::Value, &Policy::default());
    assert_eq!(resolution.compatibility(), Incompatible);
}
