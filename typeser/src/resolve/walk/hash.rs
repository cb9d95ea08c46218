//! A hash of a few small numbers: several times faster than the standard library's, which is made for text.
//!
//! It is seeded, so that no snapshot can be made whose pairs of nodes collide.

use std::hash::{BuildHasher, Hasher, RandomState};

/// What a map of numbers hashes with.
#[derive(Debug, Clone)]
pub(super) struct Seed(u64);

/// Numbers while they are mixed.
#[derive(Debug)]
pub(super) struct Mixed(u64);

impl Seed {
    pub(super) fn new() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl BuildHasher for Seed {
    type Hasher = Mixed;

    fn build_hasher(&self) -> Mixed {
        Mixed(self.0)
    }
}

impl Mixed {
    /// Both halves of a product are mixed, so that each bit of a number reaches all bits.
    fn mix(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * 0x9E37_79B9_7F4A_7C15;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

impl Hasher for Mixed {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.mix(u64::from(*byte)));
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(u64::from(number));
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.mix(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
