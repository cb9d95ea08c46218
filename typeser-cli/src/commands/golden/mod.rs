//! `typeser golden`: what releases recorded. Recording runs the program's own tests; everything else only reads files.

mod cargo;
mod current;
mod list;
mod record;
mod verify;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use typeser::golden::{Goldens, ReadGoldensError};

use super::Failure;
use crate::config::Config;
use crate::exit::Exit;
use crate::input::{self, Folder, Source};

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

/// The folder that was named; where none was, that of the project's settings, as `check` takes it.
fn folder(named: Option<&OsStr>) -> Result<OsString, Failure> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    let golden = Config::load(None)?.golden;
    Ok(golden.map_or_else(|| OsString::from("golden"), PathBuf::into_os_string))
}

/// Reads goldens from what was typed: a path, or `REV:dir` from git.
pub(super) fn read(typed: &OsStr) -> Result<Goldens, Failure> {
    if let Source::Path(path) = Source::of(typed) {
        return Ok(Goldens::read(path)?);
    }
    let Folder { source, files } = input::folder(typed)?;
    Goldens::from_files(&files).map_err(|mut error| {
        match &mut error {
            ReadGoldensError::NothingRecorded { place }
            | ReadGoldensError::Manifest { place, .. }
            | ReadGoldensError::Files { place, .. }
            | ReadGoldensError::Ledger { place, .. } => *place = source.to_string(),
            _ => {}
        }
        error.into()
    })
}

/// `1 release`, `2 releases`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
