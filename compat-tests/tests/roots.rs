//! The type of a whole value, key or namespace becomes one of another kind: declared by `was` where the bytes are equal,
//! by a function where they are not.

#![allow(clippy::unwrap_used, missing_docs, reason = "the names of tests document them")]

#[path = "golden/support.rs"]
#[allow(dead_code, unreachable_pub, reason = "other tests use the rest")]
mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZero;

use compat_tests::evolution::expect;
use compat_tests::evolutions;
use typeser::resolve::Compatibility::{AfterReconfigure, Compatible, Incompatible, RequiresMigration};
use typeser::resolve::Role;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(was = u64)]
struct Count {
    n: u64,
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(was = (i64, u32))]
struct Total {
    sum: i64,
    count: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, StateType)]
#[state(key, was = String)]
struct UserId {
    id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, StateType)]
#[state(key, was = (i64, i64))]
struct Window {
    start: i64,
    end: i64,
}

fn user(id: &str) -> UserId {
    UserId { id: id.to_owned() }
}

/// Types that were others several times, and that hold others.
mod parts {
    use super::*;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(was = [f64; 2], was = (f64, f64))]
    pub(super) struct Point {
        pub(super) x: f64,
        pub(super) y: f64,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(was = Vec<(String, Option<u8>)>)]
    pub(super) struct Names {
        pub(super) list: Vec<Name>,
        pub(super) nothing: (),
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Name {
        pub(super) name: String,
        pub(super) age: Option<u8>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(was = HashMap<u8, NonZero<u32>>, was = BTreeSet<(u8, u32)>)]
    pub(super) struct Pairs(pub(super) Vec<(u8, u32)>);

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) enum Old {
        Off,
        On(u8, u16),
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(was = Old)]
    pub(super) enum Switch {
        Open { at: (), nothing: [u8; 0] },
        Closed { since: Since },
        Broken,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Since {
        pub(super) by: u8,
        pub(super) at: u16,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(was = [(); 1], was = [(); 40])]
    pub(super) struct Nothing {}

    /// Release 1.
    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Place")]
    pub(super) struct FirstPlace {
        pub(super) lat: f64,
        pub(super) lon: f64,
    }

    /// Release 2, whose names were the wrong way round.
    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Place", version = 2)]
    pub(super) struct SwappedPlace {
        pub(super) lat: f64,
        pub(super) lon: f64,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 2, was = SwappedPlace)]
    pub(super) struct Place {
        pub(super) lon: f64,
        pub(super) lat: f64,
    }

    /// Refers to itself, and the stored type to itself.
    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct OldTree(pub(super) u8, pub(super) Vec<OldTree>);

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(was = OldTree)]
    pub(super) struct Tree {
        pub(super) label: u8,
        pub(super) below: Vec<Tree>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Flight")]
    pub(super) struct OldFlight {
        pub(super) total: (i64, u32),
        pub(super) tail: String,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub(super) struct Flight {
        pub(super) tail: String,
        pub(super) total: Total,
    }
}

use parts::*;

evolutions! {
    a_number_becomes_a_struct {
        expect(Compatible, &["same-bytes-declared"]).check(&[(7u64, Count { n: 7 })])
    }

    a_tuple_becomes_an_accumulator {
        expect(Compatible, &["same-bytes-declared"]).role(Role::Aggregate)
            .check(&[((-7i64, 3u32), Total { sum: -7, count: 3 })])
    }

    a_tuple_becomes_a_namespace {
        expect(Compatible, &["same-bytes-declared"]).role(Role::Namespace)
            .check(&[((1i64, 2i64), Window { start: 1, end: 2 })])
    }

    a_string_becomes_a_key {
        expect(Compatible, &["same-bytes-declared"]).role(Role::Key).check(&[("a".to_owned(), user("a"))])
    }

    a_string_becomes_a_map_key {
        expect(Compatible, &["same-bytes-declared"]).role(Role::MapKey).check(&[("a".to_owned(), user("a"))])
    }

    in_map_keys_and_set_elements {
        let stored = BTreeMap::from([("a".to_owned(), BTreeSet::from([(1i64, 2i64)]))]);
        let new = BTreeMap::from([(user("a"), BTreeSet::from([Window { start: 1, end: 2 }]))]);
        expect(Compatible, &["same-bytes-declared", "same-bytes-declared"]).check(&[(stored, new)])
    }

    an_array_becomes_a_struct {
        expect(Compatible, &["same-bytes-declared"]).check(&[([1.5f64, 2.5], Point { x: 1.5, y: 2.5 })])
    }

    each_of_several_stored_types_is_read {
        expect(Compatible, &["same-bytes-declared"]).check(&[((1.5f64, 2.5f64), Point { x: 1.5, y: 2.5 })])
    }

    parts_within_lists_and_options {
        let new = Names { list: vec![Name { name: "a".to_owned(), age: Some(3) }], nothing: () };
        expect(Compatible, &["same-bytes-declared"]).check(&[(vec![("a".to_owned(), Some(3u8))], new)])
    }

    a_map_becomes_a_list_of_pairs {
        let stored = HashMap::from([(1u8, NonZero::new(5u32).unwrap())]);
        expect(Compatible, &["same-bytes-declared"]).check(&[(stored, Pairs(vec![(1, 5)]))])
    }

    a_set_becomes_a_list {
        expect(Compatible, &["same-bytes-declared"]).check(&[(BTreeSet::from([(1u8, 5u32)]), Pairs(vec![(1, 5)]))])
    }

    an_enum_becomes_another {
        expect(Compatible, &["same-bytes-declared"]).check(&[
            (Old::Off, Switch::Open { at: (), nothing: [] }),
            (Old::On(1, 2), Switch::Closed { since: Since { by: 1, at: 2 } }),
        ])
    }

    a_tree_becomes_another {
        let stored = OldTree(1, vec![OldTree(2, vec![])]);
        let new = Tree { label: 1, below: vec![Tree { label: 2, below: vec![] }] };
        expect(Compatible, &["same-bytes-declared"]).check(&[(stored, new)])
    }

    parts_without_bytes_do_not_count {
        expect(Compatible, &["same-bytes-declared"]).check(&[([()], Nothing {})])
    }

    parts_without_bytes_do_not_count_however_many_there_are {
        expect(Compatible, &["same-bytes-declared"]).check(&[([(); 40], Nothing {})])
    }

    in_a_field_that_moved {
        let stored = OldFlight { total: (-7, 3), tail: "N1".to_owned() };
        let new = Flight { tail: "N1".to_owned(), total: Total { sum: -7, count: 3 } };
        expect(AfterReconfigure, &["fields-reordered", "same-bytes-declared"]).check(&[(stored, new)])
    }

    the_earlier_layout_itself_keeps_its_bytes {
        expect(Compatible, &["same-bytes-declared"])
            .check(&[(SwappedPlace { lat: 1.0, lon: 2.0 }, Place { lon: 1.0, lat: 2.0 })])
    }

    another_stored_type_is_not_read {
        expect(Incompatible, &["kind-changed"]).check::<(i64, u64), Total>(&[])
    }

    a_newer_release_cannot_go_back {
        expect(Incompatible, &["kind-changed"]).check::<Total, (i64, u32)>(&[])
    }
}

/// Version 1 of the format cannot hold the declaration, and is written for all types that do not need it.
#[test]
fn only_what_is_declared_needs_version_2_of_the_format() {
    let version = |snapshot: &SerializerSnapshot| snapshot.to_bytes().unwrap()[8];
    assert_eq!(version(Serializer::<Count>::new().unwrap().snapshot()), 2);
    assert_eq!(version(Serializer::<Vec<Count>>::new().unwrap().snapshot()), 2);
    assert_eq!(version(Serializer::<(i64, u32)>::new().unwrap().snapshot()), 1);
    assert_eq!(version(Serializer::<Since>::new().unwrap().snapshot()), 1);
    let stored = SerializerSnapshot::from_bytes(&Serializer::<Count>::new().unwrap().snapshot().to_bytes().unwrap());
    assert_eq!(&stored.unwrap(), Serializer::<Count>::new().unwrap().snapshot());
}

/// The next release would take it for what release 2 stored, and values that this one writes would be swapped.
#[test]
fn a_layout_that_would_be_taken_for_the_earlier_one_is_not_kept() {
    let (first, today) = (Serializer::<FirstPlace>::new().unwrap(), Serializer::<Place>::new().unwrap());
    let resolution =
        typeser::resolve(first.snapshot(), today.snapshot(), Role::Value, &typeser::resolve::Policy::default());
    assert_eq!(resolution.compatibility(), RequiresMigration);
    let rules: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
    assert_eq!(rules, ["fields-reordered", "adopted-layout-converted"]);
    let mut stored = Vec::new();
    first.serialize(&FirstPlace { lat: 1.0, lon: 2.0 }, &mut stored).unwrap();
    assert_eq!(resolution.reader(&today).unwrap().read(&stored).unwrap(), Place { lon: 2.0, lat: 1.0 });
}

/// The bytes must be equal, and the type must be another one.
#[test]
fn what_is_declared_of_a_type_must_hold() {
    #[derive(StateType)]
    #[state(name = "Total", was = (i64, u64))]
    struct OtherBytes {
        sum: i64,
        count: u32,
    }
    #[derive(StateType)]
    #[state(name = "Total", was = Total)]
    struct Itself {
        sum: i64,
        count: u32,
    }
    #[derive(StateType)]
    #[state(name = "Total", version = 2, was = (i64, u32), migrate(1 => total))]
    struct Twice {
        sum: i64,
        count: u32,
    }
    fn total((sum, count): (i64, u32)) -> Twice {
        Twice { sum, count }
    }
    #[derive(StateType)]
    #[state(was = Vec<(u8, u32)>)]
    struct Map(HashMap<u8, u32>);
    // Integers that differ may be equal as floats.
    #[derive(StateType)]
    #[state(was = Vec<u64>)]
    struct Floats(Vec<f64>);
    let errors = [
        Serializer::<OtherBytes>::new().err().unwrap(),
        Serializer::<Itself>::new().err().unwrap(),
        Serializer::<Twice>::new().err().unwrap(),
        Serializer::<Map>::new().err().unwrap(),
        Serializer::<Floats>::new().err().unwrap(),
    ];
    let text = errors.map(|error| error.to_string()).join("\n");
    insta::assert_snapshot!(text);
}

/// What is declared on the serializer of a state, for types that have no attributes.
mod declared_where_it_is_used {
    use std::error::Error;
    use std::fmt::Debug;

    use compat_tests::evolution::{bytes, silent};
    use typeser::migrate::{Cost, Scratch, Trust};
    use typeser::resolve::{Fix, Policy, Resolution, rekey, resolve};
    use typeser::schema::IntegerEncoding::{self, Fixed, Variable};

    use super::support::{folder, golden, goldens, suite};
    use super::*;

    type Described<T> = Result<Serializer<T>, typeser::serializer::DescribeError>;

    const ENCODINGS: [(IntegerEncoding, IntegerEncoding); 4] =
        [(Fixed, Fixed), (Variable, Variable), (Fixed, Variable), (Variable, Fixed)];

    /// Checks the rules, and that each stored value becomes the new one; also by a snapshot that was stored.
    #[track_caller]
    fn becomes<Old: StateType, New: StateType + PartialEq + Debug>(
        role: Role,
        rule: &str,
        declare: impl Fn(Serializer<New>) -> Described<New>,
        values: &[(Old, New)],
    ) {
        for (from, to) in ENCODINGS {
            let old = Serializer::<Old>::with_integers(from).unwrap();
            let new = declare(Serializer::with_integers(to).unwrap()).unwrap();
            silent(new.snapshot());
            let kept = SerializerSnapshot::from_bytes(&new.snapshot().to_bytes().unwrap()).unwrap();
            assert_eq!(&kept, new.snapshot());
            assert_eq!(&SerializerSnapshot::from_json(&kept.to_json()).unwrap(), new.snapshot());
            let resolution = resolve(old.snapshot(), &kept, role, &Policy::default());
            let rules: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
            assert!(rules.contains(&rule), "{rules:?}");
            assert!(resolution.compatibility() <= RequiresMigration, "{:?}", resolution.findings());
            for (was, is) in values {
                assert_eq!(&migrated(&resolution, &bytes(&old, was), &new).unwrap(), is);
            }
        }
    }

    fn migrated<T: StateType>(
        resolution: &Resolution,
        stored: &[u8],
        new: &Serializer<T>,
    ) -> Result<T, Box<dyn Error>> {
        if resolution.compatibility() == Compatible {
            return Ok(resolution.adopt(new)?.deserialize(stored)?);
        }
        let mut to = Vec::new();
        resolution.migration(new.conversions())?.run(stored, Trust::Foreign, &mut Scratch::default(), &mut to)?;
        Ok(new.deserialize(&to)?)
    }

    fn counted(old: Vec<String>) -> HashMap<String, u32> {
        old.into_iter().fold(HashMap::new(), |mut counts, name| {
            *counts.entry(name).or_default() += 1;
            counts
        })
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_list_becomes_a_map_in_each_role_of_values() {
        let stored = names(&["a", "b", "a"]);
        let new = HashMap::from([("a".to_owned(), 2), ("b".to_owned(), 1)]);
        for role in [Role::Value, Role::ListElement, Role::Aggregate] {
            let declare = |new: Serializer<_>| new.with_conversion("counted", counted);
            becomes(role, "field-converted", declare, &[(stored.clone(), new.clone())]);
        }
    }

    #[test]
    fn a_pair_becomes_a_triple() {
        let declare =
            |new: Serializer<(u32, i8, bool)>| new.with_conversion("third", |(a, b): (u32, i8)| (a, b, a > 0));
        becomes(Role::Value, "field-converted", declare, &[((7u32, -1i8), (7, -1, true)), ((0, 1), (0, 1, false))]);
    }

    #[test]
    fn a_map_key_becomes_another() {
        let declare = |new: Serializer<(u8, String)>| new.with_injective_conversion("split", |key: String| (1, key));
        becomes(Role::MapKey, "field-converted-one-to-one", declare, &[("a".to_owned(), (1, "a".to_owned()))]);
    }

    #[test]
    fn an_option_gets_a_value() {
        let declare = |new: Serializer<u64>| new.with_none_value(&9);
        becomes(Role::Value, "none-replaced", declare, &[(None, 9), (Some(4u64), 4)]);
        // What is inside may be converted, and may be an option again.
        becomes(Role::Value, "none-replaced", declare, &[(None, 9), (Some(None), 9), (Some(Some(4u32)), 4)]);
        let both =
            |new: Serializer<u64>| new.with_none_value(&9)?.with_conversion("length", |text: String| text.len() as u64);
        becomes(Role::Value, "none-replaced", both, &[(None, 9), (Some("abc".to_owned()), 3)]);
    }

    #[test]
    fn a_type_of_the_program_becomes_a_tuple_with_the_same_bytes() {
        #[derive(StateType)]
        struct Route {
            from: u16,
            to: (u16, Option<String>),
        }
        let declare = |new: Serializer<(u16, u16, Option<String>)>| new.with_earlier_type::<Route>();
        let stored = || Route { from: 1, to: (2, Some("a".to_owned())) };
        becomes(Role::Value, "same-bytes-declared", declare, &[(stored(), (1, 2, Some("a".to_owned())))]);
        let (old, new) = (Serializer::<Route>::new().unwrap(), declare(Serializer::new().unwrap()).unwrap());
        for role in compat_tests::evolution::ROLES {
            let resolution = resolve(old.snapshot(), new.snapshot(), role, &Policy::default());
            assert_eq!(resolution.compatibility(), Compatible, "{role}");
        }
        // Another encoding rewrites integers, and no more.
        let new = declare(Serializer::with_integers(Variable).unwrap()).unwrap();
        let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
        assert_eq!(resolution.migration(new.conversions()).unwrap().cost(), Cost::Copy);
    }

    #[test]
    fn a_key_is_converted_by_a_re_key_only() {
        let old = Serializer::<u32>::new().unwrap();
        let new = Serializer::<String>::new().unwrap();
        let injective = new.clone().with_injective_conversion("spelled", |id: u32| id.to_string()).unwrap();
        let resolution = resolve(old.snapshot(), injective.snapshot(), Role::Key, &Policy::default());
        assert_eq!(resolution.compatibility(), Incompatible);
        let promises = |resolution: &Resolution| {
            resolution.findings().iter().flat_map(|finding| &finding.fixes).find_map(|fix| match fix {
                Fix::Rekey { promises, .. } => Some(promises.clone()),
                _ => None,
            })
        };
        assert_eq!(promises(&resolution), Some(vec![]));
        let moved = rekey(old.snapshot(), injective.snapshot(), &Policy::default());
        assert_eq!(migrated(&moved, &bytes(&old, &7), &injective).unwrap(), "7");
        // Without the promise, two keys could become one.
        let other = new.with_conversion("spelled", |id: u32| id.to_string()).unwrap();
        assert_eq!(rekey(old.snapshot(), other.snapshot(), &Policy::default()).compatibility(), Incompatible);
        // A 1-tuple is no element where a function is declared for it.
        let wrapped = Serializer::<(u32,)>::new().unwrap();
        let shifted = Serializer::<u32>::new().unwrap().with_conversion("shifted", |old: (u32,)| old.0 + 1).unwrap();
        let moved = rekey(wrapped.snapshot(), shifted.snapshot(), &Policy::default());
        assert_eq!(moved.compatibility(), Incompatible);
        let resolution = resolve(old.snapshot(), other.snapshot(), Role::Key, &Policy::default());
        assert!(matches!(promises(&resolution).as_deref(), Some([Fix::InjectiveWhole { .. }])));
    }

    /// The declaration is for the whole value; the same types further down are compared by the rules.
    #[test]
    fn the_same_types_inside_the_value_are_not_converted() {
        let old = Serializer::<Option<Vec<u8>>>::new().unwrap();
        let new = Serializer::<Vec<u8>>::new().unwrap().with_none_value(&vec![9]).unwrap();
        let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
        assert_eq!(resolution.compatibility(), RequiresMigration);

        #[derive(Debug, Clone, PartialEq, StateType)]
        #[state(name = "Tree")]
        struct OldTree {
            label: u8,
            below: Vec<OldTree>,
        }
        #[derive(Debug, Clone, PartialEq, StateType)]
        struct Tree {
            label: u16,
            below: Vec<Tree>,
        }
        fn lifted(old: OldTree) -> Tree {
            Tree { label: u16::from(old.label) + 1000, below: old.below.into_iter().map(lifted).collect() }
        }
        let stored = OldTree { label: 1, below: vec![OldTree { label: 2, below: vec![] }] };
        let new = lifted(stored.clone());
        becomes(
            Role::Value,
            "field-converted",
            |new: Serializer<Tree>| new.with_conversion("lifted", lifted),
            &[(stored, new)],
        );
    }

    #[test]
    fn what_cannot_be_declared_is_an_error() {
        let number = || Serializer::<u64>::new().unwrap();
        let errors = [
            number().with_earlier_type::<u64>().unwrap_err(),
            number().with_earlier_type::<u32>().unwrap_err(),
            number().with_conversion("same", |n: u64| n).unwrap_err(),
            number()
                .with_conversion("a", |n: u8| u64::from(n))
                .unwrap()
                .with_conversion("b", |n: u8| u64::from(n))
                .unwrap_err(),
            number().with_earlier_type::<i64>().unwrap().with_conversion("b", |n: i64| n as u64).unwrap_err(),
            // The sign is written in another place by the variable encoding.
            Serializer::<u64>::with_integers(Variable).unwrap().with_earlier_type::<i64>().unwrap_err(),
            number().with_earlier_type::<i64>().unwrap().under(Variable).unwrap_err(),
        ];
        let text = errors.map(|error| error.to_string()).join("\n");
        insta::assert_snapshot!(text);
    }

    /// What is declared is in the snapshot, so a golden test compares by it.
    #[test]
    fn a_golden_test_compares_by_what_is_declared() {
        let visits = golden("visits", Role::Value, [names(&["a", "b", "a"])]);
        let users = golden("users", Role::Key, ["a".to_owned()]);
        let folder = folder(&goldens([("1.0.0", vec![visits, users])]));
        let suite = || suite(folder.path()).key::<UserId>("users", []);
        let declared = Serializer::<HashMap<String, u32>>::new().unwrap().with_conversion("counted", counted).unwrap();
        suite().state("visits", Role::Value, declared, []).outcome().unwrap();
        assert!(suite().value::<HashMap<String, u32>>("visits", []).outcome().is_err());
    }

    #[test]
    fn a_declaration_holds_under_another_encoding() {
        let new = Serializer::<u64>::new().unwrap().with_none_value(&9).unwrap();
        let new = new.with_conversion("length", |text: String| text.len() as u64).unwrap().under(Variable).unwrap();
        let old = Serializer::<Option<String>>::new().unwrap();
        let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
        assert_eq!(migrated(&resolution, &bytes(&old, &None), &new).unwrap(), 9);
        assert_eq!(migrated(&resolution, &bytes(&old, &Some("abc".to_owned())), &new).unwrap(), 3);
    }
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(was = (Option<u64>,))]
struct Limit {
    most: Option<u64>,
}

#[test]
fn what_was_a_tuple_of_an_option_may_become_optional() {
    let (was, is) = (Serializer::<(Option<u64>,)>::new().unwrap(), Serializer::<Option<Limit>>::new().unwrap());
    let resolution = typeser::resolve(was.snapshot(), is.snapshot(), Role::Value, &Default::default());
    let rules: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
    assert_eq!(
        (resolution.compatibility(), &rules[..]),
        (RequiresMigration, &["wrapped-in-option", "same-bytes-declared"][..])
    );
}
