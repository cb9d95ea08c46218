//! Which steps are performed by kernels. A kernel is made once for each step, and all of them are bounded together.

use std::collections::HashMap;

use super::lowering::Lowering;
use crate::migrate::kernel::Kernel;
use crate::migrate::program::Operation;
use crate::resolve::StepId;

/// How many bytes the kernels of a program take together. Records after that are rearranged by one operation a field,
/// which gives the same bytes.
const MOST_BYTES: usize = 8 << 20;

/// How many new bytes parts that follow each other have together, if one kernel rearranges them.
const MOST_JOINED: usize = 1024;

/// The kernels of a program.
#[derive(Debug)]
pub(super) struct Kernels {
    pub(super) known: HashMap<StepId, Made>,
    /// How many bytes further kernels may take; 0 once there was one too many.
    pub(super) left: usize,
    /// The last kernel that rearranges several parts which follow each other. One operation uses it.
    joined: Option<usize>,
}

/// What is known of the kernel of a step.
#[derive(Debug)]
pub(super) enum Made {
    /// There is none.
    None,
    /// It is not used yet.
    Ready(Kernel),
    /// It is in the program, at this index.
    Placed(usize),
}

impl Default for Kernels {
    fn default() -> Self {
        Self { known: HashMap::new(), left: MOST_BYTES, joined: None }
    }
}

impl Lowering<'_> {
    /// Rearranges the next part by a kernel. If another one has just been rearranged, both are by one kernel from now on.
    pub(super) fn copy_table(&mut self, kernel: usize) {
        let last = self.program.operations.len().checked_sub(1).filter(|last| *last >= self.barrier);
        let before = last.and_then(|last| match self.program.operations[last] {
            Operation::CopyTable { kernel } => Some((last, kernel)),
            _ => None,
        });
        match before {
            Some((last, before)) if self.can_join(before, kernel) => {
                let next = self.program.kernels[kernel].clone();
                self.kernels.left = self.kernels.left.saturating_sub(next.weight());
                if self.kernels.joined == Some(before) {
                    self.program.kernels[before].append(&next);
                    return;
                }
                let mut joined = self.program.kernels[before].clone();
                self.kernels.left = self.kernels.left.saturating_sub(joined.weight());
                joined.append(&next);
                self.program.operations[last] = Operation::CopyTable { kernel: self.program.kernels.len() };
                self.kernels.joined = Some(self.program.kernels.len());
                self.program.kernels.push(joined);
            }
            _ => _ = self.push(Operation::CopyTable { kernel }),
        }
    }

    fn can_join(&self, before: usize, next: usize) -> bool {
        let size = |kernel: usize| self.program.kernels[kernel].size_out;
        self.kernels.left > 0 && size(before) + size(next) <= MOST_JOINED
    }
}
