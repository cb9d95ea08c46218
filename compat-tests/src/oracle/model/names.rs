//! The match of new names with stored names.

use std::collections::HashSet;

/// For every new name, the position of the stored one: the same name, or else the first alias that is not a new name.
pub(super) fn sources(stored: &[&str], new: &[&str], aliases: &[&[String]]) -> Vec<Option<usize>> {
    let places = new.iter().zip(aliases).map(|(name, aliases)| {
        let same = stored.iter().position(|stored| stored == name);
        let free = |stored: &str| !new.contains(&stored) && aliases.iter().any(|alias| alias == stored);
        same.or_else(|| stored.iter().position(|stored| free(stored)))
    });
    places.collect()
}

/// Whether a name is ambiguous.
pub(super) fn clash(stored: &[&str], new: &[&str], aliases: &[&[String]], removed: &[&str]) -> bool {
    let aliases = aliases.iter().copied().flatten().map(String::as_str);
    let claims: Vec<&str> = new.iter().copied().chain(aliases).chain(removed.iter().copied()).collect();
    let doubled = |names: &[&str]| names.iter().collect::<HashSet<_>>().len() != names.len();
    doubled(stored) || doubled(&claims)
}
