//! A stored value migrates to the same value directly and through the releases between, or a finding says where not.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]
#![allow(dead_code, reason = "types are only described")]

use std::collections::{BTreeMap, BTreeSet};

use typeser::history::{self, History};
use typeser::resolve::{Losses, Policy, Release, Role};
use typeser::serializer::Conversions;
use typeser::{Serializer, StateType, TypeSerializer};

/// The releases `1.0`, `2.0`, ... of a type, each in its own module.
macro_rules! releases {
    (@ [$($done:expr,)*] [$name:literal $($names:literal)*] { $($item:item)* } $($rest:tt)*) => {
        releases!(@ [$($done,)* {
            use typeser::StateType;
            $($item)*
            release::<State>($name)
        },] [$($names)*] $($rest)*)
    };
    (@ [$($done:expr,)*] [$($names:literal)*]) => { vec![$($done),*] };
    ($($code:tt)*) => { releases!(@ [] ["1.0" "2.0" "3.0" "4.0"] $($code)*) };
}

fn release<T: StateType>(name: &str) -> Release {
    Release::new(name, Serializer::<T>::new().unwrap().snapshot().clone())
}

fn compared(releases: &[Release], losses: Losses) -> History {
    history::compare(releases, Role::Value, &Policy { losses, ..Policy::default() }, &Conversions::default())
}

fn rendered(releases: &[Release]) -> String {
    compared(releases, Losses::Declared).to_string()
}

#[test]
fn a_default_that_changed_after_a_release_diverges_wherever_it_is() {
    let releases = releases! {
        {
            #[derive(StateType)] pub struct Part { id: u8 }
            #[derive(StateType)] pub enum Kind { Open, Sent { by: Option<Part> } }
            #[derive(StateType)] pub struct State { own: Part, kind: Kind, all: BTreeMap<u8, Vec<Part>> }
        }
        {
            #[derive(StateType)] pub struct Part { id: u8, #[state(default = 1)] x: u8 }
            #[derive(StateType)] pub enum Kind { Open, Sent { by: Option<Part> } }
            #[derive(StateType)] pub struct State { own: Part, kind: Kind, all: BTreeMap<u8, Vec<Part>> }
        }
        {
            #[derive(StateType)] pub struct Part { id: u8, #[state(default = 2)] x: u8 }
            #[derive(StateType)] pub enum Kind { Open, Sent { by: Option<Part> } }
            #[derive(StateType)] pub struct State { own: Part, kind: Kind, all: BTreeMap<u8, Vec<Part>> }
        }
    };
    insta::assert_snapshot!(rendered(&releases));
}

#[test]
fn a_name_that_goes_to_another_field_diverges() {
    let releases = releases! {
        { #[derive(StateType)] pub struct State { a: u32, c: bool } }
        { #[derive(StateType)] pub struct State { #[state(alias = "a")] b: u32, c: bool } }
        { #[derive(StateType)] pub struct State { #[state(default = 0)] b: u32, #[state(default = 0)] a: u32, c: bool } }
    };
    insta::assert_snapshot!(rendered(&releases));
}

#[test]
fn a_field_that_was_dropped_and_came_back_diverges() {
    let releases = releases! {
        { #[derive(StateType)] pub struct State { id: u8, a: bool } }
        { #[derive(StateType)] pub struct State { id: u8 } }
        { #[derive(StateType)] pub struct State { id: u8, #[state(default = true)] a: bool } }
    };
    insta::assert_snapshot!(compared(&releases, Losses::Any).to_string());
    assert_eq!(rendered(&releases), "1.0 to 3.0 was not compared: 2.0 cannot read what 1.0 wrote\n");
}

#[test]
fn variants_that_were_merged_diverge_if_one_of_them_becomes_another_later() {
    let releases = releases! {
        { #[derive(StateType)] pub enum State { Open, Deleted, Removed { by: u32 } } }
        { #[derive(StateType)] pub enum State { Open, #[state(alias("Deleted", "Removed"))] Gone { #[state(default)] by: u32 } } }
        {
            #[derive(StateType)]
            #[state(removed("Deleted", becomes = State::Open))]
            pub enum State { Open, #[state(alias("Gone", "Removed"))] Left { #[state(default)] by: u32 } }
        }
    };
    insta::assert_snapshot!(rendered(&releases));
}

#[test]
fn variants_that_stay_merged_do_not_diverge() {
    let releases = releases! {
        { #[derive(StateType)] pub enum State { Open, Deleted, Removed { by: u32 } } }
        { #[derive(StateType)] pub enum State { Open, #[state(alias("Deleted", "Removed"))] Gone { #[state(default)] by: u32 } } }
        { #[derive(StateType)] pub enum State { Open, #[state(alias("Deleted", "Gone", "Removed"))] Left { #[state(default)] by: u32 } } }
    };
    assert_eq!(rendered(&releases), "");
}

#[test]
fn recursive_types_diverge_on_every_checked_level() {
    let releases = releases! {
        { #[derive(StateType)] pub struct State { name: String, next: Vec<State> } }
        { #[derive(StateType)] pub struct State { name: String, next: Vec<State>, #[state(default = 1)] x: u8 } }
        { #[derive(StateType)] pub struct State { name: String, next: Vec<State>, #[state(default = 2)] x: u8 } }
    };
    insta::assert_snapshot!(rendered(&releases));
}

#[test]
fn every_older_release_is_compared_with_the_newest() {
    let releases = releases! {
        { #[derive(StateType)] pub struct State { id: u8 } }
        { #[derive(StateType)] pub struct State { id: u8, #[state(default = 1)] x: u8 } }
        { #[derive(StateType)] pub struct State { id: u8, #[state(default = 1)] x: u16 } }
        { #[derive(StateType)] pub struct State { id: u8, #[state(default = 2)] x: u32 } }
    };
    insta::assert_snapshot!(rendered(&releases));
}

#[test]
fn histories_that_cannot_be_compared_are_reported() {
    let releases = releases! {
        { #[derive(StateType)] pub struct State { id: u8 } }
        { #[derive(StateType)] pub struct State { id: u8, #[state(default = String::new())] x: String } }
        { #[derive(StateType)] pub struct State { id: u8, #[state(default = 2)] x: u8 } }
        { #[derive(StateType)] pub struct State { id: u8, #[state(default = 2)] x: u16 } }
    };
    insta::assert_snapshot!(rendered(&releases));
    type Large = Option<[u8; 5000]>;
    let large = ["1.0", "2.0", "3.0"].map(release::<Large>);
    assert_eq!(
        rendered(&large),
        "1.0 to 3.0 was partly compared: for 1 of its places, no value could be generated and migrated on both routes\n"
    );
    type Four<T> = (T, T, T, T);
    type Wide = Four<Four<Four<Four<Four<Four<Option<u8>>>>>>>;
    let wide = ["1.0", "2.0", "3.0"].map(release::<Wide>);
    assert_eq!(rendered(&wide), "1.0 to 3.0 was not compared: its layout has more than 2000 places\n");
}

mod with_functions {
    #[derive(typeser::StateType)]
    pub struct State {
        #[state(convert(u8, with = doubled))]
        a: u16,
    }

    fn doubled(old: u8) -> Result<u16, String> {
        if old > 60 { Err("too much".to_owned()) } else { Ok(u16::from(old) * 2) }
    }
}

#[test]
fn available_functions_run_and_values_that_they_refuse_are_not_compared() {
    let mut releases = releases! {
        { #[derive(StateType)] pub struct State { a: u8 } }
        { #[derive(StateType)] pub struct State { a: u16 } }
    };
    releases.push(release::<with_functions::State>("3.0"));
    let serializer = Serializer::<with_functions::State>::new().unwrap();
    let history = history::compare(&releases, Role::Value, &Policy::default(), serializer.conversions());
    insta::assert_snapshot!(format!("{history}without the functions:\n{}", rendered(&releases)));
}

#[test]
fn harmless_histories_have_no_findings() {
    let histories = [
        (
            "a chain of names, all kept",
            releases! {
                { #[derive(StateType)] pub struct State { a: u32, z: u32 } }
                { #[derive(StateType)] pub struct State { #[state(alias = "a")] b: u32, z: u32 } }
                { #[derive(StateType)] pub struct State { #[state(alias = "a", alias = "b")] c: u32, z: u32 } }
            },
        ),
        (
            "another order, and back",
            releases! {
                { #[derive(StateType)] pub struct State { a: u32, b: u32, c: u32 } }
                { #[derive(StateType)] pub struct State { c: u32, a: u32, b: u32 } }
                { #[derive(StateType)] pub struct State { b: u32, a: u32, c: u32 } }
            },
        ),
        (
            "variants",
            releases! {
                { #[derive(StateType)] pub enum State { A, B(u8), C { c: bool } } }
                { #[derive(StateType)] pub enum State { N, A, B(u8), C { c: bool } } }
                { #[derive(StateType)] pub enum State { C { c: bool }, #[state(alias = "B")] D(u16), N, A } }
            },
        ),
        (
            "a default that stays",
            releases! {
                { #[derive(StateType)] pub struct State { a: u8 } }
                { #[derive(StateType)] pub struct State { a: u8, #[state(default = 3)] b: u8 } }
                { #[derive(StateType)] pub struct State { a: u8, #[state(default = Some(3))] b: Option<u16> } }
            },
        ),
        ("integers", vec![release::<u8>("1.0"), release::<u16>("2.0"), release::<u32>("3.0")]),
        (
            "lists and sets",
            vec![
                release::<BTreeMap<u8, BTreeSet<u8>>>("1.0"),
                release::<BTreeMap<u8, Vec<u8>>>("2.0"),
                release::<BTreeMap<u16, Vec<Option<u8>>>>("3.0"),
            ],
        ),
        (
            "logical types",
            vec![
                release::<std::time::Duration>("1.0"),
                release::<Option<std::time::Duration>>("2.0"),
                release::<Option<Option<std::time::Duration>>>("3.0"),
            ],
        ),
        ("two releases", vec![release::<u8>("1.0"), release::<u16>("2.0")]),
        ("none", Vec::new()),
    ];
    for (name, releases) in histories {
        assert_eq!(rendered(&releases), "", "{name}");
    }
}
