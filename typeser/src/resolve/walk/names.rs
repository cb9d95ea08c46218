//! Names: which of one side stand for which of the other, and which stand for two things.
//!
//! Most releases keep most names in their order, so names are compared in order first, and only those that are left
//! over are looked up. Nothing here costs more than a sort, whatever names a hostile snapshot holds.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// How far names are looked ahead for, where one side has more than the other.
const AHEAD: usize = 4;

/// Lists of names that are no longer than this are searched as they are.
const FEW: usize = 16;

/// Among more new names than this nobody guesses which one a stored one became.
const FRESH: usize = 64;

/// For every stored name the place of its partner: the new thing of that name, or else the one with that alias.
pub(in crate::resolve) fn partners<'a>(
    stored: impl Iterator<Item = &'a str>,
    new: &[&'a str],
    aliases: &[&'a [String]],
) -> Vec<Option<usize>> {
    let stored: Vec<&str> = stored.collect();
    let (mut partner, mut taken) = in_order(&stored, new);
    if partner.iter().all(Option::is_some) {
        return partner;
    }
    let left = |taken: &[bool], at: usize| !taken[at];
    let by_name: HashMap<&str, usize> =
        new.iter().enumerate().filter(|(at, _)| left(&taken, *at)).map(|(at, name)| (*name, at)).collect();
    for (name, partner) in stored.iter().zip(&mut partner).filter(|(_, partner)| partner.is_none()) {
        *partner = by_name.get(name).copied().filter(|at| !std::mem::replace(&mut taken[*at], true));
    }
    let by_alias: HashMap<&str, usize> = aliases
        .iter()
        .enumerate()
        .filter(|(at, _)| left(&taken, *at))
        .flat_map(|(at, aliases)| aliases.iter().map(move |alias| (alias.as_str(), at)))
        .collect();
    for (name, partner) in stored.iter().zip(&mut partner).filter(|(_, partner)| partner.is_none()) {
        *partner = by_alias.get(name).copied().filter(|at| !std::mem::replace(&mut taken[*at], true));
    }
    partner
}

/// The partners that stand in the same order, apart from a few names more on one side; and which new ones they are.
fn in_order(stored: &[&str], new: &[&str]) -> (Vec<Option<usize>>, Vec<bool>) {
    let mut partner = vec![None; stored.len()];
    let mut taken = vec![false; new.len()];
    let (mut at, mut next) = (0, 0);
    while at < stored.len() && next < new.len() {
        let missing = || new[next..].iter().take(AHEAD).position(|name| *name == stored[at]);
        let gone = || stored[at..].iter().take(AHEAD).position(|name| *name == new[next]);
        if let Some(more) = missing() {
            next += more;
            partner[at] = Some(next);
            taken[next] = true;
        } else if let Some(more) = gone() {
            at += more;
            continue;
        }
        at += 1;
        next += 1;
    }
    (partner, taken)
}

/// The first name that is there for the second time.
pub(super) fn first_double<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    if all_differ(names.clone().map(hash).collect()) {
        return None;
    }
    let mut seen = HashSet::new();
    let mut names = names;
    names.find(|name| !seen.insert(*name))
}

/// Whether no hash is there twice.
///
/// Hashes take the first free place from their own on. Names may be chosen so that many want the same: whoever has to
/// look at too many places sorts instead.
fn all_differ(mut hashes: Vec<u64>) -> bool {
    /// How many places a name may look at, on average.
    const LOOKS: usize = 4;
    let places = (hashes.len() * 2).next_power_of_two();
    let mut taken = vec![0u64; places];
    let mut left = hashes.len() * LOOKS;
    for hash in &hashes {
        // 0 marks a free place.
        let hash = *hash | 1;
        let mut at = (hash >> 32) as usize % places;
        while taken[at] != 0 && taken[at] != hash && left > 0 {
            at = (at + 1) % places;
            left -= 1;
        }
        if left == 0 {
            break;
        }
        if taken[at] == hash {
            return false;
        }
        taken[at] = hash;
    }
    if left > 0 {
        return true;
    }
    hashes.sort_unstable();
    hashes.is_sorted_by(|one, next| one < next)
}

/// The least tag that is there more than once.
pub(super) fn double_tag(tags: impl Iterator<Item = u32>) -> Option<u32> {
    let mut tags: Vec<u32> = tags.collect();
    tags.sort_unstable();
    tags.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Spreads names over all numbers; that two of them fall together costs time and nothing else.
fn hash(name: &str) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |state: u64, word: u64| (state ^ word).wrapping_mul(FACTOR).rotate_left(29);
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let state = words.iter().fold(name.len() as u64, |state, word| mix(state, u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(mix(state, u64::from_le_bytes(last)), 0)
}

/// A list of names that is asked more than once whether it holds one.
pub(super) struct Among<'a, T> {
    things: &'a [T],
    name: fn(&T) -> &str,
    places: OnceCell<HashMap<&'a str, usize>>,
}

impl<'a, T> Among<'a, T> {
    pub(super) fn new(things: &'a [T], name: fn(&T) -> &str) -> Self {
        Self { things, name, places: OnceCell::new() }
    }

    /// The first thing of this name.
    pub(super) fn get(&self, name: &str) -> Option<&'a T> {
        if self.things.len() <= FEW {
            return self.things.iter().find(|thing| (self.name)(thing) == name);
        }
        let places = self.places.get_or_init(|| {
            let places = self.things.iter().enumerate().rev();
            places.map(|(at, thing)| ((self.name)(thing), at)).collect()
        });
        places.get(name).map(|at| &self.things[*at])
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// The new things that nothing stored stands for.
pub(super) struct Fresh {
    places: Vec<usize>,
}

impl Fresh {
    /// Of so many new things, with the places of those that stored ones stand for.
    pub(super) fn of(new: usize, partner: &[Option<usize>]) -> Self {
        let mut taken = vec![false; new];
        partner.iter().flatten().for_each(|at| taken[*at] = true);
        Self { places: (0..new).filter(|at| !taken[*at]).collect() }
    }

    /// The only one that will do. Among many nobody guesses.
    pub(super) fn only(&self, will_do: impl Fn(usize) -> bool) -> Option<usize> {
        let mut found = self.places.iter().copied().filter(|at| will_do(*at));
        (self.places.len() <= FRESH).then(|| found.next().filter(|_| found.next().is_none()))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_there_twice_is_found_wherever_it_stands() {
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
    fn hashes_that_want_one_place_are_told_apart_all_the_same() {
        let crowd: Vec<u64> = (0..5_000).map(|number| number << 1).collect();
        assert!(all_differ(crowd.clone()));
        let double = crowd.iter().copied().chain([4_000]).collect();
        assert!(!all_differ(double));
    }
}
