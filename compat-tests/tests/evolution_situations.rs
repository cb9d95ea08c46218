//! Changes that were reported for other systems: enums of versions, and `usize` in stored data.

#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "the names of tests document them")]

use compat_tests::evolution::expect;
use typeser::report::witness;
use typeser::resolve::Compatibility::{Compatible, Incompatible, RequiresMigration};
use typeser::resolve::{Policy, Role, resolve};
use typeser::{Serializer, StateType, TypeSerializer};

/// An enum of versions. The first version leaves it, and a function makes the second one of it.
mod versioned {
    use typeser::StateType;

    pub(super) mod old {
        use typeser::StateType;

        #[derive(StateType)]
        pub(in super::super) enum Versioned {
            V1 { x: u32 },
            V2 { x: u64, y: String },
        }
    }

    #[derive(StateType, Debug, PartialEq)]
    #[state(version = 2, migrate(1 => up))]
    pub(super) enum Versioned {
        V2 { x: u64, y: String },
    }

    fn up(stored: old::Versioned) -> Versioned {
        match stored {
            old::Versioned::V1 { x } => Versioned::V2 { x: x.into(), y: "was 1".to_owned() },
            old::Versioned::V2 { x, y } => Versioned::V2 { x, y },
        }
    }
}

#[test]
fn a_version_leaves_an_enum_of_versions_with_a_function() {
    use versioned::{Versioned, old};

    let y = || "y".to_owned();
    expect(RequiresMigration, &["type-migrated"]).check(&[
        (old::Versioned::V1 { x: 5 }, Versioned::V2 { x: 5, y: "was 1".to_owned() }),
        (old::Versioned::V2 { x: u64::MAX, y: y() }, Versioned::V2 { x: u64::MAX, y: y() }),
    ]);
}

#[derive(StateType, Debug, PartialEq)]
#[state(name = "Cache")]
struct Stored {
    most: usize,
}

#[derive(StateType, Debug, PartialEq)]
#[state(name = "Cache")]
struct Wide {
    most: u64,
}

#[derive(StateType, Debug, PartialEq)]
#[state(name = "Cache")]
struct Narrow {
    most: u32,
}

#[derive(StateType, Debug, PartialEq)]
#[state(name = "Cache")]
struct Sentinel {
    #[state(convert(u64, with = limit))]
    most: Limit,
}

#[derive(StateType, Debug, PartialEq)]
enum Limit {
    Unlimited,
    Most { number: u64 },
}

fn limit(number: u64) -> Limit {
    if number == u64::MAX { Limit::Unlimited } else { Limit::Most { number } }
}

#[test]
fn a_usize_is_a_u64_on_every_machine() {
    expect(Compatible, &[]).check(&[(Stored { most: 7 }, Wide { most: 7 })]);
    expect(RequiresMigration, &["field-converted"]).check(&[
        (Stored { most: usize::MAX }, Sentinel { most: Limit::Unlimited }),
        (Stored { most: 7 }, Sentinel { most: Limit::Most { number: 7 } }),
    ]);
}

#[test]
fn a_usize_does_not_become_a_u32_and_the_report_shows_the_first_number_that_does_not_fit() {
    expect(Incompatible, &["primitive-changed"]).check::<Stored, Narrow>(&[]);
    let (stored, new) = (Serializer::<Stored>::new().unwrap(), Serializer::<Narrow>::new().unwrap());
    let resolution = resolve(stored.snapshot(), new.snapshot(), Role::Value, &Policy::default());
    let witness = witness(stored.snapshot(), new.snapshot(), &resolution.findings()[0]).unwrap();
    assert_eq!(witness.examples[0].value.to_string(), "Cache { most: 4294967296 }");
}
