//! Matches the names of both sides, and finds names that are used twice.
//!
//! Most releases keep most names in their order, so names are compared in order first, and only those that are left
//! over are looked up. Nothing here costs more than a sort, even for the names of a hostile snapshot.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::schema::{Field, Variant};

/// How far to look ahead for a name where one side has more names.
const AHEAD: usize = 4;

/// Lists of at most this many names are searched linearly.
const FEW: usize = 16;

/// With more new names than this, no guess is made which one a stored name became.
const MOST_ADDED: usize = 64;

/// An item with a name to match by.
pub(super) trait Named {
    fn name(&self) -> &str;
}

impl Named for Field {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Variant {
    fn name(&self) -> &str {
        &self.name
    }
}

/// The matches between stored and new items.
pub(super) struct Matches {
    /// For every stored item the index of its match: the new item of that name, or else the one with that alias.
    pub(super) of_stored: Vec<Option<usize>>,
    /// For every new item the index of the stored one.
    pub(super) of_new: Vec<Option<usize>>,
    /// The stored items without a match of the same name.
    others: Vec<usize>,
}

impl Matches {
    /// `aliases` returns the aliases of the new item at an index.
    pub(super) fn of<'a, T: Named>(stored: &'a [T], new: &'a [T], aliases: impl Fn(usize) -> &'a [String]) -> Self {
        let mut matches = Self::in_order(stored, new);
        let left: Vec<usize> = (0..stored.len()).filter(|at| matches.of_stored[*at].is_none()).collect();
        if left.is_empty() {
            return matches;
        }
        let added: Vec<usize> = matches.added().collect();
        let by_name: HashMap<&str, usize> = added.iter().map(|at| (new[*at].name(), *at)).collect();
        for at in left {
            if !matches.pair(at, by_name.get(stored[at].name()).copied()) {
                matches.others.push(at);
            }
        }
        let by_alias: HashMap<&str, usize> = added
            .iter()
            .filter(|at| matches.of_new[**at].is_none())
            .flat_map(|at| aliases(*at).iter().map(|alias| (alias.as_str(), *at)))
            .collect();
        for other in 0..matches.others.len() {
            let at = matches.others[other];
            matches.pair(at, by_alias.get(stored[at].name()).copied());
        }
        matches
    }

    /// The matches of items in the same order, apart from a few additional names on one side.
    fn in_order<T: Named>(stored: &[T], new: &[T]) -> Self {
        let mut matches =
            Self { of_stored: vec![None; stored.len()], of_new: vec![None; new.len()], others: Vec::new() };
        let ahead = |things: &[T], name: &str| things.iter().take(AHEAD).position(|thing| thing.name() == name);
        let (mut at, mut next) = (0, 0);
        while at < stored.len() && next < new.len() {
            if let Some(more) = ahead(&new[next..], stored[at].name()) {
                next += more;
                matches.pair(at, Some(next));
            } else if let Some(more) = ahead(&stored[at..], new[next].name()) {
                at += more;
                continue;
            }
            at += 1;
            next += 1;
        }
        matches
    }

    /// Matches a new item with a stored one, if it has no match yet.
    fn pair(&mut self, stored: usize, new: Option<usize>) -> bool {
        let Some(new) = new.filter(|new| self.of_new[*new].is_none()) else { return false };
        self.of_stored[stored] = Some(new);
        self.of_new[new] = Some(stored);
        true
    }

    /// The new items without a stored match.
    pub(super) fn added(&self) -> impl Iterator<Item = usize> {
        self.of_new.iter().enumerate().filter(|(_, stored)| stored.is_none()).map(|(at, _)| at)
    }
}

/// A name that is used twice: by two stored items, or by two of all names of the new side.
///
/// Stored items with a match of the same name differ if the new names do, so only the others are compared.
pub(super) fn clash<'a, T: Named>(
    stored: &'a [T],
    new: &'a [T],
    matches: &Matches,
    further: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let names = |things: &'a [T]| things.iter().map(Named::name);
    let mut others = matches.others.iter().map(|at| stored[*at].name());
    let mut claimed = Seen::of(new.len() + further.clone().count());
    let mut removed = Seen::of(matches.others.len());
    let differ = names(new).all(|name| claimed.insert(name))
        && others.all(|name| !claimed.holds(name) && removed.insert(name))
        && further.clone().all(|name| claimed.insert(name));
    if differ {
        return None;
    }
    exactly_double(names(stored)).or_else(|| exactly_double(names(new).chain(further)))
}

/// The first name that occurs for the second time.
pub(super) fn first_double<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let mut seen = Seen::of(names.clone().count());
    if names.clone().all(|name| seen.insert(name)) {
        return None;
    }
    exactly_double(names)
}

fn exactly_double<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = HashSet::new();
    names.find(|name| !seen.insert(*name))
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

    fn holds(&mut self, name: &str) -> bool {
        let (at, _) = self.place(name);
        self.places[at] != 0
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

/// The least tag that occurs more than once.
pub(super) fn double_tag(tags: impl Iterator<Item = u32>) -> Option<u32> {
    let mut tags: Vec<u32> = tags.collect();
    tags.sort_unstable();
    tags.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
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

/// A list of names for repeated lookups.
pub(super) struct NameSet<'a, T> {
    things: &'a [T],
    name: fn(&T) -> &str,
    places: OnceCell<HashMap<&'a str, usize>>,
}

impl<'a, T> NameSet<'a, T> {
    pub(super) fn new(things: &'a [T], name: fn(&T) -> &str) -> Self {
        Self { things, name, places: OnceCell::new() }
    }

    /// The first item of this name.
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

/// The new items without a stored match.
pub(super) struct Added {
    places: Vec<usize>,
}

impl Added {
    pub(super) fn of(matches: &Matches) -> Self {
        Self { places: matches.added().collect() }
    }

    /// The only item that qualifies; `None` if there are too many to guess.
    pub(super) fn only(&self, will_do: impl Fn(usize) -> bool) -> Option<usize> {
        let mut found = self.places.iter().copied().filter(|at| will_do(*at));
        (self.places.len() <= MOST_ADDED).then(|| found.next().filter(|_| found.next().is_none()))?
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
    fn names_that_want_one_place_are_told_apart_all_the_same() {
        let all = |count: u32| (0..count).map(|number| format!("{number:06}-a-long-name-{number:06}"));
        let crowd: Vec<String> = all(2_000_000).filter(|name| hash(name) % 4096 == 7).collect();
        assert!(crowd.len() > 400, "{}", crowd.len());
        let names = || crowd.iter().map(String::as_str);
        let mut seen = Seen::of(crowd.len());
        assert!(!names().all(|name| seen.insert(name)), "they do not want one place");
        assert_eq!(first_double(names()), None);
        assert_eq!(first_double(names().chain([crowd[3].as_str()])), Some(crowd[3].as_str()));
    }

    #[test]
    fn each_kind_of_clash_is_found() {
        let field = |name: &str| Field { name: name.to_owned(), node: crate::schema::NodeId::ROOT };
        let fields = |names: &str| names.split_whitespace().map(field).collect::<Vec<Field>>();
        for (stored, new, aliases, expected) in [
            ("a b c", "a b c", "", None),
            ("a b c", "a d c", "b", None),
            ("a b c", "c b a", "", None),
            ("a b a", "a b", "", Some("a")),
            ("a b b", "a c", "b", Some("b")),
            ("x x", "a", "", Some("x")),
            ("a b", "a b a", "", Some("a")),
            ("a b", "a b", "b", Some("b")),
            ("a b", "a b", "x x", Some("x")),
            ("a x", "a y", "x a", Some("a")),
        ] {
            let (stored, new) = (fields(stored), fields(new));
            let further: Vec<String> = aliases.split_whitespace().map(str::to_owned).collect();
            // All aliases are those of the last new one.
            let of = |at: usize| if at + 1 == new.len() { further.as_slice() } else { &[] };
            let matches = Matches::of(&stored, &new, of);
            assert_eq!(clash(&stored, &new, &matches, further.iter().map(String::as_str)), expected);
        }
    }
}
