//! Types as other crates have them: none implements `StateType`, and their fields are private where theirs are.

#![allow(unreachable_pub, reason = "a stand-in for other crates")]

use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::str::FromStr;
use std::sync::Arc;

/// A type whose text is its only public form.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $valid:expr, $refused:literal;)*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.into())) } else { Err($refused.to_owned()) }
            }
        }
    )* };
}

texts! {
    /// An interned name.
    Symbol: |_| true, "";
    /// The identifier of a peer: digits of base 58.
    PeerId: |text| text.len() >= 4 && text.chars().all(|letter| letter.is_ascii_alphanumeric()), "not base 58";
    /// An address on the web.
    Url: |text| text.contains("://"), "no scheme";
    /// A domain.
    Hostname: |text| !text.is_empty() && !text.contains(' '), "not a hostname";
    /// A number with as many digits as it needs.
    BigDecimal: |text| text.parse::<f64>().is_ok(), "not a number";
    /// A block of addresses.
    Cidr: |text| text.contains('/'), "no prefix length";
    /// A time zone.
    Zone: |text| text.contains('/'), "no such time zone";
    /// A content type.
    Media: |text| text.contains('/'), "no subtype";
}

/// A version of a package.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release {
    pub major: u64,
    pub minor: u64,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Release {
    type Err = Box<dyn std::error::Error>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (major, minor) = text.split_once('.').ok_or("no point")?;
        Ok(Self { major: major.parse()?, minor: minor.parse()? })
    }
}

/// A severity with names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    Info,
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Info { "INFO" } else { "ERROR" })
    }
}

impl FromStr for Level {
    type Err = fmt::Error;

    fn from_str(text: &str) -> Result<Self, fmt::Error> {
        match text {
            "INFO" => Ok(Self::Info),
            "ERROR" => Ok(Self::Error),
            _ => Err(fmt::Error),
        }
    }
}

/// A newtype around an integer, with conversions both ways.
macro_rules! integers {
    ($($name:ident $integer:ident;)*) => { $(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name($integer);

        impl From<$integer> for $name {
            fn from(value: $integer) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $integer {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    )* };
}

integers! { Slot u64; Millis i64; Epoch u32; Amount u128; }

/// 32 bytes of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl From<Digest> for [u8; 32] {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

/// A key of cryptography, which is not any 4 bytes; it cannot be cloned.
#[derive(Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 4]);

impl PublicKey {
    pub fn to_bytes(&self) -> [u8; 4] {
        self.0
    }

    pub fn from_bytes(bytes: [u8; 4]) -> Result<Self, &'static str> {
        if bytes[0].is_multiple_of(2) { Ok(Self(bytes)) } else { Err("not a point of the curve") }
    }
}

/// Bit flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Access(u8);

impl Access {
    pub const READ: Self = Self(1);
    pub const WRITE: Self = Self(2);

    pub fn bits(&self) -> u8 {
        self.0
    }

    pub fn from_bits(bits: u8) -> Option<Self> {
        (bits < 4).then_some(Self(bits))
    }
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    _program: Vec<u8>,
}

impl Pattern {
    pub fn new(source: &str) -> Result<Self, String> {
        match source.contains('(') && !source.contains(')') {
            true => Err("unclosed group".to_owned()),
            false => Ok(Self { source: source.to_owned(), _program: source.bytes().collect() }),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.source
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// A list that is never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct NonEmpty<T>(Vec<T>);

impl<T> TryFrom<Vec<T>> for NonEmpty<T> {
    type Error = &'static str;

    fn try_from(list: Vec<T>) -> Result<Self, Self::Error> {
        if list.is_empty() { Err("the list is empty") } else { Ok(Self(list)) }
    }
}

impl<T> From<NonEmpty<T>> for Vec<T> {
    fn from(list: NonEmpty<T>) -> Self {
        list.0
    }
}

/// A set of integers in an encoding of its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bitmap(u64);

impl Bitmap {
    pub fn from_sorted(values: Vec<u32>) -> Self {
        Self(values.iter().fold(0, |bits, value| bits | 1 << value))
    }

    pub fn to_vec(&self) -> Vec<u32> {
        (0..64).filter(|value| self.0 >> value & 1 == 1).collect()
    }
}

/// A place with public fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub latitude: f64,
    pub longitude: f64,
}

/// A box of two places.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds(pub Place, pub Place);

/// What became of a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<T> {
    Waiting,
    Done(T),
    Failed { code: i32, reason: String },
}

/// A tree of names.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    pub name: Symbol,
    pub children: Vec<Tree>,
}

/// A limit with private fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Quota {
    per_second: u32,
    burst: Option<u32>,
}

impl Quota {
    pub fn new(per_second: u32, burst: Option<u32>) -> Self {
        Self { per_second, burst }
    }

    pub fn per_second(&self) -> u32 {
        self.per_second
    }

    pub fn burst(&self) -> Option<u32> {
        self.burst
    }
}

/// A hasher that is faster than the standard library's.
#[derive(Default)]
pub struct Quick(u64);

impl Hasher for Quick {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(5) ^ u64::from(*byte);
        }
    }
}

pub type QuickHasher = BuildHasherDefault<Quick>;
pub type QuickMap<K, V> = std::collections::HashMap<K, V, QuickHasher>;
pub type QuickSet<T> = std::collections::HashSet<T, QuickHasher>;
