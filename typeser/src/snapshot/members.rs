//! Finds the fields and variants of a layout by name, each search in the same short time however many there are.

use std::cell::RefCell;
use std::collections::HashMap;

use super::SerializerSnapshot;
use super::hints::NodeHints;
use super::part::Record;
use crate::schema::{Node, NodeId};

/// Lists of at most this many names are searched one by one.
const FEW: usize = 16;

/// The fields and variants of a snapshot by name, indexed when they are first searched for.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    snapshot: &'a SerializerSnapshot,
    /// Whether earlier names count, where no member has the name now.
    aliases: bool,
    known: RefCell<HashMap<Key, HashMap<&'a str, usize>>>,
}

/// Which members: the fields of a struct or variant, or the variants of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Fields(NodeId, Record),
    Variants(NodeId),
}

impl<'a> Members<'a> {
    /// Members by the names that they have now.
    pub(crate) fn by_name(snapshot: &'a SerializerSnapshot) -> Self {
        Self { snapshot, aliases: false, known: RefCell::default() }
    }

    /// Members by the names that they have now, or else by their aliases.
    pub(crate) fn by_alias(snapshot: &'a SerializerSnapshot) -> Self {
        Self { snapshot, aliases: true, known: RefCell::default() }
    }

    /// The field of a struct, or of a variant of an enum.
    pub(crate) fn field(&self, id: NodeId, variant: Record, name: &str) -> Option<usize> {
        let fields = match (self.snapshot.schema().get(id)?, variant) {
            (Node::Struct(node), None) => &node.fields,
            (Node::Enum(node), Some(at)) => &node.variants.get(at)?.fields,
            _ => return None,
        };
        let record = match (self.snapshot.hints().get(id.index()), variant) {
            (Some(NodeHints::Struct(hints)), None) => Some(&hints.record),
            (Some(NodeHints::Enum(hints)), Some(at)) => hints.variants.get(at).map(|hints| &hints.record),
            _ => None,
        };
        let aliases = |at: usize| record.and_then(|record| record.fields.get(at)).map(|hints| &hints.aliases[..]);
        self.find(Key::Fields(id, variant), fields.len(), |at| &fields[at].name, aliases, name)
    }

    /// The variant of an enum.
    pub(crate) fn variant(&self, id: NodeId, name: &str) -> Option<usize> {
        let Node::Enum(node) = self.snapshot.schema().get(id)? else { return None };
        let variants = match self.snapshot.hints().get(id.index()) {
            Some(NodeHints::Enum(hints)) => &hints.variants[..],
            _ => &[],
        };
        let aliases = |at: usize| variants.get(at).map(|hints| &hints.aliases[..]);
        self.find(Key::Variants(id), node.variants.len(), |at| &node.variants[at].name, aliases, name)
    }

    fn find(
        &self,
        key: Key,
        count: usize,
        own: impl Fn(usize) -> &'a str,
        aliases: impl Fn(usize) -> Option<&'a [String]>,
        name: &str,
    ) -> Option<usize> {
        let aliases = |at: usize| aliases(at).filter(|_| self.aliases).unwrap_or_default();
        if count <= FEW && (0..count).all(|at| aliases(at).len() <= 1) {
            let by_name = (0..count).find(|at| own(*at) == name);
            return by_name.or_else(|| (0..count).find(|at| aliases(*at).iter().any(|alias| alias == name)));
        }
        let mut known = self.known.borrow_mut();
        let places = known.entry(key).or_insert_with(|| {
            let mut places = HashMap::with_capacity(count);
            let own = (0..count).map(|at| (own(at), at));
            let earlier = (0..count).flat_map(|at| aliases(at).iter().map(move |alias| (alias.as_str(), at)));
            // The first of a name counts, and a name before an earlier one.
            own.chain(earlier).for_each(|(name, at)| _ = places.entry(name).or_insert(at));
            places
        });
        places.get(name).copied()
    }
}
