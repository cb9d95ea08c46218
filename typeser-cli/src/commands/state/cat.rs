//! `typeser state cat`: the rows of a savepoint, decoded by the snapshots beside them.

use std::io::{BufWriter, Write};

use typeser::value::Value;
use typeser_state::processor::{Entry, Query};
use typeser_state::savepoint::Savepoint;

use super::entry_cells;
use super::rows::RowFilter;
use crate::commands::listing::{Format, Printer};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stderr::say;

/// Print the rows of a savepoint
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state cat savepoints/last --state totals --limit 10
  typeser state cat savepoints/last --greatest worst_delay --limit 5
  typeser state cat savepoints/last --key N14228
  typeser state cat savepoints/last --format jsonl | jq -c '[.key, .value]'

Exit codes: 0 success, 101 a row cannot be read, 2 usage error.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    rows: RowFilter,
    /// Only the rows with the greatest numbers at this path of their values, such as `delay` or
    /// `last.minutes`, the greatest first; 10 without `--limit`
    #[arg(long, value_name = "PATH")]
    greatest: Option<String>,
    /// Print at most this many rows
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let savepoint = Savepoint::open(&arguments.rows.savepoint)?;
    let query = arguments.rows.query(Query::new());
    let out = BufWriter::new(anstream::stdout().lock());
    let header = ["operator", "state", "group", "key", "entry", "value"];
    let mut printer = Printer::new(out, arguments.format, header, &[2]);
    let (mut left, mut errors) = (arguments.limit.unwrap_or(u64::MAX), 0u64);
    let mut found = false;
    let mut greatest = arguments.greatest.as_ref().map(|path| Greatest::new(path, arguments.limit));
    let mut entries = query.run(&savepoint)?;
    while left > 0
        && let Some(entry) = entries.next()
    {
        found = true;
        match entry {
            Ok(entry) => match &mut greatest {
                Some(greatest) => greatest.take(entry),
                None => {
                    print(&mut printer, &entry, None)?;
                    left -= 1;
                }
            },
            Err(error) => {
                errors += 1;
                // Rows that were read before the error are printed before it.
                printer.flush()?;
                say(format_args!("error: {error}"));
            }
        }
    }
    if let Some(greatest) = greatest {
        if greatest.rows.is_empty() && found {
            let path = greatest.path.join(".");
            say(format_args!(
                "no value has a number at `{path}`\nhelp: `typeser state cat` without `--greatest` prints the values"
            ));
        }
        let path = greatest.path.join(".");
        for (number, entry) in greatest.rows {
            // A table shortens long values, so the number has a separate column.
            print(&mut printer, &entry, Some(format!("{path}: {number}")))?;
        }
    }
    printer.flush()?;
    if !found && left > 0 {
        say(arguments.rows.none_found("rows", None));
    }
    if errors > 0 && !arguments.rows.keep_going {
        say("help: `--keep-going` prints the rows after it");
    }
    Ok(if errors > 0 { Exit::Failed } else { Exit::Fine })
}

/// The rows with the greatest numbers so far, the greatest first.
struct Greatest<'a> {
    path: Vec<&'a str>,
    most: usize,
    rows: Vec<(f64, Entry<'a>)>,
}

impl<'a> Greatest<'a> {
    fn new(path: &'a str, limit: Option<u64>) -> Self {
        let most = usize::try_from(limit.unwrap_or(10)).unwrap_or(usize::MAX);
        Self { path: path.split('.').collect(), most, rows: Vec::new() }
    }

    fn take(&mut self, entry: Entry<'a>) {
        let Some(number) = number(&entry.value, &self.path) else { return };
        let place = self.rows.partition_point(|(other, _)| *other >= number);
        if place < self.most {
            self.rows.insert(place, (number, entry));
            self.rows.truncate(self.most);
        }
    }
}

/// The number at a path of fields. Numbers above 2^53 are rounded for the comparison.
fn number(value: &Value, path: &[&str]) -> Option<f64> {
    let mut value = value;
    for field in path.iter().filter(|field| !field.is_empty()) {
        value = inner(value)?.get(field).ok()?;
    }
    let value = inner(value)?;
    value.as_f64().ok().or_else(|| value.as_i128().ok().map(|number| number as f64))
}

/// The value in an option, or any other value itself.
fn inner(value: &Value) -> Option<&Value> {
    match value.as_option() {
        Ok(held) => held,
        Err(_) => Some(value),
    }
}

/// Prints a row and, in a table, a note on it.
fn print<W: Write>(printer: &mut Printer<W, 6>, entry: &Entry<'_>, note: Option<String>) -> Result<(), Failure> {
    let cells = || {
        let place = Some(entry_cells::place(entry)).filter(|place| !place.is_empty());
        [
            entry.operator.to_owned(),
            entry.state.name().to_owned(),
            entry_cells::group(entry),
            entry_cells::key(entry),
            place.into_iter().chain(note).collect::<Vec<_>>().join("; "),
            entry_cells::value(entry),
        ]
    };
    printer.print(|| entry_cells::line(entry), cells)
}
