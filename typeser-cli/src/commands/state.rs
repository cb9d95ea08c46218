//! `typeser state`: looks into a savepoint without the program that wrote it.

mod cat;
mod ls;
mod snapshots;

use std::io;

use super::Failure;
use crate::exit::Exit;

/// Look into a savepoint: its states, their rows, their serializers
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
    Snapshots(snapshots::Arguments),
}

/// In which form rows are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Columns, for people; long values are shortened
    Table,
    /// One JSON object a line, for programs
    Jsonl,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let ended = match &arguments.command {
        Command::Ls(arguments) => ls::run(arguments),
        Command::Cat(arguments) => cat::run(arguments),
        Command::Snapshots(arguments) => snapshots::run(arguments),
    };
    ended.or_else(|failure| match failure.downcast_ref::<io::Error>() {
        // Whoever reads has seen enough: there is no need to go on, and nothing to tell.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Fine),
        _ => Err(failure),
    })
}
