//! `typeser table`: lists, prints, checks, migrates and rolls back the typed tables of a redb database, without the
//! program that wrote them.

mod cat;
mod check;
mod database;
mod ls;
mod migrate;
mod rollback;
mod snapshots;

use std::io;

use crate::exit::Exit;
use crate::failure::Failure;

/// Print, check and migrate the typed tables of a redb database
#[derive(Debug, clap::Args)]
#[command(after_help = "`ls`, `cat`, `check` and every `--dry-run` do not change the file. A database
that a program has open cannot be read: copy the file, and name the copy.

Examples:
  typeser table ls shop.redb
  typeser table cat shop.redb orders --limit 10
  typeser table check copy-of-production.redb --golden golden")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Ls(ls::Arguments),
    Cat(cat::Arguments),
    Check(check::Arguments),
    Migrate(migrate::Arguments),
    Rollback(rollback::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let ended = match &arguments.command {
        Command::Ls(arguments) => ls::run(arguments),
        Command::Cat(arguments) => cat::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Migrate(arguments) => migrate::run(arguments),
        Command::Rollback(arguments) => rollback::run(arguments),
    };
    ended.or_else(|failure| match failure.downcast_ref::<io::Error>() {
        // The reader closed standard output, so there is nothing left to do.
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Fine),
        _ => Err(failure),
    })
}
