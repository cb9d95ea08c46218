//! `typeser state`: prints and edits a savepoint without the program that wrote it.

mod cat;
mod diff;
mod edit;
mod entry_cells;
mod ls;
mod rows;
mod snapshots;
mod sql;
mod timers;

use std::io;

use crate::exit::Exit;
use crate::failure::Failure;

/// Print and edit the states, rows and timers of a savepoint
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state ls savepoints/last
  typeser state cat savepoints/last --state orders --limit 10
  typeser state snapshots savepoints/last --output snapshots")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Ls(ls::Arguments),
    Cat(cat::Arguments),
    Diff(diff::Arguments),
    Timers(timers::Arguments),
    Edit(edit::Arguments),
    Snapshots(snapshots::Arguments),
    Sql(sql::Arguments),
    Export(sql::ExportArguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let ended = match &arguments.command {
        Command::Ls(arguments) => ls::run(arguments),
        Command::Cat(arguments) => cat::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Timers(arguments) => timers::run(arguments),
        Command::Edit(arguments) => edit::run(arguments),
        Command::Snapshots(arguments) => snapshots::run(arguments),
        Command::Sql(arguments) => sql::run(arguments),
        Command::Export(arguments) => sql::export(arguments),
    };
    ended.or_else(|failure| match failure.downcast_ref::<io::Error>() {
        // The reader closed standard output, so there is nothing left to do.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Fine),
        _ => Err(failure),
    })
}
