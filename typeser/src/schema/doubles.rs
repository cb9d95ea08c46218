//! Finds names and tags that occur twice. The cost is that of a sort at most, even for the names of a hostile snapshot.

use std::collections::HashSet;

/// The first name that occurs for the second time.
pub(crate) fn first_double<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let mut seen = Seen::of(names.clone().count());
    if names.clone().all(|name| seen.insert(name)) {
        return None;
    }
    let mut seen = HashSet::new();
    names.into_iter().find(|name| !seen.insert(*name))
}

/// The place of the first tag that occurs for the second time, and the place of the tag that it equals.
pub(crate) fn double_tag(tags: impl Iterator<Item = u32>) -> Option<(usize, usize)> {
    let mut tags: Vec<(u32, usize)> = tags.enumerate().map(|(place, tag)| (tag, place)).collect();
    tags.sort_unstable();
    let doubles = tags.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    doubles.map(|pair| (pair[0].1, pair[1].1)).min_by_key(|(_, second)| *second)
}

/// Names that were seen, by their hashes. A new name may be reported as seen, but never the reverse.
///
/// Open addressing with linear probing. Names may be chosen so that many collide: after too many probes, every name
/// counts as seen.
struct Seen {
    /// 0 marks a free slot.
    places: Vec<u32>,
    looks: usize,
}

impl Seen {
    /// With room for `count` names.
    fn of(count: usize) -> Self {
        /// How many probes a name may take, on average.
        const LOOKS: usize = 4;
        Self { places: vec![0; (count * 4).next_power_of_two()], looks: count * LOOKS + LOOKS }
    }

    /// Whether the name is new.
    fn insert(&mut self, name: &str) -> bool {
        let (at, hash) = self.place(name);
        let is_new = self.places[at] == 0;
        self.places[at] = hash;
        is_new
    }

    /// Where the name is, or would be.
    fn place(&mut self, name: &str) -> (usize, u32) {
        let hash = hash(name);
        let (mut at, hash) = (hash as usize & (self.places.len() - 1), (hash >> 32) as u32 | 1);
        while self.places[at] != 0 && self.places[at] != hash && self.looks > 0 {
            at = (at + 1) & (self.places.len() - 1);
            self.looks -= 1;
        }
        (at, hash)
    }
}

/// A hash of a name. Collisions cost time and nothing else.
fn hash(name: &str) -> u64 {
    let fold = |one: u64, other: u64| {
        let product = u128::from(one ^ 0x9E37_79B9_7F4A_7C15) * u128::from(other ^ 0xD6E8_FEB8_6659_FD93);
        (product >> 64) as u64 ^ product as u64
    };
    let bytes = name.as_bytes();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        let state = fold(u64::from_le_bytes(*first) ^ bytes.len() as u64, u64::from_le_bytes(*last));
        let (between, _) = bytes[8..].as_chunks::<8>();
        let between = &between[..between.len().saturating_sub(1)];
        return between.iter().fold(state, |state, word| fold(state, u64::from_le_bytes(*word)));
    }
    let word = bytes.iter().fold(bytes.len() as u64, |word, byte| word << 8 | u64::from(*byte));
    fold(word, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_occurs_twice_is_found_anywhere() {
        for count in [0, 1, 2, 3, 17, 300] {
            let names: Vec<String> = (0..count).map(|number| format!("name_{number}")).collect();
            assert_eq!(first_double(names.iter().map(String::as_str)), None);
            for double in names.iter().step_by(1 + count / 10) {
                let all = names.iter().chain([double]).map(String::as_str);
                assert_eq!(first_double(all), Some(double.as_str()));
            }
        }
    }

    #[test]
    fn names_with_one_hash_are_still_distinguished() {
        let all = |count: u32| (0..count).map(|number| format!("{number:06}-a-long-name-{number:06}"));
        let crowd: Vec<String> = all(2_000_000).filter(|name| hash(name) % 4096 == 7).collect();
        assert!(crowd.len() > 400, "{}", crowd.len());
        let names = || crowd.iter().map(String::as_str);
        let mut seen = Seen::of(crowd.len());
        assert!(!names().all(|name| seen.insert(name)), "they do not want one place");
        assert_eq!(first_double(names()), None);
        assert_eq!(first_double(names().chain([crowd[3].as_str()])), Some(crowd[3].as_str()));
    }
}
