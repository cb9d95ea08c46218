//! `typeser state timers`: the timers of a savepoint, in stored order or in the order in which they fire.

use std::collections::BinaryHeap;
use std::io::BufWriter;

use jiff::Timestamp;
use typeser_state::descriptor::StateKind;
use typeser_state::processor::{Entry, EntryPlace, Query};
use typeser_state::savepoint::Savepoint;
use typeser_state::timer::TimeDomain;

use super::rows::RowFilter;
use crate::commands::listing::{Format, Printer, shortened};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::stderr::say;

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
    let out = BufWriter::new(anstream::stdout().lock());
    let header = ["operator", "timers", "group", "key", "waits for", "time", "date"];
    let mut printer = Printer::new(out, arguments.format, header, &[2, 5]);
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
                printer.print(|| timer.line(), || timer.cells())?;
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
        printer.print(|| timer.line(), || timer.cells())?;
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

    fn cells(&self) -> [String; 7] {
        let date = Timestamp::from_millisecond(self.time).map(|date| date.to_string()).unwrap_or_default();
        let namespace = self.namespace.as_ref().map(|(text, _)| format!(" in {text}")).unwrap_or_default();
        [
            self.operator.clone(),
            self.service.clone(),
            self.key_group.to_string(),
            format!("{}{namespace}", self.key.0),
            self.domain.to_string(),
            self.time.to_string(),
            date,
        ]
    }
}
