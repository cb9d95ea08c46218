//! Code that performs the steps of a plan.

use std::sync::Arc;

use super::control::{encoded_length, encoded_tag};
use super::lowering::Lowering;
use super::permutations::{has_no_bytes, noted_fields};
use crate::migrate::operation::{Levels, Operation, Routine};
use crate::resolve::{Arm, ArmAction, RecordStep, ShapeId, ShapeKind, Step, StepId, Target};

impl Lowering<'_> {
    pub(super) fn step(&mut self, id: StepId) {
        if let Step::Same(shape) = self.plan.step(id) {
            self.same(*shape);
        } else {
            self.routine(Routine::Step(id), self.shared_steps[id.0 as usize]);
        }
    }

    pub(super) fn step_body(&mut self, id: StepId) {
        let plan = self.plan;
        match plan.step(id) {
            Step::Same(shape) => self.same(*shape),
            Step::Record(record) => {
                if let ShapeKind::NonZero(primitive) = &plan.shape(plan.origin(id)).kind {
                    self.check_nonzero(*primitive);
                }
                match self.kernel(id) {
                    Some((kernel, _)) => self.copy_table(kernel),
                    None => self.record(record, Routine::Note(id, None)),
                }
            }
            Step::Enum(arms) => self.enumeration(id, arms),
            Step::Option(step) => self.option(|lowering| lowering.step(*step)),
            Step::Some(step) => {
                self.write(&[1]);
                self.deeper(Levels::WRITTEN, |lowering| lowering.step(*step));
            }
            Step::Unwrap { some, none } => {
                self.push(Operation::Flush);
                let option = self.push(Operation::Option { none: 0 });
                self.push(Operation::Discard);
                self.deeper(Levels::STORED, |lowering| lowering.step(*some));
                let jump = self.push(Operation::Jump(0));
                let absent = self.label();
                self.program.operations[option] = Operation::Option { none: absent };
                self.push(Operation::Discard);
                self.write_shared(none);
                let end = self.label();
                self.program.operations[jump] = Operation::Jump(end);
            }
            Step::Functions(functions) => {
                let index = self.program.functions.len();
                self.program.functions.push(Arc::clone(functions));
                self.push(Operation::Flush);
                self.skip(plan.origin(id));
                self.push(Operation::Functions { index, levels: self.levels });
            }
            Step::List { element, distinct, empty } => {
                let least = self.least_of(&[*element]);
                match self.kernel(*element) {
                    Some((kernel, 1..)) if self.same_encoding() && !empty => {
                        self.push(Operation::CopyTableList { kernel });
                    }
                    _ => self.elements(id, *element, *distinct, |lowering, part| {
                        lowering.list(least, !lowering.same_encoding(), *empty, part);
                    }),
                }
            }
            Step::Map { key, value, empty } => {
                let least = self.least_of(&[*key, *value]);
                self.elements(id, *key, true, |lowering, part| {
                    lowering.list(least, !lowering.same_encoding(), *empty, |lowering| {
                        part(lowering);
                        lowering.step(*value);
                    });
                });
            }
            Step::Array { element, length, to_list } => {
                let least = self.least_of(&[*element]);
                let body = |lowering: &mut Self| lowering.repeat(*length, least, |lowering| lowering.step(*element));
                if *to_list {
                    self.write(&encoded_length(plan.to, *length));
                    // A list is a level of nesting, an array is not.
                    self.deeper(Levels::WRITTEN, body);
                } else {
                    body(self);
                }
            }
            Step::Convert { from, to } => match self.kernel(id) {
                Some((kernel, _)) => self.copy_table(kernel),
                None => _ = self.push(Operation::Convert { from: *from, to: *to }),
            },
        }
    }

    pub(super) fn least_of(&self, steps: &[StepId]) -> usize {
        steps.iter().fold(0, |sum, step| sum.saturating_add(self.plan.shape(self.plan.origin(*step)).size.min))
    }

    pub(super) fn record(&mut self, record: &RecordStep, note: Routine) {
        if record.in_order() {
            self.straight(record);
        } else if has_no_bytes(self.plan, record) {
            self.targets(record, |_, _| ());
        } else if let Some(permutation) = self.permutation_of(record) {
            self.program.permutations.push(permutation);
            self.push(Operation::Permute { permutation: self.program.permutations.len() - 1 });
        } else {
            self.permuted(record, note);
        }
    }

    /// Fields in stored order, some dropped and some added.
    pub(super) fn straight(&mut self, record: &RecordStep) {
        let mut next = 0;
        for target in &record.targets {
            match target {
                Target::From { source, step } => {
                    self.drop_shapes(&record.sources[next..*source]);
                    self.step(*step);
                    next = source + 1;
                }
                Target::Constant(bytes) => self.write_shared(bytes),
            }
        }
        self.drop_shapes(&record.sources[next..]);
    }

    /// Fields in another order: the position moves to the noted offset of each field that does not follow the previous
    /// one.
    pub(super) fn permuted(&mut self, record: &RecordStep, note: Routine) {
        let permute = self.push(Operation::EnterPermuted { note: 0 });
        self.calls.push((permute, note));
        let numbers = noted_fields(self.plan, record);
        let mut at = None;
        self.targets(record, |lowering, source| {
            if let Some(number) = numbers[source] {
                if at != Some(source) {
                    lowering.push(Operation::Seek(number));
                }
                at = Some(source + 1);
            }
        });
        self.push(Operation::LeavePermuted);
    }

    /// The fields of the new record; `before` is called before each stored one.
    fn targets(&mut self, record: &RecordStep, mut before: impl FnMut(&mut Self, usize)) {
        for target in &record.targets {
            match target {
                Target::From { source, step } => {
                    before(self, *source);
                    self.step(*step);
                }
                Target::Constant(bytes) => self.write_shared(bytes),
            }
        }
    }

    pub(super) fn enumeration(&mut self, id: StepId, arms: &[Arm]) {
        let recode = !self.same_encoding();
        let table = self.program.tags.len();
        let tags = arms
            .iter()
            .enumerate()
            .filter(|(_, arm)| !matches!(arm.action, ArmAction::Refuse { .. }))
            .map(|(place, arm)| {
                let write = match &arm.action {
                    ArmAction::Keep { tag, .. } => {
                        (recode || *tag != arm.stored_tag).then(|| encoded_tag(self.plan.to, *tag))
                    }
                    // The declared value includes its tag.
                    ArmAction::Replace { .. } | ArmAction::Refuse { .. } => Some(Vec::new()),
                };
                (arm.stored_tag, write, (place, &arm.action))
            })
            .collect();
        self.arms(tags, |lowering, (place, action)| match action {
            ArmAction::Keep { payload, .. } => lowering.record(payload, Routine::Note(id, Some(place))),
            ArmAction::Replace { payload, value } => {
                lowering.drop_shapes(payload);
                lowering.write_shared(value);
            }
            ArmAction::Refuse { .. } => {}
        });
        let refused = arms.iter().filter(|arm| matches!(arm.action, ArmAction::Refuse { .. }));
        self.program.tags[table].refused = refused.map(|arm| arm.stored_tag).collect();
    }

    pub(super) fn drop_shapes(&mut self, shapes: &[ShapeId]) {
        if shapes.is_empty() {
            return;
        }
        let flush = self.push(Operation::Flush);
        shapes.iter().for_each(|shape| self.skip(*shape));
        // A single operation is dropped by a single one.
        let dropped = match self.program.operations[flush + 1..] {
            [Operation::Skip(length)] => Some(Operation::Drop(length)),
            [Operation::SkipCounted { gaps, text, after }] => Some(Operation::DropCounted { gaps, text, after }),
            _ => None,
        };
        match dropped {
            Some(dropped) => {
                self.program.operations.truncate(flush);
                self.push(dropped);
            }
            None => _ = self.push(Operation::Discard),
        }
    }
}
