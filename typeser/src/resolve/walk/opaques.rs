//! Compares opaque leaves by what their serializers declare about versions.

use super::identity::first_over;
use super::walker::Walker;
use crate::resolve::fix::{Fix, Kept, Site};
use crate::resolve::plan::{ShapeId, Step, StepId};
use crate::resolve::role::Zone;
use crate::resolve::rules;
use crate::schema::{Node, NodeId, OpaqueNode};
use crate::snapshot::{NodeHints, OpaqueHints, SerializerSnapshot};

impl<'a> Walker<'a> {
    pub(super) fn opaques(&mut self, id: StepId, stored: &'a OpaqueNode, new: &'a OpaqueNode) -> Option<Step> {
        let pair = self.pair(id).clone();
        if stored.name != new.name || stored.framed != new.framed {
            return self.opaque_changed(id, stored, new, Vec::new());
        }
        self.upwards |= stored.version < new.version;
        if stored.version > new.version {
            self.wrote_newer(|| format!("of `{}`, {}", new.name, versions(stored, new)));
        }
        let (was, now) = (hints(self.stored, pair.stored), hints(self.new, pair.new));
        let functions = was.map(|was| was.migrates.as_slice()).unwrap_or_default().iter();
        let functions = functions.map(|migration| (migration.from, migration.id.as_str()));
        if let Some(over) = first_over(functions, new.version, stored.version) {
            let detail = format!("{}, and {over}", versions(stored, new));
            self.find(&rules::VERSION_WENT_BACK_OVER_FUNCTION, id, &[], detail, vec![]);
            return None;
        }
        // What lies under the stored version may be of those that it read as they were.
        let earlier = was.map(|was| was.reads.as_slice()).unwrap_or_default();
        let reads = now.map(|now| now.reads.as_slice()).unwrap_or_default();
        let forgotten = earlier.iter().copied().filter(|version| *version != new.version && !reads.contains(version));
        let forgotten: Vec<u32> = forgotten.collect();
        let same = stored.version == new.version;
        if same && stored.parameters != new.parameters {
            return self.opaque_changed(id, stored, new, Vec::new());
        }
        if same || reads.contains(&stored.version) {
            if !forgotten.is_empty() {
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
        let migration = now.and_then(|now| now.migrates.iter().find(|migration| migration.from == stored.version));
        let Some(migration) = migration.filter(|_| stored.framed) else {
            return self.opaque_changed(id, stored, new, forgotten);
        };
        let detail = format!("{}; `{}` reads the stored version", versions(stored, new), migration.id);
        self.find(&rules::OPAQUE_MIGRATED, id, &[], detail, vec![]);
        self.functions(id, vec![migration.id.clone()], None, (pair.stored, pair.new), &[])
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
    leaves(stored).any(|(was, earlier)| {
        let mut same = leaves(new).filter(|(now, _)| now.name == was.name);
        same.any(|(_, now)| earlier.reads.iter().any(|version| !now.reads.contains(version)))
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
