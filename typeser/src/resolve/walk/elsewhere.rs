//! Leaves out fixes that repair one place and break another: a type is edited wherever it is used.

use std::collections::{HashMap, HashSet};

use super::layouts::same_layout_within;
use super::shapes::inside;
use super::walker::Walker;
use crate::resolve::as_rust::rust_type;
use crate::resolve::compatibility::Compatibility;
use crate::resolve::finding::Finding;
use crate::resolve::fix::{Fix, Kept, MigrateBecause, Site};
use crate::resolve::names::Matches;
use crate::resolve::plan::StepId;
use crate::resolve::rules;
use crate::schema::{Field, Node, NodeId};
use crate::snapshot::RecordHints;

/// With more pairs than this, no place is compared with the others.
const MOST_PAIRS: usize = 1 << 14;
/// Beyond this many parts of two types, they are taken for different.
const MOST_COMPARED: usize = 64;
/// So are all that would be compared after this many parts in all.
const MOST_IN_ALL: usize = 1 << 16;

impl Walker<'_> {
    /// Leaves out the fixes of refused findings that take away what fits elsewhere.
    pub(super) fn limit_fixes(&mut self) {
        let is_refused = |finding: &Finding| finding.rule.verdict == Compatibility::Incompatible;
        if !self.findings.iter().any(is_refused) {
            return;
        }
        self.limit_transparent();
        self.limit_functions();
        self.limit_renames();
        if self.pairs.len() <= MOST_PAIRS {
            self.limit_replacements();
            self.limit_below_same_bytes();
        }
    }

    /// That a newtype is stored as its field: where the newtype was stored as well, or another one or a tuple around it
    /// takes what its field has no form for.
    fn limit_transparent(&mut self) {
        let is_transparent = |fix: &Fix| matches!(fix, Fix::Transparent { .. });
        if !self.findings.iter().any(|finding| finding.fixes.iter().any(is_transparent)) {
            return;
        }
        let mut needed = HashSet::new();
        for pair in &self.pairs {
            match (self.stored_schema().node(pair.stored), self.new_schema().node(pair.new)) {
                (Node::Struct(_), Node::Struct(_)) => _ = needed.insert(pair.new),
                (_, Node::Struct(new)) => needed.extend(inside(&new.fields)),
                (Node::Tuple(_), _) => {}
                (_, Node::Tuple(new)) if new.len() == 1 => needed.extend(new),
                _ => {}
            }
        }
        for at in 0..self.findings.len() {
            let is_wrong =
                |fix: &Fix| is_transparent(fix) && fix.site().is_some_and(|site| needed.contains(&site.node));
            if !self.findings[at].fixes.iter().any(is_wrong) {
                continue;
            }
            let id = self.found_at[at].0;
            let keep = self.keep(id, Kept::Wrapping(rust_type(&self.names(id).0)));
            let fixes = &mut self.findings[at].fixes;
            fixes.retain(|fix| !is_wrong(fix));
            if !fixes.iter().any(Fix::is_keep) {
                fixes.insert(0, keep);
            }
        }
    }

    /// A function for whole values of a type that takes several stored types: they would share its version, or the
    /// function would read another one of them by the rules.
    fn limit_functions(&mut self) {
        let mut taken: HashMap<NodeId, NodeId> = HashMap::new();
        let (mut several, mut left) = (HashSet::new(), MOST_IN_ALL);
        for (finding, (id, _)) in self.findings.iter().zip(&self.found_at) {
            let site = finding.fixes.iter().find_map(|fix| match fix {
                Fix::Migrate(migrate) => Some(migrate.site),
                Fix::Alias { site, .. } => Some(*site),
                _ => None,
            });
            if let Some(site) = site.filter(|site| *site == Site::of_type(site.node)) {
                let stored = self.pair(*id).stored;
                let first = *taken.entry(site.node).or_insert(stored);
                if !self.are_one_stored_type(first, stored, &mut left) {
                    several.insert(site.node);
                }
            }
        }
        if several.is_empty() {
            return;
        }
        let is_wrong = |fix: &Fix| match fix {
            Fix::Migrate(migrate) => migrate.because == MigrateBecause::Kind && several.contains(&migrate.site.node),
            _ => false,
        };
        for finding in &mut self.findings {
            finding.fixes.retain(|fix| !is_wrong(fix));
        }
    }

    /// A former name that may have been of one field or variant only: where another stored type or variant has something
    /// of that name as well, which can only be dropped or kept there, the name cannot be an alias of something else. Where
    /// it is dropped or kept rather, all have the alias as the last way.
    fn limit_renames(&mut self) {
        let mut claims: HashMap<(Site, &str), Claims> = HashMap::new();
        for finding in &self.findings {
            let Some(name) = finding.fixes.iter().find_map(leaves_name) else { continue };
            let claims = claims.entry(name).or_default();
            claims.findings += 1;
            for (rank, fix) in finding.fixes.iter().enumerate() {
                if let Fix::Alias { site, .. } = fix {
                    let offers = claims.renames.entry(*site).or_default();
                    offers.0 += 1;
                    offers.1 += usize::from(rank == 0);
                }
            }
        }
        let rename = |fix: &Fix| {
            let Fix::Alias { site, former, .. } = fix else { return Rename::First };
            let Some(claims) = around(*site).and_then(|around| claims.get(&(around, former.as_str()))) else {
                return Rename::First;
            };
            match claims.renames.get(site) {
                Some((all, first)) if *all == claims.findings && first == all => Rename::First,
                Some((all, _)) if *all == claims.findings => Rename::Last,
                _ => Rename::Never,
            }
        };
        let mut renames = Vec::new();
        for (at, finding) in self.findings.iter().enumerate() {
            if let Some(fix) = finding.fixes.iter().position(|fix| rename(fix) != Rename::First) {
                renames.push((at, fix, rename(&finding.fixes[fix])));
            }
        }
        for (at, fix, rename) in renames {
            let fix = self.findings[at].fixes.remove(fix);
            if rename == Rename::Last {
                self.findings[at].fixes.push(fix);
            }
        }
    }

    /// Another type for a field of a type or variant that takes several stored ones, which differ in this field.
    fn limit_replacements(&mut self) {
        let replaces = |fix: &Fix| matches!(fix, Fix::KeepType { .. } | Fix::Widen { .. });
        if !self.findings.iter().any(|finding| finding.fixes.iter().any(replaces)) {
            return;
        }
        let differing: HashSet<Site> = self.differing_fields().union(&self.shared).copied().collect();
        if differing.is_empty() {
            return;
        }
        for at in 0..self.findings.len() {
            let (id, _) = self.found_at[at];
            let finding = &self.findings[at];
            let others = finding.also.iter().filter_map(|place| self.field_around_place(place));
            let is_wrong = self.field_around(id).into_iter().chain(others).any(|site| differing.contains(&site));
            if !is_wrong || !finding.fixes.iter().any(replaces) {
                continue;
            }
            let other = self.instead_of_replacing(id);
            let fixes = &mut self.findings[at].fixes;
            let place = fixes.iter().position(replaces).unwrap_or_default();
            fixes.retain(|fix| !replaces(fix));
            // In the rank of what is left out.
            let takes_place = |fix: &Fix| fix.is_keep() || matches!(fix, Fix::Convert { .. });
            match fixes.iter().position(takes_place) {
                Some(known) if known > place => fixes[place..=known].rotate_right(1),
                Some(_) => {}
                None => fixes.insert(place, other),
            }
        }
    }

    /// The fields of new types for which several stored types have values of different types.
    fn differing_fields(&self) -> HashSet<Site> {
        let mut first_of: HashMap<NodeId, NodeId> = HashMap::new();
        let mut several = HashSet::new();
        for pair in &self.pairs {
            let is_named = matches!(self.new_schema().node(pair.new), Node::Struct(_) | Node::Enum(_));
            if is_named && *first_of.entry(pair.new).or_insert(pair.stored) != pair.stored {
                several.insert(pair.new);
            }
        }
        let mut types: HashMap<Site, Option<NodeId>> = HashMap::new();
        let (mut differing, mut left) = (HashSet::new(), MOST_IN_ALL);
        let ids = (0..self.pairs.len()).map(|id| StepId(u32::try_from(id).unwrap_or(u32::MAX)));
        for id in ids.filter(|id| several.contains(&self.pair(*id).new)) {
            self.each_field(id, |site, stored| {
                let first = *types.entry(site).or_insert(stored);
                let is_same = match (first, stored) {
                    (Some(first), Some(stored)) => self.are_one_stored_type(first, stored, &mut left),
                    (first, stored) => first == stored,
                };
                if !is_same {
                    differing.insert(site);
                }
            });
        }
        differing
    }

    /// Calls `f` with each field of the new type of a pair, and with the stored type of the field, if it was stored.
    fn each_field(&self, id: StepId, mut f: impl FnMut(Site, Option<NodeId>)) {
        let downwards = self.policy.downwards;
        let site = Site::of_type(self.pair(id).new);
        let mut fields = |site: Site, (stored, was): Record<'_>, (new, hints): Record<'_>| {
            let matches = Matches::of_fields(stored, was, new, hints, downwards);
            for (at, source) in matches.of_new.iter().enumerate() {
                f(site.with_field(at), source.map(|source| stored[source].node));
            }
        };
        match self.nodes(id) {
            (Node::Struct(stored), Node::Struct(new)) => {
                let (was, hints) = (&self.stored_struct_hints(id).record, &self.struct_hints(id).record);
                fields(site, (&stored.fields, was), (&new.fields, hints));
            }
            (Node::Enum(stored), Node::Enum(new)) => {
                let (was, hints) = (self.stored_enum_hints(id), self.enum_hints(id));
                let matches = Matches::of_variants(&stored.variants, was, &new.variants, hints, downwards);
                for (place, variant) in stored.variants.iter().enumerate() {
                    let at = matches.of_stored[place].or_else(|| matches.merged.get(&place).copied());
                    let (Some(at), Some(was)) = (at, was.variants.get(place)) else { continue };
                    let new = (&new.variants[at].fields[..], &hints.variants[at].record);
                    fields(site.with_variant(at), (&variant.fields, &was.record), new);
                }
            }
            _ => {}
        }
    }

    /// Edits of types within one that is declared to have the same bytes as what was stored: it would have others.
    fn limit_below_same_bytes(&mut self) {
        let is_declared = |finding: &Finding| *finding.rule == rules::SAME_BYTES_DECLARED;
        let declared = self.findings.iter().zip(&self.found_at).filter(|(finding, _)| is_declared(finding));
        let mut open: Vec<NodeId> = declared.map(|(_, (id, _))| self.pair(*id).new).collect();
        let mut within = HashSet::new();
        while let Some(node) = open.pop() {
            if within.insert(node) {
                open.extend(self.new_schema().node(node).children());
            }
        }
        if within.is_empty() {
            return;
        }
        for at in 0..self.findings.len() {
            let (id, _) = self.found_at[at];
            if self.findings[at].rule.verdict != Compatibility::Incompatible {
                continue;
            }
            let others = self.findings[at].also.iter().filter_map(|place| self.field_around_place(place));
            let around = self.field_around(id).into_iter().chain(others).any(|site| within.contains(&site.node));
            let keep = self.keep_whole();
            let fixes = &mut self.findings[at].fixes;
            fixes.retain(|fix| match fix {
                Fix::KeepType { .. } | Fix::Widen { .. } => !around,
                Fix::Optional { site, .. } | Fix::KeepField { site, .. } | Fix::KeepVariant { site, .. } => {
                    !within.contains(&site.node)
                }
                _ => true,
            });
            if fixes.iter().all(|fix| matches!(fix, Fix::OtherUid | Fix::Advice(_))) {
                fixes.insert(0, keep);
            }
        }
    }

    /// A function for a field, or the stored type as a whole: what helps where no other type of the field does.
    pub(super) fn instead_of_replacing(&self, id: StepId) -> Fix {
        let conversion = self.conversion(id).filter(|fix| fix.site().is_some_and(|site| !self.is_keyed(site.node)));
        conversion.unwrap_or_else(|| self.keep_whole())
    }

    fn are_one_stored_type(&self, one: NodeId, other: NodeId, left: &mut usize) -> bool {
        if one == other {
            return true;
        }
        let schema = self.stored_schema();
        let most = MOST_COMPARED.min(*left);
        let mut unused = most;
        let is_same = same_layout_within((schema, one), (schema, other), &mut unused);
        *left -= if is_same.is_some() { most - unused } else { most };
        is_same == Some(true)
    }
}

/// What findings say of one stored name of a type or variant.
#[derive(Default)]
struct Claims {
    /// How many say that it is gone.
    findings: usize,
    /// How many of them offer it as the former name of something, and how many as the first fix, by what that is.
    renames: HashMap<Site, (usize, usize)>,
}

/// In which rank a rename is offered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rename {
    /// In the rank that it has.
    First,
    /// After all else.
    Last,
    /// Not at all.
    Never,
}

/// The stored name that a fix drops or keeps, and the type or variant that it is of.
fn leaves_name(fix: &Fix) -> Option<(Site, &str)> {
    match fix {
        Fix::RemoveField { site, field: name, .. }
        | Fix::KeepField { site, field: name, .. }
        | Fix::ReplaceVariant { site, variant: name, .. }
        | Fix::KeepVariant { site, variant: name, .. } => Some((*site, name)),
        _ => None,
    }
}

/// The type or variant that a field is of, or the type that a variant is of.
fn around(site: Site) -> Option<Site> {
    match (site.variant, site.field) {
        (_, Some(_)) => Some(Site { field: None, ..site }),
        (Some(_), None) => Some(Site::of_type(site.node)),
        (None, None) => None,
    }
}

/// Fields, and what is declared of them.
type Record<'a> = (&'a [Field], &'a RecordHints);

#[cfg(test)]
mod tests {
    use crate::resolve::{Fix, Policy, Role, resolve};
    use crate::snapshot::SerializerSnapshot;

    fn snapshot(root: &str, definitions: &str) -> SerializerSnapshot {
        let text = format!("typeser-snapshot 2\nintegers fixed\nroot {root}\n\n{definitions}");
        SerializerSnapshot::from_text(&text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Whether keeping a type is offered where one new type takes so many stored ones of the same layout, of about 60 parts.
    fn keeps_type_of(count: usize) -> bool {
        let fields: String = (0..60).map(|at| format!("  b{at} u8\n")).collect();
        // Types of one layout are several only if something else is declared of them.
        let stored = (1..=count).map(|at| {
            let other = if at == 1 { String::new() } else { format!("#{at}") };
            format!("struct A{other} v1\n  a B{other}\n\nstruct B{other} v1\n  @removed r{at}\n{fields}\n")
        });
        let names = (1..=count).map(|at| if at == 1 { String::from("A") } else { format!("A#{at}") });
        let root = |names: Vec<String>| format!("({})", names.join(", "));
        let stored = snapshot(&root(names.collect()), &stored.collect::<String>());
        let new = snapshot(&root(vec![String::from("A"); count]), "struct A v1\n  a string\n");
        let resolution = resolve(&stored, &new, Role::Value, &Policy::default());
        assert!(resolution.findings().len() >= count, "{} findings", resolution.findings().len());
        resolution.findings()[0].fixes.iter().any(|fix| matches!(fix, Fix::KeepType { .. }))
    }

    #[test]
    fn beyond_a_bound_stored_types_are_taken_for_different() {
        assert!(keeps_type_of(1_000) && !keeps_type_of(1_100));
    }
}
