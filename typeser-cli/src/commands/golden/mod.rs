//! `typeser golden`: records, verifies and lists goldens. Recording runs the tests of the program.

mod cargo;
mod current;
mod list;
mod record;
mod verify;

use crate::exit::Exit;
use crate::failure::Failure;

/// Record, verify and list goldens
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser golden record --release 1.4.0
  typeser golden verify
  typeser golden list golden --format json")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Record(record::Arguments),
    Current(current::Arguments),
    Verify(verify::Arguments),
    List(list::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Record(arguments) => record::run(arguments),
        Command::Current(arguments) => current::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::List(arguments) => list::run(arguments),
    }
}
