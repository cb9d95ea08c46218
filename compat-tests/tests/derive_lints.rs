//! The expansion causes no warnings under lints that a strict crate enables, also in code with the user's spans.
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

/// A type with everything that could cause warnings in an expansion.
#[derive(Debug, PartialEq, Eq, Hash, StateType)]
#[state(key, version = 3, alias = "Old", removed("gone"), migrate(1 => Self::first, 2 => Self::second))]
pub struct Strict<T> {
    /// Contains the type itself.
    pub list: Option<Box<Strict<T>>>,
    /// With an explicit default.
    #[state(default = 1)]
    pub number: u64,
    /// With the default of its type.
    #[state(default, none = Vec::new(), convert(String, with = String::into_bytes))]
    pub bytes: Vec<u8>,
    /// Contains the parameter.
    pub value: T,
}

impl<T> Strict<T> {
    fn first(values: Vec<T>) -> Option<T> {
        values.into_iter().next()
    }

    fn second(value: Option<T>) -> Result<Self, &'static str> {
        let value = value.ok_or("nothing to keep")?;
        Ok(Self { list: None, number: 1, bytes: Vec::new(), value })
    }
}

/// A mirror of [`Remote`].
#[derive(Debug, StateType)]
#[state(remote = "Remote")]
pub struct Mirror {
    /// A text.
    #[state(text)]
    pub address: std::net::IpAddr,
    /// A stand-in.
    #[state(as = Vec<u64>)]
    pub numbers: Vec<u32>,
    /// With functions.
    #[state(as(u64, into = wide, from = u32::try_from))]
    pub number: u32,
}

/// A type of another crate.
#[derive(Debug, PartialEq, Eq)]
pub struct Remote {
    /// A text.
    pub address: std::net::IpAddr,
    /// A stand-in.
    pub numbers: Vec<u32>,
    /// With functions.
    pub number: u32,
}

/// A field with a mirror.
#[derive(Debug, PartialEq, Eq, StateType)]
pub struct Foreign<T> {
    /// The mirror.
    #[state(as = Mirror)]
    pub remote: Remote,
    /// The parameter beside a text.
    #[state(text(std::net::IpAddr))]
    pub pairs: Vec<(std::net::IpAddr, T)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "`into` takes a reference")]
fn wide(number: &u32) -> u64 {
    u64::from(*number)
}

/// An enum whose variants are deprecated and partly unused.
#[derive(Debug, PartialEq, Eq, StateType)]
#[state(removed("Gone", becomes = Choice::Plain))]
pub enum Choice {
    /// One.
    #[state(other)]
    Plain,
    /// Two.
    #[deprecated = "for the test"]
    Old(u8),
    /// Three.
    Named {
        /// Deprecated too.
        #[deprecated = "for the test"]
        #[state(none = 4, convert(char, with = digit))]
        field: u8,
    },
}

fn digit(letter: char) -> Result<u8, std::char::TryFromCharError> {
    u8::try_from(letter)
}

/// A struct with a deprecated field of a deprecated type.
#[derive(Debug, StateType)]
pub struct Deprecated {
    /// One.
    #[deprecated = "for the test"]
    pub field: u8,
    /// Two.
    #[deprecated = "for the test"]
    #[state(default)]
    pub other: [u8; 1],
}

/// Nothing.
#[derive(Debug, PartialEq, Eq, StateType)]
pub struct Unit;

/// The library by a longer path than necessary.
pub mod renamed {
    extern crate typeser as other;

    /// By that path.
    #[derive(Debug, PartialEq, Eq, Hash, other::StateType)]
    #[state(crate = self::other, key)]
    pub struct Record {
        /// One.
        pub number: u64,
    }
}

#[test]
fn strict_crates_see_no_warning() {
    assert_eq!(Unit::SIZES, typeser::schema::Sizes::NOTHING);
}
