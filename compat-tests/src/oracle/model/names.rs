//! The match of new names with stored names.

/// For every new name, the position of the stored one: the same name, or else the first alias that is not a new name.
pub(super) fn sources(stored: &[&str], new: &[&str], aliases: &[&[String]]) -> Vec<Option<usize>> {
    let places = new.iter().zip(aliases).map(|(name, aliases)| {
        let same = stored.iter().position(|stored| stored == name);
        let free = |stored: &str| !new.contains(&stored) && aliases.iter().any(|alias| alias == stored);
        same.or_else(|| stored.iter().position(|stored| free(stored)))
    });
    places.collect()
}

/// The place of the new name that has this name as an alias, for a stored name that is the source of none.
pub(super) fn merged(stored: &str, aliases: &[&[String]]) -> Option<usize> {
    aliases.iter().position(|aliases| aliases.iter().any(|alias| alias == stored))
}
