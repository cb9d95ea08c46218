//! Guesses what became of fields, variants and types that are missing: whether they were renamed, or moved into others.

use std::collections::HashSet;

use super::record_pair::Records;
use super::walker::Walker;
use crate::resolve::fix::{Fix, MigrateBecause};
use crate::resolve::names::Matches;
use crate::resolve::plan::StepId;
use crate::resolve::policy::Losses;
use crate::resolve::role::Zone;
use crate::schema::{Field, Node, NodeId};

/// With more fields or variants than this, no guess is made.
const MOST: usize = 64;

/// What may have become of stored fields that are missing without a word.
pub(super) struct Guesses {
    /// Stored fields, and the new ones that they may be under new names.
    pub(super) renames: Vec<(usize, usize)>,
    /// Whether other new fields may hold what was in other missing ones.
    may_hold: bool,
}

impl Walker<'_> {
    /// Whether two types of different names are so much alike that one may be the other under a new name.
    pub(super) fn resemble(&self, id: StepId) -> bool {
        match self.nodes(id) {
            (Node::Struct(stored), Node::Struct(new)) => {
                self.fields_resemble(&stored.fields, &new.fields, self.pair(id).zone != Zone::Free)
            }
            (Node::Enum(stored), Node::Enum(new)) if stored.variants.len() > MOST || new.variants.len() > MOST => false,
            (Node::Enum(stored), Node::Enum(new)) => stored.variants.iter().all(|stored| {
                let same = new.variants.iter().find(|new| new.name == stored.name);
                same.is_some_and(|new| self.fields_resemble(&stored.fields, &new.fields, true))
            }),
            _ => false,
        }
    }

    /// Whether the fields of one name are of one type, and there are such fields; in keys, whether all are the same.
    pub(super) fn fields_resemble(&self, stored: &[Field], new: &[Field], exactly: bool) -> bool {
        if stored.len() > MOST || new.len() > MOST {
            return false;
        }
        let mut same = 0;
        for field in stored {
            let Some(now) = new.iter().find(|new| new.name == field.name) else { continue };
            if !self.looks_alike(field.node, now.node) {
                return false;
            }
            same += 1;
        }
        match exactly {
            true => same == stored.len() && same == new.len(),
            false => same > 0 || stored.is_empty() && new.is_empty(),
        }
    }

    /// To declare that a stored field has another name now.
    pub(super) fn renamed_field(&self, at: usize, former: &str, records: &Records<'_, '_>) -> Fix {
        let field = &records.new[at];
        Fix::Alias {
            site: records.sites[0].with_field(at),
            former: former.to_owned(),
            name: field.name.clone(),
            declaration: self.as_rust(field),
        }
    }

    /// What may have become of stored fields that are missing without a word: a new field of the same type is the
    /// missing one under a new name if there is no other of either.
    pub(super) fn guesses(&self, records: &Records<'_, '_>, matches: &Matches) -> Guesses {
        let Records { stored, new, hints, .. } = *records;
        let missing = (0..stored.len())
            .filter(|source| matches.of_stored[*source].is_none() && !records.removed.holds(&stored[*source].name));
        let missing: Vec<usize> = missing.take(MOST + 1).collect();
        let added = matches.added().filter(|at| !records.tombstones.holds(&new[*at].name));
        let added: Vec<usize> = added.take(MOST + 1).collect();
        if missing.is_empty() || added.is_empty() || missing.len() > MOST || added.len() > MOST {
            return Guesses { renames: Vec::new(), may_hold: false };
        }
        // What the policy drops from another stored variant that becomes the same one would be read under the new name.
        let is_dropped_beside = |name: &str| {
            let is_beside = records.beside.is_some_and(|payloads| payloads.having(name) > 1);
            self.policy.losses == Losses::Any && is_beside
        };
        let named: HashSet<&String> = hints.fields.iter().flat_map(|field| &field.aliases).collect();
        let missing: Vec<usize> = missing.into_iter().filter(|source| !named.contains(&stored[*source].name)).collect();
        let mut alike = Vec::new();
        for source in &missing {
            let same = |at: &&usize| {
                let node = new[**at].node;
                !is_dropped_beside(&stored[*source].name)
                    && self.looks_alike(stored[*source].node, node)
                    && !(self.forgets_versions() && self.has_leaf(node))
            };
            alike.extend(added.iter().filter(same).map(|at| (*source, *at)));
        }
        let is_only = |&(source, at): &(usize, usize)| {
            alike.iter().filter(|other| other.0 == source || other.1 == at).count() == 1
        };
        let renames: Vec<(usize, usize)> = alike.iter().copied().filter(is_only).collect();
        let is_open = |at: &usize| hints.fields[*at].default.is_none() && !renames.iter().any(|rename| rename.1 == *at);
        let is_missing = missing.iter().any(|source| !renames.iter().any(|rename| rename.0 == *source));
        let may_hold = is_missing && added.iter().any(is_open);
        Guesses { renames, may_hold }
    }

    /// Whether an opaque leaf is within a new type, which is none of many parts. Under its former name, a leaf that forgets
    /// a stored version would be refused.
    fn has_leaf(&self, node: NodeId) -> bool {
        let (mut open, mut met) = (vec![node], HashSet::new());
        while let Some(at) = open.pop() {
            match self.new_schema().node(at) {
                Node::Opaque(_) => return true,
                node if met.insert(at) => open.extend(node.children()),
                _ => {}
            }
        }
        false
    }

    /// To declare a function for the whole type, where new fields may hold what was in those that are missing.
    pub(super) fn migrate_fields(&self, id: StepId, guesses: &Guesses) -> Option<Fix> {
        let is_offered = guesses.may_hold && self.pair(id).zone == Zone::Free;
        if is_offered { self.migrate_whole(id, MigrateBecause::Fields) } else { None }
    }
}
