//! Functions for whole values where the stored part is of another kind than the type: a struct that became an enum, or
//! a number that became a struct.

use std::mem::discriminant;

use super::as_rust::{declares, plain_type, quoted, rust_type, written};
use super::functions::chain;
use super::walker::Walker;
use crate::resolve::finding::Fix;
use crate::resolve::plan::{Step, StepId};
use crate::resolve::role::Zone;
use crate::resolve::rules;
use crate::schema::Node;
use crate::snapshot::{NodeHints, TypeMigration};

/// A type that may declare functions for whole values, and what it declares.
struct Declared<'a> {
    name: &'a str,
    version: u32,
    aliases: &'a [String],
    migrations: &'a [TypeMigration],
}

impl<'a> Walker<'a> {
    /// What functions make of a stored part of another kind; `None` if none applies, so that the rules decide.
    ///
    /// Inside: `None` if there should be a function and is none.
    ///
    /// A struct or enum is found by its declared name and version, as where the kinds are equal. Any other part is
    /// found by its layout, which must be exactly the one that a function reads; or, if it is an opaque leaf, by its
    /// name and version as well.
    #[allow(clippy::option_option, reason = "outside: whether functions decide; inside: whether there is a step")]
    pub(super) fn migrated_kind(&mut self, id: StepId, stored: &'a Node, new: &'a Node) -> Option<Option<Step>> {
        if discriminant(stored) == discriminant(new) {
            return None;
        }
        let new = declared(new, &self.new.hints()[self.pair(id).new.index()])?;
        let (name, version) = match stored {
            Node::Struct(node) => (&node.name, node.version),
            Node::Enum(node) => (&node.name, node.version),
            Node::Opaque(node) => match self.by_layout(id, &new) {
                None => (&node.name, node.version),
                found => return found,
            },
            _ => return self.by_layout(id, &new),
        };
        if name != new.name && !new.aliases.contains(name) {
            return None;
        }
        if version > new.version && !matches!(stored, Node::Opaque(_)) {
            let rules_decide = self.went_back(id, version, (new.name, new.version));
            return if rules_decide { None } else { Some(None) };
        }
        if chain(version, new.version, new.migrations).is_empty() {
            return None;
        }
        if name != new.name {
            self.report(id, &rules::TYPE_RENAMED, vec![]);
        }
        self.migrated(id, (new.name, new.version), version, new.migrations)
    }

    /// What the function that reads exactly the stored layout, and those after it, make of a part; `None` if no
    /// function or more than one reads it.
    #[allow(clippy::option_option, reason = "as above")]
    fn by_layout(&mut self, id: StepId, new: &Declared<'_>) -> Option<Option<Step>> {
        if !new.migrations.is_empty() && !self.may_copy(id, &[]) {
            return Some(None);
        }
        let stored = self.pair(id).stored;
        let mut found = None;
        for migration in new.migrations.iter().filter(|migration| migration.from < new.version) {
            let Some(source) = &migration.source else { continue };
            match self.reads(id, &[], source, stored) {
                None => return Some(None),
                Some(false) => {}
                Some(true) if found.replace(migration.from).is_some() => return None,
                Some(true) => {}
            }
        }
        let chain = chain(found?, new.version, new.migrations);
        let was = format!("`{}`", self.names(id).0);
        Some(self.through(id, &chain, &was, &format!("version {} of `{}`", new.version, new.name)))
    }

    /// Reports two kinds that no rule and no function converts.
    pub(super) fn kind_changed(&mut self, id: StepId) -> Option<Step> {
        let stored = rust_type(&self.names(id).0);
        let mut fixes: Vec<Fix> = self.migration_skeleton(id).into_iter().collect();
        fixes.push(match id {
            StepId(0) => Fix::new(format!("keep `{stored}`")),
            _ => Fix::new(format!("keep `{stored}`, and add a new field beside it")),
        });
        self.report(id, &rules::KIND_CHANGED, fixes)
    }

    /// What a type can declare to be made of a stored part of another kind: a function that takes the stored type.
    fn migration_skeleton(&self, id: StepId) -> Option<Fix> {
        let pair = self.pair(id);
        // Bytes of keys must not change, and different map keys and set elements must stay different.
        if pair.zone != Zone::Free {
            return None;
        }
        let (stored, new) = self.nodes(id);
        let now = declared(new, &self.new.hints()[pair.new.index()])?;
        let (ty, word) = (written(now.name), declares(new));
        let (from, alias, kept, takes) = match stored {
            Node::Struct(_) | Node::Enum(_) => {
                let (name, version) = declared_name(stored)?;
                if name == now.name && version > now.version {
                    return None;
                }
                let kept = format!("{}V{version}", written(name));
                let number = if version == 1 { String::new() } else { format!(", version = {version}") };
                let declaration =
                    format!("#[state(name = {}{number})]\n{} {kept} {{ .. }}\n\n", quoted(name), declares(stored));
                let alias = if name == now.name { String::new() } else { format!("alias = {}, ", quoted(name)) };
                (version, alias, declaration, kept)
            }
            // A part without a name has no version: any earlier version may read it.
            _ => {
                let takes = plain_type(self.stored_schema(), pair.stored).unwrap_or_else(|| String::from(".."));
                (now.version, String::new(), String::new(), takes)
            }
        };
        let version = now.version.max(from.checked_add(1)?);
        let others = if now.migrations.is_empty() { "" } else { ".., " };
        Some(Fix::code(
            format!("if stored values become `{ty}`, declare a function that converts them"),
            format!(
                "#[state({alias}version = {version}, migrate({others}{from} => from_stored))]\n{word} {ty} {{ .. }}\n\n\
                 {kept}fn from_stored(old: {takes}) -> {ty} {{ .. }}"
            ),
        ))
    }
}

fn declared_name(node: &Node) -> Option<(&str, u32)> {
    match node {
        Node::Struct(node) => Some((&node.name, node.version)),
        Node::Enum(node) => Some((&node.name, node.version)),
        _ => None,
    }
}

fn declared<'a>(node: &'a Node, hints: &'a NodeHints) -> Option<Declared<'a>> {
    let (name, version) = declared_name(node)?;
    let (aliases, migrations) = match hints {
        NodeHints::Struct(hints) => (hints.aliases.as_slice(), hints.migrations.as_slice()),
        NodeHints::Enum(hints) => (hints.aliases.as_slice(), hints.migrations.as_slice()),
        NodeHints::None | NodeHints::Opaque(_) => (&[][..], &[][..]),
    };
    Some(Declared { name, version, aliases, migrations })
}
