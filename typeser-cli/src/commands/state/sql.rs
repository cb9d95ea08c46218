//! `typeser state sql` and `export`: run the command `typeser-sql`, which contains a query engine and is installed by
//! itself.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::Command;

use crate::exit::Exit;
use crate::failure::Failure;

/// Query savepoints with SQL, by the command `typeser-sql`
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state sql savepoints/last 'select * from metadata.states'
  typeser state sql savepoints/last --file question.sql --format jsonl

All arguments go to `typeser-sql`: `typeser-sql --help` lists them, and
`typeser guide sql` is the guide.

Exit codes: those of `typeser-sql`; 101 if it is not installed.")]
pub(crate) struct Arguments {
    /// The folder of the savepoint, the query, and options of `typeser-sql`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Write the tables of a savepoint as Parquet, CSV or JSON lines, by `typeser-sql`
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state export savepoints/last --to parquet --output last-parquet
  typeser state export savepoints/last --to csv --output last-csv

All arguments go to `typeser-sql export`: `typeser-sql export --help` lists
them, and `typeser guide sql` is the guide.

Exit codes: those of `typeser-sql`; 101 if it is not installed.")]
pub(crate) struct ExportArguments {
    /// The folder of the savepoint, and options of `typeser-sql export`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// The command with the engine.
const TYPESER_SQL: &str = "typeser-sql";

/// Why `typeser-sql` was not run.
#[derive(Debug, thiserror::Error)]
enum SqlError {
    #[error(
        "`typeser-sql`, which contains the query engine, is not installed: install it from a checkout of typeser with \
         `cargo install --locked --path typeser-sql`"
    )]
    NotInstalled,
    #[error("`typeser-sql` cannot be run: {0}")]
    Io(std::io::Error),
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    run_typeser_sql(&arguments.arguments)
}

pub(super) fn export(arguments: &ExportArguments) -> Result<Exit, Failure> {
    run_typeser_sql(&[&["export".into()], arguments.arguments.as_slice()].concat())
}

fn run_typeser_sql(arguments: &[OsString]) -> Result<Exit, Failure> {
    let ended = Command::new(TYPESER_SQL).args(arguments).status().map_err(|error| match error.kind() {
        ErrorKind::NotFound => SqlError::NotInstalled,
        _ => SqlError::Io(error),
    })?;
    // It has printed what went wrong.
    Ok(match ended.code() {
        Some(0) => Exit::Fine,
        Some(2) => Exit::Usage,
        _ => Exit::Failed,
    })
}
