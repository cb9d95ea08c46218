//! Which stored name a new one stands for.

use std::collections::HashSet;

/// For every new name the place of the stored one: that of the same name, or else the first that is an alias and that
/// no new name takes.
pub(super) fn sources(stored: &[&str], new: &[&str], aliases: &[&[String]]) -> Vec<Option<usize>> {
    let places = new.iter().zip(aliases).map(|(name, aliases)| {
        let same = stored.iter().position(|stored| stored == name);
        let free = |stored: &str| !new.contains(&stored) && aliases.iter().any(|alias| alias == stored);
        same.or_else(|| stored.iter().position(|stored| free(stored)))
    });
    places.collect()
}

/// Whether a name stands for two things.
pub(super) fn clash(stored: &[&str], new: &[&str], aliases: &[&[String]], removed: &[&str]) -> bool {
    let aliases = aliases.iter().copied().flatten().map(String::as_str);
    let claims: Vec<&str> = new.iter().copied().chain(aliases).chain(removed.iter().copied()).collect();
    let doubled = |names: &[&str]| names.iter().collect::<HashSet<_>>().len() != names.len();
    doubled(stored) || doubled(&claims)
}
