//! Functions for whole values where the stored part is of another kind than the type: a struct that became an enum, or
//! a number that became a struct.

use std::collections::HashMap;
use std::mem::discriminant;

use super::functions::chain;
use super::identity::declared_name;
use super::reading::Reading;
use super::walker::Walker;
use crate::resolve::as_rust::{declares, plain_type, quoted, rust_type, stored_type, written};
use crate::resolve::fix::{Fix, Kept, Migrate, MigrateBecause, Site};
use crate::resolve::plan::{Step, StepId};
use crate::resolve::role::Zone;
use crate::resolve::rules;
use crate::schema::{Node, NodeId};
use crate::snapshot::{NodeHints, TypeMigration};

/// Of a type with more aliases, no function is offered: each would be looked up for each finding.
const MOST_ALIASES: usize = 32;

/// A type that may declare functions for whole values, and what it declares.
pub(super) struct Declared<'a> {
    pub(super) name: &'a str,
    pub(super) version: u32,
    aliases: &'a [String],
    pub(super) migrations: &'a [TypeMigration],
}

/// What decides on a stored part of another kind than the type.
enum Decides {
    /// The rules.
    Rules,
    /// The functions from this declared version on.
    Version(u32),
    /// The function from this version, which reads the stored layout, and those after it.
    Layout(u32, Reading),
    /// Nothing: too many layouts were compared, which is reported.
    Nothing,
}

impl<'a> Walker<'a> {
    /// What functions make of a stored part of another kind; `None` if none applies, so that the rules decide.
    ///
    /// Inside: `None` if there should be a function and is none.
    #[allow(clippy::option_option, reason = "outside: whether functions decide; inside: whether there is a step")]
    pub(super) fn migrated_kind(&mut self, id: StepId) -> Option<Option<Step>> {
        let (stored, _) = self.nodes(id);
        let decides = self.decides(id, self.pair(id).new);
        let declared = self.declared(self.pair(id).new)?;
        match decides {
            Decides::Rules => None,
            Decides::Nothing => Some(None),
            Decides::Version(version) if version > declared.version => {
                let rules_decide = self.went_back(id, version, (declared.name, declared.version));
                if rules_decide { None } else { Some(None) }
            }
            Decides::Version(version) => {
                if declared_name(stored).is_some_and(|(name, _)| name != declared.name) {
                    self.report(id, &rules::TYPE_RENAMED, vec![]);
                }
                self.migrated(id, (declared.name, declared.version), version, declared.migrations)
            }
            Decides::Layout(from, reading) => {
                let chain = chain(from, declared.version, declared.migrations);
                let was = format!("`{}`", self.names(id).0);
                let now = format!("version {} of `{}`", declared.version, declared.name);
                Some(self.through(id, &chain, reading, [&was, &now]))
            }
        }
    }

    /// Whether functions decide on the stored part of a pair if this new node takes it.
    pub(super) fn has_functions_for(&mut self, id: StepId, new: NodeId) -> bool {
        !matches!(self.decides(id, new), Decides::Rules)
    }

    /// A struct or enum is found by its declared name and version, as where the kinds are equal. Any other part is
    /// found by its layout, which must be the one that a function reads, or become that one by the rules; or, if it is an
    /// opaque leaf, by its name and version as well.
    fn decides(&mut self, id: StepId, new: NodeId) -> Decides {
        let stored = self.nodes(id).0;
        let Some(declared) = self.declared(new) else { return Decides::Rules };
        if discriminant(stored) == discriminant(self.new_schema().node(new)) {
            return Decides::Rules;
        }
        let has_version = matches!(stored, Node::Struct(_) | Node::Enum(_));
        if !has_version {
            match self.by_layout(id, &declared) {
                Decides::Rules => {}
                decides => return decides,
            }
        }
        let Some((name, version)) = declared_name(stored) else { return Decides::Rules };
        let is_named = name == declared.name || self.has_alias((true, new), declared.aliases, name);
        let went_back = has_version && version > declared.version;
        if is_named && (went_back || !chain(version, declared.version, declared.migrations).is_empty()) {
            return Decides::Version(version);
        }
        Decides::Rules
    }

    /// The function that reads the stored layout, if there is one and no other: exactly, or else after the rules.
    fn by_layout(&mut self, id: StepId, new: &Declared<'_>) -> Decides {
        if !new.migrations.is_empty() && !self.may_copy(id, &[]) {
            return Decides::Nothing;
        }
        let (mut exactly, mut by_rules) = (Vec::new(), Vec::new());
        for migration in new.migrations.iter().filter(|migration| migration.from < new.version) {
            if migration.source.is_none() {
                continue;
            }
            match self.reading(id, migration) {
                None => return Decides::Nothing,
                Some(Reading::None { .. }) => {}
                Some(Reading::Exactly) => exactly.push(migration.from),
                Some(reading) => by_rules.push((migration.from, reading)),
            }
        }
        match (&exactly[..], by_rules.pop()) {
            ([from], _) => Decides::Layout(*from, Reading::Exactly),
            ([], Some((from, reading))) if by_rules.is_empty() => Decides::Layout(from, reading),
            _ => Decides::Rules,
        }
    }

    pub(super) fn declared(&self, new: NodeId) -> Option<Declared<'a>> {
        let (aliases, migrations) = match &self.new.hints()[new.index()] {
            NodeHints::Struct(hints) => (hints.aliases.as_slice(), hints.migrations.as_slice()),
            NodeHints::Enum(hints) => (hints.aliases.as_slice(), hints.migrations.as_slice()),
            NodeHints::None | NodeHints::Opaque(_) => return None,
        };
        let (name, version) = declared_name(self.new.schema().node(new))?;
        Some(Declared { name, version, aliases, migrations })
    }

    /// Reports two kinds that no rule and no function converts.
    pub(super) fn kind_changed(&mut self, id: StepId) -> Option<Step> {
        let stored = rust_type(&self.names(id).0);
        let mut fixes: Vec<Fix> = self.offer_same_bytes(id).into_iter().chain(self.migration_skeleton(id)).collect();
        // A new field beside the stored type is a way only where there is a field.
        fixes.push(self.keep(id, if self.site_of(id).is_some() { Kept::Beside(stored) } else { Kept::Type(stored) }));
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
        let now = self.declared(pair.new)?;
        let (from, alias, kept, takes) = match stored {
            Node::Struct(_) | Node::Enum(_) => {
                let (name, version) = declared_name(stored)?;
                if name == now.name && version > now.version {
                    return None;
                }
                let kept = format!("{}V{version}", written(name));
                let number = if version == 1 { String::new() } else { format!(", version = {version}") };
                let declaration =
                    format!("#[state(name = {}{number})]\n{} {kept} {{ .. }}", quoted(name), declares(stored));
                (version, (name != now.name).then(|| name.to_owned()), Some(declaration), kept)
            }
            // A part without a name has no version: any earlier version may read it.
            _ => {
                let takes = plain_type(self.stored_schema(), pair.stored).unwrap_or_else(|| String::from(".."));
                (now.version, None, None, takes)
            }
        };
        let former_name = declared_name(stored).map(|(name, _)| name);
        // A version names one stored type only.
        let own = usize::from(declared_name(stored).is_some_and(|(name, _)| name == now.name));
        let former = alias.as_deref().map_or(1, |alias| self.stored_count(alias));
        if self.stored_count(now.name) != own || former != 1 || reads(now.migrations, from) {
            return None;
        }
        if self.takes_another(&now, former_name) {
            return None;
        }
        let version = now.version.max(from.checked_add(1)?);
        Some(Fix::Migrate(Box::new(Migrate {
            site: Site::of_type(pair.new),
            stored: pair.stored,
            from,
            version,
            alias,
            because: MigrateBecause::Kind,
            word: declares(new),
            name: now.name.to_owned(),
            kept,
            takes,
            has_others: !now.migrations.is_empty(),
        })))
    }
}

impl Walker<'_> {
    /// How many stored structs, enums and leaves have a name.
    fn stored_count(&self, name: &str) -> usize {
        let counts = self.stored_names.get_or_init(|| {
            let mut counts: HashMap<&str, usize> = HashMap::new();
            for (name, _) in self.stored.schema().nodes().iter().filter_map(declared_name) {
                *counts.entry(name).or_default() += 1;
            }
            counts
        });
        counts.get(name).copied().unwrap_or_default()
    }

    /// Whether a function of a type would read another stored type than that of a name, too: one that an alias names.
    fn takes_another(&self, now: &Declared<'_>, stored: Option<&str>) -> bool {
        let is_other = |alias: &String| Some(alias.as_str()) != stored && self.stored_count(alias) > 0;
        now.aliases.len() > MOST_ALIASES || now.aliases.iter().any(is_other)
    }

    /// To declare a function that makes a struct or enum of the whole stored one.
    pub(super) fn migrate_whole(&self, id: StepId, because: MigrateBecause) -> Option<Fix> {
        let pair = self.pair(id);
        let (stored, new) = self.nodes(id);
        let from = declared_name(stored)?.1;
        let now = self.declared(pair.new)?;
        let name = declared_name(stored)?.0;
        if self.stored_count(name) != 1 || reads(now.migrations, from) {
            return None;
        }
        let is_other = name != now.name && self.stored_count(now.name) > 0;
        if is_other || self.takes_another(&now, Some(name)) {
            return None;
        }
        let (kept, takes) = match because {
            MigrateBecause::Fields => {
                let stored = stored_type(self.stored_schema(), pair.stored)?;
                (Some(stored.kept.join("\n")), stored.name)
            }
            MigrateBecause::Kind | MigrateBecause::Merge => (None, String::from("typeser::value::Value")),
        };
        Some(Fix::Migrate(Box::new(Migrate {
            site: Site::of_type(pair.new),
            stored: pair.stored,
            from,
            version: now.version.max(from.checked_add(1)?),
            alias: None,
            because,
            word: declares(new),
            name: now.name.to_owned(),
            kept,
            takes,
            has_others: !now.migrations.is_empty(),
        })))
    }
}

/// Whether one of these functions reads a version.
fn reads(migrations: &[TypeMigration], version: u32) -> bool {
    migrations.iter().any(|migration| migration.from == version)
}
