//! Results of queries, printed: a table for people, CSV and JSON lines for programs.

use std::io::{self, Write};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use typeser::text::{clean, is_unseen, pad, shortened, width, without_commands};

/// How many rows share the widths of their columns. They are in memory at once.
const PAGE: usize = 500;
/// How many columns of the terminal a cell of a table takes at most.
const SHOWN: usize = 120;

/// A format that is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFormat {
    /// A table, for people; long values are shortened.
    Table,
    /// Comma-separated values, for programs.
    Csv,
    /// One JSON object per line, for programs.
    Jsonl,
}

/// Why a result cannot be printed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrintError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Arrow(#[from] ArrowError),
}

/// Prints the batches of one query.
pub(crate) struct Printer<W> {
    out: W,
    format: TextFormat,
    /// Whether a person reads the output on a terminal, which nothing that is stored may control.
    terminal: bool,
    header: Vec<String>,
    /// The columns that are aligned to the right.
    numeric: Vec<bool>,
    /// Whether these are the lines of a plan, which are printed as they are.
    plan: bool,
    page: Vec<Vec<String>>,
    printed: bool,
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(out: W, format: TextFormat, terminal: bool, schema: &Schema) -> Self {
        let header: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let numeric = schema.fields().iter().map(|field| field.data_type().is_numeric()).collect();
        let plan = header == ["plan_type", "plan"];
        Self { out, format, terminal, header, numeric, plan, page: Vec::new(), printed: false }
    }

    pub(crate) fn print(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        match self.format {
            TextFormat::Table if self.plan => self.plan(batch),
            TextFormat::Table => self.add_to_page(batch),
            TextFormat::Csv => self.csv(batch),
            TextFormat::Jsonl => self.jsonl(batch),
        }
    }

    /// Prints what has not been printed yet, and gives back where to.
    pub(crate) fn finish(mut self) -> Result<W, PrintError> {
        match self.format {
            // A statement without a result, such as `set`.
            _ if self.header.is_empty() => {}
            TextFormat::Table if !self.page.is_empty() || !self.printed => self.print_page()?,
            TextFormat::Csv if !self.printed => self.csv_header()?,
            _ => {}
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn add_to_page(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        let options = FormatOptions::default().with_null("null");
        let columns = formatters(batch, &options)?;
        for row in 0..batch.num_rows() {
            let cell = |(column, array): (&ArrayFormatter<'_>, &ArrayRef)| match is_null(array.as_ref(), row) {
                true => Ok(String::new()),
                false => Ok(shortened(&clean(&column.value(row).try_to_string()?), SHOWN)),
            };
            self.page.push(columns.iter().zip(batch.columns()).map(cell).collect::<Result<_, ArrowError>>()?);
            if self.page.len() == PAGE {
                self.print_page()?;
            }
        }
        Ok(())
    }

    /// Prints plans line by line: a tree whose lines are long.
    fn plan(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        let options = FormatOptions::default();
        for row in 0..batch.num_rows() {
            let columns = formatters(batch, &options)?;
            let [kind, plan] = columns.as_slice() else { continue };
            let plan = plan.value(row).try_to_string()?;
            let lines: Vec<String> = plan.lines().map(|line| format!("  {}\n", clean(line))).collect();
            let text = format!("{}\n{}", clean(&kind.value(row).try_to_string()?), lines.concat());
            self.out.write_all(without_commands(&text).as_bytes())?;
        }
        self.printed = true;
        Ok(())
    }

    fn print_page(&mut self) -> Result<(), PrintError> {
        let header: Vec<String> = self.header.iter().map(|name| shortened(&clean(name), SHOWN)).collect();
        let mut widths: Vec<usize> = header.iter().map(|name| width(name)).collect();
        for row in &self.page {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = (*widest).max(width(cell));
            }
        }
        let mut text = String::new();
        for row in std::iter::once(&header).chain(&self.page) {
            let mut line = String::new();
            for ((cell, columns), numeric) in row.iter().zip(&widths).zip(&self.numeric) {
                let space = " ".repeat(columns.saturating_sub(width(cell)));
                line.push(' ');
                match numeric {
                    true => line.extend([space.as_str(), cell.as_str()]),
                    false => line.push_str(&pad(cell, *columns)),
                }
                line.push(' ');
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        self.out.write_all(without_commands(&text).as_bytes())?;
        self.page.clear();
        self.printed = true;
        Ok(())
    }

    fn csv_header(&mut self) -> io::Result<()> {
        let names: Vec<String> = self.header.iter().map(|name| self.csv_cell(name)).collect();
        self.printed = true;
        writeln!(self.out, "{}", names.join(","))
    }

    fn csv(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        if !self.printed {
            self.csv_header()?;
        }
        let options = FormatOptions::default();
        let columns = formatters(batch, &options)?;
        for row in 0..batch.num_rows() {
            let cell = |(column, array): (&ArrayFormatter<'_>, &ArrayRef)| {
                let mut text = String::new();
                match array.data_type() {
                    _ if is_null(array.as_ref(), row) => {}
                    // As in JSON lines: lists and structs have no form in CSV.
                    data_type if data_type.is_nested() => put_json(array.as_ref(), row, &mut text)?,
                    _ => text = column.value(row).try_to_string()?,
                }
                Ok(self.csv_cell(&text))
            };
            let cells = columns.iter().zip(batch.columns()).map(cell);
            let cells: Vec<String> = cells.collect::<Result<_, ArrowError>>()?;
            writeln!(self.out, "{}", cells.join(","))?;
        }
        Ok(())
    }

    fn csv_cell(&self, text: &str) -> String {
        let text = if self.terminal { clean(text) } else { text.to_owned() };
        match text.contains([',', '"', '\n', '\r']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text,
        }
    }

    fn jsonl(&mut self, batch: &RecordBatch) -> Result<(), PrintError> {
        let rows = StructArray::from(batch.clone());
        let mut line = String::new();
        for row in 0..batch.num_rows() {
            line.clear();
            put_json(&rows, row, &mut line)?;
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }
}

fn formatters<'a>(
    batch: &'a RecordBatch,
    options: &'a FormatOptions<'a>,
) -> Result<Vec<ArrayFormatter<'a>>, ArrowError> {
    batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), options)).collect()
}

/// Whether an element is null. Arrays of some types have no bits for that: all is null, or what an index leads to.
fn is_null(array: &dyn Array, row: usize) -> bool {
    match array.data_type() {
        DataType::Null => true,
        DataType::Dictionary(..) | DataType::RunEndEncoded(..) | DataType::Union(..) => {
            array.slice(row, 1).logical_null_count() > 0
        }
        _ => array.is_null(row),
    }
}

/// Appends an element of an array as JSON. Numbers that a double cannot hold are strings, as are times and bytes.
fn put_json(array: &dyn Array, row: usize, to: &mut String) -> Result<(), ArrowError> {
    if is_null(array, row) {
        to.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::Struct(fields) => {
            to.push('{');
            for (place, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                to.push_str(if place > 0 { "," } else { "" });
                put_string(field.name(), to);
                to.push(':');
                put_json(column.as_ref(), row, to)?;
            }
            to.push('}');
        }
        DataType::List(_) => put_items(array.as_list::<i32>().value(row).as_ref(), to)?,
        DataType::LargeList(_) => put_items(array.as_list::<i64>().value(row).as_ref(), to)?,
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0), entries.column(1));
            let text = matches!(keys.data_type(), DataType::Utf8);
            to.push(if text { '{' } else { '[' });
            for place in 0..entries.len() {
                to.push_str(if place > 0 { "," } else { "" });
                to.push_str(if text { "" } else { "[" });
                put_json(keys.as_ref(), place, to)?;
                to.push(if text { ':' } else { ',' });
                put_json(values.as_ref(), place, to)?;
                to.push_str(if text { "" } else { "]" });
            }
            to.push(if text { '}' } else { ']' });
        }
        data_type => {
            let text = ArrayFormatter::try_new(array, &FormatOptions::default())?.value(row).try_to_string()?;
            let number = data_type.is_integer() || data_type.is_floating();
            // Infinities and NaN are no numbers of JSON.
            let finite = text.starts_with(|first: char| first.is_ascii_digit() || first == '-')
                && text.ends_with(|last: char| last.is_ascii_digit());
            match (number && finite) || *data_type == DataType::Boolean {
                true => to.push_str(&text),
                false => put_string(&text, to),
            }
        }
    }
    Ok(())
}

fn put_items(items: &dyn Array, to: &mut String) -> Result<(), ArrowError> {
    to.push('[');
    for place in 0..items.len() {
        to.push_str(if place > 0 { "," } else { "" });
        put_json(items, place, to)?;
    }
    to.push(']');
    Ok(())
}

fn put_string(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            c if is_unseen(c) => to.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => to.push(c),
        }
    }
    to.push('"');
}
