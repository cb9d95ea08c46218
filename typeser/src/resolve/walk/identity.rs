//! Whether both sides are one type: what their names and versions say.

use super::versions::first_over;
use super::walker::Walker;
use crate::resolve::as_rust::{self, written};
use crate::resolve::fix::{Fix, Kept, Site};
use crate::resolve::plan::StepId;
use crate::resolve::rules;
use crate::resolve::steps::step;
use crate::schema::{Node, NodeId, PathSegment};
use crate::snapshot::NodeHints;

impl<'a> Walker<'a> {
    /// The earlier names of a stored type.
    fn stored_aliases(&self, id: StepId) -> &'a [String] {
        match &self.stored.hints()[self.pair(id).stored.index()] {
            NodeHints::Struct(hints) => &hints.aliases,
            NodeHints::Enum(hints) => &hints.aliases,
            NodeHints::None | NodeHints::Opaque(_) => &[],
        }
    }

    /// Whether a name is among the aliases of a type of the stored side (`false`) or the new one (`true`).
    pub(super) fn has_alias(&mut self, of: (bool, NodeId), aliases: &'a [String], name: &str) -> bool {
        /// Lists of at most this many names are searched one by one.
        const FEW: usize = 16;
        step();
        if aliases.len() <= FEW {
            return aliases.iter().any(|alias| alias == name);
        }
        let known = self.type_aliases.entry(of);
        known.or_insert_with(|| aliases.iter().map(String::as_str).collect()).contains(name)
    }

    /// Whether the declared names say that this is the same type. Reports what they say.
    pub(super) fn same_type(
        &mut self,
        id: StepId,
        stored: (&str, u32),
        new: (&str, u32),
        aliases: &'a [String],
    ) -> bool {
        self.upwards |= stored.1 < new.1;
        let (of_stored, of_new) = ((false, self.pair(id).stored), (true, self.pair(id).new));
        if stored.0 != new.0 && !self.has_alias(of_new, aliases, stored.0) {
            let earlier = self.has_alias(of_stored, self.stored_aliases(id), new.0);
            if earlier && self.policy.downwards {
                self.read_by_earlier_name(id, &[], stored.0, new.0);
            } else {
                if earlier {
                    self.wrote_newer(|| format!("the stored type `{}` was called `{}` before", stored.0, new.0));
                }
                let word = as_rust::declares(self.nodes(id).1);
                let fix = Fix::Alias {
                    site: self.sites(id)[0],
                    former: stored.0.to_owned(),
                    name: new.0.to_owned(),
                    declaration: format!("{word} {} {{ .. }}", written(new.0)),
                };
                let keep = self.keep(id, Kept::Here(stored.0.to_owned()));
                let fixes = if self.resemble(id) { vec![fix, keep] } else { vec![keep, fix] };
                self.report(id, &rules::TYPE_CHANGED, fixes);
                return false;
            }
        } else if stored.0 != new.0 {
            self.report(id, &rules::TYPE_RENAMED, vec![]);
        }
        if stored.1 > new.1 {
            return self.went_back(id, stored.1, new);
        }
        true
    }

    /// Reports that the stored version of a type is newer than the program's. Returns whether the rules for the layouts
    /// decide: they do not if a function lies between the two versions.
    pub(super) fn went_back(&mut self, id: StepId, stored: u32, (name, version): (&str, u32)) -> bool {
        let detail = format!("`{name}` was stored as version {stored}, the program has version {version}");
        self.wrote_newer(|| {
            format!("the stored `{name}` has version {stored}, and this program has version {version}")
        });
        let migrations = match &self.stored.hints()[self.pair(id).stored.index()] {
            NodeHints::Struct(hints) => hints.migrations.as_slice(),
            NodeHints::Enum(hints) => hints.migrations.as_slice(),
            NodeHints::None | NodeHints::Opaque(_) => &[],
        };
        let between = migrations.iter().map(|migration| (migration.from, migration.id.as_str()));
        if let Some(over) = first_over(between, version, stored) {
            self.find(&rules::VERSION_WENT_BACK_OVER_FUNCTION, id, &[], format!("{detail}, and {over}"), vec![]);
            return false;
        }
        self.find(&rules::VERSION_WENT_BACK, id, &[], detail, vec![]);
        true
    }

    /// Reports a name of the new side that the stored side had removed.
    pub(super) fn returns(&mut self, id: StepId, site: Site, (owner, name): (&str, &str), path: &[PathSegment]) {
        let kind = if site.field.is_some() { "field" } else { "variant" };
        let detail = format!("`{owner}` once had a {kind} `{name}` and removed it");
        let declaration = self.declaration(site);
        let needs_default = path.last() == Some(&PathSegment::field(name)) && self.lacks_default(site);
        let fix = Fix::OtherName { site, name: name.to_owned(), needs_default, declaration };
        let older = "if this release is older than the one that wrote the state, start that one again, or one after it";
        self.find(&rules::REMOVED_NAME_RETURNS, id, path, detail, vec![fix, Fix::Advice(String::from(older))]);
    }
}

/// The declared name and version of a type or leaf.
pub(super) fn declared_name(node: &Node) -> Option<(&str, u32)> {
    match node {
        Node::Struct(node) => Some((&node.name, node.version)),
        Node::Enum(node) => Some((&node.name, node.version)),
        Node::Opaque(node) => Some((&node.name, node.version)),
        _ => None,
    }
}
