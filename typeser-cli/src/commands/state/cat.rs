//! `typeser state cat`: the rows of a savepoint, decoded by the snapshots beside them.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use comfy_table::Table;
use typeser_state::descriptor::StateKind;
use typeser_state::processor::{Entry, EntryPlace, Query};
use typeser_state::savepoint::Savepoint;

use super::Format;
use crate::commands::Failure;
use crate::commands::savepoint::plain;
use crate::exit::Exit;

/// How many rows share the widths of their columns: so many are held at a time.
const PAGE: usize = 500;
/// How many characters of a key or value a table shows.
const SHOWN: usize = 120;

/// Print the rows of a savepoint
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser state cat savepoints/last --state totals --limit 10
  typeser state cat savepoints/last --key N14228
  typeser state cat savepoints/last --format jsonl | jq -c '[.key, .value]'

Exit codes: 0 fine, 101 a row, or what should be rows, cannot be read, 2 usage.")]
pub(crate) struct Arguments {
    /// The folder of the savepoint
    savepoint: PathBuf,
    /// Only the operator of this uid
    #[arg(long, value_name = "UID")]
    operator: Option<String>,
    /// Only states of this name
    #[arg(long, value_name = "NAME")]
    state: Option<String>,
    /// Only the key that reads so: as text, as JSON, or a string without quotes
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
    /// Only this key group
    #[arg(long, value_name = "N")]
    key_group: Option<u16>,
    /// No more rows than this
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Go on behind rows that cannot be read; each is told
    #[arg(long)]
    keep_going: bool,
    /// In which form to print them
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let savepoint = Savepoint::open(&arguments.savepoint)?;
    let mut query = Query::new();
    if let Some(uid) = &arguments.operator {
        query = query.operator(uid);
    }
    if let Some(name) = &arguments.state {
        query = query.state(name);
    }
    if let Some(text) = &arguments.key {
        query = query.key(text);
    }
    if let Some(group) = arguments.key_group {
        query = query.key_group(group);
    }
    if arguments.keep_going {
        query = query.go_on_behind_errors();
    }
    let mut printer = Printer::new(BufWriter::new(anstream::stdout().lock()), arguments.format);
    let (mut left, mut errors) = (arguments.limit.unwrap_or(u64::MAX), 0u64);
    let mut entries = query.run(&savepoint)?;
    while left > 0
        && let Some(entry) = entries.next()
    {
        match entry {
            Ok(entry) => {
                printer.print(&entry)?;
                left -= 1;
            }
            Err(error) => {
                errors += 1;
                // What was read before it stands before it.
                printer.flush()?;
                drop(writeln!(anstream::stderr(), "error: {error}"));
            }
        }
    }
    printer.flush()?;
    if errors > 0 && !arguments.keep_going {
        drop(writeln!(anstream::stderr(), "help: `--keep-going` prints what can be read behind it"));
    }
    Ok(if errors > 0 { Exit::Failed } else { Exit::Fine })
}

/// Prints rows; of a table, a page at a time.
struct Printer<W> {
    out: W,
    format: Format,
    page: Table,
    rows: usize,
}

impl<W: Write> Printer<W> {
    fn new(out: W, format: Format) -> Self {
        Self { out, format, page: page(), rows: 0 }
    }

    fn print(&mut self, entry: &Entry<'_>) -> Result<(), Failure> {
        if self.format == Format::Jsonl {
            return Ok(writeln!(self.out, "{}", line(entry)?)?);
        }
        let place = match &entry.place {
            EntryPlace::Value => String::new(),
            EntryPlace::Element(sequence) => format!("[{sequence}]"),
            EntryPlace::MapKey(key) => shortened(key),
            EntryPlace::Timer { domain, time } => format!("{domain} {time}"),
        };
        let key = entry.key.as_ref().map(shortened).unwrap_or_default();
        let namespace = entry.namespace.as_ref().map(|namespace| format!(" in {}", shortened(namespace)));
        let value = match &entry.raw {
            Some(raw) => shortened_hex(raw),
            None if entry.state.kind() == StateKind::Timers => String::new(),
            None => shortened(&entry.value),
        };
        self.page.add_row([
            entry.operator.to_owned(),
            entry.state.name().to_owned(),
            match entry.state.kind().is_keyed() {
                true => entry.key_group.to_string(),
                false => format!("instance {}", entry.key_group),
            },
            format!("{key}{}", namespace.unwrap_or_default()),
            place,
            value,
        ]);
        self.rows += 1;
        if self.rows == PAGE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        if self.rows > 0 {
            let page = std::mem::replace(&mut self.page, page());
            writeln!(self.out, "{}", page.trim_fmt())?;
            self.rows = 0;
        }
        Ok(self.out.flush()?)
    }
}

fn page() -> Table {
    plain(&["operator", "state", "group", "key", "entry", "value"], &[2])
}

/// A value in one line of bearable length.
fn shortened(value: &typeser::migrate::Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// One row as JSON. Values write themselves, so that numbers of any size stay what they are.
fn line(entry: &Entry<'_>) -> Result<String, serde_json::Error> {
    let kind = entry.state.kind().to_string();
    let mut line = format!(
        r#"{{"operator":{},"state":{},"kind":"{}","{}":{}"#,
        serde_json::to_string(entry.operator)?,
        serde_json::to_string(entry.state.name())?,
        kind.trim_end_matches(" state"),
        if entry.state.kind().is_keyed() { "key_group" } else { "instance" },
        entry.key_group,
    );
    if let Some(key) = &entry.key {
        line.push_str(&format!(r#","key":{}"#, key.to_json()));
    }
    if let Some(namespace) = &entry.namespace {
        line.push_str(&format!(r#","namespace":{}"#, namespace.to_json()));
    }
    match &entry.place {
        EntryPlace::Value => {}
        EntryPlace::Element(sequence) => line.push_str(&format!(r#","element":{sequence}"#)),
        EntryPlace::MapKey(key) => line.push_str(&format!(r#","map_key":{}"#, key.to_json())),
        EntryPlace::Timer { domain, time } => {
            line.push_str(&format!(r#","domain":"{domain}","time":{time}"#));
        }
    }
    if let Some(last_write) = entry.last_write {
        line.push_str(&format!(r#","last_write":{last_write}"#));
    }
    match &entry.raw {
        Some(raw) => line.push_str(&format!(r#","raw":"{}""#, hex(raw))),
        None if entry.state.kind() == StateKind::Timers => {}
        None => line.push_str(&format!(r#","value":{}"#, entry.value.to_json())),
    }
    line.push('}');
    Ok(line)
}

/// Bytes in one line of bearable length.
fn shortened_hex(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN / 2) {
        Some(shown) if shown.len() < bytes.len() => format!("{}...", hex(shown)),
        _ => hex(bytes),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
