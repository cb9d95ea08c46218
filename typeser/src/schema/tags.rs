//! Finds the variants of enums by their tags, each in the same short time however many variants there are.

use std::collections::HashMap;

use super::node::{EnumNode, NodeId};

/// Enums of at most this many variants are searched one by one.
const FEW: usize = 16;

/// The variants of the enums of one schema by tag, indexed when they are first searched for.
#[derive(Debug, Default)]
pub(crate) struct Tags {
    known: HashMap<NodeId, HashMap<u32, usize>>,
}

impl Tags {
    /// The index of the variant of this tag.
    pub(crate) fn variant(&mut self, id: NodeId, node: &EnumNode, tag: u32) -> Option<usize> {
        // Most tags are 0, 1, 2, ...
        let at = usize::try_from(tag).ok()?;
        if node.variants.get(at).is_some_and(|variant| variant.tag == tag) {
            return Some(at);
        }
        if node.variants.len() <= FEW {
            return node.variants.iter().position(|variant| variant.tag == tag);
        }
        let known = self.known.entry(id).or_insert_with(|| {
            let places = node.variants.iter().enumerate().rev();
            places.map(|(at, variant)| (variant.tag, at)).collect()
        });
        known.get(&tag).copied()
    }

    /// How many steps the next search in this enum takes at the most.
    pub(crate) fn steps(&self, id: NodeId, node: &EnumNode) -> usize {
        if self.known.contains_key(&id) { 1 } else { node.variants.len() }
    }
}
