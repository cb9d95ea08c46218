//! Lowering: from a plan to a program. It looks at nothing but the plan.

mod control;
mod flat;
mod graph;
mod keep;
mod notes;
mod recode;
mod shuffles;
mod steps;

use std::collections::HashMap;

use super::kernel::Kernel;
use super::program::{At, Constant, Levels, Operation, Program, Routine};
use crate::resolve::{Plan, StepId};
use flat::{blind, kernel_of};
use graph::{shape_children, shared, steps_with_permutes};

/// How deep shapes are written into each other before one becomes a routine.
const INLINE_DEPTH: usize = 24;

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

struct Lowering<'a> {
    plan: &'a Plan,
    check: bool,
    /// The shapes whose bytes need no look at all.
    blind: Vec<bool>,
    program: Program,
    /// The last place that something jumps to: what stands before must not be merged with what comes.
    barrier: At,
    depth: usize,
    /// How many levels of a value lie between the last frame and what is being written.
    levels: Levels,
    shared_shapes: Vec<bool>,
    shared_steps: Vec<bool>,
    /// The steps that have a permuted record of unknown size in or below them.
    notes: Vec<bool>,
    routines: HashMap<Routine, Option<At>>,
    /// Calls whose routine has no place yet.
    calls: Vec<(At, Routine)>,
    /// Where constants of the plan stand in the program, by where their bytes lie.
    shared_constants: HashMap<(*const u8, usize), Constant>,
    walkable: bool,
}

impl Lowering<'_> {
    /// Writes every routine that is called, and then the places into the calls.
    fn routines(&mut self) {
        let mut done = 0;
        while done < self.calls.len() {
            let (call, routine) = self.calls[done];
            done += 1;
            let at = match self.routines.get(&routine) {
                Some(Some(at)) => *at,
                _ => {
                    let at = self.label();
                    self.routines.insert(routine, Some(at));
                    self.depth = 0;
                    self.levels = Levels::default();
                    self.body(routine);
                    self.push(Operation::Return);
                    at
                }
            };
            let operation = &mut self.program.operations[call];
            *operation = match *operation {
                Operation::Permute { .. } => Operation::Permute { note: at },
                Operation::Call { levels, .. } => Operation::Call { routine: at, levels },
                other => other,
            };
        }
    }

    fn body(&mut self, routine: Routine) {
        match routine {
            Routine::Keep(shape) => self.keep_body(shape),
            Routine::Recode(shape) => self.recode_body(shape),
            Routine::Step(step) => self.step_body(step),
            Routine::Note(step, arm) => self.note_body(step, arm),
        }
    }

    /// Writes a routine here, or calls it.
    fn routine(&mut self, routine: Routine, shared: bool) {
        if shared || self.depth >= INLINE_DEPTH {
            let call = self.push(Operation::Call { routine: 0, levels: self.levels });
            self.calls.push((call, routine));
        } else {
            self.depth += 1;
            self.body(routine);
            self.depth -= 1;
        }
    }

    fn push(&mut self, operation: Operation) -> At {
        self.program.operations.push(operation);
        self.program.operations.len() - 1
    }

    /// The next place, as something to jump to.
    fn label(&mut self) -> At {
        self.barrier = self.program.operations.len();
        self.barrier
    }

    fn same_encoding(&self) -> bool {
        self.plan.from == self.plan.to
    }
}
