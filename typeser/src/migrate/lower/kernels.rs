//! Which steps are performed by kernels. A kernel is made once for each step, and all of them are bounded together.

use std::collections::HashMap;

use crate::migrate::kernel::Kernel;
use crate::resolve::StepId;

/// How many bytes the kernels of a program take together. Records after that are rearranged by one operation a field,
/// which gives the same bytes.
const MOST_BYTES: usize = 8 << 20;

/// The kernels of a program.
#[derive(Debug)]
pub(super) struct Kernels {
    pub(super) known: HashMap<StepId, Made>,
    /// How many bytes further kernels may take; 0 once there was one too many.
    pub(super) left: usize,
    /// The last kernel that rearranges several parts which follow each other. One operation uses it.
    pub(super) joined: Option<usize>,
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
