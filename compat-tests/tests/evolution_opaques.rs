//! Comparison of opaque leaves: the verdict follows from what their serializers declare about other versions.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::BTreeMap;

use compat_tests::evolution::{bytes, expect, report, silent};
use compat_tests::{evolutions, versions};
use serde_derive::{Deserialize, Serialize};
use typeser::migrate::{Scratch, Trust};
use typeser::resolve::Compatibility::{Compatible, Incompatible, RequiresMigration};
use typeser::resolve::{Policy, Role};
use typeser::schema::IntegerEncoding::{Fixed, Variable};
use typeser::serializer::{Custom, CustomError, CustomSerializer, OldVersion};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer, resolve};

/// A number as text, followed by one exclamation mark per version. Up to this many are read.
macro_rules! serializers {
    ($($name:ident $stored:literal v $version:literal reads $reads:expr, migrates $migrates:expr;)*) => { $(
        struct $name;

        impl CustomSerializer for $name {
            type Value = u32;
            const NAME: &'static str = $stored;
            const VERSION: u32 = $version;
            const READS: &'static [u32] = &$reads;
            const MIGRATES: &'static [OldVersion<u32>] = &$migrates;

            fn write(value: &u32, to: &mut Vec<u8>) -> Result<(), CustomError> {
                to.extend_from_slice(format!("{value}{:!<1$}", "", $version).as_bytes());
                Ok(())
            }

            fn read(from: &[u8]) -> Result<u32, CustomError> {
                number(from, $version)
            }
        }
    )* };
}

fn number(from: &[u8], version: usize) -> Result<u32, CustomError> {
    let text = str::from_utf8(from)?;
    let digits = text.trim_end_matches('!');
    match text.len() - digits.len() {
        marks if marks > version => Err(format!("{marks} marks, version {version}").into()),
        _ => Ok(digits.parse()?),
    }
}

/// Migrates a version by doubling each value; refuses 13.
const fn doubled(version: u32) -> OldVersion<u32> {
    OldVersion {
        version,
        read: |bytes| match number(bytes, 9)? {
            13 => Err("13 is not a number".into()),
            value => Ok(value * 2),
        },
    }
}

serializers! {
    One "loud" v 1 reads [], migrates [];
    Two "loud" v 2 reads [], migrates [];
    TwoReads "loud" v 2 reads [1], migrates [];
    TwoMigrates "loud" v 2 reads [], migrates [doubled(1)];
    ThreeReadsTwo "loud" v 3 reads [2], migrates [];
    ThreeReadsBoth "loud" v 3 reads [1, 2], migrates [];
    ThreeReadsTwoMigratesOne "loud" v 3 reads [2], migrates [doubled(1)];
    ThreeMigratesTwo "loud" v 3 reads [], migrates [doubled(2)];
    Quiet "quiet" v 1 reads [], migrates [];
}

evolutions! {
    an_equal_leaf_is_not_checked_inside {
        versions! {
            struct Old { #[state(with = One)] a: u32, b: u8 }
            struct New { #[state(with = One)] a: u32, #[state(alias = "b")] c: u8 }
        }
        expect(Compatible, &["field-renamed", "opaque-not-checked"])
            .check(&[(Old { a: 7, b: 1 }, New { a: 7, c: 1 })])
    }

    another_version_is_another_leaf {
        versions! {
            struct Old { #[state(with = One)] a: u32 }
            struct New { #[state(with = Two)] a: u32 }
        }
        expect(Incompatible, &["opaque-changed"]).check::<Old, New>(&[])
    }

    a_version_back_is_another_leaf {
        versions! {
            struct Old { #[state(with = Two)] a: u32 }
            struct New { #[state(with = One)] a: u32 }
        }
        expect(Incompatible, &["opaque-changed"]).check::<Old, New>(&[])
    }

    another_name_is_another_leaf {
        versions! {
            struct Old { #[state(with = One)] a: u32 }
            struct New { #[state(with = Quiet)] a: u32 }
        }
        expect(Incompatible, &["opaque-changed"]).check::<Old, New>(&[])
    }

    a_leaf_is_no_plain_type {
        versions! {
            struct Old { a: u32, #[state(with = One)] b: u32 }
            struct New { #[state(with = One)] a: u32, b: u32 }
        }
        expect(Incompatible, &["kind-changed", "kind-changed"]).check::<Old, New>(&[])
    }

    a_plain_field_is_converted_into_a_leaf {
        versions! {
            struct Old { a: u16, b: u32 }
            struct New {
                #[state(with = One, convert(u16, with = u32::from))]
                a: u32,
                #[state(with = One, convert(u32, with = halved))]
                b: u32,
            }
        }
        expect(RequiresMigration, &["field-converted", "field-converted"])
            .check(&[(Old { a: 3, b: 8 }, New { a: 3, b: 4 })])
    }

    a_leaf_in_an_option_and_a_default_for_none {
        versions! {
            struct Old { #[state(with = One)] a: u32, b: Option<Custom<One>> }
            struct New { a: Option<Custom<One>>, #[state(with = One, none = 5)] b: u32 }
        }
        expect(RequiresMigration, &["none-replaced", "wrapped-in-option", "opaque-not-checked", "opaque-not-checked"]).check(&[
            (Old { a: 1, b: None }, New { a: Some(Custom(1)), b: 5 }),
            (Old { a: 1, b: Some(Custom(2)) }, New { a: Some(Custom(1)), b: 2 }),
        ])
    }

    a_version_is_migrated_by_a_function_at_any_place {
        versions! {
            struct Old {
                #[state(with = One)] a: u32,
                b: Vec<Option<Custom<One>>>,
                c: BTreeMap<u8, Custom<One>>,
            }
            struct New {
                c: BTreeMap<u8, Custom<TwoMigrates>>,
                #[state(with = TwoMigrates)] a: u32,
                b: Vec<Option<Custom<TwoMigrates>>>,
            }
        }
        let custom = |value| Custom::<TwoMigrates>(value);
        expect(RequiresMigration, &["fields-reordered", "opaque-migrated", "opaque-migrated", "opaque-migrated"]).check(&[(
            Old { a: 1, b: vec![None, Some(Custom(2))], c: BTreeMap::from([(3, Custom(4))]) },
            New { a: 2, b: vec![None, Some(custom(4))], c: BTreeMap::from([(3, custom(8))]) },
        )])
    }

    a_key_is_not_migrated_by_a_function {
        versions! {
            struct Old { a: BTreeMap<Custom<One>, u8> }
            struct New { a: BTreeMap<Custom<TwoMigrates>, u8> }
        }
        expect(Incompatible, &["opaque-migrated", "not-injective"]).check::<Old, New>(&[])
    }

    a_key_is_not_read_as_it_is {
        versions! {
            struct Old { a: BTreeMap<Custom<One>, u8> }
            struct New { a: BTreeMap<Custom<TwoReads>, u8> }
        }
        expect(Incompatible, &["opaque-changed"]).check::<Old, New>(&[])
    }

    a_version_that_was_read_as_it_is_is_not_forgotten {
        versions! {
            struct Old { #[state(with = TwoReads)] a: u32 }
            struct New { #[state(with = ThreeReadsTwo)] a: u32 }
        }
        expect(Incompatible, &["opaque-changed"]).check::<Old, New>(&[])
    }

    a_version_that_was_read_as_it_is_is_not_migrated_apart {
        versions! {
            struct Old { #[state(with = TwoReads)] a: u32 }
            struct New { #[state(with = ThreeReadsTwoMigratesOne)] a: u32 }
        }
        expect(Incompatible, &["opaque-changed"]).check::<Old, New>(&[])
    }

    a_function_for_a_version_reads_what_that_version_read {
        versions! {
            struct Old { #[state(with = TwoReads)] a: u32 }
            struct New { #[state(with = ThreeMigratesTwo)] a: u32 }
        }
        expect(RequiresMigration, &["opaque-migrated"]).check(&[(Old { a: 3 }, New { a: 6 })])
    }

    what_serde_stores_is_migrated_by_a_function {
        versions! {
            struct Old { #[state(serde(name = "point", version = 1))] at: (f32, f32) }
            struct New { #[state(serde(name = "point", version = 3, migrate(2 => try_of, 1 => Point::of)))] at: Point }
        }
        expect(RequiresMigration, &["opaque-migrated"])
            .check(&[(Old { at: (1.0, -2.5) }, New { at: Point { x: 1.0, y: -2.5 } })])
    }
}

fn halved(value: u32) -> Result<u32, String> {
    if value.is_multiple_of(2) { Ok(value / 2) } else { Err(format!("{value} is odd")) }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

impl Point {
    fn of((x, y): (f32, f32)) -> Self {
        Self { x: x.into(), y: y.into() }
    }
}

fn try_of([x, y]: [f64; 2]) -> Result<Point, std::num::ParseFloatError> {
    Ok(Point { x, y })
}

fn snapshot<T: StateType>() -> SerializerSnapshot {
    Serializer::<T>::new().unwrap().snapshot().clone()
}

/// The leaf alone, and in a record with another field.
type Alone<S> = Custom<S>;
type Among<S> = (u8, Vec<Custom<S>>);

#[test]
fn a_version_that_is_read_unchanged_is_not_migrated() {
    for integers in [Fixed, Variable] {
        let old = Serializer::<Among<One>>::with_integers(integers).unwrap();
        let new = Serializer::<Among<TwoReads>>::with_integers(integers).unwrap();
        let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
        insta::allow_duplicates! {
            insta::assert_snapshot!("read_as_is", report(&resolution));
        }
        let adopted = resolution.adopt(&new).unwrap();
        assert_eq!(adopted.snapshot(), new.snapshot());
        let stored = bytes(&old, &(1, vec![Custom(2), Custom(30)]));
        assert_eq!(adopted.deserialize(&stored).unwrap(), (1, vec![Custom(2), Custom(30)]));
        // New values have the new form. Both forms are stored under one snapshot, and both can be read.
        let written = bytes(&adopted, &(1, vec![Custom(2)]));
        assert!(written.ends_with(b"2!!"));
        // The next version has to read both.
        let next = Serializer::<Among<ThreeReadsBoth>>::with_integers(integers).unwrap();
        let verdict = resolve(adopted.snapshot(), next.snapshot(), Role::Value, &Policy::default()).compatibility();
        assert_eq!(verdict, Compatible);
    }
}

#[test]
fn a_serializer_that_no_longer_reads_a_version_is_found_although_the_layout_is_the_same() {
    let [reads, forgot] = [snapshot::<Among<TwoReads>>(), snapshot::<Among<Two>>()];
    assert_eq!(reads.fingerprint(), forgot.fingerprint());
    let resolution = resolve(&reads, &forgot, Role::Value, &Policy::default());
    insta::assert_snapshot!("forgotten", report(&resolution));
    silent(&reads);
    silent(&forgot);
    // Reading one more version is not a change.
    let resolution = resolve(&forgot, &reads, Role::Value, &Policy::default());
    assert_eq!(resolution.findings(), []);
    // Two leaves of one name that read different versions are unchanged.
    let both = snapshot::<(Alone<TwoReads>, Alone<Two>)>();
    silent(&both);
    let swapped = snapshot::<(Alone<Two>, Alone<TwoReads>)>();
    assert_eq!(both.fingerprint(), swapped.fingerprint());
    assert_eq!(resolve(&both, &swapped, Role::Value, &Policy::default()).compatibility(), Incompatible);
}

#[test]
fn a_value_that_the_function_refuses_stops_the_migration_and_is_named() {
    #[derive(StateType)]
    struct Old {
        loud: Vec<Custom<One>>,
    }
    #[derive(StateType)]
    #[state(name = "Old")]
    struct New {
        #[allow(dead_code, reason = "only read")]
        loud: Vec<Custom<TwoMigrates>>,
    }
    for integers in [Fixed, Variable] {
        let old = Serializer::<Old>::with_integers(integers).unwrap();
        let new = Serializer::<New>::new().unwrap();
        let resolution = resolve(old.snapshot(), new.snapshot(), Role::Value, &Policy::default());
        let stored = bytes(&old, &Old { loud: vec![Custom(12), Custom(13)] });
        let migration = resolution.migration(new.conversions()).unwrap();
        let mut out = b"before".to_vec();
        let error = migration.run(&stored, Trust::Verified, &mut Scratch::default(), &mut out).unwrap_err();
        assert_eq!(out, b"before");
        assert_eq!(
            error.to_string(),
            format!(
                "cannot migrate stored bytes: `opaque loud v1` did not convert `opaque(0x313321)` at value.loud[1], at offset {}: 13 is not a number",
                stored.len() - bytes(&Serializer::<Custom<One>>::with_integers(integers).unwrap(), &Custom(13)).len()
            )
        );
    }
}

#[test]
fn the_functions_of_leaves_are_those_of_the_serializer() {
    let serializer = Serializer::<(Alone<TwoMigrates>, Vec<Custom<ThreeMigratesTwo>>)>::new().unwrap();
    let ids: Vec<&str> = serializer.conversions().ids().collect();
    assert_eq!(ids, ["opaque loud v1", "opaque loud v2"]);
}

/// A reconfigured serializer writes new values in the stored layout, and does not know where such a leaf ends.
#[test]
fn a_new_variant_with_an_unframed_leaf_under_stored_tags_is_refused() {
    let file = |variants: &str| {
        let text = format!("typeser-snapshot 1\nroot B\n\nenum B v1\n{variants}");
        SerializerSnapshot::from_text(&text).unwrap()
    };
    let new = file("  0 P\n    c opaque-unframed Leaf v1\n  2 R\n");
    let resolution = resolve(&file("  1 R\n"), &new, Role::Value, &Policy::default());
    let found: Vec<&str> = resolution.findings().iter().map(|finding| finding.rule.id).collect();
    assert_eq!(found, ["variants-reordered", "variant-added", "opaque-unframed"]);
    assert!(resolution.adopted().is_none());

    // Under equal tags, values are written as they are.
    let resolution = resolve(&file("  2 R\n"), &new, Role::Value, &Policy::default());
    assert_eq!(resolution.compatibility(), Compatible);
}
