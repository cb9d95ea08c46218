//! Compares enums: variants are matched by name, and their payloads as records.

use std::collections::{BTreeSet, HashMap};

use super::layouts::same_layout_within;
use super::record_pair::{Payloads, Records};
use super::walker::Walker;
use crate::resolve::adopted::{NO_ENUM_HINTS, NO_RECORD_HINTS};
use crate::resolve::as_rust;
use crate::resolve::fix::Fix;
use crate::resolve::names::{Added, Matches, NameSet};
use crate::resolve::plan::{Arm, ArmAction, ShapeId, Step, StepId};
use crate::resolve::role::Zone;
use crate::resolve::rules;
use crate::schema::{EnumNode, NodeId, PathSegment, Variant};
use crate::snapshot::{EnumHints, NodeHints, RecordHints, RemovedVariant};

/// How many nodes of two fields of merged variants are compared.
const MOST_SHARED: usize = 64;

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
    /// How many stored variants are missing without a word.
    undeclared: usize,
}

impl RemovedVariants<'_> {
    /// Whether only one stored variant becomes the new one at this place.
    fn stands_alone(&self, at: usize) -> bool {
        self.claims[at] == 1
    }
}

impl<'a> Walker<'a> {
    pub(super) fn enums(&mut self, id: StepId, stored: &'a EnumNode, new: &'a EnumNode) -> Option<Step> {
        let hints = self.enum_hints(id);
        let stored_hints = self.stored_enum_hints(id);
        if !self.same_type(id, (&stored.name, stored.version), (&new.name, new.version), &hints.aliases) {
            return None;
        }
        if let Some(step) = self.migrated(id, (&new.name, new.version), stored.version, &hints.migrations) {
            return step;
        }
        let downwards = self.policy.downwards;
        let matches = Matches::of_variants(&stored.variants, stored_hints, &new.variants, hints, downwards);
        if !self.may_compare(id, stored.variants.len() + new.variants.len()) {
            return None;
        }
        self.note_shared(id, stored, new, hints, &matches);
        let payloads = matches.merged.values().collect::<BTreeSet<_>>().into_iter().map(|at| {
            let sources = matches.sources(*at).iter();
            (*at, Payloads::of(sources.map(|source| &stored.variants[*source].fields[..])))
        });
        let payloads: HashMap<usize, Payloads<'a>> = payloads.collect();
        let new_names = NameSet::new(&new.variants, |variant: &Variant| &variant.name);

        let mut arms = Vec::with_capacity(stored.variants.len());
        let mut complete = true;
        let mut moved = Vec::new();
        let tombstones = if downwards { &[] } else { stored_hints.removed.as_slice() };
        let tombstones = NameSet::new(tombstones, |removed| &removed.name);
        let said = |place: usize| stored_hints.variants.get(place).map_or(&NO_RECORD_HINTS, |hints| &hints.record);
        let mut removed = None;
        for (place, variant) in stored.variants.iter().enumerate() {
            let arm = match (matches.of_stored[place], matches.merged.get(&place)) {
                (Some(at), _) => {
                    let now = &new.variants[at];
                    if now.tag != variant.tag {
                        moved.push(now.name.clone());
                    }
                    if now.name != variant.name && tombstones.holds(&now.name) {
                        let path = [PathSegment::variant(&variant.name)];
                        self.returns(id, self.sites(id)[0].with_variant(at), (&new.name, &now.name), &path);
                        complete = false;
                    }
                    if matches.earlier.contains(&place) {
                        let path = [PathSegment::variant(&variant.name)];
                        self.read_by_earlier_name(id, &path, &variant.name, &now.name);
                    } else if now.name != variant.name {
                        let detail = format!("`{}` was renamed to `{}`", variant.name, now.name);
                        self.find(&rules::VARIANT_RENAMED, id, &[PathSegment::variant(&variant.name)], detail, vec![]);
                    }
                    self.kept_variant(id, (place, at), (stored, new), hints, said(place), &payloads)
                }
                (None, Some(at)) => {
                    let now = &new.variants[*at];
                    let first = matches.of_new[*at].map(|first| stored.variants[first].name.as_str());
                    let too = match first.filter(|first| *first != now.name) {
                        Some(first) => format!("and so do those of `{}::{first}`", stored.name),
                        None => "which was stored as well".to_owned(),
                    };
                    let (was, is) = (&stored.name, &new.name);
                    let detail =
                        format!("stored values of `{was}::{}` become `{is}::{}`, {too}", variant.name, now.name);
                    self.find(&rules::VARIANTS_MERGED, id, &[PathSegment::variant(&variant.name)], detail, vec![]);
                    self.kept_variant(id, (place, *at), (stored, new), hints, said(place), &payloads)
                }
                (None, None) => {
                    let aliases = stored_hints.variants.get(place).map_or(&[][..], |hints| &hints.aliases);
                    self.note_earlier_name("variant", &variant.name, aliases, &new_names);
                    let removed = removed.get_or_insert_with(|| self.removed_variants(stored, new, hints, &matches));
                    self.removed_variant(id, place, stored, new, removed)
                }
            };
            complete &= arm.is_some();
            arms.extend(arm.map(|action| Arm { stored_tag: variant.tag, action }));
        }
        if !moved.is_empty() {
            let detail = format!("{} stored under different tags", are(&moved, &new.name));
            self.find(&rules::VARIANTS_REORDERED, id, &[], detail, vec![]);
        }
        for at in matches.added() {
            let variant = &new.variants[at];
            let segment = [PathSegment::variant(&variant.name)];
            if tombstones.holds(&variant.name) {
                self.returns(id, self.sites(id)[0].with_variant(at), (&new.name, &variant.name), &segment);
                complete = false;
            } else {
                let detail = format!("`{}` has a new variant `{}`", new.name, variant.name);
                self.find(&rules::VARIANT_ADDED, id, &segment, detail, vec![]);
            }
        }
        complete.then_some(Step::Enum(arms))
    }

    /// Notes the fields of new variants for which several stored variants have values of different types.
    fn note_shared(&mut self, id: StepId, stored: &EnumNode, new: &EnumNode, hints: &EnumHints, matches: &Matches) {
        let schema = self.stored.schema();
        let mut found = Vec::new();
        for at in matches.merged.values().copied().collect::<BTreeSet<usize>>() {
            let hints = &hints.variants[at].record.fields;
            let mut types: HashMap<usize, NodeId> = HashMap::new();
            for variant in matches.sources(at).iter().map(|source| &stored.variants[*source]) {
                if !self.may_compare(id, variant.fields.len() + new.variants[at].fields.len()) {
                    return;
                }
                let fields = Matches::of(&variant.fields, &new.variants[at].fields, |at| &hints[at].aliases);
                for (field, becomes) in variant.fields.iter().zip(&fields.of_stored) {
                    let Some(becomes) = *becomes else { continue };
                    let first = *types.entry(becomes).or_insert(field.node);
                    let is_same = same_layout_within((schema, first), (schema, field.node), &mut { MOST_SHARED });
                    if is_same != Some(true) {
                        found.push(self.sites(id)[0].with_variant(at).with_field(becomes));
                    }
                }
            }
        }
        self.shared.extend(found);
    }

    fn kept_variant(
        &mut self,
        id: StepId,
        (place, at): (usize, usize),
        (enum_was, enum_now): (&'a EnumNode, &'a EnumNode),
        hints: &'a EnumHints,
        was: &'a RecordHints,
        payloads: &HashMap<usize, Payloads<'a>>,
    ) -> Option<ArmAction> {
        let (stored, new, hints) = (&enum_was.variants[place], &enum_now.variants[at], &hints.variants[at]);
        let segments = [PathSegment::variant(&stored.name)];
        let owner = format!("{}::{}", enum_now.name, new.name);
        let [site, stored_site] = self.sites(id);
        let records = Records {
            stored: &stored.fields,
            stored_names: NameSet::new(&stored.fields, |field| &field.name),
            new: &new.fields,
            hints: &hints.record,
            removed: NameSet::new(&hints.record.removed, String::as_str),
            was,
            tombstones: self.tombstones(was),
            segments: &segments,
            owner: &owner,
            sites: [site.with_variant(at), stored_site.with_variant(place)],
            beside: payloads.get(&at),
        };
        self.records(id, &records).map(|payload| ArmAction::Keep { tag: new.tag, payload })
    }

    fn removed_variant(
        &mut self,
        id: StepId,
        place: usize,
        stored: &EnumNode,
        new: &'a EnumNode,
        removed: &RemovedVariants<'a>,
    ) -> Option<ArmAction> {
        let variant = &stored.variants[place];
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
        if self.policy.downwards {
            let detail = format!(
                "`{}` was stored with a variant `{}`, which this release does not have",
                stored.name, variant.name
            );
            self.find(&rules::VARIANT_OF_NEWER_RELEASE, id, &segments, detail, vec![]);
            let payload = variant.fields.iter().map(|field| ShapeId::of(field.node)).collect();
            return Some(ArmAction::Refuse { payload });
        }
        if self.is_full() {
            return None;
        }
        let [site, stored_site] = self.sites(id);
        // What other stored variants become already is not this one under a new name.
        let is_free = |at: &usize| removed.undeclared == 1 && declared.is_none() && removed.claims[*at] == 0;
        let renamed = removed.added.only(|_| true).filter(is_free).map(|at| Fix::Alias {
            site: site.with_variant(at),
            former: variant.name.clone(),
            name: new.variants[at].name.clone(),
            declaration: as_rust::variant(&new.variants[at]),
        });
        let payload = removed.added.only(|_| true).map_or(&[][..], |at| &new.variants[at].fields);
        let mut fixes = Vec::new();
        let (sure, unsure) = match self.fields_resemble(&variant.fields, payload, self.pair(id).zone != Zone::Free) {
            true => (renamed, None),
            false => (None, renamed),
        };
        fixes.extend(sure);
        // Keeping the variant keeps all data, so it comes before a replacement.
        let stored_site = stored_site.with_variant(place);
        fixes.push(Fix::KeepVariant { site, stored: stored_site, variant: variant.name.clone() });
        // An enum without variants has no value that could take the place.
        fixes.extend((!new.variants.is_empty()).then(|| Fix::ReplaceVariant {
            site,
            owner: new.name.clone(),
            variant: variant.name.clone(),
            drops_payload: !variant.fields.is_empty(),
        }));
        fixes.extend(unsure);
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
        for (place, variant) in stored.variants.iter().enumerate() {
            let becomes = || declared.get(&variant.name)?.becomes.as_deref();
            let kept = matches.of_stored[place].or_else(|| matches.merged.get(&place).copied());
            let at = kept.or_else(|| match becomes() {
                Some(value) => self.tag_of(value).and_then(|tag| places.get(&tag)).copied(),
                None => fallback,
            });
            if let Some(at) = at {
                claims[at] += 1;
            }
        }
        let undeclared = (0..stored.variants.len())
            .filter(|place| {
                let declared = declared.get(&stored.variants[*place].name);
                let becomes = declared.is_some_and(|removed| removed.becomes.is_some());
                let is_missing = matches.of_stored[*place].is_none() && !matches.merged.contains_key(place);
                is_missing && !becomes && fallback.is_none()
            })
            .count();
        RemovedVariants { undeclared, hints, declared, places, claims, added: Added::of(matches) }
    }

    pub(super) fn enum_hints(&self, id: StepId) -> &'a EnumHints {
        match &self.new.hints()[self.pair(id).new.index()] {
            NodeHints::Enum(hints) => hints,
            _ => &NO_ENUM_HINTS,
        }
    }

    pub(super) fn stored_enum_hints(&self, id: StepId) -> &'a EnumHints {
        match &self.stored.hints()[self.pair(id).stored.index()] {
            NodeHints::Enum(hints) => hints,
            _ => &NO_ENUM_HINTS,
        }
    }
}

/// `` `A`, `B` of `Status` are ``
fn are(names: &[String], owner: &str) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("{} of `{owner}` {}", quoted.join(", "), if names.len() == 1 { "is" } else { "are" })
}
