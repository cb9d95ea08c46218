//! `typeser rekey`: changes the type of the keys of an operator.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use typeser::migrate::Cost;
use typeser::report::Reports;
use typeser_state::processor::{Forecast, ProcessError, Progress, RekeyPlan, Targets};
use typeser_state::savepoint::Savepoint;

use super::savepoint::{self, Handling, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::stderr::say;

/// Change the type of the keys of an operator, into a new savepoint
#[derive(Debug, clap::Args)]
#[command(after_help = "A restore never migrates keys, because their bytes decide where an entry is
stored. This command moves every entry of the operator to the key group of its
new key. Different keys must stay different. A 1-tuple and its element have the
same bytes, so between those only the snapshot changes and no row moves.

Examples:
  typeser rekey savepoints/last --operator flights --to key.json --dry-run
  typeser rekey savepoints/last --operator flights --to key.json --output new

Exit codes: 0 success, 100 keys could collide, or the migration needs functions
of the program, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The folder of the savepoint, which is not changed
    savepoint: PathBuf,
    /// The uid of the operator
    #[arg(long, value_name = "UID")]
    operator: String,
    /// The snapshot of the new keys: a path, `-`, or `REV:path` from git
    #[arg(long, value_name = "SNAPSHOT")]
    to: OsString,
    #[command(flatten)]
    outcome: savepoint::Outcome,
    #[command(flatten)]
    handling: Handling,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let savepoint = Savepoint::open(&arguments.savepoint)?;
    let mut targets = Targets::new();
    let new = input::snapshot(&arguments.to)?.snapshot;
    let new_name = new.name().to_owned();
    targets.add_key(arguments.operator.as_str(), new);
    let plan = RekeyPlan::new(&savepoint, &targets, &arguments.handling.options());
    let stored = savepoint.operator(&arguments.operator).map(|operator| operator.meta().key().name());
    if let (Ok(plan), Some(stored)) = (&plan, stored)
        && plan.cost() == Cost::Metadata
    {
        let uid = &arguments.operator;
        let what = format!("key of operator `{uid}`: `{stored}` was stored, `{new_name}` is used now");
        say(format_args!("note: {what}: the bytes are equal, so only metadata changes and no row moves\n"));
    }
    savepoint::run(plan, &arguments.outcome)
}

impl Plan for RekeyPlan<'_> {
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
