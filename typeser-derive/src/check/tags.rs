//! Tags: stored bytes could not distinguish two variants with the same tag.

use std::collections::{BTreeSet, HashMap};

use syn::ext::IdentExt;

use crate::ast::{Input, Shape, Variant};
use crate::ctxt::Ctxt;

pub(super) fn check(cx: &Ctxt, input: &Input<'_>) {
    let Shape::Enum(variants) = &input.shape else { return };
    let mut holders: HashMap<u32, &Variant<'_>> = HashMap::new();
    let mut free = Free { taken: variants.iter().map(|variant| variant.tag).collect() };
    for variant in variants {
        let Some(first) = holders.get(&variant.tag) else {
            holders.insert(variant.tag, variant);
            continue;
        };
        let (tag, name, earlier) = (variant.tag, variant.original.ident.unraw(), first.original.ident.unraw());
        let free = free.next();
        match &variant.attributes.tag {
            Some(words) => cx.error(
                &words.original,
                format!("`{name}` and `{earlier}` both have the tag {tag}; {free} is free: write `tag = {free}`"),
            ),
            None => cx.error(
                &variant.original.ident,
                format!(
                    "`{name}`, by its place in the enum, and `{earlier}` both have the tag {tag}; {free} is free: write `#[state(tag = {free})]` above `{name}`"
                ),
            ),
        }
    }
}

/// Tags to suggest, each once. Those above the greatest come first, because a lower one may be that of a removed
/// variant.
struct Free {
    taken: BTreeSet<u32>,
}

impl Free {
    fn next(&mut self) -> u32 {
        let beyond = self.taken.last().map_or(Some(0), |last| last.checked_add(1));
        let free = beyond.or_else(|| (0..=u32::MAX).find(|tag| !self.taken.contains(tag))).unwrap_or_default();
        self.taken.insert(free);
        free
    }
}
