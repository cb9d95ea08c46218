//! Code that notes the offsets of fields that will be moved.

use super::graph::parents;
use super::lowering::Lowering;
use super::permutations::{is_noted, noted_fields};
use crate::migrate::operation::{Operation, Routine};
use crate::resolve::{Arm, ArmAction, RecordStep, Step, StepId, Target};

impl Lowering<'_> {
    /// The steps that contain a record whose fields have to be noted before they are moved.
    pub(super) fn steps_with_permutes(&mut self) -> Vec<bool> {
        let plan = self.plan;
        let parents = parents(plan);
        let mut notes = vec![false; plan.steps.len()];
        for (id, step) in (0u32..).map(StepId).zip(&plan.steps) {
            notes[id.0 as usize] = match step {
                Step::Record(record) => is_noted(plan, record, &self.unchecked, self.check) && !self.has_kernel(id),
                Step::Enum(arms) => arms.iter().any(|arm| match &arm.action {
                    ArmAction::Keep { payload, .. } => is_noted(plan, payload, &self.unchecked, self.check),
                    ArmAction::Replace { .. } | ArmAction::Refuse { .. } => false,
                }),
                _ => false,
            };
        }
        let mut reached: Vec<usize> = (0..notes.len()).filter(|id| notes[*id]).collect();
        while let Some(id) = reached.pop() {
            for parent in &parents[id] {
                // A kernel moves the records inside it as well.
                let is_moved = u32::try_from(*parent).is_ok_and(|parent| self.has_made_kernel(StepId(parent)));
                if !is_moved && !std::mem::replace(&mut notes[*parent], true) {
                    reached.push(*parent);
                }
            }
        }
        notes
    }

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
        let numbers = noted_fields(self.plan, record);
        if permuted {
            self.push(Operation::Note { fields: numbers.iter().flatten().count() });
        }
        let mut steps: Vec<Option<StepId>> = vec![None; record.sources.len()];
        for target in record.targets.iter().rev() {
            if let Target::From { source, step } = target {
                steps[*source] = Some(*step);
            }
        }
        for (place, (shape, step)) in record.sources.iter().zip(steps).enumerate() {
            if let Some(number) = numbers[place].filter(|_| permuted) {
                self.push(Operation::NoteField(number));
            }
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
