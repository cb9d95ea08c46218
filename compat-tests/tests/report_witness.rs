//! Every witness is a stored value, and shows what it claims.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use std::collections::BTreeMap;

use compat_tests::pairs::{self, QUESTIONS};
use compat_tests::schemas;
use proptest::prelude::*;
use typeser::report::{Claim, witness};
use typeser::resolve::{Finding, Losses, Policy, Role};
use typeser::value::Value;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer, resolve};

const ROLES: [Role; 4] = [Role::Value, Role::Key, Role::MapKey, Role::SetElement];

/// Checks that the witness of a finding is a stored value. Returns whether there is a witness.
fn has_valid_witness(stored: &SerializerSnapshot, new: &SerializerSnapshot, finding: &Finding) -> bool {
    let Some(witness) = witness(stored, new, finding) else { return false };
    assert!((1..=2).contains(&witness.examples.len()));
    for example in &witness.examples {
        let mut bytes = Vec::new();
        example.value.encode(stored, &mut bytes).unwrap();
        assert_eq!(bytes, example.bytes, "{finding}");
        assert_eq!(Value::decode(stored, &bytes).unwrap(), example.value, "{finding}");
    }
    if let [one, two] = witness.examples.as_slice() {
        assert_eq!(witness.claim, Claim::Collision);
        assert_ne!(one, two);
    }
    true
}

#[test]
fn the_pairs_have_the_witnesses_that_they_should() {
    let mut table = String::new();
    for pair in pairs::all().into_iter().filter(|pair| pair.between.is_none() && !pair.rule.starts_with("too-many")) {
        let (stored, new) = (&pair.stored.snapshot, &pair.new.snapshot);
        let fires = |question| pair.resolve(question).findings().iter().any(|finding| finding.rule.id == pair.rule);
        let question = QUESTIONS.into_iter().find(|question| fires(*question)).unwrap();
        for finding in pair.resolve(question).findings() {
            let has_valid_witness = has_valid_witness(stored, new, finding);
            if finding.rule.id == pair.rule {
                let rendered = witness(stored, new, finding).map_or_else(
                    || String::from("none"),
                    |witness| {
                        let values: Vec<String> =
                            witness.examples.iter().map(|example| example.value.to_string()).collect();
                        format!("{}: {}", witness.claim.word(), values.join(" and "))
                    },
                );
                assert_eq!(has_valid_witness, rendered != "none");
                table.push_str(&format!("{}: {rendered}\n", finding.rule.id));
            }
        }
    }
    insta::assert_snapshot!(table);
}

fn first<Old: StateType, New: StateType>(role: Role, rule: &str) -> String {
    let (old, new) = (Serializer::<Old>::new().unwrap(), Serializer::<New>::new().unwrap());
    let resolution = resolve(old.snapshot(), new.snapshot(), role, &Policy::default());
    let finding = resolution.findings().iter().find(|finding| finding.rule.id == rule);
    let finding = finding.unwrap_or_else(|| panic!("{:#?}", resolution.findings()));
    has_valid_witness(old.snapshot(), new.snapshot(), finding);
    witness(old.snapshot(), new.snapshot(), finding).map_or_else(
        || String::from("none"),
        |witness| {
            let values: Vec<String> = witness.examples.iter().map(|example| format!("{:?}", example.value)).collect();
            format!("{}: {}", witness.claim.word(), values.join(" and "))
        },
    )
}

#[test]
fn numbers_that_do_not_fit_are_the_smallest() {
    macro_rules! rendered {
        ($($old:ty => $new:ty = $rendered:literal;)*) => {
            $(assert_eq!(first::<$old, $new>(Role::Value, "primitive-changed"), $rendered);)*
        };
    }
    rendered! {
        u32 => u16 = "no-counterpart: 65536u32";
        u32 => i32 = "no-counterpart: 2147483648u32";
        i8 => u64 = "no-counterpart: -1i8";
        i64 => u8 = "no-counterpart: 256i64";
        i32 => u32 = "no-counterpart: -1i32";
        u64 => u8 = "no-counterpart: 256u64";
        u128 => i128 = "no-counterpart: 170141183460469231731687303715884105728u128";
        i128 => u128 = "no-counterpart: -1i128";
        i128 => i64 = "no-counterpart: 9223372036854775808i128";
        u64 => f64 = "no-counterpart: 9007199254740993u64";
        i32 => f32 = "no-counterpart: 16777217i32";
        f64 => f32 = "no-counterpart: 0.1f64";
        f32 => u64 = "no-counterpart: 0.5f32";
        bool => u8 = "touched: false";
        String => u8 = "touched: \"\"";
        char => u32 = "touched: 'a'";
    }
}

#[derive(StateType)]
enum Chain {
    Link(Box<Chain>, u8),
    Both(Box<(Chain, Chain)>),
    End { values: [u64; 3] },
}

mod new {
    #[derive(typeser::StateType)]
    pub(crate) enum Chain {
        Link(Box<Chain>, u8),
        End { values: [u64; 3] },
    }
}

#[test]
fn witnesses_of_recursive_types_are_finite() {
    assert_eq!(
        first::<Vec<Chain>, Vec<new::Chain>>(Role::Value, "variant-removed-undeclared"),
        "no-counterpart: [Both((End { values: [0u64, 0u64, 0u64] }, End { values: [0u64, 0u64, 0u64] }))]"
    );
}

#[test]
fn paths_lead_through_every_kind_of_node() {
    type Old = BTreeMap<String, (u8, Option<[Vec<u32>; 2]>)>;
    type New = BTreeMap<String, (u8, Option<[Vec<u16>; 2]>)>;
    assert_eq!(
        first::<Old, New>(Role::Value, "primitive-changed"),
        r#"no-counterpart: {"": (0u8, Some([[65536u32], []]))}"#
    );
    assert_eq!(
        first::<Result<std::num::NonZero<u32>, ()>, Result<std::num::NonZero<u16>, ()>>(
            Role::Value,
            "primitive-changed"
        ),
        "no-counterpart: Ok(65536u32)"
    );
    assert_eq!(
        first::<std::ops::Range<u8>, std::ops::Range<i8>>(Role::Value, "primitive-changed"),
        "no-counterpart: (128u8, 0u8)"
    );
    assert_eq!(first::<Vec<u8>, String>(Role::Value, "kind-changed"), "no-counterpart: [255u8]");
    assert_eq!(first::<Vec<u8>, [u8; 0]>(Role::Value, "list-to-array"), "no-counterpart: [0u8]");
    assert_eq!(first::<Vec<u8>, [u8; 2]>(Role::Value, "list-to-array"), "no-counterpart: []");
}

#[derive(StateType)]
#[state(name = "Seat")]
struct OldSeat {
    row: u32,
    side: Option<u8>,
    note: String,
}

mod seats {
    use super::StateType;

    #[derive(StateType)]
    #[state(name = "Seat")]
    pub(crate) struct Converted {
        #[state(convert(u32, with = letter))]
        pub(crate) row: String,
        pub(crate) side: Option<u8>,
        pub(crate) note: String,
    }

    #[derive(StateType)]
    #[state(name = "Seat")]
    pub(crate) struct Filled {
        pub(crate) row: u32,
        #[state(none = 0, alias = "side")]
        pub(crate) wing: u8,
        pub(crate) note: String,
    }

    #[derive(StateType)]
    #[state(name = "Seat", removed("note"))]
    pub(crate) struct Removed {
        pub(crate) row: u32,
        pub(crate) side: Option<u8>,
    }

    fn letter(row: u32) -> String {
        row.to_string()
    }
}

/// A function that is not declared injective can still keep values different, and so can a declared value.
#[test]
fn only_values_that_differ_in_lost_data_are_claimed_to_collide() {
    let row = r#"Seat { row: 0u32, side: None, note: "" }"#;
    assert_eq!(first::<OldSeat, seats::Converted>(Role::MapKey, "not-injective"), format!("touched: {row}"));
    assert_eq!(first::<OldSeat, seats::Filled>(Role::MapKey, "not-injective"), format!("touched: {row}"));
    assert_eq!(
        first::<OldSeat, seats::Removed>(Role::MapKey, "not-injective"),
        format!(r#"collision: {row} and Seat {{ row: 0u32, side: None, note: "a" }}"#)
    );
}

proptest! {
    /// For any two layouts, every witness is a stored value, nothing panics, and the time is bounded.
    #[test]
    fn any_two_layouts_have_valid_witnesses(
        stored in schemas::snapshots(), new in schemas::snapshots(), role in 0..ROLES.len(), any in any::<bool>()
    ) {
        let losses = if any { Losses::Any } else { Losses::Declared };
        let resolution = resolve(&stored, &new, ROLES[role], &Policy { losses, ..Policy::default() });
        for finding in resolution.findings().iter().take(50) {
            has_valid_witness(&stored, &new, finding);
        }
    }
}
