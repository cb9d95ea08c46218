//! Structs, enums and their payloads: fields and variants find each other by name.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Walker, rules};
use crate::resolve::plan::{Arm, ArmAction, RecordStep, ShapeId, Step, StepId, Target};
use crate::resolve::{Fix, Losses};
use crate::schema::{EnumNode, Field, IntegerEncoding, Node, NodeId, PathSegment, StructNode, Variant};
use crate::snapshot::{EnumHints, NodeHints, RecordHints, StructHints, VariantHints};
use crate::wire::{Fixed, Reader, Variable, validate};

/// What of a record is compared: one side's fields, and what both sides' attributes say of them.
struct Records<'a, 'b> {
    stored: &'a [Field],
    new: &'a [Field],
    hints: &'a RecordHints,
    /// The names that the stored side had removed.
    tombstones: &'a [String],
    /// The steps from the pair to the record: none for a struct, the variant for a payload.
    segments: &'b [PathSegment],
    /// Where a missing attribute is to be written.
    owner: &'b str,
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
            tombstones,
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
        let tags = [stored, new].map(|node| first_double(node.variants.iter().map(|variant| variant.tag)));
        if let Some(tag) = tags[0].or(tags[1]) {
            let detail = format!("two variants of `{}` have tag {tag}", new.name);
            self.find(&rules::TAG_COLLISION, id, &[], detail, vec![]);
            return None;
        }
        let removed: Vec<&str> = hints.removed.iter().map(|removed| removed.name.as_str()).collect();
        let stored_names = stored.variants.iter().map(|variant| variant.name.as_str());
        let aliases: Vec<&[String]> = hints.variants.iter().map(|variant| variant.aliases.as_slice()).collect();
        let new_names: Vec<&str> = new.variants.iter().map(|variant| variant.name.as_str()).collect();
        if self.clash(id, &[], stored_names, &new_names, &aliases, &removed) {
            return None;
        }

        let partner = partners(stored.variants.iter().map(|variant| variant.name.as_str()), &new_names, &aliases);
        let mut arms = Vec::with_capacity(stored.variants.len());
        let mut complete = true;
        let mut moved = Vec::new();
        for (place, variant) in stored.variants.iter().enumerate() {
            let arm = match partner[place] {
                Some(at) => {
                    let now = &new.variants[at];
                    if now.tag != variant.tag {
                        moved.push(now.name.clone());
                    }
                    if now.name != variant.name && stored_hints.removed.iter().any(|removed| removed.name == now.name) {
                        let path = [PathSegment::variant(&variant.name)];
                        self.returns(id, &new.name, "variant", &now.name, &path);
                        complete = false;
                    }
                    let tombstones = &stored_hints.variants[place].record.removed;
                    self.kept_variant(id, &new.name, variant, now, &hints.variants[at], tombstones)
                }
                None => self.gone_variant(id, variant, stored, new, hints, &partner),
            };
            complete &= arm.is_some();
            arms.extend(arm.map(|action| Arm { stored_tag: variant.tag, action }));
        }
        if !moved.is_empty() {
            let detail = format!("{} stored under other tags", are(&moved, &new.name));
            self.find(&rules::VARIANTS_REORDERED, id, &[], detail, vec![]);
        }
        let matched: HashSet<usize> = partner.iter().copied().flatten().collect();
        for variant in new.variants.iter().enumerate().filter(|(at, _)| !matched.contains(at)).map(|(_, v)| v) {
            let returns = stored_hints.removed.iter().any(|removed| removed.name == variant.name);
            let segment = [PathSegment::variant(&variant.name)];
            if returns {
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
            let detail = format!("`{}` is `{}` now", stored.name, new.name);
            self.find(&rules::VARIANT_RENAMED, id, &segments, detail, vec![]);
        }
        let owner = format!("{owner}::{}", new.name);
        let records = Records {
            stored: &stored.fields,
            new: &new.fields,
            hints: &hints.record,
            tombstones,
            segments: &segments,
            owner: &owner,
        };
        self.records(id, &records).map(|payload| ArmAction::Keep { tag: new.tag, payload })
    }

    fn gone_variant(
        &mut self,
        id: StepId,
        variant: &Variant,
        stored: &EnumNode,
        new: &'a EnumNode,
        hints: &'a EnumHints,
        partner: &[Option<usize>],
    ) -> Option<ArmAction> {
        let segments = [PathSegment::variant(&variant.name)];
        let declared = hints.removed.iter().find(|removed| removed.name == variant.name);
        if let Some(value) = declared.and_then(|removed| removed.becomes.as_deref()) {
            let what = format!("what `{}` becomes", variant.name);
            let value = self.constant(id, self.pair(id).new, value, &what, &segments)?;
            let becomes = self.tag_of(&value).and_then(|tag| new.variants.iter().find(|variant| variant.tag == tag));
            let name = becomes.map_or("", |becomes| becomes.name.as_str());
            let detail = format!("stored values of `{}::{}` become `{}::{name}`", stored.name, variant.name, new.name);
            let rule = match becomes {
                Some(becomes) if self.is_replacement(variant, becomes, stored, new, hints, partner) => {
                    &rules::VARIANT_REPLACED
                }
                _ => &rules::VARIANT_REMOVED,
            };
            self.find(rule, id, &segments, detail, vec![]);
            let payload = variant.fields.iter().map(|field| ShapeId::of(field.node)).collect();
            return Some(ArmAction::Replace { payload, value });
        }
        if let Some(name) = hints.fallback.as_deref() {
            let (value, fallback) = self.fallback(id, name, new, hints, &segments)?;
            let detail =
                format!("stored values of `{}::{}` become `{}::{fallback}`", stored.name, variant.name, new.name);
            self.find(&rules::VARIANT_TO_FALLBACK, id, &segments, detail, vec![]);
            let payload = variant.fields.iter().map(|field| ShapeId::of(field.node)).collect();
            return Some(ArmAction::Replace { payload, value });
        }
        if self.is_full() {
            return None;
        }
        let mut fixes = Vec::new();
        let taken: HashSet<usize> = partner.iter().copied().flatten().collect();
        let fresh: Vec<&Variant> =
            new.variants.iter().enumerate().filter(|(at, _)| !taken.contains(at)).map(|(_, variant)| variant).collect();
        if let [only] = fresh.as_slice() {
            fixes.push(Fix::rename(
                &only.name,
                format!("did you rename `{}` to `{}`? Then say so", variant.name, only.name),
                format!("#[state(alias = \"{}\")]\n{},", variant.name, only.name),
            ));
        }
        let replacement = new.variants.iter().find(|variant| variant.fields.is_empty());
        let becomes = replacement.map_or_else(|| "..".to_owned(), |variant| format!("{}::{}", new.name, variant.name));
        fixes.push(Fix::code(
            format!("say what stored values of `{}` become", variant.name),
            format!("#[state(removed(\"{}\", becomes = {becomes}))]\nenum {} {{ .. }}", variant.name, new.name),
        ));
        fixes.push(Fix::new(format!("keep the variant `{}`", variant.name)));
        let detail = format!("`{}` was stored with a variant `{}`, which it has no more", stored.name, variant.name);
        self.find(&rules::VARIANT_REMOVED_UNDECLARED, id, &segments, detail, fixes);
        None
    }

    /// Whether the variant that a removed one becomes stands for it alone, and nothing of it is lost.
    fn is_replacement(
        &self,
        removed: &Variant,
        becomes: &Variant,
        stored: &EnumNode,
        new: &EnumNode,
        hints: &EnumHints,
        partner: &[Option<usize>],
    ) -> bool {
        let is_kept = partner.iter().flatten().any(|at| new.variants[*at].name == becomes.name);
        let gone = stored.variants.iter().zip(partner).filter(|(_, partner)| partner.is_none()).map(|(gone, _)| gone);
        let as_well = gone.filter(|gone| gone.name != removed.name).any(|gone| {
            let declared = hints.removed.iter().find(|declared| declared.name == gone.name);
            match declared.and_then(|declared| declared.becomes.as_deref()) {
                Some(value) => self.tag_of(value) == Some(becomes.tag),
                None => hints.fallback.as_deref() == Some(becomes.name.as_str()),
            }
        });
        removed.fields.is_empty() && !is_kept && !as_well
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
        let detail = format!("`{owner}` had a {kind} `{name}` once and removed it");
        self.find(&rules::REMOVED_NAME_RETURNS, id, path, detail, vec![Fix::new("choose another name")]);
    }

    /// Whether the declared names say that this is the same type. Reports what they say.
    fn same_type(&mut self, id: StepId, stored: (&str, u32), new: (&str, u32), aliases: &[String]) -> bool {
        if stored.0 != new.0 {
            if !aliases.iter().any(|alias| alias == stored.0) {
                let fix = Fix::rename(
                    new.0,
                    format!("if `{}` was renamed to `{}`, say so", stored.0, new.0),
                    format!("#[state(alias = \"{}\")]", stored.0),
                );
                let keep = Fix::new(format!("keep `{}` here", stored.0));
                self.report(id, &rules::TYPE_CHANGED, vec![fix, keep]);
                return false;
            }
            self.report(id, &rules::TYPE_RENAMED, vec![]);
        }
        if stored.1 > new.1 {
            let detail = format!("`{}` was stored as version {}, this program has version {}", new.0, stored.1, new.1);
            self.find(&rules::VERSION_WENT_BACK, id, &[], detail, vec![]);
        }
        true
    }

    fn records(&mut self, id: StepId, records: &Records<'a, '_>) -> Option<RecordStep> {
        let Records { stored, new, hints, segments, .. } = records;
        let aliases: Vec<&[String]> = hints.fields.iter().map(|field| field.aliases.as_slice()).collect();
        let new_names: Vec<&str> = new.iter().map(|field| field.name.as_str()).collect();
        let removed: Vec<&str> = hints.removed.iter().map(String::as_str).collect();
        let stored_names = || stored.iter().map(|field| field.name.as_str());
        if self.clash(id, segments, stored_names(), &new_names, &aliases, &removed) {
            return None;
        }

        let partner = partners(stored_names(), &new_names, &aliases);
        let mut source_of: Vec<Option<usize>> = vec![None; new.len()];
        for (source, at) in partner.iter().enumerate() {
            if let Some(at) = at {
                source_of[*at] = Some(source);
            }
        }
        let mut complete = true;
        for (source, field) in stored.iter().enumerate() {
            let path = join(segments, PathSegment::field(&field.name));
            match partner[source] {
                Some(at) if new[at].name != field.name => {
                    let detail = format!("`{}` is `{}` now", field.name, new[at].name);
                    self.find(&rules::FIELD_RENAMED, id, &path, detail, vec![]);
                    if records.tombstones.contains(&new[at].name) {
                        self.returns(id, records.owner, "field", &new[at].name, &path);
                        complete = false;
                    }
                }
                Some(_) => {}
                None => complete &= self.gone_field(id, field, records, &source_of, &path),
            }
        }
        let steps: Vec<Option<StepId>> = stored
            .iter()
            .zip(&partner)
            .map(|(field, partner)| {
                let at = (*partner)?;
                let path = join(segments, PathSegment::field(&field.name));
                let step = self.field(id, field.node, new[at].node, &hints.fields[at], &path);
                complete &= step.is_some();
                step
            })
            .collect();
        let mut targets = Vec::with_capacity(new.len());
        for (at, field) in new.iter().enumerate() {
            match source_of[at] {
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
            let detail = format!("the fields of `{}` stand in another order", records.owner);
            self.find(&rules::FIELDS_REORDERED, id, segments, detail, vec![]);
        }
        complete.then_some(step)
    }

    /// A stored field that the new side does not have. Answers whether it may go.
    fn gone_field(
        &mut self,
        id: StepId,
        field: &Field,
        records: &Records<'a, '_>,
        source_of: &[Option<usize>],
        path: &[PathSegment],
    ) -> bool {
        let owner = records.owner;
        let detail = format!("`{owner}` was stored with a field `{}`, which it has no more", field.name);
        if records.hints.removed.contains(&field.name) {
            self.find(&rules::FIELD_REMOVED, id, path, detail, vec![]);
            return true;
        }
        if self.policy.losses == Losses::Any {
            self.find(&rules::FIELD_REMOVED_BY_POLICY, id, path, detail, vec![]);
            return true;
        }
        if self.is_full() {
            return false;
        }
        let mut fixes = Vec::new();
        let fresh = records.new.iter().zip(source_of).filter(|(_, source)| source.is_none()).map(|(field, _)| field);
        let alike: Vec<&Field> = fresh
            .filter(|new| super::shapes::same_layout(self.stored_schema(), field.node, self.new_schema(), new.node))
            .collect();
        if let [only] = alike.as_slice() {
            fixes.push(Fix::rename(
                &only.name,
                format!("did you rename `{}` to `{}`? Then say so", field.name, only.name),
                format!("#[state(alias = \"{}\")]\n{}: ..,", field.name, only.name),
            ));
        }
        fixes.push(Fix::code(
            format!("give the stored values of `{}` up, on record", field.name),
            format!("#[state(removed(\"{}\"))]  // on `{owner}`", field.name),
        ));
        fixes.push(Fix::new(format!("keep the field `{}`", field.name)));
        self.find(&rules::FIELD_REMOVED_UNDECLARED, id, path, detail, fixes);
        false
    }

    /// A new field that nothing was stored for: the bytes that fill it.
    fn added_field(&mut self, id: StepId, at: usize, field: &Field, records: &Records<'a, '_>) -> Option<Arc<[u8]>> {
        let path = join(records.segments, PathSegment::field(&field.name));
        let owner = records.owner;
        if records.tombstones.contains(&field.name) {
            self.returns(id, owner, "field", &field.name, &path);
            return None;
        }
        if let Some(default) = &records.hints.fields[at].default {
            let what = format!("the default of the new field `{}`", field.name);
            let default = self.constant(id, field.node, default, &what, &path)?;
            let detail = format!("`{owner}` has a new field `{}`; its default fills it", field.name);
            self.find(&rules::FIELD_ADDED, id, &path, detail, vec![]);
            return Some(default);
        }
        if matches!(self.new_schema().node(field.node), Node::Option(_)) {
            let detail = format!("`{owner}` has a new field `{}`; it becomes `None`", field.name);
            self.find(&rules::OPTION_FIELD_ADDED, id, &path, detail, vec![]);
            return Some(Arc::from([0]));
        }
        let detail =
            format!("`{owner}` has a new field `{}`, and nothing says what it is in stored values", field.name);
        let fixes = vec![
            Fix::code("declare a default", format!("#[state(default)]\n{}: ..,", field.name)),
            Fix::new(format!("make `{}` an `Option`: it becomes `None`", field.name)),
        ];
        self.find(&rules::FIELD_ADDED_WITHOUT_DEFAULT, id, &path, detail, fixes);
        None
    }

    /// Reports a name that stands for two things. A derive never writes one; a hand-made snapshot may.
    fn clash<'b>(
        &mut self,
        id: StepId,
        segments: &[PathSegment],
        stored: impl Iterator<Item = &'b str>,
        new: &[&str],
        aliases: &[&[String]],
        removed: &[&str],
    ) -> bool {
        let claimed = new.iter().copied().chain(aliases.iter().copied().flatten().map(String::as_str));
        let clash = first_double(stored).or_else(|| first_double(claimed.chain(removed.iter().copied())));
        let Some(name) = clash.map(str::to_owned) else { return false };
        let detail = format!("`{name}` stands for more than one thing");
        self.find(&rules::NAME_CLASH, id, segments, detail, vec![]);
        true
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

/// For every stored name the place of its partner: the new thing of that name, or else the one with that alias.
pub(in crate::resolve) fn partners<'a>(
    stored: impl Iterator<Item = &'a str>,
    new: &[&'a str],
    aliases: &[&'a [String]],
) -> Vec<Option<usize>> {
    let by_name: HashMap<&str, usize> = new.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let by_alias: HashMap<&str, usize> = aliases
        .iter()
        .enumerate()
        .flat_map(|(at, aliases)| aliases.iter().map(move |alias| (alias.as_str(), at)))
        .collect();
    let stored: Vec<&str> = stored.collect();
    let mut partner: Vec<Option<usize>> = stored.iter().map(|name| by_name.get(name).copied()).collect();
    let mut taken: HashSet<usize> = partner.iter().copied().flatten().collect();
    for (name, partner) in stored.iter().zip(&mut partner).filter(|(_, partner)| partner.is_none()) {
        *partner = by_alias.get(name).copied().filter(|at| taken.insert(*at));
    }
    partner
}

pub(super) fn first_double<T: Eq + std::hash::Hash + Copy>(things: impl Iterator<Item = T>) -> Option<T> {
    let mut seen = HashSet::new();
    let mut things = things;
    things.find(|thing| !seen.insert(*thing))
}

fn join(segments: &[PathSegment], last: PathSegment) -> Vec<PathSegment> {
    segments.iter().cloned().chain([last]).collect()
}

/// `` `A`, `B` of `Status` are ``
fn are(names: &[String], owner: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{} of `{owner}` {}", quoted.join(", "), if names.len() == 1 { "is" } else { "are" })
}
