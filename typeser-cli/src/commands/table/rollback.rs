//! `typeser table rollback`: gives tables the rows that an earlier release left.

use std::path::PathBuf;

use typeser_state::typed_table::{ChangesSince, Newer, TableError};

use super::database::open_for;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stderr::say;
use crate::stdout::print;

/// Give tables the rows that an earlier release left
#[derive(Debug, clap::Args)]
#[command(after_help = "All tables that are kept as RELEASE left them are restored, in one transaction:
see `keep_previous` of the options, and `typeser table migrate --keep-previous`.

Examples:
  typeser table rollback shop.redb 1.4.0 --dry-run
  typeser table rollback shop.redb 1.4.0
  typeser table rollback shop.redb 1.4.0 --discard-newer

Exit codes: 0 success, 100 changes since that release would be lost, 101
failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// The file of the database
    file: PathBuf,
    /// The release under whose name the rows are kept; `typeser table ls` lists them
    release: String,
    /// Count what was written since, without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Lose what was written since
    #[arg(long)]
    discard_newer: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { file, release, dry_run, discard_newer } = arguments;
    let mut catalog = open_for(file, *dry_run)?;
    if *dry_run {
        let changes = catalog.changes_since(release)?;
        print(listed(&changes))?;
        return Ok(if changes.iter().all(ChangesSince::is_empty) { Exit::Fine } else { Exit::Findings });
    }
    let newer = if *discard_newer { Newer::Discard } else { Newer::Refuse };
    match catalog.roll_back(release, newer) {
        Ok(changes) => {
            print(listed(&changes))?;
            let tables: Vec<String> = changes.into_iter().map(|changes| changes.table).collect();
            say(format_args!("restored as release {release} left them: {}", tables.join(", ")));
            Ok(Exit::Fine)
        }
        Err(TableError::WouldLose { changes, .. }) => {
            print(listed(&changes))?;
            say(format_args!(
                "rolling back to release {release} would lose these changes; nothing was changed\nhelp: to lose them, \
                 add `--discard-newer`"
            ));
            Ok(Exit::Findings)
        }
        Err(error) => Err(error.into()),
    }
}

fn listed(changes: &[ChangesSince]) -> String {
    changes.iter().map(|changes| format!("{changes}\n")).collect()
}
