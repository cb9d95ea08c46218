//! What the commands that list states, tables and their rows share: formats, names of serializers, shortened values.

use std::io::Write;

use serde_json::json;
use typeser::SerializerSnapshot;
use typeser::text::json_without_unseen;
use typeser::value::Value;

use crate::failure::Failure;
use crate::table::Table;

/// How many rows a table has. They are in memory at once, and share the widths of their columns.
const PAGE: usize = 500;
/// How many characters of a key or value a table shows.
pub(super) const SHOWN: usize = 120;

/// The format of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// A table, for people; long values are shortened
    Table,
    /// One JSON object per line, for programs
    Jsonl,
}

/// Prints rows: a line of JSON each, or pages of a table.
pub(super) struct Printer<W, const COLUMNS: usize> {
    out: W,
    format: Format,
    header: [&'static str; COLUMNS],
    /// The columns that are aligned to the right.
    right: &'static [usize],
    page: Table<COLUMNS>,
    rows: usize,
}

impl<W: Write, const COLUMNS: usize> Printer<W, COLUMNS> {
    pub(super) fn new(out: W, format: Format, header: [&'static str; COLUMNS], right: &'static [usize]) -> Self {
        Self { out, format, header, right, page: Table::new(header, right), rows: 0 }
    }

    /// Prints a row in the form that the format asks for.
    pub(super) fn print(
        &mut self,
        line: impl FnOnce() -> Result<String, serde_json::Error>,
        cells: impl FnOnce() -> [String; COLUMNS],
    ) -> Result<(), Failure> {
        if self.format == Format::Jsonl {
            return Ok(writeln!(self.out, "{}", json_without_unseen(&line()?))?);
        }
        self.page.add_row(cells());
        self.rows += 1;
        if self.rows == PAGE { self.flush() } else { Ok(()) }
    }

    /// Prints what was kept for a page.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        if self.rows > 0 {
            let page = std::mem::replace(&mut self.page, Table::new(self.header, self.right));
            write!(self.out, "{}", page.text())?;
            self.rows = 0;
        }
        Ok(self.out.flush()?)
    }
}

/// A value on one line of limited length.
pub(super) fn shortened(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

/// A serializer by name, version and fingerprint.
pub(super) fn named(snapshot: &SerializerSnapshot) -> String {
    format!("{} v{} ({})", snapshot.name(), snapshot.version(), snapshot.fingerprint().short())
}

/// The same as JSON, with what the serializer is used for.
pub(super) fn serializer(role: &str, snapshot: &SerializerSnapshot) -> serde_json::Value {
    json!({
        "role": role,
        "name": snapshot.name(),
        "version": snapshot.version(),
        "fingerprint": snapshot.fingerprint().to_string(),
    })
}
