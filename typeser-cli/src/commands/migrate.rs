//! `typeser migrate`: migrates a savepoint or a file to other types, without the program that wrote it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use typeser::report::Reports;
use typeser::resolve::Policy;
use typeser_state::processor::{Forecast, MigrationPlan, ProcessError, Progress, Targets};
use typeser_state::savepoint::Savepoint;

use super::migrate_file;
use super::savepoint::{self, Handling, Plan};
use crate::choices::LossesChoice;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;

/// Migrate a savepoint or a file to other types, into a new one
#[derive(Debug, clap::Args)]
#[command(after_help = "SNAPSHOTS is a folder with the layout that `typeser state snapshots` writes:
  OPERATOR/key.json             the keys of the operator with this uid
  OPERATOR/STATE.value.json     the value of a state, or of the entries of a map
  OPERATOR/STATE.element.json   the elements of a list
  OPERATOR/STATE.map-key.json   the keys of a map
Snapshots can be JSON, binary or text. Serializers without a snapshot there do
not change. Files in the folder itself apply to the only operator. Names are
percent-encoded, except for A-Z, a-z, 0-9, `_` and `-`.

For a file with one value, SNAPSHOTS is one snapshot.

Examples:
  typeser migrate savepoints/last --to snapshots --dry-run
  typeser migrate savepoints/last --to v2.0.0:snapshots --output savepoints/new
  typeser migrate settings.typeser --to new.json --output new.typeser

Exit codes: 0 success, 100 incompatible, or the migration needs functions of the
program, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The folder of the savepoint, or the file, which is not changed
    savepoint: PathBuf,
    /// The folder of the new snapshots (of a file: the new snapshot), or `REV:dir` from git
    #[arg(long, value_name = "SNAPSHOTS")]
    to: OsString,
    #[command(flatten)]
    outcome: savepoint::Outcome,
    /// Which stored data may be dropped
    #[arg(long, value_enum, default_value = "declared")]
    losses: LossesChoice,
    #[command(flatten)]
    handling: Handling,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let policy = Policy { losses: arguments.losses.0, ..Policy::default() };
    if input::is_value_file(&arguments.savepoint) {
        return migrate_file::run(&arguments.savepoint, &arguments.to, &policy, &arguments.outcome);
    }
    let savepoint = Savepoint::open(&arguments.savepoint)?;
    let targets = targets(&arguments.to)?;
    let options = arguments.handling.options().with_policy(policy);
    savepoint::run(MigrationPlan::new(&savepoint, &targets, &options), &arguments.outcome)
}

/// The snapshots of a folder.
fn targets(typed: &OsString) -> Result<Targets, Failure> {
    let folder = input::folder(typed)?;
    let mut targets = Targets::new();
    for (name, bytes) in &folder.files {
        let source = folder.source.file(name);
        let from = source.to_string();
        targets.add_file(name, from, || Ok::<_, Failure>(input::parse(&source, bytes)?.1))?;
    }
    if targets.targets().is_empty() {
        return Err(ProcessError::NoTargets { path: PathBuf::from(folder.source.to_string()) }.into());
    }
    Ok(targets)
}

impl Plan for MigrationPlan<'_> {
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
