//! Matches the names of both sides.
//!
//! Most releases keep most names in their order, so names are compared in order first, and only those that are left
//! over are looked up. Nothing here costs more than a sort, even for the names of a hostile snapshot.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::steps::step;
use crate::schema::{Field, Variant};
use crate::snapshot::{EnumHints, RecordHints};

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
    /// The stored items without a match, with the new item that has their name as an alias and another match.
    pub(super) merged: HashMap<usize, usize>,
    /// The stored items whose match has an earlier name of theirs.
    pub(super) earlier: HashSet<usize>,
    /// For new items, the stored ones that become them.
    sources: OnceCell<HashMap<usize, Vec<usize>>>,
}

impl Matches {
    /// The matches of fields; `downwards` also by the aliases of the stored ones.
    pub(super) fn of_fields<'a>(
        stored: &'a [Field],
        was: &'a RecordHints,
        new: &'a [Field],
        hints: &'a RecordHints,
        downwards: bool,
    ) -> Self {
        let mut matches = Self::of(stored, new, |at| &hints.fields[at].aliases);
        if downwards {
            matches.match_earlier(stored, new, |at| was.fields.get(at).map_or(&[], |hints| hints.aliases.as_slice()));
        }
        matches
    }

    /// The matches of variants; `downwards` also by the aliases of the stored ones.
    pub(super) fn of_variants<'a>(
        stored: &'a [Variant],
        was: &'a EnumHints,
        new: &'a [Variant],
        hints: &'a EnumHints,
        downwards: bool,
    ) -> Self {
        let mut matches = Self::of(stored, new, |at| &hints.variants[at].aliases);
        if downwards {
            matches.match_earlier(stored, new, |at| was.variants.get(at).map_or(&[], |hints| hints.aliases.as_slice()));
        }
        matches
    }

    /// `aliases` returns the aliases of the new item at an index.
    pub(super) fn of<'a, T: Named>(stored: &'a [T], new: &'a [T], aliases: impl Fn(usize) -> &'a [String]) -> Self {
        let mut matches = Self::in_order(stored, new);
        let left: Vec<usize> = (0..stored.len()).filter(|at| matches.of_stored[*at].is_none()).collect();
        if left.is_empty() {
            return matches;
        }
        let added: Vec<usize> = matches.added().collect();
        let by_name: HashMap<&str, usize> = added.iter().map(|at| (new[*at].name(), *at)).collect();
        let mut others = left;
        others.retain(|at| !matches.pair(*at, by_name.get(stored[*at].name()).copied()));
        if others.is_empty() {
            return matches;
        }
        let by_alias: HashMap<&str, usize> =
            (0..new.len()).flat_map(|at| aliases(at).iter().map(move |alias| (alias.as_str(), at))).collect();
        for other in others {
            let named = by_alias.get(stored[other].name()).copied();
            if !matches.pair(other, named) {
                matches.merged.extend(named.map(|at| (other, at)));
            }
        }
        matches
    }

    /// Matches stored items without a match with the new item that has an earlier name of theirs. If there are several, it
    /// is unknown which one they were, and none matches.
    fn match_earlier<'a, T: Named>(&mut self, stored: &'a [T], new: &'a [T], aliases: impl Fn(usize) -> &'a [String]) {
        let left = (0..stored.len()).filter(|at| self.of_stored[*at].is_none() && !self.merged.contains_key(at));
        let left: Vec<usize> = left.filter(|at| !aliases(*at).is_empty()).collect();
        if left.is_empty() {
            return;
        }
        let by_name: HashMap<&str, usize> = new.iter().enumerate().map(|(at, item)| (item.name(), at)).collect();
        for at in left {
            let mut named = aliases(at).iter().filter_map(|alias| by_name.get(alias.as_str()).copied());
            if let (Some(earlier), None) = (named.next(), named.next())
                && self.pair(at, Some(earlier))
            {
                self.earlier.insert(at);
            }
        }
    }

    /// The matches of items in the same order, apart from a few additional names on one side.
    fn in_order<T: Named>(stored: &[T], new: &[T]) -> Self {
        let mut matches = Self {
            of_stored: vec![None; stored.len()],
            of_new: vec![None; new.len()],
            merged: HashMap::new(),
            earlier: HashSet::new(),
            sources: OnceCell::new(),
        };
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

    /// The stored items that become a new one: its match, and those merged into it.
    pub(super) fn sources(&self, new: usize) -> &[usize] {
        let sources = self.sources.get_or_init(|| {
            let mut sources: HashMap<usize, Vec<usize>> = HashMap::new();
            for (stored, at) in self.of_stored.iter().enumerate() {
                step();
                if let Some(new) = at.or_else(|| self.merged.get(&stored).copied()) {
                    sources.entry(new).or_default().push(stored);
                }
            }
            sources
        });
        sources.get(&new).map_or(&[], Vec::as_slice)
    }

    /// The new items without a stored match.
    pub(super) fn added(&self) -> impl Iterator<Item = usize> {
        self.of_new.iter().enumerate().filter(|(_, stored)| stored.is_none()).map(|(at, _)| at)
    }
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
        self.place(name).map(|at| &self.things[at])
    }

    /// The index of the first item of this name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        step();
        if self.things.len() <= FEW {
            return self.things.iter().position(|thing| (self.name)(thing) == name);
        }
        let places = self.places.get_or_init(|| {
            let places = self.things.iter().enumerate().rev();
            places.map(|(at, thing)| ((self.name)(thing), at)).collect()
        });
        places.get(name).copied()
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
