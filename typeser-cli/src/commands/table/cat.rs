//! `typeser table cat`: the rows of a typed table, decoded by the snapshots beside them.

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use typeser::value::Value;
use typeser_state::typed_table::{TableCatalog, TableError};

use super::database::{open_unwritten, with_tables};
use crate::commands::listing::{Format, Printer, shortened};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stderr::say;

/// Print the rows of a typed table, in stored order
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser table cat shop.redb orders --limit 10
  typeser table cat shop.redb orders --key a7
  typeser table cat shop.redb orders --format jsonl | jq -c '[.key, .value]'

Exit codes: 0 success, 101 a row cannot be read, 2 usage error.")]
pub(crate) struct Arguments {
    /// The file of the database, which is not changed
    file: PathBuf,
    /// The table
    name: String,
    /// Only this key: as text, as JSON, or as a string without quotes
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
    /// Print at most this many rows
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Continue after rows that cannot be read, and report each
    #[arg(long)]
    keep_going: bool,
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut catalog = TableCatalog::over(open_unwritten(&arguments.file)?);
    let out = BufWriter::new(anstream::stdout().lock());
    let mut printer = Printer::new(out, arguments.format, ["key", "value"], &[]);
    let mut run = Run { arguments, left: arguments.limit.unwrap_or(u64::MAX), found: false, errors: 0, failure: None };
    if run.left > 0
        && let Err(error) = catalog.read_rows(&arguments.name, &mut |row| run.row(row, &mut printer))
    {
        return Err(with_tables(&mut catalog, error));
    }
    if let Some(failure) = run.failure {
        return Err(failure);
    }
    printer.flush()?;
    if !run.found && run.errors == 0 && run.left > 0 {
        say(none_found(arguments));
    }
    if run.errors > 0 && !arguments.keep_going {
        say("help: `--keep-going` prints the rows after it");
    }
    Ok(if run.errors > 0 { Exit::Failed } else { Exit::Fine })
}

/// What was printed, and what is left to print.
struct Run<'a> {
    arguments: &'a Arguments,
    left: u64,
    found: bool,
    errors: u64,
    failure: Option<Failure>,
}

impl Run<'_> {
    fn row<W: Write>(
        &mut self,
        row: Result<(Value, Value), TableError>,
        printer: &mut Printer<W, 2>,
    ) -> ControlFlow<()> {
        let printed = match row {
            Ok((key, _)) if !self.wants(&key) => Ok(()),
            Ok((key, value)) => {
                self.found = true;
                self.left -= 1;
                // Values write themselves, so that large numbers keep all digits.
                let line = || Ok(format!(r#"{{"key":{},"value":{}}}"#, key.to_json(), value.to_json()));
                printer.print(line, || [shortened(&key), shortened(&value)])
            }
            Err(error) => {
                self.errors += 1;
                // Rows that were read before the error are printed before it.
                printer.flush().map(|()| say(format_args!("error: {error}")))
            }
        };
        self.failure = printed.err();
        let ends = self.failure.is_some() || self.left == 0 || (self.errors > 0 && !self.arguments.keep_going);
        if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn wants(&self, key: &Value) -> bool {
        self.arguments.key.as_ref().is_none_or(|wanted| key.reads_as(wanted))
    }
}

fn none_found(Arguments { file, name, key, .. }: &Arguments) -> String {
    match key {
        None => format!("table `{name}` of {} has no rows", file.display()),
        Some(key) => format!(
            "table `{name}` of {} has no row with key `{key}`\nhelp: run it without `--key` to print the keys that are \
             stored",
            file.display()
        ),
    }
}
