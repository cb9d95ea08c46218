//! Carrying steps out.

use std::sync::Arc;

use super::control::{encoded_length, encoded_tag};
use super::flat::kernel_of;
use super::lowering::Lowering;
use crate::migrate::program::{Levels, Operation, Routine};
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
                match kernel_of(plan, id, &self.blind, self.check) {
                    Some(kernel) => {
                        let kernel = self.kernel(kernel);
                        self.push(Operation::Gather { kernel });
                    }
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
                self.push(Operation::Forget);
                self.deeper(Levels::STORED, |lowering| lowering.step(*some));
                let jump = self.push(Operation::Jump(0));
                let absent = self.label();
                self.program.operations[option] = Operation::Option { none: absent };
                self.push(Operation::Forget);
                self.write_shared(none);
                let end = self.label();
                self.program.operations[jump] = Operation::Jump(end);
            }
            Step::Functions(functions) => {
                let index = self.program.functions.len();
                self.program.functions.push(Arc::clone(functions));
                self.push(Operation::Flush);
                self.keep(plan.origin(id));
                self.push(Operation::Functions { index, levels: self.levels });
            }
            Step::List { element, empty } => {
                let least = self.least_of(&[*element]);
                let kernel = kernel_of(plan, *element, &self.blind, self.check).filter(|kernel| kernel.size_in > 0);
                match kernel {
                    Some(kernel) if self.same_encoding() && !empty => {
                        let kernel = self.kernel(kernel);
                        self.push(Operation::GatherList { kernel });
                    }
                    _ => self.list(least, !self.same_encoding(), *empty, |lowering| lowering.step(*element)),
                }
            }
            Step::Map { key, value, empty } => {
                let least = self.least_of(&[*key, *value]);
                self.list(least, !self.same_encoding(), *empty, |lowering| {
                    lowering.step(*key);
                    lowering.step(*value);
                });
            }
            Step::Array { element, length, to_list } => {
                let least = self.least_of(&[*element]);
                let body = |lowering: &mut Self| lowering.repeat(*length, least, |lowering| lowering.step(*element));
                if *to_list {
                    self.write(&encoded_length(plan.to, *length));
                    // An array is no level of a value, a list is.
                    self.deeper(Levels::WRITTEN, body);
                } else {
                    body(self);
                }
            }
            Step::Convert { from, to } => match kernel_of(plan, id, &self.blind, self.check) {
                Some(kernel) => {
                    let kernel = self.kernel(kernel);
                    self.push(Operation::Gather { kernel });
                }
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
        } else if let Some(shuffle) = self.shuffle_of(record) {
            self.program.shuffles.push(shuffle);
            self.push(Operation::Shuffle { shuffle: self.program.shuffles.len() - 1 });
        } else {
            self.permuted(record, note);
        }
    }

    /// Fields in stored order, with some dropped and some added between.
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

    /// Fields in another order: each is sought where it was noted, unless it follows the one before.
    pub(super) fn permuted(&mut self, record: &RecordStep, note: Routine) {
        let permute = self.push(Operation::Permute { note: 0 });
        self.calls.push((permute, note));
        let mut at = None;
        for target in &record.targets {
            match target {
                Target::From { source, step } => {
                    if at != Some(*source) {
                        self.push(Operation::Seek(*source));
                    }
                    self.step(*step);
                    at = Some(source + 1);
                }
                Target::Constant(bytes) => self.write_shared(bytes),
            }
        }
        self.push(Operation::EndPermute);
    }

    pub(super) fn enumeration(&mut self, id: StepId, arms: &[Arm]) {
        let recode = !self.same_encoding();
        let tags = arms
            .iter()
            .enumerate()
            .map(|(place, arm)| {
                let write = match &arm.action {
                    ArmAction::Keep { tag, .. } => {
                        (recode || *tag != arm.stored_tag).then(|| encoded_tag(self.plan.to, *tag))
                    }
                    // The declared value brings its own tag.
                    ArmAction::Replace { .. } => Some(Vec::new()),
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
        });
    }

    pub(super) fn drop_shapes(&mut self, shapes: &[ShapeId]) {
        if shapes.is_empty() {
            return;
        }
        let flush = self.push(Operation::Flush);
        shapes.iter().for_each(|shape| self.keep(*shape));
        // What is one operation is dropped by one.
        let dropped = match self.program.operations[flush + 1..] {
            [Operation::Keep(length)] => Some(Operation::Drop(length)),
            [Operation::KeepBytes { before, after }] => Some(Operation::DropBytes { before, after }),
            _ => None,
        };
        match dropped {
            Some(dropped) => {
                self.program.operations.truncate(flush);
                self.push(dropped);
            }
            None => _ = self.push(Operation::Forget),
        }
    }
}
