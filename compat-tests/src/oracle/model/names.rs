//! The match of new names with stored names.

use typeser::schema::{EnumNode, Field};
use typeser::snapshot::{EnumHints, RecordHints};

use super::Model;

impl Model<'_> {
    /// For every new field, the position of the stored one.
    pub(super) fn field_sources(
        &self,
        (was, earlier): (&[Field], &RecordHints),
        (now, hints): (&[Field], &RecordHints),
    ) -> Vec<Option<usize>> {
        let was: Vec<&str> = was.iter().map(|field| field.name.as_str()).collect();
        let now: Vec<&str> = now.iter().map(|field| field.name.as_str()).collect();
        let aliases: Vec<&[String]> = hints.fields.iter().map(|hints| hints.aliases.as_slice()).collect();
        let earlier: Vec<&[String]> = earlier.fields.iter().map(|hints| hints.aliases.as_slice()).collect();
        self.sources(&was, &now, &aliases, &earlier)
    }

    /// For every new variant, the position of the stored one.
    pub(super) fn variant_sources(
        &self,
        (was, earlier): (&EnumNode, &EnumHints),
        (now, hints): (&EnumNode, &EnumHints),
    ) -> Vec<Option<usize>> {
        let was: Vec<&str> = was.variants.iter().map(|variant| variant.name.as_str()).collect();
        let now: Vec<&str> = now.variants.iter().map(|variant| variant.name.as_str()).collect();
        let aliases: Vec<&[String]> = hints.variants.iter().map(|hints| hints.aliases.as_slice()).collect();
        let earlier: Vec<&[String]> = earlier.variants.iter().map(|hints| hints.aliases.as_slice()).collect();
        self.sources(&was, &now, &aliases, &earlier)
    }

    /// By the aliases of the new side; downwards then by the only new name that is an alias of a stored one.
    fn sources(
        &self,
        stored: &[&str],
        new: &[&str],
        aliases: &[&[String]],
        earlier: &[&[String]],
    ) -> Vec<Option<usize>> {
        let mut sources = sources(stored, new, aliases);
        for place in 0..if self.downwards { stored.len() } else { 0 } {
            if sources.contains(&Some(place)) || merged(stored[place], aliases).is_some() {
                continue;
            }
            let is_earlier = |at: &usize| earlier[place].iter().any(|alias| alias == new[*at]);
            let named: Vec<usize> = (0..new.len()).filter(is_earlier).collect();
            if let [at] = named[..]
                && sources[at].is_none()
            {
                sources[at] = Some(place);
            }
        }
        sources
    }
}

/// For every new name, the position of the stored one: the same name, or else the first alias that is not a new name.
fn sources(stored: &[&str], new: &[&str], aliases: &[&[String]]) -> Vec<Option<usize>> {
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
