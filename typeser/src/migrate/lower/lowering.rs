//! The program that is being written, and its routines.

use std::collections::HashMap;

use super::calls::FunctionCalls;
use super::kernels::Kernels;
use crate::migrate::constant::Constant;
use crate::migrate::operation::{At, Levels, Operation, Routine};
use crate::migrate::program::Program;
use crate::resolve::Plan;

/// How deep shapes are inlined before one becomes a routine.
pub(super) const INLINE_DEPTH: usize = 24;

pub(super) struct Lowering<'a> {
    pub(super) plan: &'a Plan,
    pub(super) check: bool,
    /// Whether the bytes that are skipped will be copied, here and not in a routine that others call.
    pub(super) is_kept: bool,
    /// The shapes whose bytes need no check.
    pub(super) unchecked: Vec<bool>,
    pub(super) program: Program,
    /// The last jump target: an operation before it must not be merged with one after it.
    pub(super) barrier: At,
    pub(super) depth: usize,
    /// The depth of the current part relative to the innermost frame.
    pub(super) levels: Levels,
    pub(super) shared_shapes: Vec<bool>,
    pub(super) shared_steps: Vec<bool>,
    pub(super) function_calls: FunctionCalls,
    /// The steps that contain a permuted record of unknown size.
    pub(super) notes: Vec<bool>,
    pub(super) kernels: Kernels,
    pub(super) routines: HashMap<Routine, Option<At>>,
    /// Calls whose routine is not placed yet.
    pub(super) calls: Vec<(At, Routine)>,
    /// The constants of the plan in the program, by the address and length of their bytes.
    pub(super) shared_constants: HashMap<(*const u8, usize), Constant>,
    pub(super) walkable: bool,
}

impl Lowering<'_> {
    /// Writes every routine that is called, and fills in the targets of the calls.
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
                Operation::EnterPermuted { .. } => Operation::EnterPermuted { note: at },
                Operation::Call { levels, .. } => Operation::Call { routine: at, levels },
                other => other,
            };
        }
    }

    fn body(&mut self, routine: Routine) {
        match routine {
            Routine::Skip(shape) => self.skip_body(shape),
            Routine::Recode(shape) => self.recode_body(shape),
            Routine::Step(step) => self.step_body(step),
            Routine::Note(step, arm) => self.note_body(step, arm),
        }
    }

    /// Inlines a routine, or calls it.
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

    /// The next operation, as a jump target.
    pub(super) fn label(&mut self) -> At {
        self.barrier = self.program.operations.len();
        self.barrier
    }

    pub(super) fn same_encoding(&self) -> bool {
        self.plan.from == self.plan.to
    }
}
