//! The program that is being written, and its routines.

use std::collections::HashMap;

use crate::migrate::constant::Constant;
use crate::migrate::program::{At, Levels, Operation, Program, Routine};
use crate::resolve::Plan;

/// How deep shapes are written into each other before one becomes a routine.
pub(super) const INLINE_DEPTH: usize = 24;

pub(super) struct Lowering<'a> {
    pub(super) plan: &'a Plan,
    pub(super) check: bool,
    /// The shapes whose bytes need no look at all.
    pub(super) blind: Vec<bool>,
    pub(super) program: Program,
    /// The last place that something jumps to: what stands before must not be merged with what comes.
    pub(super) barrier: At,
    pub(super) depth: usize,
    /// How many levels of a value lie between the last frame and what is being written.
    pub(super) levels: Levels,
    pub(super) shared_shapes: Vec<bool>,
    pub(super) shared_steps: Vec<bool>,
    /// The steps that have a permuted record of unknown size in or below them.
    pub(super) notes: Vec<bool>,
    pub(super) routines: HashMap<Routine, Option<At>>,
    /// Calls whose routine has no place yet.
    pub(super) calls: Vec<(At, Routine)>,
    /// Where constants of the plan stand in the program, by where their bytes lie.
    pub(super) shared_constants: HashMap<(*const u8, usize), Constant>,
    pub(super) walkable: bool,
}

impl Lowering<'_> {
    /// Writes every routine that is called, and then the places into the calls.
    pub(super) fn routines(&mut self) {
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
    pub(super) fn routine(&mut self, routine: Routine, shared: bool) {
        if shared || self.depth >= INLINE_DEPTH {
            let call = self.push(Operation::Call { routine: 0, levels: self.levels });
            self.calls.push((call, routine));
        } else {
            self.depth += 1;
            self.body(routine);
            self.depth -= 1;
        }
    }

    pub(super) fn push(&mut self, operation: Operation) -> At {
        self.program.operations.push(operation);
        self.program.operations.len() - 1
    }

    /// The next place, as something to jump to.
    pub(super) fn label(&mut self) -> At {
        self.barrier = self.program.operations.len();
        self.barrier
    }

    pub(super) fn same_encoding(&self) -> bool {
        self.plan.from == self.plan.to
    }
}
