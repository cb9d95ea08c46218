//! Compares structs and the payloads of variants: fields are matched by name.

use std::sync::Arc;

use super::guesses::Guesses;
use super::record_pair::{Payloads, Records, below};
use super::walker::Walker;
use crate::resolve::as_rust;
use crate::resolve::fix::{Fix, Site};
use crate::resolve::names::{Matches, NameSet};
use crate::resolve::plan::{RecordStep, ShapeId, Step, StepId, Target};
use crate::resolve::policy::Losses;
use crate::resolve::rules;
use crate::schema::{Field, Node, NodeId, PathSegment, StructNode};
use crate::snapshot::{NodeHints, RecordHints, StructHints};

/// How many pairs of types a record keeps at hand.
const LAST: usize = 32;

impl<'a> Walker<'a> {
    pub(super) fn structs(&mut self, id: StepId, stored: &'a StructNode, new: &'a StructNode) -> Option<Step> {
        let hints = self.struct_hints(id);
        let was = &self.stored_struct_hints(id).record;
        if !self.same_type(id, (&stored.name, stored.version), (&new.name, new.version), &hints.aliases) {
            return None;
        }
        if let Some(step) = self.migrated(id, (&new.name, new.version), stored.version, &hints.migrations) {
            return step;
        }
        let records = Records {
            stored: &stored.fields,
            stored_names: NameSet::new(&stored.fields, |field| &field.name),
            new: &new.fields,
            hints: &hints.record,
            removed: NameSet::new(&hints.record.removed, String::as_str),
            was,
            tombstones: self.tombstones(was),
            segments: &[],
            owner: &new.name,
            sites: self.sites(id),
            beside: None,
        };
        self.records(id, &records).map(Step::Record)
    }

    pub(super) fn records(&mut self, id: StepId, records: &Records<'a, '_>) -> Option<RecordStep> {
        let Records { stored, new, hints, was, segments, .. } = records;
        if !self.may_compare(id, stored.len() + new.len()) {
            return None;
        }
        let matches = Matches::of_fields(stored, was, new, hints, self.policy.downwards);

        let mut complete = true;
        let mut guesses: Option<Guesses> = None;
        let new_names = NameSet::new(new, |field: &Field| &field.name);
        for (source, field) in stored.iter().enumerate() {
            match matches.of_stored[source] {
                Some(at) if matches.earlier.contains(&source) => {
                    let path = [PathSegment::field(&field.name)];
                    self.read_by_earlier_name(id, &below(segments, &path), &field.name, &new[at].name);
                }
                Some(at) if new[at].name != field.name => {
                    let path = [PathSegment::field(&field.name)];
                    let path = below(segments, &path);
                    let detail = format!("`{}` was renamed to `{}`", field.name, new[at].name);
                    self.find(&rules::FIELD_RENAMED, id, &path, detail, vec![]);
                    if records.tombstones.holds(&new[at].name) {
                        let site = records.sites[0].with_field(at);
                        self.returns(id, site, (records.owner, &new[at].name), &path);
                        complete = false;
                    }
                }
                Some(_) => {}
                None => {
                    let aliases = was.fields.get(source).map_or(&[][..], |hints| &hints.aliases);
                    self.note_earlier_name("field", &field.name, aliases, &new_names);
                    let guesses = guesses.get_or_insert_with(|| self.guesses(records, &matches));
                    let merged = matches.merged.get(&source).and_then(|at| Some((matches.of_new[*at]?, *at)));
                    let merged = merged.map(|(other, at)| [&stored[other], &new[at]]);
                    let path = [PathSegment::field(&field.name)];
                    complete &= self.removed_field(id, source, records, guesses, merged, &below(segments, &path));
                }
            }
        }
        // Most fields are of few types, which take turns: those that met last are found without a hash.
        let mut last: [Option<(NodeId, NodeId, StepId)>; LAST] = [None; LAST];
        let steps: Vec<Option<StepId>> = stored
            .iter()
            .zip(&matches.of_stored)
            .enumerate()
            .map(|(source, (field, partner))| {
                let at = (*partner)?;
                if self.was_converted(id, was.fields.get(source), (field, &new[at]), segments) {
                    complete = false;
                    return None;
                }
                // Those of types that have met before need no path.
                let hints = &hints.fields[at];
                let taught = !hints.conversions.is_empty() || hints.none.is_some();
                if !taught {
                    let pair = (field.node, new[at].node);
                    let last = &mut last[(pair.0.index() + pair.1.index()) % LAST];
                    let met = last.filter(|met| (met.0, met.1) == pair).map(|met| met.2);
                    if let Some(known) = met.or_else(|| self.met(id, pair.0, pair.1)) {
                        *last = Some((pair.0, pair.1, known));
                        return Some(known);
                    }
                }
                let path = [PathSegment::field(&field.name)];
                let path = below(segments, &path);
                let step = self.field(id, field.node, new[at].node, hints, &path);
                complete &= step.is_some();
                step
            })
            .collect();
        let mut targets = Vec::with_capacity(new.len());
        for at in 0..new.len() {
            match matches.of_new[at] {
                Some(source) => targets.extend(steps[source].map(|step| Target::From { source, step })),
                None => {
                    let guesses = guesses.get_or_insert_with(|| self.guesses(records, &matches));
                    match self.added_field(id, at, records, guesses) {
                        Some(constant) => targets.push(Target::Constant(constant)),
                        None => complete = false,
                    }
                }
            }
        }
        let sources = stored.iter().map(|field| ShapeId::of(field.node)).collect();
        let step = RecordStep { sources, targets };
        if !step.in_order() {
            let detail = format!("the fields of `{}` are in another order", records.owner);
            self.find(&rules::FIELDS_REORDERED, id, segments, detail, vec![]);
        }
        complete.then_some(step)
    }

    /// A stored field that the new side does not have. Returns whether it may be dropped.
    fn removed_field(
        &mut self,
        id: StepId,
        source: usize,
        records: &Records<'a, '_>,
        guesses: &Guesses,
        merged: Option<[&Field; 2]>,
        path: &[PathSegment],
    ) -> bool {
        let owner = records.owner;
        let field = &records.stored[source];
        let removed = format_args!("`{owner}` was stored with a field `{}`, which it no longer has", field.name);
        if records.removed.holds(&field.name) {
            self.find(&rules::FIELD_REMOVED, id, path, format!("{removed}: its values are dropped"), vec![]);
            return true;
        }
        if self.policy.downwards && merged.is_none() {
            let detail = format!(
                "`{owner}` was stored with a field `{}`, which this release does not have: its values are left out",
                field.name
            );
            self.find(&rules::FIELD_OF_NEWER_RELEASE, id, path, detail, vec![]);
            return true;
        }
        if self.policy.losses == Losses::Any {
            let detail = format!("{removed}: its values are dropped, as the policy allows");
            self.find(&rules::FIELD_REMOVED_BY_POLICY, id, path, detail, vec![]);
            return true;
        }
        if self.is_full() {
            return false;
        }
        if let Some(merged) = merged {
            self.merged_field(id, source, records, merged, path);
            return false;
        }
        let mut fixes = Vec::new();
        match guesses.renames.iter().find(|rename| rename.0 == source) {
            Some((_, at)) => fixes.push(self.renamed_field(*at, &field.name, records)),
            None => fixes.extend(self.migrate_fields(id, guesses)),
        }
        fixes.extend(self.removed_field_fixes(source, records, false));
        self.find(&rules::FIELD_REMOVED_UNDECLARED, id, path, removed.to_string(), fixes);
        false
    }

    /// To declare that a stored field is dropped, or to keep it.
    pub(super) fn removed_field_fixes(&self, source: usize, records: &Records<'_, '_>, aliased: bool) -> [Fix; 2] {
        let [site, stored] = records.sites;
        let kept = &records.stored[source];
        let (field, owner) = (&kept.name, records.owner.to_owned());
        let needs_default = records.beside.is_some_and(|payloads| payloads.lack(field));
        let declaration = needs_default.then(|| as_rust::field(kept, &self.stored_schema().type_name(kept.node)));
        [
            Fix::RemoveField { site, owner, field: field.clone(), aliased },
            Fix::KeepField { site, stored: stored.with_field(source), field: field.clone(), declaration },
        ]
    }

    /// A new field that nothing was stored for: the bytes that fill it.
    fn added_field(
        &mut self,
        id: StepId,
        at: usize,
        records: &Records<'a, '_>,
        guesses: &Guesses,
    ) -> Option<Arc<[u8]>> {
        let field = &records.new[at];
        let path = [PathSegment::field(&field.name)];
        let path = below(records.segments, &path);
        let owner = records.owner;
        if records.tombstones.holds(&field.name) {
            self.returns(id, records.sites[0].with_field(at), (owner, &field.name), &path);
            return None;
        }
        if let Some(default) = &records.hints.fields[at].default {
            let what = format!("the default of the new field `{}`", field.name);
            let default = self.constant(id, field.node, default, &what, &path)?;
            let detail = format!("`{owner}` has a new field `{}`; it gets its default", field.name);
            self.find(&rules::FIELD_ADDED, id, &path, detail, vec![]);
            return Some(default);
        }
        if matches!(self.new_schema().node(field.node), Node::Option(_)) {
            let detail = format!("`{owner}` has a new field `{}`; it becomes `None`", field.name);
            self.find(&rules::OPTION_FIELD_ADDED, id, &path, detail, vec![]);
            return Some(Arc::from([0]));
        }
        let detail = format!("`{owner}` has a new field `{}`, and no value is declared for stored values", field.name);
        if self.is_full() {
            return None;
        }
        let mut fixes = Vec::new();
        let site = records.sites[0].with_field(at);
        match guesses.renames.iter().find(|rename| rename.1 == at) {
            Some((source, _)) => fixes.push(self.renamed_field(at, &records.stored[*source].name, records)),
            None => fixes.extend(self.migrate_fields(id, guesses)),
        }
        fixes.push(Fix::Default { site, declaration: self.as_rust(field) });
        // Where another stored variant that becomes the same one has the field, its values would have to change.
        let mut names = std::iter::once(&field.name).chain(&records.hints.fields[at].aliases);
        let is_own = |name: &str| usize::from(records.stored_names.holds(name));
        let is_beside = |payloads: &Payloads<'_>| names.any(|name| payloads.having(name) > is_own(name));
        if !records.beside.is_some_and(is_beside) {
            fixes.push(Fix::Optional { site, field: field.name.clone() });
        }
        self.find(&rules::FIELD_ADDED_WITHOUT_DEFAULT, id, &path, detail, fixes);
        None
    }

    /// Whether a new field has no value where none is stored.
    pub(super) fn lacks_default(&self, site: Site) -> bool {
        let (fields, hints) = match (self.new_schema().node(site.node), &self.new.hints()[site.node.index()]) {
            (Node::Struct(node), NodeHints::Struct(hints)) => (&node.fields, &hints.record.fields),
            (Node::Enum(node), NodeHints::Enum(hints)) => match site.variant {
                Some(variant) => (&node.variants[variant].fields, &hints.variants[variant].record.fields),
                None => return false,
            },
            _ => return false,
        };
        site.field.is_some_and(|at| {
            hints[at].default.is_none() && !matches!(self.new_schema().node(fields[at].node), Node::Option(_))
        })
    }

    /// A field or variant of the new side, as in a declaration.
    pub(super) fn declaration(&self, site: Site) -> String {
        match (self.new_schema().node(site.node), site.variant, site.field) {
            (Node::Enum(node), Some(variant), None) => as_rust::variant(&node.variants[variant]),
            _ => self.new_field(site).map(|field| self.as_rust(field)).unwrap_or_default(),
        }
    }

    /// The name of a field of the new side.
    pub(super) fn field_name(&self, site: Site) -> Option<String> {
        self.new_field(site).map(|field| field.name.clone())
    }

    fn new_field(&self, site: Site) -> Option<&'a Field> {
        let fields = match (self.new.schema().node(site.node), site.variant) {
            (Node::Struct(node), _) => &node.fields,
            (Node::Enum(node), Some(variant)) => &node.variants[variant].fields,
            _ => return None,
        };
        fields.get(site.field?)
    }

    /// A field of the new side, as in a declaration.
    pub(super) fn as_rust(&self, field: &Field) -> String {
        as_rust::field(field, &self.new_schema().type_name(field.node))
    }

    pub(super) fn struct_hints(&self, id: StepId) -> &'a StructHints {
        match &self.new.hints()[self.pair(id).new.index()] {
            NodeHints::Struct(hints) => hints,
            _ => &NO_STRUCT_HINTS,
        }
    }

    pub(super) fn stored_struct_hints(&self, id: StepId) -> &'a StructHints {
        match &self.stored.hints()[self.pair(id).stored.index()] {
            NodeHints::Struct(hints) => hints,
            _ => &NO_STRUCT_HINTS,
        }
    }
}

static NO_STRUCT_HINTS: StructHints = StructHints {
    aliases: Vec::new(),
    was: Vec::new(),
    migrations: Vec::new(),
    record: RecordHints { removed: Vec::new(), fields: Vec::new() },
};
