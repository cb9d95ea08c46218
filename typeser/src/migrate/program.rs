//! The program: a flat list of operations over bytes.
//!
//! Unchanged bytes form a *run*: operations that skip bytes only move the position, and the run is copied in one piece
//! when something else has to be written. So a record of twenty unchanged fields and one dropped field costs two
//! copies, whatever the fields are.

use std::sync::Arc;

use super::distinct::DistinctStep;
use super::kernel::Kernel;
use super::operation::{Operation, TagTable};
use super::permutation::Permutation;
use super::splices::Splices;
use crate::resolve::FunctionsStep;
use crate::schema::IntegerEncoding;

/// A program, for one trust level.
#[derive(Debug, Clone, Default)]
pub(super) struct Program {
    pub(super) operations: Vec<Operation>,
    /// The same as splices; `None` if it has other operations.
    pub(super) splices: Option<Splices>,
    /// Constants, one after the other, and `SPARE` zeros.
    pub(super) constants: Vec<u8>,
    /// How many bytes stand before each length that is skipped.
    pub(super) gaps: Vec<u32>,
    pub(super) tags: Vec<TagTable>,
    pub(super) kernels: Vec<Kernel>,
    pub(super) permutations: Vec<Permutation>,
    /// The parts that functions convert. The caller passes the functions.
    pub(super) functions: Vec<Arc<FunctionsStep>>,
    /// The sets and maps whose elements or keys functions make.
    pub(super) distinct: Vec<DistinctStep>,
    pub(super) from: IntegerEncoding,
    pub(super) to: IntegerEncoding,
}

impl Program {
    /// What it writes that is not stored.
    #[inline(always)]
    pub(super) fn bytes(&self) -> (&[u8], &[Kernel]) {
        (&self.constants, &self.kernels)
    }
}
