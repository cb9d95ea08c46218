//! The text form, as Rust's `Debug` would print the value.

use std::fmt::{self, Write};

use super::print::{Brackets, Labels, Lines, Printer, hexadecimal, print};
use super::tree::{Record, Value};

/// Rust-like text; `{:#}` breaks it into lines.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(self, &mut Text { types: false }, lines(f), f)
    }
}

/// As [`Display`](fmt::Display), with the type behind every number: `7u32`.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(self, &mut Text { types: true }, lines(f), f)
    }
}

impl Value {
    /// The value as text of about `characters` characters at most.
    pub(crate) fn shortened(&self, characters: usize) -> String {
        let text = self.to_string();
        match text.char_indices().nth(characters) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text,
        }
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Value::Struct(self.clone()), f)
    }
}

fn lines(f: &fmt::Formatter<'_>) -> Lines {
    Lines { step: f.alternate().then_some(4), gap: " " }
}

struct Text {
    /// Whether numbers are followed by their type.
    types: bool,
}

const LIST: Brackets = Brackets {
    labels: Labels::None,
    around: ("[", "]"),
    spaced: false,
    inline: false,
    separators: (": ", ","),
    last: (",", ""),
};
const BRACES: Brackets = Brackets { around: ("{", "}"), ..LIST };
const TUPLE: Brackets = Brackets { around: ("(", ")"), ..LIST };
const NAMED: Brackets = Brackets { around: (" {", "}"), labels: Labels::Names, spaced: true, ..LIST };
const SINGLE: Brackets = Brackets { last: (",", ","), ..TUPLE };

impl<'v> Printer<'v> for Text {
    fn open(&mut self, value: &'v Value, to: &mut dyn Write) -> fmt::Result {
        match value {
            Value::Unit => return to.write_str("()"),
            Value::Bool(value) => return write!(to, "{value}"),
            Value::U8(value) => write!(to, "{value}"),
            Value::U16(value) => write!(to, "{value}"),
            Value::U32(value) => write!(to, "{value}"),
            Value::U64(value) => write!(to, "{value}"),
            Value::U128(value) => write!(to, "{value}"),
            Value::I8(value) => write!(to, "{value}"),
            Value::I16(value) => write!(to, "{value}"),
            Value::I32(value) => write!(to, "{value}"),
            Value::I64(value) => write!(to, "{value}"),
            Value::I128(value) => write!(to, "{value}"),
            Value::F32(value) => write!(to, "{value:?}"),
            Value::F64(value) => write!(to, "{value:?}"),
            Value::Char(value) => return write!(to, "{value:?}"),
            Value::String(value) => return write!(to, "{value:?}"),
            Value::Struct(record) => return name(record.name(), to),
            Value::Enum(record) => return name(record.variant_name().unwrap_or_default(), to),
            Value::Option(inner) => return to.write_str(if inner.is_some() { "Some" } else { "None" }),
            Value::Opaque(bytes) => {
                to.write_str("opaque(")?;
                hexadecimal(bytes, to)?;
                return to.write_str(")");
            }
            Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Array(_) | Value::Tuple(_) => return Ok(()),
        }?;
        if self.types { to.write_str(value.kind()) } else { Ok(()) }
    }

    fn brackets(&self, value: &'v Value) -> Option<Brackets> {
        Some(match value {
            Value::Struct(record) | Value::Enum(record) if record.values().is_empty() => return None,
            Value::Struct(record) | Value::Enum(record) if record.is_tuple() => TUPLE,
            Value::Struct(_) | Value::Enum(_) => NAMED,
            Value::Option(Some(_)) => TUPLE,
            Value::List(_) | Value::Array(_) => LIST,
            Value::Set(_) | Value::Map(_) => BRACES,
            Value::Tuple(elements) if elements.len() == 1 => SINGLE,
            Value::Tuple(_) => TUPLE,
            _ => return None,
        })
    }

    fn name(&mut self, field: &'v str, to: &mut dyn Write) -> fmt::Result {
        name(field, to)?;
        to.write_str(": ")
    }
}

/// A name, in quotes if it is not a Rust identifier.
fn name(name: &str, to: &mut dyn Write) -> fmt::Result {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_plain) { to.write_str(name) } else { write!(to, "{name:?}") }
}
