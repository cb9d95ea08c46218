//! Conversions that attributes declare, from one release to the next: stored bytes become the results of the functions.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::num::ParseIntError;

use typeser::migrate::{Cost, Migration, Scratch, Trust};
use typeser::resolve::{Compatibility, Policy, Resolution, Role, resolve};
use typeser::schema::IntegerEncoding;
use typeser::value::{Value, ValueError};
use typeser::{Serializer, StateType, TypeSerializer};

const ENCODINGS: [IntegerEncoding; 2] = [IntegerEncoding::Fixed, IntegerEncoding::Variable];

fn resolved<Old: StateType, New: StateType>(encodings: [IntegerEncoding; 2]) -> (Resolution, Serializer<New>) {
    let [old, new] = encodings;
    let stored = Serializer::<Old>::with_integers(old).unwrap();
    let new = Serializer::<New>::with_integers(new).unwrap();
    (resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default()), new)
}

fn rules<Old: StateType, New: StateType>() -> (Compatibility, Vec<&'static str>) {
    let (resolution, _) = resolved::<Old, New>([IntegerEncoding::Fixed; 2]);
    let rules = resolution.findings().iter().map(|finding| finding.rule.id).collect();
    (resolution.compatibility(), rules)
}

fn run<Old: StateType>(migration: &Migration, old: &Old, integers: IntegerEncoding) -> Result<Vec<u8>, String> {
    let mut stored = Vec::new();
    Serializer::with_integers(integers).unwrap().serialize(old, &mut stored).unwrap();
    let mut migrated = Vec::new();
    for trust in [Trust::Verified, Trust::Foreign] {
        migrated.clear();
        migration.run(&stored, trust, &mut Scratch::default(), &mut migrated).map_err(|error| error.to_string())?;
    }
    Ok(migrated)
}

/// Migrates between all integer encodings, and expects the new value every time.
#[track_caller]
fn becomes<Old: StateType, New: StateType + PartialEq + Debug>(old: &Old, new: &New) {
    for encodings in ENCODINGS.iter().flat_map(|old| ENCODINGS.map(|new| [*old, new])) {
        let (resolution, serializer) = resolved::<Old, New>(encodings);
        assert_eq!(resolution.compatibility(), Compatibility::RequiresMigration, "{:?}", resolution.findings());
        let migration = resolution.migration(serializer.conversions()).unwrap();
        let migrated = run(&migration, old, encodings[0]).unwrap();
        assert_eq!(&serializer.deserialize(&migrated).unwrap(), new, "{encodings:?}");
    }
}

/// The error of a migration that stops.
fn refusal<Old: StateType, New: StateType>(old: &Old) -> String {
    let (resolution, serializer) = resolved::<Old, New>([IntegerEncoding::Fixed; 2]);
    let migration = resolution.migration(serializer.conversions()).unwrap();
    assert_eq!(migration.cost(), Cost::Convert);
    run(&migration, old, IntegerEncoding::Fixed).unwrap_err()
}

/// Fields that were stored with another type.
mod converted {
    use super::*;

    #[derive(Debug, PartialEq, StateType)]
    #[state(name = "Order")]
    pub(super) struct Old {
        pub(super) number: String,
        pub(super) pieces: Option<u16>,
        pub(super) paid: Paid1,
        pub(super) note: String,
    }

    #[derive(Debug, PartialEq, StateType)]
    #[state(name = "Paid")]
    pub(super) enum Paid1 {
        No,
        Cash { cents: i64 },
    }

    #[derive(Debug, PartialEq, StateType)]
    pub(super) struct Order {
        #[state(convert(String, with = parse))]
        pub(super) number: u64,
        #[state(none = "none at all".to_owned(), convert(u16, with = <u16 as ToString2>::text))]
        pub(super) pieces: String,
        pub(super) paid: Paid,
        pub(super) note: String,
    }

    #[derive(Debug, PartialEq, StateType)]
    pub(super) enum Paid {
        No,
        Cash {
            #[state(alias = "cents", convert(i64, with = Euro::of))]
            euro: Euro,
        },
    }

    #[derive(Debug, PartialEq, StateType)]
    pub(super) struct Euro(pub(super) String);

    impl Euro {
        fn of(cents: i64) -> Result<Self, String> {
            match cents {
                0.. => Ok(Self(format!("{}.{:02}", cents / 100, cents % 100))),
                _ => Err(format!("cannot pay {cents} cents")),
            }
        }
    }

    fn parse(number: String) -> Result<u64, ParseIntError> {
        number.parse()
    }

    pub(super) trait ToString2 {
        fn text(self) -> String;
    }

    impl ToString2 for u16 {
        fn text(self) -> String {
            self.to_string()
        }
    }
}

#[test]
fn fields_are_converted_by_their_functions() {
    use converted::{Euro, Old, Order, Paid, Paid1};
    let old = |number: &str, pieces, paid| Old { number: number.to_owned(), pieces, paid, note: "-".to_owned() };
    let new = |number, pieces: &str, paid| Order { number, pieces: pieces.to_owned(), paid, note: "-".to_owned() };
    becomes(&old("70", Some(3), Paid1::No), &new(70, "3", Paid::No));
    let cash = Paid::Cash { euro: Euro("12.05".to_owned()) };
    becomes(&old("0", None, Paid1::Cash { cents: 1205 }), &new(0, "none at all", cash));
    let expected = ["field-converted", "none-replaced", "field-converted", "field-renamed", "field-converted"];
    assert_eq!(rules::<Old, Order>(), (Compatibility::RequiresMigration, expected.to_vec()));
}

#[test]
fn a_refusal_names_the_function_the_place_and_the_value() {
    use converted::{Old, Order, Paid1};
    let old = |number: &str, cents| Old {
        number: number.to_owned(),
        pieces: None,
        paid: Paid1::Cash { cents },
        note: "-".to_owned(),
    };
    insta::assert_snapshot!(refusal::<Vec<Old>, Vec<Order>>(&vec![old("1", 2), old("x", 3)]), @r#"cannot migrate stored bytes: `Order.number: parse` did not convert `"x"` at value[1].number, at offset 39: invalid digit found in string"#);
    insta::assert_snapshot!(refusal::<Vec<Old>, Vec<Order>>(&vec![old("1", 2), old("1", -2)]), @r#"cannot migrate stored bytes: `Paid::Cash.euro: Euro::of` did not convert `-2` at value[1].paid::Cash.cents, at offset 53: cannot pay -2 cents"#);
}

#[test]
fn one_to_one_functions_may_convert_keys() {
    #[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, StateType)]
    #[state(key, name = "Tail")]
    struct Old(String);

    #[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, StateType)]
    #[state(key)]
    struct Tail(#[state(convert(String, with = String::into_bytes, injective))] Vec<u8>);

    #[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, StateType)]
    #[state(key, name = "Tail")]
    struct Careless(#[state(convert(String, with = String::into_bytes))] Vec<u8>);

    let old = BTreeMap::from([(Old("N1".to_owned()), 1u8), (Old("N2".to_owned()), 2)]);
    becomes(&old, &BTreeMap::from([(Tail(b"N1".to_vec()), 1u8), (Tail(b"N2".to_vec()), 2)]));
    let (compatibility, rules) = rules::<BTreeSet<Old>, BTreeSet<Careless>>();
    assert_eq!(compatibility, Compatibility::Incompatible);
    assert!(rules.contains(&"not-injective"), "{rules:?}");
}

/// Removed variants.
#[test]
fn removed_variants_become_the_other_one() {
    #[derive(Debug, PartialEq, StateType)]
    #[state(name = "Status")]
    enum Old {
        Lost { where_to: String },
        Open,
        Sold(u8),
    }

    #[derive(Debug, PartialEq, StateType)]
    #[state(removed("Sold", becomes = Status::Open))]
    enum Status {
        Open,
        #[state(other)]
        Unknown {
            #[state(default = 9)]
            code: u64,
            note: Option<String>,
        },
    }

    let old = vec![Old::Lost { where_to: "sea".to_owned() }, Old::Open, Old::Sold(1)];
    becomes(&old, &vec![Status::Unknown { code: 9, note: None }, Status::Open, Status::Open]);
}

/// Whole values, from kept types and from dynamic values.
mod migrated {
    use super::*;

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Track")]
    pub(super) struct Track1 {
        pub(super) kilometres: f64,
        pub(super) names: Vec<String>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Track", version = 2)]
    pub(super) struct Track2 {
        pub(super) metres: f64,
        pub(super) names: Vec<String>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Track", version = 3)]
    pub(super) struct Track3 {
        pub(super) length: f64,
        pub(super) name: String,
    }

    /// The layout is unchanged, but the meaning changed.
    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 4, migrate(3 => Self::in_feet, 1 => from_1, 2 => from_2))]
    pub(super) struct Track {
        pub(super) length: f64,
        pub(super) name: String,
    }

    fn from_1(old: Value) -> Result<Track2, ValueError> {
        Ok(Track2 { metres: 1000.0 * old.read::<f64>("kilometres")?, names: old.read("names")? })
    }

    fn from_2(old: Track2) -> Result<Track3, &'static str> {
        Ok(Track3 { length: old.metres, name: old.names.into_iter().next().ok_or("a track without a name")? })
    }

    impl Track {
        fn in_feet(old: Track3) -> Result<Self, String> {
            match old.length < 0.0 {
                true => Err(format!("no track has {} m", old.length)),
                false => Ok(Self { length: old.length * 4.0, name: old.name }),
            }
        }
    }

    /// A recursive type whose functions take whole values inside values.
    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Tree")]
    pub(super) struct OldTree {
        pub(super) weight: u32,
        pub(super) child: Option<Box<OldTree>>,
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 2, migrate(1 => Tree::grown))]
    pub(super) struct Tree {
        pub(super) weights: Vec<u32>,
    }

    impl Tree {
        fn grown(old: OldTree) -> Self {
            let mut weights = Vec::new();
            let mut next = Some(Box::new(old));
            while let Some(tree) = next {
                weights.push(tree.weight);
                next = tree.child;
            }
            Self { weights }
        }
    }

    /// From a dynamic value to a dynamic value.
    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(name = "Name")]
    pub(super) enum Name1 {
        Short(String),
        Long { first: String, last: String },
    }

    #[derive(Debug, Clone, PartialEq, StateType)]
    #[state(version = 2, migrate(1 => joined))]
    pub(super) enum Name {
        Only(String),
    }

    fn joined(old: Value) -> Result<Name, ValueError> {
        Ok(Name::Only(match old.variant() {
            Some("Short") => old.read("0")?,
            _ => format!("{} {}", old.get("first")?.as_str()?, old.get("last")?.as_str()?),
        }))
    }
}

#[test]
fn whole_values_go_through_the_chain_from_the_version_that_they_have() {
    use migrated::{Track, Track1, Track2, Track3};
    let names = vec!["north".to_owned(), "old".to_owned()];
    let track = |length| Track { length, name: "north".to_owned() };
    becomes(&vec![Track1 { kilometres: 0.5, names: names.clone() }], &vec![track(2000.0)]);
    becomes(&vec![Track2 { metres: 500.0, names }; 3], &vec![track(2000.0); 3]);
    becomes(&Track3 { length: 500.0, name: "north".to_owned() }, &track(2000.0));
    assert_eq!(rules::<Track1, Track>(), (Compatibility::RequiresMigration, vec!["type-migrated"]));
    let nameless = |metres| Track2 { metres, names: vec![] };
    insta::assert_snapshot!(refusal::<Vec<Track2>, Vec<Track>>(&vec![nameless(1.0)]), @r#"cannot migrate stored bytes: `Track v2: from_2` did not convert `Track { metres: 1.0, names: [] }` at value[0], at offset 8: a track without a name"#);
    let nameless = Track1 { kilometres: 1.0, names: vec![] };
    insta::assert_snapshot!(refusal::<Option<Track1>, Option<Track>>(&Some(nameless)), @r#"cannot migrate stored bytes: `Track v2: from_2` did not convert `Track { kilometres: 1.0, names: [] }` at value.Some, at offset 1: a track without a name"#);
    let negative = Track1 { kilometres: -1.0, names: vec!["north".to_owned()] };
    insta::assert_snapshot!(refusal::<Track1, Track>(&negative), @r#"cannot migrate stored bytes: `Track v3: Self::in_feet` did not convert `Track { kilometres: -1.0, names: ["north"] }` at value, at offset 0: no track has -1000 m"#);
}

#[test]
fn a_function_sees_the_whole_of_a_recursive_value() {
    use migrated::{OldTree, Tree};
    let leaf = OldTree { weight: 3, child: None };
    let old = OldTree { weight: 1, child: Some(Box::new(leaf)) };
    becomes(&vec![old], &vec![Tree { weights: vec![1, 3] }]);
}

#[test]
fn a_dynamic_value_replaces_a_deleted_type() {
    use migrated::{Name, Name1};
    let old = vec![Name1::Short("Ada".to_owned()), Name1::Long { first: "Ada".to_owned(), last: "L".to_owned() }];
    becomes(&old, &vec![Name::Only("Ada".to_owned()), Name::Only("Ada L".to_owned())]);
}

/// One that the ordinary rules carry to the kept type is read on the way to the function.
#[test]
fn a_kept_type_with_another_layout_is_read_only_where_the_rules_say_how() {
    #[derive(StateType)]
    #[state(name = "Track", version = 2)]
    struct Narrower {
        metres: f32,
        names: Vec<String>,
    }
    #[derive(StateType)]
    #[state(name = "Track", version = 2)]
    struct NotKept {
        metres: String,
        names: Vec<String>,
    }
    becomes(
        &Narrower { metres: 500.0, names: vec!["north".to_owned()] },
        &migrated::Track { length: 2000.0, name: "north".to_owned() },
    );
    assert_eq!(
        rules::<Narrower, migrated::Track>(),
        (Compatibility::RequiresMigration, vec!["type-migrated", "float-widened"])
    );
    assert_eq!(
        rules::<NotKept, migrated::Track>(),
        (Compatibility::Incompatible, vec!["migration-reads-another-layout"])
    );
}

#[test]
fn missing_functions_are_named() {
    let (resolution, _) = resolved::<migrated::Track2, migrated::Track>([IntegerEncoding::Fixed; 2]);
    let error = resolution.migration(&typeser::serializer::Conversions::new()).unwrap_err();
    insta::assert_snapshot!(error, @r#"the migration from `Track v2 (b2fbb132)` needs functions of the program that are not at hand: `Track v2: from_2`, `Track v3: Self::in_feet`; pass the `conversions()` of the serializer whose type names them, inside the program that has them"#);
    assert_eq!(resolution.functions(), ["Track v2: from_2", "Track v3: Self::in_feet"]);
}
