//! `typeser table cat`: the rows of a typed table, decoded by the snapshots beside them.

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use typeser::text::json_without_unseen;
use typeser::value::Value;
use typeser_state::typed_table::{TableCatalog, TableError};

use super::database::{open_unwritten, with_tables};
use crate::commands::listing::{Format, PAGE, shortened};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stderr::say;
use crate::table::Table;

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
    let mut printer = Printer::new(BufWriter::new(anstream::stdout().lock()), arguments.format);
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
    fn row<W: Write>(&mut self, row: Result<(Value, Value), TableError>, printer: &mut Printer<W>) -> ControlFlow<()> {
        let printed = match row {
            Ok((key, _)) if !self.wants(&key) => Ok(()),
            Ok((key, value)) => {
                self.found = true;
                self.left -= 1;
                printer.print(&key, &value)
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
        self.arguments.key.as_ref().is_none_or(|wanted| {
            key.as_str().is_ok_and(|text| text == wanted) || key.to_string() == *wanted || key.to_json() == *wanted
        })
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

/// Prints rows, or pages of a table.
struct Printer<W> {
    out: W,
    format: Format,
    page: Table<2>,
    rows: usize,
}

impl<W: Write> Printer<W> {
    fn new(out: W, format: Format) -> Self {
        Self { out, format, page: page(), rows: 0 }
    }

    fn print(&mut self, key: &Value, value: &Value) -> Result<(), Failure> {
        if self.format == Format::Jsonl {
            // Values write themselves, so that large numbers keep all digits.
            let line = format!(r#"{{"key":{},"value":{}}}"#, key.to_json(), value.to_json());
            return Ok(writeln!(self.out, "{}", json_without_unseen(&line))?);
        }
        self.page.add_row([shortened(key), shortened(value)]);
        self.rows += 1;
        if self.rows == PAGE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        if self.rows > 0 {
            let page = std::mem::replace(&mut self.page, page());
            write!(self.out, "{}", page.text())?;
            self.rows = 0;
        }
        Ok(self.out.flush()?)
    }
}

fn page() -> Table<2> {
    Table::new(["key", "value"], &[])
}
