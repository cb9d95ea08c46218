//! Lowering: from a plan to a program. Its only input is the plan.

mod calls;
mod control;
mod distinct;
mod flat;
mod graph;
mod kernels;
mod lowering;
mod notes;
mod permutations;
mod recode;
mod skip;
mod steps;

use std::collections::HashMap;

use super::operation::{Levels, Operation};
use super::program::Program;
use super::splices::Splices;
use crate::resolve::{Plan, StepId};
use crate::wire;
use calls::FunctionCalls;
use flat::unchecked;
use graph::{shape_children, shared};
use kernels::Kernels;
use lowering::Lowering;

/// Lowers a plan. `check` adds the checks for untrusted bytes.
///
/// `None` if the plan has to skip bytes of unknown length.
pub(super) fn lower(plan: &Plan, check: bool) -> Option<Program> {
    let mut lowering = Lowering {
        plan,
        check,
        is_kept: false,
        unchecked: unchecked(plan, check),
        program: Program { from: plan.from, to: plan.to, ..Program::default() },
        barrier: 0,
        depth: 0,
        levels: Levels::default(),
        shared_shapes: shared(plan.shapes.len(), |id| shape_children(plan, id)),
        shared_steps: shared(plan.steps.len(), |id| plan.steps[id].children().iter().map(|c| c.0 as usize).collect()),
        function_calls: FunctionCalls::of(plan),
        notes: Vec::new(),
        kernels: Kernels::default(),
        routines: HashMap::new(),
        calls: Vec::new(),
        shared_constants: HashMap::new(),
        walkable: true,
    };
    lowering.notes = lowering.steps_with_permutes();
    lowering.step(StepId(0));
    lowering.push(Operation::End);
    lowering.routines();
    lowering.program.splices = Splices::of(&lowering.program.operations, &lowering.program.gaps);
    // What stands behind a short constant is copied with it, since that takes no look at its length.
    lowering.program.constants.extend_from_slice(&[0; wire::SPARE]);
    lowering.walkable.then_some(lowering.program)
}
