//! The JSON form, for people and tools: like that of serde's derives, but lossless.

use std::fmt::{self, Write};

use super::print::{Brackets, Labels, Lines, Printer, hexadecimal, print};
use super::tree::Value;
use crate::snapshot::json_string;

impl Value {
    /// JSON on one line.
    ///
    /// As `serde_json` writes the value under serde's derives: fields by name, a unit variant as its name, any other
    /// as an object of one member, newtypes as what they hold, tuples, lists, sets and arrays as arrays. It differs
    /// where that would lose something, or would not do:
    /// - integers of 128 bits are strings of their digits; all others are numbers, and exact;
    /// - floats that are no numbers are `"NaN"`, `"inf"` and `"-inf"`; a NaN of unusual bits is `"NaN:0x7fc00001"`;
    /// - `Some(x)` is `x`, but `{"Some": x}` where `x` itself may be `null`: options of options, of `()`;
    /// - a map whose keys are strings is an object, any other one a list of pairs, and an empty one `{}`;
    /// - opaque bytes are a string such as `"0x0a1b"`.
    ///
    /// Strings escape what cannot be seen. The output is meant to be read, not to be parsed into a value again: for
    /// that there are the bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json(Lines { step: None, gap: "" })
    }

    /// The same over several lines, indented by two spaces.
    #[must_use]
    pub fn to_json_pretty(&self) -> String {
        self.json(Lines { step: Some(2), gap: "" })
    }

    fn json(&self, lines: Lines) -> String {
        let mut json = String::new();
        let mut printer = Json { spaced: lines.step.is_some() };
        // Writing to a string never fails.
        _ = print(self, &mut printer, lines, &mut json);
        json
    }
}

struct Json {
    /// Whether a space follows colons, and the commas that break no line.
    spaced: bool,
}

const ARRAY: Brackets = Brackets {
    labels: Labels::None,
    around: ("[", "]"),
    spaced: false,
    inline: false,
    separators: (",", ","),
    last: ("", ""),
};
const OBJECT: Brackets = Brackets { labels: Labels::Names, around: ("{", "}"), ..ARRAY };
/// Nothing around what is inside.
const PLAIN: Brackets = Brackets { around: ("", ""), inline: true, ..ARRAY };

impl<'v> Printer<'v> for Json {
    fn open(&mut self, value: &'v Value, to: &mut dyn Write) -> fmt::Result {
        match value {
            Value::Unit => to.write_str("null"),
            Value::Bool(value) => write!(to, "{value}"),
            Value::U8(value) => write!(to, "{value}"),
            Value::U16(value) => write!(to, "{value}"),
            Value::U32(value) => write!(to, "{value}"),
            Value::U64(value) => write!(to, "{value}"),
            Value::U128(value) => write!(to, "\"{value}\""),
            Value::I8(value) => write!(to, "{value}"),
            Value::I16(value) => write!(to, "{value}"),
            Value::I32(value) => write!(to, "{value}"),
            Value::I64(value) => write!(to, "{value}"),
            Value::I128(value) => write!(to, "\"{value}\""),
            Value::F32(value) if value.is_finite() => write!(to, "{value:?}"),
            Value::F64(value) if value.is_finite() => write!(to, "{value:?}"),
            Value::F32(value) if value.is_nan() && value.to_bits() != f32::NAN.to_bits() => {
                write!(to, "\"NaN:0x{:08x}\"", value.to_bits())
            }
            Value::F64(value) if value.is_nan() && value.to_bits() != f64::NAN.to_bits() => {
                write!(to, "\"NaN:0x{:016x}\"", value.to_bits())
            }
            Value::F32(value) => write!(to, "\"{value:?}\""),
            Value::F64(value) => write!(to, "\"{value:?}\""),
            Value::Char(value) => to.write_str(&json_string(value.encode_utf8(&mut [0; 4]))),
            Value::String(value) => to.write_str(&json_string(value)),
            Value::Opaque(bytes) => {
                to.write_str("\"")?;
                hexadecimal(bytes, to)?;
                to.write_str("\"")
            }
            Value::Struct(record) if record.values().is_empty() => to.write_str("null"),
            Value::Enum(record) => {
                let name = json_string(record.variant_name().unwrap_or_default());
                if record.values().is_empty() {
                    return to.write_str(&name);
                }
                write!(to, "{{{name}{}", self.colon())
            }
            Value::Option(None) => to.write_str("null"),
            Value::Option(Some(inner)) if may_be_null(inner) => write!(to, "{{\"Some\"{}", self.colon()),
            Value::Option(Some(_))
            | Value::Struct(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Array(_)
            | Value::Tuple(_) => Ok(()),
        }
    }

    fn brackets(&self, value: &'v Value) -> Option<Brackets> {
        Some(match value {
            Value::Struct(record) | Value::Enum(record) if record.values().is_empty() => return None,
            Value::Struct(record) => match (record.is_tuple(), record.values().len()) {
                (true, 1) => PLAIN,
                (true, _) => ARRAY,
                (false, _) => OBJECT,
            },
            Value::Enum(record) => match (record.is_tuple(), record.values().len()) {
                (true, 1) => Brackets { around: ("", "}"), ..PLAIN },
                (true, _) => Brackets { around: ("[", "]}"), ..ARRAY },
                (false, _) => Brackets { around: ("{", "}}"), ..OBJECT },
            },
            Value::Option(Some(inner)) if may_be_null(inner) => Brackets { around: ("", "}"), ..PLAIN },
            Value::Option(Some(_)) => PLAIN,
            Value::List(_) | Value::Set(_) | Value::Array(_) | Value::Tuple(_) => ARRAY,
            Value::Map(entries) if entries.iter().all(|(key, _)| matches!(key, Value::String(_))) => {
                Brackets { labels: Labels::None, separators: (self.colon(), ","), ..OBJECT }
            }
            Value::Map(_) => {
                let comma = if self.spaced { ", " } else { "," };
                Brackets { labels: Labels::Pairs, separators: (comma, "],"), last: ("]", "]"), ..ARRAY }
            }
            _ => return None,
        })
    }

    fn name(&mut self, field: &'v str, to: &mut dyn Write) -> fmt::Result {
        to.write_str(&json_string(field))?;
        to.write_str(self.colon())
    }
}

impl Json {
    fn colon(&self) -> &'static str {
        if self.spaced { ": " } else { ":" }
    }
}

/// Whether values of this one's type may be printed as `null`.
fn may_be_null(mut value: &Value) -> bool {
    loop {
        match value {
            Value::Unit | Value::Option(_) => return true,
            Value::Struct(record) => match record.values() {
                [] => return true,
                [inner] if record.is_tuple() => value = inner,
                _ => return false,
            },
            _ => return false,
        }
    }
}
