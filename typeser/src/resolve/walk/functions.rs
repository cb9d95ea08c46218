//! Conversions that attributes declare: functions, values for a stored `None`, and fallbacks for removed variants.

use std::sync::Arc;

use super::layouts::same_layout_within;
use super::reading::Reading;
use super::walker::Walker;
use super::weights::weight;
use crate::resolve::adopted::adopt;
use crate::resolve::as_rust::{declares, stored_type};
use crate::resolve::finding::Place;
use crate::resolve::fix::{ConvertToo, Fix, InjectiveMigration, Kept, Site};
use crate::resolve::plan::{Before, FunctionsStep, Step, StepId};
use crate::resolve::role::Zone;
use crate::resolve::rules;
use crate::schema::{EnumNode, Field, IntegerEncoding, Node, NodeId, PathSegment, Schema};
use crate::snapshot::{
    ConversionHint, EnumHints, FieldHints, NodeHints, RecordHints, SerializerSnapshot, TypeMigration,
};
use crate::wire::{Fixed, Integers, Output, Variable, Writer};

/// How much is copied out for functions at the most: nodes, their parts, what their names weigh, and ids.
const MOST_COPIED: usize = 1 << 20;
/// How many options inside each other a declared value stands for. No program has more; a snapshot may have no end of
/// them.
const MOST_UNWRAPPED: usize = 16;

/// What a place declares of what is stored there: a field, or the value as a whole.
#[derive(Clone, Copy)]
struct DeclaredHere<'a> {
    was: &'a [Schema],
    none: Option<&'a [u8]>,
    conversions: &'a [ConversionHint],
}

impl DeclaredHere<'_> {
    fn is_empty(&self) -> bool {
        self.was.is_empty() && self.none.is_none() && self.conversions.is_empty()
    }

    /// What holds for the value in a stored option as well.
    fn of_part(self) -> Self {
        Self { was: &[], ..self }
    }
}

impl<'a> Walker<'a> {
    /// How a stored field becomes the new one: by what the field declares, else by the rules.
    ///
    /// What is declared belongs to the field, not to the types: the same types may meet elsewhere.
    pub(super) fn field(
        &mut self,
        id: StepId,
        stored: NodeId,
        new: NodeId,
        hints: &'a FieldHints,
        path: &[PathSegment],
    ) -> Option<StepId> {
        let declared = DeclaredHere { was: &[], none: hints.none.as_deref(), conversions: &hints.conversions };
        self.part_within(id, (stored, new), declared, path, 0)
    }

    /// How the stored value as a whole becomes the new one, where something is declared of that: the step at the top is
    /// filled in. Where nothing declared applies, the rules decide.
    pub(super) fn whole(&mut self, top: StepId) {
        let hints = self.new.root_hints();
        let declared = DeclaredHere { was: &hints.was, none: hints.none.as_deref(), conversions: &hints.conversions };
        let whole = (NodeId::ROOT, NodeId::ROOT);
        // It belongs to the top, not to its types, which may meet again further down.
        let pair = (NodeId::ROOT, NodeId::ROOT, self.pair(top).zone);
        let known = self.known.remove(&pair);
        let Some(step) = self.declared_step(top, whole, declared, &[], 0) else {
            self.known.extend(known.map(|known| (pair, known)));
            return;
        };
        self.stack.retain(|open| *open != top);
        self.steps[top.0 as usize] = step;
    }

    /// `unwrapped` is how many stored options lie around the part that are none any more.
    fn part_within(
        &mut self,
        id: StepId,
        (stored, new): (NodeId, NodeId),
        declared: DeclaredHere<'a>,
        path: &[PathSegment],
        unwrapped: usize,
    ) -> Option<StepId> {
        match self.declared_step(id, (stored, new), declared, path, unwrapped) {
            None => Some(self.child(id, stored, new, path)),
            Some(step) => {
                let step = step?;
                Some(self.placed(id, stored, new, path, step))
            }
        }
    }

    /// What a place declares to become of what is stored there; `None` if nothing declared applies, so that the rules
    /// decide.
    ///
    /// Inside: `None` if there should be a step and is none.
    #[allow(clippy::option_option, reason = "outside: whether it is declared; inside: whether there is a step")]
    fn declared_step(
        &mut self,
        id: StepId,
        (stored, new): (NodeId, NodeId),
        declared: DeclaredHere<'a>,
        path: &[PathSegment],
        unwrapped: usize,
    ) -> Option<Option<Step>> {
        if declared.is_empty() || unwrapped == MOST_UNWRAPPED {
            return None;
        }
        if let Some(step) = self.was(id, declared.was) {
            return Some(step);
        }
        for conversion in declared.conversions {
            match self.reads(id, path, conversion.source.schema(), stored) {
                None => return Some(None),
                Some(false) => {}
                Some(true) => return Some(self.converted(id, (stored, new), conversion, path)),
            }
        }
        match (self.stored_schema().node(stored), self.new_schema().node(new), declared.none) {
            (&Node::Option(_), Node::Option(_), _) => None,
            (&Node::Option(inner), _, Some(none)) => {
                Some(self.unwrapped(id, (stored, inner, new), (declared, none), path, unwrapped))
            }
            _ => None,
        }
    }

    /// The step of a function that a place declares.
    fn converted(
        &mut self,
        id: StepId,
        (stored, new): (NodeId, NodeId),
        conversion: &ConversionHint,
        path: &[PathSegment],
    ) -> Option<Step> {
        let rule = if conversion.injective { &rules::FIELD_CONVERTED_ONE_TO_ONE } else { &rules::FIELD_CONVERTED };
        let step = self.functions(id, vec![conversion.id.clone()], None, (stored, new), path)?;
        let (was, now) = (self.stored_schema().type_name(stored), self.new_schema().type_name(new));
        let detail = format!("`{was}` was stored; `{}` converts it to `{now}`", conversion.id);
        self.find(rule, id, path, detail, vec![]);
        self.offer_injective(id, path, conversion);
        Some(step)
    }

    /// The step of a stored option that is none any more, where a place declares what `None` becomes.
    fn unwrapped(
        &mut self,
        id: StepId,
        (stored, inner, new): (NodeId, NodeId, NodeId),
        (declared, none): (DeclaredHere<'a>, &'a [u8]),
        path: &[PathSegment],
        unwrapped: usize,
    ) -> Option<Step> {
        let none = self.constant(id, new, none, "what a stored `None` becomes", path)?;
        let detail = format!(
            "`{}` was stored, `{}` is used now; a declared value replaces `None`",
            self.stored_schema().type_name(stored),
            self.new_schema().type_name(new),
        );
        self.find(&rules::NONE_REPLACED, id, path, detail, vec![]);
        let within: Vec<PathSegment> = path.iter().cloned().chain([PathSegment::Some]).collect();
        let some = self.part_within(id, (inner, new), declared.of_part(), &within, unwrapped + 1)?;
        Some(Step::Unwrap { some, none })
    }

    /// Offers to declare that a function keeps different keys different, where that is what is missing.
    fn offer_injective(&mut self, id: StepId, path: &[PathSegment], conversion: &ConversionHint) {
        let site = self.field_at(self.pair(id).new, path);
        let from = stored_type(conversion.source.schema(), NodeId::ROOT);
        let declaration = site.map(|site| self.declaration(site)).unwrap_or_default();
        let (is_whole, function) = (id == StepId(0) && path.is_empty(), conversion.id.clone());
        if let (Some(last), Some(from)) = (self.findings.last_mut(), from)
            && *last.rule == rules::NOT_INJECTIVE
        {
            match site {
                Some(site) => last.fixes.insert(0, Fix::Injective { site, declaration, function, from }),
                None if is_whole => {
                    // A second function for the same layout would never be called.
                    last.fixes.retain(|fix| !matches!(fix, Fix::ConvertWhole { .. }));
                    last.fixes.insert(0, Fix::InjectiveWhole { function, from });
                }
                None => {}
            }
        }
    }

    /// The same, for functions for whole values.
    fn offer_injective_migration(&mut self, id: StepId, chain: &[&TypeMigration]) {
        let new = self.pair(id).new;
        let Some(declared) = self.declared(new) else { return };
        let word = declares(self.new_schema().node(new));
        let lacking = chain.iter().filter(|migration| !migration.injective);
        let functions: Vec<(u32, String)> = lacking.map(|migration| (migration.from, migration.id.clone())).collect();
        if let Some(last) = self.findings.last_mut()
            && *last.rule == rules::NOT_INJECTIVE
        {
            let promise = InjectiveMigration {
                site: Site::of_type(new),
                word,
                name: declared.name.to_owned(),
                version: declared.version,
                has_others: functions.len() < declared.migrations.len(),
                functions,
            };
            last.fixes.insert(0, Fix::InjectiveMigration(Box::new(promise)));
        }
    }

    /// What a field can declare if its type became another one: a function that makes the one of the other.
    pub(super) fn conversion(&self, at: StepId) -> Option<Fix> {
        let mut around = Some(at);
        while let Some(id) = around {
            let pair = self.pair(id);
            // Bytes of keys must not change. What contains map keys or set elements may be converted as a whole.
            if pair.zone == Zone::Fixed {
                return None;
            }
            if let (Zone::Free, Some(PathSegment::Field(_))) = (pair.zone, pair.segments.last()) {
                let from = stored_type(self.stored_schema(), pair.stored)?;
                let site = self.site_of(id)?;
                let declaration = self.declaration(site);
                return Some(Fix::Convert { site, declaration, stored: pair.stored, from, more: Vec::new() });
            }
            around = pair.way;
        }
        None
    }

    /// The same, of another place.
    pub(super) fn conversion_at(&self, place: &Place) -> Option<ConvertToo> {
        let segments = place.path.segments();
        for at in (1..place.chain.len()).rev() {
            let (link, above) = (place.chain[at], place.chain[at - 1]);
            let path = segments.get(above.depth..link.depth)?;
            let enters_key = |segment: &PathSegment| matches!(segment, PathSegment::MapKey | PathSegment::SetElement);
            if let Some(PathSegment::Field(_)) = path.last()
                && !segments[..link.depth].iter().any(enters_key)
            {
                let from = stored_type(self.stored_schema(), link.stored)?;
                let site = self.field_at(above.new, path)?;
                let (field, declaration) = (self.field_name(site)?, self.declaration(site));
                return Some(ConvertToo { site, field, declaration, stored: link.stored, from });
            }
        }
        None
    }

    /// What the functions for whole values of the stored version make of it; `None` if there is none to call.
    ///
    /// Inside: `None` if there should be one and is not.
    #[allow(clippy::option_option, reason = "outside: whether functions decide; inside: whether there is a step")]
    pub(super) fn migrated(
        &mut self,
        id: StepId,
        new: (&str, u32),
        stored: u32,
        migrations: &[TypeMigration],
    ) -> Option<Option<Step>> {
        if !migrations.is_empty() && !self.may_copy(id, &[]) {
            return Some(None);
        }
        // All functions are looked through, in each place.
        self.copied += migrations.len() / 8;
        let chain = chain(stored, new.1, migrations);
        let first = *chain.first()?;
        let pair = self.pair(id).clone();
        if first.from != stored {
            let detail = format!(
                "version {stored} of `{}` was stored; version {} is migrated by a function, and none is declared for version {stored}",
                new.0, new.1,
            );
            let fix = Fix::MigrateOlder {
                site: Site::of_type(pair.new),
                stored: pair.stored,
                from: stored,
                next: first.from,
                version: new.1,
            };
            let keep = self.keep(id, Kept::Here(new.0.to_owned()));
            let fixes = if pair.zone == Zone::Free { vec![fix] } else { vec![keep] };
            self.find(&rules::MIGRATION_MISSING, id, &[], detail, fixes);
            return Some(None);
        }
        let Some(reading) = self.reading(id, first) else { return Some(None) };
        if let Reading::None { source, because } = &reading {
            let detail = format!(
                "`{}` reads a layout of `{source}` that differs from the stored version {stored}{because}",
                first.id,
            );
            let site = Site::of_type(pair.new);
            let name = self.stored_schema().type_name(pair.stored);
            let word = declares(self.stored_schema().node(pair.stored));
            let fixes = vec![
                Fix::ReadStoredLayout { site, stored: pair.stored, from: stored, name, word },
                Fix::ReadAnyLayout { site, from: stored },
            ];
            self.find(&rules::MIGRATION_READS_ANOTHER_LAYOUT, id, &[], detail, fixes);
            return Some(None);
        }
        let (was, now) = (format!("version {stored} of `{}`", new.0), format!("version {}", new.1));
        Some(self.through(id, &chain, reading, [&was, &now]))
    }

    /// The step for functions that make `now` of what was stored.
    pub(super) fn through(
        &mut self,
        id: StepId,
        chain: &[&TypeMigration],
        reading: Reading,
        [was, now]: [&str; 2],
    ) -> Option<Step> {
        let ids: Vec<String> = chain.iter().map(|migration| migration.id.clone()).collect();
        let named: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
        let detail = format!("{was} was stored; it becomes {now} by {}", named.join(", then "));
        let injective = chain.iter().all(|migration| migration.injective);
        let rule = if injective { &rules::TYPE_MIGRATED_ONE_TO_ONE } else { &rules::TYPE_MIGRATED };
        self.find(rule, id, &[], detail, vec![]);
        self.offer_injective_migration(id, chain);
        let before = match reading {
            Reading::ByRules(by_rules) => {
                self.add_findings(id, by_rules.findings, &chain.first()?.id);
                Some(by_rules.before)
            }
            Reading::Exactly | Reading::None { .. } => None,
        };
        let pair = self.pair(id);
        let (stored, new) = (pair.stored, pair.new);
        self.functions(id, ids, before, (stored, new), &[])
    }

    /// The step for functions that convert a part. `None` if too much was copied for such steps already,
    /// which no real program does.
    pub(super) fn functions(
        &mut self,
        id: StepId,
        ids: Vec<String>,
        before: Option<Before>,
        (stored, new): (NodeId, NodeId),
        path: &[PathSegment],
    ) -> Option<Step> {
        self.copied += ids.iter().map(|id| 1 + id.len() / 32).sum::<usize>();
        let at = stored;
        let stored = self.part(id, path, (self.stored, stored), 0)?;
        let new = self.part(id, path, (self.new, new), 1)?;
        Some(Step::Functions(Arc::new(FunctionsStep { ids, before, at, path: self.path(id, path), stored, new })))
    }

    /// A part of one side, as functions receive it: copied once.
    fn part(
        &mut self,
        id: StepId,
        path: &[PathSegment],
        (whole, node): (&SerializerSnapshot, NodeId),
        side: usize,
    ) -> Option<SerializerSnapshot> {
        if let Some(part) = self.parts.get(&(side, node)) {
            return Some(part.clone());
        }
        if !self.may_copy(id, path) {
            return None;
        }
        let part = whole.part(node);
        self.copied += part.schema().nodes().iter().map(weight).sum::<usize>();
        self.parts.insert((side, node), part.clone());
        Some(part)
    }

    /// Whether more may be copied for functions. Reports it if not.
    pub(super) fn may_copy(&mut self, id: StepId, path: &[PathSegment]) -> bool {
        if self.copied > MOST_COPIED {
            let detail = String::from("functions apply in too many places");
            self.find(&rules::TOO_MANY_PAIRS, id, path, detail, vec![]);
        }
        self.copied <= MOST_COPIED
    }

    /// Whether a function that reads `source` reads what is stored; `None` if that was asked too often.
    pub(super) fn reads(&mut self, id: StepId, path: &[PathSegment], source: &Schema, stored: NodeId) -> Option<bool> {
        let schema = self.stored.schema();
        let same = same_layout_within((schema, stored), (source, NodeId::ROOT), &mut self.comparable);
        if same.is_none() {
            self.too_much_compared(id, path);
        }
        same
    }

    /// Reports that no more layouts are compared.
    pub(super) fn too_much_compared(&mut self, id: StepId, path: &[PathSegment]) {
        self.comparable = 0;
        let detail = String::from("functions read too many layouts to compare");
        self.find(&rules::TOO_MANY_PAIRS, id, path, detail, vec![]);
    }

    /// Refuses to keep a stored layout that a function or a `was` is declared for as soon as it goes by its new names:
    /// they are for values that another release wrote, and the two could no longer be distinguished.
    pub(super) fn refuse_converted(&mut self) {
        let converts = |hints: &RecordHints| hints.fields.iter().any(|field| !field.conversions.is_empty());
        let whole = self.new.root_hints();
        let any = !whole.conversions.is_empty()
            || !whole.was.is_empty()
            || self.new.hints().iter().any(|hints| match hints {
                hints if !hints.was().is_empty() => true,
                NodeHints::Struct(hints) => converts(&hints.record),
                NodeHints::Enum(hints) => hints.variants.iter().any(|variant| converts(&variant.record)),
                NodeHints::None | NodeHints::Opaque(_) => false,
            });
        let Some(adopted) = (if any { adopt(self.stored, self.new, self.policy.downwards) } else { None }) else {
            return;
        };
        let mut found = Vec::new();
        let mut record = |owner: &str, fields: &[Field], hints: &RecordHints, comparable: &mut usize| {
            for (field, hints) in fields.iter().zip(&hints.fields) {
                let reads = hints.conversions.iter().find(|conversion| {
                    let kept = (adopted.schema(), field.node);
                    // What is not known is not risked.
                    same_layout_within(kept, (conversion.source.schema(), NodeId::ROOT), comparable).unwrap_or(true)
                });
                if let Some(conversion) = reads {
                    found.push(format!("`{}` reads what `{owner}.{}` would be stored as", conversion.id, field.name));
                }
            }
        };
        for (node, hints) in adopted.schema().nodes().iter().zip(adopted.hints()) {
            match (node, hints) {
                (Node::Struct(node), NodeHints::Struct(hints)) => {
                    record(&node.name, &node.fields, &hints.record, &mut self.comparable);
                }
                (Node::Enum(node), NodeHints::Enum(hints)) => {
                    for (variant, hints) in node.variants.iter().zip(&hints.variants) {
                        let owner = format!("{}::{}", node.name, variant.name);
                        record(&owner, &variant.fields, &hints.record, &mut self.comparable);
                    }
                }
                _ => {}
            }
        }
        let whole_was = whole.was.iter().map(|was| (NodeId::ROOT, was));
        let of_types = adopted.schema().ids().zip(adopted.hints());
        for (kept, was) in
            of_types.flat_map(|(id, hints)| hints.was().iter().map(move |was| (id, was))).chain(whole_was)
        {
            let (kept, was) = ((adopted.schema(), kept), (was, NodeId::ROOT));
            if same_layout_within(kept, was, &mut self.comparable).unwrap_or(true) {
                let name = adopted.schema().type_name(kept.1);
                found.push(format!("`{name}` would be stored in a layout that it is declared to have been"));
            }
        }
        for conversion in &whole.conversions {
            let (kept, read) = ((adopted.schema(), NodeId::ROOT), (conversion.source.schema(), NodeId::ROOT));
            if same_layout_within(kept, read, &mut self.comparable).unwrap_or(true) {
                found.push(format!("`{}` reads what the value as a whole would be stored as", conversion.id));
            }
        }
        for detail in found {
            self.find(&rules::ADOPTED_LAYOUT_CONVERTED, StepId(0), &[], detail, vec![]);
        }
    }

    /// The bytes of the fallback variant, and its name.
    pub(super) fn fallback<'b>(
        &mut self,
        id: StepId,
        name: &'b str,
        new: &'a EnumNode,
        hints: &'a EnumHints,
        path: &[PathSegment],
    ) -> Option<(Arc<[u8]>, &'b str)> {
        let place = new.variants.iter().position(|variant| variant.name == name);
        // A snapshot names no fallback that is not there.
        let (variant, hints) = place.map(|place| (&new.variants[place], &hints.variants[place]))?;
        let node = self.pair(id).new;
        if let Some(bytes) = self.fallbacks.get(&node) {
            return Some((Arc::clone(bytes), name));
        }
        let mut bytes = tag(self.new.configuration().integers, variant.tag);
        for (field, hints) in variant.fields.iter().zip(&hints.record.fields) {
            let what = format!("the default of `{}`", field.name);
            match (&hints.default, self.new_schema().node(field.node)) {
                (Some(default), _) => {
                    bytes.extend_from_slice(&self.constant(id, field.node, default, &what, path)?);
                }
                (None, Node::Option(_)) => bytes.push(0),
                (None, _) => {
                    let detail = format!("`{name}` is the fallback, but its field `{}` has no default", field.name);
                    return self.malformed(id, path, detail);
                }
            }
        }
        let bytes: Arc<[u8]> = Arc::from(bytes);
        self.fallbacks.insert(node, Arc::clone(&bytes));
        Some((bytes, name))
    }

    fn malformed<T>(&mut self, id: StepId, path: &[PathSegment], detail: String) -> Option<T> {
        self.find(&rules::CONSTANT_MALFORMED, id, path, detail, vec![]);
        None
    }
}

/// The functions from an earlier version of a type to this one, in the order in which they are called.
pub(super) fn chain(stored: u32, new: u32, migrations: &[TypeMigration]) -> Vec<&TypeMigration> {
    let mut chain: Vec<&TypeMigration> =
        migrations.iter().filter(|migration| (stored..new).contains(&migration.from)).collect();
    chain.sort_by_key(|migration| migration.from);
    chain
}

fn tag(integers: IntegerEncoding, tag: u32) -> Vec<u8> {
    fn write<E: Integers>(tag: u32) -> Vec<u8> {
        let mut output = Output::<E>::new(Vec::new());
        output.put_tag(tag);
        output.into_bytes()
    }
    match integers {
        IntegerEncoding::Fixed => write::<Fixed>(tag),
        IntegerEncoding::Variable => write::<Variable>(tag),
    }
}
