//! Keys that become one: among those that are being written, and in bounded memory where nothing is written.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_128;

/// Calls `collision` with the number of each key that came before: in the same batch, or, as `has` says, in an earlier
/// one.
pub(crate) fn for_each_collision<'k, E>(
    keys: impl Iterator<Item = &'k [u8]>,
    mut has: impl FnMut(&[u8]) -> Result<bool, E>,
    mut collision: impl FnMut(usize) -> Result<(), E>,
) -> Result<(), E> {
    let mut seen = HashSet::new();
    for (number, key) in keys.enumerate() {
        if !seen.insert(key) || has(key)? {
            collision(number)?;
        }
    }
    Ok(())
}

/// Finds which two stored keys became one, when the keys are read again for the error.
pub(crate) struct Colliding<'k> {
    /// The one that they became.
    new: &'k [u8],
    first: Option<Vec<u8>>,
}

impl<'k> Colliding<'k> {
    pub(crate) fn new(new: &'k [u8]) -> Self {
        Self { new, first: None }
    }

    /// Takes a stored key and what becomes of it; the two stored keys once there are two.
    pub(crate) fn take(&mut self, stored: &[u8], new: &[u8]) -> Option<[Vec<u8>; 2]> {
        if new != self.new {
            return None;
        }
        match self.first.as_deref() {
            Some(first) if first != stored => Some([first.to_vec(), stored.to_vec()]),
            Some(_) => None,
            None => {
                self.first = Some(stored.to_vec());
                None
            }
        }
    }
}

/// What is kept of a key: hashes of the new one and of the stored one, and what a table adds to that.
const KEPT: usize = 2 * size_of::<u128>() + 16;

/// Compares new keys with each other, in as many passes as needed: each compares the keys whose hashes belong to it.
pub(crate) struct Distinct {
    passes: u64,
    pass: u64,
    seen: HashMap<u128, u128, BuildHasherDefault<Hashed>>,
}

/// What is hashed already.
#[derive(Default)]
struct Hashed(u64);

impl Distinct {
    /// For at most this many keys.
    pub(crate) fn new(keys: u64, memory: usize) -> Self {
        let fit = (memory / KEPT).max(16) as u64;
        Self { passes: keys.div_ceil(fit).max(1), pass: 0, seen: HashMap::default() }
    }

    /// How many passes over all keys it takes.
    pub(crate) fn passes(&self) -> u64 {
        self.passes
    }

    /// Begins a pass, from 0.
    pub(crate) fn begin(&mut self, pass: u64) {
        self.pass = pass;
        self.seen.clear();
    }

    /// Clears the keys: the next ones belong to another map.
    pub(crate) fn forget(&mut self) {
        self.seen.clear();
    }

    /// Takes a new key that `stored` becomes; whether another stored key became the same before.
    ///
    /// 128 bits decide. That two keys share them by accident will not happen; by design it can, and is then reported as
    /// a collision where there is none.
    pub(crate) fn collides(&mut self, stored: &[u8], new: &[u8]) -> bool {
        let new = xxh3_128(new);
        if new as u64 % self.passes != self.pass {
            return false;
        }
        let stored = xxh3_128(stored);
        *self.seen.entry(new).or_insert(stored) != stored
    }
}

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // The upper half: the lower one selects the pass.
        if let Some(upper) = bytes.last_chunk() {
            self.0 = u64::from_ne_bytes(*upper);
        }
    }

    fn write_u128(&mut self, number: u128) {
        self.0 = (number >> 64) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collision_is_found_in_one_of_the_passes() {
        for memory in [1 << 20, 5_000, 0] {
            let mut distinct = Distinct::new(1_000, memory);
            assert_eq!(distinct.passes() == 1, memory == 1 << 20);
            let mut found = Vec::new();
            for pass in 0..distinct.passes() {
                distinct.begin(pass);
                for stored in 0..1_000u32 {
                    // The same stored key may come many times: each state of an operator has it.
                    for _ in 0..2 {
                        if distinct.collides(&stored.to_le_bytes(), &(stored % 990).to_le_bytes()) {
                            found.push(stored);
                        }
                    }
                }
            }
            found.sort_unstable();
            found.dedup();
            assert_eq!(found, (990..1_000).collect::<Vec<_>>(), "{memory}");
        }
    }
}
