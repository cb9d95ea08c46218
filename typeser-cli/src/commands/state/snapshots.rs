//! `typeser state snapshots`: writes the snapshots of a savepoint as files, to read or to change.

use std::path::PathBuf;

use typeser_state::processor::Targets;
use typeser_state::savepoint::Savepoint;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::stderr::say;

/// Write the snapshots of a savepoint as JSON files for `typeser migrate --to`
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state snapshots savepoints/last --output snapshots
  typeser migrate savepoints/last --to snapshots --dry-run
      after you changed some of them

Exit codes: 0 success, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The folder of the savepoint
    savepoint: PathBuf,
    /// The folder to write, which must not exist yet
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let targets = Targets::stored(&Savepoint::open(&arguments.savepoint)?);
    targets.write(&arguments.output)?;
    let count = targets.targets().len();
    say(format_args!("wrote {count} snapshots to {}", arguments.output.display()));
    Ok(Exit::Fine)
}
