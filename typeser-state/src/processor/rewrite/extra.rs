//! What an edit adds to rewriting: operators that a function changes, and operators that are new.

use crate::descriptor::OperatorMeta;
use crate::processor::error::process::ProcessError;
use crate::processor::error::read::ReadStateError;
use crate::processor::options::ProcessOptions;
use crate::rows::progress::ProgressCounter;
use crate::rows::stored::StoredRows;
use crate::savepoint::{Savepoint, SavepointOperator, SavepointWriter, WriteSavepointError};

/// What is written beside the rows that are taken over.
#[derive(Default)]
pub(crate) struct Extra<'a> {
    pub(crate) modified: Vec<ModifiedOperator<'a>>,
    pub(crate) added: Vec<Addition<'a>>,
}

/// An operator that a function of the program changes.
pub(crate) struct ModifiedOperator<'a> {
    pub(crate) stored: &'a SavepointOperator,
    /// What is stored of it from then on.
    pub(crate) meta: OperatorMeta,
    pub(crate) modify: Box<dyn Modify + 'a>,
}

/// State that is not in the base.
pub(crate) struct Addition<'a> {
    pub(crate) meta: &'a OperatorMeta,
    pub(crate) write: Box<dyn Fn(SavepointWriter) -> Result<SavepointWriter, WriteSavepointError> + 'a>,
}

/// A function that changes an operator, without its types.
pub(crate) trait Modify {
    fn uid(&self) -> &str;

    /// What is stored of the operator from then on; or why what is declared does not fit what is stored.
    fn meta(
        &self,
        base: &Savepoint,
        stored: &SavepointOperator,
        options: &ProcessOptions,
    ) -> Result<OperatorMeta, ReadStateError>;

    /// Calls the function for every key, and gives the rows that it leaves to `take`, in order.
    fn run(
        &self,
        base: &Savepoint,
        stored: &SavepointOperator,
        options: &ProcessOptions,
        progress_counter: &mut ProgressCounter<'_>,
        take: &mut dyn FnMut(Modified) -> Result<(), ProcessError>,
    ) -> Result<(), ProcessError>;
}

/// The rows of a few key groups, as they are now.
pub(crate) struct Modified {
    pub(crate) rows: StoredRows,
    /// Whether there are no more of the file that they come from.
    pub(crate) end_of_file: bool,
}
