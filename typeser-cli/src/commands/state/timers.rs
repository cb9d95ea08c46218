//! `typeser state timers`: the timers of a savepoint, in stored order or in the order in which they fire.

use std::collections::BinaryHeap;
use std::io::{BufWriter, Write};

use jiff::Timestamp;
use typeser::text::json_without_unseen;
use typeser_state::descriptor::StateKind;
use typeser_state::processor::{Entry, EntryPlace, Query};
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain;

use super::rows::RowFilter;
use crate::commands::listing::{Format, PAGE, shortened};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stderr::say;
use crate::table::Table;

/// Print the timers of a savepoint
#[derive(Debug, clap::Args)]
#[command(after_help = "Times are milliseconds since 1970-01-01 UTC. A table also has the date in UTC.

Examples:
  typeser state timers savepoints/last
  typeser state timers savepoints/last --next 10 --domain event
  typeser state timers savepoints/last --format jsonl | jq .time

Exit codes: 0 success, 101 a timer cannot be read, 2 usage error.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    rows: RowFilter,
    /// Only timers of this time domain
    #[arg(long, value_enum)]
    domain: Option<Domain>,
    /// Only the first N timers to fire, in that order
    #[arg(long, value_name = "N", conflicts_with = "limit")]
    next: Option<usize>,
    /// Print at most this many timers
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Output format
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// The time domain of a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Domain {
    /// Event time
    Event,
    /// Processing time
    Processing,
}

impl Domain {
    fn is(self, domain: TimeDomain) -> bool {
        match self {
            Self::Event => domain == TimeDomain::EventTime,
            Self::Processing => domain == TimeDomain::ProcessingTime,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let savepoint = Savepoint::open(&arguments.rows.savepoint)?;
    let query = arguments.rows.query(Query::new());
    let mut printer = Printer::new(BufWriter::new(anstream::stdout().lock()), arguments.format);
    let (mut left, mut failed) = (arguments.limit.unwrap_or(u64::MAX), false);
    let mut found = false;
    let mut first = BinaryHeap::new();
    let mut entries = query.of_kind(StateKind::Timers).run(&savepoint)?;
    while left > 0
        && let Some(entry) = entries.next()
    {
        let timer = match entry {
            Ok(entry) => Timer::of(&entry),
            Err(error) => {
                failed = true;
                printer.flush()?;
                say(format_args!("error: {error}"));
                continue;
            }
        };
        let Some(timer) = timer.filter(|timer| arguments.domain.is_none_or(|domain| domain.is(timer.domain))) else {
            continue;
        };
        found = true;
        match arguments.next {
            None => {
                printer.print(&timer)?;
                left -= 1;
            }
            Some(count) => {
                first.push(timer);
                if first.len() > count {
                    first.pop();
                }
            }
        }
    }
    for timer in first.into_sorted_vec() {
        printer.print(&timer)?;
    }
    printer.flush()?;
    if !found && !failed && left > 0 {
        let domain = arguments.domain.map(|domain| match domain {
            Domain::Event => "event",
            Domain::Processing => "processing",
        });
        say(arguments.rows.none_found("timers", domain));
    }
    Ok(if failed { Exit::Failed } else { Exit::Fine })
}

/// A timer, in the order in which timers fire.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Timer {
    time: i64,
    domain: TimeDomain,
    operator: String,
    service: String,
    key_group: u16,
    /// As text and as JSON.
    key: (String, String),
    namespace: Option<(String, String)>,
}

impl Timer {
    fn of(entry: &Entry<'_>) -> Option<Self> {
        let EntryPlace::Timer { domain, time } = entry.place else { return None };
        let both = |value: &typeser::value::Value| (shortened(value), value.to_json());
        // Timers without a namespace are stored in the namespace `()`.
        let namespace = entry.namespace.as_ref().filter(|namespace| **namespace != typeser::value::Value::Unit);
        Some(Self {
            time,
            domain,
            operator: entry.operator.to_owned(),
            service: entry.state.name().to_owned(),
            key_group: entry.key_group,
            key: entry.key.as_ref().map(both).unwrap_or_default(),
            namespace: namespace.map(both),
        })
    }

    fn line(&self) -> Result<String, serde_json::Error> {
        let mut line = format!(
            r#"{{"operator":{},"state":{},"key_group":{},"key":{}"#,
            serde_json::to_string(&self.operator)?,
            serde_json::to_string(&self.service)?,
            self.key_group,
            self.key.1,
        );
        if let Some((_, namespace)) = &self.namespace {
            line.push_str(&format!(r#","namespace":{namespace}"#));
        }
        line.push_str(&format!(r#","domain":"{}","time":{}}}"#, self.domain, self.time));
        Ok(line)
    }
}

/// Prints timers, or pages of a table.
struct Printer<W> {
    out: W,
    format: Format,
    page: Table<7>,
    rows: usize,
}

impl<W: Write> Printer<W> {
    fn new(out: W, format: Format) -> Self {
        Self { out, format, page: page(), rows: 0 }
    }

    fn print(&mut self, timer: &Timer) -> Result<(), Failure> {
        if self.format == Format::Jsonl {
            return Ok(writeln!(self.out, "{}", json_without_unseen(&timer.line()?))?);
        }
        let date = Timestamp::from_millisecond(timer.time).map(|date| date.to_string()).unwrap_or_default();
        let namespace = timer.namespace.as_ref().map(|(text, _)| format!(" in {text}")).unwrap_or_default();
        self.page.add_row([
            timer.operator.clone(),
            timer.service.clone(),
            timer.key_group.to_string(),
            format!("{}{namespace}", timer.key.0),
            timer.domain.to_string(),
            timer.time.to_string(),
            date,
        ]);
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

fn page() -> Table<7> {
    Table::new(["operator", "timers", "group", "key", "waits for", "time", "date"], &[2, 5])
}
