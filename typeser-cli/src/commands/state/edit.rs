//! `typeser state edit`: renames, removes and moves operators and states, and changes key groups.

use std::path::{Path, PathBuf};

use typeser::report::Reports;
use typeser_state::key_group::MaxParallelism;
use typeser_state::processor::{EditPlan, Forecast, ProcessError, Progress, SavepointEdit};
use typeser_state::savepoint::Savepoint;

use crate::commands::savepoint::{self, Handling, Plan};
use crate::exit::Exit;
use crate::failure::{Failure, Usage};

/// Rename, remove and move operators and states, into a new savepoint
#[derive(Debug, clap::Args)]
#[command(after_help = "Options refer to operators and states by their names in SAVEPOINT, and can be
repeated. Everything else is copied. Moving a state to an operator that does not
exist creates the operator, so operators can be split and merged.

Examples:
  typeser state edit savepoints/last --rename-operator by-tail jets --output new
  typeser state edit savepoints/last --remove-state by-tail debug --dry-run
  typeser state edit savepoints/last --max-parallelism by-tail 512 --output new

Exit codes: 0 success, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The folder of the savepoint, which is not changed
    savepoint: PathBuf,
    /// Change the uid of an operator
    #[arg(long, num_args = 2, value_names = ["UID", "NEW_UID"])]
    rename_operator: Vec<String>,
    /// Remove an operator: its keyed state and its operator state
    #[arg(long, value_name = "UID")]
    remove_operator: Vec<String>,
    /// Remove a state of an operator
    #[arg(long, num_args = 2, value_names = ["UID", "STATE"])]
    remove_state: Vec<String>,
    /// Change the name of a state
    #[arg(long, num_args = 3, value_names = ["UID", "STATE", "NEW_NAME"])]
    rename_state: Vec<String>,
    /// Move a state to another operator, or to a new one
    #[arg(long, num_args = 3, value_names = ["UID", "STATE", "TO_UID"])]
    move_state: Vec<String>,
    /// Set the number of key groups of an operator
    #[arg(long, num_args = 2, value_names = ["UID", "N"])]
    max_parallelism: Vec<String>,
    #[command(flatten)]
    outcome: savepoint::Outcome,
    #[command(flatten)]
    handling: Handling,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let savepoint = Savepoint::open(&arguments.savepoint)?;
    let mut edit = SavepointEdit::of(&savepoint);
    for pair in arguments.rename_operator.chunks_exact(2) {
        edit = edit.rename_operator(&pair[0], &pair[1]);
    }
    for uid in &arguments.remove_operator {
        edit = edit.remove_operator(uid);
    }
    for pair in arguments.remove_state.chunks_exact(2) {
        edit = edit.remove_state(&pair[0], &pair[1]);
    }
    for names in arguments.rename_state.chunks_exact(3) {
        edit = edit.rename_state(&names[0], &names[1], &names[2]);
    }
    for names in arguments.move_state.chunks_exact(3) {
        edit = edit.move_state(&names[0], &names[1], &names[2]);
    }
    for pair in arguments.max_parallelism.chunks_exact(2) {
        let groups = pair[1].parse().ok().and_then(|groups| MaxParallelism::new(groups).ok()).ok_or_else(|| {
            let most = MaxParallelism::LARGEST;
            Usage(format!("`--max-parallelism {} {}`: expected a number from 1 to {most}", pair[0], pair[1]))
        })?;
        edit = edit.with_max_parallelism(&pair[0], groups);
    }
    savepoint::run(edit.plan(&arguments.handling.options()), &arguments.outcome)
}

impl Plan for EditPlan<'_> {
    fn reports(&self) -> &Reports {
        self.reports()
    }

    fn dry_run(&self, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Forecast, ProcessError> {
        self.dry_run(progress)
    }

    fn run(&self, output: &Path, progress: &mut dyn FnMut(&Progress<'_>)) -> Result<Savepoint, ProcessError> {
        self.run(output, progress)
    }
}
