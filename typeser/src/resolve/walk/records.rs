//! Compares structs and the payloads of variants: fields are matched by name.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use super::as_rust::{self, quoted, written};
use super::layouts::same_layout;
use super::walker::Walker;
use crate::resolve::finding::Fix;
use crate::resolve::names::{Added, Matches, NameSet};
use crate::resolve::plan::{RecordStep, ShapeId, Step, StepId, Target};
use crate::resolve::policy::Losses;
use crate::resolve::rules;
use crate::schema::{Field, Node, NodeId, PathSegment, StructNode};
use crate::snapshot::{NodeHints, RecordHints, StructHints};

/// How many pairs of types a record keeps at hand.
const LAST: usize = 32;

/// What of a record is compared: both sides' fields, and what both sides' attributes say of them.
pub(super) struct Records<'a, 'b> {
    pub(super) stored: &'a [Field],
    pub(super) new: &'a [Field],
    pub(super) hints: &'a RecordHints,
    /// The names that the new side has removed.
    pub(super) removed: NameSet<'a, String>,
    /// The names that the stored side had removed.
    pub(super) tombstones: NameSet<'a, String>,
    /// The steps from the pair to the record: none for a struct, the variant for a payload.
    pub(super) segments: &'b [PathSegment],
    /// Where a missing attribute is to be written.
    pub(super) owner: &'b str,
}

impl<'a> Walker<'a> {
    pub(super) fn structs(&mut self, id: StepId, stored: &'a StructNode, new: &'a StructNode) -> Option<Step> {
        let hints = self.struct_hints(id);
        let tombstones = &self.stored_struct_hints(id).record.removed;
        if !self.same_type(id, (&stored.name, stored.version), (&new.name, new.version), &hints.aliases) {
            return None;
        }
        if let Some(step) = self.migrated(id, (&new.name, new.version), stored.version, &hints.migrations) {
            return step;
        }
        let records = Records {
            stored: &stored.fields,
            new: &new.fields,
            hints: &hints.record,
            removed: NameSet::new(&hints.record.removed, String::as_str),
            tombstones: NameSet::new(tombstones, String::as_str),
            segments: &[],
            owner: &new.name,
        };
        self.records(id, &records).map(Step::Record)
    }

    pub(super) fn records(&mut self, id: StepId, records: &Records<'a, '_>) -> Option<RecordStep> {
        let Records { stored, new, hints, segments, .. } = records;
        let matches = Matches::of(stored, new, |at| &hints.fields[at].aliases);

        let mut complete = true;
        let mut added = None;
        for (source, field) in stored.iter().enumerate() {
            match matches.of_stored[source] {
                Some(at) if new[at].name != field.name => {
                    let path = [PathSegment::field(&field.name)];
                    let path = below(segments, &path);
                    let detail = format!("`{}` was renamed to `{}`", field.name, new[at].name);
                    self.find(&rules::FIELD_RENAMED, id, &path, detail, vec![]);
                    if records.tombstones.holds(&new[at].name) {
                        self.returns(id, records.owner, "field", &new[at].name, &path);
                        complete = false;
                    }
                }
                Some(_) => {}
                None => {
                    let added = added.get_or_insert_with(|| Added::of(&matches));
                    let merged = matches.merged.get(&source).and_then(|at| Some((matches.of_new[*at]?, *at)));
                    let merged = merged.map(|(other, at)| [field, &stored[other], &new[at]]);
                    let path = [PathSegment::field(&field.name)];
                    complete &= self.removed_field(id, field, records, added, merged, &below(segments, &path));
                }
            }
        }
        // Most fields are of few types, which take turns: those that met last are found without a hash.
        let mut last: [Option<(NodeId, NodeId, StepId)>; LAST] = [None; LAST];
        let steps: Vec<Option<StepId>> = stored
            .iter()
            .zip(&matches.of_stored)
            .map(|(field, partner)| {
                let at = (*partner)?;
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
        for (at, field) in new.iter().enumerate() {
            match matches.of_new[at] {
                Some(source) => targets.extend(steps[source].map(|step| Target::From { source, step })),
                None => match self.added_field(id, at, field, records) {
                    Some(constant) => targets.push(Target::Constant(constant)),
                    None => complete = false,
                },
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
        field: &Field,
        records: &Records<'a, '_>,
        added: &Added,
        merged: Option<[&Field; 3]>,
        path: &[PathSegment],
    ) -> bool {
        let owner = records.owner;
        let removed = format_args!("`{owner}` was stored with a field `{}`, which it no longer has", field.name);
        if records.removed.holds(&field.name) {
            self.find(&rules::FIELD_REMOVED, id, path, format!("{removed}: its values are dropped"), vec![]);
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
            self.merged_field(id, merged, path);
            return false;
        }
        let mut fixes = Vec::new();
        if let Some(only) = added.only(|at| self.looks_alike(field.node, records.new[at].node)) {
            let only = &records.new[only];
            fixes.push(Fix::rename(
                &only.name,
                format!("if you renamed `{}` to `{}`, declare it", field.name, only.name),
                format!("#[state(alias = {})]\n{}", quoted(&field.name), self.as_rust(only)),
            ));
        }
        fixes.push(Fix::code(
            format!("declare that the stored values of `{}` are dropped", field.name),
            format!("#[state(removed({}))]\n{}", quoted(&field.name), begin_of(owner)),
        ));
        fixes.push(Fix::new(format!("keep the field `{}`", field.name)));
        self.find(&rules::FIELD_REMOVED_UNDECLARED, id, path, removed.to_string(), fixes);
        false
    }

    /// A new field that nothing was stored for: the bytes that fill it.
    fn added_field(&mut self, id: StepId, at: usize, field: &Field, records: &Records<'a, '_>) -> Option<Arc<[u8]>> {
        let path = [PathSegment::field(&field.name)];
        let path = below(records.segments, &path);
        let owner = records.owner;
        if records.tombstones.holds(&field.name) {
            self.returns(id, owner, "field", &field.name, &path);
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
        if let Some(former) = self.former(field, records) {
            fixes.push(Fix::rename(
                &field.name,
                format!("if you renamed `{former}` to `{}`, declare it", field.name),
                format!("#[state(alias = {})]\n{}", quoted(former), self.as_rust(field)),
            ));
        }
        fixes.push(Fix::code("declare a default", format!("#[state(default)]\n{}", self.as_rust(field))));
        fixes.push(Fix::new(format!("make `{}` an `Option`: it becomes `None`", field.name)));
        self.find(&rules::FIELD_ADDED_WITHOUT_DEFAULT, id, &path, detail, fixes);
        None
    }

    /// The one stored field that is removed, undeclared, and was of the type of a new one.
    fn former(&self, field: &Field, records: &Records<'a, '_>) -> Option<&'a str> {
        let aliases = records.hints.fields.iter().flat_map(|field| &field.aliases);
        let new: HashSet<&str> =
            records.new.iter().map(|field| &field.name).chain(aliases).map(String::as_str).collect();
        let mut removed = records.stored.iter().filter(|stored| {
            !new.contains(stored.name.as_str())
                && !records.hints.removed.contains(&stored.name)
                && same_layout(self.stored_schema(), stored.node, self.new_schema(), field.node)
        });
        let former = removed.next()?;
        removed.next().is_none().then_some(former.name.as_str())
    }

    /// A field of the new side, as in a declaration.
    fn as_rust(&self, field: &Field) -> String {
        as_rust::field(field, &self.new_schema().type_name(field.node))
    }

    fn struct_hints(&self, id: StepId) -> &'a StructHints {
        match &self.new.hints()[self.pair(id).new.index()] {
            NodeHints::Struct(hints) => hints,
            _ => &NO_STRUCT_HINTS,
        }
    }

    fn stored_struct_hints(&self, id: StepId) -> &'a StructHints {
        match &self.stored.hints()[self.pair(id).stored.index()] {
            NodeHints::Struct(hints) => hints,
            _ => &NO_STRUCT_HINTS,
        }
    }
}

static NO_STRUCT_HINTS: StructHints = StructHints {
    aliases: Vec::new(),
    migrations: Vec::new(),
    record: RecordHints { removed: Vec::new(), fields: Vec::new() },
};

/// How the declaration of a struct begins, or that of a variant (`Status::Shipped`).
fn begin_of(owner: &str) -> String {
    match owner.rsplit_once("::") {
        None => format!("struct {} {{ .. }}", written(owner)),
        Some((_, variant)) => format!("{} {{ .. }},", written(variant)),
    }
}

/// The path of a part below these segments, which most records do not have.
fn below<'a>(segments: &[PathSegment], part: &'a [PathSegment]) -> Cow<'a, [PathSegment]> {
    if segments.is_empty() { Cow::Borrowed(part) } else { Cow::Owned([segments, part].concat()) }
}
