//! `typeser cat`: the value in a file, decoded by the snapshot beside it.

use std::ffi::OsString;

use typeser::text::json_without_unseen;
use typeser::value::Value;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, Input};
use crate::stdout::print;

/// Print the value in a file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser cat settings.typeser
  typeser cat settings.typeser --format text
  typeser cat HEAD~1:tests/settings.typeser

`typeser state cat` prints the rows of a savepoint.

Exit codes: 0 success, 101 failure, 2 usage error.")]
pub(crate) struct Arguments {
    /// A file that `typeser::file` wrote: a path, `-`, or `REV:path` from git
    file: OsString,
    /// Output format
    #[arg(long, value_enum, default_value = "json")]
    format: Format,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// JSON over several lines
    Json,
    /// The notation of Rust, on one line
    Text,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Input { source, snapshot, value, .. } = input::snapshot(&arguments.file)?;
    let Some(stored) = value else {
        return Err(format!(
            "{source}: this is a snapshot, which contains no value\nhelp: name a file that `typeser::file` wrote"
        )
        .into());
    };
    let value = Value::decode(&snapshot, &stored.bytes).map_err(|error| format!("{source}: {error}"))?;
    match arguments.format {
        Format::Json => print(format_args!("{}\n", json_without_unseen(&value.to_json_pretty())))?,
        Format::Text => print(format_args!("{value}\n"))?,
    }
    Ok(Exit::Fine)
}
