//! Random types from a build script: each has the bytes of bincode and obeys the laws, for random values.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

mod support;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::hash::Hash;
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddrV4};
use std::num::{NonZero, Wrapping};
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use generated::TYPES;
use support::parity;

/// The number of values per type.
const VALUES: usize = 8;

#[allow(clippy::box_collection, clippy::vec_box, unreachable_pub, dead_code, reason = "the types are random")]
#[allow(clippy::all, reason = "the types are generated")]
mod generated {
    use super::*;
    use serde_derive::{Deserialize, Serialize};
    use typeser::StateType;

    include!(concat!(env!("OUT_DIR"), "/generated_types.rs"));

    /// Checks random values of every type, and counts the types.
    pub fn check_all(rng: &mut Rng) -> usize {
        let mut types = 0;
        macro_rules! check {
            ($type:ident) => {
                for _ in 0..VALUES {
                    parity(&$type::random(rng, 0));
                }
                types += 1;
            };
        }
        for_each_generated_type!(check);
        types
    }
}

#[test]
fn generated_types_have_the_bytes_of_bincode() {
    const { assert!(TYPES >= 200) };
    assert_eq!(generated::check_all(&mut Rng(1)), TYPES);
}

/// SplitMix64: the same values every time.
pub struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// The length of a collection: the deeper, the shorter.
    fn length(&mut self, depth: u32) -> u64 {
        self.below(u64::from(6u32.saturating_sub(depth)).max(1))
    }
}

/// A value at random; `depth` keeps it finite.
pub trait Random: Sized {
    /// A random value.
    fn random(rng: &mut Rng, depth: u32) -> Self;
}

macro_rules! integers {
    ($($type:ident)*) => { $(
        impl Random for $type {
            fn random(rng: &mut Rng, _depth: u32) -> Self {
                // As many small numbers as large ones: their variable forms differ in length.
                let bits = rng.below(129) as u32;
                let wide = u128::from(rng.next()) << 64 | u128::from(rng.next());
                wide.checked_shr(bits).unwrap_or(0) as $type
            }
        }
    )* };
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

macro_rules! random {
    ($([$($parameter:ident $(: $bound:path)?),*] $type:ty, |$rng:ident, $depth:ident| $value:expr;)*) => { $(
        impl<$($parameter: Random $(+ $bound)?),*> Random for $type {
            fn random($rng: &mut Rng, $depth: u32) -> Self {
                _ = $depth;
                $value
            }
        }
    )* };
}

random! {
    [] f32, |rng, depth| (i32::random(rng, depth) as Self) / 1024.0;
    [] f64, |rng, depth| (i64::random(rng, depth) as Self) / 1024.0;
    [] bool, |rng, depth| rng.below(2) == 1;
    [] char, |rng, depth| char::from_u32(u32::random(rng, depth) % 0x11_0000).unwrap_or('ß');
    [] (), |_rng, depth| ();
    [] String, |rng, depth| (0..rng.below(12)).map(|_| char::random(rng, depth)).collect();
    [] Box<str>, |rng, depth| String::random(rng, depth).into();
    [] PathBuf, |rng, depth| String::random(rng, depth).into();
    [] Duration, |rng, depth| Self::new(u64::random(rng, depth), rng.below(1_000_000_000) as u32);
    [] SystemTime, |rng, depth| UNIX_EPOCH + Duration::new(rng.below(1 << 40), rng.below(1_000_000_000) as u32);
    [] IpAddr, |rng, depth| if rng.below(2) == 0 {
        Self::V4(u32::random(rng, depth).into())
    } else {
        Self::V6(u128::random(rng, depth).into())
    };
    [] SocketAddrV4, |rng, depth| Self::new(u32::random(rng, depth).into(), u16::random(rng, depth));
    [] NonZero<u32>, |rng, depth| Self::new(u32::random(rng, depth)).unwrap_or(Self::MAX);
    [] NonZero<i64>, |rng, depth| Self::new(i64::random(rng, depth)).unwrap_or(Self::MIN);
    [] Wrapping<u16>, |rng, depth| Self(u16::random(rng, depth));
    [] Reverse<u8>, |rng, depth| Self(u8::random(rng, depth));
    [] Range<u32>, |rng, depth| u32::random(rng, depth)..u32::random(rng, depth);
    [] PhantomData<String>, |_rng, depth| PhantomData;
    [T] Box<T>, |rng, depth| Self::new(T::random(rng, depth + 1));
    [T] Option<T>, |rng, depth| (rng.length(depth) > 0).then(|| T::random(rng, depth + 1));
    [T] Vec<T>, |rng, depth| (0..rng.length(depth)).map(|_| T::random(rng, depth + 1)).collect();
    [T] VecDeque<T>, |rng, depth| Vec::random(rng, depth).into();
    [T: Ord] BTreeSet<T>, |rng, depth| (0..rng.length(depth)).map(|_| T::random(rng, depth + 1)).collect();
    [K: Ord, V] BTreeMap<K, V>, |rng, depth| (0..rng.length(depth)).map(|_| Random::random(rng, depth + 1)).collect();
    [A, B] (A, B), |rng, depth| (A::random(rng, depth), B::random(rng, depth));
    [T, E] Result<T, E>, |rng, depth| if rng.below(2) == 0 {
        Ok(T::random(rng, depth))
    } else {
        Err(E::random(rng, depth))
    };
}

impl<K: Random + Eq + Hash, V: Random> Random for HashMap<K, V> {
    fn random(rng: &mut Rng, depth: u32) -> Self {
        (0..rng.length(depth)).map(|_| Random::random(rng, depth + 1)).collect()
    }
}

impl<T: Random, const N: usize> Random for [T; N] {
    fn random(rng: &mut Rng, depth: u32) -> Self {
        std::array::from_fn(|_| T::random(rng, depth + 1))
    }
}
