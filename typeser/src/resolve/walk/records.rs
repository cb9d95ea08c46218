//! Compares structs, enums and payloads: fields and variants are matched by name.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::as_rust::{self, quoted, written};
use super::layouts::same_layout;
use super::walker::Walker;
use crate::resolve::finding::Fix;
use crate::resolve::names::{Added, Matches, NameSet};
use crate::resolve::plan::{Arm, ArmAction, RecordStep, ShapeId, Step, StepId, Target};
use crate::resolve::policy::Losses;
use crate::resolve::rules;
use crate::schema::{EnumNode, Field, IntegerEncoding, Node, NodeId, PathSegment, StructNode, Variant};
use crate::snapshot::{EnumHints, NodeHints, RecordHints, RemovedVariant, StructHints, VariantHints};
use crate::wire::{Fixed, Reader, Variable, validate};

/// How many pairs of types a record keeps at hand.
const LAST: usize = 32;

/// What of a record is compared: one side's fields, and what both sides' attributes say of them.
struct Records<'a, 'b> {
    stored: &'a [Field],
    new: &'a [Field],
    hints: &'a RecordHints,
    /// The names that the new side has removed.
    removed: NameSet<'a, String>,
    /// The names that the stored side had removed.
    tombstones: NameSet<'a, String>,
    /// The steps from the pair to the record: none for a struct, the variant for a payload.
    segments: &'b [PathSegment],
    /// Where a missing attribute is to be written.
    owner: &'b str,
}

/// What is known of an enum of which stored variants are removed.
struct RemovedVariants<'a> {
    hints: &'a EnumHints,
    /// The variants that the new side has removed.
    declared: NameSet<'a, RemovedVariant>,
    /// The index of the new variant of each tag.
    places: HashMap<u32, usize>,
    /// How many stored variants become each new one.
    claims: Vec<usize>,
    added: Added,
    /// A new variant without payload.
    plain: Option<usize>,
}

impl RemovedVariants<'_> {
    /// Whether only one stored variant becomes the new one at this place.
    fn stands_alone(&self, at: usize) -> bool {
        self.claims[at] == 1
    }
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

    pub(super) fn enums(&mut self, id: StepId, stored: &'a EnumNode, new: &'a EnumNode) -> Option<Step> {
        let hints = self.enum_hints(id);
        let stored_hints = self.stored_enum_hints(id);
        if !self.same_type(id, (&stored.name, stored.version), (&new.name, new.version), &hints.aliases) {
            return None;
        }
        if let Some(step) = self.migrated(id, (&new.name, new.version), stored.version, &hints.migrations) {
            return step;
        }
        let matches = Matches::of(&stored.variants, &new.variants, |at| &hints.variants[at].aliases);

        let mut arms = Vec::with_capacity(stored.variants.len());
        let mut complete = true;
        let mut moved = Vec::new();
        let tombstones = NameSet::new(&stored_hints.removed, |removed| &removed.name);
        let mut removed = None;
        for (place, variant) in stored.variants.iter().enumerate() {
            let arm = match matches.of_stored[place] {
                Some(at) => {
                    let now = &new.variants[at];
                    if now.tag != variant.tag {
                        moved.push(now.name.clone());
                    }
                    if now.name != variant.name && tombstones.holds(&now.name) {
                        let path = [PathSegment::variant(&variant.name)];
                        self.returns(id, &new.name, "variant", &now.name, &path);
                        complete = false;
                    }
                    let removed = stored_hints.variants.get(place).map_or(&[][..], |hints| &hints.record.removed);
                    self.kept_variant(id, &new.name, variant, now, &hints.variants[at], removed)
                }
                None => {
                    let removed = removed.get_or_insert_with(|| self.removed_variants(stored, new, hints, &matches));
                    self.removed_variant(id, variant, stored, new, removed)
                }
            };
            complete &= arm.is_some();
            arms.extend(arm.map(|action| Arm { stored_tag: variant.tag, action }));
        }
        if !moved.is_empty() {
            let detail = format!("{} stored under different tags", are(&moved, &new.name));
            self.find(&rules::VARIANTS_REORDERED, id, &[], detail, vec![]);
        }
        for variant in matches.added().map(|at| &new.variants[at]) {
            let segment = [PathSegment::variant(&variant.name)];
            if tombstones.holds(&variant.name) {
                self.returns(id, &new.name, "variant", &variant.name, &segment);
                complete = false;
            } else {
                let detail = format!("`{}` has a new variant `{}`", new.name, variant.name);
                self.find(&rules::VARIANT_ADDED, id, &segment, detail, vec![]);
            }
        }
        complete.then_some(Step::Enum(arms))
    }

    fn kept_variant(
        &mut self,
        id: StepId,
        owner: &str,
        stored: &'a Variant,
        new: &'a Variant,
        hints: &'a VariantHints,
        tombstones: &'a [String],
    ) -> Option<ArmAction> {
        let segments = [PathSegment::variant(&stored.name)];
        if stored.name != new.name {
            let detail = format!("`{}` was renamed to `{}`", stored.name, new.name);
            self.find(&rules::VARIANT_RENAMED, id, &segments, detail, vec![]);
        }
        let owner = format!("{owner}::{}", new.name);
        let records = Records {
            stored: &stored.fields,
            new: &new.fields,
            hints: &hints.record,
            removed: NameSet::new(&hints.record.removed, String::as_str),
            tombstones: NameSet::new(tombstones, String::as_str),
            segments: &segments,
            owner: &owner,
        };
        self.records(id, &records).map(|payload| ArmAction::Keep { tag: new.tag, payload })
    }

    fn removed_variant(
        &mut self,
        id: StepId,
        variant: &Variant,
        stored: &EnumNode,
        new: &'a EnumNode,
        removed: &RemovedVariants<'a>,
    ) -> Option<ArmAction> {
        let segments = [PathSegment::variant(&variant.name)];
        let declared = removed.declared.get(&variant.name);
        if let Some(value) = declared.and_then(|removed| removed.becomes.as_deref()) {
            let what = format!("what `{}` becomes", variant.name);
            let value = self.constant(id, self.pair(id).new, value, &what, &segments)?;
            let becomes = self.tag_of(&value).and_then(|tag| removed.places.get(&tag)).copied();
            let name = becomes.map_or("", |at| new.variants[at].name.as_str());
            let detail = format!("stored values of `{}::{}` become `{}::{name}`", stored.name, variant.name, new.name);
            let rule = match becomes {
                Some(at) if variant.fields.is_empty() && removed.stands_alone(at) => &rules::VARIANT_REPLACED,
                _ => &rules::VARIANT_REMOVED,
            };
            self.find(rule, id, &segments, detail, vec![]);
            let payload = variant.fields.iter().map(|field| ShapeId::of(field.node)).collect();
            return Some(ArmAction::Replace { payload, value });
        }
        if let Some(name) = removed.hints.fallback.as_deref() {
            let (value, fallback) = self.fallback(id, name, new, removed.hints, &segments)?;
            let detail =
                format!("stored values of `{}::{}` become `{}::{fallback}`", stored.name, variant.name, new.name);
            self.find(&rules::VARIANT_TO_FALLBACK, id, &segments, detail, vec![]);
            let payload = variant.fields.iter().map(|field| ShapeId::of(field.node)).collect();
            return Some(ArmAction::Replace { payload, value });
        }
        if self.is_full() {
            return None;
        }
        if self.merged_variant(id, variant, (stored, new), removed.hints, &segments) {
            return None;
        }
        let mut fixes = Vec::new();
        if let Some(only) = removed.added.only(|_| true) {
            let only = &new.variants[only];
            fixes.push(Fix::rename(
                &only.name,
                format!("if you renamed `{}` to `{}`, declare it", variant.name, only.name),
                format!("#[state(alias = {})]\n{}", quoted(&variant.name), as_rust::variant(only)),
            ));
        }
        let replacement = removed.plain.map(|at| written(&format!("{}::{}", new.name, new.variants[at].name)));
        let becomes = replacement.as_deref().unwrap_or("..");
        fixes.push(Fix::code(
            format!("declare what stored values of `{}` become", variant.name),
            format!(
                "#[state(removed({}, becomes = {becomes}))]\nenum {} {{ .. }}",
                quoted(&variant.name),
                written(&new.name)
            ),
        ));
        fixes.push(Fix::new(format!("keep the variant `{}`", variant.name)));
        let detail = format!("`{}` was stored with a variant `{}`, which it no longer has", stored.name, variant.name);
        self.find(&rules::VARIANT_REMOVED_UNDECLARED, id, &segments, detail, fixes);
        None
    }

    /// What has to be known of an enum of which stored variants are removed.
    fn removed_variants(
        &self,
        stored: &EnumNode,
        new: &EnumNode,
        hints: &'a EnumHints,
        matches: &Matches,
    ) -> RemovedVariants<'a> {
        let declared = NameSet::new(&hints.removed, |removed| &removed.name);
        let places: HashMap<u32, usize> =
            new.variants.iter().enumerate().map(|(at, variant)| (variant.tag, at)).collect();
        let fallback = hints.fallback.as_ref();
        let fallback = fallback.and_then(|name| new.variants.iter().position(|variant| variant.name == *name));
        let mut claims = vec![0; new.variants.len()];
        for (variant, partner) in stored.variants.iter().zip(&matches.of_stored) {
            let becomes = || declared.get(&variant.name)?.becomes.as_deref();
            let at = partner.or_else(|| match becomes() {
                Some(value) => self.tag_of(value).and_then(|tag| places.get(&tag)).copied(),
                None => fallback,
            });
            if let Some(at) = at {
                claims[at] += 1;
            }
        }
        RemovedVariants {
            hints,
            declared,
            places,
            claims,
            added: Added::of(matches),
            plain: new.variants.iter().position(|variant| variant.fields.is_empty()),
        }
    }

    /// The tag with which a constant of the new side begins.
    fn tag_of(&self, value: &[u8]) -> Option<u32> {
        match self.new.configuration().integers {
            IntegerEncoding::Fixed => Reader::<Fixed>::new(value).take_tag().ok(),
            IntegerEncoding::Variable => Reader::<Variable>::new(value).take_tag().ok(),
        }
    }

    /// A constant of the new side, if it is a value of its type. A derive never writes another.
    ///
    /// It is validated and copied once, however many stored types it fills fields of.
    pub(super) fn constant(
        &mut self,
        id: StepId,
        node: NodeId,
        bytes: &'a [u8],
        what: &str,
        path: &[PathSegment],
    ) -> Option<Arc<[u8]>> {
        let (schema, integers) = (self.new.schema(), self.new.configuration().integers);
        // The snapshot is borrowed for as long as the walk lasts, so that a place in it is a name for these bytes.
        let checked = self.constants.entry((node, bytes.as_ptr(), bytes.len())).or_insert_with(|| {
            validate(schema, node, integers, bytes)
                .map(|()| Arc::from(bytes))
                .map_err(|error| format!("at its byte {}, {}", error.offset(), error.kind()))
        });
        match checked {
            Ok(bytes) => Some(Arc::clone(bytes)),
            Err(error) => {
                let name = schema.type_name(node);
                let detail = format!("{what} is not a value of `{name}`: {error}");
                self.find(&rules::CONSTANT_MALFORMED, id, path, detail, vec![]);
                None
            }
        }
    }

    /// Reports a name of the new side that the stored side had removed.
    fn returns(&mut self, id: StepId, owner: &str, kind: &str, name: &str, path: &[PathSegment]) {
        let detail = format!("`{owner}` once had a {kind} `{name}` and removed it");
        self.find(&rules::REMOVED_NAME_RETURNS, id, path, detail, vec![Fix::new("choose another name")]);
    }

    /// Whether the declared names say that this is the same type. Reports what they say.
    fn same_type(&mut self, id: StepId, stored: (&str, u32), new: (&str, u32), aliases: &[String]) -> bool {
        if stored.0 != new.0 {
            if !aliases.iter().any(|alias| alias == stored.0) {
                let word = as_rust::declares(self.nodes(id).1);
                let fix = Fix::rename(
                    new.0,
                    format!("if `{}` was renamed to `{}`, declare it", stored.0, new.0),
                    format!("#[state(alias = {})]\n{word} {} {{ .. }}", quoted(stored.0), written(new.0)),
                );
                let keep = Fix::new(format!("keep `{}` here", stored.0));
                self.report(id, &rules::TYPE_CHANGED, vec![fix, keep]);
                return false;
            }
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

    fn records(&mut self, id: StepId, records: &Records<'a, '_>) -> Option<RecordStep> {
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
                    let path = [PathSegment::field(&field.name)];
                    complete &= self.removed_field(id, field, records, added, &below(segments, &path));
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
        if self.merged_field(id, field, (records.stored, records.new), records.hints, path) {
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

    fn enum_hints(&self, id: StepId) -> &'a EnumHints {
        match &self.new.hints()[self.pair(id).new.index()] {
            NodeHints::Enum(hints) => hints,
            _ => &NO_ENUM_HINTS,
        }
    }

    fn stored_enum_hints(&self, id: StepId) -> &'a EnumHints {
        match &self.stored.hints()[self.pair(id).stored.index()] {
            NodeHints::Enum(hints) => hints,
            _ => &NO_ENUM_HINTS,
        }
    }
}

static NO_STRUCT_HINTS: StructHints = StructHints {
    aliases: Vec::new(),
    migrations: Vec::new(),
    record: RecordHints { removed: Vec::new(), fields: Vec::new() },
};

static NO_ENUM_HINTS: EnumHints = EnumHints {
    aliases: Vec::new(),
    migrations: Vec::new(),
    removed: Vec::new(),
    fallback: None,
    variants: Vec::new(),
};

/// The first function for values of a version or a later one, if the stored version is newer than it; as the end of a
/// sentence.
pub(super) fn first_over<'a>(
    functions: impl Iterator<Item = (u32, &'a str)>,
    version: u32,
    stored: u32,
) -> Option<String> {
    let (from, id) = functions.filter(|(from, _)| stored > version && *from >= version).min()?;
    Some(format!("stored values are what `{id}` makes of version {from}"))
}

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

/// `` `A`, `B` of `Status` are ``
fn are(names: &[String], owner: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{} of `{owner}` {}", quoted.join(", "), if names.len() == 1 { "is" } else { "are" })
}
