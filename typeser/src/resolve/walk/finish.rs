//! The end of a walk: findings about the whole, and the plan.

use std::sync::Arc;

use super::walker::Walker;
use crate::ordered::OrderedForm;
use crate::resolve::compatibility::Compatibility;
use crate::resolve::finding::Finding;
use crate::resolve::fix::Fix;
use crate::resolve::plan::{ArmAction, Plan, Shape, ShapeId, Step, StepId, shapes_of};
use crate::resolve::role::{Role, Zone};
use crate::resolve::rules;
use crate::schema::{Limits, Node, Schema};
use crate::snapshot::Configuration;

impl Walker<'_> {
    /// The configuration, which belongs to the whole serializer.
    pub(super) fn encoding(&mut self) {
        let (from, to) = (self.stored.configuration(), self.new.configuration());
        if from != to {
            let form = |Configuration { integers, ordered }: Configuration| match ordered {
                true => "keys in order".to_owned(),
                false if from.ordered != to.ordered => format!("keys without an order ({integers} integers)"),
                false => format!("{integers} integers"),
            };
            let detail = format!("{} were stored, {} are used now", form(from), form(to));
            self.find(&rules::INTEGER_ENCODING, StepId(0), &[], detail, vec![]);
        }
    }

    pub(super) fn finish(mut self) -> (Vec<Finding>, Option<Plan>) {
        let worst = |findings: &[Finding]| findings.iter().map(|finding| finding.rule.verdict).max();
        if worst(&self.findings) == Some(Compatibility::AfterReconfigure) {
            self.refuse_converted();
        }
        let worst = worst(&self.findings);
        let from = self.stored.configuration().integers;
        let shapes = Arc::clone(self.shapes.get_or_init(|| shapes_of(self.stored_schema(), from)));
        let changes = self.changes(&shapes);
        // A reconfigured serializer walks as well, even where no byte moves.
        if changes[0] || worst >= Some(Compatibility::AfterReconfigure) {
            // It writes new values in the stored layout, so it walks those as well.
            let writes_old = worst == Some(Compatibility::AfterReconfigure);
            self.refuse_unframed(writes_old);
        }
        self.refuse_long_arrays(&shapes, &changes);
        let worst = self.order(changes[0], worst);
        if self.zone == Zone::Fixed && worst == Some(Compatibility::RequiresMigration) {
            self.refuse_key_migration();
        }
        self.add_places();
        self.limit_fixes();
        self.add_places_to_fixes();
        self.advise_newer_release();
        let origins: Vec<ShapeId> = self.pairs.iter().map(|pair| ShapeId::of(pair.stored)).collect();
        let steps: Option<Vec<Step>> = self.steps.into_iter().collect();
        let plan = steps.map(|mut steps| {
            for ((step, origin), _) in steps.iter_mut().zip(&origins).zip(changes).filter(|(_, changes)| !changes) {
                *step = Step::Same(*origin);
            }
            Plan { steps, origins, shapes, from, to: self.new.configuration().integers }
        });
        (self.findings, plan)
    }

    /// Ordered bytes show the declared order, so a change that would keep stored values where they are may not keep ordered
    /// ones. Returns the worst verdict with that of this.
    fn order(&mut self, changes: bool, worst: Option<Compatibility>) -> Option<Compatibility> {
        let ordered = self.stored.configuration().ordered && self.new.configuration().ordered;
        if !ordered || worst >= Some(Compatibility::RequiresMigration) {
            return worst;
        }
        let Some(id) = self.reordered(changes) else { return worst };
        let (_, new) = self.names(id);
        let detail = format!("keys are stored in the declared order, and `{new}` declares another one");
        self.find(&rules::ORDER_CHANGED, id, &[], detail, vec![]);
        Some(rules::ORDER_CHANGED.verdict)
    }

    /// The first place where the order of stored values and the declared one differ.
    fn reordered(&self, changes: bool) -> Option<StepId> {
        if changes {
            let of_cause = |finding: &Finding| finding.rule.verdict == Compatibility::AfterReconfigure;
            let cause = self.findings.iter().position(of_cause);
            return Some(cause.map_or(StepId(0), |cause| self.found_at[cause].0));
        }
        // A layout without an ordered form is refused where that is made.
        let forms = (OrderedForm::new(self.stored_schema()).ok()?, OrderedForm::new(self.new_schema()).ok()?);
        let (stored, new) = forms.0.first_difference(&forms.1)?;
        let pair = self.pairs.iter().position(|pair| pair.stored == stored && pair.new == new);
        Some(StepId(u32::try_from(pair.unwrap_or_default()).unwrap_or_default()))
    }

    /// Refuses arrays of more elements without bytes than any reader believes, where they would have to be walked.
    fn refuse_long_arrays(&mut self, shapes: &[Shape], changes: &[bool]) {
        for id in 0..self.pairs.len() {
            let Some(Step::Array { element, length, to_list }) = self.steps[id] else { continue };
            let (pair, id) = (self.pair(element), StepId(u32::try_from(id).unwrap_or(u32::MAX)));
            let walked = changes[element.0 as usize] && shapes[pair.stored.index()].size.min == 0;
            let as_list = to_list && self.may_be_empty(&[pair.new]);
            if length > Limits::EMPTY_ELEMENTS && (walked || as_list) {
                let detail = format!("the {length} elements may take no bytes, and {}", self.changed(id));
                self.find(&rules::ARRAY_TOO_LONG, id, &[], detail, vec![]);
            }
        }
    }

    fn refuse_unframed(&mut self, writes_old: bool) {
        let unframed = |schema: &Schema| {
            schema.nodes().iter().find_map(|node| match node {
                Node::Opaque(node) if !node.framed => Some(node.name.clone()),
                _ => None,
            })
        };
        let stored = unframed(self.stored_schema());
        if let Some(name) = stored.or_else(|| unframed(self.new_schema()).filter(|_| writes_old)) {
            let detail = format!("`{name}` is stored without a length");
            self.find(&rules::OPAQUE_UNFRAMED, StepId(0), &[], detail, vec![]);
        }
    }

    fn refuse_key_migration(&mut self) {
        let mut causes: Vec<&str> = self
            .findings
            .iter()
            .filter(|finding| finding.rule.verdict == Compatibility::RequiresMigration)
            .map(|finding| finding.rule.id)
            .collect();
        causes.dedup();
        let detail = format!("the {} would have to be migrated ({})", self.role, causes.join(", "));
        let mut fixes = vec![self.keep_whole()];
        fixes.extend(self.rekey(false));
        fixes.push(Fix::OtherUid);
        self.find(&rules::KEY_MIGRATION_REFUSED, StepId(0), &[], detail, fixes);
    }

    /// To have the entries of an operator moved to where they belong under another key. The caller of the walk leaves
    /// it out where it would be refused.
    pub(super) fn rekey(&self, same_bytes: bool) -> Option<Fix> {
        (self.role == Role::Key).then_some(Fix::Rekey { role: self.role, same_bytes, promises: Vec::new() })
    }

    /// Under which steps bytes change; where there is no step, nothing stays.
    ///
    /// A step changes bytes if it does so itself or if a step below it does, recursion included: what changes is
    /// spread from child to parent until nothing more is reached.
    fn changes(&self, shapes: &[Shape]) -> Vec<bool> {
        let mut parents: Vec<Vec<usize>> = vec![Vec::new(); self.steps.len()];
        for (id, step) in self.steps.iter().enumerate() {
            for child in step.iter().flat_map(Step::children) {
                let parents = &mut parents[child.0 as usize];
                if parents.last() != Some(&id) {
                    parents.push(id);
                }
            }
        }
        let itself = |step: &Option<Step>| step.as_ref().is_none_or(|step| changes_bytes(step, shapes));
        let mut changes: Vec<bool> = self.steps.iter().map(itself).collect();
        let mut reached: Vec<usize> = (0..changes.len()).filter(|id| changes[*id]).collect();
        while let Some(id) = reached.pop() {
            for parent in &parents[id] {
                if !std::mem::replace(&mut changes[*parent], true) {
                    reached.push(*parent);
                }
            }
        }
        changes
    }
}

fn changes_bytes(step: &Step, shapes: &[Shape]) -> bool {
    match step {
        Step::Same(_) | Step::Option(_) | Step::List { .. } | Step::Map { .. } => false,
        Step::Record(record) => !record.keeps_bytes(shapes),
        Step::Enum(arms) => arms.iter().any(|arm| match &arm.action {
            ArmAction::Keep { tag, payload } => *tag != arm.stored_tag || !payload.keeps_bytes(shapes),
            ArmAction::Replace { .. } | ArmAction::Refuse { .. } => true,
        }),
        Step::Some(_) | Step::Unwrap { .. } | Step::Functions(_) | Step::Convert { .. } => true,
        Step::Array { to_list, .. } => *to_list,
    }
}
