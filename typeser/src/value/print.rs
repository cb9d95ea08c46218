//! The walk over a value that the text and JSON printers share. It does not recurse.

use std::fmt;

use super::tree::Value;
use crate::text::hex;

/// What a form of printing decides.
pub(super) trait Printer<'v> {
    /// Writes a leaf, or what opens a container.
    fn open(&mut self, value: &'v Value, to: &mut dyn fmt::Write) -> fmt::Result;

    /// What to print between the brackets of a container; `None` for what [`Printer::open`] printed completely.
    fn brackets(&self, value: &'v Value) -> Option<Brackets>;

    /// Writes the name of a field and the separator before its value.
    fn name(&mut self, field: &'v str, to: &mut dyn fmt::Write) -> fmt::Result;
}

/// The text before a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Labels {
    /// Nothing.
    None,
    /// The names of the fields.
    Names,
    /// An opening bracket before each key.
    Pairs,
}

/// How the parts of a container are set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brackets {
    /// The text before a part.
    pub(super) labels: Labels,
    /// The text before and after all parts.
    pub(super) around: (&'static str, &'static str),
    /// A space within the brackets, on one line.
    pub(super) spaced: bool,
    /// Whether all parts stay on the line of their brackets.
    pub(super) inline: bool,
    /// The separator after a part that is not the last: after keys, and after all others.
    pub(super) separators: (&'static str, &'static str),
    /// What follows the last part, on several lines, and on one.
    pub(super) last: (&'static str, &'static str),
}

/// How lines are broken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    /// The spaces of a step; `None` for all on one line.
    pub(super) step: Option<usize>,
    /// What follows a separator on one line.
    pub(super) gap: &'static str,
}

/// The deepest indentation in steps: a value of many levels would else be mostly spaces.
const DEEPEST: usize = 40;

struct Frame<'v> {
    of: &'v Value,
    brackets: Brackets,
    place: usize,
}

/// Prints a value.
pub(super) fn print<'v>(
    value: &'v Value,
    printer: &mut impl Printer<'v>,
    lines: Lines,
    to: &mut dyn fmt::Write,
) -> fmt::Result {
    let mut frames: Vec<Frame<'v>> = Vec::new();
    let mut next = Some(value);
    // How many of the frames break their lines.
    let mut depth = 0;
    loop {
        if let Some(value) = next.take() {
            printer.open(value, to)?;
            if let Some(brackets) = printer.brackets(value) {
                to.write_str(brackets.around.0)?;
                depth += usize::from(!brackets.inline);
                frames.push(Frame { of: value, brackets, place: 0 });
            }
        }
        let Some(frame) = frames.last_mut() else { return Ok(()) };
        let (brackets, place) = (frame.brackets, frame.place);
        let broken = lines.step.filter(|_| !brackets.inline);
        let Some(part) = frame.of.part(place) else {
            depth -= usize::from(!brackets.inline);
            if place > 0 {
                to.write_str(if broken.is_some() { brackets.last.0 } else { brackets.last.1 })?;
                match broken {
                    Some(step) => line(to, step, depth)?,
                    None if brackets.spaced => to.write_str(" ")?,
                    None => {}
                }
            }
            to.write_str(brackets.around.1)?;
            frames.pop();
            continue;
        };
        frame.place += 1;
        let of = frame.of;
        let is_value = matches!(of, Value::Map(_)) && !place.is_multiple_of(2);
        if place > 0 {
            to.write_str(if is_value { brackets.separators.0 } else { brackets.separators.1 })?;
        }
        match broken {
            // The value is on the line of its key.
            _ if is_value => {}
            Some(step) => line(to, step, depth)?,
            None if place > 0 => to.write_str(lines.gap)?,
            None if brackets.spaced => to.write_str(" ")?,
            None => {}
        }
        match (brackets.labels, of) {
            (Labels::Names, Value::Struct(record) | Value::Enum(record)) => {
                let field = record.shape().fields.get(place);
                printer.name(field.map(String::as_str).unwrap_or_default(), to)?;
            }
            (Labels::Pairs, _) if !is_value => to.write_str("[")?,
            _ => {}
        }
        next = Some(part);
    }
}

fn line(to: &mut dyn fmt::Write, step: usize, depth: usize) -> fmt::Result {
    write!(to, "\n{:width$}", "", width = step * depth.min(DEEPEST))
}

/// Writes bytes as `0x0a1b`.
pub(super) fn hexadecimal(bytes: &[u8], to: &mut dyn fmt::Write) -> fmt::Result {
    to.write_str("0x")?;
    hex::write(bytes, to)
}

/// How much of a value a message shows, in characters.
const MOST_SHOWN: usize = 60;

/// A value in a message: its type, and how it begins.
pub(super) fn found(value: &Value) -> String {
    let kind = match value {
        Value::Struct(record) => return format!("struct `{}`", record.name()),
        Value::Enum(record) => {
            return format!("`{}::{}`", record.name(), record.variant_name().unwrap_or_default());
        }
        Value::List(_) | Value::Set(_) | Value::Array(_) | Value::Tuple(_) => {
            return format!("{} of {}", value.kind(), value.parts());
        }
        Value::Map(entries) => return format!("map of {}", entries.len()),
        Value::Option(inner) => {
            return format!("option ({})", if inner.is_some() { "Some" } else { "None" });
        }
        Value::Opaque(bytes) => return format!("{} opaque bytes", bytes.len()),
        Value::Unit => return "unit".to_owned(),
        leaf => leaf.kind(),
    };
    // Long strings are cut before they are escaped.
    let text = match value {
        Value::String(text) => text.chars().take(MOST_SHOWN + 1).collect(),
        other => other.to_string(),
    };
    if text.chars().count() <= MOST_SHOWN {
        return format!("{kind} `{}`", text.escape_debug());
    }
    let begin: String = text.chars().take(MOST_SHOWN).collect();
    format!("{kind} `{}...`", begin.escape_debug())
}
