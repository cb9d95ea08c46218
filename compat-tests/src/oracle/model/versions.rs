//! Versions of types and of opaque leaves, and the hints about earlier ones.

use std::collections::HashSet;

use typeser::SerializerSnapshot;
use typeser::schema::{Field, Node, NodeId};
use typeser::snapshot::{NodeHints, OpaqueHints, TypeMigration};

use super::super::value::Layout;
use super::Verdict::{Compatible, Incompatible, RequiresMigration};
use super::functions::{Kind, MIGRATIONS};
use super::{Model, Verdict, Zone, is_same};

impl Model<'_> {
    /// Whether functions read the stored layout of this version, with unambiguous names in it and in their results.
    pub(super) fn is_read(
        &self,
        chain: &[&TypeMigration],
        version: u32,
        (stored, new, zone): (NodeId, NodeId, Zone),
    ) -> bool {
        let first = chain[0];
        let reads = first.source.as_ref().is_none_or(|source| {
            let source = Layout::new(source.schema().nodes(), self.stored.configuration().integers);
            is_same((Layout::of(self.stored), stored), (source, NodeId::ROOT))
                || self.made(first, stored, zone).is_some()
        });
        let clear =
            |side: &SerializerSnapshot, id| reached(Layout::of(side), id).into_iter().all(|node| !is_unclear(node));
        first.from == version && reads && clear(self.stored, stored) && clear(self.new, new)
    }

    /// The verdict on a pair of opaque leaves.
    pub(super) fn opaque(&self, stored: NodeId, new: NodeId, zone: Zone) -> Verdict {
        let (Node::Opaque(was), Node::Opaque(now)) = (self.stored_node(stored), self.new_node(new)) else {
            return Incompatible;
        };
        let (earlier, said) = (opaque_hints(self.stored, stored), opaque_hints(self.new, new));
        let reads = |version: u32| version == now.version || said.reads.contains(&version);
        let is_result = earlier.migrates.iter().any(|migration| migration.from >= now.version);
        if was.name != now.name || was.framed != now.framed || (was.version > now.version && is_result) {
            Incompatible
        } else if reads(was.version) {
            // Bytes of versions that were read unchanged can be stored as well.
            let forgets = earlier.reads.iter().any(|version| !reads(*version));
            // One key would have two forms.
            let forms = was.version != now.version && zone != Zone::Free;
            if forgets || forms { Incompatible } else { Compatible }
        } else {
            let migrates = said.migrates.iter().any(|migration| migration.from == was.version);
            match (migrates && was.framed, zone) {
                (true, Zone::Free | Zone::Fixed) => RequiresMigration,
                _ => Incompatible,
            }
        }
    }

    /// Whether a leaf of an unchanged layout no longer reads a version that it read unchanged before.
    pub(super) fn forgets(&self) -> bool {
        let mut open = vec![(NodeId::ROOT, NodeId::ROOT)];
        let mut met = HashSet::new();
        while let Some((stored, new)) = open.pop() {
            if met.insert((stored, new)) {
                if matches!(self.stored_node(stored), Node::Opaque(_))
                    && self.opaque(stored, new, Zone::Free) == Incompatible
                {
                    return true;
                }
                open.extend(self.stored_node(stored).children().zip(self.new_node(new).children()));
            }
        }
        false
    }
}

/// The result of the last function for whole values of a type; `None` if there is none.
#[must_use]
pub fn latest(node: &Node, hints: &NodeHints) -> Option<Kind> {
    let (version, migrations) = match (node, hints) {
        (Node::Struct(node), NodeHints::Struct(hints)) => (node.version, &hints.migrations),
        (Node::Enum(node), NodeHints::Enum(hints)) => (node.version, &hints.migrations),
        _ => return None,
    };
    let last = *chain(1, version, migrations)?.last()?;
    MIGRATIONS.iter().find(|known| known.id == last.id).map(|known| known.gives)
}

/// The chain of functions from an earlier version to a version; `None` if there is none.
pub(super) fn chain(stored: u32, new: u32, migrations: &[TypeMigration]) -> Option<Vec<&TypeMigration>> {
    let mut chain: Vec<&TypeMigration> =
        migrations.iter().filter(|migration| stored <= migration.from && migration.from < new).collect();
    chain.sort_by_key(|migration| migration.from);
    if chain.is_empty() { None } else { Some(chain) }
}

/// Whether all of these functions keep different values different.
pub(super) fn is_injective(chain: &[&TypeMigration]) -> bool {
    chain.iter().all(|migration| migration.injective)
}

/// Whether a version is older than the stored one, which contains results of a function for it or for a later version.
pub(super) fn is_over_function(stored: u32, new: u32, stored_migrations: &[TypeMigration]) -> bool {
    stored > new && stored_migrations.iter().any(|migration| migration.from >= new)
}

pub(super) fn opaque_hints(side: &SerializerSnapshot, id: NodeId) -> OpaqueHints {
    match &side.hints()[id.index()] {
        NodeHints::Opaque(hints) => hints.clone(),
        _ => OpaqueHints::default(),
    }
}

/// A node and everything that it reaches.
fn reached(layout: Layout<'_>, id: NodeId) -> Vec<&Node> {
    let (mut open, mut met) = (vec![id], HashSet::new());
    while let Some(id) = open.pop() {
        if met.insert(id) {
            open.extend(layout.node(id).children());
        }
    }
    met.into_iter().map(|id| layout.node(id)).collect()
}

/// Whether a name or a tag in a node is ambiguous.
fn is_unclear(node: &Node) -> bool {
    let doubled =
        |fields: &[Field]| fields.iter().map(|field| &field.name).collect::<HashSet<_>>().len() < fields.len();
    match node {
        Node::Struct(node) => doubled(&node.fields),
        Node::Enum(node) => {
            let tags: HashSet<u32> = node.variants.iter().map(|variant| variant.tag).collect();
            let names: HashSet<&String> = node.variants.iter().map(|variant| &variant.name).collect();
            let count = node.variants.len();
            tags.len() < count || names.len() < count || node.variants.iter().any(|variant| doubled(&variant.fields))
        }
        _ => false,
    }
}
