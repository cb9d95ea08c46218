//! Compares opaque leaves by what their serializers declare about versions.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::versions::LeafPair;
use super::walker::Walker;
use crate::resolve::fix::{Fix, Kept, Site};
use crate::resolve::plan::{ShapeId, Step, StepId};
use crate::resolve::role::Zone;
use crate::resolve::rules;
use crate::schema::{Node, NodeId, OpaqueNode};
use crate::snapshot::{NodeHints, OpaqueHints, SerializerSnapshot};

impl<'a> Walker<'a> {
    /// What two opaque leaves declare of each other; `None` if too much was compared, which is reported.
    fn leaf_pair(&mut self, id: StepId, stored: &OpaqueNode, new: &OpaqueNode) -> Option<Rc<LeafPair>> {
        let nodes = (self.pair(id).stored, self.pair(id).new);
        if let Some(known) = self.leaves.get(&nodes) {
            return Some(Rc::clone(known));
        }
        let (was, now) = (hints(self.stored, nodes.0), hints(self.new, nodes.1));
        let versions = |hints: Option<&OpaqueHints>| hints.map_or(0, |hints| hints.reads.len() + hints.migrates.len());
        if !self.may_compare(id, versions(was) + versions(now)) {
            return None;
        }
        let pair = Rc::new(LeafPair::of((stored, was), (new, now)));
        self.leaves.insert(nodes, Rc::clone(&pair));
        Some(pair)
    }

    /// Whether a leaf of the new side does not read a version any more that the stored side read as it was.
    pub(super) fn forgets_versions(&self) -> bool {
        *self.forgets.get_or_init(|| forgets(self.stored, self.new))
    }

    pub(super) fn opaques(&mut self, id: StepId, stored: &'a OpaqueNode, new: &'a OpaqueNode) -> Option<Step> {
        let pair = self.pair(id).clone();
        if stored.name != new.name || stored.framed != new.framed {
            return self.opaque_changed(id, stored, new, Vec::new());
        }
        self.upwards |= stored.version < new.version;
        if stored.version > new.version {
            self.wrote_newer(|| format!("of `{}`, {}", new.name, versions(stored, new)));
        }
        let leaves = self.leaf_pair(id, stored, new)?;
        if let Some(over) = &leaves.over {
            let detail = format!("{}, and {over}", versions(stored, new));
            self.find(&rules::VERSION_WENT_BACK_OVER_FUNCTION, id, &[], detail, vec![]);
            return None;
        }
        // What is only reported needs no copy.
        let forgotten = if self.is_full() { Vec::new() } else { leaves.forgotten.clone() };
        let same = stored.version == new.version;
        if same && stored.parameters != new.parameters {
            return self.opaque_changed(id, stored, new, Vec::new());
        }
        if same || leaves.reads {
            if !leaves.forgotten.is_empty() {
                return self.opaque_forgotten(id, stored, new, forgotten);
            }
            if same {
                self.report(id, &rules::OPAQUE_NOT_CHECKED, vec![]);
            } else if pair.zone == Zone::Free {
                self.find(&rules::OPAQUE_READ_AS_IS, id, &[], versions(stored, new), vec![]);
            } else {
                let detail = format!(
                    "{}, which reads it unchanged, so one key could be stored in two forms",
                    versions(stored, new)
                );
                let fix = self.keep(id, Kept::VersionForKeys(stored.version));
                self.find(&rules::OPAQUE_CHANGED, id, &[], detail, vec![fix]);
                return None;
            }
            return Some(Step::Same(ShapeId::of(pair.stored)));
        }
        let Some(migration) = leaves.migrates.clone().filter(|_| stored.framed) else {
            return self.opaque_changed(id, stored, new, forgotten);
        };
        let detail = format!("{}; `{migration}` reads the stored version", versions(stored, new));
        self.find(&rules::OPAQUE_MIGRATED, id, &[], detail, vec![]);
        self.functions(id, vec![migration], None, (pair.stored, pair.new), &[])
    }

    /// `forgotten` are versions that the stored leaf read unchanged and the new one does not.
    fn opaque_changed(
        &mut self,
        id: StepId,
        stored: &OpaqueNode,
        new: &OpaqueNode,
        forgotten: Vec<u32>,
    ) -> Option<Step> {
        let (was, now) = (stored.version, new.version);
        let mut fixes = Vec::new();
        if stored.name == new.name && stored.framed == new.framed && was < now {
            let site = Site::of_type(self.pair(id).new);
            fixes.extend(stored.framed.then_some(Fix::LeafFunction { site, from: was }));
            let versions = forgotten.into_iter().chain([was]).collect();
            fixes.push(Fix::LeafReads { site, versions, again: false });
        }
        fixes.push(self.keep(id, Kept::Version { version: was, name: stored.name.clone() }));
        self.find(&rules::OPAQUE_CHANGED, id, &[], versions(stored, new), fixes);
        None
    }

    fn opaque_forgotten(
        &mut self,
        id: StepId,
        stored: &OpaqueNode,
        new: &OpaqueNode,
        forgotten: Vec<u32>,
    ) -> Option<Step> {
        let version = forgotten.first().copied().unwrap_or_default();
        let detail = format!(
            "{}; version {} read version {version} unchanged, so bytes of both may be stored, and version {} does not read those of version {version}",
            versions(stored, new),
            stored.version,
            new.version,
        );
        let pair = self.pair(id);
        let fix = match stored.version == new.version || pair.zone == Zone::Free {
            true => Fix::LeafReads { site: Site::of_type(pair.new), versions: forgotten, again: true },
            false => self.keep(id, Kept::VersionForKeys(stored.version)),
        };
        self.find(&rules::OPAQUE_CHANGED, id, &[], detail, vec![fix]);
        None
    }
}

/// Whether a leaf of the new side does not read a version any more that the stored side read as it was.
///
/// For snapshots of one layout: there, fingerprints do not show it.
pub(in crate::resolve) fn forgets(stored: &SerializerSnapshot, new: &SerializerSnapshot) -> bool {
    if !stored.reads_earlier() || stored.hints() == new.hints() {
        return false;
    }
    // The versions that all new leaves of a name read.
    let mut read: HashMap<&str, HashSet<u32>> = HashMap::new();
    for (node, hints) in leaves(new) {
        let versions: HashSet<u32> = hints.reads.iter().copied().collect();
        match read.entry(&node.name) {
            Entry::Vacant(first) => _ = first.insert(versions),
            Entry::Occupied(mut known) => known.get_mut().retain(|version| versions.contains(version)),
        }
    }
    leaves(stored).any(|(was, earlier)| {
        let read = read.get(was.name.as_str());
        read.is_some_and(|read| earlier.reads.iter().any(|version| !read.contains(version)))
    })
}

fn leaves(snapshot: &SerializerSnapshot) -> impl Iterator<Item = (&OpaqueNode, &OpaqueHints)> {
    snapshot.schema().nodes().iter().zip(snapshot.hints()).filter_map(|pair| match pair {
        (Node::Opaque(node), NodeHints::Opaque(hints)) => Some((node, hints)),
        _ => None,
    })
}

fn versions(stored: &OpaqueNode, new: &OpaqueNode) -> String {
    let framing = |node: &OpaqueNode| if node.framed { "" } else { " without a length" };
    let parameters = |node: &OpaqueNode| match (stored.parameters == new.parameters, node.parameters.as_slice()) {
        (true, _) => String::new(),
        (false, []) => String::from(" without parameters"),
        (false, parameters) => {
            let named: Vec<String> = parameters.iter().map(|(name, value)| format!("`{name}` = `{value}`")).collect();
            format!(" with {}", named.join(", "))
        }
    };
    format!(
        "version {} of `{}`{}{} was stored, version {} of `{}`{}{} is used now",
        stored.version,
        stored.name,
        framing(stored),
        parameters(stored),
        new.version,
        new.name,
        framing(new),
        parameters(new),
    )
}

fn hints(snapshot: &SerializerSnapshot, node: NodeId) -> Option<&OpaqueHints> {
    match snapshot.hints().get(node.index()) {
        Some(NodeHints::Opaque(hints)) => Some(hints),
        _ => None,
    }
}
