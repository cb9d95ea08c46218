//! Lowering: from a plan to a program. It looks at nothing but the plan.

mod control;
mod flat;
mod graph;
mod keep;
mod lowering;
mod notes;
mod recode;
mod shuffles;
mod steps;

use std::collections::HashMap;

use super::program::{Levels, Operation, Program};
use crate::resolve::{Plan, StepId};
use flat::blind;
use graph::{shape_children, shared};
use lowering::Lowering;
use notes::steps_with_permutes;

/// Lowers a plan. `check` adds the checks that bytes of foreign origin need.
///
/// `None` if the plan has to walk past bytes that nothing says the end of.
pub(super) fn lower(plan: &Plan, check: bool) -> Option<Program> {
    let mut lowering = Lowering {
        plan,
        check,
        blind: blind(plan, check),
        program: Program { from: plan.from, to: plan.to, ..Program::default() },
        barrier: 0,
        depth: 0,
        levels: Levels::default(),
        shared_shapes: shared(plan.shapes.len(), |id| shape_children(plan, id)),
        shared_steps: shared(plan.steps.len(), |id| plan.steps[id].children().iter().map(|c| c.0 as usize).collect()),
        notes: Vec::new(),
        routines: HashMap::new(),
        calls: Vec::new(),
        shared_constants: HashMap::new(),
        walkable: true,
    };
    lowering.notes = steps_with_permutes(plan, &lowering.blind, check);
    lowering.step(StepId(0));
    lowering.push(Operation::End);
    lowering.routines();
    lowering.walkable.then_some(lowering.program)
}
