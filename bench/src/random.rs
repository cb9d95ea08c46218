//! A small seeded generator of numbers: the same data on every machine.

use std::ops::Range;

/// SplitMix64 (Steele, Lea, Flood 2014): one addition and three mixing steps per number.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From this range; the tiny bias of the remainder is negligible here.
    pub fn within(&mut self, range: Range<i64>) -> i64 {
        let width = (range.end - range.start).cast_unsigned();
        range.start + (self.bits() % width).cast_signed()
    }

    pub fn index(&mut self, length: usize) -> usize {
        (self.bits() % length as u64) as usize
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn flag(&mut self) -> bool {
        self.bits() & 1 == 1
    }

    /// From 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn unit32(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u32 << 24) as f32
    }

    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.index(from.len())]
    }

    pub fn word(&mut self, from: &[&str]) -> String {
        self.pick(from).to_owned()
    }

    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.flag() { Some(make(self)) } else { None }
    }

    pub fn many<T>(&mut self, count: Range<i64>, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.within(count);
        (0..count).map(|_| make(self)).collect()
    }
}
