//! The code that compares the elements of sets and keys of maps that functions make.

use std::sync::Arc;

use super::lowering::Lowering;
use crate::migrate::distinct::DistinctStep;
use crate::migrate::operation::Operation;
use crate::resolve::{Step, StepId};

impl Lowering<'_> {
    /// Writes a collection, whose elements or keys are compared if they must be distinct and functions make them.
    /// `body` writes the collection, and is given what writes an element or key.
    pub(super) fn elements(
        &mut self,
        id: StepId,
        part: StepId,
        distinct: bool,
        body: impl FnOnce(&mut Self, &dyn Fn(&mut Self)),
    ) {
        let functions = self.function_calls.functions.get(part.0 as usize).and_then(Option::as_ref);
        let Some(functions) = functions.filter(|_| distinct).map(Arc::clone) else {
            return body(self, &|lowering| lowering.step(part));
        };
        let index = self.program.distinct.len();
        self.program.distinct.push(DistinctStep {
            functions,
            part: self.plan.origin(part),
            map: matches!(self.plan.step(id), Step::Map { .. }),
            sort: self.function_calls.within[id.0 as usize],
        });
        self.push(Operation::EnterDistinct);
        body(self, &|lowering| {
            lowering.push(Operation::BeginDistinct);
            lowering.step(part);
            lowering.push(Operation::EndDistinct);
        });
        self.push(Operation::LeaveDistinct { index });
    }
}
