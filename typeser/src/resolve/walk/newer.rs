//! State that a newer release wrote: recognized by what the stored snapshot knows, and read downwards.

use super::layouts::{same_layout, same_layout_within};
use super::record_pair::below;
use super::walker::Walker;
use crate::resolve::compatibility::Compatibility;
use crate::resolve::fix::Fix;
use crate::resolve::names::NameSet;
use crate::resolve::plan::StepId;
use crate::resolve::rules;
use crate::schema::{Field, NodeId, PathSegment};
use crate::snapshot::{ConversionHint, FieldHints, RecordHints};

impl<'a> Walker<'a> {
    /// Keeps what says that a newer release wrote the stored side.
    pub(super) fn wrote_newer(&mut self, evidence: impl FnOnce() -> String) {
        self.newer.get_or_insert_with(evidence);
    }

    /// Downwards: reports a stored type, field or variant that is read under its earlier name.
    pub(super) fn read_by_earlier_name(&mut self, id: StepId, path: &[PathSegment], stored: &str, earlier: &str) {
        self.wrote_newer(|| format!("what is stored as `{stored}` was called `{earlier}` before"));
        let detail = format!("`{stored}` is what a newer release calls `{earlier}`");
        self.find(&rules::READ_BY_EARLIER_NAME, id, path, detail, vec![]);
    }

    /// Keeps that a stored field or variant has an earlier name that the program has, if it does.
    pub(super) fn note_earlier_name<T>(&mut self, kind: &str, stored: &str, aliases: &[String], new: &NameSet<'_, T>) {
        if self.newer.is_none()
            && let Some(earlier) = aliases.iter().filter_map(|alias| Some((new.place(alias)?, alias))).min()
        {
            self.newer = Some(format!("the stored {kind} `{stored}` was called `{}` before", earlier.1));
        }
    }

    /// If a newer release wrote the stored side, says so in place of advice on how to edit types.
    pub(super) fn advise_newer_release(&mut self) {
        let Some(evidence) = self.newer.take().filter(|_| !self.upwards) else { return };
        if self.findings.iter().any(|finding| finding.rule.is_declared()) {
            return;
        }
        let refused = self.findings.iter_mut().filter(|finding| finding.rule.verdict == Compatibility::Incompatible);
        for finding in refused {
            let before = finding.note.take().map(|note| format!("{note}; ")).unwrap_or_default();
            finding.note = Some(format!("{before}a newer release wrote this: {evidence}"));
            finding.fixes = vec![Fix::NewerRelease, Fix::EarlierState];
        }
    }

    /// Downwards: reports a field that a function of the newer release made of the type that this release has. The rules
    /// for the two types would misread it.
    pub(super) fn was_converted(
        &mut self,
        id: StepId,
        was: Option<&FieldHints>,
        (stored, new): (&Field, &Field),
        segments: &[PathSegment],
    ) -> bool {
        let Some(was) = was.filter(|was| self.policy.downwards && !was.conversions.is_empty()) else { return false };
        let Some(made) = self.made_of(&was.conversions, stored.node, new.node) else { return false };
        let detail = format!("`{}` holds what {made}", stored.name);
        let path = [PathSegment::field(&stored.name)];
        self.find(&rules::VERSION_WENT_BACK_OVER_FUNCTION, id, &below(segments, &path), detail, vec![]);
        true
    }

    /// Whether a function of a newer release made the stored value as a whole. It is reported when the whole is compared.
    pub(super) fn root_was_made(&mut self) -> bool {
        let conversions = &self.stored.root_hints().conversions;
        self.policy.downwards && self.made_of(conversions, NodeId::ROOT, NodeId::ROOT).is_some()
    }

    /// The same for whole values, with the functions that are declared where they are used.
    pub(super) fn root_was_converted(&mut self) -> bool {
        let conversions = &self.stored.root_hints().conversions;
        if !self.policy.downwards || conversions.is_empty() {
            return false;
        }
        let Some(made) = self.made_of(conversions, NodeId::ROOT, NodeId::ROOT) else { return false };
        let detail = format!("stored values are what {made}");
        self.find(&rules::VERSION_WENT_BACK_OVER_FUNCTION, StepId(0), &[], detail, vec![]);
        true
    }

    /// The function that made what is stored of the type that this release has, as the end of a sentence.
    fn made_of(&mut self, conversions: &[ConversionHint], stored: NodeId, new: NodeId) -> Option<String> {
        let (stored_schema, new_schema) = (self.stored.schema(), self.new.schema());
        if same_layout(stored_schema, stored, new_schema, new) {
            return None;
        }
        let reads = |conversion: &&ConversionHint| {
            let source = (conversion.source.schema(), NodeId::ROOT);
            // What is not known is not risked.
            same_layout_within(source, (new_schema, new), &mut self.comparable).unwrap_or(true)
        };
        let conversion = conversions.iter().find(reads)?;
        let has = new_schema.type_name(new);
        Some(format!("`{}` of a newer release made of a `{has}`, which this release has", conversion.id))
    }

    /// The names that the stored side had removed. Downwards they are no names that return, but were removed later.
    pub(super) fn tombstones(&self, was: &'a RecordHints) -> NameSet<'a, String> {
        NameSet::new(if self.policy.downwards { &[] } else { &was.removed }, String::as_str)
    }
}
