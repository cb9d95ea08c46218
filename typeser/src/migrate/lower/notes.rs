//! Code that notes the offsets of fields that will be moved.

use super::flat::kernel_of;
use super::graph::parents;
use super::lowering::Lowering;
use super::permutations::is_noted;
use crate::migrate::program::{Operation, Routine};
use crate::resolve::{Arm, ArmAction, Plan, RecordStep, Step, StepId, Target};

/// The steps that contain a record whose fields have to be noted before they are moved.
pub(super) fn steps_with_permutes(plan: &Plan, unchecked: &[bool], check: bool) -> Vec<bool> {
    let parents = parents(plan);
    let permutes = |(id, step): (u32, &Step)| match step {
        Step::Record(record) => {
            is_noted(plan, record, unchecked, check) && kernel_of(plan, StepId(id), unchecked, check).is_none()
        }
        Step::Enum(arms) => arms.iter().any(|arm| match &arm.action {
            ArmAction::Keep { payload, .. } => is_noted(plan, payload, unchecked, check),
            ArmAction::Replace { .. } | ArmAction::Refuse { .. } => false,
        }),
        _ => false,
    };
    let mut notes: Vec<bool> = (0u32..).zip(&plan.steps).map(permutes).collect();
    let mut reached: Vec<usize> = (0..notes.len()).filter(|id| notes[*id]).collect();
    while let Some(id) = reached.pop() {
        for parent in &parents[id] {
            if !std::mem::replace(&mut notes[*parent], true) {
                reached.push(*parent);
            }
        }
    }
    notes
}

impl Lowering<'_> {
    pub(super) fn note(&mut self, id: StepId) {
        if self.notes[id.0 as usize] {
            self.routine(Routine::Note(id, None), self.shared_steps[id.0 as usize]);
        } else {
            self.skip(self.plan.origin(id));
        }
    }

    pub(super) fn note_body(&mut self, id: StepId, arm: Option<usize>) {
        let plan = self.plan;
        match plan.step(id) {
            Step::Same(_) | Step::Convert { .. } | Step::Functions(_) => self.skip(plan.origin(id)),
            Step::Record(record) => self.note_record(record),
            Step::Enum(arms) => match arm.and_then(|place| arms.get(place)) {
                Some(arm) => self.note_arm(arm),
                None => {
                    let arms = arms.iter().map(|arm| (arm.stored_tag, None, arm)).collect();
                    self.arms(arms, Self::note_arm);
                }
            },
            Step::Option(step) | Step::Unwrap { some: step, .. } => self.option(|lowering| lowering.note(*step)),
            Step::Some(step) => self.note(*step),
            Step::List { element, .. } => {
                let least = self.least_of(&[*element]);
                self.list(least, false, false, |lowering| lowering.note(*element));
            }
            Step::Map { key, value, .. } => {
                let least = self.least_of(&[*key, *value]);
                self.list(least, false, false, |lowering| {
                    lowering.note(*key);
                    lowering.note(*value);
                });
            }
            Step::Array { element, length, .. } => {
                self.repeat(*length, self.least_of(&[*element]), |lowering| lowering.note(*element));
            }
        }
    }

    pub(super) fn note_arm(&mut self, arm: &Arm) {
        match &arm.action {
            ArmAction::Keep { payload, .. } => self.note_record(payload),
            ArmAction::Replace { payload, .. } | ArmAction::Refuse { payload } => {
                payload.iter().for_each(|shape| self.skip(*shape))
            }
        }
    }

    pub(super) fn note_record(&mut self, record: &RecordStep) {
        let permuted = is_noted(self.plan, record, &self.unchecked, self.check);
        if permuted {
            self.push(Operation::Note { fields: record.sources.len() });
        }
        for (place, shape) in record.sources.iter().enumerate() {
            if permuted {
                self.push(Operation::NoteField(place));
            }
            let step = record.targets.iter().find_map(|target| match target {
                Target::From { source, step } if *source == place => Some(*step),
                _ => None,
            });
            match step {
                Some(step) => self.note(step),
                None => self.skip(*shape),
            }
        }
        if permuted {
            self.push(Operation::EndNote);
        }
    }
}
