//! The expansion is silent under lints that a strict crate turns on, also where it stands on the user's own words.
#![deny(
    warnings,
    clippy::pedantic,
    deprecated,
    missing_debug_implementations,
    missing_docs,
    single_use_lifetimes,
    trivial_casts,
    unreachable_pub,
    unsafe_code,
    unused_lifetimes,
    unused_qualifications
)]

use typeser::StateType;

/// A type with everything that an expansion can stumble over.
#[derive(Debug, PartialEq, Eq, Hash, StateType)]
#[state(key, alias = "Old", removed("gone"))]
pub struct Strict<T> {
    /// Qualified although it need not be.
    pub list: Option<Box<Strict<T>>>,
    /// With a default that is written in full.
    #[state(default = 1)]
    pub number: u64,
    /// Of the parameter.
    pub value: T,
}

/// An enum whose variants are deprecated and partly unused.
#[derive(Debug, PartialEq, Eq, StateType)]
#[state(removed("Gone", becomes = Choice::Plain))]
pub enum Choice {
    /// One.
    Plain,
    /// Two.
    #[deprecated = "for the test"]
    Old(u8),
    /// Three.
    Named {
        /// Deprecated too.
        #[deprecated = "for the test"]
        field: u8,
    },
}

/// Nothing.
#[derive(Debug, PartialEq, Eq, StateType)]
pub struct Unit;

#[test]
fn strict_crates_see_no_warning() {
    assert_eq!(Unit::SIZES, typeser::schema::Sizes::NOTHING);
}
