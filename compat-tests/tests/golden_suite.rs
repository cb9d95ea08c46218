//! Golden tests that fail, with their complete messages, and golden tests that pass.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]
#![allow(dead_code, reason = "types are only described")]

#[path = "golden/shop.rs"]
mod shop;
#[path = "golden/support.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use shop::{renamed, swapped, tagged, taught, v1, wider, without_lost};
use support::{failure, folder, golden, goldens, rendered, suite};
use typeser::golden::{Goldens, Standing};
use typeser::resolve::{Compatibility, Direction, Reach, Role};
use typeser::wire::{DecodeError, EncodeError};
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

fn recorded() -> Goldens {
    goldens([("1.0.0", vec![golden("orders", Role::Value, v1::orders())])])
}

#[test]
fn a_renamed_field_fails() {
    insta::assert_snapshot!(failure(&recorded(), |suite| suite.value::<renamed::Order>("orders", [])));
}

#[test]
fn swapped_fields_pass_unless_layouts_must_stay_unchanged() {
    let folder = folder(&recorded());
    suite(folder.path()).value::<swapped::Order>("orders", []).outcome().unwrap();
    insta::assert_snapshot!(failure(&recorded(), |suite| {
        suite.value::<swapped::Order>("orders", []).fails_on(Compatibility::AfterReconfigure)
    }));
}

#[test]
fn a_removed_variant_fails() {
    insta::assert_snapshot!(failure(&recorded(), |suite| suite.value::<without_lost::Order>("orders", [])));
}

#[test]
fn a_wider_integer_passes_for_a_value_and_fails_for_a_key() {
    let folder = folder(&recorded());
    suite(folder.path()).value::<wider::Order>("orders", []).outcome().unwrap();
    let keys = goldens([
        ("1.0.0", vec![golden("orders", Role::Key, [7u32])]),
        ("1.1.0", vec![golden("orders", Role::Key, [7u32, 8])]),
    ]);
    insta::assert_snapshot!(failure(&keys, |suite| suite.key::<u64>("orders", [])));
}

#[test]
fn a_change_since_two_releases_is_reported_once_and_every_state_is_reported() {
    let recorded = goldens([
        ("1.0.0", vec![golden("orders", Role::Value, v1::orders()), golden("orders", Role::Key, [7u32])]),
        ("1.1.0", vec![golden("orders", Role::Value, v1::orders()), golden("orders", Role::Key, [7u32])]),
        ("1.2.0", vec![golden("limits", Role::Value, [Some(7u32), None])]),
    ]);
    insta::assert_snapshot!(failure(&recorded, |suite| {
        suite.value::<renamed::Order>("orders", []).key("orders", [7u32]).value::<Option<u16>>("limits", [])
    }));
}

#[test]
fn without_goldens_it_says_how_to_record_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    let failure = suite(folder.path()).value("limits", [7u32]).outcome().unwrap_err();
    insta::assert_snapshot!(rendered(folder.path(), failure));
    let failure = suite(folder.path()).outcome().unwrap_err();
    insta::assert_snapshot!(rendered(folder.path(), failure));
}

#[test]
fn a_state_that_is_no_longer_listed_fails_unless_its_removal_is_declared() {
    let recorded = goldens([
        ("1.0.0", vec![golden("carts", Role::Value, [1u8]), golden("carts", Role::Key, [2u8])]),
        ("1.1.0", vec![golden("limits", Role::Value, [3u8])]),
    ]);
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value("limits", [3u8])));
    let folder = folder(&recorded);
    let outcome =
        suite(folder.path()).value("limits", [3u8]).retired("carts", "they were never used").outcome().unwrap();
    let standing = outcome.states.iter().map(|state| format!("{}: {:?}", state.subject(), state.standing));
    insta::assert_snapshot!(standing.collect::<Vec<_>>().join("\n"));
    insta::assert_snapshot!(failure(&recorded, |suite| {
        suite
            .value("carts", [1u8])
            .key("carts", [2u8])
            .value("limits", [3u8])
            .retired("carts", "x")
            .retired("cart", "y")
    }));
}

#[test]
fn a_state_of_another_suite_is_ignored() {
    let recorded = goldens([("1.0.0", vec![golden("a", Role::Value, [1u8]), golden("b", Role::Value, v1::orders())])]);
    let folder = folder(&recorded);
    std::fs::write(folder.path().join("src/lib.rs"), "#[derive(StateType)] struct Item { }").unwrap();
    let outcome = suite(folder.path()).value("a", [1u8]).elsewhere("b", Role::Value).outcome().unwrap();
    assert_eq!(outcome.compared(), "checked 1 state against 1 release (1.0.0)");
}

#[test]
fn a_new_state_is_reported_and_passes() {
    let folder = folder(&goldens([("1.0.0", vec![golden("a", Role::Value, [1u8])])]));
    let outcome = suite(folder.path()).value("a", [1u8]).value("b", [1u8]).outcome().unwrap();
    assert_eq!(outcome.state("b", Role::Value).unwrap().standing, Standing::New);
    assert_eq!(outcome.state("a", Role::Value).unwrap().standing, Standing::Held);
}

#[test]
fn a_state_that_is_listed_twice_fails() {
    let recorded = goldens([("1.0.0", vec![golden("a", Role::Value, [1u8])])]);
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value("a", [1u8]).value("a", [1u16])));
}

#[derive(StateType)]
struct Warehouse {
    shelves: BTreeMap<String, Shelf>,
    spare: Vec<Option<Shelf>>,
    doors: [Door; 2],
    since: Duration,
    at: IpAddr,
    seen: BTreeSet<u8>,
}

#[derive(StateType)]
struct Shelf {
    boxes: Vec<u32>,
    door: Option<Door>,
}

#[derive(StateType)]
enum Door {
    Open,
    Locked { by: Option<String> },
}

fn warehouse() -> Warehouse {
    Warehouse {
        shelves: BTreeMap::new(),
        spare: Vec::new(),
        doors: [Door::Open, Door::Open],
        since: Duration::from_secs(1),
        at: IpAddr::from([127, 0, 0, 1]),
        seen: BTreeSet::new(),
    }
}

#[test]
fn incomplete_samples_fail() {
    let recorded = goldens([("1.0.0", vec![golden("halls", Role::Value, [warehouse()])])]);
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value("halls", [warehouse()])));
    let shelf = || Shelf { boxes: vec![], door: None };
    let fuller = Warehouse {
        shelves: [("a".to_owned(), shelf())].into(),
        spare: vec![Some(shelf())],
        doors: [Door::Open, Door::Locked { by: None }],
        ..warehouse()
    };
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value("halls", [fuller])));
}

#[test]
fn generated_samples_reach_every_part() {
    let recorded = goldens([("1.0.0", vec![golden("halls", Role::Value, [warehouse()])])]);
    let folder = folder(&recorded);
    suite(folder.path()).value::<Warehouse>("halls", []).outcome().unwrap();
}

#[derive(StateType)]
struct Sealed {
    #[state(serde(name = "inside", version = 1))]
    inside: Option<u8>,
}

#[test]
fn opaque_leaves_have_no_generated_samples() {
    let recorded = goldens([("1.0.0", vec![golden("a", Role::Value, [Sealed { inside: Some(7) }])])]);
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value::<Sealed>("a", [])));
    let folder = folder(&recorded);
    suite(folder.path()).value("a", [Sealed { inside: None }]).outcome().unwrap();
}

/// Reads a different number than it wrote.
struct Drifting(Serializer<u32>);

impl TypeSerializer for Drifting {
    type Value = u32;

    fn snapshot(&self) -> &SerializerSnapshot {
        self.0.snapshot()
    }

    fn serialize(&self, value: &u32, to: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.0.serialize(value, to)
    }

    fn deserialize(&self, from: &[u8]) -> Result<u32, DecodeError> {
        Ok(self.0.deserialize(from)?.wrapping_add(1))
    }
}

#[test]
fn bytes_that_change_when_they_are_read_and_written_fail() {
    let recorded = goldens([("1.0.0", vec![golden("a", Role::Value, [7u32])])]);
    insta::assert_snapshot!(failure(&recorded, |suite| {
        suite.state("a", Role::Value, Drifting(Serializer::new().unwrap()), [9])
    }));
}

#[test]
fn samples_of_old_releases_go_through_the_functions_of_the_program() {
    let recorded = goldens([("1.0.0", vec![golden("orders", Role::Value, v1::orders())])]);
    let folder = folder(&recorded);
    suite(folder.path()).value::<taught::Order>("orders", []).outcome().unwrap();

    let mut orders = v1::orders();
    orders[1].number = 250;
    let recorded = goldens([("1.0.0", vec![golden("orders", Role::Value, orders)])]);
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value::<taught::Order>("orders", [])));
}

#[test]
fn an_unlisted_type_fails() {
    let recorded = goldens([("1.0.0", vec![golden("a", Role::Value, [7u32])])]);
    let folder = folder(&recorded);
    let sources = [
        (
            "lib.rs",
            r##"
            //! #[derive(StateType)] struct InAComment;
            #[cfg(test)]
            mod tests;
            mod inner;
            /* #[derive(StateType)] struct InAnotherComment; */
            const TEXT: &str = r#"#[derive(StateType)] struct InAText;"#;
            #[derive(Debug, typeser::StateType)]
            #[state(name = "invoice")]
            pub(crate) struct Invoice<T: Copy> where T: Into<[u8; 4]> { total: T }
            #[derive(StateType, PartialEq, Eq, Hash)]
            #[state(key)]
            pub enum Kind { One }
            #[derive(StateType)] #[state(transparent)] struct Meters(f64);
            #[derive(Debug)] struct Plain;
            #[cfg_attr(feature = "state", derive(StateType))] struct Maybe;
            macro_rules! make { ($name:ident) => { #[derive(StateType)] struct $name; } }
            fn f() { #[derive(StateType)] struct Local; }
            #[cfg(test)] mod inside { #[derive(StateType)] struct OnlyForTests; }
            #[cfg(not(test))] mod outside { #[derive(StateType)] struct Real; }
            "##,
        ),
        ("tests.rs", "#[derive(StateType)] struct OnlyForTestsToo;"),
        ("inner/mod.rs", "mod deep { use typeser::StateType; #[derive(StateType)] union Never { a: u8 } }"),
        ("inner/more.rs", "#[derive(\n    Clone,\n    StateType,\n)]\npub struct\nSpread;"),
    ];
    for (name, source) in sources {
        let path = folder.path().join("src").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, source).unwrap();
    }
    let list = || suite(folder.path()).value("a", [7u32]);
    insta::assert_snapshot!(rendered(folder.path(), list().outcome().unwrap_err()));

    let excepted = ["invoice", "Kind", "Maybe", "Local", "Real", "Spread"];
    let suite = excepted.iter().fold(list(), |suite, name| suite.except(*name, "it is only sent"));
    suite.outcome().unwrap();

    let suite = excepted.iter().fold(list(), |suite, name| suite.except(*name, "it is only sent"));
    let suite = suite.except("Gone", "it was only sent");
    insta::assert_snapshot!(rendered(folder.path(), suite.outcome().unwrap_err()));
    let suite = list().sources(folder.path().join("nowhere"));
    insta::assert_snapshot!(rendered(folder.path(), suite.outcome().unwrap_err()));
}

#[test]
fn a_pinned_verdict_must_match_exactly() {
    let recorded =
        goldens([("1.0.0", vec![golden("a", Role::Value, [7u32])]), ("1.1.0", vec![golden("a", Role::Value, [7u64])])]);
    let folder = folder(&recorded);
    let list = || suite(folder.path()).value("a", [7u64]);
    let pin = |suite: typeser::golden::Suite, verdict| suite.pin("a", Role::Value, "1.0.0", verdict);
    pin(list(), Compatibility::RequiresMigration).outcome().unwrap();
    // A pinned verdict passes even if its findings would fail.
    let narrow = suite(folder.path()).value("a", [7u16]);
    let narrow = narrow.reach(Reach::Last).pin("a", Role::Value, "1.1.0", Compatibility::Incompatible);
    narrow.outcome().unwrap();

    let failure = pin(list(), Compatibility::Compatible).outcome().unwrap_err();
    insta::assert_snapshot!(rendered(folder.path(), failure));
    let suite = list().pin("a", Role::Key, "1.0.0", Compatibility::Compatible);
    let suite = suite.pin("a", Role::Value, "3.0.0", Compatibility::Compatible);
    insta::assert_snapshot!(rendered(folder.path(), suite.outcome().unwrap_err()));
}

#[test]
fn a_history_that_diverges_fails() {
    let tag = |name: &str| tagged::Tag { name: name.to_owned() };
    let recorded = goldens([
        ("1.0.0", vec![golden("tags", Role::Value, [tag("new")])]),
        ("1.1.0", vec![golden("tags", Role::Value, [tagged::later::Tag { name: "new".into(), weight: 4 }])]),
    ]);
    insta::assert_snapshot!(failure(&recorded, |suite| suite.value::<tagged::today::Tag>("tags", [])));
}

#[test]
fn an_old_release_that_cannot_read_new_values_fails_if_rollbacks_are_checked() {
    let recorded = goldens([("1.0.0", vec![golden("orders", Role::Value, v1::orders())])]);
    insta::assert_snapshot!(failure(&recorded, |suite| {
        suite.value::<wider::Order>("orders", []).direction(Direction::Full)
    }));
}
