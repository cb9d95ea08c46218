//! `typeser state`: looks into a savepoint without the program that wrote it.

mod cat;
mod edit;
mod ls;
mod rows;
mod snapshots;
mod timers;

use std::io;

use crate::exit::Exit;
use crate::failure::Failure;

/// Look into a savepoint and edit it: states, rows, timers
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
    Timers(timers::Arguments),
    Edit(edit::Arguments),
    Snapshots(snapshots::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let ended = match &arguments.command {
        Command::Ls(arguments) => ls::run(arguments),
        Command::Cat(arguments) => cat::run(arguments),
        Command::Timers(arguments) => timers::run(arguments),
        Command::Edit(arguments) => edit::run(arguments),
        Command::Snapshots(arguments) => snapshots::run(arguments),
    };
    ended.or_else(|failure| match failure.downcast_ref::<io::Error>() {
        // Whoever reads has seen enough: there is no need to go on, and nothing to tell.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Fine),
        _ => Err(failure),
    })
}
